//! The requests of a multipart upload.

use super::{Fixture, TestResponse};

/// The smallest part that is not the last.
pub(crate) const PART: usize = 5 * 1024 * 1024;

pub(crate) type Headers<'a> = [(&'a str, &'a str)];

pub(crate) async fn create(s3: &Fixture, key: &str) -> String {
    create_with(s3, key, &[("content-type", "image/jpeg")]).await.expect_status(200).element("UploadId")
}

pub(crate) async fn create_with(s3: &Fixture, key: &str, headers: &Headers<'_>) -> TestResponse {
    let request = s3.presign("POST", key).query("uploads=");
    let request = headers.iter().fold(request, |request, (name, value)| request.header(name, value));
    s3.send("POST", &request, "").await
}

pub(crate) async fn upload_part(
    s3: &Fixture,
    key: &str,
    id: &str,
    number: u32,
    bytes: Vec<u8>,
) -> TestResponse {
    upload_part_with(s3, (key, id), number, bytes, &[]).await
}

pub(crate) async fn upload_part_with(
    s3: &Fixture,
    (key, id): (&str, &str),
    number: u32,
    bytes: Vec<u8>,
    headers: &Headers<'_>,
) -> TestResponse {
    let query = format!("partNumber={number}&uploadId={id}");
    let request = s3.presign("PUT", key).query(&query);
    let request = headers.iter().fold(request, |request, (name, value)| request.header(name, value));
    s3.send("PUT", &request, bytes).await
}

pub(crate) async fn list_parts(s3: &Fixture, key: &str, id: &str) -> TestResponse {
    s3.send("GET", &s3.presign("GET", key).query(&format!("uploadId={id}")), "").await
}

/// Returns an element of the list of parts; `more` are further elements in it.
pub(crate) fn part_xml(number: u32, etag: &str, more: &str) -> String {
    format!("<Part><PartNumber>{number}</PartNumber><ETag>{etag}</ETag>{more}</Part>")
}

pub(crate) async fn complete(s3: &Fixture, key: &str, id: &str, parts: &[(u32, String)]) -> TestResponse {
    let xml: String = parts.iter().map(|(number, etag)| part_xml(*number, etag, "")).collect();
    complete_with(s3, key, id, &xml, &[]).await
}

pub(crate) async fn complete_with(
    s3: &Fixture,
    key: &str,
    id: &str,
    parts: &str,
    headers: &Headers<'_>,
) -> TestResponse {
    let xml = format!("<CompleteMultipartUpload>{parts}</CompleteMultipartUpload>");
    let request = s3.presign("POST", key).query(&format!("uploadId={id}"));
    let request = headers.iter().fold(request, |request, (name, value)| request.header(name, value));
    s3.send("POST", &request, xml).await
}

pub(crate) async fn abort(s3: &Fixture, key: &str, id: &str) -> TestResponse {
    s3.send("DELETE", &s3.presign("DELETE", key).query(&format!("uploadId={id}")), "").await
}
