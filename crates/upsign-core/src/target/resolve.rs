//! Resolution of hosts: which host and path prefix a bucket or an access point has.
//!
//! The rules are those of the endpoint rule set for S3 that every AWS SDK contains (`endpoint-rule-set-1.json` of
//! botocore), except that the global endpoint `s3.amazonaws.com` is never used.

use crate::target::access_point::{AccessPoint, Location};
use crate::target::addressing::Addressing;
use crate::target::bucket::{Bucket, OutpostsAlias};
use crate::target::endpoint::{Endpoint, Scheme};
use crate::target::error::InvalidTarget;
use crate::target::options::{EndpointOption, EndpointOptions};
use crate::target::partition::Partition;
use crate::target::region::Region;
use crate::target::tenant::TenantBucket;
use crate::target::{Address, Service, Target};

/// Resolves a bucket at AWS's endpoint of its region. The options must have been checked against the bucket.
pub(crate) fn aws_bucket(
    bucket: Bucket,
    region: Region,
    addressing: Addressing,
    options: EndpointOptions,
) -> Target {
    let suffix = Partition::of(&region).dns_suffix();
    if let Some(Ok(alias)) = bucket.outposts_alias() {
        let authority = match alias {
            OutpostsAlias::Server => format!("ec2.s3-outposts.{region}.{suffix}"),
            OutpostsAlias::Rack(id) => format!("op-{id}.s3-outposts.{region}.{suffix}"),
        };
        return Base::https(authority).with_bucket(bucket, region, false, Service::Outposts);
    }
    let dualstack = options.dualstack_label();
    if let Some(zone) = bucket.zone() {
        let fips = if options.fips { "fips-" } else { "" };
        let authority = format!("s3express-{fips}{zone}{dualstack}.{region}.{suffix}");
        return Base::https(authority).with_bucket(bucket, region, false, Service::S3Express);
    }
    let authority = match (options.accelerate, options.fips) {
        (true, _) => format!("s3-accelerate{dualstack}.{suffix}"),
        (false, true) => format!("s3-fips{dualstack}.{region}.{suffix}"),
        (false, false) => format!("s3{dualstack}.{region}.{suffix}"),
    };
    let path_style = bucket.is_dotted() || addressing == Addressing::Path;
    Base::https(authority).with_bucket(bucket, region, path_style, Service::S3)
}

/// Resolves a bucket at a custom endpoint.
pub(crate) fn bucket_at(
    bucket: Bucket,
    region: Region,
    endpoint: &Endpoint,
    addressing: Addressing,
) -> Result<Target, InvalidTarget> {
    let path_style = match addressing {
        Addressing::BucketHost => return Ok(Base::of(endpoint).of_bucket(bucket, region)),
        Addressing::Path => true,
        Addressing::Auto => bucket.is_dotted() || !endpoint.is_localhost(),
        Addressing::VirtualHosted if endpoint.is_ip() => return Err(InvalidTarget::VirtualHostOfIp),
        // The restriction on dots comes from wildcard certificates, so it does not apply without TLS.
        Addressing::VirtualHosted => bucket.is_dotted() && endpoint.scheme() == Scheme::Https,
    };
    Ok(Base::of(endpoint).with_bucket(bucket, region, path_style, Service::S3))
}

/// Resolves the bucket of a tenant. The gateway decodes and encodes the path before it computes the signature, so the colon must be
/// encoded: <https://github.com/ceph/ceph/blob/main/src/rgw/rgw_auth_s3.cc>.
pub(crate) fn tenant_bucket_at(bucket: &TenantBucket, region: Region, endpoint: &Endpoint) -> Target {
    let base = Base::of(endpoint);
    let path_prefix = format!("{}/{}%3A{}", base.path, bucket.tenant(), bucket.bucket());
    let host = base.authority.clone();
    base.target(Bucket::of_tenant(bucket), region, host, path_prefix, true, Service::S3)
}

/// Returns the region for which requests to an access point are signed.
///
/// Credentials are valid within one partition, so the ARN must be in the partition of the configured region.
pub(crate) fn access_point_region(
    point: &AccessPoint,
    configured: Region,
    use_arn_region: bool,
) -> Result<Region, InvalidTarget> {
    if Partition::of(&configured).name() != point.partition() {
        return Err(InvalidTarget::ArnPartition);
    }
    match point.region() {
        None => Ok(configured),
        Some(region) if use_arn_region || *region == configured => Ok(region.clone()),
        Some(_) => Err(InvalidTarget::ArnRegion),
    }
}

