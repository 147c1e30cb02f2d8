//! Guards that would deny what the routes sign.

use upsign_core::{CorsOrigins, Provider};
use upsign_documents::{Deployment, Guard, IamPolicy, InapplicableGuard, InvalidBucketPolicy};
use upsign_policy::{Bodyless, UploadMethod};

use super::contradictions::section;
use super::values::Reader;
use crate::config::RouteConfig;
use crate::deployment::DeploymentConfig;
use crate::source::finding::Finding;

impl Reader {
    /// Reports guards that do not fit a bucket: no bucket policy could be generated.
    pub(super) fn report_guards(&mut self, values: &DeploymentConfig, routes: &[RouteConfig]) {
        let Some(guards) = &values.guards else { return };
        // The guard `scanned` without scanner_role is reported already, and the account is known to a stack.
        let fits_later = |guard: &&Guard| matches!(guard, Guard::Scanned | Guard::Account);
        let described = routes.iter().map(RouteConfig::described);
        let on_aws = described.filter(|route| route.provider() == Provider::Aws);
        let all = Deployment::new(on_aws, CorsOrigins::listed([]));
        for guard in guards.iter().filter(|guard| !fits_later(guard)) {
            let guarded = all.clone().with_guards([*guard]);
            for bucket in guarded.buckets() {
                if let Err(InvalidBucketPolicy::Guard(inapplicable)) =
                    IamPolicy::for_bucket(&guarded, &bucket, None)
                {
                    self.report_guard(&inapplicable, routes);
                }
            }
        }
    }

    fn report_guard(&mut self, inapplicable: &InapplicableGuard, routes: &[RouteConfig]) {
        let key = "deployment.guards";
        let name = inapplicable.guard.name();
        let change = match inapplicable.guard {
            Guard::Encryption => {
                let of_bucket =
                    routes.iter().filter(|it| it.policy.target().bucket().as_str() == inapplicable.bucket);
                of_bucket.filter_map(missing_encryption).collect()
            }
            _ => Vec::new(),
        };
        let help = match change.is_empty() {
            true => format!("remove the guard {name}, or change the routes"),
            false => format!("{}, or remove the guard {name}", change.join(" and ")),
        };
        let items = self.texts(key).unwrap_or_default();
        let item = items.iter().position(|item| item == name).unwrap_or_default();
        self.report_item(key, item, Finding::contradiction(inapplicable.to_string()).help(help));
    }
}

/// Returns what to change so that every upload of a route requests encryption, or `None` if every one does.
fn missing_encryption(route: &RouteConfig) -> Option<String> {
    let section = section(route);
    if route.policy.encryption().is_none() {
        return Some(format!("set encryption in [{section}]"));
    }
    let is_put = route.policy.method() == UploadMethod::Put;
    (is_put && route.policy.bodyless() == Bodyless::Allow)
        .then(|| format!("write bodyless = \"refuse\" in [{section}]"))
}
