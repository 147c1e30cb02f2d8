//! Headers and form fields that a route fixes: what they sign, and the report of each contradiction.

use upsign_config::Config;
use upsign_core::{Identity, Timestamp};
use upsign_policy::{Ids, Permit, UploadRequest, uuid_v4};

use crate::manual;

const ALL: &str = r#"
encryption = "kms"
kms_context = { tenant = "acme", "purpose" = "raw" }
bucket_key = true
content_encoding = "gzip"
content_language = "de"
expires = "2037-01-01T00:00:00Z"
website_redirect = "/moved.html"
checksums = ["sha256"]
require_checksum = true
object_lock = { mode = "governance", days = 30 }
legal_hold = true
expected_bucket_owner = "123456789012"
headers = { "X-Amz-Request-Payer" = "requester" }
"#;

/// Returns a file with these lines in `[upload]`, in `[bucket]`, and after all sections.
fn file(bucket: &str, upload: &str, rest: &str) -> String {
    format!(
        "[bucket]\nname = \"uploads\"\n{bucket}\n[upload]\nkey = \"a/{{id}}\"\ntypes = [\"image/jpeg\"]\nmax_size = \"1 MiB\"\n\
         bodyless = \"refuse\"\n{upload}\n[auth]\nuser_pool = \"eu-central-1_AbCdEf123\"\nclient_ids = \"any\"\n\
         token_use = \"access\"\n[cors]\norigins = [\"https://app.example.com\"]\n{rest}\n"
    )
}

fn read(text: &str, variables: &[(&str, &str)]) -> Result<Config, String> {
    let variable =
        |name: &str| variables.iter().find(|(known, _)| *known == name).map(|(_, v)| (*v).to_owned());
    Config::read("upsign.toml", text, variable).map_err(|error| error.to_string())
}

fn on_aws(upload: &str) -> Result<Config, String> {
    read(&file("region = \"eu-central-1\"", upload, ""), &[])
}

fn permit(config: &Config, at: &str) -> Permit {
    let caller = Identity::from_verified("https://issuer.example", "alice").unwrap();
    let ids = Ids::new(at.parse::<Timestamp>().unwrap(), uuid_v4([1; 16]));
    let request = UploadRequest::described()
        .with_content_type("image/jpeg")
        .with_content_length(7)
        .with_checksum("sha256", "47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=");
    config.routes().first().unwrap().policy.authorize(&caller, &request, &ids).unwrap()
}

/// Checks that the one problem of the file names all of `parts`: the key, what was found, and what to write.
#[track_caller]
fn reported(text: &str, parts: &[&str]) {
    let error = read(text, &[]).unwrap_err();
    assert_eq!(error.lines().count(), 1, "{error}");
    for part in parts {
        assert!(error.contains(part), "{part} is not in {error}");
    }
}

#[track_caller]
fn reported_in_upload(upload: &str, parts: &[&str]) {
    reported(&file("region = \"eu-central-1\"", upload, ""), parts);
}

#[test]
fn every_key_is_signed() {
    let config = on_aws(ALL).unwrap();
    let permit = permit(&config, "2026-01-31T00:00:00Z");
    let headers: Vec<(&str, &str)> = permit.headers().unwrap().iter().collect();
    let expected = [
        ("content-encoding", "gzip"),
        ("content-language", "de"),
        ("expires", "Thu, 01 Jan 2037 00:00:00 GMT"),
        ("x-amz-expected-bucket-owner", "123456789012"),
        ("x-amz-object-lock-legal-hold", "ON"),
        ("x-amz-object-lock-mode", "GOVERNANCE"),
        ("x-amz-object-lock-retain-until-date", "2026-03-02T00:00:00Z"),
        ("x-amz-request-payer", "requester"),
        ("x-amz-server-side-encryption-bucket-key-enabled", "true"),
        // {"purpose":"raw","tenant":"acme"}
        ("x-amz-server-side-encryption-context", "eyJwdXJwb3NlIjoicmF3IiwidGVuYW50IjoiYWNtZSJ9"),
        ("x-amz-website-redirect-location", "/moved.html"),
    ];
    for header in expected {
        assert!(headers.contains(&header), "{header:?} is not in {headers:#?}");
    }
}

#[test]
fn effective_configuration_is_read_back() {
    let config = on_aws(ALL).unwrap();
    let again = read(config.effective(), &[]).unwrap();
    assert_eq!(again.routes()[0].policy, config.routes()[0].policy);
}

#[test]
fn variables_override_the_file() {
    let variables = [
        ("UPSIGN_OBJECT_LOCK", "mode=compliance,days=1"),
        ("UPSIGN_KMS_CONTEXT", "tenant=other"),
        ("UPSIGN_HEADERS", "x-a=b"),
        ("UPSIGN_CONTENT_LANGUAGE", "fr"),
    ];
    let config = read(&file("region = \"eu-central-1\"", ALL, ""), &variables).unwrap();
    let permit = permit(&config, "2026-01-31T00:00:00Z");
    let headers = permit.headers().unwrap();
    assert_eq!(headers.get("x-amz-object-lock-mode"), Some("COMPLIANCE"));
    assert_eq!(headers.get("x-amz-object-lock-retain-until-date"), Some("2026-02-01T00:00:00Z"));
    assert_eq!(headers.get("x-amz-server-side-encryption-context"), Some("eyJ0ZW5hbnQiOiJvdGhlciJ9"));
    assert_eq!(headers.get("x-a"), Some("b"));
    assert_eq!(headers.get("content-language"), Some("fr"));
}

