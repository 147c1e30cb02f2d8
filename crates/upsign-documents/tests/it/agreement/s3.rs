//! What AWS documents about an upload: the permissions it needs, its request context, and the ACLs a bucket accepts.

use serde_json::Value;
use upsign_documents::{IamContext, IamDecision, IamPolicy, IamRequest, RequestPrincipal};
use upsign_policy::{CannedAcl, KmsKey, Permit, SignableRequest, UploadPolicy};

use super::random::{ACCOUNT, KMS_KEY, REGION};

pub(super) const ROLE: &str = "arn:aws:iam::123456789012:role/signer";

/// The tag of an object that GuardDuty has scanned.
pub(super) const SCANNED: &str = "s3:ExistingObjectTag/GuardDutyMalwareScanStatus";

/// A signed upload, as S3 receives it.
pub(super) struct Upload {
    pub(super) method: &'static str,
    pub(super) key: String,
    /// Headers of a PUT or of the request that creates a multipart upload, or fields of a form, in lower case.
    pub(super) values: Vec<(String, String)>,
    auth_type: &'static str,
    /// The headers of each part, and of the request that completes the upload.
    parts: Option<(Headers, Headers)>,
}

type Headers = Vec<(String, String)>;

/// One request of an upload.
pub(super) struct Call {
    pub(super) actions: Vec<&'static str>,
    /// Whether the actions are on the bucket, and not on the object.
    pub(super) is_on_bucket: bool,
    /// Whether a client sends it, possibly at the end of the lifetime. The service sends its own requests at once.
    pub(super) by_client: bool,
    pub(super) context: IamContext,
}

impl Upload {
    pub(super) fn of(policy: &UploadPolicy, permit: &Permit) -> Self {
        let lower = |(name, value): (&str, &str)| (name.to_ascii_lowercase(), value.to_owned());
        let key = permit.key().as_str().to_owned();
        match permit.request() {
            SignableRequest::Put(request) => Self {
                method: "PUT",
                key,
                values: request.headers().iter().map(lower).collect(),
                auth_type: "REST-QUERY-STRING",
                parts: None,
            },
            SignableRequest::Multipart(upload) => {
                let header =
                    upload.checksum.and_then(|it| policy.multipart().unwrap().part_checksum_header(it));
                let of_part = [("content-length", "1")].into_iter().chain(header.map(|name| (name, "AA==")));
                let if_new = policy.no_overwrite().then_some(("if-none-match", "*"));
                let with =
                    |more: Vec<(&str, &str)>| upload.call_headers.iter().chain(more).map(lower).collect();
                Self {
                    method: "PUT",
                    key,
                    values: upload.create_headers.iter().map(lower).collect(),
                    auth_type: "REST-QUERY-STRING",
                    parts: Some((with(of_part.collect()), with(if_new.into_iter().collect()))),
                }
            }
            SignableRequest::Post(form) => Self {
                method: "POST",
                key,
                values: form.fields().map(lower).collect(),
                auth_type: "POST",
                parts: None,
            },
        }
    }

    pub(super) fn is_in_parts(&self) -> bool {
        self.parts.is_some()
    }

