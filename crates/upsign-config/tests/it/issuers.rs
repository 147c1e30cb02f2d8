//! Several `[[auth]]`: names, exact places, keys of the whole API, variables, the object keys of their callers, and the
//! effective configuration.

use std::time::Duration;

use upsign_config::{Auth, AuthSource, Config, InvalidConfig, KeysFrom, ProblemCode};

pub(crate) const FILE: &str = r#"[bucket]
name = "article-images-bucket"
region = "ap-southeast-1"

[upload]
key = "articles/{issuer}/{sub}/{id}.{ext}"
types = ["image/jpeg"]
max_size = "10 MiB"
bodyless = "refuse"

[[auth]]
name = "customers"
user_pool = "ap-southeast-1_AbCdEf123"
client_ids = ["3n4b5urk1ft4fl3mg5e62d9ado"]
token_use = "access"
token_header = "x-upload-token"
max_token_size = "9 KiB"
fetch_timeout = "5s"

[[auth]]
name = "staff"
provider = "oidc"
issuer = "https://id.example.com/staff"
audiences = ["https://api.example.com"]
token_use = "access"

[cors]
origins = ["https://app.example.com"]
"#;

fn read(text: &str) -> Result<Config, InvalidConfig> {
    Config::read("upsign.toml", text, |_| None)
}

/// Returns the only problem of a file, as one line, with the text at its place.
fn problem(text: &str) -> (String, String) {
    let error = read(text).unwrap_err();
    let [problem] = error.problems() else { panic!("one mistake is one problem:\n{error}") };
    let place = problem.place.span().and_then(|span| text.get(span)).unwrap_or_default();
    (problem.to_string(), place.to_owned())
}

#[test]
fn each_issuer_has_its_own_requirements() {
    let config = read(FILE).unwrap();
    let auth = config.auth().unwrap();
    let [customers, staff] = &*auth.issuers else { panic!("two issuers") };
    assert_eq!(customers.name.as_ref().unwrap(), "customers");
    assert!(customers.user_pool.is_some() && !customers.verifier.is_oidc());
    assert_eq!(staff.name.as_ref().unwrap(), "staff");
    assert_eq!(staff.verifier.issuer_name().unwrap(), "staff");
    assert!(staff.verifier.is_oidc() && staff.verifier.accepts_any_client());
    assert_eq!((&staff.keys, staff.allows_http_keys), (&KeysFrom::Issuer, false));
    assert!(auth.only_issuer().is_none());
    assert_eq!(auth.token_header, "x-upload-token");
    assert_eq!((auth.max_token_bytes, auth.fetch_timeout), (9 << 10, Duration::from_secs(5)));
    assert!(auth.issuers.iter().all(|issuer| issuer.verifier.max_token_bytes() == 9 << 10));
    assert_eq!(config.auth_source(), AuthSource::Token);
    // Documents list the folder of each issuer.
    assert_eq!(config.routes()[0].policy.key_templates().len(), 2);
    assert!(config.warnings().is_empty(), "{:?}", config.warnings());
}

const CORS: &str = "[cors]\norigins = [\"https://app.example.com\"]\n";

/// Two issuers that differ in every key.
const DIFFERENT: [&str; 2] = [
    r#"
name = "customers"
provider = "oidc"
issuer = "https://id.example.com/customers"
jwks_file = "customers.json"
audiences = ["https://shop.example.com"]
client_ids = ["shop"]
token_use = "access"
token_type = "at+jwt"
algorithms = ["ES256"]
subject_claim = "oid"
groups_claim = { claim = "roles", form = "comma" }
scopes_claim = "permissions"
leeway = "10s"
groups = ["buyers"]
scopes = ["shop:write"]
"#,
    r#"
name = "staff"
provider = "oidc"
issuer = "http://id.internal/staff"
jwks_uri = "http://id.internal/staff/keys"
danger_http_keys = true
audiences = ["https://office.example.com"]
client_ids = ["office"]
token_use = "any"
algorithms = ["PS256"]
groups_claim = "teams"
scopes_claim = { claim = "grants", form = "bracket" }
leeway = "20s"
groups = ["editors"]
scopes = ["office:write"]
"#,
];

