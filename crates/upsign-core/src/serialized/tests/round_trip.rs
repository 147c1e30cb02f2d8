//! Random values survive a round trip, and a changed document is rejected or the form of another value.

use std::fmt::Debug;

use proptest::collection::{btree_map, vec};
use proptest::option;
use proptest::prelude::*;
use proptest::sample::select;
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::{Value, json};

use crate::identity::Identity;
use crate::post::condition::{Condition, LengthRange};
use crate::post::policy::PostPolicy;
use crate::post::presigned::PresignedPost;
use crate::post::style::PostStyle;
use crate::post::unsigned::PostSigningFields;
use crate::request::PresignRequest;
use crate::request::headers::SignedHeaders;
use crate::request::lifetime::{ExpiresIn, ShortCredentials};
use crate::request::operation::Operation;
use crate::request::part::PartNumber;
use crate::request::presigned::PresignedRequest;
use crate::request::query::Query;
use crate::target::Target;
use crate::target::addressing::Addressing;
use crate::target::resource::Resource;
use crate::time::Timestamp;

fn check<T: Serialize + DeserializeOwned + PartialEq + Debug>(value: &T) {
    let text = serde_json::to_string(value).unwrap();
    let back: T = serde_json::from_str(&text).unwrap();
    assert_eq!(back, *value, "{text}");
    assert_eq!(serde_json::to_string(&back).unwrap(), text);
    // A `Value` has its members in another order.
    let through_value = serde_json::from_value::<T>(serde_json::to_value(value).unwrap());
    assert_eq!(through_value.unwrap(), *value);
}

/// Buckets of every kind, with and without dots, aliases of access points, and access points of every kind.
const RESOURCES: [&str; 10] = [
    "article-images-bucket",
    "uploads--usw2-az1--x-s3",
    "press:uploads",
    "a.b.c",
    "myap-abcdefg1234567890123456789012345-s3alias",
    "test-accessp-o0b1d075431d83bebde8xz5w8ijx1qzlbp3i3kuse10--op-s3",
    "test-accessp-e0b1d075431d83bebde8xz5w8ijx1qzlbp3i3kuse10--op-s3",
    "arn:aws:s3:us-west-2:123456789012:accesspoint/uploads",
    "arn:aws:s3-outposts:us-west-2:123456789012:outpost/op-01234567890123456/accesspoint/uploads",
    "arn:aws:s3::123456789012:accesspoint/mfzwi23gnjvgw.mrap",
];

const REGIONS: [&str; 5] = ["us-west-2", "eu-central-1", "cn-north-1", "us-gov-west-1", "auto"];

const ENDPOINTS: [&str; 8] = [
    "http://127.0.0.1:9000",
    "http://[::1]:9000",
    "http://localhost:9000",
    "https://localhost",
    "https://s3.example.com/base/path",
    "http://s3.example.com:8080",
    // AWS's own endpoint, given as a custom one.
    "https://s3.us-west-2.amazonaws.com",
    "https://s3.dualstack.us-west-2.amazonaws.com",
];

fn target() -> impl Strategy<Value = Target> {
    let addressing = select(vec![Addressing::Auto, Addressing::VirtualHosted, Addressing::Path]);
    let options = (any::<bool>(), any::<bool>(), any::<bool>());
    let endpoint = option::of(select(&ENDPOINTS));
    let parts = (select(&RESOURCES), select(&REGIONS), endpoint, addressing, options);
    parts.prop_filter_map("contradictory options", |(resource, region, endpoint, addressing, options)| {
        let resource: Resource = resource.parse().unwrap();
        let mut builder = Target::builder(resource, region.parse().unwrap())
            .addressing(addressing)
            .dualstack(options.0)
            .fips(options.1)
            .accelerate(options.2);
        if let Some(endpoint) = endpoint {
            builder = builder.endpoint(endpoint.parse().unwrap());
        }
        builder.build().ok()
    })
}

