//! Valid configurations, and values from environment variables.

use upsign_cognito::TokenUse;
use upsign_config::{Config, WarningCode};
use upsign_policy::Bodyless;

pub(crate) const FULL: &str = r#"
[bucket]
name = "article-images-bucket"
region = "ap-southeast-1"

[upload]
key = "articles/{article_id}/raw/{id}.{ext}"
ids = ["article_id"]
types = ["image/jpeg", "image/png", "image/webp"]
max_size = "10 MiB"
expires_in = "15m"
no_overwrite = true
bodyless = "allow"

[auth]
user_pool = "ap-southeast-1_AbCdEf123"
client_ids = ["3n4b5urk1ft4fl3mg5e62d9ado"]
token_use = "access"

[cors]
origins = ["https://app.example.com"]
"#;

fn read(text: &str, variables: &[(&str, &str)]) -> Config {
    let variable =
        |name: &str| variables.iter().find(|(known, _)| *known == name).map(|(_, v)| (*v).to_owned());
    Config::read("upsign.toml", text, variable).unwrap()
}

#[test]
fn complete_file() {
    let config = read(FULL, &[]);
    let policy = config.policies().next().unwrap();
    assert_eq!(policy.target().host(), "article-images-bucket.s3.ap-southeast-1.amazonaws.com");
    assert_eq!(policy.template().as_str(), "articles/{article_id}/raw/{id}.{ext}");
    assert_eq!((policy.max_size(), policy.expires_in().as_secs()), (10 << 20, 900));
    assert!(policy.no_overwrite());
    assert_eq!(policy.bodyless(), Bodyless::Allow);
    let verifier = &config.auth().unwrap().only_issuer().unwrap().verifier;
    assert_eq!(verifier.token_use(), TokenUse::Access);
    assert_eq!(verifier.leeway(), 60);
    assert!(verifier.issuer().names().any(|name| name.ends_with("/ap-southeast-1_AbCdEf123")));
    assert!(config.origins().allows("https://app.example.com"));
    assert!(!config.origins().allows("https://app.example.com.evil.example"));
}

/// The headers that pages may send are those of the file in the API and in the documents of every gateway.
#[test]
fn headers_of_pages_are_added_to_the_default() {
    assert_eq!(read(FULL, &[]).allow_headers().to_string(), "authorization, content-type");
    let text = FULL.replace("[cors]", "[cors]\nallow_headers = [\"Traceparent\", \"x-api-key\"]");
    let config = read(&text, &[]);
    assert_eq!(config.allow_headers().to_string(), "authorization, content-type, traceparent, x-api-key");
    for api in ["rest", "http"] {
        let deployment = read(&text, &[("UPSIGN_DEPLOYMENT_API", api)]).deployment();
        let template = upsign_documents::sam_template(&deployment).unwrap().to_yaml();
        assert!(template.contains("x-api-key"), "{api}");
    }
    let config = read(FULL, &[("UPSIGN_ALLOW_HEADERS", "tracestate")]);
    assert_eq!(config.allow_headers().to_string(), "authorization, content-type, tracestate");
}

/// The generated APIs answer at the path that the function expects.
#[test]
fn browser_client_is_offered_only_if_configured() {
    assert!(!read(FULL, &[]).serves_browser_client());
    assert!(read(&format!("{FULL}\n[server]\nbrowser_client = true\n"), &[]).serves_browser_client());
    assert!(read(FULL, &[("UPSIGN_BROWSER_CLIENT", "true")]).serves_browser_client());
}

