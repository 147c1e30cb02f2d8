//! A bucket at its address.

pub(crate) mod access_point;
pub(crate) mod bucket;
pub(crate) mod builder;
pub(crate) mod endpoint;
pub(crate) mod partition;
pub(crate) mod provider;
pub(crate) mod region;
pub(crate) mod resource;

use std::fmt;
use std::sync::Arc;

use crate::target::access_point::AccessPoint;
use crate::target::bucket::Bucket;
use crate::target::builder::TargetBuilder;
use crate::target::endpoint::{Endpoint, Scheme};
use crate::target::partition::Partition;
use crate::target::region::Region;
use crate::target::resource::Resource;

/// A bucket or an access point, the region it is signed for, and the exact host and path prefix under which its objects
/// answer.
///
/// The host is always the regional one: the global `s3.amazonaws.com` answers young buckets with a redirect, which no
/// browser preflight survives.
///
/// [`Target::aws`] and [`Target::at`] make the two usual ones, [`Target::builder`] every other.
///
/// ```
/// use upsign_core::Target;
/// let target = Target::aws("article-images-bucket".parse()?, "ap-southeast-1".parse()?);
/// assert_eq!(target.host(), "article-images-bucket.s3.ap-southeast-1.amazonaws.com");
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, PartialEq, Eq, Hash)]
pub struct Target(Arc<Inner>);

#[derive(PartialEq, Eq, Hash)]
pub(crate) struct Inner {
    pub(crate) bucket: Bucket,
    pub(crate) access_point: Option<AccessPoint>,
    pub(crate) region: Region,
    pub(crate) scheme: Scheme,
    pub(crate) host: Box<str>,
    pub(crate) path_prefix: Box<str>,
    pub(crate) path_style: bool,
    pub(crate) endpoint_url: Box<str>,
    pub(crate) service: Service,
}

/// What requests are signed for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) enum Service {
    S3,
    Outposts,
    /// S3 in every region at once.
    S3InManyRegions,
}

/// Where the bucket's name goes.
///
/// Source: <https://docs.aws.amazon.com/AmazonS3/latest/userguide/VirtualHosting.html>.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Addressing {
    /// Virtual-hosted where the name is sure to resolve and to fit a certificate, path style elsewhere. On AWS that is
    /// every bucket without dots; on another endpoint it is `localhost` alone (RFC 6761 section 6.3).
    #[default]
    Auto,
    /// `bucket.host/key`. Over TLS a bucket with dots still goes by path, as in AWS's SDKs: no wildcard certificate
    /// covers it.
    VirtualHosted,
    /// `host/bucket/key`.
    Path,
}

/// Why there is no such target.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum InvalidTarget {
    /// An IP address has no subdomains.
    #[error("an IP address cannot carry a bucket as virtual host: use path addressing")]
    VirtualHostOfIp,
    /// The choice is one of AWS's own endpoints.
    #[error("{0} is a choice among AWS's own endpoints and does not go with another endpoint")]
    CustomEndpoint(EndpointOption),
    /// Access points, Outposts and multi-region access points lack some of the choices.
    #[error("{0} does not go with an access point of this kind")]
    AccessPoint(EndpointOption),
    /// The host of an access point names it.
    #[error("an access point cannot stand in the path")]
    AccessPointInPath,
    /// Transfer acceleration needs the bucket in the host name, and there without dots.
    #[error("transfer acceleration needs the bucket as a virtual host, without dots in its name")]
    AcceleratedPath,
    /// There is no accelerated FIPS endpoint.
    #[error("transfer acceleration has no FIPS endpoint")]
    AcceleratedFips,
    /// The partition has no such endpoints.
    #[error("{0} does not exist in the partition {1}")]
    Partition(EndpointOption, &'static str),
    /// The ARN names another region than the configured one, which was to be kept.
    #[error("the ARN names another region than the configured one, and the ARN's region is not to be used")]
    ArnRegion,
    /// The ARN names another partition than the configured region's: no credentials reach across.
    #[error("the ARN is of another partition than the configured region")]
    ArnPartition,
}

