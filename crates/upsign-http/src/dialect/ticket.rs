//! The requests of a multipart upload that carry a ticket in place of the caller's credentials, answered in S3's XML.
//!
//! A client sends them to the URL that an authenticated call has answered, and believes that it is one of S3:
//!
//! | request | S3 | ticket |
//! | --- | --- | --- |
//! | `POST` | `CreateMultipartUpload` | create |
//! | `GET` | `ListParts` | list |
//! | `POST` | `CompleteMultipartUpload` | complete |
//! | `DELETE` | `AbortMultipartUpload` | abort |
//!
//! The two kinds of `POST` differ in their body, as those of S3 differ in their query.

use http::{Method, Response, StatusCode};
use upsign::objects::VersionId;
use upsign::session::{SessionError, Ticket, TicketCall, TicketUpload, UploadState};
use upsign_core::Presigner;

use crate::dialect::{DialectCall, xml};
use crate::problem::Problem;
use crate::refused::RefusedRequest;
use crate::respond;
use crate::upload_body::check_size;

type Answer = Result<Response<String>, RefusedRequest>;

/// Returns the query of the URL at which [`answer`] accepts a ticket. Both values consist of characters that a query needs not
/// escape.
pub(crate) fn query(token: &str, ticket: &Ticket) -> String {
    format!("uploadId={token}&ticket={}", ticket.expose())
}

/// Answers a request with a ticket.
pub(crate) async fn answer<P: Presigner>(call: &DialectCall<'_, P>) -> Answer {
    let query = call.query()?;
    let value = |name: &str| {
        let mut found = query.iter().filter(|(found, _)| found == name);
        found.next().filter(|_| found.next().is_none()).map(|(_, value)| &**value)
    };
    let (Some(token), Some(ticket)) = (value("uploadId"), value("ticket")) else {
        let detail =
            "the URL needs uploadId and ticket, each once: send the request to the URL as it was answered";
        return Err(call.refuse(Problem::request_malformed(detail)));
    };
    let wanted = match *call.method() {
        Method::GET => TicketCall::List,
        Method::DELETE => TicketCall::Abort,
        _ if call.request.body().is_empty() => TicketCall::Create,
        _ => TicketCall::Complete,
    };
    let verified = call.api.service().verify_ticket(token, ticket, wanted, call.at).await;
    let upload = verified.map_err(|error| {
        RefusedRequest::session(&error, call.api.service().ticket_refusal(&error, call.at))
    })?;
    let ticketed = Ticketed { call, upload, token };
    match wanted {
        TicketCall::Create => Ok(xml::initiated(&ticketed.upload, token)),
        TicketCall::List => ticketed.list().await,
        TicketCall::Complete => ticketed.complete().await,
        _ => ticketed.abort().await,
    }
}

/// A request whose ticket was verified.
struct Ticketed<'a, P> {
    call: &'a DialectCall<'a, P>,
    upload: TicketUpload,
    token: &'a str,
}

impl<P: Presigner> Ticketed<'_, P> {
    async fn list(&self) -> Answer {
        let service = self.call.api.service();
        let status = service.status_for_ticket(&self.upload, self.token, self.call.at).await;
        match status.map_err(|error| self.refused(&error))?.state {
            UploadState::Open(open) => Ok(xml::parts(&self.upload, self.token, &open.parts)),
            UploadState::Completed(object) => Err(self.refused(&SessionError::AlreadyCompleted {
                key: object.key,
                size: object.size,
                etag: object.etag,
            })),
            _ => Err(self.refused(&SessionError::Gone)),
        }
    }

    async fn complete(&self) -> Answer {
        let request = self.call.request;
        let max = self.call.api.dialect_max_bytes(self.call.served.body);
        let parts = check_size(max, request.headers(), request.body())
            .map_err(|error| self.call.refuse_body(&error, &self.upload.caller))
            .and_then(|()| {
                xml::read_complete(request.body()).map_err(|error| {
                    let problem =
                        Problem::of_dialect(StatusCode::BAD_REQUEST, "body-syntax", error.to_string());
                    self.call.refuse(problem).with_caller(&self.upload.caller)
                })
            })?;
        let service = self.call.api.service();
        let object = service.complete_for_ticket(&self.upload, self.token, &parts, self.call.at).await;
        let object = object.map_err(|error| self.refused(&error))?;
        tracing::info!(
            key = object.key.as_str(),
            size = object.size,
            parts = parts.parts().len(),
            version_id = object.version_id.as_ref().map(VersionId::as_str),
            repeated = object.was_complete,
            "upload completed"
        );
        Ok(xml::completed(&self.upload, &object))
    }

    async fn abort(&self) -> Answer {
        let service = self.call.api.service();
        let key = service.abort_for_ticket(&self.upload, self.token, self.call.at).await;
        let key = key.map_err(|error| self.refused(&error))?;
        tracing::info!(key = key.as_str(), "upload aborted");
        Ok(respond::empty(StatusCode::NO_CONTENT))
    }

    fn refused(&self, error: &SessionError) -> RefusedRequest {
        let service = self.call.api.service();
        let refusal = service.session_refusal(error, &self.upload.caller, Some(self.token), self.call.at);
        RefusedRequest::session(error, refusal)
    }
}
