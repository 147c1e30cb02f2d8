//! S3 access points, identified by their ARNs.

use std::fmt;
use std::str::FromStr;

use crate::target::partition::Partition;
use crate::target::region::Region;

/// The ARN of an access point, which S3's API accepts in place of a bucket name.
///
/// | ARN | access point of | signed with |
/// | --- | --- | --- |
/// | `arn:aws:s3:us-west-2:123456789012:accesspoint/name` | a bucket | SigV4 for `s3` |
/// | `arn:aws:s3-outposts:us-west-2:123456789012:outpost/op-…/accesspoint/name` | a bucket on Outposts | SigV4 for `s3-outposts` |
/// | `arn:aws:s3::123456789012:accesspoint/alias.mrap` | buckets in several regions | SigV4a |
///
/// The parts of the resource may be separated by `:` or `/`. Access points of S3 Object Lambda and of directory buckets
/// are rejected with a specific error.
///
/// Source: <https://docs.aws.amazon.com/AmazonS3/latest/userguide/access-points-naming.html>,
/// <https://docs.aws.amazon.com/AmazonS3/latest/userguide/MultiRegionAccessPointRequests.html>.
///
/// ```
/// use upsign_core::{AccessPoint, InvalidAccessPoint};
/// let point: AccessPoint = "arn:aws:s3:us-west-2:123456789012:accesspoint/uploads".parse()?;
/// assert_eq!((point.name(), point.account()), ("uploads", "123456789012"));
/// let lambda = "arn:aws:s3-object-lambda:us-west-2:123456789012:accesspoint/banner";
/// assert_eq!(lambda.parse::<AccessPoint>(), Err(InvalidAccessPoint::ObjectLambda));
/// # Ok::<(), InvalidAccessPoint>(())
/// ```
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct AccessPoint {
    arn: Box<str>,
    partition: Box<str>,
    account: Box<str>,
    name: Box<str>,
    location: Location,
}

/// The location of the buckets behind an access point.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) enum Location {
    Region(Region),
    /// The region and the id of the outpost.
    Outpost(Region, Box<str>),
    MultiRegion,
}

/// The reason why a text is not the ARN of a supported [`AccessPoint`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum InvalidAccessPoint {
    /// The text does not have the form `arn:partition:service:region:account:resource`.
    #[error("the ARN must have six parts: arn:partition:service:region:account:resource")]
    Form,
    /// The ARN is that of a bucket, such as `arn:aws:s3:::article-images-bucket`.
    #[error("this is the ARN of a bucket: write the name of the bucket, which follows `:::`")]
    Bucket,
    /// The service is neither `s3` nor `s3-outposts`.
    #[error("the service of the ARN must be s3 or s3-outposts")]
    Service,
    /// The ARN names an access point of S3 Object Lambda, which only transforms reads.
    #[error("an Object Lambda access point only transforms reads: it does not accept uploads")]
    ObjectLambda,
    /// The ARN names a directory bucket, or an access point of one.
    #[error(
        "access points of directory buckets are not supported: write the name of the directory bucket, which ends in `--x-s3`"
    )]
    Directory,
    /// The region is missing, is not a region name, or does not belong to the ARN's partition.
    #[error("the region of the ARN is missing, malformed, or not in the partition that the ARN names")]
    Region,
    /// The account is not twelve digits.
    #[error("the account of the ARN must be twelve digits")]
    Account,
    /// The resource is not `accesspoint/NAME`, or `outpost/ID/accesspoint/NAME` on Outposts.
    #[error("the resource of the ARN must be accesspoint/NAME, or outpost/ID/accesspoint/NAME on Outposts")]
    Resource,
    /// The name does not consist of 3 to 50 characters `a-z`, `0-9` and `-`, or the alias of a multi-region access
    /// point does not end in `.mrap`.
    #[error(
        "the access point name must be 3 to 50 characters a-z, 0-9 and `-`; a multi-region alias must end in .mrap"
    )]
    Name,
    /// The id of the outpost contains other characters than `a-z`, `0-9` and `-`. The id becomes part of the host,
    /// which browsers send in lowercase, so a signature over an uppercase letter would not match.
    #[error("the outpost id must consist of a-z, 0-9 and `-`")]
    Outpost,
}

