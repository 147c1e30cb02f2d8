//! A bucket at its address.

use std::fmt;
use std::sync::Arc;

use crate::{Bucket, Endpoint, Region, Scheme};

/// A bucket, the region it is signed for, and the exact host and path prefix under which its objects answer.
///
/// The host is always the regional one: the global `s3.amazonaws.com` answers young buckets with a redirect, which no
/// browser preflight survives.
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
struct Inner {
    bucket: Bucket,
    region: Region,
    scheme: Scheme,
    host: Box<str>,
    path_prefix: Box<str>,
    path_style: bool,
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
    /// `bucket.host/key`. A bucket with dots still goes by path, as in AWS's SDKs: no wildcard certificate covers it.
    VirtualHosted,
    /// `host/bucket/key`.
    Path,
}

/// The bucket cannot be a virtual host at this endpoint.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum InvalidTarget {
    /// An IP address has no subdomains.
    #[error("an IP address cannot carry a bucket as virtual host: use path addressing")]
    VirtualHostOfIp,
}

impl Target {
    /// A bucket on AWS, at the region's own endpoint over TLS: virtual-hosted, or path style when its name has dots.
    #[must_use]
    pub fn aws(bucket: Bucket, region: Region) -> Self {
        let endpoint = format!("s3.{region}.{}", dns_suffix(region.as_str()));
        let path_style = bucket.is_dotted();
        Self::assemble(bucket, region, Scheme::Https, &endpoint, "", path_style)
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
        let path_style = match addressing {
            Addressing::Path => true,
            Addressing::Auto => bucket.is_dotted() || !endpoint.is_localhost(),
            Addressing::VirtualHosted if endpoint.is_ip() => return Err(InvalidTarget::VirtualHostOfIp),
            Addressing::VirtualHosted => bucket.is_dotted(),
        };
        let authority = match endpoint.port() {
            Some(port) => format!("{}:{port}", endpoint.host()),
            None => endpoint.host().to_owned(),
        };
        Ok(Self::assemble(bucket, region, endpoint.scheme(), &authority, endpoint.base_path(), path_style))
    }

    fn assemble(
        bucket: Bucket,
        region: Region,
        scheme: Scheme,
        authority: &str,
        base_path: &str,
        path_style: bool,
    ) -> Self {
        let (host, path_prefix) = if path_style {
            (authority.into(), format!("{base_path}/{bucket}").into())
        } else {
            (format!("{bucket}.{authority}").into(), base_path.into())
        };
        Self(Arc::new(Inner { bucket, region, scheme, host, path_prefix, path_style }))
    }

    /// The bucket.
    #[must_use]
    pub fn bucket(&self) -> &Bucket {
        &self.0.bucket
    }

    /// The region that requests are signed for.
    #[must_use]
    pub fn region(&self) -> &Region {
        &self.0.region
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
        let (host, path) = if self.0.path_style {
            let path = self.0.path_prefix.strip_suffix(self.0.bucket.as_str());
            (self.host(), path.and_then(|path| path.strip_suffix('/')).unwrap_or_default())
        } else {
            let host = self.host().strip_prefix(self.0.bucket.as_str());
            (host.and_then(|host| host.strip_prefix('.')).unwrap_or_default(), self.path_prefix())
        };
        format!("{}://{host}{path}", self.scheme().as_str())
    }

    /// The partition that names resources of this region: `aws`, `aws-cn`, `aws-us-gov`, …
    ///
    /// Source: the partition table of the AWS SDKs, by region prefix.
    #[must_use]
    pub fn partition(&self) -> &'static str {
        partition(self.0.region.as_str()).0
    }
}

impl fmt::Debug for Target {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Target({}://{}{}, ", self.scheme().as_str(), self.host(), self.path_prefix())?;
        write!(f, "{} in {})", self.bucket(), self.region())
    }
}

fn dns_suffix(region: &str) -> &'static str {
    partition(region).1
}

fn partition(region: &str) -> (&'static str, &'static str) {
    const BY_PREFIX: [(&str, &str, &str); 7] = [
        ("cn-", "aws-cn", "amazonaws.com.cn"),
        ("us-gov-", "aws-us-gov", "amazonaws.com"),
        ("us-iso-", "aws-iso", "c2s.ic.gov"),
        ("us-isob-", "aws-iso-b", "sc2s.sgov.gov"),
        ("eu-isoe-", "aws-iso-e", "cloud.adc-e.uk"),
        ("us-isof-", "aws-iso-f", "csp.hci.ic.gov"),
        ("eusc-", "aws-eusc", "amazonaws.eu"),
    ];
    let row = BY_PREFIX.into_iter().find(|(prefix, ..)| region.starts_with(prefix));
    row.map_or(("aws", "amazonaws.com"), |(_, name, suffix)| (name, suffix))
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
        at("https://minio.example.com", Addressing::Auto, "abc", "minio.example.com", "/abc");
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
