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
    assert_eq!(difference["severity"], "broken");
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
        let counts = serde_json::json!({"broken": 0, "wider": 0, "untidy": 0});
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

1 difference: 1 break uploads, 0 wider, 0 cosmetic
To repair:
  upsign documents cors --multipart service > 'cors now.json'
  aws s3api put-bucket-cors --bucket article-images-bucket --cors-configuration file://'cors now.json'
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
        ("", "doc.json is empty"),
        ("{\"CORSRules\":[", "doc.json:1: the JSON ends too early"),
        ("{\"CORSRules\":[}", "doc.json:1: the JSON is invalid"),
    ] {
        let run =
            upsign(&["check", "--against", "doc.json"]).file("upsign.toml", CONFIG).file("doc.json", text);
        run.output().exits(2).has_message(message);
    }
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
