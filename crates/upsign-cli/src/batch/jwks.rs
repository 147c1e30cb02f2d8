//! `upsign jwks --batch`.

use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use serde_json::{Map, Value};
use upsign_cognito::{Algorithm, FetchedKeys};

use super::engine;
use super::error::LineError;
use super::members::{self, batch_line};
use crate::exit::{CommandError, Exit};
use crate::verdict::key_set;

batch_line! {
    /// The response of a key endpoint.
    struct Line {
        required {
            status: u16 = "HTTP status of the response";
        }
        optional {
            headers: Map<String, Value> = "headers of the response; cache-control is used";
            body: String = "body as text";
            body_b64: String = "body in base64, in place of `body`";
        }
    }
}

/// Returns the section of `upsign jwks --help` about batches.
pub(crate) fn help() -> String {
    members::help::<Line>(
        "--batch",
        &[
            r#"{"id","usable_kids":[kid,…]}"#,
            r#"{"id","error":{"code","message","line"}} if the key set cannot be used (exit code 0)"#,
        ],
    )
}

pub(crate) async fn run() -> Result<Exit, CommandError> {
    engine::run(async |line: Line| {
        let mut fetched = FetchedKeys::new(line.status, line.body()?);
        let mut headers = line.headers.iter().flatten();
        let cache_control = headers.find(|(name, _)| name.eq_ignore_ascii_case("cache-control"));
        if let Some(value) = cache_control.and_then(|(_, value)| value.as_str()) {
            fetched = fetched.with_cache_control(value);
        }
        match key_set::usable_keys(&fetched, &[Algorithm::Rs256]) {
            Ok(keys) => Ok(key_set::usable(&keys)),
            Err(error) => Err(LineError::new(error.code(), error.to_string()).into_answer()),
        }
    })
    .await
}

impl Line {
    fn body(&self) -> Result<Vec<u8>, LineError> {
        match (&self.body, &self.body_b64) {
            (Some(_), Some(_)) => {
                Err(LineError::member("body_b64", &"`body` and `body_b64` exclude each other"))
            }
            (Some(body), None) => Ok(body.clone().into_bytes()),
            (None, Some(encoded)) => {
                BASE64_STANDARD.decode(encoded).map_err(|error| LineError::member("body_b64", &error))
            }
            (None, None) => Ok(Vec::new()),
        }
    }
}
