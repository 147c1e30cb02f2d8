//! What a failed completion means.
//!
//! An answer can be lost after the store has completed the upload. The next attempt then fails with `NoSuchUpload`, or because
//! the condition that there is no object is not met, or succeeds again; stores differ. So no conclusion is drawn from an error
//! alone: a look at the object decides. That is sound because the key contains an id that was generated for this upload.
//!
//! | answer of the store | the upload's object | another object | no object |
//! | --- | --- | --- | --- |
//! | `ListParts`: `NoSuchUpload` | completed | `object-exists` | `upload-gone`, after a second look |
//! | `ListParts`: parts are missing | completed | `parts-missing` | `parts-missing` |
//! | complete: `NoSuchUpload` although the parts were just listed | completed | `object-exists` | `completion-uncertain` |
//! | complete: success that does not show the stated content | completed | `object-exists` | `completion-uncertain` |
//! | complete: 412 `PreconditionFailed` | completed | `object-exists` | `completion-uncertain` |
//! | complete: 409 `ConditionalRequestConflict` | completed | `upload-conflict` | `upload-conflict` |
//! | complete: unknown outcome, such as no answer in time | completed | `completion-uncertain` | `completion-uncertain` |
//! | complete: `InvalidPart` and similar | not looked at: the parts are listed and compared again | | |
//! | complete: other errors | not looked at: the error of the store | | |
//!
//! `upload-gone` is final: the client discards what it knows of the upload. So it needs an upload that had ended before the request
//! began. `completion-uncertain` asks the client to repeat the request after 5 s, and the repetition ends in the first row.

use upsign_core::{Presigner, UploadId};
use upsign_objects::{CompletedUpload, ErrorCode, ObjectError, PartList};
use upsign_policy::PlannedSize;

use crate::session::calls::{Looks, Opened, is_no_such_upload};
use crate::session::complete::CompletedObject;
use crate::session::error::SessionError;
use crate::session::evidence::Evidence;
use crate::session::review::{is_ours, review};
use crate::session::stated::Stated;
use crate::session::wrong_part::{PartDifference, WrongPart};

/// The object under the key of the upload.
enum Found {
    /// The upload is complete.
    Ours(CompletedObject),
    /// Someone else stored it.
    Other,
    Nothing,
}

