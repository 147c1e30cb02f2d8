//! A transport without a network: a store in memory that honors only some of the features of S3, and failures on demand.

use std::collections::BTreeMap;
use std::sync::Mutex;

use upsign_core::{Credentials, Target, Timestamp};
use upsign_probe::{
    HttpAnswer, HttpRequest, NoAnswer, Plan, PlanOptions, ProbeError, ProbePrefix, ProbedStore, Report, Stop,
    Transport, async_trait, probe,
};

pub(crate) const PREFIX: &str = "upsign-probe-0102030405060708/";
const NOW: &str = "2026-01-31T12:00:00Z";

/// Answers a request, or leaves it to the store.
pub(crate) type Rule = Box<dyn Fn(&HttpRequest) -> Option<Result<HttpAnswer, NoAnswer>> + Send + Sync>;

/// Stores objects without looking at signatures or headers.
pub(crate) struct Script {
    pub(crate) objects: Mutex<BTreeMap<String, Vec<u8>>>,
    pub(crate) sent: Mutex<Vec<String>>,
    rule: Rule,
}

impl std::fmt::Debug for Script {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Script")
    }
}

impl Script {
    pub(crate) fn new(rule: Rule) -> Self {
        Self { objects: Mutex::default(), sent: Mutex::default(), rule }
    }

    pub(crate) fn keys(&self) -> Vec<String> {
        self.objects.lock().unwrap().keys().cloned().collect()
    }

    /// Runs the experiments with these names.
    pub(crate) async fn run(&self, only: &[&str]) -> Result<Report, ProbeError> {
        self.run_until(only, &Stop::new()).await
    }

    pub(crate) async fn run_until(&self, only: &[&str], stop: &Stop) -> Result<Report, ProbeError> {
        let now: Timestamp = NOW.parse().unwrap();
        probe(&store(), &plan(only), self, &|| now, stop).await
    }
}

pub(crate) fn store() -> ProbedStore {
    let target = Target::aws("uploads-bucket".parse().unwrap(), "eu-central-1".parse().unwrap());
    ProbedStore::new(target, &Credentials::long_term("AKIDEXAMPLE", "secret").unwrap()).unwrap()
}

pub(crate) fn plan(only: &[&str]) -> Plan {
    let mut options = PlanOptions::default();
    options.only = only.iter().map(|name| (*name).to_owned()).collect();
    Plan::new(ProbePrefix::new(&[1, 2, 3, 4, 5, 6, 7, 8]), &options)
}

/// Returns an answer without headers other than the date, which is 90 seconds ahead.
pub(crate) fn answer(status: u16, body: &str) -> HttpAnswer {
    let date = "Sat, 31 Jan 2026 12:01:30 GMT".to_owned();
    let headers = vec![("date".to_owned(), date), ("etag".to_owned(), "\"e\"".to_owned())];
    HttpAnswer { status, headers, body: body.as_bytes().to_vec() }
}

pub(crate) fn error(status: u16, code: &str) -> HttpAnswer {
    answer(status, &format!("<Error><Code>{code}</Code><Message>secret text</Message></Error>"))
}

#[async_trait]
impl Transport for Script {
    async fn send(&self, request: &HttpRequest) -> Result<HttpAnswer, NoAnswer> {
        let address =
            request.address().trim_start_matches("https://uploads-bucket.s3.eu-central-1.amazonaws.com/");
        self.sent.lock().unwrap().push(format!("{} {address}", request.method));
        if let Some(answer) = (self.rule)(request) {
            return answer;
        }
        let mut objects = self.objects.lock().unwrap();
        Ok(match request.method {
            "PUT" => {
                objects.insert(address.to_owned(), request.body.clone());
                answer(200, "")
            }
            "GET" if address.is_empty() => {
                let entry = |key: &String| format!("<Contents><Key>{key}</Key></Contents>");
                let entries: String =
                    objects.keys().filter(|key| key.starts_with(PREFIX)).map(entry).collect();
                answer(200, &format!("<ListBucketResult>{entries}</ListBucketResult>"))
            }
            "GET" | "HEAD" => match objects.get(address) {
                Some(body) => answer(200, &String::from_utf8_lossy(body)),
                None => error(404, "NoSuchKey"),
            },
            "DELETE" => {
                objects.remove(address);
                answer(204, "")
            }
            _ => error(501, "NotImplemented"),
        })
    }
}
