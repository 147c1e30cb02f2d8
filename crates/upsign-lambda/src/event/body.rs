//! The body of a request.

use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use bytes::Bytes;
use serde_json::Value;

use super::{Malformed, Members, text};

/// Returns the body, decoded if `isBase64Encoded` is true. Lambda limits the size of events, and with it that of bodies.
pub(super) fn read(root: &Members) -> Result<Bytes, Malformed> {
    let body = text(root, "body", Malformed::Body)?.unwrap_or_default();
    match root.get("isBase64Encoded") {
        None | Some(Value::Null | Value::Bool(false)) => Ok(Bytes::copy_from_slice(body.as_bytes())),
        Some(Value::Bool(true)) => BASE64_STANDARD.decode(body).map(Bytes::from).map_err(|_| Malformed::Body),
        Some(_) => Err(Malformed::Body),
    }
}
