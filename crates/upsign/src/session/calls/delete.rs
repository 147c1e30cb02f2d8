//! The call that deletes an upload.

use upsign_core::{Identity, ObjectKey, Presigner, Timestamp};
use upsign_objects::{AbortMultipartUpload, DeleteObject, HeadObject, ObjectHead};

use crate::authorize::{Decision, LaterRequest};
use crate::confirm::judge::Expected;
use crate::confirm::{DeleteProof, DeletedUpload, ReceiptRejection, version_of};
use crate::observe::{Refusal, SessionOutcome};
use crate::quota::releases_deleted;
use crate::service::UploadService;
use crate::session::calls::receipt::{OpenedReceipt, refused};
use crate::session::calls::{Opened, is_no_such_upload, rejected};
use crate::session::error::SessionError;
use crate::session::rejection::TokenRejection;
use crate::session::upload::{SessionCall, SessionGate};

/// How many versions of a key one request deletes. A client that uploads more of them to one URL gets a delete marker over the rest,
/// which hides them.
const MAX_VERSIONS: u32 = 8;

/// What one deletion left.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Deleted {
    /// No object.
    LastOne,
    /// Perhaps older versions.
    OneOfSeveral,
    /// The object was replaced before it was deleted.
    Nothing,
}

impl<P: Presigner> UploadService<P> {
    /// Deletes an upload of `caller`: the confirmed object of a receipt, or what was uploaded with an upload token.
    ///
    /// Only the caller that uploaded the object may delete it, only if its route permits that (`delete = true`), and only if the
    /// application agrees ([`Authorize::authorize_later`](crate::Authorize::authorize_later)). Deleting an
    /// upload that does not exist succeeds, so a request can be repeated.
    ///
    /// A receipt deletes the version that it names and no other. In a bucket without versions, the service looks at the object and
    /// deletes it only if it has the entity tag of the receipt. A token deletes the object at a key that readers use only if it is
    /// what was granted. The entity tag that the service saw is a condition of both deletions
    /// ([`ConfirmationOptions::with_delete_if_match`](upsign_policy::ConfirmationOptions::with_delete_if_match)). A store without that condition deletes an object
    /// that is put to the key between these two requests.
    ///
    /// The URL of the upload stays valid until it expires. An upload that was not confirmed is no longer counted: what its URL uploads
    /// later is counted when it is confirmed, if it fits. On a route without a gate it stays counted as long as the URL can be used,
    /// because readers find whatever is uploaded; an upload in parts cannot be completed any more.
    ///
    /// # Errors
    /// Returns [`SessionError`] if the proof is not valid for the caller, if the object was replaced since it was confirmed, or if
    /// the store does not answer.
    pub async fn delete_upload(
        &self,
        caller: &Identity,
        proof: DeleteProof<'_>,
        at: Timestamp,
    ) -> Result<DeletedUpload, SessionError> {
        let result = match self.count_call(caller, at).await {
            Ok(()) => self.delete_upload_counted(caller, proof, at).await,
            Err(error) => Err(error),
        };
        result.inspect_err(|error| self.report(&self.delete_refusal(error, caller, proof, at)))
    }

