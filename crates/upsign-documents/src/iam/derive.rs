//! From routes to the actions that their uploads need.

use upsign_core::{Partition, Target};
use upsign_policy::{KmsKeyId, UploadPolicy};

use super::{Effect, IamOperator, IamPolicy, IamStatement};
use crate::deployment::{distinct, object_arn};
use crate::{Deployment, DeploymentBucket, Multipart, Reads};

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
        let mut statements = put_uploads(&[policy]);
        statements.extend(kms(&[policy], false));
        Self { statements }
    }

    /// What the signing role of a whole deployment needs: as [`for_policy`](IamPolicy::for_policy) for every route, and
    /// for each feature that is on, what it calls.
    ///
    /// | feature | actions |
    /// | --- | --- |
    /// | multipart | `s3:AbortMultipartUpload`, `s3:ListMultipartUploadParts`; `kms:Decrypt` |
    /// | confirmation | `s3:GetObject`, with versions `s3:GetObjectVersion`; `s3:ListBucket`, so that an absent object is a 404 and no 403; `kms:Decrypt` |
    /// | presigned reads | `s3:GetObject`; `kms:Decrypt` |
    #[must_use]
    pub fn for_deployment(deployment: &Deployment) -> Self {
        let mut statements = Vec::new();
        for bucket in deployment.buckets() {
            let many = bucket.routes().to_vec();
            statements.extend(put_uploads(&many));
            statements.extend(manage_parts(deployment, &bucket));
            statements.extend(read_uploads(deployment, &bucket));
            statements.extend(kms(&many, decrypts(deployment)));
        }
        number_repeated(&mut statements);
        Self { statements }
    }

    /// What the role that the service runs under needs: everything of [`for_deployment`](IamPolicy::for_deployment), or, where
    /// another role signs, the right to assume that one; its own log on Lambda; its table.
    #[must_use]
    pub fn for_runtime(deployment: &Deployment) -> Self {
        let mut policy = match &deployment.signing_role {
            None => Self::for_deployment(deployment),
            Some(arn) => Self::new([IamStatement::new(
                "BecomeTheSigner",
                Effect::Allow,
                ["sts:AssumeRole"],
                [arn.as_str()],
            )]),
        };
        policy.statements.extend(own_table(deployment));
        policy
    }

    /// A policy of these statements, with ids that repeat numbered.
    pub(crate) fn numbered(statements: impl IntoIterator<Item = IamStatement>) -> Self {
        let mut statements: Vec<IamStatement> = statements.into_iter().collect();
        number_repeated(&mut statements);
        Self { statements }
    }

    /// What a worker needs to take new objects from the queue of that ARN and look at them.
    #[must_use]
    pub fn for_worker(deployment: &Deployment, queue_arn: &str) -> Self {
        let mut statements = vec![IamStatement::new(
            "TakeMessages",
            Effect::Allow,
            [
                "sqs:ReceiveMessage",
                "sqs:DeleteMessage",
                "sqs:GetQueueAttributes",
                "sqs:ChangeMessageVisibility",
            ],
            [queue_arn],
        )];
        let patterns = deployment.buckets().iter().flat_map(DeploymentBucket::patterns).collect::<Vec<_>>();
        statements.push(IamStatement::new("ReadUploads", Effect::Allow, ["s3:GetObject"], patterns));
        for bucket in deployment.buckets() {
            statements.extend(kms_statement(bucket.routes(), &["kms:Decrypt"]));
        }
        number_repeated(&mut statements);
        Self { statements }
    }
}

const fn decrypts(deployment: &Deployment) -> bool {
    !matches!(deployment.multipart, Multipart::None)
        || deployment.confirm
        || matches!(deployment.reads, Reads::Presigned)
}

