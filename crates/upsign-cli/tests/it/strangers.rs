//! What strangers may do to a server without harm: it answers others, and grows no fatter.

use std::io::{ErrorKind, Read, Write};
use std::net::TcpStream;
use std::time::Duration;

use reqwest::blocking::Client;

use crate::run::{CONFIG, upsign};

const SLOW: usize = 1000;
const MOST_KIB: u64 = 192 << 10;

/// The most memory the process has had, in KiB.
fn peak(pid: u32) -> Option<u64> {
    let status = std::fs::read_to_string(format!("/proc/{pid}/status")).ok()?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"))?;
    line.split_whitespace().next()?.parse().ok()
}

#[test]
fn abuse_is_answered_and_takes_no_memory() {
    let have = rlimit::increase_nofile_limit(4096).unwrap();
    assert!(have > SLOW as u64 + 200, "too few file descriptors for this test: {have}");
    let server = upsign(&["serve", "--listen=127.0.0.1:0", "--head-time=8s", "--request-time=8s", "--json"])
        .file("upsign.toml", CONFIG)
        .credentials()
        .errors_to("log")
        .serving();
    let base = server.url("listening");
    let address = base.replace("http://", "");
    let client = Client::builder().no_proxy().build().unwrap();
    let lives = || client.get(format!("{base}/healthz")).send().unwrap().status() == 200;

    // Each holds as much of a head as is read, or of a body.
    let part_of_head = format!("POST /upload-url HTTP/1.1\r\nhost: a\r\nx-slow: {}", "a".repeat(15_000));
    let part_of_body = format!(
        "POST /upload-url HTTP/1.1\r\nhost: a\r\ncontent-length: 16000\r\n\r\n{}",
        " ".repeat(15_000)
    );
    let (mut slow, mut late) = (Vec::new(), 0);
    for number in 0..SLOW {
        let mut stream = TcpStream::connect(&address).unwrap();
        let part = if number % 2 == 0 { &part_of_head } else { &part_of_body };
        // On a machine that stands still for that long, the server is done with it before it is begun.
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
    assert!(lives());
    for size in [1 << 20, 8 << 20] {
        let big = client.post(format!("{base}/upload-url")).header("x-big", "a".repeat(size)).send();
        assert!(big.is_err() || big.unwrap().status() == 431);
        let body = client.post(format!("{base}/upload-url")).body(vec![b' '; size]).send();
        assert!(body.is_err() || body.unwrap().status() == 413);
        assert!(lives());
    }
    let (mut closed, mut timed_out) = (0, 0);
    for mut stream in slow {
        stream.set_read_timeout(Some(Duration::from_secs(20))).unwrap();
        let mut answer = Vec::new();
        // A reset is an end too; a wait without one would not be.
        if let Err(error) = stream.read_to_end(&mut answer) {
            assert!(error.kind() == ErrorKind::ConnectionReset, "{error}");
        }
        if answer.starts_with(b"HTTP/1.1 408") { timed_out += 1 } else { closed += 1 }
    }
    assert_eq!(closed + timed_out + late, SLOW);
    assert!(timed_out + late >= SLOW / 2, "every slow body is told so: {timed_out}");
    assert!(lives());
    if let Some(peak) = peak(server.pid()) {
        assert!(peak < MOST_KIB, "{peak} KiB");
    }
    drop(client);
    assert_eq!(server.terminate(), 0);
}
