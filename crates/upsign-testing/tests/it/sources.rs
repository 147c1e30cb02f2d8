//! What may stand in which file.

use std::fs;
use std::path::{Path, PathBuf};

fn crates() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap().to_owned()
}

/// Every Rust file of the libraries and doors, with its path below `crates/`.
fn sources() -> Vec<(String, String)> {
    let (mut todo, mut found) = (vec![crates()], Vec::new());
    while let Some(folder) = todo.pop() {
        for entry in fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            let name = path.file_name().unwrap().to_str().unwrap().to_owned();
            if path.is_dir() && !["target", "tests", "node_modules", "vectors"].contains(&name.as_str()) {
                todo.push(path);
            } else if name.ends_with(".rs") {
                let relative = path.strip_prefix(crates()).unwrap().to_str().unwrap().to_owned();
                found.push((relative, fs::read_to_string(path).unwrap()));
            }
        }
    }
    assert!(found.len() > 50, "only {} files found", found.len());
    found.sort();
    found
}

/// The part of a file before its tests.
fn shipped(text: &str) -> &str {
    text.split("#[cfg(test)]").next().unwrap()
}

fn files_with(needle: &str) -> Vec<String> {
    let code = |line: &&str| !line.trim_start().starts_with("//");
    sources()
        .into_iter()
        .filter(|(_, text)| shipped(text).lines().filter(code).any(|line| line.contains(needle)))
        .map(|(path, _)| path)
        .filter(|path| !path.starts_with("xtask/") && !path.starts_with("upsign-testing/"))
        .collect()
}

/// Whoever makes an identity vouches for it. Each of these has checked a token, or is told by a gateway that has.
#[test]
fn who_vouches_for_identities() {
    let callers = files_with("Identity::vouched(");
    assert_eq!(callers, VOUCHING);
}

const VOUCHING: [&str; 5] = [
    // Samples: nothing that they are given leaves the command signed.
    "upsign-cli/src/check.rs",
    "upsign-cli/src/judge/key.rs",
    "upsign-cli/src/key.rs",
    "upsign-cognito/src/authorizer/lambda.rs",
    "upsign-cognito/src/claims.rs",
];

#[test]
fn the_clock_and_entropy_are_read_in_one_file() {
    for needle in ["SystemTime::now", "getrandom::"] {
        assert_eq!(files_with(needle), ["upsign/src/world.rs"], "{needle}");
    }
}

#[test]
fn the_environment_is_read_by_doors_only() {
    for path in files_with("env::var") {
        let door =
            ["upsign-cli/", "upsign-lambda/", "upsign-axum/"].iter().any(|door| path.starts_with(door));
        assert!(door, "{path} reads the environment");
    }
}

/// A file that a reader can hold in the head.
#[test]
fn files_stay_short() {
    for (path, text) in sources() {
        let lines = text.lines().count();
        assert!(lines <= 500, "{path} has {lines} lines");
    }
}
