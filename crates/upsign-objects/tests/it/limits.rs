//! Limits of time and of memory.

use std::time::{Duration, Instant};

use upsign_objects::*;

use crate::script::{Script, Step, answer, at, error, key, short_limits, upload_id};

#[tokio::test]
async fn an_attempt_and_a_call_end_in_time() {
    let script = Script::start([Step::Hang]).await;
    let began = Instant::now();
    let calls = script.calls().with_max_attempts(100);
    let error = calls.head_object(&HeadObject::new(key()), at()).await.unwrap_err();
    let took = began.elapsed();
    // No attempt was begun with less than half of its time.
    let half = Duration::from_millis(350);
    assert!(matches!(error.failure(), CallFailure::Timeout(limit) if *limit >= half), "{error:?}");
    assert!((2..100).contains(&error.attempts()), "{}", error.attempts());
    // The total is 3 s, and an attempt 0.7 s.
    assert!(took >= Duration::from_millis(1_400) && took < Duration::from_millis(3_500), "{took:?}");
}

#[tokio::test]
async fn an_attempt_is_not_longer_than_the_call() {
    let script = Script::start([Step::Hang]).await;
    let limits = short_limits().with_total(Duration::from_millis(200));
    let began = Instant::now();
    let calls = script.calls().with_time_limits(limits);
    let error = calls.head_object(&HeadObject::new(key()), at()).await.unwrap_err();
    assert!(began.elapsed() < Duration::from_millis(600), "{error:?}");
    assert_eq!(error.attempts(), 1);
}

/// Connections are reused, and one that the store has closed in the meantime is not: a call that is not repeated would fail.
#[tokio::test]
async fn connections_are_reused_until_the_store_closes_them() {
    let kept = || Step::Keep(b"HTTP/1.1 204 No Content\r\n\r\n".to_vec());
    // The last answer promises to keep the connection, and the server closes it.
    let closed = Step::Send(b"HTTP/1.1 204 No Content\r\n\r\n".to_vec());
    let script = Script::start([kept(), kept(), closed, kept()]).await;
    let calls = script.calls();
    for number in 1..=4 {
        calls.delete_object(&DeleteObject::current(key()), at()).await.unwrap();
        tokio::time::sleep(Duration::from_millis(50)).await;
        assert_eq!(script.connections(), if number < 4 { 1 } else { 2 });
    }
}

/// The body of an answer counts, too.
#[tokio::test]
async fn a_body_that_stalls_ends_in_time() {
    let head = "HTTP/1.1 200 OK\r\ncontent-length: 100\r\n\r\n<ListParts";
    let script = Script::start([Step::Send(head.as_bytes().to_vec())]).await;
    let calls = script.calls().with_max_attempts(2);
    let error = calls.list_parts(&ListParts::new(key(), upload_id()), at()).await.unwrap_err();
    assert!(matches!(error.failure(), CallFailure::Connection(_)), "{error:?}");
    assert_eq!(error.attempts(), 2);
}

#[tokio::test]
async fn a_longer_retry_after_than_the_limit_fails_at_once() {
    let slow = answer(503, "retry-after: 30", "<Error><Code>SlowDown</Code></Error>");
    let script = Script::start([slow]).await;
    let began = Instant::now();
    let error = script.calls().head_object(&HeadObject::new(key()), at()).await.unwrap_err();
    assert!(began.elapsed() < Duration::from_secs(2));
    assert_eq!((error.retry_after(), error.attempts()), (Some(30), 1));
    assert!(error.retry_may_help());
}

#[tokio::test]
async fn retry_after_is_honored() {
    let slow = answer(503, "retry-after: 1", "<Error><Code>SlowDown</Code></Error>");
    let script = Script::start([slow, answer(200, "etag: \"a\"", "")]).await;
    let began = Instant::now();
    script.calls().head_object(&HeadObject::new(key()), at()).await.unwrap();
    assert!(began.elapsed() >= Duration::from_secs(1));
}

