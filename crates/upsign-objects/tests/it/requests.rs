//! The request of each call: method, path, query, signed headers and body.

use upsign_core::{AccessPoint, PartNumber, SignedHeaders, Target};
use upsign_objects::*;

use crate::script::{COMPLETED, COPIED, Received, Script, Step, answer, at, key, upload_id};

/// Returns the only request.
fn only(script: &Script) -> Received {
    let mut requests = script.requests();
    assert_eq!(requests.len(), 1);
    requests.remove(0)
}

#[track_caller]
fn check(request: &Received, line: &str, signed: &[(&str, &str)]) {
    assert_eq!(request.plain_line(), line);
    let names: Vec<&str> = signed.iter().map(|(name, _)| *name).collect();
    let expected = [names.as_slice(), &["host"]].concat();
    let mut expected: Vec<&str> = expected;
    expected.sort_unstable();
    assert_eq!(request.parameter("X-Amz-SignedHeaders").unwrap(), expected.join("%3B"));
    assert_eq!(request.parameter("X-Amz-Expires"), Some("300"));
    for (name, value) in signed {
        assert_eq!(request.header(name), Some(*value), "{name}");
    }
}

fn etag() -> ETag {
    "0123456789abcdef0123456789abcdef".parse().unwrap()
}

const HEAD: &str = "content-length: 7\r\netag: \"abc\"\r\nx-amz-version-id: v1\r\ncontent-type: video/mp4";

#[tokio::test]
async fn head_object() {
    let head = format!(
        "HTTP/1.1 200 OK\r\n{HEAD}\r\nx-amz-checksum-crc32: NSRBwg==\r\nx-amz-checksum-type: FULL_OBJECT\r\nx-amz-meta-a: 1\r\nconnection: close\r\n\r\n"
    );
    let script = Script::start([Step::Send(head.into_bytes())]).await;
    let call = HeadObject::new(key()).with_version_id("v/1".parse().unwrap()).with_if_match(etag());
    let found = script.calls().head_object(&call, at()).await.unwrap();
    let request = only(&script);
    let signed = [("if-match", "\"0123456789abcdef0123456789abcdef\""), ("x-amz-checksum-mode", "ENABLED")];
    check(&request, "HEAD /uploads/raw/a%20b.mp4?versionId=v%2F1", &signed);
    let mut expected = ObjectHead::new(7, "abc".parse().unwrap());
    expected.version_id = Some("v1".parse().unwrap());
    expected.content_type = Some("video/mp4".into());
    expected.checksums = vec![Checksum::parse(ChecksumAlgorithm::Crc32, "NSRBwg==").unwrap()];
    expected.checksum_type = Some(ChecksumType::FullObject);
    expected.metadata = vec![("a".into(), "1".into())];
    assert_eq!(found, expected);
}

#[tokio::test]
async fn get_object() {
    let script = Script::start([answer(206, "etag: \"abc\"\ncontent-range: bytes 10-13/14", "0123")]).await;
    let found = script.calls().get_object(&GetObject::range(key(), 10, 100), at()).await.unwrap();
    check(&only(&script), "GET /uploads/raw/a%20b.mp4", &[("range", "bytes=10-109")]);
    assert_eq!((found.head.size, found.bytes.as_slice()), (14, b"0123".as_slice()));
    assert_eq!(
        format!("{found:?}").rsplit_once("metadata").unwrap().1,
        ": [] }, bytes: 4 }",
        "the bytes are a user's"
    );
}

