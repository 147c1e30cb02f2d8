//! Finds the part of a request that CORS rules refuse, by asking for less.

use super::answer::PreflightAnswer;
use super::judge::{of_answer, of_headers};
use super::report::PreflightReport;
use super::request::{PageRequest, Preflight};
use crate::cause::known;
use crate::diagnose::Diagnosis;
use crate::diff::Field;
use crate::echo::StoreError;

/// The methods that a rule of S3 can allow.
const METHODS: [&str; 5] = ["GET", "PUT", "POST", "DELETE", "HEAD"];

/// The largest number of headers that are tried one by one.
const MAX_HEADERS: usize = 32;

/// An origin that no page has.
const OTHER_ORIGIN: &str = "https://other.invalid";

/// A few more preflights, which find the part that a server refused without a reason.
///
/// First without headers: if that is allowed, the headers one by one. Otherwise the other methods without headers: a rule that allows the
/// origin allows one of them. Preflights change nothing at the server.
///
/// ```
/// use upsign_diagnose::{Narrowing, PageRequest, PreflightAnswer, PreflightReport};
///
/// let request = PageRequest::of_url("https://a.s3.us-east-1.amazonaws.com/k", "https://app.example.com".parse()?)?
///     .with_method("PUT")?
///     .with_header("x-a", None)?
///     .with_header("x-b", None)?;
/// // A server that allows `x-a`, and does not say what it refuses.
/// let server = |headers: &[&str]| {
///     let allowed = [("Access-Control-Allow-Origin", "*"), ("Access-Control-Allow-Methods", "PUT"), ("Access-Control-Allow-Headers", "x-a")];
///     let is_allowed = !headers.contains(&"x-b");
///     PreflightAnswer::new(if is_allowed { 200 } else { 403 }, allowed.into_iter().filter(|_| is_allowed), "")
/// };
///
/// let report = PreflightReport::of_answer(&request, &server(&["x-a", "x-b"]));
/// let mut narrowing = Narrowing::new(&request, &report).unwrap();
/// while let Some(preflight) = narrowing.preflight() {
///     narrowing.record(&server(&preflight.headers().collect::<Vec<_>>()));
/// }
/// let report = narrowing.finish(report);
/// assert_eq!((report.found()[0].field.to_string().as_str(), report.found()[0].certain), ("header:x-b", true));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug)]
pub struct Narrowing<'a> {
    request: &'a PageRequest,
    asked: Preflight,
    step: Step,
    /// The headers that are refused alone.
    refused: Vec<Box<str>>,
    /// The other methods that are allowed without headers.
    methods: Vec<&'static str>,
    /// Whether a server said that it refused because of its rules.
    is_of_rules: bool,
    /// Whether an answer shows that a store sent it.
    is_of_store: bool,
    /// Whether an answer allowed the origin.
    is_origin_allowed: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Step {
    WithoutHeaders,
    /// The index of a header of the request.
    Header(usize),
    /// The index of a method.
    Method(usize),
    HeadersDone,
    MethodsDone,
}

impl<'a> Narrowing<'a> {
    /// Creates a search, or returns `None` if the report already says what is refused, or that nothing is.
    #[must_use]
    pub fn new(request: &'a PageRequest, report: &PreflightReport) -> Option<Self> {
        let first = report.of_rules.first().filter(|it| !it.certain)?;
        // A page can be the answer of a proxy that has rules of its own.
        let open = [known::CORS_REFUSED.code, known::CORS_ORIGIN.code, known::PROXY_ANSWER.code];
        if !open.contains(&first.cause.code) {
            return None;
        }
        let asked = request.preflight();
        let step = if asked.headers.is_empty() { Step::Method(0) } else { Step::WithoutHeaders };
        let step = Self::skip(&asked, step);
        Some(Self {
            request,
            asked,
            step,
            refused: Vec::new(),
            methods: Vec::new(),
            is_of_rules: false,
            is_of_store: false,
            is_origin_allowed: false,
        })
    }

