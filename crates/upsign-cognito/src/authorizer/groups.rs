//! Groups as gateways spell them. What cannot be split without doubt grants nothing.
//!
//! The name of a Cognito group holds letters, marks, symbols, digits and punctuation, commas and brackets included, but
//! no space. Source: Cognito user pools API, `GroupName`.

use serde_json::Value;

/// REST v1: a list has become `a,b`.
pub(crate) fn comma_separated(value: &Value) -> Vec<&str> {
    match value {
        Value::String(list) if !is_in_brackets(list) => pieces(list.split(',').map(str::trim)),
        _ => listed(value),
    }
}

/// HTTP v2: a list has become Go's `[a b]`.
pub(crate) fn bracketed(value: &Value) -> Vec<&str> {
    match value {
        Value::String(list) => {
            let inner = list.strip_prefix('[').and_then(|list| list.strip_suffix(']')).unwrap_or_default();
            if inner.contains(['[', ']', '"']) { Vec::new() } else { pieces(inner.split(' ')) }
        }
        _ => listed(value),
    }
}

/// A list that has stayed one.
pub(crate) fn listed(value: &Value) -> Vec<&str> {
    let texts = value.as_array().and_then(|list| list.iter().map(Value::as_str).collect::<Option<Vec<_>>>());
    texts.map(|texts| pieces(texts.into_iter())).unwrap_or_default()
}

fn pieces<'a>(pieces: impl Iterator<Item = &'a str>) -> Vec<&'a str> {
    let names: Vec<&str> = pieces.collect();
    let is_name = |name: &&str| !name.is_empty() && !name.contains(char::is_whitespace);
    if names.iter().all(is_name) { names } else { Vec::new() }
}

fn is_in_brackets(list: &str) -> bool {
    list.trim_start().starts_with('[') || list.trim_end().ends_with(']')
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::json;

    use super::*;

    #[track_caller]
    fn check(value: &Value, v1: &[&str], v2: &[&str]) {
        assert_eq!(comma_separated(value), v1, "{value} in REST v1");
        assert_eq!(bracketed(value), v2, "{value} in HTTP v2");
    }

    #[test]
    fn as_gateways_spell_them() {
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

    proptest! {
        #[test]
        fn ordinary_names_survive_both_spellings(names in prop::collection::vec("[A-Za-z0-9_.:-]{1,12}", 1..6)) {
            let (v1, v2) = (json!(names.join(",")), json!(format!("[{}]", names.join(" "))));
            prop_assert_eq!(comma_separated(&v1), names.iter().map(String::as_str).collect::<Vec<_>>());
            prop_assert_eq!(bracketed(&v2), names);
        }
    }
}
