//! The calls for uploads that have begun, after authentication.

use bytes::Bytes;
use http::{Request, Response};
use upsign::confirm::ConfirmReason;
use upsign::session::{InvalidPartLengths, SessionError};
use upsign_core::{Identity, Presigner, Timestamp};
use upsign_objects::VersionId;

use crate::api::Api;
use crate::endpoint::Endpoint;
use crate::invalid_body::InvalidBody;
use crate::object_answer::{ConfirmationBody, DeletedBody, ReadUrlBody};
use crate::refused::RefusedRequest;
use crate::session_answer::{AbortedBody, CompletedBody, PartUrlsBody, UploadStatusBody};
use crate::session_body::complete::CompleteBody;
use crate::session_body::object::{ConfirmBody, DeleteBody, ReadBody};
use crate::session_body::parts::PartsBody;
use crate::session_body::token::{AbortBody, StatusBody};

/// A call of a verified caller that was counted.
pub(crate) struct SessionRequest<'a, P> {
    pub(crate) api: &'a Api<P>,
    pub(crate) request: &'a Request<Bytes>,
    pub(crate) caller: &'a Identity,
    pub(crate) at: Timestamp,
}

type Answer = Result<Response<String>, RefusedRequest>;

impl<P: Presigner> SessionRequest<'_, P> {
    pub(crate) async fn presign_parts(&self) -> Answer {
        let body = PartsBody::read_up_to(
            self.api.max_bytes(Endpoint::Parts),
            self.request.headers(),
            self.request.body(),
        );
        let body = body.map_err(|error| self.malformed(&error))?;
        let token = &body.upload_token;
        let parts = body.request().map_err(|error| self.refused(&error, Some(token)))?;
        let urls = self.api.service().presign_parts_counted(self.caller, token, &parts, self.at).await;
        let urls = urls.map_err(|error| self.refused(&error, Some(token)))?;
        // The answer states the length of each part. Only clients of dialects send parts of other lengths.
        if urls.parts.iter().any(|part| part.headers.get("content-length").is_none()) {
            return Err(self.refused(&InvalidPartLengths::Free.into(), Some(token)));
        }
        tracing::debug!(key = urls.key.as_str(), parts = urls.parts.len(), "upload parts signed");
        Ok(PartUrlsBody::new(&urls).response())
    }

    pub(crate) async fn upload_status(&self) -> Answer {
        let body = StatusBody::read_up_to(
            self.api.max_bytes(Endpoint::Status),
            self.request.headers(),
            self.request.body(),
        );
        let body = body.map_err(|error| self.malformed(&error))?;
        let token = &body.upload_token;
        let status = self.api.service().upload_status_counted(self.caller, token, self.at).await;
        let status = status.map_err(|error| self.refused(&error, Some(token)))?;
        Ok(UploadStatusBody::new(&status).after(body.after).response())
    }

    pub(crate) async fn complete_upload(&self) -> Answer {
        let body = CompleteBody::read_up_to(
            self.api.max_bytes(Endpoint::Complete),
            self.request.headers(),
            self.request.body(),
        );
        let body = body.map_err(|error| self.malformed(&error))?;
        let token = body.upload_token.clone();
        let parts = body.into_request().map_err(|error| self.refused(&error, Some(&token)))?;
        let object = self.api.service().complete_upload_counted(self.caller, &token, &parts, self.at).await;
        let object = object.map_err(|error| self.refused(&error, Some(&token)))?;
        tracing::info!(
            key = object.key.as_str(),
            size = object.size,
            parts = parts.parts().len(),
            version_id = object.version_id.as_ref().map(VersionId::as_str),
            repeated = object.was_complete,
            "upload completed"
        );
        Ok(CompletedBody::new(&object).response())
    }

    pub(crate) async fn abort_upload(&self) -> Answer {
        let body = AbortBody::read_up_to(
            self.api.max_bytes(Endpoint::Abort),
            self.request.headers(),
            self.request.body(),
        );
        let body = body.map_err(|error| self.malformed(&error))?;
        let token = &body.upload_token;
        let key = self.api.service().abort_upload_counted(self.caller, token, self.at).await;
        let key = key.map_err(|error| self.refused(&error, Some(token)))?;
        tracing::info!(key = key.as_str(), "upload aborted");
        Ok(AbortedBody.response())
    }

    pub(crate) async fn confirm_upload(&self) -> Answer {
        let body = ConfirmBody::read_up_to(
            self.api.max_bytes(Endpoint::Confirm),
            self.request.headers(),
            self.request.body(),
        );
        let body = body.map_err(|error| self.malformed(&error))?;
        let token = &body.upload_token;
        let answer = self.api.service().confirm_upload_counted(self.caller, token, self.at).await;
        let answer = answer.map_err(|error| self.refused(&error, Some(token)))?;
        tracing::info!(
            key = answer.key.as_str(),
            state = answer.state.as_str(),
            reason = answer.reason.map(ConfirmReason::as_str),
            size = answer.size,
            version_id = answer.version_id.as_ref().map(VersionId::as_str),
            repeated = answer.was_confirmed,
            "upload confirmation"
        );
        Ok(ConfirmationBody::new(&answer).response())
    }

    pub(crate) async fn read_url(&self) -> Answer {
        let body = ReadBody::read_up_to(
            self.api.max_bytes(Endpoint::ReadUrl),
            self.request.headers(),
            self.request.body(),
        );
        let body = body.map_err(|error| self.malformed(&error))?;
        let (service, receipt) = (self.api.service(), &body.receipt);
        let read = service.read_url_counted(self.caller, receipt, &body.request(), self.at).await;
        let read = read.map_err(|error| {
            RefusedRequest::session(&error, service.receipt_refusal(&error, self.caller, receipt, self.at))
        })?;
        tracing::debug!(key = read.key.as_str(), expires_at = %read.expires_at, "URL to read an object signed");
        Ok(ReadUrlBody::new(&read).response())
    }

    pub(crate) async fn delete_upload(&self) -> Answer {
        let body = DeleteBody::read_up_to(
            self.api.max_bytes(Endpoint::Delete),
            self.request.headers(),
            self.request.body(),
        );
        let body = body.map_err(|error| self.malformed(&error))?;
        let (service, proof) = (self.api.service(), body.proof());
        let deleted = service.delete_upload_counted(self.caller, proof, self.at).await;
        let deleted = deleted.map_err(|error| {
            RefusedRequest::session(&error, service.delete_refusal(&error, self.caller, proof, self.at))
        })?;
        tracing::info!(key = deleted.key.as_str(), "upload deleted");
        Ok(DeletedBody::new(&deleted.key).response())
    }

    /// Counts the caller, before anything is read from the body.
    pub(crate) async fn count(&self) -> Result<(), RefusedRequest> {
        let counted = self.api.service().count_call(self.caller, self.at).await;
        counted.map_err(|error| self.refused(&error, None))
    }

    fn malformed(&self, error: &InvalidBody) -> RefusedRequest {
        RefusedRequest::new(error.into(), self.at).with_caller(self.caller)
    }

    fn refused(&self, error: &SessionError, token: Option<&str>) -> RefusedRequest {
        RefusedRequest::session(error, self.api.service().session_refusal(error, self.caller, token, self.at))
    }
}
