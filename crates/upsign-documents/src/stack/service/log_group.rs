//! Log groups.

use super::super::Resource;
use super::super::cloudformation::Template;
use super::super::reference::{Id, Kind, Reference};
use super::super::terraform::Module;
use crate::node::text;

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

impl Resource for LogGroup {
    fn cloudformation(&self, template: &mut Template) {
        let properties = [("LogGroupName", text(&self.name)), ("RetentionInDays", self.retention.into())];
        template.resource(self.id, "AWS::Logs::LogGroup", properties);
    }

    fn terraform(&self, module: &mut Module) {
        module.resource(self.id, [("name", text(&self.name)), ("retention_in_days", self.retention.into())]);
    }
}
