//! Who verifies the tokens on Lambda: every row of the derivation from `[deployment]`, `[auth]` and the routes.

use upsign_config::{AuthSource, Config, Override};
use upsign_documents::ApiAuthorizer;

use crate::good::FULL;

const POOL: &str = "user_pool = \"ap-southeast-1_AbCdEf123\"";
const ISSUER: &str =
    "issuer = \"https://id.example.com/t\"\njwks_uri = \"https://id.example.com/t/.well-known/jwks.json\"";

/// Returns the complete file with this API, issuer and token use, and further lines of `[auth]` and `[upload]`.
fn file(api: &str, issuer: &str, token_use: &str, auth: &str, upload: &str) -> String {
    let text = FULL
        .replacen(POOL, issuer, 1)
        .replacen("token_use = \"access\"", &format!("token_use = \"{token_use}\"\n{auth}"), 1)
        .replacen("bodyless = \"allow\"", &format!("bodyless = \"allow\"\n{upload}"), 1);
    format!("{text}\n[deployment]\napi = \"{api}\"\n{}", if api == "alb" { LISTENER } else { "" })
}

const LISTENER: &str = "listener_arn = \"arn:aws:elasticloadbalancing:ap-southeast-1:123456789012:listener/app/a/50dc6c495c0c9188/f2f7dc8efc522ab2\"\n";

fn read(text: &str) -> Config {
    Config::read("upsign.toml", text, |_| None).unwrap()
}

fn cognito(scopes: &[&str]) -> ApiAuthorizer {
    ApiAuthorizer::Cognito {
        user_pool: "ap-southeast-1_AbCdEf123".into(),
        scopes: scopes.iter().map(|scope| (*scope).to_owned()).collect(),
    }
}

fn jwt(issuer: &str, scopes: &[&str]) -> ApiAuthorizer {
    ApiAuthorizer::Jwt {
        issuer: issuer.into(),
        audiences: vec!["3n4b5urk1ft4fl3mg5e62d9ado".into()],
        scopes: scopes.iter().map(|scope| (*scope).to_owned()).collect(),
    }
}

const SCOPES: &str = "scopes = [\"uploads/write\", \"uploads/admin\"]";

#[test]
fn authorizer_is_derived_if_it_accepts_exactly_the_tokens_of_auth() {
    let demanded = ["uploads/write", "uploads/admin"];
    for (api, issuer, token_use, auth, upload, expected) in [
        ("rest", POOL, "id", "", "", cognito(&[])),
        ("rest", POOL, "access", SCOPES, "", cognito(&demanded)),
        // Every route demands scopes: their union, in order.
        ("rest", POOL, "access", "", "scopes = [\"b\", \"a\", \"b\"]", cognito(&["a", "b"])),
        // Those of [auth] are demanded of every token, whatever a route demands in addition.
        ("rest", POOL, "access", "scopes = [\"x\"]", "scopes = [\"a\"]", cognito(&["x"])),
        ("http", ISSUER, "access", "", "", jwt("https://id.example.com/t", &[])),
        ("http", ISSUER, "id", "", "", jwt("https://id.example.com/t", &[])),
        ("http", ISSUER, "any", "", "", jwt("https://id.example.com/t", &[])),
        ("http", ISSUER, "access", SCOPES, "", jwt("https://id.example.com/t", &demanded)),
        ("http", ISSUER, "any", "", "scopes = [\"a\"]", jwt("https://id.example.com/t", &["a"])),
    ] {
        let text = file(api, issuer, token_use, auth, upload);
        let config = read(&text);
        assert_eq!(config.auth_source(), AuthSource::Authorizer, "{text}");
        assert_eq!(config.deployment().authorizer(), &expected, "{text}");
        let why = match (api, token_use) {
            ("http", _) => "[auth] names one issuer and the clients or audiences",
            (_, "id") => "token_use is \"id\"",
            _ => "token_use is \"access\" and every caller needs a scope",
        };
        let expected = format!("every token that [auth] accepts, because {why}; the function compares");
        assert!(config.auth_source_reason().contains(&expected), "{}", config.auth_source_reason());
    }
}

