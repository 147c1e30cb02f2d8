//! `upsign demo --size`: a multipart upload by another process, which is killed and resumed.

use std::fs::File;
use std::io::{BufRead as _, BufReader, Write as _};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

use reqwest::StatusCode;
use reqwest::header::RANGE;
use serde_json::{Value, json};
use sha2::{Digest, Sha256};
use tokio::task::spawn_blocking;
use upsign_config::units;

use super::{presigned_get, size};
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
        return Err(format!("at least {}, so that the upload has parts", units::format_size(MIN_SIZE)));
    }
    Ok(size)
}

/// Runs the steps of an upload and prints each. Returns a summary for `--json`.
pub(super) async fn upload(
    services: &EmbeddedServices,
    api: &str,
    bytes: u64,
) -> Result<Value, CommandError> {
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
    let file = folder.0.join("file.bin");
    let path = file.clone();
    let sha256 = blocking(move || write_file(&path, bytes), "cannot write the file").await?;
    output::report().detail("file", &format!("{}, {}", file.display(), size(bytes)));
    output::report().detail("sha-256", &sha256);

    output::report().step(4, "Upload it in parts by another process, and kill that process");
    let uploads = Uploads { folder: folder.0.clone(), api: api.to_owned(), token };
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

/// A folder for the file and the state of the upload, removed at the end.
struct Folder(PathBuf);

impl Folder {
    fn create() -> Result<Self, CommandError> {
        let folder = std::env::temp_dir().join(format!("upsign-demo-{}", std::process::id()));
        let created = std::fs::create_dir(&folder);
        created
            .map_err(|error| CommandError::caused(&format!("cannot create {}", folder.display()), &error))?;
        Ok(Self(folder))
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        // The operating system removes old temporary files if this fails.
        let _ = std::fs::remove_dir_all(&self.0);
    }
}

async fn blocking<T: Send + 'static>(
    work: impl FnOnce() -> std::io::Result<T> + Send + 'static,
    context: &str,
) -> Result<T, CommandError> {
    let result = spawn_blocking(work).await.map_err(std::io::Error::other).and_then(|result| result);
    result.map_err(|error| CommandError::caused(context, &error))
}

/// Writes bytes that do not repeat, and returns their SHA-256.
fn write_file(path: &Path, bytes: u64) -> std::io::Result<String> {
    let (mut file, mut hash) = (File::create(path)?, Sha256::new());
    let (mut state, mut left) = (0x9e37_79b9_7f4a_7c15_u64, bytes);
    let mut block = vec![0; 1 << 20];
    while left > 0 {
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

/// Runs `upsign upload` in processes of its own.
struct Uploads {
    folder: PathBuf,
    api: String,
    token: String,
}

/// What an upload reported.
#[derive(Default)]
struct Events {
    plan: Option<(u64, u64)>,
    stored: u64,
    kept: Option<u64>,
    result: Option<Value>,
}

impl Events {
    fn add(&mut self, event: &Value) {
        let number = |name: &str| event.get(name).and_then(Value::as_u64).unwrap_or_default();
        match event.get("event").and_then(Value::as_str) {
            Some("granted") => self.plan = Some((number("partCount"), number("partSize"))),
            Some("resumed") => self.kept = Some(number("storedParts")),
            Some("part-stored") => self.stored += 1,
            Some("stored") => self.result = Some(event.clone()),
            _ => {}
        }
    }

    fn plan(&self) -> Result<(u64, u64), CommandError> {
        self.plan.ok_or_else(|| CommandError::failure("the API granted no multipart upload"))
    }

    fn is_at_two_fifths(&self) -> bool {
        self.plan.is_some_and(|(parts, _)| self.stored * 5 >= parts * 2)
    }
}

impl Uploads {
    /// Uploads until `ends` returns `true`, and then kills the process.
    async fn run(&self, ends: impl Fn(&Events) -> bool + Send + 'static) -> Result<Events, CommandError> {
        let child = self.command().and_then(|mut command| command.spawn());
        let child = child.map_err(|error| CommandError::caused("cannot start upsign upload", &error))?;
        blocking(move || follow(child, &ends), "upsign upload").await
    }

    fn command(&self) -> std::io::Result<Command> {
        let mut command = Command::new(std::env::current_exe()?);
        command
            .args(["upload", "file.bin", "--type=application/octet-stream", "--json"])
            .current_dir(&self.folder);
        command.env("UPSIGN_API", &self.api).env("UPSIGN_TOKEN", &self.token);
        command.env("XDG_STATE_HOME", self.folder.join("state"));
        // Errors are shown as they are.
        command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::inherit());
        Ok(command)
    }
}

fn follow(mut child: Child, ends: &impl Fn(&Events) -> bool) -> std::io::Result<Events> {
    let mut events = Events::default();
    let Some(stdout) = child.stdout.take() else { return Ok(events) };
    for line in BufReader::new(stdout).lines() {
        if let Ok(event) = serde_json::from_str(&line?) {
            events.add(&event);
        }
        if ends(&events) {
            child.kill()?;
            child.wait()?;
            return Ok(events);
        }
    }
    match child.wait()? {
        status if status.success() => Ok(events),
        status => Err(std::io::Error::other(format!("it ended with {status}"))),
    }
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
