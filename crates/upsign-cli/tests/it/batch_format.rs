//! The format that all `--batch` commands share: members as listed in the help, unused options, error shape.

use std::collections::BTreeSet;

use serde_json::{Value, json};

use crate::run::upsign;

const JWKS: &str = r#"{"keys":[]}"#;

/// A line with every member, for each command that has a batch.
fn full_lines() -> Vec<(&'static str, &'static [&'static str], Value)> {
    let credentials =
        json!({"access_key_id": "AKID", "secret_access_key": "s3cret", "session_token": "token"});
    let endpoint = json!({
        "url": null, "addressing": "auto", "dualstack": false, "fips": false, "accelerate": false,
        "use_arn_region": true,
        "signature": "sigv4",
    });
    let jwks: Value = serde_json::from_str(JWKS).unwrap();
    vec![
        (
            "presign",
            &["--batch"],
            json!({
                "id": 1, "operation": "UploadPart", "bucket": "abc", "key": "k", "region": "us-east-1",
                "expires_in": 60, "at": "2026-01-01T00:00:00Z", "credentials": credentials, "endpoint": endpoint,
                "headers": [], "query": [], "upload_id": "u", "part_number": 1, "backend": "sigv4",
            }),
        ),
        (
            "post",
            &["--batch"],
            json!({
                "id": 1, "bucket": "abc", "key": "k", "region": "us-east-1", "expires_in": 60,
                "at": "2026-01-01T00:00:00Z", "credentials": credentials, "endpoint": endpoint, "fields": {},
                "conditions": [], "style": "js",
            }),
        ),
        (
            "verify",
            &["--batch"],
            json!({
                "id": 1, "token": "a.b.c", "jwks": jwks, "issuer": "https://id.example.com", "client_ids": ["c"],
                "token_use": "access", "now": 1, "leeway": 1, "required_groups": ["g"], "required_scopes": ["s"],
            }),
        ),
        ("verify", &["--batch", "--signature-only"], json!({"id": 1, "jws": "a.b.c", "jwks": jwks})),
        (
            "jwks",
            &["--batch"],
            json!({
                "id": 1, "status": 404, "headers": {}, "body": "", "body_b64": null,
            }),
        ),
        (
            "identity",
            &["--batch"],
            json!({
                "id": 1, "event": {}, "event_raw": "{}", "config": {
                    "issuer": "https://id.example.com", "client_ids": ["c"], "now_epoch": 1,
                    "lambda_authorizer": {"sub_field": "sub", "groups_field": "groups"},
                    "alb": null,
                },
            }),
        ),
        (
            "key",
            &["--batch"],
            json!({
                "id": 1, "template": "{id}", "sub": "s", "allowed": {"image/png": ["png"]}, "uuid": null,
                "filename": null, "content_type": "image/png", "content_length": 1, "content_disposition": null,
                "metadata": {}, "tags": {}, "max_content_length": 10, "max_filename_bytes": 100, "issuer_name": "staff",
            }),
        ),
    ]
}

/// Returns the members in the help section of these flags: dotted name, and whether it is required.
fn listed_members(command: &str, flags: &[&str]) -> Vec<(String, bool)> {
    let help = upsign(&[command, "--help"]).output();
    let text = help.exits(0).stdout();
    let title = format!("Lines of {}:", flags.join(" "));
    let section = text.split(&title).nth(1).unwrap_or_default();
    let section = section.split("Answers:").next().unwrap();
    let member = |line: &str| {
        let mut words = line.split_whitespace();
        let (name, requirement) = (words.next()?.to_owned(), words.next()?);
        ["required", "optional"].contains(&requirement).then(|| (name, requirement == "required"))
    };
    section.lines().filter_map(member).collect()
}

fn answer(command: &str, flags: &[&str], line: &Value) -> Value {
    let run = upsign(&[&[command], flags].concat()).output_for_input(&format!("{line}\n"));
    assert!(!run.stdout().contains("s3cret"), "the answer contains a secret");
    serde_json::from_str(&run.stdout()).unwrap()
}

fn object_at<'a>(line: &'a mut Value, parent: &str) -> Option<&'a mut serde_json::Map<String, Value>> {
    let pointer = if parent.is_empty() { String::new() } else { format!("/{}", parent.replace('.', "/")) };
    line.pointer_mut(&pointer)?.as_object_mut()
}

