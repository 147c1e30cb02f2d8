//! Every node of every valid event, deleted or changed to another type: never another subject, never a panic.

use serde_json::{Value, json};
use upsign_cognito::Backend;
use upsign_cognito::authorizer::EventIdentity;

use crate::corpus::{cases, corpus, text};
use crate::events::Fixture;

/// Collects the paths of all nodes below `value` as JSON pointers.
fn paths(value: &Value, parent: &str, found: &mut Vec<String>) {
    let mut visit = |name: &str, inner: &Value| {
        let path = format!("{parent}/{}", name.replace('~', "~0").replace('/', "~1"));
        paths(inner, &path, found);
        found.push(path);
    };
    match value {
        Value::Object(members) => members.iter().for_each(|(name, inner)| visit(name, inner)),
        Value::Array(items) => items.iter().enumerate().for_each(|(n, inner)| visit(&n.to_string(), inner)),
        _ => {}
    }
}

fn without(event: &Value, path: &str) -> Value {
    let mut event = event.clone();
    let (parent, name) = path.rsplit_once('/').unwrap();
    match event.pointer_mut(parent).unwrap() {
        Value::Object(members) => drop(members.remove(&name.replace("~1", "/").replace("~0", "~"))),
        Value::Array(items) => drop(items.remove(name.parse().unwrap())),
        _ => panic!("no such node"),
    }
    event
}

/// Returns values of every other type, some of which contain the node.
fn retyped(node: &Value, path: &str) -> Vec<Value> {
    let others = [
        Value::Null,
        json!(true),
        json!(false),
        json!(0),
        json!(-1),
        json!(1.5),
        json!(1e300),
        json!(""),
        json!(" "),
        json!([]),
        json!({}),
        json!([node]),
        json!({"sub": node, "0": node}),
        json!(node.to_string()),
    ];
    // Another string can be another subject, which is as valid as the first: the gateway is trusted. So is a number in the context
    // of a Lambda authorizer of an HTTP API.
    let is_context = path.starts_with("/requestContext/authorizer/lambda/");
    others
        .into_iter()
        .filter(|other| !(is_context && other.is_number()))
        .filter(|other| !(node.is_string() && other.as_str().is_some_and(|text| !text.trim().is_empty())))
        .collect()
}

#[test]
fn mutated_event_never_has_another_subject() {
    let corpus = corpus!("lambda_events.json");
    let (mut mutants, mut accepted) = (0, 0);
    for case in cases(&corpus) {
        let fixture = Fixture::new(case, &corpus, Backend::AwsLc);
        let Some(Ok(original)) = case.get("event").map(|event| fixture.identify(event)) else { continue };
        let event = &case["event"];
        let subject =
            |found: &EventIdentity| found.identity().map(|identity| identity.subject().as_str().to_owned());
        let mut all = Vec::new();
        paths(event, "", &mut all);
        for path in all {
            let node = event.pointer(&path).unwrap();
            let changed = retyped(node, &path).into_iter().map(|other| {
                let mut event = event.clone();
                *event.pointer_mut(&path).unwrap() = other;
                event
            });
            for mutant in changed.chain([without(event, &path)]) {
                mutants += 1;
                if let Ok(found) = fixture.identify(&mutant) {
                    accepted += 1;
                    let same = subject(&found) == subject(&original);
                    let iam = matches!(found, EventIdentity::Iam(_)) && subject(&found).is_none();
                    assert!(same || iam, "{} at {path}: {found:?}", text(&case["id"]));
                }
            }
        }
    }
    assert!(mutants > 10_000 && accepted > 1_000, "{mutants} mutants, {accepted} accepted");
}
