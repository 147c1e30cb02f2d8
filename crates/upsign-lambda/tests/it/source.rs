//! `UploadFunction::configured`: the configuration decides who verifies the token, and the event never does.

use std::sync::{Arc, Mutex};

use serde_json::Value;
use upsign_config::{AuthSource, Config};
use upsign_core::Credentials;
use upsign_lambda::environment::FunctionSettings;
use upsign_lambda::{StartError, UploadFunction};

/// Returns the settings of a function for a user pool, with further keys of `[auth]`.
fn settings(auth: &str, rest: &str) -> FunctionSettings {
    let file = format!(
        r#"
        bucket = {{ name = "article-images-bucket", region = "ap-southeast-1" }}
        cors = {{ origins = ["https://app.example.com"] }}
        [upload]
        key = "articles/{{id}}.{{ext}}"
        types = ["image/jpeg"]
        max_size = "10 MiB"
        bodyless = "allow"
        {auth}
        {rest}"#
    );
    let config = Config::read("upsign.toml", &file, |_| None).unwrap();
    let credentials = Credentials::long_term("AKIDEXAMPLE", "secret").unwrap();
    FunctionSettings::new(config, credentials).without_metrics()
}

const POOL: &str = "[auth]\nuser_pool = \"ap-southeast-1_AbCdEf123\"\nclient_ids = [\"client-1\"]\n";

#[tokio::test]
async fn authorizer_is_trusted_where_the_configuration_says_so_and_nowhere_else() {
    use crate::events::{alb, function_url, http_v2, rest_v1};

    let settings = settings(&format!("{POOL}token_use = \"id\""), "");
    assert_eq!(settings.config.auth_source(), AuthSource::Authorizer);
    let clock = upsign_testing::FixedClock::new("2026-01-01T00:00:00Z");
    let function = UploadFunction::configured(settings).unwrap().with_clock(clock);
    crate::granted(&function.answer(&rest_v1(None).to_string()).await.unwrap());
    // These events carry a token, but no claims that a gateway has verified.
    let mut without_claims = http_v2(None);
    without_claims["requestContext"]["authorizer"] = Value::Null;
    for event in [function_url(None), alb(None), without_claims] {
        let answer = function.answer(&event.to_string()).await.unwrap();
        assert_eq!(answer["statusCode"], 401, "{answer}");
    }
}

/// Collects the log of a thread.
#[derive(Clone, Default)]
struct Log(Arc<Mutex<Vec<u8>>>);

impl std::io::Write for Log {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.0.lock().unwrap().write(bytes)
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

/// Groups that the gateway has joined ambiguously grant nothing, and the log says why, with few lines for many requests.
#[test]
fn groups_that_cannot_be_read_are_logged() {
    use crate::events::http_v2;

    std::sync::LazyLock::force(&crate::request_ids::SECOND);
    let (log, mut event) = (Log::default(), http_v2(None));
    event["requestContext"]["authorizer"]["jwt"]["claims"]["cognito:groups"] = "[[writers] x]".into();
    let writer = log.clone();
    let subscriber = tracing_subscriber::fmt().with_ansi(false).with_writer(move || writer.clone()).finish();
    tracing::subscriber::with_default(subscriber, || {
        let settings = settings(&format!("{POOL}token_use = \"any\""), "");
        let clock = upsign_testing::FixedClock::new("2026-01-01T00:00:00Z");
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        let function = UploadFunction::behind_authorizer(settings).unwrap().with_clock(clock);
        for _ in 0..30 {
            crate::granted(&runtime.block_on(function.answer(&event.to_string())).unwrap());
        }
    });
    let log = String::from_utf8(log.0.lock().unwrap().clone()).unwrap();
    let reasons = |message: &str| {
        log.lines().filter(|line| line.contains(message) && line.contains("`[[writers] x]`")).count()
    };
    assert_eq!(reasons("claim not read"), 10, "{log}");
    assert_eq!(reasons("further claims that cannot be read are not logged in this minute"), 1, "{log}");
}

const INSUFFICIENT_SCOPE: &str = r#"Bearer error="insufficient_scope""#;

/// Returns the first value of a header of an answer.
fn header<'a>(answer: &'a Value, name: &str) -> Option<&'a str> {
    let lists = &answer["multiValueHeaders"][name][0];
    lists.as_str().or_else(|| answer["headers"][name].as_str())
}

