//! `overload UPSIGN [SECONDS]` measures `upsign serve` beyond its capacity, and under floods of invalid tokens.
//!
//! The server has one thread and accepts as many connections as the measurement of its capacity used. It fails if a figure
//! misses its bound.
#![expect(clippy::print_stdout, reason = "a measurement prints its result")]

use std::io::{BufRead, BufReader};
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::Value;
use tokio::time::{MissedTickBehavior, interval, sleep};
use upsign::{Clock, SystemClock};
use upsign_bench_runtimes::{
    Answer, Client, Load, NoAnswer, run_load, scratch_folder, upload_request, usage,
};
use upsign_local::{LocalPool, LocalUser};

type AnyError = Box<dyn std::error::Error>;

/// Connections that the server accepts, and that the measurement of its capacity uses.
const CONNECTIONS: usize = 32;
/// Clients of the overload, in multiples of the capacity.
const OVERLOAD: usize = 4;
/// How long a refused client waits, as `Retry-After` says.
const RETRY_AFTER: Duration = Duration::from_secs(1);
/// The flood: invalid tokens, and valid ones next to it, per second.
const FLOOD: (u32, u32) = (2_000, 200);
/// The bounds: goodput as a share of the capacity, time of a refusal, and cost of an invalid token in valid ones.
const BOUNDS: (f64, Duration, f64) = (0.8, Duration::from_millis(10), 1.2);

struct Server {
    child: Child,
    address: SocketAddr,
}

impl Drop for Server {
    fn drop(&mut self) {
        drop(self.child.kill());
        drop(self.child.wait());
    }
}

