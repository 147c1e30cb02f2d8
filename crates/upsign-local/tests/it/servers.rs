//! Ports, hosts and shutting down.

use std::time::{Duration, Instant};

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use upsign_local::{LocalPool, LocalS3, LocalServerError, ShutdownOutcome};

use crate::bodies::half_sent;
use crate::support::{Fixture, bucket, builder, stopped_clock};

#[tokio::test]
async fn a_port_in_use_is_said_plainly() {
    let taken = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = taken.local_addr().unwrap().port();
    let wanted = format!("port {port} of 127.0.0.1 is already in use");
    let error = builder().port(port).start().await.unwrap_err();
    assert!(matches!(error, LocalServerError::PortInUse { address } if address.port() == port));
    assert_eq!(error.to_string(), wanted);
    let error =
        LocalPool::builder(stopped_clock("2026-01-01T00:00:00Z")).port(port).start().await.unwrap_err();
    assert_eq!(error.to_string(), wanted);
}

#[tokio::test]
async fn a_port_is_free_again_after_the_shutdown() {
    let first = builder().start().await.unwrap();
    let port = first.address().port();
    first.shutdown().await;
    let second = builder().port(port).start().await.unwrap();
    assert_eq!(second.address().port(), port);
    assert_eq!(second.endpoint().to_string(), format!("http://127.0.0.1:{port}"));
    assert_eq!(second.target(bucket()).path_prefix(), "/article-images");
}

#[tokio::test]
async fn a_directory_that_is_none() {
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
async fn a_directory_serves_one_server_at_a_time() {
    let directory = tempfile::tempdir().unwrap();
    let first = builder().directory(directory.path()).start().await.unwrap();
    let error = builder().directory(directory.path()).start().await.unwrap_err();
    assert!(matches!(error, LocalServerError::DirectoryInUse { .. }), "{error:?}");
    first.shutdown().await;
    builder().directory(directory.path()).start().await.unwrap();
}

#[tokio::test]
async fn a_foreign_host_is_misdirected() {
    let s3 = Fixture::start().await;
    let pool = LocalPool::builder(stopped_clock("2026-01-01T00:00:00Z")).start().await.unwrap();
    for (port, path) in [
        (s3.s3.address().port(), "/article-images/k"),
        (pool.address().port(), "/local_upsign/.well-known/jwks.json"),
    ] {
        for host in
            [format!("evil.example:{port}"), "127.0.0.1:1".into(), "127.0.0.1".into(), "evil.example".into()]
        {
            let answer =
                raw(port, &format!("GET {path} HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n\r\n")).await;
            assert!(answer.starts_with("HTTP/1.1 421 "), "{host}: {answer}");
        }
        let rebound = format!(
            "OPTIONS {path} HTTP/1.1\r\nHost: evil.example:{port}\r\nOrigin: http://evil.example:{port}\r\nConnection: close\r\n\r\n"
        );
        assert!(raw(port, &rebound).await.starts_with("HTTP/1.1 421 "));
        for host in [format!("localhost:{port}"), format!("127.0.0.1:{port}"), format!("a.localhost:{port}")]
        {
            let answer =
                raw(port, &format!("GET {path} HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n\r\n")).await;
            assert!(!answer.starts_with("HTTP/1.1 421 "), "{host}: {answer}");
        }
    }
}

#[tokio::test]
async fn shutting_down_an_idle_server() {
    let s3 = Fixture::start().await;
    s3.put("k", b"x").await.expect(200);
    let idle = TcpStream::connect(s3.s3.address()).await.unwrap();
    let (address, begun) = (s3.s3.address(), Instant::now());
    assert_eq!(s3.s3.shutdown().await, ShutdownOutcome::Graceful);
    assert!(begun.elapsed() < Duration::from_secs(1), "{:?}", begun.elapsed());
    assert!(TcpStream::connect(address).await.is_err());
    drop(idle);
}

#[tokio::test]
async fn shutting_down_with_an_upload_half_sent() {
    let directory = tempfile::tempdir().unwrap();
    let limit = Duration::from_millis(300);
    let s3 = Fixture::of(builder().directory(directory.path()).shutdown_timeout(limit)).await;
    let url = s3.presign("PUT", "k").url();
    let mut open = half_sent(&s3.target, &url).await;
    let incoming = directory.path().join("incoming");
    while std::fs::read_dir(&incoming).unwrap().count() == 0 {
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    let begun = Instant::now();
    assert_eq!(s3.s3.shutdown().await, ShutdownOutcome::Forced { connections: 1 });
    let took = begun.elapsed();
    assert!(took >= limit && took < limit + Duration::from_secs(2), "{took:?}");
    // The connection is cut and what it brought is gone.
    let mut rest = Vec::new();
    let read = tokio::time::timeout(Duration::from_secs(2), open.read_to_end(&mut rest)).await;
    assert!(read.is_ok());
    assert_eq!(std::fs::read_dir(&incoming).unwrap().count(), 0);
    assert_eq!(std::fs::read_dir(directory.path().join("records")).unwrap().count(), 0);
}

#[tokio::test]
async fn a_request_under_way_is_finished() {
    let s3 = Fixture::of(builder().shutdown_timeout(Duration::from_secs(10))).await;
    let url = s3.presign("PUT", "k").url();
    let mut open = half_sent(&s3.target, &url).await;
    let stopping = tokio::spawn(s3.s3.shutdown());
    tokio::time::sleep(Duration::from_millis(100)).await;
    open.write_all(&[7; 100_000]).await.unwrap();
    let mut answer = String::new();
    open.read_to_string(&mut answer).await.unwrap();
    assert!(answer.starts_with("HTTP/1.1 200 "), "{answer}");
    assert_eq!(stopping.await.unwrap(), ShutdownOutcome::Graceful);
}

#[tokio::test]
async fn served_by_another_axum_server() {
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
    let answer = crate::support::client().put(url).body("x").send().await.unwrap();
    assert_eq!(answer.status().as_u16(), 200);
    server.abort();
}

#[test]
fn handles_cross_threads() {
    fn both<T: Send + Sync>() {}
    both::<LocalS3>();
    both::<LocalPool>();
    both::<LocalServerError>();
}

async fn raw(port: u16, request: &str) -> String {
    let mut connection = TcpStream::connect(("127.0.0.1", port)).await.unwrap();
    connection.write_all(request.as_bytes()).await.unwrap();
    let mut answer = String::new();
    connection.read_to_string(&mut answer).await.unwrap();
    answer
}
