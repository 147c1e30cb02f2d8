//! What the tests and comparisons of the runtimes need, beside the other tools.

use std::path::{Path, PathBuf};
use std::process::Command;

use super::{Missing, Tools};
use crate::process::{Failure, own, run, which};

impl Tools {
    /// A program of a Python environment for HTTP: schemathesis, hadolint, FastAPI and uvicorn.
    pub(crate) fn http_python(&self, program: &str) -> Result<PathBuf, Missing> {
        self.second_venv("venv-http", "tools/requirements-http.txt", &[], program)
    }

    /// `cargo-lambda`, which makes the zip that Lambda takes.
    pub(crate) fn cargo_lambda(&self) -> Result<PathBuf, Missing> {
        self.second_venv("venv-bare", "tools/requirements-bare.txt", &["--no-deps"], "cargo-lambda")
    }

    /// A Node process with the packages that upsign is compared with.
    pub(crate) fn node_peers(&self) -> Result<Command, Missing> {
        let need = |what: &str| Missing { what: what.into(), how: "install Node.js 20 with npm".into() };
        let node = which("node").ok_or_else(|| need("node"))?;
        let npm = which("npm").ok_or_else(|| need("npm"))?;
        let (folder, pins) = (self.folder.join("node-peers"), own("tools/package-peers.json"));
        self.once("node-peers", &pins, || {
            std::fs::create_dir_all(&folder).map_err(|error| error.to_string())?;
            std::fs::copy(&pins, folder.join("package.json")).map_err(|error| error.to_string())?;
            let mut install = Command::new(npm);
            install.args(["install", "--no-audit", "--no-fund", "--no-package-lock", "--loglevel=error"]);
            run(install.current_dir(&folder))
        })
        .map_err(|failure| need(&format!("Node packages: {failure}")))?;
        let mut command = Command::new(node);
        command.env("NODE_PATH", folder.join("node_modules"));
        Ok(command)
    }

    fn second_venv(&self, name: &str, pins: &str, more: &[&str], program: &str) -> Result<PathBuf, Missing> {
        let need =
            |what: &str| Missing { what: what.into(), how: "install Python 3.11 with venv and pip".into() };
        let python = which("python3").ok_or_else(|| need("python3"))?;
        let venv = self.folder.join(name);
        self.once(name, &own(pins), || filled(&python, &venv, &own(pins), more))
            .map_err(|failure| need(&format!("Python packages: {failure}")))?;
        Ok(venv.join("bin").join(program))
    }
}

fn filled(python: &Path, venv: &Path, pins: &Path, more: &[&str]) -> Result<(), Failure> {
    run(Command::new(python).args(["-m", "venv"]).arg(venv))?;
    let mut pip = Command::new(venv.join("bin/pip"));
    pip.args(["install", "--quiet", "--disable-pip-version-check"]).args(more);
    run(pip.arg("--requirement").arg(pins))
}
