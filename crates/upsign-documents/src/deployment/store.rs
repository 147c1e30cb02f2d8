//! Documents that stores other than AWS take in their own way.

use std::fmt;

use upsign_core::Provider;

use super::DeploymentBucket;
use crate::lifecycle::Actions;

/// A document that configures the access to a bucket, or the bucket itself.
///
/// ```
/// use upsign_documents::BucketDocument;
/// assert_eq!(BucketDocument::Cors.to_string(), "CORS configuration");
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum BucketDocument {
    /// The CORS configuration.
    Cors,
    /// The bucket policy.
    BucketPolicy,
    /// The policy of the role or user that signs.
    Iam,
    /// The lifecycle configuration.
    Lifecycle,
    /// The notification configuration.
    Notification,
}

/// The reason why no document can be written for the store of a bucket, and what to do there instead.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("no {document} can be written for {store}: {instead}")]
#[non_exhaustive]
pub struct UnsupportedByStore {
    /// The store.
    pub provider: Provider,
    /// The name of the store, or `a directory bucket`.
    pub store: &'static str,
    /// The document.
    pub document: BucketDocument,
    /// What to do in the store, as a sentence without a full stop.
    pub instead: &'static str,
}

impl fmt::Display for BucketDocument {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Cors => "CORS configuration",
            Self::BucketPolicy => "bucket policy",
            Self::Iam => "IAM policy",
            Self::Lifecycle => "lifecycle configuration",
            Self::Notification => "notification configuration",
        })
    }
}

impl DeploymentBucket<'_> {
    /// Checks whether the store of this bucket takes a document in the form in which AWS does.
    ///
    /// [`Provider::Custom`] is assumed to take every document, because nothing is known about it.
    ///
    /// # Errors
    /// Fails if the store has another form for it, or none. The error says what to do in the store.
    ///
    /// ```
    /// use upsign_core::Provider;
    /// use upsign_documents::{BucketDocument, Deployment, DeploymentRoute};
    /// # use upsign_core::{CorsOrigins, Target};
    /// # use upsign_policy::{Bodyless, UploadPolicy};
    /// # let target = Target::aws("article-images-bucket".parse()?, "ap-southeast-1".parse()?);
    /// # let policy = UploadPolicy::builder(target, "articles/{id}.{ext}".parse()?, Bodyless::Refuse)
    /// #     .content_types(["image/jpeg"])
    /// #     .max_size(10 << 20)
    /// #     .build()?;
    /// # let origins = CorsOrigins::listed(["https://app.example.com".parse()?]);
    /// // `policy` is the `UploadPolicy` that signs the uploads, `origins` are those of the pages that upload.
    /// let route = DeploymentRoute::new(policy).with_provider(Provider::Minio);
    /// let deployment = Deployment::new([route], origins);
    /// let refused = deployment.buckets()[0].check_support(BucketDocument::Cors).unwrap_err();
    /// assert!(refused.instead.contains("MINIO_API_CORS_ALLOW_ORIGIN"));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn check_support(&self, document: BucketDocument) -> Result<(), UnsupportedByStore> {
        let provider = self.provider();
        let store = if self.is_directory() { "a directory bucket" } else { provider.title() };
        let instead = match document {
            _ if self.is_directory() => directory_bucket(self, document),
            BucketDocument::Cors if provider.capabilities().cors_api => None,
            BucketDocument::Cors => Some(cors(provider)),
            BucketDocument::BucketPolicy => bucket_policy(provider),
            BucketDocument::Iam => iam(provider, self.uploads_parts()),
            BucketDocument::Lifecycle => lifecycle(self),
            BucketDocument::Notification => notification(provider),
        };
        match instead {
            None => Ok(()),
            Some(instead) => Err(UnsupportedByStore { provider, store, document, instead }),
        }
    }

    /// Returns whether the service makes multipart uploads to this bucket. It then lists parts, and looks at objects.
    fn uploads_parts(&self) -> bool {
        self.policies().any(|policy| policy.multipart().is_some())
    }
}

