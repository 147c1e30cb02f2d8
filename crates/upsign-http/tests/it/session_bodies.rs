//! The request bodies of the calls that continue an upload: what is read, and what is refused with which code.

use http::{HeaderMap, HeaderValue};
use upsign_core::{ExpiresIn, PartNumber};
use upsign_http::{
    AbortBody, CompleteBody, ConfirmBody, DeleteBody, DeleteBodyProof, InvalidBody, PartsBody, ReadBody,
    StatusBody,
};

/// One refused body per line, after the call and the code of its refusal.
const REFUSED: &str = include_str!("golden/session_bodies.txt");

const MAX: usize = 4 << 20;

fn parts(body: &str) -> Result<PartsBody, InvalidBody> {
    PartsBody::read_up_to(MAX, &HeaderMap::new(), body.as_bytes())
}

fn complete(body: &str) -> Result<CompleteBody, InvalidBody> {
    CompleteBody::read_up_to(MAX, &HeaderMap::new(), body.as_bytes())
}

/// Reads the body of a call and returns only whether it was accepted.
fn read(call: &str, max: usize, headers: &HeaderMap, body: &str) -> Result<(), InvalidBody> {
    let body = body.as_bytes();
    match call {
        "parts" => PartsBody::read_up_to(max, headers, body).map(drop),
        "status" => StatusBody::read_up_to(max, headers, body).map(drop),
        "complete" => CompleteBody::read_up_to(max, headers, body).map(drop),
        "abort" => AbortBody::read_up_to(max, headers, body).map(drop),
        "confirm" => ConfirmBody::read_up_to(max, headers, body).map(drop),
        "read-url" => ReadBody::read_up_to(max, headers, body).map(drop),
        _ => DeleteBody::read_up_to(max, headers, body).map(drop),
    }
}

#[test]
fn invalid_bodies_are_refused() {
    for line in REFUSED.lines() {
        let mut fields = line.splitn(3, ' ');
        let (call, code, body) = (fields.next().unwrap(), fields.next().unwrap(), fields.next().unwrap());
        let error = read(call, MAX, &HeaderMap::new(), body).unwrap_err();
        assert_eq!(error.code(), code, "{call} {body}: {error}");
    }
    assert!(REFUSED.lines().count() > 120);
}

