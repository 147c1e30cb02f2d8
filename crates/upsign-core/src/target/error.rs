//! Errors of target construction.

use crate::target::options::EndpointOption;

/// The reason why a resource, an endpoint and address options do not form a [`Target`](crate::Target).
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum InvalidTarget {
    /// Virtual-hosted addressing, or an access point, was requested at an IP address, which has no subdomains.
    #[error("an IP address cannot have the bucket as a subdomain: use path addressing")]
    VirtualHostOfIp,
    /// The option selects one of AWS's own endpoints, but a custom endpoint is configured.
    #[error("{0} applies only to AWS's own endpoints and cannot be combined with a custom endpoint")]
    CustomEndpoint(EndpointOption),
    /// Access points of this kind do not support the option.
    #[error("{0} is not available for this kind of access point")]
    AccessPoint(EndpointOption),
    /// Directory buckets do not support the option. They have no accelerated endpoint, and at another endpoint than AWS's the
    /// name of a bucket does not say that it is one.
    #[error("{0} is not available for directory buckets")]
    DirectoryBucket(EndpointOption),
    /// Path addressing was requested for a directory bucket, whose name is always part of the host.
    #[error("a directory bucket cannot be addressed by path")]
    DirectoryBucketInPath,
    /// The bucket of a tenant needs the endpoint of Ceph's Object Gateway, and path addressing.
    #[error("the bucket of a tenant needs an endpoint and path addressing")]
    Tenant,
    /// Path addressing was requested for an access point, whose name is always part of the host.
    #[error("an access point cannot be addressed by path")]
    AccessPointInPath,
    /// The host of the bucket was requested for an access point, or without an endpoint.
    #[error("a bucket's own host must be the endpoint, and an access point has none")]
    BucketHost,
    /// Signatures of Google Cloud Storage were requested for an access point, or without an endpoint, that is, for AWS.
    #[error("signatures of Google Cloud Storage need its endpoint and the name of a bucket")]
    GoogleSignature,
    /// Transfer acceleration needs virtual-hosted addressing and a bucket without dots in its name.
    #[error("transfer acceleration requires virtual-hosted addressing and a bucket name without dots")]
    AcceleratedPath,
    /// Transfer acceleration and FIPS were both requested. AWS has no such endpoint.
    #[error("transfer acceleration has no FIPS endpoint")]
    AcceleratedFips,
    /// The partition, which is the second field, does not offer the option.
    #[error("{0} is not available in the partition {1}")]
    Partition(EndpointOption, &'static str),
    /// The ARN names another region than the configured one, and
    /// [`use_arn_region`](crate::TargetBuilder::use_arn_region) is off.
    #[error("the ARN is in another region than the configured one, and using the ARN's region is disabled")]
    ArnRegion,
    /// The ARN is in another partition than the configured region. Credentials are valid in one partition only.
    #[error("the ARN is in another partition than the configured region")]
    ArnPartition,
}
