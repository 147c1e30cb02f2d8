//! The configuration and its parts.

use std::num::NonZeroU32;

use upsign::{Access, RouteName};
use upsign_core::api_cors::AllowHeaders;
use upsign_core::{BasePath, Capabilities, CorsOrigins, Dialect, Provider, TokenHeader};
use upsign_policy::UploadPolicy;

use crate::auth::Auth;
use crate::cloudfront::CloudFrontConfig;
use crate::deployment::DeploymentConfig;
use crate::error::InvalidConfig;
use crate::events::EventsConfig;
use crate::overrides::{Overridden, Override};
use crate::quota::QuotaConfig;
use crate::signature::Signature;
use crate::source::effective::numbered;
use crate::source::raw::Raw;
use crate::source::variables;
use crate::token::TokenConfig;
use crate::warning::Warning;
use crate::webhook::WebhookConfig;

/// A valid configuration: `upsign.toml` and the environment variables that override it.
///
/// ```
/// use upsign_config::{Config, initial_file};
/// use upsign_core::{Credentials, Identity, Timestamp, WithCredentials};
/// use upsign_policy::UploadRequest;
///
/// // A variable replaces a value of the file. A program passes `|name| std::env::var(name).ok()`.
/// let variable = |name: &str| (name == "UPSIGN_BUCKET").then(|| "images-of-acme".to_owned());
/// let config = Config::read("upsign.toml", initial_file(), variable)?;
/// let route = &config.routes()[0];
/// assert_eq!(route.policy.target().bucket().to_string(), "images-of-acme");
///
/// let credentials = Credentials::long_term("AKIDEXAMPLE", "secret")?;
/// let service = config.service(WithCredentials::new(upsign::SigV4::new(), credentials))?;
/// let caller = Identity::from_verified("https://issuer.example", "user-1")?;
/// let upload = UploadRequest::described().with_content_type("image/jpeg").with_content_length(48_213);
/// # futures_executor::block_on(async {
/// let grant = service.issue(&caller, None, &upload, Timestamp::UNIX_EPOCH).await?;
/// assert!(grant.key.as_str().starts_with("articles/") && grant.key.as_str().ends_with(".jpg"));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// # })?;
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug)]
pub struct Config {
    pub(crate) routes: Vec<RouteConfig>,
    pub(crate) dialects: Vec<Dialect>,
    pub(crate) auth: Option<Auth>,
    pub(crate) origins: CorsOrigins,
    pub(crate) allow_headers: AllowHeaders,
    pub(crate) base_path: BasePath,
    pub(crate) browser_client: bool,
    pub(crate) unknown_expiry: Option<UnknownExpiry>,
    pub(crate) limit: Option<RateLimitConfig>,
    pub(crate) calls_per_minute: Option<NonZeroU32>,
    pub(crate) token: TokenConfig,
    pub(crate) quota: Option<QuotaConfig>,
    pub(crate) webhook: Option<WebhookConfig>,
    pub(crate) events: Option<EventsConfig>,
    pub(crate) deployment: DeploymentConfig,
    pub(crate) cloudfront: CloudFrontConfig,
    pub(crate) effective: Box<str>,
    pub(crate) warnings: Box<[Warning]>,
    pub(crate) warnings_if_deployed: Box<[Warning]>,
    pub(crate) overridden: Box<[Overridden]>,
}

/// One route: `[upload]`, or `[route.NAME]`.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct RouteConfig {
    /// The name that a request uses to select the route, or `None` for `[upload]`.
    pub name: Option<RouteName>,
    /// The upload policy of the route.
    pub policy: UploadPolicy,
    /// The groups and scopes to which the route is restricted.
    pub access: Access,
    /// The version of generated UUIDs.
    pub id_version: IdVersion,
    /// The store of the bucket.
    pub store: Store,
    /// After how many days uploads move to the storage class `STANDARD_IA`, or `None` if they stay. At least 30.
    pub infrequent_after: Option<u32>,
    /// After how many days objects that nobody confirms are deleted, or `None` for as many as an upload can be confirmed.
    pub pending_days: Option<u32>,
}

/// The store of a bucket, and what it supports.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Store {
    /// The store: the value of `provider`, or else the one whose host the endpoint has.
    pub provider: Provider,
    /// What the store supports.
    pub capabilities: Capabilities,
    /// How it is known.
    pub source: StoreSource,
    /// With which signatures requests are signed.
    pub signature: Signature,
}

impl Store {
    /// Returns `true` if this is the S3-compatible side of Google Cloud Storage, whose own side has more features.
    pub(crate) fn has_google_side(self) -> bool {
        self.provider == Provider::Gcs && self.signature == Signature::SigV4
    }
}

/// How many requests for an upload that has begun are possible for each that begins one, by default.
const CALLS_PER_UPLOAD: NonZeroU32 = NonZeroU32::new(10).unwrap();

