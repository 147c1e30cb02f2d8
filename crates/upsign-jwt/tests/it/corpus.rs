//! Access to the corpora in `upsign-testing/vectors`.

use serde_json::Value;
use upsign_core::Timestamp;
use upsign_jwt::Backend;

pub(crate) const BACKENDS: [Backend; 2] = [Backend::AwsLc, Backend::Jsonwebtoken];

/// Parses the corpus of this name.
macro_rules! corpus {
    ($name:literal) => {
        $crate::corpus::parse(include_str!(concat!("../../../upsign-testing/vectors/", $name)))
    };
}
pub(crate) use corpus;

pub(crate) fn parse(text: &str) -> Value {
    serde_json::from_str(text).unwrap()
}

/// Returns the cases of a corpus, and checks that none is missing.
pub(crate) fn cases(corpus: &Value) -> &Vec<Value> {
    let cases = corpus["cases"].as_array().unwrap();
    assert_eq!(Some(cases.len() as u64), corpus["count"].as_u64());
    cases
}

#[track_caller]
pub(crate) fn text(value: &Value) -> &str {
    value.as_str().unwrap()
}

pub(crate) fn texts(value: &Value) -> Vec<&str> {
    value.as_array().unwrap().iter().map(text).collect()
}

pub(crate) fn at(seconds: &Value) -> Timestamp {
    Timestamp::from_unix(seconds.as_u64().unwrap()).unwrap()
}
