//! `upsign upload` that is interrupted: resuming after SIGKILL, listing, aborting and forgetting, signals, and without states.

use std::io::{BufRead as _, BufReader, Write as _};
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use serde_json::Value;
use sha2::{Digest, Sha256};

use crate::dev::client;
use crate::run::{CONFIG, Serving, eventually, upsign};
use crate::upload::{PART, ROUTES, bytes, server, stored, token};

/// Starts an upload as a process that can be killed.
fn spawn(server: &Serving, folder: &std::path::Path) -> Child {
    let mut command = Command::new(env!("CARGO_BIN_EXE_upsign"));
    command.args(["upload", "film.mp4", "--route=videos", "-j2", "--json"]).current_dir(folder).env_clear();
    command.env("UPSIGN_API", server.url("api")).env("UPSIGN_TOKEN", token(server));
    command.env("XDG_STATE_HOME", folder.join("state"));
    command.stdout(Stdio::piped()).stderr(Stdio::null());
    command.spawn().unwrap()
}

/// Reads this number of lines, or those until the process ends.
fn read_lines(child: &mut Child, count: usize) -> Vec<Value> {
    let lines = BufReader::new(child.stdout.take().unwrap()).lines().take(count);
    lines.map(|line| serde_json::from_str(&line.unwrap()).unwrap()).collect()
}

/// Uploads until the store has a part, and kills the process.
fn upload_a_part(server: &Serving, folder: &std::path::Path) {
    let mut child = spawn(server, folder);
    let lines = BufReader::new(child.stdout.take().unwrap()).lines();
    let parts = lines.map_while(Result::ok).filter(|line| line.contains("part-stored")).take(1).count();
    child.kill().unwrap();
    child.wait().unwrap();
    assert_eq!(parts, 1, "the upload ended early");
}

/// Kills uploads with SIGKILL after each of their first events, resumes each, and compares the bytes.
#[test]
fn killed_upload_is_resumed() {
    let server = server();
    let folder = tempfile::tempdir().unwrap();
    let film = bytes(4 * PART + 1);
    std::fs::write(folder.path().join("film.mp4"), &film).unwrap();
    let hash = Sha256::digest(&film).to_vec();
    let (mut resumed, mut parts_kept) = (0, 0);
    for moment in 0..20 {
        let mut child = spawn(&server, folder.path());
        let killed = read_lines(&mut child, moment);
        child.kill().unwrap();
        child.wait().unwrap();
        let mut second = spawn(&server, folder.path());
        let events = read_lines(&mut second, usize::MAX);
        assert!(second.wait().unwrap().success(), "{moment}: {events:?}");
        let key = events.last().unwrap()["uploads"][0]["key"].as_str().unwrap();
        assert_eq!(stored(&server, "videos", key), hash, "{moment}");
        let parts =
            |events: &[Value]| events.iter().filter(|event| event["event"] == "part-stored").count() as u64;
        if let Some(event) = events.iter().find(|event| event["event"] == "resumed") {
            resumed += 1;
            let kept = event["storedParts"].as_u64().unwrap();
            parts_kept += kept;
            assert_eq!(kept + parts(&events), 5, "{moment}: each part that is not kept is sent once");
            assert!(kept >= parts(&killed), "{moment}: {kept} parts were kept of {killed:?}");
        }
        let states = folder.path().join("state/upsign/uploads");
        assert_eq!(std::fs::read_dir(&states).map_or(0, Iterator::count), 0, "{moment}: a state is left");
    }
    assert!(resumed >= 5 && parts_kept >= 5, "{resumed} uploads were resumed with {parts_kept} parts");
}

