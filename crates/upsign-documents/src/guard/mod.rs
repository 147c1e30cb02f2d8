//! Guards: `Deny` statements of a bucket policy, in addition to the limited permissions of the signing role.

mod bucket_policy;
mod statements;
mod unconfirmed;

/// A restriction that a bucket policy enforces for every principal, as one or two `Deny` statements.
///
/// A signing role that may only upload is not enough if other credentials have access to the bucket too. A guard rejects
/// requests of every principal, so it also affects tools and people outside of the deployment: see
/// [`warning`](Self::warning).
///
/// Source: <https://docs.aws.amazon.com/AmazonS3/latest/API/bucket-policy-s3-sigv4-conditions.html>,
/// <https://docs.aws.amazon.com/AmazonS3/latest/userguide/conditional-writes-enforce.html>.
///
/// ```
/// use upsign_documents::{Deployment, Guard, IamPolicy};
/// # use upsign_core::{CorsOrigins, Target};
/// # use upsign_policy::{Bodyless, UploadPolicy};
/// # let target = Target::aws("article-images-bucket".parse()?, "ap-southeast-1".parse()?);
/// # let policy = UploadPolicy::builder(target, "articles/{id}.{ext}".parse()?, Bodyless::Refuse)
/// #     .content_types(["image/jpeg"])
/// #     .max_size(10 << 20)
/// #     .build()?;
/// # let origins = CorsOrigins::listed(["https://app.example.com".parse()?]);
/// // `policy` is the `UploadPolicy` that signs the uploads, `origins` are those of the pages that upload.
/// let deployment = Deployment::new([policy], origins).with_guards([Guard::Tls, Guard::NoOverwrite]);
/// let bucket = &deployment.buckets()[0];
/// let bucket_policy = IamPolicy::for_bucket(&deployment, bucket, None)?;
/// assert!(bucket_policy.to_json().contains("s3:if-none-match"));
/// assert_eq!(Guard::Tls.warning(), "stops every http:// request, including those of tools inside your network");
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Guard {
    /// Denies requests without TLS.
    Tls,
    /// Denies requests with a TLS version below 1.2.
    Tls12,
    /// Denies uploads whose signature is older than the longest validity of the bucket's routes.
    SignatureAge,
    /// Denies uploads that are authenticated in another way than the routes sign: by URL, by form, or both. The service presigns its
    /// own calls about multipart uploads, too.
    AuthType,
    /// Denies requests signed with a version older than Signature Version 4.
    SigV4,
    /// Denies uploads that could overwrite an object, that is, uploads without `If-None-Match`.
    NoOverwrite,
    /// Denies uploads that request no encryption or another one than the policy's.
    Encryption,
    /// Denies uploads that request an ACL other than the policy's.
    Acl,
    /// Denies uploads that request a storage class other than the policy's.
    StorageClass,
    /// Denies reads of objects that GuardDuty Malware Protection has not tagged as clean, and writes of that tag by any
    /// principal other than the role of the Malware Protection plan. Needs
    /// [`Deployment::with_scanner_role`](crate::Deployment::with_scanner_role). Does not fit a bucket with multipart uploads, which
    /// the service looks at before they are scanned.
    Scanned,
    /// Denies requests by principals of other accounts.
    Account,
}

/// The reason why the policy of a bucket cannot be derived.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum InvalidBucketPolicy {
    /// A guard does not fit the bucket.
    #[error(transparent)]
    Guard(#[from] InapplicableGuard),
    /// A route keeps readers from objects that are not confirmed, and the role of the service, which must read them, is not known.
    /// Set it with [`Deployment::with_service_role`](crate::Deployment::with_service_role).
    #[error(
        "the policy of the bucket {bucket} lets only the service read objects that are not confirmed, and its role is not known: set \
         service_role in [deployment]"
    )]
    ServiceRole {
        /// The name of the bucket.
        bucket: String,
    },
}

/// The reason why a guard does not fit a bucket: it would deny what a route signs, or the deployment lacks a value that the
/// guard needs.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the guard {} does not fit the bucket {bucket}: {problem}", guard.name())]
#[non_exhaustive]
pub struct InapplicableGuard {
    /// The guard.
    pub guard: Guard,
    /// The name of the bucket.
    pub bucket: String,
    /// What the guard would deny or needs, with the route, and what to change.
    pub problem: String,
}

impl Guard {
    /// Every guard.
    pub const ALL: [Self; 11] = [
        Self::Tls,
        Self::Tls12,
        Self::SignatureAge,
        Self::AuthType,
        Self::SigV4,
        Self::NoOverwrite,
        Self::Encryption,
        Self::Acl,
        Self::StorageClass,
        Self::Scanned,
        Self::Account,
    ];

    /// The guards that only deny outdated clients: [`Tls`](Self::Tls), [`Tls12`](Self::Tls12) and [`SigV4`](Self::SigV4).
    ///
    /// `upsign documents` uses these by default.
    pub const RECOMMENDED: [Self; 3] = [Self::Tls, Self::Tls12, Self::SigV4];

    /// Returns the name of the guard on a command line, as in `signature-age`.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Tls => "tls",
            Self::Tls12 => "tls12",
            Self::SignatureAge => "signature-age",
            Self::AuthType => "auth-type",
            Self::SigV4 => "sigv4",
            Self::NoOverwrite => "no-overwrite",
            Self::Encryption => "encryption",
            Self::Acl => "acl",
            Self::StorageClass => "storage-class",
            Self::Scanned => "scanned",
            Self::Account => "account",
        }
    }

    /// Returns what the guard also stops, for the operator to weigh before deploying it.
    #[must_use]
    pub const fn warning(self) -> &'static str {
        match self {
            Self::Tls => "stops every http:// request, including those of tools inside your network",
            Self::Tls12 => "stops clients from before about 2014",
            Self::SignatureAge => {
                "applies to every presigned URL for these keys, regardless of who signed it; an upload must start, not finish, \
                 before the limit"
            }
            Self::AuthType => {
                "stops uploads to these keys by the AWS CLI, the console and the SDKs, which sign in a header"
            }
            Self::SigV4 => "stops SDKs from before about 2014",
            Self::NoOverwrite => {
                "copying to these keys fails with 403 or 501: do not use it if checked objects are moved to these keys"
            }
            Self::Encryption => {
                "stops uploads that rely on the default encryption of the bucket, and the parts of multipart uploads"
            }
            Self::Acl => "stops tools that send an ACL, even one that would change nothing",
            Self::StorageClass => {
                "stops uploads to these keys with any other storage class, including your own"
            }
            Self::Scanned => {
                "no object can be read until GuardDuty has tagged it, which takes seconds to minutes"
            }
            Self::Account => {
                "stops roles of other accounts, including those that you have shared the bucket with"
            }
        }
    }
}
