//! Evaluates policies as IAM does.

use std::collections::BTreeMap;

use super::condition::{Quantifier, Test};
use super::glob::glob;
use super::{Effect, IamCondition, IamPolicy, IamPrincipal, IamStatement};

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

/// The request context: condition keys and their values. The case of keys is ignored.
///
/// ```
/// use upsign_documents::IamContext;
/// let context = IamContext::new().with("s3:if-none-match", "*").with_values("aws:TagKeys", ["team", "app"]);
/// assert_eq!(context.iter().count(), 2);
/// ```
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct IamContext(BTreeMap<String, Vec<String>>);

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
}

impl IamContext {
    /// Returns an empty context.
    #[must_use]
    pub const fn new() -> Self {
        Self(BTreeMap::new())
    }

    /// Sets a key to one value.
    #[must_use]
    pub fn with(self, key: &str, value: impl Into<String>) -> Self {
        self.with_values(key, [value])
    }

    /// Sets a multivalued key.
    #[must_use]
    pub fn with_values<V: Into<String>>(mut self, key: &str, values: impl IntoIterator<Item = V>) -> Self {
        self.0.insert(key.to_ascii_lowercase(), values.into_iter().map(Into::into).collect());
        self
    }

    /// Removes a key.
    #[must_use]
    pub fn without(mut self, key: &str) -> Self {
        self.0.remove(&key.to_ascii_lowercase());
        self
    }

    /// Returns the keys in lower case with their values, sorted by key.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &[String])> {
        self.into_iter()
    }

    fn values(&self, key: &str) -> Option<&[String]> {
        self.0.get(&key.to_ascii_lowercase()).map(Vec::as_slice)
    }
}

impl<'a> IntoIterator for &'a IamContext {
    type Item = (&'a str, &'a [String]);
    type IntoIter = std::iter::Map<
        std::collections::btree_map::Iter<'a, String, Vec<String>>,
        fn((&'a String, &'a Vec<String>)) -> (&'a str, &'a [String]),
    >;

    fn into_iter(self) -> Self::IntoIter {
        self.0.iter().map(|(key, values)| (key.as_str(), values.as_slice()))
    }
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
        let mut allowed = None;
        for statement in own.chain(of_resource).filter(|statement| self.matches(statement)) {
            match statement.effect {
                Effect::Deny => return IamDecision::ExplicitDeny(statement.sid.clone()),
                Effect::Allow if self.is_granted_by(statement) => {
                    allowed.get_or_insert_with(|| statement.sid.clone());
                }
                Effect::Allow => {}
            }
        }
        allowed.map_or(IamDecision::ImplicitDeny, IamDecision::Allowed)
    }

    /// Returns whether the statement of a resource policy applies to the principal of this request.
    fn is_from_principal_of(&self, statement: &IamStatement) -> bool {
        match (&statement.principal, &self.principal) {
            (Some(IamPrincipal::Everyone), _) => true,
            (Some(IamPrincipal::Service(named)), RequestPrincipal::Service(name)) => named == name,
            (Some(IamPrincipal::Aws(named)), RequestPrincipal::Role(arn)) => {
                named.iter().any(|named| named == arn || is_account_of(named, arn))
            }
            _ => false,
        }
    }

    /// Returns whether an `Allow` statement is sufficient. A resource policy that names a whole account only delegates to the
    /// identity policies of that account, so it does not permit a role by itself.
    fn is_granted_by(&self, statement: &IamStatement) -> bool {
        match (&statement.principal, &self.principal) {
            (Some(IamPrincipal::Aws(named)), RequestPrincipal::Role(arn)) => named.contains(arn),
            _ => true,
        }
    }

    /// Returns whether action, resource and conditions of a statement match this request.
    fn matches(&self, statement: &IamStatement) -> bool {
        let action = self.action.to_ascii_lowercase();
        statement.actions.iter().any(|pattern| glob(&pattern.to_ascii_lowercase(), &action))
            && statement.resources.iter().any(|pattern| glob(pattern, &self.resource))
            && statement.conditions.iter().all(|condition| holds(condition, &self.context))
    }
}

