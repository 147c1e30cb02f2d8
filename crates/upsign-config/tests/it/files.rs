//! Files of any type: `types = "any"`, and the manual's page about files.

use upsign_config::{Config, WarningCode};
use upsign_core::{Capabilities, Provider};
use upsign_policy::{Disposition, Replace, SizeBound, Unbounded};

use crate::good::FULL;
use crate::manual::{blocks, read};

const TYPES: &str = "types = [\"image/jpeg\", \"image/png\", \"image/webp\"]";

/// Replaces the types of the complete file.
fn with(types: &str) -> String {
    assert!(FULL.contains(TYPES));
    FULL.replacen(TYPES, types, 1)
}

#[track_caller]
fn problem(types: &str) -> String {
    let error = Config::read("upsign.toml", &with(types), |_| None).unwrap_err();
    let lines: Vec<String> = error.problems().iter().map(ToString::to_string).collect();
    assert_eq!(lines.len(), 1, "{lines:#?}");
    lines.into_iter().next().unwrap()
}

#[test]
fn any_file_is_one_line() {
    let config = read(&with("types = \"any\""));
    let policy = config.policies().next().unwrap();
    assert!(policy.content_rules().is_any_file());
    assert_eq!(policy.disposition(), Disposition::Attachment);
    let about_types = |key: &str| key == "upload.types";
    assert!(!config.warnings().iter().any(|warning| about_types(&warning.key)), "{:?}", config.warnings());
    let named = read(&with("types = \"any\"\ndisposition = \"attachment-named\""));
    assert_eq!(named.policies().next().unwrap().disposition(), Disposition::AttachmentNamed);
}

#[test]
fn any_file_can_come_from_a_variable() {
    let config = Config::read("upsign.toml", FULL, |name| (name == "UPSIGN_TYPES").then(|| "any".to_owned()));
    assert!(config.unwrap().policies().next().unwrap().content_rules().is_any_file());
}

#[test]
fn any_file_that_browsers_would_display_is_reported() {
    for disposition in ["inline-named", "from-client"] {
        let line = problem(&format!("types = \"any\"\ndisposition = \"{disposition}\""));
        assert!(line.starts_with("upsign.toml:10:15: upload.disposition: any file is allowed"), "{line}");
        assert!(line.ends_with("(write disposition = \"attachment\")"), "{line}");
    }
}

#[test]
fn any_file_in_a_list_is_corrected() {
    for list in ["[\"any\"]", "[\"*\"]"] {
        let line = problem(&format!("types = {list}"));
        assert!(line.ends_with("is not a content type (write types = \"any\")"), "{line}");
    }
    assert!(problem("types = \"*\"").contains("write types = \"any\""));
}

#[test]
fn misspelled_range_is_corrected() {
    for (range, meant) in [("imgae/*", "image/*"), ("vidoes/*", "video/*")] {
        let line = problem(&format!("types = [\"{range}\"]"));
        assert!(line.contains(&format!("the range `{range}` allows no type")), "{line}");
        assert!(line.ends_with(&format!("(write types = [\"{meant}\"])")), "{line}");
        let corrected = with(&format!("types = [\"{meant}\"]"));
        read(&corrected.replace("bodyless = \"allow\"", "bodyless = \"refuse\""));
    }
    assert!(problem("types = [\"x-unknown/*\"]").ends_with("(write disposition = \"attachment\")"));
}

#[test]
fn range_of_all_types_is_warned_about_with_the_safe_form() {
    let config = read(&with("types = [\"*/*\", \"image/jpeg\"]"));
    let warning = config.warnings().iter().find(|warning| warning.key == "upload.types").unwrap();
    assert_eq!(warning.code, WarningCode::Policy);
    assert_eq!(warning.help, "write types = \"any\" for every file, saved and never displayed");
    let config = read(&with("types = [\"image/*\", \"image/jpeg\"]"));
    let warning = config.warnings().iter().find(|warning| warning.key == "upload.types").unwrap();
    assert_eq!(warning.help, "upsign check --types lists them");
}

#[test]
fn every_block_of_the_page_about_files_is_a_valid_configuration() {
    let blocks = blocks(include_str!("../../../upsign/src/manual/howto/files.rs"));
    assert!(!blocks.is_empty());
    for block in blocks {
        read(&block);
    }
}