    /// Returns the requests of the upload, each when its signature is new. A single request creates the object; in parts, only the
    /// completing one does.
    ///
    /// Source: <https://docs.aws.amazon.com/AmazonS3/latest/userguide/mpuoverview.html#mpuAndPermissions>.
    pub(super) fn calls(&self) -> Vec<Call> {
        let call = |actions: Vec<&'static str>, by_client, context| Call {
            actions,
            is_on_bucket: false,
            by_client,
            context,
        };
        let Some((part, complete)) = &self.parts else {
            return vec![call(self.actions(), true, self.context(0))];
        };
        let creates =
            |context: IamContext, creates: &str| context.with("s3:ObjectCreationOperation", creates);
        let with = |headers| creates(self.context_of(headers, 0), "false");
        vec![
            call(self.actions(), false, with(&self.values)),
            call(vec!["s3:PutObject"], true, with(part)),
            call(vec!["s3:ListMultipartUploadParts"], false, with(part)),
            call(vec!["s3:PutObject"], false, creates(with(complete), "true")),
            call(vec!["s3:AbortMultipartUpload"], false, with(part)),
            call(vec!["s3:GetObject"], false, with(part)),
            Call { is_on_bucket: true, ..call(vec!["s3:ListBucket"], false, with(part)) },
        ]
    }

    /// Returns the names of the headers that a script of the page sets. The fields of a form are in its body.
    pub(super) fn script_headers(&self) -> Vec<&str> {
        let is_set = |name: &&str| self.method == "PUT" && *name != "content-length";
        let headers = self.parts.as_ref().map_or(&self.values, |(part, _)| part);
        headers.iter().map(|(name, _)| name.as_str()).filter(is_set).collect()
    }

    pub(super) fn value(&self, names: &[&str]) -> Option<&str> {
        self.values.iter().find(|(name, _)| names.contains(&name.as_str())).map(|(_, value)| value.as_str())
    }

    /// A form has the field `acl` where a PUT has the header `x-amz-acl`
    /// (<https://docs.aws.amazon.com/AmazonS3/latest/API/RESTObjectPOST.html>).
    pub(super) fn acl(&self) -> Option<&str> {
        self.value(&["x-amz-acl", "acl"])
    }

    /// Returns the actions that S3 checks for this upload.
    ///
    /// Source: <https://docs.aws.amazon.com/AmazonS3/latest/API/API_PutObject.html> ("Permissions").
    pub(super) fn actions(&self) -> Vec<&'static str> {
        let tags = self.value(&["x-amz-tagging", "tagging"]).map(|_| "s3:PutObjectTagging");
        let acl = self.acl().map(|_| "s3:PutObjectAcl");
        let retention = self.value(&["x-amz-object-lock-mode"]).map(|_| "s3:PutObjectRetention");
        let hold = self.value(&["x-amz-object-lock-legal-hold"]).map(|_| "s3:PutObjectLegalHold");
        ["s3:PutObject"].into_iter().chain(tags).chain(acl).chain(retention).chain(hold).collect()
    }

    /// Returns the condition keys of the request that creates the object, sent over TLS when its signature is `age` milliseconds
    /// old.
    ///
    /// Source: <https://docs.aws.amazon.com/AmazonS3/latest/API/bucket-policy-s3-sigv4-conditions.html>,
    /// <https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazons3.html>.
    pub(super) fn context(&self, age: u32) -> IamContext {
        self.context_of(self.parts.as_ref().map_or(&self.values, |(_, complete)| complete), age)
    }

    fn context_of(&self, headers: &Headers, age: u32) -> IamContext {
        let value = |names: &[&str]| {
            let found = headers.iter().find(|(name, _)| names.contains(&name.as_str()));
            found.map(|(_, value)| value.as_str())
        };
        let mut context = base()
            .with("s3:authType", self.auth_type)
            .with("s3:signatureAge", age.to_string())
            .with("s3:ObjectCreationOperation", "true");
        for name in [
            "x-amz-acl",
            "x-amz-storage-class",
            "x-amz-server-side-encryption",
            "x-amz-server-side-encryption-aws-kms-key-id",
            "if-none-match",
        ] {
            let names: &[&str] = if name == "x-amz-acl" { &["x-amz-acl", "acl"] } else { &[name] };
            if let Some(value) = value(names) {
                context = context.with(&format!("s3:{name}"), value);
            }
        }
        context
    }
}

fn base() -> IamContext {
    IamContext::new()
        .with("aws:SecureTransport", "true")
        .with("s3:TlsVersion", "1.3")
        .with("s3:signatureversion", "AWS4-HMAC-SHA256")
        .with("aws:PrincipalAccount", ACCOUNT)
        .with("aws:PrincipalArn", ROLE)
        .with("aws:PrincipalIsAWSService", "false")
}