#[test]
fn form_has_the_fields() {
    let form = "method = \"post\"\ncontent_encoding = \"gzip\"\nexpires = \"Thu, 01 Jan 2037 00:00:00 GMT\"\n\
                checksums = [\"sha256\"]\nsuccess_action_status = 201";
    let config = on_aws(form).unwrap();
    let permit = permit(&config, "2026-01-31T00:00:00Z");
    let fields: Vec<(&str, &str)> = permit.request().post().unwrap().fields().collect();
    for field in [
        ("Content-Encoding", "gzip"),
        ("Expires", "Thu, 01 Jan 2037 00:00:00 GMT"),
        ("success_action_status", "201"),
    ] {
        assert!(fields.contains(&field), "{field:?} is not in {fields:#?}");
    }
}

#[test]
fn malformed_values_are_reported() {
    for (line, parts) in [
        ("content_encoding = \"aws-chunked\"", &["upload.content_encoding", "AWS SDKs"][..]),
        ("content_language = \"de_AT\"", &["upload.content_language", "\"de_AT\"", "en-GB"]),
        (
            "expires = \"tomorrow\"",
            &["upload.expires", "tomorrow", "write expires = \"2037-01-01T00:00:00Z\""],
        ),
        ("expires = \"15m\"", &["upload.expires", "15m", "write expires_in = \"15m\""]),
        ("website_redirect = \"moved.html\"", &["upload.website_redirect", "moved.html", "begin with `/`"]),
        (
            "expected_bucket_owner = \"me\"",
            &["upload.expected_bucket_owner", "\"me\"", "12 digits", "get-caller-identity"],
        ),
        (
            "expected_bucket_owner = 123456789012",
            &["expected_bucket_owner", "write expected_bucket_owner = \"123456789012\""],
        ),
        ("object_lock = \"compliance\"", &["upload.object_lock", "{ mode = \"compliance\", days = 30 }"]),
        ("object_lock = 90", &["upload.object_lock", "{ mode = \"governance\", days = 90 }"]),
        ("object_lock = { mode = \"governance\" }", &["upload.object_lock", "days is missing", "days = 30"]),
        (
            "object_lock = { mode = \"hard\", days = 1 }",
            &["upload.object_lock", "\"hard\"", "governance or compliance"],
        ),
        (
            "object_lock = { mode = \"governance\", days = 0 }",
            &["upload.object_lock", "1 to 36500 days, not 0"],
        ),
        (
            "object_lock = { mode = \"governance\", day = 1, days = 1 }",
            &["upload.object_lock", "did you mean `days`?"],
        ),
        (
            "object_lock = { mode = \"governance\", days = true }",
            &["upload.object_lock", "`days`", "true or false"],
        ),
        (
            "headers = { \"Cache-Control\" = \"no-store\" }",
            &["upload.headers", "cache-control", "write cache_control = \"no-store\""],
        ),
        ("headers = { \"x-amz-meta-a\" = \"b\" }", &["upload.headers", "set metadata instead"]),
        (
            "headers = { \"x-amz-copy-source\" = \"a/b\" }",
            &["upload.headers", "a copy of another object", "remove it"],
        ),
        ("headers = { cookie = \"a\" }", &["upload.headers", "`cookie`", "browsers"]),
        ("headers = { host = \"a\" }", &["upload.headers", "`host` is reserved"]),
        (
            "method = \"post\"\nsuccess_action_status = 303",
            &["upload.success_action_status", "not with 303", "write success_action_status = 201"],
        ),
        (
            "method = \"post\"\nsuccess_action_redirect = \"/done\"",
            &["upload.success_action_redirect", "/done", "http:// or https://"],
        ),
    ] {
        reported_in_upload(line, parts);
    }
    let context = "encryption = \"kms\"\nkms_context = { \"aws:s3:arn\" = \"x\" }";
    reported_in_upload(context, &["upload.kms_context", "aws:s3:arn", "reserved"]);
}

