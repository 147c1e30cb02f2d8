//! The API of the generated template, the function and the configuration agree about every caller: one that `[auth]` and the routes
//! accept passes the API and gets a grant from the function; one that they reject is rejected by the two together. Checked for 2,000 random
//! configurations: tokens of one issuer or of several, in one header or another, verified by the function or by an authorizer; the
//! contexts of Lambda authorizers; and signatures with IAM credentials.
//!
//! [`Gate`] is a model of what API Gateway and Lambda do, as AWS documents it.

mod callers;
mod configuration;
mod model;
mod requests;
mod tokens;

use std::collections::BTreeMap;
use std::sync::Arc;

use serde_json::Value;
use upsign::Access;
use upsign_cognito::TokenCheck;
use upsign_config::{AuthIssuer, AuthSource, Config, GatewayIdentity, KeysFrom};
use upsign_core::{Credentials, Identity, Timestamp};
use upsign_documents::{ApiAuthorizer, ApiKind};
use upsign_lambda::environment::FunctionSettings;
use upsign_lambda::{RoleSigner, TokenKeys, UploadFunction};
use upsign_testing::FixedClock;
use upsign_testing::mocks::MockObjectCalls;

use callers::{CALLERS, CONTEXTS};
use configuration::{HEADER, Random, configuration};
use model::Gate;
use requests::{event, write_claims};
use tokens::{Token, tokens};

const CONFIGURATIONS: usize = 2_000;
const NOW: &str = "2026-01-01T00:00:00Z";

#[derive(Debug, Default)]
struct Counts {
    /// Configurations with an explicit source that the API does not have.
    refused: usize,
    keys_fetched_by_function: usize,
    verified_by_function: usize,
    of_several_issuers: usize,
    verified_by_gateway: usize,
    lambda_authorizers: usize,
    iam: usize,
    granted: BTreeMap<&'static str, usize>,
    stopped_by_gateway: usize,
    stopped_by_function: usize,
}

impl Counts {
    fn judged(&self) -> usize {
        self.refused
            + self.keys_fetched_by_function
            + self.verified_by_function
            + self.verified_by_gateway
            + self.lambda_authorizers
            + self.iam
    }
}

/// Returns the event of a request for a route.
type EventOfRoute<'a> = Box<dyn Fn(Option<&str>) -> Value + 'a>;

/// One request: whether the API lets it through, the caller that it identifies, and the event without the body.
struct Request<'a> {
    description: String,
    lets_through: bool,
    caller: Option<Identity>,
    event: EventOfRoute<'a>,
}

/// A configuration, with what verifies its tokens.
struct Configured<'a> {
    file: &'a str,
    api: ApiKind,
    gate: Gate,
    header: String,
    checks: Vec<(TokenCheck, &'a str)>,
    gateway: Option<GatewayIdentity>,
}

impl Configured<'_> {
    fn request<'a>(&'a self, random: &mut Random, tokens: &'a [Token], at: Timestamp) -> Request<'a> {
        let other = if self.header == HEADER { "authorization" } else { HEADER };
        let sent_in = random.pick(&[self.header.as_str(), self.header.as_str(), self.header.as_str(), other]);
        let is_read = sent_in == self.header;
        let is_rest = self.api == ApiKind::Rest;
        match self.gateway {
            Some(GatewayIdentity::LambdaAuthorizer(_)) => {
                let context = random.pick(&CONTEXTS.map(Some).into_iter().chain([None]).collect::<Vec<_>>());
                Request {
                    description: format!("{context:?} in {sent_in}"),
                    lets_through: self.gate.passes_context(context.as_ref(), sent_in),
                    caller: context.as_ref().filter(|_| is_read).map(|context| context.identity(self.file)),
                    event: Box::new(move |route| {
                        let mut event = event(self.api, route, Some((sent_in, "secret")));
                        context.iter().for_each(|context| context.write_to(&mut event, is_rest));
                        event
                    }),
                }
            }
            Some(_) => {
                let caller = random.pick(&CALLERS);
                Request {
                    description: format!("{caller:?}"),
                    lets_through: self.gate.passes_signature(caller != callers::Caller::Unsigned),
                    caller: caller.identity(),
                    event: Box::new(move |route| {
                        let mut event = event(self.api, route, None);
                        caller.write_to(&mut event, is_rest);
                        event
                    }),
                }
            }
            None => {
                let index: Vec<usize> = (0..tokens.len()).collect();
                let token = &tokens[random.pick(&index)];
                let verified = self.checks.iter().filter(|_| is_read).find_map(|(check, keys)| {
                    let keys = check.key_set(keys.as_bytes()).unwrap();
                    Some(check.check(&keys, &token.text, at).ok()?.identity())
                });
                Request {
                    description: format!("{:?} in {sent_in}", token.claims),
                    lets_through: self.gate.passes_token(token, sent_in, at),
                    caller: verified,
                    event: Box::new(move |route| {
                        let value = format!("Bearer {}", token.text);
                        let mut event = event(self.api, route, Some((sent_in, &value)));
                        if self.gate.authorizer != ApiAuthorizer::None {
                            write_claims(&mut event, token, is_rest);
                        }
                        event
                    }),
                }
            }
        }
    }
}

/// Returns the keys that verify the tokens of an issuer.
fn keys_of<'a>(issuer: &AuthIssuer, keys: &'a BTreeMap<&'static str, String>) -> &'a str {
    &keys[if issuer.user_pool.is_some() { "pool" } else { "custom" }]
}

