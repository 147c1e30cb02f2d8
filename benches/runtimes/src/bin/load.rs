//! `load UPSIGN` measures the requests per second of servers with one thread each, in interleaved rounds.
//!
//! The servers in other languages run if they are installed in `XTASK_TOOLS` or `target/tools`; `cargo xtask bench` installs
//! them.
#![expect(
    clippy::print_stdout,
    clippy::disallowed_methods,
    reason = "a measurement prints its result and reads its environment"
)]

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::Duration;

use serde_json::json;
use upsign_bench_runtimes::{
    AnyError, Load, LoadReport, ServerProcess, access_token, config, median, pinned, run_load,
    scratch_folder, sibling_program, start_pool, upload_request, with_credentials,
};

/// The number of rounds. Each round measures every server once.
const ROUNDS: usize = 3;
/// The length of one measurement in seconds.
const SECONDS: u64 = 4;

struct Server {
    name: &'static str,
    _process: ServerProcess,
    load: Load,
    /// Correct responses per second, one value per round.
    rates: Vec<f64>,
    /// The report of the last round, for its latencies.
    last: LoadReport,
    /// Failed requests in all rounds.
    failed: usize,
}

fn start(name: &'static str, command: &mut Command, request: &str) -> Result<Server, AnyError> {
    let process = ServerProcess::start(command.stderr(Stdio::null()));
    let process = process.map_err(|error| format!("{name}: {error}"))?;
    let (address, duration) = (process.address("listening")?, Duration::from_secs(SECONDS));
    let (request, expected_text) = (request.to_owned(), "\"uploadUrl\"");
    let load = Load { address, request, expected_text, connections: 32, duration };
    Ok(Server { name, _process: process, load, rates: Vec::new(), last: LoadReport::default(), failed: 0 })
}

#[tokio::main]
async fn main() -> Result<(), AnyError> {
    let upsign = std::env::args_os().nth(1).map(PathBuf::from).ok_or("usage: load UPSIGN")?;
    let pool = start_pool().await?;
    let request = upload_request(&access_token(&pool)?, false);
    let folder = scratch_folder("load-run")?;
    std::fs::write(folder.join("upsign.toml"), config(&pool, &pool.jwks_url(), 900))?;
    let pool_file = json!({"issuer": pool.issuer(), "client": pool.client_id(), "jwks": pool.jwks()});
    std::fs::write(folder.join("pool.json"), pool_file.to_string())?;

    let here = Path::new(env!("CARGO_MANIFEST_DIR"));
    let tools =
        std::env::var_os("XTASK_TOOLS").map_or_else(|| here.join("../../target/tools"), PathBuf::from);
    let serve = |arguments: &[&str]| {
        let mut command = pinned(&upsign);
        command.args(["serve", "--listen=127.0.0.1:0", "--json"]).args(arguments);
        command
    };
    let mut commands = vec![
        ("upsign serve, every token verified", serve(&[])),
        ("upsign serve, token cache", serve(&["--token-cache=10000"])),
        ("constant response, same middleware", pinned(&sibling_program("bare"))),
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
        servers.push(start(name, with_credentials(command.current_dir(&folder)), &request)?);
    }
    // Warm up: connections, caches and just-in-time compilers.
    for server in &servers {
        run_load(&Load { duration: Duration::from_millis(700), ..server.load.clone() }).await;
    }
    for _ in 0..ROUNDS {
        for server in &mut servers {
            let report = run_load(&server.load).await;
            server.rates.push(report.rate);
            server.failed += report.failed;
            server.last = report;
        }
    }
    print(&servers);
    Ok(())
}

fn print(servers: &[Server]) {
    let rate = |server: &Server| median(server.rates.clone());
    let verifying = servers.first().map_or(f64::NAN, rate);
    let cached = servers.get(1).map_or(f64::NAN, rate);
    println!(
        "one server thread each, 32 connections, median of {ROUNDS} interleaved rounds of {SECONDS} s; latencies of the last round"
    );
    println!(
        "{:<36} {:>11} {:>9} {:>9} {:>6} {:>16} {:>14}",
        "", "responses/s", "p50 ms", "p99 ms", "failed", "upsign verifying", "upsign cached"
    );
    for server in servers {
        println!(
            "{:<36} {:>11.0} {:>9.2} {:>9.2} {:>6} {:>15.2}x {:>13.2}x",
            server.name,
            rate(server),
            server.last.p50,
            server.last.p99,
            server.failed,
            verifying / rate(server),
            cached / rate(server),
        );
    }
}
