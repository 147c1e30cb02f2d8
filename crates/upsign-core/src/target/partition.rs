//! AWS partitions.

use crate::target::region::Region;

/// A partition of AWS: a group of regions with separate accounts, credentials and domain names.
///
/// Most regions are in the partition `aws`. The regions in China, AWS GovCloud (US), the European Sovereign Cloud and
/// the isolated regions of US government agencies have separate partitions.
///
/// Source: `partitions.json` of botocore 1.44.5, which all AWS SDKs share.
///
/// ```
/// use upsign_core::Partition;
/// let partition = Partition::of(&"cn-northwest-1".parse()?);
/// assert_eq!((partition.name(), partition.dns_suffix()), ("aws-cn", "amazonaws.com.cn"));
/// # Ok::<(), upsign_core::InvalidRegion>(())
/// ```
#[derive(Debug, PartialEq, Eq, Hash)]
pub struct Partition {
    name: &'static str,
    dns_suffix: &'static str,
    /// Regions of the partition are named `<prefix>-<word>-<number>`.
    prefixes: &'static [&'static str],
}

const AWS: Partition = Partition {
    name: "aws",
    dns_suffix: "amazonaws.com",
    prefixes: &["us", "eu", "ap", "sa", "ca", "me", "af", "il", "mx"],
};

const OTHERS: [Partition; 7] = [
    Partition { name: "aws-cn", dns_suffix: "amazonaws.com.cn", prefixes: &["cn"] },
    Partition { name: "aws-eusc", dns_suffix: "amazonaws.eu", prefixes: &["eusc-de"] },
    Partition { name: "aws-iso", dns_suffix: "c2s.ic.gov", prefixes: &["us-iso"] },
    Partition { name: "aws-iso-b", dns_suffix: "sc2s.sgov.gov", prefixes: &["us-isob"] },
    Partition { name: "aws-iso-e", dns_suffix: "cloud.adc-e.uk", prefixes: &["eu-isoe"] },
    Partition { name: "aws-iso-f", dns_suffix: "csp.hci.ic.gov", prefixes: &["us-isof"] },
    Partition { name: "aws-us-gov", dns_suffix: "amazonaws.com", prefixes: &["us-gov"] },
];

impl Partition {
    /// Returns the partition to which a region belongs.
    ///
    /// The partition is derived from the pattern of the region's name, so that regions which AWS opens later are
    /// recognized. As in the AWS SDKs, a name that matches no pattern belongs to `aws`.
    #[must_use]
    pub fn of(region: &Region) -> &'static Self {
        OTHERS.iter().find(|partition| partition.contains(region)).unwrap_or(&AWS)
    }

    /// Returns the name that ARNs contain: `aws`, `aws-cn`, `aws-us-gov`, …
    #[must_use]
    pub const fn name(&self) -> &'static str {
        self.name
    }

    /// Returns the domain of the partition's endpoints: `amazonaws.com`, …
    #[must_use]
    pub const fn dns_suffix(&self) -> &'static str {
        self.dns_suffix
    }

    /// Returns the domains of all partitions.
    pub(crate) fn dns_suffixes() -> impl Iterator<Item = &'static str> {
        std::iter::once(AWS.dns_suffix).chain(OTHERS.iter().map(Self::dns_suffix))
    }

    fn contains(&self, region: &Region) -> bool {
        self.prefixes.iter().any(|prefix| {
            let rest = region.as_str().strip_prefix(prefix).and_then(|rest| rest.strip_prefix('-'));
            let word_and_number = rest.and_then(|rest| rest.split_once('-'));
            word_and_number.is_some_and(|(word, number)| {
                !word.is_empty() && !number.is_empty() && number.bytes().all(|byte| byte.is_ascii_digit())
            })
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(region: &str, name: &str, dns_suffix: &str) {
        let partition = Partition::of(&region.parse().unwrap());
        assert_eq!((partition.name(), partition.dns_suffix()), (name, dns_suffix), "{region}");
    }

    #[test]
    fn known_regions_map_to_their_partition() {
        for region in ["us-east-1", "ap-southeast-7", "il-central-1", "mx-central-1", "af-south-1"] {
            check(region, "aws", "amazonaws.com");
            assert!(AWS.contains(&region.parse().unwrap()), "{region}");
        }
        check("cn-north-1", "aws-cn", "amazonaws.com.cn");
        check("cn-northwest-1", "aws-cn", "amazonaws.com.cn");
        check("eusc-de-east-1", "aws-eusc", "amazonaws.eu");
        check("us-iso-east-1", "aws-iso", "c2s.ic.gov");
        check("us-iso-west-1", "aws-iso", "c2s.ic.gov");
        check("us-isob-east-1", "aws-iso-b", "sc2s.sgov.gov");
        check("eu-isoe-west-1", "aws-iso-e", "cloud.adc-e.uk");
        check("us-isof-south-1", "aws-iso-f", "csp.hci.ic.gov");
        check("us-gov-east-1", "aws-us-gov", "amazonaws.com");
        check("us-gov-west-1", "aws-us-gov", "amazonaws.com");
    }

    #[test]
    fn unknown_regions_map_by_pattern() {
        check("cn-south-12", "aws-cn", "amazonaws.com.cn");
        check("us-gov-central-3", "aws-us-gov", "amazonaws.com");
        check("eusc-de-north-2", "aws-eusc", "amazonaws.eu");
        for region in
            ["xx-future-9", "auto", "garage", "cn-", "cn-north", "cn-north-1a", "eusc-fr-west-1", "us-iso-1"]
        {
            if let Ok(region) = region.parse() {
                assert_eq!(Partition::of(&region).name(), "aws", "{region}");
            }
        }
    }
}
