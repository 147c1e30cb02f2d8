//! Bucket names.

use std::str::FromStr;

use crate::target::tenant::TenantBucket;

/// The name of a general purpose bucket or of a directory bucket (`BASE--ZONE--x-s3`), or the alias of an access point
/// (`…-s3alias`, `…--op-s3`).
///
/// A name has 3 to 63 characters `a-z`, `0-9`, `.` and `-`, starts and ends with a letter or digit, contains no `..`,
/// and does not look like an IPv4 address. The name of a directory bucket contains no dot.
///
/// Names of what takes no uploads of objects are rejected: Object Lambda access points (`--ol-s3`) and table buckets
/// (`--table-s3`). Access points of directory buckets (`--xa-s3`) are not supported.
///
/// Source: <https://docs.aws.amazon.com/AmazonS3/latest/userguide/bucketnamingrules.html>,
/// <https://docs.aws.amazon.com/AmazonS3/latest/userguide/directory-bucket-naming-rules.html>.
///
/// ```
/// use upsign_core::{Bucket, InvalidBucket};
/// assert!("article-images-bucket".parse::<Bucket>().is_ok());
/// let directory: Bucket = "logs--use1-az4--x-s3".parse()?;
/// assert_eq!(directory.zone(), Some("use1-az4"));
/// assert_eq!("logs--x-s3".parse::<Bucket>(), Err(InvalidBucket::Directory));
/// # Ok::<(), InvalidBucket>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Bucket(Box<str>);

/// The reason why a text is not a [`Bucket`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum InvalidBucket {
    /// The name does not have 3 to 63 characters; the field is the number it has.
    #[error("a bucket name must have 3 to 63 characters, but this one has {0}")]
    Length(usize),
    /// The text is a URL or a path, such as `s3://bucket/prefix`.
    #[error("write only the name of the bucket, without s3://, https:// and without a path")]
    Location,
    /// The text is an ARN.
    #[error("write the name of the bucket, not its ARN: the name is what follows `:::`")]
    Arn,
    /// The name contains an upper-case letter.
    #[error("a bucket name must be in lower case")]
    UpperCase,
    /// The name contains this character, which is not one of `a-z`, `0-9`, `.` and `-`.
    #[error("a bucket name must consist of a-z, 0-9, `.` and `-`, but this one contains {0:?}")]
    Character(char),
    /// The name starts or ends with `.` or `-`.
    #[error("a bucket name must start and end with a letter or a digit")]
    Ends,
    /// The name contains `..`.
    #[error("a bucket name must not contain `..`")]
    Dots,
    /// The name is an IPv4 address.
    #[error("a bucket name must not look like an IP address")]
    IpAddress,
    /// The name starts with `xn--`, which S3 reserves.
    #[error("a bucket name must not start with xn--")]
    Reserved,
    /// The name ends like that of a directory bucket (S3 Express One Zone) but has no zone, or contains a dot.
    #[error(
        "a name that ends in `--x-s3` must be that of a directory bucket, BASE--ZONE--x-s3 without dots, as in \
         uploads--use1-az4--x-s3"
    )]
    Directory,
    /// The name is that of an access point of a directory bucket.
    #[error(
        "an access point of a directory bucket (`--xa-s3`) is not supported: write the name of the directory bucket, which \
         ends in `--x-s3`"
    )]
    DirectoryAccessPoint,
    /// The name is the alias of an Object Lambda access point.
    #[error("an Object Lambda access point (`--ol-s3`) only transforms reads: it does not accept uploads")]
    ObjectLambda,
    /// The name is that of a table bucket.
    #[error("a table bucket (`--table-s3`) stores tables: it does not accept uploads of objects")]
    Table,
    /// The name ends like the alias of an access point on Outposts but does not contain an outpost id.
    #[error("a name that ends in `--op-s3` must be the alias of an access point on Outposts")]
    OutpostsAlias,
}

