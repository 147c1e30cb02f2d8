//! Access points, by their ARNs.

use std::fmt;
use std::str::FromStr;

use crate::target::partition::Partition;
use crate::target::region::Region;

/// An access point: what S3's API takes in place of a bucket's name, as an ARN.
///
/// | ARN | what | signed with |
/// | --- | --- | --- |
/// | `arn:aws:s3:us-west-2:123456789012:accesspoint/name` | of a bucket | SigV4 for `s3` |
/// | `arn:aws:s3-outposts:us-west-2:123456789012:outpost/op-…/accesspoint/name` | of a bucket on Outposts | SigV4 for `s3-outposts` |
/// | `arn:aws:s3::123456789012:accesspoint/alias.mrap` | of buckets in many regions | SigV4a |
///
/// The parts of the resource may be separated by `:` or `/`. Access points of S3 Object Lambda and of directory buckets
/// are refused by name.
///
/// Source: <https://docs.aws.amazon.com/AmazonS3/latest/userguide/access-points-naming.html>,
/// <https://docs.aws.amazon.com/AmazonS3/latest/userguide/MultiRegionAccessPointRequests.html>.
///
/// ```
/// use upsign_core::{AccessPoint, InvalidArn};
/// let point: AccessPoint = "arn:aws:s3:us-west-2:123456789012:accesspoint/uploads".parse()?;
/// assert_eq!((point.name(), point.account()), ("uploads", "123456789012"));
/// let lambda = "arn:aws:s3-object-lambda:us-west-2:123456789012:accesspoint/banner";
/// assert_eq!(lambda.parse::<AccessPoint>(), Err(InvalidArn::ObjectLambda));
/// # Ok::<(), InvalidArn>(())
/// ```
#[derive(Clone, PartialEq, Eq, Hash)]
pub struct AccessPoint {
    arn: Box<str>,
    partition: Box<str>,
    account: Box<str>,
    name: Box<str>,
    place: Place,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(crate) enum Place {
    Region(Region),
    Outpost(Region, Box<str>),
    ManyRegions,
}

/// Why a text is not the ARN of an access point that can be signed for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum InvalidArn {
    /// Not `arn:partition:service:region:account:resource`.
    #[error("an ARN has six parts, arn:partition:service:region:account:resource")]
    Form,
    /// The service is not S3.
    #[error("the ARN is not of service s3 or s3-outposts")]
    Service,
    /// An access point of S3 Object Lambda.
    #[error("an Object Lambda access point transforms what is read: nothing can be uploaded through it")]
    ObjectLambda,
    /// An access point of a directory bucket.
    #[error(
        "a directory bucket's access point cannot be presigned for: S3 Express signs with sessions of its own"
    )]
    Directory,
    /// The region is none, missing, or of another partition than the ARN names.
    #[error("the ARN's region is missing, no region name, or of another partition than the ARN's")]
    Region,
    /// Not twelve digits.
    #[error("the ARN's account is not twelve digits")]
    Account,
    /// Not `accesspoint/NAME`, or on Outposts `outpost/ID/accesspoint/NAME`.
    #[error("the ARN's resource is not accesspoint/NAME, or outpost/ID/accesspoint/NAME on Outposts")]
    Resource,
    /// Not 3 to 50 of `a-z 0-9 -`, or of a multi-region access point not `….mrap`.
    #[error(
        "an access point's name is 3 to 50 of a-z, 0-9 and `-`, a multi-region one's alias ends in .mrap"
    )]
    Name,
    /// The id of the outpost. It becomes a part of the host, which browsers send in lower case: an upper-case letter
    /// would be signed and not arrive.
    #[error("an outpost's id is made of a-z, 0-9 and `-`")]
    Outpost,
}

impl AccessPoint {
    /// The ARN as it was given.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.arn
    }

    /// The access point's name; of a multi-region one its alias, as in `mfzwi23gnjvgw.mrap`.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The account that owns it: twelve digits.
    #[must_use]
    pub fn account(&self) -> &str {
        &self.account
    }

    /// The region it is in; none for a multi-region access point.
    #[must_use]
    pub const fn region(&self) -> Option<&Region> {
        match &self.place {
            Place::Region(region) | Place::Outpost(region, _) => Some(region),
            Place::ManyRegions => None,
        }
    }

    /// Whether it stands before buckets in many regions: requests to it are signed with SigV4a.
    #[must_use]
    pub const fn is_multi_region(&self) -> bool {
        matches!(self.place, Place::ManyRegions)
    }

    pub(crate) fn partition(&self) -> &str {
        &self.partition
    }

    pub(crate) const fn place(&self) -> &Place {
        &self.place
    }

    fn on_s3(
        arn: &str,
        partition: &str,
        region: &str,
        account: &str,
        resource: &[&str],
    ) -> Result<Self, InvalidArn> {
        let &["accesspoint", name] = resource else { return Err(InvalidArn::Resource) };
        if region.is_empty() {
            let alias = name.strip_suffix(".mrap").ok_or(InvalidArn::Name)?;
            let fits = (1..=58).contains(&alias.len()) && alias.bytes().all(is_lower_alphanumeric);
            return if fits {
                Self::new(arn, partition, account, name, Place::ManyRegions)
            } else {
                Err(InvalidArn::Name)
            };
        }
        let place = Place::Region(region_of(partition, region)?);
        if is_name(name) { Self::new(arn, partition, account, name, place) } else { Err(InvalidArn::Name) }
    }

    fn on_outposts(
        arn: &str,
        partition: &str,
        region: &str,
        account: &str,
        resource: &[&str],
    ) -> Result<Self, InvalidArn> {
        let &["outpost", id, "accesspoint", name] = resource else { return Err(InvalidArn::Resource) };
        let fits = (1..=63).contains(&id.len())
            && id.bytes().all(|byte| is_lower_alphanumeric(byte) || byte == b'-')
            && !id.starts_with('-')
            && !id.ends_with('-');
        if !fits {
            return Err(InvalidArn::Outpost);
        }
        let place = Place::Outpost(region_of(partition, region)?, id.into());
        if is_name(name) { Self::new(arn, partition, account, name, place) } else { Err(InvalidArn::Name) }
    }

    fn new(arn: &str, partition: &str, account: &str, name: &str, place: Place) -> Result<Self, InvalidArn> {
        if account.len() != 12 || !account.bytes().all(|byte| byte.is_ascii_digit()) {
            return Err(InvalidArn::Account);
        }
        Ok(Self {
            arn: arn.into(),
            partition: partition.into(),
            account: account.into(),
            name: name.into(),
            place,
        })
    }
}

