//! What follows once it is known what became of an object: the announcement and the answer.

use upsign_core::{Identity, ObjectKey, Presigner, Timestamp};
use upsign_objects::{ChecksumType, ObjectHead};
use upsign_policy::{Checksum, ChecksumAlgorithm, ContentType};

use crate::announce::{Announcement, AnnouncementKind};
use crate::confirm::flow::Found;
use crate::confirm::owner::Owner;
use crate::confirm::pinned::version_of;
use crate::confirm::receipt::{Receipt, SignedReceipt};
use crate::confirm::state::{ConfirmReason, ConfirmState, Confirmation};
use crate::observe::AnnouncementEvent;
use crate::quota::{Counting, releases_rejected};
use crate::route::Route;
use crate::service::UploadService;
use crate::session::checksum::find;
use crate::session::{SessionError, SessionGate, TokenKeys};

/// The upload of an object, as its token, its claim or its key proves it.
pub(crate) struct Concluding<'a, P> {
    pub(crate) route: &'a Route<P>,
    pub(crate) keys: &'a TokenKeys,
    pub(crate) final_key: &'a ObjectKey,
    /// `None` if an event confirms the object.
    pub(crate) caller: Option<&'a Identity>,
    pub(crate) owner: Owner,
    pub(crate) gate: &'a SessionGate,
    pub(crate) counting: Counting<'a>,
    pub(crate) at: Timestamp,
}

impl<P: Presigner> UploadService<P> {
    /// Announces what became of an object, and returns the answer. The reservation of a rejected one is released.
    ///
    /// Each step can be repeated, and an error of one makes the client repeat the request, so that none is left out.
    pub(crate) async fn conclude(
        &self,
        upload: &Concluding<'_, P>,
        found: Found,
    ) -> Result<Confirmation, SessionError> {
        match found {
            Found::Missing => Ok(Confirmation::new(ConfirmState::Missing, upload.final_key.clone())),
            Found::Pending { reason, retry_after } => {
                let mut answer = Confirmation::because(reason, upload.final_key.clone());
                answer.retry_after = Some(retry_after);
                Ok(answer)
            }
            Found::Refused { reason, head } => {
                let answer = upload.refused(reason, head.as_ref());
                if let (ConfirmState::Rejected, Some(head)) = (answer.state, &head) {
                    if releases_rejected(upload.route.issuer().policy(), upload.gate) {
                        upload.counting.release().await?;
                    }
                    self.announce(AnnouncementKind::Rejected, upload, head, &answer).await?;
                }
                Ok(answer)
            }
            Found::Confirmed { head, was_confirmed } => {
                let mut answer = upload.confirmed(&head)?;
                answer.was_confirmed = was_confirmed;
                self.announce(AnnouncementKind::Confirmed, upload, &head, &answer).await?;
                Ok(answer)
            }
        }
    }

    async fn announce(
        &self,
        kind: AnnouncementKind,
        upload: &Concluding<'_, P>,
        head: &ObjectHead,
        answer: &Confirmation,
    ) -> Result<(), SessionError> {
        if !self.extensions().announces() {
            return Ok(());
        }
        let bucket = upload.route.issuer().policy().target().resource();
        let version = version_of(head).map_or(head.etag.as_str(), |version| version.as_str());
        let announcement = Announcement::new(kind, bucket.as_str(), upload.final_key, version, upload.at)
            .with_route(upload.route.name())
            .with_caller(upload.caller)
            .with_owner(Some(upload.owner))
            .with_confirmation(Some(answer));
        self.pass_on(&announcement).await
    }

    /// Passes an announcement to the announcer, if there is one, and reports it to the observers.
    pub(super) async fn pass_on(&self, announcement: &Announcement<'_>) -> Result<(), SessionError> {
        let Some(announcer) = &self.extensions().announce else { return Ok(()) };
        let result = announcer.announce(announcement).await;
        let Announcement { route, kind, at, .. } = *announcement;
        let event = AnnouncementEvent::new(route, kind, result.is_ok(), at);
        self.observers().iter().for_each(|observer| observer.announced(&event));
        Ok(result?)
    }
}

impl<P: Presigner> Concluding<'_, P> {
    fn refused(&self, reason: ConfirmReason, head: Option<&ObjectHead>) -> Confirmation {
        let mut answer = Confirmation::because(reason, self.final_key.clone());
        answer.size = head.map(|head| head.size);
        answer.checksum = head.and_then(checksum_of);
        answer.content_type = head.and_then(content_type_of);
        answer
    }

    fn confirmed(&self, head: &ObjectHead) -> Result<Confirmation, SessionError> {
        let mut answer = Confirmation::new(ConfirmState::Confirmed, self.final_key.clone());
        answer.size = Some(head.size);
        answer.etag = Some(head.etag.clone());
        answer.version_id = version_of(head).cloned();
        answer.checksum = checksum_of(head);
        answer.content_type = content_type_of(head);
        answer.receipt = self.receipt(head)?;
        Ok(answer)
    }

    /// Returns the receipt, which states the time of the store, so that the receipts of one object are equal.
    fn receipt(&self, head: &ObjectHead) -> Result<Option<SignedReceipt>, SessionError> {
        // The comparison has refused an object without a type.
        let Some(content_type) = content_type_of(head) else { return Ok(None) };
        let confirmed_at = head.last_modified.unwrap_or(self.at);
        let target = self.route.issuer().policy().target();
        let receipt = Receipt::new(
            target,
            self.final_key.clone(),
            head.etag.clone(),
            head.size,
            content_type,
            self.owner,
            confirmed_at,
        );
        let receipt = receipt
            .with_route(self.route.route_name().cloned())
            .with_version_id(version_of(head).cloned())
            .with_checksum(checksum_of(head));
        Ok(Some(self.keys.sign_receipt(&receipt)?))
    }
}

fn content_type_of(head: &ObjectHead) -> Option<ContentType> {
    head.content_type.as_deref()?.parse().ok()
}

/// Returns the checksum of all bytes that the store has of the object.
fn checksum_of(head: &ObjectHead) -> Option<Checksum> {
    let is_of_bytes = head.checksum_type != Some(ChecksumType::Composite);
    let mut known = ChecksumAlgorithm::ALL.into_iter().filter(|_| is_of_bytes);
    known.find_map(|algorithm| find(&head.checksums, algorithm))
}