/// Nothing of one issuer reaches another, and nothing is lost because another stands before it.
#[test]
fn issuer_in_a_list_is_read_as_if_it_were_the_only_one() {
    let (rest, _) = FILE.split_once("[[auth]]").unwrap();
    let issuers = |sections: &[&str]| {
        let auth: String = sections.iter().map(|section| format!("[[auth]]{section}")).collect();
        let config = read(&format!("{rest}{auth}{CORS}")).unwrap();
        config.auth().unwrap().issuers.iter().map(|issuer| format!("{issuer:?}")).collect::<Vec<_>>()
    };
    let [customers, staff] = DIFFERENT;
    let alone = [customers, staff].map(|section| issuers(&[section]).remove(0));
    assert_eq!(issuers(&[customers, staff]), alone);
    assert_eq!(issuers(&[staff, customers]), [alone[1].clone(), alone[0].clone()]);
}

#[cfg(feature = "fetch")]
#[test]
fn keys_of_each_issuer_are_fetched_as_its_section_says() {
    let (rest, _) = FILE.split_once("[[auth]]").unwrap();
    let [customers, staff] = DIFFERENT;
    let text = format!("{rest}[[auth]]{customers}fetch_timeout = \"7s\"\n[[auth]]{staff}{CORS}");
    let config = read(&text).unwrap();
    let auth = config.auth().unwrap();
    let fetches = auth.issuers.iter().map(|issuer| format!("{:?}", auth.http_fetch(issuer)));
    let expected = [false, true].map(|http| {
        format!("HttpFetch {{ timeout: 7s, uses_environment_proxy: true, accepts_http: {http}, .. }}")
    });
    assert_eq!(fetches.collect::<Vec<_>>(), expected);
}

#[test]
fn single_entry_of_a_list_is_the_same_as_a_section() {
    let one = |heading: &str| {
        let text = FILE.replace("{issuer}/", "");
        let (first, rest) = text.split_once("[[auth]]\nname = \"staff\"").unwrap();
        let rest = rest.split_once("[cors]").unwrap().1;
        let text = format!("{first}[cors]{rest}").replace("[[auth]]\nname = \"customers\"\n", heading);
        let config = read(&text).unwrap();
        let Auth { issuers, max_token_bytes, .. } = config.auth().unwrap().clone();
        let effective: String = config
            .effective()
            .lines()
            .map(|line| line.split("  # ").next().unwrap().to_owned() + "\n")
            .collect();
        (format!("{issuers:?}"), max_token_bytes, effective)
    };
    assert_eq!(one("[[auth]]\n"), one("[auth]\n"));
}

#[test]
fn defaults_of_the_whole_api() {
    let text = FILE.lines().filter(|line| {
        !["token_header", "max_token", "fetch_timeout"].iter().any(|key| line.starts_with(key))
    });
    let config = read(&text.collect::<Vec<_>>().join("\n")).unwrap();
    let auth = config.auth().unwrap();
    assert_eq!((auth.max_token_bytes, auth.fetch_timeout), (8 << 10, Duration::from_secs(3)));
    assert!(auth.token_header.is_authorization());
}

