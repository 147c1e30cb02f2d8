//! Configurations with several routes: every option, warnings, the schema and the reference.

use upsign::RouteName;
use upsign_config::{Config, IdVersion, reference, schema};
use upsign_core::{Identity, Timestamp};
use upsign_policy::{Ids, UploadMethod, UploadRequest, uuid_v4};

use crate::good::FULL;

const ROUTES: &str = r#"
[route.avatars]
key = "avatars/{sub}/{id}.{ext}"
types = ["image/webp"]
max_size = "1 MiB"
method = "post"
bodyless = "allow"

[route.videos]
bucket = "videos-bucket"
region = "eu-west-1"
accelerate = true
key = "{claim:custom:tenant}/{date}/{id}.{ext}"
ids = ["video_id"]
id_version = "v7"
types = ["video/*"]
extensions = { "video/x-raw" = ["raw"] }
min_size = "1 KiB"
max_size = "2 GiB"
expires_in = "1h"
bodyless = "refuse"
short_credentials = "refuse"
checksums = ["sha256", "crc64nvme"]
require_checksum = true
file_names = "mend"
max_file_name = 100
keep_file_name = true
disposition = "attachment-named"
cache_control = "private"
encryption = "kms"
kms_key = "alias/videos"
storage_class = "STANDARD_IA"
acl = "bucket-owner-full-control"
metadata = { source = "app" }
client_metadata = ["camera"]
tags = { team = "film" }
client_tags = true
groups = ["crew"]
scopes = ["up/video"]

[limit]
per_minute = 30
burst = 5
"#;

fn read(text: &str, variables: &[(&str, &str)]) -> Result<Config, String> {
    let variable =
        |name: &str| variables.iter().find(|(known, _)| *known == name).map(|(_, v)| (*v).to_owned());
    Config::read("upsign.toml", text, variable).map_err(|error| error.to_string())
}

#[test]
fn each_route_has_its_own_policy() {
    let config = read(&format!("{FULL}{ROUTES}"), &[]).unwrap();
    let names: Vec<_> =
        config.routes().iter().map(|route| route.name.as_ref().map(RouteName::as_str)).collect();
    assert_eq!(names, [None, Some("avatars"), Some("videos")]);
    let (avatars, videos) = (&config.routes()[1], &config.routes()[2]);
    assert_eq!(avatars.policy.target().bucket().as_str(), "article-images-bucket");
    assert_eq!(avatars.policy.method(), UploadMethod::Post);
    assert_eq!(videos.policy.target().host(), "videos-bucket.s3-accelerate.amazonaws.com");
    assert_eq!((videos.policy.target().region().as_str(), videos.id_version), ("eu-west-1", IdVersion::V7));
    assert_eq!(config.limit().map(|limit| (limit.per_minute.get(), limit.burst.get())), Some((30, 5)));
    let caller = Identity::from_verified("i", "s").unwrap();
    assert!(avatars.access.allows(&caller) && !videos.access.allows(&caller));
    let crew = caller.with_groups(["crew"]).with_scopes(["up/video"]).with_claim("custom:tenant", "acme");
    assert!(videos.access.allows(&crew));
    let ids =
        Ids::new(Timestamp::UNIX_EPOCH, uuid_v4([1; 16])).with("video_id".parse().unwrap(), uuid_v4([2; 16]));
    let request = UploadRequest::described()
        .with_content_type("video/x-raw")
        .with_content_length(1 << 20)
        .with_file_name("a/b.raw")
        .with_checksum("crc64nvme", "AAAAAAAAAAA=")
        .with_metadata("camera", "x100")
        .with_tag("scene", "7");
    let permit = videos.policy.authorize(&crew, &request, &ids).unwrap();
    assert_eq!(permit.key().as_str(), "acme/1970-01-01/01010101-0101-4101-8101-010101010101.raw");
    let headers: Vec<(&str, &str)> = permit.headers().unwrap().iter().collect();
    assert_eq!(
        headers,
        [
            ("cache-control", "private"),
            ("content-disposition", "attachment; filename=\"a_b.raw\""),
            ("content-length", "1048576"),
            ("content-type", "video/x-raw"),
            ("if-none-match", "*"),
            ("x-amz-acl", "bucket-owner-full-control"),
            ("x-amz-checksum-crc64nvme", "AAAAAAAAAAA="),
            ("x-amz-meta-camera", "x100"),
            ("x-amz-meta-filename", "a_b.raw"),
            ("x-amz-meta-source", "app"),
            ("x-amz-server-side-encryption", "aws:kms"),
            ("x-amz-server-side-encryption-aws-kms-key-id", "alias/videos"),
            ("x-amz-storage-class", "STANDARD_IA"),
            ("x-amz-tagging", "team=film&scene=7"),
        ]
    );
}

