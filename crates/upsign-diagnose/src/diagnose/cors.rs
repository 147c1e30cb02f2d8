//! What a browser asks before an upload, and what it hides after one.
//!
//! Source: the CORS protocol of <https://fetch.spec.whatwg.org/#http-cors-protocol>.

use upsign_documents::{CorsAnswer, CorsRefusalReason, CorsRequest};

use super::Diagnosis;
use super::case::Case;
use super::scrub::quoted;
use crate::cause::{Owner, known};
use crate::diff::{DiffLine, Field};
use crate::echo::StoreError;
use crate::evidence::{Answer, Blocked, Exchange, Reason, Sent};
use crate::url::SignedUrl;

/// What a preflight asks for.
struct Asked<'a> {
    origin: Option<&'a str>,
    method: &'a str,
    /// Names in lower case.
    headers: Vec<String>,
}

/// Returns what the console, the preflight or the rules in hand say.
pub(super) fn find(case: &Case<'_>) -> Vec<Diagnosis> {
    if let Some(blocked) = &case.evidence.blocked {
        return of_console(case, blocked);
    }
    let mut found: Vec<Diagnosis> = mixed_content(case).into_iter().collect();
    // An upload that was answered shows that its preflight was in order, also if the record left the headers of that out.
    let is_answered = case.evidence.status().is_some_and(|status| status >= 200) && !is_preflight(case);
    // A preflight that somebody sent with curl.
    let own = || Some(Exchange { sent: case.sent()?.clone(), answer: case.evidence.answer.clone() });
    let preflight = case.evidence.preflight.clone().or_else(|| own().filter(|_| is_preflight(case)));
    if let Some(Exchange { sent, answer: Some(answer) }) = &preflight
        && !is_answered
    {
        found.extend(of_preflight(case, sent, answer));
    }
    if found.is_empty() {
        found.extend(of_rules(case));
    }
    found.extend(hidden_etag(case).filter(|it| it.certain));
    if found.is_empty() && case.evidence.status() == Some(0) {
        found.push(Diagnosis::candidate(&known::NETWORK_ERROR, Field::Origin));
    }
    found
}

/// Returns whether the request that failed is the preflight itself.
pub(super) fn is_preflight(case: &Case<'_>) -> bool {
    case.sent().is_some_and(|sent| &*sent.request.method == "OPTIONS")
}

/// Returns that a browser hides the answer of the request from the page.
pub(super) fn hidden(case: &Case<'_>) -> Option<Diagnosis> {
    let (sent, answer) = (case.sent()?, case.evidence.answer.as_ref()?);
    let origin = sent.origin()?;
    let status = answer.status.filter(|status| *status >= 400)?;
    if answer.header("access-control-allow-origin").is_some() || &*sent.request.method == "OPTIONS" {
        return None;
    }
    let sentence = format!(
        "the answer with the status {status} has no CORS headers, so the page at {origin} sees a CORS error in place of it"
    );
    // True, and not what has to be corrected first.
    Some(
        Diagnosis::candidate(&known::CORS_HIDDEN, Field::AnswerHeader("access-control-allow-origin".into()))
            .saying(sentence),
    )
}

fn mixed_content(case: &Case<'_>) -> Option<Diagnosis> {
    let sent = case.sent()?;
    let page = sent.origin().or_else(|| sent.request.header("referer")).or(case.evidence.page.as_deref())?;
    // Browsers send requests to this machine also without TLS: https://www.w3.org/TR/mixed-content/#categories
    let is_blocked = page.starts_with("https://") && !sent.is_https && !is_local(&sent.host);
    (is_blocked && case.evidence.status() == Some(0))
        .then(|| Diagnosis::candidate(&known::MIXED_CONTENT, Field::Scheme).certain_if(true))
}

