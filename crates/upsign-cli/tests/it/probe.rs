//! `upsign probe`: the list of requests, the run against the embedded server, and what goes wrong before it.

use std::io::Read as _;
use std::process::{Command, Stdio};
use std::thread;
use std::time::Duration;

use serde_json::Value;
use upsign::{Clock, SystemClock, Timestamp};
use upsign_core::Credentials;
use upsign_local::LocalS3;

use crate::refusing_store::RefusingStore;
use crate::run::{CONFIG, Finished, eventually, upsign};

/// The embedded server with the keys of [`Run::credentials`](crate::run::Run::credentials).
pub(crate) struct Store {
    runtime: tokio::runtime::Runtime,
    s3: LocalS3,
}

impl Store {
    pub(crate) fn start() -> Self {
        Self::start_with(SystemClock)
    }

    fn start_with(clock: impl Clock + 'static) -> Self {
        let runtime = tokio::runtime::Runtime::new().unwrap();
        let keys = Credentials::long_term("AKIAIOSFODNN7EXAMPLE", "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY");
        let builder =
            LocalS3::builder(keys.unwrap(), "us-east-1".parse().unwrap(), "uploads".parse().unwrap());
        let builder = builder.clock(clock);
        let s3 = runtime.block_on(builder.start()).unwrap();
        Self { runtime, s3 }
    }

    pub(crate) fn endpoint(&self) -> String {
        format!("http://{}", self.s3.address())
    }

    /// Returns the keys of the bucket.
    fn keys(&self) -> Vec<String> {
        let objects = self.runtime.block_on(self.s3.objects(&"uploads".parse().unwrap()));
        objects.into_iter().map(|object| object.key).collect()
    }

    fn probe(&self, options: &[&str]) -> Finished {
        let endpoint = format!("--endpoint-url={}", self.endpoint());
        let place = ["probe", "--bucket=uploads", "--region=us-east-1", endpoint.as_str()];
        upsign(&[&place, options].concat()).credentials().output()
    }
}

#[test]
fn dry_run_lists_the_requests_of_the_configured_bucket_and_sends_nothing() {
    let run = upsign(&["probe"]).file("upsign.toml", CONFIG).output();
    let text = run.exits(0).stdout();
    assert!(text.contains("article-images-bucket at https://"), "{text}");
    assert!(text.lines().filter(|line| line.contains(" → ")).count() > 150, "{text}");
    assert!(text.contains("PutObject upsign-probe-"), "{text}");
    run.has_message("nothing was sent").has_message("--yes");

    let run = upsign(&["probe", "--only=if_none_match", "--json"]).file("upsign.toml", CONFIG).output();
    let document = run.exits(0).json();
    assert_eq!(document["dryRun"], true);
    let capabilities: Vec<&str> = document["requests"]
        .as_array()
        .unwrap()
        .iter()
        .map(|request| request["capability"].as_str().unwrap())
        .collect();
    assert_eq!(capabilities, ["put", "put", "if_none_match", "if_none_match"]);
    let actions = document["iam"]["Statement"][0]["Action"].as_array().unwrap();
    assert!(actions.contains(&Value::from("s3:PutObject")), "{actions:?}");
}

#[test]
fn iam_policy_names_the_bucket_and_the_prefix() {
    let run = upsign(&["probe", "--bucket=my-bucket", "--region=eu-central-1", "--iam"]).output();
    let policy = run.exits(0).json();
    assert_eq!(policy["Statement"][0]["Resource"], "arn:aws:s3:::my-bucket/upsign-probe-*");
}

#[test]
fn run_prints_a_table_that_upsign_toml_can_contain_and_leaves_nothing() {
    let store = Store::start();
    let run = store.probe(&["--yes"]);
    let table = run.exits(0).stdout();
    assert!(table.starts_with("[bucket.can]\npost = true\nif_none_match = true\n"), "{table}");
    assert!(table.contains("\nexpected_bucket_owner = false\n"), "{table}");
    assert!(table.contains("\n# cors_wildcard: unknown, not tried"), "{table}");
    run.has_message("differences from what is assumed")
        .has_message("expected_bucket_owner: does not have it");
    assert!(!run.stderr().contains("X-Amz-"), "{}", run.stderr());

    let run = store.probe(&["--yes", "--json"]);
    let report = run.exits(0).json();
    assert_eq!(report["emptyAfterwards"], true);
    assert_eq!(report["removalCommand"], Value::Null);
    assert_eq!(report["leftOver"].as_array().unwrap().len(), 0);
    let found: Vec<&str> = report["differences"]
        .as_array()
        .unwrap()
        .iter()
        .map(|difference| difference["capability"].as_str().unwrap())
        .collect();
    assert_eq!(found, ["expected_bucket_owner", "cors_api"]);
    assert!(report["findings"].as_array().unwrap().len() > 60);

    // The configuration is read back with the table, and agrees with the store then.
    let config =
        CONFIG.replace("article-images-bucket", "uploads").replace("ap-southeast-1\"", "us-east-1\"");
    let endpoint = format!("region = \"us-east-1\"\nendpoint = \"{}\"", store.endpoint());
    let config = config.replacen("region = \"us-east-1\"", &endpoint, 1) + "\n" + &table;
    let run = upsign(&["probe", "--only=expected_bucket_owner", "--yes", "--json"]);
    let run = run.file("upsign.toml", &config).credentials().output();
    assert_eq!(run.exits(0).json()["differences"].as_array().unwrap().len(), 0);
}

