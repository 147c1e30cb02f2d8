//! The scripts. Their files document keys, arguments and results.

use redis::Script;

pub(crate) struct Scripts {
    /// Reserves and settles.
    pub(crate) reserve: Script,
    pub(crate) release: Script,
    pub(crate) rate: Script,
}

impl Scripts {
    pub(crate) fn new() -> Self {
        Self {
            reserve: Script::new(include_str!("scripts/reserve.lua")),
            release: Script::new(include_str!("scripts/release.lua")),
            rate: Script::new(include_str!("scripts/rate.lua")),
        }
    }
}
