//! Whatever no policy issues is not permitted.

use upsign_documents::{CorsAnswer, CorsRequest, IamContext, IamPolicy, Reads, RequestPrincipal};
use upsign_policy::{UploadMethod, UploadPolicy};

use super::random::{self, ACCOUNT, DISTRIBUTION, Random};
use super::requests;
use super::s3::{BucketSettings, SCANNED, data_key, decide, role_decides, service_context};
use super::{Counts, Documents};

impl Documents<'_> {
    /// Whatever no policy issues is not permitted: other keys, actions, principals, methods, headers and origins.
    pub(super) fn check_nothing_else(&self, random: &mut Random, counts: &mut Counts, context: &str) {
        self.check_actions(random, counts, context);
        self.check_principals(counts, context);
        self.check_pages(counts, context);
        let Some(settings) = self.settings.map(BucketSettings) else { return };
        let acls: Vec<_> = self.bucket.policies().filter_map(UploadPolicy::acl).collect();
        if acls.iter().all(|acl| acl.as_str() == "bucket-owner-full-control") {
            assert!(settings.enforces_owner(), "{context}: ACLs are enabled, but no route sets one");
        }
        let public = acls.iter().any(|acl| acl.is_public());
        for acls in ["BlockPublicAcls", "IgnorePublicAcls"] {
            assert_eq!(settings.blocks(acls), !public, "{context}: {acls}");
        }
        assert!(
            settings.blocks("BlockPublicPolicy") && settings.blocks("RestrictPublicBuckets"),
            "{context}"
        );
    }

    /// The role has exactly the actions that the routes sign, on the keys that their templates can have.
    fn check_actions(&self, random: &mut Random, counts: &mut Counts, context: &str) {
        let mut keys =
            vec!["zzz/1".to_owned(), "1".to_owned(), "r9/1.jpg".to_owned(), "a/b/c.jpg".to_owned()];
        for policy in self.bucket.policies() {
            let caller = requests::caller(random);
            let ids = requests::ids(random, policy);
            if let Ok(permit) = policy.authorize(&caller, &requests::request(random, policy), &ids) {
                let key = permit.key().as_str();
                let other = random.pick(&[format!("x{key}"), key.to_uppercase(), format!("{key}/x")]);
                keys.extend([key.to_owned(), other]);
            }
        }
        // The permissions of a role for objects have no conditions.
        let decide =
            |action, resource: &str, role| role_decides(action, resource, IamContext::new(), role, None);
        for key in &keys {
            let resource = self.object(key);
            for action in OBJECT_ACTIONS {
                let is_needed = |policy: &UploadPolicy| {
                    could_be_key_of(policy, key) && self.object_actions(policy).contains(&action)
                };
                let expected = self.bucket.policies().any(is_needed);
                for (_, role) in self.policies() {
                    let decision = decide(action, &resource, role);
                    counts.decisions += 1;
                    let role = || role.to_json();
                    assert_eq!(decision.is_allowed(), expected, "{context}: {action} on {key}: {}", role());
                }
            }
            let elsewhere = format!("arn:aws:s3:::other-bucket-example/{key}");
            for (_, role) in self.policies() {
                assert!(!decide("s3:PutObject", &elsewhere, role).is_allowed(), "{context}: {elsewhere}");
            }
        }
        for (_, role) in self.policies() {
            for action in BUCKET_ACTIONS {
                let looks = self.configuration.confirmation || self.bucket.policies().any(is_in_parts);
                let expected = action == "s3:ListBucket" && looks;
                let decision = role_decides(action, &self.bucket.arn(), service_context(), role, None);
                assert_eq!(decision.is_allowed(), expected, "{context}: {action}: {decision:?}");
            }
            for action in
                ["kms:Encrypt", "kms:ReEncryptFrom", "kms:CreateGrant", "iam:PassRole", "sts:AssumeRole"]
            {
                let decision = role_decides(action, random::KMS_KEY, service_context(), role, None);
                assert!(!decision.is_allowed(), "{context}: {action}: {decision:?}");
            }
            // A key without an ARN is one of this account, if it is known.
            let with_key = self.bucket.policies().find_map(data_key);
            if let Some((key, through_s3)) = with_key.filter(|_| self.deployment.account().is_some()) {
                let foreign = key.replace(ACCOUNT, "999999999999");
                let decision = role_decides("kms:GenerateDataKey", &foreign, through_s3, role, None);
                assert!(!decision.is_allowed(), "{context}: {foreign}: {decision:?}");
            }
            let direct = role_decides("kms:GenerateDataKey", random::KMS_KEY, service_context(), role, None);
            assert!(!direct.is_allowed(), "{context}: the key is usable other than through S3");
        }
    }

    /// Returns the actions that uploads and reads of this route need.
    fn object_actions(&self, policy: &UploadPolicy) -> Vec<&'static str> {
        let mut actions = vec!["s3:PutObject"];
        actions.extend(policy.sets_tags().then_some("s3:PutObjectTagging"));
        actions.extend(policy.acl().map(|_| "s3:PutObjectAcl"));
        actions.extend(policy.retention().map(|_| "s3:PutObjectRetention"));
        actions.extend(policy.legal_hold().then_some("s3:PutObjectLegalHold"));
        if is_in_parts(policy) {
            actions.extend(["s3:AbortMultipartUpload", "s3:ListMultipartUploadParts", "s3:GetObject"]);
        }
        if self.configuration.confirmation || self.deployment.reads() == Reads::Presigned {
            actions.push("s3:GetObject");
            actions.extend(self.configuration.versioned.then_some("s3:GetObjectVersion"));
        }
        actions
    }
    /// Nobody but the role writes, and only the distribution reads.
    fn check_principals(&self, counts: &mut Counts, context: &str) {
        let key = self.bucket.policies().next().map(sample_key).unwrap();
        let resource = self.object(&key);
        let service = |name: &str| RequestPrincipal::Service(name.into());
        let from = |arn: &str| service_context().with("aws:SourceArn", arn);
        let other = DISTRIBUTION.replace("E2EXAMPLE", "E2OTHER");
        let strangers = [
            (RequestPrincipal::Anonymous, service_context()),
            (RequestPrincipal::Anonymous, from(DISTRIBUTION)),
            (service("cloudfront.amazonaws.com"), from(&other)),
            (service("cloudfront.amazonaws.com"), service_context()),
            (service("lambda.amazonaws.com"), from(DISTRIBUTION)),
            (RequestPrincipal::Role("arn:aws:iam::999999999999:role/x".into()), service_context()),
        ];
        let nothing = IamPolicy::default();
        for (bucket, role) in self.policies() {
            for action in
                ["s3:PutObject", "s3:GetObject", "s3:GetObjectVersion", "s3:DeleteObject", "s3:PutObjectAcl"]
            {
                for (principal, request) in &strangers {
                    let (principal, request) = (principal.clone(), request.clone());
                    let decision = decide(principal, action, &resource, request, &nothing, Some(bucket));
                    counts.decisions += 1;
                    assert!(!decision.is_allowed(), "{context}: {action} by a stranger: {decision:?}");
                }
                let distribution = service("cloudfront.amazonaws.com");
                let clean = from(DISTRIBUTION).with(SCANNED, "NO_THREATS_FOUND");
                // A request of an AWS service has no account of a principal.
                let clean = clean.without("aws:PrincipalAccount").with("aws:PrincipalIsAWSService", "true");
                let decision = decide(distribution, action, &resource, clean, role, Some(bucket));
                let is_read = action == "s3:GetObject"
                    || (action == "s3:GetObjectVersion" && self.configuration.versioned);
                let reads = self.deployment.reads() == Reads::CloudFront && is_read;
                assert_eq!(decision.is_allowed(), reads, "{context}: {action} by CloudFront: {decision:?}");
            }
        }
    }

    /// The CORS rules allow the methods and headers of the routes, for the pages of the deployment.
    fn check_pages(&self, counts: &mut Counts, context: &str) {
        let uses = |method| self.bucket.policies().any(|policy| policy.method() == method);
        // A route with forms sends the parts of large files by `PUT`.
        let has_put = |policy: &UploadPolicy| policy.method() == UploadMethod::Put || is_in_parts(policy);
        let put = self.bucket.policies().any(has_put);
        let signed: Vec<&str> = self
            .bucket
            .policies()
            .filter(|policy| has_put(policy))
            .flat_map(|policy| policy.signed_header_names().chain(policy.part_header_names()))
            .filter(|name| *name != "content-length")
            .collect();
        let mut allows = |origin: &str, method: &str, header: Option<&str>| {
            counts.preflights += 1;
            let request = CorsRequest::preflight(Some(origin), Some(method), header);
            matches!(self.cors.evaluate(&request), CorsAnswer::Allowed { .. })
        };
        for origin in self.pages() {
            for (method, is_used) in [
                ("PUT", put),
                ("POST", uses(UploadMethod::Post)),
                ("GET", false),
                ("DELETE", false),
                ("HEAD", false),
            ] {
                assert_eq!(allows(&origin, method, None), is_used, "{context}: {method}");
            }
            for header in HEADERS {
                // A route that accepts metadata of any name signs `x-amz-meta-*`.
                let is = |name: &&str| {
                    *name == header || name.strip_suffix('*').is_some_and(|it| header.starts_with(it))
                };
                let expected = put && signed.iter().any(is);
                assert_eq!(allows(&origin, "PUT", Some(header)), expected, "{context}: {header}");
                assert!(!allows(&origin, "POST", Some(header)), "{context}: {header} of a form");
            }
        }
        for origin in [
            "https://evil.example",
            "https://app.example.com.evil.example",
            "http://app.example.com",
            "https://example.org",
            "https://evilexample.org",
            "https://x.example.org:444",
            "http://localhost",
            "null",
        ] {
            let expected = put && self.deployment.origins().is_any();
            assert_eq!(allows(origin, "PUT", None), expected, "{context}: {origin}");
        }
    }
}

