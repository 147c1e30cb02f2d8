//! Where the uploads of a bucket go: the rows of `stores.json`, and what a store must support.

use std::collections::BTreeMap;

use serde_json::Value;
use upsign_config::{Config, StoreSource, WarningCode};

/// Returns the members of an object of texts.
fn texts(object: &Value) -> BTreeMap<String, String> {
    let members = object.as_object().into_iter().flatten();
    members.map(|(name, value)| (name.clone(), value.as_str().unwrap().to_owned())).collect()
}

/// Returns a file with these lines in `[bucket]`, and these in `[upload]`.
fn file(bucket: &str, upload: &str) -> String {
    format!(
        "[bucket]\n{bucket}\n[upload]\nkey = \"a/{{id}}\"\ntypes = [\"image/jpeg\"]\nmax_size = \"1 MiB\"\n\
         bodyless = \"refuse\"\n{upload}\n[cors]\norigins = [\"https://app.example.com\"]\n"
    )
}

fn read(text: &str, variables: &BTreeMap<String, String>) -> Result<Config, String> {
    Config::read("upsign.toml", text, |name| variables.get(name).cloned()).map_err(|error| error.to_string())
}

fn plain(bucket: &str, upload: &str) -> Result<Config, String> {
    read(&file(bucket, upload), &BTreeMap::new())
}

#[test]
fn every_store_of_the_corpus_has_the_expected_address() {
    let corpus: Value =
        serde_json::from_str(include_str!("../../../upsign-testing/vectors/stores.json")).unwrap();
    let rows = corpus["rows"].as_array().unwrap();
    assert!(rows.len() > 60, "{} rows", rows.len());
    for row in rows {
        let lines = texts(&row["bucket"]).into_iter().map(|(name, value)| format!("{name} = \"{value}\""));
        let lines = lines.collect::<Vec<_>>().join("\n");
        match read(&file(&lines, "no_overwrite = false"), &texts(&row["variables"])) {
            Ok(config) => {
                let (route, target) = (&config.routes()[0], config.routes()[0].policy.target());
                assert_eq!(target.object_url(&"k".parse().unwrap()), row["url"], "{lines}");
                assert_eq!(route.store.provider.name(), row["store"], "{lines}");
                assert_eq!(target.region().as_str(), row["region"], "{lines}");
            }
            Err(error) => {
                let expected = row["error"].as_str().unwrap_or_else(|| panic!("{lines}: {error}"));
                assert!(error.contains(expected), "{lines}\n{error}\n{expected}");
                assert_eq!(error.lines().count(), 1, "{error}");
            }
        }
    }
}

#[test]
fn a_region_of_aws_is_not_in_the_effective_configuration_of_another_store() {
    let variables = BTreeMap::from([("AWS_REGION".to_owned(), "us-east-1".to_owned())]);
    let tigris = read(&file("name = \"uploads\"\nprovider = \"tigris\"", ""), &variables).unwrap();
    assert!(!tigris.effective().contains("us-east-1"), "{}", tigris.effective());
    let aws = read(&file("name = \"uploads\"", ""), &variables).unwrap();
    assert!(aws.effective().contains("region = \"us-east-1\"  # AWS_REGION"), "{}", aws.effective());
}

#[test]
fn host_that_clients_write_differently_is_a_warning() {
    let corrected = |endpoint: &str| {
        let bucket = format!("name = \"uploads\"\nregion = \"x\"\nendpoint = \"{endpoint}\"");
        let config = plain(&bucket, "no_overwrite = false").unwrap();
        let found = config.warnings().iter().find(|warning| warning.code == WarningCode::Corrected);
        found.map(|warning| warning.help.clone())
    };
    let help = "write endpoint = \"http://192.168.0.1:9000\"";
    assert_eq!(corrected("http://192.168.1:9000").as_deref(), Some(help));
    assert_eq!(corrected("http://192.168.0.1:9000"), None);
    assert_eq!(corrected("http://S3.Example.COM"), None);
}

#[test]
fn replacing_an_object_that_one_has_seen_needs_both_conditions() {
    let bucket = "name = \"uploads\"\nregion = \"x\"\nendpoint = \"https://s3.example.com\"";
    let lacking = format!("{bucket}\n[bucket.can]\nif_match = true\nif_none_match = false");
    let error = plain(&lacking, "replace = \"if-match\"").unwrap_err();
    assert!(error.contains("If-Match and If-None-Match"), "{error}");
    let able = format!("{bucket}\n[bucket.can]\nif_match = true\nif_none_match = true");
    plain(&able, "replace = \"if-match\"").unwrap();
}

