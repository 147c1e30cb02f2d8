//! The routes of a service: policies with a name and an access rule.

use std::str::FromStr;
use std::sync::Arc;

use upsign_core::{Identity, Presigner};

use crate::authorize::Authorize;
use crate::confirm::Inspect;
use crate::issuer::UploadIssuer;

/// The name of a route: 1 to 64 characters of `a-z`, `0-9`, `-` and `_`, starting with a letter.
///
/// The name `upload` is reserved: lists of routes use it for the unnamed route.
///
/// ```
/// use upsign::{InvalidRouteName, RouteName};
///
/// assert_eq!("avatars".parse::<RouteName>().map(|name| name.to_string()), Ok("avatars".to_owned()));
/// assert_eq!("Avatars".parse::<RouteName>(), Err(InvalidRouteName::new()));
/// ```
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct RouteName(Box<str>);

/// The display name of the unnamed route.
const UNNAMED: &str = "upload";

/// The text is not a [`RouteName`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error(
    "a route name must be 1 to 64 characters of a-z, 0-9, `-` and `_`, must start with a letter, and must not be \
     `upload`, which is reserved for the unnamed route"
)]
#[non_exhaustive]
pub struct InvalidRouteName;

impl InvalidRouteName {
    /// Creates the error.
    #[must_use]
    #[expect(clippy::new_without_default, reason = "an error has no default")]
    pub const fn new() -> Self {
        Self
    }
}

impl RouteName {
    /// Returns the name as text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl FromStr for RouteName {
    type Err = InvalidRouteName;

    fn from_str(text: &str) -> Result<Self, InvalidRouteName> {
        let allowed = |byte: u8| matches!(byte, b'a'..=b'z' | b'0'..=b'9' | b'-' | b'_');
        let valid = text.starts_with(|c: char| c.is_ascii_lowercase())
            && text.len() <= 64
            && text.bytes().all(allowed)
            && text != UNNAMED;
        if valid { Ok(Self(text.into())) } else { Err(InvalidRouteName) }
    }
}

upsign_core::text_type!(RouteName);

/// Restricts which verified callers may use a route.
///
/// A caller must match every list that is set, and matches a list by having at least one of its entries. A list that is
/// set but empty matches no caller.
///
/// ```
/// use upsign::Access;
/// use upsign::types::Identity;
///
/// let access = Access::unrestricted().with_groups(["editors", "staff"]);
/// let caller = Identity::from_verified("https://issuer.example", "alice")?;
/// assert!(!access.allows(&caller));
/// assert!(access.allows(&caller.with_groups(["staff"])));
/// # Ok::<(), upsign::types::InvalidIdentity>(())
/// ```
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Access {
    groups: Option<Box<[Box<str>]>>,
    scopes: Option<Box<[Box<str>]>>,
}

impl Access {
    /// Allows every verified caller.
    #[must_use]
    pub const fn unrestricted() -> Self {
        Self { groups: None, scopes: None }
    }

    /// Requires membership in at least one of `groups`.
    #[must_use]
    pub fn with_groups<S: AsRef<str>>(self, groups: impl IntoIterator<Item = S>) -> Self {
        Self { groups: Some(groups.into_iter().map(|group| group.as_ref().into()).collect()), ..self }
    }

    /// Requires a token with at least one of `scopes`.
    #[must_use]
    pub fn with_scopes<S: AsRef<str>>(self, scopes: impl IntoIterator<Item = S>) -> Self {
        Self { scopes: Some(scopes.into_iter().map(|scope| scope.as_ref().into()).collect()), ..self }
    }

    /// Returns `true` if `caller` may use the route.
    #[must_use]
    pub fn allows(&self, caller: &Identity) -> bool {
        has_one_of(self.groups(), caller.groups()) && has_one_of(self.scopes(), caller.scopes())
    }

    /// Returns what `caller` lacks, for the operator: the groups or scopes that it has, and those of which it needs one. `None` if it
    /// may use the route.
    pub(crate) fn unmet(&self, caller: &Identity) -> Option<String> {
        if !has_one_of(self.groups(), caller.groups()) {
            Some(lacks("group", self.groups(), caller.groups()))
        } else if !has_one_of(self.scopes(), caller.scopes()) {
            Some(lacks("scope", self.scopes(), caller.scopes()))
        } else {
            None
        }
    }

    /// Returns the groups of which the caller needs one, or `None` if no group is required.
    #[must_use]
    pub fn groups(&self) -> Option<&[Box<str>]> {
        self.groups.as_deref()
    }

