//! Serialized requests, results and identities: what is read has a form that gives it back, and a second text of that form is
//! equal to the first.

use std::fmt::Debug;

use serde::Serialize;
use serde::de::DeserializeOwned;
use upsign_core::{Identity, PostPolicy, PresignRequest, PresignedPost, PresignedRequest};

pub(super) fn run(text: &str) {
    crate::within_time_limit(|| {
        check::<PresignRequest>(text);
        check::<PresignedRequest>(text);
        check::<PostPolicy>(text);
        check::<PresignedPost>(text);
        check::<Identity>(text);
    });
}

fn check<T: DeserializeOwned + Serialize + PartialEq + Debug>(text: &str) {
    let Ok(value) = serde_json::from_str::<T>(text) else { return };
    let written = serde_json::to_string(&value).unwrap();
    let read: T = serde_json::from_str(&written).unwrap();
    assert_eq!(read, value);
    assert_eq!(serde_json::to_string(&read).unwrap(), written);
}
