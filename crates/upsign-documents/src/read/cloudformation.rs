//! Reads CloudFormation templates, with or without the SAM transform.
//!
//! Source: <https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/template-anatomy.html>.

use serde_json::{Map, Value};

use super::stack::{Dialect, Item, Stack};
use super::tree::{Piece, Reference, Tree, number_text};

/// Returns the resources of a template, or `None` if the value is not a template.
pub(crate) fn stack(template: &Value) -> Option<Stack> {
    let resources = template.get("Resources")?.as_object()?;
    let mut items: Vec<Item> = resources.iter().map(|(name, value)| resource(name, value)).collect();
    let sections = template.as_object().into_iter().flatten();
    for (section, value) in sections {
        match section.as_str() {
            // They describe the stack or answer with its values; they change nothing in it.
            "Resources" | "AWSTemplateFormatVersion" | "Description" | "Metadata" | "Outputs" => {}
            "Parameters" => items.extend(named("Parameter", value)),
            "Conditions" => items.extend(named("Condition", value)),
            "Rules" => items.extend(value.as_object().into_iter().flatten().map(rule)),
            // Sections such as `Globals` change resources, so they are compared as a whole.
            other => {
                items.push(Item { kind: other.to_owned(), name: other.to_owned(), body: tree(value) });
            }
        }
    }
    Some(Stack::new(Dialect::CloudFormation, items))
}

fn named(kind: &str, section: &Value) -> Vec<Item> {
    let members = section.as_object().into_iter().flatten();
    let item = |(name, value): (&String, &Value)| {
        let mut body = tree(value);
        if let Tree::Map(members) = &mut body {
            members.retain(|name, _| name != "Description");
        }
        // A condition is a function, and its item has members like any other.
        let body = match body {
            map @ Tree::Map(_) => map,
            other => Tree::Map([("Condition".to_owned(), other)].into()),
        };
        Item { kind: kind.to_owned(), name: name.clone(), body }
    };
    members.map(item).collect()
}

/// Returns a rule of the template. One that only requires a region is a `region rule` with the member `Region`.
///
/// Source: <https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/rules-section-structure.html>.
fn rule((name, value): (&String, &Value)) -> Item {
    let (kind, body) = match required_region(value) {
        Some(region) => ("region rule", Tree::Map([("Region".to_owned(), Tree::literal(region))].into())),
        None => ("rule", tree(value)),
    };
    Item { kind: kind.to_owned(), name: name.clone(), body }
}

/// Returns the region to which `AWS::Region` must be equal, if a rule asserts this and nothing else.
fn required_region(rule: &Value) -> Option<String> {
    fn only<'v>(members: &'v Value, name: &str) -> Option<&'v Value> {
        let members = members.as_object().filter(|members| members.len() == 1)?;
        members.get(name)
    }
    let [assertion] = only(rule, "Assertions")?.as_array()?.as_slice() else { return None };
    let mut assertion = assertion.as_object()?.clone();
    assertion.remove("AssertDescription");
    let Tree::Call(function, arguments) = tree(only(&Value::Object(assertion), "Assert")?) else {
        return None;
    };
    let is_region =
        |tree: &Tree| *tree == Tree::Text(vec![Piece::Reference(Reference::new("AWS::Region", ""))]);
    match arguments.as_slice() {
        [one, other] | [other, one] if function == "Fn::Equals" && is_region(one) => {
            other.as_literal().map(str::to_owned)
        }
        _ => None,
    }
}

