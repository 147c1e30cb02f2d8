//! `upsign demo`: the main job, once, with everything embedded.

use std::net::{Ipv4Addr, SocketAddr};
use std::path::Path;

use bytes::Bytes;
use reqwest::{Client, StatusCode};
use serde_json::json;
use sha2::{Digest, Sha256};
use upsign::{Clock, SigV4, SystemClock};
use upsign_core::{ExpiresIn, Operation, PresignRequest, Sign};

use crate::client::{self, Grant, Source};
use crate::exit::{Exit, Failed};
use crate::stack::{Stack, TYPES, USERNAME};
use crate::{say, server};

/// The photo that is uploaded when none is named.
pub(crate) const PHOTO: &[u8] = include_bytes!("../../assets/demo.jpg");

pub(crate) async fn run(file: Option<&Path>, json: bool) -> Result<Exit, Failed> {
    let photo = Photo::open(file).await?;
    let (listener, address) = server::bind(SocketAddr::from((Ipv4Addr::LOCALHOST, 0))).await?;
    let stack = Stack::start(address).await?;
    let app = upsign_axum::router(stack.api()?, stack.authentication.clone());
    let (end, ended) = tokio::sync::oneshot::channel::<()>();
    let serving = tokio::spawn(server::serve(listener, app, async {
        drop(ended.await);
    }));
    let told = walk(&stack, &format!("http://{address}/upload-url"), &photo).await;
    drop(end);
    let served = serving.await.map_err(|error| Failed::caused("the API", &error))?;
    stack.shutdown().await;
    let told = told?;
    served?;
    if json {
        say::answer(&told.to_string());
    }
    Ok(Exit::Success)
}

/// What gets uploaded.
struct Photo<'a> {
    source: Source<'a>,
    name: String,
    content_type: &'static str,
    bytes: u64,
    sha256: String,
    data: Bytes,
}

impl<'a> Photo<'a> {
    async fn open(file: Option<&'a Path>) -> Result<Self, Failed> {
        let (source, name, data) = match file {
            None => {
                (Source::Bytes(Bytes::from_static(PHOTO)), "demo.jpg".to_owned(), Bytes::from_static(PHOTO))
            }
            Some(path) => {
                let data = tokio::fs::read(path).await;
                let data = data.map_err(|error| crate::environment::unreadable(path, &error))?;
                let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
                (Source::File(path), name, data.into())
            }
        };
        let content_type = photo_type(&data).ok_or_else(|| {
            let hint = format!("the demo takes {}", TYPES.join(", "));
            Failed::usage(format!("{name} is not a photo the demo knows")).hint(hint)
        })?;
        let bytes = source.len().await.map_err(|error| Failed::caused("the file", &error))?;
        Ok(Self { source, name, content_type, bytes, sha256: sha256(&data), data })
    }
}

/// The type that the first bytes tell.
fn photo_type(data: &[u8]) -> Option<&'static str> {
    let at = |from: usize, magic: &[u8]| data.get(from..).is_some_and(|rest| rest.starts_with(magic));
    match () {
        () if at(0, b"\xff\xd8\xff") => Some("image/jpeg"),
        () if at(0, b"\x89PNG\r\n\x1a\n") => Some("image/png"),
        () if at(0, b"RIFF") && at(8, b"WEBP") => Some("image/webp"),
        () => None,
    }
}

fn sha256(data: &[u8]) -> String {
    Sha256::digest(data).iter().map(|byte| format!("{byte:02x}")).collect()
}

