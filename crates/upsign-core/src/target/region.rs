//! Region names.

use std::fmt;
use std::str::FromStr;

/// The region a request is signed for: 1 to 64 of `a-z 0-9 -`, as in `ap-southeast-1` or R2's `auto`.
///
/// There is no default: a URL signed for another region than the bucket's is refused, and a redirect breaks the
/// browser's preflight. For the same reason the SDKs' pseudo regions (`aws-global`, `aws-cn-global`, …), which stand for
/// an endpoint without a region, are refused.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Region(Box<str>);

/// The text is not a region name.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("a region is 1 to 64 of a-z, 0-9 and `-`, as in ap-southeast-1; aws-global and its like are none")]
#[non_exhaustive]
pub struct InvalidRegion;

impl Region {
    /// The region as text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl FromStr for Region {
    type Err = InvalidRegion;

    fn from_str(name: &str) -> Result<Self, InvalidRegion> {
        let fits = (1..=64).contains(&name.len())
            && name.bytes().all(|b| matches!(b, b'a'..=b'z' | b'0'..=b'9' | b'-'))
            && !name.starts_with('-')
            && !name.ends_with('-')
            && !(name.starts_with("aws-") && name.ends_with("-global"));
        if fits { Ok(Self(name.into())) } else { Err(InvalidRegion) }
    }
}

impl fmt::Display for Region {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn region_names() {
        for name in ["us-east-1", "auto", "cn-north-1", "garage"] {
            assert_eq!(name.parse::<Region>().unwrap().to_string(), name);
        }
        for name in [
            "",
            "US-EAST-1",
            "us east",
            "us/east",
            "us_east",
            "-a",
            "a-",
            "aws-global",
            "aws-iso-b-global",
            &"r".repeat(65),
        ] {
            assert_eq!(name.parse::<Region>(), Err(InvalidRegion), "{name}");
        }
    }
}