/// The hardware of an outpost, as encoded in the alias of an access point.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum OutpostsAlias<'a> {
    /// An Outposts server.
    Server,
    /// An Outposts rack, with its id without `op-`.
    Rack(&'a str),
}

/// The suffix of the names of directory buckets.
const DIRECTORY_SUFFIX: &str = "--x-s3";

/// Suffixes that S3 reserves for other kinds of buckets.
const UNSUPPORTED_SUFFIXES: [(&str, InvalidBucket); 3] = [
    ("--xa-s3", InvalidBucket::DirectoryAccessPoint),
    ("--ol-s3", InvalidBucket::ObjectLambda),
    ("--table-s3", InvalidBucket::Table),
];

impl Bucket {
    /// Returns the name as text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Returns `true` if the name contains a dot.
    ///
    /// A wildcard certificate covers a single label, so virtual-hosted addressing fails TLS for such a bucket, and path
    /// style must be used.
    #[must_use]
    pub fn is_dotted(&self) -> bool {
        self.0.contains('.')
    }

    /// Returns `true` for a directory bucket of S3 Express One Zone, which lacks many features of other buckets; see
    /// [`Capabilities::DIRECTORY_BUCKET`](crate::Capabilities::DIRECTORY_BUCKET).
    #[must_use]
    pub fn is_directory(&self) -> bool {
        self.zone().is_some()
    }

    /// Returns the Availability Zone or Local Zone of a directory bucket, for example `use1-az4`; `None` for other buckets.
    #[must_use]
    pub fn zone(&self) -> Option<&str> {
        let (base, zone) = self.0.strip_suffix(DIRECTORY_SUFFIX)?.rsplit_once("--")?;
        (!base.is_empty() && !zone.is_empty()).then_some(zone)
    }

    /// Wraps the ARN of an access point, which S3's API accepts in place of a bucket name. Parsing never produces such
    /// a value.
    pub(crate) fn from_arn(arn: &str) -> Self {
        Self(arn.into())
    }

    /// Wraps the bucket of a tenant. Parsing never produces such a value.
    pub(crate) fn of_tenant(bucket: &TenantBucket) -> Self {
        Self(bucket.as_str().into())
    }

    /// Returns the tenant of a target's bucket that is a [`TenantBucket`](crate::TenantBucket); `None` for other buckets.
    #[must_use]
    pub fn tenant(&self) -> Option<&str> {
        self.0.split_once(':').map(|(tenant, _)| tenant).filter(|tenant| *tenant != "arn")
    }

    /// Reads the hardware from an alias that ends in `--op-s3`; `None` for other names, an error for a malformed alias.
    ///
    /// Like the endpoint rules of the AWS SDKs, it reads fixed positions counted from the end of the name: the outpost
    /// id is the 17 bytes that precede the last 32, and the byte before it is `e` for a server and `o` for a rack.
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
        if name.starts_with("arn:") {
            return Err(InvalidBucket::Arn);
        }
        if name.contains('/') {
            return Err(InvalidBucket::Location);
        }
        if !(3..=63).contains(&name.len()) {
            return Err(InvalidBucket::Length(name.chars().count()));
        }
        match name.chars().find(|c| !matches!(c, 'a'..='z' | '0'..='9' | '.' | '-')) {
            Some('A'..='Z') => return Err(InvalidBucket::UpperCase),
            Some(c) => return Err(InvalidBucket::Character(c)),
            None => {}
        }
        if name.starts_with(['.', '-']) || name.ends_with(['.', '-']) {
            return Err(InvalidBucket::Ends);
        }
        if name.contains("..") {
            return Err(InvalidBucket::Dots);
        }
        if name.parse::<std::net::Ipv4Addr>().is_ok() {
            return Err(InvalidBucket::IpAddress);
        }
        if let Some((_, error)) = UNSUPPORTED_SUFFIXES.into_iter().find(|(suffix, _)| name.ends_with(suffix))
        {
            return Err(error);
        }
        if name.starts_with("xn--") {
            return Err(InvalidBucket::Reserved);
        }
        let bucket = Self(name.into());
        if name.ends_with(DIRECTORY_SUFFIX) && (bucket.is_dotted() || !bucket.is_directory()) {
            return Err(InvalidBucket::Directory);
        }
        match bucket.outposts_alias() {
            Some(Err(error)) => Err(error),
            _ => Ok(bucket),
        }
    }
}