    /// Deletes an upload of a caller that was already counted: the second half of [`delete_upload`](Self::delete_upload), for
    /// adapters.
    ///
    /// Observers receive the answer. The adapter must [`report`](Self::report) an error itself;
    /// [`delete_refusal`](Self::delete_refusal) converts it.
    ///
    /// # Errors
    /// Returns the same errors as [`delete_upload`](Self::delete_upload), except [`SessionError::TooManyRequests`].
    pub async fn delete_upload_counted(
        &self,
        caller: &Identity,
        proof: DeleteProof<'_>,
        at: Timestamp,
    ) -> Result<DeletedUpload, SessionError> {
        match proof {
            DeleteProof::Receipt(receipt) => {
                let opened = self.open_receipt(caller, receipt, at)?;
                opened.allow_deletion().await?;
                opened.delete().await?;
                let deleted = DeletedUpload::new(opened.receipt.key().clone());
                opened.report(self, SessionOutcome::Deleted(&deleted));
                Ok(deleted)
            }
            DeleteProof::Token(token) => {
                let opened = self.open(caller, token, at)?;
                if !opened.route.issuer().policy().confirmation().delete() {
                    return Err(rejected(TokenRejection::NotDeletable));
                }
                opened.allow(SessionCall::Delete).await?;
                opened.delete().await?;
                if releases_deleted(opened.route.issuer().policy(), &opened.session, at) {
                    self.release_upload(&opened.session, at).await?;
                }
                let deleted = DeletedUpload::new(opened.session.upload().final_key().clone());
                self.report_answer(&opened, SessionOutcome::Deleted(&deleted));
                Ok(deleted)
            }
        }
    }

    /// Converts an error of [`delete_upload_counted`](Self::delete_upload_counted) into the refusal to report.
    #[must_use]
    pub fn delete_refusal(
        &self,
        error: &SessionError,
        caller: &Identity,
        proof: DeleteProof<'_>,
        at: Timestamp,
    ) -> Refusal {
        match proof {
            DeleteProof::Receipt(receipt) => self.receipt_refusal(error, caller, receipt, at),
            DeleteProof::Token(token) => self.session_refusal(error, caller, Some(token), at),
        }
    }
}

impl<P: Presigner> OpenedReceipt<'_, P> {
    async fn allow_deletion(&self) -> Result<(), SessionError> {
        let issuer = self.route.issuer();
        if !issuer.policy().confirmation().delete() {
            return Err(refused(ReceiptRejection::Route));
        }
        if !self.route.access().allows(self.caller) {
            return Err(SessionError::RouteForbidden);
        }
        if !self.is_uploader {
            return Err(SessionError::Forbidden);
        }
        let Some(authorize) = issuer.authorizer() else { return Ok(()) };
        // A receipt always has a possible size.
        let session = self.session().ok_or_else(|| refused(ReceiptRejection::Payload))?;
        let request = LaterRequest::new(self.caller, &session, SessionCall::Delete, self.at);
        match authorize.authorize_later(&request).await? {
            Decision::Allow => Ok(()),
            Decision::Deny => Err(SessionError::Forbidden),
        }
    }

    async fn delete(&self) -> Result<(), SessionError> {
        let policy = self.route.issuer().policy();
        let (key, headers) = (self.receipt.key(), policy.call_headers());
        let call = match self.receipt.version_id() {
            Some(version) => DeleteObject::version(key.clone(), version.clone()),
            None => {
                let look = HeadObject::new(key.clone()).with_headers(headers.clone());
                match self.store.head(look).await {
                    Ok(head) if head.etag != *self.receipt.etag() => return Err(SessionError::ObjectChanged),
                    // An object that is put to the key after this look has another entity tag.
                    Ok(_) if policy.confirmation().delete_if_match() => {
                        DeleteObject::current(key.clone()).with_if_match(self.receipt.etag().clone())
                    }
                    Ok(_) => DeleteObject::current(key.clone()),
                    Err(error) if error.is_not_found() => return Ok(()),
                    Err(error) => return Err(SessionError::Store(error)),
                }
            }
        };
        match self.store.delete(call.with_headers(headers)).await {
            Ok(()) => Ok(()),
            Err(error) if error.is_not_found() => Ok(()),
            Err(error) if error.is_precondition_failed() => Err(SessionError::ObjectChanged),
            Err(error) => Err(SessionError::Store(error)),
        }
    }
}

