//! The name of the request header that contains the caller's token.

use std::str::FromStr;

use crate::forbidden_header::is_forbidden;

/// The request header that contains the token of a caller: `authorization` by default.
///
/// Another one is needed where a server in front of the API replaces `Authorization`, as origin access control of CloudFront
/// does with a signature of its own
/// (<https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/private-content-restricting-access-to-lambda.html>).
/// The token is then read from this header only.
///
/// The name is 1 to 64 letters, digits and `-`, begins with a letter, and is written in lowercase. Headers that browsers, proxies
/// and gateways set or interpret themselves are refused.
///
/// ```
/// use upsign_core::{InvalidTokenHeader, TokenHeader};
///
/// assert_eq!(TokenHeader::default().as_str(), "authorization");
/// let header: TokenHeader = "X-Upload-Token".parse()?;
/// assert_eq!(header.as_str(), "x-upload-token");
/// assert_eq!("x-forwarded-for".parse::<TokenHeader>(), Err(InvalidTokenHeader::Reserved));
/// # Ok::<(), InvalidTokenHeader>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct TokenHeader(Box<str>);

impl TokenHeader {
    /// Returns the name, in lowercase.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Returns whether this is the default, `authorization`.
    #[must_use]
    pub fn is_authorization(&self) -> bool {
        *self.0 == *AUTHORIZATION
    }
}

crate::text_type!(TokenHeader);

impl Default for TokenHeader {
    fn default() -> Self {
        Self(AUTHORIZATION.into())
    }
}

impl FromStr for TokenHeader {
    type Err = InvalidTokenHeader;

    fn from_str(text: &str) -> Result<Self, InvalidTokenHeader> {
        let name = text.to_ascii_lowercase();
        let is_name = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'-';
        let begins_with_letter = name.starts_with(|first: char| first.is_ascii_alphabetic());
        if !begins_with_letter || name.len() > MAX_BYTES || !name.bytes().all(is_name) {
            return Err(InvalidTokenHeader::Name);
        }
        let is_reserved = is_forbidden(&name)
            || RESERVED.contains(&&*name)
            || RESERVED_PREFIXES.iter().any(|prefix| name.starts_with(prefix));
        if is_reserved { Err(InvalidTokenHeader::Reserved) } else { Ok(Self(name.into())) }
    }
}

/// The reason why a text is not the name of a [`TokenHeader`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum InvalidTokenHeader {
    /// The text has another form. `_` is valid in the name of a header, but nginx and others drop such headers.
    #[error(
        "expected the name of a header, 1 to 64 letters, digits and `-`, beginning with a letter, such as x-upload-token"
    )]
    Name,
    /// The header has a meaning of its own.
    #[error(
        "browsers, proxies or gateways set or interpret this header themselves; choose another name, such as x-upload-token"
    )]
    Reserved,
}

const AUTHORIZATION: &str = "authorization";

const MAX_BYTES: usize = 64;

/// The beginnings of reserved names, in addition to the headers that only browsers set.
///
/// Sources: the signed headers of SigV4 and those that API Gateway, load balancers and CloudFront write (`x-amz-`, `x-amzn-`,
/// `x-edge-`, `cloudfront-`), and those that proxies write (`x-forwarded-`). `accept-`, `content-` and `if-` describe the request
/// and its body (RFC 9110).
const RESERVED_PREFIXES: [&str; 9] = [
    "accept-",
    "access-control-",
    "cloudfront-",
    "content-",
    "if-",
    "x-amz-",
    "x-amzn-",
    "x-edge-",
    "x-forwarded-",
];

/// Reserved names, in addition to the headers that only browsers set: the request headers of RFC 9110, and headers that servers in
/// front of an API commonly set. API Gateway reads `x-api-key`
/// (<https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-api-key-source.html>).
const RESERVED: [&str; 23] = [
    "accept",
    "cache-control",
    "forwarded",
    "from",
    "max-forwards",
    "pragma",
    "priority",
    "range",
    "retry-after",
    "traceparent",
    "tracestate",
    "true-client-ip",
    "user-agent",
    "vary",
    "via",
    "www-authenticate",
    "x-api-key",
    "x-client-ip",
    "x-http-method",
    "x-http-method-override",
    "x-method-override",
    "x-real-ip",
    "x-request-id",
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_written_in_lowercase() {
        for (text, name) in [
            ("Authorization", "authorization"),
            ("x-upload-token", "x-upload-token"),
            ("X-ID-Token", "x-id-token"),
            ("token", "token"),
            ("x-auth2", "x-auth2"),
        ] {
            assert_eq!(text.parse::<TokenHeader>().unwrap().as_str(), name);
        }
        assert!("AUTHORIZATION".parse::<TokenHeader>().unwrap().is_authorization());
        assert!(!"x-authorization".parse::<TokenHeader>().unwrap().is_authorization());
    }

    #[test]
    fn other_texts_are_no_names() {
        let long = "x".repeat(65);
        for text in
            ["", "x_token", "x token", "x:token", "1-token", "-token", "*", "t\u{f6}ken", "x\r\n", &long]
        {
            assert_eq!(text.parse::<TokenHeader>(), Err(InvalidTokenHeader::Name), "{text:?}");
        }
    }

    #[test]
    fn headers_with_a_meaning_of_their_own_are_reserved() {
        for text in [
            "Host",
            "cookie",
            "Origin",
            "Content-Type",
            "content-length",
            "X-Amz-Date",
            "x-amzn-oidc-data",
            "X-Forwarded-For",
            "Sec-Fetch-Mode",
            "proxy-authorization",
            "x-api-key",
            "traceparent",
            "transfer-encoding",
        ] {
            assert_eq!(text.parse::<TokenHeader>(), Err(InvalidTokenHeader::Reserved), "{text}");
        }
        assert!(RESERVED.is_sorted() && RESERVED_PREFIXES.is_sorted());
    }
}
