//! Signatures of POST forms.
//!
//! Source: <https://docs.aws.amazon.com/AmazonS3/latest/API/sigv4-UsingHTTPPOST.html>.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use upsign_core::{
    Credentials, PostPolicy, PostSigningFields, PresignError, PresignedPost, SignPost, SignatureFamily,
    Timestamp, Unsupported,
};

use crate::signer::{FOR_GOOGLE, SigV4};
use crate::stages::{SigningKey, amz_date, scope};

impl SignPost for SigV4 {
    /// Signs a POST form. The string to sign is only the policy document in base64. The signing key is derived for
    /// every form; only URLs use the cache.
    fn sign_post(
        &self,
        policy: &PostPolicy,
        credentials: &Credentials,
        at: Timestamp,
    ) -> Result<PresignedPost, PresignError> {
        let target = policy.target();
        self.check_post(policy)?;
        let (region, service) = (target.region().as_str(), target.signing_service());
        let signing = PostSigningFields {
            algorithm: "AWS4-HMAC-SHA256",
            credential: &format!("{}/{}", credentials.access_key_id(), scope(at, region, service)),
            date: &amz_date(at),
            security_token: credentials.session_token(),
        };
        let form = policy.to_unsigned(&signing, at);
        let document = STANDARD.encode(form.document());
        let key = SigningKey::derive(credentials.secret_access_key(), at, region, service);
        let signature = key.sign(&document);
        Ok(form.into_signed(&document, &signature))
    }

    fn check_post(&self, policy: &PostPolicy) -> Result<(), Unsupported> {
        if policy.target().requires_sigv4a() {
            return Err(Unsupported::new(
                "upsign-sigv4",
                "a POST form for a multi-region access point, which requires SigV4a",
            ));
        }
        if policy.target().bucket().is_directory() {
            // Botocore signs forms for directory buckets with a session only (`S3ExpressPostAuth`).
            return Err(Unsupported::new(
                "upsign-sigv4",
                "a POST form for a directory bucket, which needs a session",
            ));
        }
        if policy.target().bucket().tenant().is_some() {
            // Ceph does not document which bucket the policy of such a form must name.
            return Err(Unsupported::new("upsign-sigv4", "a POST form for the bucket of a tenant"));
        }
        if policy.target().signature_family() != SignatureFamily::Aws {
            return Err(Unsupported::new("upsign-sigv4", FOR_GOOGLE));
        }
        Ok(())
    }
}
