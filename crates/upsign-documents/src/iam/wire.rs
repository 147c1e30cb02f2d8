//! The JSON form.

use std::collections::BTreeMap;

use serde::Serialize;

use super::{IamPolicy, IamStatement};

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
struct Policy<'a> {
    version: &'static str,
    statement: Vec<Statement<'a>>,
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
struct Statement<'a> {
    sid: &'a str,
    effect: &'static str,
    action: OneOrMany<'a>,
    resource: OneOrMany<'a>,
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    condition: BTreeMap<&'a str, BTreeMap<&'a str, &'a str>>,
}

#[derive(Serialize)]
#[serde(untagged)]
enum OneOrMany<'a> {
    One(&'a str),
    Many(Vec<&'a str>),
}

impl IamPolicy {
    /// The policy document, indented, with a line break at the end.
    #[must_use]
    pub fn to_json(&self) -> String {
        let statement = self.statements.iter().map(Statement::from).collect();
        // Strings alone cannot fail to serialise.
        let policy = Policy { version: "2012-10-17", statement };
        let mut json = serde_json::to_string_pretty(&policy).unwrap_or_default();
        json.push('\n');
        json
    }
}

impl<'a> From<&'a IamStatement> for Statement<'a> {
    fn from(statement: &'a IamStatement) -> Self {
        let mut condition: BTreeMap<_, BTreeMap<_, _>> = BTreeMap::new();
        for (operator, key, value) in statement.conditions() {
            condition.entry(operator).or_default().insert(key, value);
        }
        Self {
            sid: statement.sid,
            effect: "Allow",
            action: statement.actions.iter().copied().collect(),
            resource: statement.resources.iter().map(String::as_str).collect(),
            condition,
        }
    }
}

impl<'a> FromIterator<&'a str> for OneOrMany<'a> {
    fn from_iter<I: IntoIterator<Item = &'a str>>(texts: I) -> Self {
        let texts: Vec<&str> = texts.into_iter().collect();
        match texts.as_slice() {
            [one] => Self::One(one),
            _ => Self::Many(texts),
        }
    }
}