/// Routes that call the same actions share a statement.
fn put_uploads(routes: &[&UploadPolicy]) -> Vec<IamStatement> {
    let mut groups: Vec<(Vec<&'static str>, Vec<String>)> = Vec::new();
    for policy in routes {
        let mut actions = vec!["s3:PutObject"];
        if policy.sets_tags() {
            actions.push("s3:PutObjectTagging");
        }
        if policy.acl().is_some() {
            actions.push("s3:PutObjectAcl");
        }
        match groups.iter_mut().find(|(known, _)| *known == actions) {
            Some((_, arns)) => arns.push(object_arn(policy)),
            None => groups.push((actions, vec![object_arn(policy)])),
        }
    }
    let mut statements: Vec<IamStatement> = groups
        .into_iter()
        .map(|(actions, arns)| {
            IamStatement::new("PutUploads", Effect::Allow, actions, distinct(arns.into_iter()))
        })
        .collect();
    number_repeated(&mut statements);
    statements
}

fn manage_parts(deployment: &Deployment, bucket: &DeploymentBucket<'_>) -> Option<IamStatement> {
    let actions = ["s3:AbortMultipartUpload", "s3:ListMultipartUploadParts"];
    (deployment.multipart != Multipart::None)
        .then(|| IamStatement::new("ManageParts", Effect::Allow, actions, bucket.patterns()))
}

fn read_uploads(deployment: &Deployment, bucket: &DeploymentBucket<'_>) -> Vec<IamStatement> {
    let mut statements = Vec::new();
    if deployment.confirm || deployment.reads == Reads::Presigned {
        let mut actions = vec!["s3:GetObject"];
        if deployment.confirm && deployment.versioned {
            actions.push("s3:GetObjectVersion");
        }
        statements.push(IamStatement::new("ReadUploads", Effect::Allow, actions, bucket.patterns()));
    }
    if deployment.confirm {
        // Under a condition on s3:prefix it would not count for a HEAD, which has no prefix.
        statements.push(IamStatement::new(
            "TellAbsentFromForbidden",
            Effect::Allow,
            ["s3:ListBucket"],
            [bucket.arn()],
        ));
    }
    statements
}

fn own_table(deployment: &Deployment) -> Option<IamStatement> {
    let table = deployment.table.as_ref()?;
    let (partition, region) = (deployment.partition(), deployment.region()?);
    let arn = format!("arn:{partition}:dynamodb:{region}:{}:table/{table}", deployment.account_in_arns());
    let actions = ["dynamodb:GetItem", "dynamodb:PutItem", "dynamodb:UpdateItem", "dynamodb:DeleteItem"];
    Some(IamStatement::new("KeepRecords", Effect::Allow, actions, [arn]))
}

/// A PUT needs a data key and nothing else of KMS; who reads objects or joins parts decrypts.
fn kms(routes: &[&UploadPolicy], decrypts: bool) -> Vec<IamStatement> {
    let actions: &[&str] =
        if decrypts { &["kms:GenerateDataKey", "kms:Decrypt"] } else { &["kms:GenerateDataKey"] };
    kms_statement(routes, actions)
}

/// One statement for each key that the routes name.
fn kms_statement(routes: &[&UploadPolicy], actions: &[&str]) -> Vec<IamStatement> {
    let mut keys: Vec<(&Target, &KmsKeyId)> = Vec::new();
    for route in routes {
        let own = route.encryption().and_then(|encryption| encryption.customer_key());
        if let Some(key) = own.filter(|key| !keys.iter().any(|(_, known)| known == key)) {
            keys.push((route.target(), key));
        }
    }
    let statements = keys.into_iter().map(|(target, key)| with_key(target, key, actions));
    statements.collect()
}

fn with_key(target: &Target, key: &KmsKeyId, actions: &[&str]) -> IamStatement {
    let (partition, region) = (target.partition(), target.region());
    let name = key.as_str();
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
    let service = format!("s3.{region}.{}", Partition::of(region).dns_suffix());
    let statement = IamStatement::new("EncryptUploads", Effect::Allow, actions.iter().copied(), [resource])
        .when(IamOperator::STRING_EQUALS, "kms:ViaService", service);
    match alias {
        None => statement,
        Some(alias) => {
            statement.when(IamOperator::ANY_STRING_EQUALS, "kms:ResourceAliases", format!("alias/{alias}"))
        }
    }
}

/// An id stands once in a policy: the second is numbered 2.
fn number_repeated(statements: &mut [IamStatement]) {
    let mut seen: Vec<(String, usize)> = Vec::new();
    for statement in statements {
        let base = statement.sid.trim_end_matches(|last: char| last.is_ascii_digit()).to_owned();
        match seen.iter_mut().find(|(known, _)| *known == base) {
            Some((_, count)) => {
                *count += 1;
                statement.sid = format!("{base}{count}");
            }
            None => seen.push((base, 1)),
        }
    }
}
