//! From a policy to the actions its uploads need.

use upsign_core::Target;
use upsign_policy::{KmsKeyId, UploadPolicy};

use super::{IamPolicy, IamStatement};

impl IamPolicy {
    /// What the signing role needs for this policy's uploads, and nothing more: `s3:PutObject` on the keys of the
    /// template; `s3:PutObjectTagging` and `s3:PutObjectAcl` where the policy sets tags or an ACL; the data key of a KMS
    /// key of your own.
    ///
    /// A presigned request is judged by the rights of the role that signed it, at the time it is used.
    ///
    /// Source: <https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazons3.html>,
    /// <https://docs.aws.amazon.com/AmazonS3/latest/userguide/UsingKMSEncryption.html>.
    #[must_use]
    pub fn for_policy(policy: &UploadPolicy) -> Self {
        let target = policy.target();
        let mut actions = vec!["s3:PutObject"];
        if policy.sets_tags() {
            actions.push("s3:PutObjectTagging");
        }
        if policy.acl().is_some() {
            actions.push("s3:PutObjectAcl");
        }
        let pattern = policy.template().arn_pattern();
        let resource = format!("arn:{}:s3:::{}/{pattern}", target.partition(), target.bucket());
        let mut statements = vec![IamStatement {
            sid: "PutUploads",
            actions,
            resources: vec![resource],
            conditions: Vec::new(),
        }];
        if let Some(key) = policy.encryption().and_then(|encryption| encryption.own_key()) {
            statements.push(kms(target, key));
        }
        Self { statements }
    }
}

/// A PUT needs a data key and nothing else of KMS; `kms:Decrypt` is for multipart uploads.
fn kms(target: &Target, key: &KmsKeyId) -> IamStatement {
    let (partition, region) = (target.partition(), target.region());
    let name = key.as_str();
    let mut conditions =
        vec![("StringEquals", "kms:ViaService", format!("s3.{region}.{}", service_suffix(partition)))];
    // IAM knows keys by their ARN only. One named by an alias is found by the alias it carries.
    // <https://docs.aws.amazon.com/kms/latest/developerguide/alias-authorization.html>
    let alias =
        name.split_once(":alias/").map_or_else(|| name.strip_prefix("alias/"), |(_, alias)| Some(alias));
    let resource = match (alias, name.split_once(":alias/")) {
        (Some(_), Some((account, _))) => format!("{account}:key/*"),
        (Some(_), None) => format!("arn:{partition}:kms:{region}:*:key/*"),
        (None, _) if name.starts_with("arn:") => name.to_owned(),
        (None, _) => format!("arn:{partition}:kms:{region}:*:key/{name}"),
    };
    if let Some(alias) = alias {
        conditions.push(("ForAnyValue:StringEquals", "kms:ResourceAliases", format!("alias/{alias}")));
    }
    IamStatement {
        sid: "EncryptUploads",
        actions: vec!["kms:GenerateDataKey"],
        resources: vec![resource],
        conditions,
    }
}

/// The suffix of service names in `kms:ViaService`.
fn service_suffix(partition: &str) -> &'static str {
    match partition {
        "aws-cn" => "amazonaws.com.cn",
        "aws-iso" => "c2s.ic.gov",
        "aws-iso-b" => "sc2s.sgov.gov",
        "aws-iso-e" => "cloud.adc-e.uk",
        "aws-iso-f" => "csp.hci.ic.gov",
        "aws-eusc" => "amazonaws.eu",
        _ => "amazonaws.com",
    }
}
