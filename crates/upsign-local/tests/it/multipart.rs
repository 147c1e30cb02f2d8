//! Multipart uploads: create, upload parts, list, complete, abort.

use crate::support::multipart::{
    PART, abort, complete, complete_with, create, list_parts, part_xml, upload_part,
};
use crate::support::{Fixture, bucket, builder};

#[tokio::test]
async fn completed_parts_become_an_object() {
    let s3 = Fixture::start().await;
    let id = create(&s3, "big").await;
    let first =
        upload_part(&s3, "big", &id, 1, vec![1; PART]).await.expect_status(200).header("etag").to_owned();
    let second =
        upload_part(&s3, "big", &id, 2, vec![2; 10]).await.expect_status(200).header("etag").to_owned();
    let listed = list_parts(&s3, "big", &id).await.expect_status(200).text();
    assert!(
        listed.contains("<PartNumber>1</PartNumber>") && listed.contains("<PartNumber>2</PartNumber>"),
        "{listed}"
    );
    s3.get("big").await.expect_error(404, "NoSuchKey");
    let response = complete(&s3, "big", &id, &[(1, first), (2, second)]).await.expect_status(200);
    assert!(response.element("ETag").contains("-2"), "{}", response.text());
    let read = s3.get("big").await.expect_status(200);
    assert_eq!(read.header("content-type"), "image/jpeg");
    assert!(read.header("etag").ends_with("-2\""));
    assert!(read.body == [vec![1; PART], vec![2; 10]].concat());
    complete(&s3, "big", &id, &[(1, String::new())]).await.expect_error(404, "NoSuchUpload");
}

#[tokio::test]
async fn invalid_part_lists_are_rejected() {
    let s3 = Fixture::start().await;
    let id = create(&s3, "k").await;
    let one = upload_part(&s3, "k", &id, 1, vec![1; 10]).await.header("etag").to_owned();
    let two = upload_part(&s3, "k", &id, 2, vec![2; 10]).await.header("etag").to_owned();
    let parts =
        |list: &[(u32, &String)]| list.iter().map(|(n, etag)| (*n, (*etag).clone())).collect::<Vec<_>>();
    complete(&s3, "k", &id, &parts(&[(2, &two), (1, &one)])).await.expect_error(400, "InvalidPartOrder");
    complete(&s3, "k", &id, &parts(&[(1, &one), (1, &one)])).await.expect_error(400, "InvalidPartOrder");
    complete(&s3, "k", &id, &parts(&[(1, &two)])).await.expect_error(400, "InvalidPart");
    complete(&s3, "k", &id, &parts(&[(3, &one)])).await.expect_error(400, "InvalidPart");
    complete(&s3, "k", &id, &parts(&[(1, &one), (2, &two)])).await.expect_error(400, "EntityTooSmall");
    complete(&s3, "other", &id, &parts(&[(1, &one)])).await.expect_error(404, "NoSuchUpload");
    upload_part(&s3, "k", &id, 0, vec![]).await.expect_error(400, "InvalidArgument");
    upload_part(&s3, "k", &id, 10_001, vec![]).await.expect_error(400, "InvalidArgument");
    upload_part(&s3, "k", "unknown", 1, vec![]).await.expect_error(404, "NoSuchUpload");
    assert!(s3.stored().await.is_empty());
    complete(&s3, "k", &id, &parts(&[(1, &one)])).await.expect_status(200);
    assert_eq!(s3.get("k").await.body, [1; 10]);
}

#[tokio::test]
async fn aborted_upload_cannot_be_completed() {
    let s3 = Fixture::start().await;
    let id = create(&s3, "k").await;
    let etag = upload_part(&s3, "k", &id, 1, vec![1]).await.header("etag").to_owned();
    abort(&s3, "k", &id).await.expect_status(204);
    abort(&s3, "k", &id).await.expect_error(404, "NoSuchUpload");
    upload_part(&s3, "k", &id, 1, vec![1]).await.expect_error(404, "NoSuchUpload");
    list_parts(&s3, "k", &id).await.expect_error(404, "NoSuchUpload");
    complete(&s3, "k", &id, &[(1, etag)]).await.expect_error(404, "NoSuchUpload");
    assert!(s3.stored().await.is_empty());
}

