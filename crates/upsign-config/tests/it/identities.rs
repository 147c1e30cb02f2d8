//! `[auth]`: keys in the file itself, keys over http, the size of tokens, and callers that a gateway identifies without tokens.

use upsign_config::{AuthSource, Config, GatewayIdentity, InvalidConfig, KeysFrom, ProblemCode, WarningCode};

use crate::good::FULL;

/// A public key: RFC 7517, appendix A.1.
const KEY: &str = r#"{"kty":"EC","crv":"P-256","kid":"1","x":"MKBCTNIcKUSDii11ySs3526iDZ8AiTo7Tu6KPAqv7D4","y":"4Etl6SRW2YiLUrN5vfvVHuhp7x8PxltmWWlbbM4IFyM"}"#;

fn with_auth(section: &str) -> String {
    let (before, rest) = FULL.split_once("[auth]").unwrap();
    let (_, after) = rest.split_once("\n[").unwrap();
    format!("{before}[auth]\n{section}\n[{after}")
}

fn read(section: &str) -> Result<Config, InvalidConfig> {
    Config::read("upsign.toml", &with_auth(section), |_| None)
}

/// Returns the only problem of `[auth]`, without the name of the file.
fn problem(section: &str) -> String {
    let error = read(section).unwrap_err();
    let [problem] = error.problems() else { panic!("one mistake is one problem:\n{error}") };
    problem.to_string().trim_start_matches("upsign.toml:").to_owned()
}

const OIDC: &str = "provider = \"oidc\"\nissuer = \"https://id.example.com\"\naudiences = [\"api\"]\ntoken_use = \"access\"\n\
                    algorithms = [\"ES256\"]\n";

#[test]
fn keys_in_the_file_itself() {
    let keys = format!("{{\"keys\":[{KEY}]}}");
    let config = read(&format!("{OIDC}jwks = '{keys}'")).unwrap();
    let issuer = config.auth().unwrap().only_issuer().unwrap();
    assert_eq!(issuer.keys, KeysFrom::Inline(keys.into()));
    // Nothing is fetched, so the scheme of the issuer does not matter.
    let http = OIDC.replace("https://", "http://");
    assert!(read(&format!("{http}jwks = '''\n{{\"keys\": [{KEY}]}}\n'''")).is_ok());
}

#[test]
fn mistakes_in_a_key_set_say_what_to_write() {
    let set = |key: &str| problem(&format!("{OIDC}jwks = '{key}'"));
    for (value, message) in [
        (
            "https://id.example.com/jwks.json",
            "must be the key set itself, not its URL (write jwks_uri = \"https://id.example.com/jwks.json\")",
        ),
        ("keys/jwks.json", "must be the key set itself, not a file (write jwks_file = \"keys/jwks.json\")"),
        ("{\"keys\": []}", "the key set is empty"),
        ("{\"keys\": ", "the key set is not a JSON object"),
    ] {
        let found = set(value);
        assert!(found.starts_with("21:8: auth.jwks: ") && found.contains(message), "{found}");
    }
    // The key has another type than the accepted algorithm.
    let rsa = problem(&format!("{}jwks = '{{\"keys\":[{KEY}]}}'", OIDC.replace("ES256", "RS256")));
    assert!(rsa.contains("auth.jwks: the key set has no usable key"), "{rsa}");
    for (other, message) in [
        (
            "jwks_uri = \"https://a.example/k\"",
            "cannot be combined with jwks_uri: the keys come from one place (remove jwks_uri",
        ),
        ("jwks_file = \"a.json\"", "cannot be combined with jwks_file: the keys come from one place"),
    ] {
        let found = problem(&format!("{OIDC}jwks = '{{\"keys\":[{KEY}]}}'\n{other}"));
        assert!(found.starts_with("21:8: auth.jwks: ") && found.contains(message), "{found}");
    }
}

#[test]
fn private_keys_are_not_repeated() {
    let private = KEY.replace("\"kid\"", "\"d\":\"870MB6gfuTJ4HtUnUvYMyJpr5eUZNP4Bk43bVdj3eAE\",\"kid\"");
    // Also a key that was cut off, so that it is not JSON.
    let cut = private.split_once("eAE").unwrap().0.to_owned();
    for document in [format!("{{\"keys\":[{private}]}}"), private, cut] {
        let error = read(&format!("{OIDC}jwks = '{document}'")).unwrap_err();
        let [problem] = error.problems() else { panic!("{error}") };
        assert_eq!((problem.code, problem.quotable), (ProblemCode::SecretInFile, false));
        assert!(
            problem.message.contains("could issue tokens") && !error.to_string().contains("870MB"),
            "{error}"
        );
    }
}

