//! Starts a PostgreSQL server on this machine for the duration of a step.

use std::fs;
use std::os::unix::fs::{PermissionsExt as _, chown};
use std::os::unix::process::CommandExt as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use crate::process::{Running, failure, free_port, run, which};
use crate::servers::{Files, StartError};
use crate::tools::{Missing, install, is_root};

const USER: &str = "upsign";
const PASSWORD: &str = "of-this-test";

/// A running server. Dropping the value ends it and removes its files.
pub(crate) struct Postgres {
    pub(crate) url: String,
    _running: Running,
    /// Dropped after the server has ended.
    _files: Files,
}

/// Starts a server with an empty database. It listens on the loopback address only, and its user has a password.
pub(crate) fn start() -> Result<Postgres, StartError> {
    let programs = programs()?;
    // The account of the server cannot enter a clone in the home of another one.
    let folder = std::env::temp_dir().join(format!("upsign-postgres-{}", std::process::id()));
    drop(fs::remove_dir_all(&folder));
    fs::create_dir(&folder).map_err(failure)?;
    let files = Files(folder.clone());
    let password = folder.join("password");
    fs::write(&password, PASSWORD).map_err(failure)?;
    fs::set_permissions(&folder, fs::Permissions::from_mode(0o700)).map_err(failure)?;
    let account = account()?;
    if let Some((user, group)) = account {
        for path in [&folder, &password] {
            chown(path, Some(user), Some(group)).map_err(failure)?;
        }
    }
    let data = folder.join("data");
    let command = |name: &str| {
        let mut command = Command::new(programs.join(name));
        if let Some((user, group)) = account {
            command.uid(user).gid(group);
        }
        command.arg("-D").arg(&data).current_dir(&folder).stdout(Stdio::null());
        command
    };
    let mut init = command("initdb");
    init.args(["--username", USER, "--auth=scram-sha-256", "--encoding=UTF8", "--no-locale", "--no-sync"]);
    run(init.arg("--pwfile").arg(&password))?;
    let port = free_port()?;
    let mut server = command("postgres");
    // No Unix socket, whose folder is outside of `folder` by default.
    server.args(["-h", "127.0.0.1", "-k", "", "-F", "-p", &port.to_string()]);
    let mut running = Running::start(server.stderr(Stdio::null()))?;
    running.wait_for_port(port)?;
    let url = format!("postgres://{USER}:{PASSWORD}@127.0.0.1:{port}/postgres");
    Ok(Postgres { url, _running: running, _files: files })
}

/// Returns the folder of `initdb` and `postgres`, which Debian does not put on `PATH`. Installs the package if this machine allows that.
fn programs() -> Result<PathBuf, StartError> {
    if let Some(found) = installed() {
        return Ok(found);
    }
    install("postgresql", "pg_createcluster");
    installed().ok_or_else(|| missing("postgres").into())
}

fn installed() -> Option<PathBuf> {
    let versions = fs::read_dir("/usr/lib/postgresql").into_iter().flatten().filter_map(Result::ok);
    let of_debian = versions.map(|version| version.path().join("bin"));
    let on_path = which("initdb").and_then(|file| file.parent().map(Path::to_owned));
    let mut found: Vec<PathBuf> =
        of_debian.chain(on_path).filter(|folder| folder.join("postgres").is_file()).collect();
    found.sort();
    found.pop()
}

/// Returns the user and group of an unprivileged account if this process runs as root, which PostgreSQL refuses to do.
fn account() -> Result<Option<(u32, u32)>, StartError> {
    if !is_root() {
        return Ok(None);
    }
    let accounts = fs::read_to_string("/etc/passwd").map_err(failure)?;
    let of = |name| accounts.lines().find_map(|line| ids(line, name));
    let found = of("postgres").or_else(|| of("nobody"));
    found.map(Some).ok_or_else(|| missing("an account that is not root").into())
}

/// Reads the ids of an account from a line such as `nobody:x:65534:65534:nobody:/nonexistent:/usr/sbin/nologin`.
fn ids(line: &str, name: &str) -> Option<(u32, u32)> {
    let mut fields = line.split(':');
    if fields.next()? != name {
        return None;
    }
    let mut id = fields.skip(1).map(|field| field.parse().ok());
    Some((id.next()??, id.next()??))
}

fn missing(component: &str) -> Missing {
    Missing::new(component, "PostgreSQL (Debian: apt-get install postgresql)")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_of_an_account_are_read() {
        let line = "nobody:x:65534:65533:nobody:/nonexistent:/usr/sbin/nologin";
        assert_eq!(ids(line, "nobody"), Some((65_534, 65_533)));
        assert_eq!(ids(line, "nobod"), None);
        assert_eq!(ids("nobody:x", "nobody"), None);
    }
}
