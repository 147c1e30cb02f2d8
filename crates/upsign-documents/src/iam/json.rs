//! Policies in JSON.

use serde_json::Value;

use super::{Effect, IamCondition, IamPolicy, IamPrincipal, IamStatement, read};
use crate::node::{Node, list, map, text};

/// The reason why an [`IamPolicy`] was not read: the text is no policy at all.
///
/// A policy that uses something unknown is read, and [`IamPolicy::not_understood`] lists what that is.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum InvalidIamPolicy {
    /// The text is not JSON.
    #[error("not JSON")]
    Json(#[source] serde_json::Error),
    /// The JSON is not a policy document. Holds what is missing.
    #[error("not an IAM policy: {0}")]
    Shape(&'static str),
}

impl IamPolicy {
    /// Returns the policy document in JSON, indented, with a line break at the end.
    #[must_use]
    pub fn to_json(&self) -> String {
        self.to_node().to_json()
    }

    pub(crate) fn to_node(&self) -> Node {
        let statements = self.statements.iter().map(IamStatement::to_node).collect();
        map([("Version", text("2012-10-17")), ("Statement", Node::List(statements))])
    }

    /// Reads a policy document.
    ///
    /// Parts that are not understood, such as unknown elements and operators, are kept and listed by
    /// [`not_understood`](Self::not_understood).
    ///
    /// # Errors
    /// Fails if the text is not JSON, or is an object without a `Statement`.
    pub fn from_json(json: &str) -> Result<Self, InvalidIamPolicy> {
        Self::from_value(&serde_json::from_str(json).map_err(InvalidIamPolicy::Json)?)
    }

    pub(crate) fn from_value(value: &Value) -> Result<Self, InvalidIamPolicy> {
        let policy = value.as_object().ok_or(InvalidIamPolicy::Shape("the document is not an object"))?;
        read::policy(policy).ok_or(InvalidIamPolicy::Shape("`Statement` is missing"))
    }
}

/// Returns one text as itself, and several as a list.
fn one_or_many(texts: &[String]) -> Node {
    match texts {
        [one] => text(one),
        many => list(many.iter().map(String::as_str)),
    }
}

impl IamStatement {
    fn to_node(&self) -> Node {
        if let Some(original) = &self.original {
            return Node::from_serialize(original);
        }
        let mut members: Vec<(&str, Node)> = Vec::new();
        if !self.sid.is_empty() {
            members.push(("Sid", text(&self.sid)));
        }
        members.push(("Effect", text(if self.effect == Effect::Allow { "Allow" } else { "Deny" })));
        for (name, named) in [("Principal", &self.principals), ("NotPrincipal", &self.not_principals)] {
            if !named.is_empty() {
                members.push((name, principals(named)));
            }
        }
        // The statements of a trust policy have no resource: it is the role that the policy belongs to.
        for (name, texts) in [
            ("Action", &self.actions),
            ("NotAction", &self.not_actions),
            ("Resource", &self.resources),
            ("NotResource", &self.not_resources),
        ] {
            if !texts.is_empty() {
                members.push((name, one_or_many(texts)));
            }
        }
        if !self.conditions.is_empty() {
            members.push(("Condition", conditions(&self.conditions)));
        }
        map(members)
    }
}

fn principals(principals: &[IamPrincipal]) -> Node {
    if let [IamPrincipal::Everyone] = principals {
        return text("*");
    }
    let mut kinds: Vec<(&str, Vec<String>)> = Vec::new();
    for (kind, name) in principals.iter().map(IamPrincipal::kind) {
        match kinds.iter_mut().find(|(known, _)| *known == kind) {
            Some((_, names)) => names.push(name.to_owned()),
            None => kinds.push((kind, vec![name.to_owned()])),
        }
    }
    map(kinds.into_iter().map(|(kind, names)| (kind, one_or_many(&names))))
}

fn conditions(conditions: &[IamCondition]) -> Node {
    let mut operators: Vec<(String, Vec<(String, Node)>)> = Vec::new();
    for condition in conditions {
        let name = condition.operator().to_string();
        let member = (condition.key().to_owned(), one_or_many(condition.values()));
        match operators.iter_mut().find(|(known, _)| *known == name) {
            Some((_, members)) => members.push(member),
            None => operators.push((name, vec![member])),
        }
    }
    Node::Map(operators.into_iter().map(|(name, members)| (name, Node::Map(members))).collect())
}
