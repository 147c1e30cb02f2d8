//! The authorizer of the generated API, the function and the configuration agree about every token: whatever `[auth]` and the routes
//! accept, the generated authorizer lets through and the function grants; whatever they reject, the two together reject too.
//! Checked for 2,000 random configurations with random signed tokens.
//!
//! [`passes`] is a model of the two authorizers of API Gateway, as AWS documents them.

use std::collections::BTreeMap;

use base64::Engine;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;
use serde_json::{Map, Value, json};
use upsign::Access;
use upsign_cognito::TokenCheck;
use upsign_config::{AuthSource, Config};
use upsign_core::{Credentials, Timestamp};
use upsign_documents::ApiAuthorizer;
use upsign_lambda::environment::FunctionSettings;
use upsign_lambda::{RoleSigner, UploadFunction};
use upsign_testing::FixedClock;
use upsign_testing::tokens::TestIssuer;

use crate::events::{http_v2, rest_v1};

const CONFIGURATIONS: usize = 2_000;
const POOL: &str = "ap-southeast-1_AbCdEf123";
const ISSUER: &str = "https://id.example.com/t";
const NOW: &str = "2026-01-01T00:00:00Z";

/// A generator of pseudorandom numbers (xorshift64*), so that a seed names a configuration.
struct Random(u64);

impl Random {
    fn pick<T: Clone>(&mut self, from: &[T]) -> T {
        self.0 ^= self.0 >> 12;
        self.0 ^= self.0 << 25;
        self.0 ^= self.0 >> 27;
        let number = usize::try_from(self.0.wrapping_mul(0x2545_f491_4f6c_dd1d) >> 33).unwrap();
        from[number % from.len()].clone()
    }
}

/// Returns an `upsign.toml` with a random API, `[auth]` and one or two routes.
fn configuration(random: &mut Random) -> String {
    let access = |random: &mut Random| {
        let scopes = random.pick(&["", "", "scopes = [\"write\"]\n", "scopes = [\"write\", \"admin\"]\n"]);
        let groups = random.pick(&["", "", "", "groups = [\"editors\"]\n"]);
        format!("{scopes}{groups}")
    };
    let api = random.pick(&["rest", "rest", "http", "http", "url", "alb"]);
    let issuer = random.pick(&[
        format!("user_pool = \"{POOL}\"\n"),
        format!("issuer = \"{ISSUER}\"\njwks_uri = \"{ISSUER}/.well-known/jwks.json\"\n"),
    ]);
    let token_use = random.pick(&["id", "access", "any"]);
    let clients = random.pick(&["\"client-1\"", "\"client-1\", \"client-2\""]);
    let source = random.pick(&["", "", "", "source = \"token\"\n", "source = \"authorizer\"\n"]);
    let listener = "arn:aws:elasticloadbalancing:ap-southeast-1:123456789012:listener/app/lb/1/2";
    let listener = if api == "alb" { format!("listener_arn = \"{listener}\"\n") } else { String::new() };
    let route = |name: &str, access: String| {
        format!(
            "[{name}]\nkey = \"{name}/{{id}}.{{ext}}\"\ntypes = [\"image/jpeg\"]\nmax_size = \"10 MiB\"\n\
             bodyless = \"allow\"\n{access}"
        )
    };
    let auth = access(random);
    let first = route("upload", access(random));
    let second =
        if random.pick(&[true, false]) { route("route.other", access(random)) } else { String::new() };
    format!(
        "bucket = {{ name = \"article-images-bucket\", region = \"ap-southeast-1\" }}\n\
         cors = {{ origins = [\"https://app.example.com\"] }}\n\
         [auth]\n{issuer}client_ids = [{clients}]\ntoken_use = \"{token_use}\"\n{auth}{source}\
         [deployment]\napi = \"{api}\"\n{listener}{first}{second}"
    )
}

/// A signed token and its claims.
struct Token {
    text: String,
    claims: Map<String, Value>,
    /// Whose keys signed it.
    issuer: &'static str,
}

