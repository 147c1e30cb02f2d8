//! Checks that the examples stay as short as the documentation says, are tested, and are listed in their overview.

use std::fs;

use crate::workspace::{root, rust_files};

const MAX_LINES: usize = 120;

/// Examples that a test runs with embedded servers.
const TESTED: [&str; 4] = ["axum-session", "confirm", "consumer", "remote-signer"];

/// The tests of an example are in a file of their own and do not count.
#[test]
fn programs_of_examples_are_short() {
    for name in examples() {
        let folder = root().join("examples").join(&name).join("src");
        let files = rust_files(&folder).into_iter().filter(|file| !file.ends_with("tests.rs"));
        let lines: usize = files.map(|file| fs::read_to_string(file).unwrap().lines().count()).sum();
        assert!(lines <= MAX_LINES, "{name}: {lines} lines");
        let program = fs::read_to_string(folder.join("main.rs")).unwrap();
        assert!(program.starts_with("//! Run") || program.starts_with("//! Build"), "{name}");
    }
}

#[test]
fn examples_with_logic_have_tests() {
    for name in TESTED {
        let tests = root().join("examples").join(name).join("src/tests.rs");
        let tests = fs::read_to_string(&tests).unwrap_or_else(|error| panic!("{}: {error}", tests.display()));
        assert!(tests.contains("test]\n"), "{name} has no test");
    }
}

/// The overview names every example, with what it is for.
#[test]
fn overview_names_every_example() {
    let overview = fs::read_to_string(root().join("examples/README.md")).unwrap();
    for name in examples() {
        assert!(overview.contains(&format!("| [`{name}`]({name}/src/main.rs) | ")), "{name} is missing");
    }
    let rows = overview.lines().filter(|line| line.starts_with("| [")).count();
    assert_eq!(rows, examples().len(), "the overview names an example that does not exist");
}

fn examples() -> Vec<String> {
    let entries = fs::read_dir(root().join("examples")).unwrap().map(|entry| entry.unwrap());
    let folders = entries.filter(|entry| entry.path().join("Cargo.toml").is_file());
    let mut names: Vec<String> = folders.map(|entry| entry.file_name().into_string().unwrap()).collect();
    names.sort();
    names
}

#[test]
fn axum_application_imports_few_names_from_one_crate() {
    let program = fs::read_to_string(root().join("examples/axum/src/main.rs")).unwrap();
    let (_, imports) = program.split_once("use upsign_axum::{").unwrap();
    let (names, rest) = imports.split_once("};").unwrap();
    assert!(!rest.contains("use upsign") && program.matches("use upsign").count() == 1, "one crate only");
    let names: Vec<&str> = names.split(',').map(str::trim).filter(|name| !name.is_empty()).collect();
    assert!(names.len() <= 12, "{names:?}");
}
