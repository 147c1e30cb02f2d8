//! The embedded services of `demo` and `dev`: a user pool, an S3 server, and the API between them, in one process.

mod user;

use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;

use upsign::{Clock, Decision, SigV4, SystemClock, authorize_fn, fill_random};
use upsign_axum::Authentication;
use upsign_cognito::{HttpFetch, TokenUse, TrustedIssuer, Verifier, VerifierConfig};
use upsign_config::{Auth, AuthIssuer, Config, RouteConfig};
use upsign_core::{Bucket, CorsOrigins, Credentials, Endpoint, Origin, Target, WithCredentials};
use upsign_documents::{CorsDocument, CorsMethod, CorsRule};
use upsign_http::{Api, BearerToken};
use upsign_local::{LocalPool, LocalPoolBuilder, LocalS3, generate_credentials};
use upsign_policy::UploadPolicy;

use crate::exit::CommandError;
use crate::summary;
pub(crate) use user::{USERNAME, User};

/// The content types of [`EmbeddedServices::default_config`].
pub(crate) const TYPES: [&str; 3] = ["image/jpeg", "image/png", "image/webp"];

/// The presigner of the embedded API.
pub(crate) type Presigner = Arc<WithCredentials<SigV4, Credentials>>;

/// A user pool and an S3 server that run, and the configuration of the API between them.
pub(crate) struct EmbeddedServices {
    pub(crate) s3: LocalS3,
    pub(crate) pool: LocalPool,
    /// The configuration, with the S3 server as the target of each route.
    pub(crate) config: Config,
    pub(crate) user: User,
    pub(crate) password: String,
    pub(crate) authentication: Authentication,
    /// The origins of the page itself.
    page_origins: CorsOrigins,
    /// The origins on this machine that `[cors]` lists, in the spelling of browsers.
    pub(crate) listed_origins: Vec<Origin>,
}

impl EmbeddedServices {
    /// Returns the configuration of the demo.
    pub(crate) fn default_config() -> Result<Config, CommandError> {
        let config = Config::read("embedded/config.toml", include_str!("config.toml"), |_| None);
        config.map_err(|error| CommandError::caused("the embedded configuration", &error))
    }

    /// Starts the pool and the S3 server with new keys, for the routes of `config`. Pages at the address `page`, or at
    /// `localhost` with its port, may use them, and the pages on this machine that `[cors]` lists.
    pub(crate) async fn start(page: SocketAddr, config: &Config) -> Result<Self, CommandError> {
        let names = origins(page);
        let listed: Result<Vec<_>, _> = names.iter().map(|name| name.parse()).collect();
        let page_origins = CorsOrigins::listed(
            listed.map_err(|error| CommandError::caused("the origin of the page", &error))?,
        );
        let is_other = |origin: &&Origin| !page_origins.allows(origin.as_str());
        let listed_origins: Vec<Origin> =
            config.origins().list().iter().filter(is_loopback).filter(is_other).cloned().collect();
        let (user, password) = (User::for_config(config), random_password()?);
        let allowed = names.into_iter().chain(listed_origins.iter().map(ToString::to_string));
        let pool = start_pool(allowed, config, &user, &password).await?;
        let s3 = start_s3(config).await?;
        let config = config.with_targets(|route| s3.target(bucket(route.policy.target())));
        let config = config.map_err(|error| CommandError::caused("the policy", &error).into_usage())?;
        let authentication = authentication(&pool, &config)?;
        let services =
            Self { s3, pool, config, user, password, authentication, page_origins, listed_origins };
        let cors = cors(&services);
        services.s3.set_cors(cors.map_err(|error| CommandError::caused("the CORS document", &*error))?);
        Ok(services)
    }

    /// Returns the origins whose pages may call the API and upload.
    fn origins(&self) -> CorsOrigins {
        CorsOrigins::listed(self.page_origins.list().iter().chain(&self.listed_origins).cloned())
    }

    /// Returns the default route, or the first one if every route has a name.
    pub(crate) fn route(&self) -> Result<&RouteConfig, CommandError> {
        self.config.routes().first().ok_or_else(|| CommandError::failure("the configuration has no route"))
    }

