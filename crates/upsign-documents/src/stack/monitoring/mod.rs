//! Alarms and the dashboard.

mod alarm;
mod api_metrics;
mod dashboard;
mod rejected_uploads;

use super::Resource;
use super::reference::Kind;
use crate::deployment::Deployment;
use crate::node::Node;
use alarm::Alarm;
use api_metrics::ApiMetrics;
use dashboard::Dashboard;
use rejected_uploads::RejectedUploads;

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
    for alarm in Alarm::all(deployment) {
        resources.push(Box::new(alarm));
    }
    for index in 0..deployment.buckets().len() {
        resources.push(Box::new(RejectedUploads { index }));
    }
    resources.push(Box::new(Dashboard::new(deployment)));
    resources
}

/// Returns the dimension of the function's metrics.
fn function_dimension() -> (&'static str, Node) {
    ("FunctionName", Kind::Function.id().name().into())
}
