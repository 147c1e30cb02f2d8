//! The call for a URL that reads a confirmed object.

use upsign_core::{
    ExpiresIn, Identity, Operation, PresignRequest, Presigner, Query, SignedHeaders, Timestamp,
};

use crate::authorize::Decision;
use crate::observe::SessionOutcome;
use crate::read::{ReadAuthorization, ReadRequest, ReadTarget, ReadUrl};
use crate::service::UploadService;
use crate::session::calls::receipt::OpenedReceipt;
use crate::session::error::SessionError;

impl<P: Presigner> UploadService<P> {
    /// Returns a URL that reads the confirmed version of an object. `receipt` is the text of its receipt.
    ///
    /// Who may read is decided by the [`AuthorizeRead`](crate::read::AuthorizeRead) implementation; by default it is the caller that
    /// uploaded the object, with the groups and scopes of the route. The URL fixes the version and the
    /// content type of the answer, and has browsers save the object unless they can show its type safely
    /// ([`ContentType::is_inert`](crate::ContentType::is_inert)). Its lifetime is at most that of the policy.
    ///
    /// In a bucket without versions, the URL contains the entity tag as a condition, which the client must send
    /// ([`ReadUrl::headers`]). Another object at the same key is not read: the store answers 412. A [`SignRead`](crate::read::SignRead)
    /// cannot bind the entity tag, so it needs a bucket with versions.
    ///
    /// # Errors
    /// Returns [`SessionError`] if the receipt is not valid, the caller may not read the object, or the URL cannot be signed.
    pub async fn read_url(
        &self,
        caller: &Identity,
        receipt: &str,
        request: &ReadRequest,
        at: Timestamp,
    ) -> Result<ReadUrl, SessionError> {
        let result = match self.count_call(caller, at).await {
            Ok(()) => self.read_url_counted(caller, receipt, request, at).await,
            Err(error) => Err(error),
        };
        result.inspect_err(|error| self.report_receipt(error, caller, receipt, at))
    }

    /// Returns the URL to a caller that was already counted: the second half of [`read_url`](Self::read_url), for adapters.
    ///
    /// Observers receive the answer. The adapter must [`report`](Self::report) an error itself;
    /// [`receipt_refusal`](Self::receipt_refusal) converts it.
    ///
    /// # Errors
    /// Returns the same errors as [`read_url`](Self::read_url), except [`SessionError::TooManyRequests`].
    pub async fn read_url_counted(
        &self,
        caller: &Identity,
        receipt: &str,
        request: &ReadRequest,
        at: Timestamp,
    ) -> Result<ReadUrl, SessionError> {
        let opened = self.open_receipt(caller, receipt, at)?;
        let has_access = opened.route.access().allows(caller);
        let read =
            ReadAuthorization::new(caller, &opened.receipt, opened.is_uploader, at).with_access(has_access);
        if self.extensions().authorize_read.authorize_read(&read).await? == Decision::Deny {
            return Err(SessionError::ReadForbidden);
        }
        let url = self.sign_read(&opened, request).await?;
        opened.report(self, SessionOutcome::Read(&url));
        Ok(url)
    }

    async fn sign_read(
        &self,
        opened: &OpenedReceipt<'_, P>,
        request: &ReadRequest,
    ) -> Result<ReadUrl, SessionError> {
        let (policy, receipt, at) = (opened.route.issuer().policy(), &opened.receipt, opened.at);
        let longest = policy.confirmation().read_expires_in();
        let expires_in = request.expires_in.map_or(longest, |asked| asked.min(longest));
        let query = opened.query(request).map_err(SessionError::ReadQuery)?;
        let headers = opened.condition()?;
        if let Some(signer) = &self.extensions().sign_read {
            if !headers.is_empty() {
                // A distribution caches by the URL, so it cannot bind the entity tag.
                return Err(SessionError::VersionsRequired);
            }
            let target = ReadTarget::new(policy.target(), receipt.key(), &query);
            let url = signer.sign_read(&target, expires_in, at)?;
            let mut answer =
                ReadUrl::new(url, receipt.key().clone(), receipt.content_type().clone(), expires_in, at);
            answer.version_id = receipt.version_id().cloned();
            return Ok(answer);
        }
        let get = PresignRequest::new(
            policy.target().clone(),
            Operation::GetObject,
            receipt.key().clone(),
            expires_in,
        );
        let get = get.with_headers(headers).with_query(query);
        let get = get.with_short_credentials(policy.short_credentials());
        let signed = opened.route.issuer().presigner().presign(&get, at).await?;
        Ok(ReadUrl {
            url: signed.url,
            headers: signed.headers,
            // Credentials that expire soon shorten the lifetime.
            expires_in: ExpiresIn::from_secs(signed.expires_at.seconds_since(at))?,
            expires_at: signed.expires_at,
            expiry_precision: signed.expiry_precision,
            key: receipt.key().clone(),
            version_id: receipt.version_id().cloned(),
            content_type: receipt.content_type().clone(),
        })
    }
}

impl<P: Presigner> OpenedReceipt<'_, P> {
    /// Returns the version, and the headers of the answer: a type that differs from the confirmed one, or an active type that a
    /// browser shows, would undo what was confirmed
    /// (<https://docs.aws.amazon.com/AmazonS3/latest/API/API_GetObject.html#API_GetObject_RequestSyntax>).
    fn query(&self, request: &ReadRequest) -> Result<Query, upsign_core::InvalidQuery> {
        let (receipt, mut query) = (&self.receipt, Query::new());
        if let Some(version) = receipt.version_id() {
            query.insert("versionId", version.as_str())?;
        }
        query.insert("response-content-type", receipt.content_type().as_str())?;
        if request.attachment || !receipt.content_type().is_inert() {
            query.insert("response-content-disposition", "attachment")?;
        }
        Ok(query)
    }

    /// Returns the entity tag as a condition, if the receipt names no version. A route that never replaces objects needs it too: the
    /// object can be deleted, and another one uploaded to its key.
    fn condition(&self) -> Result<SignedHeaders, SessionError> {
        let mut headers = SignedHeaders::new();
        if self.receipt.version_id().is_none() {
            let etag = self.receipt.etag().quoted();
            headers.insert("if-match", &etag).map_err(SessionError::PromotionHeaders)?;
        }
        Ok(headers)
    }
}
