//! What the tests against real components need, set up in a folder of their own.

mod runtimes;

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use crate::process::{Failure, cargo, own, root, run, which};

/// The names that Chromium goes by.
const BROWSERS: [&str; 4] = ["chromium", "chromium-browser", "google-chrome", "google-chrome-stable"];

/// Why a step does not run here, and what to do about it.
pub(crate) struct Missing {
    pub(crate) what: String,
    pub(crate) how: String,
}

pub(crate) struct Tools {
    folder: PathBuf,
}

impl Tools {
    /// `UPSIGN_TOOLS`, which outlives a clone, else `target/tools`.
    pub(crate) fn new() -> Self {
        let folder =
            std::env::var_os("UPSIGN_TOOLS").map_or_else(|| root().join("target/tools"), PathBuf::from);
        Self { folder }
    }

    /// A program of the Python environment.
    pub(crate) fn python(&self, program: &str) -> Result<PathBuf, Missing> {
        self.venv("venv", "tools/requirements.txt", program)
    }

    /// A program of the linters' environment, which is one of its own: they and the servers pin different versions.
    pub(crate) fn linter(&self, program: &str) -> Result<PathBuf, Missing> {
        self.venv("linters", "tools/linters.txt", program)
    }

    fn venv(&self, name: &str, pins: &str, program: &str) -> Result<PathBuf, Missing> {
        let need =
            |what: &str| Missing { what: what.into(), how: "install Python 3.11 with venv and pip".into() };
        let python = which("python3").ok_or_else(|| need("python3"))?;
        let venv = self.folder.join(name);
        self.once(name, &own(pins), || {
            run(Command::new(&python).args(["-m", "venv"]).arg(&venv))?;
            let mut pip = Command::new(venv.join("bin/pip"));
            pip.args(["install", "--quiet", "--disable-pip-version-check", "--requirement"]);
            run(pip.arg(own(pins)))
        })
        .map_err(|failure| need(&format!("Python packages: {failure}")))?;
        Ok(venv.join("bin").join(program))
    }

    /// A Node process with the packages at hand.
    pub(crate) fn node(&self) -> Result<Command, Missing> {
        self.node_with("node", "tools/package.json")
    }

    /// A Node process with the evaluator of IAM policies at hand.
    pub(crate) fn iam_node(&self) -> Result<Command, Missing> {
        self.node_with("iam", "tools/iam/package.json")
    }

    fn node_with(&self, name: &str, pins: &str) -> Result<Command, Missing> {
        let need = |what: &str| Missing { what: what.into(), how: "install Node.js 20 with npm".into() };
        let node = which("node").ok_or_else(|| need("node"))?;
        let npm = which("npm").ok_or_else(|| need("npm"))?;
        let folder = self.folder.join(name);
        self.once(name, &own(pins), || {
            fs::create_dir_all(&folder).map_err(|error| error.to_string())?;
            let copied = fs::copy(own(pins), folder.join("package.json"));
            copied.map_err(|error| error.to_string())?;
            let mut install = Command::new(npm);
            install.args(["install", "--no-audit", "--no-fund", "--no-package-lock", "--loglevel=error"]);
            run(install.current_dir(&folder))
        })
        .map_err(|failure| need(&format!("Node packages: {failure}")))?;
        let mut command = Command::new(node);
        command.env("NODE_PATH", folder.join("node_modules"));
        Ok(command)
    }

    /// A file of a Node package.
    pub(crate) fn node_module(&self, path: &str) -> PathBuf {
        self.folder.join("node/node_modules").join(path)
    }

    /// `cargo fuzz`, installed beside the other tools.
    pub(crate) fn cargo_fuzz(&self) -> Result<PathBuf, Missing> {
        let folder = self.folder.join("cargo");
        let program = folder.join("bin/cargo-fuzz");
        if !program.is_file() {
            let mut install = cargo();
            install.args(["install", "cargo-fuzz", "--locked", "--quiet", "--root"]).arg(&folder);
            run(install.env_remove("CARGO_TARGET_DIR")).map_err(|failure| Missing {
                what: format!("cargo-fuzz ({failure})"),
                how: "cargo install cargo-fuzz --locked".into(),
            })?;
        }
        Ok(program)
    }

    /// A browser: installed from Debian's packages when we may.
    pub(crate) fn chromium(&self) -> Result<PathBuf, Missing> {
        if let Some(found) = BROWSERS.iter().find_map(which) {
            return Ok(found);
        }
        let missing = || Missing { what: "chromium".into(), how: "install Chromium or Google Chrome".into() };
        install("chromium").ok_or_else(missing)
    }

    /// Runs `set_up` unless it has succeeded before for the same pins.
    fn once(
        &self,
        name: &str,
        pins: &Path,
        set_up: impl FnOnce() -> Result<(), Failure>,
    ) -> Result<(), Failure> {
        let stamp = self.folder.join(format!("{name}.stamp"));
        let wanted = fs::read_to_string(pins).map_err(|error| format!("{}: {error}", pins.display()))?;
        if fs::read_to_string(&stamp).is_ok_and(|have| have == wanted) {
            return Ok(());
        }
        fs::create_dir_all(&self.folder).map_err(|error| error.to_string())?;
        eprintln!("setting up {name} in {}", self.folder.display());
        set_up()?;
        fs::write(&stamp, wanted).map_err(|error| error.to_string())
    }
}

/// A program of the Debian package of its name, installed if we may.
pub(crate) fn install(package: &str) -> Option<PathBuf> {
    if !may_install() {
        return None;
    }
    run(Command::new("apt-get").args(["update", "-qq"])).ok()?;
    let mut install = Command::new("apt-get");
    install.env("DEBIAN_FRONTEND", "noninteractive");
    run(install.args(["install", "-y", "-qq", "--no-install-recommends", package])).ok()?;
    which(package)
}

/// Whether this is a Debian machine on which we are root.
fn may_install() -> bool {
    let root = Command::new("id").arg("-u").output().is_ok_and(|id| id.stdout == b"0\n");
    root && which("apt-get").is_some()
}
