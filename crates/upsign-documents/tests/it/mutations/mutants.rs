//! Makes mutants of a document: at every node, everything that could be changed by mistake or on purpose.

use serde_json::{Map, Number, Value, json};

/// What a mutation does.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Kind {
    Delete,
    Widen,
    Retarget,
    Negate,
    Add,
}

/// A changed document.
pub(super) struct Mutant {
    pub(super) kind: Kind,
    /// The path of the changed node, and what it became.
    pub(super) place: String,
    pub(super) document: Value,
}

/// Returns every mutant of a document. `encoded` texts of JSON inside are mutated too.
pub(super) fn mutants(document: &Value, names: &[String]) -> Vec<Mutant> {
    let mut out = Vec::new();
    walk(document, &mut Vec::new(), &mut |path, value| {
        for (kind, changed) in changes(path, value, names) {
            let place =
                format!("{} -> {}", path.join("/"), changed.as_ref().map_or("nothing".to_owned(), short));
            if changed.as_ref() == Some(value) {
                continue;
            }
            let mut copy = document.clone();
            if replace(&mut copy, path, changed) && copy != *document {
                out.push(Mutant { kind, place, document: copy });
            }
        }
    });
    out
}

fn short(value: &Value) -> String {
    value.to_string().chars().take(60).collect()
}

/// Visits every node. Inside of a text of JSON, the path has the step `#`.
fn walk(value: &Value, path: &mut Vec<String>, visit: &mut dyn FnMut(&[String], &Value)) {
    if !path.is_empty() {
        visit(path, value);
    }
    let mut step = |name: String, inner: &Value, path: &mut Vec<String>| {
        path.push(name);
        walk(inner, path, visit);
        path.pop();
    };
    match value {
        Value::Object(members) => members.iter().for_each(|(name, it)| step(name.clone(), it, path)),
        Value::Array(list) => {
            list.iter().enumerate().for_each(|(index, it)| step(index.to_string(), it, path));
        }
        Value::String(text) if text.starts_with('{') => {
            let inner: Value = serde_json::from_str(text).unwrap();
            if let Value::Object(members) = &inner {
                path.push("#".to_owned());
                members.iter().for_each(|(name, it)| step(name.clone(), it, path));
                path.pop();
            }
        }
        _ => {}
    }
}

/// Replaces the node at a path, or removes it. Returns whether there was one.
fn replace(value: &mut Value, path: &[String], new: Option<Value>) -> bool {
    let [first, rest @ ..] = path else { return false };
    if first == "#" {
        let Value::String(text) = value else { return false };
        let mut inner: Value = serde_json::from_str(text).unwrap();
        let is_replaced = replace(&mut inner, rest, new);
        *text = inner.to_string();
        return is_replaced;
    }
    match (value, rest.is_empty(), new) {
        (Value::Object(members), true, None) => members.remove(first).is_some(),
        (Value::Object(members), true, Some(new)) => {
            // A key that starts with `=` renames the member.
            match new.as_str().and_then(|text| text.strip_prefix("=rename ")) {
                Some(name) => {
                    let Some(own) = members.remove(first) else { return false };
                    members.insert(name.to_owned(), own).is_none()
                }
                None => members.insert(first.clone(), new).is_some(),
            }
        }
        (Value::Object(members), false, new) => {
            members.get_mut(first).is_some_and(|inner| replace(inner, rest, new))
        }
        (Value::Array(list), true, None) => {
            let index: usize = first.parse().unwrap();
            index < list.len() && {
                list.remove(index);
                true
            }
        }
        (Value::Array(list), true, Some(new)) => {
            let index: usize = first.parse().unwrap();
            list.get_mut(index).map(|it| *it = new).is_some()
        }
        (Value::Array(list), false, new) => {
            let index: usize = first.parse().unwrap();
            list.get_mut(index).is_some_and(|inner| replace(inner, rest, new))
        }
        _ => false,
    }
}

/// The operators of conditions and their opposites.
const OPPOSITES: [(&str, &str); 5] = [
    ("StringEquals", "StringNotEquals"),
    ("ArnLike", "ArnNotLike"),
    ("NumericLessThan", "NumericGreaterThanEquals"),
    ("NumericGreaterThan", "NumericLessThanEquals"),
    ("Action", "NotAction"),
];

fn opposite(name: &str) -> Option<&'static str> {
    OPPOSITES.iter().find_map(|(one, other)| match name {
        name if name == *one => Some(*other),
        name if name == *other => Some(*one),
        _ => None,
    })
}

fn is_function(members: &Map<String, Value>) -> bool {
    members.len() == 1 && members.keys().all(|name| name == "Ref" || name.starts_with("Fn::"))
}

