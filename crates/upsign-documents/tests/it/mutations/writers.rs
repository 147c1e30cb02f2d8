//! Writes mutants in YAML and in HCL, independent of the writers of the crate.

use serde_json::{Map, Value};

/// Returns YAML in block style, with CloudFormation's short functions.
pub(super) fn yaml(document: &Value) -> String {
    let mut out = String::new();
    block(&mut out, document, 0);
    out
}

fn block(out: &mut String, value: &Value, depth: usize) {
    let pad = "  ".repeat(depth);
    match value {
        Value::Object(members) if !members.is_empty() => {
            for (name, inner) in members {
                out.push_str(&format!("{pad}{}:", Value::from(name.as_str())));
                after(out, inner, depth + 1);
            }
        }
        Value::Array(list) if !list.is_empty() => {
            for inner in list {
                out.push_str(&format!("{pad}-"));
                after(out, inner, depth + 1);
            }
        }
        leaf => out.push_str(&format!("{pad}{leaf}\n")),
    }
}

/// Writes what follows `name:` or `-`.
fn after(out: &mut String, value: &Value, depth: usize) {
    if let Some((tag, argument)) = short(value) {
        out.push_str(&format!(" {tag}"));
        return after(out, argument, depth);
    }
    match value {
        Value::Object(members) if members.is_empty() => out.push_str(" {}\n"),
        Value::Array(list) if list.is_empty() => out.push_str(" []\n"),
        Value::Object(_) | Value::Array(_) => {
            out.push('\n');
            block(out, value, depth);
        }
        leaf => out.push_str(&format!(" {leaf}\n")),
    }
}

/// Returns the tag and the argument of a function. A function whose argument is a function has no short form.
fn short(value: &Value) -> Option<(String, &Value)> {
    let members = value.as_object().filter(|members| members.len() == 1)?;
    let (name, argument) = members.iter().next()?;
    let tag = match name.as_str() {
        "Ref" => "!Ref".to_owned(),
        name => format!("!{}", name.strip_prefix("Fn::")?),
    };
    short(argument).is_none().then_some((tag, argument))
}

/// Returns HCL for a module in Terraform's JSON syntax. Nested blocks are written as blocks, texts of JSON as `jsonencode`.
pub(super) fn hcl(module: &Value) -> String {
    let mut out = String::new();
    for (kind, body) in module.as_object().unwrap() {
        match kind.as_str() {
            "resource" | "data" => {
                for (first, named) in body.as_object().unwrap() {
                    for (name, body) in named.as_object().unwrap() {
                        out.push_str(&format!("{kind} \"{first}\" \"{name}\" {{\n{}}}\n", body_of(body)));
                    }
                }
            }
            "locals" => {
                for block in body.as_array().unwrap() {
                    out.push_str(&format!("locals {{\n{}}}\n", body_of(block)));
                }
            }
            "terraform" => out.push_str(&format!("terraform {{\n{}}}\n", body_of(body))),
            _ => {
                for (name, body) in body.as_object().unwrap() {
                    out.push_str(&format!("{kind} \"{name}\" {{\n{}}}\n", body_of(body)));
                }
            }
        }
    }
    out
}

fn body_of(body: &Value) -> String {
    let none = Map::new();
    let mut out = String::new();
    for (name, value) in body.as_object().unwrap_or(&none) {
        match value {
            Value::Array(blocks) if blocks.iter().all(Value::is_object) && !blocks.is_empty() => {
                for block in blocks {
                    out.push_str(&format!("{name} {{\n{}}}\n", body_of(block)));
                }
            }
            _ => out.push_str(&format!("{name} = {}\n", expression(value))),
        }
    }
    out
}

fn expression(value: &Value) -> String {
    match value {
        Value::String(text) if text.starts_with('{') => {
            let inner: Value = serde_json::from_str(text).unwrap();
            format!("jsonencode({})", expression(&inner))
        }
        Value::String(text) => match text.strip_prefix("${").and_then(|it| it.strip_suffix('}')) {
            // An expression, or a text in quotes that is one.
            Some(inner) if !inner.contains("${") || inner.starts_with('"') => inner.to_owned(),
            _ => Value::from(text.as_str()).to_string(),
        },
        Value::Array(list) => {
            let items: Vec<String> = list.iter().map(expression).collect();
            format!("[{}]", items.join(", "))
        }
        Value::Object(members) => {
            let each: Vec<String> = members
                .iter()
                .map(|(name, it)| format!("{} = {}", Value::from(name.as_str()), expression(it)))
                .collect();
            format!("{{\n{}\n}}", each.join("\n"))
        }
        other => other.to_string(),
    }
}