#[test]
fn interrupted_uploads_are_listed_aborted_and_forgotten() {
    let server = server();
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("film.mp4"), bytes(12 * PART)).unwrap();
    let run = |arguments: &[&str]| {
        let mut command = Command::new(env!("CARGO_BIN_EXE_upsign"));
        command.arg("upload").args(arguments).current_dir(folder.path()).env_clear();
        command.env("UPSIGN_API", server.url("api")).env("UPSIGN_TOKEN", token(&server));
        command.env("XDG_STATE_HOME", folder.path().join("state"));
        let output = command.output().unwrap();
        (
            output.status.code(),
            String::from_utf8(output.stdout).unwrap(),
            String::from_utf8(output.stderr).unwrap(),
        )
    };
    let film = folder.path().join("film.mp4");
    let other = ["film.mp4", "--route=archives", "--abort"];
    for ended in ["abort", "abort without the file", "forget", "forget one"] {
        std::fs::write(&film, bytes(12 * PART)).unwrap();
        upload_a_part(&server, folder.path());
        let (code, _, errors) = run(&other);
        assert_eq!(code, Some(1));
        assert!(errors.contains("film.mp4 has interrupted uploads by other requests: videos/"), "{errors}");
        let (code, _, errors) = run(&["absent.mp4", "--forget"]);
        assert!(code == Some(1) && errors.contains("absent.mp4 has no interrupted upload"), "{errors}");
        let (code, text, _) = run(&["--list"]);
        assert_eq!(code, Some(0));
        assert!(text.contains("film.mp4") && text.contains("of 12 parts"), "{text}");
        let (_, json, _) = run(&["--list", "--json"]);
        assert_eq!(serde_json::from_str::<Value>(&json).unwrap()["pending"][0]["partCount"], 12);
        if ended == "abort" {
            let (code, text, errors) = run(&["film.mp4", "--route=videos", "--abort"]);
            assert_eq!((code, text.trim()), (Some(0), "✓ the upload of film.mp4 is aborted"), "{errors}");
            let (code, _, errors) = run(&["film.mp4", "--route=videos", "--abort"]);
            assert_eq!(code, Some(1));
            assert!(errors.contains("film.mp4 has no interrupted upload"), "{errors}");
        } else if ended == "abort without the file" {
            std::fs::remove_file(&film).unwrap();
            let (code, text, errors) = run(&["film.mp4", "--abort"]);
            assert_eq!((code, text.trim()), (Some(0), "✓ the upload of film.mp4 is aborted"), "{errors}");
        } else {
            let file = if ended == "forget" { &[][..] } else { &["film.mp4"] };
            assert_eq!(run(&[file, &["--forget"]].concat()).1.trim(), "forgot 1 interrupted upload");
        }
        assert_eq!(run(&["--list"]).1.trim(), "no upload is interrupted");
    }
}

#[test]
fn changed_file_is_refused_until_the_upload_begins_again() {
    let server = server();
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("film.mp4"), bytes(12 * PART)).unwrap();
    upload_a_part(&server, folder.path());
    std::fs::write(folder.path().join("film.mp4"), bytes(2 * PART)).unwrap();
    let mut child = spawn(&server, folder.path());
    let events = read_lines(&mut child, usize::MAX);
    assert_eq!(child.wait().unwrap().code(), Some(1));
    let error = &events.last().unwrap()["uploads"][0]["error"];
    assert_eq!(error["code"], "file-changed");
    let message = error["message"].as_str().unwrap();
    assert!(message.starts_with("film.mp4 changed since its upload began: it has "), "{message}");
    assert!(error["help"].as_str().unwrap().contains("--restart"), "{error}");
}

