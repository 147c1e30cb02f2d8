//! Loads the credentials that sign uploads, in the same way for every program.

use upsign::AssumeLifetime;
#[cfg(feature = "chain")]
use upsign_aws::ProviderChain;
use upsign_core::{
    Credentials, CredentialsError, CredentialsSource, ExpiresIn, Expiry, InvalidCredentials, Timestamp,
};
use upsign_policy::UploadPolicy;

use crate::config::{Config, UnknownExpiry};

/// The reason why no credentials could be loaded.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum LoadCredentialsError {
    /// A required variable is not set, or is empty. Holds its name.
    #[error("{0} is not set")]
    Missing(&'static str),
    /// The variables are set, but their values are not valid credentials.
    #[error("the credentials in the environment are not valid")]
    Invalid(#[from] InvalidCredentials),
    /// `AWS_CREDENTIAL_EXPIRATION` is set, but is not a time.
    #[error("AWS_CREDENTIAL_EXPIRATION is not a time in UTC, for example 2026-01-31T23:59:59Z")]
    Expiration,
    /// The credentials have a session token, no variable states when they expire, and the configuration sets no
    /// lifetime to assume. A grant must not claim to be valid longer than its credentials.
    #[error(
        "AWS_SESSION_TOKEN is set, but the expiry of these credentials is unknown: set AWS_CREDENTIAL_EXPIRATION, or \
         credentials.unknown_expiry to \
         \"assume\" and credentials.assume_for to the longest time for which they are valid"
    )]
    UnknownExpiry,
    /// The AWS provider chain found no credentials.
    #[error("the AWS provider chain has no credentials")]
    Chain(#[from] CredentialsError),
}

/// Reads credentials from `AWS_ACCESS_KEY_ID`, `AWS_SECRET_ACCESS_KEY` and `AWS_SESSION_TOKEN`.
///
/// `variable` returns the value of an environment variable, because this crate does not access the environment. An empty
/// value counts as not set.
///
/// With a session token, `AWS_CREDENTIAL_EXPIRATION` states the expiry: `aws configure export-credentials --format env` prints
/// it with the others. Where nothing sets it, as in AWS Lambda, the expiry is [`Expiry::Unknown`]: pass the result to
/// [`Config::credentials_source`].
///
/// # Errors
/// Returns [`LoadCredentialsError::Missing`] if one of the first two variables is not set,
/// [`LoadCredentialsError::Invalid`] if the values are not valid credentials, and [`LoadCredentialsError::Expiration`] if the
/// expiry is not a time.
pub fn environment_credentials(
    variable: impl Fn(&str) -> Option<String>,
) -> Result<Credentials, LoadCredentialsError> {
    let variable = |name| variable(name).filter(|value| !value.is_empty());
    let required = |name| variable(name).ok_or(LoadCredentialsError::Missing(name));
    let (id, secret) = (required("AWS_ACCESS_KEY_ID")?, required("AWS_SECRET_ACCESS_KEY")?);
    Ok(match variable("AWS_SESSION_TOKEN") {
        Some(token) => {
            let expiry = match variable("AWS_CREDENTIAL_EXPIRATION") {
                Some(time) => Expiry::At(expiration(&time).ok_or(LoadCredentialsError::Expiration)?),
                None => Expiry::Unknown,
            };
            Credentials::temporary(&id, &secret, &token, expiry)?
        }
        None => Credentials::long_term(&id, &secret)?,
    })
}

/// Parses a time in UTC as AWS's tools write it: with `Z` or `+00:00`, and possibly with a fraction of a second, which is cut
/// off, so that the credentials seem to end earlier and never later.
fn expiration(text: &str) -> Option<Timestamp> {
    let time = text.strip_suffix('Z').or_else(|| text.strip_suffix("+00:00"))?;
    let seconds = match time.split_once('.') {
        Some((seconds, fraction)) if fraction.bytes().all(|byte| byte.is_ascii_digit()) => seconds,
        Some(_) => return None,
        None => time,
    };
    format!("{seconds}Z").parse().ok()
}