#[test]
fn routes_without_upload_section() {
    let (bucket, rest) = FULL.split_once("[upload]").unwrap();
    let (_, auth) = rest.split_once("[auth]").unwrap();
    let config = read(&format!("{bucket}{ROUTES}[auth]{auth}"), &[]).unwrap();
    assert_eq!(config.routes().len(), 2);
}

#[test]
fn variables_override_the_keys_of_a_route() {
    let variables = [("UPSIGN_ROUTE_AVATARS_MAX_SIZE", "7"), ("UPSIGN_ROUTE_VIDEOS_TAGS", "a=b, c=d")];
    let config = read(&format!("{FULL}{ROUTES}"), &variables).unwrap();
    assert_eq!(config.routes()[1].policy.max_size(), 7);
    let variables = [("UPSIGN_ROUTE_AVATARS_MAX_SIZE", "x")];
    let error = read(&format!("{FULL}{ROUTES}"), &variables).unwrap_err();
    assert!(
        error.starts_with("UPSIGN_ROUTE_AVATARS_MAX_SIZE: route.avatars.max_size: \"x\" is not a size"),
        "{error}"
    );
}

#[track_caller]
fn check(from: &str, to: &str, expected: &str) {
    assert!(ROUTES.contains(from), "{from}");
    let error = read(&format!("{FULL}{}", ROUTES.replacen(from, to, 1)), &[]).unwrap_err();
    assert_eq!(error.lines().count(), 1, "{error}");
    assert!(error.contains(expected), "{expected} is not in {error}");
}

#[test]
fn problems_of_a_route_are_reported() {
    check("bodyless = \"allow\"", "", "upsign.toml:23:8: route.avatars.bodyless: missing");
    check("max_size = \"1 MiB\"", "max_size = 0", "upsign.toml:26:12: route.avatars.max_size: ");
    check(
        "max_size = \"1 MiB\"",
        "max_sise = 1\nmax_size = 1",
        "max_sise: unknown key (did you mean `max_size`?)",
    );
    check(
        "method = \"post\"",
        "method = \"post\"\nno_overwrite = true",
        "route.avatars.no_overwrite: a form cannot prevent overwriting",
    );
    check("method = \"post\"", "method = \"patch\"", "must be \"put\" or \"post\"");
    check(
        "[route.avatars]",
        "[route.Avatars]",
        "upsign.toml:23:8: route.Avatars: \"Avatars\": a route name must be",
    );
    check(
        "types = [\"image/webp\"]",
        "types = [\"text/x-unheard\"]",
        "route.avatars.types: no file extension is known for text/x-unheard",
    );
    check(
        "ids = [\"video_id\"]",
        "ids = [\"video_id\"]\nclient_may_supply = [\"other\"]",
        "client_may_supply: a client may supply `other`",
    );
    check("kms_key = \"alias/videos\"\n", "kms_key = \"a b\"\n", "route.videos.kms_key: ");
    check(
        "encryption = \"kms\"",
        "encryption = \"s3\"",
        "route.videos.kms_key: has an effect only with encryption",
    );
    check(
        "metadata = { source = \"app\" }",
        "metadata = { source = 7 }",
        "the value of `source` must be a string in quotes: source",
    );
    check(
        "metadata = { source = \"app\" }",
        "metadata = { \"a b\" = \"x\" }",
        "route.videos.metadata: \"a b\": ",
    );
    check("tags = { team = \"film\" }", "tags = { \"aws:x\" = \"y\" }", "route.videos.tags: \"aws:x\": ");
    check("groups = [\"crew\"]", "groups = []", "route.videos.groups: must contain at least one name");
    check("checksums = [\"sha256\", \"crc64nvme\"]\n", "", "route.videos.checksums: missing");
    check("\"sha256\", ", "\"sha3\", ", "route.videos.checksums: \"sha3\": ");
    check("max_file_name = 100", "max_file_name = 0", "route.videos.max_file_name: ");
    check(
        "max_file_name = 100",
        "max_file_name = \"x\"",
        "must be a whole number, without quotes, not a string",
    );
    check(
        "accelerate = true",
        "accelerate = true\nfips = true",
        "route.videos.accelerate: transfer acceleration has no FIPS",
    );
    check("per_minute = 30\n", "", "limit.per_minute: missing");
    check("per_minute = 30", "per_minute = 0", "limit.per_minute: must be from 1");
    check("client_tags = true", "client_secret = \"x\"", "client_secret: secrets must not be stored");
}

