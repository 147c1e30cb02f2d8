//! The lifecycle configuration of a bucket: derivation and file formats.

mod cloudformation;
mod derive;
mod json;
mod store;
mod terraform;
mod xml;

pub(crate) use store::Actions;

/// The lifecycle configuration of a bucket: rules that delete objects or move them to another storage class.
///
/// Source: <https://docs.aws.amazon.com/AmazonS3/latest/userguide/intro-lifecycle-rules.html>.
///
/// ```
/// use upsign_documents::{Deployment, LifecycleDocument};
/// # use upsign_core::{CorsOrigins, Target};
/// # use upsign_policy::{Bodyless, UploadPolicy};
/// # let target = Target::aws("article-images-bucket".parse()?, "ap-southeast-1".parse()?);
/// # let policy = UploadPolicy::builder(target, "articles/{id}.{ext}".parse()?, Bodyless::Refuse)
/// #     .content_types(["image/jpeg"])
/// #     .max_size(10 << 20)
/// #     .build()?;
/// # let origins = CorsOrigins::listed(["https://app.example.com".parse()?]);
/// // `policy` is the `UploadPolicy` that signs the uploads, `origins` are those of the pages that upload.
/// let deployment = Deployment::new([policy], origins).with_expiring_prefix("articles/", 30);
/// let document = LifecycleDocument::for_bucket(&deployment, &deployment.buckets()[0]);
/// assert!(document.rules().iter().any(|rule| rule.expire_after == Some(30)));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct LifecycleDocument(Vec<LifecycleRule>);

/// One rule for the keys with a prefix. S3 counts in whole days and requires at least one action.
///
/// `LifecycleRule::default()` has no action and applies to every key.
///
/// ```
/// use upsign_documents::{LifecycleDocument, LifecycleRule};
/// let mut rule = LifecycleRule::default();
/// rule.id = "expire-inbox".into();
/// rule.prefix = "inbox/".into();
/// rule.expire_after = Some(7);
/// assert!(LifecycleDocument::new([rule]).to_json().contains("inbox/"));
/// ```
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct LifecycleRule {
    /// The id, which must be unique in the document.
    pub id: String,
    /// The prefix of the keys; empty for all keys.
    pub prefix: String,
    /// Aborts incomplete multipart uploads this many days after they were started. Until then their parts are billed, and no
    /// listing of objects shows them.
    pub abort_incomplete_after: Option<u32>,
    /// Deletes objects after this many days. In a versioned bucket this only adds a delete marker: see
    /// `expire_noncurrent_after`.
    pub expire_after: Option<u32>,
    /// Deletes versions this many days after a newer version or a delete marker replaced them.
    pub expire_noncurrent_after: Option<u32>,
    /// Whether to delete delete markers that have no versions left. S3 does not accept this together with `expire_after` in one
    /// rule.
    pub expire_delete_markers: bool,
    /// Moves objects to a storage class, as in `STANDARD_IA`, after this many days.
    pub transition_after: Option<(u32, String)>,
}

/// The reason why a [`LifecycleDocument`] was not read. Rules with features that no derived document uses are refused too.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum InvalidLifecycleDocument {
    /// The text is not JSON, or a member is unknown, missing or of the wrong type.
    #[error("not a lifecycle document in JSON")]
    Json(#[source] serde_json::Error),
    /// The text is not XML or HCL, or an element is unknown, missing or of the wrong type. Holds the message of the parser.
    #[error("not a lifecycle document: {0}")]
    Text(String),
    /// The template or the Terraform configuration contains no lifecycle configuration. Holds the name that was expected.
    #[error("the file contains no {0}")]
    Absent(&'static str),
}

/// The document has more rules than S3 accepts.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error(
    "its lifecycle configuration would have {0} rules, but S3 accepts {limit}: expire fewer prefixes, or a common one",
    limit = LifecycleDocument::MAX_RULES
)]
pub struct TooManyRules(usize);

impl LifecycleDocument {
    /// The most rules that S3 accepts for one bucket.
    ///
    /// Source: <https://docs.aws.amazon.com/AmazonS3/latest/API/API_PutBucketLifecycleConfiguration.html>.
    pub const MAX_RULES: usize = 1_000;

    /// Builds a document of these rules.
    #[must_use]
    pub fn new(rules: impl IntoIterator<Item = LifecycleRule>) -> Self {
        Self(rules.into_iter().collect())
    }

    /// Returns the rules in order.
    #[must_use]
    pub fn rules(&self) -> &[LifecycleRule] {
        &self.0
    }

    /// Checks that S3 accepts this number of rules.
    ///
    /// # Errors
    /// Fails for more than [`MAX_RULES`](Self::MAX_RULES). An expiring prefix has two rules in a versioned bucket.
    pub fn check_size(&self) -> Result<(), TooManyRules> {
        if self.0.len() > Self::MAX_RULES { Err(TooManyRules(self.0.len())) } else { Ok(()) }
    }
}
