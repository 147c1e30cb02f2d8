//! Read access to the requirements of a configuration.

use upsign_core::IssuerName;

use crate::config::client_ids::ClientIds;
use crate::config::issuer::TrustedIssuer;
use crate::config::list_claim::ListClaim;
use crate::config::token_use::TokenUse;
use crate::config::verifier::{Profile, VerifierConfig};
use crate::crypto::algorithm::Algorithm;

impl VerifierConfig {
    /// Returns the issuer whose tokens are accepted.
    #[must_use]
    pub const fn issuer(&self) -> &TrustedIssuer {
        &self.issuer
    }

    /// Returns the audiences, or `None` if the client ids decide.
    #[must_use]
    pub fn audiences(&self) -> Option<&[Box<str>]> {
        self.audiences.as_deref()
    }

    /// Returns the clients that are listed. None are if [every client](Self::accepts_any_client) is accepted.
    pub fn client_ids(&self) -> impl ExactSizeIterator<Item = &str> + Clone {
        self.client_ids.listed().iter().map(AsRef::as_ref)
    }

    /// Returns whether tokens of every client are accepted.
    #[must_use]
    pub fn accepts_any_client(&self) -> bool {
        self.client_ids == ClientIds::Any
    }

    /// Returns whether the tokens are those of an OpenID Connect issuer, without the claim `token_use`.
    #[must_use]
    pub const fn is_oidc(&self) -> bool {
        matches!(self.profile, Profile::OpenId { .. })
    }

    /// Returns whether access tokens must have the `typ` of RFC 9068.
    #[must_use]
    pub const fn requires_type(&self) -> bool {
        matches!(self.profile, Profile::OpenId { requires_type: true })
    }

    /// Returns the kinds of token that are accepted.
    #[must_use]
    pub const fn token_use(&self) -> TokenUse {
        self.token_use
    }

    /// Returns the claim with the subject.
    #[must_use]
    pub fn subject_claim(&self) -> &str {
        &self.subject_claim
    }

    /// Returns the claim with the groups.
    #[must_use]
    pub const fn groups_claim(&self) -> &ListClaim {
        &self.groups
    }

    /// Returns the claim with the scopes.
    #[must_use]
    pub const fn scopes_claim(&self) -> &ListClaim {
        &self.scopes
    }

    /// Returns the groups of which a caller must be in at least one, or `None` if no group is required.
    #[must_use]
    pub fn required_groups(&self) -> Option<&[Box<str>]> {
        self.required_groups.as_deref()
    }

    /// Returns the scopes of which a token must have at least one, or `None` if no scope is required.
    #[must_use]
    pub fn required_scopes(&self) -> Option<&[Box<str>]> {
        self.required_scopes.as_deref()
    }

    /// Returns the allowed algorithms.
    #[must_use]
    pub fn algorithms(&self) -> &[Algorithm] {
        &self.algorithms
    }

    /// Returns the maximum length of a token in bytes.
    #[must_use]
    pub const fn max_token_bytes(&self) -> usize {
        self.max_token_bytes
    }

    /// Returns the name of the issuer, if it has one.
    #[must_use]
    pub const fn issuer_name(&self) -> Option<&IssuerName> {
        self.issuer_name.as_ref()
    }

    /// Returns by how many seconds clocks may differ.
    #[must_use]
    pub const fn leeway(&self) -> u32 {
        self.leeway
    }
}
