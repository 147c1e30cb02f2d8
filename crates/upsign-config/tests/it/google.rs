//! `signature` of `[bucket]`: Google Cloud Storage with its own signatures, and what does not go with them.

use std::sync::Arc;

use upsign_config::{Config, MissingServiceAccount, Signature, StoreSigner};
use upsign_core::{Credentials, Presigner, Sign, SignatureFamily, WithCredentials};
use upsign_gcs::Goog4Hmac;
use upsign_policy::{SizeBound, UploadPolicy};

const NATIVE: &str = "name = \"uploads\"\nprovider = \"gcs\"\nsignature = \"goog4-hmac\"";

fn read(bucket: &str, upload: &str, rest: &str) -> Result<Config, String> {
    let file = format!(
        "[bucket]\n{bucket}\n[upload]\nkey = \"a/{{id}}\"\ntypes = [\"image/jpeg\"]\nmax_size = \"1 MiB\"\n\
         bodyless = \"refuse\"\n{upload}\n{rest}\n[cors]\norigins = [\"https://app.example.com\"]\n"
    );
    Config::read("upsign.toml", &file, |_| None).map_err(|error| error.to_string())
}

#[track_caller]
fn refused(bucket: &str, upload: &str, expected: &str) {
    let error = read(bucket, upload, "").unwrap_err();
    assert!(error.contains(expected), "{error}\n{expected}");
    assert_eq!(error.lines().count(), 1, "{error}");
}

fn names(config: &Config) -> Vec<&str> {
    config.policies().flat_map(UploadPolicy::signed_header_names).collect()
}

#[test]
fn signature_selects_the_family_of_headers() {
    let config = read(NATIVE, "", "").unwrap();
    let route = &config.routes()[0];
    assert_eq!(route.store.signature, Signature::Goog4Hmac);
    assert_eq!(route.policy.target().signature_family(), SignatureFamily::Google);
    assert_eq!(names(&config), ["content-length", "content-type", "x-goog-if-generation-match"]);
    let by_host = NATIVE.replace("provider = \"gcs\"", "endpoint = \"https://storage.googleapis.com\"");
    assert_eq!(names(&read(&by_host, "", "").unwrap()), names(&config));
    // The S3-compatible side has no conditions and no maximum size.
    let native = "or write signature = \"goog4-hmac\" below [bucket]";
    refused("name = \"uploads\"\nprovider = \"gcs\"", "", native);
    let max = "no_overwrite = false\nsize_bound = \"max\"";
    refused("name = \"uploads\"\nprovider = \"gcs\"", max, "or signature = \"goog4-hmac\" below [bucket]");
    let s3 = read("name = \"uploads\"\nprovider = \"gcs\"", "no_overwrite = false", "").unwrap();
    assert_eq!(s3.routes()[0].store.signature, Signature::SigV4);
    assert_eq!(names(&s3), ["content-length", "content-type"]);
}

#[test]
fn native_store_has_forms_keys_of_a_kms_and_a_maximum_size() {
    assert!(read(NATIVE, "method = \"post\"\nno_overwrite = false", "").is_ok());
    let kms = "encryption = \"kms\"\nkms_key = \"projects/p/locations/eu/keyRings/r/cryptoKeys/k\"";
    assert!(names(&read(NATIVE, kms, "").unwrap()).contains(&"x-goog-encryption-kms-key-name"));
    let config = read(NATIVE, "size_bound = \"max\"\nmin_size = 5", "").unwrap();
    assert!(matches!(config.routes()[0].policy.size_bound(), SizeBound::Max(_)));
    assert!(names(&config).contains(&"x-goog-content-length-range"));
}

#[test]
fn settings_without_a_counterpart_are_refused_by_their_key() {
    for (upload, expected) in [
        ("client_tags = true", "upload.client_tags: Google Cloud Storage has no counterpart of client_tags"),
        ("tags = { team = \"a\" }", "own signatures (remove tags)"),
        ("replace = \"if-match\"", "upload.replace: Google Cloud Storage has no counterpart of replace"),
        ("checksums = [\"sha256\"]", "write checksums = [\"md5\"]"),
        ("encryption = \"s3\"", "upload.encryption: Google Cloud Storage has no counterpart of encryption"),
        ("encryption = \"kms\"", "or remove encryption"),
        ("acl = \"aws-exec-read\"", "own signatures (remove acl)"),
        ("expected_bucket_owner = \"123456789012\"", "no counterpart of expected_bucket_owner"),
        ("storage_class = \"GLACIER\"", "does not have this storage class"),
        (
            "headers = { \"x-amz-request-payer\" = \"requester\" }",
            "own signatures (remove the headers that start with x-amz-)",
        ),
    ] {
        refused(NATIVE, upload, expected);
    }
    let key = "encryption = \"kms\"\nkms_key = \"projects/p/locations/eu/keyRings/r/cryptoKeys/k\"";
    refused(
        "name = \"uploads\"\nregion = \"eu-west-1\"",
        key,
        "upload.kms_key: a KMS key of Google Cloud needs",
    );
}

