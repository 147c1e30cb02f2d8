//! Forms and uploads from a page that has no credentials: their files are never kept in memory.

use std::time::Duration;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

use crate::support::Fixture;

const MIB: usize = 1024 * 1024;
const CONNECTIONS: usize = 50;

/// Returns a number of `/proc/self/status` in bytes.
fn memory(name: &str) -> usize {
    let status = std::fs::read_to_string("/proc/self/status").unwrap();
    let line = status.lines().find(|line| line.starts_with(name)).unwrap();
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

/// Returns the beginning of an upload of 60 MiB by PUT, without a signature.
fn put_head(port: u16) -> String {
    format!(
        "PUT /article-images/a/b HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\nOrigin: https://evil.example\r\n\
         Content-Type: image/jpeg\r\nContent-Length: {}\r\n\r\n",
        60 * MIB
    )
}

/// The test below measures the memory of its process. Other tests would disturb it, so it runs in one of its own.
const CHILD: &str = "UPSIGN_TEST_HOSTILE_FORMS";

#[cfg(target_os = "linux")]
#[test]
fn unsigned_bodies_of_another_origin_are_not_kept_in_memory() {
    let test = "hostile_forms::memory_of_unsigned_bodies";
    let child = std::process::Command::new(std::env::current_exe().unwrap())
        .args(["--exact", test, "--ignored", "--nocapture"])
        .env(CHILD, "1")
        .output()
        .unwrap();
    let output = String::from_utf8_lossy(&[child.stdout, child.stderr].concat()).into_owned();
    assert!(child.status.success() && output.contains("1 passed"), "{output}");
}

#[tokio::test]
#[ignore = "unsigned_bodies_of_another_origin_are_not_kept_in_memory runs it in a process of its own"]
async fn memory_of_unsigned_bodies() {
    #[expect(clippy::disallowed_methods, reason = "the variable tells the two processes apart")]
    let is_alone = std::env::var_os(CHILD).is_some();
    if !is_alone {
        return;
    }
    let fixture = Fixture::start().await;
    let address = fixture.s3.address();
    let chunk = vec![0; 64 * 1024];
    let before = memory("VmRSS:");
    let wrong = "--B\r\nContent-Disposition: form-data; name=\"x-amz-signature\"\r\n\r\n00\r\n";
    for head in [head(address.port(), ""), head(address.port(), wrong), put_head(address.port())] {
        let mut open = Vec::new();
        for _ in 0..CONNECTIONS {
            let mut stream = TcpStream::connect(address).await.unwrap();
            stream.write_all(head.as_bytes()).await.unwrap();
            // The beginning of the file. The server may refuse it and close the connection at any time.
            for _ in 0..(10 * MIB / chunk.len()) {
                let sent = tokio::time::timeout(Duration::from_secs(10), stream.write_all(&chunk)).await;
                if !matches!(sent, Ok(Ok(()))) {
                    break;
                }
            }
            open.push(stream);
        }
        for mut stream in open {
            let mut answer = vec![0; 12];
            stream.read_exact(&mut answer).await.unwrap();
            assert_eq!(String::from_utf8_lossy(&answer), "HTTP/1.1 403");
        }
    }
    // The peak, because memory that was returned counts as well.
    let grown = memory("VmHWM:").saturating_sub(before);
    assert!(grown <= 20 * MIB, "the server held {} MiB", grown / MIB);
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
