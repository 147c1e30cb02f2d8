//! Starting and stopping servers: ports, directories, `Host` headers, shutdown.

use std::time::{Duration, Instant};

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use upsign_local::{LocalPool, LocalS3, LocalServerError, ShutdownOutcome};
use upsign_testing::FixedClock;

use crate::bodies::send_half;
use crate::support::{Fixture, bucket, builder};

#[tokio::test]
async fn port_in_use_is_reported() {
    let taken = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = taken.local_addr().unwrap().port();
    let expected = format!("port {port} of 127.0.0.1 is already in use");
    let error = builder().port(port).start().await.unwrap_err();
    assert!(matches!(error, LocalServerError::PortInUse { address } if address.port() == port));
    assert_eq!(error.to_string(), expected);
    let error = LocalPool::builder()
        .clock(FixedClock::new("2026-01-01T00:00:00Z"))
        .port(port)
        .start()
        .await
        .unwrap_err();
    assert_eq!(error.to_string(), expected);
}

#[tokio::test]
async fn shutdown_releases_the_port() {
    let first = builder().start().await.unwrap();
    let port = first.address().port();
    first.shutdown().await;
    let second = builder().port(port).start().await.unwrap();
    assert_eq!(second.address().port(), port);
    assert_eq!(second.endpoint().to_string(), format!("http://127.0.0.1:{port}"));
    assert_eq!(second.target(bucket()).path_prefix(), "/article-images");
}

#[tokio::test]
async fn unusable_directory_is_reported() {
    let file = tempfile::NamedTempFile::new().unwrap();
    let error = builder().directory(file.path()).start().await.unwrap_err();
    assert!(matches!(error, LocalServerError::Directory { .. }), "{error:?}");
    let directory = tempfile::tempdir().unwrap();
    std::fs::create_dir(directory.path().join("records")).unwrap();
    std::fs::write(directory.path().join("records/x.json"), "{}").unwrap();
    let error = builder().directory(directory.path()).start().await.unwrap_err();
    assert!(error.to_string().ends_with("x.json is not the record of an object"), "{error}");
}

#[tokio::test]
async fn directory_is_locked_while_a_server_uses_it() {
    let directory = tempfile::tempdir().unwrap();
    let first = builder().directory(directory.path()).start().await.unwrap();
    let error = builder().directory(directory.path()).start().await.unwrap_err();
    assert!(matches!(error, LocalServerError::DirectoryInUse { .. }), "{error:?}");
    first.shutdown().await;
    builder().directory(directory.path()).start().await.unwrap();
}

#[tokio::test]
async fn foreign_host_header_returns_421() {
    let s3 = Fixture::start().await;
    let pool = LocalPool::builder().clock(FixedClock::new("2026-01-01T00:00:00Z")).start().await.unwrap();
    for (port, path) in [
        (s3.s3.address().port(), "/article-images/k"),
        (pool.address().port(), "/local_upsign/.well-known/jwks.json"),
    ] {
        for host in
            [format!("evil.example:{port}"), "127.0.0.1:1".into(), "127.0.0.1".into(), "evil.example".into()]
        {
            let response =
                send_raw(port, &format!("GET {path} HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n\r\n"))
                    .await;
            assert!(response.starts_with("HTTP/1.1 421 "), "{host}: {response}");
        }
        let preflight = format!(
            "OPTIONS {path} HTTP/1.1\r\nHost: evil.example:{port}\r\nOrigin: http://evil.example:{port}\r\nConnection: close\r\n\r\n"
        );
        assert!(send_raw(port, &preflight).await.starts_with("HTTP/1.1 421 "));
        for host in [format!("localhost:{port}"), format!("127.0.0.1:{port}"), format!("a.localhost:{port}")]
        {
            let response =
                send_raw(port, &format!("GET {path} HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n\r\n"))
                    .await;
            assert!(!response.starts_with("HTTP/1.1 421 "), "{host}: {response}");
        }
    }
}

