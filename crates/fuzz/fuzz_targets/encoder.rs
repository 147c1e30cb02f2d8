//! Percent-encoding: nothing is lost and nothing stays that should not.
#![no_main]

use libfuzzer_sys::fuzz_target;
use percent_encoding::percent_decode_str;
use upsign_sigv4::{encode_key, encode_query};

fuzz_target!(|text: &str| {
    check(text, encode_key, "/");
    check(text, encode_query, "");
});

fn check(text: &str, encode: fn(&mut String, &str), kept: &str) {
    let mut out = String::from("before");
    encode(&mut out, text);
    let encoded = out.strip_prefix("before").expect("what was there is kept");
    assert_eq!(percent_decode_str(encoded).decode_utf8().unwrap(), text);
    let plain = |c: char| c.is_ascii_alphanumeric() || "-._~%".contains(c) || kept.contains(c);
    assert!(encoded.chars().all(plain), "{encoded}");
}
