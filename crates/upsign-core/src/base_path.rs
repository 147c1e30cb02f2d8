//! The path below which the upload API is reachable.

use std::fmt;
use std::str::FromStr;

/// The path that a server in front of the upload API does not remove, such as `/api` behind CloudFront, a load balancer or a
/// reverse proxy. Empty by default.
///
/// The text is empty, or segments of letters, digits, `-`, `.`, `_` and `~`, each after a `/`. A slash at the end is removed.
///
/// ```
/// use upsign_core::BasePath;
///
/// let base: BasePath = "/api/v1/".parse()?;
/// assert_eq!(base.as_str(), "/api/v1");
/// assert_eq!(base.strip("/api/v1/upload-url"), Some("/upload-url"));
/// assert_eq!(base.strip("/api/v10/upload-url"), None);
/// # Ok::<(), upsign_core::InvalidBasePath>(())
/// ```
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct BasePath(Box<str>);

impl BasePath {
    /// Returns the path without a slash at the end, which is empty by default.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Returns whether there is no base path.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Returns the rest of a path below this one, or `None` if the path is not below it.
    #[must_use]
    pub fn strip<'a>(&self, path: &'a str) -> Option<&'a str> {
        path.strip_prefix(&*self.0).filter(|rest| rest.is_empty() || rest.starts_with('/'))
    }
}

impl FromStr for BasePath {
    type Err = InvalidBasePath;

    fn from_str(text: &str) -> Result<Self, InvalidBasePath> {
        let path = text.strip_suffix('/').unwrap_or(text);
        let is_plain = |c: char| c.is_ascii_alphanumeric() || "-._~".contains(c);
        let is_segment = |segment: &str| !matches!(segment, "" | "." | "..") && segment.chars().all(is_plain);
        let is_valid =
            path.is_empty() || path.strip_prefix('/').is_some_and(|rest| rest.split('/').all(is_segment));
        if is_valid && path.len() <= MAX_BYTES { Ok(Self(path.into())) } else { Err(InvalidBasePath(())) }
    }
}

impl fmt::Display for BasePath {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// A rule of a load balancer compares paths of at most 128 characters
/// (<https://docs.aws.amazon.com/elasticloadbalancing/latest/application/rule-condition-types.html>).
const MAX_BYTES: usize = 64;

/// The error for a text that is not a [`BasePath`].
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error(
    "expected a path of at most 64 characters: segments of letters, digits, `-`, `.`, `_` and `~`, each after a `/`, such as \
     /api"
)]
pub struct InvalidBasePath(());

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn base_paths_are_literal_segments() {
        for (text, path) in
            [("", ""), ("/", ""), ("/api", "/api"), ("/api/", "/api"), ("/a.b/~c_d-e", "/a.b/~c_d-e")]
        {
            assert_eq!(text.parse::<BasePath>().unwrap().as_str(), path);
        }
        let long = format!("/{}", "a".repeat(64));
        for text in
            ["api", "//", "/a//b", "/..", "/./a", "/a b", "/a%20b", "/{id}", "/a?b", "https://a/b", &long]
        {
            assert!(text.parse::<BasePath>().is_err(), "{text}");
        }
    }

    #[test]
    fn only_whole_segments_are_stripped() {
        let base: BasePath = "/api".parse().unwrap();
        for (path, rest) in [
            ("/api/upload-url", Some("/upload-url")),
            ("/api", Some("")),
            ("/api/", Some("/")),
            ("/apis/upload-url", None),
            ("/upload-url", None),
        ] {
            assert_eq!(base.strip(path), rest, "{path}");
        }
        assert_eq!(BasePath::default().strip("/upload-url"), Some("/upload-url"));
    }
}