/// Returns whether a host, with or without a port, is this machine: a name below `localhost`, 127.0.0.0/8, or `[::1]`.
fn is_local(host: &str) -> bool {
    let name = match host.strip_prefix('[') {
        Some(rest) => rest.split(']').next().unwrap_or_default(),
        None => host.split(':').next().unwrap_or_default(),
    };
    let name = name.to_ascii_lowercase();
    let is_loopback = name.parse::<std::net::IpAddr>().is_ok_and(|address| address.is_loopback());
    is_loopback || name == "localhost" || name.ends_with(".localhost")
}

fn of_console(case: &Case<'_>, blocked: &Blocked) -> Vec<Diagnosis> {
    let origin = blocked.origin.as_deref();
    let named = |cause, field| Diagnosis::candidate(cause, field).certain_if(true);
    let found = match &blocked.reason {
        Reason::MixedContent => named(&known::MIXED_CONTENT, Field::Scheme),
        Reason::Redirect => redirected(case, host_of(blocked.url.as_deref().unwrap_or_default())),
        Reason::Header(name) => named(&known::CORS_HEADER, Field::header(name)).saying(format!(
            "no CORS rule that matches the page allows the header {}",
            name.to_ascii_lowercase()
        )),
        Reason::Method(name) => {
            let found = named(&known::CORS_METHOD, Field::Method);
            match &**name {
                "" => found,
                name => found.saying(format!("no CORS rule that matches the page allows {}", quoted(name))),
            }
        }
        Reason::OtherOrigin(other) => named(&known::CORS_ORIGIN, Field::Origin)
            .saying(format!("the answer allows the origin {}, and not that of the page", quoted(other)))
            .with_diff(vec![DiffLine::new(Field::Origin, Some(other), origin)]),
        Reason::Origin => return without_header(case, origin),
        Reason::Refused => return refused_preflight(case, blocked),
        Reason::Unknown => return vec![Diagnosis::candidate(&known::NETWORK_ERROR, Field::Origin)],
    };
    vec![found]
}

/// A preflight was answered with an error, whose text the console does not show.
fn refused_preflight(case: &Case<'_>, blocked: &Blocked) -> Vec<Diagnosis> {
    let refused = Diagnosis::candidate(&known::CORS_REFUSED, Field::Origin);
    std::iter::once(refused).chain(without_header(case, blocked.origin.as_deref())).collect()
}

/// The answer had no `Access-Control-Allow-Origin`: no rule matched, or it was an error that no rule covers.
fn without_header(case: &Case<'_>, origin: Option<&str>) -> Vec<Diagnosis> {
    let mut found = of_rules(case);
    let of_origin = Diagnosis::candidate(&known::CORS_ORIGIN, Field::Origin);
    found.push(match origin {
        Some(origin) => of_origin.saying(format!("no CORS rule allows the origin {}", quoted(origin))),
        None => of_origin,
    });
    found.push(Diagnosis::candidate(&known::CORS_REFUSED, Field::Origin));
    found.push(Diagnosis::candidate(&known::CORS_NOT_ENABLED, Field::Bucket));
    found.push(Diagnosis::candidate(
        &known::CORS_HIDDEN,
        Field::AnswerHeader("access-control-allow-origin".into()),
    ));
    found
}

fn of_preflight(case: &Case<'_>, sent: &Sent, answer: &Answer) -> Vec<Diagnosis> {
    let asked = asked_by(sent);
    let status = answer.status.unwrap_or_default();
    if matches!(status, 301 | 302 | 303 | 307 | 308) {
        let found = redirected(case, Some(&sent.host));
        let to = answer.header("location").unwrap_or_default();
        let line = host_of(to.as_str()).map(|host| DiffLine::new(Field::Host, Some(host), Some(&sent.host)));
        return vec![found.with_diff(line.into_iter().collect())];
    }
    if (200..300).contains(&status) {
        return of_allowed(&asked, answer).into_iter().collect();
    }
    if status < 400 {
        return Vec::new();
    }
    let found = match StoreError::read(&answer.body) {
        Some(error) => of_refusal(case, &error, &asked),
        None if answer.body.contains("origin-not-allowed") => {
            vec![Diagnosis::candidate(&known::API_ORIGIN, Field::Origin).certain_if(true)]
        }
        None => refused(case, &asked, status),
    };
    let is_of_api = case.url.is_none();
    found.into_iter().map(|it| if is_of_api { it.owned_by(Owner::Cors) } else { it }).collect()
}

