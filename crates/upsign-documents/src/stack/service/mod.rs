//! The Lambda function that signs uploads, its role and its log group.

mod function;
mod log_group;
mod role;

use super::{InvalidDeployment, Resource};
use crate::deployment::{Deployment, LogRetention};
pub(super) use function::Function;
pub(super) use log_group::LogGroup;
use role::Role;

/// Returns the function and what belongs to it.
pub(super) fn resources(deployment: &Deployment) -> Result<Vec<Box<dyn Resource>>, InvalidDeployment> {
    LogRetention::try_from(deployment.log_retention)?;
    Ok(vec![
        Box::new(LogGroup::of_function(deployment.log_retention)),
        Box::new(Role::for_deployment(deployment)),
        Box::new(Function::for_deployment(deployment)),
    ])
}