/// Options for loading credentials from the AWS provider chain. Start from [`Default`] and set the fields that you need.
#[cfg(feature = "chain")]
#[derive(Clone, Copy, Debug, Default)]
#[non_exhaustive]
pub struct ChainOptions<'a> {
    /// The ARN of a role that is assumed with the credentials of the chain. Its credentials then sign.
    pub role_arn: Option<&'a str>,
    /// The external id that the role's trust policy requires.
    pub external_id: Option<&'a str>,
    /// The profile in the AWS configuration files.
    pub profile: Option<&'a str>,
    /// Refresh credentials within a request instead of in the background; see
    /// [`ProviderChain::with_blocking_refresh`](upsign_aws::ProviderChain::with_blocking_refresh). Default: `false`. Set it in
    /// a process that is suspended between requests, such as an AWS Lambda function.
    pub blocking_refresh: bool,
}

impl Config {
    /// Returns the shortest lifetime of a grant, of all routes. Credentials for which it is too long, with
    /// [`SAFETY_MARGIN`](upsign_core::SAFETY_MARGIN), can sign nothing: programs then report that they are not ready, or end.
    #[must_use]
    pub fn min_expires_in(&self) -> ExpiresIn {
        // A configuration has at least one route; the fallback is never used.
        self.policies().map(UploadPolicy::min_expires_in).min().unwrap_or(ExpiresIn::MAX)
    }

    /// Returns a source for fixed credentials, which the process received at `received_at`: usually when it started. If their
    /// expiry is unknown, it is set as `[credentials] unknown_expiry` specifies, counted from that time.
    ///
    /// # Errors
    /// Returns [`LoadCredentialsError::UnknownExpiry`] if the credentials do not state their expiry and the configuration
    /// sets no lifetime to assume (`unknown_expiry = "assume"`).
    pub fn credentials_source(
        &self,
        credentials: Credentials,
        received_at: Timestamp,
    ) -> Result<Box<dyn CredentialsSource>, LoadCredentialsError> {
        match (credentials.expiry(), self.unknown_expiry()) {
            (Expiry::Unknown, Some(UnknownExpiry::Assume(seconds))) => {
                Ok(Box::new(AssumeLifetime::new(credentials, seconds, received_at)))
            }
            (Expiry::Unknown, _) => Err(LoadCredentialsError::UnknownExpiry),
            _ => Ok(Box::new(credentials)),
        }
    }

