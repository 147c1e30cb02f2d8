//! Warnings about claims, scopes and groups that no caller has, or not every kind of caller, and the configurations without
//! such warnings.

use upsign_config::{Config, Place, WarningCode};

const POOL: &str =
    "user_pool = \"ap-southeast-1_AbCdEf123\"\nclient_ids = [\"3n4b5urk1ft4fl3mg5e62d9ado\"]\n";
const GOOGLE: &str = "provider = \"oidc\"\nissuer = \"https://accounts.google.com\"\naudiences = [\"1.apps.googleusercontent.com\"]\n\
                      token_use = \"id\"\n";

/// Returns a file with one route, whose key and further lines are given, and these sections of issuers.
fn file(key: &str, route: &str, auth: &str) -> String {
    format!(
        "[bucket]\nname = \"article-images-bucket\"\nregion = \"ap-southeast-1\"\n\
         [upload]\nkey = \"{key}\"\ntypes = [\"image/jpeg\"]\nmax_size = \"10 MiB\"\nbodyless = \"refuse\"\n{route}\n\
         {auth}\n[cors]\norigins = [\"https://app.example.com\"]\n"
    )
}

/// Returns `[auth]` with a user pool.
fn pool(token_use: &str, more: &str) -> String {
    format!("[auth]\n{POOL}token_use = \"{token_use}\"\n{more}\n")
}

const CODES: [WarningCode; 4] = [
    WarningCode::UnlikelyClaim,
    WarningCode::UnlikelyScope,
    WarningCode::UnlikelyGroup,
    WarningCode::ExcludedCallers,
];

/// Returns the warnings about callers: code, the line of the file that they are about, and the message with the help.
#[track_caller]
fn warnings(text: &str) -> Vec<(&'static str, String, String)> {
    let config = Config::read("upsign.toml", text, |_| None).unwrap();
    let about_callers = config.warnings().iter().filter(|it| CODES.contains(&it.code));
    let line = |number: usize| text.lines().nth(number - 1).unwrap().to_owned();
    about_callers
        .map(|it| {
            let number = it.place.as_ref().and_then(Place::line).unwrap();
            assert!(!it.help.is_empty(), "{it}");
            (it.code.as_str(), line(number), format!("{} ({})", it.message, it.help))
        })
        .collect()
}

#[track_caller]
fn warns(text: &str, code: &str, line: &str, parts: &[&str]) {
    let found = warnings(text);
    assert_eq!(found.len(), 1, "{found:#?}\n{text}");
    let (found_code, found_line, message) = found.first().unwrap();
    assert_eq!((*found_code, found_line.as_str()), (code, line), "{message}");
    for part in parts {
        assert!(message.contains(part), "{part}: {message}");
    }
}

#[track_caller]
fn is_silent(text: &str) {
    assert_eq!(warnings(text), [], "{text}");
}

#[test]
fn attributes_of_users_are_unlikely_in_access_tokens() {
    let key = |claim: &str| format!("{{claim:{claim}}}/{{id}}");
    for claim in ["custom:tenant", "email", "preferred_username"] {
        for token_use in ["access", "any"] {
            let text = file(&key(claim), "", &pool(token_use, ""));
            let parts = [
                "a key contains {claim:".to_owned() + claim,
                "access tokens do not have the attributes of the user".to_owned(),
                "event version V2_0 or V3_0".to_owned(),
            ];
            let parts = parts.each_ref().map(String::as_str);
            warns(&text, "unlikely-claim", &format!("token_use = \"{token_use}\""), &parts);
        }
        is_silent(&file(&key(claim), "", &pool("id", "")));
    }
    // Claims that access tokens have, and those that only a trigger can have meant.
    for claim in ["username", "client_id", "tenant"] {
        is_silent(&file(&key(claim), "", &pool("access", "")));
    }
    is_silent(&file("{sub}/{id}", "", &pool("access", "")));
}

