//! Results of the commands that check something, as JSON: `--json` and `--batch` print the same members.

pub(crate) mod change;
pub(crate) mod event;
pub(crate) mod help;
pub(crate) mod key_set;
pub(crate) mod token;
pub(crate) mod unverified;
