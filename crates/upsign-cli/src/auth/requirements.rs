//! The requirements for tokens that options describe, alone or in place of those in `upsign.toml`.

use upsign_cognito::{ClientIds, TokenUse, TrustedIssuer, VerifierConfig};

use super::chosen::{ChosenVerifier, Unchecked};
use super::{AuthArgs, invalid};
use crate::exit::CommandError;
use crate::verdict::unverified::UnverifiedClaims;

impl AuthArgs {
    /// Applies the options about clients and the kind of token.
    pub(super) fn overridden(&self, mut chosen: ChosenVerifier) -> Result<ChosenVerifier, CommandError> {
        if let Some(token_use) = self.token_use {
            chosen.config = chosen.config.with_token_use(token_use);
        }
        if !self.client_ids.is_empty() {
            let config = chosen.config.with_client_ids(self.clients(&self.client_ids));
            chosen.config = config.map_err(|error| invalid("--client-id", &error))?;
        }
        chosen.config = self.with_audiences_and_algorithms(chosen.config)?;
        Ok(chosen)
    }

    /// Returns the requirements that the options describe. What they omit is taken from `claims` and reported as not checked.
    pub(super) fn config_of_issuer(
        &self,
        issuer: TrustedIssuer,
        claims: Option<&UnverifiedClaims>,
    ) -> Result<ChosenVerifier, CommandError> {
        let mut unchecked = Vec::new();
        let token_use = self.token_use.unwrap_or(TokenUse::Any);
        let config = if self.is_oidc() {
            self.config_of_openid_issuer(issuer, token_use, claims, &mut unchecked)?
        } else {
            self.config_of_pool(issuer, token_use, claims, &mut unchecked)?
        };
        if self.token_use.is_none() {
            let claimed = claims.and_then(UnverifiedClaims::token_use);
            unchecked.push(Unchecked {
                what: "the kind of token",
                option: "--token-use",
                claimed: claimed.map(|kind| kind.as_str().to_owned()),
            });
        }
        let config = self.with_audiences_and_algorithms(config)?;
        let accepted = [config.clone()];
        let chosen = ChosenVerifier::of_options(config, self.danger_http_keys);
        let mut chosen = chosen.with_mismatch(claims, &accepted);
        chosen.unchecked = unchecked;
        Ok(chosen)
    }

    fn config_of_pool(
        &self,
        issuer: TrustedIssuer,
        token_use: TokenUse,
        claims: Option<&UnverifiedClaims>,
        unchecked: &mut Vec<Unchecked>,
    ) -> Result<VerifierConfig, CommandError> {
        let mut client_ids = self.client_ids.clone();
        if client_ids.is_empty() {
            let claimed = claims.and_then(UnverifiedClaims::client_id).map(str::to_owned);
            client_ids.push(assumed("the app client", "--client-id", claimed, unchecked));
        }
        VerifierConfig::new(issuer, self.clients(&client_ids), token_use)
            .map_err(|error| invalid("--client-id", &error))
    }

    fn config_of_openid_issuer(
        &self,
        issuer: TrustedIssuer,
        token_use: TokenUse,
        claims: Option<&UnverifiedClaims>,
        unchecked: &mut Vec<Unchecked>,
    ) -> Result<VerifierConfig, CommandError> {
        let mut audiences = self.audiences.clone();
        if audiences.is_empty() {
            let claimed = claims.and_then(|claims| claims.audiences().first().map(|it| (*it).to_owned()));
            audiences.push(assumed("the audience", "--audience", claimed, unchecked));
        }
        let config = VerifierConfig::oidc(issuer, audiences, token_use)
            .map_err(|error| invalid("--audience", &error))?;
        if self.client_ids.is_empty() {
            return Ok(config);
        }
        config.with_client_ids(self.clients(&self.client_ids)).map_err(|error| invalid("--client-id", &error))
    }

    /// Applies the options about audiences and algorithms, if there are any.
    fn with_audiences_and_algorithms(
        &self,
        mut config: VerifierConfig,
    ) -> Result<VerifierConfig, CommandError> {
        if !self.audiences.is_empty() {
            let with = config.with_audiences(&self.audiences);
            config = with.map_err(|error| invalid("--audience", &error))?;
        }
        if !self.algorithms.is_empty() {
            let with = config.with_algorithms(self.algorithms.iter().copied());
            config = with.map_err(|error| invalid("--algorithm", &error))?;
        }
        Ok(config)
    }

    /// Returns the clients of `--client-id`. The word `any` stands for all of them, as in the file.
    fn clients(&self, ids: &[String]) -> ClientIds {
        match ids {
            [any] if any == "any" => ClientIds::Any,
            ids => ClientIds::Only(ids.iter().map(|id| id.as_str().into()).collect()),
        }
    }
}

/// Records a requirement that no option states, and returns what the token or the event claims in its place.
///
/// If it claims nothing, it is rejected for that or for an earlier reason, whatever the requirement is.
fn assumed(
    what: &'static str,
    option: &'static str,
    claimed: Option<String>,
    unchecked: &mut Vec<Unchecked>,
) -> String {
    unchecked.push(Unchecked { what, option, claimed: claimed.clone() });
    claimed.unwrap_or_else(|| "-".to_owned())
}
