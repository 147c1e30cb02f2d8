//! The call that discards an upload.

use upsign_core::{Identity, ObjectKey, Presigner, Timestamp, UploadId};
use upsign_objects::AbortMultipartUpload;

use crate::observe::SessionOutcome;
use crate::service::UploadService;
use crate::session::calls::{Looks, Opened, is_no_such_upload};
use crate::session::error::SessionError;
use crate::session::review::is_ours;

impl<P: Presigner> UploadService<P> {
    /// Aborts an upload that `caller` began and discards its parts. Returns the key. `token` is the upload token.
    ///
    /// An upload that was aborted before is aborted. S3 can keep a part that is sent at the same time, so stop sending first;
    /// the lifecycle rule for incomplete uploads removes what remains.
    ///
    /// # Errors
    /// Returns [`SessionError::AlreadyCompleted`] if the object exists, and [`SessionError`] if the token is not valid for the
    /// caller or the store does not answer.
    pub async fn abort_upload(
        &self,
        caller: &Identity,
        token: &str,
        at: Timestamp,
    ) -> Result<ObjectKey, SessionError> {
        let result = match self.count_call(caller, at).await {
            Ok(()) => self.abort_upload_counted(caller, token, at).await,
            Err(error) => Err(error),
        };
        result.inspect_err(|error| self.report_session(error, caller, token, at))
    }

    /// Aborts an upload of a caller that was already counted: the second half of [`abort_upload`](Self::abort_upload), for
    /// adapters.
    ///
    /// Observers receive the answer. The adapter must [`report`](Self::report) an error itself;
    /// [`session_refusal`](Self::session_refusal) converts it.
    ///
    /// # Errors
    /// Returns the same errors as [`abort_upload`](Self::abort_upload), except [`SessionError::TooManyRequests`].
    pub async fn abort_upload_counted(
        &self,
        caller: &Identity,
        token: &str,
        at: Timestamp,
    ) -> Result<ObjectKey, SessionError> {
        let opened = self.open(caller, token, at)?;
        self.abort_opened(&opened, at).await
    }

    pub(super) async fn abort_opened(
        &self,
        opened: &Opened<'_, P>,
        at: Timestamp,
    ) -> Result<ObjectKey, SessionError> {
        opened.abort().await?;
        self.release_upload(&opened.session, at).await?;
        self.report_answer(opened, SessionOutcome::Aborted);
        Ok(opened.session.upload().final_key().clone())
    }
}

impl<P: Presigner> Opened<'_, P> {
    /// Has the store remove the parts. An upload that has ended is no error.
    pub(super) async fn discard(&self, upload_id: &UploadId) -> Result<(), SessionError> {
        let call = AbortMultipartUpload::new(self.key().clone(), upload_id.clone());
        match self.store.abort(call.with_headers(self.headers())).await {
            Ok(()) => Ok(()),
            Err(error) if is_no_such_upload(&error) => Ok(()),
            Err(error) => Err(SessionError::Store(error)),
        }
    }

    /// Has the store end the upload, and makes sure that it was not completed.
    pub(super) async fn abort(&self) -> Result<(), SessionError> {
        self.discard(self.upload_id()?).await?;
        // Neither answer of the store tells an upload that was aborted from one that was completed: SeaweedFS answers 204 for
        // an upload that does not exist, S3 404 for both. One look is enough: the usual answer is that there is no object, and
        // a client that completes an upload learns that from the completion.
        match self.look(Looks::One).await? {
            Some(head) if is_ours(self.session.upload(), None, &head) => {
                Err(SessionError::AlreadyCompleted {
                    key: self.session.upload().final_key().clone(),
                    size: head.size,
                    etag: head.etag,
                })
            }
            Some(_) | None => Ok(()),
        }
    }
}
