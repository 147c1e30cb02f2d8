//! `@uppy/aws-s3` 6: the requests of its option `signRequest`.
//!
//! The client asks for one signed request at a time and sends it itself. It states no size, of a file or of a part, so a file is sent by
//! a form, or in [free parts](upsign_policy::PlannedSize::FreeParts). The upload token takes the place of S3's upload id. The requests
//! that create, list, complete and abort an upload in parts go to the API with a [ticket](crate::dialect::ticket); only those with
//! the bytes of a file go to the store.
//!
//! | request of the client | signed |
//! | --- | --- |
//! | `{method: "PUT", key}` | a form, or a `PUT` if the route permits one of unknown size |
//! | `{method: "POST", key}` | begins an upload; a ticket to read its id |
//! | `{method: "PUT", key, uploadId, partNumber}` | the `PUT` of a part |
//! | `{method: "GET", key, uploadId}` | a ticket to list the parts |
//! | `{method: "POST", key, uploadId}` | a ticket to complete |
//! | `{method: "DELETE", key, uploadId}` | a ticket to abort |
//! | `{method: "DELETE", key}` | refused: the right to upload is not one to delete |
//!
//! Source: `src/s3-client/types.ts` and `S3mini.ts` of `@uppy/aws-s3` 6.3.1
//! (<https://github.com/transloadit/uppy/tree/main/packages/%40uppy/aws-s3/src/s3-client>).

mod object;
mod request;
mod sign;

use serde_json::json;
use upsign_core::Dialect;
use upsign_policy::UploadPolicy;

use crate::dialect::render::{Rendered, Shape};
use crate::dialect::{Body, Place, Served, companion};
use crate::problem::Problem;

pub(super) use sign::answer;

/// Signs one request of the client.
const SIGN: &str = "/uppy/sign";
/// Accepts the requests with a ticket. The client resolves this reference against the URL of [`SIGN`], so the answer needs neither the
/// host of the API nor a prefix that a server in front of it removes.
const TICKETS: &str = "/uppy/multipart";
const TICKETS_REFERENCE: &str = "multipart";

pub(super) fn places() -> Vec<Place> {
    vec![Place::at(SIGN), Place::at(TICKETS)]
}

pub(super) fn served(path: &str) -> Option<Served> {
    let headers = &[];
    match path {
        SIGN => {
            let shape = Shape::Of(Dialect::Uppy);
            Some(Served { methods: "POST", headers, shape, body: Body::Small })
        }
        TICKETS => {
            Some(Served { methods: "GET, POST, DELETE", headers, shape: Shape::Store, body: Body::List })
        }
        _ => None,
    }
}

/// Uppy 6 needs what Uppy 4 and 5 need of a route.
pub(super) fn lacks(policy: &UploadPolicy) -> Option<Box<str>> {
    companion::lacks(policy)
}

/// The function of the page throws an error with `message`, which Uppy shows.
pub(super) fn render(problem: &Problem) -> Rendered {
    let mut body = json!({ "error": problem.code(), "message": problem.detail() });
    if let (Some(id), Some(members)) = (problem.diagnose().request_id(), body.as_object_mut()) {
        members.insert("requestId".into(), id.as_str().into());
    }
    Rendered::json(problem, &body)
}
