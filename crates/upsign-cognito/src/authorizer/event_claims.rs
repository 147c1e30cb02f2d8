//! The claims of an event, for the reader that tokens use.

use serde_json::{Map, Value};
use upsign_jwt::claims::{Claim, ClaimSource};
use upsign_jwt::{Excerpt, ListClaim, ListForm, Rejection};

use super::groups;

/// Where the claims of an event come from, which decides how they are spelled.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Source {
    /// The Cognito authorizer of a REST API: every value is a text.
    RestApi,
    /// The JWT authorizer of an HTTP API with payload format 1.0: every value is a text.
    HttpApiV1,
    /// The JWT authorizer of an HTTP API with payload format 2.0: every value is a text.
    HttpApiV2,
    /// AppSync: the types of the token.
    AppSync,
    /// The context that a Lambda authorizer of a REST API has returned: every value is a text.
    TextContext,
    /// The context that a Lambda authorizer of an HTTP API or of AppSync has returned: the types of the authorizer.
    TypedContext,
    /// The payload of a load balancer's header: the types of the user info endpoint.
    LoadBalancer,
}

/// The claims of an event.
pub(super) struct EventClaims<'a> {
    members: &'a Map<String, Value>,
    source: Source,
    /// Lists that the event contains as JSON text.
    parsed: Vec<(&'a str, Value)>,
}

/// What is known of a list in an event.
enum List<'a> {
    Names(Vec<&'a str>),
    /// A text that cannot be split into names without a guess.
    Ambiguous(&'a str),
    /// Something else than a list, for the reader to reject.
    Other(Claim<'a>),
}

impl Source {
    /// Returns the source, for messages.
    const fn name(self) -> &'static str {
        match self {
            Self::RestApi => "the claims of a REST API",
            Self::HttpApiV1 => "the claims of an HTTP API, payload 1.0",
            Self::HttpApiV2 => "the claims of an HTTP API, payload 2.0",
            Self::AppSync => "the claims of AppSync",
            Self::TextContext => "the context of the Lambda authorizer of a REST API",
            Self::TypedContext => "the context of the Lambda authorizer",
            Self::LoadBalancer => "the header x-amzn-oidc-data",
        }
    }

    /// Adds the source to the reason of a rejection.
    pub(super) fn locate(self, rejection: Rejection) -> Rejection {
        located(rejection, self.name())
    }

    const fn is_context(self) -> bool {
        matches!(self, Self::TextContext | Self::TypedContext)
    }

    /// Returns whether numbers, lists and objects arrive as such, and not as a text.
    pub(super) const fn has_types(self) -> bool {
        matches!(self, Self::AppSync | Self::LoadBalancer)
    }
}

/// Adds where the claims are to the reason of a rejection.
pub(super) fn located(rejection: Rejection, place: &str) -> Rejection {
    match rejection {
        Rejection::InvalidClaim { claim, problem } => {
            Rejection::InvalidClaim { claim, problem: format!("{problem}, in {place}").into() }
        }
        other => other,
    }
}

impl<'a> EventClaims<'a> {
    pub(super) const fn new(members: &'a Map<String, Value>, source: Source) -> Self {
        Self { members, source, parsed: Vec::new() }
    }

    /// Reads the context of a Lambda authorizer, in which each of these lists can be JSON text.
    pub(super) fn of_context(
        members: &'a Map<String, Value>,
        source: Source,
        lists: impl Iterator<Item = &'a ListClaim>,
    ) -> Self {
        let json = |list: &'a ListClaim| {
            let text = members.get(list.name())?.as_str()?;
            groups::json_list(text).map(|list_of_names| (list.name(), list_of_names))
        };
        Self { members, source, parsed: lists.filter_map(json).collect() }
    }

    pub(super) const fn members(&self) -> &'a Map<String, Value> {
        self.members
    }

    /// Returns why a list of the event is not read, if it is a text that cannot be split into names without a guess. It then
    /// counts as empty.
    pub(super) fn unreadable(&self, list: &ListClaim) -> Option<Rejection> {
        if list.form() != ListForm::Json {
            return None;
        }
        match self.read_list(list.name())? {
            List::Ambiguous(text) => {
                let problem = format!("a text that cannot be split into names: {}", Excerpt::new(text));
                Some(self.source.locate(Rejection::invalid_claim(list.name(), problem)))
            }
            List::Names(_) | List::Other(_) => None,
        }
    }

    fn read_list(&self, name: &str) -> Option<List<'_>> {
        if let Some((_, list)) = self.parsed.iter().find(|(parsed, _)| *parsed == name) {
            let names = list.as_array().into_iter().flatten().filter_map(Value::as_str);
            return Some(List::Names(names.collect()));
        }
        let text = match self.members.claim(name)? {
            // Gateways write an absent value as `null`.
            Claim::Null => return None,
            Claim::Strings(names) => return Some(List::Names(names)),
            Claim::String(text) => text,
            other => return Some(List::Other(other)),
        };
        let names = match self.source {
            Source::RestApi => groups::comma_separated(text),
            Source::HttpApiV1 => groups::bracketed_or_comma_separated(text),
            Source::HttpApiV2 => groups::bracketed(text),
            Source::TextContext | Source::TypedContext => match groups::comma_separated(text) {
                Some(names) => Some(names),
                None => {
                    return Some(List::Other(Claim::Unclear(
                        "a text that is neither names with commas nor the JSON of a list",
                    )));
                }
            },
            Source::AppSync | Source::LoadBalancer => return Some(List::Other(Claim::String(text))),
        };
        Some(names.map_or(List::Ambiguous(text), List::Names))
    }
}

impl ClaimSource for EventClaims<'_> {
    fn claim(&self, name: &str) -> Option<Claim<'_>> {
        match self.members.claim(name) {
            // `aud` is a text or a list in a token. No audience is a text in brackets.
            Some(Claim::String(text)) if name == "aud" && text.starts_with('[') => self.list(name),
            // An empty text of a context is an absent value: a REST API has no `null`.
            Some(Claim::String("")) if self.source.is_context() => None,
            claim => claim,
        }
    }

    fn claim_at(&self, path: &[&str]) -> Option<Claim<'_>> {
        self.members.claim_at(path)
    }

    fn list(&self, name: &str) -> Option<Claim<'_>> {
        Some(match self.read_list(name)? {
            List::Names(names) => Claim::Strings(names),
            List::Ambiguous(_) => Claim::Strings(Vec::new()),
            List::Other(claim) => claim,
        })
    }

    fn single(&self, name: &str) -> Option<Claim<'_>> {
        match self.claim(name) {
            // `a,b` is how a REST API writes the list of `a` and `b`.
            Some(Claim::String(text)) if self.source == Source::RestApi && text.contains(',') => {
                Some(Claim::Unclear("a text with a comma, which can be a list"))
            }
            Some(Claim::Integer(_) | Claim::Float(_) | Claim::Bool(_))
                if self.source == Source::TextContext =>
            {
                Some(Claim::Unclear("not a text, and a REST API passes on texts only"))
            }
            claim => claim,
        }
    }
}
