//! Agreement with `serde_json` on random texts: an accepted text has the same value in both, and a text that only this reader
//! refuses breaks a rule that `serde_json` does not check.

use proptest::prelude::*;
use serde_json::Value;
use upsign_json::{InvalidJson, Json, read};

use crate::WIDE;

fn any_json() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        any::<u64>().prop_map(Value::from),
        (-1e300..1e300).prop_map(Value::from),
        ".*".prop_map(Value::from),
    ];
    leaf.prop_recursive(4, 40, 5, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..5).prop_map(Value::from),
            prop::collection::btree_map(".{0,4}", inner, 0..5)
                .prop_map(|members| Value::Object(members.into_iter().collect())),
        ]
    })
}

/// Text made of the pieces of JSON, so that faults of syntax are more interesting than a wrong first byte.
fn nearly_json() -> impl Strategy<Value = String> {
    const PIECES: [&str; 36] = [
        "{",
        "}",
        "[",
        "]",
        ":",
        ",",
        "\"",
        "\"a\"",
        "\"b\"",
        "\\",
        "\\u",
        "0041",
        "\\ud83d",
        "\\ude00",
        "null",
        "true",
        "fals",
        "0",
        "-",
        "1",
        "12",
        ".",
        ".5",
        "e",
        "E",
        "+",
        "e3",
        "-0",
        " ",
        "\n",
        "é",
        "\u{1}",
        "\"a\":",
        "{\"a\":1}",
        "[1]",
        "18446744073709551616",
    ];
    prop::collection::vec(prop::sample::select(&PIECES[..]), 0..12).prop_map(|pieces| pieces.concat())
}

/// Returns whether both values are equal. Without its feature `float_roundtrip`, `serde_json` can be off by a few units in
/// the last place of a fraction.
fn agrees(ours: &Json<'_>, theirs: &Value) -> bool {
    match (ours, theirs) {
        (Json::Null, Value::Null) => true,
        (Json::Bool(ours), Value::Bool(theirs)) => ours == theirs,
        (Json::String(ours), Value::String(theirs)) => ours == theirs,
        (Json::Number(ours), Value::Number(theirs)) => {
            let (float, other) = (ours.as_f64(), theirs.as_f64().unwrap());
            // With `arbitrary_precision`, `serde_json` takes `-0` for an `i64`.
            let same_integer = (ours.as_u64(), ours.as_i64()) == (theirs.as_u64(), theirs.as_i64());
            (same_integer || ours.text() == "-0") && (float - other).abs() <= float.abs() * 4.0 * f64::EPSILON
        }
        (Json::Array(ours), Value::Array(theirs)) => {
            ours.len() == theirs.len() && ours.iter().zip(theirs).all(|(ours, theirs)| agrees(ours, theirs))
        }
        (Json::Object(ours), Value::Object(theirs)) => {
            let same = |(name, ours)| theirs.get(name).is_some_and(|theirs| agrees(ours, theirs));
            ours.len() == theirs.len() && ours.iter().all(same)
        }
        _ => false,
    }
}

fn compare(text: &[u8]) -> Result<(), TestCaseError> {
    match (read(text, WIDE), serde_json::from_slice::<Value>(text)) {
        (Ok(ours), Ok(theirs)) => prop_assert!(agrees(&ours, &theirs), "{ours:?} and {theirs:?}"),
        (Err(InvalidJson::Duplicate), Ok(_)) | (Err(InvalidJson::Syntax), Err(_)) => {}
        // With `arbitrary_precision`, `serde_json` accepts a number of any size.
        (Err(InvalidJson::Syntax), Ok(theirs)) => prop_assert!(has_huge_number(&theirs), "{theirs}"),
        (ours, theirs) => prop_assert!(false, "{ours:?} and {theirs:?}"),
    }
    Ok(())
}

fn has_huge_number(value: &Value) -> bool {
    match value {
        Value::Number(number) => number.as_f64().is_none(),
        Value::Array(items) => items.iter().any(has_huge_number),
        Value::Object(members) => members.values().any(has_huge_number),
        _ => false,
    }
}

proptest! {
    #[test]
    fn written_json_is_read_back(json in any_json()) {
        let text = json.to_string();
        let ours = read(text.as_bytes(), WIDE).unwrap();
        prop_assert!(agrees(&ours, &json), "{ours:?} and {json}");
        compare(text.as_bytes())?;
        prop_assert_eq!(ours.clone().into_value(), read(text.as_bytes(), WIDE).unwrap().into_value());
    }

    #[test]
    fn random_bytes(bytes in prop::collection::vec(any::<u8>(), 0..200)) {
        compare(&bytes)?;
    }

    #[test]
    fn random_pieces_of_json(text in nearly_json()) {
        compare(text.as_bytes())?;
    }

    #[test]
    fn altered_json(json in any_json(), position in any::<prop::sample::Index>(), byte in any::<u8>()) {
        let mut bytes = json.to_string().into_bytes();
        let position = position.index(bytes.len());
        bytes[position] = byte;
        compare(&bytes)?;
    }
}