#[test]
fn user_name_has_another_claim_in_each_kind_of_token() {
    let access = file("{claim:cognito:username}/{id}", "", &pool("access", ""));
    warns(&access, "unlikely-claim", "token_use = \"access\"", &["write {claim:username}"]);
    let id = file("{claim:username}/{id}", "", &pool("id", ""));
    warns(&id, "unlikely-claim", "token_use = \"id\"", &["write {claim:cognito:username}"]);
    is_silent(&file("{claim:username}/{id}", "", &pool("access", "")));
    is_silent(&file("{claim:cognito:username}/{id}", "", &pool("id", "")));
}

#[test]
fn claims_of_cognito_are_unlikely_at_other_issuers() {
    let google = format!("[auth]\n{GOOGLE}");
    let text = file("{claim:custom:tenant}/{id}", "", &google);
    warns(&text, "unlikely-claim", "token_use = \"id\"", &["only user pools of Amazon Cognito"]);
    is_silent(&file("{claim:hd}/{id}", "", &google));
    is_silent(&file("{claim:email}/{id}", "", &google));
}

#[test]
fn scopes_that_a_user_pool_cannot_issue_are_unlikely() {
    let text = file("{sub}/{id}", "", &pool("access", "scopes = [\"uploads:write\", \"openid\"]"));
    let parts = [
        "\"uploads:write\" is not the name of a scope of a user pool",
        "write scopes = [\"uploads/uploads:write\", \"openid\"]",
        "pre token generation trigger",
    ];
    warns(&text, "unlikely-scope", "scopes = [\"uploads:write\", \"openid\"]", &parts);
    let text = file("{sub}/{id}", "scopes = [\"write\"]", &pool("any", ""));
    warns(&text, "unlikely-scope", "scopes = [\"write\"]", &["\"write\" is not the name of a scope"]);
    for scopes in
        ["uploads/write", "https://api.example.com/write", "openid", "aws.cognito.signin.user.admin"]
    {
        is_silent(&file("{sub}/{id}", &format!("scopes = [\"{scopes}\"]"), &pool("access", "")));
        is_silent(&file("{sub}/{id}", "", &pool("access", &format!("scopes = [\"{scopes}\"]"))));
    }
    // Other issuers name their scopes as they like.
    let oidc = "[auth]\nprovider = \"oidc\"\nissuer = \"https://id.example.com\"\naudiences = [\"api\"]\ntoken_use = \"access\"\n";
    is_silent(&file("{sub}/{id}", "scopes = [\"uploads:write\"]", oidc));
    // So does a claim of the pool that a trigger fills.
    let own_claim = "scopes_claim = \"permissions\"\nscopes = [\"uploads:write\"]";
    is_silent(&file("{sub}/{id}", "", &pool("access", own_claim)));
}

#[test]
fn scopes_exclude_id_tokens_where_both_kinds_are_accepted() {
    let text = file("{sub}/{id}", "", &pool("any", "scopes = [\"uploads/write\"]"));
    let parts = ["id tokens have no scopes", "write token_use = \"access\""];
    warns(&text, "excluded-callers", "scopes = [\"uploads/write\"]", &parts);
    is_silent(&file("{sub}/{id}", "scopes = [\"uploads/write\"]", &pool("any", "")));
}

