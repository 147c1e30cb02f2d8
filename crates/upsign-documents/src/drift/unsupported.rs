//! Documents that are compared although the store of the bucket does not take them in this form.

use upsign_core::Provider;

use super::comparison::{Comparison, Uncompared};
use super::found::FoundDocuments;
use crate::deployment::{BucketDocument, DeploymentBucket};

/// Names the documents that the store of the bucket does not have, or has in another form: whatever they say has no effect there.
pub(super) fn leave(comparison: &mut Comparison, found: &FoundDocuments, bucket: &DeploymentBucket<'_>) {
    let is_google = bucket.provider() == Provider::Gcs;
    if found.is_google_cors && !is_google {
        let reason = "it is in the form of Google Cloud Storage, which does not hold the bucket";
        comparison.part("cors").leave(Uncompared::new("cors.form", reason));
    }
    if !bucket.is_directory() && !is_google {
        return;
    }
    for (part, document, is_found) in [
        ("cors", BucketDocument::Cors, found.cors.is_some() && !found.is_google_cors),
        ("bucket policy", BucketDocument::BucketPolicy, found.bucket_policy.is_some()),
        ("lifecycle", BucketDocument::Lifecycle, found.lifecycle.is_some()),
        ("notification", BucketDocument::Notification, found.notification.is_some()),
        ("role", BucketDocument::Iam, found.role.is_some()),
    ] {
        if is_found && let Err(unsupported) = bucket.check_support(document) {
            comparison.part(part).leave(Uncompared::new(part, unsupported.to_string()));
        }
    }
}
