//! The file's form, for editors.

use serde_json::{Map, Value, json};

use crate::keys::{KEYS, Key, ROUTE, Shape, sections};

/// The JSON Schema (draft 2020-12) of `upsign.toml`. It knows names, shapes and short lists of values; what a template or
/// a type must look like, [`Config::read`](crate::Config::read) knows.
///
/// Source: <https://json-schema.org/draft/2020-12>; editors with Taplo read it by a first line `#:schema ./upsign.schema.json`.
#[must_use]
pub fn schema() -> Value {
    let mut properties = Map::new();
    for section in sections() {
        let keys = KEYS.iter().filter(|key| key.section == section);
        properties.insert(section.into(), object(keys.map(|key| (key.name, key)), about(section)));
    }
    let in_route = KEYS.iter().filter_map(|key| Some((key.name_in_route()?, key)));
    let mut route =
        object(in_route, "One route, with keys as in [upload], and a bucket of its own where it names one.");
    if let Some(route) = route.as_object_mut() {
        route.insert("required".into(), json!(MANDATORY));
    }
    properties.insert(
        ROUTE.into(),
        json!({
            "type": "object",
            "description": "Further routes, each chosen by a request's `route`.",
            "propertyNames": {"pattern": "^[a-z][a-z0-9_-]{0,63}$"},
            "additionalProperties": route,
        }),
    );
    if let Some(upload) = properties.get_mut("upload").and_then(Value::as_object_mut) {
        upload.insert("required".into(), json!(MANDATORY));
    }
    json!({
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "upsign.toml",
        "type": "object",
        "additionalProperties": false,
        "properties": properties,
    })
}

/// Every key, as the rows of a Markdown table: key, what it is, variable.
#[must_use]
pub fn reference() -> Vec<String> {
    let row = |key: &Key| format!("| `{}` | {} | `{}` |", key.path(), key.about, key.variable);
    KEYS.iter().map(row).collect()
}

/// What a route must say for itself; variables may stand in for a file's other values.
const MANDATORY: [&str; 4] = ["bodyless", "key", "max_size", "types"];

fn about(section: &str) -> &'static str {
    match section {
        "bucket" => "Where uploads go, unless a route says otherwise.",
        "upload" => "What may be uploaded by a request that names no route.",
        "credentials" => "What to do with the credentials that sign.",
        "auth" => "Whose tokens count.",
        "cors" => "Which pages may upload from a browser.",
        "limit" => "How often one caller may ask.",
        _ => "",
    }
}

fn object<'a>(keys: impl Iterator<Item = (&'a str, &'a Key)>, about: &str) -> Value {
    let properties: Map<String, Value> = keys.map(|(name, key)| (name.to_owned(), of(key))).collect();
    json!({
        "type": "object",
        "description": about,
        "additionalProperties": false,
        "properties": properties,
    })
}

fn of(key: &Key) -> Value {
    let mut schema = match key.shape {
        Shape::Text => json!({"type": "string"}),
        Shape::Texts => json!({"type": "array", "items": {"type": "string"}}),
        Shape::Flag => json!({"type": "boolean"}),
        Shape::Count => json!({"type": "integer", "minimum": 0}),
        Shape::Amount => json!({"type": ["string", "integer"], "minimum": 0}),
        Shape::Table => json!({"type": "object", "additionalProperties": {"type": "string"}}),
        Shape::Lists => {
            json!({"type": "object", "additionalProperties": {"type": "array", "items": {"type": "string"}}})
        }
    };
    if let Some(schema) = schema.as_object_mut() {
        schema.insert("description".into(), key.about.into());
        if !key.values.is_empty() {
            schema.insert("enum".into(), json!(key.values));
        }
    }
    schema
}
