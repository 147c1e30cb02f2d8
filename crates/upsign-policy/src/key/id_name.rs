//! The names of declared ids.

use std::str::FromStr;

/// The name of a declared id: snake case in templates (`article_id`), camel case in requests and responses (`articleId`).
///
/// A declared id is a new UUID for each upload. It can be part of the key, and the response contains it under its wire name.
/// Therefore two kinds of names are invalid: those that would replace another member of the response
/// ([`RESPONSE_MEMBERS`](IdName::RESPONSE_MEMBERS)), and those of the built-in placeholders.
///
/// ```
/// use upsign_policy::{IdName, InvalidIdName};
/// let name: IdName = "article_id".parse()?;
/// assert_eq!((name.as_str(), name.wire_name()), ("article_id", "articleId"));
/// assert_eq!("upload_url".parse::<IdName>(), Err(InvalidIdName::ResponseMember("uploadUrl")));
/// # Ok::<(), InvalidIdName>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct IdName {
    snake: Box<str>,
    camel: Box<str>,
}

/// The reason why a text is not an [`IdName`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum InvalidIdName {
    /// The name is not in snake case.
    #[error(
        "the name of an id must be in snake case, for example `article_id`: 1 to 64 characters of a-z, 0-9 and single `_`, starting with a letter"
    )]
    Form,
    /// The name is that of a built-in placeholder.
    #[error("`{{{0}}}` is a built-in placeholder: declare the id with another name")]
    BuiltIn(&'static str),
    /// The wire name is that of a member of the response.
    #[error("`{0}` is already a member of the response: declare the id with another name")]
    ResponseMember(&'static str),
}

/// The names of the built-in placeholders.
pub(crate) const BUILT_IN_PLACEHOLDERS: [&str; 11] =
    ["claim", "date", "ext", "filename", "group", "id", "id:sealed", "issuer", "sha256", "sub", "uuid"];

impl IdName {
    /// The members that the response can have, in any of its formats. No declared id can have one of these wire names.
    pub const RESPONSE_MEMBERS: [&'static str; 29] = [
        "bucket",
        "completeUrl",
        "abortUrl",
        "checksumAlgorithm",
        "checksumType",
        "confirm",
        "contentLength",
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
        "partCount",
        "partSize",
        "partsAtOnce",
        "status",
        "token",
        "uploadId",
        "uploadToken",
        "uploadUrl",
        "url",
    ];

    /// The members that a request can have. No id that clients may supply can have one of these wire names.
    pub const REQUEST_MEMBERS: [&'static str; 11] = [
        "checksum",
        "checksumAlgorithm",
        "contentDisposition",
        "contentLength",
        "contentType",
        "fileName",
        "ifMatch",
        "metadata",
        "multipart",
        "route",
        "tags",
    ];

    const MAX_BYTES: usize = 64;

    /// Returns the name as it is written in templates: `article_id`.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.snake
    }

    /// Returns the name of the member in requests and responses: `articleId`.
    #[must_use]
    pub fn wire_name(&self) -> &str {
        &self.camel
    }
}

impl FromStr for IdName {
    type Err = InvalidIdName;

    fn from_str(text: &str) -> Result<Self, InvalidIdName> {
        if !is_snake_case(text) {
            return Err(InvalidIdName::Form);
        }
        if let Some(built_in) = BUILT_IN_PLACEHOLDERS.into_iter().find(|name| *name == text) {
            return Err(InvalidIdName::BuiltIn(built_in));
        }
        let camel = camel_case(text);
        if let Some(member) = Self::RESPONSE_MEMBERS.into_iter().find(|member| *member == camel) {
            return Err(InvalidIdName::ResponseMember(member));
        }
        Ok(Self { snake: text.into(), camel: camel.into() })
    }
}

upsign_core::text_type!(IdName);

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
    fn wire_names_are_camel_case() {
        for (snake, camel) in [
            ("article_id", "articleId"),
            ("a", "a"),
            ("article", "article"),
            ("v2_file_id", "v2FileId"),
            ("a_1", "a1"),
        ] {
            assert_eq!(snake.parse::<IdName>().unwrap().wire_name(), camel);
        }
    }

    #[test]
    fn invalid_names_are_rejected() {
        for text in ["", "_a", "a_", "a__b", "1a", "articleId", "Article", "a-b", "é", "a b", &"a".repeat(65)]
        {
            assert_eq!(text.parse::<IdName>(), Err(InvalidIdName::Form), "{text}");
        }
        for text in ["id", "uuid", "issuer", "sub", "ext", "filename", "date", "group", "claim", "sha256"] {
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
            ("upload_token", "uploadToken"),
            ("part_count", "partCount"),
            ("content_length", "contentLength"),
        ] {
            assert_eq!(text.parse::<IdName>(), Err(InvalidIdName::ResponseMember(member)));
        }
    }
}
