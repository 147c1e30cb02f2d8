//! Receipts, and their payloads as if the signature were valid: what is accepted is the only encoding of its receipt.

use std::sync::LazyLock;

use upsign::session::{TokenKeys, fuzzing};
use upsign::types::Target;

use crate::within_time_limit;

static KEYS: LazyLock<TokenKeys> = LazyLock::new(|| {
    let secret: Vec<u8> = (0..32).collect();
    TokenKeys::new("production", [secret]).unwrap()
});

static TARGET: LazyLock<Target> = LazyLock::new(|| {
    Target::aws("article-images-bucket".parse().unwrap(), "ap-southeast-1".parse().unwrap())
});

pub(super) fn run(data: &[u8]) {
    if let Some(payload) = within_time_limit(|| fuzzing::receipt(data)) {
        assert_eq!(payload, data, "two payloads of one receipt");
    }
    let Ok(text) = str::from_utf8(data) else { return };
    match within_time_limit(|| KEYS.verify_receipt(text, |_| Some(TARGET.clone()))) {
        Ok(receipt) => {
            assert_eq!(KEYS.sign_receipt(&receipt).unwrap().expose(), text, "two texts of one receipt");
        }
        Err(error) => {
            assert_eq!(error.to_string(), "the receipt is not valid for this service");
            assert!(error.reason().to_string().len() < 150, "a long message: {}", error.reason());
        }
    }
}
