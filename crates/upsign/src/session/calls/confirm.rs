//! The call that confirms an upload.

use upsign_core::{Identity, Presigner, Timestamp};

use crate::confirm::flow::Confirming;
use crate::confirm::judge::Expected;
use crate::confirm::{Concluding, Confirmation};
use crate::observe::SessionOutcome;
use crate::quota::{CountedUpload, Counting};
use crate::route::RouteName;
use crate::service::UploadService;
use crate::session::calls::{Opened, rejected};
use crate::session::error::SessionError;
use crate::session::rejection::TokenRejection;
use crate::session::upload::SessionCall;

impl<P: Presigner> UploadService<P> {
    /// Confirms that the object of an upload that `caller` began is the one that was granted, and makes it readable. `token` is the
    /// upload token.
    ///
    /// The answer has one of five [states](crate::confirm::ConfirmState), of which none is an error: an object that differs or has
    /// not arrived is an answer too. A request can be repeated until the token expires. Repetitions give equal answers unless the
    /// object was replaced where the route permits that.
    ///
    /// # Errors
    /// Returns [`SessionError`] if the token is not valid for the caller or its route does not confirm uploads, if the application
    /// no longer permits the upload, if the object does not fit into the quota any more, or if the store, the inspection, the quota or
    /// the announcement fails.
    pub async fn confirm_upload(
        &self,
        caller: &Identity,
        token: &str,
        at: Timestamp,
    ) -> Result<Confirmation, SessionError> {
        let result = match self.count_call(caller, at).await {
            Ok(()) => self.confirm_upload_counted(caller, token, at).await,
            Err(error) => Err(error),
        };
        result.inspect_err(|error| self.report_session(error, caller, token, at))
    }

    /// Confirms an upload of a caller that was already counted: the second half of [`confirm_upload`](Self::confirm_upload), for
    /// adapters.
    ///
    /// Observers receive the answer. The adapter must [`report`](Self::report) an error itself;
    /// [`session_refusal`](Self::session_refusal) converts it.
    ///
    /// # Errors
    /// Returns the same errors as [`confirm_upload`](Self::confirm_upload), except [`SessionError::TooManyRequests`].
    pub async fn confirm_upload_counted(
        &self,
        caller: &Identity,
        token: &str,
        at: Timestamp,
    ) -> Result<Confirmation, SessionError> {
        let opened = self.open(caller, token, at)?;
        if !opened.route.issuer().policy().confirmation().confirm() {
            return Err(rejected(TokenRejection::NotConfirmable));
        }
        opened.allow(SessionCall::Confirm).await?;
        let counting = self.counting(CountedUpload::of_session(&opened.session), at);
        let found = opened.confirming(counting).run().await?;
        let confirmation = self.conclude(&opened.concluding(counting), found).await?;
        self.report_answer(&opened, SessionOutcome::Confirmed(&confirmation));
        Ok(confirmation)
    }
}

impl<P: Presigner> Opened<'_, P> {
    fn confirming<'s>(&'s self, counting: Counting<'s>) -> Confirming<'s> {
        let (issuer, upload) = (self.route.issuer(), self.session.upload());
        Confirming {
            policy: issuer.policy(),
            inspect: issuer.inspector(),
            store: self.store,
            route: upload.route.as_ref().map(RouteName::as_str),
            session: Some(&self.session),
            upload_key: &upload.key,
            gate: &upload.gate,
            expected: Expected::of_session(upload, issuer.policy()),
            counting,
            version_id: None,
            at: self.at,
        }
    }

    fn concluding<'s>(&'s self, counting: Counting<'s>) -> Concluding<'s, P> {
        let upload = self.session.upload();
        Concluding {
            route: self.route,
            keys: self.keys,
            final_key: upload.final_key(),
            caller: Some(self.caller),
            owner: self.keys.owner_of(self.caller),
            gate: &upload.gate,
            counting,
            at: self.at,
        }
    }
}
