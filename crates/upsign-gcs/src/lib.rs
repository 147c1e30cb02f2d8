//! Google Cloud Storage's own V4 signatures in the query-string form: presigned URLs, the start of resumable uploads, and POST
//! forms, without I/O, clock or URL parser.
//!
//! [`Goog4Hmac`] signs with an HMAC key (`GOOG4-HMAC-SHA256`), and `Goog4Rsa`, with the feature `rsa`, with the private key of
//! a service account (`GOOG4-RSA-SHA256`). Both give the same bytes as google-cloud-storage for Python.
//!
//! ```
//! use upsign_gcs::{Credentials, ExpiresIn, Goog4Hmac, Operation, PresignRequest, Sign, Target};
//! use upsign_gcs::types::Addressing;
//!
//! let endpoint = "https://storage.googleapis.com".parse()?;
//! let target = Target::at(&endpoint, Addressing::VirtualHosted, "article-images".parse()?, "auto".parse()?)?;
//! let request = PresignRequest::new(target, Operation::PutObject, "a/b.jpg".parse()?, ExpiresIn::from_secs(900)?);
//! // The access id and the secret of an HMAC key.
//! let credentials = Credentials::long_term("GOOGTS7C7FUP3AIRVJTE2BCD", "bGoa+V7g/yqDXvKRqq+JTFn4uQZbPiQJo4pf9RzJ")?;
//! let presigned = Goog4Hmac::new().sign(&request, &credentials, "2026-01-01T00:00:00Z".parse()?)?;
//! let url = presigned.url.expose();
//! assert!(url.starts_with("https://article-images.storage.googleapis.com/a/b.jpg?X-Goog-Algorithm=GOOG4-HMAC-SHA256&"));
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! # Two families of headers
//!
//! The store reads `x-goog-*` headers together with these signatures and `x-amz-*` headers together with those of AWS
//! (`upsign-sigv4`, with the same HMAC keys); it refuses requests that mix them. So these signers refuse a request with an
//! `x-amz-*` header. `x-goog-if-generation-match: 0` takes the place of `If-None-Match: *`, and
//! `x-goog-content-length-range: 0,1048576` limits the size of a PUT.
//!
//! Sources: <https://cloud.google.com/storage/docs/authentication/signatures>,
//! <https://cloud.google.com/storage/docs/authentication/canonical-requests>,
//! <https://cloud.google.com/storage/docs/xml-api/reference-headers>.
//!
//! # Resumable uploads
//!
//! [`Operation::StartResumableUpload`] signs the `POST` that starts a session. The signer adds the header
//! `x-goog-resumable: start`, which the client must send. The store answers with the URL of the session in `Location`; that URL
//! needs no signature and is valid for a week, so it is as secret as the signed one.
//!
//! # What this crate is not
//!
//! It does not sign with the `Authorization` header, does not call the IAM service's `signBlob`, does not load key files and
//! sends no requests. It does not decide which key, type and size a URL may allow.
//!
//! Neighboring crates: `upsign-policy` decides what is signed, `upsign` combines the two, and `upsign-sigv4` signs for the
//! S3-compatible side of the same buckets.

mod canonical;
mod hmac_key;
#[cfg(feature = "rsa")]
mod rsa;
#[cfg(feature = "rsa")]
mod service_account;

pub use hmac_key::Goog4Hmac;
#[cfg(feature = "rsa")]
pub use rsa::Goog4Rsa;
#[cfg(feature = "rsa")]
pub use service_account::{InvalidServiceAccountKey, ServiceAccountKey};

#[doc(no_inline)]
pub use upsign_core as types;
#[doc(no_inline)]
pub use upsign_core::{
    Credentials, CredentialsSource, ExpiresIn, ObjectKey, Operation, PostPolicy, PresignError,
    PresignRequest, PresignedPost, PresignedRequest, Presigner, Sign, SignPost, SignedHeaders, Target,
    Timestamp, Unsupported, WithCredentials,
};
