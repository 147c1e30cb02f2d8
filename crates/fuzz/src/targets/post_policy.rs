//! POST policies: every field of a form is covered by a condition of the signed policy document.

use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use serde_json::Value;
use upsign_core::{Credentials, ExpiresIn, LengthRange, PostPolicy, SignPost, Target};
use upsign_sigv4::SigV4;

pub(super) fn run(input: (&str, Vec<(&str, &str)>)) {
    let (key, fields) = input;
    let Ok(key) = key.parse() else { return };
    let target = Target::aws("article-images-bucket".parse().unwrap(), "ap-southeast-1".parse().unwrap());
    let size = LengthRange::new(1, 10 << 20).unwrap();
    let mut policy = PostPolicy::new(target, key, size, ExpiresIn::from_secs(900).unwrap());
    for (name, value) in fields.into_iter().take(20) {
        if let Ok(longer) = policy.clone().with_field(name, value) {
            policy = longer;
        }
    }
    let credentials = Credentials::long_term("AKIDEXAMPLE", "secret").unwrap();
    let at = "2026-01-01T00:00:00Z".parse().unwrap();
    let signed = SigV4::new().sign_post(&policy, &credentials, at).unwrap();
    let find =
        |wanted: &str| signed.fields.iter().find(|(name, _)| name.eq_ignore_ascii_case(wanted)).unwrap();
    let document = BASE64_STANDARD.decode(find("policy").1.as_bytes()).unwrap();
    let document: Value = serde_json::from_slice(&document).unwrap();
    let conditions = document["conditions"].as_array().unwrap();
    for (name, _) in &signed.fields {
        let covers = |condition: &Value| match condition {
            Value::Object(exact) => exact.keys().any(|field| field.eq_ignore_ascii_case(name)),
            Value::Array(parts) => parts
                .get(1)
                .and_then(Value::as_str)
                .is_some_and(|field| field[1..].eq_ignore_ascii_case(name)),
            _ => false,
        };
        let unsigned = ["policy", "x-amz-signature"].iter().any(|field| field.eq_ignore_ascii_case(name));
        assert!(unsigned || conditions.iter().any(covers), "{name} is not covered by {document}");
    }
}
