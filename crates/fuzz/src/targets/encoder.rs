//! Percent-encoding: decoding restores the text, and only unreserved characters stay unencoded.

use percent_encoding::percent_decode_str;
use upsign_sigv4::{encode_key, encode_query};

pub(super) fn run(text: &str) {
    check(text, encode_key, "/");
    check(text, encode_query, "");
}

/// Checks that `encode` leaves only unreserved characters and those in `literal` unencoded.
fn check(text: &str, encode: fn(&mut String, &str), literal: &str) {
    let mut out = String::from("before");
    encode(&mut out, text);
    let encoded = out.strip_prefix("before").expect("the encoder appends");
    assert_eq!(percent_decode_str(encoded).decode_utf8().unwrap(), text);
    let unreserved = |c: char| c.is_ascii_alphanumeric() || "-._~%".contains(c) || literal.contains(c);
    assert!(encoded.chars().all(unreserved), "{encoded}");
}
