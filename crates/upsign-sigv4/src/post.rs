//! Forms.
//!
//! Source: <https://docs.aws.amazon.com/AmazonS3/latest/API/sigv4-UsingHTTPPOST.html>.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use upsign_core::{
    Credentials, PostPolicy, PostSigning, PresignError, PresignedPost, SignPost, Timestamp, Unsupported,
};

use crate::SigV4;
use crate::stages::{SigningKey, amz_date, scope};

impl SignPost for SigV4 {
    /// The form of `policy`: what gets signed is the policy in base64, nothing else.
    fn sign_post(
        &self,
        policy: &PostPolicy,
        credentials: &Credentials,
        at: Timestamp,
    ) -> Result<PresignedPost, PresignError> {
        let target = policy.target();
        self.check_post(policy)?;
        let (region, service) = (target.region().as_str(), target.signing_service());
        let signing = PostSigning {
            algorithm: "AWS4-HMAC-SHA256",
            credential: &format!("{}/{}", credentials.access_key_id(), scope(at, region, service)),
            date: &amz_date(at),
            security_token: credentials.session_token(),
        };
        let form = policy.form(&signing, at);
        let document = STANDARD.encode(form.document());
        let key = SigningKey::derive(credentials.secret_access_key(), at, region, service);
        let signature = key.sign(&document);
        Ok(form.signed(&document, &signature))
    }

    fn check_post(&self, policy: &PostPolicy) -> Result<(), Unsupported> {
        if policy.target().signs_with_sigv4a() {
            return Err(Unsupported::new("upsign-sigv4", "a form for a multi-region access point"));
        }
        Ok(())
    }
}