fn is_account_of(named: &str, role: &str) -> bool {
    let account = role.split(':').nth(4).unwrap_or_default();
    named == account || (named.ends_with(":root") && named.split(':').nth(4) == Some(account))
}

/// Returns whether a condition holds in a request context.
///
/// Source: <https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-logic-multiple-context-keys-or-values.html>.
pub(crate) fn holds(condition: &IamCondition, context: &IamContext) -> bool {
    let operator = condition.operator();
    let given = context.values(condition.key());
    if operator.test == Test::Null {
        return condition.values().iter().any(|value| value.eq_ignore_ascii_case("true") == given.is_none());
    }
    // For an absent key, `ForAllValues` and negated tests without a quantifier succeed; every other test fails unless it has
    // the suffix `IfExists`.
    let Some(given) = given else {
        let for_all = operator.set == Some(Quantifier::ForAllValues);
        return operator.if_exists
            || for_all
            || (operator.set.is_none() && positive_of(operator.test).is_some());
    };
    let satisfies = |given: &String| {
        let any = |test| condition.values().iter().any(|value| test_one(test, given, value));
        // A negated test succeeds if none of the values matches.
        positive_of(operator.test).map_or_else(|| any(operator.test), |positive| !any(positive))
    };
    match operator.set {
        Some(Quantifier::ForAnyValue) => given.iter().any(satisfies),
        Some(Quantifier::ForAllValues) => given.iter().all(satisfies),
        None => given.first().is_some_and(satisfies),
    }
}

/// Returns the test that `test` negates, or `None` if it is not negated.
const fn positive_of(test: Test) -> Option<Test> {
    match test {
        Test::StringNotEquals => Some(Test::StringEquals),
        Test::StringNotEqualsIgnoreCase => Some(Test::StringEqualsIgnoreCase),
        Test::StringNotLike => Some(Test::StringLike),
        Test::NumericNotEquals => Some(Test::NumericEquals),
        Test::ArnNotEquals | Test::ArnNotLike => Some(Test::ArnLike),
        _ => None,
    }
}

fn test_one(test: Test, given: &str, wanted: &str) -> bool {
    let numbers = |compare: fn(&f64, &f64) -> bool| match (given.parse::<f64>(), wanted.parse::<f64>()) {
        (Ok(given), Ok(wanted)) => compare(&given, &wanted),
        _ => false,
    };
    match test {
        Test::StringEquals => given == wanted,
        Test::StringEqualsIgnoreCase | Test::Bool => given.eq_ignore_ascii_case(wanted),
        Test::StringLike => glob(wanted, given),
        Test::NumericEquals => numbers(|given, wanted| given.total_cmp(wanted).is_eq()),
        Test::NumericLessThan => numbers(f64::lt),
        Test::NumericLessThanEquals => numbers(f64::le),
        Test::NumericGreaterThan => numbers(f64::gt),
        Test::NumericGreaterThanEquals => numbers(f64::ge),
        Test::ArnEquals | Test::ArnLike => arn_like(wanted, given),
        Test::StringNotEquals
        | Test::StringNotEqualsIgnoreCase
        | Test::StringNotLike
        | Test::NumericNotEquals
        | Test::ArnNotEquals
        | Test::ArnNotLike
        | Test::Null => false,
    }
}

/// Compares the six parts of an ARN separately, so that a wildcard cannot span a colon before the resource part.
fn arn_like(pattern: &str, arn: &str) -> bool {
    let (pattern, arn): (Vec<&str>, Vec<&str>) =
        (pattern.splitn(6, ':').collect(), arn.splitn(6, ':').collect());
    pattern.len() == arn.len() && pattern.iter().zip(arn).all(|(pattern, part)| glob(pattern, part))
}