/// All pages of a list share one limit.
#[tokio::test]
async fn a_list_without_end_is_refused() {
    let page = |part: u16, next: u16| {
        let part = format!("<Part><PartNumber>{part}</PartNumber><ETag>e</ETag><Size>1</Size></Part>");
        let more =
            format!("<IsTruncated>true</IsTruncated><NextPartNumberMarker>{next}</NextPartNumberMarker>");
        answer(200, "", &format!("<ListPartsResult>{part}{more}</ListPartsResult>"))
    };
    let empty = "<ListPartsResult><IsTruncated>true</IsTruncated><NextPartNumberMarker>1</NextPartNumberMarker></ListPartsResult>";
    for steps in [
        vec![page(1, 1), page(1, 1)],
        vec![page(1, 9)],
        vec![page(2, 1)],
        vec![page(1, 1), answer(200, "", empty)],
        vec![answer(200, "", empty)],
    ] {
        let count = steps.len();
        let script = Script::start(steps).await;
        let error = script.calls().list_parts(&ListParts::new(key(), upload_id()), at()).await.unwrap_err();
        let is_endless = matches!(error.failure(), CallFailure::Answer(InvalidAnswer::Endless));
        assert!(is_endless && script.requests().len() == count, "{error:?}");
    }
}

/// SeaweedFS lists a part once for each time that it was sent.
#[tokio::test]
async fn part_that_is_listed_twice_on_a_page_is_kept_twice() {
    let part = |number, etag| {
        format!("<Part><PartNumber>{number}</PartNumber><ETag>{etag}</ETag><Size>1</Size></Part>")
    };
    let list =
        |parts: &[String]| answer(200, "", &format!("<ListPartsResult>{}</ListPartsResult>", parts.concat()));
    let script = Script::start([list(&[part(1, "a"), part(2, "b"), part(2, "c"), part(3, "d")])]).await;
    let found = script.calls().list_parts(&ListParts::new(key(), upload_id()), at()).await.unwrap();
    let found: Vec<_> = found.parts.iter().map(|part| (part.number.get(), part.etag.as_str())).collect();
    assert_eq!(found, [(1, "a"), (2, "b"), (2, "c"), (3, "d")]);

    let script = Script::start([list(&[part(2, "a"), part(1, "b")])]).await;
    let error = script.calls().list_parts(&ListParts::new(key(), upload_id()), at()).await.unwrap_err();
    assert!(matches!(error.failure(), CallFailure::Answer(InvalidAnswer::Endless)), "{error:?}");
}

#[tokio::test]
async fn long_bodies_are_refused() {
    let declared = "HTTP/1.1 200 OK\r\ncontent-length: 99999999999\r\n\r\n";
    let undeclared = "HTTP/1.1 200 OK\r\nconnection: close\r\n\r\n";
    for head in [declared, undeclared] {
        let script = Script::start([Step::Endless(head.to_owned())]).await;
        let error = script.calls().list_parts(&ListParts::new(key(), upload_id()), at()).await.unwrap_err();
        let limit = matches!(error.failure(), CallFailure::Answer(InvalidAnswer::TooLong(limit)) if *limit == 4 << 20);
        assert!(limit && error.attempts() == 1, "{error:?}");
    }
}

/// The status of an error answer is enough.
#[tokio::test]
async fn long_bodies_of_errors_are_dropped() {
    let head = "HTTP/1.1 403 Forbidden\r\nconnection: close\r\nx-amz-request-id: R9\r\n\r\n<Error><Code>AccessDenied</Code>";
    let script = Script::start([Step::Endless(head.to_owned())]).await;
    let error = script.calls().get_object(&GetObject::range(key(), 0, 1), at()).await.unwrap_err();
    let store = error.store().unwrap();
    assert_eq!((store.status(), store.code(), store.request_id()), (403, None, Some("R9")));
}

