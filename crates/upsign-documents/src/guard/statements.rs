//! The `Deny` statements of each guard.
//!
//! A condition of a `Deny` statement must match for the request to be denied. With a negated operator such as
//! `StringNotEquals`, an absent key also matches, so a missing header is denied as well. Where an absent key must not be
//! denied, the statement adds a second condition with the operator `Null`.

use upsign_policy::{SignableRequest, UploadMethod, UploadPolicy};

use super::{Guard, InapplicableGuard};
use crate::deployment::{Deployment, DeploymentBucket, DeploymentRoute, distinct, uploaded_arns};
use crate::iam::{Effect, IamCondition, IamOperator, IamPrincipal, IamStatement, overlap};

/// The statements, or why the guard does not fit the bucket.
type Statements = Result<Vec<IamStatement>, String>;

impl Guard {
    pub(super) fn statements(
        self,
        deployment: &Deployment,
        bucket: &DeploymentBucket<'_>,
    ) -> Result<Vec<IamStatement>, InapplicableGuard> {
        let name = bucket.bucket();
        let inapplicable = |problem| InapplicableGuard { guard: self, bucket: name.to_string(), problem };
        self.derive(deployment, bucket).map_err(inapplicable)
    }

    fn derive(self, deployment: &Deployment, bucket: &DeploymentBucket<'_>) -> Statements {
        let bucket_and_objects = [bucket.arn(), bucket.target().object_arn("*")];
        let any_action = |sid: &str| deny(sid, "s3:*", bucket_and_objects.to_vec());
        match self {
            Self::Tls => {
                Ok(vec![any_action("OnlyTls").when(IamOperator::BOOL, "aws:SecureTransport", "false")])
            }
            Self::Tls12 => {
                Ok(vec![any_action("OnlyTls12").when(IamOperator::NUMERIC_LESS_THAN, "s3:TlsVersion", "1.2")])
            }
            Self::SignatureAge => Ok(vec![signature_age(bucket)]),
            Self::AuthType => Ok(vec![deny_put("OnlyAsIssued", bucket).with_condition(IamCondition::new(
                IamOperator::STRING_NOT_EQUALS,
                "s3:authType",
                auth_types(deployment, bucket),
            ))]),
            Self::SigV4 => {
                let multi_region = bucket.target().requires_sigv4a().then_some("AWS4-ECDSA-P256-SHA256");
                let versions = ["AWS4-HMAC-SHA256"].into_iter().chain(multi_region);
                let key = "s3:signatureversion";
                let outdated = IamCondition::new(IamOperator::STRING_NOT_EQUALS, key, versions);
                // An unsigned request has no signature version. It is left to the other statements.
                Ok(vec![any_action("OnlySigV4").with_condition(outdated).when(
                    IamOperator::NULL,
                    key,
                    "false",
                )])
            }
            Self::NoOverwrite => no_overwrite(bucket),
            Self::Encryption => encryption(deployment, bucket),
            Self::Acl => Ok(vec![acl(bucket)]),
            Self::StorageClass => storage_class(deployment, bucket),
            Self::Scanned => scanned(deployment, bucket),
            Self::Account => {
                let account = deployment.account.as_ref();
                let account = account.ok_or("it needs the AWS account ID, which is not set")?;
                Ok(vec![
                    any_action("OnlyThisAccount")
                        .when(IamOperator::STRING_NOT_EQUALS, "aws:PrincipalAccount", account.as_str())
                        .when(IamOperator::BOOL_IF_EXISTS, "aws:PrincipalIsAWSService", "false"),
                ])
            }
        }
    }
}

fn deny(sid: &str, action: &str, resources: Vec<String>) -> IamStatement {
    IamStatement::new(sid, Effect::Deny, [action], resources).with_principal(IamPrincipal::Everyone)
}

/// Returns a statement that denies uploads to the keys to which clients of the bucket's routes upload.
fn deny_put(sid: &str, bucket: &DeploymentBucket<'_>) -> IamStatement {
    deny(sid, "s3:PutObject", bucket.uploaded_patterns())
}

/// S3 measures the age of a signature in milliseconds.
fn signature_age(bucket: &DeploymentBucket<'_>) -> IamStatement {
    let validities = bucket.policies().map(|route| route.expires_in().as_secs());
    let longest = validities.max().unwrap_or_default().saturating_mul(1_000);
    deny_put("OnlyFresh", bucket).when(
        IamOperator::NUMERIC_GREATER_THAN,
        "s3:signatureAge",
        longest.to_string(),
    )
}

