//! Multipart uploads: the keys, the problems and the warnings, and what the policy then does.

use upsign_config::{Config, WarningCode};
use upsign_core::{Provider, VerifiedChecksums};
use upsign_policy::{
    ChecksumAlgorithm, ChecksumKind, Identity, Ids, MultipartMode, MultipartOptions, PlannedSize, SizeBound,
    Timestamp, UploadPolicy, UploadRequest, uuid_v4,
};

pub(crate) const AWS: &str = "region = \"eu-west-1\"";

/// Returns a file with these lines in `[bucket]`, and these in `[upload]`.
fn file(bucket: &str, upload: &str) -> String {
    let own = upload.split("\n[").next().unwrap();
    let key = if own.contains("key = ") { "" } else { "key = \"a/{id}\"\n" };
    let size = if own.contains("max_size = ") { "" } else { "max_size = \"20 GiB\"\n" };
    let bodyless = if own.contains("bodyless = ") { "" } else { "bodyless = \"refuse\"\n" };
    format!(
        "[bucket]\nname = \"uploads\"\n{bucket}\n[upload]\n{key}types = [\"video/mp4\"]\n{size}{bodyless}{upload}\n\
         [cors]\norigins = [\"https://app.example.com\"]\n"
    )
}

pub(crate) fn read(bucket: &str, upload: &str, variables: &[(&str, &str)]) -> Result<Config, String> {
    let variable =
        |name: &str| variables.iter().find(|(known, _)| *known == name).map(|(_, it)| (*it).to_owned());
    Config::read("upsign.toml", &file(bucket, upload), variable).map_err(|error| error.to_string())
}

#[track_caller]
fn policy(bucket: &str, upload: &str) -> UploadPolicy {
    read(bucket, upload, &[]).unwrap().policies().next().unwrap().clone()
}

#[track_caller]
fn options(bucket: &str, upload: &str) -> MultipartOptions {
    *policy(bucket, upload).multipart().unwrap()
}

/// Checks the one problem of a file: its key, and parts of its message and help.
#[track_caller]
fn check(bucket: &str, upload: &str, key: &str, parts: &[&str]) {
    let line = read(bucket, upload, &[]).unwrap_err();
    assert_eq!(line.lines().count(), 1, "{line}");
    for part in [&*format!(" {key}: ")].iter().chain(parts) {
        assert!(line.contains(part), "{part} is not in {line}");
    }
}

#[test]
fn options_have_defaults_and_can_be_set() {
    let defaults = options(AWS, "multipart = \"auto\"");
    assert_eq!(defaults, MultipartOptions::new(MultipartMode::Auto, Provider::Aws.capabilities()));
    let all = "multipart = \"auto\"\nmultipart_above = \"1 GiB\"\npart_size = \"16 MiB\"\nparts_at_once = 8\n\
               resume_window = \"7 days\"";
    let set = options(AWS, all);
    assert_eq!((set.above(), set.part_size(), set.parts_at_once()), (1 << 30, Some(16 << 20), 8));
    assert_eq!(set.resume_window().as_secs(), 604_800);
    assert!(policy(AWS, "multipart = \"no\"\nmax_size = \"5 GiB\"").multipart().is_none());
    assert!(policy(AWS, "max_size = \"5 GiB\"").multipart().is_none());
    assert_eq!(options(AWS, "multipart = \"always\"").mode(), MultipartMode::Always);
}

#[test]
fn variables_set_the_options_of_each_route() {
    let variables = [
        ("UPSIGN_MULTIPART", "always"),
        ("UPSIGN_PART_SIZE", "32MiB"),
        ("UPSIGN_PARTS_AT_ONCE", "2"),
        ("UPSIGN_RESUME_WINDOW", "1h"),
    ];
    let config = read(AWS, "", &variables).unwrap();
    let set = *config.policies().next().unwrap().multipart().unwrap();
    assert_eq!(
        (set.mode(), set.part_size(), set.parts_at_once()),
        (MultipartMode::Always, Some(32 << 20), 2)
    );
    assert_eq!(set.resume_window().as_secs(), 3_600);
    let effective = config.effective();
    assert!(
        effective.contains("part_size = \"32MiB\"") && effective.contains("parts_at_once = 2"),
        "{effective}"
    );

    let route = "max_size = \"1 GiB\"\n[route.videos]\nkey = \"v/{id}\"\ntypes = [\"video/mp4\"]\nmax_size = \"1 TiB\"\n\
                 bodyless = \"refuse\"\nmultipart = \"auto\"";
    let variables = [("UPSIGN_ROUTE_VIDEOS_MULTIPART_ABOVE", "1 MiB")];
    let config = read(AWS, route, &variables).unwrap();
    let of_routes: Vec<_> =
        config.policies().map(|policy| policy.multipart().map(MultipartOptions::above)).collect();
    assert_eq!(of_routes, [None, Some(1 << 20)]);
    let line = read(AWS, "", &[("UPSIGN_MULTIPART", "yes")]).unwrap_err();
    assert!(line.starts_with("UPSIGN_MULTIPART: upload.multipart: must be \"no\", \"auto\" or"), "{line}");
}

