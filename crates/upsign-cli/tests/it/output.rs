//! Which stream gets what, in which form: JSON, colors, closed pipes, and narrow terminals.

use std::io::Read;
use std::process::{Command, Stdio};

use serde_json::{Value, json};

use crate::run::{CONFIG, Finished, upsign};

fn error_of(run: &Finished) -> Value {
    run.json()["error"].clone()
}

#[test]
fn json_answers_errors_on_standard_output_with_their_code() {
    for (arguments, code, part) in [
        (&["--json", "verify"][..], "usage", "<TOKEN>"),
        (&["check", "--json", "--colour"], "usage", "--colour"),
        (&["--json"], "usage", "a command is missing"),
        (&["--json", "absent"], "usage", "absent"),
        (&["--json", "demo", "absent.jpg"], "io", "cannot read absent.jpg"),
        (&["--json", "jwks", "absent.json"], "io", "there is no such file"),
        (&["--json", "check", "--against", "absent.json"], "io", "absent.json"),
        (
            &["--json", "presign", "a.jpg", "--bucket=b-1", "--region=eu-central-1", "--backend=aws-sdk"],
            "missing-feature",
            "aws-sdk",
        ),
        (
            &["--json", "key", "--content-type=text/css", "--content-length=7"],
            "content-type-not-allowed",
            "image/png",
        ),
        (&["--json", "documents", "sam", "--format=yaml"], "usage", "--json prints JSON"),
        (&["--json", "documents", "terraform", "--format=hcl"], "usage", "--format hcl"),
        (&["--json", "documents", "cors", "--format=xml"], "usage", "--format xml"),
    ] {
        if code == "missing-feature" && cfg!(feature = "sdk") {
            continue;
        }
        let run = upsign(arguments).file("upsign.toml", CONFIG).credentials().output();
        let error = error_of(&run);
        assert_eq!(error["code"], code, "{arguments:?}: {error}");
        assert!(error["message"].as_str().unwrap().contains(part), "{arguments:?}: {error}");
        assert!(!run.stderr().is_empty(), "{arguments:?}: people read the error on standard error");
    }
}

#[test]
fn errors_in_json_name_file_and_line() {
    let run = upsign(&["check", "--json", "--against", "cors.json"])
        .file("upsign.toml", CONFIG)
        .file("cors.json", "{\"CORSRules\":[\n  {\"AllowedMethods\":")
        .output();
    let error = error_of(run.exits(2));
    assert_eq!((&error["file"], &error["line"]), (&json!("cors.json"), &json!(2)));
    assert_eq!(error["message"], "cors.json:2: the JSON ends too early");
    run.has_message("cors.json:2: the JSON ends too early");
}

#[test]
fn json_prints_one_document_also_if_the_command_fails_after_it() {
    let text = CONFIG.replace("bodyless = \"allow\"", "bodyless = \"allow\"\nexpires_in = \"2h\"");
    let run = upsign(&["check", "--json", "--deny-warnings"]).file("upsign.toml", &text).output();
    run.exits(1);
    assert!(run.json()["warnings"].as_array().is_some_and(|warnings| !warnings.is_empty()));
}

#[test]
fn help_and_version_answer_in_json() {
    for (arguments, contains) in
        [(&["--version", "--json"][..], "upsign "), (&["check", "--json", "--help"], "Usage: upsign check")]
    {
        let run = upsign(arguments).output();
        run.exits(0);
        assert!(run.json()["text"].as_str().unwrap().contains(contains), "{arguments:?}");
    }
}

#[test]
fn init_and_completions_answer_in_json() {
    let run = upsign(&["init", "--json"]).output();
    assert_eq!(run.exits(0).json()["file"], "upsign.toml");
    let change = run.json()["change"].clone();
    assert!(change.as_array().unwrap().iter().any(|line| line["key"] == "bucket.region"), "{change}");
    let run = upsign(&["completions", "fish", "--json"]).output();
    assert_eq!(run.exits(0).json()["shell"], "fish");
    let run = upsign(&["init", "--json"]).file("upsign.toml", "").output();
    assert!(error_of(run.exits(2))["message"].as_str().unwrap().contains("already exists"));
}

#[test]
fn documents_print_json_with_json() {
    for document in [
        &["cors"][..],
        &["iam"],
        &["lifecycle"],
        &["bucket-policy"],
        &["cloudwatch"],
        &["sam"],
        &["reads", "--reads=presigned"],
    ] {
        let run = upsign(&[&["documents", "--json"], document].concat()).file("upsign.toml", CONFIG).output();
        assert!(run.exits(0).json().is_object(), "{document:?}");
    }
}

#[test]
fn reports_go_to_standard_output_and_notes_to_standard_error() {
    let run = upsign(&["check"]).file("upsign.toml", CONFIG).output();
    assert!(run.exits(0).stdout().contains("article-images-bucket in ap-southeast-1"));
    let run = upsign(&["demo"]).output();
    assert!(run.exits(0).stdout().contains("same bytes, same content type"));
    assert!(run.stdout().contains("next: upsign dev"));
    assert_eq!(run.stderr(), "");
    let presign = ["presign", "a.jpg", "--bucket=my-bucket", "--region=eu-central-1"];
    let run = upsign(&presign).credentials().output();
    assert_eq!(run.exits(0).stdout().lines().count(), 1);
    run.has_message("expires      in 15 min, at ");
    let run = upsign(&[&presign[..], &["-q"]].concat()).credentials().output();
    assert_eq!((run.exits(0).stdout().lines().count(), run.stderr()), (1, String::new()));
}

