//! Direct uploads of Active Storage, as `@rails/activestorage` 8.1 requests them.
//!
//! The client (`src/blob_record.js`, `src/blob_upload.js`) posts a description of the file with its MD5, and sends the file by `PUT` with
//! exactly the headers of the answer. Everything that a service signs can therefore be bound. It never sends a file in parts.

mod answer;
mod request;

use http::{Response, StatusCode};
use upsign::UploadPolicy;
use upsign_core::{Dialect, Identity, Presigner};
use upsign_policy::{ChecksumAlgorithm, MultipartMode, UploadMethod};

use crate::api::GrantedUpload;
use crate::dialect::render::{Rendered, Shape};
use crate::dialect::{Body, DialectCall, Place, Served};
use crate::problem::Problem;
use crate::refused::RefusedRequest;
use crate::respond;
use request::Blob;

/// The path of Rails, which its helper `direct_upload: true` writes into the page.
const PATH: &str = "/rails/active_storage/direct_uploads";

/// The name of the route, in the query: the body has no place for it.
const ROUTE: &str = "route";

/// The headers that the client sends by itself (`src/blob_record.js`).
const HEADERS: &[&str] = &["x-csrf-token", "x-requested-with"];

/// No array is valid in the body; a short one gets an error about the member that has it.
const MAX_ITEMS: usize = 16;

pub(super) fn places() -> Vec<Place> {
    vec![Place::at(PATH)]
}

pub(super) fn served(path: &str) -> Option<Served> {
    let shape = Shape::Of(Dialect::ActiveStorage);
    (path == PATH).then_some(Served { methods: "POST", headers: HEADERS, shape, body: Body::Small })
}

pub(super) fn lacks(policy: &UploadPolicy) -> Option<Box<str>> {
    if policy.method() == UploadMethod::Post {
        return Some("it is for forms, but the client sends files by PUT (remove method = \"post\")".into());
    }
    if policy.multipart().is_some_and(|options| options.mode() == MultipartMode::Always) {
        return Some(
            "it uploads every file in parts, but the client sends none (multipart = \"auto\")".into(),
        );
    }
    if !policy.checksums().algorithms().contains(&ChecksumAlgorithm::Md5) {
        return Some("it accepts no MD5, which the client always states (add \"md5\" to checksums)".into());
    }
    if !policy.confirmation().confirm() {
        return Some("it does not confirm uploads, so that there is no signed_id (confirm = true)".into());
    }
    None
}

/// The client shows the status only, so that pages that read the answer themselves get the problem document.
pub(super) fn render(problem: &Problem) -> Rendered {
    Rendered::problem(problem)
}

pub(super) async fn answer<P: Presigner>(
    call: &DialectCall<'_, P>,
) -> Result<Response<String>, RefusedRequest> {
    let caller = call.authenticate().await?;
    call.count_issue(&caller).await?;
    let (route, ids) = query(call, &caller)?;
    let blob =
        call.object(MAX_ITEMS).and_then(Blob::read).map_err(|error| call.refuse_body(&error, &caller))?;
    call.check_route(route.as_deref(), lacks, &caller)?;
    let upload = blob.upload(&ids);
    let grant = call.issue(&caller, route.as_deref(), upload.clone()).await?;
    let route = route.as_deref();
    let unanswerable = |reason: String| call.unanswerable(reason, &caller, route);
    let event = GrantedUpload { caller: &caller, route, upload: &upload, grant: &grant, at: call.at };
    let members = call.members(&event, &answer::MEMBERS).map_err(unanswerable)?;
    let body = answer::body(&blob, &grant, members, call.at);
    let body = body.ok_or_else(|| unanswerable("the grant is no PUT with an upload token".into()))?;
    let body = body.map_err(|error| unanswerable(error.to_string()))?;
    Ok(respond::response(StatusCode::OK, "application/json", body))
}

type Query = (Option<String>, Vec<(String, String)>);

/// Reads the route and the ids from the query.
fn query<P: Presigner>(call: &DialectCall<'_, P>, caller: &Identity) -> Result<Query, RefusedRequest> {
    let (mut route, mut ids) = (None, Vec::new());
    let known = call.api.id_members();
    for (name, value) in call.query()? {
        if name == ROUTE && route.is_none() {
            route = Some(value);
        } else if known.contains(&name.as_str()) {
            ids.push((name, value));
        } else {
            let names: Vec<&str> = known.iter().copied().chain([ROUTE]).collect();
            let detail = format!(
                "the query has an unknown or repeated parameter; the known ones are {}",
                names.join(", ")
            );
            return Err(call.refuse(Problem::request_malformed(detail)).with_caller(caller));
        }
    }
    Ok((route, ids))
}
