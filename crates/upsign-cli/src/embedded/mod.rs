//! The embedded services of `demo` and `dev`: issuers of tokens, an S3 server, and the API between them, in one process.

mod events;
mod issuers;
mod origins;
mod storage;
mod user;

use std::collections::BTreeSet;
use std::net::SocketAddr;
use std::sync::Arc;

use upsign::confirm::{Inspect, InspectError, InspectRequest, InspectVerdict};
use upsign::quota::MemoryQuota;
use upsign::session::TokenKeys;
use upsign::{Decision, SigV4, UploadService, async_trait, authorize_fn, fill_random};
use upsign_axum::Authentication;
use upsign_config::{Config, RouteConfig, ServiceParts, TimeLimits};
use upsign_core::{Bucket, Credentials, Origin, WithCredentials};
use upsign_documents::CorsDocument;
use upsign_http::Api;
use upsign_local::LocalS3;
use upsign_policy::UploadPolicy;

use crate::exit::CommandError;
use crate::{sample, summary};
pub(crate) use events::confirm_by_events;
pub(crate) use issuers::{EmbeddedIssuer, Issuers};
pub(crate) use origins::Origins;
pub(crate) use user::{USERNAME, User};

/// The content types of [`EmbeddedServices::default_config`].
pub(crate) const TYPES: [&str; 3] = ["image/jpeg", "image/png", "image/webp"];

/// Returns new keys of upload tokens. Whatever `[token]` of the configuration says, its secrets are not needed on this machine.
fn token_keys() -> Result<TokenKeys, CommandError> {
    let mut secret = [0; TokenKeys::MIN_SECRET_LEN];
    fill_random(&mut secret).map_err(|error| CommandError::caused("cannot generate a secret", &error))?;
    TokenKeys::new("embedded", [secret]).map_err(|error| CommandError::caused("the upload tokens", &error))
}

/// Stands for the inspection by an application, for routes with `inspect = "hook"`.
#[derive(Clone, Copy, Debug)]
struct AcceptAll;

#[async_trait]
impl Inspect for AcceptAll {
    async fn inspect(&self, _: &InspectRequest<'_>) -> Result<InspectVerdict, InspectError> {
        Ok(InspectVerdict::Accept)
    }
}

/// The presigner of the embedded API.
pub(crate) type Presigner = Arc<WithCredentials<SigV4, Credentials>>;

/// Issuers and an S3 server that run, and the configuration of the API between them.
pub(crate) struct EmbeddedServices {
    pub(crate) s3: Arc<LocalS3>,
    /// The CORS rules of the S3 server.
    pub(crate) cors: CorsDocument,
    pub(crate) issuers: Issuers,
    /// The configuration, with the S3 server as the target of each route.
    pub(crate) config: Config,
    /// The configuration as it was read, with the targets of its own.
    pub(crate) configured: Config,
    /// At least one user.
    pub(crate) users: Vec<User>,
    pub(crate) authentication: Authentication,
    pub(crate) origins: Origins,
    /// The keys of upload tokens, made for this process.
    token_keys: TokenKeys,
    /// What the users have uploaded. It counts on when the configuration is another one.
    quota: Arc<MemoryQuota>,
}

impl EmbeddedServices {
    /// Returns the configuration of the demo: the default one, and a route that confirms its uploads.
    pub(crate) fn demo_config() -> Result<Config, CommandError> {
        let text = concat!(include_str!("config.toml"), include_str!("quarantine.toml"));
        let config = Config::read("embedded/quarantine.toml", text, |_| None);
        config.map_err(|error| CommandError::caused("the embedded configuration", &error))
    }

    /// Returns the configuration of `upsign dev` without a file.
    pub(crate) fn default_config() -> Result<Config, CommandError> {
        let config = Config::read("embedded/config.toml", include_str!("config.toml"), |_| None);
        config.map_err(|error| CommandError::caused("the embedded configuration", &error))
    }

    /// Returns the configuration of the demo with a large file.
    pub(crate) fn large_config() -> Result<Config, CommandError> {
        let config = Config::read("embedded/large.toml", include_str!("large.toml"), |_| None);
        config.map_err(|error| CommandError::caused("the embedded configuration", &error))
    }

    /// Starts the issuers and the S3 server with new keys, for the routes of `config` and a page at the address `page`. Without
    /// `users`, they are those that suit the configuration. `admitted` are other origins whose pages may use the services.
    pub(crate) async fn start(
        page: SocketAddr,
        config: &Config,
        users: &[User],
        admitted: &[Origin],
    ) -> Result<Self, CommandError> {
        let origins = Origins::new(page, config, admitted)?;
        let users = if users.is_empty() { User::for_config(config) } else { users.to_vec() };
        let pages: Vec<String> = origins.all().list().iter().map(ToString::to_string).collect();
        let issuers = Issuers::start(config, &users, &pages).await?;
        let s3 = storage::start(config).await?;
        let (token_keys, quota) = (token_keys()?, Arc::new(MemoryQuota::new()));
        let servers = Servers { s3: Arc::new(s3), issuers, token_keys, quota };
        let services = Self::on(servers, config, None, users, origins)?;
        services.s3.set_cors(services.cors.clone());
        Ok(services)
    }

    /// Returns services for another configuration, on the servers that run, so that uploads in flight still work. They take effect
    /// with [`apply`](Self::apply). `None` if the servers do not fit: `[auth]`, the region or the versions of the buckets are others.
    pub(crate) fn renewed(
        &self,
        page: SocketAddr,
        config: &Config,
        users: &[User],
        admitted: &[Origin],
    ) -> Result<Option<Self>, CommandError> {
        if !storage::fits(&self.configured, config)
            || auth_settings(&self.configured) != auth_settings(config)
        {
            return Ok(None);
        }
        let origins = Origins::new(page, config, admitted)?;
        let users = if users.is_empty() { User::for_config(config) } else { users.to_vec() };
        let servers = Servers {
            s3: Arc::clone(&self.s3),
            issuers: self.issuers.renewed(config)?,
            token_keys: self.token_keys.clone(),
            quota: Arc::clone(&self.quota),
        };
        Self::on(servers, config, Some(&self.config), users, origins).map(Some)
    }

