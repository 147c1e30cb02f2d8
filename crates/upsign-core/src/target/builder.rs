//! How a bucket or an access point is reached: the choices of AWS's SDKs, checked together.
//!
//! Source: the endpoint rules for S3 that every AWS SDK carries (`endpoint-rule-set-1.json` of botocore), without their
//! global endpoint.

use crate::target::access_point::AccessPoint;
use crate::target::access_point::Place;
use crate::target::bucket::Bucket;
use crate::target::bucket::OutpostsAlias;
use crate::target::endpoint::{Endpoint, Scheme};
use crate::target::partition::Partition;
use crate::target::region::Region;
use crate::target::resource::Resource;
use crate::target::{Addressing, EndpointOption, InvalidTarget, Target};
use crate::target::{Inner, Service};

/// Builds a [`Target`]; see [`Target::builder`]. Without further choices it is [`Target::aws`].
#[derive(Clone, Debug)]
#[must_use]
pub struct TargetBuilder {
    resource: Resource,
    region: Region,
    endpoint: Option<Endpoint>,
    addressing: Addressing,
    choices: Choices,
    use_arn_region: bool,
}

/// The choices among AWS's own endpoints.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Choices {
    dualstack: bool,
    fips: bool,
    accelerate: bool,
}

impl TargetBuilder {
    pub(crate) fn new(resource: Resource, region: Region) -> Self {
        Self {
            resource,
            region,
            endpoint: None,
            addressing: Addressing::Auto,
            choices: Choices::default(),
            use_arn_region: true,
        }
    }

    /// Another store's address, or one of your own before AWS. Excludes the choices among AWS's endpoints.
    pub fn endpoint(self, endpoint: Endpoint) -> Self {
        Self { endpoint: Some(endpoint), ..self }
    }

    /// Where the bucket's name goes.
    pub fn addressing(self, addressing: Addressing) -> Self {
        Self { addressing, ..self }
    }

    /// The endpoint that answers over IPv4 and IPv6.
    pub fn dualstack(mut self, dualstack: bool) -> Self {
        self.choices.dualstack = dualstack;
        self
    }

    /// The endpoint with FIPS 140 validated cryptography, which AWS runs in the United States and Canada.
    pub fn fips(mut self, fips: bool) -> Self {
        self.choices.fips = fips;
        self
    }

    /// Transfer acceleration: the bucket's `s3-accelerate` endpoint at the edge, still signed for the bucket's region.
    /// Needs a bucket without dots in its name, on which acceleration is switched on.
    pub fn accelerate(mut self, accelerate: bool) -> Self {
        self.choices.accelerate = accelerate;
        self
    }

    /// Whether an ARN may name another region than the configured one, which is then signed for. True unless said
    /// otherwise.
    pub fn use_arn_region(self, use_arn_region: bool) -> Self {
        Self { use_arn_region, ..self }
    }

    /// The target.
    ///
    /// # Errors
    /// [`InvalidTarget`] for choices that do not go together.
    pub fn build(self) -> Result<Target, InvalidTarget> {
        if self.choices.accelerate && self.choices.fips {
            return Err(InvalidTarget::AcceleratedFips);
        }
        let Self { resource, region, endpoint, addressing, choices, use_arn_region } = self;
        match (resource, endpoint) {
            (Resource::Bucket(bucket), None) => {
                choices.check(&bucket, &region, addressing)?;
                Ok(regional(bucket, region, addressing, choices))
            }
            (Resource::Bucket(bucket), Some(endpoint)) => {
                choices.none(InvalidTarget::CustomEndpoint)?;
                elsewhere(bucket, region, &endpoint, addressing)
            }
            (Resource::AccessPoint(_), _) if addressing == Addressing::Path => {
                Err(InvalidTarget::AccessPointInPath)
            }
            (Resource::AccessPoint(point), endpoint) => {
                let region = signing_region(&point, region, use_arn_region)?;
                access_point(point, region, endpoint.as_ref(), choices)
            }
        }
    }
}

