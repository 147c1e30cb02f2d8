//! Confirming an upload after its bytes are stored.

use std::fmt;
use std::time::Duration;

use serde_json::json;
use tokio::time::{Instant, sleep};
use zeroize::Zeroizing;

use crate::api::wire::{ConfirmAnswer, ConfirmState};
use crate::api::{ApiCall, ApiError};
use crate::checksum::Checksum;
use crate::client::{Confirm, UploadClient};
use crate::error::UploadError;
use crate::events::{Emitter, Event};
use crate::grant::UploadToken;
use crate::plan::{Uploaded, unquoted};
use crate::request::read_checksum;

/// The pause before the next call if the API names none.
const DEFAULT_PAUSE: Duration = Duration::from_secs(2);
/// The longest pause that the API may demand.
const MAX_PAUSE: Duration = Duration::from_secs(60);

/// What the API confirmed: it looked at the stored object, and it is what the upload token declares.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Confirmation {
    /// The key of the object.
    pub key: String,
    /// The size in bytes.
    pub size: u64,
    /// The entity tag, without quotes.
    pub etag: Option<String>,
    /// The version that was confirmed, in a bucket with versioning.
    pub version_id: Option<String>,
    /// The checksum of all bytes, if the store has one.
    pub checksum: Option<Checksum>,
    /// The content type.
    pub content_type: Option<String>,
    /// The proof for the application.
    pub receipt: Receipt,
}

/// The proof of a confirmation. The application stores it, and sends it to read or to delete the object.
///
/// `Debug` does not print it: it is good only for callers that the API accepts, but belongs into no log.
#[derive(Clone, PartialEq, Eq)]
pub struct Receipt(Zeroizing<String>);

impl Receipt {
    /// Reads a receipt that the application has stored. The API checks it.
    #[must_use]
    pub fn new(receipt: impl Into<String>) -> Self {
        Self(Zeroizing::new(receipt.into()))
    }

    /// Returns the text.
    #[must_use]
    pub fn expose(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for Receipt {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Receipt([redacted])")
    }
}

/// The last state that the API answered.
enum Confirmed {
    Yes(Confirmation),
    Missing,
    NotOffered(ApiError),
}

impl UploadClient {
    /// Confirms an object that is stored, if the options say so. With `is_promised`, the grant states that the route confirms, and a
    /// refused call is an error.
    pub(crate) async fn confirm(
        &self,
        token: Option<&UploadToken>,
        is_promised: bool,
        uploaded: Uploaded,
        events: &Emitter,
    ) -> Result<Uploaded, UploadError> {
        let is_required = self.options.confirm == Confirm::Required;
        let key = || uploaded.key.clone();
        let token = match (self.options.confirm, token) {
            (Confirm::Never, _) => return Ok(uploaded),
            (_, Some(token)) => token,
            (_, None) if is_required => {
                return Err(UploadError::NotConfirmable { key: key(), source: None });
            }
            (_, None) => return Ok(uploaded),
        };
        match self.poll(token, is_promised, &uploaded.key, events).await? {
            Confirmed::Yes(confirmation) => {
                let uploaded = uploaded.with_confirmation(confirmation)?;
                if let Some(confirmation) = &uploaded.confirmation {
                    events.emit(&Event::Confirmed(confirmation));
                }
                Ok(uploaded)
            }
            Confirmed::Missing => Err(UploadError::NotFound { key: key() }),
            Confirmed::NotOffered(error) if is_required => {
                Err(UploadError::NotConfirmable { key: key(), source: Some(error) })
            }
            Confirmed::NotOffered(_) => Ok(uploaded),
        }
    }

