//! Who is asking.

use std::fmt;

/// The issuer of an identity, verbatim: for Cognito the token's `iss`, a user pool's URL.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Issuer(Box<str>);

/// The subject of an identity, verbatim: the token's `sub`. Key templates encode it; nothing else reads it.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Subject(Box<str>);

/// A caller whose identity something trustworthy has checked.
///
/// Two pools that happen to share a `sub` have two people: whatever is kept per caller is kept by
/// [`issuer`](Identity::issuer) *and* [`subject`](Identity::subject).
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Identity {
    issuer: Issuer,
    subject: Subject,
    groups: Vec<Box<str>>,
    scopes: Vec<Box<str>>,
    claims: Vec<(Box<str>, Box<str>)>,
}

/// Why texts do not make an identity.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum InvalidIdentity {
    /// The issuer is empty or longer than 2,048 bytes.
    #[error("an issuer has 1 to 2048 bytes")]
    Issuer,
    /// The subject is empty or longer than 2,048 bytes.
    #[error("a subject has 1 to 2048 bytes")]
    Subject,
}

const MAX_BYTES: usize = 2_048;

impl Identity {
    /// The identity of a caller *whom you have verified*. This is the trust boundary of upsign: what is passed here is
    /// believed. Call it with claims of a token whose signature, issuer and times were checked, or of an authorizer you
    /// trust; never with text the caller sent.
    ///
    /// # Errors
    /// [`InvalidIdentity`] when issuer or subject is empty or unreasonably long.
    pub fn from_verified(issuer: &str, subject: &str) -> Result<Self, InvalidIdentity> {
        if issuer.is_empty() || issuer.len() > MAX_BYTES {
            return Err(InvalidIdentity::Issuer);
        }
        if subject.is_empty() || subject.len() > MAX_BYTES {
            return Err(InvalidIdentity::Subject);
        }
        Ok(Self {
            issuer: Issuer(issuer.into()),
            subject: Subject(subject.into()),
            groups: Vec::new(),
            scopes: Vec::new(),
            claims: Vec::new(),
        })
    }

    /// The same caller with these groups.
    #[must_use]
    pub fn with_groups<S: AsRef<str>>(mut self, groups: impl IntoIterator<Item = S>) -> Self {
        self.groups = groups.into_iter().map(|group| group.as_ref().into()).collect();
        self
    }

    /// The same caller with these scopes.
    #[must_use]
    pub fn with_scopes<S: AsRef<str>>(mut self, scopes: impl IntoIterator<Item = S>) -> Self {
        self.scopes = scopes.into_iter().map(|scope| scope.as_ref().into()).collect();
        self
    }

    /// The same caller with a further claim, as in `custom:tenant`: what a key template can name as `{claim:…}`. A later
    /// value replaces an earlier one.
    #[must_use]
    pub fn with_claim(mut self, name: &str, value: &str) -> Self {
        self.claims.retain(|(have, _)| **have != *name);
        self.claims.push((name.into(), value.into()));
        self
    }

    /// Who vouches for the subject.
    #[must_use]
    pub const fn issuer(&self) -> &Issuer {
        &self.issuer
    }

    /// The subject, unique within its issuer.
    #[must_use]
    pub const fn subject(&self) -> &Subject {
        &self.subject
    }

    /// The groups the caller is in, in the order the issuer gave.
    pub fn groups(&self) -> impl ExactSizeIterator<Item = &str> + Clone {
        self.groups.iter().map(AsRef::as_ref)
    }

    /// The scopes the caller was granted.
    pub fn scopes(&self) -> impl ExactSizeIterator<Item = &str> + Clone {
        self.scopes.iter().map(AsRef::as_ref)
    }

    /// The value of a further claim, verbatim.
    #[must_use]
    pub fn claim(&self, name: &str) -> Option<&str> {
        self.claims.iter().find(|(have, _)| **have == *name).map(|(_, value)| value.as_ref())
    }
}

impl Issuer {
    /// The issuer as text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl Subject {
    /// The subject as text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for Issuer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn two_pools_with_one_sub_are_two_people() {
        let one = Identity::from_verified("https://a.example", "7").unwrap();
        let two = Identity::from_verified("https://b.example", "7").unwrap();
        assert_ne!(one, two);
        assert_eq!(Identity::from_verified("", "7"), Err(InvalidIdentity::Issuer));
        assert_eq!(Identity::from_verified("a", ""), Err(InvalidIdentity::Subject));
        assert_eq!(Identity::from_verified("a", &"s".repeat(2_049)), Err(InvalidIdentity::Subject));
    }

    #[test]
    fn a_later_claim_replaces_an_earlier_one() {
        let who = Identity::from_verified("i", "s").unwrap().with_claim("custom:tenant", "a");
        assert_eq!((who.claim("custom:tenant"), who.claim("tenant")), (Some("a"), None));
        assert_eq!(who.with_claim("custom:tenant", "b").claim("custom:tenant"), Some("b"));
    }

    #[test]
    fn groups_and_scopes_are_kept_in_order() {
        let who = Identity::from_verified("i", "s").unwrap().with_groups(["b", "a"]).with_scopes(["x/y"]);
        assert_eq!(who.groups().collect::<Vec<_>>(), ["b", "a"]);
        assert_eq!(who.scopes().collect::<Vec<_>>(), ["x/y"]);
    }
}