fn operation() -> impl Strategy<Value = Operation> {
    ("[ -~]{1,40}", 1_u64..=10_000).prop_flat_map(|(upload_id, number)| {
        let upload_id: crate::request::part::UploadId = upload_id.parse().unwrap();
        let part_number = PartNumber::new(number).unwrap();
        select(vec![
            Operation::PutObject,
            Operation::GetObject,
            Operation::GetObjectPart { part_number },
            Operation::HeadObject,
            Operation::HeadObjectPart { part_number },
            Operation::DeleteObject,
            Operation::CopyObject,
            Operation::PutObjectTagging,
            Operation::GetObjectTagging,
            Operation::CreateMultipartUpload,
            Operation::StartResumableUpload,
            Operation::UploadPart { upload_id: upload_id.clone(), part_number },
            Operation::CompleteMultipartUpload { upload_id: upload_id.clone() },
            Operation::AbortMultipartUpload { upload_id: upload_id.clone() },
            Operation::ListParts { upload_id },
        ])
    })
}

fn expires_in() -> impl Strategy<Value = ExpiresIn> {
    (1_u64..=604_800).prop_map(|seconds| ExpiresIn::from_secs(seconds).unwrap())
}

fn short_credentials() -> impl Strategy<Value = ShortCredentials> {
    select(vec![ShortCredentials::Clamp, ShortCredentials::Refuse])
}

fn request() -> impl Strategy<Value = PresignRequest> {
    let headers = btree_map("[a-z][a-z0-9-]{0,12}", "[ -~\t]{0,20}", 0..4).prop_map(|pairs| {
        let mut headers = SignedHeaders::new();
        for (name, value) in &pairs {
            // A reserved name is left out.
            let _ = headers.insert(name, value);
        }
        headers
    });
    let query = vec(("[a-zA-Z-]{1,12}", any::<String>()), 0..4).prop_map(|pairs| {
        let mut query = Query::new();
        for (name, value) in &pairs {
            let _ = query.insert(name, value);
        }
        query
    });
    let key = "[^/\\x00-\\x1f\\x7f]{3,30}(/[^/\\x00-\\x1f\\x7f]{3,30}){0,2}";
    (target(), operation(), key, headers, query, expires_in(), short_credentials()).prop_map(
        |(target, operation, key, headers, query, expires_in, short_credentials)| {
            PresignRequest::new(target, operation, key.parse().unwrap(), expires_in)
                .with_headers(headers)
                .with_query(query)
                .with_short_credentials(short_credentials)
        },
    )
}

fn policy() -> impl Strategy<Value = PostPolicy> {
    let key = prop_oneof!["[a-z]{1,9}(/[a-z]{1,9}){0,2}", "([a-z]{1,9}/){0,2}\\$\\{filename\\}"];
    let length =
        (0_u64..=5 << 30, 0_u64..=5 << 30).prop_map(|(a, b)| LengthRange::new(a.min(b), a.max(b)).unwrap());
    let fields = vec(("[a-zA-Z-]{1,12}", "[^\r\n\0]{0,20}"), 0..4);
    let conditions = vec(("[a-zA-Z-]{1,12}", "[^\r\n\0]{0,20}", any::<bool>()), 0..4);
    let style = select(vec![PostStyle::Lower, PostStyle::Js]);
    (target(), key, length, expires_in(), fields, conditions, (style, short_credentials())).prop_map(
        |(target, key, length, expires_in, fields, conditions, (style, short_credentials))| {
            let mut policy = PostPolicy::new(target, key.parse().unwrap(), length, expires_in)
                .with_style(style)
                .with_short_credentials(short_credentials);
            // What contradicts the policy is left out. Conditions and fields are added in turn.
            for ((name, value), condition) in fields.iter().zip(&conditions) {
                policy = policy.clone().with_field(name, value).unwrap_or(policy);
                let (name, text, exact) = condition;
                let condition =
                    if *exact { Condition::exact(name, text) } else { Condition::starts_with(name, text) };
                policy = policy.clone().with_condition(condition).unwrap_or(policy);
                policy = policy.clone().with_condition(Condition::starts_with(name, "")).unwrap_or(policy);
            }
            policy
        },
    )
}

