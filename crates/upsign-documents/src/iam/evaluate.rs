//! What IAM would say.

use std::collections::BTreeMap;

use super::condition::{Quantifier, Test};
use super::{Effect, IamCondition, IamPolicy, IamPrincipal, IamStatement};

/// One request, as IAM sees it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct IamRequest {
    /// Who asks.
    pub principal: RequestPrincipal,
    /// The action, as in `s3:PutObject`.
    pub action: String,
    /// The ARN of what it is done to.
    pub resource: String,
    /// What else is known of the request.
    pub context: IamContext,
}

/// Who asks.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum RequestPrincipal {
    /// Nobody: nothing is signed.
    Anonymous,
    /// A role of the account that owns the resource, by the role's ARN.
    Role(String),
    /// A service of AWS in its own name.
    Service(String),
}

/// Keys and values of a request's context. The names of keys do not count letter case.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct IamContext(BTreeMap<String, Vec<String>>);

/// What IAM says of a request.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum IamDecision {
    /// A statement permits it, and none forbids it. Its id.
    Allowed(String),
    /// A statement forbids it, whatever others say. Its id.
    ExplicitDeny(String),
    /// No statement permits it.
    ImplicitDeny,
}

impl IamContext {
    /// An empty context.
    #[must_use]
    pub const fn new() -> Self {
        Self(BTreeMap::new())
    }

    /// The same with a key of one value.
    #[must_use]
    pub fn with(self, key: &str, value: impl Into<String>) -> Self {
        self.with_values(key, [value])
    }

    /// The same with a key of several values.
    #[must_use]
    pub fn with_values<V: Into<String>>(mut self, key: &str, values: impl IntoIterator<Item = V>) -> Self {
        self.0.insert(key.to_ascii_lowercase(), values.into_iter().map(Into::into).collect());
        self
    }

    /// The same without a key.
    #[must_use]
    pub fn without(mut self, key: &str) -> Self {
        self.0.remove(&key.to_ascii_lowercase());
        self
    }

    /// The keys, in lower case, with their values.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &[String])> {
        self.0.iter().map(|(key, values)| (key.as_str(), values.as_slice()))
    }

    fn values(&self, key: &str) -> Option<&[String]> {
        self.0.get(&key.to_ascii_lowercase()).map(Vec::as_slice)
    }
}

impl IamDecision {
    /// Whether the request goes through.
    #[must_use]
    pub const fn is_allowed(&self) -> bool {
        matches!(self, Self::Allowed(_))
    }
}

impl IamRequest {
    /// What IAM says of it, given the policies of the principal and the one of the resource. Organisations, boundaries
    /// and sessions are beyond this: they only ever take away.
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
    pub fn evaluate(&self, own: &[&IamPolicy], of_resource: Option<&IamPolicy>) -> IamDecision {
        let own = own.iter().flat_map(|policy| policy.statements());
        let of_resource = of_resource.into_iter().flat_map(IamPolicy::statements);
        // Whoever has no identity has no policy of one.
        let own = own.filter(|_| matches!(self.principal, RequestPrincipal::Role(_)));
        let of_resource = of_resource.filter(|statement| self.is_about(statement));
        let mut allowed = None;
        for statement in own.chain(of_resource).filter(|statement| self.fits(statement)) {
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

    fn is_about(&self, statement: &IamStatement) -> bool {
        match (&statement.principal, &self.principal) {
            (Some(IamPrincipal::Everyone), _) => true,
            (Some(IamPrincipal::Service(named)), RequestPrincipal::Service(name)) => named == name,
            (Some(IamPrincipal::Aws(named)), RequestPrincipal::Role(arn)) => {
                named.iter().any(|named| named == arn || is_account_of(named, arn))
            }
            _ => false,
        }
    }

    /// A resource that names the whole account leaves the choice to the account's own policies.
    fn is_granted_by(&self, statement: &IamStatement) -> bool {
        match (&statement.principal, &self.principal) {
            (Some(IamPrincipal::Aws(named)), RequestPrincipal::Role(arn)) => named.contains(arn),
            _ => true,
        }
    }

    fn fits(&self, statement: &IamStatement) -> bool {
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

/// Source: <https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-logic-multiple-context-keys-or-values.html>.
fn holds(condition: &IamCondition, context: &IamContext) -> bool {
    let operator = condition.operator();
    let given = context.values(condition.key());
    if operator.test == Test::Null {
        return condition.values().iter().any(|value| value.eq_ignore_ascii_case("true") == given.is_none());
    }
    let Some(given) = given else {
        let for_all = operator.set == Some(Quantifier::ForAllValues);
        return operator.if_exists
            || for_all
            || (operator.set.is_none() && positive_of(operator.test).is_some());
    };
    let one = |given: &String| {
        let any = |test| condition.values().iter().any(|value| test_one(test, given, value));
        // "Not" is: none of the values.
        positive_of(operator.test).map_or_else(|| any(operator.test), |positive| !any(positive))
    };
    match operator.set {
        Some(Quantifier::ForAnyValue) => given.iter().any(one),
        Some(Quantifier::ForAllValues) => given.iter().all(one),
        None => given.first().is_some_and(one),
    }
}

/// The test that a negated one negates.
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

/// Each of the six parts of an ARN by itself.
fn arn_like(pattern: &str, arn: &str) -> bool {
    let (pattern, arn): (Vec<&str>, Vec<&str>) =
        (pattern.splitn(6, ':').collect(), arn.splitn(6, ':').collect());
    pattern.len() == arn.len() && pattern.iter().zip(arn).all(|(pattern, part)| glob(pattern, part))
}

/// `*` stands for any text, `?` for any one character.
pub(crate) fn glob(pattern: &str, text: &str) -> bool {
    let (pattern, text): (Vec<char>, Vec<char>) = (pattern.chars().collect(), text.chars().collect());
    let (mut at, mut in_text) = (0, 0);
    let mut star: Option<(usize, usize)> = None;
    while in_text < text.len() {
        match pattern.get(at) {
            Some('*') => {
                star = Some((at, in_text));
                at += 1;
            }
            Some(wanted) if *wanted == '?' || text.get(in_text) == Some(wanted) => {
                at += 1;
                in_text += 1;
            }
            _ => match star {
                Some((after, from)) => {
                    star = Some((after, from + 1));
                    at = after + 1;
                    in_text = from + 1;
                }
                None => return false,
            },
        }
    }
    pattern.iter().skip(at).all(|rest| *rest == '*')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn globs() {
        for (pattern, text, yes) in [
            ("", "", true),
            ("*", "", true),
            ("a*b*c", "aXbYc", true),
            ("a*b*c", "acb", false),
            ("a?c", "abc", true),
            ("a?c", "ac", false),
            ("raw/*.*", "raw/1.jpg", true),
            ("raw/*.*", "raw/1", false),
            ("**", "x", true),
        ] {
            assert_eq!(glob(pattern, text), yes, "{pattern} {text}");
        }
    }
}
