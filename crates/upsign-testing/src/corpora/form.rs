//! The fields of a presigned form and the policy in them.

use std::collections::{BTreeMap, BTreeSet};

use base64::prelude::{BASE64_STANDARD, Engine};
use serde_json::Value;

use super::reference;

/// A condition: operator, field in lower case, value.
pub(crate) type Condition = (String, String, String);

/// The fields by their names in lower case, because S3 ignores case.
pub(crate) struct Form(BTreeMap<String, String>);

impl Form {
    pub(crate) fn of(fields: &Value) -> Result<Self, String> {
        let pairs = fields.as_object().ok_or("there are no fields")?;
        let text = |value: &Value| value.as_str().map(str::to_owned).ok_or("a field is not a string");
        let lower = pairs.iter().map(|(name, value)| Ok((name.to_ascii_lowercase(), text(value)?)));
        lower.collect::<Result<_, &str>>().map(Self).map_err(str::to_owned)
    }

    fn field(&self, name: &str) -> &str {
        self.0.get(name).map(String::as_str).unwrap_or_default()
    }

    /// Returns `true` if the signature is valid for the policy.
    pub(crate) fn is_signed(&self, secret: &str) -> bool {
        let scope = self.field("x-amz-credential").split_once('/').map_or("", |(_, scope)| scope);
        reference::signature(secret, scope, self.field("policy")) == self.field("x-amz-signature")
    }

    pub(crate) fn policy(&self) -> Result<Value, String> {
        let text = BASE64_STANDARD.decode(self.field("policy")).map_err(|error| error.to_string())?;
        serde_json::from_slice(&text).map_err(|error| error.to_string())
    }

    pub(crate) fn conditions(&self) -> Result<BTreeSet<Condition>, String> {
        Self::conditions_of(&self.policy()?)
    }

    pub(crate) fn conditions_of(policy: &Value) -> Result<BTreeSet<Condition>, String> {
        let mut all = BTreeSet::new();
        for condition in policy["conditions"].as_array().ok_or("there are no conditions")? {
            match condition {
                Value::Object(pairs) => {
                    let exact =
                        |(name, value): (&String, &Value)| condition_of("eq", &format!("${name}"), value);
                    all.extend(pairs.iter().map(exact));
                }
                Value::Array(parts) if parts.len() == 3 => {
                    let words: Vec<&str> = parts.iter().filter_map(Value::as_str).collect();
                    let [operator, ..] = words.as_slice() else { return Err("no operator".into()) };
                    let name = parts.get(1).map(|name| name.as_str().map_or(name.to_string(), str::to_owned));
                    all.extend(
                        parts.get(2).map(|value| condition_of(operator, &name.unwrap_or_default(), value)),
                    );
                }
                other => return Err(format!("{other} is not a condition")),
            }
        }
        Ok(all)
    }

    pub(crate) fn covers(&self, name: &str) -> bool {
        let name = format!("${}", name.to_ascii_lowercase());
        self.conditions().is_ok_and(|all| all.iter().any(|(_, about, _)| *about == name))
    }

    /// Returns a field that no condition covers. S3 would refuse the form because of it.
    pub(crate) fn uncovered(&self) -> Result<Option<&str>, String> {
        let own = ["policy", "x-amz-signature", "file"];
        let mut others = self.0.keys().filter(|name| !own.contains(&name.as_str()));
        Ok(others.find(|name| !name.starts_with("x-ignore-") && !self.covers(name)).map(String::as_str))
    }

    /// Returns the fields other than policy and signature.
    pub(crate) fn given(&self) -> BTreeMap<&str, &str> {
        let own = ["policy", "x-amz-signature"];
        let given = self.0.iter().filter(|(name, _)| !own.contains(&name.as_str()));
        given.map(|(name, value)| (name.as_str(), value.as_str())).collect()
    }
}

fn condition_of(operator: &str, name: &str, value: &Value) -> Condition {
    let text = value.as_str().map_or_else(|| value.to_string(), str::to_owned);
    (operator.to_ascii_lowercase(), name.to_ascii_lowercase(), text)
}
