//! `verify`: confirms an upload after git-lfs has sent it.

use http::{Response, StatusCode};
use upsign::confirm::{ConfirmReason, ConfirmState, Confirmation};
use upsign_core::{Identity, Presigner};
use upsign_objects::VersionId;

use crate::dialect::DialectCall;
use crate::dialect::git_lfs::batch::contents;
use crate::dialect::git_lfs::request::BatchObject;
use crate::dialect::git_lfs::{answer, lacks};
use crate::invalid_body::InvalidBody;
use crate::problem::Problem;
use crate::refused::RefusedRequest;

/// The header with the upload token, which the action `verify` sets. It is not `Authorization`: git-lfs adds the caller's own there.
pub(super) const TOKEN: &str = "upsign-upload-token";

pub(super) async fn confirm<P: Presigner>(
    call: &DialectCall<'_, P>,
    repository: Option<&str>,
) -> Result<Response<String>, RefusedRequest> {
    let caller = call.authenticate_with_password().await?;
    call.count_call(&caller).await?;
    let object = read(call).map_err(|error| call.refuse_body(&error, &caller))?;
    call.check_route(repository, lacks, &caller)?;
    let token = call.request.headers().get(TOKEN).and_then(|value| value.to_str().ok());
    let missing = "send the header upsign-upload-token of the action `verify`";
    let token = token.ok_or_else(|| call.refuse(Problem::request_malformed(missing)).with_caller(&caller))?;
    let confirmed = call.api.service().confirm_upload_counted(&caller, token, call.at).await;
    let confirmed = confirmed.map_err(|error| call.refuse_session(&error, &caller, token))?;
    log(&confirmed);
    if !is_of(call, &caller, repository, &object, &confirmed)? {
        let message = "the upload token is that of another object";
        return Ok(answer::message(StatusCode::UNPROCESSABLE_ENTITY, Some(message)));
    }
    Ok(respond(&confirmed))
}

fn read<P: Presigner>(call: &DialectCall<'_, P>) -> Result<BatchObject, InvalidBody> {
    BatchObject::read(&call.object(0)?)
}

/// Returns whether the confirmed upload is that of the object which the client names.
fn is_of<P: Presigner>(
    call: &DialectCall<'_, P>,
    caller: &Identity,
    repository: Option<&str>,
    object: &BatchObject,
    confirmed: &Confirmation,
) -> Result<bool, RefusedRequest> {
    let Some(sha256) = object.sha256() else { return Ok(false) };
    let route = repository.or_else(|| call.api.default_route(call.dialect));
    let key = contents(call, caller, route)?.key(&sha256).ok();
    let has_size = confirmed.size.is_none_or(|size| size == object.size);
    Ok(key.as_ref() == Some(&confirmed.key) && has_size)
}

/// git-lfs takes every status below 400 for a success.
fn respond(confirmed: &Confirmation) -> Response<String> {
    let (status, message) = match confirmed.state {
        ConfirmState::Confirmed => return answer::message(StatusCode::OK, None),
        ConfirmState::Missing => (StatusCode::NOT_FOUND, "the object has not arrived: push again"),
        ConfirmState::Pending => (StatusCode::CONFLICT, "the object is not confirmed yet: push again later"),
        _ => (StatusCode::UNPROCESSABLE_ENTITY, "the stored object is not the one that was granted"),
    };
    answer::message(status, Some(message))
}

fn log(confirmed: &Confirmation) {
    tracing::info!(
        key = confirmed.key.as_str(),
        state = confirmed.state.as_str(),
        reason = confirmed.reason.map(ConfirmReason::as_str),
        size = confirmed.size,
        version_id = confirmed.version_id.as_ref().map(VersionId::as_str),
        repeated = confirmed.was_confirmed,
        "upload confirmation"
    );
}
