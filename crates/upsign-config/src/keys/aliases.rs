//! Names that people write instead of those of the keys: from other tools, and of the headers and claims that a key is about.

use super::{KEYS, Key};

/// The other names, each with the section and the name of the key.
const ALIASES: &[(&str, &str, &[&str])] = &[
    ("bucket", "name", &["bucket", "bucket_name"]),
    ("bucket", "region", &["aws_region", "bucket_region", "location"]),
    ("bucket", "endpoint", &["endpoint_url", "url"]),
    ("bucket", "can", &["capabilities", "features", "supports"]),
    ("bucket", "addressing", &["force_path_style", "path_style"]),
    ("upload", "key", &["key_template", "object_key", "path", "prefix", "template"]),
    ("upload", "types", &["allowed_types", "content_type", "content_types", "mime_types", "mimetypes"]),
    ("upload", "min_size", &["min_bytes", "min_file_size", "minsize"]),
    (
        "upload",
        "max_size",
        &["content_length", "max_bytes", "max_content_length", "max_file_size", "maxsize", "size"],
    ),
    ("upload", "multipart", &["multi_part", "multipart_upload", "parts"]),
    ("upload", "multipart_above", &["multipart_threshold", "threshold"]),
    ("upload", "part_size", &["chunk_size", "multipart_chunksize"]),
    ("upload", "parts_at_once", &["parallel_parts", "parallelism"]),
    ("upload", "resume_window", &["resumable_for", "resume_for"]),
    ("upload", "expires_in", &["expiration", "expiry", "lifetime", "ttl", "valid_for"]),
    ("upload", "no_overwrite", &["allow_overwrite", "if_none_match", "overwrite"]),
    ("upload", "checksums", &["checksum", "checksum_algorithm", "checksum_algorithms"]),
    ("upload", "disposition", &["content_disposition"]),
    ("upload", "encryption", &["server_side_encryption", "sse"]),
    ("upload", "kms_key", &["kms_key_arn", "kms_key_id"]),
    ("upload", "kms_context", &["encryption_context", "sse_context"]),
    ("upload", "bucket_key", &["bucket_key_enabled"]),
    ("upload", "content_encoding", &["encoding"]),
    ("upload", "content_language", &["lang", "language"]),
    ("upload", "website_redirect", &["website_redirect_location"]),
    ("upload", "object_lock", &["lock", "retention"]),
    ("upload", "expected_bucket_owner", &["bucket_owner", "owner"]),
    ("upload", "headers", &["extra_headers"]),
    ("upload", "success_action_status", &["success_status"]),
    ("upload", "success_action_redirect", &["redirect", "success_redirect"]),
    ("auth", "user_pool", &["pool", "pool_id", "user_pool_id", "userpool", "userpool_id"]),
    ("auth", "algorithms", &["alg", "algorithm", "algs"]),
    ("auth", "audiences", &["allowed_audiences", "aud", "audience"]),
    ("auth", "client_ids", &["app_client_id", "app_client_ids", "client_id", "clients"]),
    ("auth", "groups_claim", &["group_claim", "roles_claim"]),
    ("auth", "jwks_file", &["jwks_path"]),
    ("auth", "issuer", &["iss", "issuer_url"]),
    ("auth", "jwks", &["jwk_set", "keys", "public_keys"]),
    ("auth", "jwks_uri", &["jwks_url"]),
    ("auth", "name", &["issuer_name", "label"]),
    ("auth", "danger_http_keys", &["allow_http", "danger_http", "danger_http_issuer", "insecure"]),
    ("auth", "identity_pool", &["identity_pool_id"]),
    ("auth", "source", &["identity_source", "mode"]),
    ("auth", "token_header", &["auth_header", "authorization_header", "header"]),
    ("auth", "max_token_size", &["max_token_bytes", "max_token_length", "token_size"]),
    ("auth", "fetch_timeout", &["jwks_timeout", "timeout"]),
    ("auth", "scopes_claim", &["scope_claim"]),
    ("auth", "subject_claim", &["sub_claim", "user_claim"]),
    ("auth", "token_use", &["tokens"]),
    ("auth", "leeway", &["clock_skew"]),
    ("cors", "allow_headers", &["allow_header", "allowed_header", "allowed_headers", "headers"]),
    ("cors", "origins", &["allow_origin", "allow_origins", "allowed_origin", "allowed_origins", "origin"]),
    ("server", "base_path", &["base", "path", "path_prefix", "prefix"]),
    ("deployment", "account", &["account_id", "aws_account"]),
    ("deployment", "api", &["api_kind", "api_type", "gateway"]),
    ("deployment", "expire", &["expiration", "expire_after", "pending"]),
    (
        "deployment",
        "log_retention",
        &["log_retention_days", "retention", "retention_days", "retention_in_days"],
    ),
    ("deployment", "monitoring", &["alarms", "dashboard"]),
    ("deployment", "notify", &["events", "notification", "notifications"]),
    ("deployment", "reserved_concurrency", &["concurrency", "max_concurrency"]),
    ("deployment", "tracing", &["x_ray", "xray"]),
    ("deployment", "variables", &["env", "environment"]),
    ("deployment", "versioned", &["versioning"]),
    ("token", "keys", &["key", "key_ids", "signing_keys"]),
    ("token", "deployment", &["environment", "name", "stage"]),
    ("limit", "per_minute", &["rate", "rate_limit", "requests_per_minute", "rpm"]),
];

/// Returns the key that another name means, in this section or, with `None`, in any.
pub(crate) fn meant_by(name: &str, section: Option<&str>) -> Option<&'static Key> {
    let name = name.to_ascii_lowercase().replace('-', "_");
    let (section, key, _) = ALIASES.iter().find(|(of, _, names)| {
        section.is_none_or(|section| section == *of) && names.contains(&name.as_str())
    })?;
    KEYS.iter().find(|known| known.section == *section && known.name == *key)
}

/// Returns what differs between another name and the key that it means, or an empty text.
pub(crate) fn difference(name: &str, key: &Key) -> &'static str {
    match (key.name, name) {
        ("no_overwrite", "overwrite" | "allow_overwrite") => {
            " It is the opposite: no_overwrite = true prevents overwriting"
        }
        _ => "",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_alias_means_one_key_and_is_none() {
        for (section, key, names) in ALIASES {
            assert!(names.is_sorted(), "{names:?}");
            for name in *names {
                let meant = meant_by(name, Some(section)).map(Key::path);
                assert_eq!(meant, Some(format!("{section}.{key}")), "{name}");
                assert!(!KEYS.iter().any(|key| key.section == *section && key.name == *name), "{name}");
            }
        }
    }
}