#[test]
fn large_files_need_parts() {
    let message = "must be at most 5 GiB (5368709120 bytes), the limit of one request to S3, not 20 GiB";
    let help = "(write max_size = \"5 GiB\", or write multipart = \"auto\" to upload large files in parts)";
    check(AWS, "", "upload.max_size", &[message, help]);
    check(AWS, "multipart = \"no\"", "upload.max_size", &[message, help]);
    let b2 = "provider = \"b2\"\nregion = \"us-west-004\"";
    let help = "(write max_size = \"5000000000 bytes\", or write multipart = \"auto\" to upload large files in parts)";
    let one_put = "no_overwrite = false\nmax_size = \"5 GiB\"";
    check(
        b2,
        one_put,
        "upload.max_size",
        &["Backblaze B2 accepts at most 5000000000 bytes in one PUT", help],
    );
    assert!(read(b2, "no_overwrite = false\nmultipart = \"auto\"\nmax_size = \"5 GiB\"", &[]).is_ok());
    // Whatever the store: the limit of multipart uploads.
    let too_large = "must be at most 50000 GiB (10000 parts of 5 GiB), not 53687091200001 bytes";
    check(AWS, "multipart = \"auto\"\nmax_size = 53687091200001", "upload.max_size", &[too_large]);
    assert!(read(AWS, "multipart = \"auto\"\nmax_size = 53687091200000", &[]).is_ok());
    let r2 =
        "provider = \"r2\"\nendpoint = \"https://0123456789abcdef0123456789abcdef.r2.cloudflarestorage.com\"";
    let most = "write max_size = \"5115 GiB\"";
    check(
        r2,
        "multipart = \"auto\"\nmax_size = \"5 TiB\"",
        "upload.max_size",
        &["must be at most 5115 GiB, the largest file of a multipart upload", most],
    );
}

#[test]
fn keys_without_effect_are_reported_with_both_remedies() {
    for (name, value) in [
        ("multipart_above", "\"1 GiB\""),
        ("part_size", "\"8 MiB\""),
        ("parts_at_once", "4"),
        ("resume_window", "\"1h\""),
    ] {
        let help = format!("(write multipart = \"auto\", or remove {name})");
        for mode in ["", "multipart = \"no\"\n"] {
            let upload = format!("{mode}{name} = {value}\nmax_size = \"1 GiB\"");
            check(AWS, &upload, &format!("upload.{name}"), &["has an effect only with multipart", &help]);
        }
    }
    let help = "has an effect only with multipart = \"auto\" (write multipart = \"auto\", or remove multipart_above)";
    check(AWS, "multipart = \"always\"\nmultipart_above = \"1 GiB\"", "upload.multipart_above", &[help]);
    // A misspelled mode is the only problem.
    check(
        AWS,
        "multipart = \"yes\"\nkey = \"v/{sub}\"\nreplace = \"allow\"",
        "upload.multipart",
        &["(write multipart = \"auto\")"],
    );
    check(AWS, "multipart = \"off\"", "upload.multipart", &["(write multipart = \"no\")"]);
    check(AWS, "multipart = true", "upload.multipart", &["not true (write multipart = \"auto\")"]);
    check(
        AWS,
        "max_size = \"1 GiB\"\nmultipart = \"aut\"\npart_size = \"8 MiB\"",
        "upload.multipart",
        &["(write multipart = \"auto\")"],
    );
}

