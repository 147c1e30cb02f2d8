//! `upsign identity` for one event.

use serde_json::{Value, json};

use crate::run::{CONFIG, Finished, upsign};

const OPTIONS: [&str; 5] = [
    "identity",
    "event.json",
    "--user-pool=us-east-1_TestPool1",
    "--client-id=client-app-1",
    "--token-use=access",
];

fn claims() -> Value {
    json!({
        "sub": "3f2504e0-4f89-41d3-9a0c-0305e82c3301", "token_use": "access", "client_id": "client-app-1",
        "iss": "https://cognito-idp.us-east-1.amazonaws.com/us-east-1_TestPool1", "username": "alice",
        "cognito:groups": "editors,admins", "exp": "1767229200",
    })
}

/// Returns an event of a REST API with this authorizer.
fn event(authorizer: &Value) -> Value {
    json!({"httpMethod": "POST", "headers": {}, "requestContext": {"authorizer": authorizer}})
}

fn identity(event: &Value, more: &[&str]) -> Finished {
    let arguments = [&OPTIONS[..], &["--at=2026-01-01T00:00:00Z"], more].concat();
    upsign(&arguments).file("event.json", &event.to_string()).output()
}

#[test]
fn the_caller_of_a_cognito_authorizer_is_printed() {
    let run = identity(&event(&json!({"claims": claims()})), &[]);
    run.exits(0).has_message("requestContext.authorizer.claims: Cognito authorizer of a REST API");
    assert_eq!(run.json()["sub"], "3f2504e0-4f89-41d3-9a0c-0305e82c3301");
    assert_eq!(run.json()["groups"], json!(["editors", "admins"]));
    let run = identity(&event(&json!({"claims": claims()})), &["--json"]);
    assert_eq!(run.exits(0).json()["result"], "identity");
    assert_eq!(run.stderr(), "");
}

#[test]
fn an_event_is_read_from_standard_input_with_the_configuration_file() {
    let mut claims = claims();
    claims["iss"] = json!("https://cognito-idp.ap-southeast-1.amazonaws.com/ap-southeast-1_AbCdEf123");
    claims["client_id"] = json!("3n4b5urk1ft4fl3mg5e62d9ado");
    let event = event(&json!({"claims": claims})).to_string();
    let run = upsign(&["identity", "-", "--at=2026-01-01T00:00:00Z"]).file("upsign.toml", CONFIG);
    let run = run.output_for_input(&event);
    assert_eq!(run.exits(0).json()["username"], "alice");
    // Its access tokens need no scope, so no authorizer of a REST API fits.
    run.has_message("does not read these claims but verifies tokens itself: the authorizer of a REST API");
    let scopes = CONFIG.replace("token_use", "scopes = [\"uploads/write\"]\ntoken_use");
    let permitted = event.replace("\"exp\"", "\"scope\": \"uploads/write\", \"exp\"");
    let run = upsign(&["identity", "-", "--at=2026-01-01T00:00:00Z"]).file("upsign.toml", &scopes);
    let run = run.output_for_input(&permitted);
    assert!(!run.exits(0).stderr().contains("warning"), "{}", run.stderr());
    let run = upsign(&["identity", "-"]).file("other.toml", CONFIG).variable("UPSIGN_CONFIG", "other.toml");
    run.output_for_input(&event).exits(1).has_message("(expired)");
    upsign(&["identity", "-"]).output_for_input(&event).exits(2).has_message("--user-pool");
}

#[test]
fn a_rejection_names_its_reason_and_what_was_found() {
    let mut other_client = claims();
    other_client["client_id"] = json!("other-app");
    let run = identity(&event(&json!({"claims": other_client})), &[]);
    run.exits(1).has_message("rejected: ").has_message("other-app").has_message("(client)");
    let run = identity(&event(&Value::Null), &[]);
    run.exits(1).has_message("no authorizer in this event").has_message("help: ").has_message("--lambda-sub");
    let run = identity(&json!({"Records": []}), &[]);
    run.exits(1).has_message("(unsupported-event)");
    let run = identity(&event(&Value::Null), &["--json"]);
    let rejected = run.exits(1).json();
    assert_eq!((&rejected["result"], &rejected["http"]), (&json!("reject"), &json!(401)));
    assert!(rejected["reason"].is_string(), "{rejected}");
    upsign(&[&OPTIONS[..], &["--batch"]].concat())
        .output()
        .exits(2)
        .has_message("cannot be used with --batch");
    upsign(&["identity", "absent.json"]).output().exits(2);
}

