//! Resources: a bucket, a bucket of a tenant, or an access point.

use std::str::FromStr;

use crate::target::access_point::{AccessPoint, InvalidAccessPoint};
use crate::target::bucket::{Bucket, InvalidBucket};
use crate::target::tenant::{InvalidTenantBucket, TenantBucket};

/// The resource that holds the objects: a bucket, given by its name, an access point, given by its ARN, or a bucket of a tenant of
/// Ceph.
///
/// S3's API accepts each of them as its `Bucket` parameter.
///
/// ```
/// use upsign_core::Resource;
/// assert!(matches!("article-images-bucket".parse()?, Resource::Bucket(_)));
/// let arn = "arn:aws:s3:us-west-2:123456789012:accesspoint/uploads";
/// assert!(matches!(arn.parse()?, Resource::AccessPoint(_)));
/// # Ok::<(), upsign_core::InvalidResource>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[non_exhaustive]
pub enum Resource {
    /// A bucket name, or the alias of an access point.
    Bucket(Bucket),
    /// The ARN of an access point.
    AccessPoint(AccessPoint),
    /// A bucket of a tenant of Ceph, `TENANT:BUCKET`.
    Tenant(TenantBucket),
}

/// The reason why a text is not a [`Resource`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum InvalidResource {
    /// The text does not start with `arn:`, contains no colon, and is not a bucket name.
    #[error(transparent)]
    Bucket(#[from] InvalidBucket),
    /// The text starts with `arn:` and is not the ARN of a supported access point.
    #[error(transparent)]
    Arn(#[from] InvalidAccessPoint),
    /// The text contains a colon and is not the bucket of a tenant.
    #[error(transparent)]
    Tenant(#[from] InvalidTenantBucket),
}

impl Resource {
    /// Returns the bucket's name, the ARN or `TENANT:BUCKET` as text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        match self {
            Self::Bucket(bucket) => bucket.as_str(),
            Self::AccessPoint(point) => point.as_str(),
            Self::Tenant(bucket) => bucket.as_str(),
        }
    }
}

impl FromStr for Resource {
    type Err = InvalidResource;

    fn from_str(text: &str) -> Result<Self, InvalidResource> {
        if text.starts_with("arn:") {
            Ok(Self::AccessPoint(text.parse()?))
        } else if text.contains(':') && !text.contains('/') {
            Ok(Self::Tenant(text.parse()?))
        } else {
            Ok(Self::Bucket(text.parse()?))
        }
    }
}

crate::text_type!(Resource);

impl From<Bucket> for Resource {
    fn from(bucket: Bucket) -> Self {
        Self::Bucket(bucket)
    }
}

impl From<TenantBucket> for Resource {
    fn from(bucket: TenantBucket) -> Self {
        Self::Tenant(bucket)
    }
}

impl From<AccessPoint> for Resource {
    fn from(point: AccessPoint) -> Self {
        Self::AccessPoint(point)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_arns_and_tenants_are_distinguished_by_form() {
        let arn = "arn:aws:s3:us-west-2:123456789012:accesspoint/myap";
        assert!(matches!(arn.parse(), Ok(Resource::AccessPoint(point)) if point.as_str() == arn));
        assert!(matches!("abc".parse(), Ok(Resource::Bucket(bucket)) if bucket.as_str() == "abc"));
        assert!(
            matches!("press:abc".parse(), Ok(Resource::Tenant(bucket)) if bucket.as_str() == "press:abc")
        );
        let tenant = Err(InvalidResource::Tenant(InvalidTenantBucket::Tenant));
        assert_eq!("my-press:abc".parse::<Resource>(), tenant);
        let location = Err(InvalidResource::Bucket(InvalidBucket::Location));
        assert_eq!("s3://abc".parse::<Resource>(), location);
        assert_eq!("arn:".parse::<Resource>(), Err(InvalidResource::Arn(InvalidAccessPoint::Form)));
        assert_eq!("Abc".parse::<Resource>(), Err(InvalidResource::Bucket(InvalidBucket::UpperCase)));
    }
}
