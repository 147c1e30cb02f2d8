//! Decisions of IAM under the derived policies. The table is written to `golden/iam-matrix.json`, which `cargo xtask test` also
//! runs through an independent evaluator.

use serde_json::{Value, json};
use upsign_documents::{
    Deployment, Guard, IamContext, IamDecision, IamPolicy, IamRequest, Reads, RequestPrincipal,
};
use upsign_policy::{CannedAcl, Encryption, KmsKey, StorageClass, StorageOptions, TagOptions, Tags};

use crate::policies::{form, in_parts, origins, strict, two_step_policy};
use crate::{confirmed, golden};

const ROLE: &str = "arn:aws:iam::123456789012:role/signer";
const DISTRIBUTION: &str = "arn:aws:cloudfront::123456789012:distribution/E2EXAMPLE";
const KEY: &str = "arn:aws:kms:ap-southeast-1:123456789012:key/1234abcd-12ab-34cd-56ef-1234567890ab";

/// Returns the request context of a presigned PUT over TLS.
fn put() -> IamContext {
    IamContext::new()
        .with("aws:SecureTransport", "true")
        .with("s3:TlsVersion", "1.3")
        .with("s3:authType", "REST-QUERY-STRING")
        .with("s3:signatureversion", "AWS4-HMAC-SHA256")
        .with("s3:signatureAge", "1000")
        .with("aws:PrincipalAccount", "123456789012")
        .with("aws:PrincipalArn", ROLE)
        .with("aws:PrincipalIsAWSService", "false")
}

struct Matrix {
    rows: Vec<Value>,
    own: IamPolicy,
    bucket: Option<IamPolicy>,
    name: &'static str,
}

impl Matrix {
    /// Sets the policies of the rows that follow.
    fn under(&mut self, name: &'static str, own: IamPolicy, bucket: Option<IamPolicy>) {
        (self.name, self.own, self.bucket) = (name, own, bucket);
    }

    /// Checks the decision about one request and adds it to the table.
    #[track_caller]
    fn row(
        &mut self,
        case: &str,
        principal: RequestPrincipal,
        action: &str,
        resource: &str,
        context: IamContext,
        allowed: bool,
    ) {
        let request = IamRequest { principal, action: action.into(), resource: resource.into(), context };
        let decision = request.evaluate(&[&self.own], self.bucket.as_ref());
        assert_eq!(decision.is_allowed(), allowed, "{}: {case}: {decision:?}", self.name);
        let principal = match &request.principal {
            RequestPrincipal::Anonymous => json!({"anonymous": true}),
            RequestPrincipal::Service(name) => json!({"service": name}),
            RequestPrincipal::Role(arn) => json!({"role": arn}),
            _ => Value::Null,
        };
        let context: serde_json::Map<String, Value> =
            request.context.iter().map(|(key, values)| (key.to_owned(), json!(values))).collect();
        let policy = |policy: &IamPolicy| serde_json::from_str::<Value>(&policy.to_json()).unwrap();
        self.rows.push(json!({
            "name": format!("{}: {case}", self.name),
            "principal": principal, "action": action, "resource": resource, "context": context,
            "identity_policy": policy(&self.own), "resource_policy": self.bucket.as_ref().map(policy),
            "verdict": match decision {
                IamDecision::Allowed(_) => "Allowed",
                IamDecision::ExplicitDeny(_) => "ExplicitlyDenied",
                _ => "ImplicitlyDenied",
            },
        }));
    }

    /// Adds a row for a request by the signing role.
    #[track_caller]
    fn role(&mut self, case: &str, action: &str, resource: &str, context: IamContext, allowed: bool) {
        self.row(case, RequestPrincipal::Role(ROLE.into()), action, resource, context, allowed);
    }
}

fn object(key: &str) -> String {
    format!("arn:aws:s3:::article-images-bucket/{key}")
}

#[test]
fn iam_decisions_match_the_golden_table() {
    let mut matrix = Matrix { rows: Vec::new(), own: IamPolicy::default(), bucket: None, name: "" };
    signing(&mut matrix);
    features(&mut matrix);
    parts(&mut matrix);
    guards(&mut matrix);
    headers(&mut matrix);
    reads(&mut matrix);
    unconfirmed(&mut matrix);
    assert!(matrix.rows.len() >= 60, "{}", matrix.rows.len());
    let mut json = serde_json::to_string_pretty(&matrix.rows).unwrap();
    json.push('\n');
    golden::check("iam-matrix.json", &json);
}

