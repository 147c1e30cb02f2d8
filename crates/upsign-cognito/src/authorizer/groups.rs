//! Groups in the forms in which gateways send them. A text that cannot be split unambiguously grants no group.
//!
//! The name of a Cognito group can contain commas and brackets, but no space. Source: Cognito user pools API, `GroupName`,
//! `[\p{L}\p{M}\p{S}\p{N}\p{P}]+`.

use std::borrow::Cow;

use serde_json::Value;
use upsign_json::{Json, Limits, read};

/// Reads the groups of a REST API's event, which the gateway joins as `a,b`.
pub(crate) fn comma_separated(value: &Value) -> Vec<&str> {
    match value {
        Value::String(list) if !has_outer_bracket(list) => valid_names(list.split(',').map(str::trim)),
        _ => listed(value),
    }
}

/// Reads the groups of an event with payload 2.0, which the gateway formats as Go does, `[a b]`.
pub(crate) fn bracketed(value: &Value) -> Vec<&str> {
    match value {
        Value::String(list) => {
            let inner = list.strip_prefix('[').and_then(|list| list.strip_suffix(']')).unwrap_or_default();
            if inner.contains(['[', ']', '"']) { Vec::new() } else { valid_names(inner.split(' ')) }
        }
        _ => listed(value),
    }
}

/// Reads the groups of an HTTP API's event with payload 1.0, which has the spelling of payload 2.0. Without brackets it is read
/// as that of a REST API, whose payload it imitates.
pub(crate) fn bracketed_or_comma_separated(value: &Value) -> Vec<&str> {
    match value {
        Value::String(list) if !has_outer_bracket(list) => comma_separated(value),
        _ => bracketed(value),
    }
}

/// Reads the groups of a Lambda authorizer's context: a list, the JSON text of a list, or text with commas.
pub(crate) fn of_context(value: &Value) -> Vec<Cow<'_, str>> {
    let json = match value {
        Value::String(text) if has_outer_bracket(text) => read(text.trim().as_bytes(), LIMITS).ok(),
        _ => None,
    };
    match json.map(Json::into_value) {
        Some(list) => listed(&list).into_iter().map(|name| Cow::Owned(name.to_owned())).collect(),
        None => comma_separated(value).into_iter().map(Cow::Borrowed).collect(),
    }
}

/// A context is limited to a few KiB by the gateway.
const LIMITS: Limits = Limits::new(64 * 1024, 4);

/// Reads the groups of a JSON list of strings.
pub(crate) fn listed(value: &Value) -> Vec<&str> {
    let texts = value.as_array().and_then(|list| list.iter().map(Value::as_str).collect::<Option<Vec<_>>>());
    texts.map(|texts| valid_names(texts.into_iter())).unwrap_or_default()
}

/// Returns the names, or none of them if one cannot be the name of a group.
fn valid_names<'a>(names: impl Iterator<Item = &'a str>) -> Vec<&'a str> {
    let names: Vec<&str> = names.collect();
    let is_name = |name: &&str| !name.is_empty() && !name.contains(char::is_whitespace);
    if names.iter().all(is_name) { names } else { Vec::new() }
}

fn has_outer_bracket(list: &str) -> bool {
    list.trim_start().starts_with('[') || list.trim_end().ends_with(']')
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::json;

    use super::*;

    #[track_caller]
    fn check(value: &Value, v1: &[&str], v2: &[&str]) {
        assert_eq!(comma_separated(value), v1, "{value} in payload 1.0");
        assert_eq!(bracketed(value), v2, "{value} in payload 2.0");
    }

    #[test]
    fn groups_in_every_form() {
        check(&json!("a,b"), &["a", "b"], &[]);
        check(&json!("a"), &["a"], &[]);
        check(&json!(""), &[], &[]);
        check(&json!("a, b"), &["a", "b"], &[]);
        check(&json!("a,,b"), &[], &[]);
        check(&json!("a,"), &[], &[]);
        check(&json!("a b"), &[], &[]);
        check(&json!("[a b]"), &[], &["a", "b"]);
        check(&json!("[a]"), &[], &["a"]);
        check(&json!("[]"), &[], &[]);
        check(&json!("[a,b]"), &[], &["a,b"]);
        check(&json!("[a  b]"), &[], &[]);
        check(&json!("[ a]"), &[], &[]);
        check(&json!("[[admin] x]"), &[], &[]);
        check(&json!("[\"a\",\"b\"]"), &[], &[]);
        check(&json!(["a", "b"]), &["a", "b"], &["a", "b"]);
        check(&json!(["a", 1]), &[], &[]);
        check(&json!(["a", ""]), &[], &[]);
        check(&json!(null), &[], &[]);
        check(&json!({"a": 1}), &[], &[]);
    }

    #[test]
    fn payload_1_of_an_http_api_has_the_spelling_of_payload_2() {
        for (text, groups) in
            [("[admin uploaders]", vec!["admin", "uploaders"]), ("a,b", vec!["a", "b"]), ("[[a] b]", vec![])]
        {
            assert_eq!(bracketed_or_comma_separated(&json!(text)), groups, "{text}");
        }
    }

    #[test]
    fn lists_of_a_lambda_authorizer_can_be_json_text() {
        for value in [json!("[\"a\",\"b\"]"), json!(["a", "b"]), json!("a,b"), json!(" [\"a\", \"b\"] ")] {
            assert_eq!(of_context(&value), ["a", "b"], "{value}");
        }
        for value in
            [json!("[a b]"), json!("[\"a\",1]"), json!("[\"a b\"]"), json!("[\"a\""), json!("[]"), json!(7)]
        {
            assert!(of_context(&value).is_empty(), "{value}");
        }
    }

    proptest! {
        #[test]
        fn ordinary_names_are_read_from_both_forms(names in prop::collection::vec("[A-Za-z0-9_.:-]{1,12}", 1..6)) {
            let (v1, v2) = (json!(names.join(",")), json!(format!("[{}]", names.join(" "))));
            prop_assert_eq!(comma_separated(&v1), names.iter().map(String::as_str).collect::<Vec<_>>());
            prop_assert_eq!(bracketed(&v2), names);
        }
    }
}
