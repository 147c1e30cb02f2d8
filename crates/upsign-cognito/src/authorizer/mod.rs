//! Identity from an event whose gateway has checked the caller already.
//!
//! Exactly one [`IdentitySource`] is configured, and an event that does not carry it is refused: nothing falls through
//! from one source to another, because what one source leaves empty a caller may be able to fill in another.
//! Headers and bodies are never identity, but for the load balancer's signed header.
//!
//! Groups reach a function as text in some events, and not every text can be split without doubt:
//!
//! | event | groups as sent | read as |
//! | --- | --- | --- |
//! | REST v1 | `"a,b"` | `a`, `b`; nothing if a piece is empty, holds a space, or all stands in brackets |
//! | HTTP v2 | `"[a b]"` | `a`, `b`; nothing without the brackets, with brackets or quotes inside, or with empty pieces |
//! | AppSync | `["a","b"]` | as it is |
//!
//! A REST v1 event cannot tell the group `a,admin` from two groups: whoever may name groups there may claim any.

mod alb;
mod alb_verifier;
mod claims;
mod event;
mod groups;
mod iam;
mod java_date;
mod lambda;

use serde_json::{Map, Value};
use upsign_core::{Identity, Timestamp};

pub use alb::{Alb, InvalidAlb};
pub use alb_verifier::AlbVerifier;
pub use event::{authorization, parse_event};
pub use iam::{IamCaller, IamSource};
pub use lambda::LambdaAuthorizer;

use crate::{Rejection, TokenKind, VerifierConfig};
use event::{Authorizer, Event};

/// Who has checked the caller.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub enum IdentitySource {
    /// A Cognito authorizer (REST API), a JWT authorizer (HTTP API) or AppSync's user pool authorization. Issuer, client,
    /// token use and requirements are checked again here: a gateway that is opened wider does not open this.
    Claims(VerifierConfig),
    /// IAM, with credentials of a Cognito identity pool or of a role.
    Iam(IamSource),
    /// Whichever of the two the gateway itself has used for this route: for one function behind routes of both kinds.
    /// An event never carries both.
    ClaimsOrIam(VerifierConfig),
    /// A Lambda authorizer of one's own.
    LambdaAuthorizer(LambdaAuthorizer),
    /// An Application Load Balancer that authenticates users.
    Alb(Alb),
}

/// Whom an event names.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub enum EventIdentity {
    /// A user.
    User(EventUser),
    /// A caller known to IAM, who may or may not be a user.
    Iam(IamCaller),
}

/// A user whom a gateway has checked.
#[derive(Clone)]
pub struct EventUser {
    pub(crate) identity: Identity,
    pub(crate) username: Option<Box<str>>,
    pub(crate) kind: Option<TokenKind>,
    pub(crate) client_id: Option<Box<str>>,
    pub(crate) claims: Map<String, Value>,
}

impl IdentitySource {
    /// Whom `event` names, as its gateway has found out, `at` this time.
    ///
    /// # Errors
    /// [`Rejection`]; of the [kind](Rejection::kind) `BadRequest` when it is no event at all.
    pub fn identify(&self, event: &Value, at: Timestamp) -> Result<EventIdentity, Rejection> {
        let event = Event::read(event)?;
        match self {
            Self::Claims(config) => claims::identify(&event, config, at).map(EventIdentity::User),
            Self::Iam(source) => source.identify(&event).map(EventIdentity::Iam),
            Self::ClaimsOrIam(config) => match event.authorizer() {
                Authorizer::Iam => {
                    let source = IamSource::user_pool(config.issuer.clone());
                    source.identify(&event).map(EventIdentity::Iam)
                }
                Authorizer::Other => claims::identify(&event, config, at).map(EventIdentity::User),
            },
            Self::LambdaAuthorizer(source) => source.identify(&event).map(EventIdentity::User),
            Self::Alb(source) => source.identify_event(&event, at).map(EventIdentity::User),
        }
    }
}

impl EventIdentity {
    /// The caller, to be handed on; `None` for an IAM caller who is nobody the configuration could name.
    #[must_use]
    pub const fn identity(&self) -> Option<&Identity> {
        match self {
            Self::User(user) => Some(user.identity()),
            Self::Iam(caller) => caller.identity(),
        }
    }
}

impl EventUser {
    /// The caller, to be handed on.
    #[must_use]
    pub const fn identity(&self) -> &Identity {
        &self.identity
    }

    /// The user name, where the source has one.
    #[must_use]
    pub fn username(&self) -> Option<&str> {
        self.username.as_deref()
    }

    /// The kind of token the gateway has checked, where it says so.
    #[must_use]
    pub const fn token_use(&self) -> Option<TokenKind> {
        self.kind
    }

    /// The app client the token was made for, where the source says so.
    #[must_use]
    pub fn client_id(&self) -> Option<&str> {
        self.client_id.as_deref()
    }

    /// Any claim or context member, as the gateway has spelled it: in a REST v1 event everything is text.
    #[must_use]
    pub fn claim(&self, name: &str) -> Option<&Value> {
        self.claims.get(name)
    }
}

impl std::fmt::Debug for EventUser {
    /// Who, not what: claims hold personal data.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("EventUser").field("identity", &self.identity).finish_non_exhaustive()
    }
}
