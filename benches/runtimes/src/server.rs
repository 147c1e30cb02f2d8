//! The server under measurement: its users, its configuration and its process.

use std::fmt::Write as _;
use std::io::{BufRead, BufReader};
use std::net::SocketAddr;
use std::path::Path;
use std::process::{Child, ChildStderr, Command, Stdio};

use serde_json::Value;
use upsign::{Clock, SystemClock};
use upsign_local::{LocalPool, LocalUser};

use crate::process::{Usage, usage};

/// Any error of a measurement.
pub type AnyError = Box<dyn std::error::Error>;

/// Starts a user pool on a free port. It has one user; [`access_token`] signs in as that user.
///
/// # Errors
/// Fails if the pool does not start.
pub async fn start_pool() -> Result<LocalPool, AnyError> {
    let pool = LocalPool::builder().pool_id("eu-west-1_Bench");
    Ok(pool.user(LocalUser::new("alice", "password")).start().await?)
}

/// Returns a new access token of the pool's user.
///
/// # Errors
/// Fails if the pool does not sign the user in.
pub fn access_token(pool: &LocalPool) -> Result<String, AnyError> {
    let tokens = pool.sign_in("alice", "password", pool.client_id(), SystemClock.now())?;
    Ok(tokens.access_token().to_owned())
}

/// Returns an `upsign.toml` whose callers are the pool's users. Their keys are fetched from `jwks_uri`, and grants are valid
/// for `expires_in` seconds.
#[must_use]
pub fn config(pool: &LocalPool, jwks_uri: &str, expires_in: u32) -> String {
    format!(
        r#"[bucket]
name = "article-images-bucket"
region = "ap-southeast-1"
[upload]
key = "articles/{{article_id}}/raw/{{id}}.{{ext}}"
ids = ["article_id"]
types = ["image/jpeg", "image/png", "image/webp"]
max_size = "10 MiB"
expires_in = {expires_in}
bodyless = "allow"
[auth]
issuer = "{}"
jwks_uri = "{jwks_uri}"
danger_http_keys = true
client_ids = ["{}"]
token_use = "access"
[cors]
origins = ["https://app.example.com"]
"#,
        pool.issuer(),
        pool.client_id()
    )
}

/// Adds `count` routes to an `upsign.toml`, each with a prefix of its own.
pub fn add_routes(config: &mut String, count: usize) {
    for number in 0..count {
        let _ = write!(
            config,
            "[route.r{number}]\nkey = \"r{number}/{{id}}.{{ext}}\"\ntypes = [\"image/jpeg\"]\nmax_size = \"1 MiB\"\nbodyless = \"refuse\"\n"
        );
    }
}

/// Returns a command that runs `program` on the first processor only, with one thread. The measurements of rates run their
/// clients on the second.
#[must_use]
pub fn pinned(program: &Path) -> Command {
    let mut command = Command::new("taskset");
    command.args(["-c", "0"]).arg(program).env("TOKIO_WORKER_THREADS", "1");
    command
}

/// Sets long-term credentials, which the server signs with.
pub fn with_credentials(command: &mut Command) -> &mut Command {
    command.env("AWS_ACCESS_KEY_ID", "AKIAIOSFODNN7EXAMPLE").env("AWS_REGION", "ap-southeast-1");
    command.env("AWS_SECRET_ACCESS_KEY", "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY")
}

/// A running server. Dropping the value ends it.
#[derive(Debug)]
pub struct ServerProcess {
    child: Child,
    ready: Value,
}

impl ServerProcess {
    /// Starts a server that prints a JSON object when it listens, as `upsign serve --json` does, and waits for it.
    ///
    /// # Errors
    /// Fails if the program does not start, or if its first line is no JSON.
    pub fn start(command: &mut Command) -> Result<Self, AnyError> {
        let mut child = command.stdin(Stdio::null()).stdout(Stdio::piped()).spawn()?;
        let mut line = String::new();
        BufReader::new(child.stdout.take().ok_or("the server has no standard output")?)
            .read_line(&mut line)?;
        // Dropped on failure, so that the program ends then too.
        let mut server = Self { child, ready: Value::Null };
        server.ready = serde_json::from_str(&line)
            .map_err(|error| format!("the server is not ready: {error}: {line:?}"))?;
        Ok(server)
    }

    /// Returns an address that the server listens on: `listening` for the API, `admin` for the metrics.
    ///
    /// # Errors
    /// Fails if the server has not stated it.
    pub fn address(&self, name: &str) -> Result<SocketAddr, AnyError> {
        let url = self.ready.get(name).and_then(Value::as_str);
        let url = url.ok_or_else(|| format!("no {name:?} in {}", self.ready))?;
        Ok(url.trim_start_matches("http://").parse()?)
    }

    /// Returns what the server uses at this moment.
    ///
    /// # Errors
    /// Fails if the server has ended.
    pub fn usage(&self) -> Result<Usage, AnyError> {
        usage(self.child.id()).ok_or_else(|| "the server has ended".into())
    }

    /// Returns the standard error of the server, if it is piped and was not taken before.
    pub const fn take_stderr(&mut self) -> Option<ChildStderr> {
        self.child.stderr.take()
    }

    /// Sends SIGTERM.
    ///
    /// # Errors
    /// Fails if there is no program `kill`.
    pub fn terminate(&self) -> std::io::Result<()> {
        Command::new("kill").args(["-TERM", &self.child.id().to_string()]).status().map(drop)
    }

    /// Returns how the server ended, or `None` if it runs.
    ///
    /// # Errors
    /// Fails if the operating system does not say.
    pub fn try_wait(&mut self) -> std::io::Result<Option<std::process::ExitStatus>> {
        self.child.try_wait()
    }
}

impl Drop for ServerProcess {
    fn drop(&mut self) {
        drop(self.child.kill());
        drop(self.child.wait());
    }
}