/// Each mistake in the second issuer is one problem, at the value that is wrong.
#[test]
fn mistakes_of_the_second_issuer_have_exact_places() {
    for (from, to, message, place) in [
        (
            "audiences = [\"https://api.example.com\"]",
            "audience = [\"https://api.example.com\"]",
            "upsign.toml:24:1: auth[1].audience: unknown key (did you mean `audiences`?)",
            "audience",
        ),
        (
            "issuer = \"https://id.example.com/staff\"",
            "issuer = \"id.example.com/staff\"",
            "upsign.toml:23:10: auth[1].issuer: \"id.example.com/staff\": the issuer is not a valid URL: the endpoint must start \
             with http:// or https:// (write issuer = \"https://id.example.com/staff\")",
            "\"id.example.com/staff\"",
        ),
        (
            "provider = \"oidc\"",
            "provider = \"oidk\"",
            "upsign.toml:22:12: auth[1].provider: must be \"cognito\" or \"oidc\", not \"oidk\" (write provider = \"oidc\")",
            "\"oidk\"",
        ),
        (
            "audiences = [\"https://api.example.com\"]\n",
            "",
            "upsign.toml:20:1: auth[1].audiences: missing (add audiences = [\"https://api.example.com\"]: the `aud` of tokens for \
             this service; without it, a token for any other service of the issuer would be accepted)",
            "[[auth]]",
        ),
        (
            "audiences = [\"https://api.example.com\"]",
            "audiences = [\"https://api.example.com\", \" b\"]",
            "upsign.toml:24:41: auth[1].audiences: \" b\" has spaces around it, so it would match nothing (write audiences = \
             [\"https://api.example.com\", \"b\"])",
            "\" b\"",
        ),
        (
            "name = \"staff\"\n",
            "",
            "upsign.toml:20:1: auth[1].name: missing (add name = \"staff\": each of several issuers needs one, for {issuer} in \
             keys and for messages)",
            "[[auth]]",
        ),
        (
            "name = \"staff\"",
            "name = \"Staff_1\"",
            "upsign.toml:21:8: auth[1].name: \"Staff_1\": the name of an issuer must have 1 to 32 characters of a-z, 0-9 and `-`, \
             starting with a letter, for example `customers` (write name = \"staff-1\")",
            "\"Staff_1\"",
        ),
    ] {
        let (found, at) = problem(&FILE.replacen(from, to, 1));
        assert_eq!(found, message);
        assert_eq!(at, place, "{message}");
    }
}

/// Mistakes of both issuers, and of names that are equal although one of the issuers is invalid otherwise.
#[test]
fn one_run_reports_the_mistakes_of_every_issuer() {
    let text = FILE
        .replace("token_use = \"access\"\ntoken_header", "groups = [\" editors\"]\ntoken_header")
        .replace("audiences = [\"https://api.example.com\"]", "jwks = \"keys.json\"");
    let error = read(&text).unwrap_err();
    let found: Vec<_> =
        error.problems().iter().map(|it| (it.place.line().unwrap(), it.key.as_str())).collect();
    let expected =
        [(11, "auth.token_use"), (15, "auth.groups"), (20, "auth[1].audiences"), (24, "auth[1].jwks")];
    assert_eq!(found, expected, "{error}");
}

#[test]
fn issuers_differ_in_name_and_issuer() {
    let same_name = FILE.replace("name = \"staff\"", "name = \"customers\"");
    let (found, _) = problem(&same_name);
    assert_eq!(
        found,
        "upsign.toml:21:8: auth[1].name: \"customers\" is the name of another [[auth]] too (give each issuer a name of its own)"
    );
    // The pool and its issuer are the same, under either of its names.
    let pool =
        "issuer = \"https://issuer-cognito-idp.ap-southeast-1.amazonaws.com/ap-southeast-1_AbCdEf123\"";
    let (found, at) = problem(&FILE.replace("issuer = \"https://id.example.com/staff\"", pool));
    assert_eq!(
        found,
        "upsign.toml:23:10: auth[1].issuer: the [[auth]] on line 11 accepts the tokens of this issuer already (list the clients \
         and audiences of both in one [[auth]])"
    );
    assert!(at.ends_with("ap-southeast-1_AbCdEf123\""));
}

/// Issuers that differ only at their ends are different, however long they are.
#[test]
fn long_issuers_are_compared_whole() {
    let long = format!("https://id.example.com/{}/", "t".repeat(300));
    let third = format!(
        "[[auth]]\nname = \"partners\"\nprovider = \"oidc\"\nissuer = \"{long}b\"\naudiences = [\"api\"]\ntoken_use = \"id\"\n\n[cors]"
    );
    let text = FILE.replace("https://id.example.com/staff", &format!("{long}a")).replace("[cors]", &third);
    assert_eq!(read(&text).unwrap().auth().unwrap().issuers.len(), 3);
    let (found, _) = problem(&text.replace(&format!("{long}b"), &format!("{long}a")));
    assert!(found.contains("auth[2].issuer: the [[auth]] on line 20 accepts the tokens"), "{found}");
}

