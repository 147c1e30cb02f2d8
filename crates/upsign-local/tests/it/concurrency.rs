//! Conditional writes, with concurrent writers and in sequence.

use std::sync::Arc;

use tokio::task::JoinSet;

use crate::support::Fixture;

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn concurrent_if_none_match_has_exactly_one_winner() {
    let s3 = Arc::new(Fixture::start().await);
    for round in 0..20 {
        let mut writers = JoinSet::new();
        for writer in 0..16 {
            let s3 = Arc::clone(&s3);
            writers.spawn(async move {
                let key = format!("round-{round}");
                let put = s3.presign("PUT", &key).header("if-none-match", "*");
                let response = s3.send("PUT", &put, format!("writer {writer}")).await;
                (response.status.as_u16(), response.element("Code"), format!("writer {writer}"))
            });
        }
        let responses = writers.join_all().await;
        let winners: Vec<_> = responses.iter().filter(|(status, ..)| *status == 200).collect();
        assert_eq!(winners.len(), 1, "round {round}: {responses:?}");
        assert!(responses.iter().all(
            |(status, code, _)| *status == 200 || (*status, code.as_str()) == (412, "PreconditionFailed")
        ));
        let (_, _, body) = winners.first().unwrap();
        assert_eq!(s3.get(&format!("round-{round}")).await.text(), *body);
    }
    assert_eq!(s3.stored().await.len(), 20);
}

#[tokio::test]
async fn if_match_replaces_only_the_named_version() {
    let s3 = Fixture::start().await;
    let put_if_match = |etag: String| {
        let s3 = &s3;
        async move { s3.send("PUT", &s3.presign("PUT", "k").header("if-match", etag), "new").await }
    };
    put_if_match("\"5eb63bbbe01eeed093cb22bb8f5acdc3\"".into()).await.expect_error(404, "NoSuchKey");
    let etag = s3.put("k", b"old").await.header("etag").to_owned();
    put_if_match("\"5eb63bbbe01eeed093cb22bb8f5acdc3\"".into()).await.expect_error(412, "PreconditionFailed");
    assert_eq!(s3.get("k").await.body, b"old");
    put_if_match(etag).await.expect_status(200);
    assert_eq!(s3.get("k").await.body, b"new");
    let unsupported = s3.presign("PUT", "k").header("if-none-match", "\"etag\"");
    s3.send("PUT", &unsupported, "x").await.expect_error(501, "NotImplemented");
}