/// The gateway has verified the token, so its caller is proven.
#[tokio::test]
async fn verified_caller_without_group_or_scope_gets_403() {
    use crate::events::{http_v2, rest_v1};

    for (demand, status) in [
        ("groups = [\"writers\"]", 200),
        ("groups = [\"editors\"]", 403),
        ("scopes = [\"openid\"]", 200),
        ("scopes = [\"uploads/write\"]", 403),
    ] {
        for mut event in [rest_v1(None), http_v2(None)] {
            if let Some(claims) = event.pointer_mut("/requestContext/authorizer/claims") {
                claims["scope"] = "openid".into();
            }
            let settings = settings(&format!("{POOL}token_use = \"any\"\n{demand}"), "");
            let clock = upsign_testing::FixedClock::new("2026-01-01T00:00:00Z");
            let function = UploadFunction::behind_authorizer(settings).unwrap().with_clock(clock);
            let answer = function.answer(&event.to_string()).await.unwrap();
            assert_eq!(answer["statusCode"], status, "{demand}: {answer}");
            let challenge = (status == 403).then_some(INSUFFICIENT_SCOPE);
            assert_eq!(header(&answer, "www-authenticate"), challenge, "{answer}");
        }
    }
}

/// Each constructor is for one kind of configuration, and names the constructor for another.
#[test]
fn constructors_refuse_configurations_that_they_are_not_for() {
    let iam =
        "[auth]\nsource = \"iam\"\nuser_pool = \"ap-southeast-1_AbCdEf123\"\n[deployment]\napi = \"rest\"";
    let tokens = format!("{POOL}token_use = \"id\"");
    let jwks = upsign_testing::tokens::TestIssuer::user_pool("ap-southeast-1_AbCdEf123").jwks();
    let two = format!(
        "[[auth]]\nname = \"a\"\nuser_pool = \"ap-southeast-1_AbCdEf123\"\nclient_ids = [\"a\"]\ntoken_use = \"id\"\n\
         jwks = '{jwks}'\n\
         [[auth]]\nname = \"b\"\nissuer = \"https://b.example\"\nclient_ids = [\"b\"]\ntoken_use = \"id\"\njwks = '{jwks}'"
    );
    let refusal = |function: Result<UploadFunction<_>, StartError>| function.err().unwrap().to_string();
    let error = refusal(UploadFunction::behind_authorizer(settings(iam, "")));
    assert_eq!(
        error,
        "auth.source = \"iam\" identifies callers without a token: create the function with UploadFunction::configured or \
         UploadFunction::identified_by_gateway"
    );
    #[cfg(feature = "verify")]
    assert_eq!(refusal(UploadFunction::verifying_tokens(settings(iam, ""))), error);
    let error = refusal(UploadFunction::identified_by_gateway(settings(&tokens, "")));
    assert!(
        error.starts_with("auth.source is \"authorizer\", expected \"lambda-authorizer\" or \"iam\""),
        "{error}"
    );
    let error = refusal(UploadFunction::behind_authorizer(settings(&two, "")));
    assert!(error.starts_with("the authorizer of a gateway has one issuer, and [[auth]] lists 2"), "{error}");
    assert_eq!(settings(&two, "").config.auth_source(), AuthSource::Token);
    #[cfg(feature = "verify")]
    assert!(UploadFunction::configured(settings(&two, "")).is_ok());
}

/// Pages sign their requests to an API with IAM, and the preflights of the function allow the headers that this takes.
#[tokio::test]
async fn preflight_of_callers_that_sign_allows_the_headers_of_a_signature() {
    let iam =
        "[auth]\nsource = \"iam\"\nuser_pool = \"ap-southeast-1_AbCdEf123\"\n[deployment]\napi = \"rest\"";
    for (auth, allowed) in [
        (
            iam.to_owned(),
            "authorization, content-type, x-amz-date, x-amz-security-token, x-amz-content-sha256",
        ),
        (format!("{POOL}token_use = \"id\""), "authorization, content-type"),
        (
            format!("{POOL}token_use = \"id\"\ntoken_header = \"x-upload-token\""),
            "x-upload-token, content-type",
        ),
    ] {
        let function = UploadFunction::configured(settings(&auth, "")).unwrap();
        let mut event = crate::events::rest_v1(None);
        event["httpMethod"] = "OPTIONS".into();
        let answer = function.answer(&event.to_string()).await.unwrap();
        assert_eq!(header(&answer, "access-control-allow-headers"), Some(allowed), "{answer}");
    }
}

