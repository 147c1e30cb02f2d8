//! Alarms and the dashboard.

mod after_upload;
mod alarm;
mod api_metrics;
mod dashboard;
mod rejected_uploads;

use super::Resource;
use super::reference::Kind;
use crate::deployment::Deployment;
use crate::node::Node;
use api_metrics::ApiMetrics;

/// The seconds over which each metric is summed.
const PERIOD: i64 = 300;

/// A metric of CloudWatch: its namespace, its name and its dimensions.
#[derive(Clone, Debug)]
struct Metric {
    namespace: &'static str,
    name: &'static str,
    dimensions: Vec<(&'static str, Node)>,
}

pub(super) fn resources(deployment: &Deployment) -> Vec<Box<dyn Resource>> {
    let mut resources: Vec<Box<dyn Resource>> = Vec::new();
    for parameter in alarm::topics() {
        resources.push(Box::new(parameter));
    }
    for alarm in alarm::alarms(deployment).into_iter().chain(after_upload::alarms(deployment)) {
        resources.push(Box::new(alarm));
    }
    for index in with_metrics(deployment) {
        resources.push(Box::new(rejected_uploads::alarm(index)));
    }
    resources.push(Box::new(dashboard::dashboard(deployment)));
    resources
}

/// Returns the indexes of the buckets with request metrics. The stack creates none for directory buckets.
fn with_metrics(deployment: &Deployment) -> Vec<usize> {
    let buckets = deployment.buckets();
    let indexed = buckets.iter().enumerate();
    indexed.filter(|(_, bucket)| !bucket.is_directory()).map(|(index, _)| index).collect()
}

/// Returns a metric that the functions write as lines of their logs.
fn of_log(name: &'static str) -> Metric {
    Metric { namespace: "upsign", name, dimensions: Vec::new() }
}

/// Returns the metric of the messages in a dead-letter queue.
fn dead_letters(queue: Kind) -> Metric {
    Metric {
        namespace: "AWS/SQS",
        name: "ApproximateNumberOfMessagesVisible",
        dimensions: vec![("QueueName", queue.id().name().into())],
    }
}

/// Returns a metric of Lambda about a function.
fn of_function(name: &'static str, function: Kind) -> Metric {
    Metric { namespace: "AWS/Lambda", name, dimensions: vec![function_dimension(function)] }
}

/// Returns the dimension of the metrics of a function.
fn function_dimension(function: Kind) -> (&'static str, Node) {
    ("FunctionName", function.id().name().into())
}
