//! `upsign jwks`: what of a key endpoint's answer is used.

use std::path::Path;

use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use serde::Deserialize;
use serde_json::{Map, Value, json};
use upsign_cognito::{Algorithm, Backend, FetchError, FetchedKeys, KeySet};

use super::lines::{BadLine, answer, members};
use crate::exit::{Exit, Failed};
use crate::{environment, say};

const RS256: [Algorithm; 1] = [Algorithm::Rs256];

/// What a key endpoint answered.
#[derive(Deserialize)]
struct Fetched {
    status: u16,
    #[serde(default)]
    headers: Map<String, Value>,
    #[serde(default)]
    body: Option<String>,
    #[serde(default)]
    body_b64: Option<String>,
}

pub(crate) fn batch() -> Result<Exit, Failed> {
    answer(|request: Fetched| {
        let mut fetched = FetchedKeys::new(request.status, request.body()?);
        let named = |(name, _): &(&String, &Value)| name.eq_ignore_ascii_case("cache-control");
        if let Some(value) = request.headers.iter().find(named).and_then(|(_, value)| value.as_str()) {
            fetched = fetched.with_cache_control(value);
        }
        Ok(members(match usable(&fetched) {
            Ok(keys) => json!({"usable_kids": keys.kids()}),
            Err(error) => json!({"error": {"code": error.code()}}),
        }))
    })
}

/// A document in a file, as if an endpoint had answered with it.
pub(crate) fn person(path: &Path, json: bool) -> Result<Exit, Failed> {
    let document = std::fs::read(path).map_err(|error| environment::unreadable(path, &error))?;
    let keys = match usable(&FetchedKeys::new(200, document)) {
        Ok(keys) => keys,
        Err(error) if json => {
            say::answer(&json!({"error": {"code": error.code()}}).to_string());
            return Ok(Exit::Failure);
        }
        Err(error) => return Err(Failed::caused("no key of this document is used", &error)),
    };
    if json {
        say::answer(&json!({"usable_kids": keys.kids()}).to_string());
    } else {
        keys.kids().into_iter().for_each(say::answer);
    }
    Ok(Exit::Success)
}

fn usable(fetched: &FetchedKeys) -> Result<KeySet, FetchError> {
    fetched.key_set(&RS256, Backend::default())
}

impl Fetched {
    fn body(&self) -> Result<Vec<u8>, BadLine> {
        match (&self.body, &self.body_b64) {
            (Some(_), Some(_)) => Err(BadLine::member("body_b64", &"there is a `body` too")),
            (Some(body), None) => Ok(body.clone().into_bytes()),
            (None, Some(encoded)) => {
                BASE64_STANDARD.decode(encoded).map_err(|error| BadLine::member("body_b64", &error))
            }
            (None, None) => Ok(Vec::new()),
        }
    }
}
