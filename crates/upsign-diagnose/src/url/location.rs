//! Where a URL leads: the store, the bucket and the key.

use upsign_core::{BucketPlace, Endpoint, Provider, Region};

use crate::url::query::decode;

/// How a URL names the bucket.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum AddressStyle {
    /// The bucket is the first segment of the path.
    Path,
    /// The bucket is at the start of the host.
    VirtualHosted,
    /// Transfer Acceleration of S3: `BUCKET.s3-accelerate.amazonaws.com`.
    Accelerate,
    /// An access point of S3, in one region.
    AccessPoint,
    /// A multi-region access point of S3.
    MultiRegionAccessPoint,
    /// A directory bucket (S3 Express One Zone).
    DirectoryBucket,
    /// An access point of S3 Object Lambda.
    ObjectLambda,
    /// An access point of S3 on Outposts.
    Outposts,
    /// A distribution of CloudFront, which stands for a bucket.
    Distribution,
    /// A container of Azure Blob Storage.
    Container,
}

impl AddressStyle {
    /// Returns a stable name for programs, such as `virtual-hosted`.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Path => "path",
            Self::VirtualHosted => "virtual-hosted",
            Self::Accelerate => "accelerate",
            Self::AccessPoint => "access-point",
            Self::MultiRegionAccessPoint => "multi-region-access-point",
            Self::DirectoryBucket => "directory-bucket",
            Self::ObjectLambda => "object-lambda",
            Self::Outposts => "outposts",
            Self::Distribution => "distribution",
            Self::Container => "container",
        }
    }
}

/// Where a URL leads, as far as the URL itself says it.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Location {
    /// The store, or `None` if S3 clients cannot call it, such as CloudFront and Azure. A host that belongs to no known store is
    /// [`Provider::Custom`].
    pub provider: Option<Provider>,
    /// How the bucket is named.
    pub style: AddressStyle,
    /// `true` if the host does not tell how the bucket is named, and path style was assumed.
    pub is_assumed: bool,
    /// The bucket, or the access point.
    pub bucket: Option<Box<str>>,
    /// The key, decoded; without the slash that separates it from host or bucket. Empty for a URL of the bucket itself.
    pub key: Option<Box<str>>,
    /// The region that the host names.
    pub region: Option<Box<str>>,
    /// `true` for hosts with addresses of IPv4 and IPv6.
    pub dualstack: bool,
    /// `true` for hosts with cryptography validated by FIPS 140.
    pub fips: bool,
}

impl Location {
    /// Reads host and path. `host` may have upper case and a port.
    pub(crate) fn of(host: &str, raw_path: &str) -> Self {
        let name = host_name(host).to_ascii_lowercase();
        let name = name.trim_end_matches('.');
        let raw_key = raw_path.strip_prefix('/').unwrap_or(raw_path);
        if let Some(found) = special(name) {
            return found.with_key(raw_key);
        }
        let endpoint = format!("https://{name}").parse::<Endpoint>().ok();
        let Some(store) = endpoint.as_ref().and_then(Provider::of_host) else { return custom(name, raw_key) };
        let in_host = store.bucket.filter(|it| it.place == BucketPlace::Host).map(|it| it.name);
        let is_express = name.split('.').any(|label| label.starts_with("s3express-"));
        let labels = |wanted: &[&str]| name.split('.').any(|label| wanted.contains(&label));
        let is_aws = store.provider == Provider::Aws;
        let style = match &in_host {
            _ if is_aws && is_express => AddressStyle::DirectoryBucket,
            _ if is_aws && labels(&["s3-accelerate"]) => AddressStyle::Accelerate,
            Some(_) => AddressStyle::VirtualHosted,
            None => AddressStyle::Path,
        };
        let base = Self {
            provider: Some(store.provider),
            region: store.region.as_ref().map(Region::as_str).map(Into::into),
            dualstack: is_aws && labels(&["dualstack"]),
            fips: is_aws
                && name.split('.').any(|label| label == "s3-fips" || label.starts_with("s3express-fips-")),
            ..Self::in_style(style, in_host)
        };
        base.with_key(raw_key)
    }

