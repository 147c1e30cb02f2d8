//! The value of `WWW-Authenticate`.

use http::HeaderValue;
use upsign_core::TokenHeader;

/// Returns the challenge for bearer tokens: `Bearer` (RFC 6750 section 3), with the parameter `header` if the token is expected in
/// another header than `Authorization`.
///
/// RFC 6750 defines no such parameter, and clients ignore those that they do not know (RFC 9110 section 11.2). It is for an
/// [`Authenticate`](crate::Authenticate) of your own; `BearerToken` sends it already.
///
/// ```
/// use upsign_http::bearer_challenge;
///
/// assert_eq!(bearer_challenge(&"authorization".parse()?), "Bearer");
/// assert_eq!(bearer_challenge(&"x-upload-token".parse()?), "Bearer header=\"x-upload-token\"");
/// # Ok::<(), upsign_http::InvalidTokenHeader>(())
/// ```
#[must_use]
pub fn bearer_challenge(header: &TokenHeader) -> HeaderValue {
    let bearer = HeaderValue::from_static("Bearer");
    if header.is_authorization() {
        return bearer;
    }
    HeaderValue::try_from(format!("Bearer header=\"{header}\"")).unwrap_or(bearer)
}

/// Returns `true` for a challenge of the scheme `Bearer`, whose name is case-insensitive (RFC 9110 section 11.1).
pub(crate) fn is_bearer(challenge: &HeaderValue) -> bool {
    let scheme = challenge.to_str().ok().and_then(|challenge| challenge.split(' ').next());
    scheme.is_some_and(|scheme| scheme.eq_ignore_ascii_case("Bearer"))
}

/// Returns the header in which a challenge of [`bearer_challenge`] expects the token.
pub(crate) fn token_header(challenge: &HeaderValue) -> &str {
    let parameters = challenge.to_str().unwrap_or_default();
    let named = parameters.split_once(" header=\"").and_then(|(_, rest)| rest.split('"').next());
    named.unwrap_or("authorization")
}

/// Returns the challenge with the parameter `error`, if it is of the scheme `Bearer` (RFC 6750 section 3).
///
/// The first parameter follows the scheme after a space, and every other one a comma.
pub(crate) fn with_error(challenge: &HeaderValue, error: &str) -> HeaderValue {
    let Some(text) = challenge.to_str().ok().filter(|_| is_bearer(challenge)) else {
        return challenge.clone();
    };
    let text = text.trim_end();
    let separator = if text.contains(' ') { ", " } else { " " };
    let with_error = HeaderValue::try_from(format!("{text}{separator}error=\"{error}\""));
    with_error.unwrap_or_else(|_| challenge.clone())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn header_of_the_token_is_a_parameter_unless_it_is_the_default() {
        let default = bearer_challenge(&TokenHeader::default());
        assert_eq!(
            (&default, token_header(&default)),
            (&HeaderValue::from_static("Bearer"), "authorization")
        );
        let other = bearer_challenge(&"X-Upload-Token".parse().unwrap());
        assert_eq!(other, "Bearer header=\"x-upload-token\"");
        let with_error = with_error(&other, "invalid_token");
        assert_eq!(with_error, "Bearer header=\"x-upload-token\", error=\"invalid_token\"");
        assert_eq!(token_header(&with_error), "x-upload-token");
        assert_eq!(token_header(&HeaderValue::from_static("bearer realm=\"app\"")), "authorization");
    }
}
