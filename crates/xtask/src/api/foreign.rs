//! Finds types of unstable foreign crates in public signatures.
//!
//! A crate of version 0.x makes a breaking release whenever its authors like, and each would be a breaking release of ours.

use std::collections::BTreeMap;

use serde_json::Value;

use crate::packages::{Library, Workspace};
use crate::process::Failure;

/// A foreign 0.x crate that signatures of some libraries may name.
struct Exception {
    libraries: &'static [&'static str],
    foreign: &'static str,
    /// Why the crate cannot be avoided.
    #[expect(dead_code, reason = "for readers of the list")]
    reason: &'static str,
}

const EXCEPTIONS: &[Exception] = &[
    Exception {
        libraries: &[
            "upsign",
            "upsign-axum",
            "upsign-cognito",
            "upsign-core",
            "upsign-http",
            "upsign-jwt",
            "upsign-lambda",
            "upsign-probe",
            "upsign-sqs",
        ],
        foreign: "async_trait",
        reason: "the macro for implementations of the traits, re-exported; it expands to methods that return a boxed future",
    },
    Exception {
        libraries: &["upsign-axum"],
        foreign: "axum",
        reason: "the crate integrates with axum; a new axum is a new upsign-axum",
    },
    Exception {
        libraries: &["upsign-axum"],
        foreign: "axum_core",
        reason: "defines what axum re-exports: extractors, responses, bodies",
    },
    Exception {
        libraries: &["upsign-local"],
        foreign: "axum",
        reason: "`LocalS3Builder::into_router` nests the server in an axum application; for development only",
    },
    Exception {
        libraries: &["upsign-testing"],
        foreign: "mockall",
        reason: "the feature `mocks` offers mocks of mockall; a development dependency",
    },
];

/// Crates of the standard library.
const STANDARD: [&str; 4] = ["alloc", "core", "proc_macro", "std"];

/// The items of one library that name a foreign 0.x crate, by that crate.
pub(super) type Uses = BTreeMap<String, Vec<String>>;

/// Returns what the public signatures of a library name of foreign crates without a stable version.
pub(super) fn unstable(workspace: &Workspace, library: &Library, json: &Value) -> Result<Uses, Failure> {
    let mut uses = uses(json)?;
    uses.retain(|name, _| workspace.versions(library, name).iter().any(|version| version.major == 0));
    Ok(uses)
}

/// Returns a text for each use without an exception, and for each exception without a use.
pub(super) fn violations(found: &BTreeMap<String, Uses>) -> Vec<String> {
    let is_excepted = |library: &str, foreign: &str| {
        EXCEPTIONS.iter().any(|it| it.libraries.contains(&library) && it.foreign == foreign)
    };
    let mut violations = Vec::new();
    for (library, uses) in found {
        for (foreign, items) in uses.iter().filter(|(foreign, _)| !is_excepted(library, foreign)) {
            violations.push(format!(
                "{library} names {foreign}, which is not stable (0.x), in:\n  {}",
                items.join("\n  ")
            ));
        }
    }
    for Exception { libraries, foreign, .. } in EXCEPTIONS {
        let is_unused =
            |library: &&&str| !found.get(**library).is_some_and(|uses| uses.contains_key(*foreign));
        violations.extend(libraries.iter().filter(is_unused).map(|library| {
            format!(
                "{library} no longer names {foreign}: remove the exception in crates/xtask/src/api/foreign.rs"
            )
        }));
    }
    violations
}

/// Returns the items of a library that name an item of a foreign crate, by the crate's name in code.
fn uses(json: &Value) -> Result<Uses, Failure> {
    let index = json.get("index").and_then(Value::as_object).ok_or("the JSON has no index")?;
    let mut uses = Uses::new();
    for item in index.values() {
        let inner = item.get("inner").unwrap_or(&Value::Null);
        if is_foreign(item) || is_automatic(inner) {
            continue;
        }
        let mut named = Vec::new();
        collect_ids(inner, &mut named);
        for id in named {
            if let Some((foreign, path)) = foreign_path(json, id) {
                let items = uses.entry(foreign).or_default();
                let text = format!("{}: {path}", place(item));
                if !items.contains(&text) {
                    items.push(text);
                }
            }
        }
    }
    for items in uses.values_mut() {
        items.sort();
    }
    Ok(uses)
}

/// Returns `true` for items of other crates, which are listed if one of ours implements or inherits them.
fn is_foreign(item: &Value) -> bool {
    item.get("crate_id").and_then(Value::as_u64) != Some(0)
}

/// Returns `true` for implementations that nobody wrote: blanket ones (every crate adds some) and those of auto traits.
fn is_automatic(inner: &Value) -> bool {
    let Some(block) = inner.get("impl") else { return false };
    block.get("blanket_impl").is_some_and(|it| !it.is_null())
        || block.get("is_synthetic") == Some(&Value::Bool(true))
}

