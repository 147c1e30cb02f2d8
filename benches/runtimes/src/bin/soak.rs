//! `soak UPSIGN MINUTES` runs `upsign serve` under load while what it depends on fails in turn, and judges every answer.
//!
//! The server takes its credentials from a container credentials endpoint and its issuer's keys from a key endpoint. Both are
//! part of this program and fail on demand; so does whatever reads the server's standard error. It fails on any wrong answer,
//! and if memory, file descriptors or threads grow.
#![expect(clippy::print_stdout, reason = "a measurement prints its result")]

use std::io::{BufRead, BufReader, Read};
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::Value;
use tokio::time::sleep;
use upsign::{Clock, SystemClock};
use upsign_bench_runtimes::{
    Answer, Client, Delivered, Fault, FaultyEndpoint, Kind, NoAnswer, Usage, get_request, scratch_folder,
    trend, upload_request, usage,
};
use upsign_local::{LocalPool, LocalUser};

type AnyError = Box<dyn std::error::Error>;

/// Lifetime of the credentials in seconds. It is shorter than the longest grant, so that they are renewed often.
const LIFETIME: u64 = 120;
/// Clients with valid tokens. Half of them open a connection for each request.
const CLIENTS: usize = 8;
/// Pause of each client between two requests.
const PAUSE: Duration = Duration::from_millis(15);
/// Limits of the phases' lengths.
const PHASE: (Duration, Duration) = (Duration::from_secs(10), Duration::from_secs(60));
/// How much memory (KiB), file descriptors and threads may grow between the first and the last third of a run.
const MAX_GROWTH: [(&str, u64); 3] = [("memory", 8 << 10), ("file descriptors", 16), ("threads", 4)];

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

const PHASES: [Phase; 12] = [
    phase("nothing fails", Fault::None, Fault::None, false),
    phase("provider answers 500", Fault::Status500, Fault::None, false),
    phase("provider hangs", Fault::Hang, Fault::None, false),
    phase("provider flaps", Fault::Flapping, Fault::None, false),
    phase("provider takes 3 s", Fault::Slow, Fault::None, false),
    phase("provider answers HTML", Fault::Html, Fault::None, false),
    phase("keys answer 500", Fault::None, Fault::Status500, false),
    phase("keys hang", Fault::None, Fault::Hang, false),
    phase("keys answer HTML", Fault::None, Fault::Html, false),
    phase("keys close connections", Fault::None, Fault::Close, false),
    phase("stderr is not read", Fault::None, Fault::None, true),
    phase("everything fails", Fault::Flapping, Fault::Hang, true),
];

