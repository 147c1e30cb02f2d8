//! The paths of the endpoints.

use upsign_core::Dialect;

/// The default path of the endpoint that issues uploads.
pub const UPLOAD_URL: &str = "/upload-url";

/// The default path at and below which the endpoints for uploads that have begun are, such as `/uploads/parts`.
pub const UPLOADS: &str = "/uploads";

/// The reason why a text cannot be the path of an endpoint. Holds the path.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum InvalidPath {
    /// The path has characters or segments that servers and routers read differently.
    #[error(
        "the path `{0}` is not valid: expected segments of letters, digits, `-`, `.`, `_` and `~`, each after a `/`, for \
         example `/api/uploads`"
    )]
    Malformed(Box<str>),
    /// An endpoint for uploads that have begun and the endpoint that issues uploads would have the same path.
    #[error(
        "the path `{0}` would be that of two endpoints: choose another path for issuing uploads, or another one for uploads \
         that have begun"
    )]
    Taken(Box<str>),
    /// A dialect answers at the path.
    #[error("`{path}` is a path of the dialect `{dialect}`: choose another path, or switch the dialect off")]
    OfDialect {
        /// The dialect.
        dialect: Dialect,
        /// The path.
        path: Box<str>,
    },
}

/// Checks that every router reads `path` literally: without parameters (`{id}`, `:id`), wildcards, percent-encoding and
/// query, and without segments that clients or proxies remove (`.`, `..` and empty ones).
pub(crate) fn check(path: Box<str>) -> Result<Box<str>, InvalidPath> {
    let is_plain = |c: char| c.is_ascii_alphanumeric() || "-._~".contains(c);
    let is_segment = |segment: &str| !matches!(segment, "" | "." | "..") && segment.chars().all(is_plain);
    let valid = &*path == "/" || path.strip_prefix('/').is_some_and(|rest| rest.split('/').all(is_segment));
    if valid { Ok(path) } else { Err(InvalidPath::Malformed(path)) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_are_literal() {
        for path in ["/", "/upload-url", "/api/v1/uploads", "/a.b/~c_d"] {
            assert!(check(path.into()).is_ok(), "{path}");
        }
        let invalid = [
            "",
            "uploads",
            "//",
            "/a/",
            "/a//b",
            "/./a",
            "/..",
            "/a?b",
            "/a#b",
            "/{id}",
            "/:id",
            "/*",
            "/a%20b",
            "/ä",
            "/a b",
            "https://a/b",
        ];
        for path in invalid {
            assert_eq!(check(path.into()), Err(InvalidPath::Malformed(path.into())), "{path}");
        }
    }
}
