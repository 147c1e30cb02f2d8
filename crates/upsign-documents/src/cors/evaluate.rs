//! Evaluates CORS rules as S3 does.

use super::pattern::{matches, matches_ignoring_case};
use super::rule::is_token;
use super::{CorsDocument, CorsMethod, CorsRule};

/// The parts of a request that matter for CORS. Values are those of the headers, unchanged.
///
/// [`CorsDocument::evaluate`] has an example.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum CorsRequest<'a> {
    /// An `OPTIONS` request.
    Preflight {
        /// The header `Origin`.
        origin: Option<&'a str>,
        /// The header `Access-Control-Request-Method`.
        method: Option<&'a str>,
        /// The header `Access-Control-Request-Headers`.
        headers: Option<&'a str>,
    },
    /// Any other request. S3 adds the CORS headers to successful and to failed responses.
    Actual {
        /// The header `Origin`.
        origin: Option<&'a str>,
        /// The method of the request.
        method: &'a str,
    },
}

/// The answer of S3 to a request.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum CorsAnswer {
    /// A rule matched. S3 answers a preflight with 200, these headers and no body, and adds the headers to any other response.
    Allowed {
        /// The index of the rule that matched, from 0.
        rule: usize,
        /// The response headers, with names in lower case.
        headers: Vec<(&'static str, String)>,
    },
    /// No rule matched. S3 answers a preflight with an error. It leaves any other response unchanged, and the browser hides
    /// that response from the script.
    Refused(CorsRefusal),
    /// The request has no `Origin`, so it is not a cross-origin request. S3 adds no headers.
    NotCrossOrigin,
}

/// The reason why no rule matched, and the error with which S3 answers a preflight.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{reason}")]
#[non_exhaustive]
pub struct CorsRefusal {
    /// The part of the request that no rule allows.
    pub reason: CorsRefusalReason,
}

/// The part of a request that no rule allows.
///
/// Rules check origin, method and headers in this order. The reason is that of the rule that got furthest, so the variants
/// that come later are closer to a match.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum CorsRefusalReason {
    /// The preflight has no `Origin`.
    #[error("a preflight needs the header Origin")]
    NoOrigin,
    /// The preflight has no `Access-Control-Request-Method`, or one that no rule can allow. Holds the method, shortened to 64
    /// characters and with unsafe characters replaced.
    #[error(
        "a preflight needs one of GET, PUT, POST, DELETE and HEAD in the header Access-Control-Request-Method"
    )]
    BadMethod(Option<Box<str>>),
    /// The bucket has no CORS configuration.
    #[error("the bucket has no CORS configuration")]
    NotEnabled,
    /// No rule allows the origin.
    #[error("no rule allows the origin")]
    Origin,
    /// No rule that allows the origin allows the method.
    #[error("no rule for this origin allows the method")]
    Method,
    /// A rule allows the origin and the method, but not this header. Holds the name in lower case, shortened to 64 characters
    /// and with unsafe characters replaced.
    #[error("the rule for this origin and method does not allow the header `{0}`")]
    Header(Box<str>),
}

const VARY: &str = "Origin, Access-Control-Request-Headers, Access-Control-Request-Method";

impl<'a> CorsRequest<'a> {
    /// Describes an `OPTIONS` request by its headers `Origin`, `Access-Control-Request-Method` and
    /// `Access-Control-Request-Headers`.
    #[must_use]
    pub const fn preflight(
        origin: Option<&'a str>,
        method: Option<&'a str>,
        headers: Option<&'a str>,
    ) -> Self {
        Self::Preflight { origin, method, headers }
    }

    /// Describes any other request by its header `Origin` and its method.
    #[must_use]
    pub const fn actual(origin: Option<&'a str>, method: &'a str) -> Self {
        Self::Actual { origin, method }
    }
}

impl CorsDocument {
    /// Returns S3's answer to a request. The first rule whose origins, methods and headers all match decides.
    ///
    /// Source: <https://docs.aws.amazon.com/AmazonS3/latest/userguide/cors.html>. The error messages and the set of response
    /// headers were observed on S3.
    ///
    /// ```
    /// use upsign_documents::{CorsAnswer, CorsDocument, CorsMethod, CorsRequest, CorsRule};
    /// let document = CorsDocument::new([CorsRule::new(["https://app.example.com"], [CorsMethod::Put])?])?;
    /// let request = CorsRequest::preflight(Some("https://app.example.com"), Some("PUT"), Some("content-type"));
    /// let CorsAnswer::Refused(refusal) = document.evaluate(&request) else { panic!() };
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
                    return refused(CorsRefusalReason::BadMethod(method.map(printable)));
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
    /// Returns the first part of a request that this rule does not allow, or `None` if the rule matches.
    fn refuses(&self, origin: &str, method: &str, names: &[&str]) -> Option<CorsRefusalReason> {
        // The answer repeats the origin, so it must be safe in a header even if a wildcard matches it.
        let safe = origin.bytes().all(|byte| byte.is_ascii_graphic());
        if !safe || !self.allowed_origins().iter().any(|pattern| matches(pattern, origin)) {
            return Some(CorsRefusalReason::Origin);
        }
        if !self.allowed_methods().iter().any(|allowed| allowed.as_str() == method) {
            return Some(CorsRefusalReason::Method);
        }
        let allowed = |name: &str| {
            is_token(name)
                && self.allowed_headers().iter().any(|pattern| matches_ignoring_case(pattern, name))
        };
        let denied = names.iter().find(|name| !allowed(name))?;
        Some(CorsRefusalReason::Header(printable(&denied.to_ascii_lowercase())))
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
    /// Returns the HTTP status of S3's answer to a preflight: 400 for an incomplete preflight, otherwise 403.
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

    /// Returns the `<Code>` of S3's error.
    #[must_use]
    pub const fn code(&self) -> &'static str {
        if self.status() == 400 { "BadRequest" } else { "AccessForbidden" }
    }

    /// Returns the `<Message>` of S3's error, with S3's spelling.
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

    /// Returns the `<ResourceType>` of S3's error. Only 403 answers have one.
    #[must_use]
    pub const fn resource_type(&self) -> &'static str {
        if matches!(self.reason, CorsRefusalReason::NotEnabled) { "BUCKET" } else { "OBJECT" }
    }
}

impl CorsRefusalReason {
    /// Returns how many checks of a rule were passed.
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

/// Makes untrusted text safe for a message: the first 64 characters, with everything but visible ASCII and the characters that
/// XML or JSON would escape replaced by `_`.
fn printable(text: &str) -> Box<str> {
    let safe = |c: char| if c.is_ascii_graphic() && !"<>&\"'`\\".contains(c) { c } else { '_' };
    text.chars().take(64).map(safe).collect()
}
