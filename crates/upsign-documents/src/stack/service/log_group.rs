//! Log groups.

use super::super::cloudformation::Template;
use super::super::reference::{Id, Kind, Reference};
use super::super::terraform::Module;
use super::super::{InvalidDeployment, Resource};
use crate::node::text;

/// The numbers of days that CloudWatch Logs accepts.
///
/// Source: <https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_PutRetentionPolicy.html>.
const RETENTIONS: [u32; 22] =
    [1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731, 1096, 1827, 2192, 2557, 2922, 3288, 3653];

/// A log group that deletes its entries after a number of days.
#[derive(Debug)]
pub(in super::super) struct LogGroup {
    pub(in super::super) id: Id,
    pub(in super::super) name: String,
    /// In days.
    pub(in super::super) retention: u32,
}

impl LogGroup {
    /// Returns the log group that the function writes to.
    pub(super) fn of_function(retention: u32) -> Self {
        Self { id: Kind::LogGroup.id(), name: format!("/upsign/{}", Reference::StackName), retention }
    }
}

/// Checks that CloudWatch Logs accepts this number of days.
pub(super) fn check(days: u32) -> Result<(), InvalidDeployment> {
    if RETENTIONS.contains(&days) { Ok(()) } else { Err(InvalidDeployment::LogRetention(days)) }
}

impl Resource for LogGroup {
    fn cloudformation(&self, template: &mut Template) {
        let properties = [("LogGroupName", text(&self.name)), ("RetentionInDays", self.retention.into())];
        template.resource(self.id, "AWS::Logs::LogGroup", properties);
    }

    fn terraform(&self, module: &mut Module) {
        module.resource(self.id, [("name", text(&self.name)), ("retention_in_days", self.retention.into())]);
    }
}