    /// Returns the next preflight to send, or `None` if the search has ended.
    #[must_use]
    pub fn preflight(&self) -> Option<Preflight> {
        let of = |method: &str, headers: Vec<Box<str>>| {
            Some(Preflight { origin: self.asked.origin.clone(), method: method.into(), headers })
        };
        match self.step {
            Step::WithoutHeaders => of(&self.asked.method, Vec::new()),
            Step::Header(index) => of(&self.asked.method, vec![self.asked.headers.get(index)?.clone()]),
            Step::Method(index) => of(METHODS.get(index)?, Vec::new()),
            Step::HeadersDone | Step::MethodsDone => None,
        }
    }

    /// Records the answer to the last preflight.
    pub fn record(&mut self, answer: &PreflightAnswer) {
        let Some(preflight) = self.preflight() else { return };
        let is_allowed = of_answer(self.request, &preflight, answer).is_empty();
        self.is_of_rules |= !is_allowed && is_of_rules(answer);
        self.is_of_store |= answer.to_answer().is_of_store() || StoreError::read(&answer.body).is_some();
        let allowed = answer.header("access-control-allow-origin");
        self.is_origin_allowed |=
            allowed.is_some_and(|allowed| allowed == "*" || allowed == self.asked.origin.as_str());
        let headers = self.asked.headers.len();
        let next = match self.step {
            // One header alone was refused already, together with nothing else.
            Step::WithoutHeaders if is_allowed && headers == 1 => {
                self.refused.clone_from(&self.asked.headers);
                Step::HeadersDone
            }
            Step::WithoutHeaders if is_allowed => Step::Header(0),
            Step::WithoutHeaders => Step::Method(0),
            Step::Header(index) => {
                self.refused.extend(preflight.headers.first().filter(|_| !is_allowed).cloned());
                let is_last = index + 1 >= headers.min(MAX_HEADERS);
                if is_last { Step::HeadersDone } else { Step::Header(index + 1) }
            }
            Step::Method(index) => {
                // Browsers need no permission for GET, HEAD and POST, so they go on without it.
                let is_listed = |method: &&&str| answer.to_answer().lists_method(method);
                self.methods.extend(METHODS.get(index).filter(|_| is_allowed).filter(is_listed));
                Step::Method(index + 1)
            }
            done => done,
        };
        self.step = Self::skip(&self.asked, next);
    }

    /// The method of the request was refused already.
    fn skip(asked: &Preflight, step: Step) -> Step {
        let Step::Method(index) = step else { return step };
        let rest = METHODS.iter().enumerate().skip(index);
        let mut rest = rest.filter(|(_, method)| ***method != *asked.method);
        rest.next().map_or(Step::MethodsDone, |(index, _)| Step::Method(index))
    }

    /// Returns the report with what was found. It is unchanged if the search has not ended, for example because a server did not answer.
    #[must_use]
    pub fn finish(self, report: PreflightReport) -> PreflightReport {
        let of_rules = match self.step {
            Step::HeadersDone if self.refused.is_empty() => vec![self.together()],
            Step::HeadersDone => self.of_headers(),
            Step::MethodsDone if self.methods.is_empty() && !self.is_origin_allowed => self.of_origin(),
            Step::MethodsDone => self.of_method(),
            _ => return report,
        };
        let of_rules = self.with_doubts(of_rules, &report);
        PreflightReport { of_rules, ..report }
    }