fn signing(matrix: &mut Matrix) {
    let bucket = "arn:aws:s3:::article-images-bucket";
    matrix.under(
        "two-step",
        IamPolicy::for_deployment(&Deployment::new([two_step_policy()], origins())),
        None,
    );
    let key = object("articles/3f25/raw/1b2c.jpg");
    matrix.role("put", "s3:PutObject", &key, put(), true);
    matrix.role("put, action in other case", "S3:putobject", &key, put(), true);
    matrix.role("put under another prefix", "s3:PutObject", &object("other/1.jpg"), put(), false);
    matrix.role("put outside the folder", "s3:PutObject", &object("articles/3f25/1.jpg"), put(), false);
    matrix.role("put in another case", "s3:PutObject", &object("Articles/3f25/raw/1b2c.jpg"), put(), false);
    matrix.role(
        "put into another bucket",
        "s3:PutObject",
        "arn:aws:s3:::other/articles/1/raw/1.jpg",
        put(),
        false,
    );
    for action in [
        "s3:PutObjectAcl",
        "s3:PutObjectTagging",
        "s3:GetObject",
        "s3:DeleteObject",
        "s3:DeleteObjectVersion",
        "s3:AbortMultipartUpload",
        "s3:ListMultipartUploadParts",
    ] {
        matrix.role(action, action, &key, put(), false);
    }
    for action in ["s3:ListBucket", "s3:PutBucketCORS", "s3:PutBucketPolicy", "s3:DeleteBucket"] {
        matrix.role(action, action, bucket, put(), false);
    }
    matrix.row("anonymous put", RequestPrincipal::Anonymous, "s3:PutObject", &key, IamContext::new(), false);
}

fn features(matrix: &mut Matrix) {
    let bucket = "arn:aws:s3:::article-images-bucket";
    let mut tags = Tags::new();
    tags.insert("team", "a").unwrap();
    let key: upsign_policy::KmsKeyId = KEY.parse().unwrap();
    let tagged = strict("tagged/{id}")
        .tags(TagOptions::new().fixed(tags))
        .storage(StorageOptions::new().acl(CannedAcl::Private))
        .build()
        .unwrap();
    let secret = in_parts("secret/{id}")
        .storage(StorageOptions::new().encryption(Encryption::Kms(KmsKey::CustomerManaged(key))))
        .build()
        .unwrap();
    let deployment = Deployment::new([tagged, secret, form("forms/{id}")], origins()).with_confirmation(true);
    matrix.under("features", IamPolicy::for_deployment(&deployment), None);
    for (case, action, resource, allowed) in [
        ("tags", "s3:PutObjectTagging", object("tagged/1"), true),
        ("tags elsewhere", "s3:PutObjectTagging", object("forms/1"), false),
        ("acl", "s3:PutObjectAcl", object("tagged/1"), true),
        ("acl elsewhere", "s3:PutObjectAcl", object("secret/1"), false),
        ("abort", "s3:AbortMultipartUpload", object("secret/1"), true),
        ("abort on a route without parts", "s3:AbortMultipartUpload", object("forms/1"), false),
        ("parts of a route without parts", "s3:ListMultipartUploadParts", object("tagged/1"), false),
        ("parts", "s3:ListMultipartUploadParts", object("secret/1"), true),
        ("abort elsewhere", "s3:AbortMultipartUpload", object("x/1"), false),
        ("head", "s3:GetObject", object("forms/1"), true),
        ("head of a version", "s3:GetObjectVersion", object("forms/1"), true),
        ("head elsewhere", "s3:GetObject", object("x/1"), false),
        ("form", "s3:PutObject", object("forms/1"), true),
        ("list", "s3:ListBucket", bucket.to_owned(), true),
        ("list versions", "s3:ListBucketVersions", bucket.to_owned(), false),
        ("delete", "s3:DeleteObject", object("forms/1"), false),
        ("retention", "s3:PutObjectRetention", object("forms/1"), false),
    ] {
        matrix.role(case, action, &resource, put(), allowed);
    }
    let via = |service: &str| put().with("kms:ViaService", service);
    let s3 = "s3.ap-southeast-1.amazonaws.com";
    matrix.role("data key through S3", "kms:GenerateDataKey", KEY, via(s3), true);
    matrix.role("decrypt through S3", "kms:Decrypt", KEY, via(s3), true);
    matrix.role("data key directly", "kms:GenerateDataKey", KEY, put(), false);
    matrix.role(
        "data key through another",
        "kms:GenerateDataKey",
        KEY,
        via("sqs.ap-southeast-1.amazonaws.com"),
        false,
    );
    matrix.role("another key", "kms:Decrypt", &KEY.replace("1234abcd", "9999abcd"), via(s3), false);
    matrix.role("encrypt", "kms:Encrypt", KEY, via(s3), false);
}

