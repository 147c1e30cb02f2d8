//! Options that define which tokens are accepted, and the verifier configuration made from them and `upsign.toml`.

use clap::Args;
use upsign_cognito::{TokenUse, TrustedIssuer, UserPool, VerifierConfig};

use crate::config_file::ConfigFile;
use crate::exit::CommandError;

/// Which tokens are accepted. Options override `[auth]` in the file; issuer, client and kind together replace it.
#[derive(Debug, Args)]
#[command(next_help_heading = "Accepted tokens (default: [auth] in upsign.toml)")]
pub(crate) struct AuthArgs {
    /// Accept tokens of this user pool.
    #[arg(long, value_name = "ID", conflicts_with_all = ["issuer", "jwks_uri"])]
    pub(crate) user_pool: Option<UserPool>,
    /// Accept tokens of this issuer, written as in `iss`, if it is not a user pool.
    #[arg(long, value_name = "URL", requires = "jwks_uri")]
    pub(crate) issuer: Option<String>,
    /// Address of that issuer's key set.
    #[arg(long, value_name = "URL", requires = "issuer")]
    pub(crate) jwks_uri: Option<String>,
    /// Allow http for the issuer and its keys, for an emulator on this machine. Never use it in production.
    #[arg(long, requires = "issuer")]
    pub(crate) danger_http_issuer: bool,
    /// Accept tokens of this app client; repeatable.
    #[arg(long = "client-id", value_name = "ID")]
    pub(crate) client_ids: Vec<String>,
    /// Accept tokens of this kind: access, id or any.
    #[arg(long, value_name = "KIND")]
    pub(crate) token_use: Option<TokenUse>,
}

impl AuthArgs {
    /// Returns the configuration of the verifier: the options alone if they are complete, or else `[auth]` in the
    /// configuration, overridden by the options.
    pub(crate) fn verifier(&self, file: &ConfigFile) -> Result<VerifierConfig, CommandError> {
        if let (Some(issuer), Some(token_use), [_, ..]) = (self.issuer()?, self.token_use, &*self.client_ids)
        {
            let config = VerifierConfig::new(issuer, &self.client_ids, token_use);
            return config.map_err(|error| CommandError::caused("--client-id", &error).into_usage());
        }
        let not_configured = || {
            let hint = "pass --user-pool, --client-id and --token-use, or add [auth] to upsign.toml";
            CommandError::usage("the accepted tokens are not configured").with_help(hint)
        };
        let config = match file.load_with(|variable| self.value_for(variable)) {
            // Without a file, many keys are missing. Only the missing `[auth]` matters here, so only that is reported.
            Err(_) if !file.exists() => return Err(not_configured()),
            config => config?,
        };
        config.auth().map(|auth| auth.verifier.clone()).ok_or_else(not_configured)
    }

    fn issuer(&self) -> Result<Option<TrustedIssuer>, CommandError> {
        if let Some(pool) = &self.user_pool {
            return Ok(Some(TrustedIssuer::user_pool(pool)));
        }
        let (Some(issuer), Some(keys)) = (&self.issuer, &self.jwks_uri) else { return Ok(None) };
        let trusted = if self.danger_http_issuer {
            TrustedIssuer::danger_http(issuer, keys)
        } else {
            TrustedIssuer::custom(issuer, keys)
        };
        trusted.map(Some).map_err(|error| {
            let error = CommandError::caused("--issuer and --jwks-uri", &error).into_usage();
            if self.danger_http_issuer {
                error
            } else {
                error.with_help("for an emulator on this machine, add --danger-http-issuer")
            }
        })
    }

    /// Returns the option with the same meaning as an `UPSIGN_…` variable.
    fn value_for(&self, variable: &str) -> Option<String> {
        match variable {
            "UPSIGN_USER_POOL" => self.user_pool.as_ref().map(ToString::to_string),
            "UPSIGN_ISSUER" => self.issuer.clone(),
            "UPSIGN_JWKS_URI" => self.jwks_uri.clone(),
            "UPSIGN_DANGER_HTTP_ISSUER" => self.danger_http_issuer.then(|| "true".to_owned()),
            "UPSIGN_CLIENT_IDS" => (!self.client_ids.is_empty()).then(|| self.client_ids.join(",")),
            "UPSIGN_TOKEN_USE" => self.token_use.map(|kind| kind.as_str().to_owned()),
            _ => None,
        }
    }
}
