//! The default behavior of the two-step upload design: ask the API for a URL, then `PUT` the file to S3.

use upsign_core::Operation;
use upsign_policy::{Bodyless, Denied, PolicyWarning, UploadRequest};

use crate::sample::{ARTICLE_ID, ID, article, builder, caller, headers, ids};

#[test]
fn bodyless_request_binds_the_first_type_only() {
    let policy = article();
    let permit = policy.authorize(&caller(), &UploadRequest::bodyless(), &ids(&policy)).unwrap();
    assert_eq!(headers(&permit), [("content-type", "image/jpeg")]);
    let request = permit.request().put().unwrap();
    assert_eq!(request.key().as_str(), format!("articles/{ARTICLE_ID}/raw/{ID}.jpg"));
    assert_eq!(request.operation(), &Operation::PutObject);
    assert_eq!(request.expires_in().as_secs(), 900);
    assert_eq!(request.target(), policy.target());
    assert!(request.query().is_empty());
    let named: Vec<_> = permit.ids().map(|(name, id)| (name, id.to_string())).collect();
    assert_eq!(named, [("articleId", ARTICLE_ID.to_owned())]);
    let (key, _, named) = permit.into_parts();
    assert!(key.as_str().contains(&named[0].1.to_string()));
}

#[test]
fn described_request_binds_type_size_and_no_overwrite() {
    let policy = article();
    let request = UploadRequest::described().with_content_type("Image/PNG").with_content_length(10_485_760);
    let permit = policy.authorize(&caller(), &request, &ids(&policy)).unwrap();
    assert_eq!(
        headers(&permit),
        [("content-length", "10485760"), ("content-type", "image/png"), ("if-none-match", "*")]
    );
    assert_eq!(permit.key().as_str(), format!("articles/{ARTICLE_ID}/raw/{ID}.png"));
}

#[test]
fn bodyless_request_is_denied_if_refused() {
    let policy = builder("a/{id}.{ext}", Bodyless::Refuse).build().unwrap();
    let denied = policy.authorize(&caller(), &UploadRequest::bodyless(), &ids(&policy)).unwrap_err();
    assert_eq!(denied, Denied::BodyRequired);
    assert!(
        policy.sample_requests().iter().all(|sample| sample
            .put()
            .unwrap()
            .headers()
            .get("content-length")
            .is_some())
    );
}

#[test]
fn warnings_and_signed_header_names_of_the_default_policy() {
    let policy = article();
    let unbound = vec!["size", "overwriting"];
    assert_eq!(policy.warnings(), [PolicyWarning::BodylessAllowed { unbound }]);
    assert_eq!(
        policy.warnings()[0].to_string(),
        "a request without a body receives a grant without a limit on the size and without protection against overwriting"
    );
    let names: Vec<_> = policy.signed_header_names().collect();
    assert_eq!(names, ["content-length", "content-type", "if-none-match"]);
    assert_eq!(policy.sample_requests().len(), 2);
}
