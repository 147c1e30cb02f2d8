//! Whole events of every kind of gateway, in `gateways/`: paths with stages and base paths, bodies in base64, headers with several
//! values, and what each gateway states about callers.
//!
//! The events have every member that the gateways send, with the values of an example account. Sources:
//! <https://docs.aws.amazon.com/apigateway/latest/developerguide/set-up-lambda-proxy-integrations.html>,
//! <https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-develop-integrations-lambda.html>,
//! <https://docs.aws.amazon.com/lambda/latest/dg/urls-invocation.html>,
//! <https://docs.aws.amazon.com/elasticloadbalancing/latest/application/lambda-functions.html>, and the events that
//! <https://github.com/awslabs/aws-lambda-rust-runtime> has recorded for its tests.

use serde_json::Value;
use upsign_config::Config;
use upsign_core::{Credentials, Identity};
use upsign_http::{AuthenticateError, authenticate_fn};
use upsign_lambda::environment::FunctionSettings;
use upsign_lambda::{RoleSigner, UploadFunction};
use upsign_testing::{FixedClock, RecordingObserver};

use crate::events::ORIGIN;

/// Returns the event with this name.
fn event(name: &str) -> Value {
    let path = format!("{}/tests/it/gateways/{name}.json", env!("CARGO_MANIFEST_DIR"));
    serde_json::from_str(&std::fs::read_to_string(path).unwrap()).unwrap()
}

/// Returns the names of all events.
fn names() -> Vec<String> {
    let folder = std::fs::read_dir(format!("{}/tests/it/gateways", env!("CARGO_MANIFEST_DIR"))).unwrap();
    let names = folder.map(|file| file.unwrap().path().file_stem().unwrap().to_str().unwrap().to_owned());
    let mut names: Vec<String> = names.collect();
    names.sort();
    names
}

fn settings(upload: &str, lines: &str) -> FunctionSettings {
    let file = format!(
        r#"
        bucket = {{ name = "article-images-bucket", region = "eu-central-1" }}
        cors = {{ origins = ["https://app.example.com"] }}
        [upload]
        types = ["image/jpeg", "image/png"]
        max_size = "10 MiB"
        bodyless = "refuse"
        {upload}
        {lines}"#
    );
    let config = Config::read("upsign.toml", &file, |_| None).unwrap();
    let credentials = Credentials::long_term("AKIDEXAMPLE", "secret").unwrap();
    FunctionSettings::new(config, credentials).without_metrics()
}

/// Returns a function that accepts requests whose only token is `x.y.z`.
fn function(lines: &str) -> UploadFunction<RoleSigner> {
    let alice = authenticate_fn(|request, _| {
        let tokens: Vec<_> = request.headers.get_all("authorization").iter().cloned().collect();
        async move {
            if tokens != ["Bearer x.y.z"] {
                return Err(AuthenticateError::Rejected { code: "token", reason: format!("{tokens:?}") });
            }
            Ok(Identity::from_verified("https://issuer.example", "alice")?)
        }
    });
    UploadFunction::with_authenticator(settings("key = \"{id}.{ext}\"", lines).api().unwrap(), alice)
}

async fn answer(function: &UploadFunction<RoleSigner>, event: &Value) -> Value {
    function.answer(&event.to_string()).await.unwrap()
}

/// Returns the key of the grant in an answer.
fn key(answer: &Value) -> String {
    crate::granted(answer)["key"].as_str().unwrap().to_owned()
}

/// Paths, bodies and headers are read as each gateway writes them, without any configuration.
#[tokio::test]
async fn uploads_are_granted_behind_every_gateway() {
    let function = function("");
    let mut granted = 0;
    for name in names() {
        // These have no token, or several, or a base path that the gateway knows nothing of.
        let expected = match &*name {
            "rest-two-tokens" | "load-balancer-two-tokens" => 401,
            "rest-iam" | "http-iam" | "function-url-iam" => 401,
            "function-url-cloudfront" => 404,
            _ => 200,
        };
        let answer = answer(&function, &event(&name)).await;
        assert_eq!(answer["statusCode"], expected, "{name}: {answer}");
        if expected == 200 {
            assert!(key(&answer).ends_with(".png"), "{name}");
            granted += 1;
        }
    }
    assert!(granted >= 15, "{granted}");
}

