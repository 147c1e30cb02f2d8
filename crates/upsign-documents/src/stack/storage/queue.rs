//! The queue that receives notifications, its dead-letter queue and its policy.

use super::super::Resource;
use super::super::declared::{Declared, Output};
use super::super::reference::{Id, Kind};
use crate::deployment::Deployment;
use crate::iam::IamPolicy;
use crate::node::{Node, list, map};

/// 14 days, the maximum of SQS.
const RETENTION_SECONDS: i64 = 1_209_600;

/// How long a message stays hidden from other consumers while one processes it.
const VISIBILITY_SECONDS: i64 = 180;

/// After this many failed attempts a message moves to the dead-letter queue.
const ATTEMPTS: i64 = 5;

pub(super) fn resources(deployment: &Deployment) -> Vec<Box<dyn Resource>> {
    let id = Kind::Queue.id();
    let encrypted = |queue: Declared| {
        queue.with("MessageRetentionPeriod", RETENTION_SECONDS).with("SqsManagedSseEnabled", true)
    };
    let dead_letters = encrypted(Declared::new(Kind::DeadLetters.id()));
    let queue = encrypted(Declared::new(id).with("VisibilityTimeout", VISIBILITY_SECONDS));
    let policy = Declared::new(Kind::QueuePolicy.id())
        .in_cloudformation("Queues", list([id.reference()]))
        .in_terraform("queue_url", id.reference())
        .with("PolicyDocument", policy(deployment, id).to_node());
    let url =
        Output::new("QueueUrl", "URL of the queue that receives notifications of new objects", id.url());
    vec![
        Box::new(dead_letters),
        Box::new(queue.with("RedrivePolicy", redrive())),
        Box::new(policy),
        Box::new(url),
    ]
}

/// Lets S3 send messages, only for the buckets of this deployment in its own account.
fn policy(deployment: &Deployment, queue: Id) -> IamPolicy {
    let queue = queue.arn().to_string();
    let buckets = deployment.buckets();
    let notifying = buckets.iter().filter(|bucket| !bucket.is_directory());
    let statements = notifying.flat_map(|bucket| {
        IamPolicy::for_queue(&bucket.arn(), deployment.account_in_arns(), &queue).statements().to_vec()
    });
    IamPolicy::numbered(statements)
}

fn redrive() -> Node {
    map([
        ("deadLetterTargetArn", Kind::DeadLetters.id().arn().into()),
        ("maxReceiveCount", Node::Number(ATTEMPTS)),
    ])
}
