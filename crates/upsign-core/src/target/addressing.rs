//! Virtual-hosted and path-style addressing, and buckets with hosts of their own.

/// Whether the bucket's name is part of the host or of the path, or of neither.
///
/// Source: <https://docs.aws.amazon.com/AmazonS3/latest/userguide/VirtualHosting.html>.
///
/// [`Target::at`](crate::Target::at) has an example.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Addressing {
    /// Uses virtual-hosted addressing where the host is certain to resolve and to match a certificate, and path style
    /// elsewhere.
    ///
    /// On AWS this selects virtual-hosted addressing for every bucket without dots. On a custom endpoint it does so
    /// only for `localhost`, whose subdomains always resolve to the local machine (RFC 6761, section 6.3).
    #[default]
    Auto,
    /// Puts the bucket into the host: `bucket.host/key`.
    ///
    /// Over TLS, a bucket with dots in its name still uses path style, as in the AWS SDKs, because no wildcard
    /// certificate covers it.
    VirtualHosted,
    /// Puts the bucket into the path: `host/bucket/key`.
    Path,
    /// Adds nothing: the endpoint is the bucket's own host, such as a custom domain. The URL of an object is `host/key`.
    BucketHost,
}
