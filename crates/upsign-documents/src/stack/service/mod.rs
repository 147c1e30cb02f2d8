//! The Lambda function that signs uploads, its role, its log group and the table in which it counts uploads.

mod function;
mod log_group;
mod quota_table;
mod role;

use super::{InvalidDeployment, Resource};
use crate::deployment::{Deployment, LogRetention};
pub(super) use log_group::log_group;

/// Returns the function and what belongs to it.
pub(super) fn resources(deployment: &Deployment) -> Result<Vec<Box<dyn Resource>>, InvalidDeployment> {
    LogRetention::try_from(deployment.log_retention)?;
    let mut resources: Vec<Box<dyn Resource>> =
        vec![Box::new(log_group::of_function(deployment.log_retention))];
    resources.extend(role::resources(deployment));
    resources.extend(function::resources(deployment));
    resources.extend(quota_table::of(deployment).map(|table| Box::new(table) as Box<dyn Resource>));
    Ok(resources)
}
