//! Bodies that do not arrive as they should.

use std::time::Duration;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use upsign_core::Target;

use crate::support::{Fixture, builder};

/// Many clients send all they have before they read.
#[tokio::test]
async fn a_client_that_sends_everything_first_gets_its_answer() {
    let s3 = Fixture::start().await;
    let url = s3.presign("PUT", "k").header("content-type", "image/jpeg").url();
    let body = vec![7; 20 * 1024 * 1024];
    for _ in 0..5 {
        let headers = [("content-type".to_owned(), "text/html".to_owned())];
        s3.send_to("PUT", &url, &headers, body.clone()).await.refused(403, "SignatureDoesNotMatch");
        let mut connection = TcpStream::connect(s3.target.host()).await.unwrap();
        let path = url.split_once(s3.target.host()).unwrap().1;
        let (host, length) = (s3.target.host(), body.len());
        let head = format!("PUT {path} HTTP/1.1\r\nHost: {host}\r\nContent-Length: {length}\r\n\r\n");
        connection.write_all(head.as_bytes()).await.unwrap();
        connection.write_all(&body).await.unwrap();
        let mut begin = [0; 12];
        connection.read_exact(&mut begin).await.unwrap();
        assert_eq!(&begin, b"HTTP/1.1 403");
    }
}

/// The refusal comes without a byte of the body having been asked for.
#[tokio::test]
async fn a_client_that_waits_for_the_go_ahead_is_refused_at_once() {
    let s3 = Fixture::start().await;
    let taken = s3.presign("PUT", "k").url();
    let refused = taken.replace("/k?", "/other?");
    for (url, answer) in [(taken, &b"HTTP/1.1 100"[..]), (refused, b"HTTP/1.1 403")] {
        let path = url.split_once(s3.target.host()).unwrap().1;
        let mut connection = TcpStream::connect(s3.target.host()).await.unwrap();
        let host = s3.target.host();
        let head = format!(
            "PUT {path} HTTP/1.1\r\nHost: {host}\r\nContent-Length: 9\r\nExpect: 100-continue\r\n\r\n"
        );
        connection.write_all(head.as_bytes()).await.unwrap();
        let mut begin = [0; 12];
        let read = tokio::time::timeout(Duration::from_secs(2), connection.read_exact(&mut begin)).await;
        read.unwrap().unwrap();
        assert_eq!(begin, answer);
    }
}

/// Half of an upload, then the connection ends.
#[tokio::test]
async fn an_interrupted_upload_leaves_nothing() {
    let directory = tempfile::tempdir().unwrap();
    let s3 = Fixture::of(builder().directory(directory.path())).await;
    s3.put("old", b"old").await.expect(200);
    for key in ["new", "old"] {
        let url = s3.presign("PUT", key).url();
        let mut connection = half_sent(&s3.target, &url).await;
        connection.shutdown().await.unwrap();
        let mut answer = Vec::new();
        connection.read_to_end(&mut answer).await.unwrap();
        drop(connection);
    }
    wait_until_empty(&directory.path().join("incoming")).await;
    assert_eq!(s3.get("old").await.body, b"old");
    assert_eq!(s3.stored().await.len(), 1);
}

#[tokio::test]
async fn chunked_uploads_without_a_length_are_refused() {
    let s3 = Fixture::start().await;
    let url = s3.presign("PUT", "k").url();
    let path = url.split_once(&s3.s3.address().to_string()).unwrap().1;
    let mut connection = TcpStream::connect(s3.s3.address()).await.unwrap();
    let head = format!(
        "PUT {path} HTTP/1.1\r\nHost: {}\r\nTransfer-Encoding: chunked\r\nConnection: close\r\n\r\n1\r\nx\r\n0\r\n\r\n",
        s3.target.host()
    );
    connection.write_all(head.as_bytes()).await.unwrap();
    let mut answer = String::new();
    connection.read_to_string(&mut answer).await.unwrap();
    assert!(answer.starts_with("HTTP/1.1 501 "), "{answer}");
    assert!(answer.contains("<Header>Transfer-Encoding</Header>"));
    assert!(s3.stored().await.is_empty());
}

/// Sends the head of a PUT and half of its body.
pub(crate) async fn half_sent(target: &Target, url: &str) -> TcpStream {
    let path = url.split_once(target.host()).unwrap().1;
    let mut connection = TcpStream::connect(target.host()).await.unwrap();
    let head = format!("PUT {path} HTTP/1.1\r\nHost: {}\r\nContent-Length: 200000\r\n\r\n", target.host());
    connection.write_all(head.as_bytes()).await.unwrap();
    connection.write_all(&[7; 100_000]).await.unwrap();
    connection.flush().await.unwrap();
    connection
}

async fn wait_until_empty(directory: &std::path::Path) {
    let left = || std::fs::read_dir(directory).unwrap().count();
    for _ in 0..200 {
        if left() == 0 {
            return;
        }
        tokio::time::sleep(Duration::from_millis(25)).await;
    }
    assert_eq!(left(), 0);
}
