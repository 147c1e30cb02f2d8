//! `upsign check --live`: preflights and experiments against the embedded store, a bucket with other rules, and what stays unchecked.

use serde_json::{Value, json};

use crate::dev::dev_with_config;
use crate::run::{CONFIG, Finished, Serving, upsign};

/// Two routes, one of which uploads in parts, for pages on this machine.
const ROUTES: &str = r#"
[route.videos]
key = "videos/{id}"
types = ["video/mp4"]
max_size = "1 GiB"
bodyless = "refuse"
multipart = "always"
checksums = ["crc32c"]
"#;
const ORIGINS: &str = r#"["http://localhost:5173", "http://*.localhost:3000"]"#;
const DOCUMENTS: [&str; 2] = ["--allow-uncompared", "documents"];

fn config() -> String {
    CONFIG.replace(r#"["https://app.example.com"]"#, ORIGINS) + ROUTES
}

/// Runs the check of a configuration whose bucket is that of the server.
fn check(server: &Serving, config: &str, arguments: &[&str]) -> Finished {
    let endpoint = format!("region = \"ap-southeast-1\"\nendpoint = \"{}\"", server.url("s3"));
    let config = config.replace("region = \"ap-southeast-1\"", &endpoint);
    let run = upsign(&[&["check", "--live"], arguments].concat()).file("upsign.toml", &config);
    // With credentials, a build with the feature `live` also reads the documents of the bucket.
    if !arguments.contains(&"--probe") {
        return run.output();
    }
    let credentials = &server.ready["s3Credentials"];
    run.variable("AWS_ACCESS_KEY_ID", credentials["accessKeyId"].as_str().unwrap())
        .variable("AWS_SECRET_ACCESS_KEY", credentials["secretAccessKey"].as_str().unwrap())
        .output()
}

/// Returns route, upload, origin and verdict of each preflight.
fn preflights(report: &Value) -> Vec<[String; 4]> {
    let each = |it: &Value| {
        ["route", "upload", "origin", "verdict"].map(|name| it[name].as_str().unwrap().to_owned())
    };
    report["preflights"].as_array().unwrap().iter().map(each).collect()
}

#[test]
fn every_route_and_origin_is_asked() {
    let server = dev_with_config(&config());
    let arguments = [&["--json"][..], &DOCUMENTS].concat();
    let finished = check(&server, &config(), &arguments);
    let report = finished.exits(0).json();
    let expected = [
        ["upload", "PUT", "http://localhost:5173", "allowed"],
        ["upload", "PUT", "http://*.localhost:3000", "allowed"],
        ["videos", "a part", "http://localhost:5173", "allowed"],
        ["videos", "a part", "http://*.localhost:3000", "allowed"],
    ];
    assert_eq!(preflights(&report), expected);
    assert_eq!(report["preflights"][3]["preflight"]["origin"], "http://x.localhost:3000");
    assert_eq!(report["preflights"][2]["preflight"]["headers"], json!(["x-amz-checksum-crc32c"]));
    assert_eq!(report["verdict"], "ok");
}

/// What was not checked is not in order. Experiments are part of the check only with `--probe`.
#[test]
fn unchecked_parts_fail_unless_they_are_allowed() {
    let server = dev_with_config(&config());
    let finished = check(&server, &config(), &["--json"]);
    let report = finished.exits(1).json();
    let unchecked = report["unchecked"].as_array().unwrap();
    let part = |name: &str| unchecked.iter().find(|it| it["part"] == name).unwrap();
    assert_eq!((&part("documents")["allowed"], &part("probe")["allowed"]), (&json!(false), &json!(true)));
    let reason = part("probe")["reason"].as_str().unwrap();
    assert!(reason.contains("complete_if_none_match, if_none_match, multipart"), "{reason}");
    assert_eq!((&report["probe"][0]["findings"], &report["verdict"]), (&Value::Null, &json!("failed")));
    let text = check(&server, &config(), &[]);
    let stdout = text.exits(1).stdout();
    assert!(stdout.contains("? article-images-bucket: not examined"), "{stdout}");
    assert!(stdout.contains("To accept what was not checked: --allow-uncompared documents"), "{stdout}");
    if !cfg!(feature = "live") {
        assert!(stdout.contains("   ? not compared") && stdout.contains("--features live"), "{stdout}");
    }
    check(&server, &config(), &DOCUMENTS).exits(0);
    // Experiments need credentials.
    let report = check(&server, &config(), &[&["--json", "--probe"][..], &DOCUMENTS].concat()).json();
    assert_eq!(report["probe"][0]["findings"][0]["capability"], "put", "{report}");
}

#[test]
fn refused_uploads_name_the_line_of_the_file() {
    let server = dev_with_config(&config());
    let other = config().replace("http://localhost:5173", "http://localhost:5174");
    let other = other.replace("bodyless = \"allow\"", "bodyless = \"allow\"\ncache_control = \"no-store\"");
    let finished = check(&server, &other, &[&["--json"][..], &DOCUMENTS].concat());
    let report = finished.exits(1).json();
    let verdicts: Vec<_> = preflights(&report).into_iter().map(|[.., verdict]| verdict).collect();
    assert_eq!(verdicts, ["refused", "refused", "refused", "allowed"]);
    let first = &report["preflights"][0]["diagnoses"][0];
    assert_eq!((&first["cause"], &first["certain"]), (&json!("cors-origin"), &json!(true)));
    let key = first["key"].as_str().unwrap();
    assert!(key.starts_with("cors.origins = [") && key.contains("(upsign.toml:"), "{key}");
    let second = &report["preflights"][1]["diagnoses"][0];
    assert_eq!(second["field"], "header:cache-control");
    assert!(second["key"].as_str().unwrap().starts_with("upload.cache_control = \"no-store\" (upsign.toml:"));
    let text = check(&server, &other, &[&DOCUMENTS[..]].concat());
    let stdout = text.exits(1).stdout();
    for part in [
        "✗ upload: PUT from http://localhost:5174",
        "✓ videos: a part from http://*.localhost:3000 (asked as http://x.localhost:3000)",
        "needed by",
        "1 preflight allowed, 3 refused",
        "upsign documents cors --bucket article-images-bucket > cors.json",
    ] {
        assert!(stdout.contains(part), "{part}: {stdout}");
    }
    assert!(!stdout.contains("X-Amz-Signature"), "{stdout}");
}

#[test]
fn experiments_examine_what_the_routes_rely_on() {
    let server = dev_with_config(&config());
    let finished = check(&server, &config(), &[&["--json", "--probe"][..], &DOCUMENTS].concat());
    let report = finished.json();
    if !cfg!(feature = "live") {
        finished.exits(0);
    }
    let findings = report["probe"][0]["findings"].as_array().unwrap();
    let names: Vec<&str> = findings.iter().map(|it| it["capability"].as_str().unwrap()).collect();
    for name in ["put", "if_none_match", "signed_length", "multipart", "checksums.part.crc32c"] {
        assert!(names.contains(&name), "{name}: {names:?}");
    }
    assert!(findings.iter().all(|it| it["holds"] == "yes"), "{findings:#?}");
    assert!(report["unchecked"].as_array().unwrap().iter().all(|it| it["part"] == "documents"), "{report}");
}

/// A store that does not answer is neither in order nor refused.
#[test]
fn a_store_without_an_answer_stays_unchecked() {
    let config = config().replace(
        "region = \"ap-southeast-1\"",
        "region = \"ap-southeast-1\"\nendpoint = \"http://127.0.0.1:9\"",
    );
    let arguments = [&["check", "--live", "--json"][..], &DOCUMENTS].concat();
    let finished = upsign(&arguments).file("upsign.toml", &config).output();
    let report = finished.exits(1).json();
    assert!(preflights(&report).iter().all(|it| it[3] == "not-checked"), "{report}");
    let allowed = [&arguments[..], &["--allow-uncompared", "preflights"]].concat();
    upsign(&allowed).file("upsign.toml", &config).output().exits(0);
    upsign(&["check", "--probe"]).file("upsign.toml", &config).output().exits(2);
}
