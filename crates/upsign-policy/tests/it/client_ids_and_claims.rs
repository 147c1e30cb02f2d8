//! Ids that clients supply, and claims in keys.

use upsign_policy::{Bodyless, Denied, IdName, InvalidUploadPolicy, KeyOptions, UploadPolicy, UploadRequest};

use crate::sample::{ARTICLE_ID, ID, article_builder, builder, caller, ids};

const THEIRS: &str = "0f0e0d0c-0b0a-4908-8706-050403020100";

fn article_id() -> IdName {
    "article_id".parse().unwrap()
}

fn described() -> UploadRequest {
    UploadRequest::described().with_content_type("image/jpeg").with_content_length(7)
}

fn policy_with_client_id() -> UploadPolicy {
    article_builder().keys(KeyOptions::new().client_may_supply([article_id()])).build().unwrap()
}

#[test]
fn client_supplied_id_is_used_next_to_a_generated_one() {
    let policy = policy_with_client_id();
    let permit = policy.authorize(&caller(), &described(), &ids(&policy)).unwrap();
    assert!(!permit.client_supplied_ids());
    assert_eq!(permit.key().as_str(), format!("articles/{ARTICLE_ID}/raw/{ID}.jpg"));
    let request = described().with_id("articleId", THEIRS);
    let permit = policy.authorize(&caller(), &request, &ids(&policy)).unwrap();
    assert!(permit.client_supplied_ids());
    assert_eq!(permit.key().as_str(), format!("articles/{THEIRS}/raw/{ID}.jpg"));
    assert_eq!(permit.id("articleId").unwrap().to_string(), THEIRS);
    assert_eq!((permit.id("article_id"), permit.id("id")), (None, None));
    assert_eq!((request.id("articleId"), request.id("article_id")), (Some(THEIRS), None));
    let named: Vec<_> = permit.ids().map(|(name, id)| (name, id.to_string())).collect();
    assert_eq!(named, [("articleId", THEIRS.to_owned())]);
}

#[test]
fn malformed_or_undeclared_client_ids_are_denied() {
    let policy = policy_with_client_id();
    let deny = |request: UploadRequest| policy.authorize(&caller(), &request, &ids(&policy)).unwrap_err();
    for text in ["", "7", "../..", &THEIRS.to_uppercase(), &THEIRS.replace('-', ""), &format!("{{{THEIRS}}}")]
    {
        assert_eq!(deny(described().with_id("articleId", text)), Denied::IdInvalid(article_id()), "{text}");
    }
    let twice = described().with_id("articleId", THEIRS).with_id("articleId", THEIRS);
    assert_eq!(deny(twice), Denied::IdInvalid(article_id()));
    for name in ["article_id", "id", "sub"] {
        assert_eq!(deny(described().with_id(name, THEIRS)), Denied::IdNotAllowed, "{name}");
    }
    let closed = article_builder().build().unwrap();
    let request = described().with_id("articleId", THEIRS);
    assert_eq!(closed.authorize(&caller(), &request, &ids(&closed)).unwrap_err(), Denied::IdNotAllowed);
}

#[test]
fn key_without_a_generated_id_is_refused() {
    let build = |template: &str, names: &[&str]| {
        let names: Vec<IdName> = names.iter().map(|name| name.parse().unwrap()).collect();
        let template = upsign_policy::KeyTemplate::parse(template, &names).unwrap();
        let policy = UploadPolicy::builder(crate::sample::target(), template, Bodyless::Refuse);
        let policy = policy.content(upsign_policy::ContentRules::new(["image/jpeg"]).unwrap());
        policy
            .size(upsign_policy::SizeLimit::up_to(9).unwrap())
            .keys(KeyOptions::new().client_may_supply(names))
            .build()
            .map(drop)
    };
    assert_eq!(build("a/{article_id}", &["article_id"]), Err(InvalidUploadPolicy::NoGeneratedId));
    assert_eq!(build("a/{article_id}/{id}", &["article_id"]), Ok(()));
    assert_eq!(build("a/{id}", &["route"]), Err(InvalidUploadPolicy::ReservedClientId("route".into())));
    let other =
        article_builder().keys(KeyOptions::new().client_may_supply(["other".parse().unwrap()])).build();
    assert_eq!(other, Err(InvalidUploadPolicy::UndeclaredClientId("other".parse().unwrap())));
}

#[test]
fn claims_are_encoded_in_the_key() {
    let policy = builder("t/{claim:custom:tenant}/{id}.{ext}", Bodyless::Allow).build().unwrap();
    assert_eq!(policy.claims().collect::<Vec<_>>(), ["custom:tenant"]);
    let deny = |identity| policy.authorize(&identity, &UploadRequest::bodyless(), &ids(&policy)).unwrap_err();
    let missing = Denied::ClaimRequired("custom:tenant".into());
    assert_eq!(deny(caller()), missing);
    for value in ["", "a\0b", "a\nb"] {
        assert_eq!(deny(caller().with_claim("custom:tenant", value)), missing);
    }
    for (value, in_key) in
        [("acme", "acme"), ("../a", "~2E~2E~2Fa"), ("a/b", "a~2Fb"), ("é", "~C3~A9"), ("~", "~7E")]
    {
        let identity = caller().with_claim("custom:tenant", value);
        let permit = policy.authorize(&identity, &UploadRequest::bodyless(), &ids(&policy)).unwrap();
        assert_eq!(permit.key().as_str(), format!("t/{in_key}/{ID}.jpg"));
        let parts = policy.template().parse_key(permit.key().as_str()).unwrap();
        assert_eq!(parts.claims, [("custom:tenant".into(), value.into())]);
    }
}
