//! The fuzzed binary. The environment variable `FUZZ_TARGET` selects one of [`TARGETS`].
#![no_main]

use std::sync::LazyLock;

use libfuzzer_sys::fuzz_target;
use upsign_fuzz::{TARGETS, Target};

static SELECTED: LazyLock<Target> = LazyLock::new(|| {
    let wanted = std::env::var("FUZZ_TARGET").unwrap_or_default();
    let found = TARGETS.iter().find(|(name, _)| *name == wanted);
    let names: Vec<&str> = TARGETS.iter().map(|(name, _)| *name).collect();
    let (_, target) = found.unwrap_or_else(|| panic!("FUZZ_TARGET must be one of {}", names.join(", ")));
    *target
});

fuzz_target!(|data: &[u8]| SELECTED(data));
