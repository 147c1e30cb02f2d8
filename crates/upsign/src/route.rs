//! Several policies in one service.

use std::fmt;
use std::str::FromStr;

use upsign_core::Identity;

use crate::{Authorize, UploadIssuer};

/// The name of a route: 1 to 64 of `a-z 0-9 - _`, a letter first, and not `upload`.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct RouteName(Box<str>);

/// How the route without a name is called where people read of it.
const UNNAMED: &str = "upload";

/// The text is not a [`RouteName`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error(
    "a route's name is 1 to 64 of a-z, 0-9, `-` and `_`, a letter first; `upload` is the one without a name"
)]
#[non_exhaustive]
pub struct InvalidRouteName;

impl RouteName {
    /// The name as text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl FromStr for RouteName {
    type Err = InvalidRouteName;

    fn from_str(text: &str) -> Result<Self, InvalidRouteName> {
        let fits = |byte: u8| matches!(byte, b'a'..=b'z' | b'0'..=b'9' | b'-' | b'_');
        let starts = text.starts_with(|c: char| c.is_ascii_lowercase());
        let fits = starts && text.len() <= 64 && text.bytes().all(fits) && text != UNNAMED;
        if fits { Ok(Self(text.into())) } else { Err(InvalidRouteName) }
    }
}

impl fmt::Display for RouteName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// Who may use a route, beside being a verified caller. One match of each list is enough; a list that is not given asks
/// for nothing.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Access {
    groups: Option<Box<[Box<str>]>>,
    scopes: Option<Box<[Box<str>]>>,
}

impl Access {
    /// Every verified caller.
    #[must_use]
    pub const fn everybody() -> Self {
        Self { groups: None, scopes: None }
    }

    /// Only members of one of these groups: nobody, if there is none.
    #[must_use]
    pub fn of_groups<S: AsRef<str>>(self, groups: impl IntoIterator<Item = S>) -> Self {
        Self { groups: Some(groups.into_iter().map(|group| group.as_ref().into()).collect()), ..self }
    }

    /// Only tokens with one of these scopes: none, if there is none.
    #[must_use]
    pub fn of_scopes<S: AsRef<str>>(self, scopes: impl IntoIterator<Item = S>) -> Self {
        Self { scopes: Some(scopes.into_iter().map(|scope| scope.as_ref().into()).collect()), ..self }
    }

    /// Whether this caller is among them.
    #[must_use]
    pub fn admits(&self, who: &Identity) -> bool {
        let among = |wanted: &Option<Box<[Box<str>]>>, mut have: Box<dyn Iterator<Item = &str> + '_>| {
            wanted.as_ref().is_none_or(|wanted| have.any(|have| wanted.iter().any(|name| **name == *have)))
        };
        among(&self.groups, Box::new(who.groups())) && among(&self.scopes, Box::new(who.scopes()))
    }

    /// The groups asked for, if any are.
    #[must_use]
    pub fn groups(&self) -> Option<&[Box<str>]> {
        self.groups.as_deref()
    }

    /// The scopes asked for, if any are.
    #[must_use]
    pub fn scopes(&self) -> Option<&[Box<str>]> {
        self.scopes.as_deref()
    }
}

/// One policy of a service.
#[derive(Debug)]
pub struct Route<P> {
    name: Option<RouteName>,
    access: Access,
    issuer: UploadIssuer<P>,
}

impl<P> Route<P> {
    /// The route that a request without `route` takes.
    pub const fn unnamed(issuer: UploadIssuer<P>) -> Self {
        Self { name: None, access: Access::everybody(), issuer }
    }

    /// A route that a request names.
    pub const fn named(name: RouteName, issuer: UploadIssuer<P>) -> Self {
        Self { name: Some(name), access: Access::everybody(), issuer }
    }

    /// The same, for these callers only.
    #[must_use]
    pub fn for_callers(self, access: Access) -> Self {
        Self { access, ..self }
    }

    /// The same, asking the application too.
    #[must_use]
    pub fn with_authorize(self, authorize: impl Authorize + 'static) -> Self {
        let Self { name, access, issuer } = self;
        Self { name, access, issuer: issuer.with_authorize_of_any(authorize) }
    }

    /// Its name.
    #[must_use]
    pub fn name(&self) -> Option<&str> {
        self.name.as_ref().map(RouteName::as_str)
    }

    /// Who may use it.
    #[must_use]
    pub const fn access(&self) -> &Access {
        &self.access
    }

    /// What issues its grants.
    pub const fn issuer(&self) -> &UploadIssuer<P> {
        &self.issuer
    }
}