#[tokio::test]
async fn shutdown_of_an_idle_server_is_immediate() {
    let s3 = Fixture::start().await;
    s3.put("k", b"x").await.expect_status(200);
    let idle = TcpStream::connect(s3.s3.address()).await.unwrap();
    let (address, started) = (s3.s3.address(), Instant::now());
    assert_eq!(s3.s3.shutdown().await, ShutdownOutcome::Graceful);
    assert!(started.elapsed() < Duration::from_secs(1), "{:?}", started.elapsed());
    assert!(TcpStream::connect(address).await.is_err());
    drop(idle);
}

#[tokio::test]
async fn shutdown_closes_an_incomplete_upload_after_the_timeout() {
    let directory = tempfile::tempdir().unwrap();
    let limit = Duration::from_millis(300);
    let s3 = Fixture::with_builder(builder().directory(directory.path()).shutdown_timeout(limit)).await;
    let url = s3.presign("PUT", "k").url();
    let mut open = send_half(&s3.target, &url).await;
    let incoming = directory.path().join("incoming");
    while std::fs::read_dir(&incoming).unwrap().count() == 0 {
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    let started = Instant::now();
    assert_eq!(s3.s3.shutdown().await, ShutdownOutcome::Forced { connections: 1 });
    let elapsed = started.elapsed();
    assert!(elapsed >= limit && elapsed < limit + Duration::from_secs(2), "{elapsed:?}");
    // The connection is closed and the received bytes are removed.
    let mut rest = Vec::new();
    let read = tokio::time::timeout(Duration::from_secs(2), open.read_to_end(&mut rest)).await;
    assert!(read.is_ok());
    assert_eq!(std::fs::read_dir(&incoming).unwrap().count(), 0);
    assert_eq!(std::fs::read_dir(directory.path().join("records")).unwrap().count(), 0);
}

#[tokio::test]
async fn shutdown_waits_for_a_request_in_progress() {
    let s3 = Fixture::with_builder(builder().shutdown_timeout(Duration::from_secs(10))).await;
    let url = s3.presign("PUT", "k").url();
    let mut open = send_half(&s3.target, &url).await;
    let stopping = tokio::spawn(s3.s3.shutdown());
    tokio::time::sleep(Duration::from_millis(100)).await;
    open.write_all(&[7; 100_000]).await.unwrap();
    let mut response = String::new();
    open.read_to_string(&mut response).await.unwrap();
    assert!(response.starts_with("HTTP/1.1 200 "), "{response}");
    assert_eq!(stopping.await.unwrap(), ShutdownOutcome::Graceful);
}

#[tokio::test]
async fn router_runs_in_another_axum_server() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let router = builder().into_router(address).await.unwrap();
    let server = tokio::spawn(async move { axum::serve(listener, router).await });
    let target = upsign_core::Target::at(
        &format!("http://{address}").parse().unwrap(),
        upsign_core::Addressing::Path,
        bucket(),
        crate::support::REGION.parse().unwrap(),
    );
    let (target, credentials) = (target.unwrap(), crate::support::credentials());
    let url = crate::sign::Presign::new(&target, &credentials, "PUT", "k").url();
    let response = crate::support::client().put(url).body("x").send().await.unwrap();
    assert_eq!(response.status().as_u16(), 200);
    server.abort();
}

#[test]
fn servers_are_send_and_sync() {
    fn assert_send_sync<T: Send + Sync>() {}
    assert_send_sync::<LocalS3>();
    assert_send_sync::<LocalPool>();
    assert_send_sync::<LocalServerError>();
}

/// Sends a request as text and returns the response as text.
async fn send_raw(port: u16, request: &str) -> String {
    let mut connection = TcpStream::connect(("127.0.0.1", port)).await.unwrap();
    connection.write_all(request.as_bytes()).await.unwrap();
    let mut response = String::new();
    connection.read_to_string(&mut response).await.unwrap();
    response
}
