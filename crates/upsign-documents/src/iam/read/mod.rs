//! Reads statements, and keeps what is not understood.

mod conditions;

use serde_json::{Map, Value};

use super::pattern::Pattern;
use super::{Effect, IamPolicy, IamPrincipal, IamStatement, NotUnderstood};

/// The version of the policy language that has policy variables. Policies of the other version, which is also the default,
/// take `${…}` as text.
///
/// Source: <https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_version.html>.
const VERSION: &str = "2012-10-17";
const OLD_VERSION: &str = "2008-10-17";

/// Reads a policy document, or returns `None` if it has no `Statement`.
pub(super) fn policy(document: &Map<String, Value>) -> Option<IamPolicy> {
    let mut not_understood = Vec::new();
    for name in document.keys().filter(|name| !["Version", "Id", "Statement"].contains(&name.as_str())) {
        not_understood
            .push(NotUnderstood::of_document(name, format!("`{name}` is not an element of a policy")));
    }
    let has_variables = match document.get("Version").map_or(Some(OLD_VERSION), Value::as_str) {
        Some(VERSION) => true,
        Some(OLD_VERSION) => false,
        other => {
            let found = other.unwrap_or("not a text");
            not_understood.push(NotUnderstood::of_document("Version", format!("`{found}` is not a version")));
            true
        }
    };
    let values: Vec<&Value> = match document.get("Statement")? {
        Value::Array(list) => list.iter().collect(),
        one => vec![one],
    };
    let statements =
        values.into_iter().map(|value| Reader { has_variables, parts: Vec::new() }.statement(value));
    Some(IamPolicy::with_parts(statements.collect(), not_understood))
}

struct Reader {
    has_variables: bool,
    /// What was not understood so far.
    parts: Vec<NotUnderstood>,
}

impl Reader {
    fn add(&mut self, member: impl Into<String>, reason: impl Into<String>) {
        self.parts.push(NotUnderstood::of_statement(member, reason));
    }

    fn statement(mut self, value: &Value) -> IamStatement {
        let none = Map::new();
        let members = value.as_object().unwrap_or(&none);
        if value.as_object().is_none() {
            self.add("Statement", "the statement is not an object");
        }
        const KNOWN: [&str; 9] = [
            "Sid",
            "Effect",
            "Principal",
            "NotPrincipal",
            "Action",
            "NotAction",
            "Resource",
            "NotResource",
            "Condition",
        ];
        for name in members.keys().filter(|name| !KNOWN.contains(&name.as_str())) {
            self.add(name, format!("`{name}` is not an element of a statement"));
        }
        let effect = match members.get("Effect").and_then(Value::as_str) {
            Some("Allow") => Effect::Allow,
            Some("Deny") => Effect::Deny,
            _ => {
                self.add("Effect", "neither `Allow` nor `Deny`");
                Effect::Deny
            }
        };
        let (principals, not_principals) = self.principals(members, effect);
        let (actions, not_actions) = self.texts(members, ["Action", "NotAction"]);
        let (resources, not_resources) = self.resources(members, &actions, !principals.is_empty());
        let conditions = self.conditions(members.get("Condition"));
        let statement = IamStatement {
            sid: members.get("Sid").and_then(Value::as_str).unwrap_or_default().to_owned(),
            effect,
            principals,
            not_principals,
            actions,
            not_actions,
            resources,
            not_resources,
            conditions: Vec::new(),
            original: (!self.parts.is_empty()).then(|| value.clone()),
            not_understood: self.parts,
        };
        conditions.into_iter().fold(statement, IamStatement::with_condition)
    }