#[tokio::test]
async fn create_multipart_upload() {
    let body = "<InitiateMultipartUploadResult xmlns=\"http://s3.amazonaws.com/doc/2006-03-01/\"><Bucket>b</Bucket><UploadId>a&amp;b&#x3d;</UploadId></InitiateMultipartUploadResult>";
    let script = Script::start([answer(200, "", body)]).await;
    let mut headers = SignedHeaders::new();
    headers.insert("content-type", "video/mp4").unwrap();
    headers.insert("x-amz-meta-article", "17").unwrap();
    let call = CreateMultipartUpload::new(key(), headers);
    let id = script.calls().create_multipart_upload(&call, at()).await.unwrap();
    let request = only(&script);
    let signed = [("content-type", "video/mp4"), ("x-amz-meta-article", "17")];
    check(&request, "POST /uploads/raw/a%20b.mp4?uploads=", &signed);
    assert_eq!((request.header("content-length"), id.as_str()), (Some("0"), "a&b="));
}

#[tokio::test]
async fn list_parts_follows_the_pages() {
    let page = |parts: &[u16], rest: &str| {
        let parts: String = parts
            .iter()
            .map(|n| format!("<Part><PartNumber>{n}</PartNumber><LastModified>2026-01-31T12:00:00Z</LastModified><ETag>&#34;e{n}&#34;</ETag><Size>{n}</Size></Part>"))
            .collect();
        answer(
            200,
            "",
            &format!(
                "<ListPartsResult><ChecksumAlgorithm>CRC32</ChecksumAlgorithm>{parts}{rest}</ListPartsResult>"
            ),
        )
    };
    let more = "<IsTruncated>true</IsTruncated><NextPartNumberMarker>7</NextPartNumberMarker>";
    let script = Script::start([page(&[2, 7], more), page(&[8], "<IsTruncated>false</IsTruncated>")]).await;
    let list = script.calls().list_parts(&ListParts::new(key(), upload_id()), at()).await.unwrap();
    let requests = script.requests();
    check(&requests[0], "GET /uploads/raw/a%20b.mp4?uploadId=id%2F1%2B%3D", &[]);
    check(&requests[1], "GET /uploads/raw/a%20b.mp4?part-number-marker=7&uploadId=id%2F1%2B%3D", &[]);
    let part = |n| UploadedPart::new(PartNumber::new(n).unwrap(), format!("e{n}").parse().unwrap(), n);
    assert_eq!(list.parts, [part(2), part(7), part(8)]);
    assert_eq!(list.checksum_algorithm, Some(ChecksumAlgorithm::Crc32));
}

#[tokio::test]
async fn complete_multipart_upload() {
    let script = Script::start([answer(200, "x-amz-version-id: v1", COMPLETED)]).await;
    let crc = Checksum::parse(ChecksumAlgorithm::Crc64nvme, "AAAAAAAAAAA=").unwrap();
    let one = CompletedPart::new(PartNumber::new(1).unwrap(), etag());
    let two =
        CompletedPart::new(PartNumber::new(3).unwrap(), "x&<y>".parse().unwrap()).with_checksum(crc.clone());
    let call = CompleteMultipartUpload::new(key(), upload_id(), [one, two]);
    let call = call.with_if_absent().with_object_size(12).with_checksum(crc);
    let completed = script.calls().complete_multipart_upload(&call, at()).await.unwrap();
    let request = only(&script);
    let signed = [
        ("if-none-match", "*"),
        ("x-amz-checksum-crc64nvme", "AAAAAAAAAAA="),
        ("x-amz-checksum-type", "FULL_OBJECT"),
        ("x-amz-mp-object-size", "12"),
    ];
    check(&request, "POST /uploads/raw/a%20b.mp4?uploadId=id%2F1%2B%3D", &signed);
    assert_eq!(
        request.body,
        "<CompleteMultipartUpload xmlns=\"http://s3.amazonaws.com/doc/2006-03-01/\">\
         <Part><PartNumber>1</PartNumber><ETag>&quot;0123456789abcdef0123456789abcdef&quot;</ETag></Part>\
         <Part><PartNumber>3</PartNumber><ETag>&quot;x&amp;&lt;y&gt;&quot;</ETag>\
         <ChecksumCRC64NVME>AAAAAAAAAAA=</ChecksumCRC64NVME></Part></CompleteMultipartUpload>"
    );
    assert_eq!((completed.etag.as_str(), completed.version_id.unwrap().as_str()), ("abc-1", "v1"));
}

