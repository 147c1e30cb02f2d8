//! The attributes of a state that show what another resource of the module sets: the policy of a bucket, its rules, its
//! encryption. The provider reads them from AWS, so a change by hand is visible there even if no resource sets them.

use std::collections::BTreeMap;

use super::super::documents::Document;
use crate::read::{Dialect, Item, Stack, Tree};

/// Returns whether an attribute shows exactly what other resources of the state set. What no resource sets has to be the default
/// of AWS.
pub(super) fn is_mirror(stack: &Stack, item: &Item, path: &str, actual: &Tree) -> bool {
    let of_bucket = |kind: &str| {
        let bucket = item.body.get("bucket");
        stack.items.iter().find(|it| it.kind == kind && it.body.get("bucket") == bucket)
    };
    let sibling = |kind: &str, member: &str| of_bucket(kind).and_then(|it| it.body.get(member)).cloned();
    match (item.kind.as_str(), path) {
        ("aws_s3_bucket", "grant") => is_grant_of_owner(actual),
        ("aws_s3_bucket", "policy") => same(sibling("aws_s3_bucket_policy", "policy"), actual),
        ("aws_s3_bucket", "cors_rule") => {
            agrees(Document::Cors, sibling("aws_s3_bucket_cors_configuration", "cors_rule").as_ref(), actual)
        }
        ("aws_s3_bucket", "lifecycle_rule") => {
            let rules = actual.elements().iter().cloned().map(lifecycle_rule).collect();
            agrees(
                Document::Lifecycle,
                sibling("aws_s3_bucket_lifecycle_configuration", "rule").as_ref(),
                &Tree::List(rules),
            )
        }
        ("aws_s3_bucket", path) if path.starts_with("server_side_encryption_configuration") => {
            let whole = item.body.get("server_side_encryption_configuration").cloned();
            let rule = whole.map(Tree::canonical).and_then(|tree| tree.get("rule").cloned());
            let set = sibling("aws_s3_bucket_server_side_encryption_configuration", "rule");
            rule.is_some_and(|rule| same(Some(set.unwrap_or_else(default_encryption)), &rule))
        }
        ("aws_s3_bucket", path) if path.starts_with("versioning") => {
            let set = sibling("aws_s3_bucket_versioning", "versioning_configuration").map(Tree::canonical);
            let is_set =
                set.is_some_and(|tree| tree.get("status").and_then(Tree::as_literal) == Some("Enabled"));
            let whole = item.body.get("versioning").cloned().map(Tree::canonical);
            is_set && whole == Some(members([("enabled", Tree::literal("true"))]))
        }
        ("aws_s3_bucket", path) if path.starts_with("object_lock_configuration") => {
            let whole = item.body.get("object_lock_configuration").cloned().map(Tree::canonical);
            let set = sibling("aws_s3_bucket_object_lock_configuration", "rule");
            let rule = whole.and_then(|tree| tree.get("rule").cloned());
            match (set, rule) {
                (Some(set), Some(rule)) => same(Some(set), &rule),
                (None, None) => item.body.get("object_lock_enabled").is_some(),
                _ => false,
            }
        }
        ("aws_sqs_queue", "policy") => {
            let own = [item.body.get("url"), item.body.get("id")];
            let set = stack.items.iter().find(|it| {
                it.kind == "aws_sqs_queue_policy"
                    && it.body.get("queue_url").is_some_and(|url| own.contains(&Some(url)))
            });
            same(set.and_then(|it| it.body.get("policy")).cloned(), actual)
        }
        ("aws_iam_role", path) if path.starts_with("inline_policy") => {
            let mirrored = item.body.get("inline_policy").map(Tree::elements).unwrap_or_default();
            let set: Vec<Tree> = of_role(stack, item, "aws_iam_role_policy", "policy");
            let mirrored: Vec<Tree> = mirrored.iter().filter_map(|it| it.get("policy")).cloned().collect();
            same(Some(Tree::List(set)), &Tree::List(mirrored))
        }
        ("aws_iam_role", "managed_policy_arns") => {
            let set = of_role(stack, item, "aws_iam_role_policy_attachment", "policy_arn");
            same(Some(Tree::List(set)), actual)
        }
        _ => false,
    }
}