/// A route in parts next to one without, and no other feature that reads.
fn parts(matrix: &mut Matrix) {
    let bucket = "arn:aws:s3:::article-images-bucket";
    let key: upsign_policy::KmsKeyId = KEY.parse().unwrap();
    let secret = strict("secret/{id}")
        .storage(StorageOptions::new().encryption(Encryption::Kms(KmsKey::CustomerManaged(key))));
    let routes = [in_parts("videos/{id}").build().unwrap(), secret.build().unwrap()];
    matrix.under("parts", IamPolicy::for_deployment(&Deployment::new(routes, origins())), None);
    for (case, action, resource, allowed) in [
        ("create, upload and complete", "s3:PutObject", object("videos/1"), true),
        ("list", "s3:ListMultipartUploadParts", object("videos/1"), true),
        ("abort", "s3:AbortMultipartUpload", object("videos/1"), true),
        ("head", "s3:GetObject", object("videos/1"), true),
        ("head of an absent object", "s3:ListBucket", bucket.to_owned(), true),
        ("another version", "s3:GetObjectVersion", object("videos/1"), false),
        ("list the uploads", "s3:ListBucketMultipartUploads", bucket.to_owned(), false),
        ("head of another route", "s3:GetObject", object("secret/1"), false),
        ("abort on another route", "s3:AbortMultipartUpload", object("secret/1"), false),
    ] {
        matrix.role(case, action, &resource, put(), allowed);
    }
    let via = put().with("kms:ViaService", "s3.ap-southeast-1.amazonaws.com");
    matrix.role("data key of a route without parts", "kms:GenerateDataKey", KEY, via.clone(), true);
    matrix.role("decrypt for a route without parts", "kms:Decrypt", KEY, via, false);
}

fn guarded(deployment: &Deployment, guards: &[Guard]) -> (IamPolicy, Option<IamPolicy>) {
    let deployment = &deployment.clone().with_guards(guards.iter().copied());
    let bucket = IamPolicy::for_bucket(deployment, &deployment.buckets()[0], Some(DISTRIBUTION)).unwrap();
    (IamPolicy::for_deployment(deployment), Some(bucket))
}