#[tokio::test]
async fn abort_and_delete() {
    let script = Script::start([
        answer(204, "", ""),
        answer(204, "x-amz-delete-marker: true\nx-amz-version-id: m", ""),
    ])
    .await;
    script
        .calls()
        .abort_multipart_upload(&AbortMultipartUpload::new(key(), upload_id()), at())
        .await
        .unwrap();
    let version = DeleteObject::version(key(), "v&1".parse().unwrap());
    let deleted = script.calls().delete_object(&version, at()).await.unwrap();
    let requests = script.requests();
    check(&requests[0], "DELETE /uploads/raw/a%20b.mp4?uploadId=id%2F1%2B%3D", &[]);
    check(&requests[1], "DELETE /uploads/raw/a%20b.mp4?versionId=v%261", &[]);
    assert_eq!((deleted.delete_marker, deleted.version_id.unwrap().as_str()), (true, "m"));
}

#[tokio::test]
async fn copy_object() {
    let script = Script::start([answer(200, "", COPIED)]).await;
    let source = CopySource::new("incoming".parse().unwrap(), "q/a b+é?.mp4".parse().unwrap());
    let source = source.with_version_id("v&1".parse().unwrap()).with_if_match(etag());
    let mut headers = SignedHeaders::new();
    headers.insert("x-amz-tagging-directive", "REPLACE").unwrap();
    let call = CopyObject::new(source, key()).with_headers(headers).with_if_match("e".parse().unwrap());
    let copied = script.calls().copy_object(&call, at()).await.unwrap();
    let request = only(&script);
    let signed = [
        ("if-match", "\"e\""),
        ("x-amz-copy-source", "/incoming/q/a%20b%2B%C3%A9%3F.mp4?versionId=v%261"),
        ("x-amz-copy-source-if-match", "\"0123456789abcdef0123456789abcdef\""),
        ("x-amz-tagging-directive", "REPLACE"),
    ];
    check(&request, "PUT /uploads/raw/a%20b.mp4", &signed);
    assert_eq!((request.header("content-length"), copied.etag.as_str()), (Some("0"), "abc"));
}

#[tokio::test]
async fn copy_of_an_object_of_an_access_point_names_its_arn() {
    const COPY: &str =
        "arn%3Aaws%3As3%3Aus-west-2%3A123456789012%3Aaccesspoint/my-ap/object/q/a%20b.mp4?versionId=v1";
    let region = || "us-west-2".parse().unwrap();
    for arn in [
        "arn:aws:s3:us-west-2:123456789012:accesspoint/my-ap",
        "arn:aws:s3:us-west-2:123456789012:accesspoint:my-ap",
    ] {
        let point = Target::builder(arn.parse::<AccessPoint>().unwrap(), region()).build().unwrap();
        let script = Script::start([answer(200, "", COPIED)]).await;
        let source = CopySource::new(point.bucket().clone(), "q/a b.mp4".parse().unwrap());
        let source = source.with_version_id("v1".parse().unwrap()).with_if_match(etag());
        script.calls().copy_object(&CopyObject::new(source, key()).with_if_absent(), at()).await.unwrap();
        assert_eq!(only(&script).header("x-amz-copy-source"), Some(COPY), "{arn}");
    }
}

#[tokio::test]
async fn put_object_tagging() {
    let script = Script::start([answer(200, "", "")]).await;
    let call =
        PutObjectTagging::new(key(), [("scan", "clean & <safe>")]).with_version_id("v1".parse().unwrap());
    script.calls().put_object_tagging(&call, at()).await.unwrap();
    let request = only(&script);
    let sha256 = request.header("x-amz-checksum-sha256").unwrap().to_owned();
    check(
        &request,
        "PUT /uploads/raw/a%20b.mp4?tagging=&versionId=v1",
        &[("x-amz-checksum-sha256", &sha256)],
    );
    assert_eq!(
        request.body,
        "<Tagging xmlns=\"http://s3.amazonaws.com/doc/2006-03-01/\"><TagSet><Tag><Key>scan</Key>\
         <Value>clean &amp; &lt;safe&gt;</Value></Tag></TagSet></Tagging>"
    );
}