impl AccessPoint {
    /// Returns the ARN as it was parsed.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.arn
    }

    /// Returns the name, or the alias of a multi-region access point, such as `mfzwi23gnjvgw.mrap`.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Returns the owner's account id, which has twelve digits.
    #[must_use]
    pub fn account(&self) -> &str {
        &self.account
    }

    /// Returns the region, or `None` for a multi-region access point.
    #[must_use]
    pub const fn region(&self) -> Option<&Region> {
        match &self.location {
            Location::Region(region) | Location::Outpost(region, _) => Some(region),
            Location::MultiRegion => None,
        }
    }

    /// Returns `true` for a multi-region access point, whose requests are signed with SigV4a.
    #[must_use]
    pub const fn is_multi_region(&self) -> bool {
        matches!(self.location, Location::MultiRegion)
    }

    pub(crate) fn partition(&self) -> &str {
        &self.partition
    }

    pub(crate) const fn location(&self) -> &Location {
        &self.location
    }

    fn on_s3(
        arn: &str,
        partition: &str,
        region: &str,
        account: &str,
        resource: &[&str],
    ) -> Result<Self, InvalidAccessPoint> {
        let &["accesspoint", name] = resource else {
            let is_bucket = region.is_empty() && account.is_empty();
            return Err(if is_bucket { InvalidAccessPoint::Bucket } else { InvalidAccessPoint::Resource });
        };
        if region.is_empty() {
            let alias = name.strip_suffix(".mrap").ok_or(InvalidAccessPoint::Name)?;
            let fits = (1..=58).contains(&alias.len()) && alias.bytes().all(is_lower_alphanumeric);
            return if fits {
                Self::new(arn, partition, account, name, Location::MultiRegion)
            } else {
                Err(InvalidAccessPoint::Name)
            };
        }
        let location = Location::Region(parse_region(partition, region)?);
        if is_name(name) {
            Self::new(arn, partition, account, name, location)
        } else {
            Err(InvalidAccessPoint::Name)
        }
    }

    fn on_outposts(
        arn: &str,
        partition: &str,
        region: &str,
        account: &str,
        resource: &[&str],
    ) -> Result<Self, InvalidAccessPoint> {
        let &["outpost", id, "accesspoint", name] = resource else {
            return Err(InvalidAccessPoint::Resource);
        };
        let fits = (1..=63).contains(&id.len())
            && id.bytes().all(|byte| is_lower_alphanumeric(byte) || byte == b'-')
            && !id.starts_with('-')
            && !id.ends_with('-');
        if !fits {
            return Err(InvalidAccessPoint::Outpost);
        }
        let location = Location::Outpost(parse_region(partition, region)?, id.into());
        if is_name(name) {
            Self::new(arn, partition, account, name, location)
        } else {
            Err(InvalidAccessPoint::Name)
        }
    }

    fn new(
        arn: &str,
        partition: &str,
        account: &str,
        name: &str,
        location: Location,
    ) -> Result<Self, InvalidAccessPoint> {
        if account.len() != 12 || !account.bytes().all(|byte| byte.is_ascii_digit()) {
            return Err(InvalidAccessPoint::Account);
        }
        Ok(Self {
            arn: arn.into(),
            partition: partition.into(),
            account: account.into(),
            name: name.into(),
            location,
        })
    }
}

impl FromStr for AccessPoint {
    type Err = InvalidAccessPoint;

    fn from_str(arn: &str) -> Result<Self, InvalidAccessPoint> {
        let parts: Vec<&str> = arn.splitn(6, ':').collect();
        let &["arn", partition, service, region, account, resource] = parts.as_slice() else {
            return Err(InvalidAccessPoint::Form);
        };
        if partition.is_empty() || resource.is_empty() {
            return Err(InvalidAccessPoint::Form);
        }
        let resource: Vec<&str> = resource.split([':', '/']).collect();
        match service {
            "s3" => Self::on_s3(arn, partition, region, account, &resource),
            "s3-outposts" => Self::on_outposts(arn, partition, region, account, &resource),
            "s3-object-lambda" => Err(InvalidAccessPoint::ObjectLambda),
            "s3express" => Err(InvalidAccessPoint::Directory),
            _ => Err(InvalidAccessPoint::Service),
        }
    }
}

crate::text_type!(AccessPoint);

impl fmt::Debug for AccessPoint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "AccessPoint({})", self.arn)
    }
}

fn parse_region(partition: &str, region: &str) -> Result<Region, InvalidAccessPoint> {
    let region: Region = region.parse().map_err(|_| InvalidAccessPoint::Region)?;
    if Partition::of(&region).name() == partition { Ok(region) } else { Err(InvalidAccessPoint::Region) }
}

/// Checks the name of an access point. `NAME-ACCOUNT` must fit into one label of a host name, which limits the name to
/// 50 characters.
fn is_name(name: &str) -> bool {
    (3..=50).contains(&name.len())
        && name.bytes().all(|byte| is_lower_alphanumeric(byte) || byte == b'-')
        && !name.starts_with('-')
        && !name.ends_with('-')
}

