//! The address of the client and the request id, under any server that provides `ConnectInfo`.

use std::io::Write;
use std::net::SocketAddr;
use std::sync::{Arc, LazyLock, Mutex};

use axum::Router;
use axum::body::Body;
use axum::extract::connect_info::MockConnectInfo;
use axum::routing::get;
use http::{Request, StatusCode};
use tokio::net::TcpListener;
use tower::ServiceExt;
use upsign_axum::{ClientAddress, NoObserver, TrustedProxies, observe};

use crate::json;
use crate::server::Running;

/// Answers with the address of the client.
fn addresses() -> Router {
    Router::new().route("/address", get(|ClientAddress(address)| async move { address.to_string() }))
}

fn trusting_loopback() -> TrustedProxies {
    TrustedProxies::new(["127.0.0.0/8".parse().unwrap()])
}

/// Serves `app` with `axum::serve`, with `ConnectInfo` or without, and returns the response to one request.
async fn response_of_axum_serve(app: Router, connect_info: bool) -> reqwest::Response {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}/address", listener.local_addr().unwrap());
    let serving = tokio::spawn(async move {
        if connect_info {
            let app = app.into_make_service_with_connect_info::<SocketAddr>();
            axum::serve(listener, app).await.unwrap();
        } else {
            axum::serve(listener, app).await.unwrap();
        }
    });
    let client = reqwest::Client::builder().no_proxy().build().unwrap();
    let response = client.get(url).header("x-forwarded-for", "198.51.100.7").send().await.unwrap();
    serving.abort();
    response
}

#[tokio::test]
async fn axum_serve_with_connect_info_provides_the_client_address() {
    let app = observe(addresses(), TrustedProxies::default(), NoObserver);
    let response = response_of_axum_serve(app, true).await;
    assert_eq!(response.status(), StatusCode::OK);
    assert_eq!(response.text().await.unwrap(), "127.0.0.1", "an untrusted peer is the client");
}

#[tokio::test]
async fn axum_serve_with_connect_info_honors_trusted_proxies() {
    let app = observe(addresses(), trusting_loopback(), NoObserver);
    let response = response_of_axum_serve(app, true).await;
    assert_eq!(response.status(), StatusCode::OK);
    assert_eq!(response.text().await.unwrap(), "198.51.100.7");
}

#[tokio::test]
async fn without_connect_info_the_answer_is_a_problem_document_and_the_log_says_what_to_add() {
    let log = Log::default();
    let _logging = log.start();
    for app in [addresses(), observe(addresses(), trusting_loopback(), NoObserver)] {
        let response = response_of_axum_serve(app, false).await;
        assert_eq!(response.status(), StatusCode::INTERNAL_SERVER_ERROR);
        assert_eq!(response.headers()["content-type"], "application/problem+json");
        let body = response.bytes().await.unwrap();
        assert_eq!(json(Body::from(body)).await["code"], "internal");
        let lines = log.take();
        let remedy = "into_make_service_with_connect_info::<SocketAddr>()";
        assert!(lines.contains(remedy) && lines.contains("ERROR"), "{lines}");
    }
}

#[tokio::test]
async fn server_provides_the_client_address_without_observe() {
    let running = Running::start(addresses(), |server| server).await;
    let client = reqwest::Client::builder().no_proxy().build().unwrap();
    let request = client.get(format!("http://{}/address", running.address));
    let response = request.header("x-forwarded-for", "198.51.100.7").send().await.unwrap();
    assert_eq!(response.text().await.unwrap(), "127.0.0.1", "no proxy is trusted");
    drop(client);
    running.end().await;
}

#[tokio::test]
async fn proxies_without_effect_are_logged_once() {
    let log = Log::default();
    let _logging = log.start();
    let app = |proxies| observe(Router::new(), proxies, NoObserver);
    let request = || Request::get("/").body(Body::empty()).unwrap();
    for (app, expected) in [(app(trusting_loopback()), [1, 0]), (app(TrustedProxies::default()), [0, 0])] {
        for expected in expected {
            app.clone().oneshot(request()).await.unwrap();
            assert_eq!(log.take().matches("trusted proxies have no effect").count(), expected);
        }
    }
}

#[tokio::test]
async fn mock_connect_info_provides_the_client_address() {
    let peer = MockConnectInfo(SocketAddr::from(([127, 0, 0, 1], 4711)));
    let request = || {
        let request = Request::get("/address").header("x-forwarded-for", "198.51.100.7");
        request.body(Body::empty()).unwrap()
    };
    let observed = observe(addresses(), trusting_loopback(), NoObserver).layer(peer);
    for (app, expected) in [(observed, "198.51.100.7"), (addresses().layer(peer), "127.0.0.1")] {
        let response = app.oneshot(request()).await.unwrap();
        assert_eq!(response.status(), StatusCode::OK);
        assert_eq!(axum::body::to_bytes(response.into_body(), 100).await.unwrap(), expected);
    }
}

/// Collects the log of the current thread.
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
    pub(crate) fn start(&self) -> tracing::subscriber::DefaultGuard {
        LazyLock::force(&SECOND);
        let log = self.clone();
        let subscriber = tracing_subscriber::fmt().with_ansi(false).with_writer(move || log.clone()).finish();
        tracing::subscriber::set_default(subscriber)
    }

    pub(crate) fn take(&self) -> String {
        String::from_utf8(std::mem::take(&mut *self.0.lock().unwrap())).unwrap()
    }
}
