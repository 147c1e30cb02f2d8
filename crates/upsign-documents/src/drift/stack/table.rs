//! What each property of a generated stack does, and what follows if it differs.
//!
//! A property that is in no row and differs is reported as not compared, so a missing row is safe. Rows are found by the longest
//! matching path; `*` stands for one member name.

mod cloudformation;
mod terraform;
mod terraform_api;

use super::super::documents::Document;
use super::super::{Affected, Severity};
use crate::read::Dialect;

/// A property of a resource type, with everything below it. The empty path stands for the resource itself: what follows if it
/// is absent.
#[derive(Clone, Copy, Debug)]
pub(super) struct Row {
    kind: &'static str,
    path: &'static str,
    /// The name of the part of the deployment, as the report shows it.
    pub(super) part: &'static str,
    pub(super) meaning: Meaning,
}

/// What a difference means.
#[derive(Clone, Copy, Debug)]
pub(super) enum Meaning {
    /// It has this consequence.
    Consequence(Severity, Affected, &'static str),
    /// The property is compared by what the document in it does.
    Document(Document),
    /// The property only names or describes the resource.
    Label,
    /// The property only names the resource, unless the generated one has this name: then something breaks without it.
    Name(Affected, &'static str),
    /// The consequence depends on values that the comparison does not know.
    Unknown,
}

/// The parts in the order of the report.
pub(super) const PARTS: [&str; 26] = [
    "bucket",
    "bucket policy",
    "public access",
    "ownership",
    "encryption",
    "versioning",
    "object lock",
    "cors",
    "lifecycle",
    "notification",
    "queue",
    "queue policy",
    "event sources",
    "role",
    "trust policy",
    "authorizer",
    "api",
    "api cors",
    "throttling",
    "permissions",
    "function",
    "quota",
    "logs",
    "cloudfront",
    "alarms",
    "dashboard",
];

/// The part of everything that belongs to no other one.
pub(super) const OTHER: &str = "other resources";

/// Returns the rows of a resource type.
pub(super) fn rows(dialect: Dialect, kind: &str) -> impl Iterator<Item = &'static Row> {
    let tables: &[&[Row]] = match dialect {
        Dialect::CloudFormation => &[cloudformation::ROWS],
        Dialect::Terraform | Dialect::TerraformState => &[terraform::ROWS, terraform_api::ROWS],
    };
    tables.iter().copied().flatten().filter(move |row| row.kind == kind)
}

/// Returns the row for a property: the one with the longest path that the property is at or below.
pub(super) fn row(dialect: Dialect, kind: &str, path: &str) -> Option<&'static Row> {
    let found = rows(dialect, kind).filter(|row| !row.path.is_empty() && row.covers(path));
    found.max_by_key(|row| row.path.split('.').count())
}

/// Returns the row for the resource itself.
pub(super) fn resource_row(dialect: Dialect, kind: &str) -> Option<&'static Row> {
    rows(dialect, kind).find(|row| row.path.is_empty())
}

impl Row {
    const fn new(kind: &'static str, path: &'static str, part: &'static str, meaning: Meaning) -> Self {
        Self { kind, path, part, meaning }
    }

    pub(super) const fn path(&self) -> &'static str {
        self.path
    }

    /// Returns whether the property is at or below this row.
    fn covers(&self, path: &str) -> bool {
        let mut given = path.split('.');
        self.path.split('.').all(|wanted| given.next().is_some_and(|name| wanted == "*" || wanted == name))
    }

    /// Returns whether the row is below the property.
    pub(super) fn is_below(&self, path: &str) -> bool {
        let mut own = self.path.split('.');
        path.split('.').all(|name| own.next().is_some_and(|wanted| wanted == "*" || wanted == name))
            && own.next().is_some()
    }

    /// Returns whether the property is exactly that of this row.
    pub(super) fn is_at(&self, path: &str) -> bool {
        self.covers(path) && self.path.split('.').count() == path.split('.').count()
    }
}

const fn wider(consequence: &'static str) -> Meaning {
    Meaning::Consequence(Severity::Wider, Affected::Uploads, consequence)
}

const fn breaks(affected: Affected, consequence: &'static str) -> Meaning {
    Meaning::Consequence(Severity::Broken, affected, consequence)
}

const fn untidy(consequence: &'static str) -> Meaning {
    Meaning::Consequence(Severity::Untidy, Affected::Uploads, consequence)
}

