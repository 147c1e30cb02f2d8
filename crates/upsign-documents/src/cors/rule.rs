//! One rule of a CORS document.

use std::fmt;
use std::str::FromStr;

use super::pattern::wildcards;

/// A method that a CORS rule can allow. `OPTIONS` is not among them: S3 answers preflights without a rule for `OPTIONS`.
///
/// ```
/// use upsign_documents::CorsMethod;
/// assert_eq!("PUT".parse(), Ok(CorsMethod::Put));
/// assert!("put".parse::<CorsMethod>().is_err());
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[non_exhaustive]
pub enum CorsMethod {
    /// `GET`.
    Get,
    /// `PUT`.
    Put,
    /// `POST`.
    Post,
    /// `DELETE`.
    Delete,
    /// `HEAD`.
    Head,
}

/// The text is not a method that a CORS rule can allow.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("a CORS rule can allow only GET, PUT, POST, DELETE and HEAD, in upper case")]
#[non_exhaustive]
pub struct InvalidCorsMethod;

/// One rule of a [`CorsDocument`](super::CorsDocument).
///
/// Source: <https://docs.aws.amazon.com/AmazonS3/latest/userguide/ManageCorsUsing.html>.
///
/// ```
/// use upsign_documents::{CorsMethod, CorsRule};
/// let rule = CorsRule::new(["https://app.example.com"], [CorsMethod::Put])?
///     .with_allowed_headers(["content-type"])?
///     .with_max_age_seconds(3_600);
/// assert_eq!(rule.allowed_methods(), [CorsMethod::Put]);
/// # Ok::<(), upsign_documents::InvalidCorsRule>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CorsRule {
    id: Option<Box<str>>,
    allowed_origins: Vec<Box<str>>,
    allowed_methods: Vec<CorsMethod>,
    allowed_headers: Vec<Box<str>>,
    expose_headers: Vec<Box<str>>,
    max_age_seconds: Option<u32>,
}

/// The reason why a [`CorsRule`] was not built.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum InvalidCorsRule {
    /// The rule has no origin.
    #[error("a CORS rule needs at least one origin")]
    NoOrigin,
    /// The rule has no method.
    #[error("a CORS rule needs at least one method")]
    NoMethod,
    /// An origin is empty, has more than one `*`, or contains a character other than visible ASCII.
    #[error("an allowed origin must be visible ASCII with at most one `*`")]
    Origin,
    /// An allowed header has more than one `*` or is not a header name.
    #[error("an allowed header must be a header name with at most one `*`")]
    AllowedHeader,
    /// An exposed header contains `*` or is not a header name.
    #[error("an exposed header must be a header name without `*`")]
    ExposeHeader,
    /// The id is longer than 255 characters.
    #[error("the id of a CORS rule has at most 255 characters")]
    Id,
}

impl CorsMethod {
    /// Returns the method as documents spell it, as in `PUT`.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Get => "GET",
            Self::Put => "PUT",
            Self::Post => "POST",
            Self::Delete => "DELETE",
            Self::Head => "HEAD",
        }
    }
}

impl FromStr for CorsMethod {
    type Err = InvalidCorsMethod;

    fn from_str(text: &str) -> Result<Self, InvalidCorsMethod> {
        [Self::Get, Self::Put, Self::Post, Self::Delete, Self::Head]
            .into_iter()
            .find(|method| method.as_str() == text)
            .ok_or(InvalidCorsMethod)
    }
}

impl fmt::Display for CorsMethod {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl CorsRule {
    /// Builds a rule that allows `methods` from `origins`, and only request headers that need no permission (the CORS-safelisted
    /// ones).
    ///
    /// An origin may contain one `*`, which stands for any text.
    ///
    /// # Errors
    /// Fails if either list is empty, or if an origin has more than one `*` or characters other than visible ASCII.
    pub fn new<S: AsRef<str>>(
        origins: impl IntoIterator<Item = S>,
        methods: impl IntoIterator<Item = CorsMethod>,
    ) -> Result<Self, InvalidCorsRule> {
        let allowed_origins: Vec<Box<str>> =
            origins.into_iter().map(|origin| origin.as_ref().into()).collect();
        let allowed_methods: Vec<CorsMethod> = methods.into_iter().collect();
        if allowed_origins.is_empty() {
            return Err(InvalidCorsRule::NoOrigin);
        }
        if allowed_methods.is_empty() {
            return Err(InvalidCorsRule::NoMethod);
        }
        let fits = |origin: &str| {
            !origin.is_empty() && wildcards(origin) <= 1 && origin.bytes().all(|byte| byte.is_ascii_graphic())
        };
        if !allowed_origins.iter().all(|origin| fits(origin)) {
            return Err(InvalidCorsRule::Origin);
        }
        Ok(Self {
            id: None,
            allowed_origins,
            allowed_methods,
            allowed_headers: Vec::new(),
            expose_headers: Vec::new(),
            max_age_seconds: None,
        })
    }