fn is_blank(value: &Value) -> bool {
    match value {
        Value::String(text) => text.is_empty(),
        Value::Array(list) => !list.is_empty() && list.iter().all(is_blank),
        Value::Object(members) => !members.is_empty() && members.values().all(is_blank),
        _ => false,
    }
}

fn changes(path: &[String], value: &Value, names: &[String]) -> Vec<(Kind, Option<Value>)> {
    // An empty prefix is the same as none.
    let mut out = if is_blank(value) { Vec::new() } else { vec![(Kind::Delete, None)] };
    let name = path.last().map(String::as_str).unwrap_or_default();
    if let Some(other) = opposite(name) {
        out.push((Kind::Negate, Some(json!(format!("=rename {other}")))));
    }
    match value {
        Value::Object(members) if !is_function(members) => {
            let mut more = members.clone();
            more.insert("Added".to_owned(), json!({}));
            out.push((Kind::Add, Some(Value::Object(more))));
        }
        Value::Array(list) if list.iter().any(Value::is_object) => {
            let mut more = list.clone();
            more.push(json!({}));
            out.push((Kind::Add, Some(Value::Array(more))));
        }
        _ => {}
    }
    match value {
        Value::Bool(yes) => out.push((Kind::Negate, Some(json!(!yes)))),
        Value::Number(number) => {
            out.push((Kind::Widen, Some(Value::Number(Number::from(number.as_i64().unwrap() * 10 + 7)))));
        }
        Value::String(text) if !text.starts_with('{') => out.extend(text_changes(path, text, names)),
        Value::Array(list) if list.iter().any(Value::is_string) => {
            let mut more = list.clone();
            more.push(if name == "Action" { json!("s3:*") } else { json!("*") });
            out.push((Kind::Widen, Some(Value::Array(more))));
        }
        Value::Object(members) if members.contains_key("Statement") => {
            let mut more = members.clone();
            let open = json!({"Effect": "Allow", "Principal": "*", "Action": "s3:*", "Resource": "*"});
            if let Some(Value::Array(statements)) = more.get_mut("Statement") {
                statements.push(open);
            }
            out.push((Kind::Widen, Some(Value::Object(more))));
        }
        _ => {}
    }
    out
}

fn text_changes(path: &[String], text: &str, names: &[String]) -> Vec<(Kind, Option<Value>)> {
    let mut out = Vec::new();
    let negated = match text {
        "Allow" => Some("Deny"),
        "Deny" => Some("Allow"),
        "true" => Some("false"),
        "false" => Some("true"),
        "Enabled" => Some("Suspended"),
        "BucketOwnerEnforced" => Some("ObjectWriter"),
        _ => None,
    };
    out.extend(negated.map(|text| (Kind::Negate, Some(json!(text)))));
    let is_type = path.last().is_some_and(|name| name == "Type") && path.len() == 3;
    if !is_type {
        out.push((Kind::Widen, Some(json!("*"))));
    }
    if text.starts_with("s3:") {
        out.push((Kind::Widen, Some(json!("s3:*"))));
    }
    if path.iter().any(|name| name == "Auth" || name == "authorization" || name == "authorization_type") {
        out.push((Kind::Widen, Some(json!("NONE"))));
    }
    for (from, to) in [
        ("article-images-bucket", "evil-bucket"),
        ("ap-southeast-1_AbCdEf123", "ap-southeast-1_Evil"),
        ("app.example.com", "evil.example"),
        ("lambda.amazonaws.com", "ec2.amazonaws.com"),
        ("${AWS::AccountId}", "999999999999"),
        ("${data.aws_caller_identity.current.account_id}", "999999999999"),
    ] {
        if text.contains(from) {
            out.push((Kind::Retarget, Some(json!(text.replace(from, to)))));
        }
    }
    // References mean another resource.
    let mentioned = |name: &&String| text == name.as_str() || text.contains(&format!("${{{name}"));
    if let Some(own) = names.iter().filter(mentioned).max_by_key(|name| name.len())
        && let Some(other) = names.iter().find(|other| *other != own)
    {
        out.push((Kind::Retarget, Some(json!(text.replace(own.as_str(), other)))));
    }
    out
}

/// Returns the names of the resources: logical ids, or addresses.
pub(super) fn names(document: &Value) -> Vec<String> {
    let none = Map::new();
    let members = |value: Option<&Value>| value.and_then(Value::as_object).unwrap_or(&none).clone();
    let logical = members(document.get("Resources")).into_iter().map(|(name, _)| name);
    let addresses = members(document.get("resource")).into_iter().flat_map(|(kind, named)| {
        let named: Vec<String> = members(Some(&named)).into_iter().map(|(name, _)| name).collect();
        named.into_iter().map(move |name| format!("{kind}.{name}"))
    });
    logical.chain(addresses).collect()
}