/// Replaces `no_overwrite` and the key of the complete file.
fn replacing(key: &str, upload: &str) -> String {
    let key = format!("key = \"{key}\"\n{upload}");
    let text = FULL.replacen("key = \"articles/{article_id}/raw/{id}.{ext}\"", &key, 1);
    text.replacen("no_overwrite = true\n", "", 1).replacen("ids = [\"article_id\"]\n", "", 1)
}

#[test]
fn replacing_is_chosen_by_a_word() {
    for (value, expected) in [("if-match", Replace::IfMatch), ("allow", Replace::Allow)] {
        let config = read(&replacing("avatars/{sub}", &format!("replace = \"{value}\"")));
        assert_eq!(config.policies().next().unwrap().replace(), expected);
    }
    let config = read(&replacing("avatars/{sub}/{id}", "replace = \"never\""));
    assert_eq!(config.policies().next().unwrap().replace(), Replace::Never);
}

#[test]
fn shared_key_is_reported_with_both_remedies() {
    for upload in ["", "no_overwrite = false", "replace = \"never\""] {
        let error =
            Config::read("upsign.toml", &replacing("avatars/{sub}.{ext}", upload), |_| None).unwrap_err();
        let line = error.to_string();
        assert!(
            line.starts_with("upsign.toml:7:7: upload.key: two uploads could get the same key"),
            "{line}"
        );
        assert!(line.contains("write key = \"avatars/{sub}/{id}.{ext}\""), "{line}");
        assert!(line.contains("replace = \"if-match\""), "{line}");
    }
}

/// The remedy for a shared key must be possible at the store, for the method, and with the other settings.
#[test]
fn remedies_for_a_shared_key_are_accepted() {
    let spaces = "provider = \"do\"\nregion = \"fra1\"";
    let aws = "region = \"eu-west-1\"";
    for (bucket, upload, remedy, corrected) in [
        (aws, "", "or add replace = \"if-match\"", "replace = \"if-match\""),
        (
            aws,
            "no_overwrite = false",
            "or replace no_overwrite by replace = \"if-match\"",
            "replace = \"if-match\"",
        ),
        (aws, "method = \"post\"", "or add replace = \"allow\"", "method = \"post\"\nreplace = \"allow\""),
        (spaces, "", "or add replace = \"allow\"", "replace = \"allow\""),
    ] {
        let file = |upload: &str| {
            format!(
                "[bucket]\nname = \"uploads\"\n{bucket}\n[upload]\nkey = \"avatars/{{sub}}\"\ntypes = [\"image/jpeg\"]\n\
                 max_size = \"1 MiB\"\nbodyless = \"refuse\"\n{upload}\n[cors]\norigins = [\"https://app.example.com\"]\n"
            )
        };
        let error = Config::read("upsign.toml", &file(upload), |_| None).unwrap_err().to_string();
        assert!(error.contains("two uploads could get the same key") && error.contains(remedy), "{error}");
        assert!(Config::read("upsign.toml", &file(corrected), |_| None).is_ok(), "{corrected}");
    }
}

#[test]
fn invalid_replace_is_the_only_problem_of_a_shared_key() {
    for value in ["\"ifmatch\"", "true"] {
        let file = replacing("avatars/{sub}", &format!("replace = {value}"));
        let error = Config::read("upsign.toml", &file, |_| None).unwrap_err();
        assert_eq!(error.problems().len(), 1, "{error}");
        assert!(error.to_string().contains("upload.replace: must be \"never\""), "{error}");
    }
}

#[test]
fn two_settings_for_overwriting_are_reported() {
    let both = replacing("a/{id}", "no_overwrite = true\nreplace = \"never\"");
    let line = Config::read("upsign.toml", &both, |_| None).unwrap_err().to_string();
    assert!(line.contains(" upload.no_overwrite: replace and no_overwrite"), "{line}");
    assert!(line.ends_with("(remove no_overwrite)"), "{line}");
}

#[test]
fn form_that_should_prevent_overwriting_is_reported() {
    let form = replacing("a/{id}", "method = \"post\"\nreplace = \"if-match\"");
    let line = Config::read("upsign.toml", &form, |_| None).unwrap_err().to_string();
    assert!(
        line.contains("upload.replace: a form cannot prevent overwriting")
            && line.ends_with("(write replace = \"allow\")"),
        "{line}"
    );
}

