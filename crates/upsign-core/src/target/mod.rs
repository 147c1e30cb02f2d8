//! Targets: a bucket or an access point together with the host that serves it.
//!
//! [`bucket`], [`access_point`], [`region`], [`endpoint`] and [`partition`] define the parts, and [`builder`] combines
//! them into a [`Target`] by the rules in [`resolve`]. [`provider`] lists the S3-compatible stores, [`profile`] and
//! [`features`] what is known about each, and [`store_host`] recognizes their hosts.

pub(crate) mod access_point;
pub(crate) mod addressing;
pub(crate) mod bucket;
pub(crate) mod builder;
pub(crate) mod capabilities;
pub(crate) mod endpoint;
pub(crate) mod endpoint_mismatch;
pub(crate) mod error;
mod features;
pub(crate) mod options;
pub(crate) mod partition;
pub(crate) mod profile;
pub(crate) mod provider;
pub(crate) mod region;
pub(crate) mod region_rule;
mod resolve;
pub(crate) mod resource;
pub(crate) mod signature_family;
pub(crate) mod store_host;
pub(crate) mod tenant;

use std::fmt::{self, Write};
use std::sync::Arc;

use crate::request::key::ObjectKey;
use crate::target::access_point::AccessPoint;
use crate::target::addressing::Addressing;
use crate::target::bucket::Bucket;
use crate::target::builder::TargetBuilder;
use crate::target::endpoint::{Endpoint, Scheme};
use crate::target::error::InvalidTarget;
use crate::target::options::EndpointOptions;
use crate::target::partition::Partition;
use crate::target::region::Region;
use crate::target::resource::Resource;
use crate::target::signature_family::SignatureFamily;

/// The address of a bucket or an access point: its region, and the exact host and path prefix of its objects.
///
/// On AWS the host is always the regional one. The global host `s3.amazonaws.com` answers requests for recently created
/// buckets with a redirect, and browsers do not follow redirects of a CORS preflight.
///
/// Use [`Target::aws`] for a bucket on AWS, [`Target::at`] for a bucket of another S3-compatible store, and
/// [`Target::builder`] for access points and for the dualstack, FIPS and accelerated endpoints of AWS.
///
/// Cloning is cheap: clones share the data.
///
/// ```
/// use upsign_core::Target;
/// let target = Target::aws("article-images-bucket".parse()?, "ap-southeast-1".parse()?);
/// assert_eq!(target.host(), "article-images-bucket.s3.ap-southeast-1.amazonaws.com");
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, PartialEq, Eq, Hash)]
pub struct Target(Arc<Address>, SignatureFamily);

#[derive(PartialEq, Eq, Hash)]
pub(crate) struct Address {
    /// For an access point, its ARN; see [`Bucket::from_arn`].
    pub(crate) bucket: Bucket,
    pub(crate) access_point: Option<AccessPoint>,
    pub(crate) region: Region,
    pub(crate) scheme: Scheme,
    /// Host and, unless it is the default of the scheme, port.
    pub(crate) host: Box<str>,
    /// Empty, or `/…` without a trailing slash.
    pub(crate) path_prefix: Box<str>,
    pub(crate) path_style: bool,
    /// The address without bucket or access point.
    pub(crate) endpoint_url: Box<str>,
    pub(crate) service: Service,
}

/// The service for which requests are signed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) enum Service {
    S3,
    Outposts,
    /// S3 Express One Zone. Requests are signed with SigV4 without a session, as the AWS SDKs do with
    /// `disable_s3_express_session_auth`: <https://docs.aws.amazon.com/sdkref/latest/guide/feature-s3-express.html>.
    S3Express,
    /// S3 in all regions, which requires SigV4a.
    S3MultiRegion,
}

impl Target {
    /// Returns the address of a bucket on AWS, at the endpoint of its region and over TLS.
    ///
    /// Uses virtual-hosted addressing, or path style if the bucket's name contains dots.
    #[must_use]
    pub fn aws(bucket: Bucket, region: Region) -> Self {
        resolve::aws_bucket(bucket, region, Addressing::Auto, EndpointOptions::default())
    }

