//! Origins with `*`: what is accepted, how other spellings are corrected, which stores can hold them, and warnings.

use upsign_config::{Config, WarningCode};

/// Returns a file with these origins, for a bucket with these lines.
fn file(bucket: &str, origins: &str) -> String {
    format!(
        "[bucket]\nname = \"uploads\"\n{bucket}\n[upload]\nkey = \"a/{{id}}\"\ntypes = [\"image/jpeg\"]\n\
         max_size = \"1 MiB\"\nbodyless = \"refuse\"\nno_overwrite = false\n[cors]\norigins = [{origins}]\n"
    )
}

fn read(bucket: &str, origins: &str) -> Result<Config, String> {
    Config::read("upsign.toml", &file(bucket, origins), |_| None).map_err(|error| error.to_string())
}

const AWS: &str = "region = \"eu-west-1\"";

fn warnings(bucket: &str, origins: &str, code: WarningCode) -> Vec<String> {
    let config = read(bucket, origins).unwrap();
    config.warnings().iter().filter(|it| it.code == code).map(|it| it.message.clone()).collect()
}

#[test]
fn one_star_is_accepted() {
    for (origin, allowed, refused) in [
        ("https://*.example.com", "https://pr-7.example.com", "https://example.com"),
        (
            "https://*-app.team.workers.dev",
            "https://x-app.team.workers.dev",
            "https://x-app.evil.workers.dev",
        ),
        ("http://localhost:*", "http://localhost:5173", "http://localhost"),
    ] {
        let config = read(AWS, &format!("\"{origin}\"")).unwrap();
        assert!(config.origins().allows(allowed) && !config.origins().allows(refused), "{origin}");
        let about_origins = config.warnings().iter().filter(|warning| warning.key == "cors.origins").count();
        assert_eq!(about_origins, 0, "{:?}", config.warnings());
    }
}

/// Each row: an origin, a part of the message, and the correction.
#[test]
fn other_stars_are_refused_with_the_corrected_form() {
    let list = "list each origin, or write a domain of your own behind it: [\"https://*.example.com\"]";
    for (origin, message, help) in [
        ("*", "a wildcard would let any page upload", "for example origins = [\"https://app.example.com\"]"),
        ("https://*", "a wildcard would let any page upload", "origins = [\"https://app.example.com\"]"),
        ("http://*:3000", "a wildcard would let any page upload", "origins = [\"https://app.example.com\"]"),
        ("https://*.*.example.com", "`*` once only", "write origins = [\"https://*.example.com\"]"),
        ("https://*.example.com:*", "`*` once only", "write origins = [\"https://*.example.com\"]"),
        ("https://**.example.com:8443", "`*` once only", "write origins = [\"https://*.example.com:8443\"]"),
        ("*://*.example.com", "`*` once only", "write origins = [\"https://*.example.com\"]"),
        ("*://app.example.com", "must begin with https://", "write origins = [\"https://app.example.com\"]"),
        ("*.example.com", "must begin with https://", "write origins = [\"https://*.example.com\"]"),
        ("https://*example.com", "must be followed by", "write origins = [\"https://*.example.com\"]"),
        ("https://*.example.com/*", "`*` once only", "write origins = [\"https://*.example.com\"]"),
        (
            "https://app.example.com/*",
            "must not have a path",
            "write origins = [\"https://app.example.com\"]",
        ),
        ("http://localhost*", "must be followed by", "write origins = [\"http://localhost:*\"]"),
        ("http://localhost:51*", "the port of an origin", "write origins = [\"http://localhost:*\"]"),
        ("localhost:*", "must begin with https://", "write origins = [\"http://localhost:*\"]"),
        ("https://localhost:30*", "the port of an origin", "write origins = [\"https://localhost:*\"]"),
        // `mple.com` need not belong to the owner of `exmple.com`.
        ("https://ex*mple.com", "must be followed by", list),
        ("https://*.com", "must be followed by", list),
        ("https://app.*", "must be followed by", list),
        ("https://app.*.com", "must be followed by", list),
        ("chrome-extension://*", "a wildcard would let any page upload", ""),
    ] {
        let error = read(AWS, &format!("\"{origin}\"")).unwrap_err();
        assert!(error.starts_with("upsign.toml:11:12: cors.origins: "), "{error}");
        assert!(error.contains(message) && error.contains(help), "{origin}: {error}");
        if let Some((_, corrected)) = help.split_once("write origins = [") {
            let corrected = corrected.trim_end_matches(']');
            assert!(read(AWS, corrected).is_ok(), "{origin}: {corrected}");
        }
    }
}

#[test]
fn spellings_that_browsers_do_not_send_are_corrected() {
    let found = warnings(AWS, "\"https://*.Example.com/\"", WarningCode::Corrected);
    assert_eq!(
        found,
        ["\"https://*.Example.com/\" is read as \"https://*.example.com\", as browsers send it"]
    );
}