impl<P: Presigner> Opened<'_, P> {
    /// Aborts the parts, and deletes the pending and the final object.
    async fn delete(&self) -> Result<(), SessionError> {
        let upload = self.session.upload();
        if let Some(upload_id) = upload.upload_id() {
            let call = AbortMultipartUpload::new(upload.key.clone(), upload_id.clone());
            match self.store.abort(call.with_headers(self.headers())).await {
                Ok(()) => {}
                Err(error) if is_no_such_upload(&error) => {}
                Err(error) => return Err(SessionError::Store(error)),
            }
        }
        // The pending object first: what is promoted in between is found at the final key.
        self.delete_versions(&upload.key).await?;
        match &upload.gate {
            SessionGate::Pending(final_key) => self.delete_versions(final_key).await,
            SessionGate::None | SessionGate::Tag => Ok(()),
        }
    }

    /// Deletes the object of the upload. In a bucket with versions, deleting one shows the one before, so all of them are deleted.
    async fn delete_versions(&self, key: &ObjectKey) -> Result<(), SessionError> {
        for _ in 0..MAX_VERSIONS {
            let look = HeadObject::new(key.clone()).with_headers(self.headers());
            let head = match self.store.head(look).await {
                Ok(head) => head,
                Err(error) if error.is_not_found() => return Ok(()),
                Err(error) => return Err(SessionError::Store(error)),
            };
            if self.delete_seen(key, &head).await? == Deleted::LastOne {
                return Ok(());
            }
        }
        self.hide(key).await
    }

    /// Deletes the object that was looked at, if it is of the upload.
    async fn delete_seen(&self, key: &ObjectKey, head: &ObjectHead) -> Result<Deleted, SessionError> {
        let is_pending = self.is_pending(key);
        if !is_pending && !self.is_as_granted(head) {
            return Err(SessionError::ObjectExists);
        }
        if let Some(version) = version_of(head) {
            self.send_deletion(DeleteObject::version(key.clone(), version.clone())).await?;
            return Ok(Deleted::OneOfSeveral);
        }
        let call = DeleteObject::current(key.clone());
        if is_pending || !self.route.issuer().policy().confirmation().delete_if_match() {
            self.send_deletion(call).await?;
            return Ok(Deleted::LastOne);
        }
        // An object that is put to the key after the look has another entity tag, and may be of another upload.
        match self.send_deletion(call.with_if_match(head.etag.clone())).await {
            Ok(()) => Ok(Deleted::LastOne),
            Err(SessionError::Store(error)) if error.is_precondition_failed() => Ok(Deleted::Nothing),
            Err(error) => Err(error),
        }
    }

    /// Hides the versions that are left behind a delete marker. A bucket without versions has no marker, and what is at the key was
    /// replaced before each deletion.
    async fn hide(&self, key: &ObjectKey) -> Result<(), SessionError> {
        let look = HeadObject::new(key.clone()).with_headers(self.headers());
        match self.store.head(look).await {
            Ok(head)
                if !self.is_pending(key) && (version_of(&head).is_none() || !self.is_as_granted(&head)) =>
            {
                Err(SessionError::ObjectExists)
            }
            Ok(_) => self.send_deletion(DeleteObject::current(key.clone())).await,
            Err(error) if error.is_not_found() => Ok(()),
            Err(error) => Err(SessionError::Store(error)),
        }
    }

    /// Returns whether nobody but clients of this upload stores at a key. Whatever is there can be deleted with this token, also if it is
    /// not what was granted.
    fn is_pending(&self, key: &ObjectKey) -> bool {
        let upload = self.session.upload();
        upload.key == *key && matches!(upload.gate, SessionGate::Pending(_))
    }

    /// Returns whether an object is what was granted. At a key that readers use it may be another upload's if the key contains no id.
    fn is_as_granted(&self, head: &ObjectHead) -> bool {
        Expected::of_session(self.session.upload(), self.route.issuer().policy()).judge(head).is_ok()
    }

    async fn send_deletion(&self, call: DeleteObject) -> Result<(), SessionError> {
        match self.store.delete(call.with_headers(self.headers())).await {
            Ok(()) => Ok(()),
            Err(error) if error.is_not_found() => Ok(()),
            Err(error) => Err(SessionError::Store(error)),
        }
    }
}
