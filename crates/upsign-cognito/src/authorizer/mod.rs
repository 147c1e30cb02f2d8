//! Reads the identity of a caller from the event of a gateway that has already authenticated it.
//!
//! Exactly one [`IdentitySource`] is configured, and an event without it is rejected. There is no fallback from one source
//! to another, because a caller may be able to fill in what another source leaves empty. Headers and bodies never identify
//! a caller, with one exception: the signed header of a load balancer.
//!
//! ```
//! use serde_json::json;
//! use upsign_cognito::authorizer::IdentitySource;
//! use upsign_cognito::{TokenUse, UserPool};
//!
//! let pool: UserPool = "us-east-1_AbCdEf".parse()?;
//! let config = pool.verifier_config(["my-client-id"], TokenUse::Access)?;
//! let source = IdentitySource::Claims(config);
//!
//! // What API Gateway passes to a Lambda function behind a Cognito authorizer, shortened.
//! let mut event = json!({
//!     "httpMethod": "POST",
//!     "headers": {},
//!     "requestContext": {"authorizer": {"claims": {
//!         "sub": "3f2504e0-4f89-41d3-9a0c-0305e82c3301", "cognito:groups": "editors,admins", "token_use": "access",
//!         "iss": "https://cognito-idp.us-east-1.amazonaws.com/us-east-1_AbCdEf", "client_id": "my-client-id",
//!         "username": "alice", "exp": "1769864400",
//!     }}},
//! });
//! let at = "2026-01-31T12:00:00Z".parse()?;
//! let caller = source.identify(&event, at)?;
//! let identity = caller.identity().unwrap();
//! assert_eq!(identity.subject().as_str(), "3f2504e0-4f89-41d3-9a0c-0305e82c3301");
//! assert!(identity.groups().eq(["editors", "admins"]));
//!
//! // A route without an authorizer identifies nobody, whatever the client sends.
//! event["requestContext"]["authorizer"].take();
//! assert_eq!(source.identify(&event, at).unwrap_err().code(), "no-claims");
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! A claim is absent, present, or present but unusable. Unusable ones are rejected with a reason that names the claim, what was found
//! and the source, with two exceptions, which [`EventUser::unreadable`] returns: a list in a text that can be split in several ways
//! grants nothing, and an expiry in an unknown form is left to the gateway, which has checked it.
//!
//! | event | groups as sent | groups as read |
//! | --- | --- | --- |
//! | REST API | `"a,b"` | `a`, `b`; unreadable if an item is empty or contains a space, or if the text begins or ends with a bracket |
//! | HTTP API, payload 2.0 | `"[a b]"` | `a`, `b`; unreadable without the outer brackets, with brackets or quotes inside, or with empty items |
//! | HTTP API, payload 1.0 | `"[a b]"` | as in payload 2.0; a text without brackets as in a REST API |
//! | Lambda authorizer | `"a,b"`, `["a","b"]` or the JSON text of that list | `a`, `b`; any other text is rejected |
//! | AppSync, load balancer | `["a","b"]` | `a`, `b` |
//!
//! Claims for key templates are texts; numbers and booleans are their canonical text, because some gateways send them as text. Lists
//! and objects are rejected, and so is every text in the form in which a gateway would spell one.
//!
//! A REST API event cannot distinguish the group `a,admin` from the two groups `a` and `admin`: where users can choose the
//! names of groups, do not rely on groups from such events.

pub(crate) mod alb;
mod claims;
pub(crate) mod event;
mod event_claims;
mod groups;
mod iam;
mod java_date;
mod lambda;

use serde_json::{Map, Value};
use upsign_core::{Identity, Timestamp};
use upsign_jwt::{Rejection, TokenKind, VerifierConfig};

pub use alb::config::{Alb, InvalidAlb};
pub use alb::status::AlbKeysStatus;
pub use alb::verifier::AlbVerifier;
pub use event::{authorization, parse_event};
pub use iam::{IamCaller, IamSource};
pub use lambda::LambdaAuthorizer;

use event::{Authorizer, Event};

/// The authorizer that identifies callers.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub enum IdentitySource {
    /// A Cognito authorizer (REST API), a JWT authorizer of any OpenID Connect issuer (HTTP API), or the user pool or OpenID Connect
    /// authorization of AppSync.
    ///
    /// Issuer, client, token use, groups and scopes are checked again, so that a gateway that accepts more than this
    /// configuration does not widen it.
    Claims(VerifierConfig),
    /// IAM, with credentials of a Cognito identity pool or of a role.
    Iam(IamSource),
    /// Claims or IAM, whichever the gateway used for this route. For a function behind routes of both kinds. An event never
    /// contains both. IAM callers are identified as [`IamSource::user_pool`] does.
    ///
    /// An event of an IAM caller contains no groups and no scopes. If the configuration requires any, every IAM caller is
    /// rejected. It contains no client and no token use either; the identity pool decides which app clients it accepts.
    ClaimsOrIam(VerifierConfig),
    /// A custom Lambda authorizer.
    LambdaAuthorizer(LambdaAuthorizer),
    /// An Application Load Balancer that authenticates users, with keys from the configuration. Use [`AlbVerifier`] to fetch
    /// keys.
    Alb(Alb),
}