#[test]
fn unknown_region_in_a_host_is_a_warning() {
    for (bucket, warned) in [
        ("endpoint = \"https://s3.us-wst-004.backblazeb2.com\"", "us-wst-004 us-west-004"),
        ("endpoint = \"https://s3.eu-centrl-1.amazonaws.com\"", "eu-centrl-1 eu-central-1"),
        ("endpoint = \"https://s3.eu-central-1.amazonaws.com\"", ""),
        ("endpoint = \"https://s3.us-west-004.backblazeb2.com\"", ""),
        ("endpoint = \"http://localhost:4566\"\nregion = \"local\"", ""),
    ] {
        let config = plain(&format!("name = \"uploads\"\n{bucket}"), "no_overwrite = false").unwrap();
        let mut warnings = config.warnings().iter().filter(|it| it.code == WarningCode::UnknownRegion);
        let Some((found, meant)) = warned.split_once(' ') else {
            assert!(warnings.next().is_none(), "{bucket}");
            continue;
        };
        let warning = warnings.next().unwrap();
        assert!(warning.message.contains(found), "{}", warning.message);
        assert_eq!(warning.help, format!("did you mean \"{meant}\"?"));
        assert_eq!(warning.key, "bucket.endpoint");
    }
}

#[test]
fn the_store_and_how_it_is_known() {
    let of = |bucket: &str| {
        let config = plain(&format!("name = \"uploads\"\n{bucket}"), "no_overwrite = false").unwrap();
        (config.routes()[0].store.provider.name(), config.routes()[0].store.source)
    };
    assert_eq!(of("region = \"eu-central-1\""), ("aws", StoreSource::Default));
    assert_eq!(of("region = \"fra1\"\nprovider = \"do\""), ("do", StoreSource::Named));
    assert_eq!(of("endpoint = \"https://fra1.digitaloceanspaces.com\""), ("do", StoreSource::Host));
    assert_eq!(of("region = \"x\"\nendpoint = \"https://s3.example.com\""), ("custom", StoreSource::Assumed));
}

/// Each row: the lines of `[bucket]` and of `[upload]`, and the problem.
#[test]
fn a_store_must_support_what_a_route_needs() {
    let r2 = "name = \"uploads\"\nendpoint = \"https://acct.r2.cloudflarestorage.com\"";
    let do_ = "name = \"uploads\"\nendpoint = \"https://fra1.digitaloceanspaces.com\"";
    let minio = "name = \"uploads\"\nregion = \"us-east-1\"\nprovider = \"minio\"\nendpoint = \"http://127.0.0.1:9000\"";
    for (bucket, upload, feature, problem) in [
        (r2, "method = \"post\"", "post", "upload.method: Cloudflare R2 does not support upload forms"),
        (r2, "acl = \"private\"", "acl", "upload.acl: Cloudflare R2 does not support ACLs of objects"),
        (
            r2,
            "encryption = \"kms\"",
            "kms",
            "upload.encryption: Cloudflare R2 does not encrypt with keys of a KMS",
        ),
        (
            r2,
            "storage_class = \"GLACIER\"",
            "storage_class",
            "upload.storage_class: Cloudflare R2 does not have this storage class",
        ),
        (r2, "tags = { a = \"b\" }", "tags", "upload.tags: Cloudflare R2 does not support tags of objects"),
        (minio, "acl = \"public-read\"", "acl", "upload.acl: MinIO does not support ACLs of objects"),
        (
            do_,
            "",
            "if_none_match",
            "upload.no_overwrite: DigitalOcean Spaces does not support If-None-Match, so overwriting cannot be prevented",
        ),
        (
            do_,
            "no_overwrite = false\nchecksums = [\"sha256\"]\nrequire_checksum = true",
            "checksums",
            "upload.checksums: DigitalOcean Spaces does not verify checksums of sha256, so they would have no effect",
        ),
    ] {
        let error = plain(bucket, upload).unwrap_err();
        assert!(error.contains(problem), "{error}");
        let help = format!("add {feature} = true to [bucket.can]");
        assert!(error.contains(&help), "{error}");
        let declared = format!("{bucket}\n[bucket.can]\n{feature} = true");
        assert!(plain(&declared, upload).is_ok(), "{:?}", plain(&declared, upload));
    }
    for upload in ["storage_class = \"STANDARD_IA\"", "encryption = \"s3\"", "checksums = [\"sha256\"]"] {
        assert!(plain(r2, upload).is_ok(), "{upload}: {:?}", plain(r2, upload));
    }
}