    /// A domain in front of a distribution of CloudFront.
    pub(crate) fn distribution(raw_path: &str) -> Self {
        let raw_key = raw_path.strip_prefix('/').unwrap_or(raw_path);
        Self::in_style(AddressStyle::Distribution, None).with_key(raw_key)
    }

    fn in_style(style: AddressStyle, bucket: Option<Box<str>>) -> Self {
        Self {
            provider: None,
            style,
            is_assumed: false,
            bucket,
            key: None,
            region: None,
            dualstack: false,
            fips: false,
        }
    }

    /// Sets the key, and the bucket if the host does not contain it.
    fn with_key(mut self, raw_key: &str) -> Self {
        let has_bucket_in_path = self.bucket.is_none() && self.style != AddressStyle::Distribution;
        if has_bucket_in_path {
            let (bucket, key) = raw_key.split_once('/').unwrap_or((raw_key, ""));
            self.bucket = Some(decode(bucket)).filter(|bucket| !bucket.is_empty());
            self.key = Some(decode(key));
        } else {
            self.key = Some(decode(raw_key));
        }
        self
    }
}

/// Returns the host without its port. The brackets of IPv6 stay.
pub(crate) fn host_name(host: &str) -> &str {
    match host.rsplit_once(':') {
        Some((name, port)) if !port.contains(']') => name,
        _ => host,
    }
}

/// A host that no store of the table has. A name below `localhost` contains the bucket; an address and a single label cannot.
fn custom(name: &str, raw_key: &str) -> Location {
    let below_localhost = name.strip_suffix(".localhost").map(|bucket| bucket.trim_end_matches(".s3"));
    let (style, bucket) = match below_localhost {
        Some(bucket) if bucket != "s3" => (AddressStyle::VirtualHosted, Some(bucket.into())),
        _ => (AddressStyle::Path, None),
    };
    let is_certain = bucket.is_some() || !name.contains('.') || name.starts_with('[') || is_ipv4(name);
    let base = Location {
        provider: Some(Provider::Custom),
        is_assumed: !is_certain,
        ..Location::in_style(style, bucket)
    };
    base.with_key(raw_key)
}

fn is_ipv4(name: &str) -> bool {
    name.parse::<std::net::Ipv4Addr>().is_ok()
}

/// Reads hosts that contain neither a bucket nor a region where the others do.
///
/// Sources: <https://docs.aws.amazon.com/AmazonS3/latest/userguide/access-points-naming.html>,
/// <https://docs.aws.amazon.com/AmazonS3/latest/userguide/MultiRegionAccessPointRequests.html>,
/// <https://docs.aws.amazon.com/general/latest/gr/s3.html>,
/// <https://learn.microsoft.com/azure/storage/common/storage-account-overview#storage-account-endpoints>.
fn special(name: &str) -> Option<Location> {
    if name.ends_with(".cloudfront.net") {
        return Some(Location::in_style(AddressStyle::Distribution, None));
    }
    if name.contains(".blob.core.") || name.contains(".blob.storage.azure.net") {
        return Some(Location::in_style(AddressStyle::Container, None));
    }
    if let Some((alias, _)) = name.split_once(".accesspoint.s3-global.") {
        return Some(Location {
            provider: Some(Provider::Aws),
            ..Location::in_style(AddressStyle::MultiRegionAccessPoint, Some(alias.into()))
        });
    }
    let services = [
        (".s3-accesspoint", AddressStyle::AccessPoint),
        (".s3-object-lambda", AddressStyle::ObjectLambda),
        (".s3-outposts", AddressStyle::Outposts),
    ];
    let (point, after, style) = services.iter().find_map(|(service, style)| {
        let (point, after) = name.split_once(service)?;
        Some((point, after, *style))
    })?;
    let (fips, after) = after.strip_prefix("-fips").map_or((false, after), |after| (true, after));
    let (dualstack, after) = after.strip_prefix(".dualstack").map_or((false, after), |after| (true, after));
    let region = after.strip_prefix('.')?.split('.').next()?;
    Some(Location {
        provider: Some(Provider::Aws),
        region: Some(region.into()),
        dualstack,
        fips,
        ..Location::in_style(style, Some(point.into()))
    })
}
