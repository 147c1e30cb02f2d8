//! Starts real servers on free ports of this machine for the duration of a step.

use std::path::PathBuf;
use std::process::{Command, Stdio};

use crate::process::{Failure, Running, failure, free_port, own, port_block, scratch};
use crate::tools::{Missing, Tools};

pub(crate) const ACCESS_KEY: &str = "AKIATESTADMIN0000001";
pub(crate) const SECRET_KEY: &str = "adminSecretKeyForTestsOnly00000000000001";

/// A running server. Dropping the value stops it.
pub(crate) struct Server {
    pub(crate) endpoint: String,
    _running: Running,
    /// Dropped after the server has ended.
    _files: Option<Files>,
}

/// A folder that is removed when the value is dropped.
pub(crate) struct Files(pub(crate) PathBuf);

impl Drop for Files {
    fn drop(&mut self) {
        drop(std::fs::remove_dir_all(&self.0));
    }
}

/// The reason why a server did not start.
pub(crate) enum StartError {
    Missing(Missing),
    Failed(Failure),
}

impl From<Failure> for StartError {
    fn from(failure: Failure) -> Self {
        Self::Failed(failure)
    }
}

impl From<Missing> for StartError {
    fn from(missing: Missing) -> Self {
        Self::Missing(missing)
    }
}

/// Starts Ministack, an AWS emulator that checks signatures and policies: S3, Cognito, IAM, STS and more on one port.
pub(crate) fn ministack(tools: &Tools) -> Result<Server, StartError> {
    let program = tools.python("ministack")?;
    let port = free_port()?;
    let mut command = Command::new(program);
    command.env("BIND_HOST", "127.0.0.1").env("GATEWAY_PORT", port.to_string()).env("AUTH", "true");
    command.env("AWS_ACCESS_KEY_ID", ACCESS_KEY).env("AWS_SECRET_ACCESS_KEY", SECRET_KEY);
    // It unpacks the code of every function into the folder for temporary files, and leaves it there.
    let files = scratch(&format!("ministack-{port}"))?;
    let server = start(command.env("TMPDIR", &files), port)?;
    Ok(Server { _files: Some(Files(files)), ..server })
}

/// Starts cognito-local, an emulator of Cognito user pools. Its tokens carry its own address as the issuer.
pub(crate) fn cognito_local(tools: &Tools) -> Result<Server, StartError> {
    let mut command = tools.node()?;
    let port = free_port()?;
    let folder = scratch(&format!("cognito-local-{port}"))?;
    std::fs::create_dir_all(folder.join(".cognito")).map_err(failure)?;
    let config = format!(
        r#"{{"UserPoolDefaults": {{"UsernameAttributes": [], "MfaConfiguration": "OFF"}},
            "TokenConfig": {{"IssuerDomain": "http://127.0.0.1:{port}"}}}}"#
    );
    std::fs::write(folder.join(".cognito/config.json"), config).map_err(failure)?;
    command.arg(tools.node_module("cognito-local/lib/bin/start.js")).current_dir(&folder);
    command.env("HOST", "127.0.0.1").env("PORT", port.to_string()).env("AWS_REGION", "us-east-1");
    command.env("AWS_ACCESS_KEY_ID", ACCESS_KEY).env("AWS_SECRET_ACCESS_KEY", SECRET_KEY);
    let server = start(&mut command, port)?;
    Ok(Server { _files: Some(Files(folder)), ..server })
}

/// Starts SeaweedFS, an S3 server, as a single process.
pub(crate) fn seaweedfs(tools: &Tools) -> Result<Server, StartError> {
    let program = tools.python("weed")?;
    let port = seaweedfs_port()?;
    // Removed at the end: what some tests store takes 6 GiB.
    let data = scratch(&format!("weed-{port}"))?;
    let mut command = Command::new(program);
    command.arg(format!("-logdir={}", data.display())).arg("mini");
    command.arg(format!("-dir={}", data.display())).args(["-ip=127.0.0.1", "-ip.bind=127.0.0.1"]);
    for (flag, offset) in
        [("master.port", 1), ("volume.port", 2), ("filer.port", 3), ("admin.port", 4), ("s3.port", 0)]
    {
        command.arg(format!("-{flag}={}", port + offset));
    }
    command.arg(format!("-s3.config={}", own("tools/seaweedfs.json").display()));
    command.arg(format!("-s3.iam.config={}", own("tools/seaweedfs-iam.json").display()));
    command.args(["-s3", "-s3.autoCreateBucket=false", "-s3.port.iceberg=0", "-s3.port.lance=0"]);
    command.args(["-s3.domainName=s3.localhost", "-s3.allowedOrigins=http://none.invalid"]);
    command.args(["-admin.ui=false", "-webdav=false", "-master.telemetry=false"]);
    // Each bucket takes volumes, which are files that grow. The default is the free disk space divided by their maximum of 128 MB: with
    // 20 GB, the buckets of the tests exhaust it, and a PUT to the next one is answered 500.
    command.arg("-volume.max=4000");
    command.env_remove("AWS_ACCESS_KEY_ID").env_remove("AWS_SECRET_ACCESS_KEY").current_dir(&data);
    let server = start(&mut command, port)?;
    Ok(Server { _files: Some(Files(data)), ..server })
}

/// Ports of SeaweedFS in a block: its servers take five.
const SEAWEEDFS_PORTS: u16 = 25;

/// Returns the first of five consecutive free ports. SeaweedFS listens for gRPC 10,000 above each of them, so those must be free
/// too. All are between those of [`free_port`] and those of outgoing connections.
fn seaweedfs_port() -> Result<u16, Failure> {
    let first = 20_000 + port_block() * SEAWEEDFS_PORTS;
    for port in first..=first + SEAWEEDFS_PORTS - 5 {
        let free = |port: u16| std::net::TcpListener::bind(("127.0.0.1", port)).is_ok();
        if (port..port + 5).all(|port| free(port) && free(port + 10_000)) {
            return Ok(port);
        }
    }
    Err("no five consecutive free ports for SeaweedFS".into())
}

fn start(command: &mut Command, port: u16) -> Result<Server, StartError> {
    let mut running = Running::start(command.stdout(Stdio::null()).stderr(Stdio::null()))?;
    running.wait_for_port(port)?;
    Ok(Server { endpoint: format!("http://127.0.0.1:{port}"), _running: running, _files: None })
}
