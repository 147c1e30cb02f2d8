//! What ends by itself, and what moves to a cheaper class.

mod derive;
mod json;

/// A bucket's lifecycle document: rules by prefix, each counted in whole days.
///
/// Source: <https://docs.aws.amazon.com/AmazonS3/latest/userguide/intro-lifecycle-rules.html>.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct LifecycleDocument(Vec<LifecycleRule>);

/// One rule, for the keys that begin with a prefix. At least one of its ends or moves is set.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct LifecycleRule {
    /// The id, unique in the document.
    pub id: String,
    /// What keys begin with; empty for all.
    pub prefix: String,
    /// Incomplete multipart uploads end so many days after their beginning. Until then their parts are billed and seen in
    /// no listing of objects.
    pub abort_incomplete_after: Option<u32>,
    /// Objects end after so many days. On a versioned bucket that only hides them: see `expire_noncurrent_after`.
    pub expire_after: Option<u32>,
    /// Versions end so many days after another took their place.
    pub expire_noncurrent_after: Option<u32>,
    /// Whether markers of deletion go when nothing is left under them. Does not stand together with `expire_after`.
    pub expire_delete_markers: bool,
    /// Objects move to a class after so many days.
    pub transition_after: Option<(u32, String)>,
}

/// Why a text is no [`LifecycleDocument`] of the kind that is written here.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum InvalidLifecycle {
    /// Not JSON of the right shape.
    #[error("not a lifecycle document in JSON")]
    Json(#[source] serde_json::Error),
    /// Not XML or HCL of the right shape.
    #[error("not a lifecycle document: {0}")]
    Text(String),
    /// A template or a module without it.
    #[error("there is no {0} in it")]
    Absent(&'static str),
}

impl LifecycleDocument {
    /// A document of these rules.
    #[must_use]
    pub fn new(rules: impl IntoIterator<Item = LifecycleRule>) -> Self {
        Self(rules.into_iter().collect())
    }

    /// The rules.
    #[must_use]
    pub fn rules(&self) -> &[LifecycleRule] {
        &self.0
    }
}
