//! Uploads in parts: the URLs of all parts, and those at which the client completes or aborts the upload.
//!
//! The client sends these two requests without credentials, so their URLs are ours and have tickets, which the client receives before it
//! sends the first part. The one that completes is valid until parts can no longer arrive, the one that aborts as long as the upload
//! token. The URL of a part binds its exact length, so that the size of the object is bound however the upload is completed.

use http::Response;
use upsign::UploadGrant;
use upsign::session::{PartUrls, PartsRequest, TicketCall};
use upsign_core::{Identity, PartNumber, Presigner};

use crate::dialect::better_upload::answer::{Parts, TicketUrl};
use crate::dialect::render::Shape;
use crate::dialect::{Body, DialectCall, Served, ticket};
use crate::problem::Problem;
use crate::refused::RefusedRequest;

/// The endpoint that completes and aborts uploads.
pub(super) const PATH: &str = "/better-upload/multipart";

pub(super) const SERVED: Served =
    Served { methods: "POST, DELETE", headers: &[], shape: Shape::Store, body: Body::List };

pub(super) async fn answer<P: Presigner>(
    call: &DialectCall<'_, P>,
) -> Result<Response<String>, RefusedRequest> {
    ticket::answer(call).await
}

/// Returns what the client needs for a multipart upload, or `None` for a file that is sent in one request.
pub(super) async fn of<P: Presigner>(
    call: &DialectCall<'_, P>,
    caller: &Identity,
    grant: &UploadGrant,
) -> Result<Option<Parts>, RefusedRequest> {
    let Some(upload) = grant.upload.multipart() else { return Ok(None) };
    let token = upload.token.expose();
    let plan = upload.plan.plan();
    Ok(Some(Parts {
        urls: part_urls(call, caller, token, plan.part_count()).await?,
        part_size: plan.part_size(),
        complete: ticket_url(call, caller, token, TicketCall::Complete).await?,
        abort: ticket_url(call, caller, token, TicketCall::Abort).await?,
    }))
}

async fn part_urls<P: Presigner>(
    call: &DialectCall<'_, P>,
    caller: &Identity,
    token: &str,
    count: u16,
) -> Result<PartUrls, RefusedRequest> {
    let numbers = (1..=count).filter_map(|number| PartNumber::new(number.into()).ok()).collect();
    let request =
        PartsRequest::new(numbers).map_err(|error| call.refuse_session(&error.into(), caller, token))?;
    let urls = call.api.service().presign_parts_counted(caller, token, &request, call.at).await;
    urls.map_err(|error| call.refuse_session(&error, caller, token))
}

async fn ticket_url<P: Presigner>(
    call: &DialectCall<'_, P>,
    caller: &Identity,
    token: &str,
    permitted: TicketCall,
) -> Result<TicketUrl, RefusedRequest> {
    let ticket = call.api.service().lasting_ticket(caller, token, permitted, call.at).await;
    let ticket = ticket.map_err(|error| call.refuse_session(&error, caller, token))?;
    // The page resolves a relative URL against its own address, which need not be that of the service.
    let url = call.url_below_base(PATH).ok_or_else(|| {
        let detail = "the request names no host, which the URLs that end an upload in parts need";
        call.refuse(Problem::request_malformed(detail)).with_caller(caller)
    })?;
    Ok(TicketUrl(format!("{url}?{}", ticket::query(token, &ticket))))
}
