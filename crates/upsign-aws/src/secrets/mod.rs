//! Secrets of AWS Secrets Manager, read with one signed request.

mod answer;
mod arn;
mod error;
mod signature;

use std::fmt;
use std::sync::OnceLock;
use std::time::Duration;

use reqwest::redirect::Policy;
use reqwest::{Client, Response, retry};
use upsign_core::{Credentials, CredentialsSource, Endpoint, Scheme, Timestamp};
use zeroize::Zeroizing;

use self::arn::SecretAddress;
pub use self::error::ReadSecretError;
use self::signature::{SignedCall, sign};

/// Reads secrets of AWS Secrets Manager. Feature `secrets`. Requires a tokio runtime.
///
/// It sends `GetSecretValue`, signed with Signature Version 4, to the endpoint of the region in the secret's ARN, and returns the
/// current version. No crate of the AWS SDK is involved.
///
/// The credentials need `secretsmanager:GetSecretValue` on the secret, and `kms:Decrypt` if it is encrypted with a key of the
/// customer.
///
/// A call takes at most 10 seconds: 3 attempts of at most 3 seconds each, with pauses of 200 and 400 ms. It is repeated after
/// throttling, other temporary errors of the service, and failures of the connection. Redirects are not followed.
///
/// ```no_run
/// use upsign_aws::SecretsManager;
/// use upsign_core::{Credentials, Timestamp};
///
/// # async fn start(at: Timestamp) -> Result<(), Box<dyn std::error::Error>> {
/// let credentials = Credentials::long_term("AKIDEXAMPLE", "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY")?;
/// let arn = "arn:aws:secretsmanager:eu-central-1:123456789012:secret:upsign/uploads-AbCdEf";
/// let secret = SecretsManager::new(credentials).read(arn, at).await?;
/// # let _ = secret;
/// # Ok(()) }
/// ```
///
/// Source: <https://docs.aws.amazon.com/secretsmanager/latest/apireference/API_GetSecretValue.html>.
pub struct SecretsManager<C> {
    credentials: C,
    endpoint: Option<Endpoint>,
    uses_environment_proxy: bool,
    client: OnceLock<Client>,
}

/// Maximum number of attempts of a call.
const MAX_ATTEMPTS: u32 = 3;
const ATTEMPT: Duration = Duration::from_secs(3);
/// The pause after the first attempt. It doubles.
const PAUSE: Duration = Duration::from_millis(200);

impl<C: CredentialsSource> SecretsManager<C> {
    /// Creates the reader. It does not connect to anything yet.
    #[must_use]
    pub const fn new(credentials: C) -> Self {
        Self { credentials, endpoint: None, uses_environment_proxy: false, client: OnceLock::new() }
    }

    /// Calls this endpoint in place of the one of the secret's region, for example a VPC endpoint or an emulator.
    #[must_use]
    pub fn with_endpoint(self, endpoint: Endpoint) -> Self {
        Self { endpoint: Some(endpoint), client: OnceLock::new(), ..self }
    }

    /// Connects over the proxy that the environment variables name: `HTTPS_PROXY`, or `ALL_PROXY`, and `NO_PROXY`, each also in
    /// lower case. Default: no proxy. The proxy tunnels TLS and sees no request. An endpoint with `http`, and one on this
    /// machine, is never called over a proxy.
    #[must_use]
    pub fn with_environment_proxy(self) -> Self {
        Self { uses_environment_proxy: true, client: OnceLock::new(), ..self }
    }