/// A choice among AWS's endpoints.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum EndpointOption {
    /// IPv4 and IPv6.
    Dualstack,
    /// Validated cryptography.
    Fips,
    /// Transfer acceleration.
    Accelerate,
    /// An endpoint of one's own.
    Endpoint,
}

impl fmt::Display for EndpointOption {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Dualstack => "dualstack",
            Self::Fips => "FIPS",
            Self::Accelerate => "transfer acceleration",
            Self::Endpoint => "an endpoint of your own",
        })
    }
}

impl Target {
    /// A bucket on AWS, at the region's own endpoint over TLS: virtual-hosted, or path style when its name has dots.
    #[must_use]
    pub fn aws(bucket: Bucket, region: Region) -> Self {
        builder::regional(bucket, region, Addressing::Auto, builder::Choices::default())
    }

    /// A bucket of another store, or of AWS behind an address of your own.
    ///
    /// # Errors
    /// [`InvalidTarget`] when `addressing` asks for a virtual host that cannot exist.
    pub fn at(
        endpoint: &Endpoint,
        addressing: Addressing,
        bucket: Bucket,
        region: Region,
    ) -> Result<Self, InvalidTarget> {
        Self::builder(bucket, region).endpoint(endpoint.clone()).addressing(addressing).build()
    }

    /// Every other address: dualstack, FIPS, transfer acceleration, access points.
    ///
    /// `resource` is a [`Bucket`], an [`AccessPoint`] or either, as a [`Resource`].
    ///
    /// ```
    /// use upsign_core::{Bucket, Target};
    /// let bucket: Bucket = "article-images-bucket".parse()?;
    /// let target = Target::builder(bucket, "us-gov-west-1".parse()?).fips(true).dualstack(true).build()?;
    /// assert_eq!(target.host(), "article-images-bucket.s3-fips.dualstack.us-gov-west-1.amazonaws.com");
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn builder(resource: impl Into<Resource>, region: Region) -> TargetBuilder {
        TargetBuilder::new(resource.into(), region)
    }

    pub(crate) fn new(inner: Inner) -> Self {
        Self(Arc::new(inner))
    }

    /// The bucket. Of an access point, whose bucket nobody names, it is the ARN: what S3's API takes in a bucket's place.
    #[must_use]
    pub fn bucket(&self) -> &Bucket {
        &self.0.bucket
    }

    /// The access point, when the target is one by ARN.
    #[must_use]
    pub fn access_point(&self) -> Option<&AccessPoint> {
        self.0.access_point.as_ref()
    }

    /// The region that requests are signed for: the ARN's own for an access point. A multi-region access point is signed
    /// for all regions ([`requires_sigv4a`](Target::requires_sigv4a)); this is then the configured one.
    #[must_use]
    pub fn region(&self) -> &Region {
        &self.0.region
    }

