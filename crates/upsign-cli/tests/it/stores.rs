//! `upsign documents` for stores other than AWS.

use crate::run::{Finished, upsign};

/// Returns a configuration for one bucket of `provider`.
fn config(provider: &str) -> String {
    let store = match provider {
        "minio" | "garage" | "seaweedfs" | "ceph" | "rustfs" => {
            "provider = \"PROVIDER\"\nendpoint = \"https://storage.example.com\"\nregion = \"us-east-1\""
        }
        "r2" => {
            "provider = \"PROVIDER\"\nendpoint = \"https://0123456789abcdef.r2.cloudflarestorage.com\"\nregion = \"auto\""
        }
        "tigris" | "gcs" => "provider = \"PROVIDER\"",
        "b2" => "provider = \"PROVIDER\"\nregion = \"us-west-004\"",
        "do" => "provider = \"PROVIDER\"\nregion = \"fra1\"",
        "hetzner" => "provider = \"PROVIDER\"\nregion = \"fsn1\"",
        "ovh" => "provider = \"PROVIDER\"\nregion = \"gra\"",
        "scaleway" => "provider = \"PROVIDER\"\nregion = \"fr-par\"",
        _ => "provider = \"PROVIDER\"\nregion = \"eu-central-1\"",
    };
    let store = store.replace("PROVIDER", provider);
    format!(
        "[bucket]\nname = \"uploads-of-test\"\n{store}\n\n[upload]\nkey = \"a/{{id}}.{{ext}}\"\ntypes = [\"image/png\"]\n\
         max_size = \"1 MiB\"\nbodyless = \"refuse\"\nno_overwrite = false\n\n[cors]\norigins = [\"https://app.example.com\"]\n"
    )
}

fn document(provider: &str, arguments: &[&str]) -> Finished {
    let arguments: Vec<&str> = ["documents"].into_iter().chain(arguments.iter().copied()).collect();
    upsign(&arguments).file("upsign.toml", &config(provider)).output()
}

#[test]
fn cors_is_refused_where_a_store_takes_no_configuration() {
    document("minio", &["cors"]).exits(2).has_message("MINIO_API_CORS_ALLOW_ORIGIN");
    document("gcs", &["cors", "--format", "xml"]).exits(2).has_message("gcloud storage buckets update");
    let google = document("gcs", &["cors"]);
    let rules = google.exits(0).json();
    assert_eq!(rules[0]["method"], serde_json::json!(["PUT"]), "{rules}");
    assert_eq!(rules[0]["origin"], serde_json::json!(["https://app.example.com"]), "{rules}");
    let headers = serde_json::json!(["content-type", "ETag", "x-goog-generation"]);
    assert_eq!((&rules[0]["responseHeader"], &rules[0]["maxAgeSeconds"]), (&headers, &3_600.into()));
    document("wasabi", &["cors"]).exits(2).has_message("--format console");
    let console = document("wasabi", &["cors", "--format", "console"]);
    assert_eq!(console.exits(0).json()[0]["AllowedMethods"], serde_json::json!(["PUT"]));
    for provider in
        ["r2", "b2", "do", "tigris", "garage", "seaweedfs", "hetzner", "ovh", "scaleway", "ceph", "rustfs"]
    {
        let cors = document(provider, &["cors"]);
        assert_eq!(
            cors.exits(0).json()["CORSRules"][0]["AllowedHeaders"],
            serde_json::json!(["content-type"])
        );
    }
    document("r2", &["cors", "--format", "cloudformation"]).exits(2).has_message("--format xml");
}

#[test]
fn documents_of_aws_are_refused_with_the_way_of_the_store() {
    document("r2", &["iam"]).exits(2).has_message("Object Read & Write");
    document("b2", &["iam"]).exits(2).has_message("writeFiles");
    document("gcs", &["iam"]).exits(2).has_message("Storage Object Creator");
    document("scaleway", &["iam"]).exits(2).has_message("ObjectStorageObjectsWrite");
    document("hetzner", &["iam"]).exits(2).has_message("every bucket of a project");
    document("garage", &["iam"]).exits(2).has_message("garage bucket allow");
    let minio = document("minio", &["iam"]);
    assert_eq!(minio.exits(0).json()["Statement"][0]["Resource"], "arn:aws:s3:::uploads-of-test/a/*.*");
    document("minio", &["bucket-policy"]).exits(2).has_message("condition keys of AWS");
    let gcs = document("gcs", &["lifecycle"]);
    gcs.exits(2).has_message("--lifecycle-file").has_message("AbortIncompleteMultipartUpload");
    let b2 = document("b2", &["lifecycle"]);
    b2.exits(2)
        .has_message("Lifecycle Settings")
        .has_message("daysFromStartingToCancelingUnfinishedLargeFiles");
    document("minio", &["lifecycle"])
        .exits(2)
        .has_message("removes incomplete uploads by itself, after 24 hours");
    document("r2", &["notification", "--queue-arn", "arn:aws:sqs:eu-central-1:123456789012:uploads"])
        .exits(2)
        .has_message("wrangler r2 bucket notification create");
}

#[test]
fn objects_of_a_store_without_versions_expire_in_one_step() {
    let text = format!("{}\n[deployment.expire]\n\"pending/\" = 3\n", config("r2"));
    let lifecycle = upsign(&["documents", "lifecycle"]).file("upsign.toml", &text).output();
    let rules = &lifecycle.exits(0).json()["Rules"];
    assert_eq!(rules[1]["Expiration"]["Days"], 3);
    assert!(rules[1]["NoncurrentVersionExpiration"].is_null() && rules[2].is_null(), "{rules}");
}

#[test]
fn stacks_for_other_stores_have_no_bucket() {
    let auth = "user_pool = \"eu-central-1_AbCdEf123\"\nclient_ids = [\"app\"]\ntoken_use = \"access\"";
    let text = format!("{}\n[auth]\n{auth}\n", config("r2"));
    let sam = upsign(&["documents", "sam", "--api", "url", "--json"]).file("upsign.toml", &text).output();
    let sam = sam.exits(0).stdout();
    assert!(sam.contains("AWS::Lambda::Url") || sam.contains("FunctionUrlConfig"), "{sam}");
    assert!(!sam.contains("AWS::S3::Bucket") && !sam.contains("arn:aws:s3"), "{sam}");
}

/// The function has only the credentials of its role.
#[test]
fn stack_for_another_store_is_printed_with_a_warning() {
    let config = format!(
        "{}\n[auth]\nuser_pool = \"eu-west-1_AbCdEf123\"\nclient_ids = [\"abc\"]\ntoken_use = \"id\"\n",
        config("r2")
    );
    for kind in ["sam", "terraform"] {
        let run = upsign(&["documents", kind]).file("upsign.toml", &config).output();
        run.exits(0).has_message("which the store (r2) refuses; pass the keys of the store");
    }
}

#[test]
fn lifecycle_rules_are_those_that_the_store_knows() {
    document("minio", &["lifecycle"]).exits(2).has_message("needs no lifecycle configuration");
    let rules = document("minio", &["lifecycle", "--pending", "a/=1"]);
    assert_eq!(rules.exits(0).json()["Rules"][0]["Expiration"]["Days"], 1);
    document("garage", &["lifecycle"]).exits(0);
    let moved = config("garage").replace("[upload]", "[upload]\ninfrequent_after = 60");
    let moved = upsign(&["documents", "lifecycle"]).file("upsign.toml", &moved).output();
    moved.exits(2).has_message("remove infrequent_after");
}