/// Returns one member of every resource of a type that belongs to the role.
fn of_role(stack: &Stack, role: &Item, kind: &str, member: &str) -> Vec<Tree> {
    let own = [role.body.get("id"), role.body.get("name"), role.body.get("arn")];
    let belongs =
        |it: &&Item| it.kind == kind && it.body.get("role").is_some_and(|name| own.contains(&Some(name)));
    stack.items.iter().filter(belongs).filter_map(|it| it.body.get(member).cloned()).collect()
}

fn same(set: Option<Tree>, shown: &Tree) -> bool {
    set.is_some_and(|set| set.canonical() == shown.clone().canonical())
}

/// Returns whether a document does what another resource sets.
fn agrees(document: Document, set: Option<&Tree>, shown: &Tree) -> bool {
    let evaluated = document.compare(Dialect::Terraform, set, Some(shown));
    evaluated.differences.is_empty() && evaluated.uncompared.is_none()
}

/// Returns whether only the owner of the bucket has a grant. Nobody but the owner can be the only canonical user with full
/// control: without it, the bucket could not be managed.
///
/// Source: <https://docs.aws.amazon.com/AmazonS3/latest/userguide/acl-overview.html#sample-acl>.
fn is_grant_of_owner(grants: &Tree) -> bool {
    let [grant] = grants.elements() else { return false };
    let literal = |name: &str| grant.get(name).cloned().map(Tree::canonical);
    literal("type") == Some(Tree::literal("CanonicalUser"))
        && literal("permissions") == Some(Tree::literal("FULL_CONTROL"))
        && grant.get("uri").is_none()
}

/// S3 encrypts new objects with its own keys unless told otherwise.
///
/// Source: <https://docs.aws.amazon.com/AmazonS3/latest/userguide/default-bucket-encryption.html>.
fn default_encryption() -> Tree {
    members([(
        "apply_server_side_encryption_by_default",
        members([("sse_algorithm", Tree::literal("AES256"))]),
    )])
}

fn members<const N: usize>(members: [(&str, Tree); N]) -> Tree {
    Tree::Map(members.into_iter().map(|(name, tree)| (name.to_owned(), tree)).collect())
}

/// Converts a rule of the bucket to one of `aws_s3_bucket_lifecycle_configuration`. Members that it does not know stay, so they
/// are not understood.
fn lifecycle_rule(rule: Tree) -> Tree {
    let Tree::Map(mut old) = rule else { return rule };
    let mut new = BTreeMap::new();
    let is_enabled = old.remove("enabled").is_some_and(|it| it.as_literal() == Some("true"));
    let status = if is_enabled { "Enabled" } else { "Disabled" };
    new.insert("status".to_owned(), Tree::literal(status));
    new.insert("id".to_owned(), old.remove("id").unwrap_or_else(|| Tree::literal("rule")));
    let prefix = old.remove("prefix").unwrap_or_else(|| Tree::literal(""));
    new.insert("filter".to_owned(), members([("prefix", prefix)]));
    if let Some(days) = old.remove("abort_incomplete_multipart_upload_days") {
        let abort = members([("days_after_initiation", days)]);
        new.insert("abort_incomplete_multipart_upload".to_owned(), abort);
    }
    if let Some(noncurrent) = old.remove("noncurrent_version_expiration") {
        let days = noncurrent.clone().canonical().get("days").cloned();
        let noncurrent = days.map_or(noncurrent, |days| members([("noncurrent_days", days)]));
        new.insert("noncurrent_version_expiration".to_owned(), noncurrent);
    }
    new.extend(old);
    Tree::Map(new)
}
