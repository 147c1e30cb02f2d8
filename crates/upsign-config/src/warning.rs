//! Warnings about settings that are valid but weaken a deployment.

use std::fmt;

use crate::config::Config;
use crate::error::{Place, one_line};

/// A setting that is valid but that an operator should have chosen deliberately.
///
/// `Display` writes one line: the place, the key, the warning, and in parentheses what to do.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Warning {
    /// The kind of warning.
    pub code: WarningCode,
    /// The place of the setting, or that of its section's heading if the setting has its default. `None` if the file has
    /// neither.
    pub place: Option<Place>,
    /// The complete name of the key, for example `upload.expires_in`, or of a section.
    pub key: String,
    /// What is unusual, and what follows from it.
    pub message: String,
    /// The next step, or empty.
    pub help: String,
    /// Whether a program may show the lines of `place`. It is `false` if they may contain a secret.
    pub quotable: bool,
}

/// The kind of a warning. The names of [`as_str`](WarningCode::as_str) are stable.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum WarningCode {
    /// A value is still the example that [`initial_file`](crate::initial_file) contains, and is still marked `CHANGE`.
    ExampleValue,
    /// The policy of a route weakens the protection of uploads; see [`PolicyWarning`](crate::PolicyWarning).
    Policy,
    /// Two routes write to the same folder of the same bucket. A lifecycle rule or a permission for the objects of one route
    /// then also applies to those of the other.
    Overlap,
    /// Clients may supply ids on a route, so an application must check who may use them. The command, and Lambda constructors
    /// without an authorizer, refuse to serve such a configuration.
    NeedsAuthorize,
    /// There is no section `[auth]`. That is safe only behind a gateway that verifies the tokens.
    NoAuth,
    /// The region is in no table of the store's regions. It may be misspelled, or newer than this version.
    UnknownRegion,
    /// A maximum size of less than a kibibyte is written without a unit.
    MissingUnit,
    /// Pages of an `http://` origin may upload. Everybody between the browser and the server can change such a page.
    InsecureOrigin,
    /// An origin has `*` before a domain below which anybody can register names, such as `https://*.vercel.app`. Only a build
    /// with the feature `public-suffix` warns about it.
    SharedOrigin,
    /// A client id of a user pool has characters other than letters and digits. It is probably the name of the app client, and
    /// would match no token.
    UnlikelyClientId,
    /// A route sends an ACL that buckets without ACLs refuse. New buckets have none.
    AclsDisabled,
    /// Objects of a route expire, because its keys begin with a prefix of `deployment.expire`.
    ExpiringUploads,
    /// A function URL or a load balancer invokes the function without a limit.
    NoThrottle,
    /// The bucket is at another store, and the function signs with credentials of AWS, or `upsign serve` would call AWS with the keys of
    /// the store.
    ForeignStore,
    /// A secret of upload tokens or webhooks is in a variable or a file that the generated function does not have.
    TokenSecretNotDeployed,
    /// Uploads per day are counted in a store that the generated function does not have.
    QuotaNotDeployed,
    /// The configuration has `[webhook]` with `outbox = "process"`, with which a function on Lambda does not start, or with a queue in
    /// another account or region than the stack, from which none of its functions delivers.
    WebhookNotDeployed,
    /// The configuration has `[events]`, which a function on Lambda does not read.
    EventsNotDeployed,
    /// No event confirms an object: the configuration has `[events]`, but no object proves which upload it is; or objects of a route
    /// prove it, but the route names an access point, and events name the bucket.
    EventsProveNothing,
    /// A gate is a bucket policy of AWS, and the bucket is at another store, which does not enforce it.
    GateNotEnforced,
    /// The load balancer in front of the function does not accept the request that completes an upload of this many parts.
    LargeCompletions,
    /// A value is understood, but it should be written differently.
    Corrected,
    /// The issuer is that of an identity provider other than Cognito, without `provider = "oidc"`. No token would be accepted.
    OtherProvider,
    /// The issuer has a form that the tokens of its provider do not have. No token, or no access token, would be accepted.
    UnlikelyIssuer,
    /// A key contains a claim that tokens of the accepted kind have only if the user pool is configured to add it.
    UnlikelyClaim,
    /// A demanded scope is in no token of the user pool, or in no event of the gateway.
    UnlikelyScope,
    /// A group is demanded, but the tokens or events contain no groups.
    UnlikelyGroup,
    /// The demands exclude a kind of caller: the users of one of several issuers, users who sign in with the SDK, or machines.
    /// That can be a choice.
    ExcludedCallers,
    /// Tokens of the maximum length are longer than what the API in front of the function accepts as a header.
    LargeTokens,
    /// The keys of an issuer come over http from another machine. Anyone on the network path to the keys can replace them, and
    /// then issue tokens.
    KeysOverHttp,
    /// Pages of the origins in `[cors]` cannot upload to a directory bucket, which has no CORS configuration.
    NoBucketCors,
    /// The authorizer of the API refuses the credentials that the client of a dialect sends.
    UnreachableDialect,
    /// The routes need features of a store about which nothing is known, and which `[bucket.can]` does not declare.
    AssumedStore,
}