/// A preflight was redirected. Only for the host of a signed URL is it known that a store did that.
fn redirected(case: &Case<'_>, host: Option<&str>) -> Diagnosis {
    let found = Diagnosis::candidate(&known::CORS_REDIRECT, Field::Host).certain_if(true);
    let of_store = |url: &SignedUrl| {
        host.is_none_or(|host| host.split(':').next() == url.canonical_host().split(':').next())
    };
    if case.url.as_ref().is_some_and(of_store) {
        return found;
    }
    let server =
        host.map_or_else(|| "the server".to_owned(), |host| format!("the server at {}", quoted(host)));
    found
        .saying(format!("{server} answers the preflight with a redirect, which browsers do not follow"))
        .fixed_by("call the URL that the redirect leads to: often https in place of http, or with or without a slash at the end")
        .proved_by("curl -i -X OPTIONS with the same URL: the answer has a Location")
}

/// Returns host and port of a URL.
fn host_of(url: &str) -> Option<&str> {
    url.split("://").nth(1).and_then(|rest| rest.split(['/', '?', '#']).next())
}

/// Returns what an error says that is an answer to a preflight, without the preflight itself; nothing for other errors.
pub(super) fn of_error(case: &Case<'_>, error: &StoreError) -> Vec<Diagnosis> {
    if !error.says("CORSResponse") && !error.says("Origin request header needed") {
        return Vec::new();
    }
    of_refusal(case, error, &Asked { origin: None, method: "PUT", headers: Vec::new() })
}

fn of_refusal(case: &Case<'_>, error: &StoreError, asked: &Asked<'_>) -> Vec<Diagnosis> {
    let named = |cause, field| vec![Diagnosis::candidate(cause, field).certain_if(true)];
    if error.says("CORS is not enabled") {
        named(&known::CORS_NOT_ENABLED, Field::Bucket)
    } else if error.says("Bucket not found") {
        named(&known::CORS_NO_BUCKET, Field::Bucket)
    } else if error.says("Origin request header needed") {
        named(&known::CORS_INCOMPLETE, Field::Origin)
    } else if error.code() == "NoSuchBucket" {
        named(&known::BUCKET_UNKNOWN, Field::Bucket)
    } else {
        refused(case, asked, 403)
    }
}

/// A preflight was refused without a reason. The rules in hand may name it.
fn refused(case: &Case<'_>, asked: &Asked<'_>, status: u16) -> Vec<Diagnosis> {
    if case.evidence.cors.is_some() {
        return match evaluated(case, asked) {
            Some(found) => vec![found.certain_if(true)],
            None => vec![Diagnosis::candidate(&known::CORS_REFUSED, Field::Origin).saying(
                "the rules in the file allow this request, and the bucket refused it: the bucket has other rules",
            )],
        };
    }
    let Some(origin) = asked.origin else {
        // Only the answer is known.
        let causes = [(&known::CORS_REFUSED, Field::Origin), (&known::CORS_ORIGIN, Field::Origin)];
        let others = [(&known::CORS_METHOD, Field::Method), (&known::CORS_HEADER, Field::Unknown)];
        return causes
            .into_iter()
            .chain(others)
            .map(|(cause, field)| Diagnosis::candidate(cause, field))
            .collect();
    };
    let headers = if asked.headers.is_empty() { "no headers".to_owned() } else { asked.headers.join(", ") };
    let sentence = format!(
        "the preflight was refused with {status}: no CORS rule allows {origin} with {} and {headers}",
        asked.method
    );
    let mut found = vec![Diagnosis::candidate(&known::CORS_REFUSED, Field::Origin).saying(sentence)];
    found.push(Diagnosis::candidate(&known::CORS_ORIGIN, Field::Origin));
    found.push(Diagnosis::candidate(&known::CORS_METHOD, Field::Method));
    found.extend(
        asked.headers.iter().map(|name| Diagnosis::candidate(&known::CORS_HEADER, Field::header(name))),
    );
    found
}

