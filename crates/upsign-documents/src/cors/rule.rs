//! One rule.

use std::fmt;
use std::str::FromStr;

use super::pattern::wildcards;

/// A method that a CORS rule can allow. `OPTIONS` is not one of them: preflights are answered, never allowed.
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

/// The text is no method that a CORS rule can allow.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("a CORS rule allows GET, PUT, POST, DELETE and HEAD, in upper case, and nothing else")]
#[non_exhaustive]
pub struct InvalidCorsMethod;

/// One rule of a bucket's CORS document.
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

/// Why parts do not make a [`CorsRule`].
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum InvalidCorsRule {
    /// No origin.
    #[error("a CORS rule allows at least one origin")]
    NoOrigin,
    /// No method.
    #[error("a CORS rule allows at least one method")]
    NoMethod,
    /// An origin with two `*`, or one that no header can hold.
    #[error("an allowed origin is visible ASCII with at most one `*`")]
    Origin,
    /// A header name with two `*`, or one that is no header name.
    #[error("an allowed header is a header name with at most one `*`")]
    AllowedHeader,
    /// A header name that is none; `*` is not allowed here.
    #[error("an exposed header is a header name, without `*`")]
    ExposeHeader,
    /// The id is over 255 characters.
    #[error("the id of a CORS rule has at most 255 characters")]
    Id,
}

impl CorsMethod {
    /// The method as in a document.
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
    /// A rule that allows these origins (at most one `*` in each) these methods, and no headers but those that need
    /// no leave.
    ///
    /// # Errors
    /// [`InvalidCorsRule`].
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

    /// The same rule with an id.
    ///
    /// # Errors
    /// [`InvalidCorsRule::Id`] over 255 characters.
    pub fn with_id(self, id: &str) -> Result<Self, InvalidCorsRule> {
        if id.chars().nth(255).is_some() {
            return Err(InvalidCorsRule::Id);
        }
        Ok(Self { id: Some(id.into()), ..self })
    }

    /// The same rule with these request headers allowed, at most one `*` in each.
    ///
    /// # Errors
    /// [`InvalidCorsRule::AllowedHeader`].
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

    /// The same rule with these response headers shown to scripts.
    ///
    /// # Errors
    /// [`InvalidCorsRule::ExposeHeader`].
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

    /// The same rule with the seconds for which a browser may remember the answer to a preflight.
    #[must_use]
    pub fn with_max_age_seconds(self, seconds: u32) -> Self {
        Self { max_age_seconds: Some(seconds), ..self }
    }

    /// The id.
    #[must_use]
    pub fn id(&self) -> Option<&str> {
        self.id.as_deref()
    }

    /// The origins allowed, at most one `*` in each.
    #[must_use]
    pub fn allowed_origins(&self) -> &[Box<str>] {
        &self.allowed_origins
    }

    /// The methods allowed.
    #[must_use]
    pub fn allowed_methods(&self) -> &[CorsMethod] {
        &self.allowed_methods
    }

    /// The request headers allowed, at most one `*` in each.
    #[must_use]
    pub fn allowed_headers(&self) -> &[Box<str>] {
        &self.allowed_headers
    }

    /// The response headers shown to scripts.
    #[must_use]
    pub fn expose_headers(&self) -> &[Box<str>] {
        &self.expose_headers
    }

    /// Seconds for which a browser may remember the answer to a preflight.
    #[must_use]
    pub const fn max_age_seconds(&self) -> Option<u32> {
        self.max_age_seconds
    }
}

/// RFC 9110 section 5.6.2; `*` is one of its characters.
pub(super) fn is_token(text: &str) -> bool {
    let fits = |byte: u8| byte.is_ascii_alphanumeric() || b"!#$%&'*+-.^_`|~".contains(&byte);
    !text.is_empty() && text.bytes().all(fits)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn methods() {
        assert_eq!("PUT".parse(), Ok(CorsMethod::Put));
        for text in ["put", "OPTIONS", "PATCH", "", "*"] {
            assert_eq!(text.parse::<CorsMethod>(), Err(InvalidCorsMethod), "{text}");
        }
    }

    #[test]
    fn what_is_no_rule() {
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
