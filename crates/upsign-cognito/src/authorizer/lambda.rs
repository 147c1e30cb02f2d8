//! Custom Lambda authorizers.

use upsign_core::IssuerName;
use upsign_jwt::claims::{CallerClaims, Claims};
use upsign_jwt::{ListClaim, Rejection};

use super::EventUser;
use super::event::{Event, object};
use super::event_claims::{EventClaims, Source};

/// A custom Lambda authorizer, which puts the identity of the caller into the authorizer context of the event.
///
/// The authorizer is trusted: its context is not checked beyond its format.
///
/// ```
/// use serde_json::json;
/// use upsign_cognito::authorizer::{IdentitySource, LambdaAuthorizer};
/// use upsign_cognito::{ListClaim, ListForm};
///
/// let authorizer = LambdaAuthorizer::new("https://users.example.com", "userId")
///     .with_groups_claim(ListClaim::new("teams", ListForm::Json));
/// let source = IdentitySource::LambdaAuthorizer(authorizer);
///
/// // A REST API passes on texts only.
/// let event = json!({
///     "httpMethod": "POST",
///     "requestContext": {"authorizer": {"userId": "42", "teams": "[\"red\",\"blue\"]"}},
/// });
/// let caller = source.identify(&event, "2026-01-31T12:00:00Z".parse()?)?;
/// let identity = caller.identity().unwrap();
/// assert_eq!(identity.subject().as_str(), "42");
/// assert!(identity.groups().eq(["red", "blue"]));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LambdaAuthorizer {
    issuer: Box<str>,
    claims: CallerClaims,
}

impl LambdaAuthorizer {
    /// Describes an authorizer for users of `issuer` that sets their subject as the context member `subject_claim`: a text or a
    /// number, whose canonical text is the subject. In a REST API, `principalId` is such a member.
    #[must_use]
    pub fn new(issuer: &str, subject_claim: &str) -> Self {
        Self { issuer: issuer.into(), claims: CallerClaims::new(subject_claim) }
    }

    /// Reads the groups of the caller from this context member. Without it, callers have no groups.
    ///
    /// [`ListForm::Json`](upsign_jwt::ListForm::Json) accepts what authorizers write for a list: the list itself, its JSON text, or
    /// text with commas, because the context of a REST API cannot contain lists. Another form accepts only its own spelling.
    #[must_use]
    pub fn with_groups_claim(mut self, claim: ListClaim) -> Self {
        self.claims = self.claims.with_groups(claim);
        self
    }

    /// Reads the scopes of the caller from this context member, as [`with_groups_claim`](Self::with_groups_claim) reads groups.
    /// Without it, callers have no scopes.
    #[must_use]
    pub fn with_scopes_claim(mut self, claim: ListClaim) -> Self {
        self.claims = self.claims.with_scopes(claim);
        self
    }

    /// Copies these context members into the identity, for key templates with `{claim:NAME}`: texts, and numbers and booleans as
    /// their canonical text.
    #[must_use]
    pub fn with_identity_claims<S: AsRef<str>>(mut self, claims: impl IntoIterator<Item = S>) -> Self {
        self.claims = self.claims.with_identity_claims(claims);
        self
    }

    /// Names the issuer of the identities, for key templates that contain `{issuer}`.
    #[must_use]
    pub fn with_issuer_name(mut self, name: IssuerName) -> Self {
        self.claims = self.claims.with_issuer_name(name);
        self
    }

    /// Returns the issuer of the identities.
    #[must_use]
    pub fn issuer(&self) -> &str {
        &self.issuer
    }

    /// Returns which context members are read.
    #[must_use]
    pub const fn claims(&self) -> &CallerClaims {
        &self.claims
    }

    pub(crate) fn identify(&self, event: &Event<'_>) -> Result<EventUser, Rejection> {
        let (context, source) = match event {
            Event::RestV1(context) => (object(context, "authorizer"), Source::TextContext),
            Event::HttpV1(context) => (object(context, "authorizer"), Source::TypedContext),
            Event::HttpV2(context) => {
                let authorizer = object(context, "authorizer");
                (authorizer.and_then(|authorizer| object(authorizer, "lambda")), Source::TypedContext)
            }
            Event::AppSync(identity) => {
                let context = identity.and_then(|identity| object(identity, "resolverContext"));
                (context, Source::TypedContext)
            }
            Event::Alb(_) => return Err(Rejection::OtherEvent),
        };
        let context = context.ok_or(Rejection::NoClaims)?;
        let lists = [self.claims.groups_claim(), self.claims.scopes_claim()];
        let claims = EventClaims::of_context(context, source, lists.into_iter().flatten());
        let identity = self.claims.read(Claims(&claims), &self.issuer);
        Ok(EventUser {
            identity: identity.map_err(|rejection| source.locate(rejection))?,
            username: None,
            kind: None,
            client_id: None,
            claims: context.clone(),
            unreadable: Vec::new(),
        })
    }
}
