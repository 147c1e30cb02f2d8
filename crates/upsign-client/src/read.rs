//! Calls for an object that is confirmed already: a URL to read it, and its deletion.

use std::collections::BTreeMap;
use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use serde_json::{Map, Value};

use crate::api::wire::{DeleteAnswer, ReadUrlAnswer};
use crate::api::{ApiCall, ApiError};
use crate::client::UploadClient;
use crate::confirm::Receipt;
use crate::events::{Emitter, Event};

/// A URL with which anyone can read the object until it expires.
///
/// `Debug` does not print the URL.
#[derive(Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct ReadUrl {
    /// The presigned URL, for a `GET` request.
    pub url: String,
    /// Headers that the request must have; usually none.
    pub headers: BTreeMap<String, String>,
    /// How long the URL is valid.
    pub expires_in: Duration,
    /// When it expires, as the API wrote it.
    pub expires_at: String,
    /// The key of the object.
    pub key: String,
    /// The version that the URL reads, in a bucket with versioning.
    pub version_id: Option<String>,
    /// The content type with which the store answers.
    pub content_type: Option<String>,
}

impl fmt::Debug for ReadUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ReadUrl")
            .field("key", &self.key)
            .field("version_id", &self.version_id)
            .field("expires_at", &self.expires_at)
            .finish_non_exhaustive()
    }
}

/// What [`UploadClient::read_url`] asks for. The defaults are those of the API.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct ReadOptions {
    /// The longest life of the URL, in whole seconds. The API shortens it to its own limit.
    pub expires_in: Option<Duration>,
    /// Whether browsers are to save the object instead of showing it. The API demands this for types that can contain scripts.
    pub attachment: bool,
}

impl UploadClient {
    /// Returns a URL with which a confirmed object can be read.
    ///
    /// # Errors
    /// Returns [`ApiError`] if the receipt is not valid, if the caller may not read the object, or if the API does not answer.
    pub async fn read_url(&self, receipt: &Receipt, options: &ReadOptions) -> Result<ReadUrl, ApiError> {
        let mut body = Map::new();
        body.insert("receipt".to_owned(), receipt.expose().into());
        if let Some(expires_in) = options.expires_in {
            body.insert("expiresIn".to_owned(), expires_in.as_secs().into());
        }
        if options.attachment {
            body.insert("disposition".to_owned(), "attachment".into());
        }
        let answer: ReadUrlAnswer = self.api.call(ApiCall::ReadUrl, &Value::Object(body), &silent()).await?;
        Ok(ReadUrl {
            url: answer.read_url,
            headers: answer.headers,
            expires_in: Duration::from_secs(answer.expires_in),
            expires_at: answer.expires_at,
            key: answer.key,
            version_id: answer.version_id,
            content_type: answer.content_type,
        })
    }

    /// Deletes a confirmed object, if the route allows it, and returns its key. A repeated call has the same answer.
    ///
    /// # Errors
    /// Returns [`ApiError`] if the receipt is not valid, if the caller may not delete the object, if the object changed, or if the
    /// API does not answer.
    pub async fn delete(&self, receipt: &Receipt) -> Result<String, ApiError> {
        let body = Value::Object([("receipt".to_owned(), receipt.expose().into())].into_iter().collect());
        let answer: DeleteAnswer = self.api.call(ApiCall::Delete, &body, &silent()).await?;
        Ok(answer.key)
    }
}

fn silent() -> Emitter {
    Emitter(Arc::new(|_: &Event<'_>| {}))
}
