//! `presign`, `post`, `check` and `serve` with Google Cloud Storage's own signatures.

use std::fs;
use std::path::PathBuf;

use serde_json::json;

use crate::dev::{dev_with_config, upload};
use crate::run::upsign;

const CONFIG: &str = r#"
[bucket]
name = "article-images"
provider = "gcs"
signature = "goog4-hmac"

[upload]
key = "a/{id}.{ext}"
types = ["image/jpeg"]
max_size = "1 MiB"
size_bound = "max"
bodyless = "refuse"
client_metadata = ["camera"]

[cors]
origins = ["https://app.example.com"]

[auth]
user_pool = "ap-southeast-1_AbCdEf123"
client_ids = ["1example23456789"]
token_use = "access"
"#;

fn key_file() -> String {
    let path =
        PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../upsign-testing/vectors/gcs_service_account.json");
    fs::canonicalize(path).unwrap().display().to_string()
}

fn arguments<'a>(command: &'a str, signature: &'a str, more: &[&'a str]) -> Vec<&'a str> {
    let base =
        [command, "a/b c.jpg", "--bucket=example-bucket", "--at=2026-01-01T00:00:00Z", "--json", signature];
    [&base[..], more].concat()
}

#[test]
fn presign_signs_with_hmac_keys_and_with_a_service_account() {
    let hmac = arguments("presign", "--signature=goog4-hmac", &[]);
    let presigned = upsign(&hmac).credentials().output().exits(0).json();
    let url = presigned["url"].as_str().unwrap();
    let start =
        "https://storage.googleapis.com/example-bucket/a/b%20c.jpg?X-Goog-Algorithm=GOOG4-HMAC-SHA256&";
    assert!(url.starts_with(start), "{url}");
    let rsa = arguments(
        "presign",
        "--signature=goog4-rsa",
        &["--operation=start-resumable", "--addressing=virtual"],
    );
    let presigned =
        upsign(&rsa).variable("GOOGLE_APPLICATION_CREDENTIALS", &key_file()).output().exits(0).json();
    let url = presigned["url"].as_str().unwrap();
    let start =
        "https://example-bucket.storage.googleapis.com/a/b%20c.jpg?X-Goog-Algorithm=GOOG4-RSA-SHA256&";
    assert!(url.starts_with(start), "{url}");
    assert_eq!(presigned["method"], "POST");
    assert_eq!(presigned["headers"], json!([["x-goog-resumable", "start"]]));
}

#[test]
fn lines_of_a_batch_state_their_signatures() {
    let line = |signature: &str, operation: Option<&str>| {
        let mut line = json!({
            "id": "r", "bucket": "example-bucket", "key": "k", "region": "auto", "expires_in": 60,
            "at": "2026-01-01T00:00:00Z",
            "endpoint": {"url": "https://storage.googleapis.com", "addressing": "path", "signature": signature},
            "credentials": {"access_key_id": "GOOGTS7C7FUP3AIRVJTE2BCD", "secret_access_key": "s3cret"},
        });
        if let Some(operation) = operation {
            line["operation"] = operation.into();
        }
        let command = if operation.is_some() { "presign" } else { "post" };
        let run = upsign(&[command, "--batch"]).output_for_input(&format!("{line}\n"));
        run.json()
    };
    let resumable = line("goog4-hmac", Some("StartResumableUpload"));
    assert!(resumable["url"].as_str().unwrap().contains("X-Goog-Algorithm=GOOG4-HMAC-SHA256"), "{resumable}");
    assert_eq!(line("goog4-hmac", None)["fields"]["x-goog-algorithm"], "GOOG4-HMAC-SHA256");
    assert_eq!(line("sigv4", Some("StartResumableUpload"))["error"]["code"], "unsupported");
    assert_eq!(line("goog4", Some("PutObject"))["error"]["code"], "unknown-signature");
}

