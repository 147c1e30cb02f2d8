//! Extraction of the token from an `Authorization` header.

use std::ops::RangeInclusive;

use crate::rejection::Rejection;
use crate::token::pasted::PastedText;

/// The maximum length of a token in bytes, unless [`VerifierConfig::with_max_token_bytes`] changes it. API Gateway limits all
/// headers of a request together to 10,240 bytes.
///
/// [`VerifierConfig::with_max_token_bytes`]: crate::VerifierConfig::with_max_token_bytes
pub const DEFAULT_MAX_TOKEN_BYTES: usize = 8 * 1024;

/// The range of the [maximum length of a token](crate::VerifierConfig::with_max_token_bytes) in bytes. Most tokens have 600 bytes
/// or more, and no gateway of AWS accepts more than 64 KiB of headers, the limit of an Application Load Balancer.
///
/// Source: <https://docs.aws.amazon.com/elasticloadbalancing/latest/application/load-balancer-limits.html>.
pub const MAX_TOKEN_BYTES_RANGE: RangeInclusive<usize> = 1024..=LONGEST_TOKEN_BYTES;

/// The upper bound of every token, whatever is configured.
pub(crate) const LONGEST_TOKEN_BYTES: usize = 64 * 1024;

/// Returns the token of an `Authorization` header: `Bearer` in any case, a space and the token (RFC 6750, section 2.1).
///
/// With `accept_raw`, a header that consists of a token alone is accepted too, because some clients of Cognito authorizers
/// send it that way.
///
/// ```
/// use upsign_jwt::{Rejection, bearer};
/// assert_eq!(bearer("Bearer a.b.c", false), Ok("a.b.c"));
/// assert_eq!(bearer("a.b.c", false), Err(Rejection::NotBearer));
/// assert_eq!(bearer("a.b.c", true), Ok("a.b.c"));
/// ```
///
/// # Errors
/// Returns [`Rejection::NotBearer`] if the value has another form or the token contains characters that no token has,
/// [`Rejection::PastedText`] if it contains a token in quotation marks or with the scheme twice, and
/// [`Rejection::TokenTooLong`] if the token is longer than the end of [`MAX_TOKEN_BYTES_RANGE`]. A verifier rejects tokens that
/// are longer than its own maximum.
pub fn bearer(header_value: &str, accept_raw: bool) -> Result<&str, Rejection> {
    let token = match header_value.split_once(' ') {
        Some((scheme, token)) if scheme.eq_ignore_ascii_case("bearer") => token.trim_start_matches(' '),
        None if accept_raw => header_value,
        _ => return Err(Rejection::NotBearer),
    };
    if let Some(mistake) = PastedText::of(token) {
        return Err(Rejection::PastedText { mistake, in_header: true });
    }
    // The `b64token` of RFC 6750 without `=`, because a JWS has no padding.
    let is_allowed = |byte: u8| byte.is_ascii_alphanumeric() || b"-._~+/".contains(&byte);
    check_length(token, LONGEST_TOKEN_BYTES)?;
    if token.is_empty() || !token.bytes().all(is_allowed) { Err(Rejection::NotBearer) } else { Ok(token) }
}

/// Rejects a token that is longer than `max` bytes.
pub(crate) fn check_length(token: &str, max: usize) -> Result<(), Rejection> {
    if token.len() > max { Err(Rejection::TokenTooLong { bytes: token.len(), max }) } else { Ok(()) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(value: &str, bearer_only: Option<&str>, raw_accepted: Option<&str>) {
        assert_eq!(bearer(value, false).ok(), bearer_only, "{value:?}");
        assert_eq!(bearer(value, true).ok(), raw_accepted, "{value:?}");
    }

    #[test]
    fn forms_of_the_authorization_header() {
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
    fn mistakes_of_pasted_tokens_are_named() {
        let mistake = |value| bearer(value, true).unwrap_err();
        assert_eq!(
            mistake("Bearer \"a.b.c\""),
            Rejection::PastedText { mistake: PastedText::Quoted, in_header: true }
        );
        assert_eq!(
            mistake("Bearer Bearer a.b.c"),
            Rejection::PastedText { mistake: PastedText::Scheme, in_header: true }
        );
        assert_eq!(
            mistake("Bearer {\"access_token\":\"a.b.c\"}"),
            Rejection::PastedText { mistake: PastedText::TokenResponse, in_header: true }
        );
        assert_eq!(
            mistake("\"a.b.c\""),
            Rejection::PastedText { mistake: PastedText::Quoted, in_header: true }
        );
        assert_eq!(mistake("Basic a.b.c"), Rejection::NotBearer);
    }

    #[test]
    fn too_long_token_is_rejected() {
        let longest = "a".repeat(65_536);
        assert_eq!(bearer(&format!("Bearer {longest}"), false), Ok(longest.as_str()));
        let error = Rejection::TokenTooLong { bytes: 65_537, max: 65_536 };
        assert_eq!(bearer(&format!("Bearer {longest}a"), false), Err(error));
    }
}
