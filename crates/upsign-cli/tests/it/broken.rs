//! Broken configurations: what `upsign check` prints for each file of `broken/`, compared with `broken/messages.txt`.
//!
//! Lines of a file that begin with `#! ` set environment variables. If a message changes, the new text is written to the
//! temporary directory of the target directory, to be read and copied.

use std::fmt::Write;
use std::path::{Path, PathBuf};

use crate::run::upsign;

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/it/broken")
}

/// Returns the names of the files, without their extension, in order.
fn names() -> Vec<String> {
    let files =
        std::fs::read_dir(folder()).unwrap().map(|entry| entry.unwrap().file_name().into_string().unwrap());
    let mut names: Vec<String> =
        files.filter_map(|name| name.strip_suffix(".toml").map(str::to_owned)).collect();
    names.sort();
    names
}

fn check(name: &str, arguments: &[&str]) -> crate::run::Finished {
    let content = std::fs::read(folder().join(format!("{name}.toml"))).unwrap();
    let mut run = upsign(arguments).variable("COLUMNS", "100");
    std::fs::write(run.folder.path().join("upsign.toml"), &content).unwrap();
    for line in String::from_utf8_lossy(&content).lines() {
        if let Some((variable, value)) = line.strip_prefix("#! ").and_then(|line| line.split_once('=')) {
            run = run.variable(variable, value);
        }
    }
    run.output()
}

#[test]
fn messages_about_broken_files_are_the_reviewed_ones() {
    let names = names();
    assert!(names.len() >= 77);
    let mut messages = String::new();
    for name in &names {
        let run = check(name, &["check"]);
        let code = run.code();
        assert!(code == 0 || code == 2, "{name}: {}", run.stderr());
        writeln!(messages, "════ {name} (exit code {code})\n{}", run.stderr()).unwrap();
    }
    let file = folder().join("messages.txt");
    if std::fs::read_to_string(&file).unwrap_or_default() != messages {
        let new = Path::new(env!("CARGO_TARGET_TMPDIR")).join("messages.txt");
        std::fs::write(&new, messages).unwrap();
        panic!("{} differs from the new messages in {}", file.display(), new.display());
    }
}

#[test]
fn every_message_has_a_place_and_one_next_step() {
    for name in names() {
        let run = check(&name, &["--json", "check"]);
        let json = run.json();
        let findings = match (run.code(), json.get("errors")) {
            (0, _) => json["warnings"].as_array().unwrap().clone(),
            (_, Some(errors)) => errors.as_array().unwrap().clone(),
            (_, None) => vec![json["error"].clone()],
        };
        assert!(!findings.is_empty() && findings.len() <= 4, "{name}: {json}");
        for finding in findings {
            assert!(!finding["code"].as_str().unwrap().is_empty(), "{name}: {finding}");
            let key = finding["key"].as_str().unwrap_or_default();
            assert!(finding["file"] == "upsign.toml" || key.contains("UPSIGN_"), "{name}: {finding}");
            let message = finding["message"].as_str().unwrap();
            assert!(!message.is_empty() && !message.ends_with('.'), "{name}: {finding}");
        }
    }
}
