//! `upsign demo`: one upload from sign-in to read-back, with every service embedded.

mod large;
mod process;
mod quarantine;
mod space;

use std::net::{Ipv4Addr, SocketAddr};
use std::path::{Path, PathBuf};
use std::time::Duration;

use bytes::Bytes;
use clap::Args;
use reqwest::{Client, StatusCode};
use serde_json::json;
use sha2::{Digest, Sha256};
use upsign::{Clock, SigV4, SystemClock};
use upsign_config::units;
use upsign_core::{ExpiresIn, Operation, PresignRequest, PresignedUrl, Sign};

use self::quarantine::{Announced, Uploads};
use crate::client::{self, Grant, Source};
use crate::embedded::{EmbeddedServices, TYPES, USERNAME};
use crate::exit::{CommandError, Exit};
use crate::listen::ShutdownSignals;
use crate::{listen, output};

#[derive(Debug, Args)]
pub(crate) struct DemoArgs {
    /// Photo to upload; default: a built-in one.
    file: Option<PathBuf>,
    /// Upload a file of this size in parts, by a process that is killed and resumed, as in 200MiB.
    #[arg(long, value_name = "SIZE", conflicts_with = "file", value_parser = large::parse_size)]
    size: Option<u64>,
}

/// The built-in photo.
pub(crate) const PHOTO: &[u8] = include_bytes!("../../../assets/demo.jpg");

pub(crate) async fn run(args: &DemoArgs, json: bool) -> Result<Exit, CommandError> {
    let upload = match args.size {
        Some(size) => Upload::Large(size),
        None => Upload::Photo(Photo::open(args.file.as_deref()).await?),
    };
    let signals = match upload {
        // Ctrl-C ends it at once: it has written nothing.
        Upload::Photo(_) => None,
        Upload::Large(_) => Some(ShutdownSignals::install()?),
    };
    let (listener, address) = listen::bind(SocketAddr::from((Ipv4Addr::LOCALHOST, 0)), "--listen").await?;
    let config = match upload {
        Upload::Photo(_) => EmbeddedServices::demo_config()?,
        Upload::Large(_) => EmbeddedServices::large_config()?,
    };
    let services = EmbeddedServices::start(address, &config, &[], &[]).await?;
    // They are part of the report.
    let announced = Announced::default();
    let service = services.service()?.with_announcer(announced.clone());
    let app = upsign_axum::router(services.api(service)?, services.authentication.clone());
    // Dropping `stop` resolves `stopped`, which shuts the API down.
    let (stop, stopped) = tokio::sync::oneshot::channel::<()>();
    let config = services.config.clone();
    let api = tokio::spawn(async move {
        listen::serve_locally(listener, app, &config, async {
            drop(stopped.await);
        })
        .await;
    });
    let base = format!("http://{address}");
    let address = format!("{base}/upload-url");
    let uploading = async {
        match &upload {
            Upload::Photo(photo) => upload_photo(&services, &base, photo, &announced).await,
            Upload::Large(bytes) => large::upload(&services, &address, *bytes).await,
        }
    };
    let interrupted = async {
        match signals {
            Some(signals) => signals.received(1).await,
            None => std::future::pending().await,
        }
    };
    let uploaded = tokio::select! {
        uploaded = uploading => Some(uploaded),
        () = interrupted => None,
    };
    drop(stop);
    let joined = api.await;
    services.shutdown().await;
    let Some(uploaded) = uploaded else {
        output::notes().line("interrupted; the file and the stored parts are removed");
        return Ok(Exit::Interrupted);
    };
    let summary = uploaded?;
    joined.map_err(|error| CommandError::caused("the API", &error))?;
    if json {
        output::result(&summary.to_string());
    } else {
        output::report().line("");
        output::report().next("upsign dev    runs the same services with a web page to try them");
        output::report().verbatim("      upsign init   writes a first upsign.toml for your own bucket");
    }
    Ok(Exit::Success)
}

/// What is uploaded.
enum Upload<'a> {
    Photo(Photo<'a>),
    /// A file of this size, in parts.
    Large(u64),
}

/// The photo to upload.
struct Photo<'a> {
    source: Source<'a>,
    name: String,
    content_type: &'static str,
    bytes: u64,
    sha256: String,
    data: Bytes,
}

impl<'a> Photo<'a> {
    async fn open(file: Option<&'a Path>) -> Result<Self, CommandError> {
        let (source, name, data) = match file {
            None => {
                (Source::Bytes(Bytes::from_static(PHOTO)), "demo.jpg".to_owned(), Bytes::from_static(PHOTO))
            }
            Some(path) => {
                let data = tokio::fs::read(path).await;
                let data = data.map_err(|error| CommandError::unreadable(path, &error))?;
                let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
                (Source::File(path), name, data.into())
            }
        };
        let content_type = photo_type(&data).ok_or_else(|| {
            let hint = format!("the demo uploads {}", TYPES.join(", "));
            CommandError::usage(format!("{name} is not a photo in a known format")).with_help(hint)
        })?;
        let bytes = source.len().await.map_err(|error| CommandError::caused("the file", &error))?;
        Ok(Self { source, name, content_type, bytes, sha256: sha256(&data), data })
    }
}

/// Returns a size as people write it, with the exact number of bytes.
fn size(bytes: u64) -> String {
    match units::format_size(bytes) {
        exact if exact.ends_with("bytes") && bytes >= 10 << 10 => {
            format!("about {} KiB ({exact})", (bytes + 512) >> 10)
        }
        exact => exact,
    }
}

fn lifetime(seconds: u64) -> String {
    units::format_duration(Duration::from_secs(seconds))
}

/// Detects the content type by the file's first bytes, or returns `None` for a type that the policy does not allow.
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

