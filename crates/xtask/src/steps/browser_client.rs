//! The browser client: its npm package, its size, its types, and uploads to `upsign dev` in Chromium and Firefox, also with
//! React, with the web component, and by the examples of the manual.

use std::path::{Path, PathBuf};
use std::process::Command;

use super::common::{start_json, text};
use super::{Context, StepError};
use crate::process::{failure, free_port, own, root, run, scratch, which};
use crate::tools::Missing;

/// Routes of every kind that a client can meet.
const CONFIG: &str = include_str!("../../browser/client.toml");

/// Modules in addition to `upsign.js` and `multipart.js`, whose sizes are printed.
const ON_DEMAND: [&str; 9] = [
    "worker.js",
    "refused.js",
    "after.js",
    "ended.js",
    "resume.js",
    "several.js",
    "interrupted.js",
    "react.js",
    "element.js",
];

pub(super) fn package_and_uploads(context: &Context) -> Result<(), StepError> {
    let folder = scratch("browser-client")?;
    let package = pack(context, &folder)?;
    check_package(context, &folder, &package)?;
    uploads(context, &folder, &package)
}

/// Packs the npm package and unpacks it into `node_modules`, as an application has it. What is tested is what would be published.
fn pack(context: &Context, folder: &Path) -> Result<PathBuf, StepError> {
    // Installs the packages, of which npm itself needs none.
    context.tools.browser_client_node()?;
    let npm = which("npm").ok_or_else(|| Missing::new("npm", "Node.js 20 with npm"))?;
    let mut pack = Command::new(npm);
    pack.args(["pack", "--loglevel=error", "--pack-destination"]).arg(folder);
    run(pack.arg(root().join("crates/upsign-browser/npm")))?;
    let package = folder.join("node_modules/upsign");
    std::fs::create_dir_all(&package).map_err(failure)?;
    let mut unpack = Command::new("tar");
    unpack.args(["-xzf"]).arg(tarball(folder)).args(["--strip-components=1", "-C"]).arg(&package);
    run(&mut unpack)?;
    Ok(package)
}

/// Returns the packed package. Its version is that of the workspace, as a test of its crate checks.
fn tarball(folder: &Path) -> PathBuf {
    folder.join(concat!("upsign-", env!("CARGO_PKG_VERSION"), ".tgz"))
}

/// Checks entries, types and size of the package.
fn check_package(context: &Context, folder: &Path, package: &Path) -> Result<(), StepError> {
    let tools = &context.tools;
    run(tools.browser_client_program("publint")?.args(["run", "--strict"]).arg(package))?;
    // The package has ES modules only: `require` is for Node.js, which has no files to upload this way.
    let attw = &mut tools.browser_client_program("attw")?;
    run(attw.args(["--profile", "esm-only", "--no-emoji", "--no-color"]).arg(tarball(folder)))?;
    std::fs::copy(own("browser/client_types.mts"), folder.join("client_types.mts")).map_err(failure)?;
    let tsc = &mut tools.browser_client_program("tsc")?;
    tsc.args(["--noEmit", "--strict", "--module", "nodenext", "--target", "es2022"]);
    tsc.args(["--lib", "es2023,dom,dom.iterable", "client_types.mts"]);
    run(tsc.current_dir(folder))?;
    let mut sizes = tools.browser_client_node()?;
    Ok(run(sizes.arg(own("browser/client_sizes.mjs")).arg(package).args(ON_DEMAND))?)
}

/// Uploads in Chromium and Firefox.
fn uploads(context: &Context, folder: &Path, package: &Path) -> Result<(), StepError> {
    let file = folder.join("upsign.toml");
    std::fs::write(&file, CONFIG).map_err(failure)?;
    let port = free_port()?;
    let mut dev = Command::new(context.build.upsign()?);
    dev.args(["dev", "--user=alice", "--user=bob", "--listen", "127.0.0.1:0", "--json", "--config"])
        .arg(&file);
    let (_dev, ready) = start_json(dev.args(["--origin", &format!("http://127.0.0.1:{port}")]))?;
    let page = |script: &str| -> Result<Command, StepError> {
        let mut node = context.tools.browser_client_node()?;
        node.arg(own(script)).arg(text(&ready, "api")?).arg(text(&ready, "token")?).arg(port.to_string());
        node.arg(package).arg(root().join("crates/upsign-cli/assets/demo.jpg"));
        Ok(node)
    };
    let chromium = context.tools.chromium()?;
    for script in ["client", "client_lost", "client_network", "client_ui", "client_element"] {
        run(page(&format!("browser/{script}.mjs"))?.env("CHROMIUM", &chromium))?;
    }
    let manual = root().join("crates/upsign/src/manual/howto/browser.rs");
    run(page("browser/client_manual.mjs")?.arg(manual).env("CHROMIUM", &chromium))?;
    Ok(run(page("browser/client_firefox.mjs")?.env("FIREFOX", context.tools.firefox()?))?)
}