#[test]
fn assumed_features_of_an_unknown_store_are_named_once_until_declared() {
    let bucket = "name = \"uploads\"\nregion = \"x\"\nendpoint = \"https://s3.example.com\"";
    let assumed = |text: &str| -> Vec<String> {
        let config = read(text, &BTreeMap::new()).unwrap();
        let warnings = config.warnings().iter().filter(|warning| warning.code == WarningCode::AssumedStore);
        warnings.map(ToString::to_string).collect()
    };
    let route = "[route.forms]\nkey = \"b/{id}\"\ntypes = [\"image/jpeg\"]\nmax_size = \"1 MiB\"\nbodyless = \"refuse\"\n\
                 method = \"post\"\n";
    let found = assumed(&(file(bucket, "") + route));
    assert_eq!(
        found,
        [
            "upsign.toml:4:12: bucket.endpoint: nothing is known about this store: it is assumed to support if_none_match, \
             post, as AWS does (name it with provider, or try it with `upsign probe` and add to [bucket.can]: if_none_match = true, post = true)"
        ]
    );
    let declared = format!("{bucket}\n[bucket.can]\nif_none_match = true\npost = true");
    assert_eq!(assumed(&(file(&declared, "") + route)), [""; 0]);
    assert_eq!(assumed(&file(bucket, "no_overwrite = false")), [""; 0]);
    assert_eq!(assumed(&file(&format!("{bucket}\nprovider = \"custom\""), "")).len(), 1);
    let denied = format!("{bucket}\n[bucket.can]\nif_none_match = false");
    let error = plain(&denied, "").unwrap_err();
    assert!(error.contains("a store without a profile does not support If-None-Match"), "{error}");
}

#[test]
fn features_are_read_from_a_variable_and_misspelled_ones_are_reported() {
    let bucket = "name = \"uploads\"\nregion = \"x\"\nendpoint = \"https://s3.example.com\"";
    let variables = BTreeMap::from([("UPSIGN_CAN".to_owned(), "if_none_match=false,post=true".to_owned())]);
    let config = read(&file(bucket, "no_overwrite = false"), &variables).unwrap();
    let can = config.routes()[0].store.capabilities;
    assert!(!can.if_none_match && can.post_form && can.tags);
    for (can, problem) in [
        ("posts = true", "bucket.can: \"posts\" is no feature of a store (did you mean `post`?)"),
        (
            "delete = true",
            "(one of if_none_match, if_match, post, checksums, acl, kms, storage_class, tags, object_lock, expected_bucket_owner, website_redirect, copy_source_if_match, copy_if_none_match, complete_if_none_match, object_size, full_object_checksums, cors_wildcard)",
        ),
        ("post = \"yes\"", "bucket.can: the value of `post` must be true or false, not a string"),
    ] {
        let error = plain(&format!("{bucket}\ncan = {{ {can} }}"), "").unwrap_err();
        assert!(error.contains(problem), "{error}");
    }
}

/// A route: its lines in addition to those of every route.
fn with_route(bucket: &str, lines: &str) -> Result<Config, String> {
    let route = "[route.other]\nkey = \"b/{id}\"\ntypes = [\"image/jpeg\"]\nmax_size = \"1 MiB\"\nbodyless = \"refuse\"\n";
    read(&format!("{}{route}{lines}\n", file(bucket, "")), &BTreeMap::new())
}

#[test]
fn a_route_at_another_store_has_its_region_and_features() {
    let bucket = "name = \"uploads\"\nregion = \"eu-central-1\"\ncan = { post = true }";
    let config = with_route(bucket, "endpoint = \"https://acct.r2.cloudflarestorage.com\"").unwrap();
    assert_eq!(config.routes()[0].policy.target().region().as_str(), "eu-central-1");
    assert_eq!(config.routes()[1].policy.target().region().as_str(), "auto");
    let error = with_route(
        bucket,
        "no_overwrite = false\nmethod = \"post\"\nendpoint = \"https://acct.r2.cloudflarestorage.com\"",
    );
    assert!(error.unwrap_err().contains("route.other.method: Cloudflare R2 does not support upload forms"));
    let own = "no_overwrite = false\nendpoint = \"https://fra1.digitaloceanspaces.com\"";
    let config = with_route(bucket, own).unwrap();
    assert_eq!(config.routes()[1].policy.target().region().as_str(), "fra1");
    let error = with_route(bucket, "no_overwrite = false\nprovider = \"b2\"").unwrap_err();
    assert!(error.contains("route.other.region: missing"), "{error}");
}

#[test]
fn the_host_of_a_bucket_is_not_inherited_by_another_bucket() {
    let bucket = "name = \"uploads\"\nregion = \"garage\"\nendpoint = \"https://files.example.com\"\n\
                  addressing = \"bucket-is-host\"";
    let error = with_route(bucket, "bucket = \"photos\"").unwrap_err();
    let expected = "route.other.bucket: the endpoint of [bucket] is the host of another bucket";
    assert!(error.contains(expected), "{error}");
    assert!(with_route(bucket, "").is_ok());
    let own = with_route(bucket, "bucket = \"photos\"\nendpoint = \"https://photos.example.com\"").unwrap();
    assert_eq!(own.routes()[1].policy.target().host(), "photos.example.com");
}