    /// Returns the address of a bucket of another S3-compatible store, or of AWS behind your own proxy.
    ///
    /// # Errors
    /// Returns [`InvalidTarget::VirtualHostOfIp`] for [`Addressing::VirtualHosted`] at an IP address.
    ///
    /// ```
    /// use upsign_core::{Addressing, Target};
    /// let endpoint = "http://127.0.0.1:9000".parse()?;
    /// let target = Target::at(&endpoint, Addressing::Auto, "uploads".parse()?, "us-east-1".parse()?)?;
    /// assert_eq!((target.host(), target.path_prefix()), ("127.0.0.1:9000", "/uploads"));
    ///
    /// // A host name needs the path style too, unless the store's DNS and certificate cover `uploads.minio.internal`.
    /// let minio = "https://minio.internal:9000".parse()?;
    /// let target = Target::at(&minio, Addressing::Path, "uploads".parse()?, "us-east-1".parse()?)?;
    /// assert_eq!((target.host(), target.path_prefix()), ("minio.internal:9000", "/uploads"));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn at(
        endpoint: &Endpoint,
        addressing: Addressing,
        bucket: Bucket,
        region: Region,
    ) -> Result<Self, InvalidTarget> {
        Self::builder(bucket, region).endpoint(endpoint.clone()).addressing(addressing).build()
    }

    /// Returns a builder for all other addresses: access points, buckets of tenants, and AWS's dualstack, FIPS and accelerated
    /// endpoints.
    ///
    /// `resource` is a [`Bucket`], an [`AccessPoint`], a [`TenantBucket`](crate::TenantBucket), or a [`Resource`], which is one of
    /// them.
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

    pub(crate) fn new(address: Address) -> Self {
        Self(Arc::new(address), SignatureFamily::Aws)
    }

    pub(crate) fn with_signature_family(self, family: SignatureFamily) -> Self {
        Self(self.0, family)
    }

    /// Returns the family of signatures with which requests are signed.
    #[must_use]
    pub const fn signature_family(&self) -> SignatureFamily {
        self.1
    }

    /// Returns the bucket. For an access point given by its ARN, this is the ARN, which S3's API accepts in place of a
    /// bucket name; for the bucket of a tenant, it is `TENANT:BUCKET`.
    #[must_use]
    pub fn bucket(&self) -> &Bucket {
        &self.0.bucket
    }

    /// Returns the access point, if the target was built from the ARN of one.
    #[must_use]
    pub fn access_point(&self) -> Option<&AccessPoint> {
        self.0.access_point.as_ref()
    }

    /// Returns the bucket, or the access point if the target was built from the ARN of one.
    ///
    /// ```
    /// use upsign_core::{Resource, Target};
    /// let target = Target::aws("article-images-bucket".parse()?, "ap-southeast-1".parse()?);
    /// assert_eq!(target.resource(), "article-images-bucket".parse::<Resource>()?);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[must_use]
    pub fn resource(&self) -> Resource {
        match self.access_point() {
            Some(point) => point.clone().into(),
            None => self.bucket().clone().into(),
        }
    }

    /// Returns the region for which requests are signed.
    ///
    /// For an access point this is the region of its ARN. Requests to a multi-region access point are signed for all
    /// regions (see [`requires_sigv4a`](Target::requires_sigv4a)); this method then returns the configured region.
    #[must_use]
    pub fn region(&self) -> &Region {
        &self.0.region
    }

    /// Returns the service name in the credential scope: `s3`, `s3-outposts` for access points on Outposts, or `s3express` for
    /// directory buckets.
    #[must_use]
    pub fn signing_service(&self) -> &'static str {
        match self.0.service {
            Service::S3 | Service::S3MultiRegion => "s3",
            Service::Outposts => "s3-outposts",
            Service::S3Express => "s3express",
        }
    }

    /// Returns `true` if requests must be signed with SigV4a, the asymmetric signature that is valid in all regions.
    ///
    /// This is the case for multi-region access points. S3 rejects requests to them that are signed with SigV4.
    ///
    /// Source: <https://docs.aws.amazon.com/AmazonS3/latest/userguide/MultiRegionAccessPointRequests.html>.
    #[must_use]
    pub fn requires_sigv4a(&self) -> bool {
        self.0.service == Service::S3MultiRegion
    }

    /// Returns the scheme, `http` or `https`.
    #[must_use]
    pub fn scheme(&self) -> Scheme {
        self.0.scheme
    }

    /// Returns the value of the `Host` header, which every signature binds: the host, and the port unless it is the
    /// default of the scheme.
    #[must_use]
    pub fn host(&self) -> &str {
        &self.0.host
    }

    /// Returns the part of the path before `/key`: empty, or `/…` without a trailing slash.
    ///
    /// It contains only characters that need no percent-encoding.
    #[must_use]
    pub fn path_prefix(&self) -> &str {
        &self.0.path_prefix
    }

    /// Returns `true` if the bucket's name is part of the path.
    #[must_use]
    pub fn is_path_style(&self) -> bool {
        self.0.path_style
    }

    /// Returns the URL of an object, as it is signed: a presigned URL without its query.
    ///
    /// ```
    /// use upsign_core::Target;
    /// let target = Target::aws("uploads-bucket".parse()?, "eu-central-1".parse()?);
    /// let url = target.object_url(&"raw/a b.jpg".parse()?);
    /// assert_eq!(url, "https://uploads-bucket.s3.eu-central-1.amazonaws.com/raw/a%20b.jpg");
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[must_use]
    pub fn object_url(&self, key: &ObjectKey) -> String {
        let mut url = format!("{}://{}{}/", self.scheme().as_str(), self.host(), self.path_prefix());
        for byte in key.as_str().bytes() {
            if byte.is_ascii_alphanumeric() || b"-._~/".contains(&byte) {
                url.push(char::from(byte));
            } else {
                // Writing to a String does not fail.
                let _ = write!(url, "%{byte:02X}");
            }
        }
        url
    }

    /// Returns the URL of the endpoint without the bucket, as an SDK expects it in its `endpoint_url` setting.
    ///
    /// For [`Addressing::BucketHost`] it is the bucket's own host, at which an SDK would add the bucket's name.
    #[must_use]
    pub fn endpoint_url(&self) -> String {
        self.0.endpoint_url.as_ref().to_owned()
    }

    /// Returns the name of the region's partition, as used in ARNs: `aws`, `aws-cn`, `aws-us-gov`, …
    #[must_use]
    pub fn partition(&self) -> &'static str {
        Partition::of(&self.0.region).name()
    }

    /// Returns the ARN of the bucket, or of the access point if the target has one. `account` is the account's id, which only
    /// the ARN of a directory bucket contains; in an IAM policy it may be `*`.
    ///
    /// Source: <https://docs.aws.amazon.com/AmazonS3/latest/userguide/s3-express-security-iam.html>, and for the bucket of a tenant
    /// <https://github.com/ceph/ceph/blob/main/src/rgw/rgw_arn.cc>.
    #[must_use]
    pub fn bucket_arn(&self, account: &str) -> String {
        let (partition, bucket) = (self.partition(), self.bucket());
        match self.access_point() {
            Some(point) => point.to_string(),
            None if bucket.is_directory() => {
                format!("arn:{partition}:s3express:{}:{account}:bucket/{bucket}", self.region())
            }
            // The colon after the tenant is that of the ARN.
            None if bucket.tenant().is_some() => format!("arn:{partition}:s3::{bucket}"),
            None => format!("arn:{partition}:s3:::{bucket}"),
        }
    }

    /// Returns the ARN, as used in IAM policies, of the objects whose keys match `pattern`.
    ///
    /// Objects of a directory bucket have no ARNs: permissions are granted on the bucket, so this is
    /// [`bucket_arn`](Self::bucket_arn) with `*` as the account.
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
            None if self.bucket().is_directory() => self.bucket_arn("*"),
            None => format!("{}/{pattern}", self.bucket_arn("*")),
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
    fn aws_targets_use_the_regional_host() {
        aws("abc", "us-east-1", "abc.s3.us-east-1.amazonaws.com", "");
        aws("a.b.c", "eu-west-1", "s3.eu-west-1.amazonaws.com", "/a.b.c");
        aws("abc", "cn-north-1", "abc.s3.cn-north-1.amazonaws.com.cn", "");
        aws("abc", "us-gov-west-1", "abc.s3.us-gov-west-1.amazonaws.com", "");
        aws("abc", "eusc-de-east-1", "abc.s3.eusc-de-east-1.amazonaws.eu", "");
    }

    #[test]
    fn object_urls_leave_only_unreserved_characters_and_slashes_as_they_are() {
        let target = Target::aws("abc".parse().unwrap(), "us-east-1".parse().unwrap());
        let url = target.object_url(&"a/B-._~9+ é%".parse().unwrap());
        assert_eq!(url, "https://abc.s3.us-east-1.amazonaws.com/a/B-._~9%2B%20%C3%A9%25");
    }

    #[test]
    fn custom_endpoints_use_the_selected_addressing() {
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