fn timestamp() -> impl Strategy<Value = Timestamp> {
    (0..=Timestamp::MAX.as_unix()).prop_map(|seconds| Timestamp::from_unix(seconds).unwrap())
}

/// Replaces one value of a document, at any depth, or adds one. `place` selects it.
fn replaced(document: &Value, place: usize, value: &Value) -> Value {
    fn visit(node: &mut Value, left: &mut usize, value: &Value) {
        if *left == 0 {
            *node = value.clone();
        }
        *left = left.wrapping_sub(1);
        match node {
            Value::Object(members) => members.values_mut().for_each(|member| visit(member, left, value)),
            Value::Array(items) => items.iter_mut().for_each(|item| visit(item, left, value)),
            _ => {}
        }
    }
    fn count(node: &Value) -> usize {
        1 + match node {
            Value::Object(members) => members.values().map(count).sum(),
            Value::Array(items) => items.iter().map(count).sum(),
            _ => 0_usize,
        }
    }
    let mut changed = document.clone();
    visit(&mut changed, &mut (place % count(document)), value);
    changed
}

/// Values that readers tend to confuse with the expected ones.
fn any_value() -> impl Strategy<Value = Value> {
    prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        any::<f64>().prop_map(Value::from),
        any::<String>().prop_map(Value::from),
        select(&["", "a/../b", "${filename}", "https://h", "arn:aws:s3", "PUT", "0"]).prop_map(Value::from),
        Just(json!([])),
        Just(json!({})),
        Just(json!([["a", "b"]])),
        Just(json!({"exact": "a"})),
    ]
}

/// A changed document is rejected, or it is the form of another value.
fn check_changed<T: Serialize + DeserializeOwned + PartialEq + Debug>(value: &T, place: usize, by: &Value) {
    let changed = replaced(&serde_json::to_value(value).unwrap(), place, by);
    if let Ok(read) = serde_json::from_value::<T>(changed) {
        check(&read);
    }
}

proptest! {
    #[test]
    fn changed_documents(
        request in request(),
        policy in policy(),
        at in timestamp(),
        place in any::<usize>(),
        by in any_value(),
    ) {
        check_changed(&request, place, &by);
        check_changed(&policy, place, &by);
        check_changed(&PresignedRequest::new(&request, "https://h/k?s".into(), at), place, &by);
        let caller = Identity::from_verified("i", "s").unwrap().with_groups(["g"]).with_claim("c", "v");
        check_changed(&caller, place, &by);
    }

    #[test]
    fn targets(target in target()) {
        check(&target);
    }

    #[test]
    fn timestamps(at in timestamp()) {
        check(&at);
    }

    #[test]
    fn requests_and_their_results(request in request(), at in timestamp(), rest in "[!-~]{1,60}") {
        check(&request);
        check(request.target());
        check(&PresignedRequest::new(&request, format!("https://h{rest}"), at));
    }

    #[test]
    fn post_policies_and_their_results(policy in policy(), at in timestamp(), token in option::of("[!-~]{1,9}")) {
        check(&policy);
        let signing = PostSigningFields {
            algorithm: "AWS4-HMAC-SHA256",
            credential: "AKID/20260101/us-east-1/s3/aws4_request",
            date: "20260101T000000Z",
            security_token: token.as_deref(),
        };
        check::<PresignedPost>(&policy.to_unsigned(&signing, at).into_signed("cG9saWN5", "abc"));
    }

    #[test]
    fn identities(
        issuer in "\\PC{1,40}",
        name in option::of("[a-z][a-z0-9-]{0,31}"),
        subject in any::<String>().prop_filter("empty", |text| !text.is_empty()),
        groups in vec(any::<String>(), 0..4),
        scopes in vec(any::<String>(), 0..4),
        claims in vec((any::<String>(), any::<String>()), 0..4),
    ) {
        let caller = Identity::from_verified(&issuer, &subject).unwrap().with_groups(groups).with_scopes(scopes);
        let caller = match name {
            Some(name) => caller.with_issuer_name(name.parse().unwrap()),
            None => caller,
        };
        check(&claims.iter().fold(caller, |caller, (name, value)| caller.with_claim(name, value)));
    }
}
