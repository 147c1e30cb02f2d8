//! The lifecycle actions that each store knows.

use upsign_core::Provider;

use crate::deployment::DeploymentBucket;

/// The lifecycle actions of a store, in addition to deleting objects after a number of days.
///
/// A store refuses a whole configuration if it does not know the only action of a rule. What a store does not document is
/// assumed to be as in AWS.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Actions {
    /// Aborting incomplete multipart uploads.
    pub(crate) aborts: bool,
    /// Deleting noncurrent versions and delete markers.
    pub(crate) versions: bool,
    /// Moving objects to `STANDARD_IA`.
    pub(crate) transitions: bool,
}

impl Actions {
    /// A directory bucket has neither versions nor another storage class:
    /// <https://docs.aws.amazon.com/AmazonS3/latest/userguide/directory-buckets-objects-lifecycle.html>.
    pub(crate) fn of_bucket(bucket: &DeploymentBucket<'_>) -> Self {
        if bucket.is_directory() {
            return Self { aborts: true, versions: false, transitions: false };
        }
        Self::of(bucket.provider())
    }

    /// Sources: <https://github.com/minio/minio/blob/master/internal/bucket/lifecycle/rule.go> (a rule that only aborts is
    /// `MalformedXML`; MinIO removes incomplete uploads itself after a day, and moves objects only to remote tiers that were
    /// added to the server),
    /// <https://garagehq.deuxfleurs.fr/documentation/reference-manual/s3-compatibility/>,
    /// <https://github.com/seaweedfs/seaweedfs/pull/8813>,
    /// <https://www.tigrisdata.com/docs/cli/buckets/lifecycle/create/>,
    /// <https://developers.cloudflare.com/r2/buckets/object-lifecycles/>.
    const fn of(provider: Provider) -> Self {
        match provider {
            Provider::Minio => Self { aborts: false, versions: true, transitions: false },
            Provider::Garage => Self { aborts: true, versions: false, transitions: false },
            Provider::SeaweedFs => Self { aborts: true, versions: true, transitions: false },
            Provider::Tigris => Self { aborts: false, versions: false, transitions: true },
            Provider::R2 => Self { aborts: true, versions: false, transitions: true },
            // None of them has the class; see `Capabilities::storage_classes`.
            Provider::Gcs | Provider::Hetzner | Provider::Scaleway | Provider::RustFs => {
                Self { aborts: true, versions: true, transitions: false }
            }
            _ => Self { aborts: true, versions: true, transitions: true },
        }
    }
}