fn resource(name: &str, value: &Value) -> Item {
    let kind = value.get("Type").and_then(Value::as_str).unwrap_or_default();
    let mut body = value.get("Properties").map_or_else(Tree::empty, tree);
    if !matches!(body, Tree::Map(_)) {
        body = Tree::Map([("Properties".to_owned(), body)].into());
    }
    let attributes = value.as_object().into_iter().flatten();
    let attributes = attributes.filter(|(name, _)| {
        // `Metadata` of SAM says how the code was built.
        !matches!(name.as_str(), "Type" | "Properties" | "Metadata")
    });
    if let Tree::Map(members) = &mut body {
        for (attribute, value) in attributes {
            let value = match attribute.as_str() {
                "DependsOn" | "Condition" => references(value),
                // They differ only in a stack that could not be created.
                "DeletionPolicy" if value == "RetainExceptOnCreate" => Tree::literal("Retain"),
                _ => tree(value),
            };
            members.insert(format!("@{attribute}"), value);
        }
    }
    Item { kind: kind.to_owned(), name: name.to_owned(), body }
}

/// Returns names without `Ref` as references.
fn references(value: &Value) -> Tree {
    match value {
        Value::String(name) => Tree::Text(vec![Piece::Reference(Reference::new(name, ""))]),
        Value::Array(list) => Tree::List(list.iter().map(references).collect()),
        other => tree(other),
    }
}

/// Converts a value. Functions whose result follows from the template alone are evaluated.
fn tree(value: &Value) -> Tree {
    match value {
        Value::Null => Tree::empty(),
        Value::Bool(yes) => Tree::literal(yes.to_string()),
        Value::Number(number) => Tree::literal(number_text(number)),
        Value::String(text) => document(text, &|text| Tree::literal(text)),
        Value::Array(list) => Tree::List(list.iter().filter(|it| !is_absent(it)).map(tree).collect()),
        Value::Object(members) => function(members).unwrap_or_else(|| {
            let members = members.iter().filter(|(_, value)| !value.is_null() && !is_absent(value));
            Tree::Map(members.map(|(name, value)| (name.clone(), tree(value))).collect())
        }),
    }
}

/// Returns whether CloudFormation removes a value: `{"Ref": "AWS::NoValue"}`.
fn is_absent(value: &Value) -> bool {
    value.get("Ref").and_then(Value::as_str) == Some("AWS::NoValue")
}

/// Returns a text that holds a JSON object as that object, whose texts `text` converts.
pub(super) fn document(json: &str, text: &dyn Fn(&str) -> Tree) -> Tree {
    fn convert(value: &Value, text: &dyn Fn(&str) -> Tree) -> Tree {
        match value {
            Value::String(inner) => document(inner, text),
            Value::Array(list) => Tree::List(list.iter().map(|it| convert(it, text)).collect()),
            Value::Object(members) => {
                Tree::Map(members.iter().map(|(name, it)| (name.clone(), convert(it, text))).collect())
            }
            Value::Null => Tree::empty(),
            Value::Bool(yes) => Tree::literal(yes.to_string()),
            Value::Number(number) => Tree::literal(number_text(number)),
        }
    }
    if json.trim_start().starts_with('{')
        && let Ok(Some(value @ Value::Object(_))) = super::json::parse(json)
    {
        return convert(&value, text);
    }
    text(json)
}

