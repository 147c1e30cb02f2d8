//! Where a route's values stand.

use upsign::{Access, RouteName};

use super::values::Reader;
use crate::config::{IdVersion, RouteConfig};
use crate::keys::ROUTE;

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

    /// The section, for what concerns the route as a whole.
    pub(super) fn section(&self) -> &str {
        &self.prefix
    }

    /// The path of one of the keys that `[upload]` has.
    pub(super) fn key(&self, name: &str) -> String {
        format!("{}.{name}", self.prefix)
    }

    /// The path of one of the keys that `[bucket]` has: the route's own, where it says something itself.
    pub(super) fn bucket_key(&self, name: &str, reader: &Reader<'_>) -> String {
        let own = match name {
            "name" => self.key("bucket"),
            _ => self.key(name),
        };
        if self.name.is_some() && reader.has(&own) { own } else { format!("bucket.{name}") }
    }
}

impl Reader<'_> {
    pub(super) fn route(&mut self, scope: &Scope) -> Option<RouteConfig> {
        let target = self.target(scope);
        let policy = self.policy(scope, target);
        let id_version = self.choice(&scope.key("id_version"), &ID_VERSIONS, "");
        let mut access = Access::everybody();
        if let Some(groups) = self.names(&scope.key("groups")) {
            access = access.of_groups(groups);
        }
        if let Some(scopes) = self.names(&scope.key("scopes")) {
            access = access.of_scopes(scopes);
        }
        Some(RouteConfig {
            name: scope.name.clone(),
            policy: policy?,
            access,
            id_version: id_version.unwrap_or_default(),
        })
    }

    /// A list that must hold something: an empty one would let in nobody.
    fn names(&mut self, key: &str) -> Option<Vec<String>> {
        let names = self.texts(key)?;
        if names.is_empty() || names.iter().any(String::is_empty) {
            self.wrong(key, &"names nobody", "leave the key out to let in every verified caller");
        }
        Some(names)
    }
}
