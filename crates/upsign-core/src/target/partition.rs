//! Partitions: groups of AWS regions with accounts, names and certificates of their own.

use crate::target::region::Region;

/// A partition of AWS, found by a region's name.
///
/// Source: `partitions.json` of botocore 1.44.5, which every AWS SDK shares.
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
    /// Its regions are `<prefix>-<word>-<number>`.
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
    /// The partition a region belongs to: by the pattern of its name, so that a region opened tomorrow is known today;
    /// `aws` for a name of no known pattern, as in the SDKs.
    #[must_use]
    pub fn of(region: &Region) -> &'static Self {
        OTHERS.iter().find(|partition| partition.has(region)).unwrap_or(&AWS)
    }

    /// The name in ARNs: `aws`, `aws-cn`, `aws-us-gov`, …
    #[must_use]
    pub const fn name(&self) -> &'static str {
        self.name
    }

    /// What its endpoints end in: `amazonaws.com`, …
    #[must_use]
    pub const fn dns_suffix(&self) -> &'static str {
        self.dns_suffix
    }

    fn has(&self, region: &Region) -> bool {
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
    fn every_partition() {
        for region in ["us-east-1", "ap-southeast-7", "il-central-1", "mx-central-1", "af-south-1"] {
            check(region, "aws", "amazonaws.com");
            assert!(AWS.has(&region.parse().unwrap()), "{region}");
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
    fn regions_nobody_has_heard_of() {
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