#[test]
fn groups_and_scopes_of_resource_servers_exclude_machines_and_users_of_the_sdk() {
    let group = "groups = [\"editors\"]";
    let scope = "scopes = [\"uploads/write\"]";
    let admin = "scopes = [\"aws.cognito.signin.user.admin\"]";
    let parts = [
        "only users of managed login can meet all demands",
        "USER_SRP_AUTH",
        "machines (client credentials) have no groups",
    ];
    warns(&file("{sub}/{id}", group, &pool("access", scope)), "excluded-callers", group, &parts);
    warns(&file("{sub}/{id}", scope, &pool("access", group)), "excluded-callers", scope, &parts);
    warns(
        &file("{sub}/{id}", "", &pool("access", &format!("{group}\n{scope}"))),
        "excluded-callers",
        scope,
        &parts,
    );
    let key = "key = \"{group}/{id}\"";
    warns(&file("{group}/{id}", "", &pool("access", scope)), "excluded-callers", key, &parts);
    let parts = ["machines (client credentials) have only scopes of resource servers"];
    warns(&file("{sub}/{id}", admin, &pool("access", scope)), "excluded-callers", admin, &parts);

    // One demand names a kind of caller; several can name the same.
    for demand in [group, scope, admin] {
        is_silent(&file("{sub}/{id}", demand, &pool("access", "")));
        is_silent(&file("{sub}/{id}", demand, &pool("access", demand)));
    }
    is_silent(&file("{sub}/{id}", group, &pool("access", admin)));
    // Only managed login issues this scope, so its users are meant.
    is_silent(&file("{sub}/{id}", group, &pool("access", "scopes = [\"openid\"]")));
    // One of the scopes suffices.
    let any = "scopes = [\"uploads/write\", \"aws.cognito.signin.user.admin\"]";
    is_silent(&file("{sub}/{id}", group, &pool("access", any)));
    // Id tokens have no scopes at all, and other issuers other rules.
    is_silent(&file("{sub}/{id}", group, &pool("id", "")));
    let oidc = "[auth]\nprovider = \"oidc\"\nissuer = \"https://id.example.com\"\naudiences = [\"api\"]\ntoken_use = \"access\"\n";
    is_silent(&file("{sub}/{id}", group, &format!("{oidc}{scope}\n")));
}

#[test]
fn tokens_without_groups_meet_no_demand_for_one() {
    let google = |more: &str| format!("[auth]\n{GOOGLE}{more}\n");
    let group = "groups = [\"editors\"]";
    let parts = ["tokens of Google have no groups", "groups_claim"];
    warns(&file("{sub}/{id}", group, &google("")), "unlikely-group", group, &parts);
    warns(&file("{sub}/{id}", "", &google(group)), "unlikely-group", group, &parts);
    warns(&file("{group}/{id}", "", &google("")), "unlikely-group", "key = \"{group}/{id}\"", &parts);
    is_silent(&file("{sub}/{id}", group, &google("groups_claim = { claim = \"hd\", form = \"comma\" }")));
    is_silent(&file("{sub}/{id}", "", &google("")));
}

#[test]
fn route_that_one_of_several_issuers_cannot_use_is_a_warning() {
    let both = format!(
        "[[auth]]\nname = \"staff\"\n{POOL}token_use = \"access\"\n[[auth]]\nname = \"guests\"\n{GOOGLE}"
    );
    let key = "{issuer}/{sub}/{id}";
    let group = "groups = [\"editors\"]";
    let parts = ["callers of the issuer guests cannot use this route: tokens of Google have no groups"];
    warns(&file(key, group, &both), "excluded-callers", group, &parts);
    let scope = "scopes = [\"uploads/write\"]";
    let parts = ["callers of the issuer guests cannot use this route: id tokens have no scopes"];
    warns(&file(key, scope, &both), "excluded-callers", scope, &parts);
    is_silent(&file(key, "", &both));

    // A demand of one issuer is about its own callers.
    let own = both.replacen("token_use = \"access\"", "token_use = \"access\"\ngroups = [\"editors\"]", 1);
    is_silent(&file(key, "", &own));
    let claim = file("{issuer}/{claim:custom:tenant}/{id}", "", &both);
    let found = warnings(&claim);
    let lines: Vec<&str> = found.iter().map(|(_, line, _)| line.as_str()).collect();
    assert_eq!(lines, ["token_use = \"access\"", "token_use = \"id\""], "{found:#?}");
    // The scope may be that of the other issuer.
    let oidc = both.replace("token_use = \"id\"", "token_use = \"access\"");
    is_silent(&file(key, "scopes = [\"uploads:write\"]", &oidc));
}

