//! URLs and forms that google-cloud-storage for Python signed, signed again here: the bytes must be equal.

use std::collections::BTreeMap;

use serde_json::Value;
use upsign_core::{
    Addressing, Condition, Credentials, ExpiresIn, LengthRange, Operation, PostPolicy, PresignRequest,
    PresignedPost, PresignedRequest, Query, Sign, SignPost, SignedHeaders, Target, Timestamp,
};
use upsign_gcs::{Goog4Hmac, Goog4Rsa, ServiceAccountKey};

const ROWS: &str = include_str!("../../../upsign-testing/vectors/gcs_signed.jsonl");
pub(crate) const KEY_FILE: &str = include_str!("../../../upsign-testing/vectors/gcs_service_account.json");

struct Row(Value);

impl Row {
    fn all() -> Vec<Self> {
        ROWS.lines().map(|line| Self(serde_json::from_str(line).unwrap())).collect()
    }

    fn text(&self, member: &str) -> &str {
        self.0[member].as_str().unwrap()
    }

    fn pairs(&self, member: &str) -> Vec<(String, String)> {
        serde_json::from_value(self.0[member].clone()).unwrap()
    }

    fn is_form(&self) -> bool {
        self.text("method") == "FORM"
    }

    fn at(&self) -> Timestamp {
        self.text("now").parse().unwrap()
    }

    fn expires_in(&self) -> ExpiresIn {
        ExpiresIn::from_secs(self.0["expires"].as_u64().unwrap()).unwrap()
    }

    fn credentials(&self) -> Credentials {
        Credentials::long_term(self.text("access_id"), self.text("secret")).unwrap()
    }

    fn target(&self) -> Target {
        let addressing = match self.text("addressing") {
            "path" => Addressing::Path,
            "virtual" => Addressing::VirtualHosted,
            _ => Addressing::BucketHost,
        };
        let endpoint = self.text("endpoint").parse().unwrap();
        Target::at(&endpoint, addressing, self.text("bucket").parse().unwrap(), "auto".parse().unwrap())
            .unwrap()
    }

    fn request(&self) -> PresignRequest {
        let operation = match self.text("method") {
            "PUT" => Operation::PutObject,
            "GET" => Operation::GetObject,
            "HEAD" => Operation::HeadObject,
            "DELETE" => Operation::DeleteObject,
            method => {
                assert_eq!(method, "RESUMABLE");
                Operation::StartResumableUpload
            }
        };
        let (mut headers, mut query) = (SignedHeaders::new(), Query::new());
        for (name, value) in self.pairs("headers") {
            headers.insert(&name, &value).unwrap();
        }
        for (name, value) in self.pairs("query") {
            query.insert(&name, &value).unwrap();
        }
        let key = self.text("key").parse().unwrap();
        PresignRequest::new(self.target(), operation, key, self.expires_in())
            .with_headers(headers)
            .with_query(query)
    }

    fn policy(&self) -> PostPolicy {
        let bytes = |index: usize| self.0["length"][index].as_u64().unwrap();
        let length = LengthRange::new(bytes(0), bytes(1)).unwrap();
        let mut policy =
            PostPolicy::new(self.target(), self.text("key").parse().unwrap(), length, self.expires_in());
        for condition in self.0["conditions"].as_array().unwrap() {
            policy = policy.with_condition(condition_of(condition)).unwrap();
        }
        for (name, value) in self.pairs("fields") {
            policy = policy.with_field(&name, &value).unwrap();
        }
        policy
    }

    fn check_url(&self, presigned: &PresignedRequest) {
        assert_eq!(presigned.url.expose(), self.text("url"), "{}", self.text("id"));
        let is_resumable = self.text("method") == "RESUMABLE";
        let start = is_resumable.then_some("start");
        assert_eq!(presigned.headers.get("x-goog-resumable"), start, "{}", self.text("id"));
    }

    fn check_form(&self, form: &PresignedPost) {
        let pairs = form.fields.iter().map(|(name, value)| (name.to_string(), value.to_string()));
        let expected: BTreeMap<String, String> =
            serde_json::from_value(self.0["signed_fields"].clone()).unwrap();
        assert_eq!(pairs.collect::<BTreeMap<_, _>>(), expected, "{}", self.text("id"));
        assert_eq!(form.fields.len(), expected.len(), "{}", self.text("id"));
        assert_eq!(form.url.as_ref(), self.text("url"), "{}", self.text("id"));
    }
}

fn condition_of(condition: &Value) -> Condition {
    if let Some(members) = condition.as_object() {
        let (name, value) = members.iter().next().unwrap();
        return Condition::exact(name, value.as_str().unwrap());
    }
    assert_eq!(condition[0], "starts-with");
    let name = condition[1].as_str().unwrap().strip_prefix('$').unwrap();
    Condition::starts_with(name, condition[2].as_str().unwrap())
}

#[test]
fn hmac_signatures_equal_those_of_google_cloud_storage() {
    let (mut urls, mut forms) = (0, 0);
    for row in Row::all().iter().filter(|row| row.text("algorithm") == "hmac") {
        let signer = Goog4Hmac::new();
        if row.is_form() {
            row.check_form(&signer.sign_post(&row.policy(), &row.credentials(), row.at()).unwrap());
            forms += 1;
        } else {
            row.check_url(&signer.sign(&row.request(), &row.credentials(), row.at()).unwrap());
            urls += 1;
        }
    }
    assert!(urls >= 100 && forms >= 24, "{urls} {forms}");
}

#[test]
fn rsa_signatures_equal_those_of_google_cloud_storage() {
    let presigner = Goog4Rsa::new(ServiceAccountKey::from_json(KEY_FILE).unwrap());
    let (mut urls, mut forms) = (0, 0);
    for row in Row::all().iter().filter(|row| row.text("algorithm") == "rsa") {
        if row.is_form() {
            row.check_form(&presigner.presign_post_now(&row.policy(), row.at()).unwrap());
            forms += 1;
        } else {
            row.check_url(&presigner.presign_now(&row.request(), row.at()).unwrap());
            urls += 1;
        }
    }
    assert!(urls >= 100 && forms >= 24, "{urls} {forms}");
}