/// Google's signatures name no region, so a proxy or an emulator needs none.
#[test]
fn other_endpoints_need_no_region() {
    let more = ["--endpoint-url=http://127.0.0.1:4443"];
    let presigned = upsign(&arguments("presign", "--signature=goog4-hmac", &more)).credentials().output();
    let presigned = presigned.exits(0).json();
    assert!(presigned["url"].as_str().unwrap().starts_with("http://127.0.0.1:4443/example-bucket/"));
}

#[test]
fn post_signs_forms_with_both_kinds_of_keys() {
    for signature in ["--signature=goog4-hmac", "--signature=goog4-rsa"] {
        let run = upsign(&arguments("post", signature, &["-F", "x-goog-meta-a=1"])).credentials();
        let post = run.variable("GOOGLE_APPLICATION_CREDENTIALS", &key_file()).output().exits(0).json();
        assert_eq!(post["url"], "https://storage.googleapis.com/example-bucket/");
        let algorithm = if signature.ends_with("rsa") { "GOOG4-RSA-SHA256" } else { "GOOG4-HMAC-SHA256" };
        assert_eq!(post["fields"]["x-goog-algorithm"], algorithm);
        assert!(post["fields"]["x-goog-signature"].is_string() && post["fields"]["x-amz-date"].is_null());
    }
}

