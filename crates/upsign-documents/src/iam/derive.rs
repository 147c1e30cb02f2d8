//! Derives the policies of roles from upload policies.

use upsign_core::{Region, Target};
use upsign_policy::UploadPolicy;

use super::kms::{kms, kms_statements};
use super::{Effect, IamPolicy, IamStatement, confirmation, token_secrets};
use crate::deployment::{Deployment, DeploymentBucket, Multipart, Reads, distinct, uploaded_arns};

impl IamPolicy {
    /// Derives the least permissions that the signing role needs for the uploads of one policy:
    ///
    /// - `s3:PutObject` on the keys of the template, and if it contains `{issuer}` on those of each listed issuer
    ///   ([`KeyOptions::issuers`](upsign_policy::KeyOptions::issuers)),
    /// - `s3:PutObjectTagging` and `s3:PutObjectAcl` if the policy sets tags or an ACL,
    /// - `s3:PutObjectRetention` and `s3:PutObjectLegalHold` if it locks objects,
    /// - `kms:GenerateDataKey` if the policy encrypts with a customer managed KMS key,
    /// - if the policy uploads files in parts, or if clients confirm uploads, what the calls about these uploads need: see
    ///   [`for_deployment`](IamPolicy::for_deployment). The bucket may have versions.
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
        let calls_store = policy.multipart().is_some() || policy.confirmation().confirm();
        statements.extend(confirmation::change_uploads(&[policy], true));
        statements.extend(policy.multipart().and_then(|_| manage_parts(&[policy])));
        if policy.confirmation().confirm() {
            let (actions, arns) = (confirmation::get_object(true), confirmation::arns(policy));
            statements.push(IamStatement::new("ReadUploads", Effect::Allow, actions, arns));
        } else if calls_store {
            statements.push(look_at_uploads(&[policy]));
        }
        statements.extend(calls_store.then(|| list_bucket(policy.target())));
        statements.extend(kms(&[policy], |_| calls_store, "*"));
        Self::new(statements)
    }

    /// Derives the least permissions that the signing role of a whole deployment needs: those of
    /// [`for_policy`](IamPolicy::for_policy) for every route, and those of each enabled feature.
    ///
    /// | feature | actions |
    /// | --- | --- |
    /// | a route that uploads in parts | on its keys `s3:AbortMultipartUpload`, `s3:ListMultipartUploadParts` and `s3:GetObject`, with which the service looks at the object if an answer was lost; `s3:ListBucket`, without which S3 answers 403 instead of 404 for an absent object; `kms:Decrypt` |
    /// | multipart uploads by browsers | `s3:AbortMultipartUpload`, `s3:ListMultipartUploadParts`; `kms:Decrypt` |
    /// | a route whose uploads clients confirm | on its keys `s3:GetObject`, and `s3:GetObjectVersion` if the bucket is versioned; `s3:ListBucket`, without which S3 answers 403 instead of 404 for an absent object; `kms:Decrypt` |
    /// | `pending_key` | uploads are permitted on the keys of objects that are not confirmed only; to copy one to its final key and to remove it then, `s3:PutObject` on the final keys, with the actions for tags, ACLs and locks, on all of them `s3:DeleteObject`, and on the others `s3:GetObjectTagging` if uploads have tags; the same for versions if the bucket is versioned |
    /// | `gate = "tag"` | `s3:GetObjectVersionTagging` and `s3:PutObjectVersionTagging` |
    /// | `delete` | on its keys `s3:DeleteObject`, and `s3:DeleteObjectVersion` if the bucket is versioned |
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
            statements.extend(confirmation::change_uploads(&many, deployment.versioned));
            statements.extend(manage_parts(&bucket.multipart_policies(deployment)));
            statements.extend(read_uploads(deployment, &bucket));
            let decrypts = |policy: &UploadPolicy| decrypts(deployment, policy);
            statements.extend(kms(&many, decrypts, deployment.account_in_arns()));
        }
        number_repeated(&mut statements);
        Self::new(statements)
    }

    /// Derives the permissions of the role that the service runs as: those of
    /// [`for_deployment`](IamPolicy::for_deployment), or, if another role signs, the permission to assume that role; access to
    /// the DynamoDB tables and the queue of webhooks, if there are some; and, if a route has upload tokens, the permission to read their secrets in AWS
    /// Secrets Manager.
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
            Some(arn) => Self::new([become_signer(arn)]),
        };
        policy.statements.extend(keep_records(deployment));
        policy.statements.extend(count_uploads(deployment));
        policy.statements.extend(send_webhooks(deployment));
        policy.statements.extend(token_secrets::statement(deployment));
        policy.statements.extend(token_secrets::read_key(deployment));
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
    /// - `s3:GetObject` on the keys to which every route uploads, and `s3:GetObjectVersion` if the bucket is versioned: notifications
    ///   then name the version that has arrived,
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
        let patterns = buckets.iter().flat_map(DeploymentBucket::uploaded_patterns).collect::<Vec<_>>();
        if !patterns.is_empty() {
            statements.push(IamStatement::new(
                "ReadUploads",
                Effect::Allow,
                confirmation::get_object(deployment.versioned),
                patterns,
            ));
        }
        let account = deployment.account_in_arns();
        statements.extend(directories.iter().map(|bucket| create_session(bucket.target(), account)));
        for bucket in buckets {
            let routes: Vec<_> = bucket.policies().collect();
            statements.extend(kms_statements(&routes, |_| &["kms:Decrypt"], deployment.account_in_arns()));
        }
        number_repeated(&mut statements);
        Self::new(statements)
    }
}

