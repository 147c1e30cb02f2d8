//! `upsign documents openapi`: the description of the deployed API, from upsign.toml.

use serde_json::Value;

use crate::run::{CONFIG, upsign};

fn openapi(options: &[&str], file: &str) -> Value {
    let run = upsign(&[&["documents", "openapi"], options].concat()).file("upsign.toml", file).output();
    run.exits(0).json()
}

fn codes(description: &Value, status: &str) -> Vec<String> {
    let response = &description["paths"]["/upload-url"]["post"]["responses"][status];
    let schema = &response["content"]["application/problem+json"]["schema"];
    let codes = schema["allOf"][1]["properties"]["code"]["enum"].as_array();
    codes.into_iter().flatten().map(|code| code.as_str().unwrap().to_owned()).collect()
}

#[test]
fn description_is_written_in_both_versions() {
    let newer = openapi(&[], CONFIG);
    assert_eq!(newer["openapi"], "3.1.1");
    let older = openapi(&["--format", "3.0"], CONFIG);
    assert_eq!(older["openapi"], "3.0.1");
    let method = |description: &Value| {
        description["components"]["schemas"]["UploadGrant"]["properties"]["method"].clone()
    };
    assert_eq!(
        (&method(&newer)["const"], &method(&older)["enum"]),
        (&"PUT".into(), &serde_json::json!(["PUT"]))
    );
}

#[test]
fn description_follows_the_kind_of_api() {
    let has_gateway = |options: &[&str], file: &str| {
        openapi(options, file)["components"]["schemas"]["GatewayError"].is_object()
    };
    assert!(has_gateway(&[], CONFIG));
    assert!(!has_gateway(&["--api", "url"], CONFIG));
    assert!(!has_gateway(&[], &format!("{CONFIG}\n[deployment]\napi = \"url\"\n")));
}

#[test]
fn description_has_the_refusals_of_routes_for_some_callers_only_if_there_are_some() {
    // Every service can require groups or scopes in `[auth]`.
    assert_eq!(codes(&openapi(&[], CONFIG), "403"), ["insufficient-scope"]);
    let restricted = CONFIG.replace("[upload]", "[upload]\ngroups = [\"editors\"]");
    assert_eq!(codes(&openapi(&[], &restricted), "403"), ["insufficient-scope", "route-forbidden"]);
    let supplied = CONFIG.replace("\nids = [", "\nclient_may_supply = [\"article_id\"]\nids = [");
    assert_eq!(codes(&openapi(&[], &supplied), "403"), ["forbidden", "insufficient-scope"]);
    assert!(codes(&openapi(&[], &supplied), "503").contains(&"authorization-unavailable".to_owned()));
}

#[test]
fn description_names_the_header_of_the_token() {
    let scheme = |file: &str| openapi(&[], file)["components"]["securitySchemes"]["bearer"].clone();
    assert_eq!(scheme(CONFIG)["scheme"], "bearer");
    let other = CONFIG.replace("token_use =", "token_header = \"X-Upload-Token\"\ntoken_use =");
    let scheme = scheme(&other);
    assert_eq!((&scheme["type"], &scheme["in"]), (&"apiKey".into(), &"header".into()));
    assert_eq!(scheme["name"], "x-upload-token");
}