    /// Returns the services of a configuration on servers that run.
    fn on(
        Servers { s3, issuers, token_keys, quota }: Servers,
        config: &Config,
        previous: Option<&Config>,
        users: Vec<User>,
        origins: Origins,
    ) -> Result<Self, CommandError> {
        let configured = config.clone();
        let config = config.with_targets_and_bounds(|route| {
            (s3.target(storage::bucket(route.policy.target())), storage::size_bound(&route.policy))
        });
        let config = config.map_err(|error| CommandError::caused("the policy", &error).into_usage())?;
        let authentication = issuers.authentication(&config)?;
        let cors = storage::cors(&config, previous, &origins);
        let cors = cors.map_err(|error| CommandError::caused("the CORS document", &*error))?;
        Ok(Self { s3, cors, issuers, config, configured, users, authentication, origins, token_keys, quota })
    }

    /// Lets the servers serve this configuration: its buckets, its users and its pages.
    pub(crate) fn apply(&self) -> Result<(), CommandError> {
        let pages: Vec<String> = self.origins.all().list().iter().map(ToString::to_string).collect();
        self.issuers.set_users(&self.users, &pages)?;
        self.buckets().into_iter().for_each(|bucket| self.s3.add_bucket(bucket));
        self.s3.set_cors(self.cors.clone());
        Ok(())
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

    /// Returns the user with this name.
    pub(crate) fn user(&self, name: &str) -> Option<&User> {
        self.users.iter().find(|user| user.name == name)
    }

    /// Returns the buckets of all routes, sorted.
    pub(crate) fn buckets(&self) -> BTreeSet<Bucket> {
        self.config.policies().map(|policy| storage::bucket(policy.target())).collect()
    }

    /// Returns why a user gets no upload URL for the sample upload of a route, with a token of this issuer. Returns `None` if the
    /// user gets one.
    pub(crate) fn denial(&self, route: &RouteConfig, issuer: &EmbeddedIssuer, user: &User) -> Option<String> {
        let caller = match self.issuers.caller(issuer, user) {
            Ok(caller) => caller,
            Err(rejection) => return Some(rejection),
        };
        if !route.access.allows(&caller) {
            return Some("the token has none of the route's groups or scopes".to_owned());
        }
        sample::key_for(route, &caller).err().map(|error| error.to_string())
    }

    /// Returns whether a route confirms its uploads.
    pub(crate) fn confirms(&self) -> bool {
        self.config.policies().any(|policy| policy.confirmation().confirm())
    }

    /// Returns the service that signs uploads to the S3 server. Announcements are printed.
    pub(crate) fn service(&self) -> Result<UploadService<Presigner>, CommandError> {
        let presigner = WithCredentials::new(SigV4::new(), self.s3.credentials().clone());
        // No application says who may use which id, and all uploads are temporary.
        let any = || Arc::new(authorize_fn(|_| async { Ok(Decision::Allow) }));
        let parts = ServiceParts::new()
            .with_authorizers(|route| (!route.policy.client_may_supply().is_empty()).then(|| any() as _))
            // No application inspects, and nothing is confirmed without an inspector.
            .with_inspectors(|_| Some(Arc::new(AcceptAll)))
            .with_http_store(self.token_keys.clone(), TimeLimits::default())
            // Whatever store the deployment has, this process is the only one.
            .with_quota_store(Arc::clone(&self.quota) as _);
        let service = self.config.service_with(presigner, parts);
        let service = service.map_err(|error| CommandError::caused("the service", &error).into_usage())?;
        Ok(service.with_announcer(events::Announcements::open(&self.config)?))
    }

    /// Returns the API of the service for the users of the issuers.
    pub(crate) fn api(&self, service: UploadService<Presigner>) -> Result<Api<Presigner>, CommandError> {
        Api::new(service, self.origins.all())
            .with_allow_headers(self.config.allow_headers())
            .with_base_path(self.config.base_path().clone())
            // Whatever the deployment says, readers of this machine have no other way.
            .with_read_urls(true)
            .with_dialects(self.config.dialects().iter().copied())
            .map_err(|error| CommandError::caused("cannot serve this configuration", &error).into_usage())
    }

    /// Stops all servers that no other configuration uses. Uploaded objects are lost.
    pub(crate) async fn shutdown(self) {
        if let Some(s3) = Arc::into_inner(self.s3) {
            s3.shutdown().await;
        }
        self.issuers.shutdown().await;
    }
}

/// The servers that run, and what they know of uploads.
struct Servers {
    s3: Arc<LocalS3>,
    issuers: Issuers,
    token_keys: TokenKeys,
    quota: Arc<MemoryQuota>,
}

/// Returns the settings in effect, without their places in the file.
pub(crate) fn settings(config: &Config) -> impl Iterator<Item = &str> {
    config.effective().lines().map(|line| line.rsplit_once("  # ").map_or(line, |(setting, _)| setting))
}

/// Returns the settings of `[auth]`, for which the issuers were started.
fn auth_settings(config: &Config) -> Vec<&str> {
    let mut is_auth = false;
    let of_auth = |line: &&str| {
        if line.starts_with('[') {
            is_auth = line.trim_matches(['[', ']']).split('.').next() == Some("auth");
        }
        is_auth
    };
    settings(config).filter(of_auth).collect()
}
