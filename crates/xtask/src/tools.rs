//! Installs the programs that the tests need and the workspace does not contain, into a separate folder.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use crate::process::{Failure, cargo, failure, own, root, run, which};

/// Names under which Chromium is installed.
const BROWSERS: [&str; 4] = ["chromium", "chromium-browser", "google-chrome", "google-chrome-stable"];

/// A component that a step needs and this machine lacks.
pub(crate) struct Missing {
    pub(crate) component: String,
    /// How to get it: a package or a command.
    pub(crate) remedy: String,
}

impl Missing {
    pub(crate) fn new(component: impl Into<String>, remedy: impl Into<String>) -> Self {
        Self { component: component.into(), remedy: remedy.into() }
    }
}

/// The folder with the installed tools.
pub(crate) struct Tools {
    folder: PathBuf,
}

/// A Python virtual environment. There are several, because their packages need different versions of the same libraries.
struct Venv {
    name: &'static str,
    requirements: &'static str,
    pip_arguments: &'static [&'static str],
}

impl Tools {
    /// Uses the folder `XTASK_TOOLS`, or else `target/tools`.
    pub(crate) fn new() -> Self {
        let folder =
            std::env::var_os("XTASK_TOOLS").map_or_else(|| root().join("target/tools"), PathBuf::from);
        Self { folder }
    }

    /// Returns a program of the environment with the emulators and boto3.
    pub(crate) fn python(&self, program: &str) -> Result<PathBuf, Missing> {
        let requirements = "tools/requirements.txt";
        self.venv(&Venv { name: "venv", requirements, pip_arguments: &[] }, program)
    }

    /// Returns a program of the environment with the document linters.
    pub(crate) fn linter(&self, program: &str) -> Result<PathBuf, Missing> {
        self.venv(&Venv { name: "linters", requirements: "tools/linters.txt", pip_arguments: &[] }, program)
    }

    /// Returns a program of the environment for HTTP: schemathesis, hadolint, FastAPI and uvicorn.
    pub(crate) fn http_python(&self, program: &str) -> Result<PathBuf, Missing> {
        let requirements = "tools/requirements-http.txt";
        self.venv(&Venv { name: "venv-http", requirements, pip_arguments: &[] }, program)
    }

    /// Returns a cargo subcommand: the one on `PATH`, or else a prebuilt one from the Python environment.
    pub(crate) fn cargo_subcommand(&self, program: &str) -> Result<PathBuf, Missing> {
        if let Some(installed) = which(program) {
            return Ok(installed);
        }
        let requirements = "tools/requirements-cargo.txt";
        let venv = Venv { name: "venv-cargo", requirements, pip_arguments: &["--no-deps"] };
        self.venv(&venv, program)
            .map_err(|missing| Missing::new(missing.component, format!("cargo install {program} --locked")))
    }

    /// Returns cargo-semver-checks, which no Python package contains: the one on `PATH`, or else one that cargo builds.
    pub(crate) fn cargo_semver_checks(&self) -> Result<PathBuf, Failure> {
        if let Some(installed) = which("cargo-semver-checks") {
            return Ok(installed);
        }
        let folder = self.folder.join("cargo");
        self.once("cargo", &[own("tools/cargo-semver-checks.txt")], || {
            let mut install = cargo();
            install.args(["install", "--locked", "--root"]).arg(&folder).env_remove("CARGO_TARGET_DIR");
            let pin = fs::read_to_string(own("tools/cargo-semver-checks.txt")).map_err(failure)?;
            run(install.arg(pin.trim()))
        })?;
        Ok(folder.join("bin/cargo-semver-checks"))
    }

    fn venv(&self, venv: &Venv, program: &str) -> Result<PathBuf, Missing> {
        let missing = |component: &str| Missing::new(component, "Python 3.11 with venv and pip");
        let python = which("python3").ok_or_else(|| missing("python3"))?;
        let (folder, requirements) = (self.folder.join(venv.name), own(venv.requirements));
        self.once(venv.name, std::slice::from_ref(&requirements), || {
            run(Command::new(&python).args(["-m", "venv"]).arg(&folder))?;
            let mut pip = Command::new(folder.join("bin/pip"));
            pip.args(["install", "--quiet", "--disable-pip-version-check"]).args(venv.pip_arguments);
            run(pip.arg("--requirement").arg(&requirements))
        })
        .map_err(|failure| missing(&format!("Python packages of {} ({failure})", venv.requirements)))?;
        Ok(folder.join("bin").join(program))
    }

