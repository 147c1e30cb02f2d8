//! How a checked object becomes readable: by a copy to its final key, or by a tag.

use upsign_core::ObjectKey;
use upsign_objects::{
    CopiedObject, CopyObject, CopySource, DeleteObject, ErrorCode, GetObjectTagging, HeadObject, ObjectError,
    ObjectHead, PutObjectTagging, VersionId,
};
use upsign_policy::Gate;

use crate::confirm::flow::{Confirming, Found, Inspected};
use crate::confirm::pinned::version_of;
use crate::confirm::state::{ConfirmReason, ConfirmState};
use crate::session::SessionError;

/// How many versions of a pending object one request tries. The client that replaces its object all the time gets `mismatch`.
const TRIES: u32 = 2;

/// What the tag of the gate says.
pub(super) enum Tagged {
    Confirmed,
    /// Nothing, or that the object was rejected: an inspection may accept later what it has rejected.
    Undecided,
}

/// The result of one try.
enum Try {
    Done(Found),
    /// The object was replaced meanwhile.
    Again,
}

impl Confirming<'_> {
    /// Copies the pending object to its final key, unless an earlier request has.
    pub(super) async fn promote(&self, final_key: &ObjectKey) -> Result<Found, SessionError> {
        if let Some(found) = self.final_object(final_key).await? {
            return Ok(found);
        }
        for _ in 0..TRIES {
            if let Try::Done(found) = self.try_promote(final_key).await? {
                return Ok(found);
            }
        }
        Ok(Found::changed())
    }

    async fn try_promote(&self, final_key: &ObjectKey) -> Result<Try, SessionError> {
        let Some(source) = self.look_at_upload().await? else {
            // Another request may have promoted and deleted it since the look at the final key.
            let found = self.final_object(final_key).await?;
            return Ok(Try::Done(found.unwrap_or(Found::Missing)));
        };
        match self.check(&source).await? {
            Err(found) => return self.unless_promoted(final_key, found).await,
            Ok(Inspected::Accepted) => {}
            Ok(Inspected::Changed) => return Ok(Try::Again),
            Ok(Inspected::Refused(reason)) => {
                return self.unless_promoted(final_key, Found::refused(reason, source)).await;
            }
            Ok(Inspected::Later(retry_after)) => {
                let reason = ConfirmReason::Inspecting;
                return Ok(Try::Done(Found::Pending { reason, retry_after }));
            }
        }
        self.counting.settle(&source).await?;
        match self.store.copy(self.copy_call(&source, final_key)?).await {
            Ok(copied) => self.after_copy(&source, final_key, &copied).await.map(Try::Done),
            Err(error) => self.after_failed_copy(final_key, error).await,
        }
    }

    /// Looks at the final key again before an object is refused: another request may have promoted this object, or the one before, since
    /// the first look. What readers find is confirmed, even if an inspection would refuse it by now.
    async fn unless_promoted(&self, final_key: &ObjectKey, refused: Found) -> Result<Try, SessionError> {
        let found = self.final_object(final_key).await?;
        let confirmed = found.filter(|found| matches!(found, Found::Confirmed { .. }));
        Ok(Try::Done(confirmed.unwrap_or(refused)))
    }

    /// Returns the call that copies the checked version and nothing else, and replaces nothing.
    fn copy_call(&self, source: &ObjectHead, final_key: &ObjectKey) -> Result<CopyObject, SessionError> {
        let bucket = self.policy.target().bucket().clone();
        let from = CopySource::new(bucket, self.upload_key.clone()).with_if_match(source.etag.clone());
        let from = match version_of(source) {
            Some(version) => from.with_version_id(version.clone()),
            None => from,
        };
        let headers = self.policy.promotion_headers(self.at).map_err(SessionError::PromotionHeaders)?;
        Ok(CopyObject::new(from, final_key.clone()).with_headers(headers).with_if_absent())
    }

    /// Looks at the copy: its type and metadata are those of the source at the moment of the copy, which in a bucket without
    /// versions may have been replaced by an object of the same bytes.
    async fn after_copy(
        &self,
        source: &ObjectHead,
        final_key: &ObjectKey,
        copied: &CopiedObject,
    ) -> Result<Found, SessionError> {
        let call = HeadObject::new(final_key.clone());
        let call = match &copied.version_id {
            Some(version) => call.with_version_id(version.clone()),
            None => call,
        };
        let head = match self.look(call).await {
            Ok(Some(head)) => head,
            Ok(None) => return Ok(Found::promoting()),
            Err(SessionError::Store(error)) if error.retry_may_help() => return Ok(Found::promoting()),
            Err(error) => return Err(error),
        };
        if self.expected.judge(&head).is_err() {
            if head.etag == copied.etag {
                self.discard(final_key, &head).await;
            }
            return Ok(Found::changed());
        }
        self.discard(self.upload_key, source).await;
        Ok(Found::Confirmed { head, was_confirmed: false })
    }

    async fn after_failed_copy(
        &self,
        final_key: &ObjectKey,
        error: ObjectError,
    ) -> Result<Try, SessionError> {
        let source_or_destination = error.is_precondition_failed() || error.is_not_found();
        let is_unknown = error.may_have_happened()
            || error.code() == Some(&ErrorCode::ConditionalRequestConflict)
            || error.code() == Some(&ErrorCode::OperationAborted);
        if !source_or_destination && !is_unknown {
            return Err(SessionError::Store(error));
        }
        match self.final_object(final_key).await {
            Ok(Some(found)) => Ok(Try::Done(found)),
            // Nothing was copied: the source is another object now, or gone.
            Ok(None) if source_or_destination && !is_unknown => Ok(Try::Again),
            Ok(None) => Ok(Try::Done(Found::promoting())),
            Err(SessionError::Store(look)) if look.retry_may_help() => Ok(Try::Done(Found::promoting())),
            Err(error) => Err(error),
        }
    }

    /// Returns the answer if an object has the final key. Only this service stores there, and only what it has checked, so a
    /// fitting object is the promoted one.
    async fn final_object(&self, final_key: &ObjectKey) -> Result<Option<Found>, SessionError> {
        let Some(head) = self.look(HeadObject::new(final_key.clone())).await? else { return Ok(None) };
        if self.expected.judge(&head).is_ok() {
            return Ok(Some(Found::Confirmed { head, was_confirmed: true }));
        }
        if self.is_wrong_copy(&head).await? {
            self.discard(final_key, &head).await;
        }
        Ok(Some(Found::changed()))
    }

    /// Returns whether an object at the final key that is not what was granted is a copy that a request made and did not come to
    /// discard ([`after_copy`](Self::after_copy)): one with the bytes and the type of the pending object, which then was not discarded
    /// either. An object of another type may be the promoted one, to which the application has given that type.
    async fn is_wrong_copy(&self, head: &ObjectHead) -> Result<bool, SessionError> {
        // A copy of a version cannot be wrong.
        if version_of(head).is_some() {
            return Ok(false);
        }
        let pending = self.look(HeadObject::new(self.upload_key.clone())).await?;
        Ok(pending.is_some_and(|pending| {
            (&pending.etag, pending.size, &pending.content_type)
                == (&head.etag, head.size, &head.content_type)
        }))
    }

    /// Deletes an object that is not needed any more. A failure has no effect: a pending object expires by the lifecycle rule.
    async fn discard(&self, key: &ObjectKey, head: &ObjectHead) {
        let call = match version_of(head) {
            Some(version) => DeleteObject::version(key.clone(), version.clone()),
            None => DeleteObject::current(key.clone()),
        };
        let _ = self.store.delete(call.with_headers(self.policy.call_headers())).await;
    }

    /// Returns what the tag of the gate says about a version, or `None` if the version is gone.
    pub(super) async fn tagged_as(&self, version: &VersionId) -> Result<Option<Tagged>, SessionError> {
        let call = GetObjectTagging::new(self.upload_key.clone()).with_version_id(version.clone());
        match self.store.tags(call.with_headers(self.policy.call_headers())).await {
            Ok(tags) if tags.get(Gate::TAG) == Some(ConfirmState::Confirmed.as_str()) => {
                Ok(Some(Tagged::Confirmed))
            }
            Ok(_) => Ok(Some(Tagged::Undecided)),
            Err(error) if error.is_not_found() => Ok(None),
            Err(error) => Err(SessionError::Store(error)),
        }
    }

    /// Returns the answer for a version that an earlier request has confirmed, unless it is not what was granted: another
    /// upload to its key may have been confirmed.
    pub(super) fn confirmed_before(&self, head: ObjectHead) -> Found {
        match self.expected.judge(&head) {
            Ok(()) => Found::Confirmed { head, was_confirmed: true },
            Err(reason) => Found::refused(reason, head),
        }
    }

    /// Replaces the tags of a version by those of the policy and the one of the gate. Returns `false` if the version is gone.
    pub(super) async fn tag(&self, version: VersionId, state: ConfirmState) -> Result<bool, SessionError> {
        let tags = self.policy.fixed_tags().iter().chain([(Gate::TAG, state.as_str())]);
        let call = PutObjectTagging::new(self.upload_key.clone(), tags).with_version_id(version);
        match self.store.tag(call.with_headers(self.policy.call_headers())).await {
            Ok(()) => Ok(true),
            Err(error) if error.is_not_found() => Ok(false),
            Err(error) => Err(SessionError::Store(error)),
        }
    }
}
