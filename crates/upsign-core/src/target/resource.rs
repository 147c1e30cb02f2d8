//! A bucket or an access point.

use std::str::FromStr;

use crate::target::access_point::{AccessPoint, InvalidArn};
use crate::target::bucket::{Bucket, InvalidBucket};

/// What S3's API takes as `Bucket`: the name of a bucket, or the ARN of an access point.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Resource {
    /// A bucket, or an access point by its alias.
    Bucket(Bucket),
    /// An access point by its ARN.
    AccessPoint(AccessPoint),
}

/// Why a text is neither.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum InvalidResource {
    /// It does not start with `arn:` and is no bucket's name.
    #[error(transparent)]
    Bucket(#[from] InvalidBucket),
    /// It starts with `arn:` and is no access point's ARN.
    #[error(transparent)]
    Arn(#[from] InvalidArn),
}

impl FromStr for Resource {
    type Err = InvalidResource;

    fn from_str(text: &str) -> Result<Self, InvalidResource> {
        if text.starts_with("arn:") {
            Ok(Self::AccessPoint(text.parse()?))
        } else {
            Ok(Self::Bucket(text.parse()?))
        }
    }
}

impl From<Bucket> for Resource {
    fn from(bucket: Bucket) -> Self {
        Self::Bucket(bucket)
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
    fn by_name_or_by_arn() {
        let arn = "arn:aws:s3:us-west-2:123456789012:accesspoint/myap";
        assert!(matches!(arn.parse(), Ok(Resource::AccessPoint(point)) if point.as_str() == arn));
        assert!(matches!("abc".parse(), Ok(Resource::Bucket(bucket)) if bucket.as_str() == "abc"));
        assert_eq!("arn:".parse::<Resource>(), Err(InvalidResource::Arn(InvalidArn::Form)));
        assert_eq!("Abc".parse::<Resource>(), Err(InvalidResource::Bucket(InvalidBucket::Characters)));
    }
}
