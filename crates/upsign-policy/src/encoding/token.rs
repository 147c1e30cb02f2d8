//! The `token` rule of HTTP.

/// Returns whether `text` is a `token` of RFC 9110 section 5.6.2: one or more letters, digits and `!#$%&'*+-.^_`|~`.
pub(crate) fn is_token(text: &str) -> bool {
    let fits = |byte: u8| byte.is_ascii_alphanumeric() || b"!#$%&'*+-.^_`|~".contains(&byte);
    !text.is_empty() && text.bytes().all(fits)
}