impl Choices {
    fn check(self, bucket: &Bucket, region: &Region, addressing: Addressing) -> Result<(), InvalidTarget> {
        if bucket.outposts_alias().is_some() {
            return self.none(InvalidTarget::AccessPoint);
        }
        let partition = Partition::of(region).name();
        let missing = |choice| Err(InvalidTarget::Partition(choice, partition));
        match partition {
            "aws-cn" if self.fips => missing(EndpointOption::Fips),
            "aws-cn" if self.accelerate => missing(EndpointOption::Accelerate),
            _ if self.accelerate && (bucket.is_dotted() || addressing == Addressing::Path) => {
                Err(InvalidTarget::AcceleratedPath)
            }
            _ => Ok(()),
        }
    }

    /// Refuses whatever is chosen.
    fn none(self, refusal: impl Fn(EndpointOption) -> InvalidTarget) -> Result<(), InvalidTarget> {
        let chosen = [
            (self.dualstack, EndpointOption::Dualstack),
            (self.fips, EndpointOption::Fips),
            (self.accelerate, EndpointOption::Accelerate),
        ];
        match chosen.into_iter().find(|(chosen, _)| *chosen) {
            Some((_, choice)) => Err(refusal(choice)),
            None => Ok(()),
        }
    }

    const fn dualstack_label(self) -> &'static str {
        if self.dualstack { ".dualstack" } else { "" }
    }
}

/// A bucket at its region's own endpoint.
pub(crate) fn regional(bucket: Bucket, region: Region, addressing: Addressing, choices: Choices) -> Target {
    let suffix = Partition::of(&region).dns_suffix();
    if let Some(Ok(alias)) = bucket.outposts_alias() {
        let authority = match alias {
            OutpostsAlias::Server => format!("ec2.s3-outposts.{region}.{suffix}"),
            OutpostsAlias::Rack(id) => format!("op-{id}.s3-outposts.{region}.{suffix}"),
        };
        return Site::https(authority).bucket(bucket, region, false, Service::Outposts);
    }
    let dualstack = choices.dualstack_label();
    let authority = match (choices.accelerate, choices.fips) {
        (true, _) => format!("s3-accelerate{dualstack}.{suffix}"),
        (false, true) => format!("s3-fips{dualstack}.{region}.{suffix}"),
        (false, false) => format!("s3{dualstack}.{region}.{suffix}"),
    };
    let path_style = bucket.is_dotted() || addressing == Addressing::Path;
    Site::https(authority).bucket(bucket, region, path_style, Service::S3)
}

/// A bucket at another endpoint.
fn elsewhere(
    bucket: Bucket,
    region: Region,
    endpoint: &Endpoint,
    addressing: Addressing,
) -> Result<Target, InvalidTarget> {
    let path_style = match addressing {
        Addressing::Path => true,
        Addressing::Auto => bucket.is_dotted() || !endpoint.is_localhost(),
        Addressing::VirtualHosted if endpoint.is_ip() => return Err(InvalidTarget::VirtualHostOfIp),
        // Without TLS there is no certificate that would have to cover the dots.
        Addressing::VirtualHosted => bucket.is_dotted() && endpoint.scheme() == Scheme::Https,
    };
    Ok(Site::of(endpoint).bucket(bucket, region, path_style, Service::S3))
}

/// The region an access point is signed for, once it is known to be one that the credentials reach.
fn signing_region(
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

fn access_point(
    point: AccessPoint,
    region: Region,
    endpoint: Option<&Endpoint>,
    choices: Choices,
) -> Result<Target, InvalidTarget> {
    let suffix = Partition::of(&region).dns_suffix();
    if endpoint.is_some() {
        choices.none(InvalidTarget::CustomEndpoint)?;
    }
    if endpoint.is_some_and(Endpoint::is_ip) {
        return Err(InvalidTarget::VirtualHostOfIp);
    }
    let label = format!("{}-{}", point.name(), point.account());
    let (label, own, service) = match point.place() {
        Place::Region(_) => {
            if choices.accelerate {
                return Err(InvalidTarget::AccessPoint(EndpointOption::Accelerate));
            }
            if choices.fips && point.partition() == "aws-cn" {
                return Err(InvalidTarget::Partition(EndpointOption::Fips, "aws-cn"));
            }
            let fips = if choices.fips { "-fips" } else { "" };
            let own = format!("s3-accesspoint{fips}{}.{region}.{suffix}", choices.dualstack_label());
            (label, own, Service::S3)
        }
        Place::Outpost(_, id) => {
            choices.none(InvalidTarget::AccessPoint)?;
            (format!("{label}.{id}"), format!("s3-outposts.{region}.{suffix}"), Service::Outposts)
        }
        Place::ManyRegions => {
            choices.none(InvalidTarget::AccessPoint)?;
            if endpoint.is_some() {
                return Err(InvalidTarget::AccessPoint(EndpointOption::Endpoint));
            }
            (point.name().to_owned(), format!("accesspoint.s3-global.{suffix}"), Service::S3InManyRegions)
        }
    };
    let site = endpoint.map_or_else(|| Site::https(own), Site::of);
    Ok(site.access_point(point, region, &label, service))
}

/// An endpoint before a bucket is put into it.
struct Site<'a> {
    scheme: Scheme,
    authority: String,
    base_path: &'a str,
}