#[test]
fn groups_that_cannot_be_split_are_not_proposed_as_a_group() {
    let mut claims = claims();
    claims["cognito:groups"] = json!("[admins editors]");
    claims["iss"] = json!("https://cognito-idp.ap-southeast-1.amazonaws.com/ap-southeast-1_AbCdEf123");
    claims["client_id"] = json!("3n4b5urk1ft4fl3mg5e62d9ado");
    let config = CONFIG.replace("token_use", "groups = [\"admins\"]\ntoken_use");
    let run = upsign(&["identity", "-", "--at=2026-01-01T00:00:00Z"]).file("upsign.toml", &config);
    let run = run.output_for_input(&event(&json!({"claims": claims})).to_string());
    run.exits(1).has_message("(groups)").has_message("source = \"token\"").has_message("form = \"bracket\"");
    assert!(!run.stderr().contains("add \"[admins"), "{}", run.stderr());
}

#[test]
fn a_lambda_authorizer_is_trusted_only_if_it_is_configured() {
    let event = event(&json!({"principalId": "user-7", "roles": "editors"}));
    identity(&event, &[])
        .exits(1)
        .has_message("requestContext.authorizer.principalId: Lambda authorizer of a REST API");
    let run = identity(&event, &["--lambda-sub=principalId", "--lambda-groups=roles"]);
    let found = run.exits(0).json();
    assert_eq!((&found["sub"], &found["groups"]), (&json!("user-7"), &json!(["editors"])));
}

#[test]
fn the_signed_header_of_a_load_balancer_is_verified() {
    let corpus: Value =
        serde_json::from_str(include_str!("../../../upsign-testing/vectors/lambda_events.json")).unwrap();
    let cases = corpus["cases"].as_array().unwrap().iter();
    let signed = cases.filter(|case| case["config"]["alb"]["expected_signer"].is_string());
    let mut accepted = 0;
    for case in signed.filter(|case| !case["event"].is_null() && case["severity"] == "must") {
        let alb = &case["config"]["alb"];
        let text = |member: &str| alb[member].as_str().unwrap().to_owned();
        let arguments = [
            "identity".to_owned(),
            "event.json".to_owned(),
            format!("--alb-signer={}", text("expected_signer")),
            format!("--alb-issuer={}", text("expected_issuer")),
            format!("--alb-client={}", text("expected_client")),
            "--alb-key=key.pem".to_owned(),
            "--at=2026-01-01T00:00:00Z".to_owned(),
        ];
        let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
        let run = upsign(&arguments).file("event.json", &case["event"].to_string());
        let run = run.file("key.pem", &text("public_key_pem")).output();
        let expected = case["expect"]["result"] == "identity";
        run.exits(if expected { 0 } else { 1 });
        accepted += usize::from(expected);
    }
    assert!(accepted > 0);
}

/// The user pool alone is enough, and a text that is not JSON is shown with its place.
#[test]
fn event_is_read_with_a_user_pool_alone() {
    let run = |text: &str, more: &[&str]| {
        let shared =
            ["identity", "event.json", "--user-pool=us-east-1_TestPool1", "--at=2026-01-01T00:00:00Z"];
        upsign(&[&shared, more].concat()).file("event.json", text).output()
    };
    let event = event(&json!({"claims": claims()})).to_string();
    let read = run(&event, &[]);
    read.exits(0)
        .has_message("not checked: the app client (--client-id) and the kind of token (--token-use)");
    assert_eq!(read.json()["client_id"], "client-app-1");
    let cut_off = run(event.get(..40).unwrap(), &[]);
    cut_off.exits(1).has_message("event.json:1:40").has_message("the JSON ends too early");
    let with_line_break = upsign(&["identity", "event.json"]).file("event.json", "{\"headers\":\n").output();
    with_line_break.exits(1).has_message("event.json:1:11\n");
    run("{\n  \"a\": 1,\n}", &[]).exits(1).has_message("event.json:3:1").has_message("trailing comma");
    run("", &[]).exits(1).has_message("the file is empty");
    let unconfigured = upsign(&["identity", "-"]).output_for_input("{");
    unconfigured.exits(1).has_message("the JSON ends too early");
    let absent = upsign(&["identity", "absent.json", "--json"]).output();
    assert_eq!(absent.exits(2).json()["error"]["code"], "io");
}
