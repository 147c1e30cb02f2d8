//! `upsign check` and `upsign serve --print-config`: who may upload, with one issuer, with several, and without tokens.

use serde_json::{Value, json};

use crate::run::upsign;

const POLICY: &str = r#"[bucket]
name = "images-of-acme"
region = "ap-southeast-1"

[upload]
key = "articles/{issuer}/{sub}/{id}.{ext}"
types = ["image/jpeg"]
max_size = "10 MiB"
bodyless = "refuse"

[cors]
origins = ["https://www.acme.example"]

"#;

const SEVERAL: &str = r#"[[auth]]
name = "customers"
user_pool = "ap-southeast-1_XyZwVu987"
client_ids = ["7abcdefghijklmnopqrstuvwx"]
token_use = "access"
token_header = "x-acme-token"
max_token_size = "9 KiB"
fetch_timeout = "5s"

[[auth]]
name = "staff"
provider = "oidc"
issuer = "https://id.acme.example/realms/staff"
audiences = ["https://api.acme.example"]
token_use = "access"
groups = ["editors"]

[[auth]]
name = "partners"
provider = "oidc"
issuer = "https://partner.example"
audiences = ["https://api.acme.example"]
algorithms = ["ES256"]
token_use = "id"
jwks = '{"keys":[{"kty":"EC","crv":"P-256","kid":"1","x":"MKBCTNIcKUSDii11ySs3526iDZ8AiTo7Tu6KPAqv7D4","y":"4Etl6SRW2YiLUrN5vfvVHuhp7x8PxltmWWlbbM4IFyM"}]}'
"#;

/// Returns the lines about callers and about the sample request, without the spaces in front of them.
fn lines(auth: &str) -> Vec<String> {
    let config = format!("{POLICY}{auth}");
    let run = upsign(&["check"]).file("upsign.toml", &config).variable("COLUMNS", "400").output();
    run.exits(0).stdout().lines().map(|line| line.trim_start().to_owned()).collect()
}

fn json(auth: &str) -> Value {
    let run = upsign(&["--json", "check"]).file("upsign.toml", &format!("{POLICY}{auth}")).output();
    run.exits(0).json()
}

#[test]
fn check_prints_every_issuer() {
    let lines = lines(SEVERAL);
    let first = lines.iter().position(|line| line == "callers").unwrap() + 1;
    let printed: Vec<&str> =
        lines[first..].iter().map(String::as_str).take_while(|line| !line.is_empty()).collect();
    assert_eq!(
        printed,
        [
            "issuer       customers: https://cognito-idp.ap-southeast-1.amazonaws.com/ap-southeast-1_XyZwVu987 or \
             https://issuer-cognito-idp.ap-southeast-1.amazonaws.com/ap-southeast-1_XyZwVu987 (one user pool, whose setting \
             IssuerConfiguration decides which)",
            "keys         https://cognito-idp.ap-southeast-1.amazonaws.com/ap-southeast-1_XyZwVu987/.well-known/jwks.json",
            "clients      7abcdefghijklmnopqrstuvwx",
            "algorithms   RS256",
            "tokens       access",
            "issuer       staff: https://id.acme.example/realms/staff",
            "keys         those that https://id.acme.example/realms/staff/.well-known/openid-configuration names",
            "audiences    https://api.acme.example",
            "clients      any",
            "algorithms   RS256",
            "tokens       access",
            "groups       editors",
            "issuer       partners: https://partner.example",
            "keys         in upsign.toml, as jwks (not fetched)",
            "audiences    https://api.acme.example",
            "clients      any",
            "algorithms   ES256",
            "tokens       id",
            "token header x-acme-token (no other header is read)",
            "token size   up to 9 KiB",
            "key fetches  fail after 5 s",
            "pages        https://www.acme.example",
        ]
    );
    assert!(lines.contains(&"x-acme-token: Bearer TOKEN".to_owned()), "{lines:#?}");
}

#[test]
fn check_has_every_issuer_in_json() {
    let report = json(SEVERAL);
    let callers = &report["callers"];
    assert_eq!(
        callers["issuers"][1],
        json!({
            "name": "staff",
            "iss": ["https://id.acme.example/realms/staff"],
            "keys": {"discovery": "https://id.acme.example/realms/staff/.well-known/openid-configuration"},
            "audiences": ["https://api.acme.example"],
            "clients": "any",
            "algorithms": ["RS256"],
            "tokens": "access",
            "groups": ["editors"],
        })
    );
    assert_eq!(callers["issuers"][2]["keys"], json!({"inline": true}));
    assert_eq!((&callers["tokenHeader"], &callers["maxTokenSize"]), (&json!("x-acme-token"), &json!(9_216)));
    assert_eq!(report["routes"][0]["requestHeaders"], json!({"x-acme-token": "Bearer TOKEN"}));
    assert_eq!(report["deployment"]["authSource"], "token");
}