/// Resolves an access point, at AWS's endpoint of its region or at a custom one.
pub(crate) fn access_point(
    point: AccessPoint,
    region: Region,
    endpoint: Option<&Endpoint>,
    options: EndpointOptions,
) -> Result<Target, InvalidTarget> {
    let suffix = Partition::of(&region).dns_suffix();
    if endpoint.is_some() {
        options.reject_any(InvalidTarget::CustomEndpoint)?;
    }
    if endpoint.is_some_and(Endpoint::is_ip) {
        return Err(InvalidTarget::VirtualHostOfIp);
    }
    let label = format!("{}-{}", point.name(), point.account());
    let (label, aws_authority, service) = match point.location() {
        Location::Region(_) => {
            if options.accelerate {
                return Err(InvalidTarget::AccessPoint(EndpointOption::Accelerate));
            }
            if options.fips && point.partition() == "aws-cn" {
                return Err(InvalidTarget::Partition(EndpointOption::Fips, "aws-cn"));
            }
            let fips = if options.fips { "-fips" } else { "" };
            let authority = format!("s3-accesspoint{fips}{}.{region}.{suffix}", options.dualstack_label());
            (label, authority, Service::S3)
        }
        Location::Outpost(_, id) => {
            options.reject_any(InvalidTarget::AccessPoint)?;
            (format!("{label}.{id}"), format!("s3-outposts.{region}.{suffix}"), Service::Outposts)
        }
        Location::MultiRegion => {
            options.reject_any(InvalidTarget::AccessPoint)?;
            if endpoint.is_some() {
                return Err(InvalidTarget::AccessPoint(EndpointOption::Endpoint));
            }
            (point.name().to_owned(), format!("accesspoint.s3-global.{suffix}"), Service::S3MultiRegion)
        }
    };
    let base = endpoint.map_or_else(|| Base::https(aws_authority), Base::of);
    Ok(base.with_access_point(point, region, &label, service))
}

/// An endpoint to which the bucket or the access point has not been added yet.
struct Base<'a> {
    scheme: Scheme,
    /// Host and optional port.
    authority: String,
    path: &'a str,
}

impl<'a> Base<'a> {
    fn https(authority: String) -> Self {
        Self { scheme: Scheme::Https, authority, path: "" }
    }

    fn of(endpoint: &'a Endpoint) -> Self {
        let authority = match endpoint.port() {
            Some(port) => format!("{}:{port}", endpoint.host()),
            None => endpoint.host().to_owned(),
        };
        Self { scheme: endpoint.scheme(), authority, path: endpoint.base_path() }
    }

    fn with_bucket(&self, bucket: Bucket, region: Region, path_style: bool, service: Service) -> Target {
        let (host, path_prefix) = if path_style {
            (self.authority.clone(), format!("{}/{bucket}", self.path))
        } else {
            (format!("{bucket}.{}", self.authority), self.path.to_owned())
        };
        self.target(bucket, region, host, path_prefix, path_style, service)
    }

    /// Returns the target of the bucket whose own host this is.
    fn of_bucket(&self, bucket: Bucket, region: Region) -> Target {
        self.target(bucket, region, self.authority.clone(), self.path.to_owned(), false, Service::S3)
    }

    fn target(
        &self,
        bucket: Bucket,
        region: Region,
        host: String,
        path_prefix: String,
        path_style: bool,
        service: Service,
    ) -> Target {
        Target::new(Address {
            bucket,
            access_point: None,
            region,
            scheme: self.scheme,
            host: host.into(),
            path_prefix: path_prefix.into(),
            path_style,
            endpoint_url: self.url().into(),
            service,
        })
    }

    fn with_access_point(&self, point: AccessPoint, region: Region, label: &str, service: Service) -> Target {
        Target::new(Address {
            bucket: Bucket::from_arn(point.as_str()),
            access_point: Some(point),
            region,
            scheme: self.scheme,
            host: format!("{label}.{}", self.authority).into(),
            path_prefix: self.path.into(),
            path_style: false,
            endpoint_url: self.url().into(),
            service,
        })
    }

    fn url(&self) -> String {
        format!("{}://{}{}", self.scheme.as_str(), self.authority, self.path)
    }
}