#[test]
fn values_out_of_range_are_reported_with_the_nearest_one() {
    let auto = |more: &str| format!("multipart = \"auto\"\n{more}");
    for (line, key, parts) in [
        (
            "multipart_above = 0",
            "multipart_above",
            &["at least 1 byte, not 0", "write multipart = \"always\""][..],
        ),
        (
            "multipart_above = \"6 GiB\"",
            "multipart_above",
            &[
                "must be at most 5 GiB, the largest file that one PUT can store, not 6 GiB",
                "write multipart_above = \"5 GiB\"",
            ],
        ),
        ("parts_at_once = 0", "parts_at_once", &["must be 1 to 32, not 0 (write parts_at_once = 1)"]),
        ("parts_at_once = 300", "parts_at_once", &["must be 1 to 32, not 300 (write parts_at_once = 32)"]),
        ("resume_window = 0", "resume_window", &["at least 1 second, not 0 (write resume_window = \"24h\")"]),
        (
            "resume_window = \"8 days\"",
            "resume_window",
            &["at most 7 days, not 8 days (write resume_window = \"7 days\")"],
        ),
        (
            "part_size = \"1 MiB\"",
            "part_size",
            &[
                "must be from 5 MiB to 5 GiB at this store, not 1 MiB",
                "write part_size = \"5 MiB\", or remove part_size",
            ],
        ),
        (
            "part_size = \"10 MB\"",
            "part_size",
            &["must be a multiple of 1 MiB, not 10000000 bytes", "write part_size = \"10 MiB\""],
        ),
        (
            "part_size = 8388609\nmax_size = \"1 TiB\"",
            "part_size",
            &[
                "must be a multiple of 1 MiB and at least 105 MiB, so that a file of max_size (1 TiB) has at most 10000 parts, \
                 not 8388609 bytes",
                "write part_size = \"105 MiB\"",
            ],
        ),
        (
            "part_size = \"5 MiB\"\nmax_size = \"60 GiB\"",
            "part_size",
            &[
                "must be at least 7 MiB, so that a file of max_size (60 GiB) has at most 10000 parts, not 5 MiB",
                "write part_size = \"7 MiB\"",
            ],
        ),
        ("part_size = \"ten\"", "part_size", &["\"ten\" is not a size"]),
    ] {
        check(AWS, &auto(line), &format!("upload.{key}"), parts);
    }
}

#[test]
fn form_for_small_files_and_parts_for_large_ones_are_one_route() {
    let both = "method = \"post\"\nmultipart = \"auto\"\nmultipart_above = \"1 MiB\"\nmax_size = \"1 GiB\"";
    let policy = policy(AWS, both);
    assert_eq!((policy.max_form_size(), policy.max_size()), (1 << 20, 1 << 30));
    assert!(policy.completes_only_new() && policy.sends_whole_files() && !policy.has_put());
}

#[test]
fn contradictions_name_the_assignment_to_write() {
    let auto = |more: &str| format!("multipart = \"auto\"\n{more}");
    for (upload, key, parts) in [
        (
            "multipart = \"always\"\nmethod = \"post\"\nno_overwrite = false".to_owned(),
            "multipart",
            &["none sent by a form", "write multipart = \"auto\", or write method = \"put\""][..],
        ),
        (
            auto("method = \"post\"\nno_overwrite = false\nmin_size = \"200 MiB\"\nmax_size = \"1 GiB\""),
            "min_size",
            &[
                "at least 200 MiB",
                "above multipart_above (100 MiB): a form would send none",
                "write multipart_above = \"200 MiB\", or write method = \"put\"",
            ],
        ),
        (
            auto("ids = [\"video_id\"]\nkey = \"v/{video_id}.mp4\""),
            "key",
            &["a key that no other upload has", "write key = \"v/{video_id}/{id}.mp4\""],
        ),
        (auto("key = \"v/{sub}\"\nreplace = \"allow\""), "key", &["write key = \"v/{sub}/{id}\""]),
        (
            auto("key = \"v/{sub}/{sha256}\"\nchecksums = [\"sha256\"]\nrequire_checksum = true"),
            "key",
            &[
                "S3 computes no SHA-256 of a file in parts",
                "write key = \"v/{sub}/{id}\", or remove multipart",
            ],
        ),
        (
            auto("replace = \"if-match\""),
            "replace",
            &["always has a new key", "write replace = \"never\", or remove multipart"],
        ),
        (
            "multipart = \"always\"\nbodyless = \"allow\"".to_owned(),
            "bodyless",
            &[
                "cannot begin a multipart upload",
                "write bodyless = \"refuse\", or write multipart = \"auto\"",
            ],
        ),
        (
            auto("checksums = [\"sha512\"]\nrequire_checksum = true"),
            "checksums",
            &["verifies none of the required checksums", "crc64nvme"],
        ),
        (
            auto(
                "checksums = [\"crc64nvme\"]\nrequire_checksum = true\nobject_lock = { mode = \"governance\", days = 1 }",
            ),
            "object_lock",
            &["1 days can end before the upload does", "write resume_window = \"12h\""],
        ),
    ] {
        check(AWS, &upload, &format!("upload.{key}"), parts);
    }
    let google = "provider = \"gcs\"\nsignature = \"goog4-hmac\"";
    check(
        google,
        &auto(""),
        "upload.multipart",
        &[
            "no multipart uploads with its own signatures",
            "write signature = \"sigv4\" below [bucket], or remove multipart",
        ],
    );
    let b2 = "provider = \"b2\"\nregion = \"us-west-004\"\ncan = { checksums = false }";
    let empty = "multipart = \"always\"\nmin_size = 0";
    check(
        b2,
        empty,
        "upload.min_size",
        &["must be at least 1 byte, the smallest file", "write min_size = \"1 byte\""],
    );
}

