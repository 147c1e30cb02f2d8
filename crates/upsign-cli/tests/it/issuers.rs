//! `verify`, `identity` and `jwks` with several issuers, with callers that have no token, and with the change of `upsign.toml` that
//! would accept a token.

use serde_json::{Value, json};
use upsign::{Clock, SystemClock};
use upsign_testing::tokens::{TestIssuer, TestToken};

use crate::run::{CONFIG, Finished, upsign};

const CUSTOMERS: &str = "https://cognito-idp.ap-southeast-1.amazonaws.com/ap-southeast-1_AbCdEf123";
const STAFF: &str = "https://id.example.com/staff";

/// Returns the configuration of these issuers: the file of the tests with other tables in place of `[auth]`.
fn config(auth: &str) -> String {
    let (before, rest) = CONFIG.split_once("[auth]").unwrap();
    let after = rest.split_once("\n[").map_or(String::new(), |(_, after)| format!("[{after}"));
    let before = before.replace("{sub}", "{issuer}/{sub}");
    format!("{before}{auth}\n{after}")
}

/// A user pool of customers, and an OpenID Connect issuer of the staff. Their keys are in the file.
struct Issuers {
    customers: TestIssuer,
    staff: TestIssuer,
}

impl Issuers {
    fn new() -> Self {
        Self {
            customers: TestIssuer::user_pool("ap-southeast-1_AbCdEf123"),
            staff: TestIssuer::custom(STAFF),
        }
    }

    fn config(&self) -> String {
        config(&format!(
            "[[auth]]\nname = \"customers\"\nuser_pool = \"ap-southeast-1_AbCdEf123\"\nclient_ids = [\"shop\"]\n\
             token_use = \"access\"\njwks = '{}'\n\n[[auth]]\nname = \"staff\"\nprovider = \"oidc\"\nissuer = \"{STAFF}\"\n\
             audiences = [\"upload-api\"]\ntoken_use = \"access\"\njwks = '{}'\n",
            self.customers.jwks(),
            self.staff.jwks()
        ))
    }

    fn customer(&self) -> TestToken {
        self.customers.access_token("alice", "shop")
    }

    fn employee(&self) -> TestToken {
        self.staff.access_token("bob", "office").claim("aud", "upload-api")
    }

    fn verify(&self, token: TestToken, more: &[&str]) -> Finished {
        let arguments = [&["verify", "-"], more].concat();
        upsign(&arguments)
            .file("upsign.toml", &self.config())
            .output_for_input(&token.sign(SystemClock.now()))
    }
}

/// Returns the messages of a command without line breaks.
fn words(run: &Finished) -> String {
    run.stderr().split_whitespace().collect::<Vec<_>>().join(" ")
}

#[test]
fn token_is_verified_with_the_requirements_of_its_issuer() {
    let issuers = Issuers::new();
    issuers
        .verify(issuers.customer(), &[])
        .exits(0)
        .has_message("valid access token of the issuer customers");
    issuers.verify(issuers.employee(), &[]).exits(0).has_message("token of the issuer staff");
    let json = issuers.verify(issuers.employee(), &["--json"]);
    assert_eq!(json.exits(0).json()["issuer_name"], "staff");
    let other = issuers.verify(issuers.employee().claim("aud", "billing"), &[]);
    other.exits(1).has_message("rejected by the issuer staff: ");
    assert!(
        words(&other)
            .contains("add \"billing\" to audiences in the [[auth]] with name = \"staff\" of upsign.toml")
    );
    // The message shows the line of the key that has rejected the token.
    let line = issuers.config().lines().position(|line| line.starts_with("audiences")).unwrap() + 1;
    other.has_message(&format!("--> upsign.toml:{line}"));
}

#[test]
fn issuer_name_picks_one_issuer() {
    let issuers = Issuers::new();
    issuers.verify(issuers.customer(), &["--issuer-name=customers"]).exits(0);
    let other = issuers.verify(issuers.customer(), &["--issuer-name=staff"]);
    other.exits(1).has_message(CUSTOMERS).has_message(STAFF).has_message("(issuer)");
    assert!(
        words(&other).contains("that is the issuer customers of upsign.toml: pass --issuer-name customers")
    );
    let unknown = issuers.verify(issuers.customer(), &["--issuer-name=partners"]);
    unknown.exits(2).has_message("no [[auth]] of upsign.toml has the name \"partners\"");
    unknown.has_message("name one of: customers, staff");
    // Options apply to the chosen issuer.
    let client = issuers.verify(issuers.customers.access_token("alice", "app"), &["--client-id=app"]);
    client.exits(0);
}