/// The store refuses requests that mix its headers with signatures of AWS, and other stores ignore them.
#[test]
fn headers_of_google_need_its_signatures() {
    let fixed = "no_overwrite = false\nheaders = { \"x-goog-custom-time\" = \"2026-01-01T00:00:00Z\" }";
    let interoperable = NATIVE.replace("goog4-hmac", "sigv4");
    refused(&interoperable, fixed, "(remove it, or write signature = \"goog4-hmac\" below [bucket])");
    let aws = "name = \"uploads\"\nregion = \"eu-west-1\"";
    refused(
        aws,
        fixed,
        "upload.headers: the header `x-goog-custom-time` is for signatures of Google Cloud Storage (remove it)",
    );
    assert!(read(NATIVE, fixed, "").is_ok());
    let key = "no_overwrite = false\nencryption = \"kms\"\nkms_key = \"projects/p/locations/eu/keyRings/r/cryptoKeys/k\"";
    refused(aws, key, "(write the key of another KMS)");
}

#[test]
fn other_stores_and_unknown_signatures_are_refused() {
    let aws = "name = \"uploads\"\nregion = \"eu-west-1\"\nsignature = \"goog4-hmac\"";
    refused(aws, "", "bucket.signature: Amazon S3 does not accept signatures of Google Cloud Storage");
    let unknown = NATIVE.replace("goog4-hmac", "goog4");
    refused(&unknown, "", "bucket.signature: ");
    let two_routes = |videos: &str| {
        let common = "types = [\"image/jpeg\"]\nmax_size = \"1 MiB\"\nbodyless = \"refuse\"";
        let file = format!(
            "[bucket]\n{NATIVE}\n[route.videos]\nkey = \"v/{{id}}\"\nbucket = \"videos\"\n{common}\n{videos}\n\
             [route.images]\nkey = \"i/{{id}}\"\n{common}\n[cors]\norigins = [\"https://app.example.com\"]\n"
        );
        Config::read("upsign.toml", &file, |_| None).map_err(|error| error.to_string())
    };
    let error = two_routes("signature = \"goog4-rsa\"").unwrap_err();
    assert!(error.contains("is \"goog4-rsa\", but another route has \"goog4-hmac\""), "{error}");
    assert!(two_routes("signature = \"goog4-hmac\"").is_ok());
    // A route with a store of its own does not have the signatures of [bucket].
    let config = two_routes("provider = \"aws\"\nregion = \"eu-west-1\"").unwrap();
    let signatures: Vec<&str> = config.routes().iter().map(|route| route.store.signature.name()).collect();
    assert_eq!(signatures, ["goog4-hmac", "sigv4"]);
}

/// One service signs for Google's store and for AWS, each with its signatures.
#[test]
fn signer_follows_the_target() {
    let credentials = Credentials::long_term("GOOGTS7C7FUP3AIRVJTE2BCD", "secret").unwrap();
    let native = read(NATIVE, "", "").unwrap();
    let aws = read("name = \"uploads\"\nregion = \"eu-west-1\"", "", "").unwrap();
    let url = |config: &Config| {
        let sample = config.routes()[0].policy.sample_requests().into_iter().next().unwrap();
        let at = "2026-01-01T00:00:00Z".parse().unwrap();
        StoreSigner::new().sign(sample.put().unwrap(), &credentials, at).unwrap().url.into_exposed()
    };
    assert!(url(&native).contains("X-Goog-Algorithm=GOOG4-HMAC-SHA256"));
    assert!(url(&aws).contains("X-Amz-Algorithm=AWS4-HMAC-SHA256"));
    let form = read(NATIVE, "method = \"post\"\nno_overwrite = false", "").unwrap();
    assert!(form.service(WithCredentials::new(StoreSigner::new(), credentials)).is_ok());
}

#[test]
fn service_account_is_required_for_its_signatures_only() {
    let keys = || Credentials::long_term("AKIDEXAMPLE", "secret").unwrap();
    let hmac = read(NATIVE, "", "").unwrap();
    assert!(hmac.needs_credentials() && !hmac.needs_service_account());
    assert!(hmac.presigner(keys(), None).is_ok());
    let rsa = read(&NATIVE.replace("goog4-hmac", "goog4-rsa"), "", "").unwrap();
    assert!(rsa.needs_service_account() && !rsa.needs_credentials());
    let missing: MissingServiceAccount = rsa.presigner(keys(), None).unwrap_err();
    assert!(missing.to_string().contains("needs the key file"));
    // Another presigner in its place shows which one signs.
    let other = Credentials::long_term("GOOGSERVICEACCOUNT", "secret").unwrap();
    let account: Arc<dyn Presigner> = Arc::new(Goog4Hmac::new().with_credentials(other));
    let presigner = rsa.presigner(keys(), Some(account)).unwrap();
    let sample = rsa.routes()[0].policy.sample_requests().into_iter().next().unwrap();
    let at = "2026-01-01T00:00:00Z".parse().unwrap();
    let signed = futures_executor::block_on(presigner.presign(sample.put().unwrap(), at)).unwrap();
    assert!(signed.url.expose().contains("X-Goog-Credential=GOOGSERVICEACCOUNT%2F"));
    assert!(rsa.service(presigner).is_ok());
}