#[test]
fn base_path_is_part_of_the_path_of_the_api() {
    assert!(read(FULL, &[]).base_path().is_empty());
    let text = format!("{FULL}\n[server]\nbase_path = \"/api/\"\n");
    assert_eq!(read(&text, &[]).base_path().as_str(), "/api");
    let listener = "arn:aws:elasticloadbalancing:ap-southeast-1:123456789012:listener/app/lb/1/2";
    for api in ["rest", "http", "alb"] {
        let mut variables = vec![("UPSIGN_DEPLOYMENT_API", api), ("UPSIGN_BASE_PATH", "/v2")];
        variables.extend((api == "alb").then_some(("UPSIGN_DEPLOYMENT_LISTENER_ARN", listener)));
        let template = upsign_documents::sam_template(&read(&text, &variables).deployment()).unwrap();
        assert!(template.to_yaml().contains("/v2/upload-url"), "{api}");
    }
}

#[test]
fn grants_are_shortened_to_a_minute_at_the_least_by_default() {
    let minimum = |text: &str, variables: &[(&str, &str)]| -> Vec<u32> {
        read(text, variables).policies().map(|policy| policy.min_expires_in().as_secs()).collect()
    };
    assert_eq!(minimum(FULL, &[]), [60]);
    assert_eq!(minimum(&format!("{FULL}\n[credentials]\nminimum = \"2m\"\n"), &[]), [120]);
    assert_eq!(minimum(FULL, &[("UPSIGN_CREDENTIALS_MINIMUM", "1s")]), [1]);
    // A grant that is configured to be shorter is never shortened.
    assert_eq!(minimum(&FULL.replace("15m", "30s"), &[]), [30]);
    for invalid in ["0s", "soon", "8 days"] {
        let text = format!("{FULL}\n[credentials]\nminimum = \"{invalid}\"\n");
        let error = Config::read("upsign.toml", &text, |_| None).unwrap_err().to_string();
        assert!(error.contains("credentials.minimum"), "{error}");
    }
}

#[test]
fn variables_override_the_file() {
    let config = read(
        FULL,
        &[
            ("UPSIGN_REGION", "eu-west-1"),
            ("UPSIGN_MAX_SIZE", "1 MiB"),
            ("UPSIGN_TYPES", "image/png, image/webp"),
        ],
    );
    assert_eq!(config.policies().next().unwrap().target().region().as_str(), "eu-west-1");
    assert_eq!(config.policies().next().unwrap().max_size(), 1 << 20);
    assert_eq!(config.policies().next().unwrap().content_rules().ranges().len(), 2);
}

/// On Lambda, `AWS_REGION` is the region of the function, which can differ from that of the bucket.
#[test]
fn aws_variables_only_set_missing_values() {
    let config = read(FULL, &[("AWS_REGION", "us-east-1"), ("AWS_ENDPOINT_URL_S3", "")]);
    assert_eq!(config.policies().next().unwrap().target().region().as_str(), "ap-southeast-1");
    let without = FULL.replace("region = \"ap-southeast-1\"", "");
    assert_eq!(
        read(&without, &[("AWS_REGION", "us-east-1")]).policies().next().unwrap().target().region().as_str(),
        "us-east-1"
    );
    let default = read(&without, &[("AWS_DEFAULT_REGION", "us-west-2")]);
    assert_eq!(default.policies().next().unwrap().target().region().as_str(), "us-west-2");
    let both = read(&without, &[("AWS_REGION", "us-east-1"), ("AWS_DEFAULT_REGION", "us-west-2")]);
    assert_eq!(both.policies().next().unwrap().target().region().as_str(), "us-east-1");
}

#[test]
fn article_images_bucket_variable_sets_the_bucket() {
    let config = read(FULL, &[("ARTICLE_IMAGES_BUCKET", "another-bucket")]);
    assert_eq!(config.policies().next().unwrap().target().bucket().as_str(), "another-bucket");
    let both = read(FULL, &[("ARTICLE_IMAGES_BUCKET", "another-bucket"), ("UPSIGN_BUCKET", "third-bucket")]);
    assert_eq!(both.policies().next().unwrap().target().bucket().as_str(), "third-bucket");
}