/// A REST API passes on times as dates, and some authorizers as numbers. A gateway can cache its decision longer than the token is
/// valid.
#[tokio::test]
async fn claims_that_expired_two_hours_ago_are_rejected_in_every_spelling() {
    let function = UploadFunction::configured(settings(&format!("{POOL}token_use = \"id\""), "")).unwrap();
    let function = function.with_clock(upsign_testing::FixedClock::new("2026-01-01T02:00:00Z"));
    let midnight = 1_767_225_600;
    for exp in [
        Value::from(midnight),
        Value::from(midnight.to_string()),
        Value::from("Thu Jan 01 00:00:00 UTC 2026"),
    ] {
        let mut event = crate::events::rest_v1(None);
        event["requestContext"]["authorizer"]["claims"]["exp"] = exp.clone();
        let answer = function.answer(&event.to_string()).await.unwrap();
        assert_eq!(answer["statusCode"], 401, "{exp}: {answer}");
        assert_eq!(header(&answer, "www-authenticate"), Some(r#"Bearer error="invalid_token""#), "{exp}");
    }
}

#[test]
fn configuration_without_auth_does_not_start() {
    let error = UploadFunction::configured(settings("", "")).err().unwrap();
    assert!(matches!(error, StartError::NoAuth), "{error}");
}

#[cfg(not(feature = "verify"))]
#[test]
fn function_that_must_verify_tokens_names_the_missing_feature() {
    let settings = settings(&format!("{POOL}token_use = \"access\""), "");
    let error = UploadFunction::configured(settings).err().unwrap();
    assert_eq!(
        error.to_string(),
        "the function must verify tokens itself: build it with the feature `verify` of upsign-lambda (the authorizer of a \
         REST API accepts access tokens only if it demands scopes; for an authorizer, set scopes in [auth], or in every \
         route; with token_use = \"id\", none are needed)"
    );
}

#[cfg(feature = "verify")]
mod verifying {
    use upsign::{Clock, SystemClock};
    use upsign_local::{LocalPool, LocalUser};

    use super::*;
    use crate::events::{ORIGIN, http_v2, rest_v1};

    /// Returns an event of AWS's own examples as a request for an upload.
    fn event(id: &str, method: &str, token: &str) -> Value {
        let corpus: Value =
            serde_json::from_str(include_str!("../../../upsign-testing/vectors/lambda_events.json")).unwrap();
        let case = corpus["cases"].as_array().unwrap().iter().find(|case| case["id"] == id);
        let mut event = case.unwrap()["event"].clone();
        for (pointer, value) in [
            ("/httpMethod", method),
            ("/path", "/upload-url"),
            ("/rawPath", "/upload-url"),
            ("/requestContext/http/method", method),
            ("/requestContext/http/path", "/upload-url"),
        ] {
            if let Some(place) = event.pointer_mut(pointer) {
                *place = value.into();
            }
        }
        event["headers"]["content-type"] = "application/json".into();
        event["headers"]["origin"] = ORIGIN.into();
        if method == "POST" {
            event["headers"]["authorization"] = format!("Bearer {token}").into();
        }
        event["body"] = Value::Null;
        event
    }

    const WITHOUT_AUTHORIZER: [&str; 3] =
        ["furl/none", "upstream/example-alb-lambda-target-request-headers-only", "upstream-http/alb_request"];

    async fn pool() -> LocalPool {
        let pool = LocalPool::builder().pool_id("eu-west-1_Readers");
        pool.user(LocalUser::new("alice", "password")).start().await.unwrap()
    }

    /// Returns a function for an API of this kind, which accepts the access tokens of `pool`.
    fn function(pool: &LocalPool, api: &str) -> UploadFunction<upsign_lambda::RoleSigner> {
        function_that_demands(pool, api, "")
    }

    /// Returns the same function with further keys of `[auth]`.
    fn function_that_demands(
        pool: &LocalPool,
        api: &str,
        demand: &str,
    ) -> UploadFunction<upsign_lambda::RoleSigner> {
        let auth = format!(
            "[auth]\nissuer = \"{}\"\njwks_uri = \"{}\"\ndanger_http_keys = true\nclient_ids = [\"{}\"]\ntoken_use = \"access\"\n{demand}",
            pool.issuer(),
            pool.jwks_url(),
            pool.client_id()
        );
        let listener = "arn:aws:elasticloadbalancing:ap-southeast-1:123456789012:listener/app/lb/1/2";
        let listener = if api == "alb" { format!("listener_arn = \"{listener}\"") } else { String::new() };
        let settings = settings(&auth, &format!("[deployment]\napi = \"{api}\"\n{listener}"));
        assert_eq!(settings.config.auth_source(), AuthSource::Token);
        UploadFunction::configured(settings).unwrap()
    }

    #[tokio::test]
    async fn one_function_verifies_the_token_behind_everything_that_has_no_exact_authorizer() {
        let pool = pool().await;
        let token = pool.sign_in("alice", "password", pool.client_id(), SystemClock.now()).unwrap();
        let function = function(&pool, "rest");
        let with_token = |event: Value| event.to_string().replace("x.y.z", token.access_token());
        // Their claims are those of another pool and are not read.
        for event in [rest_v1(None), http_v2(None)] {
            crate::granted(&function.answer(&with_token(event)).await.unwrap());
        }
        for id in WITHOUT_AUTHORIZER {
            crate::granted(
                &function.answer(&event(id, "POST", token.access_token()).to_string()).await.unwrap(),
            );
            for wrong in ["x.y.z", token.id_token(), ""] {
                let answer = function.answer(&event(id, "POST", wrong).to_string()).await.unwrap();
                assert_eq!(answer["statusCode"], 401, "{id}: {answer}");
            }
        }
    }

    #[tokio::test]
    async fn verified_token_without_group_or_scope_gets_403_and_an_invalid_one_401() {
        let pool = pool().await;
        let token = pool.sign_in("alice", "password", pool.client_id(), SystemClock.now()).unwrap();
        for demand in ["groups = [\"editors\"]", "scopes = [\"uploads/write\"]"] {
            let function = function_that_demands(&pool, "url", demand);
            for (token, status, challenge) in [
                (token.access_token(), 403, INSUFFICIENT_SCOPE),
                (token.id_token(), 401, r#"Bearer error="invalid_token""#),
            ] {
                let event = event(WITHOUT_AUTHORIZER[0], "POST", token);
                let answer = function.answer(&event.to_string()).await.unwrap();
                assert_eq!(answer["statusCode"], status, "{demand}: {answer}");
                assert_eq!(header(&answer, "www-authenticate"), Some(challenge));
            }
        }
    }

    /// Neither a function URL nor a load balancer adds CORS headers, as long as none are configured for it.
    #[tokio::test]
    async fn every_answer_has_each_cors_header_once_and_nosniff() {
        let pool = pool().await;
        let token = pool.sign_in("alice", "password", pool.client_id(), SystemClock.now()).unwrap();
        for (api, ids) in [("url", &WITHOUT_AUTHORIZER[..1]), ("alb", &WITHOUT_AUTHORIZER[1..])] {
            let function = function(&pool, api);
            for id in ids {
                let answers = [
                    (event(id, "POST", token.access_token()), 200),
                    (event(id, "POST", "x.y.z"), 401),
                    (event(id, "OPTIONS", ""), 204),
                    (event(id, "DELETE", ""), 405),
                ];
                for (event, status) in answers {
                    let answer = function.answer(&event.to_string()).await.unwrap();
                    assert_eq!(answer["statusCode"], status, "{id}: {answer}");
                    check_header(&answer, "access-control-allow-origin", Some(ORIGIN));
                    check_header(&answer, "x-content-type-options", Some("nosniff"));
                    check_header(&answer, "cache-control", Some("no-store"));
                    check_header(&answer, "access-control-allow-methods", (status == 204).then_some("POST"));
                }
                let mut foreign = event(id, "OPTIONS", "");
                foreign["headers"]["origin"] = "https://evil.example".into();
                let answer = function.answer(&foreign.to_string()).await.unwrap();
                assert_eq!(answer["statusCode"], 403, "{answer}");
                check_header(&answer, "access-control-allow-origin", None);
            }
        }
    }

    /// Returns the headers of an answer with the list of their values, from the member that the sender of the event reads.
    fn headers(answer: &Value) -> Vec<(String, Vec<String>)> {
        let list = |value: &Value| match value {
            Value::Array(values) => values.iter().map(|value| value.as_str().unwrap().to_owned()).collect(),
            value => vec![value.as_str().unwrap().to_owned()],
        };
        let many = answer["multiValueHeaders"].as_object().filter(|headers| !headers.is_empty());
        let headers = many.or_else(|| answer["headers"].as_object()).unwrap();
        headers.iter().map(|(name, value)| (name.clone(), list(value))).collect()
    }

    #[track_caller]
    fn check_header(answer: &Value, name: &str, expected: Option<&str>) {
        let headers = headers(answer);
        let values: Vec<&String> = headers
            .iter()
            .filter(|(known, _)| known.eq_ignore_ascii_case(name))
            .flat_map(|(_, values)| values)
            .collect();
        assert_eq!(values, expected.into_iter().collect::<Vec<_>>(), "{name} of {answer}");
    }
}