/// What a role may do that this project recommends for signers: the object stays, and the command says so.
#[test]
fn objects_that_a_failed_run_leaves_are_named_with_the_command() {
    let store = RefusingStore::start("uploads", "us-east-1", |method, _| (method != "PUT").then_some(403));
    let endpoint = &store.endpoint;
    let place = ["probe", "--bucket=uploads", "--region=us-east-1", "--yes", "--endpoint-url", endpoint];
    let run = upsign(&place).credentials().output();
    run.exits(1)
        .has_message("a request that every experiment needs: GetObject a: 403 AccessDenied")
        .has_message("the permissions that `upsign probe --iam` prints")
        .has_message("1 object was not removed: upsign-probe-")
        .has_message(&format!("aws --endpoint-url {endpoint} s3 rm --recursive s3://uploads/upsign-probe-"));
    let run = upsign(&[&place[..], &["--json"]].concat()).credentials().output();
    let document = run.exits(1).json();
    assert_eq!(document["error"]["code"], "refused");
    assert_eq!(document["errors"][1]["code"], "left-over");
    assert!(document["errors"][1]["help"].as_str().unwrap().contains(" s3 rm --recursive "), "{document}");
}

/// A clock that takes time to read: a store with it answers slowly.
#[derive(Debug)]
struct SlowClock;

impl Clock for SlowClock {
    fn now(&self) -> Timestamp {
        thread::sleep(Duration::from_millis(20));
        SystemClock.now()
    }
}

#[test]
fn interrupted_run_removes_what_it_stored() {
    let store = Store::start_with(SlowClock);
    let endpoint = format!("--endpoint-url={}", store.endpoint());
    let mut command = Command::new(env!("CARGO_BIN_EXE_upsign"));
    command.args(["probe", "--bucket=uploads", "--region=us-east-1", "--yes", &endpoint]);
    command.env("AWS_ACCESS_KEY_ID", "AKIAIOSFODNN7EXAMPLE");
    command.env("AWS_SECRET_ACCESS_KEY", "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY");
    let mut run = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    eventually(|| store.keys().len() > 2);
    let id = run.id().to_string();
    assert!(Command::new("kill").args(["-INT", &id]).status().unwrap().success());
    let mut errors = String::new();
    run.stderr.take().unwrap().read_to_string(&mut errors).unwrap();
    assert_eq!(run.wait().unwrap().code(), Some(130), "{errors}");
    assert!(errors.contains("interrupted; removing what was stored"), "{errors}");
    assert_eq!(store.keys(), [""; 0]);
}

#[test]
fn what_goes_wrong_is_said_with_what_to_do() {
    let store = Store::start();
    let other = upsign(&["probe", "--bucket=other-bucket", "--region=us-east-1", "--yes"]);
    let other = other.variable("AWS_ENDPOINT_URL_S3", &store.endpoint()).credentials().output();
    other.exits(1).has_message("404 NoSuchBucket").has_message("compare --bucket and --endpoint-url");

    let endpoint = store.endpoint();
    let wrong = upsign(&["probe", "--bucket=uploads", "--region=us-east-1", "--yes", "--json"]);
    let wrong = wrong
        .variable("AWS_ENDPOINT_URL_S3", &endpoint)
        .variable("AWS_ACCESS_KEY_ID", "AKIAIOSFODNN7EXAMPLE");
    let wrong = wrong.variable("AWS_SECRET_ACCESS_KEY", "another").output();
    let error = wrong.exits(1).json();
    assert_eq!(error["error"]["code"], "refused");
    assert!(error["error"]["help"].as_str().unwrap().starts_with("compare AWS_ACCESS_KEY_ID"), "{error}");

    let place =
        ["probe", "--bucket=uploads", "--region=us-east-1", "--endpoint-url=http://127.0.0.1:1", "--yes"];
    let none = upsign(&place).credentials().output();
    none.exits(1).has_message("the store cannot be reached");
    upsign(&place).output().exits(2).has_message("AWS_ACCESS_KEY_ID is not set");
    upsign(&["probe"]).output().exits(2).has_message("no upsign.toml");
    let only = upsign(&["probe", "--only=checksum"]).file("upsign.toml", CONFIG).output();
    only.exits(2).has_message("\"checksum\" is no capability").has_message("if_none_match");
    let bucket = upsign(&["probe", "--bucket=uploads"]).file("upsign.toml", CONFIG).output();
    bucket.exits(2).has_message("no route has the bucket uploads (article-images-bucket)");
    let google = upsign(&["probe", "--yes"]).credentials();
    let config =
        CONFIG.replacen("region = \"ap-southeast-1\"", "provider = \"gcs\"\nsignature = \"goog4-hmac\"", 1);
    let google =
        google.file("upsign.toml", &config.replace("bodyless = \"allow\"", "bodyless = \"refuse\"")).output();
    google.exits(2).has_message("only stores with signatures of AWS can be examined");
}
