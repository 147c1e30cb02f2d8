//! What a service does with its quota before it signs: it reserves the upload.

use std::sync::Arc;

use upsign_core::{Identity, Presigner, Timestamp};
use upsign_policy::{Permit, SignableRequest, UploadPolicy};

use super::definition::{Quota, QuotaUpload};
use super::ids::{QuotaAccount, ReservationId};
use super::reservation::{AtExpiry, QuotaDenied, Reserved};
use super::settle::is_confirmed_without_account;
use super::store::{FailMode, QuotaStoreError};
use crate::error::IssueError;
use crate::observe::{LimitSkipped, LimitStep, QuotaDecision, QuotaEvent, UploadObserver};
use crate::rate::{RateLimitError, RateLimitUnavailable, TooManyRequests};
use crate::route::Route;
use crate::service::UploadService;

/// Seconds between the end of an upload token and the end of its reservation, so that a confirmation at the last moment settles
/// a reservation that still exists, also if the clocks of two servers differ.
pub(super) const MARGIN: u64 = 900;

/// A reservation that was made for a request that is about to be signed.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Counted {
    pub(crate) account: QuotaAccount,
    id: ReservationId,
    /// Whether this request made it. An earlier grant for the same key, which is still valid, may have.
    is_new: bool,
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
            at_expiry: at_expiry(policy),
        };
        let Some(reservation) = quota.reservation(&upload, at) else { return Ok(None) };
        let reserved = quota.reserve(&reservation, at).await;
        self.report_decision(route.name(), decision(&reserved, quota.fail_mode()), at);
        match reserved {
            Ok(Ok(reserved)) => {
                let is_new = reserved == Reserved::New;
                Ok(Some(Counted { account: reservation.account, id: reservation.id, is_new }))
            }
            Ok(Err(denied)) => Err(denied.into()),
            Err(error) => {
                Ok(skip_or_fail(quota, self.observers(), LimitStep::Reserve, error, at).map(|()| None)?)
            }
        }
    }

    /// Releases what was reserved for a request that was not signed. A failure has no effect beyond an event: the reservation
    /// expires by itself, and the client receives the reason why nothing was signed.
    pub(crate) async fn release_unsigned(&self, counted: Option<Counted>, at: Timestamp) {
        let (Some(quota), Some(Counted { account, id, is_new: true })) = (self.quota(), counted) else {
            return;
        };
        if let Err(error) = quota.release(account, id, at).await {
            self.report_skipped(LimitStep::Release, &error, at);
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
        report_skipped(self.observers(), step, error, at);
    }
}

/// Continues with an event, or fails, as the quota says.
pub(super) fn skip_or_fail(
    quota: &Quota,
    observers: &[Arc<dyn UploadObserver>],
    step: LimitStep,
    error: QuotaStoreError,
    at: Timestamp,
) -> Result<(), QuotaStoreError> {
    match quota.fail_mode() {
        FailMode::Closed => Err(error),
        FailMode::Open => {
            report_skipped(observers, step, &error, at);
            Ok(())
        }
    }
}

fn report_skipped(
    observers: &[Arc<dyn UploadObserver>],
    step: LimitStep,
    error: &(dyn std::error::Error + 'static),
    at: Timestamp,
) {
    let event = LimitSkipped::new(step, error, at);
    observers.iter().for_each(|observer| observer.limit_skipped(&event));
}

/// Returns what becomes of a reservation that is neither settled nor released.
///
/// Objects that are found by their content are read without a confirmation, so they count without one. All grants for the same content
/// have one key, and with it one reservation.
fn at_expiry(policy: &UploadPolicy) -> AtExpiry {
    let is_settled = policy.confirmation().confirm() && !is_confirmed_without_account(policy);
    if is_settled && !policy.finds_by_content() { AtExpiry::Release } else { AtExpiry::Keep }
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