fn decrypts(deployment: &Deployment, policy: &UploadPolicy) -> bool {
    policy.multipart().is_some()
        || matches!(deployment.multipart, Multipart::Browser)
        || deployment.confirms_route(policy)
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

/// Returns the statements for the requests that clients send, and those of multipart uploads.
fn put_uploads(routes: &[&UploadPolicy]) -> Vec<IamStatement> {
    // Of an object that is copied once it is confirmed, only the copy gets an ACL and a lock.
    let is_last = |policy: &UploadPolicy| policy.pending_template().is_none();
    put_objects("PutUploads", routes, is_last, uploaded_arns)
}

/// Returns one statement for all routes that need the same actions. `is_last` returns whether it is the last object of an upload.
pub(super) fn put_objects(
    sid: &str,
    routes: &[&UploadPolicy],
    is_last: impl Fn(&UploadPolicy) -> bool,
    arns: impl Fn(&UploadPolicy) -> Vec<String>,
) -> Vec<IamStatement> {
    let mut groups: Vec<(Vec<&'static str>, Vec<String>)> = Vec::new();
    for policy in routes {
        let is_last = is_last(policy);
        let mut actions = vec!["s3:PutObject"];
        if policy.sets_tags() {
            actions.push("s3:PutObjectTagging");
        }
        if is_last && policy.acl().is_some() {
            actions.push("s3:PutObjectAcl");
        }
        if is_last && policy.retention().is_some() {
            actions.push("s3:PutObjectRetention");
        }
        if is_last && policy.legal_hold() {
            actions.push("s3:PutObjectLegalHold");
        }
        match groups.iter_mut().find(|(known, _)| *known == actions) {
            Some((_, known)) => known.extend(arns(policy)),
            None => groups.push((actions, arns(policy))),
        }
    }
    let mut statements: Vec<IamStatement> = groups
        .into_iter()
        .map(|(actions, arns)| IamStatement::new(sid, Effect::Allow, actions, distinct(arns.into_iter())))
        .collect();
    number_repeated(&mut statements);
    statements
}

fn manage_parts(routes: &[&UploadPolicy]) -> Option<IamStatement> {
    let actions = ["s3:AbortMultipartUpload", "s3:ListMultipartUploadParts"];
    (!routes.is_empty()).then(|| IamStatement::new("ManageParts", Effect::Allow, actions, patterns(routes)))
}

/// Returns the permission with which the service looks at objects that were uploaded in parts. It names no version.
fn look_at_uploads(routes: &[&UploadPolicy]) -> IamStatement {
    IamStatement::new("HeadUploads", Effect::Allow, ["s3:GetObject"], patterns(routes))
}

/// Has no condition on `s3:prefix`: a HEAD request has no prefix, so such a statement would not apply to it.
pub(super) fn list_bucket(target: &Target) -> IamStatement {
    IamStatement::new("ListForNotFound", Effect::Allow, ["s3:ListBucket"], [target.bucket_arn("*")])
}

/// Returns the object ARNs, with wildcards, that cover the keys to which clients upload by these routes. Each occurs once.
fn patterns(routes: &[&UploadPolicy]) -> Vec<String> {
    distinct(routes.iter().flat_map(|route| uploaded_arns(route)))
}

/// Returns the statements for looking at objects and for reading them.
fn read_uploads(deployment: &Deployment, bucket: &DeploymentBucket<'_>) -> Vec<IamStatement> {
    let mut statements = Vec::new();
    let is_read = deployment.reads == Reads::Presigned;
    let read = bucket.policies().flat_map(|policy| match deployment.confirms_route(policy) {
        true => confirmation::arns(policy),
        false if is_read => policy.object_arns(),
        false => Vec::new(),
    });
    let read = distinct(read);
    let in_parts = |policy: &&UploadPolicy| policy.multipart().is_some();
    let is_unread = |policy: &&UploadPolicy| uploaded_arns(policy).iter().any(|arn| !read.contains(arn));
    let looked_at: Vec<&UploadPolicy> = bucket.policies().filter(in_parts).filter(is_unread).collect();
    let lists = bucket.policies().any(|policy| in_parts(&policy) || deployment.confirms_route(policy));
    if !read.is_empty() {
        let actions = confirmation::get_object(deployment.versioned);
        statements.push(IamStatement::new("ReadUploads", Effect::Allow, actions, read));
    }
    if !looked_at.is_empty() {
        statements.push(look_at_uploads(&looked_at));
    }
    if lists {
        statements.push(list_bucket(bucket.target()));
    }
    statements
}

pub(super) fn become_signer(role: &str) -> IamStatement {
    IamStatement::new("BecomeTheSigner", Effect::Allow, ["sts:AssumeRole"], [role])
}

pub(super) fn send_webhooks(deployment: &Deployment) -> Option<IamStatement> {
    let queue = deployment.webhook_queue.as_deref()?;
    Some(IamStatement::new("SendWebhooks", Effect::Allow, ["sqs:SendMessage"], [queue]))
}

/// The actions on single items of a table.
const ITEMS: [&str; 4] =
    ["dynamodb:GetItem", "dynamodb:PutItem", "dynamodb:UpdateItem", "dynamodb:DeleteItem"];

fn keep_records(deployment: &Deployment) -> Option<IamStatement> {
    let arn = table_arn(deployment, deployment.table.as_ref()?, None);
    Some(IamStatement::new("KeepRecords", Effect::Allow, ITEMS, [arn]))
}

/// Returns the statement for the table of the quota. Transactions need the actions of which they consist:
/// <https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/transaction-apis-iam.html>.
pub(super) fn count_uploads(deployment: &Deployment) -> Option<IamStatement> {
    let table = deployment.quota_table.as_ref()?;
    let arn = table_arn(deployment, &table.name, table.region.as_ref());
    let actions = ITEMS.into_iter().chain(["dynamodb:Query"]);
    Some(IamStatement::new("CountUploads", Effect::Allow, actions, [arn]))
}

fn table_arn(deployment: &Deployment, table: &str, region: Option<&Region>) -> String {
    let (partition, account) = (deployment.partition(), deployment.account_in_arns());
    let region = region.or(deployment.region()).map_or("*", Region::as_str);
    format!("arn:{partition}:dynamodb:{region}:{account}:table/{table}")
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