/// One side answers: the gateway of an HTTP API, and the function everywhere else. A browser refuses an answer with two
/// `Access-Control-Allow-Origin`, which function URLs with a CORS configuration of their own would send.
#[tokio::test]
async fn no_answer_has_two_allowed_origins() {
    let function = function("");
    for name in names() {
        let event = event(&name);
        let answer = answer(&function, &event).await;
        let single = answer["headers"]["access-control-allow-origin"].as_str();
        let several: Vec<&str> = answer["multiValueHeaders"]["access-control-allow-origin"]
            .as_array()
            .into_iter()
            .flatten()
            .map(|value| value.as_str().unwrap())
            .collect();
        let (both, one, many, none) = ((Some(ORIGIN), 1), (Some(ORIGIN), 0), (None, 1), (None, 0));
        let expected = match &*name {
            // The target group reads one of the two.
            name if name.starts_with("load-balancer") => both,
            name if name.starts_with("function-url") => one,
            name if name.starts_with("rest") || name.starts_with("http-payload-1") => many,
            _ => none,
        };
        assert_eq!((single, several.len()), expected, "{name}");
        assert!(several.iter().all(|origin| *origin == ORIGIN), "{name}: {several:?}");
    }
}

/// A Lambda authorizer states a user, groups and scopes: as texts in a REST API, and as JSON in an HTTP API.
#[tokio::test]
async fn context_of_a_lambda_authorizer_identifies_callers() {
    let auth = r#"[auth]
        source = "lambda-authorizer"
        issuer = "https://users.example.com"
        subject_claim = "userId"
        groups_claim = "teams"
        scopes_claim = { claim = "may", form = "json" }
        "#;
    for (name, api) in [
        ("rest-lambda-authorizer", "rest"),
        ("http-lambda-authorizer", "http"),
        ("http-payload-1-lambda-authorizer", "http"),
    ] {
        for (demand, status) in [
            ("", 200),
            ("groups = [\"editors\"]\nscopes = [\"upload\"]", 200),
            ("groups = [\"admins\"]", 403),
            ("scopes = [\"delete\"]", 403),
        ] {
            let upload = format!("key = \"{{sub}}/{{id}}.{{ext}}\"\n{demand}");
            let settings = settings(&upload, &format!("{auth}[deployment]\napi = \"{api}\""));
            let function = UploadFunction::configured(settings).unwrap();
            let mut event = event(name);
            let answered = answer(&function, &event).await;
            assert_eq!(answered["statusCode"], status, "{name} {demand}: {answered}");
            if status == 200 {
                assert!(key(&answered).starts_with("4711/"), "{name}");
            }
            // A token in the request identifies nobody.
            event["requestContext"]["authorizer"] = Value::Null;
            assert_eq!(answer(&function, &event).await["statusCode"], 401, "{name}");
        }
    }
}

