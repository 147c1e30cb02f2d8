//! Explains presigned URLs and upload forms, and finds out why an upload was refused.
//!
//! Nothing here reads a file, a clock or the network: the caller passes text and the time, and gets values to print.
//!
//! ```
//! use upsign_diagnose::SignedUrl;
//!
//! let url = SignedUrl::parse(
//!     "https://examplebucket.s3.amazonaws.com/test.txt?X-Amz-Algorithm=AWS4-HMAC-SHA256\
//!      &X-Amz-Credential=AKIAIOSFODNN7EXAMPLE%2F20130524%2Fus-east-1%2Fs3%2Faws4_request\
//!      &X-Amz-Date=20130524T000000Z&X-Amz-Expires=86400&X-Amz-SignedHeaders=host\
//!      &X-Amz-Signature=aeeed9bbccd4d02ee5c0109b86d86835f995330da4c265957d157751f604d404",
//! )?;
//! assert_eq!((url.bucket(), url.key()), (Some("examplebucket"), Some("test.txt")));
//! assert_eq!(url.expires_at().unwrap().to_string(), "2013-05-25T00:00:00Z");
//! // Neither `Debug` nor `Display` shows the signature.
//! assert_eq!(url.to_string(), "https://examplebucket.s3.amazonaws.com/test.txt?[redacted]");
//! # Ok::<(), upsign_diagnose::NotASignedUrl>(())
//! ```
//!
//! | to | use |
//! | --- | --- |
//! | recognize a URL, a form or the answer of a service | [`Subject`] |
//! | explain it: signer, place, lifetime, what is bound, what is odd | [`Explanation`], with the table [`ODDITIES`] |
//! | compare it with the routes of a service | [`ConfigMatch`] |
//! | read a presigned URL or a form by itself | [`SignedUrl`], [`SignedForm`] |
//! | know what a browser sends before an upload, and judge the answer | [`PageRequest`], [`PreflightReport`] |
//! | stop URLs that were issued | [`Revocation`] |
//! | quote text that may contain secrets | [`Redacted`] |
//!
//! # What this is not
//!
//! It sends no request and verifies no signature: without the secret access key nobody can. It decides nothing for the service that
//! issues uploads; `upsign` does that.

mod cause;
mod diagnose;
mod diff;
mod echo;
mod evidence;
mod explain;
mod form;
mod preflight;
mod redacted;
mod revoke;
mod subject;
mod url;

pub use cause::{CAUSES, Cause, Causes, Owner};
pub use diagnose::{Diagnosis, diagnose};
pub use diff::{DiffLine, Field};
pub use evidence::{ChosenRequest, Evidence, EvidenceKind, LaterSuccess, UnreadableEvidence};
pub use explain::{
    Binding, Bound, BoundPart, ConfigMatch, ExplainedKind, Explanation, IssuedBy, KeyCaller, NamedPolicy,
    ODDITIES, Oddity, OddityKind, Required, Rule, Severity, Signer, SignerKind, Validity, ValidityState,
};
pub use form::{FormCondition, FormField, FormPolicy, NotASignedForm, SignedForm};
pub use preflight::{
    InvalidPageRequest, Narrowing, PageRequest, Preflight, PreflightAnswer, PreflightReason, PreflightReport,
};
pub use redacted::Redacted;
pub use revoke::{MAX_POLICY_BYTES, Revocation, RevocationEffect, RevocationError, RevocationKind};
pub use subject::{SignedRequest, Subject, SubjectError};
#[doc(no_inline)]
pub use upsign_core::{Origin, Provider, Region, Timestamp};
#[doc(no_inline)]
pub use upsign_documents::{CorsDocument, IamPolicy, IamStatement};
#[doc(no_inline)]
pub use upsign_json::InvalidJson;
#[doc(no_inline)]
pub use upsign_policy::UploadPolicy;
#[doc(inline)]
pub use url::{
    AddressStyle, CredentialScope, Location, NotASignedUrl, QueryParameter, SignatureScheme, SignedUrl,
    UrlPart, UrlPartKind,
};