#[test]
fn unknown_issuer_is_shown_with_every_configured_one_and_the_table_to_add() {
    let issuers = Issuers::new();
    let other = TestIssuer::user_pool("ap-southeast-1_Other1234");
    let run = issuers.verify(other.access_token("alice", "shop"), &[]);
    run.exits(1)
        .has_message("(unknown-issuer)")
        .has_message("ap-southeast-1_Other1234`")
        .has_message(CUSTOMERS)
        .has_message(STAFF);
    assert!(words(&run).contains("add a [[auth]] with a name, user_pool = \"ap-southeast-1_Other1234\""));
    let json = issuers.verify(other.access_token("alice", "shop"), &["--json"]);
    assert!(json.exits(1).json()["help"].as_str().unwrap().contains("add a [[auth]]"));
    assert!(json.json()["issuer_name"].is_null(), "no issuer of the file is meant");
    let foreign = other.access_token("alice", "shop").claim("iss", "http://id.example.com");
    let run = issuers.verify(foreign, &[]);
    assert!(words(&run).contains("provider = \"oidc\"") && words(&run).contains("danger_http_keys = true"));
}

/// Issuers are compared byte for byte, and people overlook a slash.
#[test]
fn issuer_with_another_slash_is_to_be_written_as_the_token_names_it() {
    let issuers = Issuers::new();
    let token = issuers.employee().claim("iss", format!("{STAFF}/"));
    let run = issuers.verify(token, &[]);
    let expected =
        format!("write issuer = \"{STAFF}/\" in the [[auth]] with name = \"staff\" of upsign.toml");
    assert!(words(run.exits(1)).contains(&expected), "{}", words(&run));
    let single = "[auth]\nprovider = \"oidc\"\nissuer = \"https://id.example.com\"\naudiences = [\"api\"]\n\
                  token_use = \"access\"\n";
    let token =
        TestIssuer::custom("https://id.example.com/").access_token("alice", "web").sign(SystemClock.now());
    let run = upsign(&["verify", "-"]).file("upsign.toml", &config(single).replace("{issuer}/", ""));
    let run = run.output_for_input(&token);
    let expected = "write issuer = \"https://id.example.com/\" in [auth] of upsign.toml";
    assert!(words(run.exits(1)).contains(expected), "{}", words(&run));
}

/// One run shows every change after which the token passes.
#[test]
fn every_change_that_would_accept_a_token_is_shown() {
    let issuers = Issuers::new();
    let token = || issuers.customers.id_token("alice", "app").claim("cognito:groups", json!(["readers"]));
    let config = issuers.config().replacen("token_use", "groups = [\"editors\"]\ntoken_use", 1);
    let verify = |more: &[&str]| {
        let arguments = [&["verify", "-"], more].concat();
        let run = upsign(&arguments).file("upsign.toml", &config);
        run.output_for_input(&token().sign(SystemClock.now()))
    };
    let text = words(verify(&[]).exits(1));
    let steps = [
        "accept id tokens with token_use = \"id\" in the [[auth]] with name = \"customers\"",
        "add \"app\" to client_ids in the [[auth]] with name = \"customers\"",
        "add \"readers\" to groups in the [[auth]] with name = \"customers\"",
    ];
    let found: Vec<_> = steps.iter().map(|step| text.find(step)).collect();
    assert!(found.iter().all(Option::is_some) && found.is_sorted(), "{found:?}: {text}");
    let json = verify(&["--json"]).exits(1).json();
    assert_eq!((&json["code"], json["further"].as_array().unwrap().len()), (&json!("token-use"), 2));
}

#[test]
fn long_token_needs_a_larger_maximum() {
    let issuers = Issuers::new();
    let long = issuers.customer().claim("cognito:groups", json!(vec!["a-group-with-a-long-name"; 400]));
    let run = issuers.verify(long, &[]);
    let text = words(run.exits(1));
    assert!(text.contains("(token-too-long)") && text.contains("write max_token_size = \""), "{text}");
    assert!(text.contains("KiB\" in the first [[auth]] of upsign.toml"), "{text}");
}

#[test]
fn keys_of_every_issuer_are_listed_with_its_name() {
    let issuers = Issuers::new();
    let jwks =
        |more: &[&str]| upsign(&[&["jwks"], more].concat()).file("upsign.toml", &issuers.config()).output();
    let kids = |issuer: &TestIssuer| {
        let keys: Value = serde_json::from_str(&issuer.jwks()).unwrap();
        keys["keys"][0]["kid"].as_str().unwrap().to_owned()
    };
    let (customers, staff) = (kids(&issuers.customers), kids(&issuers.staff));
    let all = jwks(&[]);
    assert_eq!(all.exits(0).stdout(), format!("customers {customers}\nstaff {staff}\n"));
    assert_eq!(jwks(&["--issuer-name=staff"]).exits(0).stdout().trim(), staff);
    let json = jwks(&["--json"]).exits(0).json();
    assert_eq!(json["issuers"][1], json!({"issuer_name": "staff", "usable_kids": [staff]}));
    jwks(&["--issuer-name=nobody"]).exits(2).has_message("name one of: customers, staff");
}

