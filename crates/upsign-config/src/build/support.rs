//! Checks whether the store of a route supports what its policy needs.

use std::collections::BTreeMap;

use upsign_core::{Capabilities, CorsOrigins, CorsWildcard, Provider, Resource, SignatureFamily};
use upsign_policy::{Encryption, KmsKeyId, UploadMethod, UploadPolicy};

use super::features::{CORS_WILDCARD, FEATURES, Feature, OBJECT_LOCK, feature_names, unverified};
use super::multipart::MULTIPART;
use super::route::Scope;
use super::values::Reader;
use crate::config::{RouteConfig, Store, StoreSource};
use crate::error::ProblemCode;
use crate::keys::nearest;
use crate::source::finding::{Finding, shown};
use crate::source::raw::Value;
use crate::units;
use crate::warning::WarningCode;

/// What selects the side of Google Cloud Storage that has more features.
pub(super) const NATIVE: &str = "signature = \"goog4-hmac\"";

impl Reader {
    /// Returns what a store supports for the bucket of a route: its profile, with the changes of `can`.
    pub(super) fn capabilities(&self, scope: &Scope, provider: Provider) -> Capabilities {
        let mut capabilities = match self.resource_of(scope) {
            _ if self.has_directory_bucket(scope, provider) => Capabilities::DIRECTORY_BUCKET,
            Some(Resource::Tenant(_)) => {
                let mut capabilities = provider.capabilities();
                capabilities.post_form = false;
                capabilities
            }
            _ if self.has_google_signatures(scope, provider) => Capabilities::GOOGLE,
            _ => provider.capabilities(),
        };
        for (name, has) in self.flags(&scope.features_key(self)).unwrap_or_default() {
            if let Some(feature) = FEATURES.iter().find(|feature| feature.name == name) {
                (feature.set)(&mut capabilities, has);
            } else if name == CORS_WILDCARD {
                capabilities.cors_wildcard = if has { CorsWildcard::Anywhere } else { CorsWildcard::Nowhere };
            }
        }
        capabilities
    }

    fn resource_of(&self, scope: &Scope) -> Option<Resource> {
        self.text(&scope.bucket_key("name", self))?.parse().ok()
    }

    /// Returns `true` if the bucket of a route is a directory bucket of AWS.
    pub(super) fn has_directory_bucket(&self, scope: &Scope, provider: Provider) -> bool {
        let resource = self.resource_of(scope);
        provider == Provider::Aws
            && matches!(resource, Some(Resource::Bucket(bucket)) if bucket.is_directory())
    }

    fn has_google_signatures(&self, scope: &Scope, provider: Provider) -> bool {
        provider == Provider::Gcs && self.signature_of(scope).family() == SignatureFamily::Google
    }

    /// Reports names in `can` that are no features.
    pub(super) fn report_unknown_features(&mut self, scope: &Scope) {
        let key = scope.features_key(self);
        let names = Vec::from_iter(feature_names());
        for (index, (name, _)) in self.flags(&key).unwrap_or_default().iter().enumerate() {
            if names.contains(&name.as_str()) {
                continue;
            }
            let help = match nearest(name, names.iter().copied()) {
                Some(near) => format!("did you mean `{near}`?"),
                None => format!("one of {}", names.join(", ")),
            };
            let finding = Finding::invalid(format!("{} is no feature of a store", shown(name))).help(help);
            self.report_item(&key, index, finding);
        }
    }