/// Sources: <https://docs.aws.amazon.com/AmazonS3/latest/API/API_PutBucketCors.html>,
/// <https://docs.aws.amazon.com/AmazonS3/latest/API/API_PutBucketNotificationConfiguration.html>,
/// <https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazons3express.html> (actions in bucket policies),
/// <https://docs.aws.amazon.com/AmazonS3/latest/API/API_PutBucketLifecycleConfiguration.html>.
fn directory_bucket(bucket: &DeploymentBucket<'_>, document: BucketDocument) -> Option<&'static str> {
    let moves = bucket.routes().iter().any(|route| route.infrequent_access_after().is_some());
    match document {
        BucketDocument::Cors => Some(
            "S3 has no CORS configuration for it, so browsers cannot upload to it from pages: upload from other programs, or \
             use a general purpose bucket",
        ),
        BucketDocument::BucketPolicy => Some(
            "the guards deny actions of s3, but requests to it are authorized as s3express:CreateSession: limit the role that \
             signs, see upsign documents iam",
        ),
        BucketDocument::Lifecycle if moves => {
            Some("its objects have one storage class: remove infrequent_after")
        }
        BucketDocument::Notification => {
            Some("S3 sends no events for it: let clients report finished uploads to your application")
        }
        BucketDocument::Iam | BucketDocument::Lifecycle => None,
    }
}

/// Sources: <https://github.com/minio/minio/issues/20995>,
/// <https://docs.wasabi.com/docs/cross-origin-resource-sharing-cors>, <https://cloud.google.com/storage/docs/using-cors>.
const fn cors(provider: Provider) -> &'static str {
    match provider {
        Provider::Minio => {
            "its community edition has CORS rules for the whole server only: set the variable \
             MINIO_API_CORS_ALLOW_ORIGIN of the server to the origins of [cors], separated by commas"
        }
        Provider::Wasabi => {
            "paste the rules that --format console prints into the console of Wasabi: Bucket Settings, Permissions, \
             Cross-Origin Resource Sharing"
        }
        Provider::Gcs => {
            "it has a format of its own, which --format json prints: run gcloud storage buckets update gs://BUCKET \
             --cors-file=FILE"
        }
        _ => "configure CORS in the console of the store",
    }
}

/// The guards use condition keys of AWS, such as `s3:TlsVersion`, which other stores do not document.
///
/// Sources: <https://developers.cloudflare.com/r2/api/s3/api/>,
/// <https://www.backblaze.com/docs/cloud-storage-application-keys>,
/// <https://garagehq.deuxfleurs.fr/documentation/reference-manual/s3-compatibility/>.
const fn bucket_policy(provider: Provider) -> Option<&'static str> {
    match provider {
        Provider::Aws | Provider::LocalStack | Provider::Custom => None,
        Provider::R2 | Provider::B2 | Provider::Garage => {
            Some("it has no bucket policies: limit the access key that signs, see upsign documents iam")
        }
        _ => Some(
            "the guards use condition keys of AWS: limit the access key that signs, see upsign documents iam",
        ),
    }
}

/// MinIO, Wasabi, Tigris, OVHcloud, Ceph and RustFS take IAM policies in AWS's form.
///
/// Sources: <https://developers.cloudflare.com/r2/api/tokens/>,
/// <https://www.backblaze.com/docs/cloud-storage-application-keys>,
/// <https://docs.digitalocean.com/products/spaces/how-to/manage-access/>,
/// <https://garagehq.deuxfleurs.fr/documentation/quick-start/>,
/// <https://github.com/seaweedfs/seaweedfs/wiki/Amazon-S3-API>,
/// <https://docs.wasabi.com/apidocs/iam-and-sts-support>, <https://www.tigrisdata.com/docs/iam/policies/supported-actions>,
/// <https://cloud.google.com/storage/docs/authentication/managing-hmackeys>,
/// <https://docs.hetzner.com/storage/object-storage/getting-started/generating-s3-keys/>,
/// <https://www.scaleway.com/en/docs/iam/reference-content/permission-sets/>.
const fn iam(provider: Provider, has_parts: bool) -> Option<&'static str> {
    match provider {
        _ if has_parts && iam_with_parts(provider).is_some() => iam_with_parts(provider),
        Provider::R2 => Some(
            "create an API token with the permission \"Object Read & Write\", limited to the bucket, and sign with it",
        ),
        Provider::B2 => Some(
            "create an application key that is limited to the bucket and the prefix of the keys, with the capability \
             writeFiles, and sign with it",
        ),
        Provider::DigitalOcean => Some(
            "create an access key with limited access to the bucket (Read/Write/Delete), and sign with it",
        ),
        Provider::Garage => {
            Some("run garage bucket allow --write BUCKET --key KEY for the access key that signs")
        }
        Provider::SeaweedFs => Some(
            "give the identity whose access key signs only the action Write:BUCKET, in weed shell or s3.json",
        ),
        Provider::Gcs => Some(
            "give the service account whose key signs (an HMAC key, or its RSA key) the role Storage Object Creator on the \
             bucket",
        ),
        Provider::Hetzner => Some(
            "its access keys are valid for every bucket of a project: keep the bucket in a project of its own",
        ),
        Provider::Scaleway => Some(
            "create an API key of an application whose policy has the permission set ObjectStorageObjectsWrite, and sign \
             with it",
        ),
        _ => None,
    }
}

