//! Warnings about deployments: permissions that are wider than the uploads need, and settings that no template can change.

use std::fmt;

use upsign_core::Provider;
use upsign_policy::{CannedAcl, Encryption, KmsKeyId, UploadPolicy};

use crate::deployment::{Deployment, DeploymentBucket, DeploymentRoute, Reads};
use crate::lifecycle::Actions;

/// What an operator should know before deploying. [`Deployment::warnings`] has an example.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum DeploymentWarning {
    /// The signing role may write more of the bucket than a route does.
    WideRole(WideRole),
    /// A route sets a public ACL, which has effect only if the Block Public Access settings of the account and of its
    /// organization permit it. No template can change these.
    ///
    /// Source: <https://docs.aws.amazon.com/AmazonS3/latest/userguide/configuring-block-public-access-account.html>.
    PublicAcl {
        /// The name of the bucket.
        bucket: String,
        /// The ACL.
        acl: CannedAcl,
    },
    /// CloudFront reads uploads that are encrypted with a customer managed KMS key, whose key policy no template contains.
    ///
    /// Source: <https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/private-content-restricting-access-to-s3.html>.
    KeyPolicy {
        /// The name of the bucket.
        bucket: String,
        /// The key.
        key: KmsKeyId,
    },
    /// A route uploads to a store other than AWS. The function signs with the credentials of its role, which such a store
    /// does not accept.
    ForeignStore {
        /// The name of the bucket.
        bucket: String,
        /// The store.
        provider: Provider,
    },
    /// A route uploads to a directory bucket (S3 Express One Zone), for which the deployment lacks several documents, and of which
    /// no permission covers only a part.
    ///
    /// Source: <https://docs.aws.amazon.com/AmazonS3/latest/userguide/s3-express-differences.html>.
    DirectoryBucket {
        /// The name of the bucket.
        bucket: String,
    },
    /// A route uploads in parts to a store that has no lifecycle action for incomplete multipart uploads. Parts of uploads that nobody
    /// completes or aborts are kept and billed.
    AbandonedParts {
        /// The name of the bucket.
        bucket: String,
        /// The store.
        provider: Provider,
    },
    /// The function assumes a role to sign. No template contains that role or its trust policy.
    SigningRole {
        /// The ARN of the role.
        role: String,
    },
    /// A CloudFront distribution reads uploads for everybody, because [`public_reads`](Deployment::with_public_reads) is set.
    ///
    /// Source: <https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/private-content-trusted-signers.html>.
    PublicReads,
    /// The function may read uploads, but the function of `upsign-lambda` signs reads of confirmed uploads only, and no route has them.
    UnusedReads,
    /// The function may use a DynamoDB table, but the function of `upsign-lambda` uses none.
    UnusedTable {
        /// The name of the table.
        table: String,
    },
}

/// A permission of the signing role that is wider than its uploads need, because of the key template of a route.
///
/// ```
/// use upsign_documents::{Deployment, DeploymentRoute};
/// # use upsign_core::{CorsOrigins, Target};
/// # use upsign_policy::{Bodyless, UploadPolicy};
/// # let target = Target::aws("article-images-bucket".parse()?, "ap-southeast-1".parse()?);
/// # let policy = UploadPolicy::builder(target, "{sub}/{id}.{ext}".parse()?, Bodyless::Refuse)
/// #     .content_types(["image/jpeg"])
/// #     .max_size(10 << 20)
/// #     .build()?;
/// // The key template of `policy` is `{sub}/{id}.{ext}`.
/// let deployment = Deployment::new([DeploymentRoute::new(policy).with_name("avatars")], CorsOrigins::listed([]));
/// assert_eq!(
///     deployment.warnings()[0].to_string(),
///     "the role may write to every folder of the bucket (arn:aws:s3:::article-images-bucket/*/*.*), because the keys of the \
///      route `avatars` begin with the placeholder {sub}; begin the template with a folder, as in `uploads/{sub}`",
/// );
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct WideRole {
    route: Option<Box<str>>,
    resource: String,
    prefix: String,
    placeholder: String,
}