/// The caller of an event.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub enum EventIdentity {
    /// A user that the gateway has authenticated.
    User(EventUser),
    /// A caller that IAM has authenticated, who is not necessarily a user.
    Iam(IamCaller),
}

/// A user that a gateway has authenticated.
#[derive(Clone)]
pub struct EventUser {
    pub(crate) identity: Identity,
    pub(crate) username: Option<Box<str>>,
    pub(crate) kind: Option<TokenKind>,
    pub(crate) client_id: Option<Box<str>>,
    pub(crate) claims: Map<String, Value>,
    pub(crate) unreadable: Vec<Rejection>,
}

impl IdentitySource {
    /// Returns the caller that the gateway of `event` has authenticated. `at` is the current time.
    ///
    /// # Errors
    /// Returns a [`Rejection`] if the event does not contain this source, the source does not identify a caller, or the caller
    /// does not meet the requirements. Its [kind](Rejection::kind) is `BadRequest` if the event itself is malformed.
    pub fn identify(&self, event: &Value, at: Timestamp) -> Result<EventIdentity, Rejection> {
        let event = Event::read(event)?;
        match self {
            Self::Claims(config) => claims::identify(&event, config, at).map(EventIdentity::User),
            Self::Iam(source) => source.identify(&event).map(EventIdentity::Iam),
            Self::ClaimsOrIam(config) => match event.authorizer() {
                Authorizer::Iam => {
                    let caller = iam_users_of(config).identify(&event)?;
                    config.require_groups(&[])?;
                    config.require_scopes(&[])?;
                    Ok(EventIdentity::Iam(caller))
                }
                Authorizer::Other => claims::identify(&event, config, at).map(EventIdentity::User),
            },
            Self::LambdaAuthorizer(source) => source.identify(&event).map(EventIdentity::User),
            Self::Alb(source) => source.identify_event(&event, at).map(EventIdentity::User),
        }
    }

    /// Explains, for the log, why a caller that this source has returned has no [identity](EventIdentity::identity). Returns
    /// `None` if it has one.
    ///
    /// Only callers that IAM has authenticated can have none; [`IamSource::explain`] has an example.
    #[must_use]
    pub fn explain(&self, caller: &EventIdentity) -> Option<String> {
        let EventIdentity::Iam(found) = caller else { return None };
        if found.identity().is_some() {
            return None;
        }
        match self {
            Self::Iam(source) => Some(source.explain(found)),
            Self::ClaimsOrIam(config) => Some(iam_users_of(config).explain(found)),
            Self::Claims(_) | Self::LambdaAuthorizer(_) | Self::Alb(_) => None,
        }
    }
}

/// Returns the IAM callers that a function accepts next to the tokens of `config`: users of the same user pool.
fn iam_users_of(config: &VerifierConfig) -> IamSource {
    IamSource::user_pool(config.issuer().clone())
}

impl EventIdentity {
    /// Returns the identity of the caller. An IAM caller has none if the configured [`IamSource`] does not identify it.
    #[must_use]
    pub const fn identity(&self) -> Option<&Identity> {
        match self {
            Self::User(user) => Some(user.identity()),
            Self::Iam(caller) => caller.identity(),
        }
    }
}

impl EventUser {
    /// Returns the identity of the user.
    #[must_use]
    pub const fn identity(&self) -> &Identity {
        &self.identity
    }

    /// Returns the user name, if the source has one.
    #[must_use]
    pub fn username(&self) -> Option<&str> {
        self.username.as_deref()
    }

    /// Returns the kind of token that the gateway has verified, if the source has it.
    #[must_use]
    pub const fn token_use(&self) -> Option<TokenKind> {
        self.kind
    }

    /// Returns the app client to which the token was issued, if the source has it.
    #[must_use]
    pub fn client_id(&self) -> Option<&str> {
        self.client_id.as_deref()
    }

    /// Returns any claim, or member of the authorizer's context, as the gateway sent it. In a REST API event every value is a
    /// string.
    #[must_use]
    pub fn claim(&self, name: &str) -> Option<&Value> {
        self.claims.get(name)
    }

    /// Returns the claims that are present but cannot be read without a guess, each with the reason: groups in a text that can be
    /// split in several ways, or an expiry in an unknown form. They count as absent and grant nothing. Log them, because the user
    /// will otherwise lack groups for no apparent reason.
    #[must_use]
    pub fn unreadable(&self) -> &[Rejection] {
        &self.unreadable
    }
}

impl std::fmt::Debug for EventUser {
    /// Omits the claims, because they hold personal data.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("EventUser").field("identity", &self.identity).finish_non_exhaustive()
    }
}
