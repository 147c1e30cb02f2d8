//! Storing, reading and deleting objects.

use crate::support::{Fixture, bucket, builder};

#[tokio::test]
async fn round_trip_keeps_bytes_and_headers() {
    let s3 = Fixture::start().await;
    let put = s3
        .presign("PUT", "articles/1/raw/2.jpg")
        .header("content-type", "image/jpeg")
        .header("content-length", 11)
        .header("cache-control", "max-age=60")
        .header("content-disposition", "attachment; filename=\"a.jpg\"")
        .header("content-language", "de")
        .header("x-amz-meta-article", "1")
        .header("x-amz-tagging", "state=pending&by=ada");
    let response = s3.send("PUT", &put, "hello world").await.expect_status(200);
    assert_eq!(response.header("etag"), "\"5eb63bbbe01eeed093cb22bb8f5acdc3\"");

    for method in ["GET", "HEAD"] {
        let response =
            s3.send(method, &s3.presign(method, "articles/1/raw/2.jpg"), "").await.expect_status(200);
        assert_eq!(response.body, if method == "GET" { &b"hello world"[..] } else { b"" });
        for (name, value) in [
            ("content-type", "image/jpeg"),
            ("content-length", "11"),
            ("cache-control", "max-age=60"),
            ("content-disposition", "attachment; filename=\"a.jpg\""),
            ("content-language", "de"),
            ("x-amz-meta-article", "1"),
            ("accept-ranges", "bytes"),
            ("etag", "\"5eb63bbbe01eeed093cb22bb8f5acdc3\""),
        ] {
            assert_eq!(response.header(name), value, "{method} {name}");
        }
        assert!(response.header("last-modified").ends_with(" GMT"));
        assert_eq!(response.header("x-amz-request-id").len(), 16);
    }
    assert_eq!(s3.get("articles/1/raw/2.jpg").await.header("x-amz-tagging-count"), "2");

    s3.send("DELETE", &s3.presign("DELETE", "articles/1/raw/2.jpg"), "").await.expect_status(204);
    s3.get("articles/1/raw/2.jpg").await.expect_error(404, "NoSuchKey");
    s3.send("HEAD", &s3.presign("HEAD", "articles/1/raw/2.jpg"), "").await.expect_status(404);
    s3.send("DELETE", &s3.presign("DELETE", "articles/1/raw/2.jpg"), "").await.expect_status(204);
    assert!(s3.stored().await.is_empty());
}

#[tokio::test]
async fn empty_object_has_the_default_content_type() {
    let s3 = Fixture::start().await;
    s3.put("empty", b"").await.expect_status(200);
    let response = s3.get("empty").await.expect_status(200);
    assert_eq!(response.header("content-type"), "binary/octet-stream");
    assert_eq!(response.header("content-length"), "0");
    assert_eq!(response.header("etag"), "\"d41d8cd98f00b204e9800998ecf8427e\"");
}

#[tokio::test]
async fn object_of_eight_mebibytes_round_trips() {
    let s3 = Fixture::start().await;
    let bytes: Vec<u8> = (0..8 * 1024 * 1024_u32).map(|n| (n % 251) as u8).collect();
    s3.put("big", &bytes).await.expect_status(200);
    assert!(s3.get("big").await.expect_status(200).body == bytes);
}

#[tokio::test]
async fn last_write_wins() {
    let s3 = Fixture::start().await;
    s3.put("k", b"one").await.expect_status(200);
    s3.put("k", b"two").await.expect_status(200);
    assert_eq!(s3.get("k").await.body, b"two");
    assert_eq!(s3.stored().await.len(), 1);
}

