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
fn arrays_with_too_many_items_are_refused() {
    for max in [0, 1, 3, 1_000] {
        let limits = Limits::new(100_000, 4).with_max_items(max);
        let array = |items: usize| format!("[{}]", vec!["0"; items].join(","));
        assert_eq!(read(array(max).as_bytes(), limits).unwrap().as_array().unwrap().len(), max);
        assert_eq!(read(array(max + 1).as_bytes(), limits), Err(InvalidJson::TooManyItems), "{max}");
        let inner = format!("{{\"a\":{}}}", array(max + 1));
        assert_eq!(read_object(inner.as_bytes(), limits), Err(InvalidJson::TooManyItems), "{max}");
    }
    let limits = Limits::new(100, 4).with_max_items(1);
    assert!(read(br#"{"a":1,"b":[2],"c":[3]}"#, limits).is_ok(), "each array has its own count");
}

/// The fault that comes first in the text is reported, and nothing after the last permitted item is read.
#[test]
fn long_arrays_end_early() {
    let limits = Limits::new(10_000_000, 4).with_max_items(1_000);
    let syntax_error_later = format!("[{}x", "0,".repeat(1_000_000));
    assert_eq!(read(syntax_error_later.as_bytes(), limits), Err(InvalidJson::TooManyItems));
    assert_eq!(read(b"[x,0,0]", limits.with_max_items(1)), Err(InvalidJson::Syntax));
    assert_eq!(read(b"[[[[[0,0]]]]]", limits.with_max_items(1)), Err(InvalidJson::Depth));
}

#[test]
fn limits_are_readable() {
    let limits = Limits::new(10, 2);
    assert_eq!((limits.max_bytes(), limits.max_depth(), limits.max_members()), (10, 2, usize::MAX));
    assert_eq!(limits.with_max_members(3).max_members(), 3);
    assert_eq!((limits.max_items(), limits.with_max_items(4).max_items()), (usize::MAX, 4));
}

#[test]
fn messages_complete_a_sentence() {
    for (error, text) in [
        (InvalidJson::TooLong, "JSON longer than the limit"),
        (InvalidJson::Syntax, "not valid JSON"),
        (InvalidJson::Depth, "JSON nested deeper than the limit"),
        (InvalidJson::NotAnObject, "JSON, but not an object"),
        (InvalidJson::TooManyMembers, "JSON with more members in one object than the limit"),
        (InvalidJson::TooManyItems, "JSON with more items in one array than the limit"),
        (InvalidJson::Duplicate, "JSON with a duplicate member"),
    ] {
        assert_eq!(error.to_string(), text);
    }
    assert_eq!(read(b"", Limits::new(1, 1)).map(Json::into_value), Err(InvalidJson::Syntax));
}
