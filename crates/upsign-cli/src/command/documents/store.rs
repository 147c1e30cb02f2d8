//! Documents for stores other than AWS: refused with what to do there instead, where a store takes none in AWS's form.

use upsign_core::Provider;
use upsign_documents::{
    BucketDocument, Deployment, DeploymentBucket, LifecycleDocument, NotificationTarget, Reads,
};

use super::choices::Format;
use crate::exit::CommandError;
use crate::output;

/// Checks that the store of the bucket takes the document.
pub(super) fn check(bucket: &DeploymentBucket<'_>, document: BucketDocument) -> Result<(), CommandError> {
    bucket.check_support(document).map_err(|refused| {
        let message = format!("no {document} can be written for the bucket {}", bucket.bucket());
        let what = if bucket.is_directory() {
            format!("it is {}", refused.store)
        } else {
            format!("its provider is {}", refused.provider)
        };
        CommandError::usage(message).with_help(format!("{what}: {}", refused.instead))
    })
}

/// Checks that the store of the bucket takes a document in this form.
///
/// Wasabi takes CORS rules in its console only, in the form in which the console of S3 does. Google Cloud Storage takes them in a
/// JSON of its own.
pub(super) fn check_form(
    bucket: &DeploymentBucket<'_>,
    document: BucketDocument,
    form: Format,
) -> Result<(), CommandError> {
    let takes = match bucket.provider() {
        Provider::Wasabi => matches!(form, Format::Console),
        Provider::Gcs => matches!(form, Format::Json),
        _ => false,
    };
    if !(takes && document == BucketDocument::Cors) {
        check(bucket, document)?;
    }
    if bucket.provider() != Provider::Aws && matches!(form, Format::Cloudformation) {
        let message = format!("CloudFormation cannot configure the bucket {}", bucket.bucket());
        let help = format!("its provider is {}: use --format json or --format xml", bucket.provider());
        return Err(CommandError::usage(message).with_help(help));
    }
    Ok(())
}

/// Checks that the stores of all buckets that one role signs for take its policy.
pub(super) fn check_signer(deployment: &Deployment) -> Result<(), CommandError> {
    let buckets = deployment.buckets();
    let (in_aws, elsewhere): (Vec<_>, Vec<_>) =
        buckets.iter().partition(|bucket| bucket.provider() == Provider::Aws);
    if in_aws.is_empty() {
        return elsewhere.into_iter().try_for_each(|bucket| check(bucket, BucketDocument::Iam));
    }
    for bucket in elsewhere {
        let name = bucket.bucket();
        output::warning(&format!("the policy does not include the bucket {name}, which is not in AWS"));
    }
    Ok(())
}

/// Checks that a lifecycle configuration can be deployed: that it has rules, and no more than S3 accepts.
pub(super) fn check_rules(
    bucket: &DeploymentBucket<'_>,
    document: &LifecycleDocument,
) -> Result<(), CommandError> {
    let name = bucket.bucket();
    if document.rules().is_empty() {
        let error = CommandError::usage(format!("the bucket {name} needs no lifecycle configuration"));
        // Source: <https://min.io/docs/minio/linux/reference/minio-server/settings/core.html>.
        let incomplete = match bucket.provider() {
            Provider::Minio => {
                "it removes incomplete uploads by itself, after 24 hours or MINIO_API_STALE_UPLOADS_EXPIRY"
                    .to_owned()
            }
            provider => format!(
                "{} knows no rule for incomplete uploads, so remove them with the tools of the store",
                provider.title()
            ),
        };
        return Err(error.with_help(format!(
            "{incomplete}; and nothing expires: for that, set expire in [deployment], or pass --pending"
        )));
    }
    document.check_size().map_err(|error| CommandError::usage(format!("the bucket {name}: {error}")))
}

/// Notes which ARNs a template or module of the whole deployment does not use, because it creates these resources itself.
pub(super) fn note_unused_arns(deployment: &Deployment) {
    let has_queue = deployment.notification_target() == NotificationTarget::Queue;
    let queue = deployment.queue_arn().filter(|_| has_queue).map(|arn| ("queue_arn", arn, "queue"));
    let is_read = deployment.reads() == Reads::CloudFront;
    let distribution = deployment.distribution_arn().filter(|_| is_read);
    let distribution = distribution.map(|arn| ("distribution_arn", arn, "distribution"));
    for (key, arn, what) in queue.into_iter().chain(distribution) {
        output::notes().line(&format!(
            "note: {key} = \"{arn}\" is not used here: the stack creates a {what} of its own. The documents of single buckets name \
             it; set it to the {what} of the stack after the deployment"
        ));
    }
}
