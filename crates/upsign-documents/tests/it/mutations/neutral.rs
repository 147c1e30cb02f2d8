//! Changes documents without changing what they do: other names, another order, another spelling.

use serde_json::{Map, Value, json};

use super::mutants::names;

/// Returns variants of a document, each with the name of the change.
pub(super) fn variants(document: &Value) -> Vec<(&'static str, Value)> {
    let mut out = vec![
        ("other names", renamed(document)),
        ("another order of lists", reversed(document, "")),
        ("texts in place of numbers and booleans", quoted(document, "")),
        ("lists in place of single values", listed(document, "")),
    ];
    if document.get("Resources").is_some() {
        out.push((
            "Fn::Sub in place of Ref",
            spelled(document, &|members| {
                let target = members.get("Ref")?.as_str()?;
                Some(json!({"Fn::Sub": format!("${{{target}}}")}))
            }),
        ));
        out.push((
            "short Fn::GetAtt",
            spelled(document, &|members| {
                let parts = members.get("Fn::GetAtt")?.as_array()?;
                Some(json!({"Fn::GetAtt": format!("{}.{}", parts[0].as_str()?, parts[1].as_str()?)}))
            }),
        ));
        out.push(("Fn::Join in place of Fn::Sub", spelled(document, &joined)));
        out.push((
            "policies as texts",
            spelled(document, &|members| {
                let is_plain = !Value::Object(members.clone()).to_string().contains("Fn::");
                let is_policy = members.contains_key("Statement") && is_plain;
                is_policy.then(|| Value::String(Value::Object(members.clone()).to_string()))
            }),
        ));
    } else {
        out.push(("policies as indented texts", indented(document)));
    }
    out
}

/// Renames every resource, with all references.
fn renamed(document: &Value) -> Value {
    let mut text = document.to_string();
    for name in names(document) {
        match name.split_once('.') {
            None => {
                let other = format!("Other{name}");
                for (before, after) in [("\"", "\""), ("${", "}"), ("${", "."), ("\"", ".")] {
                    text =
                        text.replace(&format!("{before}{name}{after}"), &format!("{before}{other}{after}"));
                }
            }
            Some((kind, own)) => {
                text = text.replace(&format!("{kind}.{own}."), &format!("{kind}.other_{own}."));
                text = text.replace(&format!("{kind}.{own}}}"), &format!("{kind}.other_{own}}}"));
                text = text.replace(&format!("{kind}.{own}["), &format!("{kind}.other_{own}["));
            }
        }
    }
    let mut renamed: Value = serde_json::from_str(&text).unwrap();
    if let Some(Value::Object(kinds)) = renamed.get_mut("resource") {
        for named in kinds.values_mut() {
            let members = std::mem::take(named.as_object_mut().unwrap());
            *named = members.into_iter().map(|(name, body)| (format!("other_{name}"), body)).collect();
        }
    }
    renamed
}

/// Lists whose order has a meaning: arguments of functions, rules of which the first match counts, and columns of a dashboard.
const ORDERED: [&str; 9] = [
    "Fn::If",
    "Fn::Select",
    "Fn::Split",
    "Fn::Join",
    "Fn::Sub",
    "Fn::GetAtt",
    "Fn::Equals",
    "metrics",
    "CorsRules",
];

fn reversed(value: &Value, name: &str) -> Value {
    match value {
        Value::Array(list) => {
            // The second argument of `Fn::Join` is a list in a list.
            let is_ordered = ORDERED.contains(&name);
            let list = list.iter().map(|it| reversed(it, if is_ordered { name } else { "" }));
            if is_ordered { list.collect() } else { list.rev().collect() }
        }
        Value::Object(members) => {
            members.iter().map(|(name, it)| (name.clone(), reversed(it, name))).collect()
        }
        other => other.clone(),
    }
}

fn quoted(value: &Value, name: &str) -> Value {
    match value {
        // CloudFormation's version and dashboards keep their types.
        Value::Bool(_) | Value::Number(_) if name != "DashboardBody" => Value::String(value.to_string()),
        Value::Array(list) => list.iter().map(|it| quoted(it, name)).collect(),
        Value::Object(members) => members.iter().map(|(name, it)| (name.clone(), quoted(it, name))).collect(),
        other => other.clone(),
    }
}

fn listed(value: &Value, name: &str) -> Value {
    // Terraform has its policies as texts.
    if let Value::String(text) = value
        && let Ok(inner @ Value::Object(_)) = serde_json::from_str(text)
    {
        return Value::String(listed(&inner, "").to_string());
    }
    const SINGLE: [&str; 6] = ["Action", "Resource", "Statement", "Service", "AWS", "aws:SourceArn"];
    match value {
        Value::Array(list) => list.iter().map(|it| listed(it, "")).collect(),
        Value::Object(members) => {
            let members = members.iter().map(|(name, it)| (name.clone(), listed(it, name)));
            let object: Value = members.collect();
            if SINGLE.contains(&name) { json!([object]) } else { object }
        }
        Value::String(_) if SINGLE.contains(&name) => json!([value]),
        other => other.clone(),
    }
}

/// Replaces the objects for which `change` returns another value.
fn spelled(value: &Value, change: &dyn Fn(&Map<String, Value>) -> Option<Value>) -> Value {
    match value {
        Value::Array(list) => list.iter().map(|it| spelled(it, change)).collect(),
        Value::Object(members) => change(members).unwrap_or_else(|| {
            members.iter().map(|(name, it)| (name.clone(), spelled(it, change))).collect()
        }),
        other => other.clone(),
    }
}

fn joined(members: &Map<String, Value>) -> Option<Value> {
    let text = members.get("Fn::Sub")?.as_str()?;
    let mut parts = Vec::new();
    let mut rest = text;
    while let Some((before, after)) = rest.split_once("${") {
        let (name, after) = after.split_once('}')?;
        parts.push(json!(before));
        parts.push(match name.split_once('.') {
            Some((target, attribute)) => json!({"Fn::GetAtt": [target, attribute]}),
            None => json!({"Ref": name}),
        });
        rest = after;
    }
    parts.push(json!(rest));
    // A document inside a document cannot be joined piece by piece.
    (!text.starts_with('{')).then(|| json!({"Fn::Join": ["", parts]}))
}

fn indented(value: &Value) -> Value {
    match value {
        Value::Array(list) => list.iter().map(indented).collect(),
        Value::Object(members) => members.iter().map(|(name, it)| (name.clone(), indented(it))).collect(),
        Value::String(text) if text.starts_with('{') => {
            let inner: Value = serde_json::from_str(text).unwrap();
            Value::String(serde_json::to_string_pretty(&inner).unwrap())
        }
        other => other.clone(),
    }
}