/// The API, the lines of `[auth]`, and the reason why the function verifies the token, with what would change that.
const INEXACT: [(&str, &str, &str, &str, &str, &str); 7] = [
    (
        "rest",
        POOL,
        "access",
        "",
        "accepts access tokens only if it demands scopes",
        "set scopes in [auth], or in every route",
    ),
    ("rest", POOL, "any", "", "accepts either id tokens or access tokens", "set token_use = \"id\""),
    ("rest", POOL, "any", SCOPES, "accepts either id tokens or access tokens", "set token_use = \"id\""),
    (
        "rest",
        ISSUER,
        "id",
        "",
        "accepts tokens of user pools only",
        "(set api = \"http\" in [deployment]; or",
    ),
    (
        "http",
        POOL,
        "access",
        SCOPES,
        "depends on the setting IssuerConfiguration of the user pool",
        "write issuer = \"https://cognito-idp.",
    ),
    ("url", POOL, "id", "", "a function URL has no authorizer", "set api = \"rest\" or \"http\""),
    ("alb", ISSUER, "access", "", "a load balancer has no authorizer", "set api = \"rest\" or \"http\""),
];

/// An authorizer of a REST API needs a user pool, which an issuer other than Cognito is not.
#[test]
fn remedy_for_an_issuer_at_a_rest_api_fits_the_issuer() {
    let pool = "issuer = \"https://cognito-idp.ap-southeast-1.amazonaws.com/ap-southeast-1_AbCdEf123\"\njwks_uri = \"https://cognito-idp.ap-southeast-1.amazonaws.com/ap-southeast-1_AbCdEf123/.well-known/jwks.json\"";
    let ec = "provider = \"oidc\"\nissuer = \"https://id.example.com\"\naudiences = [\"api\"]\nalgorithms = [\"ES256\"]";
    for (issuer, remedy) in [
        (ISSUER, Some("set api = \"http\" in [deployment]")),
        (pool, Some("set user_pool = \"ap-southeast-1_AbCdEf123\" in place of issuer")),
        // The authorizer of an HTTP API does not verify such signatures either.
        (ec, None),
    ] {
        let reason = read(&file("rest", issuer, "access", "", "")).auth_source_reason();
        let expected = "the generated authorizer of a REST API accepts tokens of user pools only".to_owned()
            + &remedy.map(|remedy| format!("; for an authorizer, {remedy}")).unwrap_or_default();
        assert_eq!(reason, expected);
        let problem = problems(&file("rest", issuer, "access", "source = \"authorizer\"", ""));
        let expected = match remedy {
            Some(remedy) => format!("({remedy}; or source = \"token\")"),
            None => "(set source = \"token\")".to_owned(),
        };
        assert!(problem.len() == 1 && problem[0].ends_with(&expected), "{problem:?}");
    }
}

/// The lines of the remedy, put in place of `user_pool`, give the authorizer.
#[test]
fn remedy_for_a_user_pool_on_an_http_api_is_complete() {
    let reason = read(&file("http", POOL, "access", SCOPES, "")).auth_source_reason();
    let value = |key: &str| {
        let (_, rest) = reason.split_once(&format!("{key} = \"")).unwrap();
        format!("{key} = \"{}\"", rest.split_once('"').unwrap().0)
    };
    let lines = format!("{}\n{}", value("issuer"), value("jwks_uri"));
    let config = read(&file("http", &lines, "access", SCOPES, ""));
    assert_eq!(config.auth_source(), AuthSource::Authorizer, "{lines}");
    assert!(
        config.warnings().iter().all(|warning| !warning.key.starts_with("auth.")),
        "{:?}",
        config.warnings()
    );
}

#[test]
fn function_verifies_tokens_where_no_authorizer_is_exact() {
    for (api, issuer, token_use, auth, reason, _) in INEXACT {
        let text = file(api, issuer, token_use, auth, "");
        let config = read(&text);
        assert_eq!(config.auth_source(), AuthSource::Token, "{text}");
        assert_eq!(config.deployment().authorizer(), &ApiAuthorizer::None, "{text}");
        let found = config.auth_source_reason();
        assert!(found.contains(reason), "{found}\n{text}");
    }
}