    /// Returns a Node.js process that finds the packages of the browser and pool tests.
    pub(crate) fn node(&self) -> Result<Command, Missing> {
        self.node_with("node", "tools/package.json")
    }

    /// Returns a Node.js process that finds the evaluator of IAM policies.
    pub(crate) fn iam_node(&self) -> Result<Command, Missing> {
        self.node_with("iam", "tools/iam/package.json")
    }

    /// Returns a Node.js process that finds the OpenID Connect issuer.
    pub(crate) fn issuers_node(&self) -> Result<Command, Missing> {
        self.node_with("issuers", "tools/issuers/package.json")
    }

    /// Returns a Node.js process that finds the packages of the browser client's tests.
    pub(crate) fn browser_client_node(&self) -> Result<Command, Missing> {
        self.node_with("browser-client", "tools/browser-client/package.json")
    }

    /// Returns a program of the packages of the browser client's tests.
    pub(crate) fn browser_client_program(&self, name: &str) -> Result<Command, Missing> {
        let mut node = self.browser_client_node()?;
        node.arg(self.folder.join("browser-client/node_modules/.bin").join(name));
        Ok(node)
    }

    /// Returns a Node.js process that bundles and drives a client of another project in a browser, such as `uppy-5`. The packages of
    /// the client are those of `tools/clients/CLIENT/package.json`, each client in a folder of its own, because two versions of a
    /// client do not fit into one. The folder is in the environment variable `CLIENT`; esbuild and playwright-core are those of
    /// [`browser_client_node`](Self::browser_client_node).
    pub(crate) fn foreign_client_node(&self, client: &str) -> Result<Command, Missing> {
        let name = format!("clients/{client}");
        fs::create_dir_all(self.folder.join("clients"))
            .map_err(|error| Missing::new("clients", format!("a writable folder for tools ({error})")))?;
        self.node_with(&name, &format!("tools/clients/{client}/package.json"))?;
        let mut node = self.browser_client_node()?;
        node.env("CLIENT", self.folder.join(name));
        Ok(node)
    }

    /// Returns a Node.js process that finds the packages that the benchmarks compare upsign with.
    pub(crate) fn node_peers(&self) -> Result<Command, Missing> {
        self.node_with("node-peers", "tools/package-peers.json")
    }

    fn node_with(&self, name: &str, pins: &str) -> Result<Command, Missing> {
        let missing = |component: &str| Missing::new(component, "Node.js 20 with npm");
        let node = which("node").ok_or_else(|| missing("node"))?;
        let npm = which("npm").ok_or_else(|| missing("npm"))?;
        let folder = self.folder.join(name);
        self.once(name, &[own(pins)], || install_packages(&npm, pins, &folder, &[]))
            .map_err(|failure| missing(&format!("Node packages of {pins} ({failure})")))?;
        let mut command = Command::new(node);
        command.env("NODE_PATH", folder.join("node_modules"));
        Ok(command)
    }

    /// Returns the schema of Terraform's AWS provider as JSON. `tools/terraform/extract.cjs` takes it from a package of
    /// 400 MB, of which nothing else is kept.
    pub(crate) fn terraform_schema(&self) -> Result<PathBuf, Missing> {
        let missing = |component: &str| Missing::new(component, "Node.js 20 with npm");
        let node = which("node").ok_or_else(|| missing("node"))?;
        let npm = which("npm").ok_or_else(|| missing("npm"))?;
        let (pins, script) = ("tools/terraform/package.json", own("tools/terraform/extract.cjs"));
        let folder = self.folder.join("terraform");
        let schema = folder.join("schema.json");
        self.once("terraform", &[own(pins), script.clone()], || {
            // The package only describes the provider. The framework that it extends, its peer dependency, is not needed.
            install_packages(&npm, pins, &folder, &["--legacy-peer-deps", "--ignore-scripts"])?;
            let packages = folder.join("node_modules");
            let description = packages.join("@cdktf/provider-aws/.jsii");
            run(Command::new(&node).arg(&script).arg(description).arg(&schema))?;
            fs::remove_dir_all(packages).map_err(failure)
        })
        .map_err(|failure| missing(&format!("the schema of Terraform's AWS provider ({failure})")))?;
        Ok(schema)
    }

