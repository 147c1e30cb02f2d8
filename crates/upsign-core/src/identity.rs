//! The verified identity of a caller.

use std::str::FromStr;

use crate::issuer_name::IssuerName;
use crate::pairs::Pairs;

/// The issuer of an identity, unchanged from its source.
///
/// For Amazon Cognito this is the token's `iss` claim, the URL of the user pool. It has 1 to 2,048 bytes.
///
/// ```
/// use upsign_core::Identity;
/// let caller = Identity::from_verified("https://issuer.example", "3f2504e0")?;
/// assert_eq!(caller.issuer(), "https://issuer.example");
/// # Ok::<(), upsign_core::InvalidIdentity>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Issuer(Box<str>);

/// The subject of an identity, unchanged from the token's `sub` claim.
///
/// A subject is opaque text of 1 to 2,048 bytes. Key templates encode it before they put it into an object key. Two
/// issuers can assign the same subject to different people: see [`Identity`].
///
/// ```
/// use upsign_core::Identity;
/// let caller = Identity::from_verified("https://issuer.example", "3f2504e0")?;
/// assert_eq!(format!("uploads of {}", caller.subject()), "uploads of 3f2504e0");
/// # Ok::<(), upsign_core::InvalidIdentity>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Subject(Box<str>);

/// A caller that a trusted component has authenticated, together with the groups, scopes and claims it vouches for.
///
/// A subject is unique only within its issuer. Two user pools can assign the same `sub` to different people, so
/// anything stored per caller must be keyed by [`issuer`](Identity::issuer) *and* [`subject`](Identity::subject).
///
/// ```
/// use upsign_core::Identity;
/// let caller = Identity::from_verified("https://issuer.example", "3f2504e0")?
///     .with_groups(["editors"])
///     .with_claim("custom:tenant", "acme");
/// assert_eq!(caller.claim("custom:tenant"), Some("acme"));
/// # Ok::<(), upsign_core::InvalidIdentity>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Identity {
    issuer: Issuer,
    issuer_name: Option<IssuerName>,
    subject: Subject,
    groups: Vec<Box<str>>,
    scopes: Vec<Box<str>>,
    /// Sorted by name, so that identities with the same claims are equal.
    claims: Vec<(Box<str>, Box<str>)>,
}

/// The reason why an issuer and a subject do not form an [`Identity`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum InvalidIdentity {
    /// The issuer is empty or longer than 2,048 bytes.
    #[error("the issuer must have 1 to 2048 bytes")]
    Issuer,
    /// The subject is empty or longer than 2,048 bytes.
    #[error("the subject must have 1 to 2048 bytes")]
    Subject,
}

/// Maximum length of an issuer and of a subject. OpenID Connect limits `sub` to 255 characters
/// (<https://openid.net/specs/openid-connect-core-1_0.html#IDToken>); the margin is for other issuers.
const MAX_BYTES: usize = 2_048;

impl Identity {
    /// Creates the identity of a caller *that you have already verified*.
    ///
    /// This is the trust boundary of upsign: every later decision relies on these values without checking them again.
    /// Pass the claims of a token whose signature, issuer and expiry were checked, or the output of an authorizer that
    /// you trust. Never pass text that came from the client unchecked.
    ///
    /// # Errors
    /// Returns an error if the issuer or the subject is empty or longer than 2,048 bytes.
    pub fn from_verified(issuer: &str, subject: &str) -> Result<Self, InvalidIdentity> {
        Ok(Self {
            issuer: issuer.parse()?,
            issuer_name: None,
            subject: subject.parse()?,
            groups: Vec::new(),
            scopes: Vec::new(),
            claims: Vec::new(),
        })
    }

    /// Sets the name that the deployment gives to the issuer, which a key template writes with `{issuer}`. By default, the issuer
    /// has no name.
    ///
    /// Give each issuer its own name: the keys of two callers with the same subject differ only in it.
    ///
    /// ```
    /// use upsign_core::Identity;
    /// let caller = Identity::from_verified("https://login.example/customers", "7")?
    ///     .with_issuer_name("customers".parse()?);
    /// assert_eq!(caller.issuer_name().unwrap(), "customers");
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[must_use]
    pub fn with_issuer_name(mut self, name: IssuerName) -> Self {
        self.issuer_name = Some(name);
        self
    }

    /// Sets the groups of which the caller is a member, replacing earlier ones. There are none by default.
    #[must_use]
    pub fn with_groups<S: AsRef<str>>(mut self, groups: impl IntoIterator<Item = S>) -> Self {
        self.groups = groups.into_iter().map(|group| group.as_ref().into()).collect();
        self
    }

    /// Sets the OAuth scopes granted to the caller, replacing earlier ones. There are none by default.
    #[must_use]
    pub fn with_scopes<S: AsRef<str>>(mut self, scopes: impl IntoIterator<Item = S>) -> Self {
        self.scopes = scopes.into_iter().map(|scope| scope.as_ref().into()).collect();
        self
    }