fn auth_types(deployment: &Deployment, bucket: &DeploymentBucket<'_>) -> Vec<&'static str> {
    // The service presigns its own calls about a multipart upload too: `HttpObjects` of upsign-objects, `http/mod.rs`.
    let url = bucket.signs(UploadMethod::Put) || bucket.has_parts(deployment);
    let form = bucket.signs(UploadMethod::Post);
    let all = [(url, "REST-QUERY-STRING"), (form, "POST")];
    all.into_iter().filter(|(used, _)| *used).map(|(_, name)| name).collect()
}

/// Applies only to routes whose every upload carries `If-None-Match`. Uploads requested without a body do not sign it, and a
/// form cannot.
fn no_overwrite(bucket: &DeploymentBucket<'_>) -> Statements {
    let is_conditional = |route: &&UploadPolicy| {
        let values = values(route, "if-none-match");
        !values.is_empty() && values.iter().all(Option::is_some)
    };
    let (conditional, others): (Vec<_>, Vec<_>) = bucket.policies().partition(is_conditional);
    let arns = distinct(conditional.into_iter().flat_map(uploaded_arns));
    if arns.is_empty() {
        return Err("no route signs if-none-match for every request: forms cannot, and requests without a body do not".to_owned());
    }
    // The statement would also apply to keys of a route whose pattern matches some of the same keys.
    let is_denied = |route: &&UploadPolicy| {
        let of_route = uploaded_arns(route);
        of_route.iter().any(|own| arns.iter().any(|arn| overlap(arn, own)))
    };
    if others.iter().any(is_denied) {
        return Err("a route that cannot sign if-none-match may have the same keys as one that does: give them different prefixes".to_owned());
    }
    // The requests of a multipart upload, except the completing one, have no `If-None-Match` and create no object.
    Ok(vec![deny("OnlyNew", "s3:PutObject", arns).when(IamOperator::NULL, "s3:if-none-match", "true").when(
        IamOperator::BOOL,
        "s3:ObjectCreationOperation",
        "true",
    )])
}

fn encryption(deployment: &Deployment, bucket: &DeploymentBucket<'_>) -> Statements {
    if bucket.has_parts(deployment) {
        return Err("the parts of a multipart upload carry no encryption header: rely on the default encryption of the bucket".to_owned());
    }
    let header = "x-amz-server-side-encryption";
    one_header(bucket, "OnlyEncrypted", header).ok_or_else(|| {
        let unencrypted: Vec<String> =
            bucket.routes().iter().filter_map(|route| unencrypted(route)).collect();
        match &*unencrypted {
            [] => "its routes request different encryption; request the same in each of them".to_owned(),
            some => some.join(", and "),
        }
    })
}

/// Returns which uploads of a route request no encryption, or `None` if every one does.
fn unencrypted(route: &DeploymentRoute) -> Option<String> {
    if !values(route.policy(), "x-amz-server-side-encryption").contains(&None) {
        return None;
    }
    let route_name =
        route.name().map_or_else(|| "the default route".to_owned(), |name| format!("the route {name}"));
    let which = match route.policy().encryption() {
        None => "",
        Some(_) => " for uploads that are requested without a body (bodyless = \"allow\")",
    };
    Some(format!("{route_name} requests no encryption{which}"))
}

fn acl(bucket: &DeploymentBucket<'_>) -> IamStatement {
    let acls = bucket.policies().filter_map(|route| route.acl().map(|acl| acl.as_str().to_owned()));
    let acls = distinct(acls);
    let any = deny_put("NoOtherAcl", bucket).when(IamOperator::NULL, "s3:x-amz-acl", "false");
    if acls.is_empty() {
        return any;
    }
    any.with_condition(IamCondition::new(IamOperator::STRING_NOT_EQUALS, "s3:x-amz-acl", acls))
}

fn storage_class(deployment: &Deployment, bucket: &DeploymentBucket<'_>) -> Statements {
    let header = "x-amz-storage-class";
    if bucket.has_parts(deployment) {
        return Err("the parts of a multipart upload carry no storage class: use a lifecycle rule to move objects instead".to_owned());
    }
    if let Some(statements) = one_header(bucket, "OnlyThisClass", header) {
        return Ok(statements);
    }
    if bucket.policies().all(|route| values(route, header).iter().all(Option::is_none)) {
        let key = "s3:x-amz-storage-class";
        return Ok(vec![deny_put("NoOtherClass", bucket).when(IamOperator::NULL, key, "false")]);
    }
    Err("the routes of this bucket request several storage classes".to_owned())
}

/// A bucket with multipart uploads cannot have this guard: the service looks at the object if the answer of S3 to its completion is
/// lost, and before it reports an upload as aborted. It does so before anything is scanned, or exists.
///
/// GuardDuty reads and tags objects with the role of the Malware Protection plan, which both statements exempt.
///
/// The customer creates this role, with any name; it is not a service-linked role. It must therefore be configured: a pattern
/// of names would also exempt every other role that somebody gives such a name. For a session of the role,
/// `aws:PrincipalArn` is the ARN of the role.
///
/// Source: <https://docs.aws.amazon.com/guardduty/latest/ug/tag-based-access-s3-malware-protection.html>,
/// <https://docs.aws.amazon.com/guardduty/latest/ug/malware-protection-s3-iam-policy-prerequisite.html>.
fn scanned(deployment: &Deployment, bucket: &DeploymentBucket<'_>) -> Statements {
    let scanner = deployment.scanner_role.as_ref().ok_or(
        "it needs the ARN of the IAM role of the GuardDuty Malware Protection plan, which is not set",
    )?;
    if bucket.policies().any(|policy| policy.multipart().is_some()) {
        return Err("the service looks at objects that are uploaded in parts before they are scanned: use another bucket for routes with multipart = \"auto\" or \"always\"".to_owned());
    }
    if bucket.policies().any(|policy| deployment.confirms_route(policy)) {
        return Err("the service looks at objects before they are scanned, to confirm them: use another bucket for routes with confirm = true".to_owned());
    }
    let deny_others = |sid: &str, actions: &[&str]| {
        IamStatement::new(sid, Effect::Deny, actions.iter().copied(), bucket.patterns())
            .with_principal(IamPrincipal::Everyone)
            .when(IamOperator::ARN_NOT_LIKE, "aws:PrincipalArn", scanner.as_str())
    };
    // Reading a specific version is a separate action.
    let unscanned = deny_others("OnlyScanned", &["s3:GetObject", "s3:GetObjectVersion"]).when(
        IamOperator::STRING_NOT_EQUALS,
        "s3:ExistingObjectTag/GuardDutyMalwareScanStatus",
        "NO_THREATS_FOUND",
    );
    // Anyone who may set tags could otherwise mark an object as clean.
    let writes = ["s3:PutObject", "s3:PutObjectTagging", "s3:PutObjectVersionTagging"];
    let tag = "s3:RequestObjectTag/GuardDutyMalwareScanStatus";
    let forged = deny_others("NoForgedVerdict", &writes).when(IamOperator::NULL, tag, "false");
    Ok(vec![unscanned, forged])
}

/// Returns a statement that denies every other value of a header, if all requests of all routes carry the same value.
fn one_header(bucket: &DeploymentBucket<'_>, sid: &str, header: &str) -> Option<Vec<IamStatement>> {
    let mut all: Vec<Option<String>> = bucket.policies().flat_map(|route| values(route, header)).collect();
    all.dedup();
    let [Some(value)] = all.as_slice() else { return None };
    let key = format!("s3:{header}");
    Some(vec![deny_put(sid, bucket).when(IamOperator::STRING_NOT_EQUALS, &key, value.as_str())])
}

/// Returns the value of a header, or of the form field of that name, in each kind of request that the route signs.
fn values(policy: &UploadPolicy, header: &str) -> Vec<Option<String>> {
    let value = |request: &SignableRequest| match request {
        SignableRequest::Put(request) => request.headers().get(header).map(str::to_owned),
        // The condition belongs to the request that completes the upload and so creates the object.
        SignableRequest::Multipart(_) if header == "if-none-match" => {
            policy.completes_only_new().then(|| "*".to_owned())
        }
        SignableRequest::Multipart(upload) => upload.create_headers.get(header).map(str::to_owned),
        SignableRequest::Post(form) => {
            form.fields().find(|(name, _)| *name == header).map(|(_, value)| value.to_owned())
        }
    };
    policy.sample_requests().iter().map(value).collect()
}
