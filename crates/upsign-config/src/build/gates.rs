//! Gates that could not keep readers from an object, or whose folder is not only theirs, and uploads that are not counted.

use upsign_core::{Provider, Target};
use upsign_policy::Gate;

use super::contradictions::section;
use super::quota::is_counted;
use super::values::Reader;
use crate::config::{RouteConfig, StoreSource};
use crate::deployment::DeploymentConfig;
use crate::error::ProblemCode;
use crate::quota::QuotaConfig;
use crate::source::finding::Finding;
use crate::source::raw::Value;
use crate::warning::WarningCode;

impl Reader {
    /// Reports gates that the bucket does not have, and folders of objects that are not confirmed that another route uses.
    pub(super) fn report_gates(&mut self, values: &DeploymentConfig, routes: &[RouteConfig]) {
        for route in routes {
            let (key, what) = match route.policy.confirmation().gate() {
                Gate::Pending(_) => (format!("{}.pending_key", section(route)), "pending_key"),
                Gate::Tag => (format!("{}.gate", section(route)), "gate"),
                _ => continue,
            };
            if let Some((message, instead)) = gate_is_impossible(route.policy.target()) {
                let finding = Finding::new(ProblemCode::Unsupported, message);
                self.report(&key, finding.help(format!("remove {what}, or {instead}")));
            }
            if what == "gate" && values.versioned == Some(false) {
                let message =
                    "needs a versioned bucket: a tag would let readers into whatever is uploaded next";
                let help = self.assignment("deployment.versioned", &Value::Flag(true));
                self.report(
                    &key,
                    Finding::contradiction(message).help(format!("{help}, or use pending_key")),
                );
            }
            self.report_shared_folder(&key, route, routes);
        }
    }

    /// Warns about gates that no store enforces but AWS: an emulator stands for it.
    pub(super) fn judge_gates(&mut self, routes: &[RouteConfig]) {
        for route in routes {
            let is_aws = route.described().provider() == Provider::Aws;
            if is_aws || route.store.source == StoreSource::Emulator {
                continue;
            }
            let (key, help) = match route.policy.confirmation().gate() {
                Gate::Pending(_) => (
                    "pending_key",
                    "give every reader credentials that may read the final keys and not the folder of pending_key; or keep \
                     the bucket on AWS",
                ),
                Gate::Tag => (
                    "gate",
                    "use pending_key, and give every reader credentials that cannot read its folder; or keep the bucket on AWS",
                ),
                _ => continue,
            };
            let message = "every reader of the bucket can read objects that are not confirmed: the gate is a bucket policy of AWS, which \
                           this store does not enforce";
            self.warn(
                WarningCode::GateNotEnforced,
                &format!("{}.{key}", section(route)),
                None,
                message,
                help,
            );
        }
    }

    /// Warns about uploads that stay counted whether or not they are confirmed: a sealed key does not name the account.
    pub(super) fn judge_sealed_uploads(&mut self, routes: &[RouteConfig], quota: Option<&QuotaConfig>) {
        let limits = quota.map(|quota| quota.limits.as_slice()).unwrap_or_default();
        for route in routes.iter().filter(|route| is_counted(limits, route)) {
            let options = route.policy.confirmation();
            if !options.confirm() || options.claim() || !route.policy.template().is_sealed() {
                continue;
            }
            let message = "each grant counts for the rest of the day, whether or not its upload is confirmed: an event may confirm it by \
                           its sealed key, which does not name the account";
            let help = "add claim = true, so that the object names the account: then only confirmed uploads stay counted";
            self.warn(WarningCode::Policy, &format!("{}.key", section(route)), None, message, help);
        }
    }

    /// Warns about objects that prove themselves to nobody: S3 names the bucket in its events, and not the access point.
    pub(super) fn judge_access_points(&mut self, routes: &[RouteConfig]) {
        for route in routes.iter().filter(|route| is_access_point(route.policy.target())) {
            let options = route.policy.confirmation();
            let key = match (options.claim(), route.policy.template().is_sealed()) {
                _ if !options.confirm() => continue,
                (true, _) => "claim",
                (false, true) => "key",
                (false, false) => continue,
            };
            let message = "no event confirms an object of this route: events name the bucket, and the route an access point of it";
            let help = "use the name of the bucket, or let clients confirm with their upload tokens only";
            self.warn(
                WarningCode::EventsProveNothing,
                &format!("{}.{key}", section(route)),
                None,
                message,
                help,
            );
        }
    }

    /// The lifecycle rule of the folder deletes every object in it, and the bucket policy lets nobody read it.
    fn report_shared_folder(&mut self, key: &str, route: &RouteConfig, routes: &[RouteConfig]) {
        let place = |route: &RouteConfig| {
            let target = route.policy.target();
            (target.bucket().as_str().to_owned(), target.host().to_owned())
        };
        for folder in route.policy.pending_prefixes() {
            let is_inside = |other: &&RouteConfig| {
                let prefixes = other.policy.key_prefixes();
                place(other) == place(route) && prefixes.iter().any(|prefix| prefix.starts_with(&folder))
            };
            let Some(other) = routes.iter().find(is_inside) else { continue };
            let message = format!(
                "final keys of [{}] are in the folder {folder:?}, where nobody reads and objects are deleted",
                section(other)
            );
            let finding = Finding::contradiction(message);
            self.report(
                key,
                finding.help("begin pending_key with a folder that no route has, for example pending/"),
            );
        }
    }
}

/// Returns why no policy of the bucket keeps readers from objects that are not confirmed, and what to use in place of this target.
fn gate_is_impossible(target: &Target) -> Option<(&'static str, &'static str)> {
    if target.bucket().is_directory() {
        // <https://docs.aws.amazon.com/AmazonS3/latest/userguide/s3-express-security-iam.html>.
        let message = "the policy of a directory bucket cannot keep anybody from reading an object";
        return Some((message, "use a general purpose bucket"));
    }
    // <https://docs.aws.amazon.com/AmazonS3/latest/userguide/access-points-policies.html>.
    is_access_point(target).then_some((
        "a policy that names an access point keeps nobody from reading an object through its bucket",
        "use the name of the bucket",
    ))
}

/// Returns whether a target is an access point, by its ARN or by an alias. No bucket has a name that ends like an alias.
///
/// Source: <https://docs.aws.amazon.com/AmazonS3/latest/userguide/bucketnamingrules.html>.
fn is_access_point(target: &Target) -> bool {
    let name = target.bucket().as_str();
    target.access_point().is_some() || name.ends_with("-s3alias") || name.ends_with("--op-s3")
}
