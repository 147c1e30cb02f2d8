//! The form of identities.

use std::collections::BTreeMap;
use std::fmt;

use serde::de::{Error, MapAccess, Visitor};
use serde::{Deserialize, Deserializer, Serialize, Serializer};

use crate::identity::{Identity, InvalidIdentity, Issuer, Subject};
use crate::issuer_name::IssuerName;

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
struct IdentityForm {
    issuer: Issuer,
    /// Absent in the messages of services whose issuer has no name.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    issuer_name: Option<IssuerName>,
    subject: Subject,
    groups: Vec<Box<str>>,
    scopes: Vec<Box<str>>,
    claims: Claims,
}

/// Names and values as a map. A repeated name is an error, because readers disagree about which value counts.
struct Claims(BTreeMap<Box<str>, Box<str>>);

through_form!(Identity, IdentityForm);

impl From<&Identity> for IdentityForm {
    fn from(identity: &Identity) -> Self {
        Self {
            issuer: identity.issuer().clone(),
            issuer_name: identity.issuer_name().cloned(),
            subject: identity.subject().clone(),
            groups: identity.groups().map(Into::into).collect(),
            scopes: identity.scopes().map(Into::into).collect(),
            claims: Claims(identity.claims().map(|(name, value)| (name.into(), value.into())).collect()),
        }
    }
}

impl TryFrom<IdentityForm> for Identity {
    type Error = InvalidIdentity;

    fn try_from(form: IdentityForm) -> Result<Self, InvalidIdentity> {
        // Written in full, because a test lists the files that create identities.
        let mut identity = Identity::from_verified(form.issuer.as_str(), form.subject.as_str())?
            .with_groups(form.groups)
            .with_scopes(form.scopes);
        if let Some(name) = form.issuer_name {
            identity = identity.with_issuer_name(name);
        }
        let claims = form.claims.0.iter();
        Ok(claims.fold(identity, |identity, (name, value)| identity.with_claim(name, value)))
    }
}

impl Serialize for Claims {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        self.0.serialize(serializer)
    }
}

impl<'de> Deserialize<'de> for Claims {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_map(ClaimsVisitor)
    }
}

struct ClaimsVisitor;

impl<'de> Visitor<'de> for ClaimsVisitor {
    type Value = Claims;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a map of claims with text values")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Claims, A::Error> {
        let mut claims = BTreeMap::new();
        while let Some((name, value)) = map.next_entry::<Box<str>, Box<str>>()? {
            if claims.contains_key(&name) {
                return Err(A::Error::custom(format_args!("the claim {name:?} is given twice")));
            }
            claims.insert(name, value);
        }
        Ok(Claims(claims))
    }
}
