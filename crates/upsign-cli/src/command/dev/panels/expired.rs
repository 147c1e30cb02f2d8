//! `POST /dev/expired-grant`: a grant whose time is over.
//!
//! It is issued as any other, by the same policy and the same signer, but at a time in the past: the clock of the request, not its
//! lifetime, is what differs. It counts against the user's quota as any other, of the period in which it was issued.

use axum::extract::State;
use axum::response::IntoResponse as _;
use upsign_axum::{Caller, GrantResponse, ProblemResponse, UploadDescription};

use super::{Rejected, route};
use crate::command::dev::DevState;

/// How long the grant has been over, in seconds.
const SINCE: u64 = 60;

/// Returns the grant for the described upload as it was issued a while ago, so that it has expired.
pub(super) async fn grant(
    State(dev): State<DevState>,
    caller: Caller,
    description: UploadDescription,
) -> Result<GrantResponse, Rejected> {
    let UploadDescription(body) = description;
    let route = route(&dev.services, body.route.as_deref())?;
    let lifetime = u64::from(route.policy.expires_in().as_secs());
    let at = caller.at.saturating_sub(lifetime + SINCE);
    let grant = dev.service.issue_counted(&caller.identity, body.route.as_deref(), &body.upload, at).await;
    grant.map(GrantResponse).map_err(|error| ProblemResponse::from(error).into_response().into())
}