#[test]
fn store_without_if_match_is_reported() {
    let garage = replacing("avatars/{sub}", "replace = \"if-match\"").replacen(
        "region = \"ap-southeast-1\"",
        "region = \"garage\"\nprovider = \"garage\"\nendpoint = \"http://127.0.0.1:3900\"",
        1,
    );
    let line = Config::read("upsign.toml", &garage, |_| None).unwrap_err().to_string();
    assert!(line.contains("upload.replace: Garage does not support If-Match"), "{line}");
    assert!(line.contains("write replace = \"allow\""), "{line}");
    assert!(line.contains("add if_none_match = true and if_match = true to [bucket.can]"), "{line}");
    let can = "provider = \"garage\"\ncan = { if_none_match = true, if_match = true }";
    let declared = garage.replacen("provider = \"garage\"", can, 1);
    assert!(Config::read("upsign.toml", &declared, |_| None).is_ok());
}

/// The schema lists the stores whose profiles have a binding.
#[test]
fn schema_names_every_store_that_can_bind_a_maximum() {
    let schema = include_str!("../../upsign.schema.json");
    let text = schema.lines().find(|line| line.contains("What a put binds of the size")).unwrap();
    let bound = Provider::ALL.into_iter().filter(|provider| {
        let google = *provider == Provider::Gcs && Capabilities::GOOGLE.max_size.is_some();
        google || provider.capabilities().max_size.is_some()
    });
    let titles: Vec<&str> = bound.map(Provider::title).collect();
    assert_eq!(titles, ["Google Cloud Storage", "RustFS"]);
    assert!(titles.iter().all(|title| text.contains(title)), "{text}");
}

#[test]
fn maximum_size_of_a_put_is_for_stores_that_can_bind_it() {
    let bucket = |provider: &str| {
        let store = format!(
            "region = \"us-east-1\"\nprovider = \"{provider}\"\nendpoint = \"http://127.0.0.1:9000\""
        );
        let text = FULL.replacen("region = \"ap-southeast-1\"", &store, 1);
        text.replacen("max_size = \"10 MiB\"", "max_size = \"10 MiB\"\nsize_bound = \"max\"", 1)
    };
    let config = read(&bucket("rustfs"));
    assert_eq!(
        config.policies().next().unwrap().size_bound(),
        SizeBound::Max(upsign_core::MaxSizeBinding::RustFs)
    );
    let line = Config::read("upsign.toml", &bucket("minio"), |_| None).unwrap_err().to_string();
    assert!(line.contains("upload.size_bound: MinIO cannot bind a maximum size of a PUT"), "{line}");
    assert!(line.contains("write size_bound = \"exact\", or method = \"post\" for a form"), "{line}");
    let minimum = bucket("rustfs").replacen("size_bound", "min_size = \"1 KiB\"\nsize_bound", 1);
    let line = Config::read("upsign.toml", &minimum, |_| None).unwrap_err().to_string();
    assert!(line.contains("upload.min_size: an upload that binds a maximum size does not bind"), "{line}");
}

#[test]
fn put_without_a_size_is_a_danger_that_the_file_names() {
    let with =
        |lines: &str| FULL.replacen("max_size = \"10 MiB\"", &format!("max_size = \"10 MiB\"\n{lines}"), 1);
    for (lines, unbounded) in [
        ("", Unbounded::Refuse),
        ("unbounded = \"refuse\"", Unbounded::Refuse),
        ("unbounded = \"danger\"", Unbounded::Danger),
    ] {
        let config = read(&with(lines));
        assert_eq!(config.policies().next().unwrap().unbounded(), unbounded, "{lines}");
        let warned = config.warnings().iter().filter(|it| it.key == "upload.unbounded").count();
        assert_eq!(warned, usize::from(unbounded == Unbounded::Danger), "{lines}");
    }
    let form = with("unbounded = \"danger\"\nmethod = \"post\"\nno_overwrite = false");
    let form = form.replacen("no_overwrite = true\n", "", 1);
    let line = Config::read("upsign.toml", &form, |_| None).unwrap_err().to_string();
    assert!(line.contains("a form binds a range of sizes by itself: remove unbounded"), "{line}");
    let line = Config::read("upsign.toml", &with("unbounded = \"yes\""), |_| None).unwrap_err().to_string();
    assert!(line.contains("upload.unbounded") && line.contains("danger"), "{line}");
}