    /// Returns the policy of [`route`](Self::route).
    pub(crate) fn policy(&self) -> Result<&UploadPolicy, CommandError> {
        self.route().map(|route| &route.policy)
    }

    /// Returns the policy of the route with this name in lists: `upload` is the default route.
    pub(crate) fn named_policy(&self, name: &str) -> Option<&UploadPolicy> {
        let is_named = |route: &&RouteConfig| summary::route_name(route) == name;
        self.config.routes().iter().find(is_named).map(|route| &route.policy)
    }

    /// Returns the API that signs uploads to the S3 server for the users of the pool.
    pub(crate) fn api(&self) -> Result<Api<Presigner>, CommandError> {
        let presigner = WithCredentials::new(SigV4::new(), self.s3.credentials().clone());
        // No application says who may use which id, and all uploads are temporary.
        let any = || Arc::new(authorize_fn(|_| async { Ok(Decision::Allow) }));
        let service = self.config.service_with_authorizer(presigner, |route| {
            (!route.policy.client_may_supply().is_empty()).then(|| any() as _)
        });
        let service = service.map_err(|error| CommandError::caused("the service", &error).into_usage())?;
        Ok(Api::new(service, self.origins())
            .with_allow_headers(self.config.allow_headers())
            .with_base_path(self.config.base_path().clone()))
    }

    /// Returns a new token of the user, of a kind that the configuration accepts.
    pub(crate) fn token(&self) -> Result<String, CommandError> {
        let tokens = self.pool.sign_in(USERNAME, &self.password, self.pool.client_id(), SystemClock.now());
        let tokens = tokens.map_err(|error| CommandError::caused("the user pool", &error))?;
        Ok(if self.takes_id_tokens() { tokens.id_token() } else { tokens.access_token() }.to_owned())
    }

    /// Returns the issuer that the pool stands for.
    pub(crate) fn issuer(&self) -> Option<&AuthIssuer> {
        self.config.auth().and_then(Auth::only_issuer)
    }

    /// Returns whether the configuration accepts ID tokens only.
    pub(crate) fn takes_id_tokens(&self) -> bool {
        self.issuer().is_some_and(|issuer| issuer.verifier.token_use() == TokenUse::Id)
    }

    /// Stops both servers. Uploaded objects are lost.
    pub(crate) async fn shutdown(self) {
        self.s3.shutdown().await;
        self.pool.shutdown().await;
    }
}

/// Returns the two origins of the page: for a browser, its address and localhost are different origins. Browsers leave out the
/// port 80.
pub(crate) fn origins(page: SocketAddr) -> [String; 2] {
    let port = if page.port() == 80 { String::new() } else { format!(":{}", page.port()) };
    let ip = match page.ip() {
        IpAddr::V4(ip) => ip.to_string(),
        IpAddr::V6(ip) => format!("[{ip}]"),
    };
    [format!("http://{ip}{port}"), format!("http://localhost{port}")]
}

/// Starts a pool with the app clients of the configuration.
async fn start_pool(
    pages: impl Iterator<Item = String>,
    config: &Config,
    user: &User,
    password: &str,
) -> Result<LocalPool, CommandError> {
    let pool = LocalPool::builder().user(user.local(password));
    let pool = pages.fold(pool, LocalPoolBuilder::allowed_origin);
    let clients = config.auth().into_iter().flat_map(|auth| &auth.issuers);
    let clients = clients.flat_map(|issuer| issuer.verifier.client_ids());
    let pool = clients.fold(pool, LocalPoolBuilder::client_id);
    pool.start().await.map_err(|error| CommandError::caused("the user pool", &error))
}

/// Starts an S3 server with the buckets of the configuration. It has one region, that of the first route.
async fn start_s3(config: &Config) -> Result<LocalS3, CommandError> {
    let mut targets = config.policies().map(UploadPolicy::target);
    let first = targets.next().ok_or_else(|| CommandError::failure("the configuration has no route"))?;
    let s3 = LocalS3::builder(random_credentials()?, first.region().clone(), bucket(first));
    let s3 = targets.fold(s3, |s3, target| s3.additional_bucket(bucket(target)));
    s3.start().await.map_err(|error| CommandError::caused("the S3 server", &error))
}