async fn walk(stack: &Stack, api: &str, photo: &Photo<'_>) -> Result<serde_json::Value, Failed> {
    let http = client::client()?;
    say::step(1, "A user pool, the API and an S3 server, in this process");
    say::detail("pool", &stack.pool.issuer());
    say::detail("api", &format!("POST {api}"));
    say::detail("s3", &format!("{}/{}", stack.s3.endpoint(), stack.policy.target().bucket()));

    say::step(2, "Sign in");
    let pool = (stack.pool.endpoint(), stack.pool.client_id());
    let token = client::sign_in(&http, &pool.0, pool.1, USERNAME, &stack.password).await?;
    say::good(&format!("{USERNAME} has an access token of {} bytes", token.len()));

    say::step(3, "Ask for leave to upload one file");
    say::detail("file", &format!("{}, {}, {} bytes", photo.name, photo.content_type, photo.bytes));
    let grant = client::ask(&http, api, &token, photo.content_type, photo.bytes, &photo.name).await?;
    say::detail("key", &grant.key);
    say::detail("expires", &format!("in {} s, at {}", grant.expires_in, grant.expires_at));
    for (name, value) in &grant.headers {
        say::detail("header", &format!("{name}: {value}"));
    }

    say::step(4, "Upload it straight to S3");
    let answer = client::send(&http, &grant, &grant.headers, &photo.source, photo.bytes).await?;
    client::expected(Ok(answer), StatusCode::OK, "the upload").await?;
    say::good(&format!("stored {} bytes", photo.bytes));

    say::step(5, "Read it back and compare");
    let read = read_back(stack, &http, &grant.key, photo).await?;
    say::detail("sha-256", &read);
    say::good("the same bytes, the same type");

    say::step(6, "Try to send something else than was agreed");
    let refused = cheats(&http, api, &token, photo, &grant).await?;
    Ok(json!({
        "key": grant.key, "bytes": photo.bytes, "contentType": photo.content_type,
        "sha256": read, "refused": refused,
    }))
}

async fn read_back(stack: &Stack, http: &Client, key: &str, photo: &Photo<'_>) -> Result<String, Failed> {
    let key = key.parse().map_err(|error| Failed::caused("the key", &error))?;
    let lifetime = ExpiresIn::from_secs(60).map_err(|error| Failed::caused("the lifetime", &error))?;
    let target = stack.policy.target().clone();
    let request = PresignRequest::new(target, Operation::GetObject, key, lifetime);
    let signed = SigV4::new().sign(&request, stack.s3.credentials(), SystemClock.now());
    let signed = signed.map_err(|error| Failed::caused("the URL to read", &error))?;
    let (data, content_type) = client::read(http, signed.url.expose()).await?;
    if content_type.as_deref() != Some(photo.content_type) {
        return Err(Failed::new(format!("sent as {}, stored as {content_type:?}", photo.content_type)));
    }
    let read = sha256(&data);
    if read == photo.sha256 {
        Ok(read)
    } else {
        Err(Failed::new(format!("the bytes differ: sent {}, read {read}", photo.sha256)))
    }
}

/// Each of these must be refused by S3; one that goes through fails the demo.
async fn cheats(
    http: &Client,
    api: &str,
    token: &str,
    photo: &Photo<'_>,
    used: &Grant,
) -> Result<Vec<String>, Failed> {
    let grant = client::ask(http, api, token, photo.content_type, photo.bytes, &photo.name).await?;
    let mut other_type = grant.headers.clone();
    other_type.insert("content-type".into(), "text/html".into());
    let longer = Source::Bytes([&photo.data[..], b"!"].concat().into());
    let mut elsewhere = grant.clone();
    elsewhere.upload_url = grant.upload_url.replacen("/raw/", "/other/", 1);

    let mut refused = Vec::new();
    let (same, bytes) = (&photo.source, photo.bytes);
    for (what, grant, headers, source, bytes, status) in [
        ("another content type", &grant, &other_type, same, bytes, StatusCode::FORBIDDEN),
        ("one byte more", &grant, &grant.headers, &longer, bytes + 1, StatusCode::FORBIDDEN),
        ("another key", &elsewhere, &grant.headers, same, bytes, StatusCode::FORBIDDEN),
        ("the first URL once more", used, &used.headers, same, bytes, StatusCode::PRECONDITION_FAILED),
    ] {
        let answer = client::send(http, grant, headers, source, bytes).await?;
        let answer = client::expected(Ok(answer), status, what).await?;
        let code = client::code(&answer.text().await.unwrap_or_default());
        say::good(&format!("{what}: refused, {} {code}", status.as_u16()));
        refused.push(format!("{what}: {code}"));
    }
    Ok(refused)
}