    /// Adds a claim, such as `custom:tenant`, that a key template can refer to as `{claim:…}`.
    ///
    /// If the claim is already present, its value is replaced.
    #[must_use]
    pub fn with_claim(mut self, name: &str, value: &str) -> Self {
        match self.claim_position(name) {
            Ok(present) => {
                if let Some((_, old)) = self.claims.get_mut(present) {
                    *old = value.into();
                }
            }
            Err(position) => self.claims.insert(position, (name.into(), value.into())),
        }
        self
    }

    /// Returns the issuer that authenticated the caller.
    #[must_use]
    pub const fn issuer(&self) -> &Issuer {
        &self.issuer
    }

    /// Returns the name that the deployment gives to the issuer, or `None` if it gives none.
    #[must_use]
    pub const fn issuer_name(&self) -> Option<&IssuerName> {
        self.issuer_name.as_ref()
    }

    /// Returns the subject, which is unique within its issuer.
    #[must_use]
    pub const fn subject(&self) -> &Subject {
        &self.subject
    }

    /// Returns the caller's groups, in the order in which they were set.
    pub fn groups(&self) -> impl ExactSizeIterator<Item = &str> + Clone {
        self.groups.iter().map(AsRef::as_ref)
    }

    /// Returns the caller's OAuth scopes, in the order in which they were set.
    pub fn scopes(&self) -> impl ExactSizeIterator<Item = &str> + Clone {
        self.scopes.iter().map(AsRef::as_ref)
    }

    /// Returns the value of a claim added by [`with_claim`](Identity::with_claim), unchanged.
    #[must_use]
    pub fn claim(&self, name: &str) -> Option<&str> {
        let found = self.claim_position(name).ok()?;
        self.claims.get(found).map(|(_, value)| value.as_ref())
    }

    /// Returns the names and the values of all claims, sorted by name.
    pub fn claims(&self) -> Pairs<'_> {
        Pairs::from(self.claims.as_slice())
    }

    fn claim_position(&self, name: &str) -> Result<usize, usize> {
        self.claims.binary_search_by(|(present, _)| present.as_ref().cmp(name))
    }
}

impl Issuer {
    /// Returns the issuer as text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl Subject {
    /// Returns the subject as text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl FromStr for Issuer {
    type Err = InvalidIdentity;

    fn from_str(text: &str) -> Result<Self, InvalidIdentity> {
        if (1..=MAX_BYTES).contains(&text.len()) {
            Ok(Self(text.into()))
        } else {
            Err(InvalidIdentity::Issuer)
        }
    }
}

impl FromStr for Subject {
    type Err = InvalidIdentity;

    fn from_str(text: &str) -> Result<Self, InvalidIdentity> {
        if (1..=MAX_BYTES).contains(&text.len()) {
            Ok(Self(text.into()))
        } else {
            Err(InvalidIdentity::Subject)
        }
    }
}

crate::text_type!(Issuer, Subject);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn same_subject_of_two_issuers_is_two_identities() {
        let one = Identity::from_verified("https://a.example", "7").unwrap();
        let two = Identity::from_verified("https://b.example", "7").unwrap();
        assert_ne!(one, two);
    }

    #[test]
    fn empty_or_oversized_identity_is_rejected() {
        assert_eq!(Identity::from_verified("", "7"), Err(InvalidIdentity::Issuer));
        assert_eq!(Identity::from_verified("a", ""), Err(InvalidIdentity::Subject));
        assert_eq!(Identity::from_verified("a", &"s".repeat(2_049)), Err(InvalidIdentity::Subject));
    }

    #[test]
    fn repeated_claim_replaces_the_earlier_value() {
        let caller = Identity::from_verified("i", "s").unwrap().with_claim("custom:tenant", "a");
        assert_eq!((caller.claim("custom:tenant"), caller.claim("tenant")), (Some("a"), None));
        assert_eq!(caller.with_claim("custom:tenant", "b").claim("custom:tenant"), Some("b"));
    }

    #[test]
    fn order_in_which_claims_are_added_does_not_matter() {
        let caller = |claims: [(&str, &str); 2]| {
            let caller = Identity::from_verified("i", "s").unwrap();
            claims.iter().fold(caller, |caller, (name, value)| caller.with_claim(name, value))
        };
        let one = caller([("b", "2"), ("a", "1")]);
        assert_eq!(one, caller([("a", "1"), ("b", "2")]));
        assert_eq!(one.claims().collect::<Vec<_>>(), [("a", "1"), ("b", "2")]);
    }

    #[test]
    fn groups_and_scopes_keep_their_order() {
        let caller = Identity::from_verified("i", "s").unwrap().with_groups(["b", "a"]).with_scopes(["x/y"]);
        assert_eq!(caller.groups().collect::<Vec<_>>(), ["b", "a"]);
        assert_eq!(caller.scopes().collect::<Vec<_>>(), ["x/y"]);
    }
}
