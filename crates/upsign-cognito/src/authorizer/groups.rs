//! Lists of names as gateways write them in a text. A text that cannot be split unambiguously has no names.
//!
//! The name of a Cognito group can contain commas and brackets, but no space. Source: Cognito user pools API, `GroupName`,
//! `[\p{L}\p{M}\p{S}\p{N}\p{P}]+`.

use serde_json::Value;
use upsign_json::{Json, Limits, read};

/// Splits the list of a REST API's event, which the gateway joins as `a,b`. Returns `None` if the text is ambiguous.
pub(super) fn comma_separated(text: &str) -> Option<Vec<&str>> {
    if text.is_empty() {
        return Some(Vec::new());
    }
    if has_outer_bracket(text) { None } else { names(text.split(',').map(str::trim)) }
}

/// Splits the list of an event with payload 2.0, which the gateway formats as Go does, `[a b]`. Returns `None` if the text is
/// ambiguous.
pub(super) fn bracketed(text: &str) -> Option<Vec<&str>> {
    if matches!(text, "" | "[]") {
        return Some(Vec::new());
    }
    let inner = text.strip_prefix('[')?.strip_suffix(']')?;
    if inner.contains(['[', ']', '"']) { None } else { names(inner.split(' ')) }
}

/// Splits the list of an HTTP API's event with payload 1.0, which has the spelling of payload 2.0. Without brackets it is read as
/// that of a REST API, whose payload it imitates.
pub(super) fn bracketed_or_comma_separated(text: &str) -> Option<Vec<&str>> {
    if has_outer_bracket(text) { bracketed(text) } else { comma_separated(text) }
}

/// Parses the JSON of a list of texts, which a Lambda authorizer can write because the context of a REST API has no lists.
/// Returns `None` for any other text.
pub(super) fn json_list(text: &str) -> Option<Value> {
    if !text.trim_start().starts_with('[') {
        return None;
    }
    let list = read(text.trim().as_bytes(), LIMITS).map(Json::into_value).ok()?;
    list.as_array().is_some_and(|items| items.iter().all(Value::is_string)).then_some(list)
}

/// A context is limited to a few KiB by the gateway.
const LIMITS: Limits = Limits::new(64 * 1024, 4);

/// Returns the names, or `None` if one cannot be the name of a group.
fn names<'a>(names: impl Iterator<Item = &'a str>) -> Option<Vec<&'a str>> {
    let names: Vec<&str> = names.collect();
    let is_name = |name: &&str| !name.is_empty() && !name.contains(char::is_whitespace);
    names.iter().all(is_name).then_some(names)
}

fn has_outer_bracket(text: &str) -> bool {
    text.trim_start().starts_with('[') || text.trim_end().ends_with(']')
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::json;

    use super::*;

    #[track_caller]
    fn check(text: &str, v1: Option<&[&str]>, v2: Option<&[&str]>) {
        assert_eq!(comma_separated(text).as_deref(), v1, "{text} in payload 1.0");
        assert_eq!(bracketed(text).as_deref(), v2, "{text} in payload 2.0");
    }

    #[test]
    fn groups_in_every_form() {
        check("a,b", Some(&["a", "b"]), None);
        check("a", Some(&["a"]), None);
        check("", Some(&[]), Some(&[]));
        check("a, b", Some(&["a", "b"]), None);
        check("a,,b", None, None);
        check("a,", None, None);
        check("a b", None, None);
        check("[a b]", None, Some(&["a", "b"]));
        check("[a]", None, Some(&["a"]));
        check("[]", None, Some(&[]));
        check("[a,b]", None, Some(&["a,b"]));
        check("[a  b]", None, None);
        check("[ a]", None, None);
        check("[[admin] x]", None, None);
        check("[\"a\",\"b\"]", None, None);
    }

    #[test]
    fn payload_1_of_an_http_api_has_the_spelling_of_payload_2() {
        for (text, names) in [
            ("[admin uploaders]", Some(vec!["admin", "uploaders"])),
            ("a,b", Some(vec!["a", "b"])),
            ("[[a] b]", None),
        ] {
            assert_eq!(bracketed_or_comma_separated(text), names, "{text}");
        }
    }

    #[test]
    fn lists_of_a_lambda_authorizer_can_be_json_text() {
        for text in ["[\"a\",\"b\"]", " [\"a\", \"b\"] ", "[\"a\",\"\\u0062\"]"] {
            assert_eq!(json_list(text), Some(json!(["a", "b"])), "{text}");
        }
        assert_eq!(json_list("[]"), Some(json!([])));
        for text in ["[a b]", "[\"a\",1]", "[\"a\"", "\"a\"", "a,b", "", "{}"] {
            assert_eq!(json_list(text), None, "{text}");
        }
    }

    proptest! {
        #[test]
        fn ordinary_names_are_read_from_both_forms(names in prop::collection::vec("[A-Za-z0-9_.:-]{1,12}", 1..6)) {
            let (v1, v2) = (names.join(","), format!("[{}]", names.join(" ")));
            let expected = Some(names.iter().map(String::as_str).collect::<Vec<_>>());
            prop_assert_eq!(&comma_separated(&v1), &expected);
            prop_assert_eq!(&bracketed(&v2), &expected);
        }
    }
}