fn rest_event(claims: &Value) -> String {
    json!({"httpMethod": "POST", "headers": {}, "requestContext": {"authorizer": {"claims": claims}}})
        .to_string()
}

fn identity(config: &str, event: &str, more: &[&str]) -> Finished {
    let arguments = [&["identity", "event.json", "--at=2026-01-01T00:00:00Z"], more].concat();
    upsign(&arguments).file("upsign.toml", config).file("event.json", event).output()
}

#[test]
fn event_is_compared_with_the_issuer_that_it_names() {
    let issuers = Issuers::new();
    let claims = json!({
        "sub": "alice", "token_use": "access", "client_id": "shop", "iss": CUSTOMERS, "username": "alice",
        "cognito:groups": "[editors admins]", "exp": "1767229200",
    });
    let run = identity(&issuers.config(), &rest_event(&claims), &[]);
    assert_eq!(run.exits(0).json()["issuer_name"], "customers");
    // Groups that cannot be read are not the same as none.
    run.has_message("a text that cannot be split into names: `[editors admins]`");
    assert!(run.json()["unreadable"][0].as_str().unwrap().contains("in the claims of a REST API"));
    let mut other = claims;
    other["iss"] = json!("https://other.example.com");
    let run = identity(&issuers.config(), &rest_event(&other), &[]);
    run.exits(1).has_message("(unknown-issuer)").has_message(STAFF).has_message("add a [[auth]]");
    let without_claims = json!({"httpMethod": "POST", "requestContext": {}}).to_string();
    identity(&issuers.config(), &without_claims, &[])
        .exits(2)
        .has_message("which of the 2 issuers of upsign.toml is meant is not known")
        .has_message("pass --issuer-name with one of: customers, staff");
    identity(&issuers.config(), &without_claims, &["--issuer-name=staff"])
        .exits(1)
        .has_message("(no-claims)");
}

const LAMBDA: &str = "[auth]\nsource = \"lambda-authorizer\"\nissuer = \"https://users.example.com\"\n\
                      subject_claim = \"userId\"\ngroups_claim = \"teams\"\n";
const IAM: &str = "[auth]\nsource = \"iam\"\nuser_pool = \"ap-southeast-1_AbCdEf123\"\n";

#[test]
fn identity_reads_the_source_that_the_file_names() {
    let config = config(LAMBDA).replace("{issuer}/", "");
    let event = |context: &Value| {
        json!({"version": "2.0", "requestContext": {"http": {}, "authorizer": {"lambda": context}}})
            .to_string()
    };
    let run = identity(&config, &event(&json!({"userId": 42, "teams": ["red"]})), &[]);
    let found = run.exits(0).json();
    assert_eq!((&found["sub"], &found["groups"]), (&json!("42"), &json!(["red"])));
    let run = identity(&config, &event(&json!({"userId": 42, "teams": "red blue"})), &[]);
    let line = config.lines().position(|line| line.starts_with("groups_claim")).unwrap() + 1;
    run.exits(1)
        .has_message("the claim `teams` is a text that is neither names with commas nor the JSON of a list")
        .has_message("in the context of the Lambda authorizer")
        .has_message("groups_claim = { claim = \"teams\", form =")
        .has_message(&format!("--> upsign.toml:{line}"));
    let json = identity(&config, &event(&json!({"teams": ["red"]})), &["--json"]).exits(1).json();
    assert_eq!(
        (&json["code"], &json["reason"]),
        (&json!("missing-claim"), &json!("the claim `userId` is missing"))
    );
}

