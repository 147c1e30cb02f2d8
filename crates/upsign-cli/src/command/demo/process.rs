//! The folder of `upsign demo --size`, and the processes that upload from it. Dropping the folder ends both, also after a signal.

use std::io::{BufRead as _, BufReader};
use std::path::PathBuf;
use std::process::{Child, ChildStdout, Command, ExitStatus, Stdio};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use serde_json::Value;

use super::large::blocking;
use crate::exit::CommandError;

/// A folder for the file and the state of the upload. When it is dropped, its process is killed, and it is removed.
pub(super) struct Folder {
    pub(super) path: PathBuf,
    pub(super) stop: Arc<Stop>,
}

impl Folder {
    pub(super) fn create() -> Result<Self, CommandError> {
        let path = std::env::temp_dir().join(format!("upsign-demo-{}", std::process::id()));
        let created = std::fs::create_dir(&path);
        created
            .map_err(|error| CommandError::caused(&format!("cannot create {}", path.display()), &error))?;
        Ok(Self { path, stop: Arc::default() })
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        self.stop.set();
        // The operating system removes old temporary files if this fails.
        let _ = std::fs::remove_dir_all(&self.path);
    }
}

/// Ends the threads that work in the folder.
#[derive(Default)]
pub(super) struct Stop {
    is_set: AtomicBool,
    child: Mutex<Option<Child>>,
}

impl Stop {
    fn set(&self) {
        self.is_set.store(true, Ordering::Relaxed);
        // It may have ended by itself.
        let _ = self.kill();
    }

    pub(super) fn is_set(&self) -> bool {
        self.is_set.load(Ordering::Relaxed)
    }

    fn child(&self) -> Option<Child> {
        self.child.lock().unwrap_or_else(PoisonError::into_inner).take()
    }

    /// Kills the process, if there is one, and waits until it has ended.
    fn kill(&self) -> std::io::Result<()> {
        let Some(mut child) = self.child() else { return Ok(()) };
        child.kill()?;
        child.wait().map(drop)
    }

    /// Waits until the process has ended. Returns `None` if it was killed.
    fn wait(&self) -> std::io::Result<Option<ExitStatus>> {
        self.child().map(|mut child| child.wait()).transpose()
    }
}

/// Runs `upsign upload` in processes of its own.
pub(super) struct Uploads<'a> {
    pub(super) folder: &'a Folder,
    pub(super) api: &'a str,
    pub(super) token: &'a str,
}

/// What an upload reported.
#[derive(Default)]
pub(super) struct Events {
    pub(super) plan: Option<(u64, u64)>,
    pub(super) stored: u64,
    pub(super) kept: Option<u64>,
    pub(super) result: Option<Value>,
}

impl Events {
    fn add(&mut self, event: &Value) {
        let number = |name: &str| event.get(name).and_then(Value::as_u64).unwrap_or_default();
        match event.get("event").and_then(Value::as_str) {
            Some("granted") => self.plan = Some((number("partCount"), number("partSize"))),
            Some("resumed") => self.kept = Some(number("storedParts")),
            Some("part-stored") => self.stored += 1,
            Some("stored") => self.result = Some(event.clone()),
            _ => {}
        }
    }

    pub(super) fn plan(&self) -> Result<(u64, u64), CommandError> {
        self.plan.ok_or_else(|| CommandError::failure("the API granted no multipart upload"))
    }

    pub(super) fn is_at_two_fifths(&self) -> bool {
        self.plan.is_some_and(|(parts, _)| self.stored * 5 >= parts * 2)
    }
}

impl Uploads<'_> {
    /// Uploads until `ends` returns `true`, and then kills the process.
    pub(super) async fn run(
        &self,
        ends: impl Fn(&Events) -> bool + Send + 'static,
    ) -> Result<Events, CommandError> {
        let child = self.command().and_then(|mut command| command.spawn());
        let mut child = child.map_err(|error| CommandError::caused("cannot start upsign upload", &error))?;
        let stdout = child.stdout.take();
        let stop = Arc::clone(&self.folder.stop);
        *stop.child.lock().unwrap_or_else(PoisonError::into_inner) = Some(child);
        blocking(move || follow(stdout, &stop, &ends), "upsign upload").await
    }

    fn command(&self) -> std::io::Result<Command> {
        let mut command = Command::new(std::env::current_exe()?);
        command
            .args(["upload", "file.bin", "--type=application/octet-stream", "--json"])
            .current_dir(&self.folder.path);
        command.env("UPSIGN_API", self.api).env("UPSIGN_TOKEN", self.token);
        command.env("XDG_STATE_HOME", self.folder.path.join("state"));
        // Errors are shown as they are.
        command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::inherit());
        Ok(command)
    }
}

fn follow(
    stdout: Option<ChildStdout>,
    stop: &Stop,
    ends: &impl Fn(&Events) -> bool,
) -> std::io::Result<Events> {
    let mut events = Events::default();
    let Some(stdout) = stdout else { return Ok(events) };
    for line in BufReader::new(stdout).lines() {
        if let Ok(event) = serde_json::from_str(&line?) {
            events.add(&event);
        }
        if ends(&events) {
            stop.kill()?;
            return Ok(events);
        }
    }
    match stop.wait()? {
        Some(status) if !status.success() => Err(std::io::Error::other(format!("it ended with {status}"))),
        _ => Ok(events),
    }
}