/// The help and the parser agree: without a required member, a line gets an error that names it; without an optional one it
/// does not.
#[test]
fn help_lists_exactly_the_members_of_a_line() {
    for (command, flags, line) in full_lines() {
        let listed = listed_members(command, flags);
        let names: BTreeSet<&str> =
            listed.iter().map(|(name, _)| name.as_str()).filter(|name| !name.contains('.')).collect();
        let known: BTreeSet<&str> = line.as_object().unwrap().keys().map(String::as_str).collect();
        assert_eq!(names, known, "{command}");
        for (name, required) in &listed {
            let (parent, member) = name.rsplit_once('.').unwrap_or(("", name));
            let mut without = line.clone();
            let Some(object) = object_at(&mut without, parent) else { continue };
            assert!(object.remove(member).is_some(), "{command}: {name} is not in the full line");
            let answer = answer(command, flags, &without);
            let missing = format!("the member `{member}` is missing");
            assert_eq!(
                answer["error"]["message"] == missing,
                *required,
                "{command} without {name}: {answer}"
            );
        }
    }
}

#[test]
fn unknown_members_are_errors() {
    for (command, flags, mut line) in full_lines() {
        line["s3cret"] = json!(1);
        let answer = answer(command, flags, &line);
        assert_eq!(answer["error"]["code"], "invalid-request", "{command}");
        assert!(
            answer["error"]["message"].as_str().unwrap().starts_with("unknown member"),
            "{command}: {answer}"
        );
    }
}

#[test]
fn errors_have_one_shape_with_the_line_number() {
    for (command, flags, _) in full_lines() {
        let run = upsign(&[&[command], flags].concat()).output_for_input("\nnot json\n[]\n{\"id\":\"x\"}\n");
        let answers: Vec<Value> =
            run.exits(3).stdout().lines().map(|line| serde_json::from_str(line).unwrap()).collect();
        let codes = ["invalid-json", "invalid-request", "invalid-request"];
        for ((answer, code), line) in answers.iter().zip(codes).zip(2..) {
            let error = answer["error"].as_object().unwrap();
            let members: BTreeSet<&str> = error.keys().map(String::as_str).collect();
            assert_eq!(members, BTreeSet::from(["code", "line", "message"]), "{command}");
            assert_eq!((&error["code"], &error["line"]), (&json!(code), &json!(line)), "{command}");
        }
        assert_eq!((answers.len(), &answers[2]["id"]), (3, &json!("x")), "{command}");
    }
}

#[test]
fn issuer_name_of_a_line_is_part_of_the_key() {
    let mut line = json!({
        "template": "{issuer}/{sub}/{id}", "sub": "7", "allowed": {"image/png": ["png"]},
        "content_type": "image/png", "content_length": 1, "issuer_name": "staff",
    });
    assert!(answer("key", &["--batch"], &line)["key"].as_str().unwrap().starts_with("staff/7/"));
    line["issuer_name"] = "Staff".into();
    assert_eq!(answer("key", &["--batch"], &line)["code"], "issuer-name-invalid");
    line.as_object_mut().unwrap().remove("issuer_name");
    let rejected = answer("key", &["--batch"], &line);
    assert_eq!((&rejected["code"], &rejected["http"]), (&json!("issuer-name-missing"), &json!(500)));
}

#[test]
fn options_that_a_batch_does_not_use_are_refused() {
    for arguments in [
        &["presign", "key", "--batch"][..],
        &["presign", "--batch", "--bucket=abc"],
        &["presign", "--batch", "--expires-in=900"],
        &["presign", "--batch", "--backend=sigv4"],
        &["presign", "-H", "a: b", "--batch"],
        &["post", "--batch", "--region=us-east-1"],
        &["post", "--batch", "-Fa=b"],
        &["verify", "--batch", "token"],
        &["verify", "--batch", "--at=2026-01-01T00:00:00Z"],
        &["verify", "--batch", "--config=upsign.toml"],
        &["verify", "--batch", "--client-id=a"],
        &["verify", "--batch", "--signature-only", "--jwks=keys.json"],
        &["jwks", "keys.json", "--batch"],
        &["identity", "event.json", "--batch"],
        &["identity", "--batch", "--token-use=id"],
        &["key", "--batch", "--sub=a"],
        &["key", "--batch", "--config=upsign.toml"],
    ] {
        let run = upsign(arguments).output();
        run.exits(2).has_message("cannot be used with --batch");
        assert_eq!(run.stdout(), "");
    }
    upsign(&["verify", "token", "--signature-only"]).output().exits(2).has_message("--batch");
}

/// Variables that other programs also use are not options of this command line.
#[test]
fn variables_do_not_conflict_with_a_batch() {
    let variables =
        [("AWS_REGION", "us-east-1"), ("ARTICLE_IMAGES_BUCKET", "abc"), ("UPSIGN_CONFIG", "absent.toml")];
    for command in ["presign", "post", "verify", "key"] {
        let mut run = upsign(&[command, "--batch", "--json"]);
        for (name, value) in variables {
            run = run.variable(name, value);
        }
        run.output().exits(0);
    }
}
