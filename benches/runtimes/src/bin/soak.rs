//! `soak UPSIGN MINUTES` runs `upsign serve` under load while what it depends on fails in turn, and judges every answer.
//!
//! The server takes its credentials from a container credentials endpoint and its issuer's keys from a key endpoint. Both are
//! part of this program and fail on demand; so does whatever reads the server's standard error. It fails on any wrong answer,
//! if a fault met no connection, and if memory, file descriptors or threads grow.
#![expect(clippy::print_stdout, reason = "a measurement prints its result")]

use std::collections::BTreeMap;
use std::io::Read;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::atomic::{AtomicBool, AtomicU64, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use tokio::time::sleep;
use upsign::{Clock, SystemClock};
use upsign_bench_runtimes::{
    Answer, AnyError, Client, Delivered, Fault, FaultyEndpoint, Kind, NoAnswer, ServerProcess, Usage,
    access_token, config, forged, get_request, milliseconds, quantile, scratch_folder, slope, start_pool,
    trend, upload_request, with_unknown_key,
};
use upsign_local::LocalPool;

/// Lifetime of a grant in seconds. New credentials are good for a whole one; older ones shorten it.
const GRANT: u32 = 75;
/// Clients with valid tokens. Half of them open a connection for each request.
const CLIENTS: usize = 8;
/// Pause of each client between two requests.
const PAUSE: Duration = Duration::from_millis(15);
/// Limits of the phases' lengths.
const PHASE: (Duration, Duration) = (Duration::from_secs(10), Duration::from_secs(60));
/// How much memory in KiB may grow during the judged part of a run, by the slope of all of its samples: in a run of three
/// minutes, and in one of half an hour or longer. Between the two the limit grows evenly.
const MAX_MEMORY_GROWTH: [(f64, f64); 2] = [(3.0, 2048.0), (30.0, 4096.0)];
/// How much file descriptors and threads may grow between the first and the last third of the judged part.
const MAX_GROWTH: [(&str, u64); 2] = [("file descriptors", 16), ("threads", 4)];

/// The answers whose counts are printed; the last column counts others.
const STATUSES: [u16; 3] = [200, 401, 503];

/// What fails during a phase.
#[derive(Clone, Copy)]
struct Phase {
    name: &'static str,
    credentials: Fault,
    keys: Fault,
    unread_errors: bool,
}

const fn phase(name: &'static str, credentials: Fault, keys: Fault, unread_errors: bool) -> Phase {
    Phase { name, credentials, keys, unread_errors }
}

/// The faults of the provider and of the key endpoint alternate, so that neither is still backing off from the fault before.
///
/// Standard error stalls before memory is judged: then the server fills its queue of log lines, once (2.6 MiB in half an hour
/// on two cores), and reuses it from then on.
const PHASES: [Phase; 12] = [
    phase("nothing fails", Fault::None, Fault::None, false),
    phase("stderr is not read", Fault::None, Fault::None, true),
    phase("provider answers 500", Fault::Status500, Fault::None, false),
    phase("keys answer 500", Fault::None, Fault::Status500, false),
    phase("provider hangs", Fault::Hang, Fault::None, false),
    phase("keys hang", Fault::None, Fault::Hang, false),
    phase("provider flaps", Fault::Flapping, Fault::None, false),
    phase("keys answer HTML", Fault::None, Fault::Html, false),
    phase("provider takes 3 s", Fault::Slow, Fault::None, false),
    phase("keys close connections", Fault::None, Fault::Close, false),
    phase("provider answers HTML", Fault::Html, Fault::None, false),
    phase("everything fails", Fault::Flapping, Fault::Hang, true),
];

/// Returns lifetimes of credentials in seconds, in turn, for phases of this length.
///
/// Credentials are unusable in their last 90 s, and are renewed halfway to that time. So a renewal is due after half of a phase
/// or two thirds: every fault of the provider meets one, whenever the renewal before it was, and ends the credentials if it
/// lasts.
const fn lifetimes(phase: Duration) -> [u64; 4] {
    let seconds = phase.as_secs();
    let (short, long) = (90 + seconds, 90 + seconds * 4 / 3);
    [short, short, long, long]
}

/// The answers of one phase.
#[derive(Default)]
struct Answers {
    statuses: [usize; STATUSES.len() + 1],
    times: Vec<Duration>,
    wrong: Vec<String>,
    wrong_count: usize,
}

struct Soak {
    public: SocketAddr,
    admin: SocketAddr,
    pool: LocalPool,
    delivered: Arc<Delivered>,
    token: Mutex<String>,
    answers: Mutex<Answers>,
    over: AtomicBool,
    counter: AtomicU64,
}

impl Soak {
    fn sign_in(&self) -> Result<(), AnyError> {
        *self.token.lock().unwrap_or_else(PoisonError::into_inner) = access_token(&self.pool)?;
        Ok(())
    }

    /// Returns a token of this kind. Each one for an unknown key names another key.
    fn token(&self, kind: Kind) -> String {
        let token = self.token.lock().unwrap_or_else(PoisonError::into_inner).clone();
        match kind {
            Kind::Forged => forged(&token),
            Kind::UnknownKey => with_unknown_key(&token, self.counter.fetch_add(1, Ordering::Relaxed)),
            Kind::Valid | Kind::Health | Kind::Ready => token,
        }
    }

    fn record(&self, answer: &Result<Answer, NoAnswer>, wrong: Option<String>) {
        let mut answers = self.answers.lock().unwrap_or_else(PoisonError::into_inner);
        if let Ok(answer) = answer {
            answers.times.push(answer.time);
            let column =
                STATUSES.iter().position(|status| *status == answer.status).unwrap_or(STATUSES.len());
            if let Some(count) = answers.statuses.get_mut(column) {
                *count += 1;
            }
        }
        if let Some(wrong) = wrong {
            answers.wrong_count += 1;
            if answers.wrong.len() < 3 {
                answers.wrong.push(wrong);
            }
        }
    }

    async fn client(self: Arc<Self>, number: usize) {
        let mut client = Client::new(self.public);
        let mut admin = Client::new(self.admin);
        let close = number % 2 == 1;
        for round in number.. {
            if self.over.load(Ordering::Relaxed) {
                break;
            }
            let kind = match round % 20 {
                0 | 7 => Kind::Forged,
                3 => Kind::UnknownKey,
                11 => Kind::Health,
                15 => Kind::Ready,
                _ => Kind::Valid,
            };
            let answer = match kind {
                Kind::Health if close => admin.send(&get_request("/metrics")).await,
                Kind::Health => client.send(&get_request("/healthz")).await,
                Kind::Ready => admin.send(&get_request("/readyz")).await,
                Kind::Valid | Kind::Forged | Kind::UnknownKey => {
                    client.send(&upload_request(&self.token(kind), close)).await
                }
            };
            let wrong = self.delivered.judge(kind, &answer, SystemClock.now());
            self.record(&answer, wrong);
            sleep(PAUSE).await;
        }
    }
}

/// Starts the server, which takes its credentials from `provider`.
fn start(upsign: &Path, folder: &Path, provider: SocketAddr) -> Result<ServerProcess, AnyError> {
    let mut command = Command::new(upsign);
    command.args(["serve", "--listen=127.0.0.1:0", "--admin-listen=127.0.0.1:0", "--linger=0s", "--json"]);
    command.args(["--credentials=chain"]).current_dir(folder).env_clear();
    command.env("AWS_CONTAINER_CREDENTIALS_FULL_URI", format!("http://{provider}/credentials"));
    command.env("AWS_EC2_METADATA_DISABLED", "true").env("RUST_LOG", "info");
    ServerProcess::start(command.stderr(Stdio::piped()))
}

/// Reads standard error while `paused` is false, and keeps nothing.
fn read_errors(mut errors: impl Read + Send + 'static, paused: Arc<AtomicBool>) {
    std::thread::spawn(move || {
        let mut bytes = [0; 8192];
        loop {
            if paused.load(Ordering::Relaxed) {
                std::thread::sleep(Duration::from_millis(50));
            } else if !matches!(errors.read(&mut bytes), Ok(1..)) {
                break;
            }
        }
    });
}

/// Starts the provider of credentials, which live this many seconds, in turn.
async fn start_provider(delivered: Arc<Delivered>, lifetimes: [u64; 4]) -> std::io::Result<FaultyEndpoint> {
    let lifetimes = Mutex::new(lifetimes.into_iter().cycle());
    FaultyEndpoint::start(move || {
        let lifetime = lifetimes.lock().unwrap_or_else(PoisonError::into_inner).next();
        delivered.issue(SystemClock.now(), lifetime.unwrap_or_default())
    })
    .await
}

/// How often a phase ran, for how long, and the answers it had.
#[derive(Default)]
struct Ran {
    times: usize,
    length: Duration,
    answers: usize,
    wrong: usize,
}

#[tokio::main]
async fn main() -> Result<(), AnyError> {
    let mut arguments = std::env::args_os().skip(1);
    let usage_text = "usage: soak UPSIGN MINUTES";
    let upsign = PathBuf::from(arguments.next().ok_or(usage_text)?);
    let minutes: f64 = arguments.next().and_then(|text| text.to_str()?.parse().ok()).ok_or(usage_text)?;
    let total = Duration::from_secs_f64(minutes * 60.0);

    let pool = start_pool().await?;
    let jwks = pool.jwks();
    let keys = FaultyEndpoint::start(move || jwks.clone()).await?;
    let delivered = Arc::new(Delivered::default());
    let length = (total / u32::try_from(PHASES.len())?).clamp(PHASE.0, PHASE.1);
    let lifetimes = lifetimes(length);
    let provider = start_provider(Arc::clone(&delivered), lifetimes).await?;

    let folder = scratch_folder("soak-run")?;
    let jwks_uri = format!("http://{}/jwks.json", keys.address());
    std::fs::write(folder.join("upsign.toml"), config(&pool, &jwks_uri, GRANT))?;
    let mut server = start(&upsign, &folder, provider.address())?;
    let unread = Arc::new(AtomicBool::new(false));
    read_errors(server.take_stderr().ok_or("the server has no standard error")?, Arc::clone(&unread));
    let soak = Arc::new(Soak {
        public: server.address("listening")?,
        admin: server.address("admin")?,
        pool,
        delivered,
        token: Mutex::default(),
        answers: Mutex::default(),
        over: AtomicBool::new(false),
        counter: AtomicU64::new(0),
    });
    soak.sign_in()?;
    let clients: Vec<_> = (0..CLIENTS).map(|number| tokio::spawn(Arc::clone(&soak).client(number))).collect();

    print_header();
    let (began, mut samples, mut wrong) = (Instant::now(), Vec::new(), Vec::new());
    // The number of samples until standard error has stalled for the first time.
    let mut until_stalled = None;
    let mut ran = BTreeMap::<usize, Ran>::new();
    for (number, phase) in PHASES.iter().enumerate().cycle() {
        if began.elapsed() >= total {
            break;
        }
        soak.sign_in()?;
        provider.set(phase.credentials);
        keys.set(phase.keys);
        unread.store(phase.unread_errors, Ordering::Relaxed);
        let phase_began = Instant::now();
        while phase_began.elapsed() < length {
            sleep(Duration::from_secs(1)).await;
            samples.push(server.usage()?);
        }
        if phase.unread_errors {
            until_stalled.get_or_insert(samples.len());
        }
        let mut answers = std::mem::take(&mut *soak.answers.lock().unwrap_or_else(PoisonError::into_inner));
        print(phase.name, phase_began.elapsed(), &mut answers, samples.last().copied().unwrap_or_default());
        let ran = ran.entry(number).or_default();
        ran.times += 1;
        ran.length += phase_began.elapsed();
        ran.answers += answers.statuses.iter().sum::<usize>();
        ran.wrong += answers.wrong_count;
        for example in answers.wrong {
            println!("  {example}");
            wrong.push(format!("{}: {example}", phase.name));
        }
    }
    soak.over.store(true, Ordering::Relaxed);
    for client in clients {
        client.await?;
    }
    let (sent, lost) = end(&soak, &mut server).await?;

    println!("\nfaults:");
    for (number, ran) in &ran {
        println!(
            "  {:<24} {:>3} times, {:>5} s, {:>8} answers, {} wrong",
            PHASES.get(*number).map_or("", |phase| phase.name),
            ran.times,
            ran.length.as_secs(),
            ran.answers,
            ran.wrong
        );
    }
    let (to_provider, to_keys) = (provider.connections(), keys.connections());
    println!("connections of the server to the provider, by fault: {to_provider:?}");
    println!("connections of the server to the key endpoint, by fault: {to_keys:?}");
    println!("credentials delivered: {}, for {lifetimes:?} s in turn", soak.delivered.count());
    println!("SIGTERM under load: {sent} requests answered, {lost} lost");
    let answers: usize = ran.values().map(|ran| ran.answers).sum();
    println!("total: {answers} answers in {} s", began.elapsed().as_secs());

    let warm_up = (samples.len() / 5).max(until_stalled.unwrap_or_default());
    let mut failures = growth(samples.get(warm_up..).unwrap_or_default(), minutes);
    for phase in ran.keys().filter_map(|number| PHASES.get(*number)) {
        for (name, fault, met) in
            [("provider", phase.credentials, &to_provider), ("key endpoint", phase.keys, &to_keys)]
        {
            if !met.contains_key(&fault) {
                failures.push(format!("{}: no connection to the {name} met {fault:?}", phase.name));
            }
        }
    }
    if lost > 0 {
        failures.push(format!("{lost} requests were lost at SIGTERM"));
    }
    let wrong_count: usize = ran.values().map(|ran| ran.wrong).sum();
    if wrong_count > 0 {
        failures.push(format!("{wrong_count} wrong answers, for example:\n  {}", wrong.join("\n  ")));
    }
    if failures.is_empty() { Ok(()) } else { Err(failures.join("\n").into()) }
}

/// Prints how memory, file descriptors and threads change in the judged part of a run of this length, and returns which of
/// them grow.
fn growth(judged: &[Usage], minutes: f64) -> Vec<String> {
    let mut failures = Vec::new();
    let memory: Vec<u64> = judged.iter().map(|usage| usage.memory).collect();
    let (growth, limit) = (slope(&memory) * memory.len() as f64, max_memory_growth(minutes));
    println!(
        "memory: {} to {} KiB; {:+.1} KiB per minute, {growth:+.0} KiB in {} s; the limit is {limit:+.0} KiB",
        memory.iter().min().copied().unwrap_or_default(),
        memory.iter().max().copied().unwrap_or_default(),
        slope(&memory) * 60.0,
        memory.len()
    );
    if growth > limit {
        failures.push(format!("memory grows by {growth:.0} KiB, more than {limit:.0} KiB"));
    }
    let numbers = [|usage: &Usage| usage.descriptors, |usage: &Usage| usage.threads];
    for ((name, limit), number) in MAX_GROWTH.iter().zip(numbers) {
        let values: Vec<u64> = judged.iter().map(number).collect();
        let (before, after) = trend(&values);
        println!(
            "{name}: {before} in the first third, {after} in the last (medians); {} to {}",
            values.iter().min().copied().unwrap_or_default(),
            values.iter().max().copied().unwrap_or_default()
        );
        if after > before + limit {
            failures.push(format!("{name} grow: {before} → {after}"));
        }
    }
    failures
}

/// Returns by how many KiB memory may grow in a run of this length.
fn max_memory_growth(minutes: f64) -> f64 {
    let [(short, least), (long, most)] = MAX_MEMORY_GROWTH;
    let share = (minutes - short) / (long - short);
    least + (most - least) * share.clamp(0.0, 1.0)
}

/// Sends SIGTERM under load and returns the number of requests that were answered, and of those that were lost.
async fn end(soak: &Arc<Soak>, server: &mut ServerProcess) -> Result<(usize, usize), AnyError> {
    let answered = Arc::new(AtomicUsize::new(0));
    let clients: Vec<_> = (0..CLIENTS)
        .map(|_| {
            let (soak, answered) = (Arc::clone(soak), Arc::clone(&answered));
            tokio::spawn(async move {
                let mut lost = 0;
                loop {
                    let mut client = Client::new(soak.public);
                    match client.send(&upload_request(&soak.token(Kind::Valid), true)).await {
                        Ok(_) => drop(answered.fetch_add(1, Ordering::Relaxed)),
                        Err(NoAnswer::Refused) => return lost,
                        Err(_) => lost += 1,
                    }
                }
            })
        })
        .collect();
    sleep(Duration::from_millis(300)).await;
    server.terminate()?;
    let mut lost = 0;
    for client in clients {
        lost += client.await?;
    }
    for _ in 0..300 {
        if let Some(status) = server.try_wait()? {
            return if status.success() {
                Ok((answered.load(Ordering::Relaxed), lost))
            } else {
                Err(format!("the server ended with {status}").into())
            };
        }
        sleep(Duration::from_millis(100)).await;
    }
    Err("the server did not end within 30 s of SIGTERM".into())
}

fn print_header() {
    println!(
        "{:<24} {:>4} {:>8} {:>8} {:>7} {:>6} {:>6} {:>6} {:>8} {:>8} {:>8} {:>5} {:>8}",
        "",
        "s",
        "answers",
        "200",
        "401",
        "503",
        "other",
        "wrong",
        "p99 ms",
        "max ms",
        "KiB",
        "fds",
        "threads"
    );
}

fn print(name: &str, length: Duration, answers: &mut Answers, usage: Usage) {
    answers.times.sort_unstable();
    let [granted, rejected, unavailable, other] = answers.statuses;
    println!(
        "{name:<24} {:>4} {:>8} {granted:>8} {rejected:>7} {unavailable:>6} {other:>6} {:>6} {:>8.1} {:>8.1} {:>8} {:>5} {:>8}",
        length.as_secs(),
        answers.times.len(),
        answers.wrong_count,
        milliseconds(quantile(&answers.times, 0.99)),
        milliseconds(quantile(&answers.times, 1.0)),
        usage.memory,
        usage.descriptors,
        usage.threads
    );
}

#[cfg(test)]
mod tests {
    use super::*;

    fn run(minutes: u64, memory: impl Fn(u64) -> u64) -> Vec<String> {
        let samples: Vec<Usage> = (0..minutes * 48)
            .map(|second| {
                let mut usage = Usage::default();
                usage.memory = memory(second);
                usage
            })
            .collect();
        growth(&samples, minutes as f64)
    }

    #[test]
    fn growing_memory_fails_a_short_and_a_long_run() {
        // 1 MiB a minute.
        let leak = |second| 40_000 + second * 17;
        assert!(!run(3, leak).is_empty() && !run(30, leak).is_empty());
        assert!(run(3, |second| 40_000 + second % 7 * 300).is_empty());
        // 0.1 MiB a minute.
        let settles = |second| 40_000 + second * 17 / 10;
        assert!(run(3, settles).is_empty() && run(30, settles).is_empty());
    }

    #[test]
    fn every_phase_renews_credentials() {
        for seconds in [10, 15, 60] {
            for lifetime in lifetimes(Duration::from_secs(seconds)) {
                // Halfway to the last 90 s, at the latest a second later.
                let due = (lifetime - 90) / 2 + 2;
                assert!(due < seconds, "{lifetime} s in phases of {seconds} s");
            }
        }
    }
}
