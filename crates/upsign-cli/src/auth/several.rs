//! The choice of one of several issuers in `upsign.toml`.

use upsign_cognito::TrustedIssuer;
use upsign_config::{AuthIssuer, Config, IssuerName};

use super::chosen::ChosenVerifier;
use super::{AuthArgs, not_configured};
use crate::exit::CommandError;
use crate::verdict::unverified::UnverifiedClaims;

impl AuthArgs {
    /// Chooses one of several issuers in the file.
    pub(super) fn one_of_several(
        &self,
        config: Config,
        option: Option<&TrustedIssuer>,
        claims: Option<&UnverifiedClaims>,
    ) -> Result<ChosenVerifier, CommandError> {
        let issuers = config.auth().map(|auth| auth.issuers.clone()).unwrap_or_default();
        let by_name = self.require_name(&issuers)?;
        let is_named = |issuer: &AuthIssuer, name: &str| issuer.verifier.issuer().is_issuer(name);
        let index = match (option, by_name, claims.and_then(UnverifiedClaims::issuer)) {
            (Some(option), _, _) => {
                let same = |issuer: &AuthIssuer| option.names().any(|name| is_named(issuer, name));
                match issuers.iter().position(same) {
                    Some(index) => index,
                    None => return self.config_of_issuer(option.clone(), claims),
                }
            }
            (None, Some(index), _) => index,
            // The first one, if the token names another issuer: the mismatch names all of them.
            (None, None, Some(found)) => {
                issuers.iter().position(|issuer| is_named(issuer, found)).unwrap_or_default()
            }
            (None, None, None) => return Err(which_issuer(&issuers)),
        };
        let (Some(chosen), Some(auth)) = (issuers.get(index), config.auth().cloned()) else {
            return Err(not_configured(claims));
        };
        let accepted: Vec<_> = if by_name.is_some() || option.is_some() {
            vec![chosen.verifier.clone()]
        } else {
            issuers.iter().map(|issuer| issuer.verifier.clone()).collect()
        };
        let chosen = ChosenVerifier::of_file(config, &auth, index, chosen, option.is_none());
        self.overridden(chosen.with_mismatch(claims, &accepted))
    }

    /// Returns whether an option names the issuer, so that the file need not have one.
    pub(crate) const fn names_an_issuer(&self) -> bool {
        self.user_pool.is_some() || self.issuer.is_some() || self.issuer_name.is_some()
    }

    /// Returns the index of the issuer that `--issuer-name` names.
    pub(crate) fn require_name(&self, issuers: &[AuthIssuer]) -> Result<Option<usize>, CommandError> {
        let Some(name) = &self.issuer_name else { return Ok(None) };
        position_of(name, issuers).map(Some)
    }
}

/// Returns the index of the issuer with this name.
pub(crate) fn position_of(name: &str, issuers: &[AuthIssuer]) -> Result<usize, CommandError> {
    let has_name = |issuer: &AuthIssuer| issuer.name.as_ref().is_some_and(|own| own.as_str() == name);
    issuers.iter().position(has_name).ok_or_else(|| {
        let names = issuer_names(issuers);
        let error = CommandError::usage(format!("no [[auth]] of upsign.toml has the name {name:?}"));
        error.with_help(if names.is_empty() {
            "the issuer has no name: leave out --issuer-name".to_owned()
        } else {
            format!("name one of: {names}")
        })
    })
}

/// Says that one of several issuers has to be named.
fn which_issuer(issuers: &[AuthIssuer]) -> CommandError {
    let count = issuers.len();
    CommandError::usage(format!("which of the {count} issuers of upsign.toml is meant is not known"))
        .with_help(format!("pass --issuer-name with one of: {}", issuer_names(issuers)))
}

/// Returns the names of the issuers, with commas.
pub(crate) fn issuer_names(issuers: &[AuthIssuer]) -> String {
    let names: Vec<&str> =
        issuers.iter().filter_map(|issuer| issuer.name.as_ref()).map(IssuerName::as_str).collect();
    names.join(", ")
}
