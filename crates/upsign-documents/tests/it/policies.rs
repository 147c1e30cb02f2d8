//! Policies to derive documents from.

use upsign_core::Target;
use upsign_policy::{
    Bodyless, ContentRules, IdName, KeyTemplate, SizeLimit, UploadPolicy, UploadPolicyBuilder,
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
        .content(ContentRules::of(["image/jpeg", "image/png", "image/webp"]).unwrap())
        .size(SizeLimit::up_to(10 << 20).unwrap())
}
