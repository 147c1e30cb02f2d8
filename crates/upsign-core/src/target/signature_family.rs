//! The families of signatures that a store accepts.

/// The family of signatures with which requests to a target are signed, and with it the family of headers.
///
/// Google Cloud Storage accepts both, each with its own headers: `x-amz-*` together with AWS's signatures, and `x-goog-*` together
/// with its own. It refuses requests that mix them.
///
/// Source: <https://cloud.google.com/storage/docs/aws-simple-migration>.
///
/// ```
/// use upsign_core::{SignatureFamily, Target};
/// let bucket: upsign_core::Bucket = "article-images".parse()?;
/// let target = Target::builder(bucket, "auto".parse()?)
///     .endpoint("https://storage.googleapis.com".parse()?)
///     .signature_family(SignatureFamily::Google)
///     .build()?;
/// assert_eq!(target.signature_family(), SignatureFamily::Google);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum SignatureFamily {
    /// Signature Version 4 of AWS (`AWS4-…`), which every S3-compatible store accepts. `upsign-sigv4` and `upsign-aws` sign it.
    #[default]
    Aws,
    /// Google Cloud Storage's own (`GOOG4-…`), which only that store accepts. `upsign-gcs` signs it.
    Google,
}
