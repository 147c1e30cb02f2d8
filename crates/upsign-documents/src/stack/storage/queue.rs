//! The queue that receives notifications, its dead-letter queue and its policy.

use super::super::Resource;
use super::super::declared::{Declared, Output};
use super::super::reference::{Id, Kind};
use super::super::service::CONSUMER_TIMEOUT;
use crate::deployment::Deployment;
use crate::iam::IamPolicy;
use crate::node::{Node, list, map};

/// 14 days, the maximum of SQS.
const RETENTION_SECONDS: i64 = 1_209_600;

/// How long a message stays hidden from other consumers while one processes it.
const VISIBILITY_SECONDS: u32 = 180;

/// How long it stays hidden while the function that confirms uploads processes it. AWS recommends six times its timeout:
/// <https://docs.aws.amazon.com/lambda/latest/dg/services-sqs-configure.html>.
const CONSUMER_VISIBILITY_SECONDS: u32 = 6 * CONSUMER_TIMEOUT;

/// After this many failed attempts a message moves to the dead-letter queue.
const ATTEMPTS: i64 = 5;

pub(super) fn resources(deployment: &Deployment) -> Vec<Box<dyn Resource>> {
    let id = Kind::Queue.id();
    let visibility = match deployment.has_consumer() {
        true => CONSUMER_VISIBILITY_SECONDS,
        false => VISIBILITY_SECONDS,
    };
    let dead_letters = retained(Declared::new(Kind::DeadLetters.id()));
    let queue = retained(Declared::new(id).with("VisibilityTimeout", visibility));
    let policy = Declared::new(Kind::QueuePolicy.id())
        .in_cloudformation("Queues", list([id.reference()]))
        .in_terraform("queue_url", id.reference())
        .with("PolicyDocument", policy(deployment, id).to_node());
    let url =
        Output::new("QueueUrl", "URL of the queue that receives notifications of new objects", id.url());
    vec![
        Box::new(dead_letters),
        Box::new(queue.with("RedrivePolicy", redrive(Kind::DeadLetters, ATTEMPTS))),
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

/// Sets how long and how a queue stores messages.
pub(in super::super) fn retained(queue: Declared) -> Declared {
    queue.with("MessageRetentionPeriod", RETENTION_SECONDS).with("SqsManagedSseEnabled", true)
}

/// Returns where messages go that could not be processed after this number of attempts.
pub(in super::super) fn redrive(dead_letters: Kind, attempts: i64) -> Node {
    map([
        ("deadLetterTargetArn", dead_letters.id().arn().into()),
        ("maxReceiveCount", Node::Number(attempts)),
    ])
}
