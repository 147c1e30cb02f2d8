//! The call that completes an upload.

use upsign_core::{Identity, Presigner, Timestamp, UploadId};
use upsign_objects::{CompleteMultipartUpload, CompletedUpload, ObjectHead};
use upsign_policy::PlannedSize;

use crate::observe::SessionOutcome;
use crate::service::UploadService;
use crate::session::calls::{Opened, is_no_such_upload};
use crate::session::checksum::to_store;
use crate::session::complete::{CompleteRequest, CompletedObject};
use crate::session::error::SessionError;
use crate::session::evidence::Evidence;
use crate::session::review::{Reviewed, has_stated_content, review};
use crate::session::stated::Stated;
use crate::session::upload::SessionCall;

impl<P: Presigner> UploadService<P> {
    /// Completes an upload that `caller` began: compares the uploaded parts with the plan and with `request`, and has the store
    /// assemble the object. `token` is the upload token.
    ///
    /// A request whose answer was lost can be repeated: the answer is the same. On an error, nothing is discarded, so the upload
    /// can be continued unless the error says otherwise.
    ///
    /// # Errors
    /// Returns [`SessionError`] if the token is not valid for the caller, if the application no longer permits the upload, if
    /// parts are missing or differ, if the object exists, or if the store does not answer.
    pub async fn complete_upload(
        &self,
        caller: &Identity,
        token: &str,
        request: &CompleteRequest,
        at: Timestamp,
    ) -> Result<CompletedObject, SessionError> {
        let result = match self.count_call(caller, at).await {
            Ok(()) => self.complete_upload_counted(caller, token, request, at).await,
            Err(error) => Err(error),
        };
        result.inspect_err(|error| self.report_session(error, caller, token, at))
    }

    /// Completes an upload of a caller that was already counted: the second half of [`complete_upload`](Self::complete_upload),
    /// for adapters.
    ///
    /// Observers receive the answer. The adapter must [`report`](Self::report) an error itself;
    /// [`session_refusal`](Self::session_refusal) converts it.
    ///
    /// # Errors
    /// Returns the same errors as [`complete_upload`](Self::complete_upload), except [`SessionError::TooManyRequests`].
    pub async fn complete_upload_counted(
        &self,
        caller: &Identity,
        token: &str,
        request: &CompleteRequest,
        at: Timestamp,
    ) -> Result<CompletedObject, SessionError> {
        let opened = self.open(caller, token, at)?;
        opened.upload_id()?;
        opened.allow(SessionCall::Complete).await?;
        self.complete_opened(&opened, request).await
    }

    pub(super) async fn complete_opened(
        &self,
        opened: &Opened<'_, P>,
        request: &CompleteRequest,
    ) -> Result<CompletedObject, SessionError> {
        match opened.complete(opened.upload_id()?, request).await {
            Ok(object) => {
                self.report_answer(opened, SessionOutcome::Completed(&object));
                Ok(object)
            }
            Err(error) => Err(self.end_if_too_large(opened, error).await),
        }
    }
}

impl<P: Presigner> Opened<'_, P> {
    async fn complete(
        &self,
        upload_id: &UploadId,
        request: &CompleteRequest,
    ) -> Result<CompletedObject, SessionError> {
        let upload = self.session.upload();
        let is_required = self.route.issuer().policy().checksums().is_required();
        let stated = Stated::check(request, upload.size, upload.checksum, is_required)?;
        let list = match self.store.list(self.list_call(upload_id)).await {
            Ok(list) => list,
            Err(error) if is_no_such_upload(&error) => return self.after_the_end(&stated).await,
            Err(error) => return Err(SessionError::Store(error)),
        };
        let reviewed = match review(upload.size, upload.checksum, &list, &stated) {
            Ok(reviewed) => reviewed,
            Err(problem) => return self.after_review(&stated, problem).await,
        };
        self.check_min_size(&reviewed)?;
        // The store takes the parts with the entity tags that were just listed, so none that was replaced since then counts.
        self.check_max_size(reviewed.size)?;
        let size = reviewed.size;
        match self.store.complete(self.complete_call(upload_id, reviewed, &stated)).await {
            Ok(answer) if confirms(&answer, size, &stated) => {
                Ok(Evidence::of_answer(answer, size).describe(upload, Some(&stated)))
            }
            Ok(answer) => self.after_unconfirmed_success(&stated, answer, size).await,
            Err(error) => self.after_failure(upload_id, &stated, error).await,
        }
    }

    /// Checks the minimum size of the policy if the size was not known when the policy decided.
    fn check_min_size(&self, reviewed: &Reviewed) -> Result<(), SessionError> {
        let min = self.route.issuer().policy().size().min();
        match self.session.upload().size {
            PlannedSize::AtMost(_) | PlannedSize::FreeParts(_) if reviewed.size < min => {
                Err(SessionError::TooSmall { size: reviewed.size, min })
            }
            PlannedSize::AtMost(_) | PlannedSize::FreeParts(_) | PlannedSize::Exact(_) => Ok(()),
        }
    }

    /// Checks the maximum size of an upload with free parts. In any other, the lengths of the parts were bound.
    pub(super) fn check_max_size(&self, size: u64) -> Result<(), SessionError> {
        match self.session.upload().size {
            PlannedSize::FreeParts(plan) if size > plan.size() => {
                Err(SessionError::TooLarge { size, max: plan.size() })
            }
            _ => Ok(()),
        }
    }

    /// Returns the call with everything that the store compares.
    fn complete_call(
        &self,
        upload_id: &UploadId,
        reviewed: Reviewed,
        stated: &Stated,
    ) -> CompleteMultipartUpload {
        let Reviewed { parts, size } = reviewed;
        let call = CompleteMultipartUpload::new(self.key().clone(), upload_id.clone(), parts);
        let mut call = call.with_headers(self.headers());
        let policy = self.route.issuer().policy();
        let store = policy.multipart().map(|options| *options.store());
        if policy.completes_only_new() {
            call = call.with_if_absent();
        }
        if store.is_some_and(|store| store.object_size) {
            call = call.with_object_size(size);
        }
        match stated.checksum.as_ref().and_then(to_store) {
            Some(checksum) => call.with_checksum(checksum),
            None => call,
        }
    }
}

/// Returns `true` if the answer of the store shows that the object has the stated content.
///
/// S3 repeats the checksum that it has compared. SeaweedFS answers a second completion as if it had succeeded, with what it knows
/// of the object that another client of the same caller has completed with other parts.
fn confirms(answer: &CompletedUpload, size: u64, stated: &Stated) -> bool {
    let mut object = ObjectHead::new(size, answer.etag.clone());
    object.checksums.clone_from(&answer.checksums);
    object.checksum_type = answer.checksum_type;
    let repeats_checksum = stated.checksum.is_none() || !object.checksums.is_empty();
    repeats_checksum && has_stated_content(stated, &object)
}