#[test]
fn forms_require_a_store_that_supports_them() {
    let r2 = FULL.replacen("region = \"ap-southeast-1\"", "region = \"auto\"\nprovider = \"r2\"\nendpoint = \"https://0123456789abcdef0123456789abcdef.r2.cloudflarestorage.com\"", 1);
    let post = r2.replacen("no_overwrite = true", "method = \"post\"", 1);
    assert!(read(&r2, &[]).is_ok(), "{:?}", read(&r2, &[]).err());
    let error = read(&post, &[]).unwrap_err();
    assert!(
        error.contains("upload.method: Cloudflare R2 does not support upload forms (write method = \"put\"; if the store does, add post = true"),
        "{error}"
    );
}

#[test]
fn warnings_name_the_route() {
    let warnings_of = |text: &str| -> Vec<String> {
        read(text, &[]).unwrap().warnings().iter().map(ToString::to_string).collect()
    };
    let warnings = warnings_of(&format!("{FULL}{ROUTES}"));
    for part in [
        "upload.bodyless: a request without a body receives a grant without a limit on the size and without protection against overwriting",
        "route.avatars.bodyless: a request without a body receives a grant",
        "route.videos.expires_in: a grant is valid for 1 h",
        "route.videos.types: `video/*` allows every matching type that browsers are known not to execute, and any other if it is signed as an attachment",
    ] {
        assert!(warnings.iter().any(|warning| warning.contains(part)), "{part}: {warnings:#?}");
    }
    assert!(!warnings.iter().any(|warning| warning.contains("same folder")), "{warnings:#?}");
    let inside = format!("{FULL}{}", ROUTES.replace("avatars/{sub}", "articles/{sub}"));
    assert!(warnings_of(&inside).iter().any(|warning| {
        warning.contains("route.avatars.key: [upload] and this route write to the same folder")
    }));
    let (without, rest) = FULL.split_once("[auth]").unwrap();
    let without = format!("{without}[cors]{}", rest.split_once("[cors]").unwrap().1);
    assert!(warnings_of(&without).iter().any(|warning| warning.contains("no section [auth]")));
}

#[test]
fn committed_schema_is_current() {
    let committed = include_str!("../../upsign.schema.json");
    let generated = format!("{}\n", serde_json::to_string_pretty(&schema()).unwrap());
    assert_eq!(
        generated, committed,
        "regenerate it: upsign schema > crates/upsign-config/upsign.schema.json"
    );
}

#[test]
fn schema_agrees_with_the_reader() {
    let schema = jsonschema::validator_for(&schema()).unwrap();
    let json = |text: &str| serde_json::to_value(toml::from_str::<toml::Table>(text).unwrap()).unwrap();
    let good = format!("{FULL}{ROUTES}");
    assert!(schema.is_valid(&json(&good)));
    for (from, to) in [
        ("max_size = \"1 MiB\"", "max_sise = 1"),
        ("method = \"post\"", "method = \"patch\""),
        ("[route.avatars]", "[route.Avatars]"),
        ("metadata = { source = \"app\" }", "metadata = { source = 7 }"),
        ("per_minute = 30", "per_minute = \"30\""),
    ] {
        assert!(!schema.is_valid(&json(&good.replacen(from, to, 1))), "{to}");
    }
}

