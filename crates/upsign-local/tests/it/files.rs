//! Files as people have them, from the corpus `content_types.json`, and objects that uploads replace: what the store keeps.

use serde_json::Value;
use upsign::{SigV4, Upload, UploadIssuer};
use upsign_core::{Identity, MaxSizeBinding, PresignedRequest, Timestamp, WithCredentials};
use upsign_policy::{
    Bodyless, ContentRules, Disposition, Replace, SizeBound, UploadPolicy, UploadPolicyBuilder, UploadRequest,
};

use crate::support::{Fixture, TestResponse};

const CORPUS: &str = include_str!("../../../upsign-testing/vectors/content_types.json");
const FILE: &[u8] = b"hello, hello";

fn builder(s3: &Fixture, template: &str, rules: ContentRules) -> UploadPolicyBuilder {
    UploadPolicy::builder(s3.target.clone(), template.parse().unwrap(), Bodyless::Refuse)
        .content(rules)
        .max_size(100)
}

/// Returns the presigned request, and the key that it writes.
async fn grant(s3: &Fixture, policy: UploadPolicy, request: &UploadRequest) -> (PresignedRequest, String) {
    let presigner = WithCredentials::new(SigV4::new(), s3.s3.credentials().clone());
    let issuer = UploadIssuer::new(policy, presigner).unwrap();
    let caller = Identity::from_verified("https://issuer.example", "alice").unwrap();
    let at = Timestamp::from_unix(std::time::UNIX_EPOCH.elapsed().unwrap().as_secs()).unwrap();
    let grant = issuer.issue(&caller, request, at).await.unwrap();
    let put = match grant.upload {
        Upload::Put(put) => Some(put),
        _ => None,
    };
    (put.unwrap(), grant.key.to_string())
}

/// Uploads the file with exactly the headers of the grant.
async fn upload(s3: &Fixture, policy: UploadPolicy, request: &UploadRequest) -> (TestResponse, String) {
    let (put, key) = grant(s3, policy, request).await;
    let headers: Vec<(String, String)> =
        put.headers.settable().map(|(name, value)| (name.to_owned(), value.to_owned())).collect();
    (s3.send_to("PUT", put.url.expose(), &headers, FILE).await, key)
}

fn described() -> UploadRequest {
    UploadRequest::described().with_content_length(u64::try_from(FILE.len()).unwrap())
}

#[tokio::test]
async fn every_file_of_the_corpus_is_stored_with_its_signed_type() {
    let s3 = Fixture::start().await;
    let corpus: Value = serde_json::from_str(CORPUS).unwrap();
    let mut count = 0;
    for case in corpus["cases"].as_array().unwrap().iter().filter(|case| case["type"].is_string()) {
        let rules = match case["types"].as_array() {
            Some(types) => ContentRules::new(types.iter().map(|name| name.as_str().unwrap())).unwrap(),
            None => ContentRules::any_file(),
        };
        let rules =
            case["extensions"].as_object().into_iter().flatten().fold(rules, |rules, (name, list)| {
                let list = list.as_array().unwrap().iter().map(|extension| extension.as_str().unwrap());
                rules.with_extensions(name, list).unwrap()
            });
        let is_any = rules.is_any_file();
        let mut policy = builder(&s3, "u/{id}.{ext}", rules);
        if case["disposition"] == "attachment" {
            policy = policy.disposition(Disposition::Attachment);
        }
        let mut request = described();
        if let Some(sent) = case["sent"].as_str() {
            request = request.with_content_type(sent);
        }
        if let Some(name) = case["name"].as_str() {
            request = request.with_file_name(name);
        }
        let (response, key) = upload(&s3, policy.build().unwrap(), &request).await;
        response.expect_status(200);
        let stored = s3.get(&key).await.expect_status(200);
        assert_eq!(stored.header("content-type"), case["type"], "{}", case["id"]);
        let is_attachment = stored.header("content-disposition") == "attachment";
        assert_eq!(is_attachment, is_any || case["disposition"] == "attachment", "{}", case["id"]);
        count += 1;
    }
    assert!(count > 100, "{count}");
}

#[tokio::test]
async fn object_is_replaced_only_by_a_client_that_has_seen_it() {
    let s3 = Fixture::start().await;
    let policy = || {
        let rules = ContentRules::new(["text/plain"]).unwrap();
        builder(&s3, "avatars/{sub}", rules).replace(Replace::IfMatch).build().unwrap()
    };
    let plain = described().with_content_type("text/plain");
    let missing = plain.clone().with_if_match("9b2cf535f27731c974343645a3985328");
    upload(&s3, policy(), &missing).await.0.expect_error(404, "NoSuchKey");
    let first = upload(&s3, policy(), &plain).await.0.expect_status(200);
    upload(&s3, policy(), &plain).await.0.expect_error(412, "PreconditionFailed");
    upload(&s3, policy(), &missing).await.0.expect_error(412, "PreconditionFailed");
    let seen = plain.with_if_match(first.header("etag"));
    upload(&s3, policy(), &seen).await.0.expect_status(200);
    assert_eq!(s3.stored().await.len(), 1);
}

#[tokio::test]
async fn last_upload_wins_where_replacing_is_allowed() {
    let s3 = Fixture::start().await;
    for _ in 0..2 {
        let rules = ContentRules::new(["text/plain"]).unwrap();
        let policy = builder(&s3, "avatars/{sub}", rules).replace(Replace::Allow).build().unwrap();
        let (response, key) = upload(&s3, policy, &described().with_content_type("text/plain")).await;
        response.expect_status(200);
        assert_eq!(key, "avatars/alice");
    }
    assert_eq!(s3.stored().await.len(), 1);
}

#[tokio::test]
async fn maximum_size_in_the_query_is_enforced() {
    let s3 = Fixture::start().await;
    let file_len = u64::try_from(FILE.len()).unwrap();
    for (max, status) in [(file_len, 200), (file_len - 1, 400)] {
        let rules = ContentRules::new(["text/plain"]).unwrap();
        let policy = builder(&s3, "u/{id}", rules).max_size(max);
        let policy = policy.size_bound(SizeBound::Max(MaxSizeBinding::RustFs)).build().unwrap();
        // The client does not state the size, so the policy cannot refuse it.
        let request = UploadRequest::described().with_content_type("text/plain");
        let (response, _) = upload(&s3, policy, &request).await;
        match status {
            200 => drop(response.expect_status(200)),
            _ => drop(response.expect_error(400, "EntityTooLarge")),
        }
    }
    assert_eq!(s3.stored().await.len(), 1);
}
