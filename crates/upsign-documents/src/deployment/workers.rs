//! The functions of a stack that take messages from queues: one confirms uploads, one delivers webhooks.

use upsign_policy::UploadPolicy;

use super::{CodeLocation, Deployment, DeploymentBucket, NotificationTarget};

/// The functions, with the code of each.
#[derive(Clone, Debug)]
pub(crate) struct Workers {
    pub(crate) consumer_code: CodeLocation,
    pub(crate) deliverer_code: CodeLocation,
    /// The ARNs of the secrets that sign webhooks.
    pub(crate) webhook_secrets: Vec<String>,
    /// The name of the queue of webhooks, in the deployment of a stack that creates it.
    pub(crate) webhook_queue_name: Option<String>,
}

/// The suffix of the names of FIFO queues: <https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/FIFO-queues.html>.
const FIFO: &str = ".fifo";

impl Default for Workers {
    fn default() -> Self {
        // Where `cargo lambda build --output-format zip --lambda-dir target/lambda` puts programs with these names.
        let built = |name: &str| CodeLocation::Local(format!("target/lambda/{name}/bootstrap.zip"));
        Self {
            consumer_code: built("consumer"),
            deliverer_code: built("deliverer"),
            webhook_secrets: Vec::new(),
            webhook_queue_name: None,
        }
    }
}

impl Workers {
    /// Returns whether the queue of webhooks is a FIFO queue.
    pub(crate) fn has_fifo_queue(&self) -> bool {
        self.webhook_queue_name.as_ref().is_some_and(|name| name.ends_with(FIFO))
    }
}

impl Deployment {
    /// Sets where the deployment package of the [consumer](Self::has_consumer) is (default:
    /// `target/lambda/consumer/bootstrap.zip`). A Terraform module has a variable for it.
    #[must_use]
    pub fn with_consumer_code(mut self, code: CodeLocation) -> Self {
        self.workers.consumer_code = code;
        self
    }

    /// Sets where the deployment package of the function is that delivers [webhooks](Self::with_webhook_queue) (default:
    /// `target/lambda/deliverer/bootstrap.zip`). A Terraform module has a variable for it.
    #[must_use]
    pub fn with_deliverer_code(mut self, code: CodeLocation) -> Self {
        self.workers.deliverer_code = code;
        self
    }

    /// Permits the function that delivers [webhooks](Self::with_webhook_queue) to read the secret with this ARN in AWS Secrets
    /// Manager, with which it signs them. Call it once per secret.
    #[must_use]
    pub fn with_webhook_secret(mut self, arn: &str) -> Self {
        self.workers.webhook_secrets.push(arn.into());
        self
    }

    /// Returns whether a stack of this deployment has a function that takes the notifications from the queue: if their target is
    /// [`NotificationTarget::Queue`], and an event of a route is enough to
    ///
    /// - confirm its upload, because the object has a claim ([`ConfirmationOptions::claim`](upsign_policy::ConfirmationOptions::claim))
    ///   or the key a sealed id (`{id:sealed}`), or
    /// - announce that it has expired, because it was never confirmed and there are webhooks.
    #[must_use]
    pub fn has_consumer(&self) -> bool {
        let on_aws = self.on_aws();
        let mut buckets = on_aws.buckets();
        // S3 sends no notifications of directory buckets.
        buckets.retain(|bucket| !bucket.is_directory());
        let mut policies = buckets.iter().flat_map(DeploymentBucket::policies);
        self.notification_target == NotificationTarget::Queue
            && policies.any(|policy| is_confirmed_by_events(policy) || self.announces_expiry(policy))
    }

    /// Returns whether a stack of this deployment has the queue of [webhooks](Self::with_webhook_queue) and a function that
    /// delivers them: if clients or events confirm uploads, and the queue is in the region and the account of the deployment. A
    /// deployment without an account ID takes every account for its own.
    #[must_use]
    pub fn has_deliverer(&self) -> bool {
        self.own_webhook_queue().is_some()
    }

    /// Returns the name of the queue of webhooks that a stack of this deployment contains.
    pub(crate) fn own_webhook_queue(&self) -> Option<&str> {
        let on_aws = self.on_aws();
        let mut parts = self.webhook_queue.as_deref()?.splitn(6, ':').skip(3);
        let (region, account, name) = (parts.next()?, parts.next()?, parts.next()?);
        let is_here = self.region().is_some_and(|own| own.as_str() == region);
        let is_own = self.account.as_ref().is_none_or(|own| own.as_str() == account);
        (is_here && is_own && on_aws.confirms()).then_some(name)
    }

    fn announces_expiry(&self, policy: &UploadPolicy) -> bool {
        self.webhook_queue.is_some() && policy.confirmation().confirm() && policy.pending_template().is_some()
    }
}

/// Returns whether the objects of a route prove which upload they are, so that an event is enough to confirm them.
pub(crate) fn is_confirmed_by_events(policy: &UploadPolicy) -> bool {
    let options = policy.confirmation();
    options.confirm() && (options.claim() || policy.template().is_sealed())
}
