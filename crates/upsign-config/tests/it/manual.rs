//! Every configuration on the manual's pages about issuers, keys and callers can be read, and means what the page says.

use upsign_cognito::{ListForm, StaticKeys};
use upsign_config::{Config, GatewayIdentity, KeysFrom};

use crate::good::FULL;

const PAGES: [(&str, &str); 3] = [
    ("issuers", include_str!("../../../upsign/src/manual/howto/issuers.rs")),
    ("keys", include_str!("../../../upsign/src/manual/howto/keys.rs")),
    ("callers", include_str!("../../../upsign/src/manual/howto/callers.rs")),
];

/// Returns the TOML blocks of a page, each completed to a whole file.
pub(crate) fn blocks(page: &str) -> Vec<String> {
    let lines: Vec<&str> = page.lines().map(|line| line.trim_start_matches("//!").trim_start()).collect();
    let page = lines.join("\n");
    page.split("```toml\n").skip(1).map(|rest| complete(rest.split("```").next().unwrap())).collect()
}

/// Adds the sections of the complete file that a block leaves out.
fn complete(block: &str) -> String {
    let name = |section: &str| section.split(']').next().unwrap().trim_start_matches('[').to_owned();
    let own: Vec<String> = block.lines().filter(|line| line.starts_with('[')).map(name).collect();
    let others = FULL.split("\n[").skip(1).filter(|section| !own.contains(&name(section)));
    others.map(|section| format!("[{section}\n")).chain([block.to_owned()]).collect()
}

pub(crate) fn read(text: &str) -> Config {
    Config::read("upsign.toml", text, |_| None).unwrap_or_else(|error| panic!("{error}\n{text}"))
}

/// Returns the configurations of a page that contain a text, and requires that there is one.
fn with(page: &str, part: &str) -> Config {
    let (_, page) = PAGES.into_iter().find(|(name, _)| *name == page).unwrap();
    let found = blocks(page).into_iter().find(|block| block.contains(part));
    read(&found.unwrap_or_else(|| panic!("no block contains {part}")))
}

#[test]
fn every_block_of_the_pages_is_a_valid_configuration() {
    for (page, text) in PAGES {
        let blocks = blocks(text);
        assert!(blocks.len() >= 4, "{page} has {} blocks", blocks.len());
        for block in blocks {
            let config = read(&block);
            let auth = config.auth().unwrap();
            assert_eq!(auth.issuers.is_empty(), auth.gateway.is_some(), "{block}");
            for issuer in &auth.issuers {
                if let KeysFrom::Inline(keys) = &issuer.keys {
                    let other = StaticKeys::new(keys.as_bytes()).unwrap();
                    assert!(issuer.fetch_keys(other).is_ok(), "{block}");
                }
            }
            let warnings: Vec<_> =
                config.warnings().iter().filter(|warning| warning.key.starts_with("auth.")).collect();
            let expected = usize::from(block.contains("danger_http_keys"));
            assert!(warnings.len() <= expected, "{warnings:?}\n{block}");
        }
    }
}

#[test]
fn section_about_directories_names_the_form_of_groups() {
    let config = with("issuers", "custom:groups");
    let verifier = &config.auth().unwrap().only_issuer().unwrap().verifier;
    assert_eq!(
        (verifier.groups_claim().name(), verifier.groups_claim().form()),
        ("custom:groups", ListForm::Bracket)
    );
}

#[test]
fn several_issuers_have_names_and_requirements_of_their_own() {
    let config = with("issuers", "[[auth]]");
    let auth = config.auth().unwrap();
    let names: Vec<_> = auth.issuers.iter().map(|issuer| issuer.name.as_ref().unwrap().as_str()).collect();
    assert_eq!(names, ["customers", "staff"]);
    assert_eq!(auth.max_token_bytes, 16 << 10);
    assert!(auth.issuers.iter().all(|issuer| issuer.verifier.max_token_bytes() == 16 << 10));
    assert!(!auth.issuers[0].verifier.is_oidc() && auth.issuers[1].verifier.is_oidc());
}

#[test]
fn emulators_need_the_option_for_their_keys_only() {
    for part in ["localstack:4566", "cognito:9229", "host.docker.internal", "keycloak:8080"] {
        let config = with("keys", part);
        assert!(config.auth().unwrap().only_issuer().unwrap().allows_http_keys, "{part}");
    }
    let (_, page) = PAGES[1];
    let block = blocks(page).into_iter().find(|block| block.contains("localstack:4566")).unwrap();
    let without = block.replace("danger_http_keys = true\n", "");
    let error = Config::read("upsign.toml", &without, |_| None).unwrap_err().to_string();
    assert!(error.contains("jwks_uri") && error.contains("danger_http_keys"), "{error}");
    // The issuer stays http: it is only compared.
    let with_tls = without.replace("http://localstack:4566", "https://keys.example");
    assert!(Config::read("upsign.toml", &with_tls, |_| None).is_ok());
}

#[test]
fn callers_without_tokens_are_described() {
    let is_iam = |config: &Config| matches!(config.auth().unwrap().gateway, Some(GatewayIdentity::Iam(_)));
    assert!(
        is_iam(&with("callers", "identity_pool")) && is_iam(&with("callers", "source = \"iam\"\nuser_pool"))
    );
    let config = with("callers", "lambda-authorizer");
    assert!(matches!(config.auth().unwrap().gateway, Some(GatewayIdentity::LambdaAuthorizer(_))));
    let config = with("callers", "token_header");
    assert_eq!(config.auth().unwrap().token_header.as_str(), "x-upload-token");
}
