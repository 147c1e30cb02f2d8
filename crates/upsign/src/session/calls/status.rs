//! The call for the status of an upload.

use upsign_core::{Identity, PartNumber, Presigner, Timestamp};
use upsign_objects::{HeadObject, ObjectHead};

use crate::observe::SessionOutcome;
use crate::service::UploadService;
use crate::session::calls::{Looks, Opened, is_no_such_upload};
use crate::session::error::SessionError;
use crate::session::evidence::Evidence;
use crate::session::ranges::PartRanges;
use crate::session::review::{is_ours, survey};
use crate::session::status::{OpenUpload, UploadState, UploadStatus};
use crate::session::upload::SessionGate;

impl<P: Presigner> UploadService<P> {
    /// Returns what exists of an upload that `caller` began. `token` is the upload token, or the status token of a single `PUT`.
    ///
    /// # Errors
    /// Returns [`SessionError`] if the token is not valid for the caller, or if the store does not answer, and
    /// [`SessionError::ObjectExists`] if the key of a single `PUT` has another object.
    pub async fn upload_status(
        &self,
        caller: &Identity,
        token: &str,
        at: Timestamp,
    ) -> Result<UploadStatus, SessionError> {
        let result = match self.count_call(caller, at).await {
            Ok(()) => self.upload_status_counted(caller, token, at).await,
            Err(error) => Err(error),
        };
        result.inspect_err(|error| self.report_session(error, caller, token, at))
    }

    /// Returns the status to a caller that was already counted: the second half of [`upload_status`](Self::upload_status), for
    /// adapters.
    ///
    /// Observers receive the answer. The adapter must [`report`](Self::report) an error itself;
    /// [`session_refusal`](Self::session_refusal) converts it.
    ///
    /// # Errors
    /// Returns the same errors as [`upload_status`](Self::upload_status), except [`SessionError::TooManyRequests`].
    pub async fn upload_status_counted(
        &self,
        caller: &Identity,
        token: &str,
        at: Timestamp,
    ) -> Result<UploadStatus, SessionError> {
        let opened = self.open(caller, token, at)?;
        let status = opened.status().await?;
        self.report_answer(&opened, SessionOutcome::Status(&status));
        Ok(status)
    }
}

impl<P: Presigner> Opened<'_, P> {
    pub(super) async fn status(&self) -> Result<UploadStatus, SessionError> {
        let state = self.state().await?;
        let upload = self.session.upload();
        Ok(UploadStatus {
            key: upload.final_key().clone(),
            size: upload.size,
            expires_at: self.session.expires_at(),
            state,
        })
    }

    async fn state(&self) -> Result<UploadState, SessionError> {
        let upload = self.session.upload();
        let Some(upload_id) = upload.upload_id() else { return self.state_of_put().await };
        match self.store.list(self.list_call(upload_id)).await {
            Ok(list) => Ok(UploadState::Open(survey(upload.size, list))),
            Err(error) if is_no_such_upload(&error) => Ok(match self.look(Looks::UpToTwo).await? {
                Some(head) if is_ours(upload, None, &head) => self.completed(head),
                Some(_) | None => UploadState::Gone,
            }),
            Err(error) => Err(SessionError::Store(error)),
        }
    }

    async fn state_of_put(&self) -> Result<UploadState, SessionError> {
        match self.look(Looks::One).await? {
            Some(head) if is_ours(self.session.upload(), None, &head) => Ok(self.completed(head)),
            Some(_) => Err(SessionError::ObjectExists),
            None => {
                let missing = PartRanges::new([PartNumber::MIN]);
                Ok(UploadState::Open(OpenUpload { missing, ..OpenUpload::default() }))
            }
        }
    }

    fn completed(&self, head: ObjectHead) -> UploadState {
        UploadState::Completed(Evidence::of_object(head).describe(self.session.upload(), None))
    }

    /// Looks at the object with the key of the upload, and at its final key: a pending object that was confirmed is there. Returns
    /// `None` if neither exists.
    pub(super) async fn look(&self, looks: Looks) -> Result<Option<ObjectHead>, SessionError> {
        let found = self.look_with(self.head_call(looks)).await?;
        match &self.session.upload().gate {
            SessionGate::Pending(final_key) if found.is_none() => {
                let call = HeadObject::new(final_key.clone()).with_headers(self.headers());
                self.look_with(call).await
            }
            _ => Ok(found),
        }
    }

    async fn look_with(&self, call: HeadObject) -> Result<Option<ObjectHead>, SessionError> {
        match self.store.head(call).await {
            Ok(head) => Ok(Some(head)),
            Err(error) if error.is_not_found() => Ok(None),
            Err(error) => Err(SessionError::Store(error)),
        }
    }
}
