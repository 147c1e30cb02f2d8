//! Derives the policies of roles from upload policies.

use upsign_core::{Partition, Region, Target};
use upsign_policy::{KmsKeyId, UploadPolicy};

use super::{Effect, IamOperator, IamPolicy, IamStatement};
use crate::deployment::{Deployment, DeploymentBucket, Multipart, Reads, distinct};

impl IamPolicy {
    /// Derives the least permissions that the signing role needs for the uploads of one policy:
    ///
    /// - `s3:PutObject` on the keys of the template, and if it contains `{issuer}` on those of each listed issuer
    ///   ([`KeyOptions::issuers`](upsign_policy::KeyOptions::issuers)),
    /// - `s3:PutObjectTagging` and `s3:PutObjectAcl` if the policy sets tags or an ACL,
    /// - `s3:PutObjectRetention` and `s3:PutObjectLegalHold` if it locks objects,
    /// - `kms:GenerateDataKey` if the policy encrypts with a customer managed KMS key.
    ///
    /// For a directory bucket it is `s3express:CreateSession` on the bucket instead, which permits every request to its objects:
    /// `s3express` has no action for one kind of request, and none for some of the keys. The action authorizes requests with and
    /// without a session.
    ///
    /// S3 evaluates the permissions of the signing role when a presigned request is used, not when it is signed.
    ///
    /// Source: <https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazons3.html>,
    /// <https://docs.aws.amazon.com/AmazonS3/latest/userguide/UsingKMSEncryption.html>,
    /// <https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazons3express.html>,
    /// <https://docs.aws.amazon.com/AmazonS3/latest/API/API_CopyObject.html> (a request that cannot have a session).
    #[must_use]
    pub fn for_policy(policy: &UploadPolicy) -> Self {
        if policy.target().bucket().is_directory() {
            return Self::new([create_session(policy.target(), "*")]);
        }
        let mut statements = put_uploads(&[policy]);
        statements.extend(kms(&[policy], false, "*"));
        Self::new(statements)
    }

    /// Derives the least permissions that the signing role of a whole deployment needs: those of
    /// [`for_policy`](IamPolicy::for_policy) for every route, and those of each enabled feature.
    ///
    /// | feature | actions |
    /// | --- | --- |
    /// | multipart | `s3:AbortMultipartUpload`, `s3:ListMultipartUploadParts`; `kms:Decrypt` |
    /// | confirmation | `s3:GetObject`, and `s3:GetObjectVersion` if the bucket is versioned; `s3:ListBucket`, without which S3 answers 403 instead of 404 for an absent object; `kms:Decrypt` |
    /// | presigned reads | `s3:GetObject`, and `s3:GetObjectVersion` if the bucket is versioned; `kms:Decrypt` |
    ///
    /// A request that names a `versionId` needs `s3:GetObjectVersion` in place of `s3:GetObject`
    /// (<https://docs.aws.amazon.com/AmazonS3/latest/API/API_GetObject.html>).
    #[must_use]
    pub fn for_deployment(deployment: &Deployment) -> Self {
        let mut statements = Vec::new();
        for bucket in deployment.buckets_of_signer() {
            if bucket.is_directory() {
                statements.push(create_session(bucket.target(), deployment.account_in_arns()));
                continue;
            }
            let many: Vec<&UploadPolicy> = bucket.policies().collect();
            statements.extend(put_uploads(&many));
            statements.extend(manage_parts(deployment, &bucket));
            statements.extend(read_uploads(deployment, &bucket));
            statements.extend(kms(&many, decrypts(deployment), deployment.account_in_arns()));
        }
        number_repeated(&mut statements);
        Self::new(statements)
    }

    /// Derives the permissions of the role that the service runs as: those of
    /// [`for_deployment`](IamPolicy::for_deployment), or, if another role signs, the permission to assume that role; and
    /// access to the DynamoDB table, if there is one.
    ///
    /// The service runs in AWS, so buckets of other stores are not included.
    ///
    /// Permissions to write logs are not included either: [`sam_template`](crate::sam_template) and
    /// [`terraform_module`](crate::terraform_module) add them for the log group they create.
    #[must_use]
    pub fn for_runtime(deployment: &Deployment) -> Self {
        let deployment = &deployment.on_aws();
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

    /// Builds a policy of these statements and numbers repeated statement ids.
    pub(crate) fn numbered(statements: impl IntoIterator<Item = IamStatement>) -> Self {
        let mut statements: Vec<IamStatement> = statements.into_iter().collect();
        number_repeated(&mut statements);
        Self::new(statements)
    }

    /// Derives the permissions of a worker that receives notifications from the queue with the ARN `queue_arn` and reads the
    /// new objects:
    ///
    /// - `sqs:ReceiveMessage`, `sqs:DeleteMessage`, `sqs:GetQueueAttributes` and `sqs:ChangeMessageVisibility` on the queue,
    /// - `s3:GetObject` on the keys of every route, and `s3:GetObjectVersion` if the bucket is versioned: notifications then
    ///   name the version that has arrived,
    /// - `kms:Decrypt` for each customer managed KMS key of a route.
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
        let deployment = &deployment.on_aws();
        let buckets = deployment.buckets();
        let (directories, buckets): (Vec<_>, Vec<_>) =
            buckets.into_iter().partition(DeploymentBucket::is_directory);
        let patterns = buckets.iter().flat_map(DeploymentBucket::patterns).collect::<Vec<_>>();
        if !patterns.is_empty() {
            statements.push(IamStatement::new(
                "ReadUploads",
                Effect::Allow,
                get_object(deployment),
                patterns,
            ));
        }
        let account = deployment.account_in_arns();
        statements.extend(directories.iter().map(|bucket| create_session(bucket.target(), account)));
        for bucket in buckets {
            let routes: Vec<_> = bucket.policies().collect();
            statements.extend(kms_statement(&routes, &["kms:Decrypt"], deployment.account_in_arns()));
        }
        number_repeated(&mut statements);
        Self::new(statements)
    }
}