/// Returns what the signer needs where listing parts (`ListParts`) and looking at objects (`HeadObject`) take more than the
/// permission to write.
///
/// Sources: the handlers with `ACTION_READ` in
/// <https://github.com/seaweedfs/seaweedfs/blob/master/weed/s3api/s3api_server.go>,
/// `authorization_type` in `src/api/s3/router.rs` of <https://git.deuxfleurs.fr/Deuxfleurs/garage>,
/// <https://www.backblaze.com/docs/cloud-storage-s3-compatible-app-keys>,
/// <https://cloud.google.com/storage/docs/access-control/iam-xml>,
/// <https://cloud.google.com/storage/docs/access-control/iam-roles>,
/// <https://www.scaleway.com/en/docs/iam/reference-content/permission-sets/>.
const fn iam_with_parts(provider: Provider) -> Option<&'static str> {
    match provider {
        Provider::B2 => Some(
            "create an application key that is limited to the bucket and the prefix of the keys, with the capabilities \
             writeFiles and readFiles, with which multipart uploads are resumed and completed, and sign with it",
        ),
        Provider::Garage => Some(
            "run garage bucket allow --read --write BUCKET --key KEY for the access key that signs; multipart uploads are \
             resumed and completed with both",
        ),
        Provider::SeaweedFs => Some(
            "give the identity whose access key signs only the actions Read:BUCKET and Write:BUCKET, in weed shell or s3.json; \
             multipart uploads are resumed and completed with both",
        ),
        Provider::Gcs => Some(
            "give the service account whose HMAC key signs the role Storage Object User on the bucket: Storage Object Creator \
             is not enough to resume and complete multipart uploads",
        ),
        Provider::Scaleway => Some(
            "create an API key of an application whose policy has the permission sets ObjectStorageObjectsRead and \
             ObjectStorageObjectsWrite, with which multipart uploads are resumed and completed, and sign with it",
        ),
        _ => None,
    }
}

/// Sources: <https://www.backblaze.com/docs/cloud-storage-lifecycle-rules>,
/// <https://cloud.google.com/storage/docs/managing-lifecycles>, <https://cloud.google.com/storage/docs/lifecycle>.
fn lifecycle(bucket: &DeploymentBucket<'_>) -> Option<&'static str> {
    let moves = bucket.routes().iter().any(|route| route.infrequent_access_after().is_some());
    match bucket.provider() {
        _ if moves && !Actions::of_bucket(bucket).transitions => {
            Some("it has no storage class STANDARD_IA to move uploads to: remove infrequent_after")
        }
        Provider::B2 => Some(
            "set the rules in the console (Lifecycle Settings of the bucket): they hide files after a number of days, \
             and delete them days after that; daysFromStartingToCancelingUnfinishedLargeFiles removes incomplete uploads",
        ),
        Provider::Gcs => Some(
            "it has a format of its own: run gcloud storage buckets update gs://BUCKET --lifecycle-file=FILE; the action \
             AbortIncompleteMultipartUpload with the condition age removes incomplete uploads",
        ),
        _ => None,
    }
}

/// Only S3 sends notifications to SQS and EventBridge.
///
/// Sources: <https://developers.cloudflare.com/r2/buckets/event-notifications/>,
/// <https://www.backblaze.com/docs/cloud-storage-event-notifications>,
/// <https://min.io/docs/minio/linux/administration/monitoring/bucket-notifications.html>,
/// <https://docs.wasabi.com/docs/event-notifications-bucket>,
/// <https://www.tigrisdata.com/docs/buckets/object-notifications/>.
const fn notification(provider: Provider) -> Option<&'static str> {
    match provider {
        Provider::Aws | Provider::LocalStack | Provider::Custom => None,
        Provider::R2 => Some(
            "it sends events to a queue of Cloudflare: wrangler r2 bucket notification create BUCKET --event-type \
             object-create --queue QUEUE",
        ),
        Provider::B2 => Some("add an event notification rule, which calls a webhook, in the console"),
        Provider::Minio => Some("run mc event add ALIAS/BUCKET ARN --event put for a target of the server"),
        Provider::Wasabi => Some("it sends events to a topic of SNS: Bucket Settings, Event Notifications"),
        Provider::Tigris => Some("it calls a webhook: Object Notifications in the settings of the bucket"),
        _ => Some(
            "it sends none to SQS or EventBridge: let clients report finished uploads to your application",
        ),
    }
}

