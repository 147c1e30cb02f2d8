//! Compares derived documents with those that are deployed.

mod answers;
mod comparison;
mod cors;
mod deny;
mod deployed;
mod documents;
mod found;
mod needs;
mod object_lock;
mod policy;
mod resources;
mod rest;
mod risks;
mod rules;
mod settings;
mod stack;
mod survey;
mod unsupported;

use std::fmt;

pub use comparison::{ComparedPart, Comparison, Uncompared, Verdict};
pub use deployed::{DeployedFile, IncomparableDeployment};
pub use found::{FoundDocuments, UnrecognizedDocument};
pub use settings::BucketSetting;
pub use survey::{Risk, Survey};

/// One difference between a derived document and a deployed one.
///
/// `Display` writes the description and the consequence:
///
/// ```
/// use upsign_documents::{Effect, IamPolicy, IamStatement, Severity};
///
/// let put = IamStatement::new("PutUploads", Effect::Allow, ["s3:PutObject"], ["arn:aws:s3:::uploads/inbox/*"]);
/// let differences = IamPolicy::new([put]).differences(&IamPolicy::new([]));
/// assert_eq!(differences[0].severity(), Severity::Broken);
/// assert_eq!(
///     differences[0].to_string(),
///     "s3:PutObject on arn:aws:s3:::uploads/inbox/* is not allowed (PutUploads): every upload that this role signs fails \
///      with 403",
/// );
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Difference {
    description: String,
    consequence: &'static str,
    severity: Severity,
    affected: Affected,
    denied_by: Option<String>,
}

/// The effect of a difference.
///
/// ```
/// use upsign_documents::{CorsDocument, Difference, Severity};
/// # use upsign_core::{CorsOrigins, Target};
/// # use upsign_policy::{Bodyless, UploadPolicy};
/// # let target = Target::aws("article-images-bucket".parse()?, "ap-southeast-1".parse()?);
/// # let policy = UploadPolicy::builder(target, "articles/{id}.{ext}".parse()?, Bodyless::Refuse)
/// #     .content_types(["image/jpeg"])
/// #     .max_size(10 << 20)
/// #     .build()?;
/// # let origins = CorsOrigins::listed(["https://app.example.com".parse()?]);
/// // `policy` is the `UploadPolicy` that signs the uploads, `origins` are those of the pages that upload.
/// let deployed = CorsDocument::two_step_upload();
/// let differences = CorsDocument::for_policy(&policy, &origins)?.differences(&deployed);
/// // Fail a pipeline only if uploads would fail.
/// assert!(differences.iter().map(Difference::severity).all(|severity| severity < Severity::Broken));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[non_exhaustive]
pub enum Severity {
    /// The deployed policy denies more, but nothing that the uploads need: for example requests without TLS, or the deletion of
    /// objects. Nothing fails; a deployment of the derived policy would remove this protection.
    Narrower,
    /// The deployed document permits more than the routes need.
    Wider,
    /// The deployed document causes cost or leaves data behind, but nothing fails.
    Untidy,
    /// Uploads fail, or something else that [`Difference::affected`] names.
    Broken,
}

/// What a difference with the severity [`Severity::Broken`] breaks.
///
/// ```
/// use upsign_documents::{Affected, Effect, IamPolicy, IamStatement};
/// let list = IamStatement::new("List", Effect::Allow, ["s3:ListBucket"], ["arn:aws:s3:::uploads"]);
/// let differences = IamPolicy::new([list]).differences(&IamPolicy::new([]));
/// assert_eq!(differences[0].affected(), Some(Affected::Confirmation));
/// assert_eq!(Affected::Confirmation.name(), "confirmation");
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[non_exhaustive]
pub enum Affected {
    /// Uploads fail.
    Uploads,
    /// Uploads work, but the service cannot confirm them.
    Confirmation,
    /// Uploads work, but nobody can read them.
    Reads,
    /// Uploads work, but what processes new objects does not learn of them.
    Processing,
    /// Uploads work, but are deleted later.
    Retention,
}

impl Affected {
    /// Returns the name in lower case, as in `confirmation`.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Uploads => "uploads",
            Self::Confirmation => "confirmation",
            Self::Reads => "reads",
            Self::Processing => "processing",
            Self::Retention => "retention",
        }
    }
}

impl Difference {
    fn new(severity: Severity, description: impl Into<String>, consequence: &'static str) -> Self {
        let description = description.into();
        Self { description, consequence, severity, affected: Affected::Uploads, denied_by: None }
    }

    /// Sets what the difference breaks, in place of the uploads.
    fn affecting(self, affected: Affected) -> Self {
        Self { affected, ..self }
    }

    /// Returns what differs, with the part of the document and its value.
    #[must_use]
    pub fn description(&self) -> &str {
        &self.description
    }

    /// Returns what the difference causes.
    #[must_use]
    pub const fn consequence(&self) -> &'static str {
        self.consequence
    }

    /// Returns how serious the difference is.
    #[must_use]
    pub const fn severity(&self) -> Severity {
        self.severity
    }

    /// Returns what the difference breaks, or `None` if it breaks nothing.
    #[must_use]
    pub const fn affected(&self) -> Option<Affected> {
        match self.severity {
            Severity::Broken => Some(self.affected),
            _ => None,
        }
    }

    /// Returns the name of the deployed statement that denies more than the derived policy, or `None` if the difference is of
    /// another kind. A deployment of the derived policy removes this statement.
    #[must_use]
    pub fn denied_by(&self) -> Option<&str> {
        self.denied_by.as_deref()
    }
}

impl fmt::Display for Difference {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.description, self.consequence)
    }
}
