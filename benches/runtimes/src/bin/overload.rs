//! `overload UPSIGN [SECONDS]` measures the server beyond its capacity, and under floods of invalid tokens. It fails if a figure
//! misses its bound.
//!
//! A server has three limits, and each is overloaded separately. Each server has one thread, on the first processor.
//!
//! - Requests: an application that asks its database about each upload works on 32 at a time. Requests arrive at four times
//!   the rate that this allows, whatever becomes of those before them.
//! - Connections: `upsign serve` accepts 32, and clients send their body 40 ms after the head, as phones do. Clients arrive at
//!   four times the rate that this allows.
//! - Processor: four times as many clients as saturate it, each of which sends its next request as soon as it has an answer.
//!   All are accepted, and wait longer. No rate can be offered here: to refuse a request costs at least a third of what it costs to
//!   grant it, and the clients need a processor too.
#![expect(clippy::print_stdout, reason = "a measurement prints its result")]

use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::time::{Duration, Instant};

use tokio::time::{MissedTickBehavior, interval, sleep};
use upsign_bench_runtimes::{
    AnyError, Arrivals, Client, Load, ServerProcess, Upload, access_token, config, forged, milliseconds,
    no_token, pinned, quantile, run_arrivals, run_load, scratch_folder, sibling_program, start_pool,
    upload_request, with_credentials, with_unknown_key,
};

/// The limit on requests and on connections, and the number of clients that saturate a server.
const LIMIT: usize = 32;
/// The overload, in multiples of the capacity.
const OVERLOAD: usize = 4;
/// The time from the head of a request to its body, for the limit on connections.
const PAUSE: Duration = Duration::from_millis(40);
/// The shortest goodput, as a share of the capacity.
const MIN_GOODPUT: f64 = 0.8;
/// The offered load may be this share of the intended one: who sends the requests may be late.
const MIN_OFFERED: f64 = 0.98;
/// The longest time of 99 of 100 refusals, and of valid requests during a flood.
const MAX_TIME: Duration = Duration::from_millis(10);
/// The largest cost of an invalid token, in valid ones.
const MAX_COST: f64 = 1.2;
/// The length of a flood.
const FLOOD: Duration = Duration::from_secs(10);
/// The least numbers of invalid and of valid requests that are answered during a flood. They are sent 5 % faster.
const FLOOD_ANSWERS: (u32, u32) = (20_000, 2_000);

/// Starts `upsign serve`.
fn serve(upsign: &Path, folder: &Path, connections: usize) -> Result<ServerProcess, AnyError> {
    let mut command = pinned(upsign);
    command.args(["serve", "--listen=127.0.0.1:0", "--json"]).current_dir(folder).stderr(Stdio::null());
    command.arg(format!("--max-connections={connections}")).env("RUST_LOG", "warn");
    ServerProcess::start(with_credentials(&mut command))
}

/// Returns the grants per second of as many clients as the limit allows, each with one request at a time.
async fn capacity(address: SocketAddr, upload: &Upload) -> Result<f64, AnyError> {
    let (start, length) = (Instant::now(), Duration::from_secs(4));
    let clients: Vec<_> = (0..LIMIT)
        .map(|_| {
            let (mut client, upload, mut granted) = (Client::new(address), upload.clone(), 0_usize);
            tokio::spawn(async move {
                while start.elapsed() < length {
                    match client.upload(&upload).await {
                        Ok(answer) if answer.status == 200 => granted += 1,
                        // A connection counts until the server has seen its end.
                        Ok(answer) if answer.status == 503 => sleep(Duration::from_millis(1)).await,
                        other => return Err(format!("{other:?} within the capacity")),
                    }
                }
                Ok(granted)
            })
        })
        .collect();
    let mut granted = 0;
    for client in clients {
        granted += client.await??;
    }
    Ok(granted as f64 / start.elapsed().as_secs_f64())
}