/// The issuer is only compared: what needs TLS is the address of the keys.
#[test]
fn http_is_about_the_address_of_the_keys() {
    let pool = "issuer = \"http://cognito:9229/local_x\"\nclient_ids = [\"a\"]\ntoken_use = \"access\"\n";
    assert!(read(&format!("{pool}jwks_uri = \"https://keys.example.com/local_x\"")).is_ok());
    let http = format!("{pool}jwks_uri = \"http://cognito:9229/local_x/.well-known/jwks.json\"\n");
    let found = problem(&http);
    assert!(
        found.starts_with("19:12: auth.jwks_uri: \"http://cognito:9229/local_x/.well-known/jwks.json\": "),
        "{found}"
    );
    let consequence = "anyone on the network path to the keys can replace them, and then issue tokens";
    assert!(found.contains(&format!("danger_http_keys = true: {consequence}")), "{found}");
    let config = read(&format!("{http}danger_http_keys = true")).unwrap();
    let warned = |config: &Config| config.warnings().iter().any(|it| it.code == WarningCode::KeysOverHttp);
    assert!(warned(&config));
    assert!(config.warnings().iter().any(|it| it.message.ends_with(consequence)), "{:?}", config.warnings());
    let local = format!("{http}danger_http_keys = true").replace("cognito:", "127.0.0.1:");
    assert!(!warned(&read(&local).unwrap()), "an emulator on this machine");
    assert!(config.auth().unwrap().only_issuer().unwrap().allows_http_keys);
    // An issuer whose discovery document names the keys is the address of the document too.
    let oidc = OIDC.replace("https://id.example.com", "http://keycloak:8080/realms/main");
    let found = problem(&oidc);
    assert!(
        found.starts_with("17:10: auth.issuer: ") && found.contains("danger_http_keys = true"),
        "{found}"
    );
    assert!(read(&format!("{oidc}danger_http_keys = true")).is_ok());
    // Where nothing is fetched over http, the permission is a mistake.
    let pool = "user_pool = \"ap-southeast-1_AbCdEf123\"\nclient_ids = [\"a\"]\ntoken_use = \"access\"\ndanger_http_keys = true";
    assert!(problem(pool).contains("auth.danger_http_keys: has no effect with user_pool"));
    assert!(
        problem(&format!("{OIDC}jwks_file = \"a\"\ndanger_http_keys = true"))
            .contains("has no effect with jwks_file")
    );
}

#[test]
fn sizes_and_times_are_within_their_bounds() {
    let full = "user_pool = \"ap-southeast-1_AbCdEf123\"\nclient_ids = [\"a\"]\ntoken_use = \"access\"\n";
    for (line, message) in [
        (
            "max_token_size = \"512 B\"",
            "19:18: auth.max_token_size: must be from 1 KiB to 64 KiB, not 512 bytes",
        ),
        ("max_token_size = \"1 MiB\"", "must be from 1 KiB to 64 KiB, not 1 MiB"),
        ("max_token_size = 16", "not 16 bytes (write max_token_size = \"16 KiB\")"),
        ("fetch_timeout = 5000", "(write fetch_timeout = \"5s\": a number without a unit is in seconds)"),
        ("fetch_timeout = \"0s\"", "19:17: auth.fetch_timeout: must be from 1s to 30s, not 0 s"),
        ("fetch_timeout = \"1m\"", "must be from 1s to 30s, not 1 min"),
        (
            "fetch_timeout = \"500ms\"",
            "\"500ms\" is not a whole number of seconds: write seconds (900) or a number with a unit (15m, 1h, 7 days); it must \
             be from 1s to 30s",
        ),
        ("fetch_timeout = \"soon\"", "(15m, 1h, 7 days); it must be from 1s to 30s"),
        ("max_token_size = \"long\"", "; it must be from 1 KiB to 64 KiB"),
        ("leeway = \"1.5s\"", "; it must be at most 10 minutes"),
        (
            "token_header = \"cookie\"",
            "19:16: auth.token_header: \"cookie\" is a header that browsers, proxies or gateways",
        ),
        (
            "token_header = \"X Token\"",
            "\"X Token\" is not the name of a header that holds a token: 1 to 64 letters, digits and `-`, beginning with a letter (write token_header = \"x-token\")",
        ),
    ] {
        let found = problem(&format!("{full}{line}"));
        assert!(found.contains(message), "{found}");
    }
    for (line, bytes) in [("max_token_size = 1024", 1 << 10), ("max_token_size = \"64 KiB\"", 64 << 10)] {
        assert_eq!(read(&format!("{full}{line}")).unwrap().auth().unwrap().max_token_bytes, bytes);
    }
}