#[test]
fn stores_that_compare_whole_origins_are_refused() {
    let r2 = "endpoint = \"https://acct.r2.cloudflarestorage.com\"";
    let garage = "region = \"garage\"\nprovider = \"garage\"\nendpoint = \"http://127.0.0.1:3900\"";
    let seaweedfs = "region = \"us-east-1\"\nprovider = \"seaweedfs\"\nendpoint = \"http://127.0.0.1:8333\"";
    let b2 = "endpoint = \"https://s3.us-west-004.backblazeb2.com\"";
    for (bucket, origin, message) in [
        (
            r2,
            "https://*.example.com",
            "Cloudflare R2 does not support `*` at the start of the host of an origin in the CORS rules",
        ),
        (
            garage,
            "https://*.example.com",
            "Garage does not support `*` at the start of the host of an origin",
        ),
        (garage, "http://localhost:*", "Garage does not support `*` as the port of an origin"),
        (seaweedfs, "http://localhost:*", "SeaweedFS does not support `*` as the port of an origin"),
        (
            seaweedfs,
            "https://pr-*.example.com",
            "SeaweedFS does not support `*` within the host of an origin",
        ),
        (b2, "http://localhost:*", "Backblaze B2 does not support `*` as the port of an origin"),
    ] {
        let origins = format!("\"https://app.example.com\", \"{origin}\"");
        let error = read(bucket, &origins).unwrap_err();
        assert_eq!(error.lines().count(), 1, "{error}");
        assert!(error.contains(&format!("cors.origins: {origin}: {message}")), "{error}");
        assert!(error.contains("add cors_wildcard = true to [bucket.can]"), "{error}");
        let declared = format!("{bucket}\n[bucket.can]\ncors_wildcard = true");
        assert!(read(&declared, &origins).is_ok(), "{:?}", read(&declared, &origins));
    }
    for bucket in [b2, seaweedfs] {
        assert!(read(bucket, "\"https://*.example.com\"").is_ok(), "{bucket}");
    }
    let denied = format!("{AWS}\n[bucket.can]\ncors_wildcard = false");
    assert!(read(&denied, "\"http://localhost:*\"").is_err());
    assert!(read(&denied, "\"http://localhost:3000\"").is_ok());
}

/// The warning that it has no CORS configuration covers every origin.
#[test]
fn directory_bucket_gets_no_advice_about_wildcards() {
    let text =
        file(AWS, "\"https://*.example.com\"").replacen("\"uploads\"", "\"uploads--euw1-az1--x-s3\"", 1);
    let config = Config::read("upsign.toml", &text, |_| None).unwrap();
    let codes: Vec<WarningCode> = config.warnings().iter().map(|warning| warning.code).collect();
    assert!(codes.contains(&WarningCode::NoBucketCors), "{codes:?}");
}

/// A store is named once, also if several routes use it.
#[test]
fn wildcard_that_a_store_cannot_hold_is_reported_once() {
    let garage = "region = \"garage\"\nprovider = \"garage\"\nendpoint = \"http://127.0.0.1:3900\"";
    let route = "[route.forms]\nkey = \"b/{id}\"\ntypes = [\"image/jpeg\"]\nmax_size = \"1 MiB\"\nbodyless = \"refuse\"\n\
                 no_overwrite = false\n";
    let text = file(garage, "\"https://*.example.com\"") + route;
    let error = Config::read("upsign.toml", &text, |_| None).unwrap_err();
    assert_eq!(error.problems().len(), 1, "{error}");
}

#[test]
fn wildcards_at_an_unknown_store_are_assumed_until_declared() {
    let bucket = "region = \"x\"\nendpoint = \"https://s3.example.com\"";
    let [found] = &*warnings(bucket, "\"https://*.example.com\"", WarningCode::AssumedStore) else {
        panic!()
    };
    assert!(found.ends_with("it is assumed to support cors_wildcard, as AWS does"), "{found}");
    assert!(warnings(bucket, "\"https://app.example.com\"", WarningCode::AssumedStore).is_empty());
    let declared = format!("{bucket}\n[bucket.can]\ncors_wildcard = true");
    assert!(warnings(&declared, "\"https://*.example.com\"", WarningCode::AssumedStore).is_empty());
}

#[test]
fn unencrypted_origins_with_a_star_are_warned_about_unless_they_are_on_this_machine() {
    for origin in ["http://localhost:*", "http://*.localhost:3000", "http://127.0.0.1:*", "http://[::1]:*"] {
        let found = warnings(AWS, &format!("\"{origin}\""), WarningCode::InsecureOrigin);
        assert!(found.is_empty(), "{found:?}");
    }
    for origin in ["http://*.example.com", "http://app.example.com:*"] {
        assert_eq!(warnings(AWS, &format!("\"{origin}\""), WarningCode::InsecureOrigin).len(), 1, "{origin}");
    }
}

#[cfg(feature = "public-suffix")]
#[test]
fn star_before_a_domain_where_anybody_can_publish_pages_is_warned_about() {
    for (origin, domain) in
        [("https://*.vercel.app", "vercel.app"), ("https://*-app.vercel.app", "vercel.app")]
    {
        let found = warnings(AWS, &format!("\"{origin}\""), WarningCode::SharedOrigin);
        let message = format!(
            "{origin} matches pages that anybody can publish below {domain}: they may call the API and upload"
        );
        assert_eq!(found, [message]);
    }
    for origin in ["https://*.example.com", "https://*-app.team.workers.dev", "https://app.vercel.app"] {
        assert!(warnings(AWS, &format!("\"{origin}\""), WarningCode::SharedOrigin).is_empty(), "{origin}");
    }
}