fn config(pool: &LocalPool) -> String {
    format!(
        r#"[bucket]
name = "article-images-bucket"
region = "ap-southeast-1"
[upload]
key = "articles/{{article_id}}/raw/{{id}}.{{ext}}"
ids = ["article_id"]
types = ["image/jpeg"]
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

/// Starts the server on the first processor, with one thread. `cargo xtask bench` runs this program on the second.
fn start(upsign: &Path, folder: &Path) -> Result<Server, AnyError> {
    let mut command = Command::new("taskset");
    command.args(["-c", "0"]).arg(upsign).env("TOKIO_WORKER_THREADS", "1").current_dir(folder);
    command.args(["serve", "--listen=127.0.0.1:0", "--json"]);
    command.arg(format!("--max-connections={CONNECTIONS}"));
    command.env("AWS_ACCESS_KEY_ID", "AKIAIOSFODNN7EXAMPLE").env("RUST_LOG", "warn");
    command.env("AWS_SECRET_ACCESS_KEY", "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY");
    let mut child = command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::null()).spawn()?;
    let mut line = String::new();
    BufReader::new(child.stdout.take().ok_or("the server has no standard output")?).read_line(&mut line)?;
    let ready: Value = serde_json::from_str(&line)?;
    let url = ready.get("listening").and_then(Value::as_str).ok_or("the first line has no address")?;
    Ok(Server { child, address: url.trim_start_matches("http://").parse()? })
}

/// Returns tokens that have to be rejected, with their names.
fn invalid_tokens(token: &str) -> Vec<(&'static str, String)> {
    let mut parts = token.splitn(3, '.');
    let mut part = || parts.next().unwrap_or_default();
    let (header, claims, signature) = (part(), part(), part());
    let unknown = URL_SAFE_NO_PAD.encode(r#"{"alg":"RS256","kid":"unknown"}"#);
    vec![
        (
            "signature of other bytes",
            format!("{header}.{claims}.{}", signature.chars().rev().collect::<String>()),
        ),
        ("unknown key", format!("{unknown}.{claims}.{signature}")),
        ("no token", "x".repeat(token.len())),
    ]
}

/// Returns the processor time of the server for one request of this kind, in microseconds.
async fn cost(server: &Server, token: &str, status: u16, requests: usize) -> Result<f64, AnyError> {
    let cpu = || usage(server.child.id()).map(|usage| usage.cpu).ok_or("the server has ended");
    let request = upload_request(token, false);
    let before = cpu()?;
    let mut clients = Vec::new();
    for _ in 0..8 {
        let (mut client, request) = (Client::new(server.address), request.clone());
        clients.push(tokio::spawn(async move {
            for _ in 0..requests / 8 {
                let answer = client.send(&request).await.map_err(|error| format!("{error:?}"))?;
                if answer.status != status {
                    return Err(format!("{} instead of {status}", answer.status));
                }
            }
            Ok(())
        }));
    }
    for client in clients {
        client.await??;
    }
    Ok((cpu()? - before).as_secs_f64() * 1e6 / requests as f64)
}

/// A client that comes back after `Retry-After`, as long as the overload lasts. Returns the times of its refusals.
async fn refused_client(address: SocketAddr, request: String, end: Instant) -> Result<Vec<Duration>, String> {
    let mut times = Vec::new();
    while Instant::now() < end {
        match Client::new(address).send(&request).await {
            Ok(Answer { status: 503, time, .. }) => times.push(time),
            Ok(Answer { status: 200, .. }) => {}
            Ok(answer) => return Err(format!("{} instead of 503", answer.status)),
            Err(error) => return Err(format!("an overloaded server gave no answer: {error:?}")),
        }
        sleep(RETRY_AFTER).await;
    }
    Ok(times)
}

/// Sends `rate` requests a second on each of a few connections, and returns the answers' times and the number of failures.
async fn paced(
    address: SocketAddr,
    request: String,
    status: u16,
    rate: u32,
    time: Duration,
) -> (Vec<Duration>, usize) {
    const STREAMS: u32 = 8;
    let streams: Vec<_> = (0..STREAMS)
        .map(|_| {
            let (mut client, request) = (Client::new(address), request.clone());
            tokio::spawn(async move {
                let mut tick = interval(Duration::from_secs(1) * STREAMS / rate);
                tick.set_missed_tick_behavior(MissedTickBehavior::Burst);
                let (end, mut times, mut failed) = (Instant::now() + time, Vec::new(), 0);
                while Instant::now() < end {
                    tick.tick().await;
                    match client.send(&request).await {
                        Ok(answer) if answer.status == status => times.push(answer.time),
                        Ok(_) | Err(NoAnswer::Refused | NoAnswer::Lost | _) => failed += 1,
                    }
                }
                (times, failed)
            })
        })
        .collect();
    let (mut times, mut failed) = (Vec::new(), 0);
    for stream in streams {
        match stream.await {
            Ok((more, failures)) => {
                times.extend(more);
                failed += failures;
            }
            Err(_) => failed += 1,
        }
    }
    times.sort_unstable();
    (times, failed)
}

fn quantile(times: &[Duration], share: f64) -> Duration {
    let index = ((times.len() as f64 * share) as usize).min(times.len().saturating_sub(1));
    times.get(index).copied().unwrap_or(Duration::MAX)
}

#[tokio::main]
async fn main() -> Result<(), AnyError> {
    let mut arguments = std::env::args_os().skip(1);
    let upsign = arguments.next().map(PathBuf::from).ok_or("usage: overload UPSIGN [SECONDS]")?;
    let seconds = arguments.next().and_then(|text| text.to_str()?.parse().ok()).unwrap_or(60);
    let pool = LocalPool::builder(SystemClock).pool_id("eu-west-1_Bench");
    let pool = pool.user(LocalUser::new("alice", "password")).start().await?;
    let tokens = pool.sign_in("alice", "password", pool.client_id(), SystemClock.now())?;
    let token = tokens.access_token();
    let folder = scratch_folder("overload-run")?;
    std::fs::write(folder.join("upsign.toml"), config(&pool))?;
    let server = start(&upsign, &folder)?;
    let (address, request) = (server.address, upload_request(token, false));
    let mut failures = Vec::new();

    let load = |seconds| Load {
        address,
        request: request.clone(),
        expected_text: "\"uploadUrl\"",
        connections: CONNECTIONS,
        duration: Duration::from_secs(seconds),
    };
    run_load(&load(1)).await;
    let capacity = run_load(&load(4)).await;
    println!(
        "capacity: {:.0} grants/s on {CONNECTIONS} connections, p99 {:.1} ms",
        capacity.rate, capacity.p99
    );

    sleep(Duration::from_millis(200)).await;
    let overload = load(seconds);
    let running = tokio::spawn(async move { run_load(&overload).await });
    sleep(Duration::from_millis(100)).await;
    let end = Instant::now() + Duration::from_secs(seconds.saturating_sub(1));
    let mut clients = Vec::new();
    for _ in 0..CONNECTIONS * (OVERLOAD - 1) {
        clients.push(tokio::spawn(refused_client(address, upload_request(token, true), end)));
        // Their arrivals are spread over the time after which they come back.
        sleep(RETRY_AFTER / u32::try_from(CONNECTIONS * OVERLOAD)?).await;
    }
    let mut refusals = Vec::new();
    for client in clients {
        refusals.extend(client.await??);
    }
    refusals.sort_unstable();
    let report = running.await?;
    let (share, p99) = (report.rate / capacity.rate, quantile(&refusals, 0.99));
    println!(
        "overload, {OVERLOAD} × the clients for {seconds} s: {:.0} grants/s ({:.0} % of the capacity), {} failed; {} refusals, \
         p50 {:.1} ms, p99 {:.1} ms",
        report.rate,
        share * 100.0,
        report.failed,
        refusals.len(),
        quantile(&refusals, 0.5).as_secs_f64() * 1e3,
        p99.as_secs_f64() * 1e3
    );
    if share < BOUNDS.0 || report.failed > 0 {
        failures.push("the goodput under overload is too low".to_owned());
    }
    if p99 > BOUNDS.1 {
        failures.push(format!("a refusal takes {p99:?}"));
    }

    let valid = cost(&server, token, 200, 8_000).await?;
    println!("processor time of a valid token: {valid:.0} µs");
    for (name, token) in invalid_tokens(token) {
        let cost = cost(&server, &token, 401, 8_000).await?;
        println!("processor time of {name}: {cost:.0} µs ({:.2} ×)", cost / valid);
        if cost > valid * BOUNDS.2 {
            failures.push(format!("{name} costs more than {} valid tokens", BOUNDS.2));
        }
    }

    let time = Duration::from_secs(10);
    let (quiet, _) = paced(address, request.clone(), 200, FLOOD.1, Duration::from_secs(3)).await;
    let forged = invalid_tokens(token).swap_remove(0).1;
    let flood = tokio::spawn(paced(address, upload_request(&forged, false), 401, FLOOD.0, time));
    let (during, failed) = paced(address, request, 200, FLOOD.1, time).await;
    let (rejected, unexpected) = flood.await?;
    println!(
        "flood of {} invalid tokens in {} s: {} of {} valid requests granted, p99 {:.1} ms (before: {:.1} ms)",
        rejected.len(),
        time.as_secs(),
        during.len(),
        during.len() + failed,
        quantile(&during, 0.99).as_secs_f64() * 1e3,
        quantile(&quiet, 0.99).as_secs_f64() * 1e3
    );
    if failed + unexpected > 0 || quantile(&during, 0.99) > quantile(&quiet, 0.99) + BOUNDS.1 {
        failures.push("the flood of invalid tokens affects valid requests".to_owned());
    }
    if failures.is_empty() { Ok(()) } else { Err(failures.join("; ").into()) }
}