#[tokio::test]
async fn completion_with_if_none_match_does_not_overwrite() {
    let s3 = Fixture::start().await;
    let id = create(&s3, "k").await;
    let etag = upload_part(&s3, "k", &id, 1, vec![1]).await.header("etag").to_owned();
    s3.put("k", b"first").await.expect_status(200);
    let xml = format!(
        "<CompleteMultipartUpload><Part><PartNumber>1</PartNumber><ETag>{etag}</ETag></Part></CompleteMultipartUpload>"
    );
    let request = s3.presign("POST", "k").query(&format!("uploadId={id}")).header("if-none-match", "*");
    s3.send("POST", &request, xml).await.expect_error(412, "PreconditionFailed");
    assert_eq!(s3.get("k").await.body, b"first");
}

#[tokio::test]
async fn completion_with_if_match_accepts_etags_with_and_without_quotes() {
    let s3 = Fixture::start().await;
    for is_quoted in [true, false] {
        let current = s3.put("k", b"first").await.header("etag").to_owned();
        let spell = |etag: &str| if is_quoted { etag.to_owned() } else { etag.replace('"', "") };
        let id = create(&s3, "k").await;
        let etag = upload_part(&s3, "k", &id, 1, vec![1]).await.header("etag").to_owned();
        let xml = format!(
            "<CompleteMultipartUpload><Part><PartNumber>1</PartNumber><ETag>{}</ETag></Part></CompleteMultipartUpload>",
            spell(&etag)
        );
        let complete = async |condition: &str| {
            let request = s3.presign("POST", "k").query(&format!("uploadId={id}"));
            s3.send("POST", &request.header("if-match", condition), xml.clone()).await
        };
        complete(&spell(&etag)).await.expect_error(412, "PreconditionFailed");
        complete(&spell(&current)).await.expect_status(200);
        assert_eq!(s3.get("k").await.body, [1]);
    }
}

#[tokio::test]
async fn wrong_object_size_is_refused_and_the_upload_remains() {
    let s3 = Fixture::start().await;
    let id = create(&s3, "k").await;
    let etag = upload_part(&s3, "k", &id, 1, vec![1; 10]).await.header("etag").to_owned();
    for (stated, code) in [("9", "InvalidRequest"), ("11", "InvalidRequest"), ("-1", "InvalidRequest")] {
        let headers = [("x-amz-mp-object-size", stated)];
        let response = complete_with(&s3, "k", &id, &part_xml(1, &etag, ""), &headers).await;
        response.expect_error(400, code);
        assert!(s3.stored().await.is_empty(), "{stated}");
    }
    let headers = [("x-amz-mp-object-size", "10")];
    complete_with(&s3, "k", &id, &part_xml(1, &etag, ""), &headers).await.expect_status(200);
}

#[tokio::test]
async fn object_above_the_multipart_limit_is_rejected() {
    let s3 = Fixture::with_builder(builder().max_object_bytes(10).max_multipart_bytes(15)).await;
    let id = create(&s3, "k").await;
    upload_part(&s3, "k", &id, 1, vec![1; 11]).await.expect_error(400, "EntityTooLarge");
    let id = create(&s3, "k").await;
    let etag = upload_part(&s3, "k", &id, 1, vec![1; 10]).await.header("etag").to_owned();
    complete(&s3, "k", &id, &[(1, etag)]).await.expect_status(200);
    let small = Fixture::with_builder(builder().max_multipart_bytes(9)).await;
    let id = create(&small, "k").await;
    let etag = upload_part(&small, "k", &id, 1, vec![1; 10]).await.header("etag").to_owned();
    complete(&small, "k", &id, &[(1, etag)]).await.expect_error(400, "EntityTooLarge");
    list_parts(&small, "k", &id).await.expect_status(200);
}

#[tokio::test]
async fn ranges_across_parts_are_read() {
    let s3 = Fixture::start().await;
    let id = create(&s3, "k").await;
    let mut parts = Vec::new();
    for (number, body) in [(1, vec![b'a'; PART]), (2, vec![b'b'; PART]), (5, b"cdef".to_vec())] {
        parts.push((number, upload_part(&s3, "k", &id, number, body).await.header("etag").to_owned()));
    }
    complete(&s3, "k", &id, &parts).await.expect_status(200);
    let read = async |range: String| {
        let request = s3.presign("GET", "k").header("range", range);
        s3.send("GET", &request, "").await.expect_status(206).text()
    };
    assert_eq!(read(format!("bytes={}-{}", PART - 1, PART)).await, "ab");
    assert_eq!(read(format!("bytes={}-{}", 2 * PART - 2, 2 * PART + 1)).await, "bbcd");
    assert_eq!(read("bytes=-3".into()).await, "def");
    assert_eq!(read(format!("bytes={PART}-")).await.len(), PART + 4);
}