#[test]
fn keys_of_the_whole_api_stand_in_the_first() {
    for line in [
        "source = \"token\"",
        "token_header = \"x-upload-token\"",
        "accept_raw_authorization = true",
        "max_token_size = \"9 KiB\"",
        "fetch_timeout = \"5s\"",
    ] {
        let (key, value) = line.split_once(" = ").unwrap();
        let (found, at) = problem(&FILE.replace("name = \"staff\"", &format!("name = \"staff\"\n{line}")));
        assert_eq!(at, value);
        let help = match FILE.contains(key) {
            true => format!("remove it: the first [[auth]] has {key} as well"),
            false => "move it to the first [[auth]]".to_owned(),
        };
        let column = line.len() - value.len() + 1;
        assert_eq!(
            found,
            format!(
                "upsign.toml:22:{column}: auth[1].{key}: is about the whole API and not about one issuer ({help})"
            )
        );
    }
}

#[test]
fn variables_are_for_one_issuer_or_the_whole_api() {
    let with = |variable: &'static str, value: &'static str| {
        Config::read("upsign.toml", FILE, move |name: &str| (name == variable).then(|| value.to_owned()))
    };
    let config = with("UPSIGN_MAX_TOKEN_SIZE", "4 KiB").unwrap();
    assert_eq!(config.auth().unwrap().max_token_bytes, 4 << 10);
    assert_eq!(
        config.values_of_variables(),
        [("auth.max_token_size".to_owned(), "\"4 KiB\"", "UPSIGN_MAX_TOKEN_SIZE")]
    );
    let error = with("UPSIGN_AUTH_SOURCE", "iam").unwrap_err().to_string();
    assert!(error.starts_with("UPSIGN_AUTH_SOURCE: auth.source: \"iam\" needs a single [auth]"), "{error}");
    assert!(error.ends_with("(keep one [[auth]], or unset UPSIGN_AUTH_SOURCE)"), "{error}");
    let error = with("UPSIGN_CLIENT_IDS", "a,b").unwrap_err();
    assert_eq!(
        error.to_string(),
        "UPSIGN_CLIENT_IDS: auth.client_ids: which of the 2 issuers is meant is not known (unset it, and write client_ids in \
         the [[auth]] of the issuer in upsign.toml)"
    );
    assert_eq!(error.problems()[0].code, ProblemCode::Contradiction);
}

/// A subject is unique only within its issuer, so keys need the issuer. Keys without a part of the caller do not.
#[test]
fn keys_distinguish_the_callers_of_several_issuers() {
    for (template, instead) in [
        ("articles/{sub}/{id}.{ext}", "articles/{issuer}/{sub}/{id}.{ext}"),
        ("{claim:tenant}/{id}.{ext}", "{issuer}/{claim:tenant}/{id}.{ext}"),
        ("a/b/{group}/{sub}/{id}.{ext}", "a/b/{issuer}/{group}/{sub}/{id}.{ext}"),
    ] {
        let text = FILE.replace("articles/{issuer}/{sub}/{id}.{ext}", template);
        let (found, at) = problem(&text);
        let part = instead.split_once("{issuer}/").unwrap().1.split('/').next().unwrap();
        assert_eq!(
            found,
            format!(
                "upsign.toml:6:7: upload.key: there are 2 issuers, and {part} is unique only within one: callers of different \
                 issuers would share a folder (write key = \"{instead}\")"
            )
        );
        assert_eq!(at, format!("\"{template}\""));
        read(&text.replace(template, instead)).unwrap();
    }
    let open = FILE.replace("articles/{issuer}/{sub}/{id}.{ext}", "articles/{id}.{ext}");
    assert!(read(&open).is_ok());
}

#[test]
fn issuer_in_a_key_needs_a_name() {
    let (first, rest) = FILE.split_once("[[auth]]\nname = \"staff\"").unwrap();
    let one = format!("{first}[cors]{}", rest.split_once("[cors]").unwrap().1).replace("[[auth]]", "[auth]");
    assert!(read(&one).is_ok());
    let (found, at) = problem(&one.replace("name = \"customers\"\n", ""));
    assert_eq!(
        found,
        "upsign.toml:6:17: upload.key: contains {issuer}, but the issuer has no name (add name = \"main\" to [auth], or remove \
         {issuer} as long as there is only one issuer)"
    );
    assert_eq!(at, "{issuer}");
}