/// Counts the configuration, and returns whether its function can be called.
fn count(counts: &mut Counts, config: &Config, gate: &Gate, file: &str) -> bool {
    let auth = config.auth().unwrap();
    let source = config.auth_source();
    if source == AuthSource::Token {
        let none = ApiAuthorizer::None;
        assert_eq!(gate.authorizer, none, "an authorizer in front of a function that verifies\n{file}");
        counts.of_several_issuers += usize::from(auth.issuers.len() > 1);
        let has_keys = auth.issuers.iter().all(|issuer| issuer.keys != KeysFrom::Issuer);
        let can_verify = has_keys && cfg!(feature = "verify");
        *if can_verify { &mut counts.verified_by_function } else { &mut counts.keys_fetched_by_function } +=
            1;
        return can_verify;
    }
    assert!(auth.issuers.len() < 2, "an authorizer for several issuers\n{file}");
    let (counter, is_right) = match source {
        AuthSource::LambdaAuthorizer => {
            (&mut counts.lambda_authorizers, gate.authorizer == ApiAuthorizer::Lambda)
        }
        AuthSource::Iam => (&mut counts.iam, gate.authorizer == ApiAuthorizer::Iam),
        _ => (
            &mut counts.verified_by_gateway,
            matches!(gate.authorizer, ApiAuthorizer::Cognito { .. } | ApiAuthorizer::Jwt { .. }),
        ),
    };
    assert!(is_right, "{:?}\n{file}", gate.authorizer);
    *counter += 1;
    true
}

#[tokio::test]
async fn gateway_and_function_together_accept_exactly_the_callers_of_the_configuration() {
    let at: Timestamp = NOW.parse().unwrap();
    let (tokens, keys) = tokens(at);
    let mut counts = Counts::default();
    let mut seeds = 1_u64..;
    while counts.judged() < CONFIGURATIONS {
        let seed = seeds.next().unwrap();
        let mut random = Random(seed.wrapping_mul(0x9e37_79b9_7f4a_7c15));
        let file = configuration(&mut random, &keys);
        let config = match Config::read("upsign.toml", &file, |_| None) {
            Ok(config) => config,
            // A route that no id token can use.
            Err(error) if error.to_string().contains("id tokens have no scopes") => continue,
            // An explicit source that the API does not have, or that would refuse tokens which the configuration accepts.
            Err(error) => {
                let problems = error.problems();
                assert!(problems.iter().all(|it| it.key == "auth.source"), "{error}\n{file}");
                counts.refused += 1;
                continue;
            }
        };
        let gate = Gate::generated(&config);
        if !count(&mut counts, &config, &gate, &file) {
            continue;
        }
        let (source, auth) = (config.auth_source(), config.auth().unwrap());
        let checks = auth.issuers.iter();
        let checks = checks.map(|it| (TokenCheck::new(it.verifier.clone()), keys_of(it, &keys))).collect();
        let configured = Configured {
            file: &file,
            api: config.deployment().api(),
            gate,
            header: auth.token_header.to_string(),
            checks,
            gateway: auth.gateway.clone(),
        };
        let names: Vec<Option<String>> =
            config.routes().iter().map(|route| route.name.as_ref().map(ToString::to_string)).collect();
        let routes: Vec<Access> = config.routes().iter().map(|route| route.access.clone()).collect();
        let credentials = Credentials::long_term("AKIDEXAMPLE", "secret").unwrap();
        let settings = FunctionSettings::new(config, credentials).without_metrics();
        // Small files need no call to the store.
        let keys = TokenKeys::new("default", [[7; 32]]).unwrap();
        let settings = settings.with_token_keys(keys).with_objects(|_| Arc::new(MockObjectCalls::new()));
        let function: UploadFunction<RoleSigner> =
            UploadFunction::configured(settings).unwrap().with_clock(FixedClock::new(NOW));
        // Few tokens pass an authorizer, and verifying them in the function takes longer than anything else.
        let requests = if source == AuthSource::Authorizer { 160 } else { 30 };
        for _ in 0..requests {
            let request = configured.request(&mut random, &tokens, at);
            for (name, access) in names.iter().zip(&routes) {
                let expected = request.caller.as_ref().is_some_and(|caller| access.allows(caller));
                let explain = || {
                    format!("{} for the route {name:?}\n{:?}\n{file}", request.description, configured.gate)
                };
                if !request.lets_through {
                    assert!(!expected, "the gateway stops {}", explain());
                    counts.stopped_by_gateway += 1;
                    continue;
                }
                let answer = function.answer(&(request.event)(name.as_deref()).to_string()).await.unwrap();
                let is_granted = answer["statusCode"] == 200;
                assert_eq!(is_granted, expected, "{answer}: {}", explain());
                if expected {
                    *counts.granted.entry(source.as_str()).or_default() += 1;
                } else {
                    counts.stopped_by_function += 1;
                }
            }
        }
    }
    println!("{CONFIGURATIONS} configurations: {counts:?}");
    let sources = [AuthSource::Authorizer, AuthSource::LambdaAuthorizer, AuthSource::Iam];
    let verifying = cfg!(feature = "verify").then_some(AuthSource::Token);
    for source in sources.into_iter().chain(verifying) {
        assert!(
            counts.granted.get(source.as_str()).is_some_and(|granted| *granted > 200),
            "{source}: {counts:?}"
        );
    }
    assert!(counts.verified_by_gateway > 150 && counts.lambda_authorizers > 80 && counts.iam > 100);
    assert!(counts.refused > 100 && counts.of_several_issuers > 80, "{counts:?}");
    assert!(counts.stopped_by_gateway > 1_000 && counts.stopped_by_function > 1_000, "{counts:?}");
}