    /// Builds a rule that allows every origin and every header. `expose_headers` must be header names without `*`.
    pub(super) fn without_restrictions(
        methods: impl IntoIterator<Item = CorsMethod>,
        expose_headers: &[&str],
    ) -> Self {
        Self {
            id: None,
            allowed_origins: vec!["*".into()],
            allowed_methods: methods.into_iter().collect(),
            allowed_headers: vec!["*".into()],
            expose_headers: expose_headers.iter().map(|name| (*name).into()).collect(),
            max_age_seconds: None,
        }
    }

    /// Sets the id of the rule, which must be unique in its document.
    ///
    /// # Errors
    /// Fails if the id has more than 255 characters.
    pub fn with_id(self, id: &str) -> Result<Self, InvalidCorsRule> {
        if id.chars().nth(255).is_some() {
            return Err(InvalidCorsRule::Id);
        }
        Ok(Self { id: Some(id.into()), ..self })
    }

    /// Sets the request headers that the rule allows. A name may contain one `*`, which stands for any text.
    ///
    /// # Errors
    /// Fails if a name is not a header name or has more than one `*`.
    pub fn with_allowed_headers<S: AsRef<str>>(
        self,
        names: impl IntoIterator<Item = S>,
    ) -> Result<Self, InvalidCorsRule> {
        let names: Vec<Box<str>> = names.into_iter().map(|name| name.as_ref().into()).collect();
        if !names.iter().all(|name| is_token(name) && wildcards(name) <= 1) {
            return Err(InvalidCorsRule::AllowedHeader);
        }
        Ok(Self { allowed_headers: names, ..self })
    }

    /// Sets the response headers that scripts can read.
    ///
    /// # Errors
    /// Fails if a name is not a header name or contains `*`, which S3 does not support here.
    pub fn with_expose_headers<S: AsRef<str>>(
        self,
        names: impl IntoIterator<Item = S>,
    ) -> Result<Self, InvalidCorsRule> {
        let names: Vec<Box<str>> = names.into_iter().map(|name| name.as_ref().into()).collect();
        if !names.iter().all(|name| is_token(name) && wildcards(name) == 0) {
            return Err(InvalidCorsRule::ExposeHeader);
        }
        Ok(Self { expose_headers: names, ..self })
    }

    /// Sets for how many seconds browsers may cache the answer to a preflight.
    #[must_use]
    pub fn with_max_age_seconds(self, seconds: u32) -> Self {
        Self { max_age_seconds: Some(seconds), ..self }
    }

    /// Returns the id, if the rule has one.
    #[must_use]
    pub fn id(&self) -> Option<&str> {
        self.id.as_deref()
    }

    /// Returns the allowed origins. Each contains at most one `*`.
    #[must_use]
    pub fn allowed_origins(&self) -> &[Box<str>] {
        &self.allowed_origins
    }

    /// Returns the allowed methods.
    #[must_use]
    pub fn allowed_methods(&self) -> &[CorsMethod] {
        &self.allowed_methods
    }

    /// Returns the allowed request headers. Each contains at most one `*`.
    #[must_use]
    pub fn allowed_headers(&self) -> &[Box<str>] {
        &self.allowed_headers
    }

    /// Returns the response headers that scripts can read.
    #[must_use]
    pub fn expose_headers(&self) -> &[Box<str>] {
        &self.expose_headers
    }

    /// Returns for how many seconds browsers may cache the answer to a preflight, if the rule sets it.
    #[must_use]
    pub const fn max_age_seconds(&self) -> Option<u32> {
        self.max_age_seconds
    }
}

/// Returns whether a text is a token (RFC 9110 section 5.6.2), as header names are. `*` is a token character.
pub(super) fn is_token(text: &str) -> bool {
    let fits = |byte: u8| byte.is_ascii_alphanumeric() || b"!#$%&'*+-.^_`|~".contains(&byte);
    !text.is_empty() && text.bytes().all(fits)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_cors_methods_parse() {
        assert_eq!("PUT".parse(), Ok(CorsMethod::Put));
        for text in ["put", "OPTIONS", "PATCH", "", "*"] {
            assert_eq!(text.parse::<CorsMethod>(), Err(InvalidCorsMethod), "{text}");
        }
    }

    #[test]
    fn invalid_rules_are_rejected() {
        let none: [&str; 0] = [];
        assert_eq!(CorsRule::new(none, [CorsMethod::Put]), Err(InvalidCorsRule::NoOrigin));
        assert_eq!(CorsRule::new(["*"], []), Err(InvalidCorsRule::NoMethod));
        for origin in ["", "http://*.*.com", "a b", "é", "a\n"] {
            assert_eq!(CorsRule::new([origin], [CorsMethod::Put]), Err(InvalidCorsRule::Origin), "{origin}");
        }
        let rule = || CorsRule::new(["*"], [CorsMethod::Put]).unwrap();
        for name in ["", "x-*-*", "a b", "é:"] {
            assert_eq!(rule().with_allowed_headers([name]), Err(InvalidCorsRule::AllowedHeader), "{name}");
        }
        for name in ["", "*", "x-amz-*", "a\r\n"] {
            assert_eq!(rule().with_expose_headers([name]), Err(InvalidCorsRule::ExposeHeader), "{name}");
        }
        assert_eq!(rule().with_id(&"i".repeat(256)), Err(InvalidCorsRule::Id));
        assert!(rule().with_id(&"é".repeat(255)).is_ok());
    }
}