impl<P: Presigner> Opened<'_, P> {
    /// Returns the result for an upload that had ended before the request began.
    pub(super) async fn after_the_end(&self, stated: &Stated) -> Result<CompletedObject, SessionError> {
        match self.find(stated, Looks::UpToTwo).await? {
            Found::Ours(object) => Ok(object),
            Found::Other => Err(SessionError::ObjectExists),
            Found::Nothing => Err(SessionError::Gone),
        }
    }

    /// Returns the result for an upload whose parts were just listed and that does not exist any more: an earlier attempt of this
    /// request, or another client of the same caller, has completed it or aborted it this moment.
    async fn after_sudden_end(
        &self,
        stated: &Stated,
        error: ObjectError,
    ) -> Result<CompletedObject, SessionError> {
        match self.find(stated, Looks::UpToTwo).await? {
            Found::Ours(object) => Ok(object),
            Found::Other => Err(SessionError::ObjectExists),
            Found::Nothing => Err(SessionError::Uncertain(error)),
        }
    }

    /// Returns the result if the store has other parts than the client has stated.
    ///
    /// SeaweedFS removes the parts of an upload one by one while it completes it. So parts that are missing can be those of an
    /// upload that another client of the same caller has just completed.
    pub(super) async fn after_review(
        &self,
        stated: &Stated,
        problem: SessionError,
    ) -> Result<CompletedObject, SessionError> {
        match problem {
            SessionError::PartsMissing { .. } | SessionError::PartsUnlisted { .. } => {
                match self.find(stated, Looks::One).await {
                    Ok(Found::Ours(object)) => Ok(object),
                    Ok(Found::Other | Found::Nothing) | Err(_) => Err(problem),
                }
            }
            problem => Err(problem),
        }
    }

    /// Returns the result if the store has completed the upload, but its answer does not show that the object is the stated one.
    pub(super) async fn after_unconfirmed_success(
        &self,
        stated: &Stated,
        answer: CompletedUpload,
        size: u64,
    ) -> Result<CompletedObject, SessionError> {
        let upload = self.session.upload();
        match self.store.head(self.head_call(Looks::UpToTwo)).await {
            Ok(head) if is_ours(upload, Some(stated), &head) => {
                Ok(Evidence::of_answer(answer, size).describe(upload, Some(stated)))
            }
            Ok(_) => Err(SessionError::ObjectExists),
            Err(error) if !error.is_not_found() && !error.retry_may_help() => Err(SessionError::Store(error)),
            Err(error) => Err(SessionError::Uncertain(error)),
        }
    }

    /// Returns the result after `CompleteMultipartUpload` has failed.
    pub(super) async fn after_failure(
        &self,
        upload_id: &UploadId,
        stated: &Stated,
        error: ObjectError,
    ) -> Result<CompletedObject, SessionError> {
        if is_no_such_upload(&error) {
            return self.after_sudden_end(stated, error).await;
        }
        let is_conflict = error.code() == Some(&ErrorCode::ConditionalRequestConflict);
        if error.is_precondition_failed() || is_conflict || error.may_have_happened() {
            return match self.find(stated, Looks::One).await {
                Ok(Found::Ours(object)) => Ok(object),
                Ok(Found::Other) if error.is_precondition_failed() => Err(SessionError::ObjectExists),
                // S3 asks for a new upload after this error
                // (<https://docs.aws.amazon.com/AmazonS3/latest/API/API_CompleteMultipartUpload.html>).
                Ok(_) if is_conflict => Err(SessionError::Conflict),
                // The store refuses to show the object, for example because the role lacks `s3:GetObject`. Repeating the
                // request does not help, and the operator needs this error to see why.
                Err(SessionError::Store(look)) if !look.retry_may_help() => Err(SessionError::Store(look)),
                Ok(_) | Err(_) => Err(SessionError::Uncertain(error)),
            };
        }
        match error.code() {
            Some(ErrorCode::BadDigest) => Err(SessionError::ChecksumMismatch),
            Some(
                ErrorCode::InvalidPart
                | ErrorCode::InvalidPartOrder
                | ErrorCode::InvalidRequest
                | ErrorCode::EntityTooSmall,
            ) => self.after_changed_parts(upload_id, stated, error).await,
            _ => Err(SessionError::Store(error)),
        }
    }

    /// The store has refused the parts although they were the stated ones a moment ago: another client of the same caller has
    /// sent one of them again. Compares once more, so that the error names the part.
    async fn after_changed_parts(
        &self,
        upload_id: &UploadId,
        stated: &Stated,
        error: ObjectError,
    ) -> Result<CompletedObject, SessionError> {
        let upload = self.session.upload();
        match self.store.list(self.list_call(upload_id)).await {
            Ok(list) => match review(upload.size, upload.checksum, &list, stated) {
                Ok(_) => Err(self.small_parts(&list, &error).unwrap_or(SessionError::Store(error))),
                Err(problem) => Err(problem),
            },
            Err(gone) if is_no_such_upload(&gone) => self.after_sudden_end(stated, gone).await,
            Err(_) => Err(SessionError::Store(error)),
        }
    }

    /// Returns the parts that are too small for the store, in an upload whose parts can have any length. In any other, the plan has
    /// none.
    fn small_parts(&self, list: &PartList, error: &ObjectError) -> Option<SessionError> {
        let is_free = matches!(self.session.upload().size, PlannedSize::FreeParts(_));
        if !is_free || error.code() != Some(&ErrorCode::EntityTooSmall) {
            return None;
        }
        let min = self.route.issuer().policy().multipart()?.store().min_part_bytes;
        let (_last, others) = list.parts.split_last()?;
        let small = others.iter().filter(|part| part.size < min);
        let wrong = small
            .map(|part| WrongPart::new(part.number, PartDifference::Size, part.etag.clone(), part.size))
            .collect::<Vec<_>>();
        (!wrong.is_empty()).then_some(SessionError::PartMismatch(wrong))
    }

    async fn find(&self, stated: &Stated, looks: Looks) -> Result<Found, SessionError> {
        let upload = self.session.upload();
        Ok(match self.look(looks).await? {
            Some(head) if is_ours(upload, Some(stated), &head) => {
                Found::Ours(Evidence::of_object(head).describe(upload, Some(stated)))
            }
            Some(_) => Found::Other,
            None => Found::Nothing,
        })
    }
}
