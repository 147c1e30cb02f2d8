//! The documents of a deployment agree with its policies: whatever a policy issues, the role may sign, the bucket takes and
//! the CORS rules allow; and whatever no policy issues, none of them permits. Checked for 2,000 random configurations.
//!
//! The gateway is checked in the same way by the test `gateway` of `upsign-lambda`, together with the function behind it.

mod guards;
mod nothing_else;
mod random;
mod requests;
mod s3;

use std::collections::BTreeMap;

use serde_json::Value;
use upsign_documents::{
    CorsAnswer, CorsDocument, CorsRequest, Deployment, DeploymentBucket, IamPolicy, sam_template,
};
use upsign_policy::UploadPolicy;

use random::{ACCOUNT, Configuration, DISTRIBUTION, REGION, Random, Refused};
use s3::{BucketSettings, Upload, data_key, role_decides};

const CONFIGURATIONS: u64 = 2_000;

/// What was checked. Written to a file, and compared with minimums, so that the test cannot pass without checking anything.
#[derive(Debug, Default)]
struct Counts {
    issued: usize,
    in_parts: usize,
    /// How many requests a policy denied, by the code of the denial.
    denied: BTreeMap<&'static str, usize>,
    stacks: usize,
    stacks_refused: usize,
    decisions: usize,
    preflights: usize,
    guard_violations: usize,
    acls: usize,
    kms: usize,
}

/// The documents of one bucket, as derived one by one and as part of the stack.
struct Documents<'a> {
    configuration: &'a Configuration,
    deployment: &'a Deployment,
    bucket: &'a DeploymentBucket<'a>,
    cors: CorsDocument,
    policy: IamPolicy,
    role: IamPolicy,
    settings: Option<&'a Value>,
    /// The policies of the bucket and of the role in the stack.
    deployed: Option<(IamPolicy, IamPolicy)>,
}

#[test]
fn documents_permit_exactly_what_the_policies_issue() {
    let (mut counts, mut refused) = (Counts::default(), Refused::default());
    for seed in 0..CONFIGURATIONS {
        let mut random = Random::new(seed);
        let configuration = random::configuration(&mut random, &mut refused);
        let deployment = &configuration.deployment;
        let stack = sam_template(deployment)
            .map(|template| serde_json::from_str::<Value>(&template.to_json()).unwrap());
        *if stack.is_ok() { &mut counts.stacks } else { &mut counts.stacks_refused } += 1;
        for bucket in &deployment.buckets() {
            let documents = Documents::new(&configuration, bucket, stack.as_ref().ok());
            let context = format!("seed {seed}, bucket {}", bucket.bucket());
            documents.check_uploads(&mut random, &mut counts, &context);
            documents.check_nothing_else(&mut random, &mut counts, &context);
            documents.check_guards(&mut random, &mut counts, &context);
        }
    }
    let line = format!("{CONFIGURATIONS} configurations: {counts:?}, {refused:?}");
    crate::counts::write("agreement of documents and policies", &line);
    assert!(counts.in_parts > 500, "{line}");
    assert!(counts.issued > 5_000 && counts.denied.len() > 5 && counts.acls > 500 && counts.kms > 500);
    assert!(counts.stacks > 1_000 && counts.stacks_refused < 900);
    assert!(counts.decisions > 200_000 && counts.preflights > 50_000 && counts.guard_violations > 2_000);
}

