//! The queue in which webhooks wait, and its dead-letter queue.

use super::super::Resource;
use super::super::declared::{Declared, Output};
use super::super::reference::Kind;
use super::super::storage::queue::{redrive, retained};
use super::function::{Variables, set};
use super::worker::DELIVERER_TIMEOUT;
use crate::deployment::Deployment;

/// The visibility timeout is the pause between two attempts. AWS recommends at least six times the timeout of the function:
/// <https://docs.aws.amazon.com/lambda/latest/dg/services-sqs-configure.html>.
const VISIBILITY_SECONDS: u32 = 300;
const _: () = assert!(VISIBILITY_SECONDS >= 6 * DELIVERER_TIMEOUT);

/// A day of attempts: a receiver that is down for a night still gets its messages.
const ATTEMPTS: i64 = 288;

/// The variable that names the queue to which a function announces uploads.
const QUEUE_URL: &str = "UPSIGN_WEBHOOK_QUEUE_URL";

/// Adds the variable with the URL of the queue of the stack, if there is one. The URL in the file may contain another account than that
/// in which the stack is created, and the role may only send to the queue of the stack.
pub(super) fn with_queue(deployment: &Deployment, mut variables: Variables) -> Variables {
    if deployment.workers.webhook_queue_name.is_some() {
        set(&mut variables, QUEUE_URL, Kind::WebhookQueue.id().url().to_string());
    }
    variables
}

/// Returns the queues; none if the deployment has no webhooks, or if their queue is not one of the stack.
pub(super) fn resources(deployment: &Deployment) -> Vec<Box<dyn Resource>> {
    let Some(name) = deployment.workers.webhook_queue_name.as_deref() else { return Vec::new() };
    let fifo = |queue: Declared| match deployment.workers.has_fifo_queue() {
        true => queue.with("FifoQueue", true),
        false => queue,
    };
    let id = Kind::WebhookQueue.id();
    let dead_letters = fifo(retained(Declared::new(Kind::WebhookDeadLetters.id())));
    let queue = Declared::new(id).in_cloudformation("QueueName", name).in_terraform("name", name);
    let queue = fifo(retained(queue.with("VisibilityTimeout", VISIBILITY_SECONDS)));
    let queue = queue.with("RedrivePolicy", redrive(Kind::WebhookDeadLetters, ATTEMPTS));
    let description = "URL of the queue in which webhooks wait";
    vec![
        Box::new(dead_letters),
        Box::new(queue),
        Box::new(Output::new("WebhookQueueUrl", description, id.url())),
    ]
}
