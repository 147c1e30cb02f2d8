//! What is known of a refused upload: detection of the kind of a text, and the parts that rules look at.

mod chosen;
mod client_report;
mod console;
mod curl_command;
mod curl_verbose;
mod error;
mod fetch_call;
mod form_data;
mod grant;
mod har;
mod http_text;
mod kind;
mod powershell;
mod preflight;
mod read;
mod request_report;
mod sent;
pub(crate) mod shell_words;

use std::fmt;

use upsign_core::Timestamp;
use upsign_documents::{CorsDocument, IamPolicy};
use zeroize::Zeroizing;

pub use chosen::{ChosenRequest, LaterSuccess};
pub use error::UnreadableEvidence;
pub use kind::EvidenceKind;

pub(crate) use console::{Blocked, Reason};
pub(crate) use form_data::fields as form_fields;
pub(crate) use grant::Grant;
pub(crate) use sent::{Answer, Exchange, MAX_PARTS, Sent};

use crate::echo::StoreError;
use crate::url::{SignatureScheme, SignedUrl};

/// Everything that is known of a refused upload.
///
/// [`diagnose`](crate::diagnose) has an example. `Debug` shows the kind only: requests and answers contain signatures and tokens.
#[derive(Clone)]
pub struct Evidence {
    pub(crate) kind: EvidenceKind,
    /// The URL as it was issued.
    pub(crate) issued: Option<SignedUrl>,
    pub(crate) grant: Option<Grant>,
    pub(crate) sent: Option<Sent>,
    pub(crate) answer: Option<Answer>,
    pub(crate) preflight: Option<Exchange>,
    pub(crate) hidden_etag: Option<Exchange>,
    pub(crate) page: Option<Box<str>>,
    /// The number of requests that were recorded.
    pub(crate) among: usize,
    /// A later request that did what the failed one should have done.
    pub(crate) later: Option<har::Later>,
    pub(crate) blocked: Option<Blocked>,
    pub(crate) cors: Option<CorsDocument>,
    pub(crate) role: Option<IamPolicy>,
    pub(crate) bucket_policy: Option<IamPolicy>,
    pub(crate) kms_policy: Option<IamPolicy>,
    pub(crate) secret: Option<Secret>,
    pub(crate) at: Option<Timestamp>,
}

/// The key pair that should have signed.
#[derive(Clone)]
pub(crate) struct Secret {
    pub(crate) access_key_id: Option<Box<str>>,
    pub(crate) secret_access_key: Zeroizing<String>,
}

impl Evidence {
    /// The largest input that is read, in bytes: 32 MiB. A HAR of one upload without contents has some kilobytes.
    pub const MAX_BYTES: usize = 32 << 20;

    /// Creates evidence that has nothing but a URL.
    #[must_use]
    pub fn of_url(url: SignedUrl) -> Self {
        Self { issued: Some(url), ..Self::empty(EvidenceKind::Nothing) }
    }

    fn empty(kind: EvidenceKind) -> Self {
        Self {
            kind,
            issued: None,
            grant: None,
            sent: None,
            answer: None,
            preflight: None,
            hidden_etag: None,
            page: None,
            among: 1,
            later: None,
            blocked: None,
            cors: None,
            role: None,
            bucket_policy: None,
            kms_policy: None,
            secret: None,
            at: None,
        }
    }

    /// Returns the kind that was detected.
    #[must_use]
    pub const fn kind(&self) -> EvidenceKind {
        self.kind
    }

    /// States the URL as it was issued. Without it, the URL of the request counts as such.
    ///
    /// # Errors
    /// Fails if the URL is not signed by SigV4 or SigV4a, the schemes of S3.
    pub fn with_url(mut self, url: SignedUrl) -> Result<Self, UnreadableEvidence> {
        refuse_other_schemes(&url)?;
        if url.parameters().len() > MAX_PARTS {
            return Err(UnreadableEvidence::OversizedRequest);
        }
        self.issued = Some(url);
        Ok(self)
    }

    /// States the answer that issued the URL, as JSON: it has the method and the headers that were signed.
    ///
    /// # Errors
    /// Fails if the text is not JSON with a presigned URL of S3.
    pub fn with_grant(mut self, json: &str) -> Result<Self, UnreadableEvidence> {
        let grant = Grant::read(json).ok_or(UnreadableEvidence::OtherJson)?;
        refuse_other_schemes(&grant.url)?;
        self.grant = Some(grant);
        Ok(self)
    }

    /// States the status of the answer. 0 stands for a request that the browser showed no answer of.
    #[must_use]
    pub fn with_status(mut self, status: u16) -> Self {
        self.answer.get_or_insert_default().status = Some(status);
        self
    }

    /// States the CORS rules of the bucket.
    #[must_use]
    pub fn with_cors(self, rules: CorsDocument) -> Self {
        Self { cors: Some(rules), ..self }
    }

    /// States the policies of the role that signed, and the policy of the bucket.
    #[must_use]
    pub fn with_policies(self, role: Option<IamPolicy>, bucket: Option<IamPolicy>) -> Self {
        Self { role: role.or(self.role), bucket_policy: bucket.or(self.bucket_policy), ..self }
    }

    /// States the policy of the KMS key that encrypts the objects of the bucket.
    #[must_use]
    pub fn with_kms_policy(self, policy: IamPolicy) -> Self {
        Self { kms_policy: Some(policy), ..self }
    }

    /// States the secret access key that should have signed, and its access key id. It is wiped from memory on drop.
    #[must_use]
    pub fn with_secret(self, access_key_id: Option<&str>, secret_access_key: Zeroizing<String>) -> Self {
        let access_key_id = access_key_id.map(Into::into);
        Self { secret: Some(Secret { access_key_id, secret_access_key }), ..self }
    }

    /// States the present time, against which a URL is compared if nothing says when it was sent.
    #[must_use]
    pub fn with_time(self, now: Timestamp) -> Self {
        Self { at: Some(now), ..self }
    }

    /// Returns the URL as it was issued, as far as that is known.
    pub(crate) fn signed_url(&self) -> Option<SignedUrl> {
        let of_grant = self.grant.as_ref().map(|grant| grant.url.clone());
        let of_request = || self.sent.as_ref().and_then(|sent| SignedUrl::parse(&sent.url).ok());
        let url = self.issued.clone().or(of_grant).or_else(of_request);
        url.filter(|url| refuse_other_schemes(url).is_ok())
    }

    /// Returns the error of the store, if its answer has one.
    pub(crate) fn store_error(&self) -> Option<StoreError> {
        StoreError::read(&self.answer.as_ref()?.body)
    }

    /// Returns the status of the answer.
    pub(crate) fn status(&self) -> Option<u16> {
        self.answer.as_ref()?.status
    }

    /// Returns when the request was sent, and whether that is recorded rather than assumed.
    pub(crate) fn time(&self) -> Option<(Timestamp, bool)> {
        let recorded = self.sent.as_ref().and_then(|sent| sent.at);
        let recorded = recorded.or_else(|| {
            let date = self.answer.as_ref()?.header("date")?;
            Timestamp::from_http_date(&date)
        });
        recorded.map(|at| (at, true)).or_else(|| self.at.map(|at| (at, false)))
    }
}

impl fmt::Debug for Evidence {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Evidence").field("kind", &self.kind).finish_non_exhaustive()
    }
}

fn refuse_other_schemes(url: &SignedUrl) -> Result<(), UnreadableEvidence> {
    match url.scheme() {
        SignatureScheme::SigV4 | SignatureScheme::SigV4a => Ok(()),
        other => Err(UnreadableEvidence::OtherService { scheme: other.title() }),
    }
}
