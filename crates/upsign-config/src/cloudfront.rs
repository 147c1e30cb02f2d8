//! The section `[cloudfront]`: who may read through a CloudFront distribution, and with which key URLs are signed.

use upsign_documents::{CloudFrontPublicKey, Reads};

use crate::config::{Config, RouteConfig};
use crate::token::TokenSecretSource;

/// The values of `[cloudfront]`.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct CloudFrontConfig {
    /// The domains at which the distributions are reached, each with its bucket. It is empty if the file names none: a generated stack
    /// passes them to its function in a variable.
    pub domains: Vec<(Box<str>, Box<str>)>,
    /// The id that CloudFront gave to the public half of `private_key`. A generated stack passes it to its function in a variable.
    pub key_pair_id: Option<Box<str>>,
    /// Where the private key is that signs URLs.
    pub private_key: Option<TokenSecretSource>,
    /// The public keys whose signatures the distributions of a generated stack accept. The first is that of `private_key`.
    pub public_keys: Vec<CloudFrontPublicKey>,
    /// Whether everybody who knows the key of an upload may read it.
    pub public_reads: bool,
}

impl Config {
    /// Returns the values of `[cloudfront]`, which are the defaults if the file does not have it.
    #[must_use]
    pub const fn cloudfront(&self) -> &CloudFrontConfig {
        &self.cloudfront
    }

    /// Returns whether URLs of CloudFront are signed for confirmed uploads: with `reads = "cloudfront"`, unless reads are public.
    #[must_use]
    pub fn signs_reads_of_cloudfront(&self) -> bool {
        let confirms = |route: &RouteConfig| route.policy.confirmation().confirm();
        self.deployment.reads == Some(Reads::CloudFront)
            && !self.cloudfront.public_reads
            && self.routes.iter().any(confirms)
    }

    /// Returns whether URLs to read confirmed uploads are signed, by presigning or for CloudFront, so that the API has `/uploads/read-url`.
    #[must_use]
    pub fn signs_reads(&self) -> bool {
        match self.deployment.reads {
            Some(Reads::Presigned) => self.routes.iter().any(|route| route.policy.confirmation().confirm()),
            Some(Reads::CloudFront) => self.signs_reads_of_cloudfront(),
            _ => false,
        }
    }
}

#[cfg(feature = "cloudfront")]
mod open {
    use std::sync::Arc;

    use upsign::read::SignRead;
    use upsign_cloudfront::{
        CloudFrontKey, CloudFrontSigner, CloudFrontSigners, InvalidCloudFrontKey, InvalidDistribution,
    };
    use zeroize::Zeroizing;

    use crate::config::Config;
    use crate::token::{LoadSecretError, TokenSecretSource};

