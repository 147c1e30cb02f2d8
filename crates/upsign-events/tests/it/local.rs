//! The notifications of the embedded S3 server, which are those of S3.

use std::time::SystemTime;

use upsign_core::{Bucket, Credentials, ExpiresIn, Operation, PresignRequest, Sign};
use upsign_events::{Creation, EventKind, ObjectEvent, parse};
use upsign_local::{LocalS3, ObjectEvents};
use upsign_objects::VersionId;
use upsign_sigv4::SigV4;

async fn next(events: &mut ObjectEvents) -> ObjectEvent {
    let message = events.next().await.unwrap();
    parse(message.as_bytes()).unwrap().into_events().next().unwrap().unwrap()
}

#[expect(clippy::disallowed_methods, reason = "the server compares the date of a request with its clock")]
async fn put(s3: &LocalS3, bucket: &Bucket, key: &str, body: &'static str) {
    let lifetime = ExpiresIn::from_secs(60).unwrap();
    let (target, key) = (s3.target(bucket.clone()), key.parse().unwrap());
    let request = PresignRequest::new(target, Operation::PutObject, key, lifetime);
    let at = SystemTime::now().try_into().unwrap();
    let url = SigV4::new().sign(&request, s3.credentials(), at).unwrap().url;
    let client = reqwest::Client::builder().no_proxy().build().unwrap();
    let response = client.put(url.expose()).body(body).send().await.unwrap();
    assert_eq!(response.status(), 200);
}

#[tokio::test]
async fn events_of_the_embedded_server_are_read() {
    let credentials = Credentials::long_term("LOCLEXAMPLE", "a-secret-of-this-run").unwrap();
    let bucket: Bucket = "article-images".parse().unwrap();
    let builder = LocalS3::builder(credentials, "us-east-1".parse().unwrap(), bucket.clone());
    let s3 = builder.versioned(true).start().await.unwrap();
    let mut events = s3.events();
    let key = "pending/a b+c%2F\u{e9}.jpg";
    put(&s3, &bucket, key, "hello").await;
    let stored = s3.objects(&bucket).await.remove(0);
    assert!(s3.expire(&bucket, key).await.unwrap());

    let created = next(&mut events).await;
    assert_eq!((&created.kind, created.key.as_str()), (&EventKind::Created(Creation::Put), key));
    assert_eq!((created.size, created.etag.as_ref().unwrap().as_str()), (Some(5), &*stored.etag));
    assert_eq!(created.version_id.as_ref().map(VersionId::as_str), stored.version_id.as_deref());
    let expired = next(&mut events).await;
    assert_eq!(expired.kind, EventKind::Expired { delete_marker: true });
    let order = created.sequencer.unwrap().order(expired.sequencer.as_ref().unwrap());
    assert_eq!(order, Some(std::cmp::Ordering::Less));
}
