//! The request bodies that describe several files: what is read, and what is refused with which code.

use http::{HeaderMap, HeaderValue};
use upsign_http::{FilesBody, InvalidBody, Problem};
use upsign_policy::{IdName, UploadRequest};

/// One refused body per line, after the code of its refusal.
const REFUSED: &str = include_str!("golden/files_bodies.txt");

const MAX: usize = 1 << 20;

fn read(body: &str) -> Result<FilesBody, InvalidBody> {
    FilesBody::read_up_to(MAX, &HeaderMap::new(), body.as_bytes(), &["articleId"])
}

#[test]
fn invalid_bodies_are_refused() {
    for line in REFUSED.lines() {
        let (code, body) = line.split_once(' ').unwrap();
        assert_eq!(read(body).map_err(|error| error.code()), Err(code), "{body}");
    }
    assert!(REFUSED.lines().count() > 20);
    assert_eq!(read("{}"), Err(InvalidBody::Missing("files")));
    let headers =
        HeaderMap::from_iter([(http::header::CONTENT_TYPE, HeaderValue::from_static("text/plain"))]);
    assert_eq!(FilesBody::read_up_to(MAX, &headers, b"{}", &[]), Err(InvalidBody::NotJsonType));
    assert_eq!(FilesBody::read_up_to(1, &HeaderMap::new(), b"{}", &[]), Err(InvalidBody::TooLarge(1)));
}

#[test]
fn files_are_read_in_order() {
    let body = read(
        r#"{"files":[{"contentType":"image/png"},{},{"contentLength":7,"articleId":"8","metadata":{"b":"1","a":"2"}}],
            "route":"photos"}"#,
    );
    let body = body.unwrap();
    let third = UploadRequest::described().with_content_length(7).with_id("articleId", "8");
    let expected = [
        UploadRequest::described().with_content_type("image/png"),
        UploadRequest::described(),
        third.with_metadata("a", "2").with_metadata("b", "1"),
    ];
    assert_eq!((body.route.as_deref(), body.files.as_slice()), (Some("photos"), expected.as_slice()));
    assert_eq!(read(r#"{"files":[]}"#).unwrap().files, []);
}

#[test]
fn number_of_files_has_a_maximum() {
    let list = |count| format!(r#"{{"files":[{}]}}"#, vec!["{}"; count].join(","));
    assert_eq!(read(&list(255)).unwrap().files.len(), 255);
    let error = read(&list(256)).unwrap_err();
    assert_eq!((error.code(), error.file()), ("files-count", None));
}

/// The problem names the file, so that a program can tell its user which one to change.
#[test]
fn refusal_of_a_file_names_its_index() {
    let error = read(r#"{"files":[{},{"contentLength":-1}]}"#).unwrap_err();
    assert_eq!(
        error.to_string(),
        "`files[1]`: `contentLength` must be a whole number from 0 to 9007199254740992"
    );
    let problem = Problem::from(&error);
    assert_eq!((problem.code(), problem.members()["file"].as_u64()), ("content-length-invalid", Some(1)));
    assert_eq!(problem.status(), 400);
    assert!(Problem::from(&InvalidBody::Syntax).members().is_empty());
}

/// The message about an unknown member lists what the policy knows as members of a request.
#[test]
fn known_members_are_those_that_ids_cannot_have() {
    let InvalidBody::File { error, .. } = read(r#"{"files":[{"x":1}]}"#).unwrap_err() else { panic!() };
    let InvalidBody::UnknownMember(known) = *error else { panic!() };
    let mut known: Vec<&str> = known.split(", ").filter(|name| *name != "articleId").collect();
    known.push("route");
    known.sort_unstable();
    assert_eq!(known, IdName::REQUEST_MEMBERS);
}
