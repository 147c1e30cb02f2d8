//! Options that define which tokens are accepted, and the verifier configuration made from them and `upsign.toml`.

pub(crate) mod chosen;
pub(crate) mod place;
mod requirements;
mod several;

use clap::{Args, ValueEnum};
use upsign_axum::Authentication;
use upsign_cognito::{Algorithm, Excerpt, InvalidIssuer, TokenUse, TrustedIssuer, UserPool};
use upsign_config::{Auth, Config, GatewayIdentity, TokenHeader};
use upsign_http::{BearerToken, VerifyToken};

use chosen::ChosenVerifier;
use place::AuthPlace;
pub(crate) use several::{issuer_names, position_of};

use crate::config_file::ConfigFile;
use crate::exit::{CommandError, Diagnostic, Exit};
use crate::output;
use crate::verdict::unverified::UnverifiedClaims;

/// Which tokens are accepted. Options override `[auth]` in the file; an issuer alone is enough if there is no file.
#[derive(Debug, Args)]
#[command(next_help_heading = "Accepted tokens (default: [auth] in upsign.toml)")]
pub(crate) struct AuthArgs {
    /// Check against the issuer of this name, of several [[auth]] in upsign.toml. Default: the issuer that the token names.
    #[arg(long, value_name = "NAME", conflicts_with_all = ["user_pool", "issuer"])]
    pub(crate) issuer_name: Option<String>,
    /// Accept tokens of this user pool. No upsign.toml is needed.
    #[arg(long, value_name = "ID", conflicts_with_all = ["issuer", "jwks_uri"], value_parser = user_pool)]
    pub(crate) user_pool: Option<UserPool>,
    /// Accept tokens of this issuer, written as in `iss`.
    #[arg(long, value_name = "URL")]
    pub(crate) issuer: Option<String>,
    /// What kind of issuer that is. Default: an emulator of Cognito.
    #[arg(long, value_name = "PROVIDER", requires = "issuer")]
    pub(crate) provider: Option<Provider>,
    /// Address of that issuer's key set. Default for an OpenID Connect issuer: the one that its discovery document names.
    #[arg(long, value_name = "URL", requires = "issuer")]
    pub(crate) jwks_uri: Option<String>,
    /// Fetch keys over http, for an emulator. Never use it in production.
    #[arg(long, requires = "issuer")]
    pub(crate) danger_http_keys: bool,
    /// Accept tokens of this app client; repeatable. The word any accepts every client.
    #[arg(long = "client-id", value_name = "ID")]
    pub(crate) client_ids: Vec<String>,
    /// Accept tokens for this audience (`aud`); repeatable.
    #[arg(long = "audience", value_name = "AUDIENCE")]
    pub(crate) audiences: Vec<String>,
    /// Accept signatures with this algorithm, such as ES256; repeatable. Default: RS256.
    #[arg(long = "algorithm", value_name = "ALGORITHM")]
    pub(crate) algorithms: Vec<Algorithm>,
    /// Accept tokens of this kind: access, id or any.
    #[arg(long, value_name = "KIND")]
    pub(crate) token_use: Option<TokenUse>,
}

/// Who issues the tokens, as in `auth.provider`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum Provider {
    /// An emulator of Amazon Cognito.
    Cognito,
    /// Any other OpenID Connect issuer. No upsign.toml is read.
    Oidc,
}

/// Parses the id of a user pool, or its ARN, which ends with the id.
pub(crate) fn user_pool(text: &str) -> Result<UserPool, upsign_cognito::InvalidUserPool> {
    let id = text.strip_prefix("arn:").and_then(|arn| arn.split_once(":userpool/"));
    id.map_or(text, |(_, id)| id).trim().parse()
}

/// Whether a command needs the keys of the issuer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum KeySource {
    /// They are fetched from the issuer, if they are needed.
    Issuer,
    /// Nothing is fetched: the keys are in a file, or a gateway has verified the token.
    NotFetched,
}

