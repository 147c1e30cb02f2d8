//! IAM policies: derivation, evaluation and file formats.
//!
//! Identity policies (of a role) and resource policies (of a bucket, a queue or a key) share these types.

mod condition;
mod confirmation;
mod context;
mod derive;
mod evaluate;
mod holds;
mod json;
mod kms;
mod not_understood;
mod operator;
mod pattern;
mod principal;
mod read;
mod server;
mod space;
mod terraform;
mod token_secrets;
mod value;
mod warning;
mod workers;

use serde_json::Value;

pub use condition::IamCondition;
pub use context::IamContext;
pub use evaluate::{IamDecision, IamRequest, RequestPrincipal};
pub(crate) use holds::holds;
pub use json::InvalidIamPolicy;
pub use not_understood::NotUnderstood;
pub use operator::{IamOperator, InvalidIamOperator};
pub(crate) use pattern::overlap;
pub use principal::IamPrincipal;
pub(crate) use space::{Part, Space, is_tls};
pub use warning::{DeploymentWarning, WideRole};

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
    not_understood: Vec<NotUnderstood>,
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
    principals: Vec<IamPrincipal>,
    not_principals: Vec<IamPrincipal>,
    actions: Vec<String>,
    not_actions: Vec<String>,
    resources: Vec<String>,
    not_resources: Vec<String>,
    conditions: Vec<IamCondition>,
    not_understood: Vec<NotUnderstood>,
    /// The statement as it was read, if a part of it was not understood.
    original: Option<Value>,
}

/// The effect of a statement that applies to a request. One `Deny` outweighs every `Allow`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Effect {
    /// The statement permits the request.
    Allow,
    /// The statement forbids the request.
    Deny,
}

impl IamPolicy {
    /// Builds a policy of these statements.
    #[must_use]
    pub fn new(statements: impl IntoIterator<Item = IamStatement>) -> Self {
        Self::with_parts(statements.into_iter().collect(), Vec::new())
    }

    /// Builds a policy of these statements, with parts of the document itself that are not understood.
    fn with_parts(statements: Vec<IamStatement>, mut not_understood: Vec<NotUnderstood>) -> Self {
        for (index, statement) in statements.iter().enumerate() {
            not_understood.extend(statement.not_understood.iter().map(|part| part.at(index, &statement.sid)));
        }
        Self { statements, not_understood }
    }

    /// Returns the parts of the policy that were read but not understood. Only a policy without such parts can be compared in
    /// full.
    #[must_use]
    pub fn not_understood(&self) -> &[NotUnderstood] {
        &self.not_understood
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
            principals: Vec::new(),
            not_principals: Vec::new(),
            actions: actions.into_iter().map(Into::into).collect(),
            not_actions: Vec::new(),
            resources: resources.into_iter().map(Into::into).collect(),
            not_resources: Vec::new(),
            conditions: Vec::new(),
            not_understood: Vec::new(),
            original: None,
        }
    }

    /// Adds a principal. The statements of a resource policy need at least one.
    #[must_use]
    pub fn with_principal(mut self, principal: IamPrincipal) -> Self {
        self.principals.push(principal);
        self
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

    /// Returns the principals. Only the statements of resource policies name any. Empty if the statement has `NotPrincipal`.
    #[must_use]
    pub fn principals(&self) -> &[IamPrincipal] {
        &self.principals
    }

    /// Returns the principals of `NotPrincipal`, to which the statement does not apply.
    #[must_use]
    pub fn not_principals(&self) -> &[IamPrincipal] {
        &self.not_principals
    }

    /// Returns whether the statement belongs to a resource policy: whether it names principals, or excludes some.
    #[must_use]
    pub fn has_principal(&self) -> bool {
        !self.principals.is_empty() || !self.not_principals.is_empty() || self.is_unclear("Principal")
    }

    /// Returns the actions, which may contain IAM's wildcards. Empty if the statement has `NotAction`.
    #[must_use]
    pub fn actions(&self) -> &[String] {
        &self.actions
    }

    /// Returns the actions of `NotAction`, to which the statement does not apply.
    #[must_use]
    pub fn not_actions(&self) -> &[String] {
        &self.not_actions
    }

    /// Returns the ARNs of the resources, which may contain IAM's wildcards. Empty if the statement has `NotResource`.
    #[must_use]
    pub fn resources(&self) -> &[String] {
        &self.resources
    }

    /// Returns the ARNs of `NotResource`, to which the statement does not apply.
    #[must_use]
    pub fn not_resources(&self) -> &[String] {
        &self.not_resources
    }

    /// Returns whether every part of the statement is understood.
    pub(crate) fn is_understood(&self) -> bool {
        self.not_understood.is_empty()
    }

    /// Returns whether the element `name` or its negation was not understood.
    fn is_unclear(&self, name: &str) -> bool {
        let negation = format!("Not{name}");
        let is_in =
            |part: &NotUnderstood| part.is_in(name) || part.is_in(&negation) || part.is_in("Statement");
        self.not_understood.iter().any(is_in)
    }

    /// Returns the conditions, sorted by operator and key.
    #[must_use]
    pub fn conditions(&self) -> &[IamCondition] {
        &self.conditions
    }
}