/// What the help says can be written, and then the file is valid.
#[test]
fn remedies_are_accepted() {
    for (from, to) in [
        ("multipart = \"auto\"\npart_size = \"10 MB\"", "multipart = \"auto\"\npart_size = \"10 MiB\""),
        (
            "multipart = \"auto\"\npart_size = \"5 MiB\"\nmax_size = \"60 GiB\"",
            "multipart = \"auto\"\npart_size = \"7 MiB\"\nmax_size = \"60 GiB\"",
        ),
        (
            "multipart = \"auto\"\nkey = \"v/{sub}\"\nreplace = \"allow\"",
            "multipart = \"auto\"\nkey = \"v/{sub}/{id}\"\nreplace = \"allow\"",
        ),
        ("multipart = \"always\"\nbodyless = \"allow\"", "multipart = \"auto\"\nbodyless = \"allow\""),
        (
            "part_size = \"8 MiB\"\nmax_size = \"1 GiB\"",
            "multipart = \"auto\"\npart_size = \"8 MiB\"\nmax_size = \"1 GiB\"",
        ),
    ] {
        assert!(read(AWS, from, &[]).is_err(), "{from}");
        assert!(read(AWS, to, &[]).is_ok(), "{to}");
    }
}

#[test]
fn files_of_unknown_size_are_uploaded_in_parts_at_every_store() {
    let minio = "provider = \"minio\"\nregion = \"us-east-1\"\nendpoint = \"http://127.0.0.1:9000\"";
    let bound = "size_bound = \"max\"\nmax_size = \"1 GiB\"";
    let help = "or write multipart = \"auto\", so that files of unknown size are uploaded in parts";
    let help = help.trim_start_matches("or ");
    check(minio, bound, "upload.size_bound", &["MinIO cannot bind a maximum size of a PUT", help]);
    let policy = policy(minio, &format!("multipart = \"auto\"\n{bound}"));
    assert_eq!(policy.size_bound(), SizeBound::MaxInParts);
    let caller = Identity::from_verified("https://issuer.example", "alice").unwrap();
    let ids = Ids::new(Timestamp::UNIX_EPOCH, uuid_v4([7; 16]));
    let stream = UploadRequest::described().with_content_type("video/mp4");
    let permit = policy.authorize(&caller, &stream, &ids).unwrap();
    assert!(
        matches!(permit.request().multipart().unwrap().size, PlannedSize::AtMost(plan) if plan.size() == 1 << 30)
    );
}

#[test]
fn store_that_ignores_the_condition_is_named_once() {
    let b2 = "provider = \"b2\"\nregion = \"us-west-004\"";
    let routes = "multipart = \"always\"\n[route.more]\nkey = \"m/{id}\"\ntypes = [\"video/mp4\"]\nmax_size = \"1 GiB\"\n\
                  bodyless = \"refuse\"\nmultipart = \"always\"";
    let about_conditions = |config: &Config| -> Vec<String> {
        let warnings = config.warnings().iter().filter(|warning| warning.key.ends_with(".multipart"));
        warnings.map(ToString::to_string).collect()
    };
    let config = read(b2, routes, &[]).unwrap();
    let [line] = about_conditions(&config).try_into().unwrap();
    assert!(
        line.contains("Backblaze B2 completes a multipart upload even if an object has its key"),
        "{line}"
    );
    assert!(line.contains("add complete_if_none_match = true to [bucket.can]"), "{line}");
    let declared = format!("{b2}\ncan = {{ complete_if_none_match = true }}");
    assert!(about_conditions(&read(&declared, routes, &[]).unwrap()).is_empty());
    assert!(about_conditions(&read(AWS, routes, &[]).unwrap()).is_empty());
    // One request of this store cannot prevent overwriting, so a policy with both kinds needs another setting.
    check(b2, "multipart = \"auto\"", "upload.no_overwrite", &["does not support If-None-Match"]);
}