#[test]
fn manual_describes_every_key() {
    let manual = include_str!("../../../upsign/src/manual/reference/configuration.rs");
    for row in reference() {
        assert!(manual.lines().any(|line| line.strip_prefix("//! ") == Some(row.as_str())), "{row}");
    }
}

#[test]
fn required_checksums_need_a_store_that_verifies_them() {
    let wasabi = FULL
        .replacen("region = \"ap-southeast-1\"", "region = \"eu-central-1\"\nprovider = \"wasabi\"", 1)
        .replacen(
            "no_overwrite = true",
            "no_overwrite = false\nchecksums = [\"sha256\"]\nrequire_checksum = true",
            1,
        );
    let error = read(&wasabi, &[]).unwrap_err();
    assert!(error.contains(":14:13: upload.checksums: Wasabi does not verify checksums"), "{error}");
}

#[test]
fn messages_are_short_and_escaped() {
    let text = format!("{FULL}\n[route.\"a\\n\\u001b[31m\"]\nk = 1\n[{}]\n", "x".repeat(1 << 20));
    let error = read(&text, &[]).unwrap_err();
    assert!(!error.contains('\u{1b}') && error.lines().count() < 20 && error.len() < 4_000, "{error}");
    let many: String = (0..100_000).map(|n| format!("k{n} = 1\n")).collect();
    let error = read(&format!("[bucket]\n{many}"), &[]).unwrap_err();
    assert!(error.lines().count() <= 100, "{}", error.lines().count());
}

#[test]
fn secrets_are_recognized_by_name_and_form() {
    for text in [
        "secret_access_key = \"x\"",
        "[api_key]",
        "[upload]\nmetadata = { secret_key = \"wJalr\" }",
        "[upload]\ntags = { a = \"AKIAIOSFODNN7EXAMPLE\" }",
        "[bucket]\nprivate-key = \"x\"",
    ] {
        let error = read(text, &[]).unwrap_err();
        assert!(error.contains("secrets must not be stored in this file"), "{text}: {error}");
        assert!(!error.contains("wJalr") && !error.contains("AKIA"), "{error}");
    }
}

#[test]
fn routes_with_the_same_variables_are_refused() {
    let route = |name: &str| {
        format!(
            "\n[route.{name}]\nkey = \"a/{{id}}\"\ntypes = [\"image/png\"]\nmax_size = 1\nbodyless = \"refuse\"\n"
        )
    };
    let error = read(&format!("{FULL}{}{}", route("a-b"), route("a_b")), &[]).unwrap_err();
    assert!(error.contains("route.a_b: has the same environment variables as another route"), "{error}");
    let error = read(&format!("{FULL}{}", route("upload")), &[]).unwrap_err();
    assert!(error.contains("must not be `upload`"), "{error}");
}

#[test]
fn client_supplied_ids_are_a_warning() {
    let text = FULL.replacen("ids =", "client_may_supply = [\"article_id\"]\nids =", 1);
    let config = read(&text, &[]).unwrap();
    let warnings = config.warnings();
    assert!(
        warnings
            .iter()
            .any(|warning| warning.to_string().contains("upload.client_may_supply: requires an application"))
    );
}

/// A default has no place of its own, so the heading of its section is shown.
#[test]
fn warnings_about_defaults_have_the_place_of_the_section_and_a_next_step() {
    let config = Config::read("upsign.toml", FORM, |_| None).unwrap();
    let warning = config.warnings().iter().find(|warning| warning.key == "route.form.no_overwrite").unwrap();
    let place = warning.place.as_ref().unwrap();
    assert_eq!(&FORM[place.span().unwrap()], "form");
    assert_eq!(warning.help, "write method = \"put\": a form cannot prevent overwriting");
    let bodyless = config.warnings().iter().find(|warning| warning.key == "route.form.bodyless").unwrap();
    assert!(bodyless.help.starts_with("write bodyless = \"refuse\": "), "{bodyless}");
}

const FORM: &str = r#"
[bucket]
name = "article-images-bucket"
region = "ap-southeast-1"
[route.form]
key = "a/{id}"
types = ["image/png"]
max_size = "1 MiB"
method = "post"
bodyless = "allow"
[cors]
origins = ["https://app.example.com"]
"#;
