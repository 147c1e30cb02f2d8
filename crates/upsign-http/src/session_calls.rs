//! The calls that continue an upload, after authentication.

use bytes::Bytes;
use http::{Request, Response};
use upsign::session::SessionError;
use upsign_core::{Identity, Presigner, Timestamp};
use upsign_objects::VersionId;

use crate::api::Api;
use crate::endpoint::Endpoint;
use crate::invalid_body::InvalidBody;
use crate::refused::RefusedRequest;
use crate::session_answer::{AbortedBody, CompletedBody, PartUrlsBody, UploadStatusBody};
use crate::session_body::complete::CompleteBody;
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