const OBJECT_ACTIONS: [&str; 15] = [
    "s3:PutObject",
    "s3:PutObjectTagging",
    "s3:PutObjectAcl",
    "s3:AbortMultipartUpload",
    "s3:ListMultipartUploadParts",
    "s3:GetObject",
    "s3:GetObjectVersion",
    "s3:GetObjectTagging",
    "s3:GetObjectAcl",
    "s3:DeleteObject",
    "s3:DeleteObjectVersion",
    "s3:PutObjectRetention",
    "s3:PutObjectLegalHold",
    "s3:BypassGovernanceRetention",
    "s3:RestoreObject",
];

const BUCKET_ACTIONS: [&str; 8] = [
    "s3:ListBucket",
    "s3:ListBucketVersions",
    "s3:PutBucketPolicy",
    "s3:DeleteBucket",
    "s3:PutBucketCORS",
    "s3:PutBucketAcl",
    "s3:PutBucketPublicAccessBlock",
    "s3:PutLifecycleConfiguration",
];

const HEADERS: [&str; 18] = [
    "content-type",
    "content-disposition",
    "content-md5",
    "cache-control",
    "if-none-match",
    "if-match",
    "x-amz-acl",
    "x-amz-grant-read",
    "x-amz-tagging",
    "x-amz-storage-class",
    "x-amz-server-side-encryption",
    "x-amz-checksum-crc64nvme",
    "x-amz-checksum-sha256",
    "x-amz-request-payer",
    "x-amz-meta-source",
    "x-amz-copy-source",
    "x-amz-object-lock-mode",
    "authorization",
];

