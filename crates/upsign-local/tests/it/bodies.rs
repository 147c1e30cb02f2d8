//! Request bodies: early responses, `Expect: 100-continue`, interrupted uploads, missing lengths.

use std::time::Duration;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use upsign_core::Target;

use crate::support::{Fixture, builder};

/// Many clients send the whole body before they read. The server must not close the connection before that.
#[tokio::test]
async fn client_that_sends_the_whole_body_first_receives_the_error() {
    let s3 = Fixture::start().await;
    let url = s3.presign("PUT", "k").header("content-type", "image/jpeg").url();
    let body = vec![7; 20 * 1024 * 1024];
    for _ in 0..5 {
        let headers = [("content-type".to_owned(), "text/html".to_owned())];
        s3.send_to("PUT", &url, &headers, body.clone()).await.expect_error(403, "SignatureDoesNotMatch");
        let mut connection = TcpStream::connect(s3.target.host()).await.unwrap();
        let path = url.split_once(s3.target.host()).unwrap().1;
        let (host, length) = (s3.target.host(), body.len());
        let head = format!("PUT {path} HTTP/1.1\r\nHost: {host}\r\nContent-Length: {length}\r\n\r\n");
        connection.write_all(head.as_bytes()).await.unwrap();
        connection.write_all(&body).await.unwrap();
        let mut start = [0; 12];
        connection.read_exact(&mut start).await.unwrap();
        assert_eq!(&start, b"HTTP/1.1 403");
    }
}

/// The error is sent without `100 Continue`, so the client does not send its body.
#[tokio::test]
async fn expect_continue_receives_the_error_at_once() {
    let s3 = Fixture::start().await;
    let accepted = s3.presign("PUT", "k").url();
    let rejected = accepted.replace("/k?", "/other?");
    for (url, expected) in [(accepted, &b"HTTP/1.1 100"[..]), (rejected, b"HTTP/1.1 403")] {
        let path = url.split_once(s3.target.host()).unwrap().1;
        let mut connection = TcpStream::connect(s3.target.host()).await.unwrap();
        let host = s3.target.host();
        let head = format!(
            "PUT {path} HTTP/1.1\r\nHost: {host}\r\nContent-Length: 9\r\nExpect: 100-continue\r\n\r\n"
        );
        connection.write_all(head.as_bytes()).await.unwrap();
        let mut start = [0; 12];
        let read = tokio::time::timeout(Duration::from_secs(2), connection.read_exact(&mut start)).await;
        read.unwrap().unwrap();
        assert_eq!(start, expected);
    }
}

/// The client closes the connection after half of the body.
#[tokio::test]
async fn interrupted_upload_stores_nothing() {
    let directory = tempfile::tempdir().unwrap();
    let s3 = Fixture::with_builder(builder().directory(directory.path())).await;
    s3.put("old", b"old").await.expect_status(200);
    for key in ["new", "old"] {
        let url = s3.presign("PUT", key).url();
        let mut connection = send_half(&s3.target, &url).await;
        connection.shutdown().await.unwrap();
        let mut response = Vec::new();
        connection.read_to_end(&mut response).await.unwrap();
        drop(connection);
    }
    wait_until_empty(&directory.path().join("incoming")).await;
    assert_eq!(s3.get("old").await.body, b"old");
    assert_eq!(s3.stored().await.len(), 1);
}

#[tokio::test]
async fn chunked_upload_without_length_is_rejected() {
    let s3 = Fixture::start().await;
    let url = s3.presign("PUT", "k").url();
    let path = url.split_once(&s3.s3.address().to_string()).unwrap().1;
    let mut connection = TcpStream::connect(s3.s3.address()).await.unwrap();
    let head = format!(
        "PUT {path} HTTP/1.1\r\nHost: {}\r\nTransfer-Encoding: chunked\r\nConnection: close\r\n\r\n1\r\nx\r\n0\r\n\r\n",
        s3.target.host()
    );
    connection.write_all(head.as_bytes()).await.unwrap();
    let mut response = String::new();
    connection.read_to_string(&mut response).await.unwrap();
    assert!(response.starts_with("HTTP/1.1 501 "), "{response}");
    assert!(response.contains("<Header>Transfer-Encoding</Header>"));
    assert!(s3.stored().await.is_empty());
}

/// Sends the header of a PUT request and half of its body.
pub(crate) async fn send_half(target: &Target, url: &str) -> TcpStream {
    let path = url.split_once(target.host()).unwrap().1;
    let mut connection = TcpStream::connect(target.host()).await.unwrap();
    let head = format!("PUT {path} HTTP/1.1\r\nHost: {}\r\nContent-Length: 200000\r\n\r\n", target.host());
    connection.write_all(head.as_bytes()).await.unwrap();
    connection.write_all(&[7; 100_000]).await.unwrap();
    connection.flush().await.unwrap();
    connection
}

async fn wait_until_empty(directory: &std::path::Path) {
    let remaining = || std::fs::read_dir(directory).unwrap().count();
    for _ in 0..200 {
        if remaining() == 0 {
            return;
        }
        tokio::time::sleep(Duration::from_millis(25)).await;
    }
    assert_eq!(remaining(), 0);
}
