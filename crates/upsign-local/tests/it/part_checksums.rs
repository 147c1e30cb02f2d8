//! Checksums of multipart uploads: of parts, and of the object.
//!
//! Source: <https://docs.aws.amazon.com/AmazonS3/latest/userguide/checking-object-integrity-upload.html>.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use s3s::crypto::{Checksum as _, Crc32, Crc64Nvme, Sha256};

use crate::support::multipart::{
    Headers, PART, complete_with, create_with, list_parts, part_xml, upload_part, upload_part_with,
};
use crate::support::{Fixture, TestResponse};

const CRC64: [(&str, &str); 1] = [("x-amz-checksum-algorithm", "CRC64NVME")];
const CRC32: [(&str, &str); 2] =
    [("x-amz-checksum-algorithm", "CRC32"), ("x-amz-checksum-type", "FULL_OBJECT")];
const SHA256: [(&str, &str); 1] = [("x-amz-checksum-algorithm", "SHA256")];

fn crc64(bytes: &[u8]) -> String {
    STANDARD.encode(Crc64Nvme::checksum(bytes))
}

fn crc32(bytes: &[u8]) -> String {
    STANDARD.encode(Crc32::checksum(bytes))
}

fn sha256(bytes: &[u8]) -> String {
    STANDARD.encode(Sha256::checksum(bytes))
}

fn bodies() -> [Vec<u8>; 2] {
    [(0..PART).map(|n| (n % 251) as u8).collect(), b"the last part".to_vec()]
}

async fn head(s3: &Fixture, key: &str) -> TestResponse {
    let request = s3.presign("HEAD", key).query("x-amz-checksum-mode=ENABLED");
    s3.send("HEAD", &request, "").await.expect_status(200)
}

/// Uploads both parts without checksums and returns the upload id and the list of parts.
async fn upload(s3: &Fixture, key: &str, headers: &[(&str, &str)]) -> (String, String) {
    let id = create_with(s3, key, headers).await.expect_status(200).element("UploadId");
    let mut xml = String::new();
    for (number, body) in (1..).zip(bodies()) {
        let etag = upload_part(s3, key, &id, number, body).await.expect_status(200).header("etag").to_owned();
        xml.push_str(&part_xml(number, &etag, ""));
    }
    (id, xml)
}

