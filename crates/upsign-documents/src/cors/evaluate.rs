//! What S3 answers a browser.

use super::pattern::{matches, matches_ignoring_case};
use super::rule::is_token;
use super::{CorsDocument, CorsMethod, CorsRule};

/// What of a request matters to CORS. Texts are as they stand in the headers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum CorsRequest<'a> {
    /// An `OPTIONS` request.
    Preflight {
        /// `Origin`.
        origin: Option<&'a str>,
        /// `Access-Control-Request-Method`.
        method: Option<&'a str>,
        /// `Access-Control-Request-Headers`.
        headers: Option<&'a str>,
    },
    /// Any other request, whatever its outcome: S3 adds the headers to errors as well.
    Actual {
        /// `Origin`.
        origin: Option<&'a str>,
        /// The method itself.
        method: &'a str,
    },
}

/// What S3 answers.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum CorsAnswer {
    /// A rule matched. A preflight is answered with 200, these headers and no body; any other response gets them added.
    Allowed {
        /// Which rule matched, from 0.
        rule: usize,
        /// The headers to send.
        headers: Vec<(&'static str, String)>,
    },
    /// No rule matched. A preflight is answered with the error; any other response stays as it is, and the browser
    /// hides it from the script.
    Refused(CorsRefusal),
    /// Not a cross-origin request: nothing to add.
    NotCrossOrigin,
}

/// Why no rule matched, and the error that S3 answers a preflight with.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{reason}")]
#[non_exhaustive]
pub struct CorsRefusal {
    /// Which part of the request no rule allows.
    pub reason: CorsRefusalReason,
}

/// The part of a request that no rule allows: of the rule that came closest, the first part that failed.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum CorsRefusalReason {
    /// A preflight without `Origin`.
    #[error("a preflight needs an Origin header")]
    NoOrigin,
    /// A preflight without `Access-Control-Request-Method`, or with one that no rule can ever allow.
    #[error("a preflight asks for one of GET, PUT, POST, DELETE and HEAD in Access-Control-Request-Method")]
    BadMethod(Option<Box<str>>),
    /// The bucket has no CORS document.
    #[error("the bucket has no CORS document")]
    NotEnabled,
    /// No rule allows the origin.
    #[error("no rule allows the origin")]
    Origin,
    /// No rule that allows the origin allows the method.
    #[error("no rule for this origin allows the method")]
    Method,
    /// The rule that allows origin and method does not allow this header.
    #[error("the rule for this origin and method does not allow the header `{0}`")]
    Header(Box<str>),
}

const VARY: &str = "Origin, Access-Control-Request-Headers, Access-Control-Request-Method";

impl<'a> CorsRequest<'a> {
    /// An `OPTIONS` request with these headers: `Origin`, `Access-Control-Request-Method`,
    /// `Access-Control-Request-Headers`.
    #[must_use]
    pub const fn preflight(
        origin: Option<&'a str>,
        method: Option<&'a str>,
        headers: Option<&'a str>,
    ) -> Self {
        Self::Preflight { origin, method, headers }
    }

    /// Any other request.
    #[must_use]
    pub const fn actual(origin: Option<&'a str>, method: &'a str) -> Self {
        Self::Actual { origin, method }
    }
}

impl CorsDocument {
    /// S3's answer to a request: the first rule decides whose origins, methods and headers all match.
    ///
    /// Source: <https://docs.aws.amazon.com/AmazonS3/latest/userguide/cors.html>; the texts of the errors and the set of
    /// headers are those that S3 is seen to send.
    ///
    /// ```
    /// use upsign_documents::{CorsAnswer, CorsDocument, CorsMethod, CorsRequest, CorsRule};
    /// let document = CorsDocument::new([CorsRule::new(["https://app.example.com"], [CorsMethod::Put])?])?;
    /// let ask = CorsRequest::preflight(Some("https://app.example.com"), Some("PUT"), Some("content-type"));
    /// let CorsAnswer::Refused(refusal) = document.evaluate(&ask) else { panic!() };
    /// assert_eq!(refusal.status(), 403);
    /// assert_eq!(refusal.to_string(), "the rule for this origin and method does not allow the header `content-type`");
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[must_use]
    pub fn evaluate(&self, request: &CorsRequest<'_>) -> CorsAnswer {
        match *request {
            CorsRequest::Actual { origin, method } => match present(origin) {
                Some(origin) => self.decide(origin, method, &[], false),
                None => CorsAnswer::NotCrossOrigin,
            },
            CorsRequest::Preflight { origin, method, headers } => {
                let Some(origin) = present(origin) else { return refused(CorsRefusalReason::NoOrigin) };
                let known = method.filter(|method| method.parse::<CorsMethod>().is_ok());
                let Some(known) = known else {
                    return refused(CorsRefusalReason::BadMethod(method.map(shown)));
                };
                let names = headers.unwrap_or_default().split(',').map(|name| name.trim_matches([' ', '\t']));
                let names: Vec<&str> = names.filter(|name| !name.is_empty()).collect();
                self.decide(origin, known, &names, true)
            }
        }
    }