/// Returns the context of a request that the service sends with the role's credentials in a header.
pub(super) fn service_context() -> IamContext {
    base().with("s3:authType", "REST-HEADER").with("s3:signatureAge", "0")
}

pub(super) fn decide(
    principal: RequestPrincipal,
    action: &str,
    resource: &str,
    context: IamContext,
    role: &IamPolicy,
    bucket: Option<&IamPolicy>,
) -> IamDecision {
    let request = IamRequest { principal, action: action.into(), resource: resource.into(), context };
    request.evaluate(&[role], bucket)
}

pub(super) fn role_decides(
    action: &str,
    resource: &str,
    context: IamContext,
    role: &IamPolicy,
    bucket: Option<&IamPolicy>,
) -> IamDecision {
    decide(RequestPrincipal::Role(ROLE.into()), action, resource, context, role, bucket)
}

/// Returns the request for a data key that S3 makes for an upload with a customer managed key, or `None` if the policy uses
/// none. S3 needs no permission of the caller for the key `aws/s3`.
///
/// Source: <https://docs.aws.amazon.com/AmazonS3/latest/userguide/UsingKMSEncryption.html>,
/// <https://docs.aws.amazon.com/kms/latest/developerguide/policy-conditions.html#conditions-kms-via-service>.
pub(super) fn data_key(policy: &UploadPolicy) -> Option<(&'static str, IamContext)> {
    let key = match policy.encryption()? {
        upsign_policy::Encryption::Kms(KmsKey::CustomerManaged(key))
        | upsign_policy::Encryption::KmsDsse(KmsKey::CustomerManaged(key)) => key.as_str(),
        _ => return None,
    };
    let context = base()
        .with("kms:ViaService", format!("s3.{REGION}.amazonaws.com"))
        .with_values("kms:ResourceAliases", ["alias/uploads"]);
    assert!(KMS_KEY.ends_with(key) || key.ends_with("alias/uploads"), "{key}");
    Some((KMS_KEY, context))
}

/// The settings of a bucket in a generated template.
pub(super) struct BucketSettings<'a>(pub(super) &'a Value);

impl BucketSettings<'_> {
    pub(super) fn blocks(&self, name: &str) -> bool {
        self.0["PublicAccessBlockConfiguration"][name] == true
    }

    pub(super) fn enforces_owner(&self) -> bool {
        self.0["OwnershipControls"]["Rules"][0]["ObjectOwnership"] == "BucketOwnerEnforced"
    }

    /// Returns whether S3 accepts uploads that lock their objects.
    pub(super) fn has_object_lock(&self) -> bool {
        self.0["ObjectLockEnabled"] == true && self.0["VersioningConfiguration"]["Status"] == "Enabled"
    }

    /// Returns whether S3 accepts an upload with this ACL, and the ACL has the effect that it says.
    ///
    /// A bucket that enforces its owner accepts `bucket-owner-full-control` only
    /// (<https://docs.aws.amazon.com/AmazonS3/latest/userguide/about-object-ownership.html>). `BlockPublicAcls` rejects
    /// uploads with a public ACL, and `IgnorePublicAcls` makes it ineffective
    /// (<https://docs.aws.amazon.com/AmazonS3/latest/userguide/access-control-block-public-access.html>).
    pub(super) fn takes(&self, acl: Option<&str>) -> bool {
        let Some(acl) = acl else { return true };
        let is_public = ["public-read", "public-read-write", "authenticated-read"].contains(&acl);
        let is_enabled = !self.enforces_owner() || acl == CannedAcl::BucketOwnerFullControl.as_str();
        let is_blocked = is_public && (self.blocks("BlockPublicAcls") || self.blocks("IgnorePublicAcls"));
        is_enabled && !is_blocked
    }
}