/// Runs the steps of an upload and prints each. Returns a summary for `--json`.
async fn upload_photo(
    services: &EmbeddedServices,
    base: &str,
    photo: &Photo<'_>,
    announced: &Announced,
) -> Result<serde_json::Value, CommandError> {
    let api = &format!("{base}/upload-url");
    let http = client::client()?;
    output::report().step(1, "Start a user pool, the API and an S3 server in this process");
    let issuer = services.issuers.first();
    output::report().detail("pool", &issuer.pool.issuer());
    output::report().detail("api", &format!("POST {api}"));
    output::report()
        .detail("s3", &format!("{}/{}", services.s3.endpoint(), services.policy()?.target().bucket()));

    output::report().step(2, "Sign in");
    let pool = (issuer.pool.endpoint(), issuer.pool.client_id());
    let token = client::sign_in(&http, &pool.0, pool.1, USERNAME, &services.issuers.password).await?;
    output::report().success(&format!("{USERNAME} has an access token of {} bytes", token.len()));

    output::report().step(3, "Request an upload URL for one file");
    output::report()
        .detail("file", &format!("{}, {}, {}", photo.name, photo.content_type, size(photo.bytes)));
    let grant =
        client::request_upload(&http, api, &token, photo.content_type, photo.bytes, &photo.name).await?;
    output::report().detail("key", &grant.key);
    output::report()
        .detail("expires", &format!("in {}, at {}", lifetime(grant.expires_in), grant.expires_at));
    for (name, value) in &grant.headers {
        output::report().detail("header", &format!("{name}: {value}"));
    }

    output::report().step(4, "Upload the file directly to S3");
    let answer = client::send(&http, &grant, &grant.headers, &photo.source, photo.bytes).await?;
    client::expect_status(Ok(answer), StatusCode::OK, "the upload").await?;
    output::report().success(&format!("stored {}", size(photo.bytes)));

    output::report().step(5, "Read it back and compare");
    let read = read_back(services, &http, &grant.key, photo).await?;
    output::report().detail("sha-256", &read);
    output::report().success("same bytes, same content type");

    output::report().step(6, "Try uploads that the URL does not allow");
    let refused = forbidden_uploads(&http, api, &token, photo, &grant).await?;
    let uploads = Uploads { http: &http, base, token: &token, announced };
    let quarantine = quarantine::both_files(services, &uploads).await?;
    Ok(json!({
        "key": grant.key, "bytes": photo.bytes, "contentType": photo.content_type,
        "sha256": read, "refused": refused, "quarantine": quarantine,
    }))
}

/// Presigns a GET of an object of the first route, valid for one minute.
fn presigned_get(services: &EmbeddedServices, key: &str) -> Result<PresignedUrl, CommandError> {
    let key = key.parse().map_err(|error| CommandError::caused("the key", &error))?;
    let lifetime = ExpiresIn::from_secs(60).map_err(|error| CommandError::caused("the lifetime", &error))?;
    let target = services.policy()?.target().clone();
    let request = PresignRequest::new(target, Operation::GetObject, key, lifetime);
    let signed = SigV4::new().sign(&request, services.s3.credentials(), SystemClock.now());
    signed.map(|signed| signed.url).map_err(|error| CommandError::caused("cannot presign the read", &error))
}

/// Reads the object with a presigned GET and compares it with the photo. Returns its SHA-256.
async fn read_back(
    services: &EmbeddedServices,
    http: &Client,
    key: &str,
    photo: &Photo<'_>,
) -> Result<String, CommandError> {
    let (data, content_type) = client::read(http, presigned_get(services, key)?.expose()).await?;
    if content_type.as_deref() != Some(photo.content_type) {
        return Err(CommandError::failure(format!(
            "the content type differs: sent {}, stored {content_type:?}",
            photo.content_type
        )));
    }
    let read = sha256(&data);
    if read == photo.sha256 {
        Ok(read)
    } else {
        Err(CommandError::failure(format!("the bytes differ: sent {}, read {read}", photo.sha256)))
    }
}

/// Tries uploads that S3 must refuse. The demo fails if S3 accepts one.
async fn forbidden_uploads(
    http: &Client,
    api: &str,
    token: &str,
    photo: &Photo<'_>,
    used: &Grant,
) -> Result<Vec<String>, CommandError> {
    let grant =
        client::request_upload(http, api, token, photo.content_type, photo.bytes, &photo.name).await?;
    let mut other_type = grant.headers.clone();
    other_type.insert("content-type".into(), "text/html".into());
    let longer = Source::Bytes([&photo.data[..], b"!"].concat().into());
    let mut other_key = grant.clone();
    other_key.upload_url = grant.upload_url.replacen("/raw/", "/other/", 1);

    let mut refused = Vec::new();
    let (same, bytes) = (&photo.source, photo.bytes);
    for (attempt, grant, headers, source, bytes, status) in [
        ("another content type", &grant, &other_type, same, bytes, StatusCode::FORBIDDEN),
        ("one byte more", &grant, &grant.headers, &longer, bytes + 1, StatusCode::FORBIDDEN),
        ("another key", &other_key, &grant.headers, same, bytes, StatusCode::FORBIDDEN),
        ("the first URL once more", used, &used.headers, same, bytes, StatusCode::PRECONDITION_FAILED),
    ] {
        let answer = client::send(http, grant, headers, source, bytes).await?;
        let answer = client::expect_status(Ok(answer), status, attempt).await?;
        let code = client::s3_error_code(&answer.text().await.unwrap_or_default());
        output::report().success(&format!("{attempt}: refused, {} {code}", status.as_u16()));
        refused.push(format!("{attempt}: {code}"));
    }
    Ok(refused)
}
