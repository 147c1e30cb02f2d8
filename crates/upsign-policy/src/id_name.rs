//! The ids a policy declares.

use std::fmt;
use std::str::FromStr;

/// The name of a declared id: snake case in templates (`article_id`), camel case on the wire (`articleId`).
///
/// A declared id is a fresh UUID per upload; it may stand in the key and is returned to the caller under its wire name,
/// so a name that would hide a member of the response is refused ([`RESPONSE_MEMBERS`](IdName::RESPONSE_MEMBERS)), and
/// so is the name of a built-in placeholder.
///
/// ```
/// use upsign_policy::{IdName, InvalidIdName};
/// let name: IdName = "article_id".parse()?;
/// assert_eq!((name.as_str(), name.as_wire()), ("article_id", "articleId"));
/// assert_eq!("upload_url".parse::<IdName>(), Err(InvalidIdName::ResponseMember("uploadUrl")));
/// # Ok::<(), InvalidIdName>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct IdName {
    snake: Box<str>,
    camel: Box<str>,
}

/// Why a text is not an [`IdName`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum InvalidIdName {
    /// Not snake case.
    #[error(
        "an id is declared in snake case, as in `article_id`: 1 to 64 of a-z, 0-9 and single `_`, a letter first"
    )]
    Form,
    /// A placeholder has this name already.
    #[error("`{{{0}}}` is a built-in placeholder: declare the id under another name")]
    BuiltIn(&'static str),
    /// The response has a member of this name.
    #[error("the response has a member `{0}` already: declare the id under another name")]
    ResponseMember(&'static str),
}

impl IdName {
    /// The members an upload grant may have, in any dialect of the response: no declared id may take their names.
    pub const RESPONSE_MEMBERS: [&'static str; 22] = [
        "bucket",
        "completeUrl",
        "abortUrl",
        "expires",
        "expiresAt",
        "expiresAtIs",
        "expiresIn",
        "fields",
        "file",
        "files",
        "headers",
        "key",
        "location",
        "metadata",
        "method",
        "parts",
        "partSize",
        "status",
        "token",
        "uploadId",
        "uploadUrl",
        "url",
    ];

    /// The members a request may have: no id that clients may name can take their names.
    pub const REQUEST_MEMBERS: [&'static str; 8] = [
        "checksum",
        "contentDisposition",
        "contentLength",
        "contentType",
        "fileName",
        "metadata",
        "route",
        "tags",
    ];

    const MAX_BYTES: usize = 64;

    /// The name as declared and as it stands in a template: `article_id`.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.snake
    }

    /// The name of the response member: `articleId`.
    #[must_use]
    pub fn as_wire(&self) -> &str {
        &self.camel
    }
}

impl FromStr for IdName {
    type Err = InvalidIdName;

    fn from_str(text: &str) -> Result<Self, InvalidIdName> {
        if !is_snake_case(text) {
            return Err(InvalidIdName::Form);
        }
        if let Some(built_in) = crate::template::BUILT_IN.into_iter().find(|name| *name == text) {
            return Err(InvalidIdName::BuiltIn(built_in));
        }
        let camel = camel_case(text);
        if let Some(member) = Self::RESPONSE_MEMBERS.into_iter().find(|member| *member == camel) {
            return Err(InvalidIdName::ResponseMember(member));
        }
        Ok(Self { snake: text.into(), camel: camel.into() })
    }
}

impl fmt::Display for IdName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.snake)
    }
}

fn is_snake_case(text: &str) -> bool {
    text.len() <= IdName::MAX_BYTES
        && text.starts_with(|c: char| c.is_ascii_lowercase())
        && text.split('_').all(|word| {
            !word.is_empty() && word.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit())
        })
}

fn camel_case(snake: &str) -> String {
    let mut out = String::with_capacity(snake.len());
    for (index, word) in snake.split('_').enumerate() {
        let mut chars = word.chars();
        if index > 0 {
            out.extend(chars.next().map(|c| c.to_ascii_uppercase()));
        }
        out.push_str(chars.as_str());
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn wire_names() {
        for (snake, camel) in [
            ("article_id", "articleId"),
            ("a", "a"),
            ("article", "article"),
            ("v2_file_id", "v2FileId"),
            ("a_1", "a1"),
        ] {
            assert_eq!(snake.parse::<IdName>().unwrap().as_wire(), camel);
        }
    }

    #[test]
    fn refused_names() {
        for text in ["", "_a", "a_", "a__b", "1a", "articleId", "Article", "a-b", "é", "a b", &"a".repeat(65)]
        {
            assert_eq!(text.parse::<IdName>(), Err(InvalidIdName::Form), "{text}");
        }
        for text in ["id", "uuid", "sub", "ext", "filename", "date", "group", "claim", "sha256"] {
            assert_eq!(text.parse::<IdName>(), Err(InvalidIdName::BuiltIn(text)));
        }
        for (text, member) in [
            ("upload_url", "uploadUrl"),
            ("key", "key"),
            ("expires_in", "expiresIn"),
            ("method", "method"),
            ("headers", "headers"),
            ("expires_at", "expiresAt"),
            ("expires_at_is", "expiresAtIs"),
            ("fields", "fields"),
            ("token", "token"),
        ] {
            assert_eq!(text.parse::<IdName>(), Err(InvalidIdName::ResponseMember(member)));
        }
    }
}