#[tokio::test]
async fn reads_honor_ranges_and_conditions() {
    let s3 = Fixture::start().await;
    s3.put("k", b"0123456789").await.expect_status(200);
    let read = |header: &'static str, value: String| {
        let s3 = &s3;
        async move { s3.send("GET", &s3.presign("GET", "k").header(header, value), "").await }
    };
    let response = read("range", "bytes=2-4".into()).await.expect_status(206);
    assert_eq!((response.body.as_slice(), response.header("content-range")), (&b"234"[..], "bytes 2-4/10"));
    assert_eq!(read("range", "bytes=-3".into()).await.expect_status(206).body, b"789");
    assert_eq!(read("range", "bytes=8-99".into()).await.expect_status(206).body, b"89");
    read("range", "bytes=10-".into()).await.expect_error(416, "InvalidRange");

    let etag = s3.get("k").await.header("etag").to_owned();
    let modified = s3.get("k").await.header("last-modified").to_owned();
    read("if-match", etag.clone()).await.expect_status(200);
    read("if-match", "\"other\"".into()).await.expect_error(412, "PreconditionFailed");
    let unchanged = read("if-none-match", etag.clone()).await.expect_status(304);
    assert_eq!((unchanged.header("etag"), unchanged.body.as_slice()), (etag.as_str(), &b""[..]));
    read("if-none-match", "\"other\"".into()).await.expect_status(200);
    read("if-modified-since", modified.clone()).await.expect_status(304);
    read("if-unmodified-since", modified).await.expect_status(200);
    read("if-unmodified-since", "Thu, 01 Jan 1970 00:00:00 GMT".into())
        .await
        .expect_error(412, "PreconditionFailed");
}

#[tokio::test]
async fn get_overrides_response_headers() {
    let s3 = Fixture::start().await;
    s3.put("k", b"x").await.expect_status(200);
    let get = s3
        .presign("GET", "k")
        .query("response-content-type=text%2Fplain&response-content-disposition=inline");
    let response = s3.send("GET", &get, "").await.expect_status(200);
    assert_eq!(
        (response.header("content-type"), response.header("content-disposition")),
        ("text/plain", "inline")
    );
}

#[tokio::test]
async fn checksums_are_verified_stored_and_returned_on_request() {
    let s3 = Fixture::start().await;
    let sha256 = "uU0nuZNNPgilLlLX2n2r+sSE7+N6U4DukIj3rOLvzek=";
    let put = s3.presign("PUT", "k").header("x-amz-checksum-sha256", sha256);
    let response = s3.send("PUT", &put, "hello world").await.expect_status(200);
    assert_eq!(response.header("x-amz-checksum-sha256"), sha256);
    // aws-sigv4 signs this header only for the `Authorization` header, not in a presigned URL.
    let head = |key: &'static str| {
        let s3 = &s3;
        async move {
            let request = s3.presign("HEAD", key).header("x-amz-checksum-mode", "ENABLED");
            let (url, headers) = request.sign_header(b"");
            s3.send_to("HEAD", &url, &headers, "").await.expect_status(200)
        }
    };
    assert_eq!(head("k").await.header("x-amz-checksum-sha256"), sha256);
    assert_eq!(
        s3.send("HEAD", &s3.presign("HEAD", "k"), "")
            .await
            .expect_status(200)
            .header("x-amz-checksum-sha256"),
        ""
    );
    // For an upload without a checksum, S3 computes CRC-64/NVME.
    s3.put("plain", b"123456789").await.expect_status(200);
    assert_eq!(head("plain").await.header("x-amz-checksum-crc64nvme"), "rosUhgp5mIg=");
}

#[tokio::test]
async fn authorization_header_is_verified_with_the_body_hash() {
    let s3 = Fixture::start().await;
    let put = s3.presign("PUT", "k").header("content-type", "text/plain");
    let (url, headers) = put.sign_header(b"signed bytes");
    s3.send_to("PUT", &url, &headers, "signed bytes").await.expect_status(200);
    // The same headers with another body of the same length.
    s3.send_to("PUT", &url, &headers, "forged bytes").await.expect_error(400, "XAmzContentSHA256Mismatch");
    assert_eq!(s3.get("k").await.body, b"signed bytes");
}