/// Returns the bucket that stands for a target. For an access point, it is the bucket with the name of the access point.
fn bucket(target: &Target) -> Bucket {
    let access_point = target.access_point().and_then(|access_point| access_point.name().parse().ok());
    access_point.unwrap_or_else(|| target.bucket().clone())
}

/// The rules of S3's CORS documents are at most 100, and one is for reads.
const MAX_UPLOAD_RULES: usize = 99;

/// Returns the CORS rules that uploads of every route need, and one for GET: the page reads an upload back to compare it.
fn cors(services: &EmbeddedServices) -> Result<CorsDocument, Box<dyn std::error::Error>> {
    let origins = services.origins();
    let mut derived: Vec<CorsRule> = Vec::new();
    for policy in services.config.policies() {
        for rule in CorsDocument::for_policy(policy, &origins)?.rules() {
            if !derived.contains(rule) && derived.len() < MAX_UPLOAD_RULES {
                derived.push(rule.clone());
            }
        }
    }
    // Rules for the same method have the same id, which a document allows once.
    let numbered =
        derived.into_iter().zip(1..).map(|(rule, number)| rule.with_id(&format!("upload-{number}")));
    let mut rules = numbered.collect::<Result<Vec<CorsRule>, _>>()?;
    let own = services.page_origins.list().iter().map(Origin::as_str);
    rules.push(CorsRule::new(own, [CorsMethod::Get])?);
    Ok(CorsDocument::new(rules)?)
}

/// Returns whether an origin is a page on this machine.
pub(crate) fn is_loopback(origin: &&Origin) -> bool {
    origin.as_str().parse::<Endpoint>().is_ok_and(|endpoint| endpoint.is_loopback())
}

/// Returns the requirements of `[auth]` for tokens of the pool, or access tokens of the pool if there is no `[auth]`.
fn authentication(pool: &LocalPool, config: &Config) -> Result<Authentication, CommandError> {
    let issuer = TrustedIssuer::danger_http_keys(&pool.issuer(), &pool.jwks_url());
    let issuer = issuer.map_err(|error| CommandError::caused("the pool's issuer", &error))?;
    let verifier = match config.auth().and_then(Auth::only_issuer) {
        Some(configured) => configured.verifier.clone().with_issuer(issuer),
        None => VerifierConfig::new(issuer, [pool.client_id()], TokenUse::Access)
            .map_err(|error| CommandError::caused("the verifier", &error))?,
    };
    let claims: Vec<&str> = config.policies().flat_map(UploadPolicy::claims).collect();
    let bearer = BearerToken::new(Verifier::new(verifier.with_identity_claims(claims), HttpFetch::new()));
    let accepts_raw = config.auth().is_some_and(|auth| auth.accept_raw_authorization);
    Ok(Authentication::new(if accepts_raw { bearer.accept_raw_authorization() } else { bearer }))
}

/// Generates credentials.
///
/// If the operating system fails to give random bytes, `generate_credentials` would use zeros, so failures are recorded and
/// checked before the credentials are used.
fn random_credentials() -> Result<Credentials, CommandError> {
    let mut failed = false;
    let credentials = generate_credentials(&mut |bytes| failed |= fill_random(bytes).is_err());
    if failed {
        Err(CommandError::failure("the operating system returned no random bytes"))
    } else {
        Ok(credentials)
    }
}

fn random_password() -> Result<String, CommandError> {
    let mut bytes = [0; 12];
    fill_random(&mut bytes).map_err(|error| CommandError::caused("cannot generate a password", &error))?;
    Ok(bytes.iter().map(|byte| format!("{byte:02x}")).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn origins_are_those_that_browsers_send() {
        for (address, first, second) in [
            ("127.0.0.1:4280", "http://127.0.0.1:4280", "http://localhost:4280"),
            ("127.0.0.1:80", "http://127.0.0.1", "http://localhost"),
            ("[::1]:4280", "http://[::1]:4280", "http://localhost:4280"),
        ] {
            let origins = origins(address.parse().unwrap());
            assert_eq!(origins, [first, second]);
            assert!(origins.iter().all(|origin| origin.parse::<Origin>().is_ok()));
        }
    }
}
