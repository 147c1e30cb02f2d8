//! Explanations: every input is answered in time, and an explanation contains neither the signature nor the session token. The input is
//! a URL, a form or an answer first, then a query after a valid address, and then the policy of a form.

use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use serde_json::json;
use upsign_core::Timestamp;
use upsign_diagnose::{Explanation, Redacted, Subject};

use crate::within_time_limit;

/// Which no input contains by accident.
const SECRET: &str = "5f1e5f1e5f1e5f1e0a0b0c0d0e0f0a0b0c0d0e0f0a0b0c0d0e0f0a0b0c0d0e0f";

pub(super) fn run(data: &[u8]) {
    explain(data);
    let Ok(text) = str::from_utf8(data) else { return };
    let url = format!(
        "https://abc.s3.us-east-1.amazonaws.com/k?X-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-Signature={SECRET}&X-Amz-Security-Token={SECRET}&{text}"
    );
    explain(url.as_bytes());
    let policy = BASE64_STANDARD.encode(text);
    let form = json!({"url": "https://abc.s3.us-east-1.amazonaws.com/", "fields": {
        "key": text, "policy": policy, "x-amz-algorithm": "AWS4-HMAC-SHA256", "x-amz-signature": SECRET,
    }});
    explain(form.to_string().as_bytes());
    within_time_limit(|| Redacted::new(text));
}

fn explain(input: &[u8]) {
    let at = Timestamp::UNIX_EPOCH;
    let read = within_time_limit(|| Subject::read(input));
    match read {
        Ok(subject) => {
            let explained = within_time_limit(|| Explanation::of(&subject, at));
            let shown = format!("{explained:?}{}", explained.to_json());
            assert!(!shown.contains(&SECRET[16..]), "{shown}");
        }
        Err(error) => {
            assert!(!error.to_string().contains(&SECRET[16..]));
            assert!(!error.code().is_empty());
        }
    }
}
