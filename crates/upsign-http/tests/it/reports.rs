//! Every refusal is reported exactly once: one call of the observers and one line in the log.

use std::io::Write;
use std::num::NonZeroU32;
use std::sync::{Arc, LazyLock, Mutex};

use bytes::Bytes;
use http::Request;
use upsign::{PerCallerRateLimit, TooManyRequests, UploadService, Uuid, rate_limit_fn};
use upsign_core::{CorsOrigins, Identity};
use upsign_http::{Api, Problem, RefusedRequest, UploadBody};
use upsign_policy::Bodyless;
use upsign_testing::{RecordingObserver, UploadEvent};

use crate::fixture::{FakeAuthenticator, ORIGIN, TOKEN, at, issuer, post};

/// Returns each event as one line, and empties the record.
fn take(observer: &RecordingObserver) -> Vec<String> {
    let line = |event| match event {
        UploadEvent::Refused(refusal) => {
            let caller = refusal.caller.as_ref().map_or("-", |caller| caller.subject().as_str());
            let fault = if refusal.service_fault { "service" } else { "client" };
            assert!(refusal.reason.as_ref().is_some_and(|reason| !reason.is_empty()), "{refusal:?}");
            format!("{} {caller} {fault}", refusal.code)
        }
        other => other.code().to_owned(),
    };
    observer.take().into_iter().map(line).collect()
}

/// Collects what the log contains at a level.
#[derive(Clone, Default)]
pub(crate) struct Log(Arc<Mutex<Vec<u8>>>);

impl Write for Log {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.0.lock().unwrap().extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

/// A second subscriber for the process. If there is only one, `tracing` decides whether an event is of interest by the subscriber
/// of the thread that reaches it first, and remembers it: that of another test has none.
static SECOND: LazyLock<tracing::Dispatch> =
    LazyLock::new(|| tracing::Dispatch::new(tracing::subscriber::NoSubscriber::default()));

impl Log {
    pub(crate) fn start(&self, level: tracing::Level) -> tracing::subscriber::DefaultGuard {
        LazyLock::force(&SECOND);
        let log = self.clone();
        let subscriber = tracing_subscriber::fmt()
            .with_max_level(level)
            .with_ansi(false)
            .with_writer(move || log.clone())
            .finish();
        tracing::subscriber::set_default(subscriber)
    }

