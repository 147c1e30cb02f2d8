//! What a bucket refuses, whoever asks.

use upsign_core::Partition;
use upsign_policy::{SignableRequest, UploadMethod, UploadPolicy};

use crate::deployment::{distinct, object_arn};
use crate::{
    Deployment, DeploymentBucket, Effect, IamCondition, IamOperator, IamPolicy, IamPrincipal, IamStatement,
    Multipart, Reads,
};

/// One thing that a bucket's policy can refuse beyond what roles are not permitted.
///
/// Source: <https://docs.aws.amazon.com/AmazonS3/latest/API/bucket-policy-s3-sigv4-conditions.html>,
/// <https://docs.aws.amazon.com/AmazonS3/latest/userguide/conditional-writes-enforce.html>.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Guard {
    /// What comes without TLS.
    Tls,
    /// What comes with TLS older than 1.2.
    Tls12,
    /// An upload whose signature is older than the longest grant.
    SignatureAge,
    /// An upload that is signed in another way than the routes sign.
    AuthType,
    /// What is signed with anything older than Signature Version 4.
    SigV4,
    /// An upload that would take the place of an object.
    NoOverwrite,
    /// An upload that asks for no encryption, or for another one.
    Encryption,
    /// An upload that asks for an ACL other than the policy's.
    Acl,
    /// An upload that asks for another storage class than the policy's.
    StorageClass,
    /// Reading what GuardDuty has not found to be clean.
    Scanned,
    /// Principals of other accounts.
    Account,
}

/// Why a guard does not go with a deployment.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
#[non_exhaustive]
pub struct InapplicableGuard(pub &'static str);

impl Guard {
    /// Every guard.
    pub const ALL: [Self; 11] = [
        Self::Tls,
        Self::Tls12,
        Self::SignatureAge,
        Self::AuthType,
        Self::SigV4,
        Self::NoOverwrite,
        Self::Encryption,
        Self::Acl,
        Self::StorageClass,
        Self::Scanned,
        Self::Account,
    ];

    /// Those that break nothing but what is broken: TLS, its version and the signature's.
    pub const RECOMMENDED: [Self; 3] = [Self::Tls, Self::Tls12, Self::SigV4];

    /// The name on a command line.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Tls => "tls",
            Self::Tls12 => "tls12",
            Self::SignatureAge => "signature-age",
            Self::AuthType => "auth-type",
            Self::SigV4 => "sigv4",
            Self::NoOverwrite => "no-overwrite",
            Self::Encryption => "encryption",
            Self::Acl => "acl",
            Self::StorageClass => "storage-class",
            Self::Scanned => "scanned",
            Self::Account => "account",
        }
    }

    /// What it costs: whom it also stops.
    #[must_use]
    pub const fn warning(self) -> &'static str {
        match self {
            Self::Tls => "stops every http:// request, also of tools inside your network",
            Self::Tls12 => "stops clients of before about 2014",
            Self::SignatureAge => {
                "counts for everybody who presigns for these keys; an upload has to begin, not to end, in time"
            }
            Self::AuthType => {
                "stops uploads to these keys by the AWS CLI, the console and every SDK, which sign a header"
            }
            Self::SigV4 => "stops SDKs of before about 2014",
            Self::NoOverwrite => {
                "copying onto these keys fails with 403 or 501: leave it off where objects are moved to after a check"
            }
            Self::Encryption => {
                "stops uploads that rely on the bucket's default encryption, and single parts"
            }
            Self::Acl => "stops tools that send an ACL, also one that would have changed nothing",
            Self::StorageClass => "stops uploads to these keys in any other class, also by you",
            Self::Scanned => {
                "nobody reads an object until GuardDuty has tagged it, which takes seconds to minutes"
            }
            Self::Account => "stops roles of other accounts, also those you have shared the bucket with",
        }
    }

    fn statements(
        self,
        deployment: &Deployment,
        bucket: &DeploymentBucket<'_>,
    ) -> Result<Vec<IamStatement>, InapplicableGuard> {
        let whole = [bucket.arn(), bucket.target().object_arn("*")];
        let all = |sid: &str| deny(sid, "s3:*", whole.to_vec());
        let put = |sid: &str| deny(sid, "s3:PutObject", bucket.patterns());
        Ok(vec![match self {
            Self::Tls => all("OnlyTls").when(IamOperator::BOOL, "aws:SecureTransport", "false"),
            Self::Tls12 => all("OnlyTls12").when(IamOperator::NUMERIC_LESS_THAN, "s3:TlsVersion", "1.2"),
            Self::SignatureAge => {
                let ages = bucket.routes().iter().map(|route| route.expires_in().as_secs());
                let longest = ages.max().unwrap_or_default().saturating_mul(1_000);
                put("OnlyFresh").when(
                    IamOperator::NUMERIC_GREATER_THAN,
                    "s3:signatureAge",
                    longest.to_string(),
                )
            }
            Self::AuthType => put("OnlyAsIssued").with_condition(IamCondition::new(
                IamOperator::STRING_NOT_EQUALS,
                "s3:authType",
                auth_types(deployment, bucket),
            )),
            Self::SigV4 => {
                let plain = Some("AWS4-HMAC-SHA256");
                let many = bucket.target().requires_sigv4a().then_some("AWS4-ECDSA-P256-SHA256");
                let versions = plain.into_iter().chain(many);
                let condition =
                    IamCondition::new(IamOperator::STRING_NOT_EQUALS, "s3:signatureversion", versions);
                all("OnlySigV4").with_condition(condition).when(
                    IamOperator::NULL,
                    "s3:signatureversion",
                    "false",
                )
            }
            Self::NoOverwrite => return no_overwrite(bucket),
            Self::Encryption => return encryption(deployment, bucket),
            Self::Acl => return acl(bucket),
            Self::StorageClass => return storage_class(deployment, bucket),
            Self::Scanned => {
                let (partition, account) = (deployment.partition(), deployment.account_in_arns());
                let scanner = format!("arn:{partition}:iam::{account}:role/*GuardDuty*");
                let of_others = |sid: &str, actions: &[&str]| {
                    IamStatement::new(sid, Effect::Deny, actions.iter().copied(), bucket.patterns())
                        .with_principal(IamPrincipal::Everyone)
                        .when(IamOperator::ARN_NOT_LIKE, "aws:PrincipalArn", scanner.as_str())
                };
                // A version is read by an action of its own.
                let reads = of_others("OnlyScanned", &["s3:GetObject", "s3:GetObjectVersion"]).when(
                    IamOperator::STRING_NOT_EQUALS,
                    "s3:ExistingObjectTag/GuardDutyMalwareScanStatus",
                    "NO_THREATS_FOUND",
                );
                // Whoever may tag could write the verdict.
                let writes = ["s3:PutObject", "s3:PutObjectTagging", "s3:PutObjectVersionTagging"];
                let verdict = "s3:RequestObjectTag/GuardDutyMalwareScanStatus";
                let forged = of_others("NoForgedVerdict", &writes).when(IamOperator::NULL, verdict, "false");
                return Ok(vec![reads, forged]);
            }
            Self::Account => {
                let account = deployment.account.as_ref();
                let account =
                    account.ok_or(InapplicableGuard("the account's number is not known: give it"))?;
                all("OnlyThisAccount")
                    .when(IamOperator::STRING_NOT_EQUALS, "aws:PrincipalAccount", account.as_str())
                    .when(IamOperator::BOOL_IF_EXISTS, "aws:PrincipalIsAWSService", "false")
            }
        }])
    }
}

