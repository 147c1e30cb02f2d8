//! Typed access to claims.

use serde_json::{Map, Value};
use upsign_json::{Json, Object};

use crate::claims::single_value;
use crate::config::list_claim::{ListClaim, ListForm};
use crate::rejection::Rejection;

/// Claims by type. A claim is absent, has the expected type, or is rejected.
#[derive(Debug)]
pub struct Claims<'a, M>(pub &'a M);

impl<M> Clone for Claims<'_, M> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<M> Copy for Claims<'_, M> {}

/// A source of claims: the payload of a token, or an object of an event.
pub trait ClaimSource {
    /// Returns the claim `name`, or `None` if it is absent.
    fn claim(&self, name: &str) -> Option<Claim<'_>>;

    /// Returns the claim at a path of members, outermost first.
    fn claim_at(&self, path: &[&str]) -> Option<Claim<'_>>;

    /// Returns a claim that is a JSON list of strings in the token. A source that spells lists in another way overrides this.
    fn list(&self, name: &str) -> Option<Claim<'_>> {
        self.claim(name)
    }

    /// Returns a claim that is one value: a text, a number or a boolean. A source that writes some lists as text overrides this
    /// method, so that such a text is not taken for one value.
    fn single(&self, name: &str) -> Option<Claim<'_>> {
        self.claim(name)
    }
}

/// A claim, reduced to the types that claims have here.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub enum Claim<'a> {
    /// A string.
    String(&'a str),
    /// A number that is written as an integer from 0 to 2^64 - 1.
    Integer(u64),
    /// Any other number.
    Float(f64),
    /// `true` or `false`.
    Bool(bool),
    /// A list of strings.
    Strings(Vec<&'a str>),
    /// A list with other members.
    List,
    /// An object.
    Object,
    /// `null`.
    Null,
    /// A value that this source writes for several different values of the claim, so that the original is not known. It is always
    /// rejected; holds a description for the reason, such as "a text with a comma, which can be a list".
    Unclear(&'static str),
}

impl Claim<'_> {
    /// Returns the type, for messages.
    pub(crate) const fn type_name(&self) -> &'static str {
        match self {
            Self::String(_) => "a text",
            Self::Integer(_) | Self::Float(_) => "a number",
            Self::Bool(_) => "a boolean",
            Self::Strings(_) => "a list of texts",
            Self::List => "a list",
            Self::Object => "an object",
            Self::Null => "null",
            Self::Unclear(words) => words,
        }
    }
}

fn of_json<'a>(json: &'a Json<'a>) -> Claim<'a> {
    match json {
        Json::Null => Claim::Null,
        Json::Bool(value) => Claim::Bool(*value),
        Json::String(text) => Claim::String(text),
        Json::Number(number) => number.as_u64().map_or(Claim::Float(number.as_f64()), Claim::Integer),
        Json::Array(items) => {
            items.iter().map(Json::as_str).collect::<Option<_>>().map_or(Claim::List, Claim::Strings)
        }
        Json::Object(_) => Claim::Object,
    }
}

fn of_value(value: &Value) -> Claim<'_> {
    match value {
        Value::Null => Claim::Null,
        Value::Bool(value) => Claim::Bool(*value),
        Value::String(text) => Claim::String(text),
        Value::Number(number) => match number.as_u64() {
            Some(integer) => Claim::Integer(integer),
            // `None` for a number out of range, which only a host with `arbitrary_precision` can create.
            None => Claim::Float(number.as_f64().unwrap_or(f64::INFINITY)),
        },
        Value::Array(items) => {
            items.iter().map(Value::as_str).collect::<Option<_>>().map_or(Claim::List, Claim::Strings)
        }
        Value::Object(_) => Claim::Object,
    }
}

impl ClaimSource for Object<'_> {
    fn claim(&self, name: &str) -> Option<Claim<'_>> {
        self.get(name).map(of_json)
    }

    fn claim_at(&self, path: &[&str]) -> Option<Claim<'_>> {
        let (first, rest) = path.split_first()?;
        rest.iter().try_fold(self.get(first)?, |json, name| json.as_object()?.get(name)).map(of_json)
    }
}

impl ClaimSource for Map<String, Value> {
    fn claim(&self, name: &str) -> Option<Claim<'_>> {
        self.get(name).map(of_value)
    }

    fn claim_at(&self, path: &[&str]) -> Option<Claim<'_>> {
        let (first, rest) = path.split_first()?;
        rest.iter().try_fold(self.get(*first)?, |value, name| value.get(*name)).map(of_value)
    }
}

