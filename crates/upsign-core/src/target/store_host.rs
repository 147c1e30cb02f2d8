//! Which store an endpoint belongs to, and what else its address says: the region, and perhaps the bucket.

use crate::target::bucket::Bucket;
use crate::target::endpoint::Endpoint;
use crate::target::partition::Partition;
use crate::target::profile::{HostForm, Variable};
use crate::target::provider::Provider;
use crate::target::region::Region;
use crate::target::region_rule::has_form;

/// What the address of a store says.
///
/// ```
/// use upsign_core::Provider;
/// // As the dashboard of DigitalOcean shows it, the address contains the bucket.
/// let found = Provider::of_host(&"https://uploads.nyc3.digitaloceanspaces.com".parse()?).unwrap();
/// assert_eq!(found.provider, Provider::DigitalOcean);
/// assert_eq!(found.region, Some("nyc3".parse()?));
/// assert_eq!(found.bucket.unwrap().name.as_ref(), "uploads");
/// assert_eq!(found.endpoint.to_string(), "https://nyc3.digitaloceanspaces.com");
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct StoreHost {
    /// The store.
    pub provider: Provider,
    /// The region that the host names, if it names one. It may be none that the store has; see
    /// [`Provider::region_fit`].
    pub region: Option<Region>,
    /// The bucket that the address contains.
    pub bucket: Option<BucketInEndpoint>,
    /// The address without the bucket.
    pub endpoint: Endpoint,
}

/// A bucket that an endpoint contains.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct BucketInEndpoint {
    /// The name. It may be none that a bucket can have.
    pub name: Box<str>,
    /// Where it is.
    pub place: BucketPlace,
}

/// The part of an endpoint that contains the name of a bucket.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum BucketPlace {
    /// The first labels of the host.
    Host,
    /// The base path.
    Path,
}

impl Provider {
    /// Returns the store whose host this is, or `None` if no store with hosts of its own has it.
    ///
    /// Hosts of stores that users operate themselves, such as MinIO, do not tell which one it is.
    #[must_use]
    pub fn of_host(endpoint: &Endpoint) -> Option<StoreHost> {
        let host = endpoint.host();
        let mut found = of_aws(host);
        for provider in Self::ALL {
            let forms = provider.profile().hosts.iter();
            found =
                found.or_else(|| forms.filter_map(|form| form.parts(host)).next().map(|it| (provider, it)));
        }
        let (provider, parts) = found?;
        let own_host = endpoint.with_host(parts.own_host);
        let (bucket, own) = match (parts.bucket, endpoint.base_path().strip_prefix('/')) {
            (Some(name), _) => {
                (Some(BucketInEndpoint { name: name.into(), place: BucketPlace::Host }), own_host)
            }
            (None, Some(path)) => {
                let name = path.split('/').next().unwrap_or(path);
                let bucket = BucketInEndpoint { name: name.into(), place: BucketPlace::Path };
                (Some(bucket), own_host.with_base_path(""))
            }
            (None, None) => (None, own_host),
        };
        let region = parts.region.and_then(|region| region.parse().ok());
        Some(StoreHost { provider, region, bucket, endpoint: own })
    }
}

impl Endpoint {
    /// Returns where the address contains the name of a bucket, and the address without it.
    ///
    /// At a [host of a store](Provider::of_host) the store's form decides. Elsewhere, a bucket is the first label of the
    /// host, or the last segment of the base path.
    pub(crate) fn contains_bucket(&self, bucket: &Bucket) -> Option<(BucketPlace, Self)> {
        if let Some(store) = Provider::of_host(self) {
            let found = store.bucket.filter(|found| *found.name == *bucket.as_str())?;
            return Some((found.place, store.endpoint));
        }
        if let Some(rest) = self.host().strip_prefix(bucket.as_str()).and_then(|rest| rest.strip_prefix('.'))
        {
            return Some((BucketPlace::Host, self.with_host(rest)));
        }
        let path = self.base_path().strip_suffix(bucket.as_str())?.strip_suffix('/')?;
        Some((BucketPlace::Path, self.with_base_path(path)))
    }
}

