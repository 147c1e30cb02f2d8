//! Bodies of requests that complete an upload: what is accepted means the same to another JSON reader, and is in order.

use http::HeaderMap;
use serde_json::Value;
use upsign_http::CompleteBody;

use crate::within_time_limit;

const MAX_BYTES: usize = 2 << 20;

/// The codes of [`InvalidBody`](upsign_http::InvalidBody) that a body of this call can have.
const CODES: [&str; 9] = [
    "body-duplicate-member",
    "body-member-missing",
    "body-member-type",
    "body-not-object",
    "body-syntax",
    "body-too-large",
    "body-too-many-members",
    "body-unknown-member",
    "part-numbers-invalid",
];

pub(super) fn run(data: &[u8]) {
    let body = match within_time_limit(|| CompleteBody::read_up_to(MAX_BYTES, &HeaderMap::new(), data)) {
        Ok(body) => body,
        Err(error) => {
            assert!(CODES.contains(&error.code()), "{}", error.code());
            assert!(error.to_string().len() < 150, "a long message: {error}");
            return;
        }
    };
    let sent: Value = serde_json::from_slice(data).expect("only JSON is accepted");
    assert_eq!(sent["uploadToken"].as_str(), Some(&*body.upload_token));
    let parts = sent["parts"].as_array().expect("an array");
    assert_eq!(parts.len(), body.parts.len());
    for (sent, read) in parts.iter().zip(&body.parts) {
        assert_eq!(sent["partNumber"].as_u64(), Some(read.number.get().into()));
        let etag = sent["etag"].as_str().expect("a text");
        assert!(etag == read.etag.as_str() || etag == read.etag.quoted(), "{etag} became {:?}", read.etag);
        assert_eq!(sent.get("checksum").and_then(Value::as_str), read.checksum.as_deref());
    }
    if let Some((algorithm, value)) = &body.checksum {
        assert_eq!(sent["checksum"][&**algorithm].as_str(), Some(&**value));
    }
    let numbers: Vec<_> = body.parts.iter().map(|part| part.number).collect();
    let in_order = numbers.windows(2).all(|pair| matches!(pair, [first, second] if first < second));
    assert_eq!(body.into_request().is_ok(), in_order, "{numbers:?}");
}
