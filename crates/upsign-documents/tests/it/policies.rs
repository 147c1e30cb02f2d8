//! Upload policies and deployments that the tests derive documents from.

use upsign_core::{CorsOrigins, Provider, Target};
use upsign_documents::{ApiAuthorizer, CloudFrontPublicKey, Deployment, Reads};
use upsign_policy::{
    Bodyless, ChecksumAlgorithm, Checksums, ConfirmationOptions, ContentRules, Gate, IdName, KeyOptions,
    KeyTemplate, MultipartMode, MultipartOptions, ResumeWindow, SharedContent, SizeLimit, UploadMethod,
    UploadPolicy, UploadPolicyBuilder,
};

/// Returns the upload policy of the two-step upload design (ask an API for a URL, then PUT to S3).
pub(crate) fn two_step_policy() -> UploadPolicy {
    two_step_builder("ap-southeast-1").build().unwrap()
}

pub(crate) fn two_step_builder(region: &str) -> UploadPolicyBuilder {
    let ids: [IdName; 1] = ["article_id".parse().unwrap()];
    let target = Target::aws("article-images-bucket".parse().unwrap(), region.parse().unwrap());
    let template = KeyTemplate::parse("articles/{article_id}/raw/{id}.{ext}", &ids).unwrap();
    UploadPolicy::builder(target, template, Bodyless::Allow)
        .content(ContentRules::new(["image/jpeg", "image/png", "image/webp"]).unwrap())
        .size(SizeLimit::up_to(10 << 20).unwrap())
}

/// Returns a builder for a policy whose every upload is fully constrained: no upload is signed without content type and size.
pub(crate) fn strict(key: &str) -> UploadPolicyBuilder {
    let target = Target::aws("article-images-bucket".parse().unwrap(), "ap-southeast-1".parse().unwrap());
    UploadPolicy::builder(target, KeyTemplate::parse(key, &[]).unwrap(), Bodyless::Refuse)
        .content(ContentRules::new(["image/jpeg"]).unwrap())
        .size(SizeLimit::up_to(1 << 20).unwrap())
}

/// Returns a policy for Git LFS, which finds objects by their content.
pub(crate) fn lfs_policy() -> UploadPolicy {
    let checksums = Checksums::Required([ChecksumAlgorithm::Sha256].into());
    let keys = KeyOptions::new().shared_content(SharedContent::Danger);
    let confirmation = ConfirmationOptions::new().with_confirm(true);
    let builder = strict("lfs/{sha256}").checksums(checksums).keys(keys).confirmation(confirmation);
    builder.content(ContentRules::new(["application/octet-stream"]).unwrap()).build().unwrap()
}

/// Returns a builder for a policy that uploads every file in parts, which can be resumed for three days.
pub(crate) fn in_parts(key: &str) -> UploadPolicyBuilder {
    let options = MultipartOptions::new(MultipartMode::Always, Provider::Aws.capabilities());
    let window = ResumeWindow::from_secs(3 * 86_400).unwrap();
    strict(key).size(SizeLimit::up_to(1 << 40).unwrap()).multipart(options.with_resume_window(window))
}

/// Returns a builder for a policy whose uploads clients confirm and may delete, with this gate.
pub(crate) fn confirmed(key: &str, gate: Gate) -> UploadPolicyBuilder {
    let options = ConfirmationOptions::new().with_confirm(true).with_delete(true).with_gate(gate);
    strict(key).confirmation(options)
}

/// Returns a policy whose uploads clients confirm: until then, objects are below `pending/`.
pub(crate) fn pending(key: &str) -> UploadPolicy {
    let template = KeyTemplate::parse(&format!("pending/{key}"), &[]).unwrap();
    confirmed(key, Gate::Pending(template)).build().unwrap()
}

/// Returns a policy for uploads by form into the same bucket.
pub(crate) fn form(key: &str) -> UploadPolicy {
    strict(key).method(UploadMethod::Post).no_overwrite(false).build().unwrap()
}

pub(crate) fn origins() -> CorsOrigins {
    CorsOrigins::listed(["https://app.example.com".parse().unwrap()])
}

/// Returns the deployment of the two-step upload design.
pub(crate) fn deployment() -> Deployment {
    Deployment::new([two_step_policy()], origins()).with_authorizer(authorizer())
}

pub(crate) fn authorizer() -> ApiAuthorizer {
    ApiAuthorizer::Cognito {
        user_pool: "ap-southeast-1_AbCdEf123".into(),
        scopes: vec!["aws.cognito.signin.user.admin".into()],
    }
}

/// Returns the authorizer of an HTTP API.
pub(crate) fn jwt_authorizer() -> ApiAuthorizer {
    ApiAuthorizer::Jwt {
        issuer: "https://cognito-idp.ap-southeast-1.amazonaws.com/ap-southeast-1_AbCdEf123".into(),
        audiences: vec!["3n4b5urk1ft4fl3mg5e62d9ado".into()],
        scopes: vec!["aws.cognito.signin.user.admin".into()],
    }
}

/// A public key of RSA, and one of ECDSA.
pub(crate) const READ_KEYS: [&str; 2] = [
    "-----BEGIN PUBLIC KEY-----\n\
     MIIBIjANBgkqhkiG9w0BAQEFAAOCAQ8AMIIBCgKCAQEAshW7aOCBg78JfDXWmOco\n\
     BgLxC7cDxkqAdzLLR2lHz1s/IHgbMMaELsOTk5J/YpnA338xlmde1hy6GSZixw4y\n\
     uznErvxqVOzlSshoT38D3tQa7sNxmyfNsxy+4fUVb3fPeGodzXHVN6xEklei1jgz\n\
     d8lBKTGPNxMJbpqBaKQy5sD25Yqg182CMMXQrw9z7uFYVoRqhlaGNLsEd6IzmmGC\n\
     TPdQVxqBmkZuOimjoutZxQGBbWdWYqo6qkJ8/OvjDfF4qUgHaXt8tbJdGjaqRjGn\n\
     FXH+w4B5un02Q+pPHFeIFwzKt+HsauTbXP1oU+V0hTf3C3dpz+e0EbLboHTOn3fc\n\
     owIDAQAB\n\
     -----END PUBLIC KEY-----",
    "-----BEGIN PUBLIC KEY-----\n\
     MFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAEXiqltw8ks1rT3Ubx7bxwXq+6fSZi\n\
     J1MIuZGPfSFAegmQqDPji1ZYzO9cXCnmQI3g7CVjjlWvifmnh7YrOZx7Ng==\n\
     -----END PUBLIC KEY-----",
];

/// Returns a public key whose signatures distributions accept.
pub(crate) fn read_key() -> CloudFrontPublicKey {
    READ_KEYS[0].parse().unwrap()
}

/// Returns the deployment with reads through CloudFront by signed URLs.
pub(crate) fn through_cloudfront(deployment: Deployment) -> Deployment {
    deployment.with_reads(Reads::CloudFront).with_cloudfront_key(read_key())
}
