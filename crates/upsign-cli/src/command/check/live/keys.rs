//! Which key of the configuration is responsible for a part of a preflight.

use upsign_config::{Config, RouteConfig};
use upsign_diagnose::{Diagnosis, Field};

/// Keys of a route by the header that they make uploads send.
const KEYS: [(&str, &str); 17] = [
    ("content-type", "types"),
    ("content-md5", "checksums"),
    ("if-none-match", "no_overwrite"),
    ("if-match", "overwrite"),
    ("x-amz-checksum-", "checksums"),
    ("x-amz-meta-", "metadata"),
    ("x-amz-tagging", "tags"),
    ("x-amz-acl", "acl"),
    ("x-amz-storage-class", "storage_class"),
    ("x-amz-server-side-encryption-context", "kms_context"),
    ("x-amz-server-side-encryption-bucket-key-enabled", "bucket_key"),
    ("x-amz-server-side-encryption-aws-kms-key-id", "kms_key"),
    ("x-amz-server-side-encryption", "encryption"),
    ("x-amz-expected-bucket-owner", "expected_bucket_owner"),
    ("cache-control", "cache_control"),
    ("content-disposition", "disposition"),
    ("content-encoding", "content_encoding"),
];

/// Returns the key that is responsible for what is refused, with its value and its line: `cors.origins = […] (upsign.toml:12)`. `None`
/// if the file does not set it.
pub(super) fn responsible(config: &Config, route: &RouteConfig, diagnosis: &Diagnosis) -> Option<String> {
    let key = match &diagnosis.field {
        Field::Origin => "cors.origins".to_owned(),
        Field::Bucket => key_of(config, route, "bucket", "bucket.name"),
        Field::Host | Field::Scheme => "bucket.endpoint".to_owned(),
        Field::Method => key_of(config, route, "method", "upload.method"),
        Field::Header(name) => {
            let (_, key) = KEYS.iter().find(|(start, _)| name.starts_with(start))?;
            key_of(config, route, key, &format!("upload.{key}"))
        }
        _ => return None,
    };
    let (value, place) = config.effective_value(&key)?;
    let value: String = value.chars().take(80).collect();
    Some(format!("{key} = {value} ({place})"))
}

/// Returns the key of the route, or the one whose value it inherits.
fn key_of(config: &Config, route: &RouteConfig, key: &str, inherited: &str) -> String {
    let own = route.name.as_ref().map(|name| format!("route.{name}.{key}"));
    own.filter(|key| config.effective_value(key).is_some()).unwrap_or_else(|| inherited.to_owned())
}
