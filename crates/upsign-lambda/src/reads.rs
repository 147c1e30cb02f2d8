//! URLs to read confirmed uploads through CloudFront, which the function signs with the key of `[cloudfront]`.

#[cfg(feature = "cloudfront")]
use std::sync::Arc;

#[cfg(feature = "cloudfront")]
use upsign::read::SignRead;
use upsign_config::Config;
#[cfg(feature = "cloudfront")]
use upsign_config::{OpenReadSignerError, environment_credentials};

#[cfg(feature = "cloudfront")]
use crate::environment::{FunctionSettings, SignerCredentials, variable};
use crate::extensions::Extensions;
use crate::start::StartError;

/// What [`FunctionSettings::load_read_signer`] found. The function that answers clients returns an error of it; other functions with the
/// same configuration sign no URLs, and their roles may not read the key.
#[cfg(feature = "cloudfront")]
pub(crate) type LoadedSigner = Result<Option<Arc<dyn SignRead>>, OpenReadSignerError>;

#[cfg(feature = "cloudfront")]
impl FunctionSettings {
    /// Loads the key that `cloudfront.private_key` names, if URLs to read uploads are signed with it and
    /// [`with_read_signer`](Self::with_read_signer) was not called. Feature `cloudfront`.
    ///
    /// Only a key in AWS Secrets Manager needs it: one in a variable or a file is read when the function is created. The call is signed with
    /// the credentials of the function's role. [`load`](crate::environment::load()) does the same. An error is returned when the API is
    /// created.
    pub async fn load_read_signer(mut self) -> Self {
        if self.extensions.sign_read.is_some() {
            return self;
        }
        let at = upsign::Clock::now(&upsign::SystemClock);
        let config = &self.config;
        let loaded = match (environment_credentials(variable), &self.signer) {
            (Ok(role), _) => config.open_read_signer(async |it| it.load(variable, &role, at).await).await,
            (_, SignerCredentials::Fixed { credentials, .. }) => {
                config.open_read_signer(async |it| it.load(variable, credentials, at).await).await
            }
            (_, SignerCredentials::Source(source)) => {
                config.open_read_signer(async |it| it.load(variable, source, at).await).await
            }
        };
        self.extensions.loaded_signer = Some(loaded);
        self
    }
}

impl Extensions {
    /// Signs URLs of CloudFront as `[cloudfront]` says, unless the program has set a signer.
    #[cfg(feature = "cloudfront")]
    pub(crate) fn sign_reads_by(&mut self, config: &Config) -> Result<(), StartError> {
        if self.sign_read.is_none() {
            self.sign_read = match self.loaded_signer.take() {
                Some(loaded) => loaded?,
                None => config.open_local_read_signer(|source| source.read(variable))?,
            };
        }
        Ok(())
    }

    #[cfg(not(feature = "cloudfront"))]
    pub(crate) fn sign_reads_by(&mut self, config: &Config) -> Result<(), StartError> {
        match self.sign_read.is_none() && config.signs_reads_of_cloudfront() {
            true => Err(StartError::CloudFrontDisabled),
            false => Ok(()),
        }
    }
}
