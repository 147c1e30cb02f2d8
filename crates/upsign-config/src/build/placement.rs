//! Resources that a deployment names, and that are in another region or partition than its buckets.

use upsign_core::{Partition, Provider};

use super::contradictions::section;
use super::values::Reader;
use crate::arn;
use crate::config::RouteConfig;
use crate::deployment::DeploymentConfig;
use crate::source::finding::Finding;

impl Reader {
    /// Reports resources in another region than the buckets: S3 notifies queues of its own region only, and the stack that
    /// creates the bucket also creates the rule of the listener.
    ///
    /// Source: <https://docs.aws.amazon.com/AmazonS3/latest/userguide/NotificationHowTo.html>.
    pub(super) fn report_regions(&mut self, values: &DeploymentConfig, routes: &[RouteConfig]) {
        // The region of another store, such as `auto`, is not that of the stack.
        let Some(route) = routes.iter().find(|route| is_aws(route)) else { return };
        let region = route.policy.target().region().as_str();
        let queue = values.queue_arn.as_deref().and_then(|text| arn::queue(text).ok());
        let listener = values.listener_arn.as_deref().and_then(|text| arn::listener(text).ok());
        let found = [
            ("deployment.queue_arn", "a bucket notifies queues of its own region only", queue),
            ("deployment.listener_arn", "the function is created in the region of the bucket", listener),
        ];
        for (key, why, arn) in found {
            if let Some(arn) = arn.filter(|arn| arn.region != region) {
                let message = format!("is in {}, but the bucket is in {region}: {why}", arn.region);
                let help = format!("name one in {region}");
                self.report(key, Finding::contradiction(message).help(help));
            }
        }
    }

    /// Reports KMS keys in another region than the bucket of their route.
    ///
    /// Source: <https://docs.aws.amazon.com/AmazonS3/latest/userguide/UsingKMSEncryption.html>.
    pub(super) fn report_keys(&mut self, routes: &[RouteConfig]) {
        for route in routes.iter().filter(|route| is_aws(route)) {
            let key = format!("{}.kms_key", section(route));
            let Some(text) = self.text(&key) else { continue };
            let mut parts = text.split(':').skip(2);
            let (Some("kms"), Some(found)) = (parts.next(), parts.next()) else { continue };
            let region = route.policy.target().region().as_str();
            if found != region {
                let message = format!(
                    "is in {found}, but the bucket is in {region}: S3 encrypts with keys of the bucket's region only"
                );
                let help = format!("name a key in {region}");
                self.report(&key, Finding::contradiction(message).help(help));
            }
        }
    }

    /// Reports roles of another partition than that of the buckets. A function can assume, and S3 knows, roles of its own
    /// partition only.
    ///
    /// Source: <https://docs.aws.amazon.com/IAM/latest/UserGuide/reference-arns.html>.
    pub(super) fn report_partitions(&mut self, values: &DeploymentConfig, routes: &[RouteConfig]) {
        let Some(route) = routes.iter().find(|route| is_aws(route)) else { return };
        let region = route.policy.target().region();
        let partition = Partition::of(region).name();
        let roles = [
            ("deployment.signing_role", values.signing_role.as_ref()),
            ("deployment.scanner_role", values.scanner_role.as_ref()),
        ];
        for (key, role) in roles {
            let found = role.and_then(|role| role.as_str().split(':').nth(1));
            if let Some(found) = found.filter(|found| *found != partition) {
                let message = format!("is in the partition {found}, but {region} is in {partition}");
                let help = format!("name a role whose ARN begins with arn:{partition}:");
                self.report(key, Finding::contradiction(message).help(help));
            }
        }
    }
}

fn is_aws(route: &RouteConfig) -> bool {
    route.described().provider() == Provider::Aws
}
