//! Slow and oversized requests: the server keeps answering others, and its memory stays bounded.

use std::io::{ErrorKind, Read, Write};
use std::net::TcpStream;
use std::time::Duration;

use reqwest::blocking::Client;

use crate::run::{CONFIG, upsign};

const SLOW_CONNECTIONS: usize = 1000;
const MAX_MEMORY_KIB: u64 = 192 << 10;

/// Returns the peak memory use of the process in KiB, or `None` where `/proc` does not exist.
fn peak_memory(pid: u32) -> Option<u64> {
    let status = std::fs::read_to_string(format!("/proc/{pid}/status")).ok()?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"))?;
    line.split_whitespace().next()?.parse().ok()
}

#[test]
fn slow_and_oversized_requests_do_not_block_others_or_grow_memory() {
    let have = rlimit::increase_nofile_limit(4096).unwrap();
    assert!(have > SLOW_CONNECTIONS as u64 + 200, "too few file descriptors for this test: {have}");
    let server = upsign(&["serve", "--listen=127.0.0.1:0", "--head-time=8s", "--request-time=8s", "--json"])
        .file("upsign.toml", CONFIG)
        .credentials()
        .errors_to("log")
        .serving();
    let base = server.url("listening");
    let address = base.replace("http://", "");
    let client = Client::builder().no_proxy().build().unwrap();
    let answers = || client.get(format!("{base}/healthz")).send().unwrap().status() == 200;

    // Each connection sends nearly as many header or body bytes as the server accepts, and then stops.
    let part_of_head = format!("POST /upload-url HTTP/1.1\r\nhost: a\r\nx-slow: {}", "a".repeat(15_000));
    let part_of_body = format!(
        "POST /upload-url HTTP/1.1\r\nhost: a\r\ncontent-length: 16000\r\n\r\n{}",
        " ".repeat(15_000)
    );
    let (mut slow, mut late) = (Vec::new(), 0);
    for number in 0..SLOW_CONNECTIONS {
        let mut stream = TcpStream::connect(&address).unwrap();
        let part = if number % 2 == 0 { &part_of_head } else { &part_of_body };
        // On a very slow machine the server may already have closed the connection by now.
        match stream.write_all(part.as_bytes()) {
            Ok(()) => slow.push(stream),
            Err(error) => {
                assert!(
                    matches!(error.kind(), ErrorKind::BrokenPipe | ErrorKind::ConnectionReset),
                    "{error}"
                );
                late += 1;
            }
        }
    }
    assert!(answers());
    for size in [1 << 20, 8 << 20] {
        let big = client.post(format!("{base}/upload-url")).header("x-big", "a".repeat(size)).send();
        assert!(big.is_err() || big.unwrap().status() == 431);
        let body = client.post(format!("{base}/upload-url")).body(vec![b' '; size]).send();
        assert!(body.is_err() || body.unwrap().status() == 413);
        assert!(answers());
    }
    let (mut closed, mut timed_out) = (0, 0);
    for mut stream in slow {
        stream.set_read_timeout(Some(Duration::from_secs(20))).unwrap();
        let mut answer = Vec::new();
        // A reset also ends the connection; only waiting forever would be a failure.
        if let Err(error) = stream.read_to_end(&mut answer) {
            assert!(error.kind() == ErrorKind::ConnectionReset, "{error}");
        }
        if answer.starts_with(b"HTTP/1.1 408") { timed_out += 1 } else { closed += 1 }
    }
    assert_eq!(closed + timed_out + late, SLOW_CONNECTIONS);
    assert!(timed_out + late >= SLOW_CONNECTIONS / 2, "every slow body gets 408: {timed_out}");
    assert!(answers());
    if let Some(peak) = peak_memory(server.pid()) {
        assert!(peak < MAX_MEMORY_KIB, "{peak} KiB");
    }
    drop(client);
    assert_eq!(server.terminate(), 0);
}
