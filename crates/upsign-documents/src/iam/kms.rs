//! Derives the permissions for KMS keys.

use upsign_core::{Partition, Target};
use upsign_policy::{KmsKeyId, UploadPolicy};

use super::{Effect, IamOperator, IamStatement};

/// The encryption context of a route is no condition here: with a bucket key, which the bucket can have by default, KMS does
/// not see the context of single objects (<https://docs.aws.amazon.com/AmazonS3/latest/userguide/bucket-key.html>).
///
/// A PUT needs only a data key. Reading objects and completing multipart uploads also needs decryption.
pub(super) fn kms(
    routes: &[&UploadPolicy],
    decrypts: impl Fn(&UploadPolicy) -> bool,
    account: &str,
) -> Vec<IamStatement> {
    let actions = |routes: &[&UploadPolicy]| -> &'static [&'static str] {
        if routes.iter().any(|route| decrypts(route)) {
            &["kms:GenerateDataKey", "kms:Decrypt"]
        } else {
            &["kms:GenerateDataKey"]
        }
    };
    kms_statements(routes, actions, account)
}

/// Returns one statement for each KMS key that the routes name, with the actions that the routes of the key need. A key without an
/// ARN is one of the caller's account (<https://docs.aws.amazon.com/AmazonS3/latest/API/API_PutObject.html>).
pub(super) fn kms_statements(
    routes: &[&UploadPolicy],
    actions: impl Fn(&[&UploadPolicy]) -> &'static [&'static str],
    account: &str,
) -> Vec<IamStatement> {
    let mut keys: Vec<(&KmsKeyId, Vec<&UploadPolicy>)> = Vec::new();
    for route in routes {
        let Some(key) = route.encryption().and_then(|encryption| encryption.customer_key()) else { continue };
        match keys.iter_mut().find(|(known, _)| *known == key) {
            Some((_, of_key)) => of_key.push(route),
            None => keys.push((key, vec![route])),
        }
    }
    let statement = |(key, of_key): (&KmsKeyId, Vec<&UploadPolicy>)| {
        Some(with_key(of_key.first()?.target(), key, actions(&of_key), account))
    };
    keys.into_iter().filter_map(statement).collect()
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
