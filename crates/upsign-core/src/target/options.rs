//! The variants of AWS's own endpoints: dualstack, FIPS and accelerated.

use std::fmt;

use crate::target::addressing::Addressing;
use crate::target::bucket::Bucket;
use crate::target::error::InvalidTarget;
use crate::target::partition::Partition;
use crate::target::region::Region;

/// An option of [`TargetBuilder`](crate::TargetBuilder) that selects an endpoint, as named in [`InvalidTarget`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum EndpointOption {
    /// The endpoint for both IPv4 and IPv6.
    Dualstack,
    /// The endpoint with FIPS 140 validated cryptography.
    Fips,
    /// S3 Transfer Acceleration.
    Accelerate,
    /// A custom endpoint.
    Endpoint,
}

impl fmt::Display for EndpointOption {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Dualstack => "dualstack",
            Self::Fips => "FIPS",
            Self::Accelerate => "transfer acceleration",
            Self::Endpoint => "a custom endpoint",
        })
    }
}

/// The variant of AWS's own endpoints to use. The default is the plain regional endpoint.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct EndpointOptions {
    pub(crate) dualstack: bool,
    pub(crate) fips: bool,
    pub(crate) accelerate: bool,
}

impl EndpointOptions {
    /// Checks the options against a bucket on AWS.
    pub(crate) fn check_bucket(
        self,
        bucket: &Bucket,
        region: &Region,
        addressing: Addressing,
    ) -> Result<(), InvalidTarget> {
        if bucket.outposts_alias().is_some() {
            return self.reject_any(InvalidTarget::AccessPoint);
        }
        if bucket.is_directory() && self.accelerate {
            return Err(InvalidTarget::DirectoryBucket(EndpointOption::Accelerate));
        }
        if bucket.is_directory() && addressing == Addressing::Path {
            return Err(InvalidTarget::DirectoryBucketInPath);
        }
        let partition = Partition::of(region).name();
        let missing = |option| Err(InvalidTarget::Partition(option, partition));
        match partition {
            "aws-cn" if self.fips => missing(EndpointOption::Fips),
            "aws-cn" if self.accelerate => missing(EndpointOption::Accelerate),
            _ if self.accelerate && (bucket.is_dotted() || addressing == Addressing::Path) => {
                Err(InvalidTarget::AcceleratedPath)
            }
            _ => Ok(()),
        }
    }

    /// Fails with `error` for the first option that is set.
    pub(crate) fn reject_any(
        self,
        error: impl Fn(EndpointOption) -> InvalidTarget,
    ) -> Result<(), InvalidTarget> {
        let options = [
            (self.dualstack, EndpointOption::Dualstack),
            (self.fips, EndpointOption::Fips),
            (self.accelerate, EndpointOption::Accelerate),
        ];
        match options.into_iter().find(|(is_set, _)| *is_set) {
            Some((_, option)) => Err(error(option)),
            None => Ok(()),
        }
    }

    pub(crate) const fn dualstack_label(self) -> &'static str {
        if self.dualstack { ".dualstack" } else { "" }
    }
}
