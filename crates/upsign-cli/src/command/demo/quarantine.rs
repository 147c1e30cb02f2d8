//! The last step of `upsign demo`: a route that inspects each file before anybody can read it.

use std::sync::{Arc, Mutex, PoisonError};

use bytes::Bytes;
use reqwest::{Client, StatusCode};
use serde_json::{Value, json};
use upsign::{Announce, AnnounceError, Announcement, async_trait};

use super::{PHOTO, presigned_get};
use crate::client::{self, Grant, Source};
use crate::embedded::EmbeddedServices;
use crate::exit::CommandError;
use crate::output;

/// What an attacker uploads in place of a photo.
const PAGE: &[u8] =
    b"<!DOCTYPE html><title>Sign in again</title><script src=\"https://evil.example/\"></script>\n";
const TYPE: &str = "image/jpeg";
const ROUTE: &str = "avatars";

/// Remembers the announcements of uploads, for the report.
#[derive(Clone, Debug, Default)]
pub(super) struct Announced(Arc<Mutex<Vec<String>>>);

impl Announced {
    fn take(&self) -> Vec<String> {
        std::mem::take(&mut *self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

#[async_trait]
impl Announce for Announced {
    async fn announce(&self, announcement: &Announcement<'_>) -> Result<(), AnnounceError> {
        let text = format!("upload.{}", announcement.kind.as_str());
        self.0.lock().unwrap_or_else(PoisonError::into_inner).push(text);
        Ok(())
    }
}

/// Uploads a photo and a web page that is called a photo. The demo fails if the photo is not confirmed or the page is.
pub(super) async fn both_files(
    services: &EmbeddedServices,
    uploads: &Uploads<'_>,
) -> Result<Value, CommandError> {
    output::report().step(7, "Upload to a route that inspects each file before anybody can read it");
    let photo = uploads.put("photo.jpg", PHOTO).await?;
    let answer = uploads.confirm(&photo, "photo.jpg", "confirmed").await?;
    output::report().success(&format!("photo.jpg: confirmed, and moved to {}", photo.grant.key));
    let valid = uploads.read(text(&answer, "receipt")?, PHOTO).await?;
    output::report().success(&format!("photo.jpg: read by a URL for its receipt, valid for {valid}"));

    let page = uploads.put("page.jpg", PAGE).await?;
    let answer = uploads.confirm(&page, "page.jpg", "rejected").await?;
    let reason = text(&answer, "reason")?;
    output::report().success(&format!("page.jpg: a web page in place of a photo is rejected, {reason}"));
    let read = uploads.http.get(presigned_get(services, &page.grant.key)?.expose()).send().await;
    client::expect_status(read, StatusCode::NOT_FOUND, "reading the rejected page").await?;
    output::report().success("page.jpg: no reader finds it, and no URL to read it is issued");
    Ok(json!({ "confirmed": photo.grant.key, "rejected": reason }))
}

/// How to call the API.
pub(super) struct Uploads<'a> {
    pub(super) http: &'a Client,
    /// The address of the API, without a path.
    pub(super) base: &'a str,
    pub(super) token: &'a str,
    pub(super) announced: &'a Announced,
}

/// An upload that is stored, and not confirmed yet.
struct Stored {
    grant: Grant,
    upload_token: String,
}

impl Uploads<'_> {
    /// Uploads bytes as a photo.
    async fn put(&self, name: &str, bytes: &'static [u8]) -> Result<Stored, CommandError> {
        let length = u64::try_from(bytes.len()).unwrap_or(u64::MAX);
        let request = json!({
            "route": ROUTE, "contentType": TYPE, "contentLength": length, "fileName": name,
        });
        let answer = self.post("/upload-url", &request).await?;
        let upload_token = text(&answer, "uploadToken")?.to_owned();
        let grant = serde_json::from_value(answer);
        let grant: Grant = grant.map_err(|error| CommandError::caused("the answer of the API", &error))?;
        let source = Source::Bytes(Bytes::from_static(bytes));
        let stored = client::send(self.http, &grant, &grant.headers, &source, length).await?;
        client::expect_status(Ok(stored), StatusCode::OK, "the upload").await?;
        let text = format!("{} as {TYPE}, pending: only the service can read it", super::size(length));
        output::report().detail(name, &text);
        Ok(Stored { grant, upload_token })
    }

    /// Confirms an upload, which must have this result.
    async fn confirm(&self, upload: &Stored, name: &str, expected: &str) -> Result<Value, CommandError> {
        let request = json!({ "uploadToken": upload.upload_token });
        let answer = self.post("/uploads/confirm", &request).await?;
        let state = text(&answer, "state")?;
        let announced = self.announced.take();
        if state != expected || announced != [format!("upload.{expected}")] {
            let message = format!("{name} is {state}, announced as {announced:?}; expected: {expected}");
            return Err(CommandError::failure(message));
        }
        Ok(answer)
    }

    /// Reads a confirmed object and compares it. Returns for how long the URL is valid.
    async fn read(&self, receipt: &str, bytes: &[u8]) -> Result<String, CommandError> {
        let answer = self.post("/uploads/read-url", &json!({ "receipt": receipt })).await?;
        let mut read = self.http.get(text(&answer, "readUrl")?);
        for (name, value) in answer.get("headers").and_then(Value::as_object).into_iter().flatten() {
            read = read.header(name, value.as_str().unwrap_or_default());
        }
        let stored = client::expect_status(read.send().await, StatusCode::OK, "reading the photo").await?;
        let stored = stored.bytes().await;
        let stored =
            stored.map_err(|error| CommandError::caused("reading the photo", &error.without_url()))?;
        if stored != bytes {
            return Err(CommandError::failure("the confirmed object is not what was uploaded"));
        }
        Ok(super::lifetime(answer.get("expiresIn").and_then(Value::as_u64).unwrap_or_default()))
    }

    async fn post(&self, path: &str, body: &Value) -> Result<Value, CommandError> {
        let request = self.http.post(format!("{}{path}", self.base)).bearer_auth(self.token).json(body);
        let answer = client::expect_status(request.send().await, StatusCode::OK, path).await?;
        answer.json().await.map_err(|error| CommandError::caused(path, &error.without_url()))
    }
}

fn text<'a>(answer: &'a Value, name: &str) -> Result<&'a str, CommandError> {
    let member = answer.get(name).and_then(Value::as_str);
    member.ok_or_else(|| CommandError::failure(format!("the answer of the API has no {name}")))
}
