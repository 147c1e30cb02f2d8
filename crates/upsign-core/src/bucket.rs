//! Where objects live: bucket and region names.

use std::fmt;
use std::str::FromStr;

/// The name of a general purpose bucket: 3 to 63 of `a-z 0-9 . -`, starting and ending with a letter or digit.
///
/// Source: <https://docs.aws.amazon.com/AmazonS3/latest/userguide/bucketnamingrules.html>.
/// Directory buckets (`--x-s3`) are refused by name: they sign with `s3express` sessions, which nothing here makes.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Bucket(Box<str>);

/// Why a text is not a [`Bucket`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum InvalidBucket {
    /// Not 3 to 63 characters.
    #[error("a bucket name has 3 to 63 characters, this one has {0}")]
    Length(usize),
    /// A character other than `a-z 0-9 . -`, or a `.` or `-` at an end, or two dots in a row.
    #[error(
        "a bucket name is made of a-z, 0-9, `.` and `-`, starts and ends with a letter or digit, and holds no `..`"
    )]
    Characters,
    /// Four numbers with dots between them.
    #[error("a bucket name must not look like an IP address")]
    IpAddress,
    /// The prefix `xn--`, which S3 keeps for itself.
    #[error("no bucket name starts with xn--")]
    Reserved,
    /// A directory bucket (S3 Express One Zone).
    #[error(
        "a directory bucket (`--x-s3`) cannot be presigned for: S3 Express signs with sessions of its own"
    )]
    Directory,
}

impl Bucket {
    /// The name as text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Whether the name holds a dot. AWS's wildcard certificate covers one label, so a virtual host of such a name
    /// fails TLS and the path form is the one that works.
    #[must_use]
    pub fn is_dotted(&self) -> bool {
        self.0.contains('.')
    }
}

impl FromStr for Bucket {
    type Err = InvalidBucket;

    fn from_str(name: &str) -> Result<Self, InvalidBucket> {
        if !(3..=63).contains(&name.len()) {
            return Err(InvalidBucket::Length(name.chars().count()));
        }
        let ends = |byte: Option<&u8>| byte.is_some_and(u8::is_ascii_alphanumeric);
        let fits = name.bytes().all(|b| matches!(b, b'a'..=b'z' | b'0'..=b'9' | b'.' | b'-'));
        if !fits || !ends(name.as_bytes().first()) || !ends(name.as_bytes().last()) || name.contains("..") {
            return Err(InvalidBucket::Characters);
        }
        if name.parse::<std::net::Ipv4Addr>().is_ok() {
            return Err(InvalidBucket::IpAddress);
        }
        if name.ends_with("--x-s3") {
            return Err(InvalidBucket::Directory);
        }
        if name.starts_with("xn--") {
            return Err(InvalidBucket::Reserved);
        }
        Ok(Self(name.into()))
    }
}

impl fmt::Display for Bucket {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// The region a request is signed for: 1 to 64 of `a-z 0-9 -`, as in `ap-southeast-1` or R2's `auto`.
///
/// There is no default: a URL signed for another region than the bucket's is refused, and a redirect breaks the
/// browser's preflight.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Region(Box<str>);

/// The text is not a region name.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("a region is 1 to 64 of a-z, 0-9 and `-`, as in ap-southeast-1")]
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
            && !name.ends_with('-');
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
    fn bucket_names() {
        for name in ["abc", "article-images-bucket", "a.b.c", "1x1", &"b".repeat(63)] {
            assert_eq!(name.parse::<Bucket>().unwrap().as_str(), name);
        }
        for (name, why) in [
            ("", InvalidBucket::Length(0)),
            ("ab", InvalidBucket::Length(2)),
            ("Bad", InvalidBucket::Characters),
            ("bad_bucket", InvalidBucket::Characters),
            ("-ab", InvalidBucket::Characters),
            ("ab.", InvalidBucket::Characters),
            ("a..b", InvalidBucket::Characters),
            ("a/b", InvalidBucket::Characters),
            ("127.0.0.1", InvalidBucket::IpAddress),
            ("xn--bucket", InvalidBucket::Reserved),
            ("logs--use1-az4--x-s3", InvalidBucket::Directory),
        ] {
            assert_eq!(name.parse::<Bucket>(), Err(why), "{name}");
        }
    }

    #[test]
    fn region_names() {
        for name in ["us-east-1", "auto", "cn-north-1", "garage"] {
            assert_eq!(name.parse::<Region>().unwrap().to_string(), name);
        }
        for name in ["", "US-EAST-1", "us east", "us/east", "us_east", "-a", "a-", &"r".repeat(65)] {
            assert_eq!(name.parse::<Region>(), Err(InvalidRegion), "{name}");
        }
    }
}
