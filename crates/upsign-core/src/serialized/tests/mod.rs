//! The serialized forms: the documented JSON of every type, round trips of random values, and invalid input.

mod forms;
mod invalid;
mod round_trip;

use std::fmt::Debug;

use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::Value;

/// Asserts that a value has this form, and that the form gives the value back.
#[track_caller]
fn check<T: Serialize + DeserializeOwned + PartialEq + Debug>(value: &T, form: Value) {
    assert_eq!(serde_json::to_value(value).unwrap(), form);
    // Through text, because the order of the members then is the written one.
    let text = serde_json::to_string(value).unwrap();
    assert_eq!(serde_json::from_str::<T>(&text).unwrap(), *value, "{text}");
    assert_eq!(serde_json::from_value::<T>(form).unwrap(), *value);
}

/// Asserts that a text of JSON is rejected with this message, which may be followed by a position.
#[track_caller]
fn rejects<T: DeserializeOwned + Debug>(json: &str, message: &str) {
    let error = serde_json::from_str::<T>(json).unwrap_err().to_string();
    let text = error.rsplit_once(" at line ").map_or(error.as_str(), |(text, _)| text);
    assert_eq!(text, message, "{json}");
}
