//! The client side of the demo: sign in, request an upload URL, upload, read back.

use std::collections::BTreeMap;
use std::path::Path;

use bytes::Bytes;
use indicatif::{ProgressBar, ProgressStyle};
use reqwest::header::{CONTENT_LENGTH, CONTENT_TYPE};
use reqwest::{Client, Method, Response, StatusCode};
use serde::Deserialize;
use serde_json::json;
use tokio_util::io::ReaderStream;

use crate::exit::CommandError;
use crate::output;

/// The API's response to a request that it granted.
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

/// Returns an HTTP client that uses no proxy and follows no redirects.
pub(crate) fn client() -> Result<Client, CommandError> {
    let builder = Client::builder().no_proxy().redirect(reqwest::redirect::Policy::none());
    builder.build().map_err(|error| CommandError::caused("cannot create an HTTP client", &error))
}

/// Signs in with a user name and a password, as a browser does at a Cognito user pool, and returns the access token.
pub(crate) async fn sign_in(
    client: &Client,
    pool: &str,
    client_id: &str,
    username: &str,
    password: &str,
) -> Result<String, CommandError> {
    #[derive(Deserialize)]
    #[serde(rename_all = "PascalCase")]
    struct SignInResponse {
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
    let response = client
        .post(pool)
        .header("x-amz-target", "AWSCognitoIdentityProviderService.InitiateAuth")
        .header(CONTENT_TYPE, "application/x-amz-json-1.1")
        .body(request.to_string())
        .send()
        .await;
    let response = expect_status(response, StatusCode::OK, "the sign-in").await?;
    let response: SignInResponse =
        response.json().await.map_err(|error| transport_error("the response of the sign-in", error))?;
    Ok(response.authentication_result.access_token)
}

/// Requests an upload URL for a file of this type, size and name.
pub(crate) async fn request_upload(
    client: &Client,
    api: &str,
    token: &str,
    content_type: &str,
    bytes: u64,
    name: &str,
) -> Result<Grant, CommandError> {
    let request = json!({"contentType": content_type, "contentLength": bytes, "fileName": name});
    let response = client.post(api).bearer_auth(token).json(&request).send().await;
    let response = expect_status(response, StatusCode::OK, "the request for an upload URL").await?;
    response.json().await.map_err(|error| transport_error("the response of the API", error))
}

/// The source of the uploaded bytes.
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

    /// Returns the body; reading it advances the progress bar.
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

/// Uploads to the granted URL with exactly these headers. Draws a progress bar if standard error is a terminal.
pub(crate) async fn send(
    client: &Client,
    grant: &Grant,
    headers: &BTreeMap<String, String>,
    source: &Source<'_>,
    bytes: u64,
) -> Result<Response, CommandError> {
    let style = ProgressStyle::with_template("   {bar:40} {bytes}/{total_bytes} {bytes_per_sec} {eta}");
    let bar = if output::is_quiet() { ProgressBar::hidden() } else { ProgressBar::new(bytes) };
    let bar = bar.with_style(style.unwrap_or_else(|_| ProgressStyle::default_bar()));
    let body =
        source.body(&bar).await.map_err(|error| CommandError::caused("cannot read the file", &error))?;
    let method = Method::from_bytes(grant.method.as_bytes());
    let method = method.map_err(|error| CommandError::caused("the grant's method", &error))?;
    let mut request = client.request(method, &grant.upload_url).header(CONTENT_LENGTH, bytes).body(body);
    for (name, value) in headers {
        request = request.header(name, value);
    }
    let response = request.send().await.map_err(|error| transport_error("the upload", error));
    bar.finish_and_clear();
    response
}

/// Downloads a URL and returns its bytes and its content type.
pub(crate) async fn read(client: &Client, url: &str) -> Result<(Bytes, Option<String>), CommandError> {
    let response = expect_status(client.get(url).send().await, StatusCode::OK, "reading back").await?;
    let content_type = response.headers().get(CONTENT_TYPE);
    let content_type = content_type.and_then(|value| value.to_str().ok()).map(str::to_owned);
    let bytes = response.bytes().await.map_err(|error| transport_error("reading back", error))?;
    Ok((bytes, content_type))
}

/// Returns the response if it has the expected status.
///
/// # Errors
/// The request failed, or the response has another status; the message contains the reason in its body.
pub(crate) async fn expect_status(
    response: reqwest::Result<Response>,
    status: StatusCode,
    operation: &str,
) -> Result<Response, CommandError> {
    let response = response.map_err(|error| transport_error(operation, error))?;
    if response.status() == status {
        return Ok(response);
    }
    let status = response.status();
    let body = response.text().await.unwrap_or_default();
    Err(CommandError::failure(format!("{operation} failed with {status}: {}", reason(&body))))
}

/// Extracts the reason from an error body: the detail of a problem document, code and message of an S3 error, or type and message
/// of an error of a user pool.
fn reason(body: &str) -> String {
    #[derive(Deserialize)]
    struct Problem {
        code: String,
        detail: String,
    }
    if let Ok(Problem { code, detail }) = serde_json::from_str(body) {
        return format!("{detail} ({code})");
    }
    #[derive(Deserialize)]
    struct PoolError {
        #[serde(rename = "__type")]
        kind: String,
        message: String,
    }
    if let Ok(PoolError { kind, message }) = serde_json::from_str(body) {
        return format!("{message} ({kind})");
    }
    match (xml_element(body, "Code"), xml_element(body, "Message")) {
        (Some(code), Some(message)) => format!("{code}: {message}"),
        (Some(code), None) => code.to_owned(),
        _ => "no reason given".to_owned(),
    }
}

/// Returns the code of an S3 error document.
pub(crate) fn s3_error_code(body: &str) -> String {
    xml_element(body, "Code").unwrap_or("(no code)").to_owned()
}

fn xml_element<'a>(body: &'a str, name: &str) -> Option<&'a str> {
    let (_, rest) = body.split_once(&format!("<{name}>"))?;
    rest.split_once(&format!("</{name}>")).map(|(text, _)| text)
}

/// Describes a failed request. The URL is left out, because it may be presigned.
fn transport_error(operation: &str, error: reqwest::Error) -> CommandError {
    CommandError::caused(operation, &error.without_url())
}
