//! Derives lifecycle rules from a deployment.

use upsign_policy::{MultipartOptions, ResumeWindow, UploadPolicy};

use super::store::Actions;
use super::{LifecycleDocument, LifecycleRule};
use crate::deployment::{Deployment, DeploymentBucket, Multipart};

/// Days after which an incomplete upload that a browser runs itself counts as abandoned. A user may resume one within a few days.
const ABANDONED_BY_BROWSER: u32 = 7;

const DAY: u64 = 86_400;

impl LifecycleDocument {
    /// Derives the rules for one bucket of a deployment:
    ///
    /// - Incomplete multipart uploads are aborted after one day, or after the whole days in which a route of the bucket can resume
    ///   one ([`ResumeWindow`]), or after seven days if browsers run multipart uploads themselves: the longest of these.
    /// - Objects under the prefixes of
    ///   [`with_expiring_prefix`](Deployment::with_expiring_prefix) are deleted with all their versions.
    /// - Objects that nobody confirms are deleted with all their versions after
    ///   [`pending_days`](crate::DeploymentRoute::pending_days), if the route has a folder for them
    ///   ([`Gate::Pending`](upsign_policy::Gate::Pending)).
    /// - Uploads move to `STANDARD_IA` if
    ///   [`with_infrequent_access_after`](crate::DeploymentRoute::with_infrequent_access_after) is set.
    ///
    /// Actions that the store of the bucket does not know are left out, so the document for another store than AWS can have no
    /// rules. [`DeploymentBucket::check_support`] refuses a transition that the store does not know.
    #[must_use]
    pub fn for_bucket(deployment: &Deployment, bucket: &DeploymentBucket<'_>) -> Self {
        let days = abandoned_after(deployment, bucket);
        let actions = Actions::of_bucket(bucket);
        // For every key: S3 does not accept this action together with a filter by tags.
        let abort = LifecycleRule {
            id: "upsign-incomplete".into(),
            abort_incomplete_after: Some(days),
            ..LifecycleRule::default()
        };
        let mut rules = Vec::from_iter(actions.aborts.then_some(abort));
        for (index, (prefix, days)) in deployment.expiring_prefixes.iter().enumerate() {
            let id = format!("upsign-pending-{}", index + 1);
            rules.extend(expiring(&id, prefix, *days, deployment.versioned && actions.versions));
        }
        for (index, (prefix, days)) in unconfirmed(bucket).into_iter().enumerate() {
            let id = format!("upsign-unconfirmed-{}", index + 1);
            rules.extend(expiring(&id, &prefix, days, deployment.versioned && actions.versions));
        }
        if actions.transitions {
            rules.extend(infrequent(bucket));
        }
        Self(rules)
    }
}

/// Returns the number of days that no upload outlives. S3 waits as many whole days since the initiation of an upload before it
/// removes the parts: <https://docs.aws.amazon.com/AmazonS3/latest/API/API_AbortIncompleteMultipartUpload.html>.
fn abandoned_after(deployment: &Deployment, bucket: &DeploymentBucket<'_>) -> u32 {
    let windows = bucket.policies().filter_map(UploadPolicy::multipart).map(MultipartOptions::resume_window);
    let whole_days = |window: ResumeWindow| u32::try_from(window.as_secs().div_ceil(DAY)).unwrap_or(u32::MAX);
    let by_browser = (deployment.multipart == Multipart::Browser).then_some(ABANDONED_BY_BROWSER);
    windows.map(whole_days).chain(by_browser).max().unwrap_or(1)
}

/// Returns the folders of objects that are not confirmed, and after how many days they are deleted. S3 applies the earlier of two
/// rules, so routes that share a folder share the longer time
/// (<https://docs.aws.amazon.com/AmazonS3/latest/userguide/lifecycle-conflicts.html>).
fn unconfirmed(bucket: &DeploymentBucket<'_>) -> Vec<(String, u32)> {
    let mut folders: Vec<(String, u32)> = Vec::new();
    for route in bucket.routes() {
        for prefix in route.policy().pending_prefixes() {
            let days = route.pending_days();
            match folders.iter_mut().find(|(known, _)| *known == prefix) {
                Some((_, known)) => *known = days.max(*known),
                None => folders.push((prefix, days)),
            }
        }
    }
    folders
}

/// In a versioned bucket a second rule removes the delete markers, because S3 does not accept both actions in one rule.
fn expiring(id: &str, prefix: &str, days: u32, versioned: bool) -> Vec<LifecycleRule> {
    let rule = LifecycleRule {
        id: id.into(),
        prefix: prefix.into(),
        expire_after: Some(days),
        expire_noncurrent_after: versioned.then_some(1),
        ..LifecycleRule::default()
    };
    let markers = LifecycleRule {
        id: format!("{id}-markers"),
        prefix: prefix.into(),
        expire_delete_markers: true,
        ..LifecycleRule::default()
    };
    if versioned { vec![rule, markers] } else { vec![rule] }
}

/// Returns one rule for each prefix of the routes whose uploads move to another storage class.
fn infrequent(bucket: &DeploymentBucket<'_>) -> Vec<LifecycleRule> {
    let moving = bucket.routes().iter().filter_map(|route| Some((route, route.infrequent_access_after()?)));
    let prefixes = moving.flat_map(|(route, days)| {
        route.policy().key_prefixes().into_iter().map(move |prefix| (prefix, days))
    });
    let mut moves: Vec<(String, u32)> = Vec::new();
    for (prefix, days) in prefixes {
        match moves.iter_mut().find(|(known, _)| *known == prefix) {
            // S3 applies the earlier of two transitions to the same class.
            // <https://docs.aws.amazon.com/AmazonS3/latest/userguide/lifecycle-conflicts.html>
            Some((_, known)) => *known = days.min(*known),
            None => moves.push((prefix, days)),
        }
    }
    let rule = |(index, (prefix, days)): (usize, (String, u32))| LifecycleRule {
        id: format!("upsign-infrequent-{}", index + 1),
        prefix,
        transition_after: Some((days, "STANDARD_IA".into())),
        ..LifecycleRule::default()
    };
    moves.into_iter().enumerate().map(rule).collect()
}
