//! `upsign demo --size`: a multipart upload by another process, which is killed and resumed.

use std::fs::File;
use std::io::Write as _;
use std::path::Path;
use std::sync::Arc;

use reqwest::StatusCode;
use reqwest::header::RANGE;
use serde_json::{Value, json};
use sha2::{Digest, Sha256};
use tokio::task::spawn_blocking;
use upsign_config::units;

use super::process::{Events, Folder, Stop, Uploads};
use super::{presigned_get, size, space};
use crate::client;
use crate::embedded::{EmbeddedServices, USERNAME};
use crate::exit::CommandError;
use crate::output;

/// The smallest file of which some parts are stored while others are not.
const MIN_SIZE: u64 = 32 << 20;

/// Parses the size of the file.
pub(super) fn parse_size(text: &str) -> Result<u64, String> {
    let size = units::parse_size(text).map_err(|error| error.to_string())?;
    if size < MIN_SIZE {
        return Err(format!(
            "at least {}, so that it can be killed between two parts",
            units::format_size(MIN_SIZE)
        ));
    }
    Ok(size)
}

/// Runs the steps of an upload and prints each. Returns a summary for `--json`.
pub(super) async fn upload(
    services: &EmbeddedServices,
    api: &str,
    bytes: u64,
) -> Result<Value, CommandError> {
    space::check(bytes, services.policy()?.max_size(), &std::env::temp_dir())?;
    output::report().step(1, "Start a user pool, the API and an S3 server in this process");
    let issuer = services.issuers.first();
    output::report().detail("api", &format!("POST {api}"));
    output::report()
        .detail("s3", &format!("{}/{}", services.s3.endpoint(), services.policy()?.target().bucket()));

    output::report().step(2, "Sign in");
    let http = client::client()?;
    let pool = (issuer.pool.endpoint(), issuer.pool.client_id());
    let token = client::sign_in(&http, &pool.0, pool.1, USERNAME, &services.issuers.password).await?;
    output::report().success(&format!("{USERNAME} has an access token of {} bytes", token.len()));

    output::report().step(3, "Write a file of pseudo-random bytes");
    let folder = Folder::create()?;
    let file = folder.path.join("file.bin");
    let (path, stop) = (file.clone(), Arc::clone(&folder.stop));
    let sha256 = blocking(move || write_file(&path, bytes, &stop), "cannot write the file").await?;
    output::report().detail("file", &format!("{}, {}", file.display(), size(bytes)));
    output::report().detail("sha-256", &sha256);

    output::report().step(4, "Upload it in parts by another process, and kill that process");
    let uploads = Uploads { folder: &folder, api, token: &token };
    let killed = uploads.run(Events::is_at_two_fifths).await?;
    let (parts, part_size) = killed.plan()?;
    let part_bytes = units::format_size(part_size);
    output::report()
        .detail("plan", &format!("{parts} parts of {part_bytes} each, and a signed URL for each"));
    output::report().detail("command", "upsign upload file.bin");
    if killed.result.is_some() {
        return Err(CommandError::failure("the upload ended before its process could be killed")
            .with_help("take a larger file: --size"));
    }
    output::report().success(&format!("SIGKILL after {} of {parts} parts", killed.stored));

    output::report().step(5, "Resume it by the same command");
    let resumed = uploads.run(|_| false).await?;
    let result = resumed.result.clone().ok_or_else(|| CommandError::failure("the upload has no result"))?;
    let kept = resumed.kept.unwrap_or_default();
    output::report().detail("kept", &format!("{} that the store has", count(kept, "part")));
    output::report().detail("sent", &count(resumed.stored, "part"));
    let key = result.get("key").and_then(Value::as_str).unwrap_or_default().to_owned();
    output::report().detail("key", &key);
    if let Some((name, value)) =
        result.get("checksum").and_then(Value::as_object).and_then(|it| it.iter().next())
    {
        let value = value.as_str().unwrap_or_default();
        output::report().detail("checksum", &format!("{name} {value}, compared by the store"));
    }
    output::report().success(&format!("stored {}", size(bytes)));

    output::report().step(6, "Read it back and compare");
    let read = read_back(services, &http, &key, bytes).await?;
    output::report().detail("sha-256", &read);
    if read != sha256 {
        return Err(CommandError::failure("the object is not the file that was uploaded"));
    }
    output::report().success("same bytes");
    Ok(json!({
        "key": key, "bytes": bytes, "parts": parts, "partSize": part_size,
        "storedBeforeKill": killed.stored, "kept": kept, "sentAfterResume": resumed.stored, "sha256": read,
    }))
}

pub(super) async fn blocking<T: Send + 'static>(
    work: impl FnOnce() -> std::io::Result<T> + Send + 'static,
    context: &str,
) -> Result<T, CommandError> {
    let result = spawn_blocking(work).await.map_err(std::io::Error::other).and_then(|result| result);
    result.map_err(|error| CommandError::caused(context, &error))
}

/// Writes bytes that do not repeat, and returns their SHA-256.
fn write_file(path: &Path, bytes: u64, stop: &Stop) -> std::io::Result<String> {
    let (mut file, mut hash) = (File::create(path)?, Sha256::new());
    let (mut state, mut left) = (0x9e37_79b9_7f4a_7c15_u64, bytes);
    let mut block = vec![0; 1 << 20];
    while left > 0 && !stop.is_set() {
        for eight in block.chunks_exact_mut(8) {
            // Marsaglia's xorshift: <https://www.jstatsoft.org/article/view/v008i14>.
            state ^= state << 13;
            state ^= state >> 7;
            state ^= state << 17;
            eight.copy_from_slice(&state.to_le_bytes());
        }
        let len = usize::try_from(left).unwrap_or(usize::MAX).min(block.len());
        let part = block.get(..len).unwrap_or_default();
        hash.update(part);
        file.write_all(part)?;
        left -= u64::try_from(len).unwrap_or(left);
    }
    Ok(hex(&hash.finalize()))
}

fn count(number: u64, noun: &str) -> String {
    format!("{number} {noun}{}", if number == 1 { "" } else { "s" })
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

/// Reads the object in ranges with a presigned GET. Returns its SHA-256.
async fn read_back(
    services: &EmbeddedServices,
    http: &reqwest::Client,
    key: &str,
    bytes: u64,
) -> Result<String, CommandError> {
    const RANGE_BYTES: u64 = 16 << 20;
    let (mut hash, mut offset) = (Sha256::new(), 0);
    while offset < bytes {
        let url = presigned_get(services, key)?;
        let last = (offset + RANGE_BYTES).min(bytes) - 1;
        let answer = http.get(url.expose()).header(RANGE, format!("bytes={offset}-{last}")).send().await;
        let mut answer = client::expect_status(answer, StatusCode::PARTIAL_CONTENT, "reading back").await?;
        while let Some(chunk) = answer
            .chunk()
            .await
            .map_err(|error| CommandError::caused("reading back", &error.without_url()))?
        {
            offset += u64::try_from(chunk.len()).unwrap_or_default();
            hash.update(&chunk);
        }
    }
    Ok(hex(&hash.finalize()))
}