#[test]
fn callers_whom_iam_identifies_have_neither_groups_scopes_nor_claims() {
    let iam =
        "[auth]\nsource = \"iam\"\nuser_pool = \"ap-southeast-1_AbCdEf123\"\n[deployment]\napi = \"rest\"\n";
    let group = "groups = [\"editors\"]";
    warns(&file("{sub}/{id}", group, iam), "unlikely-group", group, &["IAM identifies have no groups"]);
    let scope = "scopes = [\"uploads/write\"]";
    warns(&file("{sub}/{id}", scope, iam), "unlikely-scope", scope, &["IAM identifies have no scopes"]);
    let key = "key = \"{claim:email}/{id}\"";
    warns(&file("{claim:email}/{id}", "", iam), "unlikely-claim", key, &["IAM identifies have no claims"]);
    let key = "key = \"{group}/{id}\"";
    warns(&file("{group}/{id}", "", iam), "unlikely-group", key, &["nobody can use this route"]);
    is_silent(&file("{sub}/{id}", "", iam));
}

#[test]
fn context_of_a_lambda_authorizer_has_the_groups_and_scopes_of_its_claims() {
    let lambda = |more: &str| {
        format!(
            "[auth]\nsource = \"lambda-authorizer\"\nissuer = \"https://id.example.com\"\nsubject_claim = \"userId\"\n{more}\n\
             [deployment]\napi = \"http\"\n"
        )
    };
    let group = "groups = [\"editors\"]";
    let parts = ["no groups without auth.groups_claim", "add groups_claim = \"groups\" to [auth]"];
    warns(&file("{sub}/{id}", group, &lambda("")), "unlikely-group", group, &parts);
    let scope = "scopes = [\"write\"]";
    warns(&file("{sub}/{id}", scope, &lambda("")), "unlikely-scope", scope, &["auth.scopes_claim"]);
    is_silent(&file("{group}/{id}", group, &lambda("groups_claim = \"teams\"")));
    is_silent(&file("{sub}/{id}", scope, &lambda("scopes_claim = \"permissions\"")));
    is_silent(&file("{claim:tenant}/{id}", "", &lambda("")));
}

#[test]
fn routes_with_the_issuer_in_front_do_not_overlap_if_their_folders_differ() {
    let both =
        format!("[[auth]]\nname = \"a\"\n{POOL}token_use = \"id\"\n[[auth]]\nname = \"a-b\"\n{GOOGLE}");
    let second = |key: &str| {
        format!(
            "[route.second]\nkey = \"{key}\"\ntypes = [\"image/jpeg\"]\nmax_size = \"1 MiB\"\nbodyless = \"refuse\"\n"
        )
    };
    let overlaps = |key: &str| {
        let text = file("{issuer}/one/{sub}/{id}", &second(key), &both);
        let config = Config::read("upsign.toml", &text, |_| None).unwrap();
        config.warnings().iter().filter(|it| it.code == WarningCode::Overlap).count()
    };
    assert_eq!(overlaps("{issuer}/two/{sub}/{id}"), 0);
    assert_eq!(overlaps("{issuer}/one/{id}"), 1);
    assert_eq!(overlaps("a/one/{id}"), 1);
    assert_eq!(overlaps("c/one/{id}"), 0);
}

#[test]
fn issuer_of_another_provider_is_found_in_each_section() {
    let auth0 = "[[auth]]\nname = \"guests\"\nissuer = \"https://acme.eu.auth0.com/\"\n\
                 jwks_uri = \"https://acme.eu.auth0.com/.well-known/jwks.json\"\nclient_ids = [\"a1B2\"]\ntoken_use = \"access\"\n";
    let both = format!("[[auth]]\nname = \"staff\"\n{POOL}token_use = \"access\"\n{auth0}");
    let text = file("{issuer}/{sub}/{id}", "", &both);
    let config = Config::read("upsign.toml", &text, |_| None).unwrap();
    let found: Vec<_> = config.warnings().iter().filter(|it| it.code == WarningCode::OtherProvider).collect();
    assert_eq!(found.len(), 1, "{found:#?}");
    let warning = found.first().unwrap();
    let line = warning.place.as_ref().and_then(Place::line).unwrap();
    assert_eq!(text.lines().nth(line - 1), Some("issuer = \"https://acme.eu.auth0.com/\""));
    assert!(warning.help.contains("provider = \"oidc\""), "{warning}");
}
