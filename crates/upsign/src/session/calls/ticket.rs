//! Tickets, and the calls of requests that carry one in place of the caller's credentials.

use upsign_core::{Identity, ObjectKey, Presigner, Resource, Timestamp, UploadId};

use crate::observe::{Refusal, SessionOutcome};
use crate::service::UploadService;
use crate::session::calls::{Checks, Opened, is_no_such_upload, rejected};
use crate::session::complete::{CompleteRequest, CompletedObject};
use crate::session::error::SessionError;
use crate::session::rejection::TokenRejection;
use crate::session::status::UploadStatus;
use crate::session::ticket::{Ticket, TicketCall};
use crate::session::upload::SessionCall;

/// The upload of a ticket that was verified.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct TicketUpload {
    /// The caller that began the upload: its issuer and subject only.
    pub caller: Identity,
    /// The bucket or access point.
    pub bucket: Resource,
    /// The key with which readers find the object once the upload is complete and confirmed.
    pub key: ObjectKey,
    /// The URL of the object under this key, without a signature.
    pub location: Box<str>,
}

impl<P: Presigner> UploadService<P> {
    /// Signs a ticket, with which a client makes a call about its upload without credentials. The caller was verified and
    /// counted. `token` is the upload token.
    ///
    /// For [`TicketCall::Complete`], the application decides again whether the upload may be continued, and the parts that the
    /// store has are added up.
    ///
    /// # Errors
    /// Returns [`SessionError::TooLarge`] if the parts exceed the maximum size; the upload is aborted then. Otherwise returns the
    /// errors of [`complete_upload`](Self::complete_upload) that concern the token.
    pub async fn ticket_counted(
        &self,
        caller: &Identity,
        token: &str,
        call: TicketCall,
        at: Timestamp,
    ) -> Result<Ticket, SessionError> {
        let opened = self.open(caller, token, at)?;
        let upload_id = opened.upload_id()?;
        if call == TicketCall::Complete {
            opened.allow(SessionCall::Complete).await?;
            if let Err(error) = opened.check_sum(upload_id).await {
                return Err(self.end_if_too_large(&opened, error).await);
            }
        }
        let expires_at = at.saturating_add(Ticket::LIFETIME).min(opened.session.expires_at());
        Ok(opened.keys.sign_ticket(token, call, expires_at))
    }

    /// Signs a ticket for clients that receive everything that an upload needs in the answer that begins it. The caller was verified and
    /// counted.
    ///
    /// It is valid as long as the upload token. For [`TicketCall::Complete`], it is valid as long as URLs of parts that are signed now,
    /// and [`Ticket::LIFETIME`] more, in which the last part arrives: the application decides now whether the upload may be completed,
    /// and not once more when it is.
    ///
    /// Nothing is checked at the store, because nothing is there yet: it is for uploads whose part URLs bind the length of each part.
    ///
    /// # Errors
    /// Returns the errors of [`complete_upload`](Self::complete_upload) that concern the token.
    pub async fn lasting_ticket(
        &self,
        caller: &Identity,
        token: &str,
        call: TicketCall,
        at: Timestamp,
    ) -> Result<Ticket, SessionError> {
        let opened = self.open(caller, token, at)?;
        let mut expires_at = opened.session.expires_at();
        if call == TicketCall::Complete {
            opened.allow(SessionCall::Complete).await?;
            let lifetime = u64::from(opened.route.issuer().policy().expires_in().as_secs());
            expires_at = at.saturating_add(lifetime.saturating_add(Ticket::LIFETIME)).min(expires_at);
        }
        Ok(opened.keys.sign_ticket(token, call, expires_at))
    }

