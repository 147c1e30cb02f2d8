//! What a service does with its quota: reserves before signing, settles confirmed uploads, and releases the others.

use upsign_core::{Identity, Presigner, Timestamp};
use upsign_policy::{Permit, SignableRequest, UploadPolicy};

use super::definition::{Quota, QuotaUpload};
use super::ids::{QuotaAccount, ReservationId};
use super::reservation::{AtExpiry, QuotaDenied};
use super::store::{FailMode, QuotaStoreError};
use crate::error::IssueError;
use crate::observe::{LimitSkipped, LimitStep, QuotaDecision, QuotaEvent};
use crate::rate::{RateLimitError, RateLimitUnavailable, TooManyRequests};
use crate::route::Route;
use crate::service::UploadService;

/// Seconds between the end of an upload token and the end of its reservation, so that a confirmation at the last moment settles
/// a reservation that still exists, also if the clocks of two servers differ.
const MARGIN: u64 = 900;

/// A reservation that was made for a request that is about to be signed.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Counted {
    pub(crate) account: QuotaAccount,
    id: ReservationId,
}

/// A confirmed upload, as a quota sees it.
#[derive(Clone, Copy, Debug)]
pub(crate) struct ConfirmedUpload<'a> {
    /// The account of the upload token; without it the upload was not reserved.
    pub(crate) account: Option<QuotaAccount>,
    pub(crate) id: ReservationId,
    pub(crate) route: Option<&'a str>,
    pub(crate) token_ends_at: Timestamp,
    /// Whether [`release_upload`](UploadService::release_upload) can have been called for it: an upload in parts, or one of which
    /// this is not known.
    pub(crate) can_be_released: bool,
}

impl<P: Presigner> UploadService<P> {
    /// Reserves an upload that the policy and the application permit. Returns `None` if no limit counts it, or if the store
    /// failed and the quota fails open.
    pub(crate) async fn reserve(
        &self,
        caller: &Identity,
        route: &Route<P>,
        permit: &Permit,
        at: Timestamp,
    ) -> Result<Option<Counted>, IssueError> {
        let Some(quota) = self.quota().filter(|quota| quota.counts(route.name())) else { return Ok(None) };
        let policy = route.issuer().policy();
        let upload = QuotaUpload {
            caller,
            route: route.name(),
            id: reservation_id(permit),
            bytes: largest_size(permit, policy),
            expires_at: expiry(permit, policy, at),
            at_expiry: if policy.confirmation().confirm() { AtExpiry::Release } else { AtExpiry::Keep },
        };
        let Some(reservation) = quota.reservation(&upload, at) else { return Ok(None) };
        let reserved = quota.reserve(&reservation, at).await;
        self.report_decision(route.name(), decision(&reserved, quota.fail_mode()), at);
        match reserved {
            Ok(Ok(_)) => Ok(Some(Counted { account: reservation.account, id: reservation.id })),
            Ok(Err(denied)) => Err(denied.into()),
            Err(error) => Ok(self.skip_or_fail(quota, LimitStep::Reserve, error, at).map(|()| None)?),
        }
    }

    /// Releases what was reserved for a request that was not signed. A failure has no effect beyond an event: the reservation
    /// expires by itself, and the client receives the reason why nothing was signed.
    pub(crate) async fn release_unsigned(&self, counted: Option<Counted>, at: Timestamp) {
        let (Some(quota), Some(Counted { account, id })) = (self.quota(), counted) else { return };
        if let Err(error) = quota.release(account, id, at).await {
            self.report_skipped(LimitStep::Release, &error, at);
        }
    }

    /// Counts a confirmed upload with its real size. Repeating it has no effect.
    ///
    /// An upload in one request still has its reservation, which nothing releases before the end of its token. That of an upload in
    /// parts may have been released, if it was aborted while it was confirmed. It is then reserved again, whatever the limits
    /// are, because the object exists. After the end of its token this does not happen, because the store may no longer know that
    /// the upload is settled.
    ///
    /// # Errors
    /// Returns [`QuotaStoreError`] if the store failed and the quota fails closed.
    pub(crate) async fn settle_upload(
        &self,
        upload: &ConfirmedUpload<'_>,
        bytes: u64,
        at: Timestamp,
    ) -> Result<(), QuotaStoreError> {
        let (Some(quota), Some(account)) = (self.quota(), upload.account) else { return Ok(()) };
        let settled = async {
            if upload.can_be_released && at < upload.token_ends_at {
                let expires_at = upload.token_ends_at.saturating_add(MARGIN);
                let again = quota.unlimited(account, upload.id, upload.route, bytes, expires_at, at);
                // Nothing is above no limit, so the inner result says only whether it was counted now.
                let _ = quota.reserve(&again, at).await?;
            }
            quota.settle(account, upload.id, bytes, at).await
        };
        settled.await.or_else(|error| self.skip_or_fail(quota, LimitStep::Settle, error, at))
    }