    /// Returns the scopes of which the caller needs one, or `None` if no scope is required.
    #[must_use]
    pub fn scopes(&self) -> Option<&[Box<str>]> {
        self.scopes.as_deref()
    }
}

/// Returns whether one of the required names is among those of the caller, or none is required.
fn has_one_of<'a>(required: Option<&[Box<str>]>, mut held: impl Iterator<Item = &'a str>) -> bool {
    required.is_none_or(|required| held.any(|held| required.iter().any(|name| **name == *held)))
}

/// Describes a caller that has none of the required names.
fn lacks<'a>(kind: &str, required: Option<&[Box<str>]>, held: impl Iterator<Item = &'a str>) -> String {
    let has = match listed(held) {
        held if held.is_empty() => format!("no {kind}"),
        held => format!("the {kind}s {held}"),
    };
    let expected = listed(required.unwrap_or_default().iter().map(|name| &**name));
    format!("the caller has {has}, expected one of {expected}")
}

/// Lists names for a log: escaped, because an issuer can give any, and up to 1,024 bytes.
fn listed<'a>(names: impl IntoIterator<Item = &'a str>) -> String {
    let mut list = String::new();
    for name in names {
        let separator = if list.is_empty() { "" } else { ", " };
        let name: String = name.escape_debug().collect();
        if list.len() + name.len() > MAX_LISTED_BYTES {
            list.push_str(separator);
            list.push('…');
            break;
        }
        list.push_str(separator);
        list.push_str(&name);
    }
    list
}

const MAX_LISTED_BYTES: usize = 1_024;

/// A policy of a service, with the name under which requests select it and the callers that may use it.
///
/// [`boxed`](Self::boxed) erases the type of the presigner, so that a service can have routes with different ones.
/// Clones share the issuer's parts.
///
/// [`UploadService`](crate::UploadService) has an example.
#[derive(Debug)]
pub struct Route<P = Arc<dyn Presigner>> {
    name: Option<RouteName>,
    access: Access,
    issuer: UploadIssuer<P>,
}

// Derived, it would require `P: Clone`.
impl<P> Clone for Route<P> {
    fn clone(&self) -> Self {
        Self { name: self.name.clone(), access: self.access.clone(), issuer: self.issuer.clone() }
    }
}

impl<P> Route<P> {
    /// Creates the route for requests that do not name one.
    #[must_use]
    pub const fn unnamed(issuer: UploadIssuer<P>) -> Self {
        Self { name: None, access: Access::unrestricted(), issuer }
    }

    /// Creates a route for requests that name it.
    #[must_use]
    pub const fn named(name: RouteName, issuer: UploadIssuer<P>) -> Self {
        Self { name: Some(name), access: Access::unrestricted(), issuer }
    }

    /// Erases the type of the presigner.
    #[must_use]
    pub fn boxed(self) -> Route
    where
        P: Presigner + 'static,
    {
        let Self { name, access, issuer } = self;
        Route { name, access, issuer: issuer.boxed() }
    }

    /// Restricts the route to callers that match `access`. Without this call, every verified caller may use it.
    #[must_use]
    pub fn with_access(self, access: Access) -> Self {
        Self { access, ..self }
    }

    /// Sets the application's authorization for this route, in place of the issuer's own if it has one.
    #[must_use]
    pub fn with_authorizer(self, authorize: impl Authorize + 'static) -> Self {
        let Self { name, access, issuer } = self;
        Self { name, access, issuer: issuer.set_authorizer(authorize) }
    }

    /// Sets the inspection of this route's objects before they are confirmed, in place of the issuer's own if it has one.
    #[must_use]
    pub fn with_inspector(self, inspect: impl Inspect + 'static) -> Self {
        let Self { name, access, issuer } = self;
        Self { name, access, issuer: issuer.with_inspector(inspect) }
    }

    /// Returns the name, or `None` for the unnamed route.
    #[must_use]
    pub fn name(&self) -> Option<&str> {
        self.name.as_ref().map(RouteName::as_str)
    }

    pub(crate) const fn route_name(&self) -> Option<&RouteName> {
        self.name.as_ref()
    }

    /// Returns which callers may use the route.
    #[must_use]
    pub const fn access(&self) -> &Access {
        &self.access
    }

    /// Returns the issuer of the route's grants.
    #[must_use]
    pub const fn issuer(&self) -> &UploadIssuer<P> {
        &self.issuer
    }
}