/// The object consists of the files that the parts were received in.
#[tokio::test]
async fn completion_copies_nothing_and_survives_a_restart() {
    let directory = tempfile::tempdir().unwrap();
    let blobs = || {
        let entries = std::fs::read_dir(directory.path().join("blobs")).unwrap();
        let mut found: Vec<_> = entries.map(|entry| entry.unwrap().path()).collect();
        found.sort();
        found
    };
    let first = Fixture::with_builder(builder().directory(directory.path())).await;
    let id = create(&first, "k").await;
    let mut parts = Vec::new();
    for (number, body) in [(1, vec![1; PART]), (2, vec![2; 10]), (3, vec![3; 10])] {
        parts.push((number, upload_part(&first, "k", &id, number, body).await.header("etag").to_owned()));
    }
    let received = blobs();
    assert_eq!(received.len(), 3);
    complete(&first, "k", &id, &parts[..2]).await.expect_status(200);
    assert_eq!(blobs(), received[..2], "the part that was not listed is removed");
    let unfinished = create(&first, "unfinished").await;
    upload_part(&first, "unfinished", &unfinished, 1, vec![4; 10]).await.expect_status(200);
    first.s3.shutdown().await;

    let second = Fixture::with_builder(builder().directory(directory.path())).await;
    assert_eq!(blobs(), received[..2], "parts of an upload that was not completed are removed");
    assert!(second.get("k").await.expect_status(200).body == [vec![1; PART], vec![2; 10]].concat());
    second.put("k", b"replaced").await.expect_status(200);
    assert_eq!(blobs().len(), 1);
    assert_eq!(second.get("k").await.body, b"replaced");
    second.send("DELETE", &second.presign("DELETE", "k"), "").await.expect_status(204);
    assert!(blobs().is_empty());
}

#[tokio::test]
async fn uploads_in_progress_are_listed() {
    let s3 = Fixture::start().await;
    let ids = [
        create(&s3, "a/2").await,
        create(&s3, "a/1").await,
        create(&s3, "a/1").await,
        create(&s3, "b").await,
    ];
    let list = async |query: &str| {
        let request = s3.presign("GET", "").query(&format!("{query}uploads="));
        s3.send("GET", &request, "").await.expect_status(200)
    };
    let all = list("").await;
    assert_eq!(all.elements("UploadId"), [&ids[1], &ids[2], &ids[0], &ids[3]].map(String::as_str));
    assert_eq!(all.elements("Key"), ["a/1", "a/1", "a/2", "b"]);
    assert_eq!(all.element("Bucket"), bucket().as_str());
    assert_eq!(list("prefix=b&").await.elements("UploadId"), [ids[3].as_str()]);
    let top = list("delimiter=%2F&").await;
    assert_eq!(
        (top.elements("Key"), top.elements("CommonPrefixes")),
        (vec!["b".into()], vec!["<Prefix>a/</Prefix>".into()])
    );
    let page = list("max-uploads=1&").await;
    assert_eq!((page.element("IsTruncated"), page.element("NextKeyMarker")), ("true".into(), "a/1".into()));
    let rest =
        list(&format!("key-marker=a%2F1&upload-id-marker={}&", page.element("NextUploadIdMarker"))).await;
    assert_eq!(rest.elements("UploadId"), [&ids[2], &ids[0], &ids[3]].map(String::as_str));
    assert_eq!(list("key-marker=a%2F1&").await.elements("Key"), ["a/2", "b"]);

    abort(&s3, "b", &ids[3]).await.expect_status(204);
    assert_eq!(list("").await.elements("Key"), ["a/1", "a/1", "a/2"]);
}

/// One of several requests that complete or abort an upload at the same time succeeds.
#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn concurrent_completions_and_aborts_have_one_winner() {
    let s3 = Fixture::start().await;
    for round in 0..30 {
        let key = format!("k{round}");
        let id = create(&s3, &key).await;
        let etag = upload_part(&s3, &key, &id, 1, vec![1]).await.header("etag").to_owned();
        let parts = [(1, etag)];
        let (one, other, aborted) = tokio::join!(
            complete(&s3, &key, &id, &parts),
            complete(&s3, &key, &id, &parts),
            abort(&s3, &key, &id)
        );
        let statuses = [one.status.as_u16(), other.status.as_u16(), aborted.status.as_u16()];
        let winners = statuses.iter().filter(|status| **status < 300).count();
        assert_eq!(winners, 1, "{statuses:?}");
        assert_eq!(s3.get(&key).await.status == 200, aborted.status != 204, "{statuses:?}");
    }
}