/// The answer must not repeat the token or other text of the request.
#[test]
fn refusals_quote_nothing_of_the_request() {
    for body in [
        r#"{"uploadToken":"SECRET","partNumbers":["SECRET"]}"#,
        r#"{"uploadToken":"SECRET","SECRET":1}"#,
        r#"{"uploadToken":["SECRET"],"partNumbers":[1]}"#,
    ] {
        let error = parts(body).unwrap_err();
        assert!(!format!("{error} {error:?}").contains("SECRET"), "{error:?}");
    }
    let body = parts(r#"{"uploadToken":"SECRET","partNumbers":[1]}"#).unwrap();
    assert!(!format!("{body:?}").contains("SECRET"), "{body:?}");
    let body = complete(r#"{"uploadToken":"SECRET","parts":[]}"#).unwrap();
    assert!(!format!("{body:?}").contains("SECRET"), "{body:?}");
    let body = br#"{"uploadToken":"SECRET"}"#;
    let status = StatusBody::read_up_to(MAX, &HeaderMap::new(), body).unwrap();
    let abort = AbortBody::read_up_to(MAX, &HeaderMap::new(), body).unwrap();
    assert!(!format!("{status:?} {abort:?}").contains("SECRET"), "{status:?} {abort:?}");
    let confirm = ConfirmBody::read_up_to(MAX, &HeaderMap::new(), body).unwrap();
    let by_token = DeleteBody::read_up_to(MAX, &HeaderMap::new(), body).unwrap();
    let body = br#"{"receipt":"SECRET"}"#;
    let by_receipt = DeleteBody::read_up_to(MAX, &HeaderMap::new(), body).unwrap();
    let read = ReadBody::read_up_to(MAX, &HeaderMap::new(), body).unwrap();
    let shown = format!("{confirm:?} {by_token:?} {by_receipt:?} {read:?}");
    assert!(!shown.contains("SECRET"), "{shown}");
}

#[test]
fn messages_name_the_member_that_is_not_valid() {
    let message = |call: &str, body: &str| read(call, MAX, &HeaderMap::new(), body).unwrap_err().to_string();
    for (call, body, member) in [
        ("parts", r#"{"uploadToken":"t","partNumbers":[1,0]}"#, "partNumbers[1]"),
        ("parts", r#"{"uploadToken":"t","partNumbers":["1"]}"#, "partNumbers[0]"),
        ("parts", r#"{"uploadToken":"t","partNumbers":[1],"contentLengths":[7,-1]}"#, "contentLengths[1]"),
        ("status", r#"{"uploadToken":"t","after":99999}"#, "after"),
        ("complete", r#"{"uploadToken":"t","parts":[{"partNumber":1.5,"etag":"e"}]}"#, "parts[0].partNumber"),
    ] {
        let message = message(call, body);
        assert!(message.starts_with(&format!("`{member}` must be a whole number from ")), "{message}");
    }
}

#[test]
fn members_are_read_in_any_order() {
    let body = parts(
        r#" {"checksums":[null,"x="],"contentLengths":[0,9007199254740992],"partNumbers":[10000,1],"uploadToken":"t"} "#,
    )
    .unwrap();
    assert_eq!(&*body.upload_token, "t");
    assert_eq!(body.part_numbers.iter().map(|number| number.get()).collect::<Vec<_>>(), [10_000, 1]);
    assert_eq!(body.content_lengths.as_deref(), Some([0, 1 << 53].as_slice()));
    assert_eq!(body.checksums.as_deref(), Some([None, Some("x=".into())].as_slice()));

    let body = complete(
        r#"{"parts":[{"etag":"\"9b2c-1\"","partNumber":2},{"partNumber":1,"etag":"9b2c","checksum":"y="}],
            "checksum":{"crc64nvme":"z="},"uploadToken":"t"}"#,
    )
    .unwrap();
    let read: Vec<_> = body
        .parts
        .iter()
        .map(|part| (part.number.get(), part.etag.as_str(), part.checksum.as_deref()))
        .collect();
    assert_eq!(read, [(2, "9b2c-1", None), (1, "9b2c", Some("y="))]);
    assert_eq!(body.checksum, Some(("crc64nvme".into(), "z=".into())));

    let status = StatusBody::read_up_to(MAX, &HeaderMap::new(), br#"{"after":7,"uploadToken":"t"}"#).unwrap();
    assert_eq!(status.after.map(PartNumber::get), Some(7));

    let read = br#"{"disposition":"attachment","expiresIn":604800,"receipt":"r"}"#;
    let read = ReadBody::read_up_to(MAX, &HeaderMap::new(), read).unwrap();
    assert_eq!((&*read.receipt, read.expires_in.map(ExpiresIn::as_secs)), ("r", Some(604_800)));
    assert!(read.attachment);
    let delete = |body: &str| DeleteBody::read_up_to(MAX, &HeaderMap::new(), body.as_bytes()).unwrap().proof;
    assert_eq!(delete(r#"{"receipt":"r"}"#), DeleteBodyProof::Receipt("r".into()));
    assert_eq!(delete(r#"{"uploadToken":"t"}"#), DeleteBodyProof::UploadToken("t".into()));
}

/// An entity tag is the same with the quotes of the header `ETag` and without them.
#[test]
fn quotes_around_an_entity_tag_are_removed() {
    let body = |etag: &str| {
        let parts = serde_json::json!([{ "partNumber": 1, "etag": etag }]);
        complete(&serde_json::json!({ "uploadToken": "t", "parts": parts }).to_string()).unwrap()
    };
    assert_eq!(body("\"9b2cf535\""), body("9b2cf535"));
}

#[test]
fn one_call_has_a_maximum_number_of_parts() {
    let numbers = |count: usize| vec!["1"; count].join(",");
    let body = |count| format!(r#"{{"uploadToken":"t","partNumbers":[{}]}}"#, numbers(count));
    assert_eq!(parts(&body(1_000)).unwrap().part_numbers.len(), 1_000);
    assert_eq!(parts(&body(1_001)), Err(InvalidBody::TooManyParts(1_000)));
    assert_eq!(parts(&body(10_000)).unwrap_err().code(), "part-numbers-invalid");

    let part = r#"{"partNumber":1,"etag":"e"}"#;
    let body = |count| format!(r#"{{"uploadToken":"t","parts":[{}]}}"#, vec![part; count].join(","));
    assert_eq!(complete(&body(10_000)).unwrap().parts.len(), 10_000);
    assert_eq!(complete(&body(10_001)), Err(InvalidBody::TooManyParts(10_000)));
}

#[test]
fn size_and_type_of_the_body_are_checked_for_every_call() {
    for (call, body) in [
        ("parts", r#"{"uploadToken":"t","partNumbers":[1]}"#),
        ("status", r#"{"uploadToken":"t"}"#),
        ("complete", r#"{"uploadToken":"t","parts":[]}"#),
        ("abort", r#"{"uploadToken":"t"}"#),
        ("confirm", r#"{"uploadToken":"t"}"#),
        ("read-url", r#"{"receipt":"r"}"#),
        ("delete", r#"{"receipt":"r"}"#),
    ] {
        let with = |name: &'static str, value: &'static str| {
            HeaderMap::from_iter([(name.parse().unwrap(), HeaderValue::from_static(value))])
        };
        assert_eq!(read(call, body.len(), &HeaderMap::new(), body), Ok(()));
        let json = with("content-type", "Application/JSON; charset=utf-8");
        assert_eq!(read(call, body.len(), &json, body), Ok(()));
        let max = body.len() - 1;
        assert_eq!(read(call, max, &HeaderMap::new(), body), Err(InvalidBody::TooLarge(max)));
        let cut = with("content-length", "7");
        assert_eq!(read(call, MAX, &cut, body), Err(InvalidBody::Length));
        let form = with("content-type", "application/x-www-form-urlencoded");
        assert_eq!(read(call, MAX, &form, body), Err(InvalidBody::NotJsonType));
    }
}

/// A body within the limit of its call takes a bounded time, whatever it contains.
#[test]
fn deep_and_wide_bodies_end_early() {
    let deep = format!("{{\"partNumbers\":{}", "[".repeat(MAX - 100));
    assert_eq!(parts(&deep).unwrap_err().code(), "body-syntax");
    let wide = format!("{{\"parts\":[{}x", "0,".repeat(MAX / 2 - 100));
    assert_eq!(complete(&wide), Err(InvalidBody::TooManyParts(10_000)));
}