impl<'a> Site<'a> {
    fn https(authority: String) -> Self {
        Self { scheme: Scheme::Https, authority, base_path: "" }
    }

    fn of(endpoint: &'a Endpoint) -> Self {
        let authority = match endpoint.port() {
            Some(port) => format!("{}:{port}", endpoint.host()),
            None => endpoint.host().to_owned(),
        };
        Self { scheme: endpoint.scheme(), authority, base_path: endpoint.base_path() }
    }

    fn bucket(&self, bucket: Bucket, region: Region, path_style: bool, service: Service) -> Target {
        let (host, path_prefix) = if path_style {
            (self.authority.clone(), format!("{}/{bucket}", self.base_path))
        } else {
            (format!("{bucket}.{}", self.authority), self.base_path.to_owned())
        };
        self.target(Inner {
            bucket,
            access_point: None,
            region,
            scheme: self.scheme,
            host: host.into(),
            path_prefix: path_prefix.into(),
            path_style,
            endpoint_url: "".into(),
            service,
        })
    }

    fn access_point(&self, point: AccessPoint, region: Region, label: &str, service: Service) -> Target {
        self.target(Inner {
            bucket: Bucket::standing_in(point.as_str()),
            access_point: Some(point),
            region,
            scheme: self.scheme,
            host: format!("{label}.{}", self.authority).into(),
            path_prefix: self.base_path.into(),
            path_style: false,
            endpoint_url: "".into(),
            service,
        })
    }