#[test]
fn explicit_authorizer_that_is_not_exact_is_an_error_that_says_what_would_be() {
    for (api, issuer, token_use, auth, reason, remedy) in INEXACT {
        let auth = format!("{auth}\nsource = \"authorizer\"");
        let text = file(api, issuer, token_use, &auth, "");
        let error = Config::read("upsign.toml", &text, |_| None).unwrap_err();
        let lines: Vec<String> = error.problems().iter().map(ToString::to_string).collect();
        let line = 1 + text.lines().position(|line| line.starts_with("source")).unwrap();
        assert_eq!(lines.len(), 1, "{lines:#?}");
        assert!(lines[0].starts_with(&format!("upsign.toml:{line}:10: auth.source: ")), "{}", lines[0]);
        for part in [reason, remedy, "or source = \"token\""] {
            assert!(lines[0].contains(part), "{part} is not in {}", lines[0]);
        }
    }
}

#[test]
fn one_route_without_scopes_lets_tokens_without_scopes_through() {
    let route = "\n[route.other]\nkey = \"other/{id}\"\ntypes = [\"image/png\"]\nmax_size = 1000\nbodyless = \"refuse\"\n";
    let scoped = file("rest", POOL, "access", "", "scopes = [\"a\"]");
    assert_eq!(read(&scoped).auth_source(), AuthSource::Authorizer);
    let config = read(&format!("{scoped}{route}"));
    assert_eq!(config.auth_source(), AuthSource::Token);
    let both = read(&format!("{scoped}{route}scopes = [\"c\"]\n"));
    assert_eq!(both.deployment().authorizer(), &cognito(&["a", "c"]));
}

#[test]
fn explicit_source_is_followed() {
    let auth = |source: &str| format!("{SCOPES}\nsource = \"{source}\"");
    let token = read(&file("rest", POOL, "access", &auth("token"), ""));
    assert_eq!(token.auth_source(), AuthSource::Token);
    assert_eq!(token.deployment().authorizer(), &ApiAuthorizer::None);
    assert_eq!(token.auth_source_reason(), "auth.source = \"token\"");
    let authorizer = read(&file("rest", POOL, "access", &auth("authorizer"), ""));
    assert_eq!(authorizer.auth_source(), AuthSource::Authorizer);
    assert_eq!(authorizer.deployment().authorizer(), &cognito(&["uploads/write", "uploads/admin"]));
}

#[test]
fn without_section_auth_there_is_no_authorizer() {
    let (before, rest) = FULL.split_once("[auth]").unwrap();
    let (_, cors) = rest.split_once("[cors]").unwrap();
    let config = read(&format!("{before}[cors]{cors}"));
    assert_eq!(config.auth_source(), AuthSource::Token);
    assert_eq!(config.auth_source_reason(), "there is no section [auth]");
    assert_eq!(config.deployment().authorizer(), &ApiAuthorizer::None);
}

#[test]
fn issuer_without_tls_has_no_authorizer() {
    let local = "issuer = \"http://127.0.0.1:9229/local_x\"\njwks_uri = \"http://127.0.0.1:9229/local_x/.well-known/jwks.json\"\ndanger_http_keys = true";
    let config = read(&file("http", local, "access", "", ""));
    assert_eq!(config.auth_source(), AuthSource::Token);
    assert!(config.auth_source_reason().contains("https only"), "{}", config.auth_source_reason());
}

