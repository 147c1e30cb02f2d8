use crate::run::{CONFIG, upsign};

#[test]
fn cors_and_iam_from_the_policy() {
    let cors = upsign(&["documents", "cors"]).file("upsign.toml", CONFIG).output();
    cors.exits(0);
    let rule = &cors.json()["CORSRules"][0];
    assert_eq!(rule["AllowedOrigins"], serde_json::json!(["https://app.example.com"]));
    assert_eq!(rule["AllowedMethods"], serde_json::json!(["PUT"]));
    assert_eq!(rule["AllowedHeaders"], serde_json::json!(["content-type", "if-none-match"]));

    let iam = upsign(&["documents", "iam"]).file("upsign.toml", CONFIG).output();
    iam.exits(0);
    let statement = &iam.json()["Statement"][0];
    assert_eq!(statement["Action"], "s3:PutObject");
    assert!(!iam.stdout().contains("PutObjectAcl"));
    let resource = statement["Resource"].as_str().unwrap();
    assert!(resource.starts_with("arn:aws:s3:::article-images-bucket/articles/*/raw/*"), "{resource}");
}

#[test]
fn a_bad_configuration_ends_with_2() {
    let run = upsign(&["documents", "cors"]).file("upsign.toml", &CONFIG.replace("10 MiB", "ten")).output();
    run.exits(2).says("upsign.toml:10: upload.max_size: must be a size");
    let run = upsign(&["documents", "cors", "--config", "other.toml"]).output();
    run.exits(2).says("other.toml cannot be read");
    upsign(&["documents", "cors"]).output().exits(2).says("bucket.name: missing");
}

#[test]
fn completions() {
    for shell in ["bash", "zsh", "fish"] {
        let run = upsign(&["completions", shell]).output();
        run.exits(0);
        assert!(run.stdout().contains("upsign"));
    }
}
