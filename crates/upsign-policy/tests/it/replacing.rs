//! Whether an upload may replace an existing object, and keys that several uploads share.

use upsign_policy::{
    Bodyless, InvalidUploadPolicy, KeyOptions, PolicyWarning, Replace, UploadMethod, UploadPolicyBuilder,
    UploadRequest,
};

use crate::invariants::check_error;
use crate::sample::{article_builder, builder, caller, ids};

const ETAG: &str = "\"9b2cf535f27731c974343645a3985328\"";

fn avatar() -> UploadPolicyBuilder {
    builder("avatars/{sub}", Bodyless::Refuse)
}

fn request() -> UploadRequest {
    UploadRequest::described().with_content_type("image/png").with_content_length(1_000)
}

/// Returns the signed `If-Match` and `If-None-Match`.
#[track_caller]
fn conditions(replace: Replace, request: &UploadRequest) -> (Option<String>, Option<String>) {
    let policy = builder("avatars/{sub}/{id}", Bodyless::Refuse).replace(replace).build().unwrap();
    let permit = policy.authorize(&caller(), request, &ids(&policy)).unwrap();
    let header = |name| permit.headers().unwrap().get(name).map(str::to_owned);
    (header("if-match"), header("if-none-match"))
}

#[test]
fn each_choice_signs_its_condition() {
    let none = || Some("*".to_owned());
    assert_eq!(conditions(Replace::Never, &request()), (None, none()));
    assert_eq!(conditions(Replace::Allow, &request()), (None, None));
    assert_eq!(conditions(Replace::IfMatch, &request()), (None, none()));
    for text in [ETAG, ETAG.trim_matches('"')] {
        assert_eq!(
            conditions(Replace::IfMatch, &request().with_if_match(text)),
            (Some(ETAG.to_owned()), None),
            "{text}"
        );
    }
}

#[test]
fn only_one_strong_etag_is_accepted() {
    let policy = avatar().replace(Replace::IfMatch).build().unwrap();
    for text in ["", "*", "\"*\"", "W/\"a\"", "\"a\", \"b\"", "a\r\nx-amz-acl: public-read", "é", "\"a"] {
        let denied = policy.authorize(&caller(), &request().with_if_match(text), &ids(&policy)).unwrap_err();
        check_error(&denied);
        assert_eq!(denied.code(), "if-match-invalid", "{text:?}");
    }
}

#[test]
fn etag_is_denied_where_the_policy_does_not_ask_for_it() {
    for replace in [Replace::Never, Replace::Allow] {
        let policy = builder("a/{sub}/{id}", Bodyless::Refuse).replace(replace).build().unwrap();
        let denied = policy.authorize(&caller(), &request().with_if_match(ETAG), &ids(&policy)).unwrap_err();
        assert_eq!(denied.code(), "if-match-not-allowed", "{replace:?}");
    }
}

#[test]
fn shared_key_needs_the_choice_to_replace() {
    assert_eq!(avatar().build(), Err(InvalidUploadPolicy::SharedKey));
    assert_eq!(avatar().no_overwrite(false).build(), Err(InvalidUploadPolicy::SharedKey));
    assert_eq!(avatar().replace(Replace::Never).build(), Err(InvalidUploadPolicy::SharedKey));
    for replace in [Replace::IfMatch, Replace::Allow] {
        let policy = avatar().replace(replace).build().unwrap();
        let key = |request| policy.authorize(&caller(), &request, &ids(&policy)).unwrap().key().clone();
        assert_eq!(key(request()), "avatars/3f2504e0-4f89-41d3-9a0c-0305e82c3301");
        assert_eq!(policy.template().parse_key(key(request()).as_str()).unwrap().id, None);
    }
}

#[test]
fn client_may_supply_every_id_only_with_the_choice_to_replace() {
    let build = |replace: Option<Replace>| {
        let keys = KeyOptions::new().client_may_supply(["article_id".parse().unwrap()]);
        let template = "covers/{article_id}".parse().unwrap();
        let target = crate::sample::target();
        let builder = upsign_policy::UploadPolicy::builder(target, template, Bodyless::Refuse);
        let builder = builder.content_types(["image/png"]).max_size(1_000).keys(keys);
        match replace {
            Some(replace) => builder.replace(replace).build(),
            None => builder.build(),
        }
    };
    assert_eq!(build(None), Err(InvalidUploadPolicy::NoGeneratedId));
    assert_eq!(build(Some(Replace::Never)), Err(InvalidUploadPolicy::NoGeneratedId));
    assert!(build(Some(Replace::IfMatch)).is_ok() && build(Some(Replace::Allow)).is_ok());
}

#[test]
fn two_settings_for_the_same_thing_are_refused() {
    let both = article_builder().no_overwrite(true).replace(Replace::Never).build();
    assert_eq!(both, Err(InvalidUploadPolicy::ReplaceTwice));
}

#[test]
fn form_can_only_allow_replacing() {
    let form = |replace| avatar().method(UploadMethod::Post).replace(replace).build();
    assert!(form(Replace::Allow).is_ok());
    for replace in [Replace::Never, Replace::IfMatch] {
        let error = builder("a/{id}", Bodyless::Refuse).method(UploadMethod::Post).replace(replace).build();
        assert_eq!(error, Err(InvalidUploadPolicy::PostCannotPreventOverwrite), "{replace:?}");
    }
}

/// The store's CORS rules and the start-up check of a signer depend on them.
#[test]
fn both_conditions_are_among_the_signed_headers() {
    let policy = avatar().replace(Replace::IfMatch).build().unwrap();
    let names: Vec<&str> = policy.signed_header_names().collect();
    assert!(names.contains(&"if-match") && names.contains(&"if-none-match"), "{names:?}");
    let samples = policy.sample_requests();
    let with = |name: &str| {
        samples.iter().filter(|sample| sample.put().unwrap().headers().get(name).is_some()).count()
    };
    assert_eq!((with("if-match"), with("if-none-match"), samples.len()), (1, 1, 2));
}

#[test]
fn overwriting_and_sharing_are_warned_about() {
    let warnings = |template: &str, replace: Option<Replace>| {
        let builder = builder(template, Bodyless::Refuse);
        let builder = match replace {
            Some(replace) => builder.replace(replace),
            None => builder.no_overwrite(false),
        };
        let all = builder.build().unwrap().warnings();
        let has = |wanted: &PolicyWarning| all.contains(wanted);
        (has(&PolicyWarning::Overwritable), has(&PolicyWarning::SharedObject))
    };
    assert_eq!(warnings("a/{sub}/{id}", None), (true, false));
    assert_eq!(warnings("avatars/{sub}", Some(Replace::Allow)), (false, false));
    assert_eq!(warnings("avatars/{sub}", Some(Replace::IfMatch)), (false, false));
    assert_eq!(warnings("a/{id}", Some(Replace::Allow)), (true, false));
    assert_eq!(warnings("logo.png", Some(Replace::Allow)), (true, true));
    assert_eq!(warnings("logo.png", Some(Replace::IfMatch)), (false, true));
}
