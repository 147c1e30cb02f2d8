//! Finds what the reader of a configuration leaves out: what is missing when the configuration is written again.

use serde_json::{Value, json};

use super::found::UNKNOWN_VALUE;
use crate::node::Node;
use crate::read::{self, Tree};

/// Returns the reason if a document was not read completely: if writing it again does not yield the same.
pub(super) fn rest_of(read: &Tree, written: &Node) -> Option<String> {
    rest_of_json(read, &serde_json::to_value(written).unwrap_or_default())
}

/// Returns the reason like [`rest_of`], for a document that is written in JSON.
pub(super) fn rest_of_json(read: &Tree, written: &Value) -> Option<String> {
    let written = read::plain(written);
    let is_complete = essential(read.clone()) == essential(written);
    (!is_complete)
        .then(|| "it has members that upsign never writes, whose effect is not evaluated".to_owned())
}

/// Removes what has no effect: ids, disabled rules, and values that are the same as none.
fn essential(tree: Tree) -> Tree {
    fn kept(tree: Tree) -> Option<Tree> {
        match tree {
            Tree::Map(members) => {
                let status = members.get("Status").or(members.get("status")).and_then(Tree::as_literal);
                if status == Some("Disabled") {
                    return None;
                }
                let members = members.into_iter().filter(|(name, _)| !is_label(name));
                let members = members
                    .filter_map(|(name, value)| Some((name.clone(), kept(in_lower_case(&name, value))?)));
                Some(Tree::Map(members.filter(|(name, value)| !is_none(name, value)).collect()))
            }
            Tree::List(list) => Some(Tree::List(list.into_iter().filter_map(kept).collect())),
            // XML does not distinguish an empty object from an empty text.
            other if other.as_literal() == Some("") => Some(Tree::empty()),
            other => Some(other),
        }
    }
    kept(tree).unwrap_or_else(Tree::empty).canonical()
}

fn is_label(name: &str) -> bool {
    name.eq_ignore_ascii_case("id") || ["bucket", "depends_on", "ResponseMetadata"].contains(&name)
}

/// Returns the name of a filter rule in lower case: S3 ignores the case, and answers `Prefix`.
fn in_lower_case(name: &str, value: Tree) -> Tree {
    match value.as_literal() {
        Some(text) if name == "Name" => Tree::literal(text.to_ascii_lowercase()),
        _ => value,
    }
}

/// Returns whether a member has a value that means the same as its absence.
fn is_none(name: &str, value: &Tree) -> bool {
    const OPTIONAL: [&str; 8] = [
        "filter",
        "Filter",
        "prefix",
        "Prefix",
        "filter_prefix",
        "eventbridge",
        "ExpiredObjectDeleteMarker",
        "expired_object_delete_marker",
    ];
    if name == "TransitionDefaultMinimumObjectSize" {
        return value.as_literal() == Some("all_storage_classes_128K");
    }
    let is_empty = match value {
        Tree::Map(members) => members.is_empty(),
        Tree::List(list) => list.is_empty(),
        other => matches!(other.as_literal(), Some("" | "false")),
    };
    is_empty && (OPTIONAL.contains(&name) || LISTS.contains(&name))
}

/// The members that are lists in every document. A single value counts as a list of one.
const LISTS: [&str; 17] = [
    "AllowedOrigins",
    "AllowedMethods",
    "AllowedHeaders",
    "ExposedHeaders",
    "ExposeHeaders",
    "CorsRules",
    "CORSRules",
    "Rules",
    "QueueConfigurations",
    "Transitions",
    "allowed_origins",
    "allowed_methods",
    "allowed_headers",
    "expose_headers",
    "events",
    "Events",
    "FilterRules",
];

/// The members that are texts in every document, even if they look like a number.
const TEXTS: [&str; 10] = [
    "ID",
    "Id",
    "id",
    "Prefix",
    "prefix",
    "filter_prefix",
    "Value",
    "AllowedHeaders",
    "ExposeHeaders",
    "StorageClass",
];

/// Returns the JSON of a property, with the type of each member that its reader expects.
pub(super) fn typed(tree: &Tree) -> Result<Value, String> {
    fn member(name: &str, value: Value) -> Value {
        let value = with_types(value);
        match value {
            Value::Array(list) => Value::Array(list.into_iter().map(|it| scalar(name, it)).collect()),
            one if LISTS.contains(&name) => Value::Array(vec![scalar(name, one)]),
            one => scalar(name, one),
        }
    }
    fn scalar(name: &str, value: Value) -> Value {
        match value {
            Value::Number(number) if TEXTS.contains(&name) => number.to_string().into(),
            Value::Bool(yes) if TEXTS.contains(&name) => yes.to_string().into(),
            // An empty element in XML.
            Value::String(text) if text.is_empty() && name == "Filter" => json!({}),
            other => other,
        }
    }
    fn with_types(value: Value) -> Value {
        match value {
            Value::Object(members) => {
                let members = members.into_iter().map(|(name, value)| {
                    let value = member(&name, value);
                    (name, value)
                });
                Value::Object(members.collect())
            }
            Value::Array(list) => Value::Array(list.into_iter().map(with_types).collect()),
            other => other,
        }
    }
    Ok(with_types(tree.to_value().ok_or(UNKNOWN_VALUE)?))
}

/// Adds the ids of a list, which AWS generates if they are absent.
pub(super) fn with_ids(mut document: Value, list: &str, id: &str) -> Value {
    let elements = document.get_mut(list).and_then(Value::as_array_mut);
    for (index, element) in elements.into_iter().flatten().enumerate() {
        if let Some(members) = element.as_object_mut() {
            members.entry(id).or_insert_with(|| format!("{list}-{}", index + 1).into());
        }
    }
    document
}