/// Offers four times the capacity and returns what is wrong with the answers.
async fn overload(
    name: &str,
    server: &ServerProcess,
    upload: Upload,
    seconds: u64,
) -> Result<Vec<String>, AnyError> {
    let address = server.address("listening")?;
    let capacity = capacity(address, &upload).await?;
    sleep(Duration::from_millis(200)).await;
    let (rate, duration) = (capacity * OVERLOAD as f64, Duration::from_secs(seconds));
    let before = server.usage()?.cpu;
    let outcome = run_arrivals(&Arrivals { address, upload, rate, duration }).await;
    let cpu = (server.usage()?.cpu - before).as_secs_f64() / outcome.elapsed.as_secs_f64();
    let share = outcome.goodput() / capacity;
    let (p50, p99) = (quantile(&outcome.refused, 0.5), quantile(&outcome.refused, 0.99));
    println!(
        "{name}: capacity {capacity:.0} grants/s; offered {:.0}/s ({:.2} ×) for {seconds} s: {:.0} grants/s ({:.0} % of the \
         capacity), p99 {:.1} ms; {} refusals, p50 {:.1} ms, p99 {:.1} ms; {} failed; {:.0} % of the processor",
        outcome.offered_rate(),
        outcome.offered_rate() / capacity,
        outcome.goodput(),
        share * 100.0,
        milliseconds(quantile(&outcome.granted, 0.99)),
        outcome.refused.len(),
        milliseconds(p50),
        milliseconds(p99),
        outcome.failed,
        cpu * 100.0
    );
    let mut wrong = Vec::new();
    if outcome.offered_rate() < rate * MIN_OFFERED {
        wrong.push(format!("{name}: the load was not offered: this machine is busy"));
    }
    if share < MIN_GOODPUT {
        wrong.push(format!("{name}: the goodput is below {:.0} % of the capacity", MIN_GOODPUT * 100.0));
    }
    if p99 > MAX_TIME {
        wrong.push(format!("{name}: more than 1 of 100 refusals takes longer than {MAX_TIME:?}"));
    }
    if let Some(failure) = outcome.failure {
        wrong.push(format!("{name}: {} requests failed, the first with {failure}", outcome.failed));
    }
    Ok(wrong)
}

/// Saturates the processor with the clients of its capacity, then with four times as many.
async fn saturate(address: SocketAddr, token: &str, seconds: u64) -> Vec<String> {
    let load = |connections, seconds| Load {
        address,
        request: upload_request(token, false),
        expected_text: "\"uploadUrl\"",
        connections,
        duration: Duration::from_secs(seconds),
    };
    run_load(&load(LIMIT, 1)).await;
    let capacity = run_load(&load(LIMIT, 4)).await;
    let report = run_load(&load(LIMIT * OVERLOAD, seconds)).await;
    let share = report.rate / capacity.rate;
    println!(
        "processor: capacity {:.0} grants/s with {LIMIT} clients, p99 {:.1} ms; {} clients for {seconds} s: {:.0} grants/s \
         ({:.0} % of the capacity), p99 {:.1} ms; {} failed",
        capacity.rate,
        capacity.p99,
        LIMIT * OVERLOAD,
        report.rate,
        share * 100.0,
        report.p99,
        report.failed
    );
    let wrong = share < MIN_GOODPUT || report.failed > 0;
    wrong.then(|| "processor: the goodput is too low".to_owned()).into_iter().collect()
}