#[test]
fn directory_buckets_refuse_what_they_do_not_support() {
    let bucket = "name = \"uploads--euc1-az1--x-s3\"\nregion = \"eu-central-1\"";
    for (upload, problem) in [
        (
            "method = \"post\"\nno_overwrite = false",
            "upload.method: a directory bucket does not support upload forms",
        ),
        ("acl = \"private\"", "upload.acl: a directory bucket does not support ACLs of objects"),
        ("tags = { a = \"b\" }", "upload.tags: a directory bucket does not support tags of objects"),
        ("encryption = \"kms\"", "set the default encryption of the bucket"),
        (
            "storage_class = \"STANDARD_IA\"",
            "upload.storage_class: a directory bucket does not have this storage class",
        ),
        (
            "checksums = [\"sha256\", \"md5\"]",
            "upload.checksums: a directory bucket does not verify checksums of md5, so they would have no effect (write \
             checksums = [\"sha256\"])",
        ),
        ("size_bound = \"max\"", "upload.size_bound"),
        ("legal_hold = true", "upload.legal_hold: a directory bucket does not support Object Lock"),
        (
            "infrequent_after = 60",
            "upload.infrequent_after: a directory bucket cannot move objects to STANDARD_IA",
        ),
    ] {
        let error = plain(bucket, upload).unwrap_err();
        assert!(error.contains(problem) && !error.contains("bucket.can"), "{error}");
    }
    for upload in [
        "storage_class = \"EXPRESS_ONEZONE\"\nencryption = \"s3\"\nno_overwrite = true",
        "checksums = [\"sha256\", \"sha512\", \"amz-md5\", \"xxhash64\", \"xxhash3\", \"xxhash128\"]\nreplace = \"if-match\"",
    ] {
        assert!(plain(bucket, upload).is_ok(), "{:?}", plain(bucket, upload));
    }
    let hostless =
        plain("name = \"uploads\"\nregion = \"eu-central-1\"\naddressing = \"bucket-is-host\"", "");
    assert!(hostless.unwrap_err().contains("add endpoint = "));
    let accelerated = plain(&format!("{bucket}\naccelerate = true"), "").unwrap_err();
    assert!(
        accelerated.contains("transfer acceleration is not available for directory buckets"),
        "{accelerated}"
    );
    let config = plain(bucket, "").unwrap();
    let about_cors = config.warnings().iter().filter(|warning| warning.code == WarningCode::NoBucketCors);
    assert_eq!(about_cors.count(), 1);
}

#[test]
fn checksums_that_a_store_ignores_are_refused_even_if_they_are_optional() {
    let r2 = "name = \"uploads\"\nendpoint = \"https://0123456789abcdef0123456789abcdef.r2.cloudflarestorage.com\"";
    let error = plain(r2, "checksums = [\"sha256\", \"crc64nvme\", \"xxhash3\"]").unwrap_err();
    let expected = "upload.checksums: Cloudflare R2 does not verify checksums of crc64nvme, xxhash3, so they would have no effect (write \
                    checksums = [\"sha256\"]; if the store does, add checksums = true to [bucket.can])";
    assert!(error.contains(expected), "{error}");
    let declared = format!("{r2}\n[bucket.can]\nchecksums = true");
    assert!(plain(&declared, "checksums = [\"xxhash3\"]").is_ok());
    let rustfs = "name = \"uploads\"\nregion = \"us-east-1\"\nprovider = \"rustfs\"\nendpoint = \"http://127.0.0.1:9000\"";
    assert!(plain(rustfs, "checksums = [\"sha256\"]").is_ok());
    let error =
        plain(rustfs, "checksums = [\"sha256\"]\nmethod = \"post\"\nno_overwrite = false").unwrap_err();
    assert!(error.contains("RustFS does not verify checksums of sha256 in forms"), "{error}");
    for name in upsign_policy::ChecksumAlgorithm::ALL {
        let aws = "name = \"uploads\"\nregion = \"eu-central-1\"";
        assert!(plain(aws, &format!("checksums = [\"{name}\"]\nrequire_checksum = true")).is_ok(), "{name}");
    }
}

#[test]
fn bucket_of_a_tenant_takes_no_forms() {
    let bucket = "name = \"press:uploads\"\nregion = \"default\"\nprovider = \"ceph\"\nendpoint = \"https://rgw.example.com\"";
    let error = plain(bucket, "method = \"post\"\nno_overwrite = false").unwrap_err();
    assert!(error.contains("upload.method: forms for the bucket of a tenant are not supported"), "{error}");
    assert!(error.contains("(write method = \"put\")"), "{error}");
    let config = plain(bucket, "no_overwrite = false").unwrap();
    let arns = config.routes()[0].policy.object_arns();
    assert_eq!(arns, ["arn:aws:s3::press:uploads/a/*"]);
}