/// Without tokens there are no issuers, and the request has no header with a token.
#[test]
fn check_prints_what_identifies_callers_without_tokens() {
    for (auth, identity, source) in [
        (
            "source = \"iam\"\nname = \"main\"\nidentity_pool = \"ap-southeast-1:f4bb3f2a-5dc4-4d0c-9a3f-2d3bd6ac7a36\"",
            "IAM: the identities of the identity pool ap-southeast-1:f4bb3f2a-5dc4-4d0c-9a3f-2d3bd6ac7a36",
            "iam",
        ),
        (
            "source = \"iam\"\nname = \"main\"\nuser_pool = \"ap-southeast-1_XyZwVu987\"",
            "IAM: the users of the user pool ap-southeast-1_XyZwVu987, with credentials of an identity pool",
            "iam",
        ),
        (
            "source = \"lambda-authorizer\"\nname = \"main\"\nissuer = \"https://id.acme.example\"\nsubject_claim = \"userId\"",
            "Lambda authorizer: the member userId of its context is the user",
            "lambda-authorizer",
        ),
    ] {
        let auth = format!("[auth]\n{auth}\n");
        let lines = lines(&auth);
        assert!(lines.contains(&format!("identity     {identity}")), "{lines:#?}");
        assert!(
            !lines.iter().any(|line| line.contains("Bearer") || line.starts_with("token size")),
            "{lines:#?}"
        );
        let report = json(&auth);
        assert_eq!(report["callers"]["identity"], identity);
        assert_eq!(report["callers"].get("issuers"), None);
        assert_eq!(report["routes"][0]["requestHeaders"], json!({}));
        assert_eq!(report["deployment"]["authSource"], source);
    }
}

/// Only the claims that are not the usual ones of the provider are printed.
#[test]
fn check_prints_which_claims_of_a_token_are_read() {
    let entra = "[auth]\nname = \"main\"\nprovider = \"oidc\"\nissuer = \"https://id.acme.example\"\naudiences = [\"api\"]\n\
                 token_use = \"access\"\n";
    let claims = "subject_claim = \"oid\"\ngroups_claim = \"roles\"\nscopes_claim = \"scp\"\n";
    let found = lines(&format!("{entra}{claims}"));
    let expected = [
        "users from   the claim oid",
        "groups from  the claim roles (json)",
        "scopes from  the claim scp (space)",
    ];
    for line in expected {
        assert!(found.iter().any(|found| found == line), "{line}: {found:#?}");
    }
    let issuer = &json(&format!("{entra}{claims}"))["callers"]["issuers"][0];
    assert_eq!(
        (&issuer["subjectClaim"], &issuer["groupsClaim"], &issuer["scopesClaim"]),
        (&json!("oid"), &json!("roles"), &json!("scp"))
    );
    let found = lines(entra);
    assert!(!found.iter().any(|line| line.contains("the claim ")), "{found:#?}");
    let company = "[auth]\nname = \"main\"\nuser_pool = \"ap-southeast-1_XyZwVu987\"\nclient_ids = [\"app\"]\ntoken_use = \"id\"\n\
                   groups_claim = { claim = \"custom:groups\", form = \"bracket\" }\n";
    let found = lines(company);
    assert!(found.iter().any(|line| line == "groups from  the claim custom:groups (bracket)"), "{found:#?}");
}

#[test]
fn check_prints_what_is_read_of_the_context_of_a_lambda_authorizer() {
    let auth = "[auth]\nsource = \"lambda-authorizer\"\nname = \"main\"\nissuer = \"https://id.acme.example\"\nsubject_claim = \
                \"userId\"\ngroups_claim = \"teams\"\nscopes_claim = \"may\"\ntoken_header = \"x-acme-token\"\n";
    let lines = lines(auth);
    for line in [
        "issuer       https://id.acme.example",
        "groups from  the member teams (json)",
        "scopes from  the member may (space)",
        "token header x-acme-token, for the authorizer",
    ] {
        assert!(lines.iter().any(|found| found == line), "{line}: {lines:#?}");
    }
    let callers = &json(auth)["callers"];
    assert_eq!(
        (&callers["iss"], &callers["subjectClaim"]),
        (&json!("https://id.acme.example"), &json!("userId"))
    );
    assert_eq!((&callers["groupsClaim"], &callers["scopesClaim"]), (&json!("teams"), &json!("may")));
    assert_eq!(callers["tokenHeader"], "x-acme-token");
}

#[test]
fn printed_configuration_has_every_issuer() {
    let config = format!("{POLICY}{SEVERAL}");
    let print = |arguments: &[&str]| {
        let run = upsign(&[&["serve", "--print-config"], arguments].concat());
        run.credentials().file("upsign.toml", &config).variable("UPSIGN_MAX_TOKEN_SIZE", "4 KiB").output()
    };
    let text = print(&[]);
    let text = text.exits(0).stdout();
    assert_eq!(text.lines().filter(|line| *line == "[[auth]]").count(), 3, "{text}");
    assert!(text.contains("max_token_size = \"4 KiB\"  # UPSIGN_MAX_TOKEN_SIZE\n"), "{text}");
    let run = print(&["--json"]);
    let auth = run.exits(0).json()["config"]["auth"].clone();
    assert_eq!((&auth[0]["name"], &auth[2]["name"]), (&json!("customers"), &json!("partners")));
}