crate::text_type!(Bucket);

#[cfg(test)]
mod tests {
    use super::*;

    const RACK: &str = "test-accessp-o0b1d075431d83bebde8xz5w8ijx1qzlbp3i3kuse10--op-s3";
    const SERVER: &str = "test-accessp-e0b1d075431d83bebde8xz5w8ijx1qzlbp3i3kuse10--op-s3";

    #[test]
    fn outposts_alias_names_the_hardware() {
        let alias = |name: &str| name.parse::<Bucket>().unwrap();
        assert_eq!(alias(RACK).outposts_alias(), Some(Ok(OutpostsAlias::Rack("0b1d075431d83bebd"))));
        assert_eq!(alias(SERVER).outposts_alias(), Some(Ok(OutpostsAlias::Server)));
        assert_eq!(alias("abc").outposts_alias(), None);
    }

    #[test]
    fn directory_bucket_names_the_zone() {
        let zone = |name: &str| name.parse::<Bucket>().unwrap().zone().map(str::to_owned);
        assert_eq!(zone("logs--use1-az4--x-s3").as_deref(), Some("use1-az4"));
        assert_eq!(zone("a--b--usw2-lax1-az1--x-s3").as_deref(), Some("usw2-lax1-az1"));
        assert_eq!(zone("logs--use1-az4--x-s3-logs"), None);
        assert_eq!(zone("abc"), None);
    }

    #[test]
    fn bucket_names_are_validated() {
        let alias = "myap-abcdefg1234567890123456789012345-s3alias";
        for name in ["abc", "article-images-bucket", "a.b.c", "1x1", &"b".repeat(63), alias, RACK, SERVER] {
            assert_eq!(name.parse::<Bucket>().unwrap().as_str(), name);
        }
        for (name, error) in [
            ("", InvalidBucket::Length(0)),
            ("ab", InvalidBucket::Length(2)),
            ("Bad", InvalidBucket::UpperCase),
            ("bad_bucket", InvalidBucket::Character('_')),
            ("bäd", InvalidBucket::Character('ä')),
            ("a b", InvalidBucket::Character(' ')),
            ("-ab", InvalidBucket::Ends),
            ("ab.", InvalidBucket::Ends),
            ("a..b", InvalidBucket::Dots),
            ("a/b", InvalidBucket::Location),
            ("s3://article-images-bucket", InvalidBucket::Location),
            ("arn:aws:s3:::article-images-bucket", InvalidBucket::Arn),
            ("127.0.0.1", InvalidBucket::IpAddress),
            ("xn--bucket", InvalidBucket::Reserved),
            ("logs--x-s3", InvalidBucket::Directory),
            ("use1-az4----x-s3", InvalidBucket::Directory),
            ("lo.gs--use1-az4--x-s3", InvalidBucket::Directory),
            ("logs--use1-az4--xa-s3", InvalidBucket::DirectoryAccessPoint),
            ("my-banner-9fhfbrw3b7oebi--ol-s3", InvalidBucket::ObjectLambda),
            ("tables--table-s3", InvalidBucket::Table),
            ("short--op-s3", InvalidBucket::OutpostsAlias),
            (&RACK.replace("-o0", "-x0"), InvalidBucket::OutpostsAlias),
        ] {
            assert_eq!(name.parse::<Bucket>(), Err(error), "{name}");
        }
    }
}