    /// Warns once about each store without a profile whose features the routes or the origins need, and that `can` does not
    /// declare.
    pub(super) fn judge_assumed_stores(
        &mut self,
        scopes: &[Scope],
        routes: &[RouteConfig],
        origins: &CorsOrigins,
    ) {
        let mut by_endpoint: BTreeMap<String, Vec<&str>> = BTreeMap::new();
        for (scope, route) in scopes.iter().zip(routes) {
            if route.store.source != StoreSource::Assumed && route.store.provider != Provider::Custom {
                continue;
            }
            let declared = self.flags(&scope.features_key(self)).unwrap_or_default();
            let is_declared = |feature: &str| declared.iter().any(|(name, _)| name == feature);
            let needed = FEATURES.iter().filter(|feature| (feature.needs)(&route.policy));
            let needed = needed.map(|feature| feature.name);
            let needed = needed.chain(origins.has_wildcards().then_some(CORS_WILDCARD));
            let names = by_endpoint.entry(scope.bucket_key("endpoint", self)).or_default();
            for feature in needed.filter(|feature| !is_declared(feature)) {
                if !names.contains(&feature) {
                    names.push(feature);
                }
            }
        }
        for (key, names) in by_endpoint.into_iter().filter(|(_, names)| !names.is_empty()) {
            let message = format!(
                "nothing is known about this store: it is assumed to support {}, as AWS does",
                names.join(", ")
            );
            let declared: Vec<String> = names.iter().map(|name| format!("{name} = true")).collect();
            let help = format!(
                "name it with provider, or try it with `upsign probe` and add to [bucket.can]: {}",
                declared.join(", ")
            );
            self.warn(WarningCode::AssumedStore, &key, None, message, help);
        }
    }

    /// Reports every requirement of the policy that the store cannot meet. A store without a profile is assumed to meet them.
    pub(super) fn check_support(&mut self, scope: &Scope, policy: &UploadPolicy) {
        self.report_unknown_features(scope);
        let Some(store) = self.store(scope) else { return };
        for feature in FEATURES {
            if (feature.needs)(policy) && !(feature.has)(&store.capabilities, policy) {
                self.report_feature(scope, &feature, store, policy);
            }
        }
        let kms_key = policy.encryption().and_then(Encryption::customer_key);
        if kms_key.is_some_and(KmsKeyId::is_of_google_cloud)
            && store.signature.family() != SignatureFamily::Google
        {
            let message = "a KMS key of Google Cloud needs signatures of Google Cloud Storage";
            let help = match store.provider {
                Provider::Gcs => format!("write {NATIVE} below [bucket]"),
                _ => "write the key of another KMS".to_owned(),
            };
            self.report(&scope.key("kms_key"), Finding::contradiction(message).help(help));
        }
        self.check_google_headers(scope, policy, store);
        let most = store.capabilities.max_put_bytes;
        if policy.multipart().is_none() && store.source != StoreSource::Assumed && policy.max_size() > most {
            let most = units::format_size(most);
            let message = format!("{} accepts at most {most} in one PUT", store.provider.title());
            let key = scope.key("max_size");
            let mut help = self.assignment(&key, &Value::Text(most));
            if policy.sends_whole_files() && store.signature.family() != SignatureFamily::Google {
                let auto = self.assignment(&scope.key(MULTIPART), &Value::Text("auto".into()));
                help = format!("{help}, or {auto} to upload large files in parts");
            }
            self.report(&key, Finding::new(ProblemCode::Unsupported, message).help(help));
        }
    }

    /// Reports fixed headers of Google Cloud Storage without its signatures: the store refuses requests that mix them with those
    /// of AWS, and other stores ignore them.
    ///
    /// Source: <https://cloud.google.com/storage/docs/xml-api/reference-headers>.
    fn check_google_headers(&mut self, scope: &Scope, policy: &UploadPolicy, store: Store) {
        let mut names = policy.fixed_settings().map(|(name, _)| name);
        let Some(name) = names.find(|name| name.starts_with("x-goog-")) else { return };
        if store.signature.family() == SignatureFamily::Google {
            return;
        }
        let message = format!("the header `{name}` is for signatures of Google Cloud Storage");
        let help = match store.provider {
            Provider::Gcs => format!("remove it, or write {NATIVE} below [bucket]"),
            _ => "remove it".to_owned(),
        };
        self.report(&scope.key("headers"), Finding::contradiction(message).help(help));
    }

