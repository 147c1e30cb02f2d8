//! IAM policies: derivation, evaluation and file formats.
//!
//! Identity policies (of a role) and resource policies (of a bucket, a queue or a key) share these types.

mod condition;
mod derive;
mod evaluate;
mod glob;
mod json;
mod terraform;

pub use condition::{IamCondition, IamOperator, InvalidIamOperator};
pub(crate) use evaluate::holds;
pub use evaluate::{IamContext, IamDecision, IamRequest, RequestPrincipal};
pub(crate) use glob::overlap;
pub use json::InvalidIamPolicy;

/// An IAM policy: an identity policy, whose statements name no principal, or a resource policy, whose statements each name
/// one.
///
/// ```
/// use upsign_documents::IamPolicy;
/// # use upsign_core::Target;
/// # use upsign_policy::{Bodyless, UploadPolicy};
/// # let target = Target::aws("article-images-bucket".parse()?, "ap-southeast-1".parse()?);
/// # let policy = UploadPolicy::builder(target, "articles/{id}.{ext}".parse()?, Bodyless::Refuse)
/// #     .content_types(["image/jpeg"])
/// #     .max_size(10 << 20)
/// #     .build()?;
/// // `policy` is the `UploadPolicy` that signs the uploads.
/// let iam = IamPolicy::for_policy(&policy);
/// assert_eq!(iam.statements()[0].actions(), ["s3:PutObject"]);
/// assert_eq!(iam.statements()[0].resources(), ["arn:aws:s3:::article-images-bucket/articles/*.*"]);
/// assert_eq!(IamPolicy::from_json(&iam.to_json())?, iam);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct IamPolicy {
    statements: Vec<IamStatement>,
}

/// One statement of an [`IamPolicy`].
///
/// ```
/// use upsign_documents::{Effect, IamPolicy, IamStatement};
/// let put = IamStatement::new("PutUploads", Effect::Allow, ["s3:PutObject"], ["arn:aws:s3:::uploads/inbox/*"]);
/// assert!(IamPolicy::new([put]).to_json().contains(r#""Sid": "PutUploads""#));
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct IamStatement {
    sid: String,
    effect: Effect,
    principal: Option<IamPrincipal>,
    actions: Vec<String>,
    resources: Vec<String>,
    conditions: Vec<IamCondition>,
}

/// The effect of a statement that applies to a request. One `Deny` outweighs every `Allow`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Effect {
    /// The statement permits the request.
    Allow,
    /// The statement forbids the request.
    Deny,
}

/// The principals to which a statement of a resource policy applies.
///
/// ```
/// use upsign_documents::{Effect, IamPrincipal, IamStatement};
/// let read = IamStatement::new("Read", Effect::Allow, ["s3:GetObject"], ["arn:aws:s3:::uploads/*"])
///     .with_principal(IamPrincipal::Service("cloudfront.amazonaws.com".into()));
/// assert!(read.principal().is_some());
/// ```
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum IamPrincipal {
    /// Everyone (`*`), including anonymous requests.
    Everyone,
    /// An AWS service, as in `cloudfront.amazonaws.com`.
    Service(String),
    /// Accounts, roles and users, by ARN or by account ID.
    Aws(Vec<String>),
}

impl IamPolicy {
    /// Builds a policy of these statements.
    #[must_use]
    pub fn new(statements: impl IntoIterator<Item = IamStatement>) -> Self {
        Self { statements: statements.into_iter().collect() }
    }

    /// Returns the statements in order.
    #[must_use]
    pub fn statements(&self) -> &[IamStatement] {
        &self.statements
    }

    /// Returns whether the policy has no statements. IAM and S3 refuse such a policy.
    #[must_use]
    pub const fn is_empty(&self) -> bool {
        self.statements.is_empty()
    }
}

impl IamStatement {
    /// Builds a statement without conditions and without a principal.
    ///
    /// `sid` is the statement id; pass an empty text for none. Actions and resources may contain IAM's wildcards `*` and `?`.
    /// The statements of a role's trust policy have no resources.
    pub fn new<A: Into<String>, R: Into<String>>(
        sid: impl Into<String>,
        effect: Effect,
        actions: impl IntoIterator<Item = A>,
        resources: impl IntoIterator<Item = R>,
    ) -> Self {
        Self {
            sid: sid.into(),
            effect,
            principal: None,
            actions: actions.into_iter().map(Into::into).collect(),
            resources: resources.into_iter().map(Into::into).collect(),
            conditions: Vec::new(),
        }
    }

    /// Sets the principal, as the statements of a resource policy need it.
    #[must_use]
    pub fn with_principal(self, principal: IamPrincipal) -> Self {
        Self { principal: Some(principal), ..self }
    }

    /// Adds a condition. All conditions of a statement must hold. They are sorted by operator and key, so that equal policies
    /// compare equal.
    #[must_use]
    pub fn with_condition(mut self, condition: IamCondition) -> Self {
        self.conditions.push(condition);
        self.conditions.sort_by_key(|it| (it.operator().to_string(), it.key().to_owned()));
        self
    }

    /// Adds a condition with one value.
    pub(crate) fn when(self, operator: IamOperator, key: &str, value: impl Into<String>) -> Self {
        self.with_condition(IamCondition::new(operator, key, [value]))
    }

    /// Returns the statement id, or an empty text if the statement has no id.
    #[must_use]
    pub fn sid(&self) -> &str {
        &self.sid
    }

    /// Returns whether the statement permits or forbids.
    #[must_use]
    pub const fn effect(&self) -> Effect {
        self.effect
    }

    /// Returns the principal, which only the statements of resource policies have.
    #[must_use]
    pub const fn principal(&self) -> Option<&IamPrincipal> {
        self.principal.as_ref()
    }

    /// Returns the actions, which may contain IAM's wildcards.
    #[must_use]
    pub fn actions(&self) -> &[String] {
        &self.actions
    }

    /// Returns the ARNs of the resources, which may contain IAM's wildcards.
    #[must_use]
    pub fn resources(&self) -> &[String] {
        &self.resources
    }

    /// Returns the conditions, sorted by operator and key.
    #[must_use]
    pub fn conditions(&self) -> &[IamCondition] {
        &self.conditions
    }
}
