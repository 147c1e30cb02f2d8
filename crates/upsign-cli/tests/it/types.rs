//! The content types that a route accepts, as `check --types` and `key` show them.

use serde_json::json;

use crate::config_commands::json_of;
use crate::run::{CONFIG, upsign};

fn with_types(types: &str) -> String {
    let line = CONFIG.lines().find(|line| line.starts_with("types = ")).unwrap();
    CONFIG.replacen(line, types, 1)
}

#[test]
fn check_lists_the_types_of_each_entry_with_their_other_names() {
    let config = with_types("types = [\"text/csv\", \"image/*\"]");
    let run = upsign(&["check", "--types"]).file("upsign.toml", &config).output();
    let text = run.exits(0).stdout();
    let csv = "text/csv (.csv); also sent as application/vnd.ms-excel for .csv, application/csv";
    assert!(text.contains(csv), "{text}");
    assert!(
        text.contains("image/jpeg (.jpg, .jpeg, .jpe, .jfif); also sent as image/jpg, image/pjpeg"),
        "{text}"
    );
    assert!(!text.contains("image/svg+xml"), "{text}");
    assert!(text.contains("parameters   are signed as sent"), "{text}");
    assert!(text.contains("empty type   the type of the file name's extension is signed"), "{text}");
    let without = upsign(&["check"]).file("upsign.toml", &config).output();
    assert!(!without.exits(0).stdout().contains("also sent as"));
}

#[test]
fn check_says_which_entry_covers_other_parameters() {
    let check = |types: &str| {
        let config = with_types(types);
        let run = upsign(&["check", "--types"]).file("upsign.toml", &config).output();
        let json = json_of(&upsign(&["--json", "check", "--types"]).file("upsign.toml", &config).output());
        (run.exits(0).stdout(), json["routes"][0]["typesCovered"].clone())
    };
    let (text, json) = check("types = [\"video/webm;codecs=vp8\"]");
    assert!(text.contains("video/webm;codecs=vp8 (.webm); with exactly these parameters"), "{text}");
    assert!(!text.contains("parameters   are signed"), "{text}");
    assert_eq!(json["video/webm;codecs=vp8"][0]["withParameters"], false);
    let (text, json) = check("types = [\"video/webm\"]");
    assert!(!text.contains("exactly"), "{text}");
    assert_eq!(json["video/webm"][0]["withParameters"], true);
}

#[test]
fn check_lists_the_types_as_json() {
    let config = with_types("types = [\"audio/mpeg\", \"image/*\"]");
    let run = upsign(&["--json", "check", "--types"]).file("upsign.toml", &config).output();
    let covered = json_of(&run)["routes"][0]["typesCovered"].clone();
    let mpeg = &covered["audio/mpeg"][0];
    assert_eq!((&mpeg["type"], &mpeg["extensions"][0]), (&json!("audio/mpeg"), &json!("mp3")));
    assert_eq!(mpeg["alsoSentAs"][0], json!({"type": "audio/mp3", "extensions": []}));
    assert!(covered["image/*"].as_array().unwrap().len() > 20, "{covered}");
    let without = json_of(&upsign(&["--json", "check"]).file("upsign.toml", &config).output());
    assert!(without["routes"][0].get("typesCovered").is_none());
}

#[test]
fn key_signs_the_type_of_the_policy() {
    let config = with_types("types = [\"text/csv\"]");
    let run = upsign(&[
        "--json",
        "key",
        "--content-length=7",
        "--content-type=application/vnd.ms-excel",
        "--file-name=a.csv",
    ])
    .file("upsign.toml", &config)
    .output();
    assert!(run.exits(0).stdout().contains("text/csv"), "{}", run.stdout());
}

#[test]
fn key_names_the_setting_that_would_accept_the_file() {
    let key = |config: &str, more: &[&str]| {
        upsign(&[&["key", "--content-length=7"], more].concat()).file("upsign.toml", config).output()
    };
    key(CONFIG, &["--content-type=model/stl"]).exits(1).has_message(
        "help: to accept such files, add \"model/stl\" to upload.types, or write types = \"any\"",
    );
    key(CONFIG, &["--content-type=image/png", "--file-name=a.heic"])
        .exits(1)
        .has_message("extensions = { \"image/png\" = [\"png\", \"EXT\"] }");
    key(&with_types("types = \"any\""), &["--content-type=model/stl", "--file-name=a.stl"]).exits(0);
}

#[test]
fn key_signs_the_etag_of_the_object_to_replace() {
    let line = CONFIG.lines().find(|line| line.starts_with("key = ")).unwrap();
    let config = CONFIG.replacen(line, "key = \"avatars/{sub}\"\nreplace = \"if-match\"", 1);
    let config =
        config.lines().filter(|line| !line.starts_with("ids = ") && !line.starts_with("no_overwrite"));
    let config: String = config.map(|line| format!("{line}\n")).collect();
    let upload = ["--json", "key", "--content-length=7", "--content-type=image/png"];
    let first = upsign(&upload).file("upsign.toml", &config).output();
    assert!(first.exits(0).stdout().contains("if-none-match"), "{}", first.stdout());
    let next = upsign(&[&upload[..], &["--if-match=9b2cf535f27731c974343645a3985328"]].concat());
    let next = next.file("upsign.toml", &config).output();
    assert!(next.exits(0).stdout().contains("9b2cf535f27731c974343645a3985328"), "{}", next.stdout());
}

#[test]
fn check_shows_what_an_upload_may_replace() {
    let line = CONFIG.lines().find(|line| line.starts_with("key = ")).unwrap();
    for (value, shown) in [("if-match", "the object whose ETag"), ("allow", "any object of the same key")] {
        let config = CONFIG.replacen(line, &format!("key = \"avatars/{{sub}}\"\nreplace = \"{value}\""), 1);
        let run = upsign(&["check"]).file("upsign.toml", &config).output();
        assert!(run.exits(0).stdout().contains(shown), "{}", run.stdout());
        let run = upsign(&["check", "--json"]).file("upsign.toml", &config).output();
        assert_eq!(run.exits(0).json()["routes"][0]["replace"], value);
    }
    let run = upsign(&["check"]).file("upsign.toml", CONFIG).output();
    assert!(!run.exits(0).stdout().contains("replaces"), "{}", run.stdout());
}
