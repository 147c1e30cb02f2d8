//! Starts programs, waits for them and ends them.

use std::ffi::OsStr;
use std::fmt::Display;
use std::io::{BufRead, BufReader};
use std::net::{Ipv4Addr, TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::atomic::{AtomicU16, Ordering};
use std::sync::mpsc;
use std::time::{Duration, Instant};

/// How long a program may take until it is ready.
const READY_TIMEOUT: Duration = Duration::from_secs(60);
/// How long a program may take to end after SIGTERM, before SIGKILL.
const TERMINATION_TIMEOUT: Duration = Duration::from_secs(10);
const POLL_INTERVAL: Duration = Duration::from_millis(50);

/// The message of a failed step, for the report.
pub(crate) type Failure = String;

/// Turns an error into a [`Failure`].
pub(crate) fn failure(error: impl Display) -> Failure {
    error.to_string()
}

/// Returns the root of the workspace.
pub(crate) fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).ancestors().nth(2).unwrap_or_else(|| Path::new(".")).to_owned()
}

/// Returns the path of a file of this crate.
pub(crate) fn own(path: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join(path)
}

/// Returns an empty folder for the files of one step.
pub(crate) fn scratch(name: &str) -> Result<PathBuf, Failure> {
    let folder = root().join("target/tools-run").join(name);
    drop(std::fs::remove_dir_all(&folder));
    std::fs::create_dir_all(&folder).map_err(failure)?;
    Ok(folder)
}

/// Returns a call of cargo in the workspace.
pub(crate) fn cargo() -> Command {
    let mut command = Command::new(std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
    command.current_dir(root());
    command
}

/// Runs a program to its end. It inherits the standard streams.
pub(crate) fn run(command: &mut Command) -> Result<(), Failure> {
    let name = command.get_program().to_string_lossy().into_owned();
    match command.status() {
        Ok(status) if status.success() => Ok(()),
        Ok(status) => Err(format!("{name} ended with {status}")),
        Err(error) => Err(format!("{name} did not start: {error}")),
    }
}

/// A background program. Dropping the value ends the program.
pub(crate) struct Running {
    name: String,
    child: Child,
}

impl Running {
    pub(crate) fn start(command: &mut Command) -> Result<Self, Failure> {
        let name = command.get_program().to_string_lossy().into_owned();
        let child = command.spawn().map_err(|error| format!("{name} did not start: {error}"))?;
        Ok(Self { name, child })
    }

    /// Starts a program that prints one line when it is ready, and returns that line.
    pub(crate) fn start_until_ready(command: &mut Command) -> Result<(Self, String), Failure> {
        let mut running = Self::start(command.stdout(Stdio::piped()))?;
        let output = running.child.stdout.take().ok_or("no standard output")?;
        let (sender, receiver) = mpsc::channel();
        std::thread::spawn(move || {
            let mut line = String::new();
            let read = BufReader::new(output).read_line(&mut line);
            sender.send(read.map(|_| line))
        });
        match receiver.recv_timeout(READY_TIMEOUT) {
            Ok(Ok(line)) if !line.is_empty() => Ok((running, line)),
            Ok(_) => Err(format!("{} ended before it was ready", running.name)),
            Err(_) => Err(format!("{} was not ready within {} s", running.name, READY_TIMEOUT.as_secs())),
        }
    }

    /// Waits until the program accepts connections on `port`.
    pub(crate) fn wait_for_port(&mut self, port: u16) -> Result<(), Failure> {
        let deadline = Instant::now() + READY_TIMEOUT;
        while Instant::now() < deadline {
            if TcpStream::connect((Ipv4Addr::LOCALHOST, port)).is_ok() {
                return Ok(());
            }
            if let Ok(Some(status)) = self.child.try_wait() {
                return Err(format!("{} ended with {status} before it was ready", self.name));
            }
            std::thread::sleep(POLL_INTERVAL);
        }
        Err(format!("{} accepted no connection within {} s", self.name, READY_TIMEOUT.as_secs()))
    }
}

impl Drop for Running {
    /// Sends SIGTERM, then SIGKILL if the program has not ended after [`TERMINATION_TIMEOUT`].
    fn drop(&mut self) {
        let pid = self.child.id().to_string();
        drop(Command::new("kill").args(["-TERM", &pid]).status());
        let deadline = Instant::now() + TERMINATION_TIMEOUT;
        while Instant::now() < deadline {
            if !matches!(self.child.try_wait(), Ok(None)) {
                return;
            }
            std::thread::sleep(POLL_INTERVAL);
        }
        drop(self.child.kill());
        drop(self.child.wait());
    }
}

/// The first port of the block of a process: below those that systems give to outgoing connections, from 32,768 on Linux.
const FIRST_PORT: u16 = 10_000;
/// The number of blocks, and of ports of each. Two steps that run at the same time are processes with different numbers, hence of
/// different blocks: a port that one has found free is not taken by the other before a server listens.
const PORT_BLOCKS: u16 = 100;
const PORTS_PER_BLOCK: u16 = 100;

/// Returns a port that is free at the moment, each time another one.
pub(crate) fn free_port() -> Result<u16, Failure> {
    static NEXT: AtomicU16 = AtomicU16::new(0);
    let first = FIRST_PORT + port_block() * PORTS_PER_BLOCK;
    for _ in 0..PORTS_PER_BLOCK {
        let port = first + NEXT.fetch_add(1, Ordering::Relaxed) % PORTS_PER_BLOCK;
        if TcpListener::bind((Ipv4Addr::LOCALHOST, port)).is_ok() {
            return Ok(port);
        }
    }
    Err(format!("no port from {first} to {} is free", first + PORTS_PER_BLOCK - 1))
}

/// Returns the number of this process's block of ports.
pub(crate) fn port_block() -> u16 {
    u16::try_from(std::process::id() % u32::from(PORT_BLOCKS)).unwrap_or(0)
}

/// Searches `PATH` for a program.
pub(crate) fn which(name: impl AsRef<OsStr>) -> Option<PathBuf> {
    let path = std::env::var_os("PATH")?;
    std::env::split_paths(&path).map(|folder| folder.join(name.as_ref())).find(|file| file.is_file())
}