fn guards(matrix: &mut Matrix) {
    let key = object("a/1");
    let deployment = Deployment::new([strict("a/{id}").build().unwrap()], origins())
        .with_account("123456789012".parse().unwrap());
    let (own, bucket) =
        guarded(&deployment, &[Guard::Tls, Guard::Tls12, Guard::SignatureAge, Guard::AuthType, Guard::SigV4]);
    matrix.under("guards", own, bucket);
    for (case, context, allowed) in [
        ("fresh", put(), true),
        ("plain http", put().with("aws:SecureTransport", "false"), false),
        ("tls 1.2", put().with("s3:TlsVersion", "1.2"), true),
        ("tls 1.1", put().with("s3:TlsVersion", "1.1"), false),
        ("tls unknown", put().without("s3:TlsVersion"), true),
        ("at the age limit", put().with("s3:signatureAge", "900000"), true),
        ("one millisecond over the age limit", put().with("s3:signatureAge", "900001"), false),
        ("one day old", put().with("s3:signatureAge", "86400000"), false),
        ("no age", put().without("s3:signatureAge"), true),
        ("signed in a header", put().with("s3:authType", "REST-HEADER"), false),
        ("a form", put().with("s3:authType", "POST"), false),
        ("no auth type", put().without("s3:authType"), false),
        ("an old signature", put().with("s3:signatureversion", "AWS"), false),
        ("no signature version", put().without("s3:signatureversion"), true),
    ] {
        matrix.role(case, "s3:PutObject", &key, context, allowed);
    }
    let both = Deployment::new([in_parts("a/{id}").build().unwrap(), form("f/{id}")], origins());
    let (own, bucket) = guarded(&both, &[Guard::AuthType, Guard::NoOverwrite]);
    matrix.under("auth types of parts and forms", own, bucket);
    let completing = || put().with("s3:ObjectCreationOperation", "true").with("s3:if-none-match", "*");
    for (kind, allowed) in [("REST-QUERY-STRING", true), ("POST", true), ("REST-HEADER", false)] {
        matrix.role(kind, "s3:PutObject", &key, completing().with("s3:authType", kind), allowed);
    }
    for (case, context, allowed) in [
        ("a part", put().with("s3:ObjectCreationOperation", "false"), true),
        ("completion without a condition", completing().without("s3:if-none-match"), false),
    ] {
        matrix.role(case, "s3:PutObject", &key, context, allowed);
    }
    let (own, bucket) = guarded(&deployment, &[Guard::Account]);
    matrix.under("account", own, bucket);
    matrix.role("this account", "s3:PutObject", &key, put(), true);
    matrix.role(
        "another account",
        "s3:PutObject",
        &key,
        put().with("aws:PrincipalAccount", "999999999999"),
        false,
    );
}

fn headers(matrix: &mut Matrix) {
    let key = object("a/1");
    let policy = strict("a/{id}")
        .storage(StorageOptions::new().encryption(Encryption::S3).storage_class(StorageClass::StandardIa));
    let deployment = Deployment::new([policy.build().unwrap()], origins());
    let (own, bucket) =
        guarded(&deployment, &[Guard::NoOverwrite, Guard::Encryption, Guard::Acl, Guard::StorageClass]);
    matrix.under("headers", own, bucket);
    let whole = || {
        put()
            .with("s3:if-none-match", "*")
            .with("s3:ObjectCreationOperation", "true")
            .with("s3:x-amz-server-side-encryption", "AES256")
            .with("s3:x-amz-storage-class", "STANDARD_IA")
    };
    for (case, context, allowed) in [
        ("as issued", whole(), true),
        ("without if-none-match", whole().without("s3:if-none-match"), false),
        ("a part", whole().without("s3:if-none-match").with("s3:ObjectCreationOperation", "false"), true),
        ("no encryption", whole().without("s3:x-amz-server-side-encryption"), false),
        ("other encryption", whole().with("s3:x-amz-server-side-encryption", "aws:kms"), false),
        ("an acl", whole().with("s3:x-amz-acl", "public-read"), false),
        ("other class", whole().with("s3:x-amz-storage-class", "GLACIER"), false),
        ("no class", whole().without("s3:x-amz-storage-class"), false),
    ] {
        matrix.role(case, "s3:PutObject", &key, context, allowed);
    }
    matrix.role("another key", "s3:PutObject", &object("b/1"), whole(), false);
}

