//! PutObjectTagging and GetObjectTagging.
//!
//! Source: <https://docs.aws.amazon.com/AmazonS3/latest/userguide/object-tagging.html>.

use axum::http::StatusCode;
use s3s::dto::{
    GetObjectTaggingInput, GetObjectTaggingOutput, PutObjectTaggingInput, PutObjectTaggingOutput, Tag,
};
use s3s::{S3Error, S3ErrorCode, S3Request, S3Result, s3_error};

use super::input_checks::request_id;
use super::operations::Operations;

impl Operations {
    pub(super) async fn put_tags(
        &self,
        request: S3Request<PutObjectTaggingInput>,
    ) -> S3Result<PutObjectTaggingOutput> {
        let id = request_id(&request.extensions);
        let input = request.input;
        self.store.require_bucket(&input.bucket)?;
        let tagging = checked(input.tagging.tag_set)?;
        let place = (input.bucket.as_str(), input.key.as_str());
        let version_id = self.store.set_tags(place, input.version_id.as_deref(), tagging, &id).await?;
        Ok(PutObjectTaggingOutput { version_id })
    }

    pub(super) async fn tags(&self, input: GetObjectTaggingInput) -> S3Result<GetObjectTaggingOutput> {
        self.store.require_bucket(&input.bucket)?;
        let (object, _) = self.store.find(&input.bucket, &input.key, input.version_id.as_deref()).await?;
        let tags = object.record.attributes.tags().into_iter();
        let tag_set = tags.map(|(key, value)| Tag { key: Some(key), value: Some(value) }).collect();
        Ok(GetObjectTaggingOutput { tag_set, version_id: object.record.version.id.clone() })
    }
}

/// Checks the tags of a request and returns them as a query string.
fn checked(tags: Vec<Tag>) -> S3Result<String> {
    if tags.len() > 10 {
        return Err(too_many());
    }
    let mut pairs: Vec<(String, String)> = Vec::with_capacity(tags.len());
    for tag in tags {
        let (key, value) = (tag.key.unwrap_or_default(), tag.value.unwrap_or_default());
        if !(1..=128).contains(&key.chars().count()) {
            return Err(s3_error!(InvalidTag, "The TagKey you have provided is invalid"));
        }
        if value.chars().count() > 256 {
            return Err(s3_error!(InvalidTag, "The TagValue you have provided is invalid"));
        }
        if pairs.iter().any(|(earlier, _)| *earlier == key) {
            return Err(s3_error!(InvalidTag, "Cannot provide multiple Tags with the same key"));
        }
        pairs.push((key, value));
    }
    serde_urlencoded::to_string(pairs)
        .map_err(|_| s3_error!(InvalidTag, "The TagValue you have provided is invalid"))
}

/// Returns the error for more than 10 tags. `s3s` does not have its code.
fn too_many() -> S3Error {
    let code = S3ErrorCode::Custom("BadRequest".into());
    let mut error = S3Error::with_message(code, "Object tags cannot be greater than 10");
    error.set_status_code(StatusCode::BAD_REQUEST);
    error
}
