//! The queue that receives notifications, its dead-letter queue and its policy.

use super::super::Resource;
use super::super::cloudformation::Template;
use super::super::reference::Kind;
use super::super::terraform::Module;
use crate::deployment::Deployment;
use crate::iam::IamPolicy;
use crate::node::{Node, list, map};

/// 14 days, the maximum of SQS.
const RETENTION_SECONDS: i64 = 1_209_600;

/// How long a message stays hidden from other consumers while one processes it.
const VISIBILITY_SECONDS: i64 = 180;

/// After this many failed attempts a message moves to the dead-letter queue.
const ATTEMPTS: i64 = 5;

#[derive(Debug)]
pub(super) struct Queue {
    /// Lets S3 send messages, only for the buckets of this deployment in its own account.
    policy: IamPolicy,
}

impl Queue {
    pub(super) fn new(deployment: &Deployment) -> Self {
        let queue = Kind::Queue.id().arn().to_string();
        let buckets = deployment.buckets();
        let statements = buckets.iter().flat_map(|bucket| {
            IamPolicy::for_queue(&bucket.arn(), deployment.account_in_arns(), &queue).statements().to_vec()
        });
        Self { policy: IamPolicy::numbered(statements) }
    }
}

/// Returns the redrive policy, whose members have these names in both forms.
fn redrive() -> Node {
    map([
        ("deadLetterTargetArn", Kind::DeadLetters.id().arn().into()),
        ("maxReceiveCount", Node::Number(ATTEMPTS)),
    ])
}

impl Resource for Queue {
    fn cloudformation(&self, template: &mut Template) {
        template.resource(
            Kind::DeadLetters.id(),
            "AWS::SQS::Queue",
            [("MessageRetentionPeriod", RETENTION_SECONDS.into()), ("SqsManagedSseEnabled", true.into())],
        );
        template.resource(
            Kind::Queue.id(),
            "AWS::SQS::Queue",
            [
                ("VisibilityTimeout", Node::Number(VISIBILITY_SECONDS)),
                ("MessageRetentionPeriod", RETENTION_SECONDS.into()),
                ("SqsManagedSseEnabled", true.into()),
                ("RedrivePolicy", redrive()),
            ],
        );
        template.resource(
            Kind::QueuePolicy.id(),
            "AWS::SQS::QueuePolicy",
            [("Queues", list([Kind::Queue.id().reference()])), ("PolicyDocument", self.policy.to_node())],
        );
        let description = "URL of the queue that receives notifications of new objects";
        template.output("QueueUrl", description, Kind::Queue.id().url());
    }

    fn terraform(&self, module: &mut Module) {
        module.resource(
            Kind::DeadLetters.id(),
            [
                ("message_retention_seconds", Node::Number(RETENTION_SECONDS)),
                ("sqs_managed_sse_enabled", true.into()),
            ],
        );
        module.resource(
            Kind::Queue.id(),
            [
                ("visibility_timeout_seconds", Node::Number(VISIBILITY_SECONDS)),
                ("message_retention_seconds", RETENTION_SECONDS.into()),
                ("sqs_managed_sse_enabled", true.into()),
                ("redrive_policy", Node::Encoded(Box::new(redrive()))),
            ],
        );
        module.resource(
            Kind::QueuePolicy.id(),
            [("queue_url", Kind::Queue.id().reference().into()), ("policy", self.policy.encoded())],
        );
        let description = "URL of the queue that receives notifications of new objects";
        module.output("queue_url", description, Kind::Queue.id().url());
    }
}