#[test]
fn color_is_used_only_if_asked_for_or_on_a_terminal() {
    let has_color = |arguments: &[&str], variables: &[(&str, &str)]| {
        let mut run = upsign(arguments).file("upsign.toml", CONFIG);
        for (name, value) in variables {
            run = run.variable(name, value);
        }
        let run = run.output();
        (run.stdout() + &run.stderr()).contains('\u{1b}')
    };
    for arguments in
        [&["check"][..], &["verify"], &["--help"], &["demo", "absent.jpg"], &["check", "--absent"]]
    {
        assert!(!has_color(arguments, &[]), "{arguments:?}");
        assert!(has_color(&[arguments, &["--color=always"]].concat(), &[]), "{arguments:?}");
        assert!(has_color(arguments, &[("CLICOLOR_FORCE", "1")]), "{arguments:?}");
        let never = [arguments, &["--color", "never"]].concat();
        assert!(!has_color(&never, &[("CLICOLOR_FORCE", "1")]), "{arguments:?}");
    }
    assert!(has_color(&["check", "--color=always"], &[("NO_COLOR", "1")]));
    upsign(&["check", "--color=loud"]).output().exits(2).has_message("possible values: auto, always, never");
}

#[test]
fn verbose_and_quiet_exclude_each_other() {
    upsign(&["check", "-v", "-q"]).output().exits(2).has_message("cannot be used with");
}

/// Runs the command with a standard output whose reader has gone away.
fn with_closed_pipe(arguments: &[&str], input: &str) -> (Option<i32>, String) {
    let folder = tempfile::tempdir().unwrap();
    let config = CONFIG.replace("bodyless = \"allow\"", "bodyless = \"refuse\"");
    std::fs::write(folder.path().join("upsign.toml"), config).unwrap();
    std::fs::write(folder.path().join("input"), input).unwrap();
    let (reader, writer) = std::io::pipe().unwrap();
    drop(reader);
    let mut command = Command::new(env!("CARGO_BIN_EXE_upsign"));
    command.args(arguments).current_dir(folder.path()).env_clear();
    command.stdin(std::fs::File::open(folder.path().join("input")).unwrap());
    let mut child = command.stdout(writer).stderr(Stdio::piped()).spawn().unwrap();
    // The command keeps the other end of the pipe open.
    drop(command);
    let mut errors = String::new();
    child.stderr.take().unwrap().read_to_string(&mut errors).unwrap();
    (child.wait().unwrap().code(), errors)
}

#[test]
fn a_closed_pipe_ends_every_command_quietly() {
    for arguments in [
        &["--help"][..],
        &["documents", "--help"],
        &["--version"],
        &["completions", "bash"],
        &["schema"],
        &["check"],
        &["check", "--json"],
        &["init", "-"],
        &["--quiet", "documents", "sam"],
        &["demo"],
    ] {
        assert_eq!(with_closed_pipe(arguments, ""), (Some(0), String::new()), "{arguments:?}");
    }
    let lines = "{\"id\":1}\n".repeat(10_000);
    assert_eq!(with_closed_pipe(&["jwks", "--batch"], &lines), (Some(0), String::new()));
    let (code, errors) = with_closed_pipe(&["key", "--json"], "");
    assert_eq!(code, Some(1), "{errors}");
    assert!(errors.starts_with("error: denied:"), "{errors}");
}

#[test]
fn narrow_reports_continue_below_the_value() {
    let run = upsign(&["check"]).file("upsign.toml", CONFIG).variable("COLUMNS", "60").output();
    let text = run.exits(0).stdout();
    let key = text.lines().find(|line| line.starts_with("   types"));
    assert_eq!(key, Some("   types        image/jpeg, image/png, image/webp"), "{text}");
    let long = text.lines().filter(|line| line.chars().count() > 60 && line.trim().contains(' '));
    // Names that are longer than the line are not broken.
    let is_name = |line: &&str| ["arn:", "http", ".amazonaws.com"].iter().any(|part| line.contains(part));
    let broken: Vec<&str> = long.filter(|line| !is_name(line)).collect();
    assert!(broken.is_empty(), "{broken:#?}");
    let wide = upsign(&["check"]).file("upsign.toml", CONFIG).output();
    assert!(wide.stdout().lines().any(|line| line.chars().count() > 60));
}

#[test]
fn an_invalid_variable_is_named() {
    let run = upsign(&["serve"]).file("upsign.toml", CONFIG).variable("UPSIGN_MAX_REQUESTS", "many").output();
    run.exits(2).has_message("UPSIGN_MAX_REQUESTS");
    let run = upsign(&["serve", "--json"]).variable("UPSIGN_CREDENTIALS", "some").output();
    assert_eq!(error_of(run.exits(2))["key"], "UPSIGN_CREDENTIALS");
    let run = upsign(&["serve", "--max-requests=many"]).variable("UPSIGN_MAX_REQUESTS", "1").output();
    run.exits(2).has_message("--max-requests");
}