    /// Verifies a ticket, and counts a call of the caller that began the upload.
    ///
    /// # Errors
    /// Returns [`SessionError::Token`] if the ticket does not permit `call` for this upload now, and
    /// [`SessionError::TooManyRequests`] if the caller is above the limit.
    pub async fn verify_ticket(
        &self,
        token: &str,
        ticket: &str,
        call: TicketCall,
        at: Timestamp,
    ) -> Result<TicketUpload, SessionError> {
        for keys in self.token_keys() {
            let session = match keys.open(token) {
                Ok(session) => session,
                Err(TokenRejection::UnknownKey) => continue,
                Err(reason) => return Err(rejected(reason)),
            };
            keys.verify_ticket(token, ticket, call, at).map_err(rejected)?;
            // The signature of the token proves who began the upload.
            let caller = Identity::from_verified(session.issuer().as_str(), session.subject().as_str());
            let caller = caller.map_err(|_| rejected(TokenRejection::Payload))?;
            let opened = self.open_checking(Checks::OfTicket, &caller, token, at)?;
            let upload = opened.session.upload();
            let (bucket, key) = (upload.bucket.clone(), upload.final_key().clone());
            let location = opened.route.issuer().policy().target().object_url(&key).into();
            self.count_call(&caller, at).await?;
            return Ok(TicketUpload { caller, bucket, key, location });
        }
        Err(rejected(TokenRejection::UnknownKey))
    }

    /// Lists the parts for a ticket that [`verify_ticket`](Self::verify_ticket) has accepted.
    ///
    /// # Errors
    /// Returns the errors of [`upload_status`](Self::upload_status).
    pub async fn status_for_ticket(
        &self,
        upload: &TicketUpload,
        token: &str,
        at: Timestamp,
    ) -> Result<UploadStatus, SessionError> {
        let opened = self.open_checking(Checks::OfTicket, &upload.caller, token, at)?;
        let status = opened.status().await?;
        self.report_answer(&opened, SessionOutcome::Status(&status));
        Ok(status)
    }

    /// Completes the upload for a ticket that [`verify_ticket`](Self::verify_ticket) has accepted.
    ///
    /// # Errors
    /// Returns the errors of [`complete_upload`](Self::complete_upload).
    pub async fn complete_for_ticket(
        &self,
        upload: &TicketUpload,
        token: &str,
        request: &CompleteRequest,
        at: Timestamp,
    ) -> Result<CompletedObject, SessionError> {
        let opened = self.open_checking(Checks::OfTicket, &upload.caller, token, at)?;
        self.complete_opened(&opened, request).await
    }

    /// Aborts the upload for a ticket that [`verify_ticket`](Self::verify_ticket) has accepted.
    ///
    /// # Errors
    /// Returns the errors of [`abort_upload`](Self::abort_upload).
    pub async fn abort_for_ticket(
        &self,
        upload: &TicketUpload,
        token: &str,
        at: Timestamp,
    ) -> Result<ObjectKey, SessionError> {
        let opened = self.open_checking(Checks::OfTicket, &upload.caller, token, at)?;
        self.abort_opened(&opened, at).await
    }

    /// Converts the error of a request with a ticket that was not accepted into the refusal to report. Its caller is not known.
    #[must_use]
    pub fn ticket_refusal(&self, error: &SessionError, at: Timestamp) -> Refusal {
        Refusal::from_session_error(error, at)
    }

    /// Ends an upload whose parts are too large, so that the store does not keep them. Returns the error to answer: that of the
    /// store if it does not end the upload, so that the client repeats its request, and [`SessionError::AlreadyCompleted`] if the upload was
    /// completed in the meantime. Its object still counts then.
    pub(super) async fn end_if_too_large(&self, opened: &Opened<'_, P>, error: SessionError) -> SessionError {
        if !matches!(error, SessionError::TooLarge { .. }) {
            return error;
        }
        if let Err(failed) = opened.abort().await {
            return failed;
        }
        match self.release_upload(&opened.session, opened.at).await {
            Ok(()) => error,
            Err(failed) => failed.into(),
        }
    }
}

impl<P: Presigner> Opened<'_, P> {
    /// Adds up the parts that the store has. An upload that has ended is left to its completion, which finds out how.
    async fn check_sum(&self, upload_id: &UploadId) -> Result<(), SessionError> {
        match self.store.list(self.list_call(upload_id)).await {
            Ok(mut list) => {
                // Of several uploads of a part, one is enough: the completion adds up those that it takes.
                list.parts.dedup_by_key(|part| part.number);
                let sum = list.parts.iter().fold(0_u64, |sum, part| sum.saturating_add(part.size));
                self.check_max_size(sum)
            }
            Err(error) if is_no_such_upload(&error) => Ok(()),
            Err(error) => Err(SessionError::Store(error)),
        }
    }
}