/// How the store of a bucket is known.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum StoreSource {
    /// There is neither a name nor an endpoint: it is AWS.
    Default,
    /// `provider` names it.
    Named,
    /// The host of the endpoint belongs to it.
    Host,
    /// A variable of the AWS SDKs, such as `AWS_ENDPOINT_URL`, sets the endpoint. It is that of an emulator of AWS.
    Emulator,
    /// An endpoint is configured whose host belongs to no known store. The store is assumed to support what AWS does.
    Assumed,
}

/// The version of generated UUIDs.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum IdVersion {
    /// Random UUIDs (version 4).
    #[default]
    V4,
    /// UUIDs that sort by time (version 7). An id reveals when it was created.
    V7,
}

/// The rate limit per caller.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct RateLimitConfig {
    /// Maximum number of requests per minute.
    pub per_minute: NonZeroU32,
    /// Maximum number of requests that a caller may send at once. Equals `per_minute` if the file does not set it.
    pub burst: NonZeroU32,
}

/// The handling of temporary credentials with an unknown expiry, such as those in the environment of a Lambda function.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum UnknownExpiry {
    /// Refuses to sign with them.
    Refuse,
    /// Assumes that they are valid for this number of seconds after the process received them. A grant then states that its
    /// expiry is an upper bound.
    Assume(u64),
}

impl Config {
    /// Reads a configuration.
    ///
    /// `file` is the name of the file, for messages. `text` is its content, or empty if there is no file. `variable` returns
    /// the value of an environment variable. Neither the file system nor the environment is accessed. Unknown variables are
    /// not noticed: a program that can list the variables should call [`read_with_names`](Self::read_with_names).
    ///
    /// # Errors
    /// Returns [`InvalidConfig`] with every problem: unknown, missing, malformed and contradictory values.
    pub fn read(
        file: &str,
        text: &str,
        variable: impl Fn(&str) -> Option<String>,
    ) -> Result<Self, InvalidConfig> {
        Self::read_with_names(file, text, variable, [])
    }

