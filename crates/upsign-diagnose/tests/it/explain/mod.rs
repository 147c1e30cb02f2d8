//! Explanations of URLs and forms: those of the SDKs and of our signer, every oddity, and what is refused.

mod config;
mod corpora;
mod forms;
mod inputs;
mod oddities;
mod properties;
mod schemes;

use std::path::Path;

use serde_json::Value;
use upsign_diagnose::{Explanation, Subject, Timestamp};

/// The signature of the example in the documentation of S3.
const SIGNATURE: &str = "aeeed9bbccd4d02ee5c0109b86d86835f995330da4c265957d157751f604d404";

/// Within the lifetime of [`url`].
const NOW: &str = "2026-01-01T00:05:00Z";

/// A URL of SigV4 without oddities, in parts that tests change.
struct Url {
    base: String,
    credential: String,
    date: String,
    expires: String,
    headers: String,
    signature: String,
    /// What follows the signature.
    rest: String,
}

fn url() -> Url {
    Url {
        base: "https://examplebucket.s3.eu-central-1.amazonaws.com/a/b.jpg".to_owned(),
        credential: "AKIAIOSFODNN7EXAMPLE%2F20260101%2Feu-central-1%2Fs3%2Faws4_request".to_owned(),
        date: "20260101T000000Z".to_owned(),
        expires: "900".to_owned(),
        headers: "content-type%3Bhost".to_owned(),
        signature: SIGNATURE.to_owned(),
        rest: String::new(),
    }
}

impl Url {
    fn text(&self) -> String {
        let Self { base, credential, date, expires, headers, signature, rest } = self;
        format!(
            "{base}?X-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-Credential={credential}&X-Amz-Date={date}&X-Amz-Expires={expires}&X-Amz-SignedHeaders={headers}&X-Amz-Signature={signature}{rest}"
        )
    }
}

#[track_caller]
fn explain_at(text: &str, at: &str) -> Explanation {
    let at: Timestamp = at.parse().unwrap();
    Explanation::of(&Subject::read(text.as_bytes()).unwrap(), at)
}

#[track_caller]
fn explain(text: &str) -> Explanation {
    explain_at(text, NOW)
}

fn codes(explained: &Explanation) -> Vec<&'static str> {
    explained.oddities.iter().map(upsign_diagnose::Oddity::code).collect()
}

/// Reads a corpus of the crate upsign-testing.
fn corpus(name: &str) -> Vec<Value> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../upsign-testing/vectors").join(name);
    let text = std::fs::read_to_string(path).unwrap();
    text.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}

/// Fails if a printed explanation contains a secret of the request.
#[track_caller]
fn assert_no_secret(explained: &Explanation, secrets: &[&str]) {
    let shown = format!("{explained:?}\n{}", explained.to_json());
    for secret in secrets.iter().filter(|secret| secret.len() >= 8) {
        assert!(!shown.contains(secret), "{secret} is in {shown}");
    }
}
