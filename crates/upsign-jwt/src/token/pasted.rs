//! Texts that contain a token, but are not one: the mistakes of people who copy tokens.

use std::fmt;

/// A text that contains a token, but is not one.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum PastedText {
    /// The token is in quotation marks, as a JSON text is.
    Quoted,
    /// The token begins with `Bearer` and a space, which belong to the header.
    Scheme,
    /// The text is the JSON object of a token endpoint, which contains the tokens.
    TokenResponse,
}

impl PastedText {
    /// Recognizes a text by its beginning. No token begins so.
    pub(crate) fn of(text: &str) -> Option<Self> {
        let text = text.trim_start();
        let scheme = text.split_once(' ').map(|(scheme, _)| scheme);
        match text.chars().next()? {
            '"' | '\'' => Some(Self::Quoted),
            '{' => Some(Self::TokenResponse),
            _ if scheme.is_some_and(|scheme| scheme.eq_ignore_ascii_case("bearer")) => Some(Self::Scheme),
            _ => None,
        }
    }
}

impl fmt::Display for PastedText {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Quoted => "the token is in quotation marks; send it without them",
            Self::Scheme => {
                "the token begins with `Bearer `, which the header contains already; send it once"
            }
            Self::TokenResponse => {
                "this is a JSON object, not a token; send its member `access_token` or `id_token`"
            }
        })
    }
}
