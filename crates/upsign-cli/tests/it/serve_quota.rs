//! `upsign serve` with limits of uploads per day: in memory, in a server that is missing, and two servers with one Redis or one
//! table of DynamoDB.

use std::net::{Ipv4Addr, TcpListener, TcpStream};
use std::process::{Child, Command, Stdio};

use reqwest::blocking::Client;
use serde_json::Value;

use crate::run::{Run, Serving, eventually, upsign};
use crate::secrecy::{TestPool, config};

const IN_MEMORY: &str =
    "[limit]\nper_day = 2\n[quota]\nstore = \"memory\"\nfail = \"closed\"\n[server]\nsingle_process = true\n";

/// Limits that are counted in Redis, at the URL of a variable.
fn in_redis(fail: &str, more: &str) -> String {
    format!(
        "[limit]\nper_day = 30\n{more}[quota]\nstore = \"redis\"\nurl = \"env:UPSIGN_REDIS_URL\"\nfail = \"{fail}\"\n"
    )
}

fn serve(pool: &TestPool, limits: &str) -> Run {
    let text = format!("{}\n{limits}", config(&pool.pool));
    upsign(&["serve", "--listen=127.0.0.1:0", "--json"]).file("upsign.toml", &text).credentials()
}

/// Requests an upload, and returns the status and the answer.
fn request(client: &Client, base: &str, token: &str) -> (u16, Value) {
    let request = client.post(format!("{base}/upload-url")).bearer_auth(token);
    let answer = request.send().unwrap();
    (answer.status().as_u16(), answer.json().unwrap())
}

fn client() -> Client {
    Client::builder().no_proxy().build().unwrap()
}

fn free_port() -> u16 {
    TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap().local_addr().unwrap().port()
}

#[test]
fn a_caller_gets_as_many_grants_as_the_limit_permits() {
    let pool = TestPool::start();
    let server = serve(&pool, IN_MEMORY).errors_to("log").serving();
    let (client, base) = (client(), server.url("listening"));
    assert_eq!(request(&client, &base, &pool.token).0, 200);
    assert_eq!(request(&client, &base, &pool.token).0, 200);
    let answer = client.post(format!("{base}/upload-url")).bearer_auth(&pool.token).send().unwrap();
    assert_eq!(answer.status(), 429);
    let wait: u64 = answer.headers()["retry-after"].to_str().unwrap().parse().unwrap();
    assert!((1..=86_400).contains(&wait), "{wait}");
    let problem: Value = answer.json().unwrap();
    assert_eq!(problem["code"], "quota-exceeded");
    assert_eq!(problem["limit"], 2);
    let log = server.read("log");
    assert!(log.contains("2 objects per UTC day and caller"), "{log}");
    assert!(
        log.contains("the memory of this process; uploads are refused while it does not answer"),
        "{log}"
    );
}

#[test]
fn a_server_that_fails_closed_does_not_start_without_its_store() {
    let pool = TestPool::start();
    let url = format!("redis://:secret-password@127.0.0.1:{}", free_port());
    let finished = serve(&pool, &in_redis("closed", "")).variable("UPSIGN_REDIS_URL", &url).output();
    assert_eq!(finished.code(), 1, "{}", finished.stderr());
    let shown = finished.stderr();
    assert!(shown.contains("cannot count uploads: the store of the quota did not answer"), "{shown}");
    assert!(!shown.contains("secret-password"), "{shown}");

    for (url, expected) in [("", "UPSIGN_REDIS_URL"), ("localhost:6379", "not the URL of a server")] {
        let finished = serve(&pool, &in_redis("closed", "")).variable("UPSIGN_REDIS_URL", url).output();
        assert_eq!(finished.code(), 2, "{}", finished.stderr());
        let shown = finished.stderr().split_whitespace().collect::<Vec<_>>().join(" ");
        assert!(shown.contains(expected), "{shown}");
    }
}

#[test]
fn a_server_that_fails_open_starts_and_grants_without_its_store() {
    let pool = TestPool::start();
    let url = format!("redis://127.0.0.1:{}", free_port());
    let run = serve(&pool, &in_redis("open", "")).variable("UPSIGN_REDIS_URL", &url);
    let server = run.errors_to("log").serving();
    assert_eq!(request(&client(), &server.url("listening"), &pool.token).0, 200);
    let log = server.read("log");
    assert!(log.contains("uploads are not counted until it does"), "{log}");
}

