//! Bodies of requests for the URLs of parts: what is accepted means the same to another JSON reader, and is bounded.

use http::HeaderMap;
use serde_json::Value;
use upsign_http::PartsBody;

use crate::within_time_limit;

const MAX_BYTES: usize = 96 << 10;

/// The codes of [`InvalidBody`](upsign_http::InvalidBody) that a body of this call can have.
const CODES: [&str; 10] = [
    "body-duplicate-member",
    "body-member-missing",
    "body-member-type",
    "body-not-object",
    "body-syntax",
    "body-too-large",
    "body-too-many-members",
    "body-unknown-member",
    "part-lengths-invalid",
    "part-numbers-invalid",
];

pub(super) fn run(data: &[u8]) {
    let body = match within_time_limit(|| PartsBody::read_up_to(MAX_BYTES, &HeaderMap::new(), data)) {
        Ok(body) => body,
        Err(error) => {
            assert!(CODES.contains(&error.code()), "{}", error.code());
            assert!(error.to_string().len() < 150, "a long message: {error}");
            return;
        }
    };
    let sent: Value = serde_json::from_slice(data).expect("only JSON is accepted");
    assert_eq!(sent["uploadToken"].as_str(), Some(&*body.upload_token));
    let numbers = sent["partNumbers"].as_array().expect("an array");
    assert!(numbers.len() <= 1_000, "{} numbers", numbers.len());
    assert!(
        numbers
            .iter()
            .map(Value::as_u64)
            .eq(body.part_numbers.iter().map(|number| Some(number.get().into())))
    );
    let lengths = sent.get("contentLengths").and_then(Value::as_array);
    assert_eq!(lengths.is_some(), body.content_lengths.is_some());
    for (sent, read) in lengths.into_iter().flatten().zip(body.content_lengths.iter().flatten()) {
        assert_eq!(sent.as_u64(), Some(*read));
    }
    let checksums = sent.get("checksums").and_then(Value::as_array);
    assert_eq!(checksums.is_some(), body.checksums.is_some());
    for (sent, read) in checksums.into_iter().flatten().zip(body.checksums.iter().flatten()) {
        assert_eq!(sent.as_str(), read.as_deref());
    }
    // The request that the service gets lists each part once.
    if let Ok(request) = within_time_limit(|| body.request()) {
        let mut numbers = request.numbers().to_vec();
        numbers.sort_unstable();
        numbers.dedup();
        assert!(!numbers.is_empty() && numbers.len() == body.part_numbers.len(), "{:?}", body.part_numbers);
    }
}
