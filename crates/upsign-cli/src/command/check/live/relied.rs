//! What the routes of a bucket rely on of its store, by the names of `upsign probe`.

use std::collections::BTreeSet;

use upsign_config::RouteConfig;
use upsign_policy::{ChecksumAlgorithm, Encryption, UploadMethod};

/// Names of capabilities by the header that needs them.
const OF_HEADERS: [(&str, &str); 12] = [
    ("content-length", "signed_length"),
    ("content-type", "signed_type"),
    ("if-none-match", "if_none_match"),
    ("if-match", "if_match"),
    ("x-amz-tagging", "tags"),
    ("x-amz-acl", "acl"),
    ("x-amz-storage-class", "storage_class"),
    ("x-amz-expected-bucket-owner", "expected_bucket_owner"),
    ("x-amz-website-redirect-location", "website_redirect"),
    ("x-amz-object-lock-mode", "object_lock"),
    ("x-amz-object-lock-retain-until-date", "object_lock"),
    ("x-amz-object-lock-legal-hold", "object_lock"),
];

/// The start of the headers that [`Relied::add_encryption`] looks at.
const ENCRYPTION: &str = "x-amz-server-side-encryption";
/// The keys of `upsign.toml` for these headers.
const ENCRYPTION_KEYS: [&str; 4] = ["encryption", "kms_key", "kms_context", "bucket_key"];

/// What routes rely on.
#[derive(Debug, Default)]
pub(super) struct Relied {
    /// Names of capabilities.
    pub(super) capabilities: BTreeSet<String>,
    /// What uploads send and no experiment examines.
    pub(super) unexamined: BTreeSet<String>,
    /// The key of the KMS with which uploads are encrypted.
    pub(super) kms_key: Option<String>,
}

impl Relied {
    /// Returns what the uploads of these routes need.
    pub(super) fn of<'a>(routes: impl Iterator<Item = &'a RouteConfig>) -> Self {
        let mut relied = Self::default();
        for route in routes {
            relied.add_route(route);
        }
        relied
    }

    fn add(&mut self, name: impl Into<String>) {
        self.capabilities.insert(name.into());
    }

    fn add_route(&mut self, route: &RouteConfig) {
        let policy = &route.policy;
        for name in ["put", "signature_required", "signature_verified"] {
            self.add(name);
        }
        let is_form = policy.method() == UploadMethod::Post;
        for header in policy.signed_header_names().filter(|header| !header.starts_with(ENCRYPTION)) {
            self.add_header(header, "put");
        }
        self.add_encryption(route);
        if is_form {
            self.add_form(route);
        } else if !policy.has_put() {
            self.add_settings(route, "of an upload in parts");
        }
        if policy.multipart().is_some() {
            self.add("multipart");
            let of_parts = policy.part_header_names().filter(|header| algorithm(header).is_some());
            of_parts.for_each(|header| self.add_header(header, "part"));
            if policy.completes_only_new() {
                self.add("complete_if_none_match");
            }
        }
        if policy.pending_template().is_some() {
            ["copy", "copy_source_if_match"].into_iter().for_each(|name| self.add(name));
            if policy.no_overwrite() {
                self.add("copy_if_none_match");
            }
        }
    }

    /// Adds what a signed header of a `PUT` or of a part needs.
    fn add_header(&mut self, header: &str, of: &str) {
        let known = OF_HEADERS.iter().find(|(known, _)| *known == header);
        match (algorithm(header), known) {
            (Some(algorithm), _) => self.add(format!("checksums.{of}.{}", algorithm.as_str())),
            (None, Some((_, name))) => self.add(*name),
            (None, None) => {
                self.unexamined.insert(header.to_owned());
            }
        }
    }

    fn add_encryption(&mut self, route: &RouteConfig) {
        let policy = &route.policy;
        let Some(encryption) = policy.encryption() else { return };
        let key = encryption.customer_key().map(ToString::to_string);
        let is_form = policy.method() == UploadMethod::Post;
        let is_examined = matches!(encryption, Encryption::Kms(_))
            && key.is_some()
            && !is_form
            && self.kms_key.as_ref().is_none_or(|known| Some(known) == key.as_ref());
        let has_bucket_key =
            policy.signed_header_names().any(|header| header.ends_with("bucket-key-enabled"));
        if is_examined {
            self.kms_key = key;
            self.add("kms");
            if has_bucket_key {
                self.add("bucket_key");
            }
        } else {
            let key = key.map(|key| format!(" with the key {key}")).unwrap_or_default();
            let form = if is_form { " of a form" } else { "" };
            self.unexamined.insert(format!("{ENCRYPTION}{form}{key}"));
        }
        if !policy.kms_context().is_empty() {
            self.unexamined.insert(format!("{ENCRYPTION}-context"));
        }
    }

    fn add_form(&mut self, route: &RouteConfig) {
        self.add("post");
        for algorithm in route.policy.checksums().algorithms() {
            match algorithm {
                ChecksumAlgorithm::Sha256 => self.add("form_checksums"),
                other => {
                    self.unexamined.insert(format!("{} of a form", other.header()));
                }
            }
        }
        if route.policy.website_redirect().is_some() {
            self.add("form_website_redirect");
        }
        self.add_settings(route, "of a form");
    }

    /// Adds the settings of objects that no `PUT` states, so that no experiment sends them in this way.
    fn add_settings(&mut self, route: &RouteConfig, place: &str) {
        let is_open = |key: &&str| !ENCRYPTION_KEYS.contains(key) && *key != "website_redirect";
        let keys = route.policy.fixed_settings().map(|(key, _)| key).filter(is_open);
        self.unexamined.extend(keys.map(|key| format!("{key} {place}")));
        if route.policy.sets_tags() {
            self.unexamined.insert(format!("tags {place}"));
        }
    }
}

fn algorithm(header: &str) -> Option<ChecksumAlgorithm> {
    ChecksumAlgorithm::ALL.into_iter().find(|algorithm| algorithm.header() == header)
}
