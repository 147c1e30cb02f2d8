//! An S3 server for `cargo test`.
//!
//! ```
//! use upsign::{Bodyless, UploadIssuer, UploadPolicy};
//! use upsign_testing::s3::TestS3;
//!
//! # #[tokio::main(flavor = "current_thread")]
//! # async fn main() -> Result<(), Box<dyn std::error::Error>> {
//! let s3 = TestS3::start().await;
//! let policy = UploadPolicy::builder(s3.target(), "raw/{id}.{ext}".parse()?, Bodyless::Refuse);
//! let issuer = UploadIssuer::new(policy.content_types(["image/png"]).max_size(100).build()?, s3.presigner())?;
//! // Issue a grant, send the file with any HTTP client, then look at what S3 has stored.
//! # use upsign::Clock;
//! # let caller = upsign::Identity::from_verified("https://issuer.example", "alice")?;
//! # let upload = upsign::UploadRequest::described().with_content_type("image/png").with_content_length(3);
//! # let grant = issuer.issue(&caller, &upload, upsign::SystemClock.now()).await?;
//! # let upsign::Upload::Put(put) = &grant.upload else { return Err("not a PUT".into()) };
//! # let mut request = reqwest::Client::new().put(put.url.expose()).body("png");
//! # for (name, value) in put.headers.iter().filter(|(name, _)| *name != "content-length") {
//! #     request = request.header(name, value);
//! # }
//! # assert_eq!(request.send().await?.status(), 200);
//! assert_eq!(s3.object(grant.key.as_str()).await.map(|object| object.bytes), Some(3));
//! # Ok(())
//! # }
//! ```
//!
//! The server is that of `upsign-local`: it verifies signatures, evaluates CORS rules and answers with the errors of S3. Its
//! documentation lists what it does not implement. `s3s`, which verifies the signatures, compares them with the system clock,
//! so sign with [`SystemClock`](upsign::SystemClock) and not with a fixed time.

use upsign::SigV4;
use upsign_core::{Bucket, Credentials, Target, WithCredentials};
pub use upsign_local::{LocalS3, LocalS3Builder, StoredObject};

/// An S3 server on a free port of 127.0.0.1 with one bucket, `test-bucket` in `us-east-1`. Dropping it stops it.
///
/// The [module](self) has an example.
#[derive(Debug)]
pub struct TestS3 {
    server: LocalS3,
    bucket: Bucket,
}

impl TestS3 {
    /// Starts a server with an empty bucket, in a temporary directory.
    ///
    /// # Panics
    /// Panics if the server cannot be started, or outside a tokio runtime.
    pub async fn start() -> Self {
        Self::start_with(|builder| builder).await
    }

    /// Starts a server with other settings, for example CORS rules.
    ///
    /// # Panics
    /// Panics if the server cannot be started, or outside a tokio runtime.
    pub async fn start_with(configure: impl FnOnce(LocalS3Builder) -> LocalS3Builder) -> Self {
        let bucket: Bucket = "test-bucket".parse().unwrap();
        let credentials = Credentials::long_term("TESTEXAMPLE", "secret-of-the-test").unwrap();
        let builder = LocalS3::builder(credentials, "us-east-1".parse().unwrap(), bucket.clone());
        Self { server: configure(builder).start().await.unwrap(), bucket }
    }

    /// Returns the target of a policy that uploads to the bucket.
    #[must_use]
    pub fn target(&self) -> Target {
        self.server.target(self.bucket.clone())
    }

    /// Returns a presigner whose requests the server accepts.
    #[must_use]
    pub fn presigner(&self) -> WithCredentials<SigV4, Credentials> {
        WithCredentials::new(SigV4::new(), self.credentials().clone())
    }

    /// Returns the credentials that the server accepts.
    #[must_use]
    pub fn credentials(&self) -> &Credentials {
        self.server.credentials()
    }

    /// Returns all objects of the bucket, sorted by key, without a request.
    pub async fn objects(&self) -> Vec<StoredObject> {
        self.server.objects(&self.bucket).await
    }

    /// Returns the object with this key, without a request.
    pub async fn object(&self, key: &str) -> Option<StoredObject> {
        self.objects().await.into_iter().find(|object| object.key == key)
    }

    /// Returns the server.
    #[must_use]
    pub const fn server(&self) -> &LocalS3 {
        &self.server
    }
}
