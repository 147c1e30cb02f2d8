//! Sources of credentials.

use std::fmt::{self, Debug};

use async_trait::async_trait;

use crate::credentials::Credentials;
use crate::error::CredentialsError;
use crate::time::Timestamp;

/// Supplies the current AWS credentials.
///
/// ```
/// use std::path::PathBuf;
/// use upsign_core::{Credentials, CredentialsError, CredentialsSource, Timestamp, async_trait};
///
/// /// Reads an access key from two lines of a file.
/// #[derive(Debug)]
/// struct KeyFile(PathBuf);
///
/// #[async_trait]
/// impl CredentialsSource for KeyFile {
///     async fn credentials(&self, _at: Timestamp) -> Result<Credentials, CredentialsError> {
///         let text = std::fs::read_to_string(&self.0).map_err(CredentialsError::load)?;
///         let (id, secret) = text.trim().split_once('\n').ok_or_else(|| CredentialsError::load("expected two lines"))?;
///         Credentials::long_term(id, secret).map_err(CredentialsError::load)
///     }
/// }
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// # let path = std::env::temp_dir().join(format!("upsign-keys-{}", std::process::id()));
/// # std::fs::write(&path, "AKIDEXAMPLE\nwJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY\n")?;
/// let credentials = KeyFile(path.clone()).credentials("2026-01-01T00:00:00Z".parse()?).await?;
/// assert_eq!(credentials.access_key_id(), "AKIDEXAMPLE");
/// # std::fs::remove_file(path)?;
/// # Ok(())
/// # }
/// ```
///
/// [`Credentials`] themselves implement this trait as a source that always returns the same set, and
/// [`credentials_fn`] makes a source of a closure. The trait is also implemented for `Arc<T>`, `Box<T>` and `&T`, so that
/// a source can be shared and can be chosen at run time (`Arc<dyn CredentialsSource>`).
///
/// The service calls the source for every upload. A source that loads credentials over the network should keep them
/// until shortly before they expire; the feature `renewing` adds a source that does so around any other source.
#[async_trait]
pub trait CredentialsSource: Debug + Send + Sync {
    /// Returns the credentials to sign with at `at`, loading or refreshing them if necessary.
    ///
    /// Implementations write `async fn credentials(&self, at: Timestamp) -> Result<Credentials, CredentialsError>`.
    ///
    /// # Errors
    /// Returns [`CredentialsError::Missing`] if no credentials are configured, and [`CredentialsError::Load`] if the
    /// configured source fails.
    async fn credentials(&self, at: Timestamp) -> Result<Credentials, CredentialsError>;
}

#[async_trait]
impl CredentialsSource for Credentials {
    async fn credentials(&self, _at: Timestamp) -> Result<Credentials, CredentialsError> {
        Ok(self.clone())
    }
}

/// Returns a source of credentials that calls `load` each time, with the time of the request.
///
/// The closure may be called for several requests at once. What its future uses must be cloned into each call, as below.
///
/// ```
/// use std::sync::Arc;
/// use upsign_core::{Credentials, CredentialsError, Expiry, credentials_fn};
/// # #[derive(Debug)] struct Vault;
/// # struct Secret { id: String, key: String, token: String }
/// # impl Vault { async fn read(&self, _path: &str) -> Result<Secret, std::io::Error> { Err(std::io::ErrorKind::NotFound.into()) } }
/// # let vault = Arc::new(Vault);
///
/// let source = credentials_fn(move |at| {
///     let vault = Arc::clone(&vault);
///     async move {
///         let secret = vault.read("aws/uploads").await.map_err(CredentialsError::load)?;
///         let expiry = Expiry::At(at.saturating_add(3_600));
///         Credentials::temporary(&secret.id, &secret.key, &secret.token, expiry).map_err(CredentialsError::load)
///     }
/// });
/// # let _: &dyn upsign_core::CredentialsSource = &source;
/// ```
pub const fn credentials_fn<F, Fut>(load: F) -> CredentialsFn<F>
where
    F: Fn(Timestamp) -> Fut + Send + Sync,
    Fut: Future<Output = Result<Credentials, CredentialsError>> + Send,
{
    CredentialsFn { load }
}

/// A source of credentials made of a closure by [`credentials_fn`].
#[derive(Clone, Copy)]
pub struct CredentialsFn<F> {
    load: F,
}

#[async_trait]
impl<F, Fut> CredentialsSource for CredentialsFn<F>
where
    F: Fn(Timestamp) -> Fut + Send + Sync,
    Fut: Future<Output = Result<Credentials, CredentialsError>> + Send,
{
    async fn credentials(&self, at: Timestamp) -> Result<Credentials, CredentialsError> {
        (self.load)(at).await
    }
}

impl<F> Debug for CredentialsFn<F> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("CredentialsFn").finish_non_exhaustive()
    }
}