#[tokio::test]
async fn get_object_tagging() {
    let tags = "<Tagging><TagSet><Tag><Key>upsign</Key><Value>confirmed</Value></Tag>\
                <Tag><Key>a &amp; b</Key><Value/></Tag></TagSet></Tagging>";
    let script = Script::start([answer(200, "", tags)]).await;
    let call = GetObjectTagging::new(key()).with_version_id("v1".parse().unwrap());
    let tags = script.calls().get_object_tagging(&call, at()).await.unwrap();
    check(&only(&script), "GET /uploads/raw/a%20b.mp4?tagging=&versionId=v1", &[]);
    assert_eq!(tags.iter().collect::<Vec<_>>(), [("upsign", "confirmed"), ("a & b", "")]);
    assert_eq!((tags.get("upsign"), tags.get("Upsign")), (Some("confirmed"), None));
}

#[tokio::test]
async fn delete_object_of_an_entity_tag() {
    let script = Script::start([answer(204, "", "")]).await;
    let call = DeleteObject::current(key()).with_if_match("abc".parse().unwrap());
    script.calls().delete_object(&call, at()).await.unwrap();
    check(&only(&script), "DELETE /uploads/raw/a%20b.mp4", &[("if-match", "\"abc\"")]);
}

/// Nothing is sent for a call that S3 would refuse in any case.
#[tokio::test]
async fn invalid_calls_are_not_sent() {
    let script = Script::start([answer(200, "", COMPLETED)]).await;
    let calls = script.calls();
    let part = |number| CompletedPart::new(PartNumber::new(number).unwrap(), etag());
    let complete = |parts: &[u64]| {
        CompleteMultipartUpload::new(key(), upload_id(), parts.iter().map(|number| part(*number)))
    };
    let mut failures = Vec::new();
    for call in [
        complete(&[]),
        complete(&[2, 1]),
        complete(&[1, 1]),
        complete(&[1]).with_if_absent().with_if_match(etag()),
    ] {
        failures.push(calls.complete_multipart_upload(&call, at()).await.unwrap_err());
    }
    for (offset, length) in [(0, 0), (u64::MAX, 1), (1 << 63, 1)] {
        failures.push(calls.get_object(&GetObject::range(key(), offset, length), at()).await.unwrap_err());
    }
    let many: Vec<(String, &str)> = (0..11).map(|n| (n.to_string(), "")).collect();
    let long = ["k".repeat(129), "v".repeat(257)];
    for tags in [
        many.iter().map(|(key, value)| (key.as_str(), *value)).collect(),
        vec![("", "v")],
        vec![("a", "1"), ("a", "2")],
        vec![("a\n", "1")],
        vec![(long[0].as_str(), "1")],
        vec![("a", long[1].as_str())],
    ] {
        let call = PutObjectTagging::new(key(), tags);
        failures.push(calls.put_object_tagging(&call, at()).await.unwrap_err());
    }
    let mut headers = SignedHeaders::new();
    headers.insert("x-amz-copy-source", "/other/object").unwrap();
    let source = CopySource::new("incoming".parse().unwrap(), key());
    let copy = CopyObject::new(source, key()).with_headers(headers);
    failures.push(calls.copy_object(&copy, at()).await.unwrap_err());
    for name in ["content-length", "content-md5", "x-amz-checksum-crc64nvme"] {
        let mut headers = SignedHeaders::new();
        headers.insert(name, "1").unwrap();
        let call = CreateMultipartUpload::new(key(), headers.clone());
        failures.push(calls.create_multipart_upload(&call, at()).await.unwrap_err());
        let source = CopySource::new("incoming".parse().unwrap(), key());
        let call = CopyObject::new(source, key()).with_headers(headers);
        failures.push(calls.copy_object(&call, at()).await.unwrap_err());
    }
    assert_eq!(failures.len(), 20);
    for error in failures {
        assert!(matches!(error.failure(), CallFailure::Invalid(_)), "{error:?}");
        assert!(!error.may_have_happened() && !error.retry_may_help());
    }
    assert!(script.requests().is_empty());
}

