//! Derives the policy of the role of a server, which takes messages from queues itself.

use super::{Effect, IamPolicy, IamStatement, token_secrets};
use crate::deployment::Deployment;

impl IamPolicy {
    /// Derives the permissions of the role that `upsign serve` runs as: those of [`for_runtime`](IamPolicy::for_runtime);
    /// `sqs:ReceiveMessage`, `sqs:DeleteMessage` and `sqs:ChangeMessageVisibility` on the
    /// [queues that it polls](Deployment::with_polled_queue) and no others; and, if it sends webhooks, the permission to read their
    /// secrets in AWS Secrets Manager.
    ///
    /// A queue that is encrypted with a customer managed key also needs `kms:Decrypt` on this key.
    ///
    /// Source: <https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/sqs-api-permissions-reference.html>.
    #[must_use]
    pub fn for_server(deployment: &Deployment) -> Self {
        let mut policy = Self::for_runtime(deployment);
        policy.statements.extend(poll_queues(deployment));
        policy.statements.extend(sign_webhooks(deployment));
        policy
    }
}

fn poll_queues(deployment: &Deployment) -> Option<IamStatement> {
    let queues = &deployment.polled_queues;
    let actions = ["sqs:ReceiveMessage", "sqs:DeleteMessage", "sqs:ChangeMessageVisibility"];
    let statement =
        || IamStatement::new("PollQueues", Effect::Allow, actions, queues.iter().map(String::as_str));
    (!queues.is_empty()).then(statement)
}

/// Without a queue, webhooks are sent by the process that announces them.
fn sign_webhooks(deployment: &Deployment) -> Option<IamStatement> {
    let sends =
        deployment.webhook_queue.as_ref().is_none_or(|queue| deployment.polled_queues.contains(queue));
    let secrets = &deployment.workers.webhook_secrets;
    if sends { token_secrets::read("ReadWebhookSecrets", secrets) } else { None }
}
