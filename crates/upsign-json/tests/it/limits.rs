//! Limits, and which fault of several is reported.

use upsign_json::{InvalidJson, Json, Limits, read, read_object};

#[test]
fn texts_longer_than_the_limit_are_refused() {
    let limits = Limits::new(4, 1);
    assert!(read(b"[12]", limits).is_ok());
    assert_eq!(read(b"[123]", limits), Err(InvalidJson::TooLong));
    assert_eq!(read(b"{} x ", limits), Err(InvalidJson::TooLong), "the length is checked first");
    assert_eq!(read(b"", Limits::new(0, 1)), Err(InvalidJson::Syntax));
}

#[test]
fn nesting_deeper_than_the_limit_is_refused() {
    for max in [0, 1, 4, 127, 255] {
        let limits = Limits::new(100_000, max);
        let nested = |depth: usize| format!("{}{}", "[".repeat(depth), "]".repeat(depth));
        if max > 0 {
            assert!(read(nested(max.into()).as_bytes(), limits).is_ok(), "{max}");
        }
        let deeper = nested(usize::from(max) + 1);
        assert_eq!(read(deeper.as_bytes(), limits), Err(InvalidJson::Depth), "{max}");
    }
    let limits = Limits::new(100, 2);
    assert!(read(br#"{"a":{},"b":[]}"#, limits).is_ok(), "levels are nested, not counted");
    assert_eq!(read(br#"{"a":{"b":[]}}"#, limits), Err(InvalidJson::Depth));
    assert!(read(b"7", Limits::new(1, 0)).is_ok());
}

/// Deep nesting ends the parse at the limit, so a text of any length uses a bounded stack.
#[test]
fn deep_texts_end_early() {
    let limits = Limits::new(10_000_000, 255);
    for text in ["[".repeat(1_000_000), "{\"a\":".repeat(1_000_000), "[{\"a\":".repeat(500_000)] {
        assert_eq!(read(text.as_bytes(), limits), Err(InvalidJson::Depth));
    }
}

fn object(names: impl Iterator<Item = usize>) -> String {
    let members: Vec<String> = names.map(|n| format!("\"m{n}\":0")).collect();
    format!("{{{}}}", members.join(","))
}

#[test]
fn objects_with_too_many_members_are_refused() {
    for max in [0, 1, 3, 16, 17, 32, 100] {
        let limits = Limits::new(100_000, 4).with_max_members(max);
        assert_eq!(read_object(object(0..max).as_bytes(), limits).unwrap().len(), max);
        let wider = object(0..=max);
        assert_eq!(read_object(wider.as_bytes(), limits), Err(InvalidJson::TooManyMembers));
        let inner = format!("[[{wider}]]");
        assert_eq!(read(inner.as_bytes(), limits), Err(InvalidJson::TooManyMembers));
    }
}

/// Duplicates do not count towards the limit: they are the fault that is reported, unless enough members remain.
#[test]
fn duplicates_are_not_counted_as_members() {
    let limits = Limits::new(100_000, 4).with_max_members(32);
    let error = |text: String| read_object(text.as_bytes(), limits).unwrap_err();
    assert_eq!(error(object((0..32).chain(0..1))), InvalidJson::Duplicate);
    assert_eq!(error(object((0..1_000).map(|_| 0))), InvalidJson::Duplicate);
    assert_eq!(error(object((0..33).chain(0..1))), InvalidJson::TooManyMembers);
}

#[test]
fn error_does_not_depend_on_the_order_of_faults() {
    let limits = Limits::new(100_000, 4).with_max_members(2);
    let (duplicate, wide) = (r#"{"a":1,"a":2}"#, r#"{"a":1,"b":2,"c":3}"#);
    for (first, second) in [(duplicate, wide), (wide, duplicate)] {
        let text = format!("{{\"x\":{first},\"y\":{second}}}");
        assert_eq!(read(text.as_bytes(), limits), Err(InvalidJson::TooManyMembers), "{text}");
        let list = format!("[{first},{second}]");
        assert_eq!(read_object(list.as_bytes(), limits), Err(InvalidJson::NotAnObject), "{list}");
    }
    for text in
        [format!("[{duplicate},"), format!("[{wide},x]"), format!("{duplicate}{wide}"), format!("{wide},")]
    {
        assert_eq!(read(text.as_bytes(), limits), Err(InvalidJson::Syntax), "{text}");
    }
    let deep = format!("[{duplicate},[[[[]]]]]");
    assert_eq!(read(deep.as_bytes(), limits), Err(InvalidJson::Depth));
}

#[test]
fn limits_are_readable() {
    let limits = Limits::new(10, 2);
    assert_eq!((limits.max_bytes(), limits.max_depth(), limits.max_members()), (10, 2, usize::MAX));
    assert_eq!(limits.with_max_members(3).max_members(), 3);
}

#[test]
fn messages_complete_a_sentence() {
    for (error, text) in [
        (InvalidJson::TooLong, "JSON longer than the limit"),
        (InvalidJson::Syntax, "not valid JSON"),
        (InvalidJson::Depth, "JSON nested deeper than the limit"),
        (InvalidJson::NotAnObject, "JSON, but not an object"),
        (InvalidJson::TooManyMembers, "JSON with more members in one object than the limit"),
        (InvalidJson::Duplicate, "JSON with a duplicate member"),
    ] {
        assert_eq!(error.to_string(), text);
    }
    assert_eq!(read(b"", Limits::new(1, 1)).map(Json::into_value), Err(InvalidJson::Syntax));
}