/// Checks an answer with 2xx as a browser does.
fn of_allowed(asked: &Asked<'_>, answer: &Answer) -> Option<Diagnosis> {
    let allowed = answer.header("access-control-allow-origin");
    let origin = asked.origin?;
    let is_allowed = allowed.as_deref().is_some_and(|allowed| allowed == "*" || allowed == origin);
    if !is_allowed {
        let line = DiffLine::new(Field::Origin, allowed.as_deref(), Some(origin));
        let found = Diagnosis::candidate(&known::CORS_ORIGIN, Field::Origin).with_diff(vec![line]);
        return Some(
            found
                .saying(format!("the answer to the preflight does not allow the origin {origin}"))
                .certain_if(true),
        );
    }
    // Methods of forms need no permission: https://fetch.spec.whatwg.org/#cors-safelisted-method
    let is_simple = matches!(asked.method, "GET" | "HEAD" | "POST");
    if !is_simple && !answer.lists("access-control-allow-methods", asked.method) {
        let listed = answer.header("access-control-allow-methods");
        let line = DiffLine::new(Field::Method, listed.as_deref(), Some(asked.method));
        let found = Diagnosis::candidate(&known::CORS_METHOD, Field::Method).with_diff(vec![line]);
        return Some(
            found.saying(format!("no CORS rule for {origin} allows {}", asked.method)).certain_if(true),
        );
    }
    let is_missing = |name: &&String| {
        let listed = answer.header("access-control-allow-headers").unwrap_or_default();
        // `*` does not cover Authorization.
        let named = listed.split(',').any(|it| it.trim().eq_ignore_ascii_case(name));
        !named && (*name == "authorization" || !answer.lists("access-control-allow-headers", name))
    };
    let name = asked.headers.iter().find(is_missing)?;
    Some(header_refused(name).certain_if(true))
}

fn header_refused(name: &str) -> Diagnosis {
    Diagnosis::candidate(&known::CORS_HEADER, Field::header(name))
        .saying(format!("no CORS rule for the origin and method allows the header {name}"))
        .fixed_by(format!("add {name} to AllowedHeaders of the rule"))
}

/// Applies the rules in hand to the upload of the evidence. What they refuse is a candidate: the bucket may have others.
fn of_rules(case: &Case<'_>) -> Vec<Diagnosis> {
    if case.evidence.cors.is_none() || !matches!(case.evidence.status(), None | Some(0) | Some(403)) {
        return Vec::new();
    }
    let found = match (case.sent(), &case.evidence.blocked) {
        (Some(sent), _) => evaluated(case, &asked_for(sent)),
        (None, Some(blocked)) => {
            let headers = case.signed.as_ref().map(|it| it.headers.clone()).unwrap_or_default();
            let headers =
                headers.into_iter().filter(|name| !matches!(name.as_str(), "host" | "content-length"));
            let method = case.url.as_ref().and_then(SignedUrl::method_hint).unwrap_or("PUT");
            let asked = Asked { origin: blocked.origin.as_deref(), method, headers: headers.collect() };
            evaluated(case, &asked)
        }
        _ => None,
    };
    found.into_iter().collect()
}

