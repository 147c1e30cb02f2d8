//! The JSON Schema of the file, and the reference of its keys.

use serde_json::{Map, Value, json};
use upsign_core::Dialect;
use upsign_policy::Retention;

use crate::build::feature_names;
use crate::keys::{AUTH, KEYS, Key, ROUTE, Shape, TOP, at_top, sections};

/// Returns the JSON Schema (draft 2020-12) of `upsign.toml`, for editors.
///
/// It describes the names and types of the keys and their possible values, if there are only a few. It does not describe the
/// syntax of templates, content types and the like; [`Config::read`](crate::Config::read) checks those. An editor that uses
/// Taplo applies the schema if the first line of the file is `#:schema ./upsign.schema.json`.
///
/// Source: <https://json-schema.org/draft/2020-12>.
#[must_use]
pub fn schema() -> Value {
    let mut definitions = Map::new();
    let mut properties = Map::from_iter([(AUTH.to_owned(), one_or_several())]);
    properties.extend(at_top().map(|key| (key.name.to_owned(), key_schema(key))));
    for section in sections() {
        let keys = KEYS.iter().filter(|key| key.section == section);
        let one = object(keys.map(|key| (key.name, key)), section_description(section));
        match section {
            AUTH => drop(definitions.insert(AUTH.into(), one)),
            _ => drop(properties.insert(section.into(), one)),
        }
    }
    let in_route = KEYS.iter().filter_map(|key| Some((key.name_in_route()?, key)));
    let mut route =
        object(in_route, "One route: the keys of [upload], and the keys of [bucket] that it overrides.");
    if let Some(route) = route.as_object_mut() {
        route.insert("required".into(), json!(MANDATORY));
    }
    properties.insert(
        ROUTE.into(),
        json!({
            "type": "object",
            "description": "Additional routes. A request selects one with its member `route`.",
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
        "$defs": definitions,
    })
}

/// Returns one row of a Markdown table for each key: the key, its description and its environment variable.
#[must_use]
pub fn reference() -> Vec<String> {
    let row = |key: &Key| format!("| `{}` | {} | `{}` |", key.path(), key.description, key.variable);
    KEYS.iter().map(row).collect()
}

/// The keys that every route must set in the file. Environment variables can set the other mandatory keys.
const MANDATORY: [&str; 4] = ["bodyless", "key", "max_size", "types"];

fn section_description(section: &str) -> &'static str {
    match section {
        "bucket" => "The bucket for uploads. A route can override it.",
        "upload" => "The policy for requests that name no route.",
        "credentials" => "How signing credentials are handled.",
        "auth" => {
            "How callers are identified: the issuer whose tokens are accepted. [[auth]] for each of several issuers."
        }
        "cors" => "Which web pages may upload from a browser.",
        "server" => "Where the API is reachable.",
        "limit" => "The limits per caller.",
        "webhook" => {
            "Which application receives requests about uploads that were confirmed, rejected or have expired."
        }
        "events" => "The queue from which upsign serve confirms uploads.",
        "cloudfront" => {
            "Who may read uploads through CloudFront, and the key that signs URLs, with reads = \"cloudfront\" in [deployment]."
        }
        "quota" => "Where uploads per day are counted.",
        "token" => "The secrets that sign the tokens of uploads.",
        "deployment" => "What surrounds the service on AWS, for the generated documents.",
        _ => "",
    }
}

/// Returns the schema of `[auth]`, or `[[auth]]` for each of several issuers, which then need names. It refers to the
/// definition of one of them.
fn one_or_several() -> Value {
    let one = json!({"$ref": "#/$defs/auth"});
    json!({
        "anyOf": [
            one,
            {
                "type": "array",
                "description": "Several issuers, each with its own keys. Keys about the whole API are those of the first.",
                "minItems": 1,
                "items": one,
                "anyOf": [{"maxItems": 1}, {"items": {"required": ["name"]}}],
            },
        ],
    })
}

fn object<'a>(keys: impl Iterator<Item = (&'a str, &'a Key)>, description: &str) -> Value {
    let properties: Map<String, Value> = keys.map(|(name, key)| (name.to_owned(), key_schema(key))).collect();
    json!({
        "type": "object",
        "description": description,
        "additionalProperties": false,
        "properties": properties,
    })
}

fn key_schema(key: &Key) -> Value {
    let mut schema = match key.shape {
        Shape::Text => json!({"type": "string"}),
        Shape::Texts if key.section == TOP && key.name == "dialects" => {
            let names: Vec<&str> = Dialect::ALL.iter().map(|dialect| dialect.name()).collect();
            json!({"type": "array", "items": {"enum": names}, "uniqueItems": true})
        }
        Shape::Texts => json!({"type": "array", "items": {"type": "string"}}),
        Shape::Flag => json!({"type": "boolean"}),
        Shape::Count => json!({"type": "integer", "minimum": 0}),
        Shape::Amount => json!({"type": ["string", "integer"], "minimum": 0}),
        Shape::TextsOrAny => {
            json!({"anyOf": [{"type": "array", "items": {"type": "string"}}, {"const": "any"}]})
        }
        Shape::TextOrTable => json!({"anyOf": [{"type": "string"}, {
            "type": "object",
            "additionalProperties": false,
            "required": ["claim"],
            "properties": {
                "claim": {"type": "string"},
                "form": {"type": "string", "enum": ["json", "comma", "bracket", "space"]},
            },
        }]}),
        Shape::Retention => json!({
            "type": "object",
            "additionalProperties": false,
            "required": ["mode", "days"],
            "properties": {
                "mode": {"type": "string", "enum": ["governance", "compliance"]},
                "days": {"type": "integer", "minimum": 1, "maximum": Retention::MAX_DAYS},
            },
        }),
        Shape::Table => json!({"type": "object", "additionalProperties": {"type": "string"}}),
        Shape::Counts => {
            json!({"type": "object", "additionalProperties": {"type": "integer", "minimum": 0}})
        }
        Shape::Flags => json!({
            "type": "object",
            "propertyNames": {"enum": feature_names().collect::<Vec<_>>()},
            "additionalProperties": {"type": "boolean"},
        }),
        Shape::Lists => {
            json!({"type": "object", "additionalProperties": {"type": "array", "items": {"type": "string"}}})
        }
    };
    if let Some(schema) = schema.as_object_mut() {
        schema.insert("description".into(), key.description.into());
        if !key.values.is_empty() {
            schema.insert("enum".into(), json!(key.values));
        }
    }
    schema
}