    /// Returns the path of a file in a Node package.
    pub(crate) fn node_module(&self, path: &str) -> PathBuf {
        self.folder.join("node/node_modules").join(path)
    }

    /// Returns a Chromium: an installed one, or Debian's package if it may be installed here.
    pub(crate) fn chromium(&self) -> Result<PathBuf, Missing> {
        if let Some(found) = BROWSERS.iter().find_map(which) {
            return Ok(found);
        }
        let missing =
            || Missing::new("chromium", "Chromium or Google Chrome (Debian: apt-get install chromium)");
        install("chromium", "chromium").ok_or_else(missing)
    }

    /// Returns a Firefox: an installed one, or Debian's package if it may be installed here.
    pub(crate) fn firefox(&self) -> Result<PathBuf, Missing> {
        which("firefox").map_or_else(|| system("firefox-esr", "firefox-esr"), Ok)
    }

    /// Runs `set_up` unless it has succeeded before with the same content of the files `pins`. Two processes do not set up the same
    /// tools at the same time.
    fn once(
        &self,
        name: &str,
        pins: &[PathBuf],
        set_up: impl FnOnce() -> Result<(), Failure>,
    ) -> Result<(), Failure> {
        let stamp = self.folder.join(format!("{name}.stamp"));
        let mut wanted = String::new();
        for file in pins {
            let content = fs::read_to_string(file).map_err(|error| format!("{}: {error}", file.display()))?;
            wanted.push_str(&content);
        }
        let is_set_up = || fs::read_to_string(&stamp).is_ok_and(|installed| installed == wanted);
        if is_set_up() {
            return Ok(());
        }
        fs::create_dir_all(&self.folder).map_err(failure)?;
        let lock = fs::File::create(self.folder.join(format!("{name}.lock"))).map_err(failure)?;
        lock.lock().map_err(failure)?;
        if is_set_up() {
            return Ok(());
        }
        eprintln!("setting up {name} in {}", self.folder.display());
        set_up()?;
        fs::write(&stamp, &wanted).map_err(failure)
    }
}

/// Installs the Node packages of the file `pins` into `folder`.
fn install_packages(npm: &Path, pins: &str, folder: &Path, arguments: &[&str]) -> Result<(), Failure> {
    fs::create_dir_all(folder).map_err(failure)?;
    fs::copy(own(pins), folder.join("package.json")).map_err(failure)?;
    let mut install = Command::new(npm);
    install.args(["install", "--no-audit", "--no-fund", "--no-package-lock", "--loglevel=error"]);
    run(install.args(arguments).current_dir(folder))
}

/// Returns a program on `PATH`, or installs the Debian package that contains it if this machine allows that.
pub(crate) fn system(program: &str, package: &str) -> Result<PathBuf, Missing> {
    which(program)
        .or_else(|| install(package, program))
        .ok_or_else(|| Missing::new(program, format!("apt-get install {package}")))
}

/// Installs a Debian package if this machine allows that, and returns the path of a program in it.
pub(crate) fn install(package: &str, program: &str) -> Option<PathBuf> {
    if !may_install() {
        return None;
    }
    // Two calls of apt-get at the same time fail: they do not wait for each other's locks.
    fs::create_dir_all(root().join("target")).ok()?;
    let lock = fs::File::create(root().join("target/apt-get.lock")).ok()?;
    lock.lock().ok()?;
    run(Command::new("apt-get").args(["update", "-qq"])).ok()?;
    let mut install = Command::new("apt-get");
    install.env("DEBIAN_FRONTEND", "noninteractive");
    run(install.args(["install", "-y", "-qq", "--no-install-recommends", package])).ok()?;
    which(program)
}

/// Returns `true` as root on a Debian machine.
fn may_install() -> bool {
    is_root() && which("apt-get").is_some()
}

pub(crate) fn is_root() -> bool {
    Command::new("id").arg("-u").output().is_ok_and(|id| id.stdout == b"0\n")
}