    /// No longer counts an upload in parts that was aborted or deleted before it was confirmed: nothing can complete it any more.
    /// Repeating it has no effect, and neither has it for an upload that is settled.
    ///
    /// An upload in one request must not be released: its URL stays valid, so a caller could release and reserve without end, and
    /// then use all URLs.
    ///
    /// # Errors
    /// Returns [`QuotaStoreError`] if the store failed and the quota fails closed.
    pub(crate) async fn release_upload(
        &self,
        account: Option<QuotaAccount>,
        id: ReservationId,
        at: Timestamp,
    ) -> Result<(), QuotaStoreError> {
        let (Some(quota), Some(account)) = (self.quota(), account) else { return Ok(()) };
        let released = quota.release(account, id, at).await;
        released.or_else(|error| self.skip_or_fail(quota, LimitStep::Release, error, at))
    }

    /// Continues with an event, or fails, as the quota says.
    fn skip_or_fail(
        &self,
        quota: &Quota,
        step: LimitStep,
        error: QuotaStoreError,
        at: Timestamp,
    ) -> Result<(), QuotaStoreError> {
        match quota.fail_mode() {
            FailMode::Closed => Err(error),
            FailMode::Open => {
                self.report_skipped(step, &error, at);
                Ok(())
            }
        }
    }

    /// Continues with an event, or refuses the request, as the failed rate limit says.
    pub(crate) fn skip_or_refuse<E>(
        &self,
        step: LimitStep,
        error: RateLimitError,
        at: Timestamp,
    ) -> Result<(), E>
    where
        E: From<TooManyRequests> + From<RateLimitUnavailable>,
    {
        match error {
            RateLimitError::TooMany(refused) => Err(refused.into()),
            RateLimitError::Unavailable(error) => match error.fail {
                FailMode::Closed => Err(error.into()),
                FailMode::Open => {
                    self.report_skipped(step, &error, at);
                    Ok(())
                }
            },
        }
    }

    fn report_decision(&self, route: Option<&str>, decision: QuotaDecision, at: Timestamp) {
        let event = QuotaEvent::new(route, decision, at);
        self.observers().iter().for_each(|observer| observer.quota_decided(&event));
    }

    fn report_skipped(&self, step: LimitStep, error: &(dyn std::error::Error + 'static), at: Timestamp) {
        let event = LimitSkipped::new(step, error, at);
        self.observers().iter().for_each(|observer| observer.limit_skipped(&event));
    }
}

const fn decision<T>(
    reserved: &Result<Result<T, QuotaDenied>, QuotaStoreError>,
    fail: FailMode,
) -> QuotaDecision {
    match (reserved, fail) {
        (Ok(Ok(_)), _) => QuotaDecision::Granted,
        (Ok(Err(_)), _) => QuotaDecision::Denied,
        (Err(_), FailMode::Closed) => QuotaDecision::Unavailable,
        (Err(_), FailMode::Open) => QuotaDecision::Skipped,
    }
}

/// Returns the id of the reservation, which [`SessionUpload::reservation_id`](crate::session::SessionUpload::reservation_id) of
/// the token of that upload returns too.
fn reservation_id(permit: &Permit) -> ReservationId {
    let target = match permit.request() {
        SignableRequest::Put(put) => put.target(),
        SignableRequest::Post(form) => form.target(),
        SignableRequest::Multipart(upload) => &upload.target,
    };
    ReservationId::of(target.resource().as_str(), &target.endpoint_url(), permit.upload_key())
}

/// Returns the size that the request binds, or the largest one that it permits.
fn largest_size(permit: &Permit, policy: &UploadPolicy) -> u64 {
    match permit.request() {
        SignableRequest::Put(put) => {
            let declared = put.headers().get("content-length").and_then(|length| length.parse().ok());
            declared.unwrap_or_else(|| policy.max_size())
        }
        SignableRequest::Post(form) => form.length().max(),
        SignableRequest::Multipart(upload) => upload.size.plan().size(),
    }
}

/// Returns the instant from which the upload can neither be continued nor confirmed.
fn expiry(permit: &Permit, policy: &UploadPolicy, at: Timestamp) -> Timestamp {
    let seconds = match permit.request() {
        SignableRequest::Multipart(upload) => upload.resume_window.as_secs(),
        SignableRequest::Put(_) | SignableRequest::Post(_) => {
            let confirm = policy.confirmation().confirm();
            let window = if confirm { policy.confirmation().confirm_within().as_secs() } else { 0 };
            u64::from(policy.expires_in().as_secs()).saturating_add(window)
        }
    };
    at.saturating_add(seconds).saturating_add(MARGIN)
}