    /// Returns the values of an element and of its negation. A statement has exactly one of them.
    fn texts(&mut self, members: &Map<String, Value>, names: [&str; 2]) -> (Vec<String>, Vec<String>) {
        let [name, negation] = names;
        match (members.get(name), members.get(negation)) {
            (Some(value), None) => (self.list(name, value), Vec::new()),
            (None, Some(value)) => (Vec::new(), self.list(negation, value)),
            (None, None) => {
                self.add(name, format!("the statement has neither `{name}` nor `{negation}`"));
                (Vec::new(), Vec::new())
            }
            (Some(_), Some(_)) => {
                self.add(name, format!("the statement has both `{name}` and `{negation}`"));
                (Vec::new(), Vec::new())
            }
        }
    }

    /// The statements of a trust policy have no resource.
    fn resources(
        &mut self,
        members: &Map<String, Value>,
        actions: &[String],
        has_principal: bool,
    ) -> (Vec<String>, Vec<String>) {
        let names = ["Resource", "NotResource"];
        let is_trust = has_principal
            && names.iter().all(|name| !members.contains_key(*name))
            && !actions.is_empty()
            && actions.iter().all(|action| action.to_ascii_lowercase().starts_with("sts:"));
        if is_trust { (Vec::new(), Vec::new()) } else { self.texts(members, names) }
    }

    /// Reads a text or a list of texts. An empty list is no valid element.
    fn list(&mut self, name: &str, value: &Value) -> Vec<String> {
        let items: Vec<&Value> = match value {
            Value::Array(list) => list.iter().collect(),
            one => vec![one],
        };
        if items.is_empty() {
            self.add(name, "the list is empty");
        }
        let mut texts = Vec::new();
        for item in items {
            match item.as_str() {
                Some(text) => {
                    let is_action = name.ends_with("Action");
                    let variable = Pattern::has_policy_variable(text);
                    if variable && (is_action || !self.has_variables) {
                        self.add(
                            name,
                            format!("`{text}` has a policy variable, which IAM does not replace here"),
                        );
                    } else if is_action && text != "*" && !text.contains(':') {
                        self.add(name, format!("`{text}` is not an action"));
                    }
                    texts.push(text.to_owned());
                }
                None => self.add(name, format!("`{item}` is not a text")),
            }
        }
        texts
    }

    fn principals(
        &mut self,
        members: &Map<String, Value>,
        effect: Effect,
    ) -> (Vec<IamPrincipal>, Vec<IamPrincipal>) {
        match (members.get("Principal"), members.get("NotPrincipal")) {
            (None, None) => (Vec::new(), Vec::new()),
            (Some(value), None) => (self.named("Principal", value), Vec::new()),
            (None, Some(value)) if effect == Effect::Deny => (Vec::new(), self.named("NotPrincipal", value)),
            (None, Some(_)) => {
                self.add("NotPrincipal", "IAM does not support `NotPrincipal` in a statement that allows");
                (Vec::new(), Vec::new())
            }
            (Some(_), Some(_)) => {
                self.add("Principal", "the statement has both `Principal` and `NotPrincipal`");
                (Vec::new(), Vec::new())
            }
        }
    }

    fn named(&mut self, element: &str, value: &Value) -> Vec<IamPrincipal> {
        if value == "*" {
            return vec![IamPrincipal::Everyone];
        }
        let Some(kinds) = value.as_object().filter(|kinds| !kinds.is_empty()) else {
            self.add(element, format!("`{value}` names no principal"));
            return Vec::new();
        };
        let mut out = Vec::new();
        for (kind, names) in kinds {
            let member = format!("{element}.{kind}");
            for name in self.list(&member, names) {
                let has_wildcard = name != "*" && name.contains(['*', '?']);
                match IamPrincipal::of_kind(kind, name.clone()) {
                    Some(principal)
                        if !has_wildcard
                            && !Pattern::has_policy_variable(&name)
                            && (kind == "AWS" || name != "*") =>
                    {
                        out.push(principal);
                    }
                    Some(_) => self.add(&member, format!("`{name}` is a pattern, not a principal")),
                    None => self.add(&member, format!("`{kind}` is not a kind of principal")),
                }
            }
        }
        out
    }
}
