//! Helpers that run the command in an empty folder, with an empty environment.

use std::io::{BufRead, BufReader, Read, Write};
use std::process::{Child, Command, Output, Stdio};

use serde_json::Value;
use tempfile::TempDir;

pub(crate) struct Run {
    pub(crate) folder: TempDir,
    command: Command,
}

pub(crate) fn upsign(arguments: &[&str]) -> Run {
    let folder = tempfile::tempdir().unwrap();
    let mut command = Command::new(env!("CARGO_BIN_EXE_upsign"));
    command.args(arguments).current_dir(folder.path()).env_clear().stdin(Stdio::piped());
    // The tests use only addresses of this machine, so the AWS SDK must not try the instance metadata service.
    command.env("AWS_EC2_METADATA_DISABLED", "true");
    command.stdout(Stdio::piped()).stderr(Stdio::piped());
    Run { folder, command }
}

impl Run {
    pub(crate) fn file(self, name: &str, text: &str) -> Self {
        let path = self.folder.path().join(name);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, text).unwrap();
        self
    }

    pub(crate) fn variable(mut self, name: &str, value: &str) -> Self {
        self.command.env(name, value);
        self
    }

    /// Sets the example credentials of the AWS documentation.
    pub(crate) fn credentials(self) -> Self {
        self.variable("AWS_ACCESS_KEY_ID", "AKIAIOSFODNN7EXAMPLE")
            .variable("AWS_SECRET_ACCESS_KEY", "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY")
    }

    /// Writes standard error to this file in the folder. A pipe that is not read would fill up and block a server.
    pub(crate) fn errors_to(mut self, name: &str) -> Self {
        self.command.stderr(std::fs::File::create(self.folder.path().join(name)).unwrap());
        self
    }

    /// Writes standard error to this pipe.
    pub(crate) fn errors_to_pipe(mut self, pipe: std::io::PipeWriter) -> Self {
        self.command.stderr(pipe);
        self
    }

    /// Starts the command without an open standard error.
    pub(crate) fn without_errors(mut self) -> Self {
        let mut shell = Command::new("sh");
        shell
            .args(["-c", "exec \"$0\" \"$@\" 2>&-"])
            .arg(self.command.get_program())
            .args(self.command.get_args());
        shell.current_dir(self.folder.path()).env_clear();
        for (name, value) in self.command.get_envs() {
            if let Some(value) = value {
                shell.env(name, value);
            }
        }
        shell.stdin(Stdio::piped()).stdout(Stdio::piped());
        self.command = shell;
        self
    }

    pub(crate) fn output(self) -> Finished {
        self.output_for_input("")
    }

    /// Runs the command with this standard input.
    pub(crate) fn output_for_input(mut self, input: &str) -> Finished {
        let mut child = self.command.spawn().unwrap();
        let mut stdin = child.stdin.take().unwrap();
        // Input is written while output is read: a command that answers line by line would otherwise block. A command that
        // does not read its input closes the pipe, so a failed write is not an error.
        std::thread::scope(|scope| {
            scope.spawn(move || drop(stdin.write_all(input.as_bytes())));
            Finished(child.wait_with_output().unwrap())
        })
    }

    /// Starts a server and waits for the JSON line that it prints when it listens.
    pub(crate) fn serving(mut self) -> Serving {
        let mut child = self.command.spawn().unwrap();
        let mut line = String::new();
        let mut output = BufReader::new(child.stdout.take().unwrap());
        output.read_line(&mut line).unwrap();
        if line.is_empty() {
            let mut errors = "standard error goes to a file".to_owned();
            if let Some(mut stderr) = child.stderr.take() {
                stderr.read_to_string(&mut errors).unwrap();
            }
            fail_to_start(&errors);
        }
        Serving { child, ready: serde_json::from_str(&line).unwrap(), folder: self.folder }
    }
}

/// Waits until `condition` is true.
#[track_caller]
pub(crate) fn eventually(mut condition: impl FnMut() -> bool) {
    let is_true = (0..500).any(|_| {
        std::thread::sleep(std::time::Duration::from_millis(20));
        condition()
    });
    assert!(is_true, "the condition stays false");
}

#[track_caller]
fn fail_to_start(errors: &str) {
    assert_eq!(errors, "", "the server did not start");
}

pub(crate) struct Finished(Output);

impl Finished {
    #[track_caller]
    pub(crate) fn exits(&self, code: i32) -> &Self {
        assert_eq!(self.0.status.code(), Some(code), "{}{}", self.stdout(), self.stderr());
        self
    }

    pub(crate) fn code(&self) -> i32 {
        self.0.status.code().unwrap()
    }

    pub(crate) fn stdout(&self) -> String {
        String::from_utf8(self.0.stdout.clone()).unwrap()
    }

    pub(crate) fn stderr(&self) -> String {
        String::from_utf8(self.0.stderr.clone()).unwrap()
    }

    /// Checks that standard error contains `part`.
    #[track_caller]
    pub(crate) fn has_message(&self, part: &str) -> &Self {
        assert!(self.stderr().contains(part), "`{part}` is not in: {}", self.stderr());
        self
    }

    pub(crate) fn json(&self) -> Value {
        serde_json::from_str(&self.stdout()).unwrap()
    }
}

/// A server that is stopped at the end of its test.
pub(crate) struct Serving {
    child: Child,
    pub(crate) ready: Value,
    folder: TempDir,
}

impl Serving {
    /// Returns what a file in its folder contains so far.
    pub(crate) fn read(&self, name: &str) -> String {
        std::fs::read_to_string(self.folder.path().join(name)).unwrap()
    }

    /// Closes the pipe that standard error writes to.
    pub(crate) fn close_errors(&mut self) {
        drop(self.child.stderr.take());
    }

    /// Returns the path of a file in its folder.
    pub(crate) fn path(&self, name: &str) -> std::path::PathBuf {
        self.folder.path().join(name)
    }

    pub(crate) fn pid(&self) -> u32 {
        self.child.id()
    }

    pub(crate) fn url(&self, name: &str) -> String {
        self.ready[name].as_str().unwrap().to_owned()
    }

    /// Sends SIGTERM, as a service manager does.
    pub(crate) fn send_sigterm(&self) {
        let pid = self.child.id().to_string();
        assert!(Command::new("kill").args(["-TERM", &pid]).status().unwrap().success());
    }

    /// Ends the server, and returns the complete contents of a file in its folder. Log lines may be written after the
    /// response to which they belong.
    #[track_caller]
    pub(crate) fn terminate_and_read(mut self, name: &str) -> String {
        self.send_sigterm();
        assert_eq!(self.child.wait().unwrap().code(), Some(0));
        self.read(name)
    }

    pub(crate) fn terminate(mut self) -> i32 {
        self.send_sigterm();
        self.child.wait().unwrap().code().unwrap()
    }
}

impl Drop for Serving {
    fn drop(&mut self) {
        drop(self.child.kill());
        drop(self.child.wait());
    }
}

pub(crate) const CONFIG: &str = r#"
[bucket]
name = "article-images-bucket"
region = "ap-southeast-1"

[upload]
key = "articles/{article_id}/raw/{id}.{ext}"
ids = ["article_id"]
types = ["image/jpeg", "image/png", "image/webp"]
max_size = "10 MiB"
bodyless = "allow"

[auth]
user_pool = "ap-southeast-1_AbCdEf123"
client_ids = ["3n4b5urk1ft4fl3mg5e62d9ado"]
token_use = "access"

[cors]
origins = ["https://app.example.com"]
"#;
