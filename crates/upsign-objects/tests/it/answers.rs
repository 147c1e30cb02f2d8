//! Answers that no store should give, and redirects.

use upsign_core::PartNumber;
use upsign_objects::*;

use crate::script::{COMPLETED, Script, Step, answer, at, key, upload_id};

fn complete() -> CompleteMultipartUpload {
    let part = CompletedPart::new(PartNumber::new(1).unwrap(), "abc".parse().unwrap());
    CompleteMultipartUpload::new(key(), upload_id(), [part])
}

/// A store that redirects wants another endpoint. The signed request is not sent there.
#[tokio::test]
async fn redirects_are_not_followed() {
    let other = Script::start([answer(200, "etag: \"a\"", "")]).await;
    let location = format!("location: {}/uploads/k", other.target.endpoint_url());
    for status in [301, 302, 303, 307, 308] {
        let script =
            Script::start([answer(status, &location, "<Error><Code>PermanentRedirect</Code></Error>")]).await;
        let error = script.calls().complete_multipart_upload(&complete(), at()).await.unwrap_err();
        assert_eq!(
            (error.store().unwrap().status(), error.code()),
            (status, Some(&ErrorCode::PermanentRedirect))
        );
    }
    assert!(other.requests().is_empty());
}

/// The connection ended within the answer: the outcome is not known, so the call is repeated.
#[tokio::test]
async fn truncated_answers_are_repeated() {
    let cut =
        |text: &str| Step::Send(format!("HTTP/1.1 200 OK\r\nconnection: close\r\n\r\n{text}").into_bytes());
    let half = COMPLETED.get(..40).unwrap();
    let short = Step::Send(b"HTTP/1.1 200 OK\r\ncontent-length: 99\r\n\r\n<CompleteMultipart".to_vec());
    for step in [cut(""), cut("   "), cut(half), cut("<CompleteMultipartUploadResult><ETag>&quo"), short] {
        let script = Script::start([step.clone(), answer(200, "", COMPLETED)]).await;
        let completed = script.calls().complete_multipart_upload(&complete(), at()).await.unwrap();
        assert_eq!((completed.etag.as_str(), script.requests().len()), ("abc-1", 2), "{step:?}");
    }
}

#[tokio::test]
async fn other_documents_are_not_taken_for_success() {
    let doctype = "<!DOCTYPE a [<!ENTITY e \"x\">]><CompleteMultipartUploadResult><ETag>&e;</ETag></CompleteMultipartUploadResult>";
    for body in [
        "<html><body>Log in</body></html>",
        "{\"etag\": \"abc\"}",
        doctype,
        "<CompleteMultipartUploadResult><ETag>&e;</ETag></CompleteMultipartUploadResult>",
        "<CompleteMultipartUploadResult/>",
        "<CompleteMultipartUploadResult><ETag>a b</ETag></CompleteMultipartUploadResult>",
        "<CopyObjectResult><ETag>abc</ETag></CopyObjectResult>",
    ] {
        let script = Script::start([answer(200, "", body)]).await;
        let error = script.calls().complete_multipart_upload(&complete(), at()).await.unwrap_err();
        assert!(matches!(error.failure(), CallFailure::Answer(_)), "{body}: {error:?}");
        assert!(error.may_have_happened(), "{body}");
    }
}

#[tokio::test]
async fn answers_without_needed_headers_are_refused() {
    for (head, member) in
        [("HTTP/1.1 200 OK\r\ncontent-length: 7", "etag"), ("HTTP/1.1 200 OK\r\netag: a", "content-length")]
    {
        let script =
            Script::start([Step::Send(format!("{head}\r\nconnection: close\r\n\r\n").into_bytes())]).await;
        let error = script.calls().head_object(&HeadObject::new(key()), at()).await.unwrap_err();
        let found =
            matches!(error.failure(), CallFailure::Answer(InvalidAnswer::Member(name)) if *name == member);
        assert!(found, "{error:?}");
    }
}

/// A server may ignore a range (RFC 9110, section 14.2). Only the whole object from its start is the range that was requested.
#[tokio::test]
async fn whole_object_is_accepted_in_place_of_a_range_from_its_start() {
    for (offset, length, body, is_accepted) in
        [(0, 4, "abcd", true), (0, 9, "abcd", true), (0, 3, "abcd", false), (1, 4, "abcd", false)]
    {
        let script = Script::start([answer(200, "etag: \"a\"", body)]).await;
        let call = GetObject::range(key(), offset, length);
        let read = script.calls().get_object(&call, at()).await;
        assert_eq!(read.is_ok(), is_accepted, "{offset} {length}: {read:?}");
        assert!(read.is_err() || read.is_ok_and(|range| range.bytes == b"abcd" && range.head.size == 4));
    }
}
