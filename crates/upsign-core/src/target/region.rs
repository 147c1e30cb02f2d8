//! Region names.

use std::str::FromStr;

/// The region for which a request is signed, such as `ap-southeast-1`, or `auto` on Cloudflare R2.
///
/// A region has 1 to 64 characters `a-z`, `0-9` and `-`. It does not have to be a known region of AWS.
///
/// There is no default: S3 rejects or redirects a URL that was signed for another region than the bucket's, and
/// browsers do not follow a redirect of a CORS preflight. For the same reason, the pseudo regions of the AWS SDKs
/// (`aws-global`, `aws-cn-global`, …), which select an endpoint without a region, are rejected.
///
/// ```
/// use upsign_core::Region;
/// assert!("ap-southeast-1".parse::<Region>().is_ok());
/// assert!("aws-global".parse::<Region>().is_err());
/// ```
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Region(Box<str>);

/// The text is not the name of a [`Region`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error(
    "a region must be 1 to 64 characters a-z, 0-9 and `-`, as in ap-southeast-1; aws-global and other pseudo regions are not supported"
)]
#[non_exhaustive]
pub struct InvalidRegion;

impl Region {
    /// Returns the region as text.
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

crate::text_type!(Region);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn region_names_are_validated() {
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
