//! Injected faults: what the client sees, and what is stored.

use std::time::{Duration, Instant};

use upsign_local::{Fault, FaultPlan, FaultyCall};

use crate::support::multipart::{complete, create, list_parts, upload_part};
use crate::support::{Fixture, builder};

async fn start() -> (Fixture, FaultPlan) {
    let faults = FaultPlan::new();
    (Fixture::with_builder(builder().with_faults(faults.clone())).await, faults)
}

#[tokio::test]
async fn lost_answer_of_a_completion_leaves_the_object() {
    let (s3, faults) = start().await;
    let id = create(&s3, "k").await;
    let etag = upload_part(&s3, "k", &id, 1, vec![1; 10]).await.header("etag").to_owned();
    faults.inject(FaultyCall::CompleteMultipartUpload, 1, Fault::LoseAnswer);
    let xml = format!(
        "<CompleteMultipartUpload><Part><PartNumber>1</PartNumber><ETag>{etag}</ETag></Part></CompleteMultipartUpload>"
    );
    let url = s3.presign("POST", "k").query(&format!("uploadId={id}")).url();
    let error = s3.http.post(url).body(xml).send().await.unwrap_err();
    assert!(error.is_request(), "{error:?}");
    assert_eq!((s3.get("k").await.body, faults.remaining()), (vec![1; 10], 0));
    complete(&s3, "k", &id, &[(1, etag)]).await.expect_error(404, "NoSuchUpload");
}

#[tokio::test]
async fn lost_request_stores_nothing() {
    let (s3, faults) = start().await;
    faults.inject(FaultyCall::PutObject, 1, Fault::LoseRequest);
    let put = || s3.http.put(s3.presign("PUT", "k").url()).body(vec![7; 100_000]).send();
    assert!(put().await.unwrap_err().is_request());
    assert!(s3.stored().await.is_empty());
    assert_eq!(put().await.unwrap().status(), 200);
}

#[tokio::test]
async fn errors_meet_the_planned_part_only() {
    let (s3, faults) = start().await;
    faults.inject(FaultyCall::UploadPart, 2, Fault::SlowDown);
    faults.inject(FaultyCall::UploadPart, 3, Fault::InternalError);
    let id = create(&s3, "k").await;
    upload_part(&s3, "k", &id, 1, vec![1; 10]).await.expect_status(200);
    upload_part(&s3, "k", &id, 2, vec![1; 10]).await.expect_error(503, "SlowDown");
    upload_part(&s3, "k", &id, 3, vec![1; 10]).await.expect_error(500, "InternalError");
    upload_part(&s3, "k", &id, 4, vec![1; 10]).await.expect_status(200);
    assert_eq!(list_parts(&s3, "k", &id).await.elements("PartNumber"), ["1", "4"]);
}

#[tokio::test]
async fn delayed_answer_arrives() {
    let (s3, faults) = start().await;
    faults.inject(FaultyCall::HeadObject, 1, Fault::Delay(Duration::from_millis(200)));
    s3.put("k", b"x").await.expect_status(200);
    let started = Instant::now();
    s3.send("HEAD", &s3.presign("HEAD", "k"), "").await.expect_status(200);
    assert!(started.elapsed() >= Duration::from_millis(200));
}

/// What a client that repeats its conditional copy sees.
#[tokio::test]
async fn lost_answer_of_a_copy_leaves_the_copy() {
    let (s3, faults) = start().await;
    s3.put("from", b"x").await.expect_status(200);
    faults.inject(FaultyCall::CopyObject, 1, Fault::LoseAnswer);
    let copy = || {
        let copy = s3.presign("PUT", "to").header("x-amz-copy-source", "/article-images/from");
        copy.header("if-none-match", "*")
    };
    let first = s3.http.put(copy().url()).header("x-amz-copy-source", "/article-images/from");
    assert!(first.header("if-none-match", "*").send().await.unwrap_err().is_request());
    assert_eq!((s3.get("to").await.body, faults.remaining()), (b"x".to_vec(), 0));
    s3.send("PUT", &copy(), "").await.expect_error(412, "PreconditionFailed");
}