/// Returns tokens that have to be rejected, with their names.
fn invalid_tokens(token: &str) -> [(&'static str, String); 3] {
    [
        ("signature of other bytes", forged(token)),
        ("unknown key", with_unknown_key(token, 1)),
        ("no token", no_token(token)),
    ]
}

/// Returns the processor time of the server for one request of this kind, in microseconds.
async fn cost(server: &ServerProcess, token: &str, status: u16, requests: usize) -> Result<f64, AnyError> {
    let (address, request) = (server.address("listening")?, upload_request(token, false));
    let before = server.usage()?.cpu;
    let mut clients = Vec::new();
    for _ in 0..8 {
        let (mut client, request) = (Client::new(address), request.clone());
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
    Ok((server.usage()?.cpu - before).as_secs_f64() * 1e6 / requests as f64)
}

/// Compares the processor time of invalid tokens with that of a valid one.
async fn costs(server: &ServerProcess, token: &str) -> Result<Vec<String>, AnyError> {
    let mut wrong = Vec::new();
    let valid = cost(server, token, 200, 20_000).await?;
    println!("processor time of a valid token: {valid:.0} µs");
    for (name, token) in invalid_tokens(token) {
        let cost = cost(server, &token, 401, 20_000).await?;
        println!("processor time of {name}: {cost:.0} µs ({:.2} ×)", cost / valid);
        if cost > valid * MAX_COST {
            wrong.push(format!("{name} costs more than {MAX_COST} valid tokens"));
        }
    }
    Ok(wrong)
}

/// Sends `count` requests in [`FLOOD`] on eight connections, evenly, and returns the answers' times and the number of others.
async fn paced(
    address: SocketAddr,
    requests: Vec<String>,
    status: u16,
    count: u32,
) -> (Vec<Duration>, usize) {
    const STREAMS: u32 = 8;
    let streams: Vec<_> = (0..STREAMS)
        .map(|_| {
            let (mut client, requests) = (Client::new(address), requests.clone());
            tokio::spawn(async move {
                let mut tick = interval(FLOOD * STREAMS / count);
                tick.set_missed_tick_behavior(MissedTickBehavior::Burst);
                let (end, mut times, mut failed) = (Instant::now() + FLOOD, Vec::new(), 0);
                for request in requests.iter().cycle() {
                    if Instant::now() >= end {
                        break;
                    }
                    tick.tick().await;
                    match client.send(request).await {
                        Ok(answer) if answer.status == status => times.push(answer.time),
                        Ok(_) | Err(_) => failed += 1,
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

/// Sends 2,000 invalid tokens a second next to 200 valid ones.
async fn flood(address: SocketAddr, token: &str) -> Result<Vec<String>, AnyError> {
    let (invalid, valid) = FLOOD_ANSWERS;
    let valid_requests = || paced(address, vec![upload_request(token, false)], 200, valid + valid / 20);
    let (quiet, _) = valid_requests().await;
    let forgeries = invalid_tokens(token).map(|(_, token)| upload_request(&token, false)).into();
    let flood = tokio::spawn(paced(address, forgeries, 401, invalid + invalid / 20));
    let (granted, failed) = valid_requests().await;
    let (rejected, unexpected) = flood.await?;
    let p99 = quantile(&granted, 0.99);
    println!(
        "flood: {} invalid tokens rejected in {} s, {unexpected} answered otherwise; {} valid requests granted, {failed} not, \
         p99 {:.1} ms (before the flood {:.1} ms)",
        rejected.len(),
        FLOOD.as_secs(),
        granted.len(),
        milliseconds(p99),
        milliseconds(quantile(&quiet, 0.99))
    );
    let mut wrong = Vec::new();
    if rejected.len() < invalid as usize || unexpected > 0 {
        wrong.push(format!("flood: fewer than {invalid} invalid tokens, or not all, were rejected"));
    }
    if granted.len() < valid as usize || failed > 0 {
        wrong.push(format!("flood: fewer than {valid} valid requests, or not all, were granted"));
    }
    if p99 > MAX_TIME {
        wrong.push(format!("flood: more than 1 of 100 valid requests takes longer than {MAX_TIME:?}"));
    }
    Ok(wrong)
}

#[tokio::main]
async fn main() -> Result<(), AnyError> {
    let mut arguments = std::env::args_os().skip(1);
    let upsign = arguments.next().map(PathBuf::from).ok_or("usage: overload UPSIGN [SECONDS]")?;
    let seconds = arguments.next().and_then(|text| text.to_str()?.parse().ok()).unwrap_or(60);
    let pool = start_pool().await?;
    let token = access_token(&pool)?;
    let folder = scratch_folder("overload-run")?;
    std::fs::write(folder.join("upsign.toml"), config(&pool, &pool.jwks_url(), 900))?;
    let mut wrong = Vec::new();

    let mut application = pinned(&sibling_program("authorizing"));
    let server = ServerProcess::start(application.arg(LIMIT.to_string()))?;
    let upload = Upload { head: upload_request(&token, false), body: "", pause: Duration::ZERO };
    wrong.extend(overload("requests", &server, upload, seconds).await?);
    drop(server);

    let body = r#"{"contentType": "image/jpeg", "contentLength": 48213}"#;
    let head = upload_request(&token, true);
    let head = head.replace(
        "content-length: 0",
        &format!("content-type: application/json\r\ncontent-length: {}", body.len()),
    );
    let server = serve(&upsign, &folder, LIMIT)?;
    wrong.extend(overload("connections", &server, Upload { head, body, pause: PAUSE }, seconds).await?);
    drop(server);

    let server = serve(&upsign, &folder, 10_000)?;
    let address = server.address("listening")?;
    wrong.extend(saturate(address, &token, seconds).await);
    wrong.extend(costs(&server, &token).await?);
    wrong.extend(flood(address, &token).await?);
    if wrong.is_empty() { Ok(()) } else { Err(wrong.join("\n").into()) }
}
