//! How the reservation of an upload ends: its object is counted, or it is released.

use std::sync::Arc;

use upsign_core::{Presigner, Timestamp};
use upsign_objects::ObjectHead;
use upsign_policy::UploadPolicy;

use super::definition::Quota;
use super::hooks::{MARGIN, skip_or_fail};
use super::ids::{ObjectMark, QuotaAccount, ReservationId};
use super::reservation::{Reservation, Settled};
use super::store::QuotaStoreError;
use crate::confirm::version_of;
use crate::observe::{LimitStep, UploadObserver};
use crate::service::UploadService;
use crate::session::{SessionError, SessionGate, SessionUpload, UploadSession};

/// An upload whose reservation ends.
///
/// Objects are counted *before* they become readable, and only within the limits. So the reservation of an upload whose URL is still
/// valid can be released: whatever the URL uploads later is counted anew, or is not confirmed.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Counting<'a> {
    quota: Option<&'a Quota>,
    observers: &'a [Arc<dyn UploadObserver>],
    upload: CountedUpload<'a>,
    at: Timestamp,
}

/// The upload, as its token or its claim proves it.
#[derive(Clone, Copy, Debug)]
pub(crate) struct CountedUpload<'a> {
    pub(crate) route: Option<&'a str>,
    pub(crate) id: ReservationId,
    /// `None` if nothing names the account, as for an object with a sealed key only. The reservation then stays as it is.
    pub(crate) account: Option<QuotaAccount>,
    /// Until when the upload can be confirmed with its token. The store knows its reservation at least as long.
    pub(crate) token_ends_at: Timestamp,
    /// Whether the store of the objects shows that one was confirmed before. Without a gate nothing does: an event that arrives after
    /// the end of the token is then not counted, because it could be a repetition.
    pub(crate) has_gate: bool,
}

impl<P: Presigner> UploadService<P> {
    pub(crate) fn counting<'a>(&'a self, upload: CountedUpload<'a>, at: Timestamp) -> Counting<'a> {
        Counting { quota: self.quota(), observers: self.observers(), upload, at }
    }

    /// Releases an upload that its client has aborted or deleted before it was confirmed. Repeating it has no effect, and neither has
    /// it for an upload that is settled.
    ///
    /// # Errors
    /// Returns [`QuotaStoreError`] if the store failed and the quota fails closed.
    pub(crate) async fn release_upload(
        &self,
        session: &UploadSession,
        at: Timestamp,
    ) -> Result<(), QuotaStoreError> {
        let upload = CountedUpload::of_session(session);
        self.counting(upload, at).release().await
    }
}

impl<'a> CountedUpload<'a> {
    pub(crate) fn of_session(session: &'a UploadSession) -> Self {
        let upload = session.upload();
        Self {
            route: upload.route.as_ref().map(crate::route::RouteName::as_str),
            id: upload.reservation_id(),
            account: upload.account,
            token_ends_at: session.expires_at(),
            has_gate: upload.gate != SessionGate::None,
        }
    }
}

impl Counting<'_> {
    /// Counts an object. Repeating it for the same version, or the same entity tag, has no effect.
    ///
    /// A second object of the same upload counts too: another version that was uploaded with the same URL, or an object that was
    /// uploaded after the first was deleted.
    ///
    /// # Errors
    /// Returns [`SessionError::QuotaExceeded`] if the upload is not reserved any more and does not fit, and
    /// [`SessionError::QuotaUnavailable`] if the store failed and the quota fails closed.
    pub(crate) async fn settle(&self, object: &ObjectHead) -> Result<(), SessionError> {
        let (Some(quota), Some(account)) = (self.quota, self.upload.account) else { return Ok(()) };
        let is_late = self.at >= self.upload.token_ends_at;
        if is_late && !self.upload.has_gate {
            return Ok(());
        }
        let expires_at = self.upload.token_ends_at.max(self.at).saturating_add(MARGIN);
        let upload = Reservation::new(self.upload.id, account, object.size, expires_at);
        let Some(mut upload) = quota.limited(upload, self.upload.route, self.at) else { return Ok(()) };
        let version = version_of(object).map_or(object.etag.as_str(), |version| version.as_str());
        let mark = ObjectMark::of(version);
        let mut settled = quota.settle(&upload, mark, self.at).await;
        if let Ok(Ok(Settled::OtherObject)) = settled {
            upload.id = upload.id.of_object(mark);
            settled = quota.settle(&upload, mark, self.at).await;
        }
        match settled {
            Ok(Ok(_)) => Ok(()),
            Ok(Err(denied)) => Err(SessionError::QuotaExceeded(denied)),
            Err(error) => Ok(skip_or_fail(quota, self.observers, LimitStep::Settle, error, self.at)?),
        }
    }

    /// No longer counts the upload, unless an object of it is settled.
    ///
    /// # Errors
    /// Returns [`QuotaStoreError`] if the store failed and the quota fails closed.
    pub(crate) async fn release(&self) -> Result<(), QuotaStoreError> {
        let (Some(quota), Some(account)) = (self.quota, self.upload.account) else { return Ok(()) };
        let released = quota.release(account, self.upload.id, self.at).await;
        released.or_else(|error| skip_or_fail(quota, self.observers, LimitStep::Release, error, self.at))
    }
}

/// Returns whether an object can be confirmed without naming its account: by an event, with a sealed key alone. Nothing would count
/// it, so an upload of such a route stays reserved.
pub(crate) fn is_confirmed_without_account(policy: &UploadPolicy) -> bool {
    let confirmation = policy.confirmation();
    confirmation.confirm() && policy.template().is_sealed() && !confirmation.claim()
}

/// Returns whether an upload whose object was rejected is released. Behind a gate nobody reads the object, and another one that the same
/// URL uploads is counted when it is confirmed. Without a gate, readers find whatever the URL uploads.
pub(crate) fn releases_rejected(policy: &UploadPolicy, gate: &SessionGate) -> bool {
    *gate != SessionGate::None && !is_confirmed_without_account(policy)
}

/// Returns whether an upload that was deleted with its token is released: as a rejected one, or if nothing can arrive any more. An
/// upload in parts was aborted. The URL of any other has ended if `issued_at`, its lifetime and a margin for clocks have passed.
pub(crate) fn releases_deleted(policy: &UploadPolicy, session: &UploadSession, at: Timestamp) -> bool {
    let upload: &SessionUpload = session.upload();
    let lifetime = u64::from(policy.expires_in().as_secs()).saturating_add(MARGIN);
    let has_ended = session.issued_at().saturating_add(lifetime) <= at;
    upload.upload_id().is_some() || has_ended || releases_rejected(policy, &upload.gate)
}