/// A store that ignores the range cannot make the call use more memory.
#[tokio::test]
async fn more_bytes_than_the_range_are_refused() {
    let whole = answer(200, "etag: \"a\"", "0123456789");
    let other = answer(206, "etag: \"a\"\ncontent-range: bytes 4-5/10", "45");
    let short = answer(206, "etag: \"a\"\ncontent-range: bytes 0-1/10", "0");
    let unknown = answer(206, "etag: \"a\"\ncontent-range: bytes 0-1/*", "01");
    let whole_with_range = answer(200, "etag: \"a\"\ncontent-range: bytes 0-1/10", "01");
    for step in [whole, other, short, unknown, whole_with_range] {
        let script = Script::start([step.clone()]).await;
        let error = script.calls().get_object(&GetObject::range(key(), 0, 2), at()).await.unwrap_err();
        assert!(matches!(error.failure(), CallFailure::Answer(_)), "{step:?}: {error:?}");
    }
}

/// A service limits each call to what is left of the time of its request.
#[tokio::test]
async fn a_call_has_a_limit_of_its_own() {
    let limit = Duration::from_millis(150);
    let (key, id) = (key(), upload_id());
    let part = CompletedPart::new(PartNumber::MIN, "etag".parse().unwrap());
    let script = Script::start([Step::Hang]).await;
    let calls = script.calls();
    let head = HeadObject::new(key.clone()).with_time_limit(limit);
    let create = CreateMultipartUpload::new(key.clone(), SignedHeaders::new());
    let list = ListParts::new(key.clone(), id.clone()).with_time_limit(limit);
    let complete = CompleteMultipartUpload::new(key.clone(), id.clone(), [part]).with_time_limit(limit);
    let abort = AbortMultipartUpload::new(key, id).with_time_limit(limit);
    let began = Instant::now();
    for error in [
        calls.head_object(&head, at()).await.unwrap_err(),
        calls.create_multipart_upload(&create.with_time_limit(limit), at()).await.unwrap_err(),
        calls.list_parts(&list, at()).await.unwrap_err(),
        calls.complete_multipart_upload(&complete, at()).await.unwrap_err(),
        calls.abort_multipart_upload(&abort, at()).await.unwrap_err(),
    ] {
        assert!(matches!(error.failure(), CallFailure::Timeout(after) if *after <= limit), "{error:?}");
        assert_eq!(error.attempts(), 1, "{}", error.operation());
    }
    // An attempt alone may take 0.7 s.
    assert!(began.elapsed() < Duration::from_millis(1_500), "{:?}", began.elapsed());
    // It cannot extend the limits of the implementation.
    let long = HeadObject::new(self::key()).with_time_limit(Duration::from_secs(60));
    let began = Instant::now();
    assert!(calls.head_object(&long, at()).await.is_err());
    assert!(began.elapsed() < Duration::from_millis(3_500), "{:?}", began.elapsed());
}

/// A store shows a new object a moment after it was confirmed.
#[tokio::test]
async fn a_second_look_finds_an_object_that_appears_late() {
    let absent = || answer(404, "", "");
    let found = || answer(200, "etag: \"a\"\ncontent-length: 0", "");
    let pause = Duration::from_millis(200);
    let patient = || HeadObject::new(key()).with_second_look();
    // The answers, the call, whether it finds the object, and the number of requests.
    for (steps, call, is_found, requests) in [
        (vec![absent(), found()], patient(), true, 2),
        (vec![absent(), absent(), found()], patient(), false, 2),
        (vec![found()], patient(), true, 1),
        (vec![absent(), found()], HeadObject::new(key()), false, 1),
        (vec![absent(), found()], patient().with_time_limit(pause), false, 1),
        (vec![error(403, "AccessDenied"), found()], patient(), false, 1),
    ] {
        let script = Script::start(steps).await;
        let began = Instant::now();
        let calls = script.calls().with_time_limits(short_limits().with_second_look(pause));
        let result = calls.head_object(&call, at()).await;
        assert_eq!((result.is_ok(), script.requests().len()), (is_found, requests), "{result:?}");
        assert_eq!(began.elapsed() >= pause, requests == 2);
    }
}