/// The consequences that both forms share.
pub(super) mod texts {
    pub(super) const OTHER_BUCKET: &str =
        "uploads are signed for the bucket of the configuration, not for this one";
    pub(super) const ACCELERATION: &str =
        "URLs are signed for the endpoint of Transfer Acceleration, which S3 answers with 400";
    pub(super) const ACCOUNT_LOGS: &str =
        "deleting the stack deletes the role with which all REST APIs of the account write logs";
    pub(super) const NO_BUCKET: &str = "there is no bucket to upload to";
    pub(super) const ANY_REGION: &str =
        "a copy of the stack in another region takes the names of the buckets, and no URL works there";
    pub(super) const OTHER_REGION: &str =
        "the stack can only be created in another region than the one that uploads are signed for";
    pub(super) const PUBLIC: &str = "an ACL or a policy can make the bucket or its objects public";
    pub(super) const OWNERSHIP: &str =
        "who owns uploaded objects, and whether ACLs grant access to them, is not as the uploads need it";
    pub(super) const ENCRYPTION: &str = "objects are stored with another default encryption";
    pub(super) const VERSIONING: &str = "replaced and deleted objects cannot be restored";
    pub(super) const OBJECT_LOCK: &str = "S3 refuses uploads that lock their objects in a bucket without Object Lock, which cannot be switched off again";
    pub(super) const DEFAULT_RETENTION: &str = "objects whose upload states no retention are locked by default, and S3 refuses their upload without a checksum";
    pub(super) const BUCKET_DELETED: &str = "deleting or replacing the stack deletes the bucket";
    pub(super) const ORDER: &str = "a deployment may fail, because resources are created in another order";
    pub(super) const METRICS: &str =
        "S3 publishes no request metrics, so the alarm on rejected uploads never changes its state";
    pub(super) const BUCKET_ACL: &str = "an ACL grants access to the bucket in addition to the policies";
    pub(super) const POLICY_PLACE: &str = "the policy protects another resource";
    pub(super) const NO_QUEUE: &str = "notifications of new objects have no queue, or failed ones are lost";
    pub(super) const OTHER_QUEUE: &str =
        "webhooks are sent to the queue of the configuration, not to this one";
    pub(super) const NO_SOURCE: &str =
        "the messages of the queue are not processed: they wait, and then go to the dead-letter queue";
    pub(super) const SOURCE: &str = "the function takes the messages of another queue, or in another way";
    pub(super) const WHOLE_BATCHES: &str =
        "messages that failed are lost, because Lambda deletes them with those that did not";
    pub(in super::super) const WORKER: &str =
        "the function cannot process the messages of its queue as it should";
    pub(super) const QUEUE: &str = "notifications are lost, repeated or kept differently than configured";
    pub(super) const QUEUE_ENCRYPTION: &str = "messages are stored with another encryption";
    pub(super) const NO_ROLE: &str = "the function has no permission to sign uploads";
    pub(super) const OTHER_ROLE: &str = "the function has the permissions of another role";
    pub(super) const MORE_POLICIES: &str = "the role has the permissions of these policies too";
    pub(super) const AUTHORIZER: &str =
        "the gateway lets through callers that the service refuses, or refuses callers that it accepts";
    pub(super) const REUSED_DECISION: &str = "the gateway reuses what the Lambda authorizer decided about another request with the same token header";
    pub(super) const PREFLIGHT: &str =
        "the gateway refuses preflights, which carry no token, so browsers send no request";
    pub(super) const NO_API: &str = "clients cannot request uploads";
    pub(super) const API: &str = "clients call another URL, or requests are not answered as the service does";
    pub(super) const API_CORS: &str =
        "pages of other origins can read the answers of the API, or those of the configured origins cannot";
    pub(super) const THROTTLING: &str = "the API takes more or fewer requests than configured";
    pub(super) const NO_FUNCTION: &str = "nothing answers the requests of clients";
    pub(super) const FUNCTION: &str = "the function runs in another way than it was built for";
    pub(super) const ENVIRONMENT: &str = "the function reads another configuration";
    pub(super) const INVOKE: &str = "other principals may invoke the function, or the API may not";
    pub(super) const NO_INVOKE: &str = "the API may not invoke the function";
    pub(super) const NO_QUOTA: &str = "uploads per day are counted in a table that does not exist";
    pub(super) const QUOTA: &str = "the items of the table have other keys than the service writes";
    pub(super) const QUOTA_CAPACITY: &str =
        "DynamoDB rejects counts above the capacity of the table, and uploads fail with them";
    pub(super) const QUOTA_KEPT: &str = "counts of past days are kept and billed";
    pub(super) const NO_LOGS: &str =
        "the function's log is created without a retention period, or not at all";
    pub(super) const LOGS: &str = "log entries are kept for another time, or written elsewhere";
    pub(in super::super) const ACCESS_LOGS: &str = "requests are not logged as configured";
    pub(super) const TRACING: &str = "requests are not traced as configured";
    pub(super) const CLOUDFRONT: &str = "uploads are read in another way than configured";
    pub(super) const READ_KEYS: &str =
        "everybody who knows a key may read it, or the signed URLs are rejected";
    pub(super) const OTHER_READ_KEY: &str =
        "other signatures are accepted than those of the configured keys, or these are rejected";
    pub(super) const READ_CACHE: &str =
        "S3 answers with another version or with other headers than the signed URL names";
    pub(super) const VIEWER_TLS: &str = "uploads can be read without TLS";
    pub(super) const READ_HEADERS: &str = "browsers may run uploaded files as scripts";
    pub(super) const READ_ORIGINS: &str = "scripts of other origins can fetch uploads through CloudFront";
    pub(super) const ALARMS: &str = "a failure is noticed later, or by nobody";
    pub(super) const DASHBOARD: &str = "the dashboard shows something else";
    pub(super) const LISTENER: &str =
        "the load balancer does not pass requests to the function as configured";
}
