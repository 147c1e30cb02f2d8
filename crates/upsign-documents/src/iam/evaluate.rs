//! Evaluates policies as IAM does.

use super::pattern::Pattern;
use super::principal::account_of;
use super::{Effect, IamContext, IamPolicy, IamPrincipal, IamStatement, holds};

/// A request as IAM evaluates it.
///
/// [`IamRequest::evaluate`] has an example.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct IamRequest {
    /// The principal that sends the request.
    pub principal: RequestPrincipal,
    /// The action, as in `s3:PutObject`.
    pub action: String,
    /// The ARN of the resource, as in `arn:aws:s3:::bucket/key`.
    pub resource: String,
    /// The values of the condition keys of the request.
    pub context: IamContext,
}

/// The principal that sends a request.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum RequestPrincipal {
    /// The request is anonymous: it is not signed.
    Anonymous,
    /// A role in the account that owns the resource. Holds the ARN of the role.
    Role(String),
    /// An AWS service that acts on its own behalf, as in `cloudfront.amazonaws.com`.
    Service(String),
}

/// The decision of IAM about a request.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum IamDecision {
    /// A statement permits the request and none denies it. Holds the id of the statement.
    Allowed(String),
    /// A statement denies the request, which outweighs every permission. Holds the id of the statement.
    ExplicitDeny(String),
    /// No statement permits the request.
    ImplicitDeny,
    /// The decision depends on a statement with a part that is [not understood](IamPolicy::not_understood). Holds the id of the
    /// statement.
    Undecided(String),
}

impl IamDecision {
    /// Returns whether the request is allowed.
    #[must_use]
    pub const fn is_allowed(&self) -> bool {
        matches!(self, Self::Allowed(_))
    }
}

impl IamRequest {
    /// Evaluates the request under the identity policies of its principal and the policy of the resource.
    ///
    /// Service control policies, permissions boundaries and session policies are not modeled. They can only turn an allowed
    /// request into a denied one.
    ///
    /// Source: <https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_evaluation-logic.html>.
    ///
    /// ```
    /// use upsign_documents::{IamContext, IamPolicy, IamRequest, IamDecision, RequestPrincipal};
    /// let policy = IamPolicy::from_json(
    ///     r#"{"Version": "2012-10-17", "Statement": [{"Sid": "Put", "Effect": "Allow",
    ///         "Action": "s3:PutObject", "Resource": "arn:aws:s3:::bucket/raw/*"}]}"#,
    /// )?;
    /// let request = IamRequest {
    ///     principal: RequestPrincipal::Role("arn:aws:iam::123456789012:role/signer".into()),
    ///     action: "s3:PutObject".into(),
    ///     resource: "arn:aws:s3:::bucket/raw/1.jpg".into(),
    ///     context: IamContext::new(),
    /// };
    /// assert_eq!(request.evaluate(&[&policy], None), IamDecision::Allowed("Put".into()));
    /// # Ok::<(), upsign_documents::InvalidIamPolicy>(())
    /// ```
    #[must_use]
    pub fn evaluate(
        &self,
        identity_policies: &[&IamPolicy],
        resource_policy: Option<&IamPolicy>,
    ) -> IamDecision {
        let own = identity_policies.iter().flat_map(|policy| policy.statements());
        // Anonymous requests and services have no identity policies.
        let own = own.filter(|_| matches!(self.principal, RequestPrincipal::Role(_)));
        let of_resource = resource_policy.into_iter().flat_map(IamPolicy::statements);
        let of_resource = of_resource.filter(|statement| self.is_from_principal_of(statement));
        let (mut allowed, mut may_be_allowed, mut may_be_denied) = (None, None, None);
        for statement in own.chain(of_resource).filter(|statement| self.matches(statement)) {
            let sid = || statement.sid.clone();
            match statement.effect {
                Effect::Deny if statement.is_understood() => return IamDecision::ExplicitDeny(sid()),
                Effect::Deny => may_be_denied = may_be_denied.or_else(|| Some(sid())),
                Effect::Allow if !self.is_granted_by(statement) => {}
                Effect::Allow if statement.is_understood() => allowed = allowed.or_else(|| Some(sid())),
                Effect::Allow => may_be_allowed = may_be_allowed.or_else(|| Some(sid())),
            }
        }
        match (allowed, may_be_allowed, may_be_denied) {
            (Some(_), _, Some(sid)) | (None, Some(sid), _) => IamDecision::Undecided(sid),
            (Some(sid), _, None) => IamDecision::Allowed(sid),
            (None, None, _) => IamDecision::ImplicitDeny,
        }
    }

    /// Returns whether the statement of a resource policy applies to the principal of this request.
    ///
    /// `NotPrincipal` exempts a principal that it names, and every principal of an account that it names.
    fn is_from_principal_of(&self, statement: &IamStatement) -> bool {
        let is_named = |named: &[IamPrincipal]| named.iter().any(|named| self.is_from(named));
        statement.is_unclear("Principal")
            || is_named(&statement.principals)
            || !statement.not_principals.is_empty() && !is_named(&statement.not_principals)
    }

    fn is_from(&self, named: &IamPrincipal) -> bool {
        match (named, &self.principal) {
            (IamPrincipal::Everyone, _) => true,
            (IamPrincipal::Service(named), RequestPrincipal::Service(name)) => named == name,
            (IamPrincipal::Aws(name), RequestPrincipal::Role(arn)) => {
                name == arn || named.whole_account().is_some_and(|account| account_of(arn) == Some(account))
            }
            _ => false,
        }
    }

    /// Returns whether an `Allow` statement is sufficient. A resource policy that names a whole account only delegates to the
    /// identity policies of that account, so it does not permit a role by itself.
    fn is_granted_by(&self, statement: &IamStatement) -> bool {
        let is_direct = |named: &IamPrincipal| named.whole_account().is_none() && self.is_from(named);
        statement.principals.is_empty() || statement.principals.iter().any(is_direct)
    }

    /// Returns whether action, resource and conditions of a statement match this request. Parts that are not understood count as
    /// matching.
    fn matches(&self, statement: &IamStatement) -> bool {
        let action = self.action.to_ascii_lowercase();
        // Most statements name whole actions, which are compared without reading them as patterns.
        let is_action = |pattern: &String| match pattern.contains(['*', '?', '$']) {
            true => Pattern::wild(pattern).to_lowercase().matches(&action),
            false => pattern.eq_ignore_ascii_case(&action),
        };
        let is_resource = |pattern: &String| {
            let pattern = Pattern::wild(pattern).resolve(&self.context);
            pattern.is_some_and(|pattern| pattern.matches(&self.resource))
        };
        let names_action = || {
            statement.actions.iter().any(is_action)
                || !statement.not_actions.is_empty() && !statement.not_actions.iter().any(is_action)
        };
        // The statements of a trust policy have no resource: they apply to the role that the policy belongs to.
        let is_trust = statement.resources.is_empty() && statement.not_resources.is_empty();
        let names_resource = || {
            statement.resources.iter().any(is_resource)
                || !statement.not_resources.is_empty() && !statement.not_resources.iter().any(is_resource)
        };
        (statement.is_unclear("Action") || names_action())
            && (statement.is_unclear("Resource") || is_trust || names_resource())
            && statement.conditions.iter().all(|condition| holds(condition, &self.context))
    }
}
