//! Gates that could not keep readers from an object, or whose folder is not only theirs, and uploads that are not counted.

use upsign_core::Provider;
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
            if route.policy.target().bucket().is_directory() {
                // <https://docs.aws.amazon.com/AmazonS3/latest/userguide/s3-express-security-iam.html>.
                let message = "the policy of a directory bucket cannot keep anybody from reading an object";
                let finding = Finding::new(ProblemCode::Unsupported, message);
                self.report(&key, finding.help(format!("remove {what}, or use a general purpose bucket")));
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
