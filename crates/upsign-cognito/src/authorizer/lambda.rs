//! A Lambda authorizer of one's own.

use upsign_core::Identity;

use super::event::{Event, object, text};
use super::{EventUser, groups};
use crate::Rejection;
use crate::claims::subject;

/// A Lambda authorizer, which puts what it found into the event's authorizer context.
#[derive(Clone, Debug)]
pub struct LambdaAuthorizer {
    issuer: Box<str>,
    sub_field: Box<str>,
    groups_field: Option<Box<str>>,
}

impl LambdaAuthorizer {
    /// An authorizer that speaks for `issuer` and names the caller in the context member `sub_field`. In a REST API,
    /// `principalId` is one.
    #[must_use]
    pub fn new(issuer: &str, sub_field: &str) -> Self {
        Self { issuer: issuer.into(), sub_field: sub_field.into(), groups_field: None }
    }

    /// The same, which lists the caller's groups in this context member: as a list (HTTP API), or as text with commas (REST
    /// API, whose contexts hold no lists).
    #[must_use]
    pub fn with_groups_field(mut self, groups_field: &str) -> Self {
        self.groups_field = Some(groups_field.into());
        self
    }

    pub(crate) fn identify(&self, event: &Event<'_>) -> Result<EventUser, Rejection> {
        let context = match event {
            Event::RestV1(context) => object(context, "authorizer"),
            Event::HttpV2(context) => {
                object(context, "authorizer").and_then(|authorizer| object(authorizer, "lambda"))
            }
            Event::AppSync(identity) => identity.and_then(|identity| object(identity, "resolverContext")),
            Event::Alb(_) => return Err(Rejection::OtherEvent),
        };
        let context = context.ok_or(Rejection::NoClaims)?;
        let sub = subject(text(context, &self.sub_field).ok_or(Rejection::NoClaims)?)?;
        let groups = self.groups_field.as_deref().and_then(|field| context.get(field));
        let identity =
            Identity::vouched(&self.issuer, sub).map_err(|_| Rejection::InvalidClaim { claim: "sub" })?;
        Ok(EventUser {
            identity: identity.with_groups(groups.map(groups::comma_separated).unwrap_or_default()),
            username: None,
            kind: None,
            client_id: None,
            claims: context.clone(),
        })
    }
}