impl Deployment {
    /// Returns what an operator should know before deploying:
    ///
    /// - each route whose keys have no folder of their own, so that the signing role may write more of the bucket than the
    ///   route does,
    /// - each bucket whose uploads have a public ACL,
    /// - each KMS key with which CloudFront must decrypt uploads,
    /// - each bucket of another store than AWS, whose keys the function lacks,
    /// - each bucket with multipart uploads whose store does not abort incomplete ones,
    /// - each directory bucket, which has fewer settings, and which the role may read and write as a whole,
    /// - the role that the function assumes, which must trust it,
    /// - a CloudFront distribution from which anybody can read, because [`public_reads`](Deployment::with_public_reads) is set,
    /// - permissions that only a function of one's own uses: for reads, and for a table.
    ///
    /// IAM's patterns cannot express what a placeholder stands for: each becomes `*`, which also matches `/`. Only the text
    /// before the first placeholder restricts the role, so it should be a folder.
    #[must_use]
    pub fn warnings(&self) -> Vec<DeploymentWarning> {
        let of_aws = self.routes().iter().filter(|route| {
            route.provider() == Provider::Aws && !route.policy().target().bucket().is_directory()
        });
        let wide = of_aws.filter_map(WideRole::of).map(DeploymentWarning::WideRole);
        let on_aws = self.on_aws();
        let public = on_aws.buckets().into_iter().filter_map(|bucket| {
            let acl = bucket.policies().filter_map(UploadPolicy::acl).find(|acl| acl.is_public())?;
            Some(DeploymentWarning::PublicAcl { bucket: bucket.bucket().to_string(), acl })
        });
        let role = self.signing_role.clone().map(|role| DeploymentWarning::SigningRole { role });
        let public: Vec<DeploymentWarning> = public.collect();
        wide.chain(public)
            .chain(self.key_policies())
            .chain(self.foreign_stores())
            .chain(self.abandoned_parts())
            .chain(self.directory_buckets())
            .chain(role)
            .chain(self.reading())
            .chain(self.table.clone().map(|table| DeploymentWarning::UnusedTable { table }))
            .collect()
    }
}

impl Deployment {
    fn foreign_stores(&self) -> Vec<DeploymentWarning> {
        let buckets = self.buckets().into_iter().filter(|bucket| bucket.provider() != Provider::Aws);
        let warning = |bucket: DeploymentBucket<'_>| DeploymentWarning::ForeignStore {
            bucket: bucket.bucket().to_string(),
            provider: bucket.provider(),
        };
        buckets.map(warning).collect()
    }

    /// MinIO removes incomplete uploads itself after a day, whatever its lifecycle configuration says
    /// (<https://min.io/docs/minio/linux/reference/minio-server/settings/core.html>).
    fn abandoned_parts(&self) -> Vec<DeploymentWarning> {
        let is_kept = |bucket: &DeploymentBucket<'_>| {
            bucket.has_parts(self)
                && !Actions::of_bucket(bucket).aborts
                && bucket.provider() != Provider::Minio
        };
        let warning = |bucket: DeploymentBucket<'_>| DeploymentWarning::AbandonedParts {
            bucket: bucket.bucket().to_string(),
            provider: bucket.provider(),
        };
        self.buckets().into_iter().filter(is_kept).map(warning).collect()
    }

    fn directory_buckets(&self) -> Vec<DeploymentWarning> {
        let buckets = self.buckets().into_iter().filter(DeploymentBucket::is_directory);
        let warning = |bucket: DeploymentBucket<'_>| DeploymentWarning::DirectoryBucket {
            bucket: bucket.bucket().to_string(),
        };
        buckets.map(warning).collect()
    }

    fn reading(&self) -> Option<DeploymentWarning> {
        let is_on_aws = !self.on_aws().routes().is_empty();
        match self.reads() {
            Reads::CloudFront if is_on_aws && self.public_reads => Some(DeploymentWarning::PublicReads),
            Reads::Presigned if is_on_aws && !self.confirms() => Some(DeploymentWarning::UnusedReads),
            _ => None,
        }
    }

    fn key_policies(&self) -> Vec<DeploymentWarning> {
        let mut warnings = Vec::new();
        if self.reads() == Reads::CloudFront {
            for bucket in self.on_aws().buckets() {
                for key in bucket
                    .policies()
                    .filter_map(UploadPolicy::encryption)
                    .filter_map(Encryption::customer_key)
                {
                    let bucket = bucket.bucket().to_string();
                    let warning = DeploymentWarning::KeyPolicy { bucket, key: key.clone() };
                    if !warnings.contains(&warning) {
                        warnings.push(warning);
                    }
                }
            }
        }
        warnings
    }
}

impl WideRole {
    fn of(route: &DeploymentRoute) -> Option<Self> {
        let templates = route.policy().key_templates();
        let template = templates.iter().find(|template| !template.literal_prefix().contains('/'))?;
        Some(Self {
            route: route.name().map(Into::into),
            resource: route.policy().target().object_arn(&template.arn_pattern()),
            prefix: template.literal_prefix().to_owned(),
            placeholder: template.placeholders().next()?.to_string(),
        })
    }