impl WarningCode {
    /// Every code.
    pub const ALL: [Self; 33] = [
        Self::ExampleValue,
        Self::Policy,
        Self::Overlap,
        Self::NeedsAuthorize,
        Self::NoAuth,
        Self::UnknownRegion,
        Self::MissingUnit,
        Self::InsecureOrigin,
        Self::SharedOrigin,
        Self::UnlikelyClientId,
        Self::AclsDisabled,
        Self::ExpiringUploads,
        Self::NoThrottle,
        Self::ForeignStore,
        Self::TokenSecretNotDeployed,
        Self::QuotaNotDeployed,
        Self::WebhookNotDeployed,
        Self::EventsNotDeployed,
        Self::EventsProveNothing,
        Self::GateNotEnforced,
        Self::LargeCompletions,
        Self::Corrected,
        Self::OtherProvider,
        Self::UnlikelyIssuer,
        Self::UnlikelyClaim,
        Self::UnlikelyScope,
        Self::UnlikelyGroup,
        Self::ExcludedCallers,
        Self::LargeTokens,
        Self::KeysOverHttp,
        Self::NoBucketCors,
        Self::UnreachableDialect,
        Self::AssumedStore,
    ];

    /// Returns the stable name, for example `example-value`.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::ExampleValue => "example-value",
            Self::Policy => "policy",
            Self::Overlap => "overlapping-routes",
            Self::NeedsAuthorize => "needs-authorize",
            Self::NoAuth => "no-auth",
            Self::UnknownRegion => "unknown-region",
            Self::MissingUnit => "missing-unit",
            Self::InsecureOrigin => "insecure-origin",
            Self::SharedOrigin => "shared-origin",
            Self::UnlikelyClientId => "unlikely-client-id",
            Self::AclsDisabled => "acls-disabled",
            Self::ExpiringUploads => "expiring-uploads",
            Self::NoThrottle => "no-throttle",
            Self::ForeignStore => "foreign-store",
            Self::TokenSecretNotDeployed => "token-secret-not-deployed",
            Self::QuotaNotDeployed => "quota-not-deployed",
            Self::WebhookNotDeployed => "webhook-not-deployed",
            Self::EventsNotDeployed => "events-not-deployed",
            Self::EventsProveNothing => "events-prove-nothing",
            Self::GateNotEnforced => "gate-not-enforced",
            Self::LargeCompletions => "large-completions",
            Self::Corrected => "corrected",
            Self::OtherProvider => "other-provider",
            Self::UnlikelyIssuer => "unlikely-issuer",
            Self::UnlikelyClaim => "unlikely-claim",
            Self::UnlikelyScope => "unlikely-scope",
            Self::UnlikelyGroup => "unlikely-group",
            Self::ExcludedCallers => "excluded-callers",
            Self::LargeTokens => "large-tokens",
            Self::KeysOverHttp => "keys-over-http",
            Self::NoBucketCors => "no-bucket-cors",
            Self::UnreachableDialect => "unreachable-dialect",
            Self::AssumedStore => "assumed-store",
        }
    }
}

impl Config {
    /// Returns the warnings about this configuration: those of the file by position, then the others.
    ///
    /// A program that serves uploads should refuse to start with a value that is still an example
    /// ([`WarningCode::ExampleValue`]).
    #[must_use]
    pub fn warnings(&self) -> &[Warning] {
        &self.warnings
    }

    /// Returns the warnings that hold only for a function that is generated from this file.
    ///
    /// If the file describes a deployment, they are among the [`warnings`](Self::warnings), and this is empty. A program that
    /// generates a stack from any file should print both.
    #[must_use]
    pub fn warnings_if_deployed(&self) -> &[Warning] {
        &self.warnings_if_deployed
    }
}

impl fmt::Display for Warning {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        one_line(f, self.place.as_ref(), &self.key, &self.message, &self.help)
    }
}

impl fmt::Display for WarningCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}