    pub(crate) fn lines(&self) -> Vec<String> {
        let text = String::from_utf8(std::mem::take(&mut *self.0.lock().unwrap())).unwrap();
        text.lines().map(str::to_owned).collect()
    }
}

fn request(method: &str, path: &str) -> Request<Bytes> {
    Request::builder().method(method).uri(path).body(Bytes::new()).unwrap()
}

fn service(bodyless: Bodyless, recorder: &RecordingObserver) -> UploadService<crate::fixture::Signer> {
    UploadService::from(issuer(bodyless)).with_observer(recorder.clone())
}

#[tokio::test]
async fn every_refusal_is_reported_once() {
    let (recorder, log) = (RecordingObserver::new(), Log::default());
    let guard = log.start(tracing::Level::INFO);
    let service = |bodyless| service(bodyless, &recorder);
    let preflight = Request::options("/upload-url").header("origin", "https://evil.example");
    let with_token = |body: &str| post(&[("authorization", TOKEN)], body);
    for (service, request, report, reason) in [
        (service(Bodyless::Allow), request("POST", "/other"), "not-found - client", "nothing is served"),
        (service(Bodyless::Allow), request("GET", "/upload-url"), "method-not-allowed - client", "method"),
        (
            service(Bodyless::Allow),
            preflight.body(Bytes::new()).unwrap(),
            "origin-not-allowed - client",
            "origin",
        ),
        (
            service(Bodyless::Allow),
            post(&[("authorization", "Bearer bad")], ""),
            "unauthorized - client",
            "token-signature: bad signature",
        ),
        (
            service(Bodyless::Allow),
            post(&[("authorization", "Bearer later")], ""),
            "keys-unavailable - service",
            "the key endpoint is unreachable",
        ),
        (
            service(Bodyless::Allow)
                .with_rate_limit(rate_limit_fn(|_, _| async { Err(TooManyRequests::new(7)) })),
            with_token(""),
            "too-many-requests alice client",
            "7 seconds",
        ),
        (service(Bodyless::Allow), with_token("{"), "body-syntax alice client", "JSON"),
        (service(Bodyless::Refuse), with_token(""), "body-required alice client", "body"),
        (
            service(Bodyless::Allow),
            with_token(r#"{"route":"other"}"#),
            "route-unknown alice client",
            "route does not exist",
        ),
    ] {
        let api = Api::new(service, CorsOrigins::listed([ORIGIN.parse().unwrap()]));
        let response = api.handle(&request, at(), &FakeAuthenticator).await;
        assert!(!response.status().is_success(), "{report}");
        assert_eq!(take(&recorder), [report]);
        let lines = log.lines();
        let code = report.split(' ').next().unwrap();
        assert_eq!(lines.len(), 1, "{lines:?}");
        let level = match code {
            "not-found" | "method-not-allowed" => " INFO ",
            "keys-unavailable" => "ERROR ",
            _ => " WARN ",
        };
        assert!(lines[0].contains(level), "{lines:?}");
        assert!(
            lines[0].contains("request refused") && lines[0].contains(&format!("code=\"{code}\"")),
            "{lines:?}"
        );
        assert!(lines[0].contains(reason), "{lines:?}");
    }
    drop(guard);
}

/// Twenty thousand invalid tokens within ten seconds: a flood that cannot fill a disk, and is counted completely.
#[tokio::test]
async fn flood_of_refusals_writes_few_lines_and_says_how_many_it_did_not() {
    let (recorder, log) = (RecordingObserver::new(), Log::default());
    let guard = log.start(tracing::Level::INFO);
    let api = Api::new(service(Bodyless::Allow, &recorder), CorsOrigins::listed([]));
    let refused = post(&[("authorization", "Bearer bad")], "");
    for n in 0..20_000 {
        api.handle(&refused, at().saturating_add(n / 2_000), &FakeAuthenticator).await;
    }
    assert_eq!(take(&recorder).len(), 20_000);
    let lines = log.lines();
    assert!(lines.len() <= 22 && lines.iter().any(|line| line.contains("further refusals")), "{lines:?}");
    api.handle(&request("GET", "/other"), at().saturating_add(120), &FakeAuthenticator).await;
    let lines = log.lines();
    assert_eq!(lines.len(), 2, "{lines:?}");
    assert!(
        lines[0].contains("refusals were not logged") && lines[0].contains("token-signature"),
        "{lines:?}"
    );
    drop(guard);
}

#[tokio::test]
async fn grant_is_reported_once_and_not_as_a_refusal() {
    let (recorder, log) = (RecordingObserver::new(), Log::default());
    let guard = log.start(tracing::Level::WARN);
    let api = Api::new(service(Bodyless::Allow, &recorder), CorsOrigins::listed([]));
    let response = api.handle(&post(&[("authorization", TOKEN)], ""), at(), &FakeAuthenticator).await;
    assert!(response.status().is_success());
    assert_eq!(take(&recorder), ["granted"]);
    assert!(log.lines().is_empty());
    drop(guard);
}

/// An own handler with a clone of the service or of the API uses up the requests of the endpoint, and the reverse.
#[tokio::test]
async fn endpoint_and_own_handlers_share_the_rate_limit_and_the_observers() {
    let recorder = RecordingObserver::new();
    let four = NonZeroU32::new(4).unwrap();
    let service = service(Bodyless::Allow, &recorder).with_rate_limit(PerCallerRateLimit::new(four, four));
    let api = Api::new(service.clone(), CorsOrigins::listed([]));
    let alice = Identity::from_verified("https://issuer.example", "alice").unwrap();
    let bodyless = upsign::UploadRequest::bodyless();
    let article = [("articleId", Uuid::from_u128(7))];
    let body = |text: &str| {
        let request = post(&[], text);
        UploadBody::read(request.headers(), request.body(), &[])
    };
    let endpoint = async |api: &Api<_>| {
        let answer = api.handle(&post(&[("authorization", TOKEN)], ""), at(), &FakeAuthenticator).await;
        answer.status().as_u16()
    };
    assert_eq!(endpoint(&api).await, 200);
    assert!(service.issue_under(&alice, None, &bodyless, article, at()).await.is_ok());
    assert_eq!(
        api.clone().issue_under(&alice, body(""), article, at()).await.unwrap().id("articleId"),
        Some(article[0].1)
    );
    assert_eq!(api.issue_under(&alice, body("{"), article, at()).await.unwrap_err().code(), "body-syntax");
    assert_eq!(endpoint(&api.clone()).await, 429);
    assert_eq!(
        api.issue_under(&alice, body("{"), article, at()).await.unwrap_err().code(),
        "too-many-requests"
    );
    let codes = ["granted", "granted", "granted", "body-syntax alice client"];
    let limited = ["too-many-requests alice client"; 2];
    assert_eq!(take(&recorder), [&codes[..], &limited[..]].concat());
}

#[tokio::test]
async fn own_handler_reports_each_refusal_once() {
    let (recorder, log) = (RecordingObserver::new(), Log::default());
    let guard = log.start(tracing::Level::INFO);
    let api = Api::new(service(Bodyless::Allow, &recorder), CorsOrigins::listed([]));
    let alice = Identity::from_verified("https://issuer.example", "alice").unwrap();
    for (body, ids, event, reason) in [
        ("{", [("articleId", Uuid::nil())], "body-syntax alice client", "JSON"),
        (r#"{"route":"x"}"#, [("articleId", Uuid::nil())], "route-unknown alice client", "route"),
        ("", [("bookId", Uuid::nil())], "internal alice service", "bookId"),
    ] {
        let request = post(&[], body);
        let body = UploadBody::read(request.headers(), request.body(), &[]);
        assert!(api.issue_under(&alice, body, ids, at()).await.is_err());
        assert_eq!(take(&recorder), [event]);
        let lines = log.lines();
        assert!(
            lines.len() == 1 && lines[0].contains("request refused") && lines[0].contains(reason),
            "{lines:?}"
        );
    }
    // What the handler itself could not read is reported under its own problem.
    let large: Result<UploadBody, Problem> = Err(Problem::body_too_large(9));
    let problem = api.issue_under(&alice, large, [], at()).await.unwrap_err();
    assert_eq!(
        (problem, take(&recorder)),
        (Problem::body_too_large(9), vec!["body-too-large alice client".to_owned()])
    );
    drop(guard);
}

#[tokio::test]
async fn adapter_refusal_is_reported_once() {
    let (recorder, log) = (RecordingObserver::new(), Log::default());
    let guard = log.start(tracing::Level::WARN);
    let origins = CorsOrigins::listed([ORIGIN.parse().unwrap()]);
    let api = Api::new(service(Bodyless::Allow, &recorder), origins);
    let mut headers = http::HeaderMap::new();
    headers.insert("origin", ORIGIN.parse().unwrap());
    let refused = RefusedRequest::new(Problem::took_too_long(), at()).with_reason("no answer after 10s");
    let response = api.refuse(&headers, &refused);
    assert_eq!((response.status().as_u16(), &response.headers()["retry-after"]), (503, &5.into()));
    assert_eq!(response.headers()["access-control-allow-origin"], ORIGIN);
    assert_eq!(take(&recorder), ["took-too-long - service"]);
    let lines = log.lines();
    assert!(lines.len() == 1 && lines[0].contains("ERROR"), "{lines:?}");
    assert!(lines[0].contains("no answer after 10s"), "{lines:?}");
    drop(guard);
}

#[tokio::test]
async fn observers_see_why_a_token_was_refused_and_clients_do_not() {
    let observer = RecordingObserver::new();
    let service = UploadService::from(issuer(Bodyless::Allow)).with_observer(observer.clone());
    let api = Api::new(service, CorsOrigins::listed([]));
    let request = post(&[("authorization", "Bearer bad")], "");
    let response = api.handle(&request, at(), &FakeAuthenticator).await;
    assert_eq!(observer.refusals()[0].reason.as_deref(), Some("token-signature: bad signature"));
    assert_eq!(response.status(), 401);
    assert!(!response.body().contains("signature"), "{}", response.body());
}
