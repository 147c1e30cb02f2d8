//! Log groups.

use super::super::declared::Declared;
use super::super::reference::{Id, Kind, Reference};

/// Returns a log group that deletes its entries after `retention` days.
pub(in super::super) fn log_group(id: Id, name: String, retention: u32) -> Declared {
    Declared::new(id).with("LogGroupName", name).with("RetentionInDays", retention)
}

/// Returns the log group that the function writes to.
pub(super) fn of_function(retention: u32) -> Declared {
    log_group(Kind::LogGroup.id(), format!("/upsign/{}", Reference::STACK_NAME), retention)
}
