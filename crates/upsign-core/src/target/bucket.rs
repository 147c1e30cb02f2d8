//! Where objects live: bucket and region names.

use std::fmt;
use std::str::FromStr;

/// The name of a general purpose bucket, or the alias of an access point (`…-s3alias`, `…--op-s3`): 3 to 63 of
/// `a-z 0-9 . -`, starting and ending with a letter or digit.
///
/// Source: <https://docs.aws.amazon.com/AmazonS3/latest/userguide/bucketnamingrules.html>.
///
/// Refused by name, since nothing here could sign for them: directory buckets (`--x-s3`, and their access points
/// `--xa-s3`), which sign with `s3express` sessions, Object Lambda aliases (`--ol-s3`) and table buckets (`--table-s3`).
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
    /// The alias of an Object Lambda access point.
    #[error(
        "an Object Lambda access point (`--ol-s3`) transforms what is read: nothing can be uploaded through it"
    )]
    ObjectLambda,
    /// A table bucket.
    #[error("a table bucket (`--table-s3`) holds tables and no objects of your own")]
    Table,
    /// It ends like the alias of an access point on Outposts and is none.
    #[error("the name ends in `--op-s3` and is not the alias of an access point on Outposts")]
    OutpostsAlias,
}

/// What the alias of an access point on Outposts says of the hardware.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum OutpostsAlias<'a> {
    /// An Outposts server.
    Server,
    /// An Outposts rack, by its id without `op-`.
    Rack(&'a str),
}

const REFUSED_BY_NAME: [(&str, InvalidBucket); 4] = [
    ("--x-s3", InvalidBucket::Directory),
    ("--xa-s3", InvalidBucket::Directory),
    ("--ol-s3", InvalidBucket::ObjectLambda),
    ("--table-s3", InvalidBucket::Table),
];

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

    /// The text that S3's API takes in place of a bucket's name: an ARN. It is no name: nothing parses it to a `Bucket`.
    pub(crate) fn standing_in(arn: &str) -> Self {
        Self(arn.into())
    }

    /// Read from fixed places from the end, as the endpoint rules of the SDKs do.
    pub(crate) fn outposts_alias(&self) -> Option<Result<OutpostsAlias<'_>, InvalidBucket>> {
        let name = self.0.strip_suffix("--op-s3")?;
        let from_end = |from: usize, to: usize| {
            let len = self.0.len();
            self.0.get(len.checked_sub(to)?..len.checked_sub(from)?)
        };
        let id = from_end(32, 49).filter(|id| id.bytes().all(|byte| byte.is_ascii_alphanumeric()));
        Some(match (from_end(49, 50), id) {
            _ if name.contains('.') => Err(InvalidBucket::OutpostsAlias),
            (Some("e"), Some(_)) => Ok(OutpostsAlias::Server),
            (Some("o"), Some(id)) => Ok(OutpostsAlias::Rack(id)),
            _ => Err(InvalidBucket::OutpostsAlias),
        })
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
        if let Some((_, why)) = REFUSED_BY_NAME.into_iter().find(|(suffix, _)| name.ends_with(suffix)) {
            return Err(why);
        }
        if name.starts_with("xn--") {
            return Err(InvalidBucket::Reserved);
        }
        let bucket = Self(name.into());
        match bucket.outposts_alias() {
            Some(Err(why)) => Err(why),
            _ => Ok(bucket),
        }
    }
}

impl fmt::Display for Bucket {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const RACK: &str = "test-accessp-o0b1d075431d83bebde8xz5w8ijx1qzlbp3i3kuse10--op-s3";
    const SERVER: &str = "test-accessp-e0b1d075431d83bebde8xz5w8ijx1qzlbp3i3kuse10--op-s3";

    #[test]
    fn aliases_on_outposts() {
        let alias = |name: &str| name.parse::<Bucket>().unwrap();
        assert_eq!(alias(RACK).outposts_alias(), Some(Ok(OutpostsAlias::Rack("0b1d075431d83bebd"))));
        assert_eq!(alias(SERVER).outposts_alias(), Some(Ok(OutpostsAlias::Server)));
        assert_eq!(alias("abc").outposts_alias(), None);
    }

    #[test]
    fn bucket_names() {
        let alias = "myap-abcdefg1234567890123456789012345-s3alias";
        for name in ["abc", "article-images-bucket", "a.b.c", "1x1", &"b".repeat(63), alias, RACK, SERVER] {
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
            ("logs--use1-az4--xa-s3", InvalidBucket::Directory),
            ("my-banner-9fhfbrw3b7oebi--ol-s3", InvalidBucket::ObjectLambda),
            ("tables--table-s3", InvalidBucket::Table),
            ("short--op-s3", InvalidBucket::OutpostsAlias),
            (&RACK.replace("-o0", "-x0"), InvalidBucket::OutpostsAlias),
        ] {
            assert_eq!(name.parse::<Bucket>(), Err(why), "{name}");
        }
    }
}
