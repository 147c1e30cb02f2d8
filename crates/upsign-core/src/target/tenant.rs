//! Buckets of a tenant of Ceph's Object Gateway.

use std::fmt;
use std::str::FromStr;

use crate::target::bucket::{Bucket, InvalidBucket};

/// A bucket of another tenant than that of the keys, `TENANT:BUCKET`. Only the Object Gateway of Ceph has tenants.
///
/// A tenant's name consists of letters, digits and `_`. The bucket is always part of the path, because a host name cannot contain
/// the colon.
///
/// Source: <https://docs.ceph.com/en/latest/radosgw/multitenancy/>.
///
/// ```
/// use upsign_core::TenantBucket;
/// let bucket: TenantBucket = "press:article-images".parse()?;
/// assert_eq!((bucket.tenant(), bucket.bucket().as_str()), ("press", "article-images"));
/// assert!("my-press:article-images".parse::<TenantBucket>().is_err());
/// # Ok::<(), upsign_core::InvalidTenantBucket>(())
/// ```
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct TenantBucket {
    text: Box<str>,
    tenant: Box<str>,
    bucket: Bucket,
}

/// The reason why a text is not a [`TenantBucket`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum InvalidTenantBucket {
    /// The text contains no colon, or the tenant is empty or contains another character than letters, digits and `_`.
    #[error(
        "a bucket of a tenant must be TENANT:BUCKET, and the tenant must consist of letters, digits and `_`"
    )]
    Tenant,
    /// The text after the colon is not the name of a bucket, or that of a directory bucket.
    #[error("the bucket of the tenant is invalid: {0}")]
    Bucket(InvalidBucket),
}

impl TenantBucket {
    /// Returns the text as it was parsed, `TENANT:BUCKET`.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.text
    }

    /// Returns the tenant.
    #[must_use]
    pub fn tenant(&self) -> &str {
        &self.tenant
    }

    /// Returns the bucket of the tenant.
    #[must_use]
    pub const fn bucket(&self) -> &Bucket {
        &self.bucket
    }
}

impl FromStr for TenantBucket {
    type Err = InvalidTenantBucket;

    fn from_str(text: &str) -> Result<Self, InvalidTenantBucket> {
        let (tenant, bucket) = text.split_once(':').ok_or(InvalidTenantBucket::Tenant)?;
        let fits = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'_';
        if tenant.is_empty() || !tenant.bytes().all(fits) {
            return Err(InvalidTenantBucket::Tenant);
        }
        let bucket: Bucket = bucket.parse().map_err(InvalidTenantBucket::Bucket)?;
        if bucket.is_directory() {
            return Err(InvalidTenantBucket::Bucket(InvalidBucket::Directory));
        }
        Ok(Self { text: text.into(), tenant: tenant.into(), bucket })
    }
}

crate::text_type!(TenantBucket);

impl fmt::Debug for TenantBucket {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "TenantBucket({})", self.text)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tenants_and_buckets_are_validated() {
        let fine: TenantBucket = "Team_7:a.b.c".parse().unwrap();
        assert_eq!(
            (fine.tenant(), fine.bucket().as_str(), fine.as_str()),
            ("Team_7", "a.b.c", "Team_7:a.b.c")
        );
        for text in ["", "abc", ":abc", "a-b:abc", "a.b:abc", "a b:abc", "é:abc"] {
            assert_eq!(text.parse::<TenantBucket>(), Err(InvalidTenantBucket::Tenant), "{text}");
        }
        for (text, error) in [
            ("a:", InvalidBucket::Length(0)),
            ("a:Abc", InvalidBucket::UpperCase),
            ("a:b:abc", InvalidBucket::Character(':')),
            ("a:abc/d", InvalidBucket::Location),
            ("a:abc--use1-az4--x-s3", InvalidBucket::Directory),
        ] {
            assert_eq!(text.parse::<TenantBucket>(), Err(InvalidTenantBucket::Bucket(error)), "{text}");
        }
    }
}
