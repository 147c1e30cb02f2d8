//! URLs and forms against the routes of a service.

use upsign_core::{Credentials, Expiry, Identity, Provider, Sign, SignPost, Target, Timestamp};
use upsign_diagnose::{ConfigMatch, IssuedBy, KeyCaller, NamedPolicy, Subject};
use upsign_policy::{
    Bodyless, ContentRules, Ids, KeyTemplate, MultipartMode, MultipartOptions, SignableRequest, SizeLimit,
    UploadMethod, UploadPolicy, UploadRequest,
};
use upsign_sigv4::SigV4;

use super::url;

fn policy(template: &str, method: UploadMethod) -> UploadPolicy {
    let template = KeyTemplate::parse(template, &[]).unwrap();
    let target = Target::aws("examplebucket".parse().unwrap(), "eu-central-1".parse().unwrap());
    UploadPolicy::builder(target, template, Bodyless::Refuse)
        .content(ContentRules::new(["image/jpeg"]).unwrap())
        .size(SizeLimit::up_to(1000).unwrap())
        .method(method)
        .build()
        .unwrap()
}

fn at() -> Timestamp {
    "2026-01-01T00:00:00Z".parse().unwrap()
}

/// The answer of the route for one upload of 7 bytes.
fn issued(policy: &UploadPolicy) -> String {
    let caller = Identity::from_verified("https://issuer.example", "alice").unwrap();
    let upload = UploadRequest::described().with_content_type("image/jpeg").with_content_length(7);
    let ids = Ids::new(at(), "01234567-89ab-7def-8123-456789abcdef".parse().unwrap());
    let permit = policy.authorize(&caller, &upload, &ids).unwrap();
    let credentials =
        Credentials::temporary("ASIAY34FZKBOKMUTVV7A", "secret", "token", Expiry::Never).unwrap();
    match permit.request() {
        SignableRequest::Put(request) => {
            let signed = SigV4::new().sign(request, &credentials, at()).unwrap();
            let headers: Vec<_> = signed.headers.iter().collect();
            serde_json::json!({"uploadUrl": signed.url.expose(), "method": "PUT", "headers": headers})
                .to_string()
        }
        SignableRequest::Post(form) => {
            let signed = SigV4::new().sign_post(form, &credentials, at()).unwrap();
            let fields: Vec<_> =
                signed.fields.iter().map(|(name, value)| [name.to_string(), value.to_string()]).collect();
            serde_json::json!({"uploadUrl": signed.url, "fields": fields}).to_string()
        }
        other => panic!("{other:?}"),
    }
}

fn matched(text: &str, policies: &[(&str, &UploadPolicy)]) -> ConfigMatch {
    let routes: Vec<_> = policies.iter().map(|(name, policy)| NamedPolicy { name, policy }).collect();
    ConfigMatch::of(&Subject::read(text.as_bytes()).unwrap(), &routes)
}

#[track_caller]
fn route(found: ConfigMatch) -> IssuedBy {
    match found {
        ConfigMatch::Route(issued) => *issued,
        other => panic!("{other:?}"),
    }
}

fn unmet(issued: &IssuedBy) -> Vec<&str> {
    issued.rules.iter().filter(|rule| !rule.is_met).map(|rule| rule.name).collect()
}

#[test]
fn what_a_route_issues_is_its_own_and_meets_every_rule() {
    for method in [UploadMethod::Put, UploadMethod::Post] {
        let (photos, notes) = (policy("photos/{sub}/{id}.{ext}", method), policy("notes/{id}", method));
        let found = route(matched(&issued(&photos), &[("notes", &notes), ("photos", &photos)]));
        assert_eq!(&*found.route, "photos");
        assert!(matches!(&found.caller, Some(KeyCaller::Subject(subject)) if subject.as_str() == "alice"));
        assert_eq!(unmet(&found), [""; 0], "{:#?}", found.rules);
        assert!(
            found
                .parts
                .iter()
                .any(|(name, value)| &**name == "id" && value.as_str().starts_with("01234567-"))
        );
    }
}

#[test]
fn rules_that_a_url_does_not_meet_are_named() {
    let photos = policy("photos/{id}.{ext}", UploadMethod::Put);
    let mut other = url();
    other.base =
        "https://examplebucket.s3.eu-central-1.amazonaws.com/photos/01234567-89ab-7def-8123-456789abcdef.jpg"
            .to_owned();
    other.expires = "604800".to_owned();
    other.headers = "host".to_owned();
    let found = route(matched(&other.text(), &[("photos", &photos)]));
    assert_eq!(unmet(&found), ["lifetime", "size", "type", "overwrite"]);
    // With a type that the route does not allow.
    other.headers = "content-type%3Bhost".to_owned();
    let answer =
        serde_json::json!({"url": other.text(), "headers": {"content-type": "text/html"}}).to_string();
    assert!(unmet(&route(matched(&answer, &[("photos", &photos)]))).contains(&"type"));
    // A form in place of a URL.
    let forms = policy("photos/{id}.{ext}", UploadMethod::Post);
    assert_eq!(unmet(&route(matched(&issued(&forms), &[("photos", &photos)]))), ["method"]);
}

#[test]
fn route_with_forms_issues_urls_of_parts_only_if_it_has_multipart_uploads() {
    let options = MultipartOptions::new(MultipartMode::Auto, Provider::Aws.capabilities()).with_above(100);
    let target = Target::aws("examplebucket".parse().unwrap(), "eu-central-1".parse().unwrap());
    let both =
        UploadPolicy::builder(target, KeyTemplate::parse("photos/{id}", &[]).unwrap(), Bodyless::Refuse)
            .content(ContentRules::new(["image/jpeg"]).unwrap())
            .size(SizeLimit::up_to(1000).unwrap())
            .method(UploadMethod::Post)
            .multipart(options)
            .build()
            .unwrap();
    let forms = policy("photos/{id}", UploadMethod::Post);
    let key = "01234567-89ab-7def-8123-456789abcdef";
    let mut whole = url();
    whole.base = format!("https://examplebucket.s3.eu-central-1.amazonaws.com/photos/{key}");
    let part = format!("{}&partNumber=1&uploadId=u", whole.text());
    for (text, policy, is_met) in
        [(part.clone(), &both, true), (part, &forms, false), (whole.text(), &both, false)]
    {
        let found = route(matched(&text, &[("photos", policy)]));
        assert_eq!(!unmet(&found).contains(&"method"), is_met, "{text}");
    }
    assert_eq!(unmet(&route(matched(&issued(&both), &[("photos", &both)]))), Vec::<&str>::new());
}

#[test]
fn urls_of_others_are_told_apart() {
    let photos = policy("photos/{id}.{ext}", UploadMethod::Put);
    let routes = [("photos", &photos)];
    assert_eq!(matched(&url().text(), &routes), ConfigMatch::OtherKey { routes: vec!["photos".into()] });
    let mut other = url();
    other.base = "https://examplebucket.s3.amazonaws.com/photos/1.jpg".to_owned();
    let expected = "examplebucket.s3.eu-central-1.amazonaws.com".into();
    assert_eq!(matched(&other.text(), &routes), ConfigMatch::OtherHost { expected });
    other.base = "https://somebody.s3.eu-central-1.amazonaws.com/photos/1.jpg".to_owned();
    assert_eq!(matched(&other.text(), &routes), ConfigMatch::OtherBucket);
}
