//! Configuration of a target: the address options that the AWS SDKs offer, checked against each other.

use crate::target::Target;
use crate::target::addressing::Addressing;
use crate::target::endpoint::Endpoint;
use crate::target::error::InvalidTarget;
use crate::target::options::{EndpointOption, EndpointOptions};
use crate::target::region::Region;
use crate::target::resolve;
use crate::target::resource::Resource;
use crate::target::signature_family::SignatureFamily;

/// Builds a [`Target`] for an address other than the usual ones; see [`Target::builder`].
///
/// With no option set, the result for a bucket equals [`Target::aws`].
///
/// ```
/// use upsign_core::{Addressing, Target};
///
/// let resource: upsign_core::Resource = "article-images-bucket".parse()?;
/// let accelerated = Target::builder(resource.clone(), "ap-southeast-1".parse()?).accelerate(true).build()?;
/// assert_eq!(accelerated.host(), "article-images-bucket.s3-accelerate.amazonaws.com");
///
/// let minio = Target::builder(resource, "us-east-1".parse()?)
///     .endpoint("http://127.0.0.1:9000".parse()?)
///     .addressing(Addressing::Path)
///     .build()?;
/// assert_eq!(minio.endpoint_url(), "http://127.0.0.1:9000");
/// assert_eq!(minio.path_prefix(), "/article-images-bucket");
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug)]
#[must_use]
pub struct TargetBuilder {
    resource: Resource,
    region: Region,
    endpoint: Option<Endpoint>,
    addressing: Addressing,
    options: EndpointOptions,
    use_arn_region: bool,
    family: SignatureFamily,
}

impl TargetBuilder {
    pub(crate) fn new(resource: Resource, region: Region) -> Self {
        Self {
            resource,
            region,
            endpoint: None,
            addressing: Addressing::Auto,
            options: EndpointOptions::default(),
            use_arn_region: true,
            family: SignatureFamily::Aws,
        }
    }

    /// Sets a custom endpoint: another S3-compatible store, or your own proxy in front of AWS.
    ///
    /// It cannot be combined with [`dualstack`](TargetBuilder::dualstack), [`fips`](TargetBuilder::fips) or
    /// [`accelerate`](TargetBuilder::accelerate), which select among AWS's own endpoints.
    pub fn endpoint(self, endpoint: Endpoint) -> Self {
        Self { endpoint: Some(endpoint), ..self }
    }

    /// Sets whether the bucket's name is part of the host or of the path. The default is [`Addressing::Auto`].
    pub fn addressing(self, addressing: Addressing) -> Self {
        Self { addressing, ..self }
    }

    /// Uses the endpoint that answers over both IPv4 and IPv6. Off by default.
    ///
    /// Source: <https://docs.aws.amazon.com/AmazonS3/latest/userguide/dual-stack-endpoints.html>.
    pub fn dualstack(mut self, dualstack: bool) -> Self {
        self.options.dualstack = dualstack;
        self
    }

    /// Uses the endpoint with FIPS 140 validated cryptography. Off by default.
    ///
    /// AWS operates these endpoints in the United States and Canada.
    ///
    /// Source: <https://aws.amazon.com/compliance/fips/>.
    pub fn fips(mut self, fips: bool) -> Self {
        self.options.fips = fips;
        self
    }

    /// Uses S3 Transfer Acceleration: the `s3-accelerate` endpoint at the edge location closest to the client. Off by
    /// default.
    ///
    /// Requests are still signed for the bucket's region. Acceleration must be enabled on the bucket, and the bucket's
    /// name must not contain dots.
    ///
    /// Source: <https://docs.aws.amazon.com/AmazonS3/latest/userguide/transfer-acceleration.html>.
    pub fn accelerate(mut self, accelerate: bool) -> Self {
        self.options.accelerate = accelerate;
        self
    }

    /// Sets whether an access point ARN may name another region than the configured one. On by default.
    ///
    /// If on, requests are signed for the ARN's region. If off, [`build`](TargetBuilder::build) rejects such an ARN.
    pub fn use_arn_region(self, use_arn_region: bool) -> Self {
        Self { use_arn_region, ..self }
    }

