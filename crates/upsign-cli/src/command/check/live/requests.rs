//! The requests that pages make for the uploads of a route, with URLs that the service would sign.

use std::collections::BTreeSet;

use upsign::{IssueError, Upload, UploadGrant, UploadIssuer};
use upsign_config::RouteConfig;
use upsign_core::{
    Dialect, Operation, Origin, PartNumber, PresignRequest, Presigner, SignedHeaders, Timestamp,
};
use upsign_diagnose::{InvalidPageRequest, PageRequest};
use upsign_http::dialect_lacks;
use upsign_policy::{Checksum, ChecksumAlgorithm, MultipartMode, UploadRequest};

use super::super::grant::with_example_store;
use crate::sample;

/// The id of the multipart upload, as [`ExampleStore`](super::super::example_store::ExampleStore) creates it.
const UPLOAD_ID: &str = "example";

/// One kind of request for the uploads of a route.
#[derive(Clone)]
pub(super) struct SampleRequest {
    /// What is sent, as in `PUT` or `a part`.
    pub(super) what: &'static str,
    method: &'static str,
    url: String,
    headers: Vec<(String, Option<String>)>,
}

impl SampleRequest {
    /// Returns the request of a page with this origin.
    pub(super) fn of_page(&self, origin: Origin) -> Result<PageRequest, InvalidPageRequest> {
        let request = PageRequest::of_url(&self.url, origin)?.with_method(self.method)?;
        self.headers
            .iter()
            .try_fold(request, |request, (name, value)| request.with_header(name, value.as_deref()))
    }

    /// Returns whether a browser asks the same before both.
    fn has_preflight_of(&self, other: &Self) -> bool {
        let names =
            |request: &Self| request.headers.iter().map(|(name, _)| name.clone()).collect::<BTreeSet<_>>();
        self.method == other.method && names(self) == names(other)
    }
}

/// Returns the requests for an upload in one request, by a form and in parts, as far as the route has them, and those of the clients
/// of `dialects` that differ from them. The credentials of the issuer are those of no account: a preflight does not use the
/// signature.
pub(super) async fn samples<P: Presigner>(
    route: &RouteConfig,
    dialects: &[Dialect],
    issuer: &UploadIssuer<P>,
    presigner: &impl Presigner,
    at: Timestamp,
) -> Result<Vec<SampleRequest>, String> {
    let issuer = with_example_store(issuer)?;
    let caller = sample::caller(route).map_err(|error| error.to_string())?;
    let issue = async |request: &UploadRequest| {
        issuer.issue(&caller, request, at).await.map_err(|error| match error {
            IssueError::Denied(denied) => denied.to_string(),
            other => other.to_string(),
        })
    };
    let uploads = std::iter::once(sample::upload(route)).chain(sample::large_upload(route));
    let mut requests = Vec::new();
    let mut of_clients = Vec::new();
    for upload in uploads {
        let grant = issue(&upload.request).await?;
        requests.push(match &grant.upload {
            Upload::Multipart(parts) => {
                if has_plain_parts(route, dialects) {
                    let part = Part { what: "a part without checksum", checksum: None };
                    of_clients.push(of_part(route, presigner, &grant, part, at).await?);
                }
                let checksum = route.policy.multipart().zip(parts.checksum);
                let checksum = checksum.and_then(|(options, it)| options.part_checksum_header(it));
                of_part(route, presigner, &grant, Part { what: "a part", checksum }, at).await?
            }
            _ => of_grant(&grant)?,
        });
    }
    if serves(route, dialects, Dialect::ActiveStorage) {
        let md5 = Checksum::zero(ChecksumAlgorithm::Md5);
        let upload = sample::upload(route).request.with_checksum("md5", md5.as_base64());
        // A route whose keys need another checksum refuses it, so that the client sends nothing to the store.
        if let Ok(grant) = issue(&upload).await {
            of_clients.push(SampleRequest { what: "PUT with content-md5", ..of_grant(&grant)? });
        }
    }
    for request in of_clients {
        if !requests.iter().any(|known| known.has_preflight_of(&request)) {
            requests.push(request);
        }
    }
    Ok(requests)
}

fn serves(route: &RouteConfig, dialects: &[Dialect], dialect: Dialect) -> bool {
    dialects.contains(&dialect) && dialect_lacks(dialect, &route.policy).is_none()
}

/// Returns whether a client uploads parts to the route for which it computes no checksum.
fn has_plain_parts(route: &RouteConfig, dialects: &[Dialect]) -> bool {
    let has_parts = route.policy.multipart().is_some_and(|options| options.mode() != MultipartMode::No);
    let clients = [Dialect::Uppy, Dialect::Companion, Dialect::BetterUpload];
    has_parts && clients.into_iter().any(|dialect| serves(route, dialects, dialect))
}

fn of_grant(grant: &UploadGrant) -> Result<SampleRequest, String> {
    match &grant.upload {
        Upload::Put(put) => {
            let headers = put.headers.settable();
            let headers = headers.map(|(name, value)| (name.to_owned(), Some(value.to_owned())));
            let url = put.url.expose().to_owned();
            Ok(SampleRequest { what: "PUT", method: "PUT", url, headers: headers.collect() })
        }
        Upload::Post(post) => {
            let url = post.url.to_string();
            Ok(SampleRequest { what: "a form", method: "POST", url, headers: Vec::new() })
        }
        _ => Err("this version does not know this kind of upload".to_owned()),
    }
}

/// How a part is sent.
struct Part {
    what: &'static str,
    /// The name of the header with its checksum.
    checksum: Option<&'static str>,
}

/// Returns the request for the first part of a multipart upload, which exists only inside this command.
async fn of_part(
    route: &RouteConfig,
    presigner: &impl Presigner,
    grant: &UploadGrant,
    part: Part,
    at: Timestamp,
) -> Result<SampleRequest, String> {
    let is_fixed = |name: &&str| {
        !name.starts_with("x-amz-checksum-") && !matches!(*name, "content-md5" | "content-length")
    };
    let names: Vec<&str> = route.policy.part_header_names().filter(is_fixed).chain(part.checksum).collect();
    let mut headers = SignedHeaders::new();
    for name in &names {
        // The value does not matter to CORS.
        headers.insert(name, "example").map_err(|error| error.to_string())?;
    }
    let upload_id = UPLOAD_ID.parse().map_err(|error| format!("{error}"))?;
    let part_number = PartNumber::try_from(1).map_err(|error| error.to_string())?;
    let operation = Operation::UploadPart { upload_id, part_number };
    let target = route.policy.target().clone();
    let request = PresignRequest::new(target, operation, grant.key.clone(), grant.expires_in);
    let signed = presigner.presign(&request.with_headers(headers), at).await;
    let url = signed.map_err(|error| error.to_string())?.url.expose().to_owned();
    let headers = names.into_iter().map(|name| (name.to_owned(), None)).collect();
    Ok(SampleRequest { what: part.what, method: "PUT", url, headers })
}
