//! In which way a path differs from the signed one.

use percent_encoding::percent_decode_str;

/// How the path that arrived came from the signed one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum PathChange {
    EncodedTwice,
    DecodedTwice,
    PlusForSpace,
    Normalized,
    BucketAdded,
    BucketRemoved,
    CaseChanged,
    Other,
}

impl PathChange {
    /// Returns the change, or `None` if S3 reads both paths as the same.
    pub(super) fn between(signed: &str, arrived: &str) -> Option<Self> {
        let (before, after) = (decoded(signed), decoded(arrived));
        if before == after {
            return None;
        }
        Some(if decoded(&after) == before {
            Self::EncodedTwice
        } else if decoded(&before) == after {
            Self::DecodedTwice
        } else if before.replace('+', " ") == after.replace('+', " ") {
            Self::PlusForSpace
        } else if without_dots(&before) == after {
            Self::Normalized
        } else if first_segment_removed(&after).is_some_and(|rest| rest == before) {
            Self::BucketAdded
        } else if first_segment_removed(&before).is_some_and(|rest| rest == after) {
            Self::BucketRemoved
        } else if before.eq_ignore_ascii_case(&after) {
            Self::CaseChanged
        } else {
            Self::Other
        })
    }

    /// Returns whether the key is the same, in another notation.
    pub(super) const fn is_encoding(self) -> bool {
        matches!(self, Self::EncodedTwice | Self::DecodedTwice | Self::PlusForSpace | Self::Normalized)
    }

    /// Returns what happened, as the end of a sentence that begins with "the path".
    pub(super) const fn sentence(self) -> &'static str {
        match self {
            Self::EncodedTwice => {
                "the path was percent-encoded once more after the URL was signed: its % became %25"
            }
            Self::DecodedTwice => {
                "the path was percent-decoded after the URL was signed: a %25 of it became %"
            }
            Self::PlusForSpace => "the path has a space where + was signed, or + where a space was signed",
            Self::Normalized => {
                "the path was normalized after the URL was signed: // or a segment . or .. was removed"
            }
            Self::BucketAdded => {
                "the path has one segment more at its start than was signed, such as the bucket"
            }
            Self::BucketRemoved => {
                "the path lacks its first segment, such as the bucket or the prefix of a proxy"
            }
            Self::CaseChanged => "the path differs in upper and lower case from the signed one",
            Self::Other => "the request was sent for another path than the URL was signed for",
        }
    }
}

fn decoded(path: &str) -> String {
    percent_decode_str(path).decode_utf8_lossy().into_owned()
}

/// Removes empty segments and those of dots, as URL parsers and proxies do.
fn without_dots(path: &str) -> String {
    let mut kept: Vec<&str> = Vec::new();
    for segment in path.split('/').skip(1) {
        match segment {
            "." => {}
            ".." => {
                kept.pop();
            }
            "" if kept.is_empty() => {}
            other => kept.push(other),
        }
    }
    let end = kept.last().copied();
    let inner = kept.iter().enumerate().filter(|(at, it)| !it.is_empty() || *at + 1 == kept.len());
    let joined = inner.map(|(_, it)| *it).collect::<Vec<_>>().join("/");
    // A slash at the end is an empty last segment.
    if end == Some("") && kept.len() == 1 { "/".to_owned() } else { format!("/{joined}") }
}

fn first_segment_removed(path: &str) -> Option<&str> {
    let rest = path.strip_prefix('/')?;
    rest.get(rest.find('/')?..)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(signed: &str, arrived: &str, expected: Option<PathChange>) {
        assert_eq!(PathChange::between(signed, arrived), expected, "{signed} {arrived}");
    }

    #[test]
    fn changes_of_paths_are_recognized() {
        check("/a/b.jpg", "/a/b.jpg", None);
        check("/a/b%20c", "/a/b c", None);
        check("/a/%7Eb", "/a/~b", None);
        check("/a/b%20c", "/a/b%2520c", Some(PathChange::EncodedTwice));
        check("/a/100%2525", "/a/100%25", Some(PathChange::DecodedTwice));
        check("/a/b%20c", "/a/b+c", Some(PathChange::PlusForSpace));
        check("/a/b%2Bc", "/a/b%20c", Some(PathChange::PlusForSpace));
        check("/a/../b", "/b", Some(PathChange::Normalized));
        check("/a//b", "/a/b", Some(PathChange::Normalized));
        check("/a/b", "/bucket/a/b", Some(PathChange::BucketAdded));
        check("/bucket/a/b", "/a/b", Some(PathChange::BucketRemoved));
        check("/a/B", "/a/b", Some(PathChange::CaseChanged));
        check("/a/b", "/a/c", Some(PathChange::Other));
        check("/", "/a", Some(PathChange::Other));
    }
}
