//! The table of causes.

use super::{Cause, access, api, content, cors, credentials, multipart, network, signature, store, time};

/// Declares causes, and `ALL` with all of them.
macro_rules! causes {
    ($($name:ident = $code:literal, $owner:ident {
        symptom: $symptom:literal,
        sentence: $sentence:literal,
        fix: $fix:literal,
        proof: $proof:literal,
        source: $source:expr,
    })*) => {
        $(pub(crate) static $name: crate::cause::Cause = crate::cause::Cause {
            code: $code,
            owner: crate::cause::Owner::$owner,
            symptom: $symptom,
            sentence: $sentence,
            fix: $fix,
            proof: $proof,
            source: $source,
        };)*
        pub(in crate::cause) static ALL: &[&crate::cause::Cause] = &[$(&$name),*];
    };
}
pub(super) use causes;

/// S3's list of error codes.
pub(super) const ERRORS: &str = "https://docs.aws.amazon.com/AmazonS3/latest/API/ErrorResponses.html";
/// What the signature of a presigned URL covers.
pub(super) const QUERY_AUTH: &str =
    "https://docs.aws.amazon.com/AmazonS3/latest/API/sigv4-query-string-auth.html";
/// Conditions of POST forms.
pub(super) const POST_POLICY: &str =
    "https://docs.aws.amazon.com/AmazonS3/latest/API/sigv4-HTTPPOSTConstructPolicy.html";
/// 403 answers of S3.
pub(super) const ACCESS_DENIED: &str =
    "https://docs.aws.amazon.com/AmazonS3/latest/userguide/troubleshoot-403-errors.html";
/// CORS at S3.
pub(super) const CORS: &str =
    "https://docs.aws.amazon.com/AmazonS3/latest/userguide/cors-troubleshooting.html";

/// The parts of the table, in the order of the manual.
static GROUPS: [&[&Cause]; 10] = [
    signature::ALL,
    time::ALL,
    credentials::ALL,
    access::ALL,
    content::ALL,
    multipart::ALL,
    cors::ALL,
    network::ALL,
    store::ALL,
    api::ALL,
];

/// Every cause that this crate names.
#[derive(Clone, Copy, Debug)]
pub struct Causes(());

/// The table of causes: each with its symptom, sentence, fix, owner, source and test.
///
/// ```
/// use upsign_diagnose::CAUSES;
/// assert!(CAUSES.iter().count() > 60);
/// assert!(CAUSES.iter().any(|cause| cause.code == "header-missing"));
/// ```
pub static CAUSES: Causes = Causes(());

impl Causes {
    /// Iterates over the causes in the order of the manual.
    pub fn iter(&self) -> impl Iterator<Item = &'static Cause> {
        GROUPS.iter().flat_map(|group| group.iter().copied())
    }

    /// Returns the cause with this code.
    #[must_use]
    pub fn get(&self, code: &str) -> Option<&'static Cause> {
        self.iter().find(|cause| cause.code == code)
    }
}
