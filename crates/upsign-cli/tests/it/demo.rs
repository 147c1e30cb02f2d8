//! `upsign demo`: one upload with all services embedded.

use sha2::{Digest, Sha256};

use crate::run::{eventually, upsign};

const PHOTO: &[u8] = include_bytes!("../../assets/demo.jpg");

fn sha256_hex(bytes: &[u8]) -> String {
    Sha256::digest(bytes).iter().map(|byte| format!("{byte:02x}")).collect()
}

#[test]
fn the_built_in_photo_is_uploaded_and_forbidden_uploads_are_refused() {
    let run = upsign(&["demo", "--json"]).output();
    run.exits(0).has_message("same bytes, same content type");
    let summary = run.json();
    assert_eq!(summary["sha256"], sha256_hex(PHOTO));
    assert_eq!((&summary["contentType"], &summary["bytes"]), (&"image/jpeg".into(), &PHOTO.len().into()));
    let key = summary["key"].as_str().unwrap();
    assert!(key.starts_with("articles/") && key.contains("/raw/"), "{key}");
    let refused: Vec<&str> =
        summary["refused"].as_array().unwrap().iter().map(|text| text.as_str().unwrap()).collect();
    assert_eq!(
        refused,
        [
            "another content type: SignatureDoesNotMatch",
            "one byte more: SignatureDoesNotMatch",
            "another key: SignatureDoesNotMatch",
            "the first URL once more: PreconditionFailed",
        ]
    );
    let quarantine = &summary["quarantine"];
    assert!(quarantine["confirmed"].as_str().unwrap().starts_with("avatars/"), "{quarantine}");
    assert_eq!(quarantine["rejected"], "type-mismatch");
    run.has_message("page.jpg: a web page in place of a photo is rejected, type-mismatch");
}

#[test]
fn a_photo_from_a_file_is_uploaded() {
    let png = [b"\x89PNG\r\n\x1a\n".as_slice(), &[7; 3_000_000]].concat();
    let run = upsign(&["demo", "mine.png", "--json"]);
    std::fs::write(run.folder.path().join("mine.png"), &png).unwrap();
    let run = run.output();
    run.exits(0);
    assert_eq!(run.json()["sha256"], sha256_hex(&png));
    assert_eq!(run.json()["contentType"], "image/png");
    assert!(!run.stderr().contains("X-Amz-Signature"), "a signature was printed");
    assert!(
        !run.stderr().contains("WARN"),
        "the refusals of the demo are shown, not logged: {}",
        run.stderr()
    );
}

#[test]
fn missing_files_and_other_file_types_are_refused() {
    upsign(&["demo", "absent.jpg"]).output().exits(2).has_message("cannot read absent.jpg");
    let text = upsign(&["demo", "notes.txt"]).file("notes.txt", "hello").output();
    text.exits(2).has_message("notes.txt is not a photo").has_message("image/jpeg");
    let empty = upsign(&["demo", "empty.jpg"]).file("empty.jpg", "").output();
    empty.exits(2).has_message("not a photo");
}

#[test]
fn a_photo_over_the_size_limit_is_refused_by_the_api() {
    let run = upsign(&["demo", "huge.jpg"]);
    let huge = [b"\xff\xd8\xff".as_slice(), &vec![0; 10 << 20]].concat();
    std::fs::write(run.folder.path().join("huge.jpg"), huge).unwrap();
    run.output().exits(1).has_message("413").has_message("too-large");
}

/// `upsign dev` uses the policy of the demo although there is a file, which its output says.
#[test]
fn unused_file_is_mentioned() {
    let init = upsign(&["init", "-"]).output().stdout();
    let server = upsign(&["dev", "--listen=127.0.0.1:0", "--json"])
        .file("upsign.toml", &init)
        .errors_to("errors")
        .serving();
    eventually(|| server.read("errors").contains("To try it: upsign dev --config upsign.toml"));
}

#[test]
fn large_file_is_uploaded_in_parts_by_a_process_that_is_killed_and_resumed() {
    let run = upsign(&["demo", "--size=64MiB", "--json"]).output();
    run.exits(0).has_message("plan         8 parts of 8 MiB each").has_message("same bytes");
    let summary = run.json();
    let number = |name: &str| summary[name].as_u64().unwrap();
    assert_eq!((number("bytes"), number("parts"), number("partSize")), (64 << 20, 8, 8 << 20));
    let kept = number("kept");
    assert!((1..8).contains(&kept) && number("storedBeforeKill") >= 4, "{summary}");
    assert_eq!(kept + number("sentAfterResume"), 8);
    assert!(!run.stderr().contains("X-Amz-Signature"), "a signature was printed");
}

#[test]
fn sizes_without_parts_are_refused() {
    for size in ["1MiB", "0", "-1", "much"] {
        upsign(&["demo", &format!("--size={size}")]).output().exits(2).has_message("--size");
    }
    upsign(&["demo", "a.jpg", "--size=64MiB"]).output().exits(2);
    let small = upsign(&["demo", "--size=9MiB"]).output();
    small.exits(2).has_message("at least 32 MiB, so that it can be killed between two parts");
    let large = upsign(&["demo", "--size=2TiB"]).output();
    large.exits(2).has_message("--size is at most").has_message("the max_size of the demo");
}

/// A signal arrives while the file is written, and while another process uploads it.
#[cfg(unix)]
#[test]
fn large_file_is_removed_after_a_signal() {
    use std::process::{Command, Stdio};
    for (signal, size, reached) in [("-INT", "512MiB", "file.bin"), ("-TERM", "256MiB", "state")] {
        let folder = tempfile::tempdir().unwrap();
        let mut command = Command::new(env!("CARGO_BIN_EXE_upsign"));
        command.args(["demo", &format!("--size={size}")]).env_clear().env("TMPDIR", folder.path());
        let mut child = command.stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap();
        let demo = folder.path().join(format!("upsign-demo-{}", child.id()));
        eventually(|| demo.join(reached).exists());
        assert!(Command::new("kill").args([signal, &child.id().to_string()]).status().unwrap().success());
        let mut code = None;
        eventually(|| {
            code = child.try_wait().unwrap();
            code.is_some()
        });
        assert_eq!(code.unwrap().code(), Some(130), "{signal}");
        let left: Vec<_> = std::fs::read_dir(folder.path()).unwrap().flatten().map(|it| it.path()).collect();
        assert_eq!(left, Vec::<std::path::PathBuf>::new(), "{signal}");
    }
}
