//! `upsign check --live`: preflights and experiments against the embedded store, a bucket with other rules, and what stays unchecked.

use serde_json::{Value, json};

use crate::dev::dev_with_config;
use crate::refusing_store::RefusingStore;
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

/// Clients of dialects send other headers than the API's own: Uppy computes no checksum of a part, and Active Storage always one of
/// the file. What is the same is sent once.
#[test]
fn requests_of_the_clients_of_dialects_are_asked() {
    let blobs = "\n[route.blobs]\nkey = \"blobs/{id}\"\ntypes = [\"image/png\"]\nmax_size = \"1 MiB\"\nbodyless = \"refuse\"\n\
                 checksums = [\"md5\"]\nconfirm = true\n";
    let plain = format!("{}{blobs}", config());
    let dialects = r#"dialects = ["uppy", "companion", "better-upload", "active-storage"]"#;
    let server = dev_with_config(&plain);
    let arguments = [&["--json"][..], &DOCUMENTS].concat();
    let uploads = |config: &str| {
        let report = check(&server, config, &arguments).exits(0).json();
        let of_first_page = preflights(&report).into_iter().filter(|it| it[2] == "http://localhost:5173");
        of_first_page.map(|[route, upload, ..]| format!("{route}: {upload}")).collect::<Vec<_>>()
    };
    assert_eq!(uploads(&plain), ["upload: PUT", "blobs: PUT", "videos: a part"]);
    let expected = [
        "upload: PUT",
        "blobs: PUT",
        "blobs: PUT with content-md5",
        "videos: a part",
        "videos: a part without checksum",
    ];
    assert_eq!(uploads(&format!("{dialects}\n{plain}")), expected);
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

/// Runs the check of a configuration whose bucket is in a store that refuses some requests.
fn check_refusing(store: &RefusingStore, config: &str, arguments: &[&str]) -> Finished {
    let place = format!("region = \"ap-southeast-1\"\nendpoint = \"{}\"", store.endpoint);
    let config = config.replace("region = \"ap-southeast-1\"", &place);
    let arguments = [&["check", "--live"], arguments, &DOCUMENTS].concat();
    upsign(&arguments).file("upsign.toml", &config).credentials().output()
}

/// Starts a store with the bucket of the configuration.
fn refusing(refused: fn(&str, &str) -> Option<u16>) -> RefusingStore {
    RefusingStore::start("article-images-bucket", "ap-southeast-1", refused)
}

/// Objects that stay are a failure, whatever may stay unchecked.
#[test]
fn left_over_objects_fail_the_check() {
    let config = config().replace(ROUTES, "");
    let arguments = ["--probe", "--allow-uncompared", "probe"];
    // The first store keeps what was examined, and the second refuses the experiments.
    let without_removal =
        refusing(|method, query| (method == "DELETE" || query.contains("prefix=")).then_some(403));
    let only_put = refusing(|method, _| (method != "PUT" && method != "OPTIONS").then_some(403));
    for (store, is_examined) in [(without_removal, true), (only_put, false)] {
        let report = check_refusing(&store, &config, &[&arguments[..], &["--json"]].concat());
        let report = report.exits(1).json();
        let found = &report["probe"][0];
        assert_eq!(found["findings"].is_array(), is_examined, "{report}");
        assert!(found["leftOver"][0].as_str().unwrap().starts_with("upsign-probe-"), "{report}");
        let command = found["removalCommand"].as_str().unwrap();
        assert!(command.starts_with(&format!("aws --endpoint-url {} s3 rm ", store.endpoint)), "{command}");
        assert_eq!(
            (&report["preflights"][0]["verdict"], &report["verdict"]),
            (&json!("allowed"), &json!("failed"))
        );
        let text = check_refusing(&store, &config, &arguments);
        let text = text.exits(1).stdout();
        let objects = if is_examined { "objects were" } else { "object was" };
        assert!(text.contains(&format!("{objects} not removed: upsign-probe-")), "{text}");
        assert!(text.contains(" s3 rm --recursive s3://article-images-bucket/upsign-probe-"), "{text}");
    }
}

/// What routes send is examined, or listed as not checked.
#[test]
fn every_signed_header_is_examined_or_listed() {
    let key = "arn:aws:kms:ap-southeast-1:111122223333:key/1234abcd-12ab-34cd-56ef-1234567890ab";
    let kms = format!("encryption = \"kms\"\nkms_key = \"{key}\"\nbucket_key = true");
    let form = "method = \"post\"\nchecksums = [\"sha256\", \"crc32\"]\ncache_control = \"no-store\"";
    let metadata = "cache_control = \"no-store\"\nmetadata = { source = \"app\" }";
    let rows: [(&str, &[&str], &[&str]); 5] = [
        ("checksums = [\"md5\"]", &["checksums.put.md5"], &[]),
        (&kms, &["kms", "bucket_key"], &[]),
        ("encryption = \"s3\"", &[], &["x-amz-server-side-encryption"]),
        (metadata, &[], &["cache-control", "x-amz-meta-source"]),
        (form, &["post", "form_checksums"], &["cache_control of a form", "x-amz-checksum-crc32 of a form"]),
    ];
    let store = refusing(|_, _| None);
    for (keys, examined, listed) in rows {
        let config = config().replace(ROUTES, "");
        let config = config.replace("bodyless = \"allow\"", &format!("bodyless = \"refuse\"\n{keys}"));
        let report = check_refusing(&store, &config, &["--json", "--probe"]).json();
        let findings = report["probe"][0]["findings"].as_array().unwrap();
        for name in examined {
            assert!(findings.iter().any(|it| it["capability"] == *name), "{name}: {report}");
        }
        let unchecked = report["unchecked"].to_string();
        for name in listed {
            assert!(unchecked.contains(name), "{name}: {unchecked}");
        }
        assert_eq!(unchecked.contains("no experiment examines"), !listed.is_empty(), "{unchecked}");
    }
}

/// Rules correct no error of a server, and a repair names the store.
#[test]
fn repairs_name_the_store_and_only_what_rules_correct() {
    let server = dev_with_config(&config());
    let other = config().replace("http://localhost:5173", "http://localhost:5174");
    let text = check(&server, &other, &DOCUMENTS);
    let text = text.exits(1).stdout();
    let endpoint = server.url("s3");
    let command = format!(
        "aws --endpoint-url {} --region ap-southeast-1 s3api put-bucket-cors --bucket article-images-bucket",
        endpoint.trim_end_matches('/')
    );
    assert!(text.contains(&command), "{text}");
    assert!(text.contains("in place of all rules that it has"), "{text}");
    let broken = refusing(|method, _| (method == "OPTIONS").then_some(500));
    let text = check_refusing(&broken, &config(), &[]);
    assert!(!text.exits(1).stdout().contains("put-bucket-cors"), "{}", text.stdout());
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
