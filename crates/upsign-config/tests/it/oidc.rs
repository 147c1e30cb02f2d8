//! `provider = "oidc"`: the configurations of the manual for each identity provider, and what the keys of `[auth]` mean.

use upsign_cognito::{Algorithm, ListForm, TokenUse};
use upsign_config::{AuthIssuer, Config, KeysFrom, WarningCode};

use crate::good::FULL;

/// Returns the complete file with another section `[auth]`.
fn with_auth(section: &str) -> String {
    let (before, rest) = FULL.split_once("[auth]").unwrap();
    let (_, after) = rest.split_once("\n[").unwrap();
    format!("{before}[auth]\n{section}\n[{after}")
}

fn auth(section: &str) -> AuthIssuer {
    Config::read("conf/upsign.toml", &with_auth(section), |_| None)
        .unwrap()
        .auth()
        .unwrap()
        .only_issuer()
        .unwrap()
        .clone()
}

/// Returns the headings of the manual's page with the configuration below each.
fn manual() -> Vec<(String, String)> {
    let page = include_str!("../../../upsign/src/manual/howto/issuers.rs");
    let lines: Vec<&str> = page.lines().map(|line| line.trim_start_matches("//!").trim_start()).collect();
    let page = lines.join("\n");
    let sections = page.split("\n# ").skip(1).filter_map(|section| {
        let (heading, rest) = section.split_once('\n')?;
        let toml = rest.split("```toml\n[auth]\nprovider").nth(1)?.split("```").next()?;
        Some((heading.to_owned(), format!("provider{toml}")))
    });
    sections.collect()
}

#[test]
fn configurations_of_the_manual_are_valid_and_without_warnings() {
    let providers: Vec<String> = manual().into_iter().map(|(provider, _)| provider).collect();
    assert_eq!(
        providers,
        [
            "Auth0",
            "Clerk",
            "Supabase",
            "Keycloak",
            "Microsoft Entra",
            "Firebase",
            "Zitadel",
            "Google",
            "Okta"
        ]
    );
    for (provider, section) in manual() {
        let config = Config::read("upsign.toml", &with_auth(&section), |_| None);
        let config = config.unwrap_or_else(|error| panic!("{provider}: {error}"));
        assert!(config.auth().unwrap().only_issuer().unwrap().verifier.is_oidc(), "{provider}");
        let of_auth: Vec<_> =
            config.warnings().iter().filter(|warning| warning.key.starts_with("auth.")).collect();
        assert!(of_auth.is_empty(), "{provider}: {of_auth:?}");
    }
}

/// Without `provider = "oidc"`, the tokens of each provider would be refused: that is an error or a warning.
#[test]
fn issuers_of_the_manual_are_noticed_without_the_provider() {
    for (provider, section) in manual() {
        let issuer = section.lines().find(|line| line.starts_with("issuer")).unwrap();
        let cognito = format!("{issuer}\nclient_ids = [\"a\"]\ntoken_use = \"access\"");
        let error = Config::read("upsign.toml", &with_auth(&cognito), |_| None).unwrap_err().to_string();
        assert!(error.contains(&format!("is an issuer of {provider}, not of Amazon Cognito")), "{error}");
        let keys = "jwks_uri = \"https://keys.example/jwks.json\"";
        let config =
            Config::read("upsign.toml", &with_auth(&format!("{cognito}\n{keys}")), |_| None).unwrap();
        assert!(
            config.warnings().iter().any(|warning| warning.code == WarningCode::OtherProvider),
            "{provider}"
        );
    }
}

#[test]
fn keys_of_auth_reach_the_verifier() {
    let auth = auth(
        "provider = \"oidc\"\nissuer = \"https://id.example.com\"\njwks_file = \"keys.json\"\n\
         algorithms = [\"ES384\", \"EdDSA\"]\naudiences = [\"a\", \"b\"]\nclient_ids = [\"web\"]\n\
         token_use = \"access\"\ntoken_type = \"at+jwt\"\ngroups_claim = { claim = \"roles\", form = \"comma\" }\n\
         scopes_claim = \"scp\"",
    );
    assert_eq!(auth.keys, KeysFrom::File("conf/keys.json".into()));
    let verifier = &auth.verifier;
    assert_eq!(verifier.algorithms(), [Algorithm::Es384, Algorithm::EdDsa]);
    assert_eq!(verifier.audiences().unwrap(), [Box::<str>::from("a"), Box::from("b")]);
    assert!(verifier.requires_type() && !verifier.accepts_any_client());
    assert_eq!(verifier.token_use(), TokenUse::Access);
    assert_eq!((verifier.groups_claim().name(), verifier.groups_claim().form()), ("roles", ListForm::Comma));
    assert_eq!((verifier.scopes_claim().name(), verifier.scopes_claim().form()), ("scp", ListForm::Space));
}

/// A user pool behind which a company directory is: groups in an attribute, keys in a file, an audience.
#[test]
fn user_pools_have_these_keys_as_well() {
    let auth = auth(
        "user_pool = \"ap-southeast-1_AbCdEf123\"\nclient_ids = \"any\"\ntoken_use = \"access\"\n\
         audiences = [\"https://api.example.com\"]\njwks_file = \"/etc/upsign/keys.json\"\n\
         groups_claim = { claim = \"custom:groups\", form = \"bracket\" }",
    );
    assert_eq!(auth.keys, KeysFrom::File("/etc/upsign/keys.json".into()));
    assert!(!auth.verifier.is_oidc() && auth.verifier.accepts_any_client());
    assert_eq!(auth.verifier.audiences().map(<[_]>::len), Some(1));
    assert_eq!(auth.verifier.groups_claim().form(), ListForm::Bracket);
}

#[test]
fn variables_set_clients_and_claims() {
    let variable = |name: &str| {
        let value = match name {
            "UPSIGN_AUTH_PROVIDER" => "oidc",
            "UPSIGN_ISSUER" => "https://id.example.com",
            "UPSIGN_AUDIENCES" => "a,b",
            "UPSIGN_CLIENT_IDS" => "any",
            "UPSIGN_GROUPS_CLAIM" => "claim=roles,form=comma",
            "UPSIGN_SCOPES_CLAIM" => "scp",
            _ => return None,
        };
        Some(value.to_owned())
    };
    let config = Config::read("upsign.toml", &with_auth("token_use = \"access\""), variable).unwrap();
    let verifier = &config.auth().unwrap().only_issuer().unwrap().verifier;
    assert!(verifier.is_oidc() && verifier.accepts_any_client());
    assert_eq!(verifier.groups_claim().form(), ListForm::Comma);
    assert_eq!(verifier.scopes_claim().name(), "scp");
    assert!(
        config.effective().contains("client_ids = \"any\"  # UPSIGN_CLIENT_IDS"),
        "{}",
        config.effective()
    );
}