/// The parts of a host.
struct Parts<'a> {
    bucket: Option<&'a str>,
    /// The host without the bucket.
    own_host: &'a str,
    region: Option<&'a str>,
}

impl HostForm {
    fn parts<'a>(&self, host: &'a str) -> Option<Parts<'a>> {
        let (before, region) = match self.variable {
            Variable::None(region) => (host.strip_suffix(self.before)?, region),
            Variable::Region(only) => {
                let rest = host.strip_suffix(self.after)?;
                let region =
                    rest.rsplit('.').next().filter(|region| only.is_empty() || only.contains(region))?;
                (rest.strip_suffix(region)?.strip_suffix(self.before)?, Some(region))
            }
            Variable::Account(labels) => {
                let rest = host.strip_suffix(self.after)?;
                let account = labels.iter().find_map(|label| rest.strip_suffix(label)?.strip_suffix('.'));
                let account = account.unwrap_or(rest);
                (account.strip_suffix(account.rsplit('.').next()?)?, None)
            }
        };
        let bucket = if before.is_empty() { None } else { Some(before.strip_suffix('.')?) };
        Some(Parts { bucket, own_host: host.get(before.len()..)?, region })
    }

    /// Returns the host of a region, or `None` if the group has none, or does not have one for each region.
    pub(crate) fn host_of(&self, region: &str) -> Option<String> {
        match self.variable {
            Variable::None(_) => Some(self.before.to_owned()),
            Variable::Region(only) => (only.is_empty() || only.contains(&region))
                .then(|| format!("{}{region}{}", self.before, self.after)),
            Variable::Account(_) => None,
        }
    }
}

/// Reads a host of AWS: `[BUCKET.]s3[-fips][.dualstack].REGION.SUFFIX`, the global and the accelerated ones, which name no
/// region, and those of interface endpoints, in which `bucket` is a word of AWS. Directory buckets have
/// `[BUCKET.]s3express-ZONE[.dualstack].REGION.SUFFIX`.
///
/// Sources: <https://docs.aws.amazon.com/general/latest/gr/s3.html>,
/// <https://docs.aws.amazon.com/AmazonS3/latest/userguide/VirtualHosting.html>,
/// <https://docs.aws.amazon.com/AmazonS3/latest/userguide/privatelink-interface-endpoints.html>.
fn of_aws(host: &str) -> Option<(Provider, Parts<'_>)> {
    let suffixes = Partition::dns_suffixes();
    let rest = suffixes.filter_map(|suffix| host.strip_suffix(suffix)?.strip_suffix('.')).next()?;
    let (rest, is_interface) = rest.strip_suffix(".vpce").map_or((rest, false), |rest| (rest, true));
    // The service is the last label of this form: a bucket may be called `s3`.
    let (service_at, service) = labels(rest).filter(|(_, label)| is_service(label)).last()?;
    let after = rest.get(service_at + service.len()..)?.trim_start_matches('.');
    let region = after.strip_prefix("dualstack").map_or(after, |rest| rest.trim_start_matches('.'));
    let region = if region.is_empty() { older_region(service) } else { Some(region) };
    if region.is_some_and(|region| region.contains('.')) {
        return None;
    }
    let own_at = if is_interface { rest.find("bucket.vpce-")? } else { service_at };
    let bucket = rest.get(..own_at)?.strip_suffix('.');
    Some((Provider::Aws, Parts { bucket, own_host: host.get(own_at..)?, region }))
}

/// Returns `true` for the labels of hosts with buckets. Those of access points and websites begin with `s3-` too.
fn is_service(label: &str) -> bool {
    let of_zone = label.strip_prefix("s3express-").is_some_and(|zone| !zone.starts_with("control"));
    of_zone || matches!(label, "s3" | "s3-fips" | "s3-accelerate") || older_region(label).is_some()
}

/// Returns the region in `s3-REGION`, the older form of `s3.REGION`.
fn older_region(label: &str) -> Option<&str> {
    let is_region = |name: &&str| has_form(name, "aa-word-0") || has_form(name, "aa-word-word-0");
    label.strip_prefix("s3-").filter(is_region)
}