const fn decrypts(deployment: &Deployment) -> bool {
    !matches!(deployment.multipart, Multipart::None)
        || deployment.confirmation
        || matches!(deployment.reads, Reads::Presigned)
}

/// Returns the only permission on the objects of a directory bucket.
fn create_session(target: &Target, account: &str) -> IamStatement {
    IamStatement::new(
        "UseDirectoryBucket",
        Effect::Allow,
        ["s3express:CreateSession"],
        [target.bucket_arn(account)],
    )
}

/// Returns one statement for all routes that need the same actions.
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
        if policy.retention().is_some() {
            actions.push("s3:PutObjectRetention");
        }
        if policy.legal_hold() {
            actions.push("s3:PutObjectLegalHold");
        }
        match groups.iter_mut().find(|(known, _)| *known == actions) {
            Some((_, arns)) => arns.extend(policy.object_arns()),
            None => groups.push((actions, policy.object_arns())),
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

/// Returns the actions that read an object. `s3:GetObject` does not cover requests with a `versionId`.
fn get_object(deployment: &Deployment) -> impl Iterator<Item = &'static str> {
    ["s3:GetObject"].into_iter().chain(deployment.versioned.then_some("s3:GetObjectVersion"))
}

fn read_uploads(deployment: &Deployment, bucket: &DeploymentBucket<'_>) -> Vec<IamStatement> {
    let mut statements = Vec::new();
    if deployment.confirmation || deployment.reads == Reads::Presigned {
        statements.push(IamStatement::new(
            "ReadUploads",
            Effect::Allow,
            get_object(deployment),
            bucket.patterns(),
        ));
    }
    if deployment.confirmation {
        // No condition on `s3:prefix`: a HEAD request has no prefix, so such a statement would not apply to it.
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
    let (partition, region) = (deployment.partition(), deployment.region().map_or("*", Region::as_str));
    let arn = format!("arn:{partition}:dynamodb:{region}:{}:table/{table}", deployment.account_in_arns());
    let actions = ["dynamodb:GetItem", "dynamodb:PutItem", "dynamodb:UpdateItem", "dynamodb:DeleteItem"];
    Some(IamStatement::new("KeepRecords", Effect::Allow, actions, [arn]))
}

/// The encryption context of a route is no condition here: with a bucket key, which the bucket can have by default, KMS does
/// not see the context of single objects (<https://docs.aws.amazon.com/AmazonS3/latest/userguide/bucket-key.html>).
///
/// A PUT needs only a data key. Reading objects and completing multipart uploads also needs decryption.
fn kms(routes: &[&UploadPolicy], decrypts: bool, account: &str) -> Vec<IamStatement> {
    let actions: &[&str] =
        if decrypts { &["kms:GenerateDataKey", "kms:Decrypt"] } else { &["kms:GenerateDataKey"] };
    kms_statement(routes, actions, account)
}

/// Returns one statement for each KMS key that the routes name. A key without an ARN is one of the caller's account
/// (<https://docs.aws.amazon.com/AmazonS3/latest/API/API_PutObject.html>).
fn kms_statement(routes: &[&UploadPolicy], actions: &[&str], account: &str) -> Vec<IamStatement> {
    let mut keys: Vec<(&Target, &KmsKeyId)> = Vec::new();
    for route in routes {
        let own = route.encryption().and_then(|encryption| encryption.customer_key());
        if let Some(key) = own.filter(|key| !keys.iter().any(|(_, known)| known == key)) {
            keys.push((route.target(), key));
        }
    }
    let statements = keys.into_iter().map(|(target, key)| with_key(target, key, actions, account));
    statements.collect()
}

fn with_key(target: &Target, key: &KmsKeyId, actions: &[&str], account: &str) -> IamStatement {
    let (partition, region) = (target.partition(), target.region());
    let name = key.as_str();
    // A policy can name a key only by its ARN. For an alias, the statement covers every key of the region on the condition
    // that it carries the alias.
    // <https://docs.aws.amazon.com/kms/latest/developerguide/alias-authorization.html>
    let alias =
        name.split_once(":alias/").map_or_else(|| name.strip_prefix("alias/"), |(_, alias)| Some(alias));
    let resource = match (alias, name.split_once(":alias/")) {
        (Some(_), Some((of_account, _))) => format!("{of_account}:key/*"),
        (Some(_), None) => format!("arn:{partition}:kms:{region}:{account}:key/*"),
        (None, _) if name.starts_with("arn:") => name.to_owned(),
        (None, _) => format!("arn:{partition}:kms:{region}:{account}:key/{name}"),
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

/// Statement ids must be unique within a policy: the second statement with an id gets the suffix 2, and so on.
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
