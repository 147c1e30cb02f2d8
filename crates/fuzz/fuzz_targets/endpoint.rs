//! Addresses of stores: what is read prints as what reads the same.
#![no_main]

use libfuzzer_sys::fuzz_target;
use upsign_core::Endpoint;

fuzz_target!(|text: &str| {
    if let Ok(endpoint) = text.parse::<Endpoint>() {
        let printed = endpoint.to_string();
        assert_eq!(printed.parse(), Ok(endpoint), "{printed}");
        assert!(!printed.contains(|c: char| c.is_control() || c.is_whitespace()), "{printed:?}");
    }
});
