//! The functions that take messages from queues: the consumer of notifications, and the one that delivers webhooks.

use super::super::Resource;
use super::super::declared::{Declared, Output};
use super::super::reference::{Id, Kind, Reference};
use super::super::terraform::expression;
use super::function::{self, Program};
use super::webhook_queue::with_queue;
use super::{log_group, role};
use crate::deployment::Deployment;
use crate::iam::IamPolicy;
use crate::node::list;

/// In seconds. Confirming copies an object, or reads it to inspect it; no gateway waits for the function.
pub(in super::super) const CONSUMER_TIMEOUT: u32 = 60;
/// Messages are handled one after the other, so a slow one delays those of its batch.
const CONSUMER_BATCH: i64 = 5;

/// In seconds. The function waits up to 15 seconds for the answer of the application.
pub(in super::super) const DELIVERER_TIMEOUT: u32 = 30;
/// One message: an application that answers slowly delays no other one.
const DELIVERER_BATCH: i64 = 1;

/// A function, and the queue from which Lambda calls it.
struct Worker<'a> {
    program: Program<'a>,
    source: Kind,
    queue: Id,
    batch: i64,
    name_prefix: &'static str,
    permissions: IamPolicy,
    description: &'static str,
}

/// Returns the functions that a deployment needs.
pub(super) fn resources(deployment: &Deployment) -> Vec<Box<dyn Resource>> {
    let consumer = deployment.has_consumer().then(|| consumer(deployment));
    let deliverer = deployment.workers.webhook_queue_name.is_some().then(|| deliverer(deployment));
    consumer.into_iter().chain(deliverer).flat_map(|worker| worker.resources(deployment)).collect()
}

fn consumer(deployment: &Deployment) -> Worker<'_> {
    let queue = Kind::Queue.id();
    Worker {
        program: Program {
            function: Kind::Consumer,
            role: Kind::ConsumerRole,
            log_group: Kind::ConsumerLogGroup,
            code: &deployment.workers.consumer_code,
            package: "ConsumerPackage",
            name: format!("{}-consumer", Reference::STACK_NAME),
            timeout: CONSUMER_TIMEOUT,
            variables: with_queue(deployment, function::variables(deployment)),
        },
        source: Kind::ConsumerSource,
        queue,
        batch: CONSUMER_BATCH,
        name_prefix: "upload-consumer-",
        permissions: IamPolicy::for_consumer(deployment, &queue.arn().to_string()),
        description: "Path of the zip file of the function that confirms uploads by their notifications",
    }
}

fn deliverer(deployment: &Deployment) -> Worker<'_> {
    let queue = Kind::WebhookQueue.id();
    Worker {
        program: Program {
            function: Kind::Deliverer,
            role: Kind::DelivererRole,
            log_group: Kind::DelivererLogGroup,
            code: &deployment.workers.deliverer_code,
            package: "DelivererPackage",
            name: format!("{}-deliverer", Reference::STACK_NAME),
            timeout: DELIVERER_TIMEOUT,
            variables: deployment.variables.clone(),
        },
        source: Kind::DelivererSource,
        queue,
        batch: DELIVERER_BATCH,
        name_prefix: "upload-deliverer-",
        permissions: IamPolicy::for_deliverer(deployment, &queue.arn().to_string()),
        description: "Path of the zip file of the function that delivers webhooks",
    }
}

impl Worker<'_> {
    fn resources(self, deployment: &Deployment) -> Vec<Box<dyn Resource>> {
        let Program { function: kind, role, log_group: group, package, .. } = self.program;
        let log_name = format!("/upsign/{}", self.program.name);
        let mapping = self.mapping();
        let declared = function::environment(function::code(&self.program), self.program, deployment.tracing);
        let mut resources: Vec<Box<dyn Resource>> =
            vec![Box::new(log_group(group.id(), log_name, deployment.log_retention))];
        resources.extend(role::of_function(
            role,
            group,
            self.name_prefix,
            &self.permissions,
            deployment.tracing,
        ));
        resources.push(Box::new(declared));
        resources.push(Box::new(mapping));
        resources.push(Box::new(function::package(package, self.description)));
        let (name, description) = match kind {
            Kind::Consumer => {
                ("ConsumerArn", "ARN of the function that confirms uploads by their notifications")
            }
            _ => ("DelivererArn", "ARN of the function that delivers webhooks"),
        };
        resources.push(Box::new(Output::new(name, description, kind.id().arn())));
        resources
    }

    /// Returns what makes Lambda call the function. With `ReportBatchItemFailures`, only the messages that the function names are
    /// delivered again.
    ///
    /// Source: <https://docs.aws.amazon.com/lambda/latest/dg/services-sqs-errorhandling.html>.
    fn mapping(&self) -> Declared {
        // Lambda checks when it creates the mapping whether the role may take messages.
        let policy = format!("{}.{}", role::POLICY_KIND, self.program.role.id().terraform_name());
        Declared::new(self.source.id())
            .with("EventSourceArn", self.queue.arn())
            .with("FunctionName", self.program.function.id().name())
            .with("BatchSize", self.batch)
            .with("FunctionResponseTypes", list(["ReportBatchItemFailures"]))
            .in_terraform("depends_on", list([expression(policy)]))
    }
}
