//! Finds single documents in the resources of a template or a module.

use serde_json::Value;

use super::comparison::Uncompared;
use super::documents::{self, Document};
use super::found::{FoundDocuments, PolicyKind, UNKNOWN_VALUE};
use crate::read::{Dialect, Item, Stack, Tree};

/// A type of resource that holds a document and says where it belongs, with all members that are read.
struct SingleResource {
    kind: &'static str,
    /// The member with the policy; empty if the resource has a configuration of a bucket.
    policy: &'static str,
    holds: PolicyKind,
    /// The place, and members that only name or describe the resource.
    labels: &'static [&'static str],
}

const fn single(
    kind: &'static str,
    policy: &'static str,
    holds: PolicyKind,
    labels: &'static [&'static str],
) -> SingleResource {
    SingleResource { kind, policy, holds, labels }
}

/// Every other member, and every other type, is listed as not compared.
const SINGLE: [SingleResource; 14] = [
    single("AWS::S3::Bucket", "", PolicyKind::Bucket, &["BucketName"]),
    single("AWS::S3Express::DirectoryBucket", "", PolicyKind::Bucket, &["BucketName"]),
    single("AWS::S3::BucketPolicy", "PolicyDocument", PolicyKind::Bucket, &["Bucket"]),
    single("AWS::SQS::QueuePolicy", "PolicyDocument", PolicyKind::Queue, &["Queues"]),
    single("AWS::IAM::Role", "Policies", PolicyKind::Role, &["RoleName", "Description"]),
    single("AWS::IAM::Policy", "PolicyDocument", PolicyKind::Role, &["PolicyName", "Roles"]),
    single("AWS::IAM::RolePolicy", "PolicyDocument", PolicyKind::Role, &["PolicyName", "RoleName"]),
    single("aws_s3_bucket_cors_configuration", "", PolicyKind::Bucket, &["bucket"]),
    single("aws_s3_bucket_lifecycle_configuration", "", PolicyKind::Bucket, &["bucket"]),
    single("aws_s3_bucket_notification", "", PolicyKind::Bucket, &["bucket"]),
    single("aws_s3_bucket_policy", "policy", PolicyKind::Bucket, &["bucket"]),
    single("aws_sqs_queue_policy", "policy", PolicyKind::Queue, &["queue_url"]),
    single("aws_iam_role_policy", "policy", PolicyKind::Role, &["role", "name", "name_prefix"]),
    single("aws_iam_policy", "policy", PolicyKind::Role, &["name", "name_prefix", "description"]),
];

/// The members of every resource that change nothing in what it does.
const ORDER: [&str; 3] = ["depends_on", "@DependsOn", "id"];

impl FoundDocuments {
    /// Returns the documents of a template or a module.
    pub(super) fn of_stack(stack: &Stack) -> Self {
        let mut found = Self::default();
        found.add_items(stack);
        found
    }

    /// Adds the documents of a template or a module, and names everything else in it. Of each kind of configuration, the first
    /// one is read: the others belong to other buckets.
    pub(super) fn add_items(&mut self, stack: &Stack) {
        for item in stack.items.iter().filter(|item| !item.is_passive()) {
            let Some(single) = SINGLE.iter().find(|single| single.kind == item.kind) else {
                let reason = match item.kind.as_str() {
                    "locals" => "the local value is set twice".to_owned(),
                    kind => format!("{kind} is compared only as part of a whole stack"),
                };
                self.uncompared.push(Uncompared::new(&item.name, reason));
                continue;
            };
            let configurations = Document::configurations_of(&item.kind);
            self.leave_members(item, single, configurations);
            if single.holds == PolicyKind::Bucket {
                let bucket = item.body.get("bucket").or_else(|| item.body.get("Bucket"));
                let bucket = bucket.or_else(|| item.body.get("BucketName"));
                self.buckets.push((item.name.clone(), bucket.and_then(Tree::as_literal).map(str::to_owned)));
            }
            let documents = self.documents_of(stack.dialect, item, single, configurations);
            if documents == 0 {
                let reason = format!("{} is compared only as part of a whole stack", item.kind);
                self.uncompared.push(Uncompared::new(&item.name, reason));
            }
        }
    }

