//! `load UPSIGN`: requests a second of servers with one thread each, side by side, in turn.
//!
//! The peers are run when `UPSIGN_TOOLS` (or `target/tools`) has them; `cargo xtask bench` sets them up.
#![expect(
    clippy::print_stdout,
    clippy::disallowed_methods,
    reason = "a measurement prints, and reads its environment"
)]

use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::Arc;
use std::time::Duration;

use serde_json::{Value, json};
use upsign::{Clock, SystemClock};
use upsign_bench_runtimes::{Load, beside, load, median};
use upsign_local::{LocalPool, LocalUser};

type Failure = Box<dyn std::error::Error>;

const ROUNDS: usize = 3;
const SECONDS: u64 = 4;

struct Server {
    name: &'static str,
    child: Child,
    load: Load,
    rates: Vec<f64>,
    half: f64,
    most: f64,
    wrong: usize,
}

impl Drop for Server {
    fn drop(&mut self) {
        drop(self.child.kill());
        drop(self.child.wait());
    }
}

/// On one processor, the load on the others, where that can be had.
fn pinned(program: &Path) -> Command {
    let mut command = Command::new("taskset");
    command.args(["-c", "0"]).arg(program).env("TOKIO_WORKER_THREADS", "1");
    command
}

fn start(name: &'static str, command: &mut Command, request: &str) -> Result<Server, Failure> {
    let mut child = command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::null()).spawn()?;
    let mut line = String::new();
    BufReader::new(child.stdout.take().ok_or("no output")?).read_line(&mut line)?;
    let ready: Value = serde_json::from_str(&line).map_err(|error| format!("{name}: {error}: {line}"))?;
    let listening = ready.get("listening").and_then(Value::as_str).ok_or("it tells no address")?;
    let address = listening.trim_start_matches("http://").parse()?;
    let time = Duration::from_secs(SECONDS);
    let load = Load { address, request: request.to_owned(), holds: "\"uploadUrl\"", connections: 32, time };
    Ok(Server { name, child, load, rates: Vec::new(), half: f64::NAN, most: f64::NAN, wrong: 0 })
}

fn config(pool: &LocalPool) -> String {
    format!(
        r#"[bucket]
name = "article-images-bucket"
region = "ap-southeast-1"
[upload]
key = "articles/{{article_id}}/raw/{{id}}.{{ext}}"
ids = ["article_id"]
types = ["image/jpeg", "image/png", "image/webp"]
max_size = "10 MiB"
bodyless = "allow"
[auth]
issuer = "{}"
jwks_uri = "{}"
danger_http_issuer = true
client_ids = ["{}"]
token_use = "access"
[cors]
origins = ["https://app.example.com"]
"#,
        pool.issuer(),
        pool.jwks_url(),
        pool.client_id()
    )
}

#[tokio::main]
async fn main() -> Result<(), Failure> {
    let upsign = std::env::args_os().nth(1).map(PathBuf::from).ok_or("usage: load UPSIGN")?;
    let pool = LocalPool::builder(Arc::new(|| SystemClock.now())).pool_id("eu-west-1_Bench");
    let pool = pool.user(LocalUser::new("alice", "password")).start().await?;
    let token = pool.sign_in("alice", "password", pool.client_id(), SystemClock.now())?;
    let request = format!(
        "POST /upload-url HTTP/1.1\r\nhost: api.example.com\r\nauthorization: Bearer {}\r\ncontent-length: 0\r\n\r\n",
        token.access_token()
    );
    let folder = beside("load-run");
    std::fs::create_dir_all(&folder)?;
    std::fs::write(folder.join("upsign.toml"), config(&pool))?;
    let told = json!({"issuer": pool.issuer(), "client": pool.client_id(), "jwks": pool.jwks()});
    std::fs::write(folder.join("pool.json"), told.to_string())?;

    let here = Path::new(env!("CARGO_MANIFEST_DIR"));
    let tools =
        std::env::var_os("UPSIGN_TOOLS").map_or_else(|| here.join("../../target/tools"), PathBuf::from);
    let serve = |more: &[&str]| {
        let mut command = pinned(&upsign);
        command.args(["serve", "--listen=127.0.0.1:0", "--json"]).args(more);
        command
    };
    let mut bare = pinned(&beside("bare"));
    let mut commands = vec![
        ("upsign, verifying every token", serve(&[])),
        ("upsign, with the token cache", serve(&["--token-cache=10000"])),
        ("a bare handler, same middleware", std::mem::replace(&mut bare, Command::new("true"))),
    ];
    let (modules, python) = (tools.join("node-peers/node_modules"), tools.join("venv-http/bin/python"));
    if modules.is_dir() {
        let mut node = pinned(Path::new("node"));
        node.arg(here.join("peers/fastify.js")).env("NODE_PATH", modules);
        commands.push(("Node: Fastify, aws-jwt-verify, S3", node));
    }
    if python.is_file() {
        let mut fastapi = pinned(&python);
        fastapi.arg(here.join("peers/fastapi_server.py"));
        commands.push(("Python: FastAPI, PyJWT, boto3", fastapi));
    }
    let mut servers = Vec::new();
    for (name, mut command) in commands {
        command.env("AWS_ACCESS_KEY_ID", "AKIAIOSFODNN7EXAMPLE").env("AWS_REGION", "ap-southeast-1");
        command.env("AWS_SECRET_ACCESS_KEY", "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY");
        servers.push(start(name, command.current_dir(&folder), &request)?);
    }
    for server in &servers {
        load(&Load { time: Duration::from_millis(700), ..server.load.clone() }).await;
    }
    for _ in 0..ROUNDS {
        for server in &mut servers {
            let told = load(&server.load).await;
            server.rates.push(told.rate);
            (server.half, server.most) = (told.half, told.most);
            server.wrong += told.wrong;
        }
    }
    print(&servers);
    Ok(())
}

fn print(servers: &[Server]) {
    let rate = |server: &Server| median(server.rates.clone());
    let ours = servers.first().map_or(f64::NAN, rate);
    let cached = servers.get(1).map_or(f64::NAN, rate);
    println!("one server thread each, 32 connections, median of {ROUNDS} rounds of {SECONDS} s in turn");
    println!(
        "{:<34} {:>9} {:>9} {:>9} {:>6} {:>16} {:>14}",
        "", "answers/s", "p50 ms", "p99 ms", "wrong", "upsign verifying", "upsign cached"
    );
    for server in servers {
        println!(
            "{:<34} {:>9.0} {:>9.2} {:>9.2} {:>6} {:>15.2}x {:>13.2}x",
            server.name,
            rate(server),
            server.half,
            server.most,
            server.wrong,
            ours / rate(server),
            cached / rate(server),
        );
    }
}