impl AuthArgs {
    /// Returns the configuration of the verifier: the options alone if they are complete, or else `[auth]` in the
    /// configuration, overridden by the options. Of several `[[auth]]`, it is the one whose issuer `claims` name, or the one that
    /// `--issuer-name` names.
    ///
    /// Without a valid file, an issuer is enough. The result then says that the app client and the kind of token are not checked:
    /// the app client is the one that `claims` name.
    pub(crate) fn verifier(
        &self,
        file: &ConfigFile,
        claims: Option<&UnverifiedClaims>,
        keys: KeySource,
    ) -> Result<ChosenVerifier, CommandError> {
        let jwks_uri = self.jwks_uri(keys)?;
        let issuer = self.issuer(jwks_uri.as_deref(), keys)?;
        let is_complete = self.token_use.is_some() && !self.client_ids.is_empty();
        if let Some(issuer) = issuer.clone().filter(|_| is_complete || self.is_oidc()) {
            return self.config_of_issuer(issuer, claims);
        }
        // The variables with the meaning of these options cannot say which of several issuers they are about.
        if let Ok(config) = file.load()
            && config.auth().is_some_and(|auth| auth.issuers.len() > 1)
        {
            return self.one_of_several(config, issuer.as_ref(), claims);
        }
        let config = match (file.load_with(|variable| self.value_for(variable, jwks_uri.as_deref())), issuer)
        {
            // Without a file, many keys are missing. Only the missing `[auth]` matters here.
            (Err(_), Some(issuer)) if !file.exists() => return self.config_of_issuer(issuer, claims),
            // A token can be checked while the file is being written. A file that was named has to be valid.
            (Err(_), Some(issuer)) if file.config.is_none() => {
                output::warning("upsign.toml is not valid and not used: upsign check shows why");
                return self.config_of_issuer(issuer, claims);
            }
            (Err(_), None) if !file.exists() => return Err(not_configured(claims)),
            (config, _) => config?,
        };
        require_tokens(&config)?;
        let auth = config.auth().cloned().ok_or_else(|| not_configured(claims))?;
        let only = auth.only_issuer().ok_or_else(|| not_configured(claims))?;
        self.require_name(std::slice::from_ref(only))?;
        let own_keys = self.user_pool.is_none() && self.issuer.is_none();
        let accepted = [only.verifier.clone()];
        Ok(ChosenVerifier::of_file(config, &auth, 0, only, own_keys).with_mismatch(claims, &accepted))
    }

    fn is_oidc(&self) -> bool {
        self.provider == Some(Provider::Oidc)
    }

    /// Returns the address of the issuer's keys. `None` if the discovery document names it. It is not used if nothing is fetched, and
    /// then need not be known.
    fn jwks_uri(&self, keys: KeySource) -> Result<Option<String>, CommandError> {
        if let Some(issuer) = &self.issuer {
            require_url("--issuer", issuer)?;
        }
        match (&self.issuer, &self.jwks_uri, keys) {
            (Some(issuer), None, KeySource::NotFetched) => {
                Ok(Some(format!("{}/.well-known/jwks.json", issuer.trim_end_matches('/'))))
            }
            (Some(_), None, KeySource::Issuer) if !self.is_oidc() => {
                Err(CommandError::usage("--issuer alone does not say where the issuer's keys are").with_help(
                    "add --jwks-uri URL, their address, or --jwks FILE, or --provider oidc if the issuer has a discovery document",
                ))
            }
            (_, given, _) => Ok(given.clone()),
        }
    }

    fn issuer(
        &self,
        jwks_uri: Option<&str>,
        source: KeySource,
    ) -> Result<Option<TrustedIssuer>, CommandError> {
        if let Some(pool) = &self.user_pool {
            return Ok(Some(pool.trusted_issuer()));
        }
        let Some(issuer) = &self.issuer else { return Ok(None) };
        if let Some(keys) = jwks_uri {
            require_url("--jwks-uri", keys)?;
        }
        let trusted = match (jwks_uri, self.danger_http_keys) {
            _ if source == KeySource::NotFetched && self.jwks_uri.is_none() => TrustedIssuer::offline(issuer),
            (Some(keys), true) => TrustedIssuer::danger_http_keys(issuer, keys),
            (Some(keys), false) => TrustedIssuer::custom(issuer, keys),
            (None, true) => TrustedIssuer::danger_http_discovery(issuer),
            (None, false) => TrustedIssuer::discover(issuer),
        };
        trusted.map(Some).map_err(|error| {
            let (option, address) = jwks_uri.map_or(("--issuer", &**issuer), |keys| ("--jwks-uri", keys));
            match error {
                // An issuer whose keys are at another address is only compared.
                InvalidIssuer::Http => CommandError::usage(format!("{option} {address} must be https://"))
                    .with_help("for an emulator, add --danger-http-keys"),
                error if jwks_uri.is_none() => invalid("--issuer", &error),
                error => invalid("--issuer and --jwks-uri", &error),
            }
        })
    }

