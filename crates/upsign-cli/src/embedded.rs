//! The embedded services of `demo` and `dev`: a user pool, an S3 server, and the API between them, in one process.

use std::net::{IpAddr, SocketAddr};

use upsign::{SigV4, UploadIssuer, fill_random};
use upsign_axum::Authentication;
use upsign_cognito::{HttpFetch, TokenUse, TrustedIssuer, Verifier, VerifierConfig};
use upsign_core::{Bucket, CorsOrigins, Credentials, Origin, Region, WithCredentials};
use upsign_documents::{CorsDocument, CorsMethod, CorsRule};
use upsign_http::{Api, BearerToken};
use upsign_local::{LocalPool, LocalS3, LocalUser, generate_credentials};
use upsign_policy::{Bodyless, ContentRules, IdName, KeyTemplate, SizeLimit, UploadPolicy};

use crate::exit::CommandError;

/// The one user of the embedded pool.
pub(crate) const USERNAME: &str = "alice";
pub(crate) const TEMPLATE: &str = "articles/{article_id}/raw/{id}.{ext}";
pub(crate) const TYPES: [&str; 3] = ["image/jpeg", "image/png", "image/webp"];
const MAX_BYTES: u64 = 10 << 20;

/// The presigner of the embedded API.
pub(crate) type Presigner = WithCredentials<SigV4, Credentials>;

/// A user pool and an S3 server that run, and the policy of the API between them.
pub(crate) struct EmbeddedServices {
    pub(crate) s3: LocalS3,
    pub(crate) pool: LocalPool,
    pub(crate) policy: UploadPolicy,
    pub(crate) password: String,
    pub(crate) authentication: Authentication,
    origins: CorsOrigins,
}

impl EmbeddedServices {
    /// Starts the pool and the S3 server with new keys. Pages at the address `page`, or at `localhost` with its port, may use
    /// them.
    pub(crate) async fn start(page: SocketAddr) -> Result<Self, CommandError> {
        let names = origins(page);
        let listed: Result<Vec<_>, _> = names.iter().map(|name| name.parse()).collect();
        let origins = CorsOrigins::listed(
            listed.map_err(|error| CommandError::caused("the origin of the page", &error))?,
        );
        let password = random_password()?;
        let mut pool = LocalPool::builder().user(LocalUser::new(USERNAME, &password));
        for name in names {
            pool = pool.allowed_origin(name);
        }
        let pool = pool.start().await.map_err(|error| CommandError::caused("the user pool", &error))?;
        let (bucket, region) = bucket_and_region()?;
        let s3 = LocalS3::builder(random_credentials()?, region, bucket.clone()).start().await;
        let s3 = s3.map_err(|error| CommandError::caused("the S3 server", &error))?;
        let policy = policy(&s3, &bucket)?;
        s3.set_cors(
            cors(&policy, &origins).map_err(|error| CommandError::caused("the CORS document", &*error))?,
        );
        let authentication = authentication(&pool)?;
        Ok(Self { s3, pool, policy, password, authentication, origins })
    }

    /// Returns the API that signs uploads to the S3 server for the users of the pool.
    pub(crate) fn api(&self) -> Result<Api<Presigner>, CommandError> {
        let presigner = WithCredentials::new(SigV4::new(), self.s3.credentials().clone());
        let issuer = UploadIssuer::new(self.policy.clone(), presigner);
        let issuer = issuer.map_err(|error| CommandError::caused("the issuer", &error))?;
        Ok(Api::new(issuer, self.origins.clone()))
    }

    /// Stops both servers. Uploaded objects are lost.
    pub(crate) async fn shutdown(self) {
        self.s3.shutdown().await;
        self.pool.shutdown().await;
    }
}

/// Returns the two origins of the page: for a browser, its address and localhost are different origins. Browsers leave out the
/// port 80.
pub(crate) fn origins(page: SocketAddr) -> [String; 2] {
    let port = if page.port() == 80 { String::new() } else { format!(":{}", page.port()) };
    let ip = match page.ip() {
        IpAddr::V4(ip) => ip.to_string(),
        IpAddr::V6(ip) => format!("[{ip}]"),
    };
    [format!("http://{ip}{port}"), format!("http://localhost{port}")]
}

fn bucket_and_region() -> Result<(Bucket, Region), CommandError> {
    let bucket =
        "article-images-bucket".parse().map_err(|error| CommandError::caused("the bucket", &error))?;
    let region = "ap-southeast-1".parse().map_err(|error| CommandError::caused("the region", &error))?;
    Ok((bucket, region))
}

fn policy(s3: &LocalS3, bucket: &Bucket) -> Result<UploadPolicy, CommandError> {
    let build = || -> Result<UploadPolicy, Box<dyn std::error::Error>> {
        let ids: [IdName; 1] = ["article_id".parse()?];
        let template = KeyTemplate::parse(TEMPLATE, &ids)?;
        Ok(UploadPolicy::builder(s3.target(bucket.clone()), template, Bodyless::Allow)
            .content(ContentRules::new(TYPES)?)
            .size(SizeLimit::up_to(MAX_BYTES)?)
            .build()?)
    };
    build().map_err(|error| CommandError::caused("the policy", &*error))
}

/// Returns the CORS rules that uploads need, and one for GET: the page reads an upload back to compare it.
fn cors(policy: &UploadPolicy, origins: &CorsOrigins) -> Result<CorsDocument, Box<dyn std::error::Error>> {
    let uploads = CorsDocument::for_policy(policy, origins)?;
    let read = CorsRule::new(origins.list().iter().map(Origin::as_str), [CorsMethod::Get])?;
    Ok(CorsDocument::new(uploads.rules().iter().cloned().chain([read]))?)
}

fn authentication(pool: &LocalPool) -> Result<Authentication, CommandError> {
    let issuer = TrustedIssuer::danger_http(&pool.issuer(), &pool.jwks_url());
    let issuer = issuer.map_err(|error| CommandError::caused("the pool's issuer", &error))?;
    let config = VerifierConfig::new(issuer, [pool.client_id()], TokenUse::Access);
    let config = config.map_err(|error| CommandError::caused("the verifier", &error))?;
    Ok(Authentication::new(BearerToken::new(Verifier::new(config, HttpFetch::new()))))
}

/// Generates credentials.
///
/// If the operating system fails to give random bytes, `generate_credentials` would use zeros, so failures are recorded and
/// checked before the credentials are used.
fn random_credentials() -> Result<Credentials, CommandError> {
    let mut failed = false;
    let credentials = generate_credentials(&mut |bytes| failed |= fill_random(bytes).is_err());
    if failed {
        Err(CommandError::failure("the operating system returned no random bytes"))
    } else {
        Ok(credentials)
    }
}

fn random_password() -> Result<String, CommandError> {
    let mut bytes = [0; 12];
    fill_random(&mut bytes).map_err(|error| CommandError::caused("cannot generate a password", &error))?;
    Ok(bytes.iter().map(|byte| format!("{byte:02x}")).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn origins_are_those_that_browsers_send() {
        for (address, first, second) in [
            ("127.0.0.1:4280", "http://127.0.0.1:4280", "http://localhost:4280"),
            ("127.0.0.1:80", "http://127.0.0.1", "http://localhost"),
            ("[::1]:4280", "http://[::1]:4280", "http://localhost:4280"),
        ] {
            let origins = origins(address.parse().unwrap());
            assert_eq!(origins, [first, second]);
            assert!(origins.iter().all(|origin| origin.parse::<Origin>().is_ok()));
        }
    }
}
