//! The CORS headers of the upload API, except the allowed origins, which are a [`CorsOrigins`](crate::CorsOrigins).
//!
//! The API sends them itself, and a gateway in front of it that answers preflights repeats them. Both read them here, so that
//! a gateway allows what the API allows.
//!
//! Source: <https://fetch.spec.whatwg.org/#http-cors-protocol>.

use std::fmt;

use crate::forbidden_header::is_forbidden;
use crate::token_header::TokenHeader;

/// The value of `Access-Control-Allow-Methods`.
pub const ALLOW_METHODS: &str = "POST";

/// The headers that pages may always send: the token of the caller, and the type of the body. [`AllowHeaders`] can contain
/// further ones, and another header for the token.
pub const ALLOW_HEADERS: [&str; 2] = ["authorization", "content-type"];

/// The headers of a request that is signed with temporary AWS credentials, in addition to `authorization`. An API whose callers
/// IAM identifies allows them ([`AllowHeaders::with_signature_headers`]), because the AWS SDKs for browsers send them.
///
/// Source: <https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_sigv-create-signed-request.html>.
pub const SIGNATURE_HEADERS: [&str; 3] = ["x-amz-date", "x-amz-security-token", "x-amz-content-sha256"];

/// The value of `Access-Control-Expose-Headers`: what a page needs to retry, or to learn why its token was rejected.
pub const EXPOSE_HEADERS: &str = "retry-after, www-authenticate";

/// The value of `Access-Control-Max-Age`, in seconds: how long a browser keeps the answer to a preflight.
pub const MAX_AGE: u32 = 600;

/// The maximum number of names that are added to [`ALLOW_HEADERS`].
const MAX_NAMES: usize = 32;

/// The maximum length of a name.
const MAX_NAME_BYTES: usize = 64;

/// The request headers that pages may send to the API: the value of `Access-Control-Allow-Headers`.
///
/// The default is [`ALLOW_HEADERS`]. A page that sends another header, for example because a library adds `traceparent` to
/// every request, fails at the preflight until the header is listed here. The first header is always that of the token.
///
/// ```
/// use upsign_core::api_cors::AllowHeaders;
///
/// let headers = AllowHeaders::default().with_names(["traceparent", "X-Api-Key"])?;
/// assert_eq!(headers.to_string(), "authorization, content-type, traceparent, x-api-key");
/// assert!(AllowHeaders::default().with_names(["*"]).is_err());
/// # Ok::<(), upsign_core::api_cors::InvalidAllowHeader>(())
/// ```
#[derive(Clone, Debug)]
pub struct AllowHeaders {
    token: TokenHeader,
    /// The other headers. The name of `token` can be among them, so that this header stays allowed if the token moves to another
    /// one.
    others: Vec<Box<str>>,
}

impl Default for AllowHeaders {
    fn default() -> Self {
        let [_, others @ ..] = ALLOW_HEADERS;
        Self { token: TokenHeader::default(), others: others.map(Into::into).into() }
    }
}

impl PartialEq for AllowHeaders {
    fn eq(&self, other: &Self) -> bool {
        self.iter().eq(other.iter())
    }
}

impl Eq for AllowHeaders {}

impl AllowHeaders {
    /// Sets the header that contains the token, in place of `authorization`.
    ///
    /// ```
    /// use upsign_core::TokenHeader;
    /// use upsign_core::api_cors::AllowHeaders;
    ///
    /// let header: TokenHeader = "x-upload-token".parse()?;
    /// let headers = AllowHeaders::default().with_token_header(&header);
    /// assert_eq!(headers.to_string(), "x-upload-token, content-type");
    /// # Ok::<(), upsign_core::InvalidTokenHeader>(())
    /// ```
    #[must_use]
    pub fn with_token_header(self, header: &TokenHeader) -> Self {
        Self { token: header.clone(), ..self }
    }

    /// Adds the headers of a signature with AWS credentials, [`SIGNATURE_HEADERS`], for an API whose callers IAM identifies. They
    /// do not count towards the maximum of [`with_names`](Self::with_names) if they are added after it.
    ///
    /// ```
    /// use upsign_core::api_cors::AllowHeaders;
    ///
    /// let headers = AllowHeaders::default().with_signature_headers();
    /// assert!(headers.contains("x-amz-date") && headers.contains("authorization"));
    /// ```
    #[must_use]
    pub fn with_signature_headers(mut self) -> Self {
        SIGNATURE_HEADERS.into_iter().for_each(|name| self.add(name));
        self
    }

    /// Adds the headers that a known client sends, in lowercase, for an API that answers its [`Dialect`](crate::Dialect). They do
    /// not count towards the maximum of [`with_names`](Self::with_names) if they are added after it.
    ///
    /// ```
    /// use upsign_core::api_cors::AllowHeaders;
    ///
    /// let headers = AllowHeaders::default().with_client_headers(["x-csrf-token"]);
    /// assert_eq!(headers.to_string(), "authorization, content-type, x-csrf-token");
    /// ```
    #[must_use]
    pub fn with_client_headers(mut self, names: impl IntoIterator<Item = &'static str>) -> Self {
        names.into_iter().for_each(|name| self.add(name));
        self
    }