#[test]
fn variables_without_a_file() {
    let config = read(
        "",
        &[
            ("ARTICLE_IMAGES_BUCKET", "article-images-bucket"),
            ("AWS_REGION", "ap-southeast-1"),
            ("UPSIGN_KEY", "articles/{article_id}/raw/{id}.{ext}"),
            ("UPSIGN_IDS", "article_id"),
            ("UPSIGN_TYPES", "image/jpeg"),
            ("UPSIGN_MAX_SIZE", "10 MiB"),
            ("UPSIGN_BODYLESS", "refuse"),
            ("UPSIGN_ORIGINS", "https://app.example.com,https://www.example.com"),
        ],
    );
    assert_eq!(config.policies().next().unwrap().bodyless(), Bodyless::Refuse);
    assert!(config.auth().is_none() && config.origins().allows("https://www.example.com"));
}

#[test]
fn custom_endpoint_and_addressing() {
    let text = FULL
        .replace("region = \"ap-southeast-1\"", "region = \"garage\"\nendpoint = \"http://127.0.0.1:9000\"");
    let target = read(&text, &[]).policies().next().unwrap().target().clone();
    assert_eq!((target.host(), target.path_prefix()), ("127.0.0.1:9000", "/article-images-bucket"));
    let text = text.replace("http://127.0.0.1:9000\"", "https://s3.example.com\"\naddressing = \"virtual\"");
    assert_eq!(
        read(&text, &[]).policies().next().unwrap().target().host(),
        "article-images-bucket.s3.example.com"
    );
}

#[test]
fn issuer_of_an_emulator() {
    let auth = "issuer = \"http://127.0.0.1:9229/local_x\"\njwks_uri = \"http://127.0.0.1:9229/local_x/.well-known/jwks.json\"\ndanger_http_keys = true";
    let config = read(&FULL.replace("user_pool = \"ap-southeast-1_AbCdEf123\"", auth), &[]);
    assert_eq!(
        config.auth().unwrap().only_issuer().unwrap().verifier.issuer().names().next(),
        Some("http://127.0.0.1:9229/local_x")
    );
}

#[test]
fn providers_with_regional_endpoints() {
    let host = |provider: &str, region: &str| {
        let named = format!("region = \"{region}\"\nprovider = \"{provider}\"");
        let text = FULL
            .replace("region = \"ap-southeast-1\"", &named)
            .replace("no_overwrite = true", "no_overwrite = false");
        read(&text, &[]).policies().next().unwrap().target().host().to_owned()
    };
    assert_eq!(host("aws", "ap-southeast-1"), "article-images-bucket.s3.ap-southeast-1.amazonaws.com");
    assert_eq!(host("wasabi", "eu-central-1"), "article-images-bucket.s3.eu-central-1.wasabisys.com");
    assert_eq!(host("do", "fra1"), "article-images-bucket.fra1.digitaloceanspaces.com");
}

#[test]
fn hosts_are_read_as_browsers_write_them() {
    for (written, host) in [
        ("http://192.168.1:9000", "192.168.0.1:9000"),
        ("http://0177.0.0.1:9000", "127.0.0.1:9000"),
        ("https://[2001:db8:0:0:0:0:0:1]", "[2001:db8::1]"),
    ] {
        let text = FULL.replace(
            "region = \"ap-southeast-1\"",
            &format!("region = \"garage\"\nendpoint = \"{written}\""),
        );
        let config = read(&text, &[]);
        assert_eq!(config.policies().next().unwrap().target().host(), host);
        let corrected =
            config.warnings().iter().find(|warning| warning.code == WarningCode::Corrected).unwrap();
        let scheme = written.split_once("://").unwrap().0;
        assert_eq!(corrected.key, "bucket.endpoint");
        assert_eq!(corrected.help, format!("write endpoint = \"{scheme}://{host}\""));
    }
    let origin = FULL.replace("\"https://app.example.com\"", "\"http://192.168.1:3000\"");
    let config = read(&origin, &[]);
    assert!(config.origins().allows("http://192.168.0.1:3000"), "{:?}", config.origins());
}
