//! Policies to derive documents from.

use upsign_core::{CorsOrigins, Origin, Target};
use upsign_documents::{ApiAuthorizer, Deployment};
use upsign_policy::{
    Bodyless, ContentRules, IdName, KeyTemplate, SizeLimit, UploadMethod, UploadPolicy, UploadPolicyBuilder,
};

/// The article's policy.
pub(crate) fn article() -> UploadPolicy {
    article_builder("ap-southeast-1").build().unwrap()
}

pub(crate) fn article_builder(region: &str) -> UploadPolicyBuilder {
    let ids: [IdName; 1] = ["article_id".parse().unwrap()];
    let target = Target::aws("article-images-bucket".parse().unwrap(), region.parse().unwrap());
    let template = KeyTemplate::parse("articles/{article_id}/raw/{id}.{ext}", &ids).unwrap();
    UploadPolicy::builder(target, template, Bodyless::Allow)
        .content(ContentRules::new(["image/jpeg", "image/png", "image/webp"]).unwrap())
        .size(SizeLimit::up_to(10 << 20).unwrap())
}

/// A policy whose every grant carries every constraint.
pub(crate) fn strict(key: &str) -> UploadPolicyBuilder {
    let target = Target::aws("article-images-bucket".parse().unwrap(), "ap-southeast-1".parse().unwrap());
    UploadPolicy::builder(target, KeyTemplate::parse(key, &[]).unwrap(), Bodyless::Refuse)
        .content(ContentRules::new(["image/jpeg"]).unwrap())
        .size(SizeLimit::up_to(1 << 20).unwrap())
}

/// A form into the same bucket.
pub(crate) fn form(key: &str) -> UploadPolicy {
    strict(key).method(UploadMethod::Post).no_overwrite(false).build().unwrap()
}

pub(crate) fn origins() -> CorsOrigins {
    CorsOrigins::listed(["https://app.example.com".parse::<Origin>().unwrap()])
}

/// The article's deployment.
pub(crate) fn deployment() -> Deployment {
    Deployment::new([article()], origins()).with_api_authorizer(tokens())
}

pub(crate) fn tokens() -> ApiAuthorizer {
    ApiAuthorizer {
        user_pool: Some("ap-southeast-1_AbCdEf123".into()),
        issuer: Some("https://cognito-idp.ap-southeast-1.amazonaws.com/ap-southeast-1_AbCdEf123".into()),
        audiences: vec!["3n4b5urk1ft4fl3mg5e62d9ado".into()],
        scopes: vec!["aws.cognito.signin.user.admin".into()],
    }
}