impl FromStr for AccessPoint {
    type Err = InvalidArn;

    fn from_str(arn: &str) -> Result<Self, InvalidArn> {
        let parts: Vec<&str> = arn.splitn(6, ':').collect();
        let &["arn", partition, service, region, account, resource] = parts.as_slice() else {
            return Err(InvalidArn::Form);
        };
        if partition.is_empty() || resource.is_empty() {
            return Err(InvalidArn::Form);
        }
        let resource: Vec<&str> = resource.split([':', '/']).collect();
        match service {
            "s3" => Self::on_s3(arn, partition, region, account, &resource),
            "s3-outposts" => Self::on_outposts(arn, partition, region, account, &resource),
            "s3-object-lambda" => Err(InvalidArn::ObjectLambda),
            "s3express" => Err(InvalidArn::Directory),
            _ => Err(InvalidArn::Service),
        }
    }
}

impl fmt::Display for AccessPoint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.arn)
    }
}

impl fmt::Debug for AccessPoint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "AccessPoint({})", self.arn)
    }
}

fn region_of(partition: &str, region: &str) -> Result<Region, InvalidArn> {
    let region: Region = region.parse().map_err(|_| InvalidArn::Region)?;
    if Partition::of(&region).name() == partition { Ok(region) } else { Err(InvalidArn::Region) }
}

/// Together with `-` and the account it makes one label of a host name, so it has 50 characters at most.
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
    fn every_kind() {
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
    fn what_is_refused() {
        for (arn, why) in [
            ("", InvalidArn::Form),
            ("abc", InvalidArn::Form),
            ("arn:aws:s3:us-west-2:123456789012", InvalidArn::Form),
            ("arn:aws:s3:us-west-2:123456789012:", InvalidArn::Form),
            ("arn::s3:us-west-2:123456789012:accesspoint/myap", InvalidArn::Form),
            ("ARN:aws:s3:us-west-2:123456789012:accesspoint/myap", InvalidArn::Form),
            ("arn:aws:sqs:us-west-2:123456789012:q", InvalidArn::Service),
            ("arn:aws:s3-object-lambda:us-west-2:123456789012:accesspoint/banner", InvalidArn::ObjectLambda),
            (
                "arn:aws:s3express:us-west-2:123456789012:accesspoint/a--use1-az4--xa-s3",
                InvalidArn::Directory,
            ),
            ("arn:aws:s3:US:123456789012:accesspoint/myap", InvalidArn::Region),
            ("arn:aws-cn:s3:us-west-2:123456789012:accesspoint/myap", InvalidArn::Region),
            ("arn:aws:s3-outposts::123456789012:outpost/op-1/accesspoint/myap", InvalidArn::Region),
            ("arn:aws:s3:us-west-2:12345678901:accesspoint/myap", InvalidArn::Account),
            ("arn:aws:s3:us-west-2:12345678901x:accesspoint/myap", InvalidArn::Account),
            ("arn:aws:s3:us-west-2::accesspoint/myap", InvalidArn::Account),
            ("arn:aws:s3:::article-images-bucket", InvalidArn::Resource),
            ("arn:aws:s3:us-west-2:123456789012:accesspoint", InvalidArn::Resource),
            ("arn:aws:s3:us-west-2:123456789012:accesspoint/myap/object/k", InvalidArn::Resource),
            ("arn:aws:s3:us-west-2:123456789012:bucket_name:mybucket", InvalidArn::Resource),
            ("arn:aws:s3-outposts:us-west-2:123456789012:outpost/op-1/bucket/b", InvalidArn::Resource),
            ("arn:aws:s3:us-west-2:123456789012:accesspoint/bad_name", InvalidArn::Name),
            ("arn:aws:s3:us-west-2:123456789012:accesspoint/", InvalidArn::Name),
            ("arn:aws:s3:us-west-2:123456789012:accesspoint/-ap", InvalidArn::Name),
            ("arn:aws:s3:us-west-2:123456789012:accesspoint/a.b.c", InvalidArn::Name),
            ("arn:aws:s3::123456789012:accesspoint/myap", InvalidArn::Name),
            ("arn:aws:s3::123456789012:accesspoint/a.b.mrap", InvalidArn::Name),
            ("arn:aws:s3-outposts:us-west-2:123456789012:outpost/op_1/accesspoint/myap", InvalidArn::Outpost),
            ("arn:aws:s3-outposts:us-west-2:123456789012:outpost/op-A/accesspoint/myap", InvalidArn::Outpost),
        ] {
            assert_eq!(arn.parse::<AccessPoint>(), Err(why), "{arn}");
        }
        let name = format!("arn:aws:s3:us-west-2:123456789012:accesspoint/{}", "a".repeat(51));
        assert_eq!(name.parse::<AccessPoint>(), Err(InvalidArn::Name));
    }
}