#[tokio::test]
async fn full_object_checksum_is_compared_and_returned() {
    let s3 = Fixture::start().await;
    let whole = bodies().concat();
    let cases: [(&str, &Headers<'_>, &str, String, String); 3] = [
        ("crc64nvme", &CRC64, "CRC64NVME", crc64(&whole), crc64(b"other")),
        ("crc64nvme", &[], "CRC64NVME", crc64(&whole), crc64(b"other")),
        ("crc32", &CRC32, "CRC32", crc32(&whole), crc32(b"other")),
    ];
    for (number, (name, headers, element, right, wrong)) in cases.into_iter().enumerate() {
        let key = format!("k{number}");
        let (id, xml) = upload(&s3, &key, headers).await;
        let header = format!("x-amz-checksum-{name}");
        let listed = list_parts(&s3, &key, &id).await.expect_status(200);
        assert_eq!(
            (listed.element("ChecksumAlgorithm"), listed.element("ChecksumType")),
            (element.into(), "FULL_OBJECT".into())
        );
        assert_eq!(listed.elements(&format!("Checksum{element}")).len(), 2, "{}", listed.text());
        complete_with(&s3, &key, &id, &xml, &[(&header, &wrong)]).await.expect_error(400, "BadDigest");
        complete_with(&s3, &key, &id, &xml, &[("x-amz-checksum-type", "COMPOSITE")])
            .await
            .expect_error(400, "InvalidRequest");
        let done = complete_with(&s3, &key, &id, &xml, &[(&header, &right)]).await.expect_status(200);
        assert_eq!(done.element(&format!("Checksum{element}")), right);
        assert_eq!(done.element("ChecksumType"), "FULL_OBJECT");
        let head = head(&s3, &key).await;
        assert_eq!(
            (head.header(&header), head.header("x-amz-checksum-type")),
            (right.as_str(), "FULL_OBJECT")
        );
    }
}

#[tokio::test]
async fn part_with_another_checksum_algorithm_is_refused() {
    let s3 = Fixture::start().await;
    let key = "k";
    for headers in [&CRC64[..], &CRC32, &SHA256, &[]] {
        let id = create_with(&s3, key, headers).await.expect_status(200).element("UploadId");
        let sha1 = [("x-amz-checksum-sha1", "qZk+NkcGgWq6PiVxeFDCbJzQ2J0=")];
        let refused = upload_part_with(&s3, (key, &id), 1, b"abc".to_vec(), &sha1).await;
        let message = refused.expect_error(400, "InvalidRequest").element("Message");
        assert!(
            message.starts_with("Checksum Type mismatch occurred, expected checksum Type: "),
            "{message}"
        );
        let wrong =
            [("x-amz-checksum-crc64nvme", crc64(b"other"))].map(|(name, value)| (name, value.leak() as &str));
        let code = if headers == &CRC64[..] || headers.is_empty() { "BadDigest" } else { "InvalidRequest" };
        upload_part_with(&s3, (key, &id), 1, b"abc".to_vec(), &wrong).await.expect_error(400, code);
        assert!(list_parts(&s3, key, &id).await.elements("PartNumber").is_empty());
    }
}

#[tokio::test]
async fn composite_checksum_needs_that_of_every_part() {
    let s3 = Fixture::start().await;
    let id = create_with(&s3, "k", &SHA256).await.expect_status(200);
    assert_eq!(id.header("x-amz-checksum-type"), "COMPOSITE");
    let id = id.element("UploadId");
    upload_part(&s3, "k", &id, 1, b"abc".to_vec()).await.expect_error(400, "InvalidRequest");

    let (mut with, mut without, mut other, mut digests) =
        (String::new(), String::new(), String::new(), Vec::new());
    for (number, body) in (1..).zip(bodies()) {
        let sum = sha256(&body);
        digests.extend(STANDARD.decode(&sum).unwrap());
        let headers = [("x-amz-checksum-sha256", sum.as_str())];
        let part = upload_part_with(&s3, ("k", &id), number, body, &headers).await.expect_status(200);
        let etag = part.header("etag");
        with.push_str(&part_xml(number, etag, &format!("<ChecksumSHA256>{sum}</ChecksumSHA256>")));
        without.push_str(&part_xml(number, etag, ""));
        other.push_str(&part_xml(
            number,
            etag,
            &format!("<ChecksumSHA256>{}</ChecksumSHA256>", sha256(b"other")),
        ));
    }
    let missing = complete_with(&s3, "k", &id, &without, &[]).await.expect_error(400, "InvalidRequest");
    assert!(
        missing.element("Message").ends_with("It was missing for part 1 in the request."),
        "{}",
        missing.text()
    );
    complete_with(&s3, "k", &id, &other, &[]).await.expect_error(400, "InvalidPart");
    assert!(s3.stored().await.is_empty());
    let expected = format!("{}-2", sha256(&digests));
    let done = complete_with(&s3, "k", &id, &with, &[("x-amz-checksum-sha256", &expected)]).await;
    assert_eq!(done.expect_status(200).element("ChecksumSHA256"), expected);
    let head = head(&s3, "k").await;
    assert_eq!(
        (head.header("x-amz-checksum-sha256"), head.header("x-amz-checksum-type")),
        (expected.as_str(), "COMPOSITE")
    );
}

#[tokio::test]
async fn checksum_type_must_exist_for_the_algorithm() {
    let s3 = Fixture::start().await;
    for (algorithm, kind, status) in [
        ("CRC64NVME", "COMPOSITE", 400),
        ("SHA256", "FULL_OBJECT", 400),
        ("CRC32", "WHOLE", 400),
        ("MD4", "COMPOSITE", 501),
        ("CRC32C", "COMPOSITE", 200),
        ("CRC32C", "FULL_OBJECT", 200),
    ] {
        let headers = [("x-amz-checksum-algorithm", algorithm), ("x-amz-checksum-type", kind)];
        let response = create_with(&s3, "k", &headers).await;
        assert_eq!(response.status.as_u16(), status, "{algorithm} {kind}: {}", response.text());
    }
    create_with(&s3, "k", &[("x-amz-checksum-type", "COMPOSITE")]).await.expect_error(400, "InvalidRequest");
}

#[tokio::test]
async fn checksum_mode_is_read_from_the_query() {
    let s3 = Fixture::start().await;
    s3.put("k", b"bytes").await.expect_status(200);
    for method in ["HEAD", "GET"] {
        let request = s3.presign(method, "k").query("x-amz-checksum-mode=ENABLED");
        let response = s3.send(method, &request, "").await.expect_status(200);
        assert_eq!(response.header("x-amz-checksum-crc64nvme"), crc64(b"bytes"));
        let without = s3.send(method, &s3.presign(method, "k"), "").await.expect_status(200);
        assert_eq!(without.header("x-amz-checksum-crc64nvme"), "");
    }
}
