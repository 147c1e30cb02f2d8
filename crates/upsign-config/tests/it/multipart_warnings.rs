//! Warnings about settings of multipart uploads that do less than they seem to.

use crate::multipart::{AWS, read};

#[test]
fn settings_that_are_never_used_are_warned_about() {
    let warnings = |upload: &str| -> Vec<String> {
        let config = read(AWS, upload, &[]).unwrap();
        let about_parts = |key: &str| key.ends_with("multipart_above") || key.ends_with("resume_window");
        config
            .warnings()
            .iter()
            .filter(|warning| about_parts(&warning.key))
            .map(|it| it.help.clone())
            .collect()
    };
    let unused = "multipart = \"auto\"\nmax_size = \"100 MiB\"";
    assert_eq!(warnings(unused), ["raise max_size, or write multipart = \"always\" for every file in parts"]);
    let short = "multipart = \"auto\"\nresume_window = \"1m\"";
    assert_eq!(warnings(short), ["write resume_window = \"24h\""]);
    assert!(warnings("multipart = \"auto\"").is_empty());
}

/// Returns the warnings about a key, each with its help.
fn warnings_about(bucket: &str, upload: &str, key: &str) -> Vec<String> {
    let config = read(bucket, upload, &[]).unwrap_or_else(|error| panic!("{error}"));
    config.warnings().iter().filter(|warning| warning.key == key).map(ToString::to_string).collect()
}

#[test]
fn window_beyond_what_minio_keeps_is_warned_about() {
    let minio = "provider = \"minio\"\nregion = \"us-east-1\"\nendpoint = \"http://127.0.0.1:9000\"";
    let week = "multipart = \"auto\"\nresume_window = \"7 days\"";
    let [line] = warnings_about(minio, week, "upload.resume_window").try_into().unwrap();
    for part in [
        "MinIO removes incomplete uploads after 24 hours, but resume_window is 7 days",
        "write resume_window = \"24h\", or set MINIO_API_STALE_UPLOADS_EXPIRY at the server",
    ] {
        assert!(line.contains(part), "{line}");
    }
    assert!(warnings_about(minio, "multipart = \"auto\"", "upload.resume_window").is_empty());
    assert!(warnings_about(AWS, week, "upload.resume_window").is_empty());
}

#[test]
fn list_of_checksums_of_parts_only_is_warned_about() {
    let parts = "multipart = \"auto\"\nchecksums = [\"sha256\"]";
    let [line] = warnings_about(AWS, parts, "upload.checksums").try_into().unwrap();
    for part in [
        "clients that name no algorithm make multipart uploads without checksums",
        "write checksums = [\"sha256\", \"crc64nvme\"], which covers the whole object",
    ] {
        assert!(line.contains(part), "{line}");
    }
    for upload in [
        "multipart = \"auto\"",
        "multipart = \"auto\"\nchecksums = [\"sha256\", \"crc64nvme\"]",
        "multipart = \"auto\"\nchecksums = [\"sha256\"]\nrequire_checksum = true",
        "max_size = \"1 GiB\"\nchecksums = [\"sha256\"]",
    ] {
        assert!(warnings_about(AWS, upload, "upload.checksums").is_empty(), "{upload}");
    }
}

#[test]
fn limit_of_calls_that_is_low_or_unused_is_warned_about() {
    let limit = |upload: &str, limit: &str| {
        let text = format!("{upload}\n[limit]\n{limit}");
        warnings_about(AWS, &text, "limit.calls_per_minute")
    };
    let auto = "multipart = \"auto\"";
    let [low] = limit(auto, "per_minute = 60\ncalls_per_minute = 5").try_into().unwrap();
    assert!(low.contains("is 5, less than per_minute (60)"), "{low}");
    assert!(low.contains("write calls_per_minute = 600, or remove it"), "{low}");
    let small = "max_size = \"1 GiB\"";
    let [unused] = limit(small, "per_minute = 60\ncalls_per_minute = 600").try_into().unwrap();
    assert!(
        unused.contains("has no effect, because no route has multipart uploads or confirms uploads"),
        "{unused}"
    );
    // It limits the calls that confirm, too.
    let confirms = "max_size = \"1 GiB\"\nconfirm = true\n[token]\nkeys = [\"env:TOKEN_SECRET\"]";
    assert!(limit(confirms, "per_minute = 60\ncalls_per_minute = 600").is_empty());
    assert!(limit(auto, "per_minute = 60\ncalls_per_minute = 60").is_empty());
    assert!(limit(auto, "calls_per_minute = 60").is_empty());
}
