//! Policies of IAM's language: what a role may do, what a bucket or a queue refuses.

mod condition;
mod derive;
mod evaluate;
mod json;
mod resource;

pub use condition::{IamCondition, IamOperator, InvalidIamOperator};
pub use evaluate::{IamContext, IamDecision, IamRequest, RequestPrincipal};
pub use json::InvalidIamPolicy;

/// A policy: of a role (no statement names a principal) or of a resource (each does).
///
/// ```
/// use upsign_documents::IamPolicy;
/// # use upsign_core::Target;
/// # use upsign_policy::*;
/// # let policy = UploadPolicy::builder(
/// #     Target::aws("article-images-bucket".parse()?, "ap-southeast-1".parse()?),
/// #     KeyTemplate::parse("articles/{id}.{ext}", &[])?,
/// #     Bodyless::Refuse,
/// # ).content(ContentRules::new(["image/jpeg"])?).size(SizeLimit::up_to(1 << 20)?).build()?;
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

/// One statement.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct IamStatement {
    sid: String,
    effect: Effect,
    principal: Option<IamPrincipal>,
    actions: Vec<String>,
    resources: Vec<String>,
    conditions: Vec<IamCondition>,
}

/// What a statement that applies does. A denial outweighs every permission.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Effect {
    /// Permits.
    Allow,
    /// Forbids.
    Deny,
}

/// Whom a statement of a resource's policy is about.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum IamPrincipal {
    /// `*`: everybody, also who signs nothing.
    Everyone,
    /// A service of AWS, as in `cloudfront.amazonaws.com`.
    Service(String),
    /// Accounts, roles and users, by ARN or by the account's number.
    Aws(Vec<String>),
}

impl IamPolicy {
    /// A policy of these statements.
    #[must_use]
    pub fn new(statements: impl IntoIterator<Item = IamStatement>) -> Self {
        Self { statements: statements.into_iter().collect() }
    }

    /// The statements.
    #[must_use]
    pub fn statements(&self) -> &[IamStatement] {
        &self.statements
    }

    /// Whether there is no statement. Neither IAM nor S3 takes such a policy.
    #[must_use]
    pub const fn is_empty(&self) -> bool {
        self.statements.is_empty()
    }
}

impl IamStatement {
    /// A statement without conditions and without a principal.
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

    /// The same about a principal.
    #[must_use]
    pub fn with_principal(self, principal: IamPrincipal) -> Self {
        Self { principal: Some(principal), ..self }
    }

    /// The same under one more condition. Conditions stand in the order of their operators and keys.
    #[must_use]
    pub fn with_condition(mut self, condition: IamCondition) -> Self {
        self.conditions.push(condition);
        self.conditions.sort_by_key(|it| (it.operator().to_string(), it.key().to_owned()));
        self
    }

    /// The same under one more condition of one value.
    pub(crate) fn when(self, operator: IamOperator, key: &str, value: impl Into<String>) -> Self {
        self.with_condition(IamCondition::new(operator, key, [value]))
    }

    /// The statement's id. Empty when it has none.
    #[must_use]
    pub fn sid(&self) -> &str {
        &self.sid
    }

    /// Whether it permits or forbids.
    #[must_use]
    pub const fn effect(&self) -> Effect {
        self.effect
    }

    /// Whom it is about; absent in a role's policy.
    #[must_use]
    pub const fn principal(&self) -> Option<&IamPrincipal> {
        self.principal.as_ref()
    }

    /// The actions, with IAM's wildcards.
    #[must_use]
    pub fn actions(&self) -> &[String] {
        &self.actions
    }

    /// The ARNs of what they are done to, with IAM's wildcards.
    #[must_use]
    pub fn resources(&self) -> &[String] {
        &self.resources
    }

    /// The conditions, all of which must hold.
    #[must_use]
    pub fn conditions(&self) -> &[IamCondition] {
        &self.conditions
    }
}