/// An entrance that refuses such requests before they reach the function is a warning, with its limit.
#[test]
fn tokens_that_the_entrance_cannot_take_are_a_warning() {
    let full = "user_pool = \"ap-southeast-1_AbCdEf123\"\nclient_ids = [\"a\"]\ntoken_use = \"access\"\n";
    let alb = "api = \"alb\"\nlistener_arn = \"arn:aws:elasticloadbalancing:ap-southeast-1:123456789012:listener/app/web/50dc6c495c0c9188/f2f7dc8efc522ab2\"";
    for (api, size, limit) in [
        ("api = \"rest\"", "9 KiB", None),
        ("api = \"rest\"", "9217 bytes", Some("10 KiB")),
        ("api = \"rest\"", "10 KiB", Some("10 KiB")),
        ("api = \"http\"", "16 KiB", Some("10 KiB")),
        ("api = \"url\"", "64 KiB", None),
        (alb, "15 KiB", None),
        (alb, "16 KiB", Some("16 KiB")),
    ] {
        let text =
            format!("{}\n[deployment]\n{api}\n", with_auth(&format!("{full}max_token_size = \"{size}\"")));
        let config = Config::read("upsign.toml", &text, |_| None).unwrap();
        let warning = config.warnings().iter().find(|warning| warning.code == WarningCode::LargeTokens);
        // The note about the authorizer has the same limit.
        let is_noted = config.authorizer_notes().iter().any(|note| note.contains("auth.max_token_size is"));
        assert_eq!(is_noted, limit.is_some(), "{api} {size}");
        match limit {
            None => assert_eq!(warning, None, "{api} {size}"),
            Some(limit) => {
                let warning = warning.unwrap().to_string();
                assert!(warning.starts_with("upsign.toml:19:18: auth.max_token_size: "), "{warning}");
                assert!(warning.contains(limit), "{warning}");
            }
        }
    }
}

#[test]
fn callers_of_a_lambda_authorizer() {
    let section =
        "source = \"lambda-authorizer\"\nissuer = \"https://id.example.com\"\nsubject_claim = \"userId\"\n";
    let config =
        read(&format!("{section}groups_claim = \"roles\"\nscopes_claim = \"scopes\"\nname = \"main\""))
            .unwrap();
    let auth = config.auth().unwrap();
    assert!(auth.issuers.is_empty() && auth.only_issuer().is_none());
    assert_eq!(config.auth_source(), AuthSource::LambdaAuthorizer);
    let Some(GatewayIdentity::LambdaAuthorizer(authorizer)) = &auth.gateway else { panic!("{auth:?}") };
    assert_eq!(authorizer.issuer(), "https://id.example.com");
    assert_eq!(authorizer.claims().groups_claim().unwrap().name(), "roles");
    assert_eq!(authorizer.claims().issuer_name().unwrap(), "main");
    for (line, message) in [
        (
            "client_ids = [\"a\"]",
            "auth.client_ids: has no effect with source = \"lambda-authorizer\", because the authorizer alone decides",
        ),
        ("fetch_timeout = \"1s\"", "auth.fetch_timeout: has no effect"),
        ("groups = [\"a\"]", "write groups in [upload] or in the routes that need it"),
        ("identity_pool = \"a\"", "auth.identity_pool: has no effect"),
    ] {
        let found = problem(&format!("{section}{line}"));
        assert!(found.starts_with("19:") && found.contains(message), "{found}");
    }
    let missing = problem("source = \"lambda-authorizer\"\nissuer = \"https://id.example.com\"");
    assert!(
        missing.contains("auth.subject_claim: missing (add subject_claim = \"userId\": the member of"),
        "{missing}"
    );
    let missing = problem("source = \"lambda-authorizer\"\nsubject_claim = \"userId\"");
    assert!(missing.contains("auth.issuer: missing"), "{missing}");
}