    /// Confirms the object of an interrupted upload that the store no longer has: the API may have moved it already, because the
    /// process ended during its confirmation. Returns `None` if there is no such object.
    pub(crate) async fn confirm_moved(
        &self,
        token: &UploadToken,
        key: &str,
        events: &Emitter,
    ) -> Result<Option<Confirmation>, UploadError> {
        if self.options.confirm == Confirm::Never {
            return Ok(None);
        }
        match self.poll(token, false, key, events).await? {
            Confirmed::Yes(confirmation) => Ok(Some(confirmation)),
            Confirmed::Missing | Confirmed::NotOffered(_) => Ok(None),
        }
    }

    /// Calls the API until the state is no longer pending.
    async fn poll(
        &self,
        token: &UploadToken,
        is_promised: bool,
        key: &str,
        events: &Emitter,
    ) -> Result<Confirmed, UploadError> {
        let limit = self.options.confirm_limit;
        let end = Instant::now() + limit;
        loop {
            let body = json!({"uploadToken": token.0});
            let answer: ConfirmAnswer = match self.api.call(ApiCall::Confirm, &body, events).await {
                Ok(answer) => answer,
                Err(error) if !is_promised && is_not_offered(&error) => {
                    return Ok(Confirmed::NotOffered(error));
                }
                Err(error) => return Err(error.into()),
            };
            let reason = || answer.reason.clone().unwrap_or_else(|| "no reason was stated".to_owned());
            match answer.state {
                ConfirmState::Confirmed => return confirmation(answer).map(Confirmed::Yes),
                ConfirmState::Missing => return Ok(Confirmed::Missing),
                ConfirmState::Mismatch => {
                    return Err(UploadError::Mismatch { key: key.to_owned(), reason: reason() });
                }
                ConfirmState::Rejected => {
                    return Err(UploadError::Rejected { key: key.to_owned(), reason: reason() });
                }
                ConfirmState::Pending => {}
            }
            let after = answer.retry_after.map_or(DEFAULT_PAUSE, Duration::from_secs).min(MAX_PAUSE);
            if Instant::now() + after > end {
                return Err(UploadError::NotConfirmedInTime { key: key.to_owned(), limit });
            }
            events.emit(&Event::ConfirmationPending { reason: answer.reason.as_deref(), after });
            sleep(after).await;
        }
    }
}

/// Returns whether the API has no such call, or refuses tokens of this route in it. It does not say why it refuses a token.
fn is_not_offered(error: &ApiError) -> bool {
    let is_absent = matches!(error.status(), Some(404 | 405));
    is_absent || error.has_code("upload-token-invalid")
}

fn confirmation(answer: ConfirmAnswer) -> Result<Confirmation, UploadError> {
    let (Some(size), Some(receipt)) = (answer.size, answer.receipt) else {
        return Err(UploadError::answer(ApiCall::Confirm, "a confirmed object has no size or no receipt"));
    };
    Ok(Confirmation {
        key: answer.key,
        size,
        etag: answer.etag.map(|etag| unquoted(&etag).to_owned()),
        version_id: answer.version_id,
        checksum: read_checksum(&answer.checksum),
        content_type: answer.content_type,
        receipt: Receipt::new(receipt),
    })
}

impl Uploaded {
    /// Adds the confirmation, whose object must be the one that was sent. An object that was moved has another version.
    fn with_confirmation(self, confirmation: Confirmation) -> Result<Self, UploadError> {
        if confirmation.size != self.size {
            let reason =
                format!("the confirmed object has {} bytes, but {} were sent", confirmation.size, self.size);
            return Err(UploadError::answer(ApiCall::Confirm, reason));
        }
        if let (Some(of_store), Some(sent)) = (&confirmation.checksum, &self.checksum)
            && of_store.algorithm() == sent.algorithm()
            && of_store != sent
        {
            return Err(UploadError::Corrupted { what: "the object".to_owned() });
        }
        Ok(Self {
            key: confirmation.key.clone(),
            etag: confirmation.etag.clone().or(self.etag),
            version_id: confirmation.version_id.clone(),
            confirmation: Some(confirmation),
            ..self
        })
    }
}
