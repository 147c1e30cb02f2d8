//! One route, and the names of the keys from which its values are read.

use upsign::{Access, RouteName};

use super::values::Reader;
use crate::config::{IdVersion, RouteConfig};
use crate::keys::ROUTE;
use crate::source::finding::Finding;

/// One route: `[upload]`, which has no name, or `[route.NAME]`.
pub(super) struct Scope {
    name: Option<RouteName>,
    prefix: String,
}

const ID_VERSIONS: [(&str, IdVersion); 2] = [("v4", IdVersion::V4), ("v7", IdVersion::V7)];

impl Scope {
    pub(super) fn unnamed() -> Self {
        Self { name: None, prefix: "upload".into() }
    }

    pub(super) fn named(name: RouteName) -> Self {
        Self { prefix: format!("{ROUTE}.{name}"), name: Some(name) }
    }

    /// Returns the name of the route, or `None` for `[upload]`.
    pub(super) const fn name(&self) -> Option<&RouteName> {
        self.name.as_ref()
    }

    /// Returns the name of the section.
    pub(super) fn section(&self) -> &str {
        &self.prefix
    }

    /// Returns the complete name of a key of this route, for example `upload.max_size`.
    pub(super) fn key(&self, name: &str) -> String {
        format!("{}.{name}", self.prefix)
    }

    /// Returns the complete name of a key of `[bucket]`, or that of the route's key if the route overrides it.
    pub(super) fn bucket_key(&self, name: &str, reader: &Reader) -> String {
        let overriding = match name {
            "name" => self.key("bucket"),
            _ => self.key(name),
        };
        if self.name.is_some() && reader.has(&overriding) { overriding } else { format!("bucket.{name}") }
    }

    /// Returns whether the route has a store of its own, which differs from that of `[bucket]`.
    pub(super) fn has_own_store(&self, reader: &Reader) -> bool {
        let is_own = |name| self.name.is_some() && reader.has(&self.key(name));
        is_own("endpoint") || is_own("provider")
    }

    /// Returns the complete name of the key with the signatures of the bucket. Those of another store do not count.
    pub(super) fn signature_key(&self, reader: &Reader) -> String {
        if self.has_own_store(reader) { self.key("signature") } else { self.bucket_key("signature", reader) }
    }

    /// Returns the complete name of the key with the declared features. Those of another store do not count.
    pub(super) fn features_key(&self, reader: &Reader) -> String {
        if self.has_own_store(reader) { self.key("can") } else { self.bucket_key("can", reader) }
    }
}

impl Reader {
    pub(super) fn route(&mut self, scope: &Scope) -> Option<RouteConfig> {
        let target = self.target(scope);
        let policy = self.policy(scope, target);
        let id_version = self.choice(&scope.key("id_version"), &ID_VERSIONS);
        let store = self.store(scope);
        let infrequent_after = self.infrequent_after(&scope.key("infrequent_after"));
        let pending_days = self.pending_days(scope, policy.as_ref());
        let mut access = Access::unrestricted();
        if let Some(groups) = self.names(&scope.key("groups")) {
            access = access.with_groups(groups);
        }
        if let Some(scopes) = self.names(&scope.key("scopes")) {
            access = access.with_scopes(scopes);
        }
        Some(RouteConfig {
            name: scope.name.clone(),
            policy: policy?,
            access,
            id_version: id_version.unwrap_or_default(),
            store: store?,
            infrequent_after,
            pending_days,
        })
    }

    /// Reads a list of groups or scopes. An empty list or name is an error, because no caller could match it.
    fn names(&mut self, key: &str) -> Option<Vec<String>> {
        let names = self.texts(key)?;
        if names.is_empty() || names.iter().any(String::is_empty) {
            let finding = Finding::invalid("must contain at least one name, and no empty name");
            self.report(key, finding.help("remove the key to accept every verified caller"));
        }
        Some(names)
    }
}