    /// Sets the family of signatures. The default is [`SignatureFamily::Aws`].
    ///
    /// [`SignatureFamily::Google`] needs an [`endpoint`](TargetBuilder::endpoint), usually `https://storage.googleapis.com`.
    pub fn signature_family(self, family: SignatureFamily) -> Self {
        Self { family, ..self }
    }

    /// Returns the target.
    ///
    /// # Errors
    /// Returns an error if the options contradict each other or the resource, for example acceleration with FIPS, a
    /// dualstack option with a custom endpoint, or an access point with path addressing.
    pub fn build(self) -> Result<Target, InvalidTarget> {
        let family = self.family;
        let is_bucket_elsewhere = self.endpoint.is_some() && matches!(self.resource, Resource::Bucket(_));
        if family == SignatureFamily::Google && !is_bucket_elsewhere {
            return Err(InvalidTarget::GoogleSignature);
        }
        Ok(self.resolve()?.with_signature_family(family))
    }

    fn resolve(self) -> Result<Target, InvalidTarget> {
        if self.options.accelerate && self.options.fips {
            return Err(InvalidTarget::AcceleratedFips);
        }
        let Self { resource, region, endpoint, addressing, options, use_arn_region, family: _ } = self;
        match (resource, endpoint) {
            (Resource::Bucket(_), None) | (Resource::AccessPoint(_), _)
                if addressing == Addressing::BucketHost =>
            {
                Err(InvalidTarget::BucketHost)
            }
            (Resource::Bucket(bucket), None) => {
                options.check_bucket(&bucket, &region, addressing)?;
                Ok(resolve::aws_bucket(bucket, region, addressing, options))
            }
            (Resource::Bucket(bucket), Some(_)) if bucket.is_directory() => {
                Err(InvalidTarget::DirectoryBucket(EndpointOption::Endpoint))
            }
            (Resource::Bucket(bucket), Some(endpoint)) => {
                options.reject_any(InvalidTarget::CustomEndpoint)?;
                resolve::bucket_at(bucket, region, &endpoint, addressing)
            }
            (Resource::Tenant(bucket), Some(endpoint))
                if matches!(addressing, Addressing::Auto | Addressing::Path) =>
            {
                options.reject_any(InvalidTarget::CustomEndpoint)?;
                Ok(resolve::tenant_bucket_at(&bucket, region, &endpoint))
            }
            (Resource::Tenant(_), _) => Err(InvalidTarget::Tenant),
            (Resource::AccessPoint(_), _) if addressing == Addressing::Path => {
                Err(InvalidTarget::AccessPointInPath)
            }
            (Resource::AccessPoint(point), endpoint) => {
                let region = resolve::access_point_region(&point, region, use_arn_region)?;
                resolve::access_point(point, region, endpoint.as_ref(), options)
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::target::bucket::Bucket;

    const REGION: &str = "us-west-2";

    fn builder(resource: &str, region: &str) -> TargetBuilder {
        Target::builder(resource.parse::<Resource>().unwrap(), region.parse().unwrap())
    }

    /// Applies options given as words: their names, `path`, `virtual`, `bucket-host`, `own-region`, or the URL of an endpoint.
    fn with_options(resource: &str, region: &str, options: &str) -> TargetBuilder {
        let mut builder = builder(resource, region);
        for option in options.split_whitespace() {
            builder = match option {
                "dualstack" => builder.dualstack(true),
                "fips" => builder.fips(true),
                "accelerate" => builder.accelerate(true),
                "path" => builder.addressing(Addressing::Path),
                "virtual" => builder.addressing(Addressing::VirtualHosted),
                "bucket-host" => builder.addressing(Addressing::BucketHost),
                "own-region" => builder.use_arn_region(false),
                endpoint => builder.endpoint(endpoint.parse().unwrap()),
            };
        }
        builder
    }

    /// Compares host, path prefix, signing region and service.
    #[track_caller]
    fn check(resource: &str, region: &str, options: &str, expected: (&str, &str, &str, &str)) {
        let target = with_options(resource, region, options).build().unwrap();
        let found = (target.host(), target.path_prefix(), target.region().as_str(), target.signing_service());
        assert_eq!(found, expected, "{resource} {options}");
    }

    #[track_caller]
    fn rejects(resource: &str, region: &str, options: &str, error: InvalidTarget) {
        assert_eq!(with_options(resource, region, options).build(), Err(error), "{resource} {options}");
    }

    #[test]
    fn aws_endpoints_of_buckets() {
        let west = |host, prefix| (host, prefix, REGION, "s3");
        check("abc", REGION, "", west("abc.s3.us-west-2.amazonaws.com", ""));
        check("abc", REGION, "virtual", west("abc.s3.us-west-2.amazonaws.com", ""));
        check("abc", REGION, "path", west("s3.us-west-2.amazonaws.com", "/abc"));
        check("a.bc", REGION, "virtual", west("s3.us-west-2.amazonaws.com", "/a.bc"));
        check("abc", REGION, "dualstack", west("abc.s3.dualstack.us-west-2.amazonaws.com", ""));
        check("abc", REGION, "fips", west("abc.s3-fips.us-west-2.amazonaws.com", ""));
        check("abc", REGION, "fips dualstack", west("abc.s3-fips.dualstack.us-west-2.amazonaws.com", ""));
        check("abc", REGION, "accelerate", west("abc.s3-accelerate.amazonaws.com", ""));
        check("abc", REGION, "accelerate dualstack", west("abc.s3-accelerate.dualstack.amazonaws.com", ""));
        check("a.bc", REGION, "dualstack", west("s3.dualstack.us-west-2.amazonaws.com", "/a.bc"));
        let alias = "myap-abcdefg1234567890123456789012345-s3alias";
        check(alias, REGION, "", west(&format!("{alias}.s3.us-west-2.amazonaws.com"), ""));
        let iso = "abc.s3.us-iso-east-1.c2s.ic.gov";
        check("abc", "us-iso-east-1", "", (iso, "", "us-iso-east-1", "s3"));
    }

    #[test]
    fn bucket_with_a_host_of_its_own() {
        let garage = |host, prefix| (host, prefix, "garage", "s3");
        check("abc", "garage", "bucket-host https://files.example.com", garage("files.example.com", ""));
        check("a.b.c", "garage", "bucket-host https://a.b.c", garage("a.b.c", ""));
        check("abc", "garage", "bucket-host http://127.0.0.1:81/base", garage("127.0.0.1:81", "/base"));
        rejects("abc", REGION, "bucket-host", InvalidTarget::BucketHost);
        let arn = "arn:aws:s3:us-west-2:123456789012:accesspoint/myap";
        rejects(arn, REGION, "bucket-host https://files.example.com", InvalidTarget::BucketHost);
        let target = with_options("abc", "garage", "bucket-host https://files.example.com").build().unwrap();
        assert_eq!((target.bucket().as_str(), target.is_path_style()), ("abc", false));
        assert_eq!(target.endpoint_url(), "https://files.example.com");
    }

    #[test]
    fn signatures_of_google_need_a_bucket_and_an_endpoint() {
        let google = |resource, options| {
            let builder = with_options(resource, REGION, options).signature_family(SignatureFamily::Google);
            builder.build().map(|target| target.signature_family())
        };
        assert_eq!(google("abc", "https://storage.googleapis.com"), Ok(SignatureFamily::Google));
        assert_eq!(google("abc", ""), Err(InvalidTarget::GoogleSignature));
        let arn = "arn:aws:s3:us-west-2:123456789012:accesspoint/myap";
        assert_eq!(google(arn, "https://gw.example.com"), Err(InvalidTarget::GoogleSignature));
        let aws = builder("abc", REGION).build().unwrap();
        assert_eq!(aws.signature_family(), SignatureFamily::Aws);
    }

    #[test]
    fn bucket_of_a_tenant_is_in_the_path() {
        let ceph = |prefix| ("rgw.example.com", prefix, "default", "s3");
        check("press:abc", "default", "https://rgw.example.com", ceph("/press%3Aabc"));
        check("press:abc", "default", "path https://rgw.example.com/s3", ceph("/s3/press%3Aabc"));
        for options in ["", "path", "virtual https://rgw.example.com", "bucket-host https://rgw.example.com"]
        {
            rejects("press:abc", "default", options, InvalidTarget::Tenant);
        }
        let dualstack = InvalidTarget::CustomEndpoint(EndpointOption::Dualstack);
        rejects("press:abc", "default", "dualstack https://rgw.example.com", dualstack);
        let target = with_options("press:abc", "default", "https://rgw.example.com").build().unwrap();
        assert!(target.is_path_style());
        assert_eq!((target.bucket().as_str(), target.bucket().tenant()), ("press:abc", Some("press")));
        assert_eq!(target.object_arn("a/*"), "arn:aws:s3::press:abc/a/*");
        assert_eq!(target.object_url(&"k".parse().unwrap()), "https://rgw.example.com/press%3Aabc/k");
    }

    #[test]
    fn contradictory_options_on_aws_are_rejected() {
        rejects("abc", REGION, "accelerate fips", InvalidTarget::AcceleratedFips);
        rejects("abc", REGION, "accelerate path", InvalidTarget::AcceleratedPath);
        rejects("a.bc", REGION, "accelerate", InvalidTarget::AcceleratedPath);
        rejects(
            "abc",
            "cn-north-1",
            "accelerate",
            InvalidTarget::Partition(EndpointOption::Accelerate, "aws-cn"),
        );
        rejects("abc", "cn-north-1", "fips", InvalidTarget::Partition(EndpointOption::Fips, "aws-cn"));
        for (name, option) in [
            ("dualstack", EndpointOption::Dualstack),
            ("fips", EndpointOption::Fips),
            ("accelerate", EndpointOption::Accelerate),
        ] {
            let options = format!("{name} https://gw.example.com");
            rejects("abc", REGION, &options, InvalidTarget::CustomEndpoint(option));
        }
    }

    #[test]
    fn directory_bucket_endpoints() {
        const NAME: &str = "abc--usw2-az1--x-s3";
        let west = |host| (host, "", REGION, "s3express");
        check(NAME, REGION, "", west("abc--usw2-az1--x-s3.s3express-usw2-az1.us-west-2.amazonaws.com"));
        check(
            NAME,
            REGION,
            "virtual",
            west("abc--usw2-az1--x-s3.s3express-usw2-az1.us-west-2.amazonaws.com"),
        );
        let fips = "abc--usw2-az1--x-s3.s3express-fips-usw2-az1.dualstack.us-west-2.amazonaws.com";
        check(NAME, REGION, "fips dualstack", west(fips));
        let china = "abc--cnn1-az1--x-s3.s3express-cnn1-az1.cn-north-1.amazonaws.com.cn";
        check("abc--cnn1-az1--x-s3", "cn-north-1", "", (china, "", "cn-north-1", "s3express"));
        rejects(NAME, REGION, "accelerate", InvalidTarget::DirectoryBucket(EndpointOption::Accelerate));
        rejects(NAME, REGION, "path", InvalidTarget::DirectoryBucketInPath);
        let endpoint = InvalidTarget::DirectoryBucket(EndpointOption::Endpoint);
        rejects(NAME, REGION, "https://gw.example.com", endpoint);
        rejects(NAME, REGION, "bucket-host https://gw.example.com", endpoint);
        let target = builder(NAME, REGION).build().unwrap();
        assert_eq!(target.endpoint_url(), "https://s3express-usw2-az1.us-west-2.amazonaws.com");
        let arn = "arn:aws:s3express:us-west-2:123456789012:bucket/abc--usw2-az1--x-s3";
        assert_eq!(target.bucket_arn("123456789012"), arn);
        assert_eq!(target.object_arn("a/*"), arn.replace("123456789012", "*"));
    }

    #[test]
    fn access_point_endpoints() {
        let arn = "arn:aws:s3:us-west-2:123456789012:accesspoint/myap";
        let west = |host| (host, "", REGION, "s3");
        check(arn, REGION, "", west("myap-123456789012.s3-accesspoint.us-west-2.amazonaws.com"));
        check(arn, "us-east-1", "", west("myap-123456789012.s3-accesspoint.us-west-2.amazonaws.com"));
        check(arn, REGION, "own-region", west("myap-123456789012.s3-accesspoint.us-west-2.amazonaws.com"));
        check(
            arn,
            REGION,
            "dualstack",
            west("myap-123456789012.s3-accesspoint.dualstack.us-west-2.amazonaws.com"),
        );
        check(arn, REGION, "fips", west("myap-123456789012.s3-accesspoint-fips.us-west-2.amazonaws.com"));
        check(
            arn,
            REGION,
            "fips dualstack",
            west("myap-123456789012.s3-accesspoint-fips.dualstack.us-west-2.amazonaws.com"),
        );
        check(
            arn,
            REGION,
            "http://gw.example.com:81/x",
            ("myap-123456789012.gw.example.com:81", "/x", REGION, "s3"),
        );
        rejects(arn, "us-east-1", "own-region", InvalidTarget::ArnRegion);
        rejects(arn, "cn-north-1", "", InvalidTarget::ArnPartition);
        rejects(arn, REGION, "path", InvalidTarget::AccessPointInPath);
        rejects(arn, REGION, "accelerate", InvalidTarget::AccessPoint(EndpointOption::Accelerate));
        rejects(arn, REGION, "http://127.0.0.1", InvalidTarget::VirtualHostOfIp);
        rejects(
            arn,
            REGION,
            "fips https://gw.example.com",
            InvalidTarget::CustomEndpoint(EndpointOption::Fips),
        );
        let china = "arn:aws-cn:s3:cn-north-1:123456789012:accesspoint/myap";
        rejects(china, "cn-north-1", "fips", InvalidTarget::Partition(EndpointOption::Fips, "aws-cn"));
    }

    #[test]
    fn outposts_endpoints() {
        let arn = "arn:aws:s3-outposts:us-west-2:123456789012:outpost/op-0123/accesspoint/myap";
        let service = "s3-outposts";
        let host = "myap-123456789012.op-0123.s3-outposts.us-west-2.amazonaws.com";
        check(arn, "us-east-1", "", (host, "", REGION, service));
        let host = "myap-123456789012.op-0123.gw.example.com";
        check(arn, REGION, "https://gw.example.com", (host, "", REGION, service));
        for (name, option) in [
            ("dualstack", EndpointOption::Dualstack),
            ("fips", EndpointOption::Fips),
            ("accelerate", EndpointOption::Accelerate),
        ] {
            rejects(arn, REGION, name, InvalidTarget::AccessPoint(option));
        }
        let rack = "test-accessp-o0b1d075431d83bebde8xz5w8ijx1qzlbp3i3kuse10--op-s3";
        let host = format!("{rack}.op-0b1d075431d83bebd.s3-outposts.us-west-2.amazonaws.com");
        check(rack, REGION, "", (&host, "", REGION, service));
        rejects(rack, REGION, "fips", InvalidTarget::AccessPoint(EndpointOption::Fips));
        let server = rack.replace("-o0", "-e0");
        let host = format!("{server}.ec2.s3-outposts.us-west-2.amazonaws.com");
        check(&server, REGION, "", (&host, "", REGION, service));
    }

    #[test]
    fn multi_region_access_point_endpoints() {
        let arn = "arn:aws:s3::123456789012:accesspoint/mfzwi23gnjvgw.mrap";
        let host = "mfzwi23gnjvgw.mrap.accesspoint.s3-global.amazonaws.com";
        check(arn, REGION, "", (host, "", REGION, "s3"));
        assert!(builder(arn, REGION).build().unwrap().requires_sigv4a());
        assert!(!builder("abc", REGION).build().unwrap().requires_sigv4a());
        rejects(arn, REGION, "dualstack", InvalidTarget::AccessPoint(EndpointOption::Dualstack));
        rejects(arn, REGION, "https://gw.example.com", InvalidTarget::AccessPoint(EndpointOption::Endpoint));
        rejects(arn, "us-gov-west-1", "", InvalidTarget::ArnPartition);
    }

    #[test]
    fn access_point_arn_replaces_the_bucket_name() {
        let arn = "arn:aws:s3:us-west-2:123456789012:accesspoint/myap";
        let target = builder(arn, REGION).build().unwrap();
        assert_eq!((target.bucket().as_str(), target.bucket().tenant()), (arn, None));
        assert_eq!(target.access_point().unwrap().name(), "myap");
        assert_eq!(target.endpoint_url(), "https://s3-accesspoint.us-west-2.amazonaws.com");
        assert_eq!(target.object_arn("a/*"), format!("{arn}/object/a/*"));
        assert!(arn.parse::<Bucket>().is_err());
    }
}