    /// Adds names of headers. They are written in lowercase, and a name that is already listed is not added again.
    ///
    /// # Errors
    /// Returns [`InvalidAllowHeader`] if a name is not 1 to 64 letters, digits, `-` and `_`, if browsers never let a page set
    /// the header, or if more than 32 names are added. Other characters are valid in names of headers
    /// (RFC 9110 section 5.6.2), but not in the documents of every gateway. The wildcard `*` is not a name.
    pub fn with_names(
        mut self,
        names: impl IntoIterator<Item = impl AsRef<str>>,
    ) -> Result<Self, InvalidAllowHeader> {
        for name in names {
            let name = name.as_ref().to_ascii_lowercase();
            check_name(&name)?;
            self.add(&name);
        }
        // All but the header of the token, which the defaults contain too.
        if self.others.len() > ALLOW_HEADERS.len() - 1 + MAX_NAMES {
            return Err(InvalidAllowHeader::TooMany);
        }
        Ok(self)
    }

    fn add(&mut self, name: &str) {
        if !self.others.iter().any(|known| **known == *name) {
            self.others.push(name.into());
        }
    }

    /// Returns whether the list contains a name, given in lowercase.
    #[must_use]
    pub fn contains(&self, name: &str) -> bool {
        self.iter().any(|known| known == name)
    }

    /// Returns the names in lowercase, that of the header with the token first.
    pub fn iter(&self) -> impl Iterator<Item = &str> {
        let token = self.token.as_str();
        let others = self.others.iter().map(AsRef::as_ref).filter(move |name| *name != token);
        std::iter::once(token).chain(others)
    }
}

impl fmt::Display for AllowHeaders {
    /// Writes the value of `Access-Control-Allow-Headers`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.iter().collect::<Vec<_>>().join(", "))
    }
}

/// The reason why a name is not one of the [`AllowHeaders`].
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum InvalidAllowHeader {
    /// The name has another form.
    #[error("expected the name of a header, 1 to 64 letters, digits, `-` and `_`")]
    Name,
    /// Browsers set the header themselves.
    #[error("browsers do not let a page set this header")]
    Forbidden,
    /// There are too many names.
    #[error("more than 32 names")]
    TooMany,
}

fn check_name(name: &str) -> Result<(), InvalidAllowHeader> {
    let is_name = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'-' || byte == b'_';
    if name.is_empty() || name.len() > MAX_NAME_BYTES || !name.bytes().all(is_name) {
        return Err(InvalidAllowHeader::Name);
    }
    if is_forbidden(name) {
        return Err(InvalidAllowHeader::Forbidden);
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_headers_that_a_page_can_set_are_listed() {
        let add = |name: &str| AllowHeaders::default().with_names([name]);
        for name in ["", "*", "a b", "a'", "a,b", "\u{e9}", &"x".repeat(65)] {
            assert_eq!(add(name), Err(InvalidAllowHeader::Name), "{name}");
        }
        for name in ["Host", "cookie", "Sec-Fetch-Mode", "proxy-authorization"] {
            assert_eq!(add(name), Err(InvalidAllowHeader::Forbidden), "{name}");
        }
        assert_eq!(add("Authorization"), Ok(AllowHeaders::default()));
        let twice = AllowHeaders::default().with_names(["X-A", "x-a", "content-type"]).unwrap();
        assert_eq!(twice.to_string(), "authorization, content-type, x-a");
        let many = (0..33).map(|n| format!("x-{n}"));
        assert_eq!(AllowHeaders::default().with_names(many), Err(InvalidAllowHeader::TooMany));
        let full = AllowHeaders::default().with_names((0..32).map(|n| format!("x-{n}"))).unwrap();
        let signed = full.with_signature_headers();
        assert!(SIGNATURE_HEADERS.iter().all(|name| signed.contains(name)), "a full list gets them too");
    }

    #[test]
    fn header_of_the_token_is_listed_once_and_replaces_the_default() {
        let header: TokenHeader = "x-upload-token".parse().unwrap();
        let with = |names: &[&str]| AllowHeaders::default().with_names(names).unwrap();
        let tracing = with(&["traceparent", "X-Upload-Token"]).with_token_header(&header);
        assert_eq!(tracing.to_string(), "x-upload-token, content-type, traceparent");
        assert_eq!(tracing.clone().with_token_header(&header), tracing);
        // A page can still send another header of that name, if it is listed.
        let both = AllowHeaders::default().with_token_header(&header).with_names(["authorization"]).unwrap();
        assert_eq!(
            both.with_token_header(&header).to_string(),
            "x-upload-token, content-type, authorization"
        );
    }
}