fn deny(sid: &str, action: &str, resources: Vec<String>) -> IamStatement {
    IamStatement::new(sid, Effect::Deny, [action], resources).with_principal(IamPrincipal::Everyone)
}

fn auth_types(deployment: &Deployment, bucket: &DeploymentBucket<'_>) -> Vec<&'static str> {
    let url = bucket.signs(UploadMethod::Put) || deployment.multipart != Multipart::None;
    let form = bucket.signs(UploadMethod::Post);
    // Beginning and completing an upload in parts is the service's own call, signed in a header.
    let header = deployment.multipart == Multipart::Service;
    let all = [(url, "REST-QUERY-STRING"), (form, "POST"), (header, "REST-HEADER")];
    all.into_iter().filter(|(used, _)| *used).map(|(_, name)| name).collect()
}

/// Only where every request carries the header: a grant to a request without a body does not, and a form cannot.
fn no_overwrite(bucket: &DeploymentBucket<'_>) -> Result<Vec<IamStatement>, InapplicableGuard> {
    let keeps = bucket.routes().iter().filter(|route| {
        let values = values(route, "if-none-match");
        !values.is_empty() && values.iter().all(Option::is_some)
    });
    let arns = distinct(keeps.map(|route| object_arn(route)));
    if arns.is_empty() {
        return Err(InapplicableGuard(
            "no route signs if-none-match for every request: forms cannot, and bodyless grants do not",
        ));
    }
    let keeps = |route: &UploadPolicy| arns.contains(&object_arn(route));
    let (kept, others): (Vec<_>, Vec<_>) = bucket.routes().iter().copied().partition(|route| keeps(route));
    let folder = |route: &UploadPolicy| route.template().literal_prefix().to_owned();
    let within = |a: &str, b: &str| a.starts_with(b) || b.starts_with(a);
    if kept.iter().any(|kept| others.iter().any(|other| within(&folder(kept), &folder(other)))) {
        return Err(InapplicableGuard(
            "a route that cannot sign if-none-match writes into the folder of one that does: begin their keys differently",
        ));
    }
    // The second condition spares the single steps of a multipart upload.
    Ok(vec![deny("OnlyNew", "s3:PutObject", arns).when(IamOperator::NULL, "s3:if-none-match", "true").when(
        IamOperator::BOOL,
        "s3:ObjectCreationOperation",
        "true",
    )])
}

fn encryption(
    deployment: &Deployment,
    bucket: &DeploymentBucket<'_>,
) -> Result<Vec<IamStatement>, InapplicableGuard> {
    if deployment.multipart != Multipart::None {
        return Err(InapplicableGuard(
            "single parts carry no such header: let the bucket encrypt by default",
        ));
    }
    one_header(bucket, "OnlyEncrypted", "x-amz-server-side-encryption")
        .ok_or(InapplicableGuard("not every request of every route asks for one and the same encryption"))
}

fn acl(bucket: &DeploymentBucket<'_>) -> Result<Vec<IamStatement>, InapplicableGuard> {
    let acls =
        distinct(bucket.routes().iter().filter_map(|route| route.acl().map(|acl| acl.as_str().to_owned())));
    let statement = deny("NoOtherAcl", "s3:PutObject", bucket.patterns());
    Ok(vec![if acls.is_empty() {
        statement.when(IamOperator::NULL, "s3:x-amz-acl", "false")
    } else {
        statement.when(IamOperator::NULL, "s3:x-amz-acl", "false").with_condition(IamCondition::new(
            IamOperator::STRING_NOT_EQUALS,
            "s3:x-amz-acl",
            acls,
        ))
    }])
}

fn storage_class(
    deployment: &Deployment,
    bucket: &DeploymentBucket<'_>,
) -> Result<Vec<IamStatement>, InapplicableGuard> {
    let header = "x-amz-storage-class";
    if deployment.multipart != Multipart::None {
        return Err(InapplicableGuard("single parts carry no storage class: let the lifecycle move objects"));
    }
    if let Some(statements) = one_header(bucket, "OnlyThisClass", header) {
        return Ok(statements);
    }
    if bucket.routes().iter().all(|route| values(route, header).iter().all(Option::is_none)) {
        let statement = deny("NoOtherClass", "s3:PutObject", bucket.patterns());
        return Ok(vec![statement.when(IamOperator::NULL, "s3:x-amz-storage-class", "false")]);
    }
    Err(InapplicableGuard("the routes of this bucket ask for several classes"))
}

/// A denial of every other value, where all requests carry one and the same.
fn one_header(bucket: &DeploymentBucket<'_>, sid: &str, header: &str) -> Option<Vec<IamStatement>> {
    let all = bucket.routes().iter().flat_map(|route| values(route, header));
    let mut all: Vec<Option<String>> = all.collect();
    all.dedup();
    let [Some(value)] = all.as_slice() else { return None };
    // A header that is absent is not equal either.
    let statement = deny(sid, "s3:PutObject", bucket.patterns());
    Some(vec![statement.when(IamOperator::STRING_NOT_EQUALS, &format!("s3:{header}"), value.as_str())])
}

/// What requests of each shape say, in a header or in a form's field of its name.
fn values(policy: &UploadPolicy, header: &str) -> Vec<Option<String>> {
    let said = |shape: &SignableRequest| match shape {
        SignableRequest::Put(request) => request.headers().get(header).map(str::to_owned),
        SignableRequest::Post(form) => {
            form.fields().find(|(name, _)| *name == header).map(|(_, value)| value.to_owned())
        }
    };
    policy.sample_requests().iter().map(said).collect()
}

impl IamPolicy {
    /// The policy of one bucket of a deployment: what these guards refuse, and, where CloudFront reads, its leave to: of the
    /// distribution of this ARN alone.
    ///
    /// # Errors
    /// [`InapplicableGuard`] where a guard would refuse what the routes grant, or has nothing to go by.
    pub fn for_bucket(
        deployment: &Deployment,
        bucket: &DeploymentBucket<'_>,
        guards: &[Guard],
        distribution_arn: Option<&str>,
    ) -> Result<Self, InapplicableGuard> {
        let mut statements = Vec::new();
        for guard in guards {
            statements.extend(guard.statements(deployment, bucket)?);
        }
        if let (Reads::CloudFront, Some(arn)) = (deployment.reads, distribution_arn) {
            statements.push(cloudfront(bucket, arn));
        }
        Ok(Self::new(statements))
    }

    /// The statement that a KMS key's own policy needs so that a distribution can read what the key has encrypted.
    #[must_use]
    pub fn for_kms_key(distribution_arn: &str) -> Self {
        let statement = IamStatement::new("CloudFrontMayDecrypt", Effect::Allow, ["kms:Decrypt"], ["*"]);
        Self::new([statement.with_principal(IamPrincipal::Service("cloudfront.amazonaws.com".into())).when(
            IamOperator::STRING_EQUALS,
            "aws:SourceArn",
            distribution_arn,
        )])
    }
}

fn cloudfront(bucket: &DeploymentBucket<'_>, distribution: &str) -> IamStatement {
    let suffix = Partition::of(bucket.target().region()).dns_suffix();
    let service = if suffix == "amazonaws.com.cn" {
        "cloudfront.cn-north-1.amazonaws.com.cn"
    } else {
        "cloudfront.amazonaws.com"
    };
    IamStatement::new("CloudFrontMayRead", Effect::Allow, ["s3:GetObject"], bucket.patterns())
        .with_principal(IamPrincipal::Service(service.into()))
        .when(IamOperator::STRING_EQUALS, "aws:SourceArn", distribution)
}