    fn target(&self, inner: Inner) -> Target {
        let endpoint_url = format!("{}://{}{}", self.scheme.as_str(), self.authority, self.base_path).into();
        Target::new(Inner { endpoint_url, ..inner })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const REGION: &str = "us-west-2";

    fn builder(resource: &str, region: &str) -> TargetBuilder {
        Target::builder(resource.parse::<Resource>().unwrap(), region.parse().unwrap())
    }

    fn with(resource: &str, region: &str, choices: &str) -> TargetBuilder {
        let mut builder = builder(resource, region);
        for choice in choices.split_whitespace() {
            builder = match choice {
                "dualstack" => builder.dualstack(true),
                "fips" => builder.fips(true),
                "accelerate" => builder.accelerate(true),
                "path" => builder.addressing(Addressing::Path),
                "virtual" => builder.addressing(Addressing::VirtualHosted),
                "own-region" => builder.use_arn_region(false),
                endpoint => builder.endpoint(endpoint.parse().unwrap()),
            };
        }
        builder
    }

    /// Host, path prefix, signing region and service.
    #[track_caller]
    fn check(resource: &str, region: &str, choices: &str, expected: (&str, &str, &str, &str)) {
        let target = with(resource, region, choices).build().unwrap();
        let found = (target.host(), target.path_prefix(), target.region().as_str(), target.signing_service());
        assert_eq!(found, expected, "{resource} {choices}");
    }

    #[track_caller]
    fn refused(resource: &str, region: &str, choices: &str, why: InvalidTarget) {
        assert_eq!(with(resource, region, choices).build(), Err(why), "{resource} {choices}");
    }

    #[test]
    fn buckets_on_aws() {
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
    fn what_does_not_go_together_on_aws() {
        refused("abc", REGION, "accelerate fips", InvalidTarget::AcceleratedFips);
        refused("abc", REGION, "accelerate path", InvalidTarget::AcceleratedPath);
        refused("a.bc", REGION, "accelerate", InvalidTarget::AcceleratedPath);
        refused(
            "abc",
            "cn-north-1",
            "accelerate",
            InvalidTarget::Partition(EndpointOption::Accelerate, "aws-cn"),
        );
        refused("abc", "cn-north-1", "fips", InvalidTarget::Partition(EndpointOption::Fips, "aws-cn"));
        for (name, choice) in [
            ("dualstack", EndpointOption::Dualstack),
            ("fips", EndpointOption::Fips),
            ("accelerate", EndpointOption::Accelerate),
        ] {
            let choices = format!("{name} https://gw.example.com");
            refused("abc", REGION, &choices, InvalidTarget::CustomEndpoint(choice));
        }
    }

    #[test]
    fn access_points() {
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
        refused(arn, "us-east-1", "own-region", InvalidTarget::ArnRegion);
        refused(arn, "cn-north-1", "", InvalidTarget::ArnPartition);
        refused(arn, REGION, "path", InvalidTarget::AccessPointInPath);
        refused(arn, REGION, "accelerate", InvalidTarget::AccessPoint(EndpointOption::Accelerate));
        refused(arn, REGION, "http://127.0.0.1", InvalidTarget::VirtualHostOfIp);
        refused(
            arn,
            REGION,
            "fips https://gw.example.com",
            InvalidTarget::CustomEndpoint(EndpointOption::Fips),
        );
        let china = "arn:aws-cn:s3:cn-north-1:123456789012:accesspoint/myap";
        refused(china, "cn-north-1", "fips", InvalidTarget::Partition(EndpointOption::Fips, "aws-cn"));
    }

    #[test]
    fn outposts() {
        let arn = "arn:aws:s3-outposts:us-west-2:123456789012:outpost/op-0123/accesspoint/myap";
        let service = "s3-outposts";
        let host = "myap-123456789012.op-0123.s3-outposts.us-west-2.amazonaws.com";
        check(arn, "us-east-1", "", (host, "", REGION, service));
        let host = "myap-123456789012.op-0123.gw.example.com";
        check(arn, REGION, "https://gw.example.com", (host, "", REGION, service));
        for (name, choice) in [
            ("dualstack", EndpointOption::Dualstack),
            ("fips", EndpointOption::Fips),
            ("accelerate", EndpointOption::Accelerate),
        ] {
            refused(arn, REGION, name, InvalidTarget::AccessPoint(choice));
        }
        let rack = "test-accessp-o0b1d075431d83bebde8xz5w8ijx1qzlbp3i3kuse10--op-s3";
        let host = format!("{rack}.op-0b1d075431d83bebd.s3-outposts.us-west-2.amazonaws.com");
        check(rack, REGION, "", (&host, "", REGION, service));
        refused(rack, REGION, "fips", InvalidTarget::AccessPoint(EndpointOption::Fips));
        let server = rack.replace("-o0", "-e0");
        let host = format!("{server}.ec2.s3-outposts.us-west-2.amazonaws.com");
        check(&server, REGION, "", (&host, "", REGION, service));
    }

    #[test]
    fn many_regions() {
        let arn = "arn:aws:s3::123456789012:accesspoint/mfzwi23gnjvgw.mrap";
        let host = "mfzwi23gnjvgw.mrap.accesspoint.s3-global.amazonaws.com";
        check(arn, REGION, "", (host, "", REGION, "s3"));
        assert!(builder(arn, REGION).build().unwrap().requires_sigv4a());
        assert!(!builder("abc", REGION).build().unwrap().requires_sigv4a());
        refused(arn, REGION, "dualstack", InvalidTarget::AccessPoint(EndpointOption::Dualstack));
        refused(arn, REGION, "https://gw.example.com", InvalidTarget::AccessPoint(EndpointOption::Endpoint));
        refused(arn, "us-gov-west-1", "", InvalidTarget::ArnPartition);
    }

    /// What `Debug`, IAM and an SDK are told of an access point.
    #[test]
    fn the_arn_stands_in_for_the_bucket() {
        let arn = "arn:aws:s3:us-west-2:123456789012:accesspoint/myap";
        let target = builder(arn, REGION).build().unwrap();
        assert_eq!(target.bucket().as_str(), arn);
        assert_eq!(target.access_point().unwrap().name(), "myap");
        assert_eq!(target.endpoint_url(), "https://s3-accesspoint.us-west-2.amazonaws.com");
        assert_eq!(target.object_arn("a/*"), format!("{arn}/object/a/*"));
        assert!(arn.parse::<Bucket>().is_err());
    }
}
