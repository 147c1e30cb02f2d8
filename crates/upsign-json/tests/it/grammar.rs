//! Texts that are and are not JSON.

use serde_json::json;
use upsign_json::{InvalidJson, Json, read, read_object};

use crate::WIDE;

#[track_caller]
fn refused(text: &str, error: InvalidJson) {
    assert_eq!(read_object(text.as_bytes(), WIDE), Err(error), "{text}");
}

#[track_caller]
fn means(text: &str, expected: &serde_json::Value) {
    assert_eq!(read(text.as_bytes(), WIDE).map(Json::into_value).as_ref(), Ok(expected), "{text}");
}

#[test]
fn values_of_every_type() {
    means("null", &json!(null));
    means("true", &json!(true));
    means(" false ", &json!(false));
    means("\"\"", &json!(""));
    means("[]", &json!([]));
    means("[ ]", &json!([]));
    means("{}", &json!({}));
    means("{ }", &json!({}));
    means("\t\r\n [1 , [\"a\"] , {\"b\" : null}] ", &json!([1, ["a"], {"b": null}]));
}

#[test]
fn invalid_syntax_is_refused() {
    for text in [
        "",
        " ",
        "{",
        "[",
        "}",
        "{]",
        "[}",
        "{}x",
        "{} {}",
        "{}\u{0}",
        "{\"a\"}",
        "{\"a\":}",
        "{\"a\" 1}",
        "{:1}",
        "{1:1}",
        "{\"a\":1,}",
        "{,\"a\":1}",
        "{\"a\":1 \"b\":2}",
        "[1,]",
        "[,1]",
        "[1 2]",
        "{'a':1}",
        "{a:1}",
        "{\"a\":1}//",
        "{/**/}",
        "nul",
        "nulls",
        "Null",
        "tru",
        "truefalse",
        "fals",
        "\"",
        "\"a",
        "\"\\\"",
        "'a'",
        "{\"a\":NaN}",
        "{\"a\":Infinity}",
        "{\"a\":-Infinity}",
        "\u{a0}{}",
        "\u{b}{}",
        "\u{2028}{}",
    ] {
        refused(text, InvalidJson::Syntax);
    }
}

#[test]
fn byte_order_mark_is_refused() {
    refused("\u{feff}{}", InvalidJson::Syntax);
    assert_eq!(read(b"{}".as_slice(), WIDE).map(Json::into_value), Ok(json!({})));
    let utf16: Vec<u8> = "{}".encode_utf16().flat_map(u16::to_le_bytes).collect();
    assert_eq!(read(&utf16, WIDE), Err(InvalidJson::Syntax));
}

#[test]
fn invalid_utf8_is_refused() {
    let texts: [&[u8]; 5] =
        [b"{\"a\":\"\xff\"}", b"\"\xc0\x80\"", b"\"\xed\xa0\x80\"", b"\"\xf4\x90\x80\x80\"", b"{}\xff"];
    for text in texts {
        assert_eq!(read(text, WIDE), Err(InvalidJson::Syntax), "{text:?}");
    }
}