/// Evaluates an intrinsic function, which is an object with one member.
///
/// Source: <https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/intrinsic-function-reference.html>.
fn function(members: &Map<String, Value>) -> Option<Tree> {
    let mut only = members.iter();
    let (Some((name, argument)), None) = (only.next(), only.next()) else { return None };
    let reference = |name: &str, attribute: &str| {
        Some(Tree::Text(vec![Piece::Reference(Reference::new(name, attribute))]))
    };
    let call = || {
        let arguments = match argument {
            Value::Array(list) => list.iter().map(tree).collect(),
            one => vec![tree(one)],
        };
        Some(Tree::Call(name.clone(), arguments))
    };
    match (name.as_str(), argument) {
        ("Ref", Value::String(target)) => reference(target, ""),
        ("Fn::GetAtt", Value::String(text)) => {
            let (target, attribute) = text.split_once('.')?;
            reference(target, attribute)
        }
        ("Fn::GetAtt", Value::Array(list)) => match list.as_slice() {
            [Value::String(target), Value::String(attribute)] => reference(target, attribute),
            _ => call(),
        },
        ("Fn::Sub", Value::String(text)) => Some(document(text, &|text| substituted(text, &Map::new()))),
        ("Fn::Sub", Value::Array(list)) => match list.as_slice() {
            [Value::String(text), Value::Object(values)] => {
                Some(document(text, &|text| substituted(text, values)))
            }
            _ => call(),
        },
        ("Fn::Join", Value::Array(list)) => match list.as_slice() {
            [Value::String(separator), Value::Array(parts)] => joined(separator, parts).or_else(call),
            _ => call(),
        },
        ("Condition", Value::String(target)) => {
            let condition = Tree::Text(vec![Piece::Reference(Reference::new(target, ""))]);
            Some(Tree::Call(name.clone(), vec![condition]))
        }
        // The first argument is the name of a condition.
        ("Fn::If", Value::Array(list)) => match list.as_slice() {
            [condition, rest @ ..] => {
                let arguments = std::iter::once(references(condition)).chain(rest.iter().map(tree));
                Some(Tree::Call(name.clone(), arguments.collect()))
            }
            [] => call(),
        },
        (name, _) if name.starts_with("Fn::") => call(),
        _ => None,
    }
}

fn joined(separator: &str, parts: &[Value]) -> Option<Tree> {
    let mut pieces = Vec::new();
    for (index, part) in parts.iter().enumerate() {
        if index > 0 {
            pieces.push(Piece::Literal(separator.to_owned()));
        }
        match tree(part) {
            Tree::Text(inner) => pieces.extend(inner),
            _ => return None,
        }
    }
    Some(Tree::text(pieces))
}

/// Replaces `${Name}` and `${Name.Attribute}`. `${!Name}` stands for the text `${Name}`.
fn substituted(text: &str, values: &Map<String, Value>) -> Tree {
    let mut pieces = Vec::new();
    let mut rest = text;
    while let Some((before, after)) = rest.split_once("${") {
        pieces.push(Piece::Literal(before.to_owned()));
        let Some((inner, after)) = after.split_once('}') else {
            pieces.push(Piece::Literal(format!("${{{after}")));
            rest = "";
            break;
        };
        rest = after;
        let inner = inner.trim();
        if let Some(literal) = inner.strip_prefix('!') {
            pieces.push(Piece::Literal(format!("${{{literal}}}")));
        } else if let Some(value) = values.get(inner) {
            match tree(value) {
                Tree::Text(own) => pieces.extend(own),
                other => pieces.push(Piece::Expression(flattened(&other))),
            }
        } else {
            let (name, attribute) = inner.split_once('.').unwrap_or((inner, ""));
            pieces.push(Piece::Reference(Reference::new(name, attribute)));
        }
    }
    pieces.push(Piece::Literal(rest.to_owned()));
    Tree::text(pieces)
}

/// Returns a value that is no text as pieces, so that its references are compared like all others.
fn flattened(tree: &Tree) -> Vec<Piece> {
    let literal = |text: &str| Piece::Literal(text.to_owned());
    let list = |list: &[Tree]| {
        let inner = list.iter().flat_map(|it| flattened(it).into_iter().chain([literal(",")]));
        [literal("[")].into_iter().chain(inner).chain([literal("]")]).collect::<Vec<_>>()
    };
    match tree {
        Tree::Text(pieces) => pieces.clone(),
        Tree::List(elements) => list(elements),
        Tree::Call(name, arguments) => [literal(name)].into_iter().chain(list(arguments)).collect(),
        Tree::Map(members) => {
            let each = members.iter().flat_map(|(name, it)| {
                [literal(name), literal(":")].into_iter().chain(flattened(it)).chain([literal(",")])
            });
            [literal("{")].into_iter().chain(each).chain([literal("}")]).collect()
        }
    }
}
