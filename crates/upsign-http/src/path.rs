//! The path of the endpoint.

/// The default path of the endpoint that issues uploads.
pub const UPLOAD_URL: &str = "/upload-url";

/// The reason why a text cannot be the path of the endpoint. Holds the text.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error(
    "the path `{0}` is not valid: expected segments of letters, digits, `-`, `.`, `_` and `~`, each after a `/`, for \
     example `/api/uploads`"
)]
#[non_exhaustive]
pub struct InvalidPath(Box<str>);

/// Checks that every router reads `path` literally: without parameters (`{id}`, `:id`), wildcards, percent-encoding and
/// query, and without segments that clients or proxies remove (`.`, `..` and empty ones).
pub(crate) fn check(path: Box<str>) -> Result<Box<str>, InvalidPath> {
    let is_plain = |c: char| c.is_ascii_alphanumeric() || "-._~".contains(c);
    let is_segment = |segment: &str| !matches!(segment, "" | "." | "..") && segment.chars().all(is_plain);
    let valid = &*path == "/" || path.strip_prefix('/').is_some_and(|rest| rest.split('/').all(is_segment));
    if valid { Ok(path) } else { Err(InvalidPath(path)) }
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
            assert_eq!(check(path.into()), Err(InvalidPath(path.into())), "{path}");
        }
    }
}