#[test]
fn upload_of_another_user_is_not_resumed() {
    let run = upsign(&[
        "dev",
        "--config=upsign.toml",
        "--listen=127.0.0.1:0",
        "--json",
        "--user=alice",
        "--user=bob",
    ]);
    let server = run.file("upsign.toml", &format!("{CONFIG}{ROUTES}")).errors_to("log").serving();
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("film.mp4"), bytes(12 * PART)).unwrap();
    upload_a_part(&server, folder.path());
    let upload = |user: &str, options: &[&str]| {
        let token =
            client().get(format!("{}?user={user}", server.url("token"))).send().unwrap().text().unwrap();
        let mut command = Command::new(env!("CARGO_BIN_EXE_upsign"));
        command.args(["upload", "film.mp4", "--route=videos"]).args(options);
        command.current_dir(folder.path()).env_clear();
        command.env("UPSIGN_API", server.url("api")).env("UPSIGN_TOKEN", token);
        let output = command.env("XDG_STATE_HOME", folder.path().join("state")).output().unwrap();
        (output.status.code(), String::from_utf8(output.stderr).unwrap())
    };
    let (code, errors) = upload("bob", &[]);
    assert_eq!(code, Some(1), "{errors}");
    assert!(errors.contains("(upload-token-invalid)"), "{errors}");
    assert!(errors.contains("sign in as the caller who began the upload"), "{errors}");
    assert!(errors.contains("drop its state with --forget FILE"), "{errors}");
    // Beginning again needs the abort of the first upload, which only its owner can do.
    let (code, errors) = upload("bob", &["--restart"]);
    assert_eq!(code, Some(1), "{errors}");
    assert!(errors.contains("film.mp4: the interrupted upload of videos/"), "{errors}");
    assert!(errors.contains(" is kept: the abort failed: "), "{errors}");
    assert!(errors.contains("repeat it as the caller who began the upload; or drop its state"), "{errors}");
    // Nothing was lost: the one who began it goes on.
    let (code, errors) = upload("alice", &["-j9"]);
    assert_eq!(code, Some(0), "{errors}");
    assert!(errors.contains("film.mp4: resumed, ") && errors.contains(" of 12 parts are kept"), "{errors}");
    assert!(errors.contains("film.mp4: the API permits 4 parts at the same time, not 9"), "{errors}");
}

#[test]
fn running_upload_is_not_forgotten() {
    let server = server();
    let folder = tempfile::tempdir().unwrap();
    let film = std::fs::File::create(folder.path().join("film.mp4")).unwrap();
    film.set_len(1 << 30).unwrap();
    let mut child = spawn(&server, folder.path());
    let states = folder.path().join("state/upsign/uploads");
    let has_state = || {
        let entries = std::fs::read_dir(&states).into_iter().flatten().flatten();
        entries.filter(|entry| entry.path().extension().is_some_and(|it| it == "ndjson")).count() == 1
    };
    eventually(has_state);
    let run = |argument: &str| {
        let mut command = Command::new(env!("CARGO_BIN_EXE_upsign"));
        command.args(["upload", argument, "--json"]).env_clear();
        command.env("XDG_STATE_HOME", folder.path().join("state"));
        serde_json::from_slice::<Value>(&command.output().unwrap().stdout).unwrap()
    };
    let (listed, kept) = (run("--list"), run("--forget"));
    let still_there = has_state();
    child.kill().unwrap();
    child.wait().unwrap();
    assert_eq!(listed["pending"][0]["running"], true, "{listed}");
    assert_eq!(
        (kept["forgotten"].as_array().unwrap().len(), kept["running"].as_array().unwrap().len()),
        (0, 1)
    );
    assert!(still_there);
    assert_eq!(run("--forget")["forgotten"].as_array().unwrap().len(), 1, "it was killed");
}

#[test]
fn no_state_writes_no_file_and_resumes_nothing() {
    let server = server();
    let folder = tempfile::tempdir().unwrap();
    let film = bytes(12 * PART);
    std::fs::write(folder.path().join("film.mp4"), &film).unwrap();
    upload_a_part(&server, folder.path());
    let states = folder.path().join("state/upsign/uploads");
    let content = || -> Vec<_> {
        let entries = std::fs::read_dir(&states).unwrap().flatten();
        entries.map(|entry| (entry.path(), std::fs::read(entry.path()).unwrap())).collect()
    };
    let before = content();
    let upload = |state: &std::path::Path| {
        let mut command = Command::new(env!("CARGO_BIN_EXE_upsign"));
        command.args(["upload", "film.mp4", "--route=videos", "--json", "--no-state"]).env_clear();
        command.env("UPSIGN_API", server.url("api")).env("UPSIGN_TOKEN", token(&server));
        let output = command.env("XDG_STATE_HOME", state).current_dir(folder.path()).output().unwrap();
        assert!(output.status.success(), "{output:?}");
        let events = String::from_utf8(output.stdout).unwrap();
        assert!(!events.contains("\"resumed\""), "{events}");
        assert_eq!(events.matches("part-stored").count(), 12);
        let last: Value = serde_json::from_str(events.lines().last().unwrap()).unwrap();
        let key = last["uploads"][0]["key"].as_str().unwrap();
        assert_eq!(stored(&server, "videos", key), Sha256::digest(&film).to_vec());
    };
    upload(&folder.path().join("state"));
    assert_eq!(content(), before, "the state of the interrupted upload is neither used nor changed");
    let other = folder.path().join("other");
    upload(&other);
    assert!(!other.exists());
}

