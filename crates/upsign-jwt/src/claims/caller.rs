//! The caller that claims describe, for claims that do not come from a token.

use upsign_core::{Identity, IssuerName};

use crate::claims::reader::{ClaimSource, Claims};
use crate::config::list_claim::ListClaim;
use crate::rejection::Rejection;

/// Which claims describe a caller, for a source that names no issuer, such as the context of a Lambda authorizer.
///
/// ```
/// use upsign_jwt::claims::{CallerClaims, Claims};
/// use upsign_jwt::{ListClaim, ListForm};
///
/// let members = serde_json::json!({"userId": 42, "teams": "red,blue", "tenant": "acme"});
/// let claims = CallerClaims::new("userId")
///     .with_groups(ListClaim::new("teams", ListForm::Comma))
///     .with_identity_claims(["tenant"]);
/// let caller = claims.read(Claims(members.as_object().unwrap()), "https://id.example.com")?;
/// assert_eq!(caller.subject().as_str(), "42");
/// assert!(caller.groups().eq(["red", "blue"]));
/// assert_eq!(caller.claim("tenant"), Some("acme"));
/// # Ok::<(), upsign_jwt::Rejection>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CallerClaims {
    subject: Box<str>,
    groups: Option<ListClaim>,
    scopes: Option<ListClaim>,
    identity_claims: Box<[Box<str>]>,
    issuer_name: Option<IssuerName>,
}

impl CallerClaims {
    /// Reads the subject from this claim: a text, or a number as its canonical text.
    #[must_use]
    pub fn new(subject: &str) -> Self {
        Self {
            subject: subject.into(),
            groups: None,
            scopes: None,
            identity_claims: Box::default(),
            issuer_name: None,
        }
    }

    /// Reads the groups of the caller from this claim. Without it, callers have no groups.
    #[must_use]
    pub fn with_groups(mut self, claim: ListClaim) -> Self {
        self.groups = Some(claim);
        self
    }

    /// Reads the scopes of the caller from this claim. Without it, callers have no scopes.
    #[must_use]
    pub fn with_scopes(mut self, claim: ListClaim) -> Self {
        self.scopes = Some(claim);
        self
    }

    /// Copies these claims into the identity, for key templates that name them.
    #[must_use]
    pub fn with_identity_claims<S: AsRef<str>>(mut self, claims: impl IntoIterator<Item = S>) -> Self {
        self.identity_claims = claims.into_iter().map(|claim| claim.as_ref().into()).collect();
        self
    }

    /// Names the issuer of the identities, for key templates that contain `{issuer}`.
    #[must_use]
    pub fn with_issuer_name(mut self, name: IssuerName) -> Self {
        self.issuer_name = Some(name);
        self
    }

    /// Returns the name of the claim with the subject.
    #[must_use]
    pub fn subject_claim(&self) -> &str {
        &self.subject
    }

    /// Returns the claim with the groups, if there is one.
    #[must_use]
    pub const fn groups_claim(&self) -> Option<&ListClaim> {
        self.groups.as_ref()
    }

    /// Returns the claim with the scopes, if there is one.
    #[must_use]
    pub const fn scopes_claim(&self) -> Option<&ListClaim> {
        self.scopes.as_ref()
    }

    /// Returns the claims that are copied into the identity.
    #[must_use]
    pub fn identity_claims(&self) -> impl ExactSizeIterator<Item = &str> + Clone {
        self.identity_claims.iter().map(AsRef::as_ref)
    }

    /// Returns the name of the issuer, if it has one.
    #[must_use]
    pub const fn issuer_name(&self) -> Option<&IssuerName> {
        self.issuer_name.as_ref()
    }

    /// Reads the caller. `issuer` is the configured one: nothing in the claims is compared with it.
    ///
    /// # Errors
    /// Returns the [`Rejection`] of the first claim that is missing or has another form.
    pub fn read<M: ClaimSource>(&self, claims: Claims<'_, M>, issuer: &str) -> Result<Identity, Rejection> {
        let name = &*self.subject;
        let subject = claims.subject(name)?;
        let list =
            |claim: &Option<ListClaim>| claim.as_ref().map_or(Ok(Vec::new()), |claim| claims.list(claim));
        let identity = identity(issuer, self.issuer_name.as_ref(), &subject, name)?;
        let identity = identity.with_groups(list(&self.groups)?).with_scopes(list(&self.scopes)?);
        with_claims(identity, claims, &self.identity_claims)
    }
}

/// Returns the identity of the caller with the name `subject` at `issuer`. `claim` is the claim with the subject, for the reason of a
/// rejection. The issuer comes from the configuration, so only the subject can be invalid.
///
/// # Errors
/// Returns [`Rejection::InvalidClaim`] if the subject is blank, has control characters or is too long.
pub fn identity(
    issuer: &str,
    issuer_name: Option<&IssuerName>,
    subject: &str,
    claim: &str,
) -> Result<Identity, Rejection> {
    if subject.trim().is_empty() || subject.contains(char::is_control) {
        return Err(Rejection::invalid_claim(claim, "blank, or has control characters"));
    }
    let identity = Identity::from_verified(issuer, subject);
    let identity = identity.map_err(|_| Rejection::invalid_claim(claim, "too long"))?;
    Ok(match issuer_name {
        Some(name) => identity.with_issuer_name(name.clone()),
        None => identity,
    })
}

/// Copies single values into an identity.
pub(crate) fn with_claims<M: ClaimSource>(
    identity: Identity,
    claims: Claims<'_, M>,
    names: &[Box<str>],
) -> Result<Identity, Rejection> {
    names.iter().try_fold(identity, |identity, name| {
        Ok(match claims.as_text(name)? {
            Some(text) => identity.with_claim(name, &text),
            None => identity,
        })
    })
}
