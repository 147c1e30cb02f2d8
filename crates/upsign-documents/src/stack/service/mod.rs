//! The Lambda functions, their roles and log groups, the table in which uploads are counted, and the queue of webhooks.

mod function;
mod log_group;
mod quota_table;
mod read_variables;
mod role;
mod webhook_queue;
mod worker;

use super::{InvalidDeployment, Resource};
use crate::deployment::{Deployment, LogRetention};
pub(super) use log_group::log_group;
pub(super) use worker::CONSUMER_TIMEOUT;

/// Returns the functions and what belongs to them.
pub(super) fn resources(deployment: &Deployment) -> Result<Vec<Box<dyn Resource>>, InvalidDeployment> {
    LogRetention::try_from(deployment.log_retention)?;
    let mut resources: Vec<Box<dyn Resource>> =
        vec![Box::new(log_group::of_function(deployment.log_retention))];
    resources.extend(role::resources(deployment));
    resources.extend(function::resources(deployment));
    resources.extend(quota_table::of(deployment).map(|table| Box::new(table) as Box<dyn Resource>));
    resources.extend(webhook_queue::resources(deployment));
    resources.extend(worker::resources(deployment));
    Ok(resources)
}