#[test]
fn contradictions_are_reported() {
    let md5 = "checksums = [\"md5\"]\nrequire_checksum = true\n";
    for (lines, parts) in [
        (
            "object_lock = { mode = \"governance\", days = 1 }".to_owned(),
            &[
                "upload.object_lock",
                "no checksum",
                "write checksums = [\"sha256\"] and require_checksum = true",
            ][..],
        ),
        (
            "checksums = [\"crc32\"]\nlegal_hold = true".to_owned(),
            &[
                "upload.legal_hold",
                "write checksums = [\"crc32\"] and require_checksum = true",
                "remove legal_hold",
            ],
        ),
        (
            format!("{md5}expires_in = \"7 days\"\nobject_lock = {{ mode = \"governance\", days = 7 }}"),
            &["upload.object_lock", "7 days can end before the upload does", "write expires_in = \"15m\""],
        ),
        (
            "kms_context = { a = \"b\" }".to_owned(),
            &["upload.kms_context", "encryption = \"kms\" or \"kms-dsse\"", "write encryption = \"kms\""],
        ),
        (
            "encryption = \"kms-dsse\"\nbucket_key = true".to_owned(),
            &["upload.bucket_key", "only with encryption = \"kms\"", "remove bucket_key"],
        ),
        (
            "success_action_status = 201".to_owned(),
            &["upload.success_action_status", "is a field of forms", "write method = \"post\""],
        ),
        (
            "method = \"post\"\ncontent_language = \"de\"".to_owned(),
            &[
                "upload.content_language",
                "a form has no field for content_language",
                "write method = \"put\"",
            ],
        ),
        (
            format!("method = \"post\"\n{md5}object_lock = {{ mode = \"governance\", days = 1 }}"),
            &["upload.object_lock", "a form has no field for object_lock"],
        ),
        (
            "method = \"post\"\nheaders = { x-a = \"b\" }".to_owned(),
            &["upload.headers", "a form has no field for headers", "remove headers"],
        ),
        (
            "method = \"post\"\nsuccess_action_status = 201\nsuccess_action_redirect = \"https://a.example\""
                .to_owned(),
            &["upload.success_action_status", "one of the two", "remove success_action_status"],
        ),
    ] {
        reported_in_upload(&lines, parts);
    }
}

#[test]
fn deployment_fits_the_owner_and_the_lock() {
    let region = "region = \"eu-central-1\"";
    let other = "[deployment]\naccount = \"210987654321\"";
    reported(
        &file(region, "expected_bucket_owner = \"123456789012\"", other),
        &["upload.expected_bucket_owner", "123456789012", "write expected_bucket_owner = \"210987654321\""],
    );
    let lock = "checksums = [\"sha256\"]\nrequire_checksum = true\nlegal_hold = true";
    reported(
        &file(region, lock, "[deployment]\nversioned = false"),
        &["deployment.versioned", "only in versioned buckets", "write versioned = true"],
    );
    assert!(read(&file(region, lock, "[deployment]\nversioned = true"), &[]).is_ok());
}

#[test]
fn store_must_support_the_setting() {
    let r2 = "endpoint = \"https://0123456789abcdef0123456789abcdef.r2.cloudflarestorage.com\"";
    let lock = "checksums = [\"sha256\"]\nrequire_checksum = true\nobject_lock = { mode = \"governance\", days = 1 }";
    for (upload, name) in [
        (lock, "object_lock"),
        ("expected_bucket_owner = \"123456789012\"", "expected_bucket_owner"),
        ("website_redirect = \"/a\"", "website_redirect"),
    ] {
        let declared = format!("add {name} = true to [bucket.can]");
        reported(&file(r2, upload, ""), &[&format!("upload.{name}: Cloudflare R2 does not"), &declared]);
        let can = format!("{r2}\ncan = {{ {name} = true }}");
        assert!(read(&file(&can, upload, ""), &[]).is_ok(), "{upload}");
    }
    // Without a checksum, the store is named as well: a checksum would not help.
    for (bucket, help) in [
        (r2, "; if the store does, add object_lock = true to [bucket.can])"),
        (
            "region = \"auto\"\nprovider = \"gcs\"\nsignature = \"goog4-hmac\"",
            "remove object_lock and legal_hold)",
        ),
    ] {
        reported(
            &file(bucket, "legal_hold = true", ""),
            &["upload.legal_hold: ", "does not support Object Lock", help],
        );
    }
    // The store has locks, but verifies no checksum that could be suggested.
    let hetzner = "region = \"fsn1\"\nprovider = \"hetzner\"";
    let upload =
        |lines: &str| file(hetzner, &format!("no_overwrite = false\nlegal_hold = true\n{lines}"), "");
    reported(
        &upload(""),
        &["upload.legal_hold: ", "remove legal_hold; or if the store verifies checksums, write"],
    );
    let declared = upload("checksums = [\"sha256\"]\nrequire_checksum = true").replacen(
        hetzner,
        &format!("{hetzner}\ncan = {{ checksums = true }}"),
        1,
    );
    assert!(read(&declared, &[]).is_ok(), "{:?}", read(&declared, &[]));
    assert!(read(&file(r2, "content_encoding = \"gzip\"\ncontent_language = \"de\"", ""), &[]).is_ok());
}

#[test]
fn every_block_of_the_manual_page_is_a_valid_configuration() {
    let page = include_str!("../../../upsign/src/manual/howto/headers.rs");
    let blocks = manual::blocks(page);
    assert!(blocks.len() >= 3, "{} blocks", blocks.len());
    for block in blocks {
        let config = manual::read(&block);
        assert!(config.routes()[0].policy.fixed_settings().count() > 0, "{block}");
    }
}
