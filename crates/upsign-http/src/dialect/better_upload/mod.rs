//! better-upload, whose client asks for the URLs of all files of an upload in one request.
//!
//! The client (`@better-upload/client` 3.0, `src/utils/upload.ts`) finds the answer for a file by its name, size and type, sends the file
//! by `PUT`, or its parts, and completes or aborts an upload in parts at the URLs of the answer. [`needs`] describes which routes it can
//! use.

mod answer;
mod needs;
mod parts;
mod refusal;
mod request;

use http::{Response, StatusCode};
use upsign::{UploadGrant, UploadPolicy, UploadRequest};
use upsign_core::{Dialect, Identity, Presigner};
use upsign_policy::FilesOptions;

use crate::api::GrantedUpload;
use crate::dialect::render::{Rendered, Shape};
use crate::dialect::{Body, DialectCall, Place, Served};
use crate::endpoint::Endpoint;
use crate::invalid_body::InvalidBody;
use crate::issue::log_grant;
use crate::problem::Problem;
use crate::refused::RefusedRequest;
use crate::respond;
use crate::upload_body::check_size;
use answer::Granted;
use request::UploadFiles;

pub(super) use needs::lacks;

/// The endpoint that the client calls.
const UPLOAD: &str = "/better-upload";

pub(super) fn places() -> Vec<Place> {
    vec![Place::at(UPLOAD), Place::at(parts::PATH)]
}

pub(super) fn served(path: &str) -> Option<Served> {
    match path {
        UPLOAD => {
            let shape = Shape::Of(Dialect::BetterUpload);
            Some(Served { methods: "POST", headers: &[], shape, body: Body::List })
        }
        parts::PATH => Some(parts::SERVED),
        _ => None,
    }
}

pub(super) fn render(problem: &Problem) -> Rendered {
    Rendered::json(problem, &refusal::body(problem))
}

pub(super) async fn answer<P: Presigner>(
    call: &DialectCall<'_, P>,
) -> Result<Response<String>, RefusedRequest> {
    if call.path == parts::PATH { parts::answer(call).await } else { upload(call).await }
}

async fn upload<P: Presigner>(call: &DialectCall<'_, P>) -> Result<Response<String>, RefusedRequest> {
    let caller = call.authenticate().await?;
    call.count_issue(&caller).await?;
    let body = read(call).map_err(|error| call.refuse_body(&error, &caller))?;
    call.check_route(body.route.as_deref(), lacks, &caller)?;
    let uploads = body.uploads(&call.api.id_members());
    if let Some(route) = call.route(body.route.as_deref()) {
        let sendable = check_sendable(route.issuer().policy(), &body, &uploads);
        sendable.map_err(|error| call.refuse_body(&error, &caller).with_route(route.name()))?;
    }
    let grants = issue(call, &caller, body.route.as_deref(), &uploads).await?;
    let answered = respond_to(call, &caller, &body, &uploads, &grants).await;
    if answered.is_err() {
        call.abandon(&caller, &grants).await;
    }
    answered
}

fn read<P: Presigner>(call: &DialectCall<'_, P>) -> Result<UploadFiles, InvalidBody> {
    // The limit that a request for several files has at the API's own endpoint.
    check_size(call.api.max_bytes(Endpoint::Issue), call.request.headers(), call.request.body())?;
    UploadFiles::read(call.object(FilesOptions::MAX_FILES.into())?)
}

/// Refuses files for which the client would send something else than what would be granted.
fn check_sendable(
    policy: &UploadPolicy,
    body: &UploadFiles,
    uploads: &[UploadRequest],
) -> Result<(), InvalidBody> {
    let mut parts = 0_usize;
    for (index, (file, upload)) in body.files.iter().zip(uploads).enumerate() {
        let of_file = |detail: String| {
            let error = Box::new(InvalidBody::ClientCannotSend(detail.into()));
            InvalidBody::File { index, error }
        };
        match needs::parts_of(policy, file.size) {
            Some(count) => parts = parts.saturating_add(count),
            // A type that the policy denies is refused when the upload is issued.
            None => match policy.content_type_of(upload) {
                Ok(signed) if signed.as_str() != &*file.media_type => {
                    return Err(of_file(format!(
                        "the service would store this file as {signed}, but better-upload sends the type of the `File`: \
                         set it, as in `new File([file], file.name, {{ type: '{signed}' }})`"
                    )));
                }
                _ => {}
            },
        }
    }
    if parts > needs::MAX_PARTS {
        let max = needs::MAX_PARTS;
        let detail = format!(
            "the files have {parts} parts together, but better-upload needs the URLs of all parts in one answer, which has at \
             most {max}: upload them in several requests"
        );
        return Err(InvalidBody::ClientCannotSend(detail.into()));
    }
    Ok(())
}

/// Issues all files, or none. One file needs no route for several.
async fn issue<P: Presigner>(
    call: &DialectCall<'_, P>,
    caller: &Identity,
    route: Option<&str>,
    uploads: &[UploadRequest],
) -> Result<Vec<UploadGrant>, RefusedRequest> {
    if let [upload] = uploads {
        return Ok(vec![call.issue(caller, route, upload.clone()).await?]);
    }
    let route = route.or_else(|| call.api.default_route(call.dialect));
    let challenge = call.auth.challenge();
    let grants = call.api.issue_many_counted(caller, route, uploads, &[], call.at).await;
    let grants = grants.map_err(|refused| refused.with_challenge(challenge.as_ref()))?;
    grants.iter().for_each(log_grant);
    Ok(grants)
}

async fn respond_to<P: Presigner>(
    call: &DialectCall<'_, P>,
    caller: &Identity,
    body: &UploadFiles,
    uploads: &[UploadRequest],
    grants: &[UploadGrant],
) -> Result<Response<String>, RefusedRequest> {
    let route = body.route.as_deref();
    let unanswerable = |reason: String| call.unanswerable(reason, caller, route);
    let mut members = Vec::with_capacity(grants.len());
    for (upload, grant) in uploads.iter().zip(grants) {
        let event = GrantedUpload { caller, route, upload, grant, at: call.at };
        members.push(call.members(&event, &[]).map_err(unanswerable)?);
    }
    let mut granted = Vec::with_capacity(grants.len());
    for (file, grant) in body.files.iter().zip(grants) {
        granted.push(Granted { file, grant, parts: parts::of(call, caller, grant).await? });
    }
    let body = answer::body(&granted, answer::page_metadata(grants, members));
    let body = body.ok_or_else(|| unanswerable("the files have grants that the client cannot use".into()))?;
    let body = body.map_err(|error| unanswerable(error.to_string()))?;
    Ok(respond::response(StatusCode::OK, "application/json", body))
}