fn is_in_parts(policy: &UploadPolicy) -> bool {
    policy.multipart().is_some()
}

/// Returns whether a key has the literal text of the route's template, with any text in place of the placeholders. IAM
/// cannot express more.
fn could_be_key_of(policy: &UploadPolicy, key: &str) -> bool {
    let template = policy.template().as_str();
    match policy.issuers() {
        Some(issuers) => {
            issuers.iter().any(|name| could_have_template(&template.replace("{issuer}", name.as_str()), key))
        }
        None => could_have_template(template, key),
    }
}

fn could_have_template(template: &str, key: &str) -> bool {
    let literals: Vec<&str> =
        template.split('{').map(|piece| piece.split_once('}').map_or(piece, |(_, after)| after)).collect();
    let (first, rest) = literals.split_first().unwrap();
    let (last, middle) = rest.split_last().unwrap();
    let Some(mut remaining) = key.strip_prefix(first) else { return false };
    for literal in middle {
        let Some((_, after)) = remaining.split_once(literal) else { return false };
        remaining = after;
    }
    remaining.ends_with(last)
}

fn sample_key(policy: &UploadPolicy) -> String {
    let issuer = policy.issuers().map_or("issuer", |issuers| issuers[0].as_str());
    policy.template().as_str().replace("{issuer}", issuer).replace(['{', '}'], "")
}