/// Collects the ids of all types and traits that a signature names, and of the target of a re-export.
fn collect_ids<'a>(value: &'a Value, ids: &mut Vec<&'a Value>) {
    match value {
        Value::Object(members) => {
            let is_path = members.len() == 3 && members.contains_key("path") && members.contains_key("args");
            let is_reexport = members.contains_key("source") && members.contains_key("is_glob");
            ids.extend(members.get("id").filter(|_| is_path || is_reexport));
            members.values().for_each(|member| collect_ids(member, ids));
        }
        Value::Array(elements) => elements.iter().for_each(|element| collect_ids(element, ids)),
        _ => {}
    }
}

/// Returns the crate and the full path of an item of a foreign crate.
fn foreign_path(json: &Value, id: &Value) -> Option<(String, String)> {
    let summary = json.get("paths")?.get(id.to_string())?;
    let number = summary.get("crate_id")?;
    let name = json.get("external_crates")?.get(number.to_string())?.get("name")?.as_str()?;
    if STANDARD.contains(&name) || name == "upsign" || name.starts_with("upsign_") {
        return None;
    }
    let path: Vec<&str> = summary.get("path")?.as_array()?.iter().filter_map(Value::as_str).collect();
    Some((name.to_owned(), path.join("::")))
}

/// Returns the name of an item with its file and line.
fn place(item: &Value) -> String {
    let kind = item.get("inner").and_then(Value::as_object).and_then(|inner| inner.keys().next());
    let kind = kind.map_or("item", String::as_str);
    let name = item.get("name").and_then(Value::as_str).unwrap_or(kind);
    let span = item.get("span").unwrap_or(&Value::Null);
    let file = span.get("filename").and_then(Value::as_str).unwrap_or_default();
    let line = span.get("begin").and_then(|begin| begin.get(0)).and_then(Value::as_u64).unwrap_or_default();
    format!("{name} ({file}:{line})")
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    /// The JSON of a library with one item. Item 1 is of the foreign crate `axum`, item 2 of `core`.
    fn library(inner: &Value) -> Value {
        let span = json!({"filename": "src/lib.rs", "begin": [7, 1]});
        json!({
            "index": {"9": {"crate_id": 0, "name": "serve", "span": span, "inner": inner}},
            "paths": {
                "1": {"crate_id": 20, "path": ["axum", "Router"]}, "2": {"crate_id": 1, "path": ["core", "Option"]},
                "3": {"crate_id": 0, "path": ["upsign_axum", "Server"]},
            },
            "external_crates": {"20": {"name": "axum"}, "1": {"name": "core"}},
        })
    }

    #[track_caller]
    fn check(inner: &Value, expected: &[&str]) {
        let uses = uses(&library(inner)).unwrap();
        let found: Vec<&str> = uses.values().flatten().map(String::as_str).collect();
        assert_eq!(found, expected);
    }

    #[test]
    fn types_in_arguments_of_types_are_found() {
        let path = |id: u32, args: &Value| json!({"path": "P", "id": id, "args": args});
        let router = json!({"resolved_path": path(1, &Value::Null)});
        let optional =
            json!({"resolved_path": path(2, &json!({"angle_bracketed": {"args": [{"type": router}]}}))});
        check(
            &json!({"function": {"sig": {"inputs": [["app", optional]]}}}),
            &["serve (src/lib.rs:7): axum::Router"],
        );
        check(&json!({"function": {"sig": {"output": {"resolved_path": path(3, &Value::Null)}}}}), &[]);
    }

    #[test]
    fn implemented_traits_count_unless_blanket() {
        let written = json!({"impl": {"trait": {"path": "T", "id": 1, "args": null}, "blanket_impl": null, "is_synthetic": false}});
        check(&written, &["serve (src/lib.rs:7): axum::Router"]);
        let blanket = json!({"impl": {"trait": {"path": "T", "id": 1, "args": null}, "blanket_impl": {"generic": "T"}}});
        check(&blanket, &[]);
    }

    #[test]
    fn reexports_are_found() {
        check(
            &json!({"use": {"source": "axum::Router", "name": "Router", "id": 1, "is_glob": false}}),
            &["serve (src/lib.rs:7): axum::Router"],
        );
    }

    #[test]
    fn uses_need_an_exception_and_exceptions_a_use() {
        let mut found = BTreeMap::new();
        for Exception { libraries, foreign, .. } in EXCEPTIONS {
            for library in *libraries {
                let uses: &mut Uses = found.entry((*library).to_owned()).or_default();
                uses.insert((*foreign).to_owned(), vec!["serve (src/lib.rs:7)".to_owned()]);
            }
        }
        assert!(violations(&found).is_empty());
        found.entry("upsign-http".to_owned()).or_default().insert("axum".to_owned(), vec!["a".to_owned()]);
        found.remove("upsign-local");
        let violations = violations(&found).join("\n");
        assert!(
            violations.contains("upsign-http names axum")
                && violations.contains("upsign-local no longer names axum")
        );
    }
}