/// AWS SDKs send bodies in chunks with the checksum in a trailer.
#[tokio::test]
async fn chunked_body_with_checksum_trailer_is_decoded() {
    let s3 = Fixture::start().await;
    let send = |digest: &'static str| {
        let s3 = &s3;
        async move {
            let put = s3
                .presign("PUT", "k")
                .header("content-encoding", "aws-chunked")
                .header("x-amz-decoded-content-length", 9)
                .header("x-amz-trailer", "x-amz-checksum-crc32");
            let (url, headers) = put.sign_header_for_chunks();
            let body = format!("9\r\n123456789\r\n0\r\nx-amz-checksum-crc32:{digest}\r\n\r\n");
            s3.send_to("PUT", &url, &headers, body).await
        }
    };
    send("AAAAAA==").await.expect_error(400, "BadDigest");
    assert!(s3.stored().await.is_empty());
    send("y/Q5Jg==").await.expect_status(200);
    let read = s3.get("k").await.expect_status(200);
    assert_eq!((read.body.as_slice(), read.header("content-encoding")), (&b"123456789"[..], ""));
}

#[tokio::test]
async fn objects_in_a_directory_survive_a_restart() {
    let directory = tempfile::tempdir().unwrap();
    let first = Fixture::with_builder(builder().directory(directory.path())).await;
    first
        .send("PUT", &first.presign("PUT", "kept").header("content-type", "image/png"), "bytes")
        .await
        .expect_status(200);
    first.put("gone", b"x").await.expect_status(200);
    first.send("DELETE", &first.presign("DELETE", "gone"), "").await.expect_status(204);
    first.s3.shutdown().await;
    // Files that a killed process leaves behind.
    std::fs::write(directory.path().join("incoming/half"), b"half").unwrap();
    std::fs::write(directory.path().join("blobs/999"), b"orphan").unwrap();

    let second = Fixture::with_builder(builder().directory(directory.path())).await;
    let response = second.get("kept").await.expect_status(200);
    assert_eq!((response.body.as_slice(), response.header("content-type")), (&b"bytes"[..], "image/png"));
    second.put("new", b"y").await.expect_status(200);
    assert_eq!(second.get("kept").await.body, b"bytes");
    assert_eq!(second.stored().await.len(), 2);
    assert_eq!(count_files(directory.path(), "incoming"), 0);
    assert_eq!(count_files(directory.path(), "blobs"), 2);
}

#[tokio::test]
async fn objects_lists_stored_objects() {
    let s3 = Fixture::start().await;
    s3.put("k", b"x").await.expect_status(200);
    let listed = s3.s3.objects(&bucket()).await;
    let object = listed.first().unwrap();
    assert_eq!((object.key.as_str(), object.bytes), ("k", 1));
    assert_eq!((object.content_type.as_str(), object.etag.len()), ("binary/octet-stream", 32));
}

#[tokio::test]
async fn additional_buckets_and_virtual_hosts_are_served() {
    let other: upsign_core::Bucket = "other-bucket".parse().unwrap();
    let s3 = Fixture::with_builder(builder().additional_bucket(other.clone())).await;
    s3.put("k", b"first").await.expect_status(200);
    assert!(s3.s3.objects(&other).await.is_empty());
    let port = s3.s3.address().port();
    for host in ["localhost", "s3.localhost"] {
        let endpoint = format!("http://{host}:{port}").parse().unwrap();
        let region = crate::support::REGION.parse().unwrap();
        let addressing = upsign_core::Addressing::VirtualHosted;
        let target = upsign_core::Target::at(&endpoint, addressing, bucket(), region).unwrap();
        let get = crate::sign::Presign::new(&target, s3.s3.credentials(), "GET", "k");
        // The signature is for the virtual host, but the connection goes to the IP address.
        let url = get.url().replace(target.host(), &s3.s3.address().to_string());
        let response =
            s3.send_to("GET", &url, &[("host".into(), target.host().into())], "").await.expect_status(200);
        assert_eq!(response.body, b"first");
    }
}

fn count_files(directory: &std::path::Path, subdirectory: &str) -> usize {
    std::fs::read_dir(directory.join(subdirectory)).unwrap().count()
}