/// Returns what the rules in hand refuse of a preflight.
fn evaluated(case: &Case<'_>, asked: &Asked<'_>) -> Option<Diagnosis> {
    let rules = case.evidence.cors.as_ref()?;
    let origin = asked.origin?;
    let headers = asked.headers.join(",");
    let request = CorsRequest::preflight(Some(origin), Some(asked.method), Some(&headers));
    let CorsAnswer::Refused(refusal) = rules.evaluate(&request) else { return None };
    Some(match &refusal.reason {
        CorsRefusalReason::NotEnabled => Diagnosis::candidate(&known::CORS_NOT_ENABLED, Field::Bucket),
        CorsRefusalReason::Header(name) => header_refused(name),
        CorsRefusalReason::Method | CorsRefusalReason::BadMethod(_) => {
            Diagnosis::candidate(&known::CORS_METHOD, Field::Method)
                .saying(format!("no CORS rule for {origin} allows {}", asked.method))
        }
        _ => Diagnosis::candidate(&known::CORS_ORIGIN, Field::Origin)
            .saying(format!("no CORS rule allows the origin {}", quoted(origin))),
    })
}

/// Returns what the headers of a preflight ask for.
fn asked_by(preflight: &Sent) -> Asked<'_> {
    let header = |name: &str| preflight.request.header(name);
    let headers = header("access-control-request-headers").unwrap_or_default();
    let headers = headers.split(',').map(|name| name.trim().to_ascii_lowercase());
    Asked {
        origin: header("origin"),
        method: header("access-control-request-method").unwrap_or("PUT"),
        headers: headers.filter(|name| !name.is_empty()).collect(),
    }
}

/// Returns what a browser would ask for before it sends a request.
fn asked_for(upload: &Sent) -> Asked<'_> {
    let headers = upload.request.headers.iter().filter(|(name, value)| needs_permission(name, value));
    let mut headers: Vec<String> = headers.map(|(name, _)| name.to_string()).collect();
    headers.sort_unstable();
    Asked { origin: upload.origin(), method: &upload.request.method, headers }
}

/// Headers that browsers write themselves, or that every page may set.
const OF_BROWSERS: [&str; 18] = [
    "accept",
    "accept-encoding",
    "accept-language",
    "access-control-request-headers",
    "access-control-request-method",
    "cache-control",
    "connection",
    "content-language",
    "content-length",
    "cookie",
    "dnt",
    "host",
    "origin",
    "pragma",
    "priority",
    "referer",
    "te",
    "user-agent",
];

/// Returns whether a page that sets a header needs permission for it. Headers that browsers write themselves need none.
///
/// Source: <https://fetch.spec.whatwg.org/#cors-safelisted-request-header> and `#forbidden-request-header`.
fn needs_permission(name: &str, value: &str) -> bool {
    let is_of_browser = OF_BROWSERS.contains(&name) || name.starts_with("sec-") || name.starts_with("proxy-");
    let is_simple_type = || {
        let essence = value.split(';').next().unwrap_or_default().trim().to_ascii_lowercase();
        matches!(&*essence, "application/x-www-form-urlencoded" | "multipart/form-data" | "text/plain")
    };
    !(is_of_browser || name == "content-type" && is_simple_type())
}

/// Returns that a page cannot read the ETag of a part. It is certain if nothing else failed, or the store misses the part.
pub(super) fn hidden_etag(case: &Case<'_>) -> Option<Diagnosis> {
    let Exchange { sent, answer: Some(answer) } = case.evidence.hidden_etag.as_ref()? else { return None };
    // The page cannot complete the upload, or completes it with ETags that are null. An API that lists the parts needs no ETag.
    let is_invalid_part = case.error.as_ref().is_some_and(|error| error.code() == "InvalidPart");
    if case.error.is_some() && !is_invalid_part {
        return None;
    }
    let has_failed = case.evidence.answer.as_ref().is_none_or(Answer::is_failure);
    let number = sent.request.parameter("partNumber").unwrap_or_default();
    let listed = answer.header("access-control-expose-headers");
    let field = Field::AnswerHeader("access-control-expose-headers".into());
    let sentence =
        format!("part {number} was stored, and the page cannot read its ETag: no CORS rule exposes it");
    let line = DiffLine::new(field.clone(), Some("ETag"), listed.as_deref());
    Some(
        Diagnosis::candidate(&known::ETAG_HIDDEN, field)
            .saying(sentence)
            .with_diff(vec![line])
            .certain_if(is_invalid_part || !has_failed),
    )
}