#[test]
fn file_can_declare_what_multipart_uploads_of_a_store_can() {
    let custom = "provider = \"custom\"\nregion = \"us-east-1\"\nendpoint = \"http://127.0.0.1:9000\"";
    let config = read(custom, "multipart = \"always\"", &[]).unwrap();
    let assumed = config.warnings().iter().find(|warning| warning.code == WarningCode::AssumedStore).unwrap();
    let names = "complete_if_none_match, object_size, full_object_checksums";
    assert!(assumed.message.contains(names), "{assumed}");
    let none = format!(
        "{custom}\ncan = {{ complete_if_none_match = false, object_size = false, full_object_checksums = false }}"
    );
    let policy = policy(&none, "multipart = \"always\"");
    let store = policy.multipart().unwrap().store();
    assert!(!store.complete_if_none_match && !store.object_size);
    assert_eq!(store.full_object_checksums, VerifiedChecksums::Only(&[]));
    assert_eq!(policy.multipart_checksum(), None);
    let checksum =
        read(custom, "multipart = \"always\"", &[]).unwrap().policies().next().unwrap().multipart_checksum();
    assert_eq!(checksum.unwrap().kind, ChecksumKind::FullObject);
}

#[test]
fn checksums_of_files_in_parts_are_those_that_the_store_verifies() {
    let localstack =
        "provider = \"localstack\"\nregion = \"us-east-1\"\nendpoint = \"http://127.0.0.1:4566\"";
    let sha = "checksums = [\"sha256\", \"md5\"]\nmultipart = \"always\"";
    let message = "does not verify checksums of sha256";
    check(localstack, sha, "upload.checksums", &[message, "write checksums = [\"md5\"]"]);
    let policy = policy(localstack, "checksums = [\"md5\"]\nmultipart = \"always\"");
    assert_eq!(policy.multipart_checksum().unwrap().algorithm, ChecksumAlgorithm::Md5);
}

#[test]
fn sizes_beyond_those_of_the_store_are_reported_with_its_largest() {
    let b2 = "provider = \"b2\"\nregion = \"us-west-004\"\ncan = { if_none_match = true }";
    for (bucket, size, parts) in [
        (AWS, "50 TiB", ["must be at most 50000 GiB (10000 parts of 5 GiB), not 50 TiB", "50000 GiB"]),
        (
            b2,
            "20 TiB",
            [
                "must be at most 10 TB, the largest file of a multipart upload to this store, not 20 TiB",
                "10 TB",
            ],
        ),
    ] {
        let help = format!("(write max_size = \"{}\")", parts[1]);
        let upload = format!("multipart = \"auto\"\nmax_size = \"{size}\"");
        check(bucket, &upload, "upload.max_size", &[parts[0], &help]);
    }
}

#[test]
fn key_of_a_multipart_route_is_not_repaired_by_replacing() {
    let line = read(AWS, "multipart = \"auto\"\nkey = \"videos/{sub}\"", &[]).unwrap_err();
    assert!(line.contains("write key = \"videos/{sub}/{id}\"") && !line.contains("replace"), "{line}");
}

#[test]
fn page_about_large_files_is_a_valid_configuration() {
    let page = include_str!("../../../upsign/src/manual/howto/large_files.rs");
    let lines: Vec<&str> = page.lines().map(|line| line.trim_start_matches("//!").trim_start()).collect();
    let page = lines.join("\n");
    // As it is on the page: nothing is added.
    let blocks: Vec<&str> = page.split("```toml\n").skip(1).filter_map(|it| it.split("```").next()).collect();
    assert_eq!(blocks.len(), 1);
    for block in blocks {
        let config = crate::manual::read(block);
        let options = config.policies().next().unwrap().multipart().unwrap();
        assert_eq!((options.mode(), options.above()), (MultipartMode::Auto, MultipartOptions::DEFAULT_ABOVE));
        assert_eq!(config.token_sources().len(), 1);
    }
}