#[test]
fn other_forms_of_the_section_are_explained() {
    for section in ["auth = []", "auth = [1]", "auth = \"a\""] {
        let text = format!("{section}\n{}", FILE.split_once("[[auth]]").unwrap().0);
        let (found, at) = problem(&format!("{text}[cors]\norigins = [\"https://app.example.com\"]"));
        assert!(
            found
                .starts_with("upsign.toml:1:1: auth: must be a section, not a value (write [auth] on a line"),
            "{found}"
        );
        assert_eq!(at, "auth");
    }
}

#[test]
fn effective_configuration_has_every_issuer_and_parses_back() {
    let config = read(FILE).unwrap();
    let text = config.effective();
    assert_eq!(text.lines().filter(|line| *line == "[[auth]]").count(), 2);
    assert!(text.contains("name = \"staff\"  # upsign.toml:21\n"), "{text}");
    assert_eq!(config.effective_value("auth[1].name"), Some(("\"staff\"", "upsign.toml:21")));
    assert_eq!(config.effective_value("auth.name"), Some(("\"customers\"", "upsign.toml:12")));
    assert_eq!(config.effective_value("auth[2].name"), None);
    let again = read(text).unwrap();
    let without_places = |text: &str| -> String {
        text.lines().map(|line| line.split("  # ").next().unwrap().to_owned() + "\n").collect()
    };
    assert_eq!(without_places(again.effective()), without_places(text));
}

/// The order of the issuers stays that of the file with more than ten of them.
#[test]
fn many_issuers_keep_their_order() {
    let issuer = |number: usize| {
        format!(
            "[[auth]]\nname = \"issuer-{number}\"\nprovider = \"oidc\"\nissuer = \"https://id-{number}.example.com\"\naudiences = [\"api\"]\n\
             token_use = \"id\"\n\n"
        )
    };
    let all: String = (0..12).map(issuer).collect();
    let text = format!(
        "{}{all}[cors]{}",
        FILE.split_once("[[auth]]").unwrap().0,
        FILE.split_once("[cors]").unwrap().1
    );
    let config = read(&text).unwrap();
    let again = read(config.effective()).unwrap();
    for config in [config, again] {
        let names =
            config.auth().unwrap().issuers.iter().map(|issuer| issuer.name.clone().unwrap().to_string());
        assert!(names.eq((0..12).map(|number| format!("issuer-{number}"))));
    }
}

#[test]
fn number_of_issuers_is_limited() {
    let issuer = |number: usize| {
        format!(
            "[[auth]]\nname = \"i{number}\"\nprovider = \"oidc\"\nissuer = \"https://{number}.example\"\naudiences = [\"a\"]\ntoken_use = \"id\"\n"
        )
    };
    let with = |count: usize| {
        let all: String = (0..count).map(issuer).collect();
        format!(
            "{}{all}[cors]{}",
            FILE.split_once("[[auth]]").unwrap().0,
            FILE.split_once("[cors]").unwrap().1
        )
    };
    assert_eq!(read(&with(100)).unwrap().auth().unwrap().issuers.len(), 100);
    let (found, at) = problem(&with(5_000));
    assert!(
        found.starts_with("upsign.toml:611:1: auth: there are 5000 issuers, and at most 100 are possible ("),
        "{found}"
    );
    assert_eq!(at, "[[auth]]");
}

#[test]
fn schema_accepts_one_or_several_issuers() {
    let schema = jsonschema::validator_for(&upsign_config::schema()).unwrap();
    let json = |text: &str| serde_json::to_value(toml::from_str::<toml::Table>(text).unwrap()).unwrap();
    assert!(schema.is_valid(&json(FILE)));
    assert!(!schema.is_valid(&json(&FILE.replace("name = \"staff\"\n", ""))), "a name is missing");
    assert!(!schema.is_valid(&json(&FILE.replace("audiences", "audience"))), "an unknown key");
    let one = FILE.split_once("[[auth]]\nname = \"staff\"").unwrap().0;
    assert!(schema.is_valid(&json(&one.replace("name = \"customers\"\n", ""))));
    assert!(schema.is_valid(&json(&one.replace("[[auth]]", "[auth]"))));
}
