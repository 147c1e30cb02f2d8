//! Checks which crates can be built for `wasm32-unknown-unknown`, as far as the graph of their dependencies shows.
//!
//! The standard library of that target may not be installed where the tests run, so nothing is compiled here. `cargo xtask
//! nightly --only wasm` compiles these crates.

use std::process::Command;

use crate::workspace::root;

const TARGET: &str = "wasm32-unknown-unknown";

/// Crates that must be usable in a browser or a JavaScript runtime, and the features with which they are.
const PORTABLE: [(&str, &[&str]); 8] = [
    ("upsign-core", &[]),
    ("upsign-core", &["renewing", "serde"]),
    ("upsign-policy", &[]),
    ("upsign-sigv4", &[]),
    ("upsign-gcs", &[]),
    ("upsign-documents", &["hcl", "xml"]),
    ("upsign", &["js"]),
    ("upsign", &["js", "renewing", "serde"]),
];

/// Packages that need an operating system or a C compiler for the target. So do packages whose name ends in `-sys`.
const NATIVE: [&str; 12] = [
    "aws-lc-rs",
    "errno",
    "hyper",
    "hyper-util",
    "libc",
    "mio",
    "native-tls",
    "openssl",
    "ring",
    "rustix",
    "socket2",
    "tempfile",
];

/// Interfaces to JavaScript, in spite of their names.
const JAVASCRIPT: [&str; 2] = ["js-sys", "web-sys"];

/// Packages that only compile for the target with a feature.
const NEEDS: [(&str, &str); 1] = [("getrandom", "wasm_js")];

/// Features that do not compile for the target.
const UNAVAILABLE: [(&str, &[&str]); 2] = [
    ("tokio", &["fs", "full", "net", "process", "rt-multi-thread", "signal"]),
    // Both would read random numbers without one of uuid's own features for JavaScript.
    ("uuid", &["v4", "v7"]),
];

#[test]
fn portable_crates_need_nothing_native() {
    for (package, features) in PORTABLE {
        let obstacles = obstacles(&tree(package, features));
        assert!(obstacles.is_empty(), "{package} with {features:?} on {TARGET}:\n{}", obstacles.join("\n"));
    }
}

#[test]
fn obstacles_are_found_in_crates_that_are_not_portable() {
    let random = obstacles(&tree("upsign", &[]));
    assert_eq!(random, ["getrandom needs the feature wasm_js"]);
    let server = obstacles(&tree("upsign-axum", &["server"])).join("\n");
    assert!(server.contains("tokio must not have the feature net"), "{server}");
    let tokens = obstacles(&tree("upsign-cognito", &[])).join("\n");
    assert!(tokens.contains("aws-lc-rs does not build there"), "{tokens}");
}

/// Returns a line `name|feature,feature` for each package that this one is built with for the target.
fn tree(package: &str, features: &[&str]) -> Vec<String> {
    let output = Command::new(env!("CARGO"))
        .args(["tree", "--locked", "--target", TARGET, "--edges", "normal", "--prefix", "none"])
        .args(["--format", "{p}|{f}", "--package", package, "--features", &features.join(",")])
        .current_dir(root())
        .output()
        .unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let text = String::from_utf8(output.stdout).unwrap();
    let lines: Vec<String> = text.lines().filter_map(without_version).collect();
    assert!(lines.iter().any(|line| line.split('|').next() == Some(package)), "{text}");
    lines
}

/// Turns a line of `cargo tree`, `name v1.0.0 (…)|feature (*)`, into `name|feature`. Macros run on the compiling machine.
fn without_version(line: &str) -> Option<String> {
    let (package, features) = line.split_once('|')?;
    let name = package.split(' ').next()?;
    let features = features.trim_end_matches(" (*)");
    (!package.contains("(proc-macro)")).then(|| format!("{name}|{features}"))
}

/// Returns why packages do not build for the target, each reason once.
fn obstacles(tree: &[String]) -> Vec<String> {
    let mut found = Vec::new();
    for line in tree {
        let (name, features) = line.split_once('|').unwrap_or((line, ""));
        let has = |wanted: &str| features.split(',').any(|feature| feature == wanted);
        if NATIVE.contains(&name) || (name.ends_with("-sys") && !JAVASCRIPT.contains(&name)) {
            found.push(format!("{name} does not build there"));
        }
        let needed = NEEDS.iter().filter(|(package, feature)| *package == name && !has(feature));
        found.extend(needed.map(|(_, feature)| format!("{name} needs the feature {feature}")));
        let unavailable = UNAVAILABLE.iter().filter(|(package, _)| *package == name);
        let unavailable =
            unavailable.flat_map(|(_, features)| features.iter()).filter(|feature| has(feature));
        found.extend(unavailable.map(|feature| format!("{name} must not have the feature {feature}")));
    }
    found.sort();
    found.dedup();
    found
}

mod tests {
    use super::*;

    #[track_caller]
    fn check(lines: &[&str], expected: &[&str]) {
        let lines: Vec<String> = lines.iter().filter_map(|line| without_version(line)).collect();
        assert_eq!(obstacles(&lines), expected);
    }

    #[test]
    fn native_packages_are_obstacles() {
        check(
            &["mio v1.0.0|net", "aws-lc-sys v0.3.0|", "js-sys v0.3.0|", "libc v0.2.0| (*)", "libc v0.2.0|"],
            &["aws-lc-sys does not build there", "libc does not build there", "mio does not build there"],
        );
    }

    #[test]
    fn features_decide() {
        check(&["getrandom v0.4.0|std,wasm_js", "tokio v1.0.0|rt,time (*)", "uuid v1.0.0|std"], &[]);
        check(
            &["getrandom v0.4.0|std", "tokio v1.0.0|net,rt (*)"],
            &["getrandom needs the feature wasm_js", "tokio must not have the feature net"],
        );
    }

    #[test]
    fn macros_run_elsewhere() {
        check(&["openssl v1.0.0 (proc-macro)|"], &[]);
    }
}
