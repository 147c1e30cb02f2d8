//! Functions that sign for Google Cloud Storage: with HMAC keys, and with a service account that the program must pass.

use std::error::Error;

use upsign_config::Config;
use upsign_core::Credentials;
use upsign_gcs::Goog4Hmac;
use upsign_lambda::StartError;
use upsign_lambda::environment::FunctionSettings;

fn settings(signature: &str) -> FunctionSettings {
    let file = format!(
        r#"
        bucket = {{ name = "article-images", provider = "gcs", signature = "{signature}" }}
        cors = {{ origins = ["https://app.example.com"] }}
        [upload]
        key = "articles/{{id}}.{{ext}}"
        types = ["image/jpeg"]
        max_size = "10 MiB"
        bodyless = "refuse"
        "#
    );
    let config = Config::read("upsign.toml", &file, |_| None).unwrap();
    FunctionSettings::new(config, hmac_key()).without_metrics()
}

fn hmac_key() -> Credentials {
    Credentials::long_term("GOOGTS7C7FUP3AIRVJTE2BCD", "secret").unwrap()
}

#[test]
fn service_account_must_be_passed() {
    assert!(settings("goog4-hmac").api().is_ok());
    let missing = settings("goog4-rsa").api().unwrap_err();
    assert!(matches!(missing, StartError::ServiceAccount(_)), "{missing:?}");
    assert!(missing.to_string().contains("with_service_account"), "{missing}");
    assert!(missing.source().unwrap().to_string().contains("goog4-rsa"));
    // Any presigner for Google's signatures can take its place.
    let account = Goog4Hmac::new().with_credentials(hmac_key());
    assert!(settings("goog4-rsa").with_service_account(account).api().is_ok());
}
