//! The token in an `Authorization` header.

use crate::Rejection;

/// The longest token that is looked at, in bytes: what the header limits of API Gateway and ALB leave room for.
pub const MAX_TOKEN_BYTES: usize = 8_192;

/// The token in the value of an `Authorization` header: `Bearer`, in any case, a space, the token (RFC 6750, section
/// 2.1). With `accept_raw`, also a token alone, as some clients send it to a Cognito authorizer.
///
/// ```
/// use upsign_cognito::{Rejection, bearer};
/// assert_eq!(bearer("Bearer a.b.c", false), Ok("a.b.c"));
/// assert_eq!(bearer("a.b.c", false), Err(Rejection::NotBearer));
/// assert_eq!(bearer("a.b.c", true), Ok("a.b.c"));
/// ```
///
/// # Errors
/// [`Rejection::NotBearer`], [`Rejection::TokenTooLong`].
pub fn bearer(header_value: &str, accept_raw: bool) -> Result<&str, Rejection> {
    let token = match header_value.split_once(' ') {
        Some((scheme, token)) if scheme.eq_ignore_ascii_case("bearer") => token.trim_start_matches(' '),
        None if accept_raw => header_value,
        _ => return Err(Rejection::NotBearer),
    };
    // RFC 6750's b64token less `=`: a JWS is never padded.
    let fits = |byte: u8| byte.is_ascii_alphanumeric() || b"-._~+/".contains(&byte);
    if token.len() > MAX_TOKEN_BYTES {
        return Err(Rejection::TokenTooLong { bytes: token.len() });
    }
    if token.is_empty() || !token.bytes().all(fits) { Err(Rejection::NotBearer) } else { Ok(token) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(value: &str, bearer_only: Option<&str>, raw_too: Option<&str>) {
        assert_eq!(bearer(value, false).ok(), bearer_only, "{value:?}");
        assert_eq!(bearer(value, true).ok(), raw_too, "{value:?}");
    }

    #[test]
    fn what_carries_a_token() {
        check("Bearer a.b.c", Some("a.b.c"), Some("a.b.c"));
        check("bearer a.b.c", Some("a.b.c"), Some("a.b.c"));
        check("BEARER a.b.c", Some("a.b.c"), Some("a.b.c"));
        check("a.b.c", None, Some("a.b.c"));
        check("Bearer", None, Some("Bearer"));
        check("", None, None);
        check("Bearer ", None, None);
        check("Bearer  a.b.c", Some("a.b.c"), Some("a.b.c"));
        check("Bearer\ta.b.c", None, None);
        check(" Bearer a.b.c", None, None);
        check("Bearer a.b.c ", None, None);
        check("Bearer a.b.c, Bearer d.e.f", None, None);
        check("Basic a.b.c", None, None);
        check("Bearer a.b.c=", None, None);
        check("Bearer \"a.b.c\"", None, None);
        check("Bearer é.b.c", None, None);
    }

    #[test]
    fn the_length_is_capped() {
        let longest = "a".repeat(MAX_TOKEN_BYTES);
        assert_eq!(bearer(&format!("Bearer {longest}"), false), Ok(longest.as_str()));
        let why = Rejection::TokenTooLong { bytes: MAX_TOKEN_BYTES + 1 };
        assert_eq!(bearer(&format!("Bearer {longest}a"), false), Err(why));
    }
}
