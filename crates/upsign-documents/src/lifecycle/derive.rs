//! From a deployment to the rules that keep its buckets clean.

use super::{LifecycleDocument, LifecycleRule};
use crate::{Deployment, DeploymentBucket, Multipart};

/// Days after which an upload in parts is taken to be given up.
const GIVEN_UP: u32 = 7;

impl LifecycleDocument {
    /// What one bucket of a deployment needs: incomplete multipart uploads always end, after one day where nobody makes any;
    /// pending prefixes end with all their versions; uploads move to a cheaper class where that is asked for.
    #[must_use]
    pub fn for_bucket(deployment: &Deployment, bucket: &DeploymentBucket<'_>) -> Self {
        let days = if deployment.multipart == Multipart::None { 1 } else { GIVEN_UP };
        // By prefix alone and for every key: S3 takes no such rule with a filter by tags.
        let mut rules = vec![LifecycleRule {
            id: "upsign-incomplete".into(),
            abort_incomplete_after: Some(days),
            ..LifecycleRule::default()
        }];
        for (index, (prefix, days)) in deployment.pending.iter().enumerate() {
            rules.extend(pending(deployment, &format!("upsign-pending-{}", index + 1), prefix, *days));
        }
        if let Some(days) = deployment.infrequent_after {
            rules.extend(bucket.prefixes().into_iter().enumerate().map(|(index, prefix)| LifecycleRule {
                id: format!("upsign-infrequent-{}", index + 1),
                prefix,
                transition_after: Some((days, "STANDARD_IA".into())),
                ..LifecycleRule::default()
            }));
        }
        Self(rules)
    }
}

fn pending(deployment: &Deployment, id: &str, prefix: &str, days: u32) -> Vec<LifecycleRule> {
    let rule = LifecycleRule {
        id: id.into(),
        prefix: prefix.into(),
        expire_after: Some(days),
        expire_noncurrent_after: deployment.versioned.then_some(1),
        ..LifecycleRule::default()
    };
    let markers = LifecycleRule {
        id: format!("{id}-markers"),
        prefix: prefix.into(),
        expire_delete_markers: true,
        ..LifecycleRule::default()
    };
    if deployment.versioned { vec![rule, markers] } else { vec![rule] }
}