/// Returns tokens of every kind: of this issuer and of others, of each use, client, scope and group, valid and expired.
fn tokens(at: Timestamp) -> (Vec<Token>, BTreeMap<&'static str, String>) {
    let other_pool = "ap-southeast-1_Other1234";
    let issuers = [
        ("pool", TestIssuer::user_pool(POOL)),
        ("other-pool", TestIssuer::user_pool(other_pool)),
        ("custom", TestIssuer::custom(ISSUER)),
        ("other", TestIssuer::custom("https://id.example.com/other")),
    ];
    // A user pool can have a second name as an issuer.
    let updated = format!("https://issuer-cognito-idp.ap-southeast-1.amazonaws.com/{POOL}");
    let mut out = Vec::new();
    for (name, issuer) in &issuers {
        for client in ["client-1", "client-2", "client-3"] {
            for scopes in [&[][..], &["write"], &["admin", "openid"], &["openid"]] {
                for groups in [&[][..], &["editors"], &["readers", "editors"]] {
                    for expired in [false, true] {
                        let access = issuer.access_token("alice", client).scopes(scopes.iter().copied());
                        let both = [access, issuer.id_token("alice", client)];
                        for mut token in both {
                            if !groups.is_empty() {
                                token = token.groups(groups.iter().copied());
                            }
                            if *name == "pool" && client == "client-2" {
                                token = token.claim("iss", updated.as_str());
                            }
                            let signed_at = if expired { at.saturating_sub(7_200) } else { at };
                            let text = token.sign(signed_at);
                            let payload = text.split('.').nth(1).unwrap();
                            let payload = BASE64_URL_SAFE_NO_PAD.decode(payload).unwrap();
                            out.push(Token {
                                text,
                                claims: serde_json::from_slice(&payload).unwrap(),
                                issuer: name,
                            });
                        }
                    }
                }
            }
        }
    }
    let keys = issuers.iter().map(|(name, issuer)| (*name, issuer.jwks())).collect();
    (out, keys)
}

/// Returns the authorizer of the API in the generated SAM template: what API Gateway would be told, and not what the
/// deployment says that it should be.
fn generated_authorizer(config: &Config) -> ApiAuthorizer {
    let template = upsign_documents::sam_template(&config.deployment()).unwrap().to_json();
    let template: Value = serde_json::from_str(&template).unwrap();
    let of_type = |kind: &str| {
        let resources = template["Resources"].as_object().unwrap().values();
        resources.filter(|resource| resource["Type"] == kind).map(|it| it["Properties"].clone()).next()
    };
    let texts = |list: &Value| -> Vec<String> {
        list.as_array().into_iter().flatten().map(|text| text.as_str().unwrap().to_owned()).collect()
    };
    if let Some(api) = of_type("AWS::Serverless::Api") {
        let document = &api["DefinitionBody"];
        let Some(scopes) = document["paths"]["/upload-url"]["post"].get("security") else {
            return ApiAuthorizer::None;
        };
        let scheme = &document["components"]["securitySchemes"]["Cognito"];
        assert_eq!(scheme["name"], "Authorization");
        let pool = &scheme["x-amazon-apigateway-authorizer"]["providerARNs"][0]["Fn::Sub"];
        let (_, user_pool) = pool.as_str().unwrap().rsplit_once('/').unwrap();
        return ApiAuthorizer::Cognito { user_pool: user_pool.into(), scopes: texts(&scopes[0]["Cognito"]) };
    }
    let Some(route) = of_type("AWS::ApiGatewayV2::Route").filter(|route| route["AuthorizationType"] == "JWT")
    else {
        return ApiAuthorizer::None;
    };
    let authorizer = of_type("AWS::ApiGatewayV2::Authorizer").unwrap();
    assert_eq!(authorizer["IdentitySource"], json!(["$request.header.Authorization"]));
    let token = &authorizer["JwtConfiguration"];
    ApiAuthorizer::Jwt {
        issuer: token["Issuer"].as_str().unwrap().into(),
        audiences: texts(&token["Audience"]),
        scopes: texts(&route["AuthorizationScopes"]),
    }
}

