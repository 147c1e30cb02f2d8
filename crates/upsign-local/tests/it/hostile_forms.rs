//! POST forms from a page that has no credentials: their files are never kept in memory.

use std::time::Duration;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

use crate::support::Fixture;

const MIB: usize = 1024 * 1024;
const CONNECTIONS: usize = 10;

/// Returns the resident memory of this process in bytes.
fn resident_bytes() -> usize {
    let status = std::fs::read_to_string("/proc/self/status").unwrap();
    let line = status.lines().find(|line| line.starts_with("VmRSS:")).unwrap();
    let kib: usize = line.split_whitespace().nth(1).unwrap().parse().unwrap();
    kib * 1024
}

/// Returns the beginning of a form of 60 MiB that any page can send, up to the beginning of the file.
fn head(port: u16, fields: &str) -> String {
    let part = "Content-Disposition: form-data; name=";
    let fields =
        format!("--B\r\n{part}\"key\"\r\n\r\na/b\r\n{fields}--B\r\n{part}\"file\"; filename=\"x\"\r\n\r\n");
    format!(
        "POST /article-images HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\nOrigin: https://evil.example\r\n\
         Content-Type: multipart/form-data; boundary=B\r\nContent-Length: {}\r\n\r\n{fields}",
        60 * MIB
    )
}

#[cfg(target_os = "linux")]
#[tokio::test]
async fn unsigned_forms_of_another_origin_are_not_kept_in_memory() {
    let fixture = Fixture::start().await;
    let address = fixture.s3.address();
    let before = resident_bytes();
    let chunk = vec![0; 64 * 1024];
    let mut open = Vec::new();
    for _ in 0..CONNECTIONS {
        let mut stream = TcpStream::connect(address).await.unwrap();
        stream.write_all(head(address.port(), "").as_bytes()).await.unwrap();
        // All but the end of the file. The server may refuse the form and close the connection at any time.
        for _ in 0..(59 * MIB / chunk.len()) {
            let sent = tokio::time::timeout(Duration::from_secs(10), stream.write_all(&chunk)).await;
            if !matches!(sent, Ok(Ok(()))) {
                break;
            }
        }
        open.push(stream);
    }
    let grown = resident_bytes().saturating_sub(before);
    assert!(grown < 200 * MIB, "the server holds {} MiB", grown / MIB);
    for mut stream in open {
        let mut answer = vec![0; 12];
        stream.read_exact(&mut answer).await.unwrap();
        assert_eq!(String::from_utf8_lossy(&answer), "HTTP/1.1 403");
    }
    assert!(fixture.stored().await.is_empty());
}

#[tokio::test]
async fn fields_that_never_end_are_refused() {
    let fixture = Fixture::start().await;
    let address = fixture.s3.address();
    let mut stream = TcpStream::connect(address).await.unwrap();
    let field = format!(
        "--B\r\nContent-Disposition: form-data; name=\"x-amz-meta-a\"\r\n\r\n{}\r\n",
        "a".repeat(30 * 1024)
    );
    stream.write_all(head(address.port(), &field).as_bytes()).await.unwrap();
    let mut answer = vec![0; 1024];
    let read = tokio::time::timeout(Duration::from_secs(20), stream.read(&mut answer)).await;
    let answer = String::from_utf8_lossy(&answer[..read.unwrap().unwrap()]).into_owned();
    assert!(answer.starts_with("HTTP/1.1 400"), "{answer}");
    assert!(answer.contains("MaxPostPreDataLengthExceeded"), "{answer}");
}