impl<'a, M: ClaimSource> Claims<'a, M> {
    /// Returns a string that must be present.
    ///
    /// # Errors
    /// Returns [`Rejection::MissingClaim`] if the claim is absent, and [`Rejection::InvalidClaim`] if it has another type.
    pub fn required(self, claim: &str) -> Result<&'a str, Rejection> {
        self.optional(claim)?.ok_or_else(|| Rejection::missing_claim(claim))
    }

    /// Returns a string, if the claim is present.
    ///
    /// # Errors
    /// Returns [`Rejection::InvalidClaim`] if the claim has another type.
    pub fn optional(self, claim: &str) -> Result<Option<&'a str>, Rejection> {
        match self.0.claim(claim) {
            None => Ok(None),
            Some(Claim::String(text)) => Ok(Some(text)),
            Some(other) => Err(unexpected(claim, &other, "a text")),
        }
    }

    /// Returns the names in a list, which is empty if the claim is absent.
    ///
    /// # Errors
    /// Returns [`Rejection::InvalidClaim`] if the claim has another form, or if a claim on its path is not an object.
    pub fn list(self, list: &ListClaim) -> Result<Vec<&'a str>, Rejection> {
        let name = list.name();
        let claim = if list.form() == ListForm::Json { self.0.list(name) } else { self.0.claim(name) };
        let claim = match claim {
            None if list.is_path() => self.at_path(name)?,
            claim => claim,
        };
        let Some(claim) = claim else { return Ok(Vec::new()) };
        let found = claim.type_name();
        list.read(claim)
            .map_err(|expected| Rejection::invalid_claim(name, format!("{found}, expected {expected}")))
    }

    /// Returns the claim at a path such as `realm_access.roles`. A claim on the path that is present but not an object is not the
    /// same as an absent one: an HTTP API, for example, spells objects as text.
    fn at_path(self, path: &str) -> Result<Option<Claim<'a>>, Rejection> {
        let members: Vec<&str> = path.split('.').collect();
        for depth in 1..members.len() {
            let (outer, _) = members.split_at(depth);
            match self.0.claim_at(outer) {
                None | Some(Claim::Null) => return Ok(None),
                Some(Claim::Object) => {}
                Some(other) => {
                    let problem = format!("{}, expected an object, for `{path}`", other.type_name());
                    return Err(Rejection::invalid_claim(&outer.join("."), problem));
                }
            }
        }
        Ok(self.0.claim_at(&members))
    }

    /// Returns the values of a claim that is a string or a list of strings, such as `aud` (RFC 7519, section 4.1.3).
    pub(crate) fn one_or_more(self, claim: &str) -> Result<Option<Vec<&'a str>>, Rejection> {
        match self.0.claim(claim) {
            None => Ok(None),
            Some(Claim::String(text)) => Ok(Some(vec![text])),
            Some(Claim::Strings(texts)) => Ok(Some(texts)),
            Some(other) => Err(unexpected(claim, &other, "a text or a list of texts")),
        }
    }

    /// Returns a subject that must be present: a text, or a number as its canonical text, because a user can be a number in the
    /// database of an application. `sub` itself is a string (RFC 7519, section 4.1.2) and is read with [`required`](Self::required).
    ///
    /// # Errors
    /// Returns [`Rejection::MissingClaim`] if the claim is absent, and [`Rejection::InvalidClaim`] if it has another type or a form
    /// that [`as_text`](Self::as_text) refuses.
    pub fn subject(self, claim: &str) -> Result<String, Rejection> {
        if let Some(found @ Claim::Bool(_)) = self.0.single(claim) {
            return Err(unexpected(claim, &found, "a text or a number"));
        }
        self.as_text(claim)?.ok_or_else(|| Rejection::missing_claim(claim))
    }

    /// Returns the text of a claim that is a string, a number or a boolean: numbers and booleans as their canonical text. `null`
    /// counts as absent.
    ///
    /// A text in the form of a list, an object or a number with an exponent is refused: gateways write values of these types as
    /// such texts, and a list must not become part of a key only because it came through a gateway.
    ///
    /// # Errors
    /// Returns [`Rejection::InvalidClaim`] if the claim has another type, or is such a text.
    pub fn as_text(self, claim: &str) -> Result<Option<String>, Rejection> {
        match self.0.single(claim) {
            None | Some(Claim::Null) => Ok(None),
            Some(found) => single_value::text(&found)
                .map(Some)
                .map_err(|problem| Rejection::invalid_claim(claim, problem)),
        }
    }
}

fn unexpected(name: &str, found: &Claim<'_>, expected: &str) -> Rejection {
    Rejection::invalid_claim(name, format!("{}, expected {expected}", found.type_name()))
}
