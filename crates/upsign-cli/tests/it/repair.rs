//! The commands that `upsign check --against` prints to repair a Terraform module.

use serde_json::{Value, json};

use crate::run::{CONFIG, upsign};

/// Returns what the command prints with [`CONFIG`].
fn generated(arguments: &[&str]) -> String {
    upsign(arguments).file("upsign.toml", CONFIG).output().exits(0).stdout()
}

/// Returns the commands that repair a file, and the whole report.
fn repair(name: &str, text: &str) -> (Vec<String>, String) {
    let check = |options: &[&str]| {
        let run = upsign(&[&["check", "--against", name], options].concat());
        run.file("upsign.toml", CONFIG).file(name, text).output()
    };
    let json = check(&["--json"]).exits(1).json();
    let commands = json["repair"].as_array().unwrap().iter().map(|it| it.as_str().unwrap().to_owned());
    (commands.collect(), check(&[]).exits(1).stdout())
}

/// Returns the module in JSON, with one setting that differs.
fn open_module() -> Value {
    let mut module: Value =
        serde_json::from_str(&generated(&["documents", "terraform", "--format", "json"])).unwrap();
    let blocks = module["resource"]["aws_s3_bucket_public_access_block"].as_object_mut().unwrap();
    for block in blocks.values_mut() {
        block["block_public_policy"] = false.into();
    }
    module
}

/// Terraform reads `main.tf` and `main.tf.json` of a folder, and refuses resources that both declare.
#[test]
fn module_in_json_is_generated_in_json() {
    let (commands, _) = repair("main.tf.json", &open_module().to_string());
    assert_eq!(commands, ["upsign documents terraform --format json > main.tf.json", "terraform apply"]);

    let mut more = open_module();
    more["resource"]["aws_sns_topic"] = json!({"other": {"name": "other"}});
    let (commands, report) = repair("main.tf.json", &more.to_string());
    let merge = [
        "mkdir -p generated && upsign documents terraform --format json > generated/main.tf.json",
        "diff -u main.tf.json generated/main.tf.json",
    ];
    assert_eq!(commands, merge);
    assert!(report.contains("main.tf.json has more than upsign generates (aws_sns_topic.other)"), "{report}");
}

#[test]
fn single_document_keeps_its_form() {
    let old = CONFIG.replace("bodyless", "no_overwrite = false\nbodyless");
    let document = |options: &[&str]| {
        upsign(&[&["documents", "cors"], options].concat()).file("upsign.toml", &old).output().stdout()
    };
    let (commands, _) = repair("cors.tf.json", &document(&["--format", "terraform-json"]));
    assert_eq!(commands, ["upsign documents cors --format terraform-json > cors.tf.json", "terraform apply"]);
    let (commands, _) = repair("cors.xml", &document(&["--format", "xml"]));
    assert_eq!(commands, ["upsign documents cors --format xml > cors.xml"]);
    let (commands, _) = repair("cors.json", &document(&[]));
    assert_eq!(commands[0], "upsign documents cors > cors-new.json");
}

/// The output of `terraform show -json` does not name the files of the module: the generated one must not replace any of them.
#[test]
fn state_is_repaired_without_writing_into_the_module() {
    let rules = json!([{"allowed_origins": ["https://app.example.com"], "allowed_methods": ["PUT"], "allowed_headers": []}]);
    let resource = json!({
        "address": "aws_s3_bucket_cors_configuration.uploads", "mode": "managed", "name": "uploads",
        "type": "aws_s3_bucket_cors_configuration",
        "values": {"bucket": "article-images-bucket", "cors_rule": rules},
    });
    let state =
        json!({"format_version": "1.0", "values": {"root_module": {"resources": [resource.clone()]}}});
    let (commands, report) = repair("state.json", &state.to_string());
    assert_eq!(
        commands,
        ["mkdir -p generated && upsign documents cors --format terraform > generated/cors-generated.tf"]
    );
    let reason = "state.json does not say in which files the module is, so none of them is replaced";
    assert!(report.contains(reason), "{report}");

    let block = json!({
        "address": "aws_s3_bucket.uploads", "mode": "managed", "name": "uploads", "type": "aws_s3_bucket",
        "values": {"bucket": "article-images-bucket"},
    });
    let state = json!({"format_version": "1.0", "values": {"root_module": {"resources": [resource, block]}}});
    let (commands, report) = repair("state.json", &state.to_string());
    assert_eq!(commands, ["mkdir -p generated && upsign documents terraform > generated/main.tf"]);
    assert!(report.contains(reason), "{report}");
}