/// A stack that was generated with `--api http` sets `UPSIGN_AUTH_SOURCE` of its function, which reads the same file.
#[test]
fn variable_of_a_stack_with_another_api_is_accepted() {
    let variable = |name: &str| (name == "UPSIGN_AUTH_SOURCE").then(|| "authorizer".to_owned());
    let exact_on_http = file("rest", ISSUER, "access", "", "");
    let config = Config::read("upsign.toml", &exact_on_http, variable).unwrap();
    assert_eq!(config.auth_source(), AuthSource::Authorizer);
    let exact_nowhere = file("rest", POOL, "access", "", "");
    let error = Config::read("upsign.toml", &exact_nowhere, variable).unwrap_err().to_string();
    assert!(error.starts_with("UPSIGN_AUTH_SOURCE: auth.source: the authorizer of a REST API"), "{error}");
}

#[test]
fn another_api_derives_another_authorizer() {
    let with_url = |text: &str| {
        let url = [Override::value("deployment.api", "--api", "url")];
        Config::read_with_overrides("upsign.toml", text, |_| None, [], &url)
    };
    let url = with_url(&file("http", ISSUER, "access", "", "")).unwrap();
    assert_eq!(url.auth_source(), AuthSource::Token);
    let error = with_url(&file("http", ISSUER, "access", "source = \"authorizer\"", "")).unwrap_err();
    assert!(error.to_string().contains("auth.source: a function URL has no authorizer"), "{error}");
}

#[test]
fn authorizer_of_an_openid_issuer_is_derived_with_its_audiences() {
    let oidc = |lines: &str| {
        let issuer = format!(
            "provider = \"oidc\"\nissuer = \"https://id.example.com/t\"\naudiences = [\"api\"]\n{lines}"
        );
        let text = file("http", &issuer, "access", "", "");
        // Clients are optional.
        read(&text.replacen("client_ids = [\"3n4b5urk1ft4fl3mg5e62d9ado\"]\n", "", 1))
    };
    let config = oidc("");
    let expected = ApiAuthorizer::Jwt {
        issuer: "https://id.example.com/t".into(),
        audiences: vec!["api".into()],
        scopes: Vec::new(),
    };
    assert_eq!(config.deployment().authorizer(), &expected);
    let auth = config.auth().unwrap().only_issuer().unwrap();
    assert!(auth.verifier.is_oidc() && auth.verifier.accepts_any_client());
    assert!(auth.verifier.issuer().is_discovered());

    for (lines, reason) in [
        ("algorithms = [\"RS256\", \"ES256\"]", "signatures of RSA keys only"),
        ("jwks_file = \"keys.json\"", "fetches the keys from the issuer"),
        ("token_type = \"at+jwt\"", "does not pass on the type"),
        ("groups_claim = \"realm_access.roles\"", "no claims within a claim"),
    ] {
        let config = oidc(lines);
        assert_eq!(config.auth_source(), AuthSource::Token, "{lines}");
        assert!(config.auth_source_reason().contains(reason), "{}", config.auth_source_reason());
    }
    // A name with a scheme is a name, not a path.
    assert_eq!(oidc("groups_claim = \"https://acme.example/groups\"").auth_source(), AuthSource::Authorizer);
}

#[test]
fn authorizer_needs_clients_or_audiences() {
    let text = file("http", ISSUER, "access", "", "").replacen(
        "client_ids = [\"3n4b5urk1ft4fl3mg5e62d9ado\"]",
        "client_ids = \"any\"",
        1,
    );
    let config = read(&text);
    assert!(config.auth().unwrap().only_issuer().unwrap().verifier.accepts_any_client());
    assert!(config.auth_source_reason().contains("list of audiences or clients"));
    // A REST API compares no client.
    let text = file("rest", POOL, "id", "", "").replacen(
        "client_ids = [\"3n4b5urk1ft4fl3mg5e62d9ado\"]",
        "client_ids = \"any\"",
        1,
    );
    assert_eq!(read(&text).auth_source(), AuthSource::Authorizer);
}

#[test]
fn scopes_in_another_claim_are_left_to_the_function() {
    let text = file("http", ISSUER, "access", "scopes = [\"a\"]\nscopes_claim = \"permissions\"", "");
    assert_eq!(read(&text).deployment().authorizer(), &jwt("https://id.example.com/t", &[]));
}