const fn is_lower_alphanumeric(byte: u8) -> bool {
    byte.is_ascii_lowercase() || byte.is_ascii_digit()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(arn: &str, name: &str, region: Option<&str>) {
        let point: AccessPoint = arn.parse().unwrap();
        assert_eq!((point.name(), point.account()), (name, "123456789012"));
        assert_eq!(point.region().map(Region::as_str), region);
        assert_eq!((point.to_string().as_str(), point.is_multi_region()), (arn, region.is_none()));
    }

    #[test]
    fn arns_of_every_kind_parse() {
        check("arn:aws:s3:us-west-2:123456789012:accesspoint/myap", "myap", Some("us-west-2"));
        check("arn:aws:s3:us-west-2:123456789012:accesspoint:myap", "myap", Some("us-west-2"));
        check("arn:aws-cn:s3:cn-north-1:123456789012:accesspoint/my-ap", "my-ap", Some("cn-north-1"));
        check(
            "arn:aws:s3-outposts:us-west-2:123456789012:outpost/op-01234567890123456/accesspoint/myap",
            "myap",
            Some("us-west-2"),
        );
        check(
            "arn:aws:s3-outposts:us-west-2:123456789012:outpost:op-01234567890123456:accesspoint:myap",
            "myap",
            Some("us-west-2"),
        );
        check("arn:aws:s3::123456789012:accesspoint/mfzwi23gnjvgw.mrap", "mfzwi23gnjvgw.mrap", None);
    }

    #[test]
    fn malformed_and_unsupported_arns_are_rejected() {
        for (arn, error) in [
            ("", InvalidAccessPoint::Form),
            ("abc", InvalidAccessPoint::Form),
            ("arn:aws:s3:us-west-2:123456789012", InvalidAccessPoint::Form),
            ("arn:aws:s3:us-west-2:123456789012:", InvalidAccessPoint::Form),
            ("arn::s3:us-west-2:123456789012:accesspoint/myap", InvalidAccessPoint::Form),
            ("ARN:aws:s3:us-west-2:123456789012:accesspoint/myap", InvalidAccessPoint::Form),
            ("arn:aws:sqs:us-west-2:123456789012:q", InvalidAccessPoint::Service),
            (
                "arn:aws:s3-object-lambda:us-west-2:123456789012:accesspoint/banner",
                InvalidAccessPoint::ObjectLambda,
            ),
            (
                "arn:aws:s3express:us-west-2:123456789012:accesspoint/a--use1-az4--xa-s3",
                InvalidAccessPoint::Directory,
            ),
            ("arn:aws:s3:US:123456789012:accesspoint/myap", InvalidAccessPoint::Region),
            ("arn:aws-cn:s3:us-west-2:123456789012:accesspoint/myap", InvalidAccessPoint::Region),
            ("arn:aws:s3-outposts::123456789012:outpost/op-1/accesspoint/myap", InvalidAccessPoint::Region),
            ("arn:aws:s3:us-west-2:12345678901:accesspoint/myap", InvalidAccessPoint::Account),
            ("arn:aws:s3:us-west-2:12345678901x:accesspoint/myap", InvalidAccessPoint::Account),
            ("arn:aws:s3:us-west-2::accesspoint/myap", InvalidAccessPoint::Account),
            ("arn:aws:s3:::article-images-bucket", InvalidAccessPoint::Bucket),
            ("arn:aws:s3:us-west-2:123456789012:accesspoint", InvalidAccessPoint::Resource),
            ("arn:aws:s3:us-west-2:123456789012:accesspoint/myap/object/k", InvalidAccessPoint::Resource),
            ("arn:aws:s3:us-west-2:123456789012:bucket_name:mybucket", InvalidAccessPoint::Resource),
            (
                "arn:aws:s3-outposts:us-west-2:123456789012:outpost/op-1/bucket/b",
                InvalidAccessPoint::Resource,
            ),
            ("arn:aws:s3:us-west-2:123456789012:accesspoint/bad_name", InvalidAccessPoint::Name),
            ("arn:aws:s3:us-west-2:123456789012:accesspoint/", InvalidAccessPoint::Name),
            ("arn:aws:s3:us-west-2:123456789012:accesspoint/-ap", InvalidAccessPoint::Name),
            ("arn:aws:s3:us-west-2:123456789012:accesspoint/a.b.c", InvalidAccessPoint::Name),
            ("arn:aws:s3::123456789012:accesspoint/myap", InvalidAccessPoint::Name),
            ("arn:aws:s3::123456789012:accesspoint/a.b.mrap", InvalidAccessPoint::Name),
            (
                "arn:aws:s3-outposts:us-west-2:123456789012:outpost/op_1/accesspoint/myap",
                InvalidAccessPoint::Outpost,
            ),
            (
                "arn:aws:s3-outposts:us-west-2:123456789012:outpost/op-A/accesspoint/myap",
                InvalidAccessPoint::Outpost,
            ),
        ] {
            assert_eq!(arn.parse::<AccessPoint>(), Err(error), "{arn}");
        }
        let name = format!("arn:aws:s3:us-west-2:123456789012:accesspoint/{}", "a".repeat(51));
        assert_eq!(name.parse::<AccessPoint>(), Err(InvalidAccessPoint::Name));
    }
}