    /// Returns the name of the route, or `None` for the only route of a service.
    #[must_use]
    pub fn route(&self) -> Option<&str> {
        self.route.as_deref()
    }

    /// Returns the resource that the role may write, with wildcards.
    #[must_use]
    pub fn resource(&self) -> &str {
        &self.resource
    }

    /// Returns the first placeholder of the key template, as in `{sub}`.
    #[must_use]
    pub fn placeholder(&self) -> &str {
        &self.placeholder
    }
}

impl fmt::Display for WideRole {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { route, resource, prefix, placeholder } = self;
        match prefix.as_str() {
            "" => write!(
                f,
                "the role may write to every folder of the bucket ({resource}), because the keys of "
            )?,
            prefix => write!(
                f,
                "the role may write every key that starts with `{prefix}` ({resource}), because the keys of "
            )?,
        }
        match route {
            Some(name) => write!(f, "the route `{name}` ")?,
            None => f.write_str("the route ")?,
        }
        match prefix.as_str() {
            "" => write!(f, "begin with the placeholder {placeholder}")?,
            _ => write!(f, "have no folder before the placeholder {placeholder}")?,
        }
        write!(f, "; begin the template with a folder, as in `uploads/{prefix}{placeholder}`")
    }
}

impl DeploymentWarning {
    /// Returns a name that programs can compare, as in `key-policy`.
    #[must_use]
    pub const fn name(&self) -> &'static str {
        match self {
            Self::WideRole(_) => "wide-role",
            Self::PublicAcl { .. } => "public-acl",
            Self::KeyPolicy { .. } => "key-policy",
            Self::ForeignStore { .. } => "foreign-store",
            Self::AbandonedParts { .. } => "abandoned-parts",
            Self::DirectoryBucket { .. } => "directory-bucket",
            Self::SigningRole { .. } => "signing-role",
            Self::PublicReads => "public-reads",
            Self::UnusedReads => "unused-reads",
            Self::UnusedTable { .. } => "unused-table",
        }
    }
}

impl fmt::Display for DeploymentWarning {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::WideRole(role) => role.fmt(f),
            Self::PublicAcl { bucket, acl } => write!(
                f,
                "uploads to {bucket} have the ACL {acl}: anybody can read them, and the Block Public Access settings of the \
                 account must permit public ACLs, or S3 rejects every upload with 403"
            ),
            Self::KeyPolicy { bucket, key } => write!(
                f,
                "uploads to {bucket} are encrypted with the KMS key {key}: its key policy must permit the CloudFront \
                 distribution to decrypt, or nobody can read them (upsign documents reads prints the statement)"
            ),
            Self::ForeignStore { bucket, provider } => write!(
                f,
                "no upload to {bucket} succeeds with the function as it is: it signs with the credentials of its role, which the \
                 store ({provider}) refuses; pass the keys of the store to the settings of a function of your own \
                 (documentation of upsign-lambda, \"Stores other than S3\"), or run `upsign serve` with them"
            ),
            Self::AbandonedParts { bucket, provider } => write!(
                f,
                "parts of uploads to {bucket} that nobody completes or aborts are kept and billed: the store ({provider}) has no \
                 lifecycle action for incomplete multipart uploads; abort them with a job of your own (ListMultipartUploads)"
            ),
            Self::DirectoryBucket { bucket } => write!(
                f,
                "the role may read, replace and delete every object of the directory bucket {bucket}: its permission \
                 (s3express:CreateSession) covers the bucket as a whole; the bucket has no CORS configuration, so pages of other \
                 origins cannot upload to it, and no versions, notifications, distribution and guards"
            ),
            Self::SigningRole { role } => write!(
                f,
                "the function assumes {role} to sign: the trust policy of this role must name the role of the function (output \
                 FunctionRoleArn of the stack), and its permissions must be those that `upsign documents iam` prints; build the \
                 function with the feature `chain` of upsign-lambda, which reads the variable UPSIGN_ASSUME_ROLE of the stack"
            ),
            Self::PublicReads => f.write_str(
                "anybody who knows the key of an upload can read it through the CloudFront distribution, because public_reads is set; \
                 for private files, set public_keys and private_key in [cloudfront] in its place",
            ),
            Self::UnusedReads => f.write_str(
                "the role may read every upload, which only a function of your own uses: the function of upsign-lambda signs reads of \
                 confirmed uploads, and no route has confirm = true; without one, set reads = \"none\" in [deployment]",
            ),
            Self::UnusedTable { table } => write!(
                f,
                "the role of the function may read and write the DynamoDB table {table}, which only a function of your own uses: \
                 the function of upsign-lambda uses no table; without one, remove table"
            ),
        }
    }
}