/// Returns whether the authorizer of the API lets a token through.
///
/// - The Cognito authorizer of a REST API checks that a user of the pool received the token and that it has not expired. Without
///   scopes it takes the token for an id token; with scopes it takes an access token that has one of them:
///   <https://docs.aws.amazon.com/apigateway/latest/developerguide/apigateway-enable-cognito-user-pool.html>,
///   <https://docs.aws.amazon.com/apigateway/latest/developerguide/apigateway-invoke-api-integrated-with-cognito-user-pool.html>.
/// - The JWT authorizer of an HTTP API compares `iss`, then `aud`, or `client_id` if there is no `aud`, checks the times, and
///   demands one of the scopes in `scope` or `scp`:
///   <https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-jwt-authorizer.html>.
fn passes(authorizer: &ApiAuthorizer, token: &Token, at: Timestamp) -> bool {
    let text = |name: &str| token.claims.get(name).and_then(Value::as_str).unwrap_or_default();
    let has_scope =
        |scopes: &[String]| scopes.iter().any(|scope| text("scope").split(' ').any(|own| own == scope));
    let is_current = token.claims["exp"].as_u64().is_some_and(|exp| exp > at.as_unix());
    match authorizer {
        ApiAuthorizer::None => true,
        ApiAuthorizer::Cognito { user_pool, scopes } => {
            let is_of_pool = token.issuer == "pool" && user_pool == POOL && text("iss").ends_with(user_pool);
            let is_use = if scopes.is_empty() {
                text("token_use") == "id"
            } else {
                text("token_use") == "access" && has_scope(scopes)
            };
            is_of_pool && is_current && is_use
        }
        ApiAuthorizer::Jwt { issuer, audiences, scopes } => {
            let audience = if token.claims.contains_key("aud") { text("aud") } else { text("client_id") };
            let is_signed = token.issuer == "custom" && issuer == ISSUER;
            let is_for = audiences.iter().any(|known| known == audience);
            is_signed
                && text("iss") == issuer
                && is_for
                && is_current
                && (scopes.is_empty() || has_scope(scopes))
        }
        // A kind of authorizer without a model lets nothing through, so that the test fails.
        _ => false,
    }
}

/// Returns the event that the API sends to the function, with the claims in the form of that API.
fn event(authorizer: &ApiAuthorizer, token: &Token, route: Option<&str>) -> String {
    let body = route.map(|route| json!({"route": route}).to_string());
    let is_rest = matches!(authorizer, ApiAuthorizer::Cognito { .. });
    let mut event = if is_rest { rest_v1(body.as_deref()) } else { http_v2(body.as_deref()) };
    let claims = token.claims.iter().map(|(name, value)| {
        let text = match value {
            Value::String(text) => text.clone(),
            Value::Array(list) => {
                let texts: Vec<&str> = list.iter().filter_map(Value::as_str).collect();
                if is_rest { texts.join(",") } else { format!("[{}]", texts.join(" ")) }
            }
            Value::Number(seconds) if is_rest && ["exp", "iat", "auth_time"].contains(&name.as_str()) => {
                java_date(seconds.as_u64().unwrap())
            }
            other => other.to_string(),
        };
        (name.clone(), Value::String(text))
    });
    let claims = Value::Object(claims.collect());
    let context = &mut event["requestContext"]["authorizer"];
    *context =
        if is_rest { json!({"claims": claims}) } else { json!({"jwt": {"claims": claims, "scopes": null}}) };
    event.to_string()
}

/// Returns a time as a REST API passes it on, as in `Thu Jan 01 01:00:00 UTC 2026`.
fn java_date(seconds: u64) -> String {
    let text = Timestamp::from_unix(seconds).unwrap().to_string();
    let (day, time) = text.trim_end_matches('Z').split_once('T').unwrap();
    let day: Vec<&str> = day.split('-').collect();
    let (year, month, date) = (day[0], day[1], day[2]);
    let months = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];
    let month = months[month.parse::<usize>().unwrap() - 1];
    let days = ["Thu", "Fri", "Sat", "Sun", "Mon", "Tue", "Wed"];
    let day = days[usize::try_from(seconds / 86_400 % 7).unwrap()];
    format!("{day} {month} {date} {time} UTC {year}")
}

