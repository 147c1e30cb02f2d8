//! A server that a test starts, kills and starts again.

use std::env;
use std::net::{Ipv4Addr, TcpListener, TcpStream};
use std::process::{Child, Command, Stdio};
use std::thread::sleep;
use std::time::{Duration, Instant};

use tempfile::TempDir;

/// A running `redis-server` that writes each step to the disk before it answers. Dropping the value ends it.
pub(crate) struct Server {
    program: String,
    arguments: Vec<String>,
    pub(crate) port: u16,
    child: Child,
    folder: TempDir,
}

impl Server {
    /// Starts a server with further arguments, or returns `None` if there is no program and none is required.
    pub(crate) fn start(arguments: &[&str]) -> Option<Self> {
        let Some(program) = variable("TEST_REDIS_SERVER") else {
            let is_required = variable("TEST_SERVERS").is_some_and(|value| value == "required");
            assert!(!is_required, "TEST_REDIS_SERVER is not set");
            return None;
        };
        let (folder, port) = (TempDir::new().unwrap(), free_port());
        let arguments: Vec<String> = arguments.iter().map(|argument| (*argument).to_owned()).collect();
        let child = spawn(&program, &arguments, port, &folder);
        Some(Self { program, arguments, port, child, folder })
    }

    pub(crate) fn url(&self) -> String {
        format!("redis://127.0.0.1:{}", self.port)
    }

    /// Sends SIGKILL: the server can write nothing more.
    pub(crate) fn kill(&mut self) {
        self.child.kill().unwrap();
        self.child.wait().unwrap();
    }

    /// Starts the server again with the files that it has left.
    pub(crate) fn restart(&mut self) {
        self.child = spawn(&self.program, &self.arguments, self.port, &self.folder);
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        drop(self.child.kill());
        drop(self.child.wait());
    }
}

fn spawn(program: &str, arguments: &[String], port: u16, folder: &TempDir) -> Child {
    let mut command = Command::new(program);
    command.args(["--port", &port.to_string(), "--bind", "127.0.0.1", "--save", ""]);
    command.args(["--appendonly", "yes", "--appendfsync", "always", "--maxmemory-policy", "noeviction"]);
    command.args(arguments).current_dir(folder.path()).stdout(Stdio::null()).stderr(Stdio::null());
    let mut child = command.spawn().unwrap();
    let deadline = Instant::now() + Duration::from_secs(20);
    while TcpStream::connect((Ipv4Addr::LOCALHOST, port)).is_err() {
        assert!(child.try_wait().unwrap().is_none(), "redis-server ended before it was ready");
        assert!(Instant::now() < deadline, "redis-server was not ready within 20 s");
        sleep(Duration::from_millis(20));
    }
    child
}

/// Returns a free port whose cluster bus, 10,000 above it, is free too.
fn free_port() -> u16 {
    for _ in 0..200 {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
        let port = 20_000 + listener.local_addr().unwrap().port() % 20_000;
        let is_free = |port: u16| TcpListener::bind((Ipv4Addr::LOCALHOST, port)).is_ok();
        if is_free(port) && is_free(port + 10_000) {
            return port;
        }
    }
    panic!("no free port");
}

#[expect(clippy::disallowed_methods, reason = "the command that runs these tests passes what they need")]
pub(crate) fn variable(name: &str) -> Option<String> {
    env::var(name).ok()
}