#[cfg(test)]
mod tests {
    use upsign_core::{CorsOrigins, Target};
    use upsign_policy::{Bodyless, UploadPolicy};

    use super::*;
    use crate::deployment::{Deployment, DeploymentRoute};

    #[test]
    fn directory_buckets_take_iam_and_lifecycle_documents_only() {
        let target = Target::aws("abc--euc1-az1--x-s3".parse().unwrap(), "eu-central-1".parse().unwrap());
        let policy = UploadPolicy::builder(target, "a/{id}.{ext}".parse().unwrap(), Bodyless::Refuse);
        let policy = policy.content_types(["image/jpeg"]).max_size(1).build().unwrap();
        let deployment = Deployment::new([policy.clone()], CorsOrigins::listed([]));
        let refused = |document| {
            let refused = deployment.buckets()[0].check_support(document);
            refused.map_err(|refused| refused.to_string()).err()
        };
        assert_eq!((refused(BucketDocument::Iam), refused(BucketDocument::Lifecycle)), (None, None));
        for document in [BucketDocument::Cors, BucketDocument::BucketPolicy, BucketDocument::Notification] {
            let message = refused(document).unwrap();
            assert!(message.starts_with(&format!("no {document} can be written for a directory bucket: ")));
        }
        let route = DeploymentRoute::new(policy).with_infrequent_access_after(30);
        let deployment = Deployment::new([route], CorsOrigins::listed([]));
        assert!(deployment.buckets()[0].check_support(BucketDocument::Lifecycle).is_err());
    }

    #[test]
    fn signer_of_multipart_uploads_may_also_read() {
        let target = Target::aws("abc".parse().unwrap(), "eu-central-1".parse().unwrap());
        let store = Provider::Aws.capabilities();
        let parts = upsign_policy::MultipartOptions::new(upsign_policy::MultipartMode::Always, store);
        for (provider, name) in [
            (Provider::SeaweedFs, "Read:BUCKET and Write:BUCKET"),
            (Provider::Garage, "--read --write"),
            (Provider::B2, "writeFiles and readFiles"),
            (Provider::Gcs, "Storage Object User"),
            (Provider::Scaleway, "ObjectStorageObjectsRead"),
        ] {
            let instead = |has_parts: bool| {
                let policy =
                    UploadPolicy::builder(target.clone(), "a/{id}".parse().unwrap(), Bodyless::Refuse);
                let policy = policy.content_types(["image/jpeg"]).max_size(1);
                let policy = if has_parts { policy.multipart(parts) } else { policy };
                let route = DeploymentRoute::new(policy.build().unwrap()).with_provider(provider);
                let deployment = Deployment::new([route], CorsOrigins::listed([]));
                deployment.buckets()[0].check_support(BucketDocument::Iam).unwrap_err().instead
            };
            assert!(instead(true).contains(name) && !instead(false).contains(name), "{}", instead(true));
        }
    }

    #[test]
    fn refusals_name_the_store_and_the_next_step() {
        let target = Target::aws("abc".parse().unwrap(), "eu-central-1".parse().unwrap());
        let policy = UploadPolicy::builder(target, "a/{id}.{ext}".parse().unwrap(), Bodyless::Refuse);
        let policy = policy.content_types(["image/jpeg"]).max_size(1).build().unwrap();
        let refused = |document| {
            let refuses = |provider: &Provider| {
                let route = DeploymentRoute::new(policy.clone()).with_provider(*provider);
                let deployment = Deployment::new([route], CorsOrigins::listed([]));
                let refused = deployment.buckets()[0].check_support(document);
                refused.inspect_err(|it| assert!(it.to_string().contains(provider.title()), "{it}")).is_err()
            };
            Provider::ALL.into_iter().filter(refuses).map(Provider::name).collect::<Vec<_>>().join(" ")
        };
        assert_eq!(refused(BucketDocument::Cors), "minio wasabi gcs");
        assert_eq!(
            refused(BucketDocument::BucketPolicy),
            "r2 b2 minio wasabi do tigris garage seaweedfs gcs hetzner ovh scaleway ceph rustfs"
        );
        assert_eq!(refused(BucketDocument::Iam), "r2 b2 do garage seaweedfs gcs hetzner scaleway");
        assert_eq!(refused(BucketDocument::Lifecycle), "b2 gcs");
        assert_eq!(
            refused(BucketDocument::Notification),
            "r2 b2 minio wasabi do tigris garage seaweedfs gcs hetzner ovh scaleway ceph rustfs"
        );
    }
}
