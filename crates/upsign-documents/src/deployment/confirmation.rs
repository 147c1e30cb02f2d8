//! Confirmed uploads: which routes have them, and who may read an object before it is confirmed.

use upsign_policy::UploadPolicy;

use super::{Deployment, RoleArn};

impl Deployment {
    /// Adds a role that the service runs as. With a [`Gate`](upsign_policy::Gate), the policy of the bucket permits only such roles
    /// to read objects that are not confirmed. Call it once per role.
    ///
    /// A template or module names the role of its function itself. If another role signs
    /// ([`with_signing_role`](Self::with_signing_role)), that one reads.
    #[must_use]
    pub fn with_service_role(mut self, arn: &RoleArn) -> Self {
        self.service_roles.push(arn.as_str().into());
        self
    }

    /// Lets the service send messages to the SQS queue with this ARN, in which webhooks wait until a consumer delivers them.
    ///
    /// A template or module creates the queue and a function that delivers the webhooks if the queue is
    /// [one of the deployment](Self::has_deliverer); its fixed name is that of the configuration, which the functions read.
    #[must_use]
    pub fn with_webhook_queue(self, arn: &str) -> Self {
        Self { webhook_queue: Some(arn.into()), ..self }
    }

    /// Lets a server take messages from the SQS queue with this ARN: notifications of the bucket, or webhooks that it delivers. Call it
    /// once per queue. No template contains a server: only [`IamPolicy::for_server`](crate::IamPolicy::for_server) has this permission.
    #[must_use]
    pub fn with_polled_queue(mut self, arn: &str) -> Self {
        self.polled_queues.push(arn.into());
        self
    }

    /// Returns whether clients confirm the uploads of a route.
    #[must_use]
    pub fn confirms(&self) -> bool {
        self.policies().any(|policy| policy.confirmation().confirm())
    }

    /// Returns whether callers may delete the uploads of a route.
    #[must_use]
    pub fn deletes(&self) -> bool {
        self.policies().any(|policy| policy.confirmation().delete())
    }

    /// Returns whether the service looks at the uploads of a route to confirm them.
    pub(crate) fn confirms_route(&self, policy: &UploadPolicy) -> bool {
        self.confirmation || policy.confirmation().confirm()
    }

    /// Returns the ARNs of the roles with which the service calls the store; empty if they are not known.
    pub(crate) fn roles_of_service(&self) -> Vec<String> {
        self.signing_role.iter().chain(&self.service_roles).cloned().collect()
    }
}