    /// Adds what else refuses everything: something in front of the store, or a bucket without rules.
    fn with_doubts(&self, mut of_rules: Vec<Diagnosis>, report: &PreflightReport) -> Vec<Diagnosis> {
        if of_rules.iter().any(|it| it.certain) || self.is_origin_allowed {
            return of_rules;
        }
        of_rules.push(Diagnosis::candidate(&known::CORS_NOT_ENABLED, Field::Bucket));
        let is_of_proxy = |it: &&Diagnosis| it.cause.code == known::PROXY_ANSWER.code;
        let page = report.of_rules.iter().find(is_of_proxy).cloned();
        match page {
            Some(page) => of_rules.insert(0, page),
            None if self.is_of_store => {}
            None => of_rules.push(
                Diagnosis::candidate(&known::PROXY_ANSWER, Field::Unknown)
                    .saying("nothing in the answer shows that a store sent it: it may be that of a proxy or of another server")
                    .fixed_by("check host and port of the URL: they must be those of the store, and not those of its console")
                    .proved_by("send the same OPTIONS request with curl -i, and compare the headers with those of another answer of the store"),
            ),
        }
        of_rules
    }

    /// Rules allow each header, and none allows all of them.
    fn together(&self) -> Diagnosis {
        let names = self.asked.headers.join(", ");
        Diagnosis::candidate(&known::CORS_REFUSED, Field::header("access-control-request-headers"))
            .saying(format!(
                "CORS rules for {} with {} allow each of the headers {names}, and no rule allows all of them",
                self.asked.origin, self.asked.method
            ))
            .fixed_by("list all headers in AllowedHeaders of one rule: the first rule that allows everything counts")
            .proved_by("the preflight is allowed for each of the headers alone")
            .certain_if(self.asked.headers.len() <= MAX_HEADERS)
    }

    /// The headers that are refused, in the words for a server that states what it allows.
    fn of_headers(&self) -> Vec<Diagnosis> {
        let allowed = self.asked.headers.iter().filter(|name| !self.refused.contains(name));
        let allowed: Vec<&str> = allowed.map(|name| &**name).collect();
        self.stated(Some(&self.asked.method), &allowed.join(", "))
    }

    fn of_method(&self) -> Vec<Diagnosis> {
        let Preflight { origin, method, .. } = &self.asked;
        let methods = self.methods.join(", ");
        let found = self.stated(Some(&methods), "*").into_iter().next();
        // Browsers ask for POST, and need no permission for it in an answer with 2xx.
        let found = found.unwrap_or_else(|| Diagnosis::candidate(&known::CORS_METHOD, Field::Method));
        let others = if methods.is_empty() { String::new() } else { format!("; they allow {methods}") };
        let found = found
            .saying(format!("no CORS rule for {origin} allows {method}{others}"))
            .proved_by("the preflight without headers is refused for the method, and allowed for the others")
            .certain_if(!methods.is_empty());
        vec![found]
    }

    /// A rule allows at least one method. If none is allowed for the origin, no rule has the origin – if rules decided.
    fn of_origin(&self) -> Vec<Diagnosis> {
        let sentence = format!("no CORS rule allows the origin {}, with any method", self.asked.origin);
        let found = self.stated(None, "").into_iter().map(|it| {
            it.saying(sentence.clone())
                .proved_by("the preflight without headers is refused for GET, PUT, POST, DELETE and HEAD")
                .with_diff(Vec::new())
                .certain_if(self.is_of_rules)
        });
        found.collect()
    }

    /// Judges the answer of a server that states what it allows: these methods, or another origin, and these headers.
    fn stated(&self, methods: Option<&str>, headers: &str) -> Vec<Diagnosis> {
        let origin = methods.map_or(OTHER_ORIGIN, |_| self.asked.origin.as_str());
        let headers = [
            ("access-control-allow-origin", origin),
            ("access-control-allow-methods", methods.unwrap_or_default()),
            ("access-control-allow-headers", headers),
        ];
        of_headers(self.request, &self.asked, &PreflightAnswer::new(200, headers, ""))
    }
}

/// Returns whether a refusal is one by CORS rules, and not by something in front of them.
fn is_of_rules(answer: &PreflightAnswer) -> bool {
    let of_store = answer.to_answer();
    // SeaweedFS answers 200 without CORS headers, and so do servers that are no stores.
    answer.is_ok() && of_store.is_of_store() && !of_store.is_page()
        || StoreError::read(&answer.body).is_some_and(|error| error.says("CORSResponse"))
}