#[test]
fn what_does_not_go_with_the_signatures_is_refused() {
    let refused = |command, signature, more: &[&str], message| {
        let arguments = arguments(command, signature, more);
        let run = upsign(&arguments).credentials().output();
        assert_ne!(run.code(), 0, "{arguments:?}");
        run.has_message(message);
    };
    refused("presign", "--signature=goog4-rsa", &[], "GOOGLE_APPLICATION_CREDENTIALS is not set");
    refused("post", "--signature=goog4-rsa", &[], "GOOGLE_APPLICATION_CREDENTIALS is not set");
    refused("presign", "--signature=goog4-hmac", &["-H", "x-amz-acl: private"], "start with x-goog-");
    refused(
        "post",
        "--signature=goog4-hmac",
        &["--style=js"],
        "the field names of the AWS SDK for JavaScript",
    );
    refused("presign", "--signature=goog4-hmac", &["--backend=aws-sigv4"], "remove --backend");
    let s3 = ["--operation=start-resumable", "--region=us-east-1"];
    refused("presign", "--signature=sigv4", &s3, "cannot sign the operation StartResumableUpload");
    let rsa = arguments("presign", "--signature=goog4-rsa", &[]);
    let run = upsign(&rsa)
        .file("key.json", r#"{"type": "authorized_user", "client_email": "a@b", "private_key": "x"}"#);
    let run = run.variable("GOOGLE_APPLICATION_CREDENTIALS", "key.json").output();
    run.exits(2).has_message("authorized_user");
    let missing = upsign(&rsa).variable("GOOGLE_APPLICATION_CREDENTIALS", "absent.json").output();
    missing.exits(2).has_message("cannot read absent.json");
}

#[test]
fn check_and_documents_show_what_clients_send() {
    let check = upsign(&["check"]).file("upsign.toml", CONFIG).output().exits(0).stdout();
    for line in ["x-goog-if-generation-match: 0", "x-goog-content-length-range: 1,1048576", "goog4-hmac"] {
        assert!(check.contains(line), "{check}");
    }
    let cors = upsign(&["documents", "cors"]).file("upsign.toml", CONFIG).output();
    let headers = json!([
        "content-type",
        "x-goog-content-length-range",
        "x-goog-if-generation-match",
        "x-goog-meta-camera",
        "ETag",
        "x-goog-generation"
    ]);
    assert_eq!(cors.exits(0).json()[0]["responseHeader"], headers);
    let any = CONFIG.replace("[\"camera\"]", "[\"*\"]");
    let cors = upsign(&["documents", "cors"]).file("upsign.toml", &any).output();
    cors.exits(2).has_message("list the names of client_metadata");
}

/// `check` signs a sample, whose signature would be mistaken for fields to set.
#[test]
fn check_shows_the_fields_of_a_form_without_its_signature() {
    let form = "[bucket]\nname = \"uploads\"\nprovider = \"gcs\"\nsignature = \"goog4-hmac\"\n[upload]\n\
                key = \"a/{id}\"\ntypes = [\"image/jpeg\"]\nmax_size = \"1 MiB\"\nbodyless = \"refuse\"\n\
                method = \"post\"\nreplace = \"allow\"\n[cors]\norigins = [\"https://app.example.com\"]\n";
    let check = upsign(&["check", "--json"]).file("upsign.toml", form).output();
    let check = check.exits(0).json();
    let fields = check["routes"][0]["send"].as_object().unwrap();
    assert_eq!(fields.keys().collect::<Vec<_>>(), ["Content-Type", "key"]);
}

/// Permissions of Google Cloud Storage and of Cloudflare R2 are not policies with ARNs.
#[test]
fn check_names_arns_only_for_stores_that_have_policies_with_them() {
    let named = |from: &str, to: &str| {
        let config = CONFIG
            .replace("provider = \"gcs\"\nsignature = \"goog4-hmac\"", from)
            .replace("size_bound = \"max\"", to);
        let run = |arguments: &[&str]| upsign(arguments).file("upsign.toml", &config).output();
        let (text, json) = (run(&["check"]).exits(0).stdout(), run(&["check", "--json"]).exits(0).json());
        let route = &json["routes"][0];
        assert_eq!(text.contains("arn:aws:s3:::"), route["resource"].is_string(), "{text}");
        route["resources"].as_array().unwrap().len()
    };
    assert_eq!(named("provider = \"gcs\"\nsignature = \"goog4-hmac\"", "size_bound = \"max\""), 0);
    assert_eq!(named("endpoint = \"https://acct.r2.cloudflarestorage.com\"", ""), 0);
    assert_eq!(named("region = \"eu-west-1\"", ""), 1);
}

/// The keys of both kinds of signatures belong to a service account.
#[test]
fn iam_names_the_role_of_the_service_account() {
    for signature in ["goog4-hmac", "goog4-rsa"] {
        let config = CONFIG.replace("goog4-hmac", signature);
        let iam = upsign(&["documents", "iam"]).file("upsign.toml", &config).output();
        iam.exits(2).has_message("give the service account whose key signs");
    }
}

#[test]
fn serve_needs_the_key_file_of_the_service_account() {
    let rsa = CONFIG.replace("goog4-hmac", "goog4-rsa");
    let without = upsign(&["serve", "--listen=127.0.0.1:0"]).file("upsign.toml", &rsa).output();
    without.exits(2).has_message("GOOGLE_APPLICATION_CREDENTIALS is not set");
}

/// Without access keys of AWS: the service account signs every route.
#[test]
fn serve_needs_no_access_keys_with_a_service_account() {
    let rsa = CONFIG.replace("goog4-hmac", "goog4-rsa");
    let server = upsign(&["serve", "--listen=127.0.0.1:0", "--json"])
        .file("upsign.toml", &rsa)
        .variable("GOOGLE_APPLICATION_CREDENTIALS", &key_file())
        .errors_to("errors")
        .serving();
    let (log, errors) = (server.url("listening"), server.terminate_and_read("errors"));
    assert!(log.starts_with("http://127.0.0.1:"), "{log}");
    assert!(!errors.contains("no credentials"), "{errors}");
}

/// The embedded server takes the store's place, with headers of S3 and a maximum size as RustFS binds it.
#[test]
fn dev_uploads_with_such_a_configuration() {
    let kms = "encryption = \"kms\"\nkms_key = \"projects/p/locations/eu/keyRings/r/cryptoKeys/k\"\nmax_size";
    let server = dev_with_config(&CONFIG.replace("max_size", kms));
    let grant = upload(&server, &json!({"contentType": "image/jpeg", "metadata": {"camera": "x100"}}), 5);
    let headers = grant["headers"].as_object().unwrap();
    assert_eq!(headers["x-amz-meta-camera"], "x100");
    assert!(!headers.keys().any(|name| name.starts_with("x-goog-") || name == "content-length"), "{grant}");
}