    /// Adds the documents of one resource and returns how many there are.
    fn documents_of(
        &mut self,
        dialect: Dialect,
        item: &Item,
        single: &SingleResource,
        configurations: &[(&str, Document)],
    ) -> usize {
        let mut count = 0;
        for (path, document) in configurations {
            if let Some(tree) = item.body.at(path) {
                count += 1;
                self.add_configuration(*document, dialect, tree, &item.name);
            }
        }
        for one in item.body.get(single.policy).map(Tree::elements).unwrap_or_default() {
            count += 1;
            let others = match one {
                Tree::Map(members) if members.contains_key("PolicyDocument") => members.keys().collect(),
                _ => Vec::new(),
            };
            for name in
                others.into_iter().filter(|name| !["PolicyName", "PolicyDocument"].contains(&name.as_str()))
            {
                let name = format!("{}.{}.{name}", item.name, single.policy);
                self.uncompared.push(Uncompared::new(&name, "it is not a member of a policy of a role"));
            }
            match one.get("PolicyDocument").unwrap_or(one).to_value() {
                Some(value) => self.add_policy_of(&value, &item.name, single.holds),
                None => self.uncompared.push(Uncompared::new(&item.name, UNKNOWN_VALUE)),
            }
        }
        count
    }

    /// Adds the policy of a resource, whose type says what the policy is for.
    fn add_policy_of(&mut self, policy: &Value, name: &str, kind: PolicyKind) {
        let is_second = match kind {
            PolicyKind::Role => false,
            PolicyKind::Bucket => self.bucket_policy.is_some(),
            PolicyKind::Queue => self.queue_policy.is_some(),
        };
        if is_second {
            self.uncompared.push(Uncompared::new(name, "it is the policy of another resource"));
            return;
        }
        self.add_policy_as(policy, name, Some(kind));
    }

    /// Names the members of a resource other than its document and what it belongs to: `count = 0`, another provider.
    fn leave_members(&mut self, item: &Item, single: &SingleResource, configurations: &[(&str, Document)]) {
        let Tree::Map(members) = &item.body else { return };
        let is_read = |name: &str| {
            single.labels.contains(&name)
                || ORDER.contains(&name)
                || (!single.policy.is_empty() && name == single.policy)
                || configurations.iter().any(|(path, _)| *path == name)
        };
        for name in members.keys().filter(|name| !is_read(name)) {
            let name = format!("{}.{}", item.name, name.trim_start_matches('@'));
            self.uncompared.push(Uncompared::new(&name, "it is compared only as part of a whole stack"));
        }
    }

    fn add_configuration(&mut self, document: Document, dialect: Dialect, tree: &Tree, name: &str) {
        let (part, is_known) = match document {
            Document::Cors => ("cors", self.cors.is_some()),
            Document::Lifecycle => ("lifecycle", self.lifecycle.is_some()),
            _ => ("notification", self.notification.is_some()),
        };
        if is_known {
            self.uncompared.push(Uncompared::new(name, "it is the configuration of another bucket"));
            return;
        }
        let read = match document {
            Document::Cors => documents::cors(dialect, tree).map(|(document, rest)| {
                self.cors = Some(document);
                rest
            }),
            Document::Lifecycle => documents::lifecycle(dialect, tree).map(|(document, rest)| {
                self.lifecycle = Some(document);
                rest
            }),
            _ => documents::notification(dialect, tree).map(|(document, rest)| {
                self.notification = Some(document);
                rest
            }),
        };
        if let Some(reason) = read.unwrap_or_else(Some) {
            self.uncompared.push(Uncompared::new(name, reason).of(part));
        }
    }
}