    /// The reason why URLs of CloudFront cannot be signed. No message contains a key.
    #[derive(Debug, thiserror::Error)]
    #[non_exhaustive]
    pub enum OpenReadSignerError {
        /// `cloudfront.private_key` is not set.
        #[error("cloudfront.private_key is not set: it names the key that signs URLs")]
        NoPrivateKey,
        /// Neither `cloudfront.domain` nor `cloudfront.domains` is set.
        #[error(
            "cloudfront.domain is not set: write the domain of the distribution, which a generated stack has as its output \
             DistributionDomain"
        )]
        NoDomain,
        /// `cloudfront.key_pair_id` is not set.
        #[error(
            "cloudfront.key_pair_id is not set: write the id that CloudFront gave to the public key, which a generated stack has as its \
             output ReadKeyId"
        )]
        NoKeyPairId,
        /// The private key cannot be loaded.
        #[error("cloudfront.private_key")]
        Load(#[source] LoadSecretError),
        /// CloudFront does not accept the private key.
        #[error("cloudfront.private_key")]
        Key(#[source] InvalidCloudFrontKey),
        /// The private key belongs to none of the public keys.
        #[error(
            "cloudfront.private_key belongs to none of cloudfront.public_keys: the distribution would reject every URL; \
             `openssl pkey -in KEY -pubout` prints the public key"
        )]
        OtherKey,
        /// A domain or the id has another form.
        #[error("[cloudfront]")]
        Distribution(#[source] InvalidDistribution),
    }

    impl Config {
        /// Reads the private key of `[cloudfront]` from what `load` returned for [`private_key`](super::CloudFrontConfig::private_key).
        /// Feature `cloudfront`.
        ///
        /// # Errors
        /// Returns [`OpenReadSignerError`] if CloudFront does not accept the key, or if no public key belongs to it.
        pub fn cloudfront_key(
            &self,
            loaded: Result<Zeroizing<Vec<u8>>, LoadSecretError>,
        ) -> Result<CloudFrontKey, OpenReadSignerError> {
            let secret = loaded.map_err(OpenReadSignerError::Load)?;
            let pem = std::str::from_utf8(&secret).unwrap_or_default();
            let key = CloudFrontKey::from_pem(pem).map_err(OpenReadSignerError::Key)?;
            match self.cloudfront.public_keys.is_empty() || self.public_key_index(&key).is_some() {
                true => Ok(key),
                false => Err(OpenReadSignerError::OtherKey),
            }
        }

        /// Returns which of [`public_keys`](super::CloudFrontConfig::public_keys) belongs to a private key, counted from 0. Feature
        /// `cloudfront`.
        #[must_use]
        pub fn public_key_index(&self, key: &CloudFrontKey) -> Option<usize> {
            let own = key.public_key_pem();
            self.cloudfront.public_keys.iter().position(|known| known.to_string() == own)
        }

        /// Creates what signs URLs of CloudFront, for [`UploadService::with_read_signer`](upsign::UploadService::with_read_signer); `None`
        /// unless [`signs_reads_of_cloudfront`](Self::signs_reads_of_cloudfront). Feature `cloudfront`.
        ///
        /// `load` returns the private key, usually by [`TokenSecretSource::read`], or by `TokenSecretSource::load` of the feature `secrets`.
        ///
        /// # Errors
        /// Returns [`OpenReadSignerError`] if a value is missing, or if the key cannot be used.
        pub async fn open_read_signer(
            &self,
            load: impl AsyncFn(&TokenSecretSource) -> Result<Zeroizing<Vec<u8>>, LoadSecretError>,
        ) -> Result<Option<Arc<dyn SignRead>>, OpenReadSignerError> {
            let Some(source) = self.source_of_read_signer()? else { return Ok(None) };
            self.read_signer(load(source).await).map(Some)
        }

        /// Creates what signs URLs of CloudFront like [`open_read_signer`](Self::open_read_signer), from a key that is on this machine.
        /// Feature `cloudfront`.
        ///
        /// # Errors
        /// Returns the errors of [`open_read_signer`](Self::open_read_signer).
        pub fn open_local_read_signer(
            &self,
            load: impl Fn(&TokenSecretSource) -> Result<Zeroizing<Vec<u8>>, LoadSecretError>,
        ) -> Result<Option<Arc<dyn SignRead>>, OpenReadSignerError> {
            let Some(source) = self.source_of_read_signer()? else { return Ok(None) };
            self.read_signer(load(source)).map(Some)
        }

        /// Returns where the private key is, once everything else is there, so that no key is loaded in vain.
        fn source_of_read_signer(&self) -> Result<Option<&TokenSecretSource>, OpenReadSignerError> {
            if !self.signs_reads_of_cloudfront() {
                return Ok(None);
            }
            let values = &self.cloudfront;
            let source = values.private_key.as_ref().ok_or(OpenReadSignerError::NoPrivateKey)?;
            if values.domains.is_empty() {
                return Err(OpenReadSignerError::NoDomain);
            }
            values.key_pair_id.as_ref().ok_or(OpenReadSignerError::NoKeyPairId)?;
            Ok(Some(source))
        }

        fn read_signer(
            &self,
            loaded: Result<Zeroizing<Vec<u8>>, LoadSecretError>,
        ) -> Result<Arc<dyn SignRead>, OpenReadSignerError> {
            let id = self.cloudfront.key_pair_id.as_ref().ok_or(OpenReadSignerError::NoKeyPairId)?;
            let key = self.cloudfront_key(loaded)?;
            let mut signers = CloudFrontSigners::new();
            for (bucket, domain) in &self.cloudfront.domains {
                let signer = CloudFrontSigner::new(domain, id, key.clone());
                signers = signers.with_bucket(bucket, signer.map_err(OpenReadSignerError::Distribution)?);
            }
            Ok(Arc::new(signers))
        }
    }
}

#[cfg(feature = "cloudfront")]
pub use open::OpenReadSignerError;