    /// Returns the option with the same meaning as an `UPSIGN_…` variable.
    fn value_for(&self, variable: &str, jwks_uri: Option<&str>) -> Option<String> {
        match variable {
            "UPSIGN_USER_POOL" => self.user_pool.as_ref().map(ToString::to_string),
            "UPSIGN_ISSUER" => self.issuer.clone(),
            "UPSIGN_JWKS_URI" => jwks_uri.map(str::to_owned),
            "UPSIGN_DANGER_HTTP_KEYS" => self.danger_http_keys.then(|| "true".to_owned()),
            "UPSIGN_AUTH_PROVIDER" => self.provider.map(|_| "cognito".to_owned()),
            "UPSIGN_AUDIENCES" => (!self.audiences.is_empty()).then(|| self.audiences.join(",")),
            "UPSIGN_ALGORITHMS" => (!self.algorithms.is_empty())
                .then(|| Vec::from_iter(self.algorithms.iter().map(|algorithm| algorithm.name())).join(",")),
            "UPSIGN_CLIENT_IDS" => (!self.client_ids.is_empty()).then(|| self.client_ids.join(",")),
            "UPSIGN_TOKEN_USE" => self.token_use.map(|kind| kind.as_str().to_owned()),
            _ => None,
        }
    }
}

/// Describes an option whose value is not possible.
fn invalid(option: &str, error: &(dyn std::error::Error + 'static)) -> CommandError {
    CommandError::caused(option, error).into_usage()
}

/// Refuses the value of an option that is no URL at all. Whether http is possible is checked after that.
pub(crate) fn require_url(option: &str, value: &str) -> Result<(), CommandError> {
    let starts =
        |scheme: &str| value.get(..scheme.len()).is_some_and(|start| start.eq_ignore_ascii_case(scheme));
    if starts("https://") || starts("http://") {
        return Ok(());
    }
    let example = if option == "--issuer" { "" } else { "/.well-known/jwks.json" };
    Err(CommandError::usage(format!("{option}: {value:?} is not a URL"))
        .with_help(format!("write it as in https://id.example.com{example}")))
}

/// Refuses a configuration whose callers are identified without a token.
pub(crate) fn require_tokens(config: &Config) -> Result<(), CommandError> {
    let callers = match config.auth().and_then(|auth: &Auth| auth.gateway.as_ref()) {
        None => return Ok(()),
        Some(GatewayIdentity::Iam(_)) => "source = \"iam\": callers sign their requests with IAM credentials",
        Some(_) => "source = \"lambda-authorizer\": a Lambda authorizer of the API identifies callers",
    };
    let mut error =
        Diagnostic::new("no-tokens", format!("{callers}, so upsign.toml accepts no tokens and has no keys"));
    error.help = Some(
        "check an event that the function received: upsign identity EVENT.json; or name the issuer of the token: \
         --user-pool ID"
            .to_owned(),
    );
    AuthPlace::file(config.clone(), 0, 1, None).point_at(&mut error, &["source"]);
    Err(CommandError::new(Exit::Usage, error))
}

/// Returns what authenticates the callers of an API by tokens: in the header that `[auth]` names, and with or without `Bearer`.
pub(crate) fn bearer(verifier: impl VerifyToken + 'static, auth: Option<&Auth>) -> Authentication {
    let header = auth.map_or_else(TokenHeader::default, |auth| auth.token_header.clone());
    let bearer = BearerToken::new(verifier).with_header(header);
    let accepts_raw = auth.is_some_and(|auth| auth.accept_raw_authorization);
    Authentication::new(if accepts_raw { bearer.accept_raw_authorization() } else { bearer })
}

fn not_configured(claims: Option<&UnverifiedClaims>) -> CommandError {
    let error = CommandError::usage("no user pool or issuer is configured");
    match (claims.and_then(UnverifiedClaims::user_pool), claims.and_then(UnverifiedClaims::issuer)) {
        (Some(pool), _) => error.with_help(format!(
            "pass --user-pool {pool}, the pool that the token names, or add [auth] to upsign.toml"
        )),
        (None, Some(issuer)) => error.with_help(format!(
            "the token names the issuer {}: pass --provider oidc --issuer URL --audience AUDIENCE (an emulator of Cognito: \
             --issuer URL --jwks-uri URL), or add [auth] with provider = \"oidc\", issuer, audiences and token_use to upsign.toml",
            Excerpt::new(issuer)
        )),
        (None, None) => error.with_help("pass --user-pool ID, or add [auth] to upsign.toml"),
    }
}
