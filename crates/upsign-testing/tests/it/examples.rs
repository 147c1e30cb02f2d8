//! Checks that the examples stay as short as the documentation says.

use std::fs;

use crate::workspace::root;

const MAX_LINES: usize = 120;

/// The tests of an example are in a file of their own and do not count.
#[test]
fn programs_of_examples_are_short() {
    let mut programs = 0;
    for folder in fs::read_dir(root().join("examples")).unwrap() {
        let file = folder.unwrap().path().join("src/main.rs");
        let Ok(program) = fs::read_to_string(&file) else { continue };
        let lines = program.lines().count();
        assert!(lines <= MAX_LINES, "{}: {lines} lines", file.display());
        assert!(program.starts_with("//! Run") || program.starts_with("//! Build"), "{}", file.display());
        programs += 1;
    }
    assert!(programs >= 6, "{programs} programs");
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