#[test]
fn callers_with_iam_credentials() {
    let pool = "identity_pool = \"ap-southeast-1:f4bb3f2a-5dc4-4d0c-9a3f-2d3bd6ac7a36\"\n";
    let iam = "source = \"iam\"\n";
    for section in [pool, "user_pool = \"ap-southeast-1_AbCdEf123\"\n"] {
        let config = read(&format!("{iam}{section}")).unwrap();
        assert_eq!(config.auth_source(), AuthSource::Iam);
        assert!(matches!(config.auth().unwrap().gateway, Some(GatewayIdentity::Iam(_))));
        let named = read(&format!("{iam}{section}name = \"main\"\n")).unwrap();
        let Some(GatewayIdentity::Iam(callers)) = &named.auth().unwrap().gateway else { panic!("{section}") };
        assert_eq!(*callers, callers.clone().with_issuer_name("main".parse().unwrap()));
    }
    for (section, message) in [
        (iam.to_owned(), "auth.identity_pool: missing"),
        (
            format!("{iam}{pool}user_pool = \"ap-southeast-1_AbCdEf123\""),
            "auth.identity_pool: cannot be combined with user_pool",
        ),
        (format!("{iam}{pool}token_use = \"id\""), "auth.token_use: has no effect with source = \"iam\""),
        (format!("{iam}identity_pool = \"my-pool\""), "\"my-pool\" is not the id of an identity pool"),
        (format!("{iam}user_pool = \"my-pool\""), "auth.user_pool: \"my-pool\""),
        (
            format!(
                "user_pool = \"ap-southeast-1_AbCdEf123\"\nclient_ids = [\"a\"]\ntoken_use = \"id\"\n{pool}"
            ),
            "auth.identity_pool: has an effect only with source = \"iam\"",
        ),
    ] {
        let found = problem(&section);
        assert!(found.contains(message), "{found}");
    }
}

#[test]
fn sources_without_tokens_need_a_single_section() {
    let (before, rest) = FULL.split_once("[auth]").unwrap();
    let after = rest.split_once("\n[cors]").unwrap().1;
    let text = format!(
        "{before}[[auth]]\nsource = \"iam\"\nuser_pool = \"ap-southeast-1_AbCdEf123\"\n[[auth]]\nuser_pool = \"ap-southeast-1_Other\"\n[cors]{after}"
    );
    let error = Config::read("upsign.toml", &text, |_| None).unwrap_err().to_string();
    assert_eq!(
        error,
        "upsign.toml:16:10: auth.source: \"iam\" needs a single [auth], because there are no tokens of several issuers (keep one \
         [[auth]], or remove source)"
    );
}

/// An API of this kind has no such authorizer.
#[test]
fn apis_without_the_source_are_refused() {
    let iam = "source = \"iam\"\nuser_pool = \"ap-southeast-1_AbCdEf123\"";
    let lambda =
        "source = \"lambda-authorizer\"\nissuer = \"https://id.example.com\"\nsubject_claim = \"userId\"";
    let alb = "api = \"alb\"\nlistener_arn = \"arn:aws:elasticloadbalancing:ap-southeast-1:123456789012:listener/app/web/50dc6c495c0c9188/f2f7dc8efc522ab2\"";
    for (section, api, message) in [
        (iam, "api = \"rest\"", None),
        (iam, "api = \"http\"", None),
        (iam, "api = \"url\"", None),
        (iam, alb, Some("a load balancer does not verify signatures with AWS credentials")),
        (lambda, "api = \"rest\"", None),
        (lambda, "api = \"http\"", None),
        (lambda, "api = \"url\"", Some("a function URL has no Lambda authorizer")),
        (lambda, alb, Some("a load balancer has no Lambda authorizer")),
    ] {
        let text = format!("{}\n[deployment]\n{api}\n", with_auth(section));
        match (Config::read("upsign.toml", &text, |_| None), message) {
            (Ok(_), None) => {}
            (Err(error), Some(message)) => {
                let error = error.to_string();
                assert!(
                    error.starts_with("upsign.toml:16:10: auth.source: ") && error.contains(message),
                    "{error}"
                );
            }
            (other, _) => panic!("{section} {api}: {other:?}"),
        }
    }
}