/// Returns the complete file with this section in place of `[auth]`, and this API.
fn with_auth(api: &str, auth: &str) -> String {
    let (before, rest) = FULL.split_once("[auth]").unwrap();
    let (_, cors) = rest.split_once("[cors]").unwrap();
    // The template of the file is for one issuer.
    let before = before.replace("articles/{article_id}", "articles/{issuer}/{article_id}");
    let deployment = format!("[deployment]\napi = \"{api}\"\n{}", if api == "alb" { LISTENER } else { "" });
    format!("{before}{auth}\n[cors]{cors}\n{deployment}")
}

/// Returns the problems of a file, without its name.
fn problems(text: &str) -> Vec<String> {
    let error = Config::read("upsign.toml", text, |_| None).unwrap_err();
    error.problems().iter().map(ToString::to_string).collect()
}

#[test]
fn keys_of_the_configuration_are_verified_by_the_function() {
    let keys =
        r#"jwks = '{"keys":[{"kty":"RSA","kid":"1","alg":"RS256","use":"sig","n":"MODULUS","e":"AQAB"}]}'"#
            .replace("MODULUS", &format!("{}w", "q".repeat(341)));
    for (api, issuer, token_use, scopes) in [
        ("rest", POOL, "id", ""),
        ("rest", POOL, "access", SCOPES),
        ("http", ISSUER.lines().next().unwrap(), "access", ""),
    ] {
        for (line, key) in [("jwks_file = \"keys.json\"", "jwks_file"), (keys.as_str(), "jwks")] {
            let without = file(api, issuer, token_use, scopes, "");
            let config = read(&without.replacen("[cors]", &format!("{line}\n[cors]"), 1));
            assert_eq!(config.auth_source(), AuthSource::Token, "{api} {key}");
            assert_eq!(config.deployment().authorizer(), &ApiAuthorizer::None);
            let reason = config.auth_source_reason();
            assert!(
                reason.contains("fetches the keys from the issuer; for an authorizer, remove "),
                "{reason}"
            );
            assert!(reason.ends_with(&format!("remove {key}")), "{reason}");
        }
    }
}

#[test]
fn claims_within_a_claim_are_read_by_the_function() {
    let nested = "groups_claim = \"app.groups\"";
    for (api, issuer, token_use) in [("rest", POOL, "id"), ("http", ISSUER, "access")] {
        assert_eq!(read(&file(api, issuer, token_use, "", "")).auth_source(), AuthSource::Authorizer);
        let config = read(&file(api, issuer, token_use, nested, ""));
        assert_eq!(config.auth_source(), AuthSource::Token, "{api}");
        assert!(config.auth_source_reason().contains("passes on no claims within a claim"));
    }
}

#[test]
fn tokens_of_several_issuers_are_verified_by_the_function() {
    let issuer = |name: &str| {
        format!(
            "[[auth]]\nname = \"{name}\"\nissuer = \"https://{name}.example.com\"\nprovider = \"oidc\"\n\
             audiences = [\"api\"]\ntoken_use = \"access\"\n"
        )
    };
    let several = format!("{}{}", issuer("staff"), issuer("readers"));
    for (api, reason) in [
        ("rest", "the generated authorizer of an API accepts the tokens of one issuer only"),
        ("http", "the generated authorizer of an API accepts the tokens of one issuer only"),
        ("url", "a function URL has no authorizer"),
        ("alb", "a load balancer has no authorizer"),
    ] {
        let config = read(&with_auth(api, &several));
        assert_eq!(config.auth().unwrap().issuers.len(), 2);
        assert_eq!(config.auth_source(), AuthSource::Token, "{api}");
        assert_eq!(config.deployment().authorizer(), &ApiAuthorizer::None, "{api}");
        assert!(config.auth_source_reason().starts_with(reason), "{}", config.auth_source_reason());
    }
    let explicit = several.replacen("name = \"staff\"", "name = \"staff\"\nsource = \"authorizer\"", 1);
    let problems = problems(&with_auth("http", &explicit));
    assert!(
        problems.len() == 1 && problems[0].contains("accepts the tokens of one issuer only"),
        "{problems:#?}"
    );
}