/// The headers that S3 checks in every call about an upload are signed and sent in each, on every page of a list.
#[tokio::test]
async fn headers_of_every_call_are_signed() {
    let mut headers = SignedHeaders::new();
    headers.insert("x-amz-expected-bucket-owner", "123456789012").unwrap();
    headers.insert("x-amz-request-payer", "requester").unwrap();
    let page = |rest: &str| {
        let part = "<Part><PartNumber>1</PartNumber><ETag>e</ETag><Size>1</Size></Part>";
        answer(200, "", &format!("<ListPartsResult>{part}{rest}</ListPartsResult>"))
    };
    let more = "<IsTruncated>true</IsTruncated><NextPartNumberMarker>1</NextPartNumberMarker>";
    let last = answer(200, "", "<ListPartsResult><IsTruncated>false</IsTruncated></ListPartsResult>");
    let head = format!("HTTP/1.1 200 OK\r\n{HEAD}\r\nconnection: close\r\n\r\n");
    let steps =
        [Step::Send(head.into_bytes()), page(more), last, answer(200, "", COMPLETED), answer(204, "", "")];
    let script = Script::start(steps).await;
    let calls = script.calls();
    calls.head_object(&HeadObject::new(key()).with_headers(headers.clone()), at()).await.unwrap();
    calls.list_parts(&ListParts::new(key(), upload_id()).with_headers(headers.clone()), at()).await.unwrap();
    let part = CompletedPart::new(PartNumber::MIN, etag());
    let complete = CompleteMultipartUpload::new(key(), upload_id(), [part]).with_if_absent();
    calls.complete_multipart_upload(&complete.with_headers(headers.clone()), at()).await.unwrap();
    let abort = AbortMultipartUpload::new(key(), upload_id()).with_headers(headers.clone());
    calls.abort_multipart_upload(&abort, at()).await.unwrap();
    let requests = script.requests();
    assert_eq!(requests.len(), 5);
    for request in &requests {
        let signed = request.parameter("X-Amz-SignedHeaders").unwrap();
        for (name, value) in &headers {
            assert!(signed.split("%3B").any(|it| it == name), "{name} is not in {signed}");
            assert_eq!(request.header(name), Some(value), "{name}");
        }
    }
}

#[tokio::test]
async fn headers_of_a_body_are_refused_in_every_call() {
    let script = Script::start([]).await;
    let calls = script.calls();
    for name in ["content-length", "content-md5", "x-amz-checksum-crc64nvme"] {
        let mut headers = SignedHeaders::new();
        headers.insert(name, "1").unwrap();
        let part = CompletedPart::new(PartNumber::MIN, etag());
        let complete = CompleteMultipartUpload::new(key(), upload_id(), [part]).with_headers(headers.clone());
        let list = ListParts::new(key(), upload_id()).with_headers(headers.clone());
        let abort = AbortMultipartUpload::new(key(), upload_id()).with_headers(headers.clone());
        let errors = [
            calls.head_object(&HeadObject::new(key()).with_headers(headers), at()).await.unwrap_err(),
            calls.list_parts(&list, at()).await.unwrap_err(),
            calls.complete_multipart_upload(&complete, at()).await.unwrap_err(),
            calls.abort_multipart_upload(&abort, at()).await.unwrap_err(),
        ];
        for error in errors {
            let expected = matches!(
                error.failure(),
                CallFailure::Invalid(InvalidCall::BodyHeader(header)) if *header == name
            );
            assert!(expected, "{error:?}");
            assert!(!error.may_have_happened());
        }
    }
    assert!(script.requests().is_empty());
}