/// Returns the labels of a host, each with the offset of its first byte.
fn labels(host: &str) -> impl Iterator<Item = (usize, &str)> {
    let mut start = 0;
    host.split('.').map(move |label| {
        let at = start;
        start += label.len() + 1;
        (at, label)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Compares provider, region, bucket and the endpoint without it, as one line.
    #[track_caller]
    fn check(endpoint: &str, expected: &str) {
        let found = Provider::of_host(&endpoint.parse().unwrap());
        let line = found.map_or_else(String::new, |found| {
            let region = found.region.as_ref().map_or("-", Region::as_str);
            let bucket = found.bucket.as_ref().map_or("-", |bucket| &bucket.name);
            format!("{} {region} {bucket} {}", found.provider, found.endpoint)
        });
        assert_eq!(line, expected, "{endpoint}");
    }

    #[test]
    fn hosts_of_stores_are_recognized() {
        check("https://acct.r2.cloudflarestorage.com", "r2 - - https://acct.r2.cloudflarestorage.com");
        check("https://a.eu.r2.cloudflarestorage.com", "r2 - - https://a.eu.r2.cloudflarestorage.com");
        check(
            "https://s3.us-west-004.backblazeb2.com",
            "b2 us-west-004 - https://s3.us-west-004.backblazeb2.com",
        );
        check("https://s3.wasabisys.com", "wasabi us-east-1 - https://s3.wasabisys.com");
        check("https://s3.eu-west-1.wasabisys.com", "wasabi eu-west-1 - https://s3.eu-west-1.wasabisys.com");
        check("https://nyc3.digitaloceanspaces.com", "do nyc3 - https://nyc3.digitaloceanspaces.com");
        check("https://t3.storage.dev", "tigris - - https://t3.storage.dev");
        check("https://fly.storage.tigris.dev", "tigris - - https://fly.storage.tigris.dev");
        check("https://storage.googleapis.com", "gcs - - https://storage.googleapis.com");
        check("https://fsn1.your-objectstorage.com", "hetzner fsn1 - https://fsn1.your-objectstorage.com");
        check("https://s3.gra.io.cloud.ovh.net", "ovh gra - https://s3.gra.io.cloud.ovh.net");
        check(
            "https://s3.us-east-va.io.cloud.ovh.us",
            "ovh us-east-va - https://s3.us-east-va.io.cloud.ovh.us",
        );
        check("https://s3.fr-par.scw.cloud", "scaleway fr-par - https://s3.fr-par.scw.cloud");
        check(
            "http://localhost.localstack.cloud:4566",
            "localstack - - http://localhost.localstack.cloud:4566",
        );
    }

    #[test]
    fn hosts_of_aws_are_recognized() {
        for (host, region) in [
            ("s3.eu-central-1.amazonaws.com", "eu-central-1"),
            ("s3-fips.us-east-1.amazonaws.com", "us-east-1"),
            ("s3.dualstack.eu-west-1.amazonaws.com", "eu-west-1"),
            ("s3-fips.dualstack.us-gov-west-1.amazonaws.com", "us-gov-west-1"),
            ("s3-eu-west-1.amazonaws.com", "eu-west-1"),
            ("s3-us-gov-west-1.amazonaws.com", "us-gov-west-1"),
            ("s3.amazonaws.com", "-"),
            ("s3-accelerate.amazonaws.com", "-"),
            ("s3-accelerate.dualstack.amazonaws.com", "-"),
            ("s3.cn-north-1.amazonaws.com.cn", "cn-north-1"),
            ("s3.eusc-de-east-1.amazonaws.eu", "eusc-de-east-1"),
        ] {
            check(&format!("https://{host}"), &format!("aws {region} - https://{host}"));
            check(&format!("https://a.b.{host}"), &format!("aws {region} a.b https://{host}"));
        }
        let interface = "https://bucket.vpce-1a2b3c4d-5e6f.s3.us-east-1.vpce.amazonaws.com";
        check(interface, &format!("aws us-east-1 - {interface}"));
        check(&interface.replace("//", "//abc."), &format!("aws us-east-1 abc {interface}"));
        let zone = "https://s3express-usw2-az1.us-west-2.amazonaws.com";
        check(zone, &format!("aws us-west-2 - {zone}"));
        check(
            "https://a--usw2-az1--x-s3.s3express-usw2-az1.us-west-2.amazonaws.com",
            &format!("aws us-west-2 a--usw2-az1--x-s3 {zone}"),
        );
        check("https://s3express-control.us-west-2.amazonaws.com", "");
        let central = "s3.eu-central-1.amazonaws.com";
        check(
            &format!("https://s3.backup.{central}"),
            &format!("aws eu-central-1 s3.backup https://{central}"),
        );
        check("https://s3.eu.central-1.amazonaws.com", "");
        check("https://sqs.eu-central-1.amazonaws.com", "");
        check("https://abc.s3-website-us-east-1.amazonaws.com", "");
        check("https://a-123456789012.s3-accesspoint.us-west-2.amazonaws.com", "");
    }

    #[test]
    fn buckets_in_the_addresses_of_stores_are_found() {
        let r2 = "https://acct.eu.r2.cloudflarestorage.com";
        check(&format!("{r2}/uploads"), &format!("r2 - uploads {r2}"));
        check("https://uploads.acct.eu.r2.cloudflarestorage.com", &format!("r2 - uploads {r2}"));
        let b2 = "https://s3.us-west-004.backblazeb2.com";
        check("https://uploads.s3.us-west-004.backblazeb2.com", &format!("b2 us-west-004 uploads {b2}"));
        check(&format!("{b2}/uploads/raw"), &format!("b2 us-west-004 uploads {b2}"));
        check("https://a.t3.storage.dev", "tigris - a https://t3.storage.dev");
        check("https://a.s3.wasabisys.com", "wasabi us-east-1 a https://s3.wasabisys.com");
        check(
            "https://a.nyc3.cdn.digitaloceanspaces.com",
            "do cdn a.nyc3 https://cdn.digitaloceanspaces.com",
        );
    }

    #[test]
    fn other_hosts_are_not_recognized() {
        for host in [
            "minio.example.com",
            "r2.cloudflarestorage.com",
            "backblazeb2.com",
            "s3.backblazeb2.com",
            "digitaloceanspaces.com",
            "xt3.storage.dev",
            "evil-s3.us-west-004.backblazeb2.com.example.com",
            "s3.gra.io.cloud.ovh.us",
            "amazonaws.com",
            "s3.example.amazonaws.com.example",
            "127.0.0.1",
            "[::1]",
        ] {
            check(&format!("https://{host}"), "");
        }
    }

    #[test]
    fn endpoint_that_names_the_bucket_is_recognized() {
        let find = |endpoint: &str| {
            let endpoint: Endpoint = endpoint.parse().unwrap();
            let found = endpoint.contains_bucket(&"uploads".parse().unwrap());
            found.map(|(place, without)| (place, without.to_string()))
        };
        for (endpoint, place, without) in [
            ("https://uploads.s3.example.com:9000", BucketPlace::Host, "https://s3.example.com:9000"),
            ("https://minio.example.com/uploads", BucketPlace::Path, "https://minio.example.com"),
            ("https://gw.example.com/s3/uploads", BucketPlace::Path, "https://gw.example.com/s3"),
            (
                "https://a.r2.cloudflarestorage.com/uploads",
                BucketPlace::Path,
                "https://a.r2.cloudflarestorage.com",
            ),
            (
                "https://uploads.fra1.digitaloceanspaces.com",
                BucketPlace::Host,
                "https://fra1.digitaloceanspaces.com",
            ),
        ] {
            assert_eq!(find(endpoint), Some((place, without.to_owned())), "{endpoint}");
        }
        for endpoint in [
            "https://uploads-s3.example.com",
            "https://s3.example.com/my-uploads",
            "https://uploads",
            "https://other.fra1.digitaloceanspaces.com",
            "https://a.r2.cloudflarestorage.com/other/uploads",
        ] {
            assert_eq!(find(endpoint), None, "{endpoint}");
        }
    }
}
