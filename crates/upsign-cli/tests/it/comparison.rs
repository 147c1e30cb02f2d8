//! `upsign check --against` and `--live`.

use crate::run::{CONFIG, upsign};

#[test]
fn check_explains_how_an_outdated_document_differs() {
    let old = CONFIG.replace("bodyless", "no_overwrite = false\nbodyless");
    let before = upsign(&["documents", "cors", "--format", "xml"]).file("upsign.toml", &old).output();
    before.exits(0);
    let check = |name: &str, text: &str| {
        let run = upsign(&["check", "--json", "--against", name]);
        run.file("upsign.toml", CONFIG).file(name, text).output()
    };
    let run = check("cors.xml", &before.stdout());
    let difference = &run.exits(1).json()["differences"][0];
    assert_eq!((&difference["severity"], &difference["breaks"]), (&"breaking".into(), &"uploads".into()));
    let description = "the header `if-none-match` is not allowed for PUT from https://app.example.com";
    assert_eq!(difference["what"], description);
    for (arguments, name) in [
        (&["documents", "cors", "--format", "terraform-json"][..], "cors.tf.json"),
        (&["documents", "cors", "--format", "terraform"], "cors.tf"),
        (&["documents", "iam"], "iam.json"),
        (&["documents", "bucket-policy", "--format", "terraform-json"], "policy.tf.json"),
        (&["documents", "bucket-policy", "--format", "terraform"], "policy.tf"),
        (&["documents", "lifecycle"], "lifecycle.json"),
        (&["documents", "sam", "--format", "json"], "template.json"),
    ] {
        let made = upsign(arguments).file("upsign.toml", CONFIG).output();
        let run = check(name, &made.exits(0).stdout());
        if name.ends_with(".tf") && !cfg!(feature = "hcl") {
            run.exits(2)
                .has_message("this build does not read HCL")
                .has_message("--path crates/upsign-cli --features hcl");
            continue;
        }
        run.exits(0);
        let counts = serde_json::json!({"breaking": 0, "wider": 0, "cosmetic": 0, "narrower": 0});
        let expected = serde_json::json!({"differences": [], "counts": counts, "repair": []});
        assert_eq!(run.json(), expected, "{name}");
    }
    let run = upsign(&["documents", "check"]).file("upsign.toml", CONFIG).output();
    run.exits(2).has_message("pass --against FILE or --live");
    check("x.json", "{}").exits(2).has_message("no CORS, IAM, bucket policy");
    check("cors.json", r#"{"CORSRules":[{"AllowedOrigins":[],"AllowedMethods":["PUT"]}]}"#).exits(2);
}

#[test]
fn a_comparison_ends_with_a_verdict_and_the_commands_that_repair_it() {
    let old = CONFIG.replace("bodyless", "no_overwrite = false\nbodyless");
    let before = upsign(&["documents", "cors"]).file("upsign.toml", &old).output().stdout();
    let check = |name: &str, text: &str, more: &[&str]| {
        let run = upsign(&[&["check", "--against", name], more].concat());
        run.file("upsign.toml", CONFIG).file(name, text).output()
    };
    let run = check("cors now.json", &before, &["--multipart", "service", "--table", "t"]);
    let expected = "\
breaks uploads: cors now.json: the header `if-none-match` is not allowed for PUT from https://app.example.com
    uploads must send this header, so the browser's preflight fails

1 difference: 1 breaking, 0 wider, 0 cosmetic, 0 narrower
To repair:
  upsign documents cors --multipart service > cors.json
  aws s3api put-bucket-cors --bucket article-images-bucket --cors-configuration file://cors.json
";
    assert_eq!(run.exits(1).stdout(), expected);
    let agree = check(
        "cors.json",
        &upsign(&["documents", "cors"]).file("upsign.toml", CONFIG).output().stdout(),
        &[],
    );
    assert_eq!(agree.exits(0).stdout(), "0 differences: the documents in use agree with upsign.toml\n");
    let template = upsign(&["documents", "sam", "--json"]).file("upsign.toml", &old).output().stdout();
    let run = check("template.json", &template, &["--json"]);
    let repair = run.exits(1).json()["repair"].clone();
    assert_eq!(
        repair,
        serde_json::json!(["upsign documents sam --format json > template.json", "sam deploy"])
    );
}

#[test]
fn an_origin_that_the_configuration_does_not_list_is_wider() {
    let listed = r#""https://app.example.com""#;
    let cors = upsign(&["documents", "cors"]).file("upsign.toml", CONFIG).output().stdout();
    let deployed =
        cors.replace(listed, &format!(r#"{listed}, "https://evil.example", "http://localhost:3000""#));
    let run = upsign(&["check", "--against", "deployed.json"]).file("upsign.toml", CONFIG);
    let expected = "\
wider: deployed.json: the origin `https://evil.example` is allowed
    upsign.toml does not list it: its pages can use a URL that leaks to them
wider: deployed.json: the origin `http://localhost:3000` is allowed
    upsign.toml does not list it: its pages can use a URL that leaks to them

2 differences: 0 breaking, 2 wider, 0 cosmetic, 0 narrower
To repair:
  upsign documents cors > cors.json
  aws s3api put-bucket-cors --bucket article-images-bucket --cors-configuration file://cors.json
";
    assert_eq!(run.file("deployed.json", &deployed).output().exits(1).stdout(), expected);
}

#[test]
fn the_queue_of_a_template_is_named_in_words() {
    let template = upsign(&["documents", "sam", "--json"]).file("upsign.toml", CONFIG).output().stdout();
    let run =
        upsign(&["check", "--multipart=browser", "--against", "template.json"]).file("upsign.toml", CONFIG);
    let report = run.file("template.json", &template).output().exits(1).stdout();
    assert!(report.contains("the template's queue does not receive"), "{report}");
}

#[test]
fn unreadable_documents_are_described() {
    for (text, message) in [
        ("{\"CORSRules\":[", "doc.json:1: the JSON ends too early"),
        ("{\"CORSRules\":[}", "doc.json:1: the JSON is invalid"),
    ] {
        let run =
            upsign(&["check", "--against", "doc.json"]).file("upsign.toml", CONFIG).file("doc.json", text);
        run.output().exits(2).has_message(message);
    }
    for (id, name) in [("", "rule 2"), ("\"ID\": \"uploads\", ", "rule 2 (ID \"uploads\")")] {
        let rule = r#"{"AllowedOrigins": ["*"], "AllowedMethods": ["GET"]}"#;
        let text =
            format!(r#"{{"CORSRules": [{rule}, {{{id}"AllowedOrigins": ["*"], "AllowedMethods": []}}]}}"#);
        let run = upsign(&["check", "--against", "doc.json"]).file("upsign.toml", CONFIG);
        run.file("doc.json", &text)
            .output()
            .exits(2)
            .has_message(&format!("{name} is invalid: a CORS rule needs at least one method"))
            .has_message(
                "help: add AllowedMethods to it, for example [\"PUT\"]; `upsign documents cors` prints",
            );
    }
    // `aws s3api get-bucket-cors > doc.json` leaves an empty file if the bucket has no rules.
    let empty =
        upsign(&["check", "--against", "cors.json"]).file("upsign.toml", CONFIG).file("cors.json", "\n");
    empty
        .output()
        .exits(2)
        .has_message("the file cors.json is empty: `aws s3api get-bucket-cors` prints nothing for a bucket without CORS rules")
        .has_message("upsign documents cors > cors-new.json")
        .has_message(
            "aws s3api put-bucket-cors --bucket article-images-bucket --cors-configuration file://cors-new.json",
        );
    let live = upsign(&["check", "--live"]).file("upsign.toml", CONFIG).output();
    if !cfg!(feature = "live") {
        live.exits(2)
            .has_message("--features live")
            .has_message("get-bucket-cors --bucket article-images-bucket");
    }
    let two = format!(
        "{CONFIG}[route.raw]\nbucket = \"raw-bucket\"\nkey = \"r/{{id}}\"\ntypes = [\"image/png\"]\nmax_size = \"1 MiB\"\nbodyless = \"refuse\"\n"
    );
    let run = upsign(&["documents", "cors"]).file("upsign.toml", &two).output();
    run.exits(2)
        .has_message("upsign.toml has 2 buckets: say --bucket article-images-bucket or --bucket raw-bucket");
}

/// Returns the report of a comparison of `name`, which holds `text`, with these options.
fn compared(text: &str, options: &str, code: i32) -> String {
    let arguments = ["check", "--against", "bp.json"].into_iter().chain(options.split_whitespace());
    let run = upsign(&arguments.collect::<Vec<_>>()).file("upsign.toml", CONFIG).file("bp.json", text);
    run.output().exits(code).stdout()
}

#[test]
fn denials_of_outdated_requests_break_nothing_and_are_not_removed_silently() {
    let policy = upsign(&["documents", "bucket-policy"]).file("upsign.toml", CONFIG).output().stdout();
    // A guard that is compared with comes in addition to the default ones.
    let report = compared(&policy, "--guard signature-age", 1);
    assert!(!report.contains("OnlyTls") && !report.contains("narrower:"), "{report}");
    assert!(report.contains("1 difference: 0 breaking, 1 wider, 0 cosmetic, 0 narrower"), "{report}");

    let report = compared(&policy, "--guard none", 0);
    let expected = "\
narrower: bp.json: s3:* on arn:aws:s3:::article-images-bucket is denied (OnlyTls)
    this statement only denies requests over plain HTTP; uploads use HTTPS
";
    assert!(report.starts_with(expected), "{report}");
    let end = "\
6 differences: 0 breaking, 0 wider, 0 cosmetic, 6 narrower
There is nothing to repair: the documents in use only deny more than the generated ones.
";
    assert!(report.ends_with(end), "{report}");

    let report = compared(&policy, "--guard none --guard signature-age", 1);
    let end = "\
To repair:
  upsign documents bucket-policy --guard none --guard signature-age > bucket-policy.json
  aws s3api put-bucket-policy --bucket article-images-bucket --policy file://bucket-policy.json
This removes what the document in use denies in addition (OnlyTls, OnlyTls12, OnlySigV4); to keep what a guard denies, add --guard tls --guard tls12 --guard sigv4.
";
    assert!(report.ends_with(end), "{report}");
    let json: serde_json::Value =
        serde_json::from_str(&compared(&policy, "--guard none --guard signature-age --json", 1)).unwrap();
    assert_eq!(json["removes"], serde_json::json!(["OnlyTls", "OnlyTls12", "OnlySigV4"]));
    assert_eq!(json["counts"]["narrower"], 6);
}

#[test]
fn a_missing_permission_to_confirm_breaks_confirmation() {
    let role = upsign(&["documents", "iam"]).file("upsign.toml", CONFIG).output().stdout();
    let report = compared(&role, "--confirm", 1);
    for action in ["s3:GetObject", "s3:GetObjectVersion", "s3:ListBucket"] {
        assert!(report.contains(&format!("breaks confirmation: bp.json: {action} on ")), "{report}");
    }
    assert!(!report.contains("breaks uploads"), "{report}");
}

/// Both names of the command take the same options.
#[test]
fn documents_check_takes_the_guards_of_check() {
    let init = upsign(&["init", "-"]).output().stdout();
    let cors = upsign(&["documents", "cors"]).file("upsign.toml", &init).output().stdout();
    for command in [&["check"][..], &["documents", "check"]] {
        let options = ["--against", "cors.json", "--guard", "acl"];
        let run = upsign(&[command, &options].concat()).file("upsign.toml", &init).file("cors.json", &cors);
        run.output().exits(0);
    }
}
