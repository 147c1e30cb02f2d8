//! Compares derived documents with those that are deployed.

mod cors;
mod found;
mod policy;
mod rules;

use std::fmt;

pub use found::{FoundDocuments, UnrecognizedDocument};

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
    /// The deployed document permits more than the routes need.
    Wider,
    /// The deployed document causes cost or leaves data behind, but nothing fails.
    Untidy,
    /// Uploads fail, or their processing does.
    Broken,
}

impl Difference {
    fn new(severity: Severity, description: impl Into<String>, consequence: &'static str) -> Self {
        Self { description: description.into(), consequence, severity }
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
}

impl fmt::Display for Difference {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.description, self.consequence)
    }
}