#[derive(Debug, Default)]
struct Counts {
    inexact: usize,
    verified_by_function: usize,
    verified_by_gateway: usize,
    granted: usize,
    stopped_by_gateway: usize,
    stopped_by_function: usize,
}

impl Counts {
    fn judged(&self) -> usize {
        self.inexact + self.verified_by_function + self.verified_by_gateway
    }
}

#[tokio::test]
async fn gateway_and_function_together_accept_exactly_the_tokens_of_the_configuration() {
    let at: Timestamp = NOW.parse().unwrap();
    let (tokens, keys) = tokens(at);
    let mut counts = Counts::default();
    let mut seeds = 1_u64..;
    while counts.judged() < CONFIGURATIONS {
        let seed = seeds.next().unwrap();
        let mut random = Random(seed.wrapping_mul(0x9e37_79b9_7f4a_7c15));
        let file = configuration(&mut random);
        let config = match Config::read("upsign.toml", &file, |_| None) {
            Ok(config) => config,
            // A route that no id token can use.
            Err(error) if error.to_string().contains("id tokens have no scopes") => continue,
            // An explicit authorizer that would refuse tokens which the configuration accepts.
            Err(error) => {
                assert!(file.contains("source = \"authorizer\""), "{error}\n{file}");
                counts.inexact += 1;
                continue;
            }
        };
        let authorizer = generated_authorizer(&config);
        if config.auth_source() == AuthSource::Token {
            assert_eq!(
                authorizer,
                ApiAuthorizer::None,
                "an authorizer in front of a function that verifies\n{file}"
            );
            counts.verified_by_function += 1;
            continue;
        }
        counts.verified_by_gateway += 1;
        assert_ne!(authorizer, ApiAuthorizer::None, "{file}");
        let check = TokenCheck::new(config.auth().unwrap().only_issuer().unwrap().verifier.clone());
        let names: Vec<Option<String>> =
            config.routes().iter().map(|route| route.name.as_ref().map(ToString::to_string)).collect();
        let routes: Vec<Access> = config.routes().iter().map(|route| route.access.clone()).collect();
        let credentials = Credentials::long_term("AKIDEXAMPLE", "secret").unwrap();
        let settings = FunctionSettings::new(config, credentials).without_metrics();
        let function: UploadFunction<RoleSigner> =
            UploadFunction::configured(settings).unwrap().with_clock(FixedClock::new(NOW));
        for _ in 0..80 {
            let index: Vec<usize> = (0..tokens.len()).collect();
            let token = &tokens[random.pick(&index)];
            let key_set = check.key_set(keys[token.issuer].as_bytes()).unwrap();
            let verified = check.check(&key_set, &token.text, at).ok();
            let lets_through = passes(&authorizer, token, at);
            for (name, access) in names.iter().zip(&routes) {
                let expected = verified.as_ref().is_some_and(|claims| access.allows(&claims.identity()));
                let explain = || format!("{:?} for the route {name:?}\n{authorizer:?}\n{file}", token.claims);
                if !lets_through {
                    assert!(!expected, "the gateway stops {}", explain());
                    counts.stopped_by_gateway += 1;
                    continue;
                }
                let answer = function.answer(&event(&authorizer, token, name.as_deref())).await.unwrap();
                let is_granted = answer["statusCode"] == 200;
                assert_eq!(is_granted, expected, "{answer}: {}", explain());
                *if expected { &mut counts.granted } else { &mut counts.stopped_by_function } += 1;
            }
        }
    }
    println!("{CONFIGURATIONS} configurations: {counts:?}");
    assert!(counts.verified_by_gateway > 200 && counts.granted > 200 && counts.stopped_by_function > 200);
    assert!(counts.inexact > 100 && counts.stopped_by_gateway > 1_000);
}
