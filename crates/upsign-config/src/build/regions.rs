//! The regions of AWS.

use crate::keys::nearest;

/// Every region of the public partitions, in alphabetical order. A region that is missing here is only warned about.
///
/// Source: <https://docs.aws.amazon.com/general/latest/gr/s3.html>, and the partitions of botocore.
const REGIONS: [&str; 39] = [
    "af-south-1",
    "ap-east-1",
    "ap-east-2",
    "ap-northeast-1",
    "ap-northeast-2",
    "ap-northeast-3",
    "ap-south-1",
    "ap-south-2",
    "ap-southeast-1",
    "ap-southeast-2",
    "ap-southeast-3",
    "ap-southeast-4",
    "ap-southeast-5",
    "ap-southeast-6",
    "ap-southeast-7",
    "ca-central-1",
    "ca-west-1",
    "cn-north-1",
    "cn-northwest-1",
    "eu-central-1",
    "eu-central-2",
    "eu-north-1",
    "eu-south-1",
    "eu-south-2",
    "eu-west-1",
    "eu-west-2",
    "eu-west-3",
    "eusc-de-east-1",
    "il-central-1",
    "me-central-1",
    "me-south-1",
    "mx-central-1",
    "sa-east-1",
    "us-east-1",
    "us-east-2",
    "us-gov-east-1",
    "us-gov-west-1",
    "us-west-1",
    "us-west-2",
];

/// Returns whether a region is in the table, or belongs to a partition whose regions are not public.
pub(super) fn is_known(region: &str) -> bool {
    let isolated = ["us-iso-", "us-isob-", "us-isof-", "eu-isoe-"];
    REGIONS.contains(&region) || isolated.iter().any(|start| region.starts_with(start))
}

/// Returns the region that is probably meant.
pub(super) fn meant(region: &str) -> Option<&'static str> {
    let zone = region.trim_end_matches(|character: char| character.is_ascii_lowercase());
    let zone = REGIONS.into_iter().find(|known| *known == zone);
    zone.or_else(|| nearest(region, REGIONS.into_iter()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn misspelled_regions_and_zones_have_a_nearest() {
        assert!(REGIONS.is_sorted() && is_known("us-iso-east-1"));
        for (written, expected) in [
            ("ap-southest-1", "ap-southeast-1"),
            ("ap-southeast-1a", "ap-southeast-1"),
            ("us-east1", "us-east-1"),
        ] {
            assert!(!is_known(written));
            assert_eq!(meant(written), Some(expected));
        }
        assert_eq!(meant("garage"), None);
    }
}