/// The answers of one phase.
#[derive(Default)]
struct Answers {
    statuses: [usize; 4],
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
        let tokens = self.pool.sign_in("alice", "password", self.pool.client_id(), SystemClock.now())?;
        *self.token.lock().unwrap_or_else(PoisonError::into_inner) = tokens.access_token().to_owned();
        Ok(())
    }

    /// Returns a token of this kind. Each one for an unknown key names another key.
    fn token(&self, kind: Kind) -> String {
        let token = self.token.lock().unwrap_or_else(PoisonError::into_inner).clone();
        let mut parts = token.split('.');
        let (Some(header), Some(claims), Some(signature)) = (parts.next(), parts.next(), parts.next()) else {
            return token;
        };
        match kind {
            Kind::Forged => format!("{header}.{claims}.{}", signature.chars().rev().collect::<String>()),
            Kind::UnknownKey => {
                let number = self.counter.fetch_add(1, Ordering::Relaxed);
                let header = format!(r#"{{"alg":"RS256","kid":"unknown-{number}"}}"#);
                format!("{}.{claims}.{signature}", URL_SAFE_NO_PAD.encode(header))
            }
            Kind::Valid | Kind::Health | Kind::Ready => token,
        }
    }

    fn record(&self, answer: &Result<Answer, NoAnswer>, wrong: Option<String>) {
        let mut answers = self.answers.lock().unwrap_or_else(PoisonError::into_inner);
        if let Ok(answer) = answer {
            answers.times.push(answer.time);
            let column = [200, 401, 503].iter().position(|status| *status == answer.status).unwrap_or(3);
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

fn config(pool: &LocalPool, keys: SocketAddr) -> String {
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
jwks_uri = "http://{keys}/jwks.json"
danger_http_issuer = true
client_ids = ["{}"]
token_use = "access"
[cors]
origins = ["https://app.example.com"]
"#,
        pool.issuer(),
        pool.client_id()
    )
}

/// Starts the server and returns it with the JSON object of its first line.
fn start(upsign: &Path, folder: &Path, provider: SocketAddr) -> Result<(Child, Value), AnyError> {
    let mut command = Command::new(upsign);
    command.args(["serve", "--listen=127.0.0.1:0", "--admin-listen=127.0.0.1:0", "--linger=0s", "--json"]);
    command.args(["--credentials=chain"]).current_dir(folder).env_clear();
    command.env("AWS_CONTAINER_CREDENTIALS_FULL_URI", format!("http://{provider}/credentials"));
    command.env("AWS_EC2_METADATA_DISABLED", "true").env("RUST_LOG", "info");
    let mut child = command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn()?;
    let mut line = String::new();
    BufReader::new(child.stdout.take().ok_or("the server has no standard output")?).read_line(&mut line)?;
    let ready =
        serde_json::from_str(&line).map_err(|error| format!("the server did not start: {error}: {line}"))?;
    Ok((child, ready))
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

fn address(ready: &Value, name: &str) -> Result<SocketAddr, AnyError> {
    let url = ready.get(name).and_then(Value::as_str).ok_or("the first line of the server has no address")?;
    Ok(url.trim_start_matches("http://").parse()?)
}

#[tokio::main]
async fn main() -> Result<(), AnyError> {
    let mut arguments = std::env::args_os().skip(1);
    let usage_text = "usage: soak UPSIGN MINUTES";
    let upsign = PathBuf::from(arguments.next().ok_or(usage_text)?);
    let minutes: f64 = arguments.next().and_then(|text| text.to_str()?.parse().ok()).ok_or(usage_text)?;
    let total = Duration::from_secs_f64(minutes * 60.0);

    let pool = LocalPool::builder(SystemClock).pool_id("eu-west-1_Soak");
    let pool = pool.user(LocalUser::new("alice", "password")).start().await?;
    let jwks = pool.jwks();
    let keys = FaultyEndpoint::start(move || jwks.clone()).await?;
    let delivered = Arc::new(Delivered::default());
    let issuing = Arc::clone(&delivered);
    let provider = FaultyEndpoint::start(move || issuing.issue(SystemClock.now(), LIFETIME)).await?;

    let folder = scratch_folder("soak-run")?;
    std::fs::write(folder.join("upsign.toml"), config(&pool, keys.address()))?;
    let (mut child, ready) = start(&upsign, &folder, provider.address())?;
    let unread = Arc::new(AtomicBool::new(false));
    read_errors(child.stderr.take().ok_or("the server has no standard error")?, Arc::clone(&unread));
    let soak = Arc::new(Soak {
        public: address(&ready, "listening")?,
        admin: address(&ready, "admin")?,
        pool,
        delivered,
        token: Mutex::default(),
        answers: Mutex::default(),
        over: AtomicBool::new(false),
        counter: AtomicU64::new(0),
    });
    soak.sign_in()?;
    let clients: Vec<_> = (0..CLIENTS).map(|number| tokio::spawn(Arc::clone(&soak).client(number))).collect();

    let length = (total / u32::try_from(PHASES.len())?).clamp(PHASE.0, PHASE.1);
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
    let (began, mut samples, mut wrong, mut wrong_count) = (Instant::now(), Vec::new(), Vec::new(), 0);
    for phase in PHASES.iter().cycle() {
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
            samples.push(usage(child.id()).ok_or("the server has ended")?);
        }
        let mut answers = std::mem::take(&mut *soak.answers.lock().unwrap_or_else(PoisonError::into_inner));
        print(phase.name, phase_began.elapsed(), &mut answers, samples.last().copied().unwrap_or_default());
        wrong_count += answers.wrong_count;
        wrong.extend(answers.wrong.into_iter().map(|wrong| format!("{}: {wrong}", phase.name)));
    }
    soak.over.store(true, Ordering::Relaxed);
    for client in clients {
        client.await?;
    }
    let lost = end(&soak, &mut child).await?;
    println!("credentials delivered: {}; lost at SIGTERM: {lost}", soak.delivered.count());

    let mut failures = Vec::new();
    let first = PHASES.len().min(samples.len() / 6);
    let measured = samples.get(first..).unwrap_or_default();
    for ((name, limit), value) in MAX_GROWTH.iter().zip([
        |usage: &Usage| usage.memory,
        |usage: &Usage| usage.descriptors,
        |usage: &Usage| usage.threads,
    ]) {
        let (before, after) = trend(&measured.iter().map(value).collect::<Vec<_>>());
        println!("{name}: {before} in the first third, {after} in the last");
        if after > before + limit {
            failures.push(format!("{name} grow: {before} → {after}"));
        }
    }
    if lost > 0 {
        failures.push(format!("{lost} requests were lost at SIGTERM"));
    }
    if wrong_count > 0 {
        failures.push(format!("{wrong_count} wrong answers, for example:\n  {}", wrong.join("\n  ")));
    }
    if failures.is_empty() { Ok(()) } else { Err(failures.join("\n").into()) }
}

/// Sends SIGTERM under load and returns the number of requests that were lost.
async fn end(soak: &Arc<Soak>, child: &mut Child) -> Result<usize, AnyError> {
    let clients: Vec<_> = (0..CLIENTS)
        .map(|_| {
            let soak = Arc::clone(soak);
            tokio::spawn(async move {
                let mut lost = 0;
                loop {
                    let mut client = Client::new(soak.public);
                    match client.send(&upload_request(&soak.token(Kind::Valid), true)).await {
                        Ok(_) => {}
                        Err(NoAnswer::Refused) => return lost,
                        Err(_) => lost += 1,
                    }
                }
            })
        })
        .collect();
    sleep(Duration::from_millis(300)).await;
    let pid = child.id().to_string();
    Command::new("kill").args(["-TERM", &pid]).status()?;
    let mut lost = 0;
    for client in clients {
        lost += client.await?;
    }
    for _ in 0..300 {
        if let Some(status) = child.try_wait()? {
            return if status.success() {
                Ok(lost)
            } else {
                Err(format!("the server ended with {status}").into())
            };
        }
        sleep(Duration::from_millis(100)).await;
    }
    child.kill()?;
    Err("the server did not end within 30 s of SIGTERM".into())
}

fn print(name: &str, length: Duration, answers: &mut Answers, usage: Usage) {
    answers.times.sort_unstable();
    let at = |share: f64| {
        let index =
            ((answers.times.len() as f64 * share) as usize).min(answers.times.len().saturating_sub(1));
        answers.times.get(index).map_or(f64::NAN, |time| time.as_secs_f64() * 1e3)
    };
    let [granted, rejected, unavailable, other] = answers.statuses;
    println!(
        "{name:<24} {:>4} {:>8} {granted:>8} {rejected:>7} {unavailable:>6} {other:>6} {:>6} {:>8.1} {:>8.1} {:>8} {:>5} {:>8}",
        length.as_secs(),
        answers.times.len(),
        answers.wrong_count,
        at(0.99),
        at(1.0),
        usage.memory,
        usage.descriptors,
        usage.threads
    );
}
