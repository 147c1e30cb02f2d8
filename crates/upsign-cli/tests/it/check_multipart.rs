//! What `upsign check` says about multipart uploads: the plan, the checksum, the sample requests, and the secrets of upload tokens.

use serde_json::json;

use crate::config_commands::json_of;
use crate::run::{CONFIG, upsign};

/// A large route at AWS and one at a store that compares little.
const ROUTES: &str = r#"
[route.videos]
key = "videos/{sub}/{id}.{ext}"
types = ["video/mp4"]
max_size = "20 GiB"
bodyless = "refuse"
multipart = "auto"

[route.raw]
provider = "b2"
region = "us-west-004"
key = "raw/{id}"
types = ["video/mp4"]
max_size = "5 TiB"
bodyless = "refuse"
multipart = "always"
size_bound = "max"
resume_window = "7 days"
"#;

const TOKEN: &str =
    "[token]\nkeys = [\"env:UPSIGN_TOKEN_SECRET\", \"file:secret.txt\"]\ndeployment = \"production\"\n";

fn file(more: &str) -> String {
    format!("{CONFIG}{ROUTES}{more}")
}

/// Returns a text with one space between words.
fn words(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

#[test]
fn plan_and_checksum_of_each_route_are_explained() {
    let run = upsign(&["check"]).file("upsign.toml", &file(TOKEN)).output();
    run.exits(0);
    let text = words(&run.stdout());
    for part in [
        "multipart above 100 MiB: up to 2560 parts of 8 MiB, 4 at a time, resumable for 1 day",
        "checksum crc64nvme of the whole object, and of each part that has one",
        "multipart every file, also of unknown size: up to 10000 parts of 8 MiB to 525 MiB, 4 at a time, resumable for 7 days",
        "checksum none: Backblaze B2 compares the size and the ETag of each part",
        "method PUT of each part",
    ] {
        assert!(text.contains(part), "{part}\n{text}");
    }
}

#[test]
fn route_with_forms_and_parts_is_explained_with_a_sample_of_each() {
    let both = "\n[route.both]\nkey = \"both/{id}\"\ntypes = [\"video/mp4\"]\nmax_size = \"1 GiB\"\nbodyless = \"refuse\"\n\
                method = \"post\"\nmultipart = \"auto\"\nmultipart_above = \"50 MiB\"\n";
    let run = upsign(&["check"]).file("upsign.toml", &file(&format!("{both}{TOKEN}"))).output();
    run.exits(0);
    let text = words(&run.stdout());
    let (_, text) = text.split_once("route both").unwrap();
    for part in [
        "method POST (a form), or PUT of each part",
        "multipart above 50 MiB: up to 128 parts of 8 MiB",
        "response POST both/",
        "a file of 1 byte to 50 MiB, or of exactly the size that the client stated",
        "{\"contentLength\":52428801,\"contentType\":\"video/mp4\",\"route\":\"both\"} response MULTIPART both/",
        "7 parts of 8 MiB; each is a PUT with content-length",
    ] {
        assert!(text.contains(part), "{part}\n{text}");
    }
    let always = file(&format!(
        "{}{TOKEN}",
        both.replace("\"auto\"", "\"always\"").replace("multipart_above = \"50 MiB\"\n", "")
    ));
    let refused = upsign(&["check"]).file("upsign.toml", &always).output();
    assert!(
        refused.code() != 0 && words(&refused.stderr()).contains("none sent by a form"),
        "{}",
        refused.stderr()
    );
}

#[test]
fn sample_of_a_large_file_is_granted_in_parts() {
    let text = words(&upsign(&["check"]).file("upsign.toml", &file(TOKEN)).output().stdout());
    for part in [
        r#"request POST /upload-url {"contentLength":104857601,"contentType":"video/mp4","route":"videos"} response MULTIPART videos/"#,
        "13 parts of 8 MiB; each is a PUT with content-length, x-amz-checksum-crc64nvme",
        "response MULTIPART raw/",
        "response PUT videos/",
    ] {
        assert!(text.contains(part), "{part}\n{text}");
    }
    let json = json_of(&upsign(&["--json", "check"]).file("upsign.toml", &file(TOKEN)).output());
    let routes = json["routes"].as_array().unwrap();
    let of = |name: &str| routes.iter().find(|route| route["route"] == name).unwrap();
    let videos = &of("videos")["multipart"];
    assert_eq!(
        (&of("videos")["method"], &videos["mode"], &videos["above"]),
        (&json!("PUT"), &json!("auto"), &json!(104_857_600))
    );
    assert_eq!(videos["request"]["contentLength"], 104_857_601);
    assert_eq!((&videos["partSize"], &videos["partCount"]), (&json!(8 << 20), &json!(13)));
    assert_eq!(videos["send"], json!(["content-length", "x-amz-checksum-crc64nvme"]));
    assert_eq!(videos["checksum"], json!({"algorithm": "crc64nvme", "covers": "object"}));
    let raw = of("raw");
    assert_eq!((&raw["method"], &raw["send"]), (&json!("MULTIPART"), &json!({})));
    assert_eq!(
        (&raw["multipart"]["unknownSize"], &raw["multipart"]["checksum"]),
        (&json!(true), &json!(null))
    );
    assert_eq!(raw["multipart"]["send"], json!(["content-length"]));
    assert!(routes.iter().find(|route| route["route"] == "upload").unwrap().get("multipart").is_none());
}

#[test]
fn secrets_of_upload_tokens_are_described_and_never_printed() {
    let secret = "c2VjcmV0IG9mIHRoZSB1cGxvYWQgdG9rZW5zIQ==";
    let run = upsign(&["check"])
        .file("upsign.toml", &file(TOKEN))
        .file("secret.txt", "too short")
        .variable("UPSIGN_TOKEN_SECRET", secret)
        .output();
    let text = words(&run.stdout());
    let keys = "tokens 2 keys, the first signs: env:UPSIGN_TOKEN_SECRET, file:";
    assert!(text.contains(keys), "{text}");
    assert!(
        text.contains("(has 9 bytes, but at least 32 are required)")
            && text.contains("deployment production"),
        "{text}"
    );
    assert!(!text.contains(secret) && !text.contains("too short"), "{text}");

    let json = json_of(&upsign(&["--json", "check"]).file("upsign.toml", &file(TOKEN)).output());
    let states: Vec<_> =
        json["token"]["keys"].as_array().unwrap().iter().map(|key| key["state"].clone()).collect();
    assert_eq!(states, ["not-set", "unreadable"]);
    assert_eq!(json["token"]["deployment"], "production");
    let without = json_of(&upsign(&["--json", "check"]).file("upsign.toml", CONFIG).output());
    assert!(without.get("token").is_none());
}

/// What `serve` refuses is a warning before, if this machine has the secrets.
#[test]
fn secrets_with_which_no_server_starts_are_warned_about() {
    let two = "[token]\nkeys = [\"env:UPSIGN_TOKEN_SECRET\", \"env:OLD_SECRET\"]\n";
    let good = "q3Jf0y1G8uVb2sXk5mPz7wRt9aLd4cNe6hQoTiYxUvM=";
    for (new, old, expected) in [
        (
            "hunter2hunter2",
            good,
            "token.keys: item 1: UPSIGN_TOKEN_SECRET has 14 bytes, but at least 32 are required",
        ),
        (good, good, "token.keys: item 2: OLD_SECRET has the same value as item 1: remove one of them"),
    ] {
        let run = upsign(&["check", "--deny-warnings"]).file("upsign.toml", &file(two));
        let run = run.variable("UPSIGN_TOKEN_SECRET", new).variable("OLD_SECRET", old).output();
        let text = words(&run.stderr());
        run.exits(1);
        assert!(text.contains(expected) && text.contains("--> upsign.toml:"), "{text}");
        assert!(!text.contains(new) && !run.stdout().contains(new), "{text}");
    }
    let unset = upsign(&["check"]).file("upsign.toml", &file(two)).output();
    assert!(!unset.stderr().contains("token.keys"), "{}", unset.stderr());
}

#[test]
fn limit_of_calls_and_chosen_checksums_are_shown() {
    let text =
        file(TOKEN).replace("max_size = \"20 GiB\"", "max_size = \"20 GiB\"\nchecksums = [\"sha256\"]");
    let text = match text.contains("[limit]") {
        true => text,
        false => format!("{text}\n[limit]\nper_minute = 60\n"),
    };
    let run = upsign(&["check"]).file("upsign.toml", &text).output();
    let shown = words(&run.stdout());
    for part in [
        "per minute and caller, for multipart uploads that have begun",
        "checksum sha256 of each part if the client names it, otherwise none: Amazon S3 compares the size and the ETag of each part",
    ] {
        assert!(shown.contains(part), "{part}\n{shown}");
    }
    let json = json_of(&upsign(&["--json", "check"]).file("upsign.toml", &text).output());
    assert!(json["callers"]["callsPerMinute"].as_u64().unwrap() >= 60, "{json}");
    let without = upsign(&["check"]).file("upsign.toml", CONFIG).output().stdout();
    assert!(!without.contains("calls limit"), "{without}");
}

#[test]
fn missing_secrets_are_a_warning_with_the_lines_to_write() {
    let run = upsign(&["check"]).file("upsign.toml", &file("")).output();
    run.exits(0);
    let text = words(&run.stderr());
    assert!(
        text.contains("route.raw.multipart: multipart = \"always\" needs [token] keys, which are missing"),
        "{text}"
    );
    assert!(text.contains("write keys = [\"env:UPSIGN_TOKEN_SECRET\"] below [token]"), "{text}");
    let json = json_of(&upsign(&["--json", "check"]).file("upsign.toml", &file("")).output());
    let warning = json["warnings"].as_array().unwrap().iter().find(|it| it["code"] == "missing-key").unwrap();
    assert_eq!(warning["key"], "route.raw.multipart");
    assert!(warning["line"].as_u64().unwrap() > 20, "{warning}");
    upsign(&["check", "--deny-warnings"]).file("upsign.toml", &file("")).output().exits(1);
}