    /// Returns the value of the secret with this ARN: the bytes of its text, or those of a binary secret. `at` is the time of the
    /// call, with which it is signed.
    ///
    /// # Errors
    /// Returns [`ReadSecretError`] if the text is not the ARN of a secret, if there are no credentials, or if the service does not
    /// return the secret. No error contains the secret.
    pub async fn read(&self, arn: &str, at: Timestamp) -> Result<Zeroizing<Vec<u8>>, ReadSecretError> {
        let address = SecretAddress::parse(arn).ok_or(ReadSecretError::InvalidArn)?;
        let credentials = self.credentials.credentials(at).await?;
        let mut pause = PAUSE;
        let mut attempt = 1;
        loop {
            match self.attempt(&address, &credentials, at).await {
                Err(error) if error.is_temporary() && attempt < MAX_ATTEMPTS => {
                    tokio::time::sleep(pause).await;
                    pause *= 2;
                    attempt += 1;
                }
                result => return result,
            }
        }
    }

    async fn attempt(
        &self,
        address: &SecretAddress<'_>,
        credentials: &Credentials,
        at: Timestamp,
    ) -> Result<Zeroizing<Vec<u8>>, ReadSecretError> {
        let origin = self.origin(address);
        let host = origin.split_once("://").map_or("", |(_, host)| host);
        let body = format!("{{\"SecretId\":\"{}\"}}", address.arn);
        let call = SignedCall { host, region: address.region, body: body.as_bytes() };
        let mut request = self.client()?.post(format!("{origin}/")).timeout(ATTEMPT);
        for (name, value) in sign(&call, credentials, at) {
            request = request.header(name, value.as_str());
        }
        let response = request.body(body.clone()).send().await.map_err(ReadSecretError::no_answer)?;
        let status = response.status();
        let content = bounded_body(response).await?;
        match status.is_success() {
            true => answer::secret(&content).ok_or(ReadSecretError::Malformed),
            false => Err(answer::refusal(status.as_u16(), &content)),
        }
    }

    /// Returns scheme, host and port of the endpoint.
    fn origin(&self, address: &SecretAddress<'_>) -> String {
        match &self.endpoint {
            None => format!("https://secretsmanager.{}.{}", address.region, address.dns_suffix),
            Some(endpoint) => {
                let port = endpoint.port().map(|port| format!(":{port}")).unwrap_or_default();
                format!("{}://{}{port}", endpoint.scheme().as_str(), endpoint.host())
            }
        }
    }

    /// Returns the HTTP client, which the first call builds.
    fn client(&self) -> Result<&Client, ReadSecretError> {
        if let Some(client) = self.client.get() {
            return Ok(client);
        }
        let is_http = self.endpoint.as_ref().is_some_and(|endpoint| endpoint.scheme() == Scheme::Http);
        let is_local = self.endpoint.as_ref().is_some_and(Endpoint::is_loopback);
        let builder = Client::builder()
            .redirect(Policy::none())
            .retry(retry::never())
            .referer(false)
            .user_agent(concat!("upsign-aws/", env!("CARGO_PKG_VERSION")));
        let uses_proxy = self.uses_environment_proxy && !is_http && !is_local;
        let builder = if uses_proxy { builder } else { builder.no_proxy() };
        // Without TLS no CA certificates are needed, so a machine that has none can still use a local emulator.
        let builder = if is_http { builder.tls_certs_only([]) } else { builder.https_only(true) };
        let client = builder.build().map_err(ReadSecretError::no_answer)?;
        Ok(self.client.get_or_init(|| client))
    }
}

impl<C> fmt::Debug for SecretsManager<C> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SecretsManager").field("endpoint", &self.endpoint).finish_non_exhaustive()
    }
}

/// Maximum size of a response. A secret has at most 65,536 bytes
/// (<https://docs.aws.amazon.com/secretsmanager/latest/userguide/reference_limits.html>), and JSON writes a byte with at most six.
const MAX_BODY: usize = 512 << 10;

async fn bounded_body(mut response: Response) -> Result<Zeroizing<Vec<u8>>, ReadSecretError> {
    let mut body = Zeroizing::new(Vec::new());
    while let Some(chunk) = response.chunk().await.map_err(ReadSecretError::no_answer)? {
        if body.len() + chunk.len() > MAX_BODY {
            return Err(ReadSecretError::Malformed);
        }
        body.extend_from_slice(&chunk);
    }
    Ok(body)
}
