//! Warnings about services of AWS that would be called with the keys of another store.

use upsign_core::Provider;

use super::values::Reader;
use crate::aws_services::Sections;
use crate::config::{RouteConfig, StoreSource};
use crate::signature::Signature;
use crate::warning::WarningCode;

impl Reader {
    /// Warns that `upsign serve` has one set of credentials, with which it signs uploads and calls AWS. The key of a service account is
    /// no such set, so credentials of AWS can be next to it.
    pub(super) fn judge_services(&mut self, sections: Sections<'_>, routes: &[RouteConfig]) {
        let is_foreign = |route: &&RouteConfig| {
            let has_keys = route.store.signature != Signature::Goog4Rsa;
            let is_other = route.described().provider() != Provider::Aws;
            has_keys && is_other && route.store.source != StoreSource::Emulator
        };
        let Some(route) = routes.iter().find(is_foreign).filter(|_| !self.describes_deployment()) else {
            return;
        };
        let host = route.policy.target().host();
        for (key, help) in sections.service_keys(false) {
            let message = format!(
                "`upsign serve` calls AWS with the credentials that sign uploads: these are keys of the store at {host}, which AWS \
                 does not accept"
            );
            self.warn(WarningCode::ForeignStore, key, None, message, help);
        }
    }
}