    fn decide(&self, origin: &str, method: &str, names: &[&str], preflight: bool) -> CorsAnswer {
        let mut closest =
            if self.rules().is_empty() { CorsRefusalReason::NotEnabled } else { CorsRefusalReason::Origin };
        for (index, rule) in self.rules().iter().enumerate() {
            match rule.refuses(origin, method, names) {
                None => {
                    let headers = rule.answer(origin, names, preflight);
                    return CorsAnswer::Allowed { rule: index, headers };
                }
                Some(reason) if reason.depth() > closest.depth() => closest = reason,
                Some(_) => {}
            }
        }
        refused(closest)
    }
}

impl CorsRule {
    fn refuses(&self, origin: &str, method: &str, names: &[&str]) -> Option<CorsRefusalReason> {
        // What matches is sent back, so it must be fit for a header even where a wildcard matches it.
        let fit = origin.bytes().all(|byte| byte.is_ascii_graphic());
        if !fit || !self.allowed_origins().iter().any(|pattern| matches(pattern, origin)) {
            return Some(CorsRefusalReason::Origin);
        }
        if !self.allowed_methods().iter().any(|allowed| allowed.as_str() == method) {
            return Some(CorsRefusalReason::Method);
        }
        let allowed = |name: &str| {
            is_token(name)
                && self.allowed_headers().iter().any(|pattern| matches_ignoring_case(pattern, name))
        };
        let stranger = names.iter().find(|name| !allowed(name))?;
        Some(CorsRefusalReason::Header(shown(&stranger.to_ascii_lowercase())))
    }

    fn answer(&self, origin: &str, names: &[&str], preflight: bool) -> Vec<(&'static str, String)> {
        let any = self.allowed_origins().iter().any(|pattern| **pattern == *"*");
        let methods: Vec<&str> = self.allowed_methods().iter().map(|method| method.as_str()).collect();
        let mut headers = vec![
            ("access-control-allow-origin", if any { "*".to_owned() } else { origin.to_owned() }),
            ("access-control-allow-methods", methods.join(", ")),
        ];
        if preflight && !names.is_empty() {
            headers.push(("access-control-allow-headers", names.join(", ").to_ascii_lowercase()));
        }
        if !self.expose_headers().is_empty() {
            headers.push(("access-control-expose-headers", self.expose_headers().join(", ")));
        }
        if let Some(seconds) = self.max_age_seconds() {
            headers.push(("access-control-max-age", seconds.to_string()));
        }
        if !any {
            headers.push(("access-control-allow-credentials", "true".to_owned()));
        }
        headers.push(("vary", VARY.to_owned()));
        headers
    }
}

impl CorsRefusal {
    /// The status of the answer to a preflight.
    #[must_use]
    pub const fn status(&self) -> u16 {
        match self.reason {
            CorsRefusalReason::NoOrigin | CorsRefusalReason::BadMethod(_) => 400,
            CorsRefusalReason::NotEnabled
            | CorsRefusalReason::Origin
            | CorsRefusalReason::Method
            | CorsRefusalReason::Header(_) => 403,
        }
    }

    /// S3's `<Code>`.
    #[must_use]
    pub const fn code(&self) -> &'static str {
        if self.status() == 400 { "BadRequest" } else { "AccessForbidden" }
    }

    /// S3's `<Message>`, spelling included.
    #[must_use]
    pub fn message(&self) -> String {
        match &self.reason {
            CorsRefusalReason::NoOrigin => "Insufficient information. Origin request header needed.".into(),
            CorsRefusalReason::BadMethod(method) => {
                format!("Invalid Access-Control-Request-Method: {}", method.as_deref().unwrap_or("null"))
            }
            CorsRefusalReason::NotEnabled => "CORSResponse: CORS is not enabled for this bucket.".into(),
            CorsRefusalReason::Origin | CorsRefusalReason::Method | CorsRefusalReason::Header(_) => {
                "CORSResponse: This CORS request is not allowed. This is usually because the evalution of Origin, request \
                 method / Access-Control-Request-Method or Access-Control-Request-Headers are not whitelisted by the \
                 resource's CORS spec."
                    .into()
            }
        }
    }

    /// S3's `<ResourceType>`, which stands in its 403 answers.
    #[must_use]
    pub const fn resource_type(&self) -> &'static str {
        if matches!(self.reason, CorsRefusalReason::NotEnabled) { "BUCKET" } else { "OBJECT" }
    }
}

impl CorsRefusalReason {
    /// How far a rule got.
    const fn depth(&self) -> u8 {
        match self {
            Self::NoOrigin | Self::BadMethod(_) | Self::NotEnabled => 0,
            Self::Origin => 1,
            Self::Method => 2,
            Self::Header(_) => 3,
        }
    }
}

const fn refused(reason: CorsRefusalReason) -> CorsAnswer {
    CorsAnswer::Refused(CorsRefusal { reason })
}

fn present(origin: Option<&str>) -> Option<&str> {
    origin.filter(|origin| !origin.is_empty())
}

/// What came from outside, fit for a message: visible ASCII that XML and JSON leave alone, 64 characters of it.
fn shown(text: &str) -> Box<str> {
    let fit = |c: char| if c.is_ascii_graphic() && !"<>&\"'`\\".contains(c) { c } else { '_' };
    text.chars().take(64).map(fit).collect()
}