impl<'a> Documents<'a> {
    fn new(
        configuration: &'a Configuration,
        bucket: &'a DeploymentBucket<'a>,
        stack: Option<&'a Value>,
    ) -> Self {
        let deployment = &configuration.deployment;
        let resources = stack.and_then(|stack| stack["Resources"].as_object());
        let of_type = move |kind: &'static str| {
            resources.into_iter().flatten().map(|(_, it)| it).filter(move |it| it["Type"] == kind)
        };
        let name = bucket.bucket().as_str();
        let settings =
            of_type("AWS::S3::Bucket").map(|it| &it["Properties"]).find(|it| it["BucketName"] == name);
        assert_eq!(settings.is_some(), stack.is_some(), "the stack has every bucket");
        let policy = |value: &Value| IamPolicy::from_json(&deployed(value).to_string()).unwrap();
        let arn = bucket.arn();
        let bucket_policy =
            of_type("AWS::S3::BucketPolicy").map(|it| &it["Properties"]["PolicyDocument"]).find(|it| {
                it.to_string().contains(&format!("{arn}/")) || it.to_string().contains(&format!("{arn}\""))
            });
        // The role of the function is the one with permissions for uploads.
        let role = of_type("AWS::IAM::Role")
            .flat_map(|it| it["Properties"]["Policies"].as_array().into_iter().flatten())
            .map(|it| &it["PolicyDocument"])
            .find(|it| it.to_string().contains("s3:PutObject"));
        let deployed = role.map(|role| (bucket_policy.map(policy).unwrap_or_default(), policy(role)));
        assert_eq!(deployed.is_some(), stack.is_some(), "the stack has the role");
        Self {
            configuration,
            deployment,
            bucket,
            cors: CorsDocument::for_bucket(deployment, bucket).unwrap(),
            policy: IamPolicy::for_bucket(deployment, bucket, Some(DISTRIBUTION)).unwrap(),
            role: IamPolicy::for_deployment(deployment),
            settings,
            deployed,
        }
    }

    fn object(&self, key: &str) -> String {
        format!("{}/{key}", self.bucket.arn())
    }

    /// Returns the role and bucket policies: those derived one by one, and those of the stack.
    fn policies(&self) -> impl Iterator<Item = (&IamPolicy, &IamPolicy)> {
        let deployed = self.deployed.as_ref().map(|(bucket, role)| (bucket, role));
        [(&self.policy, &self.role)].into_iter().chain(deployed)
    }

    /// Whatever a policy issues works.
    fn check_uploads(&self, random: &mut Random, counts: &mut Counts, context: &str) {
        for policy in self.bucket.policies() {
            for _ in 0..4 {
                let caller = requests::caller(random);
                let ids = requests::ids(random, policy);
                let permit = match policy.authorize(&caller, &requests::request(random, policy), &ids) {
                    Ok(permit) => permit,
                    Err(denied) => {
                        *counts.denied.entry(denied.code()).or_default() += 1;
                        continue;
                    }
                };
                counts.issued += 1;
                self.check_upload(policy, &Upload::of(policy, &permit), counts, context);
            }
        }
    }

    fn check_upload(&self, policy: &UploadPolicy, upload: &Upload, counts: &mut Counts, context: &str) {
        let resource = self.object(&upload.key);
        let lifetime = policy.expires_in().as_secs() * 1_000;
        for (bucket, role) in self.policies() {
            for call in upload.calls() {
                let resource = if call.is_on_bucket { self.bucket.arn() } else { resource.clone() };
                let ages = if call.by_client { vec![0, lifetime] } else { vec![0] };
                for (action, age) in
                    call.actions.iter().flat_map(|action| ages.iter().map(move |age| (action, age)))
                {
                    let sent = call.context.clone().with("s3:signatureAge", age.to_string());
                    let decision = role_decides(action, &resource, sent, role, Some(bucket));
                    counts.decisions += 1;
                    assert!(
                        decision.is_allowed(),
                        "{context}: {action} on {resource}: {decision:?}\n{}{}",
                        role.to_json(),
                        bucket.to_json()
                    );
                }
            }
            // S3 decrypts the parts to assemble the object.
            let decrypts = upload.is_in_parts().then_some("kms:Decrypt");
            for action in ["kms:GenerateDataKey"].into_iter().chain(decrypts) {
                let Some((key, with_key)) = data_key(policy) else { continue };
                let decision = role_decides(action, key, with_key, role, None);
                counts.kms += 1;
                assert!(
                    decision.is_allowed(),
                    "{context}: {action} on {key}: {decision:?}\n{}",
                    role.to_json()
                );
            }
        }
        counts.in_parts += usize::from(upload.is_in_parts());
        if let Some(settings) = self.settings.map(BucketSettings) {
            counts.acls += usize::from(upload.acl().is_some());
            let is_locked =
                upload.value(&["x-amz-object-lock-mode", "x-amz-object-lock-legal-hold"]).is_some();
            assert!(!is_locked || settings.has_object_lock(), "{context}: the bucket refuses the lock");
            assert!(settings.takes(upload.acl()), "{context}: the bucket refuses the ACL {:?}", upload.acl());
        }
        let names = upload.script_headers().join(",");
        for origin in self.pages() {
            for request in [
                CorsRequest::preflight(
                    Some(&origin),
                    Some(upload.method),
                    Some(&names).filter(|it| !it.is_empty()).map(String::as_str),
                ),
                CorsRequest::actual(Some(&origin), upload.method),
            ] {
                counts.preflights += 1;
                let answer = self.cors.evaluate(&request);
                assert!(matches!(answer, CorsAnswer::Allowed { .. }), "{context}: {request:?}: {answer:?}");
            }
        }
    }

    /// Returns the origins of the pages that upload.
    fn pages(&self) -> Vec<String> {
        let origins = self.deployment.origins();
        let any = origins.is_any().then(|| "https://anywhere.example".to_owned());
        origins.list().iter().map(|origin| origin.example().to_string()).chain(any).collect()
    }
}

/// Replaces the references to the account, region, partition and distribution by their values in a deployment.
fn deployed(value: &Value) -> Value {
    let pseudo = [("AWS::AccountId", ACCOUNT), ("AWS::Region", REGION), ("AWS::Partition", "aws")];
    match value {
        Value::Object(members) => {
            if let Some(text) = members.get("Fn::Sub").and_then(Value::as_str) {
                let replace =
                    |text: String, (name, value): &(&str, &str)| text.replace(&format!("${{{name}}}"), value);
                let text = pseudo.iter().fold(text.to_owned(), replace);
                // The stack creates the distribution; its id is known when it exists.
                return Value::String(match text.split_once("distribution/${") {
                    Some(_) => DISTRIBUTION.to_owned(),
                    None => text,
                });
            }
            let name = members.get("Ref").and_then(Value::as_str);
            if let Some((_, value)) = pseudo.iter().find(|(known, _)| Some(*known) == name) {
                return Value::String((*value).to_owned());
            }
            Value::Object(members.iter().map(|(name, value)| (name.clone(), deployed(value))).collect())
        }
        Value::Array(list) => Value::Array(list.iter().map(deployed).collect()),
        other => other.clone(),
    }
}