#[test]
fn escapes_and_characters_in_strings() {
    means(r#""\"\\\/\b\f\n\r\t""#, &json!("\"\\/\u{8}\u{c}\n\r\t"));
    means(r#""a\u0041\u00e9\u20AC\ud83d\ude00z""#, &json!("aAé€😀z"));
    means(r#""\u0000""#, &json!("\0"));
    means("\"é😀\u{7f}\u{2028}\"", &json!("é😀\u{7f}\u{2028}"));
    for length in 0..70 {
        // Every position of an escape within and between the blocks that are scanned at once.
        let plain = "x".repeat(length);
        means(&format!("\"{plain}\\n{plain}\""), &json!(format!("{plain}\n{plain}")));
        means(&format!("\"{plain}é\""), &json!(format!("{plain}é")));
        refused(&format!("\"{plain}\u{1f}\""), InvalidJson::Syntax);
        refused(&format!("\"{plain}"), InvalidJson::Syntax);
    }
    for control in 0..0x20_u8 {
        refused(&format!("\"{}\"", char::from(control)), InvalidJson::Syntax);
    }
    for escape in ["\\", "\\x", "\\a", "\\u", "\\u12", "\\u123g", "\\u+123", "\\U0041", "\\'", "\\0", "\\é"]
    {
        refused(&format!("\"{escape}\""), InvalidJson::Syntax);
    }
}

#[test]
fn unpaired_surrogates_are_refused() {
    for text in [
        r"\ud800",
        r"\udc00",
        r"\udbff",
        r"\udfff",
        r"\ud800x",
        r"\ud800\n",
        r"\ud800\u0041",
        r"\ud800\ud800",
        r"\udc00\ud800",
        r"\ud800\u",
        r"\ud800\udc0",
    ] {
        refused(&format!("\"{text}\""), InvalidJson::Syntax);
        refused(&format!("{{\"{text}\":1}}"), InvalidJson::Syntax);
    }
}

#[test]
fn strings_without_escapes_borrow_from_the_document() {
    let object = read_object(br#"{"plain":"text","esc\u0061ped":"\t"}"#, WIDE).unwrap();
    let borrowed: Vec<_> = object
        .into_iter()
        .map(|(name, value)| match value {
            Json::String(text) => {
                (matches!(name, std::borrow::Cow::Borrowed(_)), matches!(text, std::borrow::Cow::Borrowed(_)))
            }
            other => panic!("{other:?}"),
        })
        .collect();
    assert_eq!(borrowed, [(true, true), (false, false)]);
}

#[test]
fn members_keep_the_order_of_the_document() {
    let object = read_object(br#"{"z":1,"a":2,"m":3}"#, WIDE).unwrap();
    assert_eq!((&object).into_iter().map(|(name, _)| name).collect::<Vec<_>>(), ["z", "a", "m"]);
    assert_eq!(object.get("a").and_then(Json::as_u64), Some(2));
    assert!(object.contains("m") && !object.contains("A") && object.get("").is_none());
    assert!(object.len() == 3 && !object.is_empty());
}

#[test]
fn duplicate_members_are_refused() {
    refused(r#"{"a":1,"a":1}"#, InvalidJson::Duplicate);
    refused(r#"{"a":1,"b":2,"a":{}}"#, InvalidJson::Duplicate);
    refused(r#"{"sub":1,"s\u0075b":2}"#, InvalidJson::Duplicate);
    refused(r#"{"\ud83d\ude00":1,"😀":2}"#, InvalidJson::Duplicate);
    refused(r#"{"":1,"":2}"#, InvalidJson::Duplicate);
    refused(r#"{"a":[{"b":{"c":1,"c":2}}]}"#, InvalidJson::Duplicate);
    // Neither case nor Unicode normalization makes names equal.
    means(r#"{"a":1,"A":2,"é":3,"e\u0301":4}"#, &json!({"a": 1, "A": 2, "é": 3, "e\u{301}": 4}));
}

#[test]
fn duplicates_among_many_members() {
    for count in [2, 15, 16, 17, 200] {
        let names: Vec<String> = (0..count).map(|n| format!("\"m{n}\":0")).collect();
        let text = format!("{{{}}}", names.join(","));
        assert_eq!(read_object(text.as_bytes(), WIDE).unwrap().len(), count);
        for (index, copied) in [(0, count - 1), (count / 2, 0), (count - 1, count / 2)] {
            let mut names = names.clone();
            if index != copied {
                names[index] = names[copied].clone();
                refused(&format!("{{{}}}", names.join(",")), InvalidJson::Duplicate);
            }
        }
    }
}

#[test]
fn other_types_are_not_objects() {
    for text in ["[]", "null", "7", "\"{}\"", "[{\"a\":1,\"a\":2}]", "true"] {
        refused(text, InvalidJson::NotAnObject);
    }
}

/// The names by which `serde_json` marks numbers and raw values internally are ordinary names here.
#[test]
fn private_names_of_serde_json_have_no_meaning() {
    for name in ["Number", "RawValue"] {
        let name = format!("$serde_json::private::{name}");
        for value in ["\"5\"", "5", "{}"] {
            let text = format!("{{\"{name}\":{value}}}");
            let object = read_object(text.as_bytes(), WIDE).unwrap();
            assert_eq!(object.iter().map(|(name, _)| name).collect::<Vec<_>>(), [name.as_str()]);
            refused(&format!("{{\"{name}\":{value},\"a\":1,\"a\":1}}"), InvalidJson::Duplicate);
        }
    }
}
