//! Endpoints of S3-compatible stores: the printed form parses to the same endpoint.

use upsign_core::Endpoint;

pub(super) fn run(text: &str) {
    if let Ok(endpoint) = text.parse::<Endpoint>() {
        let printed = endpoint.to_string();
        assert_eq!(printed.parse(), Ok(endpoint), "{printed}");
        assert!(!printed.contains(|c: char| c.is_control() || c.is_whitespace()), "{printed:?}");
    }
}