    /// Reports a lock of objects at a store that has none. Returns `false` if the store has Object Lock.
    pub(super) fn report_missing_lock(&mut self, scope: &Scope) -> bool {
        let Some(store) = self.store(scope).filter(|store| !store.capabilities.object_lock) else {
            return false;
        };
        let Some(feature) = FEATURES.iter().find(|feature| feature.name == OBJECT_LOCK) else { return false };
        let message = format!("{} {}", self.store_name(scope, store), feature.lacks);
        // Google's own signatures have no headers for locks, whatever the file declares.
        let help = match store.signature.family() {
            SignatureFamily::Google => feature.help.to_owned(),
            _ => self.or_declared(scope, store, feature, feature.help.to_owned()),
        };
        let key = scope.key(self.lock_key(scope));
        self.report(&key, Finding::new(ProblemCode::Unsupported, message).help(help));
        true
    }

    fn store_name(&self, scope: &Scope, store: Store) -> &'static str {
        if self.has_directory_bucket(scope, store.provider) {
            "a directory bucket"
        } else {
            store.provider.title()
        }
    }

    /// Adds to a remedy that the file may declare the feature. What a directory bucket lacks is certain.
    fn or_declared(&self, scope: &Scope, store: Store, feature: &Feature, help: String) -> String {
        if self.has_directory_bucket(scope, store.provider) {
            return help;
        }
        // The first upload to a key needs the other condition.
        let more = match feature.name {
            "if_match" if !store.capabilities.if_none_match => "if_none_match = true and ",
            _ => "",
        };
        format!("{help}; if the store does, add {more}{} = true to [bucket.can]", feature.name)
    }

    fn report_feature(&mut self, scope: &Scope, feature: &Feature, store: Store, policy: &UploadPolicy) {
        if feature.name == OBJECT_LOCK {
            self.report_missing_lock(scope);
            return;
        }
        let key = scope.key(feature.key);
        let bucket = policy.target().bucket();
        let is_directory = self.has_directory_bucket(scope, store.provider);
        let is_form_of_tenant = feature.name == "post" && bucket.tenant().is_some();
        let name = self.store_name(scope, store);
        let ignored =
            if feature.name == "checksums" { unverified(store.capabilities, policy) } else { Vec::new() };
        let verified: Vec<String> = policy
            .checksums()
            .algorithms()
            .iter()
            .map(ToString::to_string)
            .filter(|algorithm| !ignored.contains(&algorithm.as_str()))
            .collect();
        let help = match feature.without {
            _ if !ignored.is_empty() && !verified.is_empty() => {
                self.assignment(&key, &Value::Texts(verified))
            }
            Some(value) if feature.key == "no_overwrite" => {
                format!("{} to accept that", self.assignment(&key, &value()))
            }
            Some(value) => self.assignment(&key, &value()),
            None if is_directory && feature.name == "kms" => {
                "remove encryption and kms_key, and set the default encryption of the bucket".to_owned()
            }
            None => feature.help.to_owned(),
        };
        let message = if is_form_of_tenant {
            "forms for the bucket of a tenant are not supported: Ceph does not document which bucket their policy must name"
                .to_owned()
        } else if ignored.is_empty() {
            format!("{name} {}", feature.lacks)
        } else {
            let place = if policy.method() == UploadMethod::Post { " in forms" } else { "" };
            let ignored = ignored.join(", ");
            format!("{name} does not verify checksums of {ignored}{place}, so they would have no effect")
        };
        let help = if is_form_of_tenant { help } else { self.or_declared(scope, store, feature, help) };
        let has_natively = store.has_google_side() && (feature.has)(&Capabilities::GOOGLE, policy);
        let help = if has_natively { format!("{help}, or write {NATIVE} below [bucket]") } else { help };
        self.report(&key, Finding::new(ProblemCode::Unsupported, message).help(help));
    }
}