const LAMBDA: &str = "[auth]\nsource = \"lambda-authorizer\"\nname = \"app\"\nissuer = \"https://id.example.com\"\nsubject_claim = \"userId\"";
const IAM: &str = "[auth]\nsource = \"iam\"\nname = \"app\"\nuser_pool = \"ap-southeast-1_AbCdEf123\"";

#[test]
fn callers_without_tokens_are_identified_by_the_api() {
    for (auth, source, expected, apis) in [
        (LAMBDA, AuthSource::LambdaAuthorizer, ApiAuthorizer::Lambda, &["rest", "http"][..]),
        (IAM, AuthSource::Iam, ApiAuthorizer::Iam, &["rest", "http", "url"]),
    ] {
        for api in apis {
            let config = read(&with_auth(api, auth));
            assert_eq!(config.auth_source(), source);
            assert_eq!(config.deployment().authorizer(), &expected, "{api}");
            assert_eq!(config.auth_source_reason(), format!("auth.source = \"{source}\""));
            assert_eq!(config.authorizer_notes().len(), 1, "{:?}", config.authorizer_notes());
        }
    }
}

#[test]
fn apis_that_identify_no_callers_without_tokens_are_refused() {
    for (auth, api, reason, help) in [
        (LAMBDA, "url", "a function URL has no Lambda authorizer", "set api = \"rest\" or \"http\""),
        (LAMBDA, "alb", "a load balancer has no Lambda authorizer", "set api = \"rest\" or \"http\""),
        (IAM, "alb", "a load balancer does not verify signatures", "set api = \"rest\", \"http\" or \"url\""),
    ] {
        let problems = problems(&with_auth(api, auth));
        assert_eq!(problems.len(), 1, "{problems:#?}");
        assert!(problems[0].contains("auth.source: ") && problems[0].contains(reason), "{}", problems[0]);
        assert!(problems[0].contains(help), "{}", problems[0]);
    }
}

#[test]
fn token_header_is_that_of_the_deployment() {
    assert!(read(&file("rest", POOL, "id", "", "")).deployment().token_header().is_authorization());
    let header = "token_header = \"X-Upload-Token\"";
    for text in [
        file("rest", POOL, "id", header, ""),
        file("http", ISSUER, "access", header, ""),
        file("url", POOL, "access", header, ""),
        with_auth("http", &format!("{LAMBDA}\n{header}")),
    ] {
        assert_eq!(read(&text).deployment().token_header().as_str(), "x-upload-token", "{text}");
    }
    // Signatures are in `Authorization`.
    let problems = problems(&with_auth("rest", &format!("{IAM}\n{header}")));
    assert!(problems.len() == 1 && problems[0].contains("auth.token_header: has no effect"), "{problems:#?}");
}

#[test]
fn notes_say_what_the_configuration_does_not() {
    let notes = |text: &str| read(text).authorizer_notes().join("\n");
    assert!(notes(&with_auth("rest", LAMBDA)).contains("AuthorizerFunctionArn"));
    assert!(notes(&with_auth("rest", LAMBDA)).contains("an IAM policy"));
    assert!(notes(&with_auth("http", LAMBDA)).contains("isAuthorized"));
    assert!(notes(&with_auth("http", IAM)).contains("execute-api:Invoke"));
    assert!(notes(&with_auth("url", IAM)).contains("browsers cannot call it"));
    let size = "max_token_size = \"16 KiB\"";
    assert!(
        notes(&file("rest", POOL, "any", size, ""))
            .contains("auth.max_token_size is 16 KiB, but API Gateway accepts 10 KiB")
    );
    assert!(notes(&file("url", POOL, "any", size, "")).is_empty());
    assert!(notes(&file("rest", POOL, "any", "max_token_size = \"8 KiB\"", "")).is_empty());
    let header = "token_header = \"x-upload-token\"";
    assert!(notes(&file("url", POOL, "any", header, "")).contains("origin access control"));
    assert!(notes(&file("alb", POOL, "any", header, "")).is_empty());
}