fn reads(matrix: &mut Matrix) {
    let key = object("a/1");
    let service = || RequestPrincipal::Service("cloudfront.amazonaws.com".into());
    let from = |arn: &str| IamContext::new().with("aws:SecureTransport", "true").with("aws:SourceArn", arn);
    let deployment = Deployment::new([strict("a/{id}").build().unwrap()], origins())
        .with_reads(Reads::CloudFront)
        .with_cloudfront_key(crate::policies::read_key())
        .with_scanner_role("arn:aws:iam::123456789012:role/scanner".parse().unwrap());
    let (own, bucket) = guarded(&deployment, &[Guard::Tls, Guard::Scanned]);
    let guard = bucket.clone();
    let (_, open) = guarded(&deployment, &[Guard::Tls]);
    matrix.under("cloudfront", own.clone(), open);
    matrix.row("the distribution", service(), "s3:GetObject", &key, from(DISTRIBUTION), true);
    let other = DISTRIBUTION.replace("E2EXAMPLE", "E2OTHER");
    matrix.row("another distribution", service(), "s3:GetObject", &key, from(&other), false);
    matrix.row("no distribution", service(), "s3:GetObject", &key, from("").without("aws:SourceArn"), false);
    matrix.row("the distribution writes", service(), "s3:PutObject", &key, from(DISTRIBUTION), false);
    matrix.row(
        "the distribution reads another prefix",
        service(),
        "s3:GetObject",
        &object("b/1"),
        from(DISTRIBUTION),
        false,
    );
    let anonymous = IamContext::new().with("aws:SecureTransport", "true");
    matrix.row("anonymous", RequestPrincipal::Anonymous, "s3:GetObject", &key, anonymous.clone(), false);
    matrix.row(
        "anonymous with the arn",
        RequestPrincipal::Anonymous,
        "s3:GetObject",
        &key,
        anonymous.with("aws:SourceArn", DISTRIBUTION),
        false,
    );
    matrix.role("the signer", "s3:GetObject", &key, put(), false);
    matrix.under("scanned", own, guard);
    let tag = "s3:ExistingObjectTag/GuardDutyMalwareScanStatus";
    let clean = from(DISTRIBUTION).with(tag, "NO_THREATS_FOUND");
    matrix.row("clean", service(), "s3:GetObject", &key, clean, true);
    let bad = from(DISTRIBUTION).with(tag, "THREATS_FOUND");
    matrix.row("not clean", service(), "s3:GetObject", &key, bad, false);
    matrix.row("not scanned", service(), "s3:GetObject", &key, from(DISTRIBUTION), false);
    let presigned =
        Deployment::new([strict("a/{id}").build().unwrap()], origins()).with_reads(Reads::Presigned);
    matrix.under("presigned", IamPolicy::for_deployment(&presigned), None);
    matrix.role("get", "s3:GetObject", &key, put(), true);
    matrix.role("get elsewhere", "s3:GetObject", &object("b/1"), put(), false);
    matrix.row("anonymous get", RequestPrincipal::Anonymous, "s3:GetObject", &key, IamContext::new(), false);
}

/// Objects that are not confirmed yet: what the role of the service may do, and what other roles may not that may do everything else.
fn unconfirmed(matrix: &mut Matrix) {
    let deployment = confirmed::scanned_deployment();
    let policy = confirmed::bucket_policy(&deployment);
    matrix.under("confirmed", IamPolicy::for_deployment(&deployment), Some(policy.clone()));
    let service = || put().with("aws:PrincipalArn", confirmed::SERVICE);
    let (pending, last, tagged) =
        (object("pending/files/u/1.jpg"), object("files/u/1.jpg"), object("tagged/u/1.jpg"));
    let bucket = "arn:aws:s3:::article-images-bucket".to_owned();
    for (case, action, resource, allowed) in [
        ("upload", "s3:PutObject", &pending, true),
        ("look", "s3:GetObject", &pending, true),
        ("look at a version", "s3:GetObjectVersion", &pending, true),
        ("look at an absent object", "s3:ListBucket", &bucket, true),
        ("promote", "s3:PutObject", &last, true),
        ("look at the copy", "s3:GetObject", &last, true),
        ("remove the first one", "s3:DeleteObjectVersion", &pending, true),
        ("delete for a caller", "s3:DeleteObject", &last, true),
        ("tag", "s3:PutObjectVersionTagging", &tagged, true),
        ("read the tags", "s3:GetObjectVersionTagging", &tagged, true),
        ("read the tags of a pending object", "s3:GetObjectVersionTagging", &pending, false),
        ("remove a wrong copy", "s3:DeleteObjectVersion", &last, true),
        ("tag whatever is the current version", "s3:PutObjectTagging", &tagged, false),
        ("tag a pending object", "s3:PutObjectVersionTagging", &pending, false),
        ("delete of a route without it", "s3:DeleteObject", &object("other/1"), false),
        ("look at a route without it", "s3:GetObject", &object("other/1"), false),
        ("list versions", "s3:ListBucketVersions", &bucket, false),
    ] {
        matrix.role(case, action, resource, service(), allowed);
    }
    matrix.under("unconfirmed", confirmed::everything(), Some(policy));
    for (index, (role, action, key, context, allowed)) in confirmed::cases().into_iter().enumerate() {
        let case = format!("{index} {action} {key}");
        matrix.row(&case, RequestPrincipal::Role(role.into()), action, &object(key), context, allowed);
    }
}
