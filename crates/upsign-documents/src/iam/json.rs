//! Policies in JSON.

use serde_json::{Map, Value};

use super::{Effect, IamCondition, IamPolicy, IamPrincipal, IamStatement, InvalidIamOperator};
use crate::node::{Node, list, map, text};

/// The reason why an [`IamPolicy`] was not read.
///
/// A policy that uses an unsupported part of the language is an error. Ignoring that part would change the meaning of the
/// policy.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum InvalidIamPolicy {
    /// The text is not JSON.
    #[error("not JSON")]
    Json(#[source] serde_json::Error),
    /// The JSON is not a policy document. Holds what is missing.
    #[error("not an IAM policy: {0}")]
    Shape(&'static str),
    /// A statement has an element that is not supported, such as `NotAction`, `NotResource` or `NotPrincipal`, or that does
    /// not exist.
    #[error("statement {index} has the element `{element}`, which is not supported")]
    Element {
        /// The index of the statement, from 0.
        index: usize,
        /// The name of the element.
        element: String,
    },
    /// A statement has a policy variable, such as `${aws:username}`. Holds the index of the statement, from 0.
    #[error("statement {0} has a policy variable, which is not supported")]
    Variable(usize),
    /// A statement lacks a required element, or the element has an invalid value.
    #[error("the element `{element}` of statement {index} is missing or invalid")]
    Statement {
        /// The index of the statement, from 0.
        index: usize,
        /// The name of the element.
        element: &'static str,
    },
    /// A condition has an operator that is not supported.
    #[error("statement {index} has an unsupported condition")]
    Operator {
        /// The index of the statement, from 0.
        index: usize,
        /// The operator.
        source: InvalidIamOperator,
    },
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

    /// Reads a policy document of version `2012-10-17`.
    ///
    /// # Errors
    /// Fails if the text is not JSON or not a policy, or if a statement uses something that [`IamRequest`](super::IamRequest)
    /// cannot evaluate, such as `NotAction`, a policy variable or a condition on a date.
    pub fn from_json(json: &str) -> Result<Self, InvalidIamPolicy> {
        Self::from_value(&serde_json::from_str(json).map_err(InvalidIamPolicy::Json)?)
    }

    pub(crate) fn from_value(value: &Value) -> Result<Self, InvalidIamPolicy> {
        let policy = value.as_object().ok_or(InvalidIamPolicy::Shape("the document is not an object"))?;
        if policy.get("Version").and_then(Value::as_str) != Some("2012-10-17") {
            return Err(InvalidIamPolicy::Shape("`Version` is not 2012-10-17"));
        }
        let statements = match policy.get("Statement") {
            Some(Value::Array(list)) => list.iter().collect(),
            Some(one @ Value::Object(_)) => vec![one],
            _ => return Err(InvalidIamPolicy::Shape("`Statement` is missing")),
        };
        let read = |(index, value): (usize, &Value)| StatementReader { index }.statement(value);
        Ok(Self { statements: statements.into_iter().enumerate().map(read).collect::<Result<_, _>>()? })
    }
}

fn one_or_many(texts: &[String]) -> Node {
    match texts {
        [one] => text(one),
        many => list(many.iter().map(String::as_str)),
    }
}

impl IamStatement {
    fn to_node(&self) -> Node {
        let mut members: Vec<(&str, Node)> = Vec::new();
        if !self.sid.is_empty() {
            members.push(("Sid", text(&self.sid)));
        }
        members.push(("Effect", text(if self.effect == Effect::Allow { "Allow" } else { "Deny" })));
        match &self.principal {
            Some(IamPrincipal::Everyone) => members.push(("Principal", text("*"))),
            Some(IamPrincipal::Service(name)) => {
                members.push(("Principal", map([("Service", text(name))])));
            }
            Some(IamPrincipal::Aws(names)) => {
                members.push(("Principal", map([("AWS", one_or_many(names))])));
            }
            None => {}
        }
        members.push(("Action", one_or_many(&self.actions)));
        // The statements of a trust policy have no resource: it is the role that the policy belongs to.
        if !self.resources.is_empty() {
            members.push(("Resource", one_or_many(&self.resources)));
        }
        if !self.conditions.is_empty() {
            members.push(("Condition", conditions(&self.conditions)));
        }
        map(members)
    }
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

/// Reads the statement at position `index`; errors name that position.
struct StatementReader {
    index: usize,
}

impl StatementReader {
    fn invalid(&self, element: &'static str) -> InvalidIamPolicy {
        InvalidIamPolicy::Statement { index: self.index, element }
    }

    fn statement(&self, value: &Value) -> Result<IamStatement, InvalidIamPolicy> {
        let members = value.as_object().ok_or(self.invalid("Effect"))?;
        let known = ["Sid", "Effect", "Principal", "Action", "Resource", "Condition"];
        if let Some(element) = members.keys().find(|name| !known.contains(&name.as_str())) {
            return Err(InvalidIamPolicy::Element { index: self.index, element: element.clone() });
        }
        if value.to_string().contains("${") {
            return Err(InvalidIamPolicy::Variable(self.index));
        }
        let effect = match members.get("Effect").and_then(Value::as_str) {
            Some("Allow") => Effect::Allow,
            Some("Deny") => Effect::Deny,
            _ => return Err(self.invalid("Effect")),
        };
        let statement = IamStatement {
            sid: members.get("Sid").and_then(Value::as_str).unwrap_or_default().to_owned(),
            effect,
            principal: members.get("Principal").map(|value| self.principal(value)).transpose()?,
            actions: self.texts(members.get("Action"), "Action")?,
            resources: self.texts(members.get("Resource"), "Resource")?,
            conditions: Vec::new(),
        };
        let conditions = self.conditions(members.get("Condition"))?;
        Ok(conditions.into_iter().fold(statement, IamStatement::with_condition))
    }

    fn principal(&self, value: &Value) -> Result<IamPrincipal, InvalidIamPolicy> {
        if value == "*" {
            return Ok(IamPrincipal::Everyone);
        }
        let members: Vec<(&String, &Value)> = value.as_object().into_iter().flatten().collect();
        match members.as_slice() {
            [(name, Value::String(service))] if *name == "Service" => {
                Ok(IamPrincipal::Service(service.clone()))
            }
            [(name, Value::String(all))] if *name == "AWS" && all == "*" => Ok(IamPrincipal::Everyone),
            [(name, value)] if *name == "AWS" => Ok(IamPrincipal::Aws(self.texts(Some(value), "Principal")?)),
            _ => Err(self.invalid("Principal")),
        }
    }

    fn texts(&self, value: Option<&Value>, element: &'static str) -> Result<Vec<String>, InvalidIamPolicy> {
        let texts = match value {
            Some(Value::Array(list)) => list.iter().map(plain).collect(),
            Some(one) => plain(one).map(|one| vec![one]),
            None => None,
        };
        texts.filter(|texts: &Vec<String>| !texts.is_empty()).ok_or(self.invalid(element))
    }

    fn conditions(&self, value: Option<&Value>) -> Result<Vec<IamCondition>, InvalidIamPolicy> {
        let none = Map::new();
        let operators = match value {
            None => &none,
            Some(value) => value.as_object().ok_or(self.invalid("Condition"))?,
        };
        let mut out = Vec::new();
        for (operator, keys) in operators {
            let operator = operator.parse();
            let operator =
                operator.map_err(|source| InvalidIamPolicy::Operator { index: self.index, source })?;
            for (key, values) in keys.as_object().ok_or(self.invalid("Condition"))? {
                out.push(IamCondition::new(operator, key, self.texts(Some(values), "Condition")?));
            }
        }
        Ok(out)
    }
}

/// Returns the text of a scalar. IAM accepts numbers and booleans without quotes.
fn plain(value: &Value) -> Option<String> {
    match value {
        Value::String(text) => Some(text.clone()),
        Value::Bool(yes) => Some(yes.to_string()),
        Value::Number(number) => Some(number.to_string()),
        _ => None,
    }
}