/// A Redis server. Dropping the value ends it.
struct Redis(Child, u16, #[expect(dead_code, reason = "the folder of the server")] tempfile::TempDir);

impl Redis {
    /// Returns `None` if there is no program and none is required.
    #[expect(clippy::disallowed_methods, reason = "the command that runs this test passes the program")]
    fn start() -> Option<Self> {
        let Ok(program) = std::env::var("TEST_REDIS_SERVER") else {
            assert!(std::env::var_os("TEST_SERVERS").is_none(), "TEST_REDIS_SERVER is not set");
            return None;
        };
        let (port, folder) = (free_port(), tempfile::tempdir().unwrap());
        let mut command = Command::new(program);
        command.args(["--port", &port.to_string(), "--bind", "127.0.0.1", "--save", ""]);
        let child = command.current_dir(folder.path()).stdout(Stdio::null()).spawn().unwrap();
        eventually(|| TcpStream::connect((Ipv4Addr::LOCALHOST, port)).is_ok());
        Some(Self(child, port, folder))
    }
}

impl Drop for Redis {
    fn drop(&mut self) {
        drop(self.0.kill());
        drop(self.0.wait());
    }
}

#[test]
fn two_servers_with_one_redis_count_as_one() {
    let Some(redis) = Redis::start() else { return };
    let pool = TestPool::start();
    let limits = in_redis("closed", TOGETHER);
    let url = format!("redis://127.0.0.1:{}", redis.1);
    let start = || serve(&pool, &limits).variable("UPSIGN_REDIS_URL", &url).serving();
    count_as_one(&[start(), start()], &pool);
}

#[test]
#[expect(clippy::disallowed_methods, reason = "the command that runs this test creates the table")]
fn two_servers_with_one_table_count_as_one() {
    let variable = |name| {
        let value = std::env::var(name).ok();
        assert!(value.is_some() || std::env::var_os("TEST_SERVERS").is_none(), "{name} is not set");
        value
    };
    let Some(table) = variable("TEST_DYNAMODB_TABLE") else { return };
    let Some(endpoint) = variable("TEST_S3_MINISTACK") else { return };
    let Some(keys) = variable("TEST_DYNAMODB_KEYS") else { return };
    let (access_key, secret_key) = keys.split_once(':').unwrap();
    let pool = TestPool::start();
    let limits = format!(
        "[limit]\nper_day = 30\n{TOGETHER}[quota]\nstore = \"dynamodb\"\ntable = \"{table}\"\nregion = \"us-east-1\"\n\
         fail = \"closed\"\n"
    );
    let start = || {
        let run = serve(&pool, &limits).variable("AWS_ENDPOINT_URL_DYNAMODB", &endpoint);
        run.variable("AWS_ACCESS_KEY_ID", access_key).variable("AWS_SECRET_ACCESS_KEY", secret_key).serving()
    };
    count_as_one(&[start(), start()], &pool);
}

/// A rate of 40 requests at once, counted in the store of the quota.
const TOGETHER: &str = "per_minute = 1\nburst = 40\nshared = true\n";

/// Sends 60 requests to two servers of which 40 are permitted together, and of those 30 uploads.
fn count_as_one(servers: &[Serving; 2], pool: &TestPool) {
    let statuses = std::thread::scope(|scope| {
        let tasks: Vec<_> = (0..4)
            .map(|task| {
                let (base, token) = (servers[task % 2].url("listening"), &pool.token);
                scope.spawn(move || {
                    let client = client();
                    (0..15).map(|_| request(&client, &base, token)).collect::<Vec<_>>()
                })
            })
            .collect();
        tasks.into_iter().map(|task| task.join().unwrap()).collect::<Vec<_>>()
    });
    let answers: Vec<(u16, Value)> = statuses.into_iter().flatten().collect();
    let count = |code: &str| answers.iter().filter(|(_, answer)| answer["code"] == code).count();
    let granted = answers.iter().filter(|(status, _)| *status == 200).count();
    // A burst of 40, and a request that becomes available if the test runs for a minute.
    let expected = [(30, 10, 20), (30, 11, 19)];
    let got = (granted, count("quota-exceeded"), count("too-many-requests"));
    assert!(expected.contains(&got), "{got:?}");
}

#[test]
fn api_is_described_without_the_store() {
    let text = format!("{}\n{}", crate::run::CONFIG, in_redis("closed", ""));
    let finished = upsign(&["serve", "--print-openapi"]).file("upsign.toml", &text).output();
    assert_eq!(finished.code(), 0, "{}", finished.stderr());
    assert!(finished.stdout().contains("/upload-url"), "{}", finished.stdout());
}
