//! What the signer's role may do.

mod derive;
mod wire;

/// An identity policy for the role whose credentials sign, least privilege.
///
/// ```
/// use upsign_documents::IamPolicy;
/// # use upsign_core::Target;
/// # use upsign_policy::*;
/// # let policy = UploadPolicy::builder(
/// #     Target::aws("article-images-bucket".parse()?, "ap-southeast-1".parse()?),
/// #     KeyTemplate::parse("articles/{id}.{ext}", &[])?,
/// #     Bodyless::Refuse,
/// # ).content(ContentRules::of(["image/jpeg"])?).size(SizeLimit::up_to(1 << 20)?).build()?;
/// let iam = IamPolicy::for_policy(&policy);
/// assert_eq!(iam.statements()[0].actions(), ["s3:PutObject"]);
/// assert_eq!(iam.statements()[0].resources(), ["arn:aws:s3:::article-images-bucket/articles/*.*"]);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct IamPolicy {
    statements: Vec<IamStatement>,
}

/// One statement; the effect is always `Allow`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct IamStatement {
    sid: &'static str,
    actions: Vec<&'static str>,
    resources: Vec<String>,
    /// Operator, key, value.
    conditions: Vec<(&'static str, &'static str, String)>,
}

impl IamPolicy {
    /// The statements.
    #[must_use]
    pub fn statements(&self) -> &[IamStatement] {
        &self.statements
    }
}

impl IamStatement {
    /// The statement's id.
    #[must_use]
    pub const fn sid(&self) -> &'static str {
        self.sid
    }

    /// The actions allowed.
    #[must_use]
    pub fn actions(&self) -> &[&'static str] {
        &self.actions
    }

    /// The ARNs they are allowed on, with IAM's wildcards.
    #[must_use]
    pub fn resources(&self) -> &[String] {
        &self.resources
    }

    /// Operator, key and value of each condition, all of which must hold.
    #[must_use]
    pub fn conditions(&self) -> impl ExactSizeIterator<Item = (&str, &str, &str)> {
        self.conditions.iter().map(|(operator, key, value)| (*operator, *key, value.as_str()))
    }
}
