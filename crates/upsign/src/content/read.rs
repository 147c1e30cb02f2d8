//! URLs that read an object that was found by its content.

use upsign_core::{ExpiresIn, MultipartPlan, Operation, PresignRequest, Presigner, Query};
use upsign_policy::{
    Checksum, ChecksumAlgorithm, ChecksumKind, ContentType, MultipartChecksum, PlannedSize, ResumeWindow,
};

use super::{ContentObject, Contents};
use crate::error::IssueError;
use crate::observe::{SessionEvent, SessionOutcome};
use crate::read::{ReadTarget, ReadUrl};
use crate::session::checksum::find;
use crate::session::{SessionGate, SessionMethod, SessionUpload, UploadSession};

impl<P: Presigner> Contents<'_, P> {
    /// Returns a URL that reads the current version of the object, for the lifetime of reads of the policy. Observers receive it.
    ///
    /// The URL binds neither the version nor the entity tag: its reader compares the SHA-256, which is the name of the content.
    /// Browsers save the object.
    ///
    /// # Errors
    /// Returns [`IssueError::Forbidden`] if the application decides by receipts who may read
    /// ([`UploadService::has_read_authorizer`](crate::UploadService::has_read_authorizer)), and [`IssueError::Presign`] if the URL cannot
    /// be signed.
    pub async fn read_url(&self, object: &ContentObject) -> Result<ReadUrl, IssueError> {
        if self.service.has_read_authorizer() {
            return Err(IssueError::Forbidden);
        }
        let url = self.sign(object).await?;
        self.report(object, &url);
        Ok(url)
    }

    async fn sign(&self, object: &ContentObject) -> Result<ReadUrl, IssueError> {
        let (policy, key, at) = (self.route.issuer().policy(), &object.key, self.at);
        let expires_in = policy.confirmation().read_expires_in();
        let query = query();
        if let Some(signer) = &self.service.extensions().sign_read {
            let url = signer.sign_read(&ReadTarget::new(policy.target(), key, &query), expires_in, at)?;
            return Ok(ReadUrl::new(url, key.clone(), ContentType::octet_stream(), expires_in, at));
        }
        let get = PresignRequest::new(policy.target().clone(), Operation::GetObject, key.clone(), expires_in)
            .with_query(query)
            .with_short_credentials(policy.short_credentials());
        let signed = self.route.issuer().presigner().presign(&get, at).await?;
        // Credentials that expire soon shorten the lifetime.
        let expires_in = ExpiresIn::from_secs(signed.expires_at.seconds_since(at))?;
        let mut url = ReadUrl::new(signed.url, key.clone(), ContentType::octet_stream(), expires_in, at);
        url.headers = signed.headers;
        url.expires_at = signed.expires_at;
        url.expiry_precision = signed.expiry_precision;
        Ok(url)
    }

    /// Reports the URL as that of an upload of the caller: the service keeps nothing of the one that stored the object.
    fn report(&self, object: &ContentObject, url: &ReadUrl) {
        let (policy, head) = (self.route.issuer().policy(), &object.head);
        let sha256 = find(&head.checksums, ChecksumAlgorithm::Sha256);
        let Some(plan) = MultipartPlan::restore(head.size, head.size.max(1)) else { return };
        let upload = SessionUpload {
            route: self.route.route_name().cloned(),
            bucket: policy.target().resource(),
            endpoint: policy.target().endpoint_url().into(),
            key: object.key.clone(),
            method: SessionMethod::Put,
            content_type: url.content_type.clone(),
            size: PlannedSize::Exact(plan),
            min_size: 0,
            checksum: sha256.as_ref().map(of_full_object),
            checksum_value: sha256,
            gate: SessionGate::None,
            account: None,
        };
        let session = UploadSession::begin(upload, self.caller, self.at, ResumeWindow::DEFAULT);
        let event = SessionEvent::new(self.caller, &session, SessionOutcome::Read(url), self.at);
        self.service.observers().iter().for_each(|observer| observer.session(&event));
    }
}

/// Returns the headers of the answer that the URL fixes: a page of the bucket's domain must not be made of a stored file
/// (<https://docs.aws.amazon.com/AmazonS3/latest/API/API_GetObject.html#API_GetObject_RequestSyntax>).
fn query() -> Query {
    let mut query = Query::new();
    // Both names and values are constants that a query accepts.
    let _ = query.insert("response-content-disposition", "attachment");
    let _ = query.insert("response-content-type", "application/octet-stream");
    query
}

const fn of_full_object(checksum: &Checksum) -> MultipartChecksum {
    MultipartChecksum { algorithm: checksum.algorithm(), kind: ChecksumKind::FullObject }
}
