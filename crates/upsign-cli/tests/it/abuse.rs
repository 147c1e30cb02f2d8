//! Slow and oversized requests: the server keeps answering others, and its memory stays bounded.

use std::io::{ErrorKind, Read, Write};
use std::net::TcpStream;
use std::time::Duration;

use reqwest::blocking::Client;

use crate::run::{CONFIG, upsign};

const SLOW_CONNECTIONS: usize = 1000;
const MAX_MEMORY_KIB: u64 = 192 << 10;

/// Returns the peak memory use (`VmHWM`) or the present one (`VmRSS`) of the process in KiB, or `None` where `/proc` does not
/// exist.
fn memory(pid: u32, field: &str) -> Option<u64> {
    let status = std::fs::read_to_string(format!("/proc/{pid}/status")).ok()?;
    let line = status.lines().find_map(|line| line.strip_prefix(field)?.strip_prefix(':'))?;
    line.split_whitespace().next()?.parse().ok()
}

/// A connection that has sent a part of a request costs at most what it has sent, and 1 MiB per 100 of its kind: the fixed
/// cost is the same for the smallest part and for the largest that stays within the limits.
#[test]
fn half_sent_requests_cost_little_memory() {
    const CONNECTIONS: u64 = 600;
    const MAX_FIXED_BYTES: u64 = (1 << 20) / 100;
    let have = rlimit::increase_nofile_limit(4096).unwrap();
    assert!(have > CONNECTIONS + 200, "too few file descriptors for this test: {have}");
    let head = "POST /upload-url HTTP/1.1\r\nhost: a\r\n";
    let used = format!("{head}content-length: 0\r\n\r\n");
    // The largest head that is accepted, the largest that gets an answer, and one byte less than a body that is held back.
    const MAX_HEAD: usize = (16 << 10) - 4;
    const LARGEST_HEAD: usize = (32 << 10) - 1;
    let body = " ".repeat((16 << 10) - 1);
    let filled = |headers: &str, bytes: usize| {
        let head = format!("{head}{headers}x-fill: ");
        head.clone() + &"a".repeat(bytes - head.len())
    };
    for (name, first, part) in [
        ("half heads", "", head.to_owned()),
        ("half bodies", "", format!("{head}content-length: 200\r\n\r\n{{")),
        ("half chunked bodies", "", format!("{head}transfer-encoding: chunked\r\n\r\n100\r\n{{")),
        (
            "half bodies after an interim answer",
            "",
            format!("{head}content-length: 200\r\nexpect: 100-continue\r\n\r\n{{"),
        ),
        ("idle connections", used.as_str(), String::new()),
        ("half heads after a request", used.as_str(), head.to_owned()),
        ("largest half heads", "", filled("", LARGEST_HEAD)),
        ("largest half bodies", "", filled("content-length: 16384\r\n", MAX_HEAD) + "\r\n\r\n" + &body),
        (
            "largest half chunked bodies",
            "",
            filled("transfer-encoding: chunked\r\n", MAX_HEAD)
                + "\r\n\r\n3fff\r\n"
                + &" ".repeat((16 << 10) - 10),
        ),
    ] {
        let server =
            upsign(&["serve", "--listen=127.0.0.1:0", "--head-time=60s", "--request-time=60s", "--json"])
                .file("upsign.toml", CONFIG)
                .credentials()
                .errors_to("log")
                .serving();
        let address = server.url("listening").replace("http://", "");
        let mut open = Vec::new();
        let mut connect = |count: u64| {
            for _ in 0..count {
                let mut stream = TcpStream::connect(&address).unwrap();
                stream.write_all(first.as_bytes()).unwrap();
                if !first.is_empty() {
                    let mut answer = [0; 2048];
                    assert!(stream.read(&mut answer).unwrap() > 0);
                }
                stream.write_all(part.as_bytes()).unwrap();
                open.push(stream);
            }
            std::thread::sleep(Duration::from_millis(500));
        };
        // What is allocated once is not counted.
        connect(50);
        let Some(before) = memory(server.pid(), "VmRSS") else { return };
        connect(CONNECTIONS);
        let after = memory(server.pid(), "VmRSS").unwrap();
        let cost = after.saturating_sub(before);
        let max = CONNECTIONS * (part.len() as u64 + MAX_FIXED_BYTES) / 1024;
        assert!(cost < max, "{CONNECTIONS} {name} cost {cost} KiB, at most {max} KiB");
    }
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
        assert_eq!(big.unwrap().status(), 431, "{size}");
        let body = client.post(format!("{base}/upload-url")).body(vec![b' '; size]).send();
        assert_eq!(body.unwrap().status(), 413, "{size}");
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
    if let Some(peak) = memory(server.pid(), "VmHWM") {
        assert!(peak < MAX_MEMORY_KIB, "{peak} KiB");
    }
    drop(client);
    assert_eq!(server.terminate(), 0);
}
