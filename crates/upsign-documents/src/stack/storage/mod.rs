//! The buckets, their policies, the notification queue and the CloudFront distributions.

mod bucket;
mod bucket_policy;
mod check;
mod directory;
mod distribution;
pub(super) mod queue;
mod read_keys;
mod region;
mod settings;

use super::{InvalidDeployment, Resource};
use crate::deployment::{Deployment, DeploymentBucket, NotificationTarget, Reads};
use bucket_policy::bucket_policy;
pub(super) use check::check;
use distribution::Distribution;
pub(super) use read_keys::resource_of;
use region::RegionRule;

/// The id of the metrics configuration of each bucket. S3 publishes request metrics only for buckets that have one.
///
/// Source: <https://docs.aws.amazon.com/AmazonS3/latest/userguide/configure-request-metrics-bucket.html>.
pub(super) const METRICS_ID: &str = "upsign-uploads";

/// Returns everything that stores, announces and serves uploads.
pub(super) fn resources(deployment: &Deployment) -> Result<Vec<Box<dyn Resource>>, InvalidDeployment> {
    let mut resources: Vec<Box<dyn Resource>> = Vec::new();
    if let Some(policy) = deployment.policies().next() {
        // All buckets of a stack are in one region.
        resources.push(Box::new(RegionRule(policy.target().region().clone())));
    }
    for (index, bucket) in deployment.buckets().iter().enumerate() {
        if bucket.is_directory() {
            resources.extend(directory::resources(deployment, bucket, index));
            continue;
        }
        resources.extend(bucket::resources(deployment, bucket, index)?);
        resources.extend(served(deployment, bucket, index)?);
    }
    resources.extend(shared_reading(deployment));
    if deployment.notification_target == NotificationTarget::Queue {
        resources.extend(queue::resources(deployment));
    }
    Ok(resources)
}

/// Returns only the resources that reading through CloudFront requires, for a stack that has the buckets. The policies of the
/// buckets are complete, because S3 keeps one policy per bucket.
pub(super) fn reading(deployment: &Deployment) -> Result<Vec<Box<dyn Resource>>, InvalidDeployment> {
    let mut resources = Vec::new();
    for (index, bucket) in deployment.buckets().iter().enumerate() {
        resources.extend(served(deployment, bucket, index)?);
    }
    resources.extend(shared_reading(deployment));
    Ok(resources)
}

/// Returns what the distributions share.
fn shared_reading(deployment: &Deployment) -> Vec<Box<dyn Resource>> {
    let has_distribution = deployment.reads == Reads::CloudFront
        && deployment.buckets().iter().any(|bucket| !bucket.is_directory());
    if has_distribution { read_keys::resources(deployment) } else { Vec::new() }
}

/// Returns the policy of the bucket at `index`, and the distribution that reads it.
fn served(
    deployment: &Deployment,
    bucket: &DeploymentBucket<'_>,
    index: usize,
) -> Result<Vec<Box<dyn Resource>>, InvalidDeployment> {
    let mut resources: Vec<Box<dyn Resource>> = Vec::new();
    if let Some(policy) = bucket_policy(deployment, bucket, index)? {
        resources.push(Box::new(policy));
    }
    if deployment.reads == Reads::CloudFront {
        let distribution = Distribution::new(deployment, bucket, index);
        let outputs = distribution.outputs();
        resources.push(Box::new(distribution));
        resources.extend(outputs.map(|output| Box::new(output) as Box<dyn Resource>));
    }
    Ok(resources)
}