/// An event that the configured source does not identify: what was found, what is expected, and what to check.
#[test]
fn caller_of_another_source_is_explained() {
    let lambda =
        json!({"version": "1.0", "httpMethod": "POST", "requestContext": {"authorizer": {"userId": 42}}});
    let iam = config(IAM).replace("{issuer}/", "");
    let run = identity(&iam, &lambda.to_string(), &[]);
    run.exits(1)
        .has_message("requestContext.authorizer: Lambda authorizer of an HTTP API, payload 1.0")
        .has_message("does the route that sent this event have IAM authorization (AWS_IAM)?");
    let run = identity(&config(LAMBDA).replace("{issuer}/", ""), &rest_event(&json!({})), &[]);
    run.exits(1).has_message("claim `userId`");

    let facts = json!({
        "userArn": "arn:aws:sts::123456789012:assumed-role/Users/CognitoIdentityCredentials",
        "cognitoIdentityId": "eu-central-1:3f291106-8703-466b-8f2b-3ecee1ca56ce",
        "cognitoIdentityPoolId": "eu-central-1:4f291106-8703-466b-8f2b-3ecee1ca56ce",
        "cognitoAuthenticationType": "authenticated",
        "cognitoAuthenticationProvider": "cognito-idp.eu-central-1.amazonaws.com/eu-central-1_Other1234,cognito-idp.\
            eu-central-1.amazonaws.com/eu-central-1_Other1234:CognitoSignIn:3f2504e0",
    });
    let event = json!({"httpMethod": "POST", "requestContext": {"identity": facts}}).to_string();
    let run = identity(&iam, &event, &[]);
    let text = words(run.exits(0));
    for part in [
        "identity of the identity pool eu-central-1:4f291106-8703-466b-8f2b-3ecee1ca56ce",
        "signed in at cognito-idp.eu-central-1.amazonaws.com/eu-central-1_Other1234;",
        &format!("expected a user of {CUSTOMERS}"),
    ] {
        assert!(text.contains(part), "{text}");
    }
    let json = identity(&iam, &event, &["--json"]).exits(0).json();
    assert!(json["reason"].as_str().unwrap().contains("_Other1234"), "{json}");
}

#[test]
fn configuration_without_tokens_is_refused_where_a_token_is_needed() {
    for (auth, sentence) in
        [(LAMBDA, "a Lambda authorizer of the API identifies callers"), (IAM, "with IAM credentials")]
    {
        let config = config(auth).replace("{issuer}/", "");
        let line = config.lines().position(|line| line.starts_with("source")).unwrap() + 1;
        let verify = upsign(&["verify", "-"]).file("upsign.toml", &config).output_for_input("a.b.c");
        verify.exits(2).has_message(sentence).has_message("so upsign.toml accepts no tokens");
        verify.has_message(&format!("--> upsign.toml:{line}")).has_message("upsign identity EVENT.json");
        let jwks = upsign(&["jwks"]).file("upsign.toml", &config).output();
        jwks.exits(2).has_message(sentence);
    }
}

#[test]
fn any_client_is_accepted_as_a_word() {
    let issuer = TestIssuer::user_pool("ap-southeast-1_AbCdEf123");
    let token = issuer.access_token("alice", "unheard-of").sign(SystemClock.now());
    let verify = |more: &[&str], config: &str| {
        let run = upsign(&[&["verify", "-", "--jwks=keys.json"], more].concat());
        run.file("keys.json", &issuer.jwks()).file("upsign.toml", config).output_for_input(&token)
    };
    verify(&["--user-pool=ap-southeast-1_AbCdEf123", "--token-use=access", "--client-id=any"], CONFIG)
        .exits(0);
    verify(&["--client-id=any"], CONFIG).exits(0);
    let run = verify(&[], CONFIG);
    let line = CONFIG.lines().position(|line| line.starts_with("client_ids")).unwrap() + 1;
    run.exits(1).has_message("(client)").has_message(&format!("--> upsign.toml:{line}"));
    verify(&["--client-id=*"], CONFIG).exits(2);
    let variable = upsign(&["verify", "-", "--jwks=keys.json"]).variable("UPSIGN_CLIENT_IDS", "shop");
    let variable = variable.file("keys.json", &issuer.jwks()).file("upsign.toml", CONFIG);
    variable
        .output_for_input(&token)
        .exits(1)
        .has_message("(client); UPSIGN_CLIENT_IDS sets what is accepted");
}

/// The whole issuers are shown, so that the id of the pool is not cut off.
#[test]
fn issuer_mismatch_shows_both_issuers_whole() {
    let long = format!("https://id.example.com/{}/tenant-7", "realm".repeat(20));
    let issuer = TestIssuer::custom(&long);
    let run = upsign(&["verify", "-"]).file("upsign.toml", CONFIG);
    let run = run.output_for_input(&issuer.access_token("alice", "web").sign(SystemClock.now()));
    run.exits(1);
    let text = run.stderr().split_whitespace().collect::<String>();
    assert!(text.contains(&long) && text.contains(CUSTOMERS), "{text}");
    let line = CONFIG.lines().position(|line| line.starts_with("user_pool")).unwrap() + 1;
    run.has_message(&format!("--> upsign.toml:{line}"));
}