#[cfg(unix)]
#[test]
fn signal_ends_the_upload_with_130() {
    let server = server();
    let folder = tempfile::tempdir().unwrap();
    // Standard input that never ends.
    let mut command = Command::new(env!("CARGO_BIN_EXE_upsign"));
    command
        .args(["upload", "-", "--name=a.tar", "--route=archives", "--json"])
        .current_dir(folder.path())
        .env_clear();
    command.env("UPSIGN_API", server.url("api")).env("UPSIGN_TOKEN", token(&server));
    let mut child =
        command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    let mut stdin = child.stdin.take().unwrap();
    stdin.write_all(&bytes(PART + 1)).unwrap();
    std::thread::sleep(Duration::from_millis(500));
    assert!(Command::new("kill").args(["-INT", &child.id().to_string()]).status().unwrap().success());
    let mut code = None;
    eventually(|| {
        code = child.try_wait().unwrap();
        code.is_some()
    });
    assert_eq!(code.unwrap().code(), Some(130));
    drop(stdin);
}

/// A state of another version, or a damaged one, is shown. Nothing of it is removed without a word.
#[test]
fn states_that_cannot_be_read_are_listed_and_forgotten() {
    let server = server();
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("film.mp4"), bytes(2 * PART)).unwrap();
    upload_a_part(&server, folder.path());
    let states = folder.path().join("state/upsign/uploads").canonicalize().unwrap();
    let state = std::fs::read_dir(states).unwrap().next().unwrap().unwrap().path();
    let run = |arguments: &[&str]| {
        let mut command = Command::new(env!("CARGO_BIN_EXE_upsign"));
        command.arg("upload").args(arguments).current_dir(folder.path()).env_clear();
        command.env("UPSIGN_API", server.url("api")).env("UPSIGN_TOKEN", token(&server));
        let output = command.env("XDG_STATE_HOME", folder.path().join("state")).output().unwrap();
        let text = |bytes| String::from_utf8(bytes).unwrap();
        (output.status.code(), text(output.stdout), text(output.stderr))
    };
    std::fs::write(&state, "{\"v\":2}\n").unwrap();
    let path = state.to_str().unwrap();
    let reason = "it has version 2 of the format, so a newer upsign wrote it";
    let (_, listed, _) = run(&["--list"]);
    assert!(listed.contains(path) && listed.contains(reason), "{listed}");
    let json: Value = serde_json::from_str(&run(&["--list", "--json"]).1).unwrap();
    assert_eq!(json["unreadable"][0]["reason"], reason, "{json}");
    for option in [&[][..], &["--restart"], &["--abort"]] {
        let (code, _, errors) = run(&[&["film.mp4", "--route=videos"], option].concat());
        assert_eq!(code, Some(1), "{option:?} {errors}");
        assert!(errors.contains(reason), "{option:?} {errors}");
        assert!(errors.contains(&format!("drop it: upsign upload --forget {path}")), "{option:?} {errors}");
        assert!(state.exists(), "{option:?}");
    }
    assert_eq!(run(&[path, "--forget"]).1.trim(), "removed 1 state that cannot be read");
    assert!(!state.exists());

    std::fs::write(&state, "garbage").unwrap();
    let (code, _, errors) = run(&["film.mp4", "--route=videos"]);
    assert_eq!(code, Some(0), "{errors}");
    assert!(errors.contains(&format!("the state {path} of the interrupted upload is damaged")), "{errors}");
    std::fs::write(&state, "garbage").unwrap();
    assert_eq!(run(&["--forget"]).1.trim(), "removed 1 state that cannot be read");
    assert_eq!(run(&["--list"]).1.trim(), "no upload is interrupted");
}
