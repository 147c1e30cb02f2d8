//! Random histories of a whole service whose key endpoint and credentials provider fail, against a model: what was granted must
//! have been allowed. All times come from the requests.

use std::sync::{Arc, Mutex, OnceLock};

use bytes::Bytes;
use futures_util::FutureExt;
use http::Request;
use proptest::prelude::*;
use serde_json::{Value, json};
use upsign::async_trait;
use upsign::{Bodyless, SigV4, UploadIssuer, UploadPolicy};
use upsign_cognito::{CacheLimits, FetchError, FetchKeys, FetchedKeys, TokenUse, Verifier};
use upsign_core::{
    CorsOrigins, Credentials, CredentialsError, CredentialsSource, Expiry, Renewing, Target, Timestamp,
    WithCredentials,
};
use upsign_http::{Api, BearerToken};
use upsign_testing::tokens::TestIssuer;

const START: u64 = 1_800_000_000;
/// The longest time for which a key set is used after it was fetched.
const KEY_SET_LIFETIME: u64 = 24 * 60 * 60;
/// The number of keys. The issuer publishes them one after the other.
const KEYS: usize = 3;

fn at(seconds: u64) -> Timestamp {
    Timestamp::from_unix(START + seconds).unwrap()
}

/// The key sets and tokens of an issuer that replaces its key, made once because generating keys is slow.
struct Issuer {
    issuer: TestIssuer,
    sets: Vec<String>,
    tokens: Vec<String>,
}

fn issuer() -> &'static Issuer {
    static ISSUER: OnceLock<Issuer> = OnceLock::new();
    ISSUER.get_or_init(|| {
        let issuer = TestIssuer::user_pool("us-east-1_Histories");
        let (mut sets, mut tokens) = (Vec::new(), Vec::new());
        for number in 0..KEYS {
            if number > 0 {
                issuer.replace_keys();
            }
            sets.push(issuer.jwks());
            let token = issuer.access_token("alice", "client").expires_in(100_000_000);
            tokens.push(token.sign(at(0)));
        }
        Issuer { issuer, sets, tokens }
    })
}

#[derive(Clone, Copy, Debug)]
enum Endpoint {
    /// Returns the key set that is published, fresh for this many seconds.
    Keys(u64),
    Status(u16),
    Html,
    Empty,
    TimesOut,
}

#[derive(Clone, Copy, Debug)]
enum Provider {
    /// Returns new credentials that live this many seconds.
    Lives(u64),
    /// Returns the credentials that it returned before.
    Unchanged,
    Fails,
}

#[derive(Clone, Copy, Debug)]
enum Event {
    /// The issuer publishes the next key and withdraws the present one.
    ReplaceKey,
    Endpoint(Endpoint),
    Provider(Provider),
    /// A request with the token of this key.
    Request(usize),
}

/// The world around the service.
#[derive(Debug)]
struct World {
    published: usize,
    endpoint: Endpoint,
    provider: Provider,
    /// The expiry of the credentials with each number; the number is part of their access key id.
    credentials: Vec<Timestamp>,
}

#[derive(Clone, Debug)]
struct Shared(Arc<Mutex<World>>);

#[async_trait]
impl FetchKeys for Shared {
    async fn fetch(&self, _uri: &str) -> Result<FetchedKeys, FetchError> {
        let world = self.0.lock().unwrap();
        match world.endpoint {
            Endpoint::Keys(fresh) => {
                let response = FetchedKeys::new(200, issuer().sets[world.published].as_bytes());
                Ok(response.with_cache_control(format!("max-age={fresh}")))
            }
            Endpoint::Status(status) => Ok(FetchedKeys::new(status, "")),
            Endpoint::Html => Ok(FetchedKeys::new(200, "<html></html>")),
            Endpoint::Empty => Ok(FetchedKeys::new(200, r#"{"keys":[]}"#)),
            Endpoint::TimesOut => Err(FetchError::Timeout),
        }
    }
}

#[async_trait]
impl CredentialsSource for Shared {
    async fn credentials(&self, at: Timestamp) -> Result<Credentials, CredentialsError> {
        let (provider, unchanged) = {
            let mut world = self.0.lock().unwrap();
            if let Provider::Lives(seconds) = world.provider {
                world.credentials.push(at.saturating_add(seconds));
            }
            (world.provider, world.credentials.last().copied().zip(world.credentials.len().checked_sub(1)))
        };
        match (provider, unchanged) {
            (Provider::Lives(_) | Provider::Unchanged, Some((end, number))) => {
                let [id, secret, token] = ["ASIA", "secret-", "token-"].map(|part| format!("{part}{number}"));
                Credentials::temporary(&id, &secret, &token, Expiry::At(end)).map_err(CredentialsError::load)
            }
            _ => Err(CredentialsError::Load("the service answered 500".into())),
        }
    }
}

type Signer = WithCredentials<SigV4, Renewing<Shared>>;

fn api(world: &Shared) -> Api<Signer> {
    let target = Target::aws("article-images-bucket".parse().unwrap(), "ap-southeast-1".parse().unwrap());
    let policy = UploadPolicy::builder(target, "articles/{id}.{ext}".parse().unwrap(), Bodyless::Allow);
    let policy = policy.content_types(["image/jpeg"]).max_size(1 << 20).build().unwrap();
    let credentials = Renewing::new(world.clone()).without_jitter();
    let issuer = UploadIssuer::new(policy, SigV4::new().with_credentials(credentials)).unwrap();
    Api::new(issuer, CorsOrigins::listed([]))
}

fn request(token: &str) -> Request<Bytes> {
    let body = json!({"contentType": "image/jpeg", "contentLength": 1_000}).to_string();
    let request = Request::post("/upload-url").header("content-type", "application/json");
    request.header("authorization", format!("Bearer {token}")).body(body.into()).unwrap()
}

/// Returns the value of a query parameter.
fn parameter<'a>(url: &'a str, name: &str) -> &'a str {
    let (_, rest) = url.split_once(&format!("{name}=")).unwrap();
    rest.split('&').next().unwrap()
}