    /// Reads a configuration like [`read`](Self::read), and additionally refuses unknown variables.
    ///
    /// `names` are the names of all environment variables. One that begins with `UPSIGN_`, has a value that is not empty and
    /// is not known is an error, because a misspelled variable would otherwise silently leave a setting unchanged.
    ///
    /// ```
    /// use upsign_config::Config;
    /// let variable = |name: &str| (name == "UPSIGN_MAX_SISE").then(|| "1 MiB".to_owned());
    /// let error = Config::read_with_names("upsign.toml", "", variable, ["UPSIGN_MAX_SISE"]).unwrap_err();
    /// assert!(error.to_string().ends_with("UPSIGN_MAX_SISE: unknown variable (did you mean UPSIGN_MAX_SIZE?)"));
    /// ```
    ///
    /// # Errors
    /// Returns [`InvalidConfig`] with every problem, including unknown variables.
    pub fn read_with_names<'a>(
        file: &str,
        text: &str,
        variable: impl Fn(&str) -> Option<String>,
        names: impl IntoIterator<Item = &'a str>,
    ) -> Result<Self, InvalidConfig> {
        Self::read_with_overrides(file, text, variable, names, &[])
    }

    /// Reads a configuration like [`read_with_names`](Self::read_with_names), and replaces values by those of the options of a
    /// command line. [`overridden`](Self::overridden) returns what each of them replaces.
    ///
    /// # Errors
    /// Returns [`InvalidConfig`] with every problem, including those of the options: an option is checked like a value of the
    /// file.
    pub fn read_with_overrides<'a>(
        file: &str,
        text: &str,
        variable: impl Fn(&str) -> Option<String>,
        names: impl IntoIterator<Item = &'a str>,
        overrides: &[Override],
    ) -> Result<Self, InvalidConfig> {
        let mut raw = Raw::default();
        if !raw.read(file, text) {
            return Err(InvalidConfig::new(raw.problems));
        }
        let variable = |name: &str| variable(name).filter(|value| !value.is_empty());
        variables::report_ambiguous_routes(&mut raw);
        variables::report_unknown(&mut raw, names, variable);
        variables::apply(&mut raw, variable);
        let overridden = crate::overrides::apply(&mut raw, overrides);
        let config = crate::build::build(raw)?;
        Ok(Self { overridden: overridden.into(), ..config })
    }

    /// Returns the routes: `[upload]` first, then the others in alphabetical order. There is at least one.
    #[must_use]
    pub fn routes(&self) -> &[RouteConfig] {
        &self.routes
    }

    /// Returns the policies of all routes.
    #[must_use]
    pub fn policies(&self) -> impl ExactSizeIterator<Item = &UploadPolicy> + Clone {
        self.routes.iter().map(|route| &route.policy)
    }

    /// Returns the contracts of other clients that the API answers, in the order of the file. Empty if the file has none.
    #[must_use]
    pub fn dialects(&self) -> &[Dialect] {
        &self.dialects
    }

    /// Returns the rate limit per caller, if there is one.
    #[must_use]
    pub const fn limit(&self) -> Option<RateLimitConfig> {
        self.limit
    }

    /// Returns the maximum number of requests per minute and caller for uploads that have begun: for the URLs of parts, for the
    /// status, and to complete or abort an upload. `None` if they are not limited.
    ///
    /// It is `limit.calls_per_minute`, or ten times `limit.per_minute`, because one large file needs many of them: 1 GiB in parts
    /// of 8 MiB takes 8 to 32 requests for URLs.
    #[must_use]
    pub fn calls_per_minute(&self) -> Option<NonZeroU32> {
        let ten_times = |limit: RateLimitConfig| limit.per_minute.saturating_mul(CALLS_PER_UPLOAD);
        self.calls_per_minute.or_else(|| self.limit.map(ten_times))
    }

    /// Returns how callers are identified, or `None` if the file has neither `[auth]` nor `[[auth]]`. An API gateway in front
    /// of the service must then verify the tokens.
    #[must_use]
    pub const fn auth(&self) -> Option<&Auth> {
        self.auth.as_ref()
    }

    /// Returns the header with the caller's token: `auth.token_header`, or `authorization` by default and without `[auth]`.
    #[must_use]
    pub fn token_header(&self) -> TokenHeader {
        self.auth.as_ref().map_or_else(TokenHeader::default, |auth| auth.token_header.clone())
    }

    /// Returns the handling of temporary credentials with an unknown expiry. There is no default: a program that receives
    /// such credentials must refuse to start without the setting.
    #[must_use]
    pub const fn unknown_expiry(&self) -> Option<UnknownExpiry> {
        self.unknown_expiry
    }

    /// Returns every value that is set, in the format of the file. A comment after each value names its source. Keys that
    /// are not listed have their defaults.
    #[must_use]
    pub fn effective(&self) -> &str {
        &self.effective
    }

    /// Returns the value of a key such as `deployment.reads` in the format of the file, and its source: the file with the
    /// line, as in `upsign.toml:12`, or the environment variable. Returns `None` if the key has its default.
    ///
    /// The keys of the second `[[auth]]` are `auth[1].issuer` and the like.
    #[must_use]
    pub fn effective_value(&self, key: &str) -> Option<(&str, &str)> {
        let (section, name) = key.rsplit_once('.').unwrap_or(("", key));
        let (section, number) = numbered(section);
        let heading = |line: &str| line.trim_matches(['[', ']']) == section && line.starts_with('[');
        let mut lines = self.effective.lines();
        if !section.is_empty() {
            lines.by_ref().filter(|line| heading(line)).nth(number)?;
        }
        let mut lines = lines.take_while(|line| !line.is_empty());
        let value = lines.find_map(|line| line.strip_prefix(name)?.strip_prefix(" = "))?;
        value.rsplit_once("  # ")
    }

    /// Returns every value that an environment variable of this process sets: the complete name of the key, the value in the
    /// format of the file, and the name of the variable. Another process that reads the same file, such as a function that was
    /// deployed with it, does not have them.
    #[must_use]
    pub fn values_of_variables(&self) -> Vec<(String, &str, &str)> {
        let (mut section, mut all) = ("", Vec::new());
        for line in self.effective.lines() {
            if line.starts_with('[') {
                section = line.trim_matches(['[', ']']);
            } else if let Some((assignment, source)) = line.rsplit_once("  # ")
                && let Some((name, value)) = assignment.split_once(" = ")
                && source.bytes().all(|byte| matches!(byte, b'A'..=b'Z' | b'0'..=b'9' | b'_'))
            {
                let key = if section.is_empty() { name.to_owned() } else { format!("{section}.{name}") };
                all.push((key, value, source));
            }
        }
        all
    }

    /// Returns what each option of the command line replaces, in the order of the options that
    /// [`read_with_overrides`](Self::read_with_overrides) received.
    #[must_use]
    pub fn overridden(&self) -> &[Overridden] {
        &self.overridden
    }

    /// Returns the path in front of the API that other servers do not remove; empty if the file does not set it.
    #[must_use]
    pub const fn base_path(&self) -> &BasePath {
        &self.base_path
    }

    /// Returns whether `upsign serve` offers the client for browsers to pages. Other adapters do not read this.
    #[must_use]
    pub const fn serves_browser_client(&self) -> bool {
        self.browser_client
    }

    /// Returns the request headers that pages may send to the API.
    #[must_use]
    pub const fn allow_headers(&self) -> &AllowHeaders {
        &self.allow_headers
    }

    /// Returns the origins of the pages that may upload from a browser.
    #[must_use]
    pub const fn origins(&self) -> &CorsOrigins {
        &self.origins
    }
}
