//! Custom Lambda authorizers.

use std::borrow::Cow;

use serde_json::{Map, Value};
use upsign_jwt::Rejection;

use super::event::{Event, object};
use super::identity::identity;
use super::{EventUser, groups};

/// A custom Lambda authorizer, which puts the identity of the caller into the authorizer context of the event.
///
/// The authorizer is trusted: its context is not checked beyond its format.
#[derive(Clone, Debug)]
pub struct LambdaAuthorizer {
    issuer: Box<str>,
    sub_field: Box<str>,
    groups_field: Option<Box<str>>,
}

impl LambdaAuthorizer {
    /// Describes an authorizer for users of `issuer` that sets their subject as the context member `sub_field`, a
    /// text. In a REST API, `principalId` is such a member.
    #[must_use]
    pub fn new(issuer: &str, sub_field: &str) -> Self {
        Self { issuer: issuer.into(), sub_field: sub_field.into(), groups_field: None }
    }

    /// Reads the groups of the caller from this context member: a list of strings, the JSON text of one, or text with commas,
    /// because the context of a REST API cannot contain lists.
    #[must_use]
    pub fn with_groups_field(mut self, groups_field: &str) -> Self {
        self.groups_field = Some(groups_field.into());
        self
    }

    pub(crate) fn identify(&self, event: &Event<'_>) -> Result<EventUser, Rejection> {
        let context = match event {
            Event::RestV1(context) | Event::HttpV1(context) => object(context, "authorizer"),
            Event::HttpV2(context) => {
                object(context, "authorizer").and_then(|authorizer| object(authorizer, "lambda"))
            }
            Event::AppSync(identity) => identity.and_then(|identity| object(identity, "resolverContext")),
            Event::Alb(_) => return Err(Rejection::OtherEvent),
        };
        let context = context.ok_or(Rejection::NoClaims)?;
        let identity = identity(&self.issuer, self.subject(context)?, &self.sub_field)?;
        Ok(EventUser {
            identity: identity.with_groups(self.groups(context)?),
            username: None,
            kind: None,
            client_id: None,
            claims: context.clone(),
        })
    }

    /// Returns the groups. A value that cannot be a list is rejected, because nobody would notice that its groups are missing.
    fn groups<'a>(&self, context: &'a Map<String, Value>) -> Result<Vec<Cow<'a, str>>, Rejection> {
        let Some(field) = self.groups_field.as_deref() else { return Ok(Vec::new()) };
        match context.get(field) {
            None | Some(Value::Null) => Ok(Vec::new()),
            Some(list @ Value::String(_)) => Ok(groups::of_context(list)),
            Some(list @ Value::Array(items)) if items.iter().all(Value::is_string) => {
                Ok(groups::of_context(list))
            }
            Some(_) => Err(Rejection::invalid_claim(
                field,
                "neither a list of texts nor a text with commas, in the context of the Lambda authorizer",
            )),
        }
    }

    /// Returns the subject. Gateways write absent values as `null` or as an empty text.
    fn subject<'a>(&self, context: &'a Map<String, Value>) -> Result<&'a str, Rejection> {
        match context.get(&*self.sub_field) {
            None | Some(Value::Null) => Err(Rejection::NoClaims),
            Some(Value::String(text)) if text.is_empty() => Err(Rejection::NoClaims),
            Some(Value::String(text)) => Ok(text),
            Some(_) => Err(Rejection::invalid_claim(
                &self.sub_field,
                "not a text in the context of the Lambda authorizer; let the authorizer write it as one",
            )),
        }
    }
}