fn event() -> impl Strategy<Value = Event> {
    let endpoint = prop_oneof![
        4 => (0_u64..100_000).prop_map(Endpoint::Keys),
        1 => prop_oneof![Just(403), Just(500)].prop_map(Endpoint::Status),
        1 => Just(Endpoint::Html),
        1 => Just(Endpoint::Empty),
        2 => Just(Endpoint::TimesOut),
    ];
    let provider = prop_oneof![
        4 => (0_u64..8_000).prop_map(Provider::Lives),
        1 => Just(Provider::Unchanged),
        3 => Just(Provider::Fails),
    ];
    prop_oneof![
        1 => Just(Event::ReplaceKey),
        2 => endpoint.prop_map(Event::Endpoint),
        2 => provider.prop_map(Event::Provider),
        6 => (0..KEYS).prop_map(Event::Request),
    ]
}

fn step() -> impl Strategy<Value = i64> {
    prop_oneof![4 => 0_i64..30, 4 => 0_i64..4_000, 2 => 0_i64..100_000, 1 => -50_i64..0]
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(10_000))]

    /// Whatever the provider and the key endpoint do: no grant outlives the credentials that signed it, and no caller is
    /// identified by a key that was withdrawn longer than the lifetime of a key set ago.
    #[test]
    fn no_grant_outlives_its_credentials_and_no_key_its_withdrawal(
        events in prop::collection::vec((event(), step()), 1..40),
    ) {
        let world = World {
            published: 0,
            endpoint: Endpoint::Keys(300),
            provider: Provider::Lives(3_600),
            credentials: Vec::new(),
        };
        let world = Shared(Arc::new(Mutex::new(world)));
        let api = api(&world);
        let verifier = Verifier::new(issuer().issuer.config("client", TokenUse::Access), world.clone());
        let authenticate = BearerToken::new(verifier.with_token_cache(CacheLimits::new(16, 1_000_000)));
        // The latest time so far at which each key was published. `None`: not yet.
        let mut published = [Some(0_u64), None, None];
        // Clocks of requests that overlap differ a little, which a model of the latest time allows for.
        let (mut seconds, mut latest) = (100_u64, 100_u64);
        for (event, step) in events {
            seconds = seconds.saturating_add_signed(step);
            latest = latest.max(seconds);
            {
                let mut world = world.0.lock().unwrap();
                published[world.published] = Some(latest);
                match event {
                    Event::ReplaceKey => world.published = (world.published + 1).min(KEYS - 1),
                    Event::Endpoint(endpoint) => world.endpoint = endpoint,
                    Event::Provider(provider) => world.provider = provider,
                    Event::Request(_) => {}
                }
                published[world.published] = Some(latest);
            }
            let Event::Request(key) = event else { continue };
            let request = request(&issuer().tokens[key]);
            // Nothing here waits, so every fetch ends within the request.
            let response = api.handle(&request, at(seconds), &authenticate).now_or_never().unwrap();
            let status = response.status().as_u16();
            prop_assert!([200, 401, 503].contains(&status), "{status}: {}", response.body());
            let Some(last_published) = published[key] else {
                // Not known to anybody but the issuer.
                prop_assert_ne!(status, 200);
                continue;
            };
            if status != 200 {
                continue;
            }
            prop_assert!(seconds < last_published + KEY_SET_LIFETIME, "key {key} of {last_published} at {seconds}");
            let grant: Value = serde_json::from_str(response.body()).unwrap();
            let url = grant["uploadUrl"].as_str().unwrap();
            let number: usize = parameter(url, "X-Amz-Credential").split("%2F").next().unwrap()[4..].parse().unwrap();
            let end = world.0.lock().unwrap().credentials[number];
            let token = parameter(url, "X-Amz-Security-Token");
            prop_assert_eq!(token, format!("token-{number}"), "a mixed pair");
            let lifetime: u64 = parameter(url, "X-Amz-Expires").parse().unwrap();
            prop_assert!(at(seconds).saturating_add(lifetime) <= end, "{lifetime} s at {seconds}, credentials until {end}");
        }
    }
}