    /// The service that requests are signed for: `s3`, or `s3-outposts`.
    #[must_use]
    pub fn signing_service(&self) -> &'static str {
        match self.0.service {
            Service::S3 | Service::S3InManyRegions => "s3",
            Service::Outposts => "s3-outposts",
        }
    }

    /// Whether S3 wants SigV4a here, the asymmetric signature for many regions: at multi-region access points. Signed
    /// with plain SigV4, S3 refuses.
    #[must_use]
    pub fn requires_sigv4a(&self) -> bool {
        self.0.service == Service::S3InManyRegions
    }

    /// `http` or `https`.
    #[must_use]
    pub fn scheme(&self) -> Scheme {
        self.0.scheme
    }

    /// The `Host` header: what a client sends and what gets signed, with a port unless it is the scheme's own.
    #[must_use]
    pub fn host(&self) -> &str {
        &self.0.host
    }

    /// What stands before `/key` in the path: empty, or `/…` without a slash at the end. Needs no percent-encoding.
    #[must_use]
    pub fn path_prefix(&self) -> &str {
        &self.0.path_prefix
    }

    /// Whether the bucket stands in the path.
    #[must_use]
    pub fn is_path_style(&self) -> bool {
        self.0.path_style
    }

    /// The address without the bucket: what an SDK takes as its endpoint URL.
    #[must_use]
    pub fn endpoint_url(&self) -> String {
        self.0.endpoint_url.as_ref().to_owned()
    }

    /// The partition that names resources of this region: `aws`, `aws-cn`, `aws-us-gov`, …
    #[must_use]
    pub fn partition(&self) -> &'static str {
        Partition::of(&self.0.region).name()
    }

    /// The ARN that IAM knows objects here by: those whose key fits `pattern`.
    ///
    /// ```
    /// use upsign_core::Target;
    /// let target = Target::aws("article-images-bucket".parse()?, "cn-north-1".parse()?);
    /// assert_eq!(target.object_arn("raw/*"), "arn:aws-cn:s3:::article-images-bucket/raw/*");
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[must_use]
    pub fn object_arn(&self, pattern: &str) -> String {
        match self.access_point() {
            Some(point) => format!("{point}/object/{pattern}"),
            None => format!("arn:{}:s3:::{}/{pattern}", self.partition(), self.bucket()),
        }
    }
}

impl fmt::Debug for Target {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Target({}://{}{}, ", self.scheme().as_str(), self.host(), self.path_prefix())?;
        write!(f, "{} in {})", self.bucket(), self.region())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn aws(bucket: &str, region: &str, host: &str, prefix: &str) {
        let target = Target::aws(bucket.parse().unwrap(), region.parse().unwrap());
        assert_eq!((target.host(), target.path_prefix()), (host, prefix));
    }

    #[track_caller]
    fn at(endpoint: &str, addressing: Addressing, bucket: &str, host: &str, prefix: &str) {
        let target = Target::at(
            &endpoint.parse().unwrap(),
            addressing,
            bucket.parse().unwrap(),
            "us-east-1".parse().unwrap(),
        );
        let target = target.unwrap();
        assert_eq!((target.host(), target.path_prefix()), (host, prefix));
        assert_eq!(target.endpoint_url(), endpoint);
    }

    #[test]
    fn on_aws() {
        aws("abc", "us-east-1", "abc.s3.us-east-1.amazonaws.com", "");
        aws("a.b.c", "eu-west-1", "s3.eu-west-1.amazonaws.com", "/a.b.c");
        aws("abc", "cn-north-1", "abc.s3.cn-north-1.amazonaws.com.cn", "");
        aws("abc", "us-gov-west-1", "abc.s3.us-gov-west-1.amazonaws.com", "");
        aws("abc", "eusc-de-east-1", "abc.s3.eusc-de-east-1.amazonaws.eu", "");
    }

    #[test]
    fn elsewhere() {
        at("http://127.0.0.1:9000", Addressing::Auto, "abc", "127.0.0.1:9000", "/abc");
        at("http://[::1]:9000", Addressing::Path, "abc", "[::1]:9000", "/abc");
        at("http://localhost:9000", Addressing::Auto, "abc", "abc.localhost:9000", "");
        at("http://localhost:9000", Addressing::Auto, "a.bc", "localhost:9000", "/a.bc");
        at("http://localhost:9000", Addressing::VirtualHosted, "a.bc", "a.bc.localhost:9000", "");
        at("https://minio.example.com", Addressing::Auto, "abc", "minio.example.com", "/abc");
        at("https://minio.example.com", Addressing::VirtualHosted, "a.bc", "minio.example.com", "/a.bc");
        at("https://gw.example.com/base", Addressing::Path, "abc", "gw.example.com", "/base/abc");
        at("https://gw.example.com/base", Addressing::VirtualHosted, "abc", "abc.gw.example.com", "/base");
        let ip = Target::at(
            &"http://127.0.0.1".parse().unwrap(),
            Addressing::VirtualHosted,
            "abc".parse().unwrap(),
            "auto".parse().unwrap(),
        );
        assert_eq!(ip, Err(InvalidTarget::VirtualHostOfIp));
    }
}
