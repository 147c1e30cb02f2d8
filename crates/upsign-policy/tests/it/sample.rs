//! Policies, callers and ids that the tests share.

use upsign_core::{Identity, Target, Timestamp};
use upsign_policy::{
    Bodyless, ContentRules, IdName, Ids, KeyTemplate, Permit, SizeLimit, UploadPolicy, UploadPolicyBuilder,
    uuid_v4,
};

pub(crate) const MIB: u64 = 1 << 20;

pub(crate) fn target() -> Target {
    Target::aws("article-images-bucket".parse().unwrap(), "ap-southeast-1".parse().unwrap())
}

pub(crate) fn names(names: &[&str]) -> Vec<IdName> {
    names.iter().map(|name| name.parse().unwrap()).collect()
}

pub(crate) fn template(text: &str) -> KeyTemplate {
    KeyTemplate::parse(text, &names(&["article_id"])).unwrap()
}

/// Returns a builder for images of at most 10 MiB with this template.
pub(crate) fn builder(text: &str, bodyless: Bodyless) -> UploadPolicyBuilder {
    let template = KeyTemplate::parse(text, &[]).unwrap();
    UploadPolicy::builder(target(), template, bodyless)
        .content(images())
        .size(SizeLimit::up_to(10 * MIB).unwrap())
}

pub(crate) fn images() -> ContentRules {
    ContentRules::new(["image/jpeg", "image/png", "image/webp"]).unwrap()
}

pub(crate) fn article_builder() -> UploadPolicyBuilder {
    UploadPolicy::builder(target(), template("articles/{article_id}/raw/{id}.{ext}"), Bodyless::Allow)
        .content(images())
        .size(SizeLimit::up_to(10 * MIB).unwrap())
}

pub(crate) fn article() -> UploadPolicy {
    article_builder().build().unwrap()
}

pub(crate) fn caller() -> Identity {
    Identity::from_verified("https://issuer.example", "3f2504e0-4f89-41d3-9a0c-0305e82c3301").unwrap()
}

/// Returns fixed ids: `{id}` is 01…, the first declared id is 02…, and so on.
pub(crate) fn ids(policy: &UploadPolicy) -> Ids {
    let mut byte = 0;
    Ids::generate("2026-01-31T23:59:59Z".parse::<Timestamp>().unwrap(), policy.id_names(), || {
        byte += 1;
        uuid_v4([byte; 16])
    })
}

pub(crate) const ID: &str = "01010101-0101-4101-8101-010101010101";
pub(crate) const ARTICLE_ID: &str = "02020202-0202-4202-8202-020202020202";

pub(crate) fn headers(permit: &Permit) -> Vec<(&str, &str)> {
    permit.headers().unwrap().iter().collect()
}
