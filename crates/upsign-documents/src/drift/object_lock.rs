//! Compares the Object Lock configuration of a bucket with the locks that its routes sign.

use upsign_policy::{Checksums, LockMode, Retention};

use super::comparison::{ComparedPart, Uncompared};
use super::{Affected, Difference, Severity};
use crate::deployment::{DeploymentBucket, DeploymentRoute};
use crate::read::Tree;

/// The name of the part in a comparison.
pub(super) const PART: &str = "object lock";

/// Days of a year of a default retention, which is never longer than this by more than a day in each leap year.
const DAYS_OF_YEAR: u32 = 365;

/// A default retention: S3 locks each new object that names no retention of its own.
struct DefaultRetention {
    mode: LockMode,
    days: u32,
    /// The period as the configuration writes it, as in `2 years`.
    period: String,
}

/// Compares the configuration, or `None` for a bucket without Object Lock, with what the routes of the bucket sign.
///
/// Source: <https://docs.aws.amazon.com/AmazonS3/latest/userguide/object-lock.html>.
pub(super) fn compare(part: &mut ComparedPart, bucket: &DeploymentBucket<'_>, tree: Option<&Tree>) {
    let locks = bucket.policies().any(|policy| policy.retention().is_some() || policy.legal_hold());
    let is_enabled = tree
        .and_then(|tree| tree.get("ObjectLockEnabled"))
        .is_some_and(|it| it.as_literal() == Some("Enabled"));
    if locks && !is_enabled {
        let consequence = "S3 refuses every upload that locks its object (400)";
        part.differ([Difference::new(Severity::Broken, "Object Lock is not enabled", consequence)]);
    }
    let Some(tree) = tree else { return };
    if !has_only(tree, &["ObjectLockEnabled", "Rule", "Rules"]) {
        part.leave(Uncompared::new("object-lock", "it has members whose effect is not known").of(PART));
    }
    // The reader of XML names the element `Rule` in the plural.
    let Some(rule) = tree.get("Rule").or_else(|| tree.get("Rules")) else { return };
    match DefaultRetention::of(rule) {
        Some(default) => {
            part.differ(bucket.routes().iter().filter_map(|route| default.difference(route)));
        }
        None => part.leave(
            Uncompared::new("object-lock.rule", "it is not a default retention in days or years").of(PART),
        ),
    }
}

fn has_only(tree: &Tree, known: &[&str]) -> bool {
    matches!(tree, Tree::Map(members) if members.keys().all(|name| known.contains(&name.as_str())))
}

impl DefaultRetention {
    fn of(rule: &Tree) -> Option<Self> {
        let retention = rule.get("DefaultRetention").filter(|_| has_only(rule, &["DefaultRetention"]))?;
        let literal = |name: &str| retention.get(name).and_then(Tree::as_literal);
        let number = |name: &str| literal(name).and_then(|text| text.parse::<u32>().ok());
        let mode = literal("Mode")?.parse().ok()?;
        let (days, period) = match (number("Days"), number("Years")) {
            (Some(days), None) => (days, format!("{days} days")),
            (None, Some(years)) => (years.saturating_mul(DAYS_OF_YEAR), format!("{years} years")),
            _ => return None,
        };
        has_only(retention, &["Mode", "Days", "Years"]).then_some(Self { mode, days, period })
    }

    /// Returns what the default changes for one route, or for what is written next to its uploads.
    fn difference(&self, route: &DeploymentRoute) -> Option<Difference> {
        let Self { mode, period, .. } = self;
        let policy = route.policy();
        let name = route.name().unwrap_or("default");
        match policy.retention() {
            Some(own) if !self.exceeds(own) => None,
            Some(own) => Some(Difference::new(
                Severity::Untidy,
                format!(
                    "the default retention is {mode} for {period}, and that of the route {name} is {} for {} days",
                    own.mode(),
                    own.days()
                ),
                "each upload states its own retention, which S3 prefers, but objects written without one are kept by default",
            )),
            // Source: <https://docs.aws.amazon.com/AmazonS3/latest/API/API_PutObject.html>, at `Content-MD5`; that a default
            // retention counts: <https://github.com/aws/aws-sdk-php/issues/1694>.
            None if !matches!(policy.checksums(), Checksums::Required(_)) => Some(
                Difference::new(
                    Severity::Broken,
                    format!(
                        "the default retention is {mode} for {period}, and the route {name} requires no checksum"
                    ),
                    "S3 refuses uploads without a checksum to a bucket with a default retention (400)",
                )
                .affecting(Affected::Uploads),
            ),
            None => Some(Difference::new(
                Severity::Untidy,
                format!(
                    "the default retention is {mode} for {period}, and the route {name} has no object_lock"
                ),
                "its objects are locked by default, and cannot be deleted before",
            )),
        }
    }

    fn exceeds(&self, own: Retention) -> bool {
        self.mode != own.mode() || self.days > own.days()
    }
}