/// IAM states the identity of an identity pool, and the user of the user pool with whose token it was obtained.
#[tokio::test]
async fn iam_identifies_callers() {
    let identity = "identity_pool = \"eu-central-1:4f291106-8703-466b-8f2b-3ecee1ca56ce\"";
    let user = "user_pool = \"eu-central-1_AbCdEf123\"";
    for (name, api) in [("rest-iam", "rest"), ("http-iam", "http"), ("function-url-iam", "url")] {
        for (pool, status) in [
            (identity, 200),
            (user, 200),
            ("identity_pool = \"eu-central-1:00000000-8703-466b-8f2b-3ecee1ca56ce\"", 401),
            ("user_pool = \"eu-central-1_Other1234\"", 401),
        ] {
            let auth = format!("[auth]\nsource = \"iam\"\n{pool}\n[deployment]\napi = \"{api}\"");
            let observer = RecordingObserver::new();
            let settings = settings("key = \"{sub}/{id}.{ext}\"", &auth).with_observer(observer.clone());
            let function = UploadFunction::configured(settings).unwrap();
            let answered = answer(&function, &event(name)).await;
            assert_eq!(answered["statusCode"], status, "{name} {pool}: {answered}");
            if status == 200 {
                let key = key(&answered);
                let subject = if pool == identity { "eu-central-1~3A3f291106" } else { "3f2504e0-4f89" };
                assert!(key.starts_with(subject), "{name}: {key}");
            } else {
                let reason = observer.refusals().remove(0).reason.unwrap();
                assert!(
                    reason.starts_with("no-user: IAM has identified arn:aws:sts::123456789012:"),
                    "{reason}"
                );
                // Found and expected, so that another pool is apparent.
                for part in [
                    "an identity of the identity pool eu-central-1:4f291106-8703-466b-8f2b-3ecee1ca56ce, signed in at \
                     cognito-idp.eu-central-1.amazonaws.com/eu-central-1_AbCdEf123; expected ",
                    pool.split('"').nth(1).unwrap(),
                ] {
                    assert!(reason.contains(part), "{reason}");
                }
            }
            // Without IAM in front of it, the function accepts nobody.
            for other in ["rest-stage", "http-base64", "function-url", "load-balancer"] {
                assert_eq!(answer(&function, &event(other)).await["statusCode"], 401, "{other}");
            }
        }
    }
}

/// An HTTP API with payload 1.0 writes claims into the place of a REST API, and lists as an HTTP API does.
#[tokio::test]
async fn claims_of_an_http_api_with_payload_1_are_read() {
    let auth = r#"[auth]
        issuer = "https://id.example.com/main"
        jwks_uri = "https://id.example.com/keys"
        client_ids = ["client-1"]
        token_use = "access"
        source = "authorizer"
        groups = ["editors"]
        scopes = ["upload"]
        [deployment]
        api = "http"
        "#;
    let function = UploadFunction::configured(settings("key = \"{sub}/{id}.{ext}\"", auth)).unwrap();
    let function = function.with_clock(FixedClock::new("2026-01-01T00:00:00Z"));
    let event = event("http-payload-1-jwt");
    assert!(key(&answer(&function, &event).await).starts_with("4711/"));
    let mut other = event.clone();
    other["requestContext"]["authorizer"]["claims"]["cognito:groups"] = "[writers]".into();
    assert_eq!(answer(&function, &other).await["statusCode"], 403);
}

/// CloudFront signs the requests to a function URL, so that the token is in a header of its own.
#[cfg(feature = "verify")]
#[tokio::test]
async fn token_behind_cloudfront_is_read_from_the_configured_header() {
    let pool = upsign_testing::tokens::TestIssuer::user_pool("eu-central-1_AbCdEf123");
    let clock = FixedClock::new("2026-01-16T03:28:48Z");
    let token = pool.access_token("alice", "client-1").sign("2026-01-16T03:00:00Z".parse().unwrap());
    let event = event("function-url-cloudfront").to_string().replace("x.y.z", &token);
    for (header, status) in [("x-upload-token", 200), ("authorization", 401), ("x-other", 401)] {
        let lines = format!(
            r#"
            [server]
            base_path = "/api"
            [auth]
            user_pool = "eu-central-1_AbCdEf123"
            client_ids = ["client-1"]
            token_use = "access"
            token_header = "{header}"
            jwks = '{}'
            [deployment]
            api = "url""#,
            pool.jwks()
        );
        let observer = RecordingObserver::new();
        let settings = settings("key = \"{sub}/{id}.{ext}\"", &lines).with_observer(observer.clone());
        let function = UploadFunction::configured(settings).unwrap().with_clock(clock.clone());
        let answer = function.answer(&event).await.unwrap();
        assert_eq!(answer["statusCode"], status, "{header}: {answer}");
        if status == 401 {
            let reason = observer.refusals().remove(0).reason.unwrap();
            assert!(
                reason.contains("AWS signature (SigV4)") && !reason.contains("AKID"),
                "{header}: {reason}"
            );
        }
    }
}
