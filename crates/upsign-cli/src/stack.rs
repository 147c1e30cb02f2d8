//! Everything embedded in one process: a user pool, an S3 server and the API between them.

use std::net::SocketAddr;
use std::sync::Arc;

use upsign::{Clock, SigV4, SystemClock, UploadIssuer, fill_random};
use upsign_axum::Authentication;
use upsign_cognito::{HttpFetch, TokenUse, TrustedIssuer, Verifier, VerifierConfig};
use upsign_core::{Bucket, Credentials, Region, WithCredentials};
use upsign_documents::{CorsDocument, CorsMethod, CorsOrigins, CorsRule, Origin};
use upsign_http::{Api, BearerToken};
use upsign_local::{LocalPool, LocalS3, LocalUser, fresh_credentials};
use upsign_policy::{Bodyless, ContentRules, IdName, KeyTemplate, SizeLimit, UploadPolicy};

use crate::exit::Failed;

pub(crate) const USERNAME: &str = "alice";
pub(crate) const TEMPLATE: &str = "articles/{article_id}/raw/{id}.{ext}";
pub(crate) const TYPES: [&str; 3] = ["image/jpeg", "image/png", "image/webp"];
const MAX_BYTES: u64 = 10 << 20;

/// The presigner of the embedded stack.
pub(crate) type Presigner = WithCredentials<SigV4, Credentials>;

/// The running parts.
pub(crate) struct Stack {
    pub(crate) s3: LocalS3,
    pub(crate) pool: LocalPool,
    pub(crate) policy: UploadPolicy,
    pub(crate) password: String,
    pub(crate) authentication: Authentication,
    origins: CorsOrigins,
}

impl Stack {
    /// Starts pool and S3 with new keys, for pages at `page`: the address and its name `localhost`.
    pub(crate) async fn start(page: SocketAddr) -> Result<Self, Failed> {
        let names = origins(page);
        let listed: Result<Vec<_>, _> = names.iter().map(|name| name.parse()).collect();
        let origins =
            CorsOrigins::listed(listed.map_err(|error| Failed::caused("the page's origin", &error))?);
        let password = random_word()?;
        let clock = Arc::new(|| SystemClock.now());
        let mut pool = LocalPool::builder(clock).user(LocalUser::new(USERNAME, &password));
        for name in names {
            pool = pool.origin(name);
        }
        let pool = pool.start().await.map_err(|error| Failed::caused("the user pool", &error))?;
        let (bucket, region) = names_of_the_article()?;
        let s3 = LocalS3::builder(fresh()?, region, bucket.clone()).start().await;
        let s3 = s3.map_err(|error| Failed::caused("the S3 server", &error))?;
        let policy = policy(&s3, &bucket)?;
        s3.set_cors(cors(&policy, &origins).map_err(|error| Failed::caused("the CORS document", &*error))?);
        let authentication = authentication(&pool)?;
        Ok(Self { s3, pool, policy, password, authentication, origins })
    }

    /// The API over the embedded S3, for the embedded pool's users.
    pub(crate) fn api(&self) -> Result<Api<Presigner>, Failed> {
        let presigner = WithCredentials::new(SigV4::new(), self.s3.credentials().clone());
        let issuer = UploadIssuer::new(self.policy.clone(), presigner);
        let issuer = issuer.map_err(|error| Failed::caused("the issuer", &error))?;
        Ok(Api::new(issuer, self.origins.clone()))
    }

    /// Ends what runs.
    pub(crate) async fn shutdown(self) {
        self.s3.shutdown().await;
        self.pool.shutdown().await;
    }
}

/// 127.0.0.1 and localhost are two origins to a browser: both are let in.
pub(crate) fn origins(page: SocketAddr) -> [String; 2] {
    [format!("http://127.0.0.1:{}", page.port()), format!("http://localhost:{}", page.port())]
}

fn names_of_the_article() -> Result<(Bucket, Region), Failed> {
    let bucket = "article-images-bucket".parse().map_err(|error| Failed::caused("the bucket", &error))?;
    let region = "ap-southeast-1".parse().map_err(|error| Failed::caused("the region", &error))?;
    Ok((bucket, region))
}

fn policy(s3: &LocalS3, bucket: &Bucket) -> Result<UploadPolicy, Failed> {
    let made = || -> Result<UploadPolicy, Box<dyn std::error::Error>> {
        let ids: [IdName; 1] = ["article_id".parse()?];
        let template = KeyTemplate::parse(TEMPLATE, &ids)?;
        Ok(UploadPolicy::builder(s3.target(bucket.clone()), template, Bodyless::Allow)
            .content(ContentRules::of(TYPES)?)
            .size(SizeLimit::up_to(MAX_BYTES)?)
            .build()?)
    };
    made().map_err(|error| Failed::caused("the policy", &*error))
}

/// What the policy's uploads need, and GET, with which the page reads an upload back to compare it.
fn cors(policy: &UploadPolicy, origins: &CorsOrigins) -> Result<CorsDocument, Box<dyn std::error::Error>> {
    let uploads = CorsDocument::for_policy(policy, origins)?;
    let read = CorsRule::new(origins.list().iter().map(Origin::as_str), [CorsMethod::Get])?;
    Ok(CorsDocument::new(uploads.rules().iter().cloned().chain([read]))?)
}

fn authentication(pool: &LocalPool) -> Result<Authentication, Failed> {
    let issuer = TrustedIssuer::danger_http(&pool.issuer(), &pool.jwks_url());
    let issuer = issuer.map_err(|error| Failed::caused("the pool's issuer", &error))?;
    let config = VerifierConfig::new(issuer, [pool.client_id()], TokenUse::Access);
    let config = config.map_err(|error| Failed::caused("the verifier", &error))?;
    Ok(Authentication::new(BearerToken::new(Verifier::new(config, HttpFetch::new()))))
}

/// New keys at every start. Entropy that fails halfway would leave zeros, so it is checked first.
fn fresh() -> Result<Credentials, Failed> {
    let mut failed = false;
    let credentials = fresh_credentials(&mut |bytes| failed |= fill_random(bytes).is_err());
    if failed { Err(Failed::new("the operating system gave no random bytes")) } else { Ok(credentials) }
}

fn random_word() -> Result<String, Failed> {
    let mut bytes = [0; 12];
    fill_random(&mut bytes).map_err(|error| Failed::caused("a password", &error))?;
    Ok(bytes.iter().map(|byte| format!("{byte:02x}")).collect())
}
