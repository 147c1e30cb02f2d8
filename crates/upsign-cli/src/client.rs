//! The client's side: sign in, ask, upload, read back.

use std::collections::BTreeMap;
use std::path::Path;

use bytes::Bytes;
use indicatif::{ProgressBar, ProgressStyle};
use reqwest::header::{CONTENT_LENGTH, CONTENT_TYPE};
use reqwest::{Client, Method, Response, StatusCode};
use serde::Deserialize;
use serde_json::json;
use tokio_util::io::ReaderStream;

use crate::exit::Failed;

/// What the service answers.
#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Grant {
    pub(crate) upload_url: String,
    pub(crate) key: String,
    pub(crate) expires_in: u64,
    pub(crate) method: String,
    pub(crate) headers: BTreeMap<String, String>,
    pub(crate) expires_at: String,
}

/// An HTTP client that goes straight to where it is sent.
pub(crate) fn client() -> Result<Client, Failed> {
    let builder = Client::builder().no_proxy().redirect(reqwest::redirect::Policy::none());
    builder.build().map_err(|error| Failed::caused("no HTTP client", &error))
}

/// An access token for a user, as a Cognito pool gives it to a browser.
pub(crate) async fn sign_in(
    client: &Client,
    pool: &str,
    client_id: &str,
    username: &str,
    password: &str,
) -> Result<String, Failed> {
    #[derive(Deserialize)]
    #[serde(rename_all = "PascalCase")]
    struct Answer {
        authentication_result: Result,
    }
    #[derive(Deserialize)]
    #[serde(rename_all = "PascalCase")]
    struct Result {
        access_token: String,
    }
    let request = json!({
        "AuthFlow": "USER_PASSWORD_AUTH",
        "ClientId": client_id,
        "AuthParameters": {"USERNAME": username, "PASSWORD": password},
    });
    let answer = client
        .post(pool)
        .header("x-amz-target", "AWSCognitoIdentityProviderService.InitiateAuth")
        .header(CONTENT_TYPE, "application/x-amz-json-1.1")
        .body(request.to_string())
        .send()
        .await;
    let answer = expected(answer, StatusCode::OK, "the sign-in").await?;
    let answer: Answer = answer.json().await.map_err(|error| failed("the sign-in's answer", error))?;
    Ok(answer.authentication_result.access_token)
}

/// Leave to upload a file of this type, size and name.
pub(crate) async fn ask(
    client: &Client,
    api: &str,
    token: &str,
    content_type: &str,
    bytes: u64,
    name: &str,
) -> Result<Grant, Failed> {
    let request = json!({"contentType": content_type, "contentLength": bytes, "fileName": name});
    let answer = client.post(api).bearer_auth(token).json(&request).send().await;
    let answer = expected(answer, StatusCode::OK, "the request for an upload URL").await?;
    answer.json().await.map_err(|error| failed("the service's answer", error))
}

/// Where an upload comes from.
#[derive(Clone, Debug)]
pub(crate) enum Source<'a> {
    File(&'a Path),
    Bytes(Bytes),
}

impl Source<'_> {
    pub(crate) async fn len(&self) -> std::io::Result<u64> {
        match self {
            Self::File(path) => Ok(tokio::fs::metadata(path).await?.len()),
            Self::Bytes(bytes) => Ok(u64::try_from(bytes.len()).unwrap_or(u64::MAX)),
        }
    }

    /// The body, telling a progress bar of every piece.
    async fn body(&self, bar: &ProgressBar) -> std::io::Result<reqwest::Body> {
        match self {
            Self::File(path) => {
                let file = tokio::fs::File::open(path).await?;
                Ok(reqwest::Body::wrap_stream(ReaderStream::with_capacity(
                    bar.wrap_async_read(file),
                    64 << 10,
                )))
            }
            Self::Bytes(bytes) => {
                let reader = bar.wrap_async_read(std::io::Cursor::new(bytes.clone()));
                Ok(reqwest::Body::wrap_stream(ReaderStream::with_capacity(reader, 4 << 10)))
            }
        }
    }
}

/// Sends a file as the grant says, with its headers and no others, drawing a progress bar on a terminal.
pub(crate) async fn send(
    client: &Client,
    grant: &Grant,
    headers: &BTreeMap<String, String>,
    source: &Source<'_>,
    bytes: u64,
) -> Result<Response, Failed> {
    let style = ProgressStyle::with_template("   {bar:40} {bytes}/{total_bytes} {bytes_per_sec} {eta}");
    let bar = ProgressBar::new(bytes).with_style(style.unwrap_or_else(|_| ProgressStyle::default_bar()));
    let body = source.body(&bar).await.map_err(|error| Failed::caused("the file cannot be read", &error))?;
    let method = Method::from_bytes(grant.method.as_bytes());
    let method = method.map_err(|error| Failed::caused("the grant's method", &error))?;
    let mut request = client.request(method, &grant.upload_url).header(CONTENT_LENGTH, bytes).body(body);
    for (name, value) in headers {
        request = request.header(name, value);
    }
    let answer = request.send().await.map_err(|error| failed("the upload", error));
    bar.finish_and_clear();
    answer
}

/// The bytes behind a URL, and their type.
pub(crate) async fn read(client: &Client, url: &str) -> Result<(Bytes, Option<String>), Failed> {
    let answer = expected(client.get(url).send().await, StatusCode::OK, "reading back").await?;
    let content_type = answer.headers().get(CONTENT_TYPE);
    let content_type = content_type.and_then(|value| value.to_str().ok()).map(str::to_owned);
    let bytes = answer.bytes().await.map_err(|error| failed("reading back", error))?;
    Ok((bytes, content_type))
}

/// The answer if it has the status expected, else what the other side says is wrong.
pub(crate) async fn expected(
    answer: reqwest::Result<Response>,
    status: StatusCode,
    what: &str,
) -> Result<Response, Failed> {
    let answer = answer.map_err(|error| failed(what, error))?;
    if answer.status() == status {
        return Ok(answer);
    }
    let status = answer.status();
    let body = answer.text().await.unwrap_or_default();
    Err(Failed::new(format!("{what} was answered {status}: {}", reason(&body))))
}

/// The one line that says why: a problem's detail, or S3's code and message.
pub(crate) fn reason(body: &str) -> String {
    #[derive(Deserialize)]
    struct Problem {
        code: String,
        detail: String,
    }
    if let Ok(Problem { code, detail }) = serde_json::from_str(body) {
        return format!("{detail} ({code})");
    }
    match (tag(body, "Code"), tag(body, "Message")) {
        (Some(code), Some(message)) => format!("{code}: {message}"),
        (Some(code), None) => code.to_owned(),
        _ => "no reason given".to_owned(),
    }
}

/// S3's code in an error document.
pub(crate) fn code(body: &str) -> String {
    tag(body, "Code").unwrap_or("without a code").to_owned()
}

fn tag<'a>(body: &'a str, name: &str) -> Option<&'a str> {
    let (_, rest) = body.split_once(&format!("<{name}>"))?;
    rest.split_once(&format!("</{name}>")).map(|(text, _)| text)
}

/// Leaves the URL out: it may be a presigned one.
fn failed(what: &str, error: reqwest::Error) -> Failed {
    Failed::caused(what, &error.without_url())
}