    /// Returns a source that takes credentials from the AWS provider chain, or from a role that is assumed with them.
    ///
    /// These credentials state their expiry. They are renewed as soon as they no longer cover the longest lifetime of a grant,
    /// or at half of their own lifetime if that is later. While the provider fails or hangs, they sign until they are too short
    /// for the [shortest grant](Self::min_expires_in). [`ProviderChain::status`] returns the remaining lifetime and the last
    /// failure, and [`ProviderChain::with_observer`] reports each failure.
    ///
    /// # Errors
    /// Returns [`LoadCredentialsError::Chain`] if the AWS configuration has no credentials provider. Credentials are fetched,
    /// and a role is assumed, later, with the first request.
    #[cfg(feature = "chain")]
    pub async fn chain_source(
        &self,
        options: ChainOptions<'_>,
    ) -> Result<ProviderChain, LoadCredentialsError> {
        use upsign_aws::AssumeRole;
        use upsign_core::{SAFETY_MARGIN, ShortCredentials};

        const EARLY_RENEWAL: u64 = 60;

        // A configuration has at least one route; the fallback is never used.
        let region = self.policies().next().map(|policy| policy.target().region().clone());
        let region = region.ok_or(LoadCredentialsError::Missing("UPSIGN_REGION"))?;
        let chain = match options.role_arn {
            Some(arn) => {
                let role = AssumeRole::new(arn, "upsign");
                let role = match options.external_id {
                    Some(id) => role.with_external_id(id),
                    None => role,
                };
                ProviderChain::assume_role(role, options.profile, &region).await
            }
            None => ProviderChain::load(options.profile, &region).await?,
        };
        // A route that refuses short credentials has no grant while they are renewed: they are renewed earlier.
        let threshold = self.policies().map(|policy| {
            let early =
                if policy.short_credentials() == ShortCredentials::Refuse { EARLY_RENEWAL } else { 0 };
            u64::from(policy.expires_in().as_secs()) + u64::from(SAFETY_MARGIN) + early
        });
        let threshold = threshold.max().unwrap_or_default();
        let minimum = self.min_expires_in().as_secs();
        let chain = chain.with_refresh_threshold(threshold).with_min_lifetime(u64::from(minimum));
        Ok(if options.blocking_refresh { chain.with_blocking_refresh() } else { chain })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn load(variables: &[(&str, &str)]) -> Result<Credentials, LoadCredentialsError> {
        environment_credentials(|name| {
            let found = variables.iter().find(|(variable, _)| *variable == name);
            found.map(|(_, value)| (*value).to_owned())
        })
    }

    #[test]
    fn credentials_are_read_from_variables() {
        let keys = [("AWS_ACCESS_KEY_ID", "AKIDEXAMPLE"), ("AWS_SECRET_ACCESS_KEY", "secret")];
        assert_eq!(load(&keys).unwrap().expiry(), Expiry::Never);
        let [id, secret] = keys;
        assert_eq!(load(&[id, secret, ("AWS_SESSION_TOKEN", "")]).unwrap().expiry(), Expiry::Never);
        assert_eq!(load(&[id, secret, ("AWS_SESSION_TOKEN", "token")]).unwrap().expiry(), Expiry::Unknown);
        assert!(matches!(
            load(&[id, secret, ("AWS_CREDENTIAL_EXPIRATION", "x")]).unwrap().expiry(),
            Expiry::Never
        ));
        assert!(matches!(load(&[id]), Err(LoadCredentialsError::Missing("AWS_SECRET_ACCESS_KEY"))));
        assert!(matches!(load(&[]), Err(LoadCredentialsError::Missing("AWS_ACCESS_KEY_ID"))));
    }

    #[test]
    fn stated_expiry_of_temporary_credentials_is_used() {
        let load = |expiration| {
            load(&[
                ("AWS_ACCESS_KEY_ID", "ASIAEXAMPLE"),
                ("AWS_SECRET_ACCESS_KEY", "secret"),
                ("AWS_SESSION_TOKEN", "token"),
                ("AWS_CREDENTIAL_EXPIRATION", expiration),
            ])
        };
        let end = Expiry::At("2026-01-31T23:59:59Z".parse().unwrap());
        for text in ["2026-01-31T23:59:59Z", "2026-01-31T23:59:59+00:00", "2026-01-31T23:59:59.999Z"] {
            assert_eq!(load(text).unwrap().expiry(), end, "{text}");
        }
        assert_eq!(load("").unwrap().expiry(), Expiry::Unknown);
        for text in [
            "1h",
            "2026-01-31",
            "2026-01-31T23:59:59+01:00",
            "2026-01-31T23:59:59",
            "2026-01-31T23:59:59.9.9Z",
        ] {
            assert!(matches!(load(text), Err(LoadCredentialsError::Expiration)), "{text}");
        }
    }

    /// Credentials are used as long as some route can grant something with them.
    #[test]
    fn shortest_grant_is_that_of_the_route_with_the_shortest() {
        let shortest = |first: &str, second: &str, minimum: &str| {
            let upload = |name: &str, more: &str| {
                format!(
                    "[{name}]\nkey = \"{name}/{{id}}\"\ntypes = [\"image/jpeg\"]\nmax_size = \"1 MiB\"\nbodyless = \"refuse\"\n{more}\n"
                )
            };
            let text = format!(
                "[bucket]\nname = \"article-images-bucket\"\nregion = \"eu-west-1\"\n{}{}[cors]\norigins = \
                 [\"https://a.example\"]\n[credentials]\n{minimum}\n",
                upload("upload", first),
                upload("route.other", second),
            );
            Config::read("upsign.toml", &text, |_| None).unwrap().min_expires_in().as_secs()
        };
        assert_eq!(shortest("", "", ""), 60);
        assert_eq!(shortest("expires_in = \"30s\"", "", ""), 30);
        assert_eq!(shortest("", "", "minimum = \"5m\""), 300);
        let refuse = "short_credentials = \"refuse\"";
        assert_eq!([shortest(refuse, "", ""), shortest(refuse, refuse, "")], [60, 900]);
    }
}
