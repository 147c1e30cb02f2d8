//! `upsign upload` against the embedded API and store of `upsign dev`: files, standard input, resuming after SIGKILL, JSON,
//! callers, and errors with their next step.

use std::io::{BufRead as _, BufReader, Write as _};
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use serde_json::Value;
use sha2::{Digest, Sha256};

use crate::dev::client;
use crate::run::{CONFIG, Run, Serving, eventually, upsign};

/// Routes with uploads in parts, of files and of standard input.
const ROUTES: &str = r#"
[route.videos]
key = "videos/{id}"
types = ["video/mp4"]
max_size = "5 GiB"
bodyless = "refuse"
multipart = "always"
part_size = "5 MiB"

[route.archives]
key = "archives/{id}"
types = ["application/x-tar"]
max_size = "20 MiB"
size_bound = "max"
bodyless = "refuse"
multipart = "always"
part_size = "5 MiB"
"#;

const PART: usize = 5 << 20;

/// Starts the services.
pub(crate) fn server() -> Serving {
    let run = upsign(&["dev", "--config=upsign.toml", "--listen=127.0.0.1:0", "--json"]);
    run.file("upsign.toml", &format!("{CONFIG}{ROUTES}")).errors_to("log").serving()
}

/// Returns a token of the first user.
pub(crate) fn token(server: &Serving) -> String {
    client().get(server.url("token")).send().unwrap().text().unwrap()
}

/// Returns the command with the API and a token of the server. States are in its own folder.
fn upload(server: &Serving, arguments: &[&str]) -> Run {
    let run = upsign(&[&["upload"], arguments].concat());
    let state = run.folder.path().join("state");
    run.variable("UPSIGN_API", &server.url("api"))
        .variable("UPSIGN_TOKEN", &token(server))
        .variable("XDG_STATE_HOME", state.to_str().unwrap())
}

fn bytes(len: usize) -> Vec<u8> {
    let mut state = 1_u64;
    let next = || {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        state.to_le_bytes()
    };
    let mut bytes: Vec<u8> = std::iter::repeat_with(next).take(len.div_ceil(8)).flatten().collect();
    bytes.truncate(len);
    bytes
}

/// Returns the SHA-256 of an object that was stored by a route.
fn stored(server: &Serving, route: &str, key: &str) -> Vec<u8> {
    let request = serde_json::json!({"key": key, "route": route});
    let url = format!("{}dev/read", server.url("page"));
    let answer: Value =
        client().post(url).bearer_auth(token(server)).json(&request).send().unwrap().json().unwrap();
    let object =
        client().get(answer["url"].as_str().unwrap()).timeout(Duration::from_secs(60)).send().unwrap();
    assert_eq!(object.status(), 200, "{key}");
    Sha256::digest(object.bytes().unwrap()).to_vec()
}

fn lines(text: &str) -> Vec<Value> {
    text.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}

#[test]
fn files_are_uploaded_in_one_request_or_in_parts() {
    let server = server();
    let photo = include_bytes!("../../assets/demo.jpg");
    let run = upload(&server, &["photo.JPG", "--json"]);
    std::fs::write(run.folder.path().join("photo.JPG"), photo).unwrap();
    let run = run.output();
    run.exits(0);
    let events = lines(&run.stdout());
    let result = &events.last().unwrap()["uploads"][0];
    let key = result["key"].as_str().unwrap();
    assert!(key.starts_with("articles/") && key.ends_with(".jpg"), "the type is found by the name: {key}");
    assert_eq!((&result["file"], &result["size"]), (&"photo.JPG".into(), &photo.len().into()));
    assert!(result["ids"]["articleId"].is_string() && result["checksum"]["crc64nvme"].is_string());
    assert_eq!(stored(&server, "upload", key), Sha256::digest(photo).to_vec());

    let film = bytes(3 * PART + 17);
    let run = upload(&server, &["film.mp4", "--route=videos", "-j2"]);
    std::fs::write(run.folder.path().join("film.mp4"), &film).unwrap();
    let run = run.output();
    run.exits(0);
    let text = run.stdout();
    let key = text.split("is stored as ").nth(1).and_then(|rest| rest.split(',').next()).unwrap();
    assert_eq!(stored(&server, "videos", key), Sha256::digest(&film).to_vec());
    run.has_message("film.mp4: 4 parts of 5 MiB each").has_message("film.mp4: 100 % of");
    assert!(!run.stderr().contains("X-Amz-Signature"), "{}", run.stderr());
}

#[test]
fn standard_input_is_uploaded_in_parts() {
    let server = server();
    let run = upload(&server, &["-", "--name=photos.tar", "--route=archives", "--json"]);
    let text = "a line of text\n".repeat((PART + 99) / 15);
    let run = run.output_for_input(&text);
    run.exits(0);
    let result = lines(&run.stdout()).pop().unwrap();
    let result = &result["uploads"][0];
    assert_eq!((&result["size"], &result["parts"]), (&text.len().into(), &2.into()), "{result}");
    let key = result["key"].as_str().unwrap();
    assert_eq!(stored(&server, "archives", key), Sha256::digest(text.as_bytes()).to_vec());
}

#[test]
fn standard_input_needs_a_route_with_a_maximum() {
    let server = server();
    let run = upload(&server, &["-", "--route=videos", "--type=video/mp4"]).output_for_input("abc");
    run.exits(1).has_message("the size of standard input is not known");
    run.has_message(
        "save it to a file, or choose a route with `multipart = \"auto\"` and `size_bound = \"max\"`",
    );
}

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
    // The state is written before the event of the part after the next one: two parts are sent at the same time.
    let parts = lines.map_while(Result::ok).filter(|line| line.contains("part-stored")).take(3).count();
    child.kill().unwrap();
    child.wait().unwrap();
    assert_eq!(parts, 3, "the upload ended early");
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
            // A part is written to the state right after its event, and two parts are sent at the same time.
            assert!(kept + 2 >= parts(&killed), "{moment}: {kept} parts were kept of {killed:?}");
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
    for ended in ["abort", "forget"] {
        upload_a_part(&server, folder.path());
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
        } else {
            assert_eq!(run(&["--forget"]).1.trim(), "forgot 1 interrupted upload");
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
    assert!(error["help"].as_str().unwrap().contains("--restart"), "{error}");
}

/// The buffers of four parts take 32 MiB. The code of a debug build takes about as much, and is not counted.
#[cfg(target_os = "linux")]
#[test]
fn memory_does_not_grow_with_the_file() {
    let server = server();
    let folder = tempfile::tempdir().unwrap();
    let film = std::fs::File::create(folder.path().join("film.mp4")).unwrap();
    film.set_len(256 << 20).unwrap();
    let token = token(&server);
    let mut command = Command::new(env!("CARGO_BIN_EXE_upsign"));
    command
        .args(["upload", "film.mp4", "--route=videos", "-j4", "--no-state"])
        .current_dir(folder.path())
        .env_clear();
    command.env("UPSIGN_API", server.url("api")).env("UPSIGN_TOKEN", token);
    let mut child = command.stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap();
    let (mut peak, mut samples) = (0, 0);
    let status = loop {
        let status = std::fs::read_to_string(format!("/proc/{}/status", child.id())).unwrap();
        let line = status.lines().find_map(|line| line.strip_prefix("RssAnon:"));
        if let Some(kib) = line.and_then(|line| line.split_whitespace().next()?.parse::<u64>().ok()) {
            (peak, samples) = (peak.max(kib), samples + 1);
        }
        if let Some(status) = child.try_wait().unwrap() {
            break status;
        }
        std::thread::sleep(Duration::from_millis(2));
    };
    assert!(status.success());
    assert!(samples > 50, "only {samples} samples");
    assert!(peak < 48 << 10, "{peak} KiB");
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
    let upload = |user: &str| {
        let token =
            client().get(format!("{}?user={user}", server.url("token"))).send().unwrap().text().unwrap();
        let mut command = Command::new(env!("CARGO_BIN_EXE_upsign"));
        command.args(["upload", "film.mp4", "--route=videos"]).current_dir(folder.path()).env_clear();
        command.env("UPSIGN_API", server.url("api")).env("UPSIGN_TOKEN", token);
        let output = command.env("XDG_STATE_HOME", folder.path().join("state")).output().unwrap();
        (output.status.code(), String::from_utf8(output.stderr).unwrap())
    };
    let (code, errors) = upload("bob");
    assert_eq!(code, Some(1), "{errors}");
    assert!(errors.contains("(upload-token-invalid)"), "{errors}");
    assert!(errors.contains("sign in as the caller who began the upload"), "{errors}");
    // Nothing was lost: the one who began it goes on.
    let (code, errors) = upload("alice");
    assert_eq!(code, Some(0), "{errors}");
    assert!(errors.contains("film.mp4: resumed, "), "{errors}");
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

#[test]
fn several_files_fail_one_by_one() {
    let server = server();
    let run = upload(&server, &["a.jpg", "b.txt", "c.png", "--json"]);
    let run = run.file("a.jpg", "jpg").file("b.txt", "text").file("c.png", "png").output();
    run.exits(3).has_message("b.txt: ");
    let events = lines(&run.stdout());
    let uploads = events.last().unwrap()["uploads"].as_array().unwrap();
    let stored: Vec<bool> = uploads.iter().map(|upload| upload["key"].is_string()).collect();
    assert_eq!(stored, [true, false, true]);
    assert!(events.iter().any(|event| event["event"] == "failed" && event["file"] == "b.txt"));
    let all = upload(&server, &["b.txt", "d.txt"]).file("b.txt", "text").file("d.txt", "text").output();
    all.exits(1);
}

#[test]
fn token_command_runs_for_each_token() {
    let server = server();
    let run = upsign(&[
        "upload",
        "a.jpg",
        "--api",
        &server.url("api"),
        "--token-command",
        "cat token",
        "--no-state",
    ]);
    run.file("a.jpg", "jpg")
        .file("token", &format!("{}\n", token(&server)))
        .variable("PATH", "/usr/bin:/bin")
        .output()
        .exits(0);
    for (command, expected) in [
        ("echo oh no >&2; exit 3", "--token-command failed with exit status: 3: oh no"),
        ("echo two words", "--token-command printed no token"),
        ("true", "--token-command printed no token"),
    ] {
        let run = upsign(&[
            "upload",
            "a.jpg",
            "--api",
            &server.url("api"),
            "--token-command",
            command,
            "--no-state",
        ]);
        let run = run.file("a.jpg", "jpg").variable("PATH", "/usr/bin:/bin").output();
        run.exits(1).has_message(expected);
    }
}

#[test]
fn caller_signs_in_with_a_password() {
    let server = server();
    let config: Value =
        client().get(format!("{}dev/config.json", server.url("page"))).send().unwrap().json().unwrap();
    let (issuer, user) = (&config["issuers"][0], config["users"][0]["name"].as_str().unwrap());
    let text = |value: &Value| value.as_str().unwrap().to_owned();
    let (pool, id, api) = (text(&issuer["endpoint"]), text(&issuer["clientId"]), server.url("api"));
    let arguments =
        ["upload", "a.jpg", "--no-state", "--user", user, "--pool", &pool, "--client-id", &id, "--api", &api];
    let run = || upsign(&arguments).file("a.jpg", "jpg");
    run().variable("UPSIGN_PASSWORD", &text(&config["password"])).output().exits(0);
    run().output().exits(2).has_message("UPSIGN_PASSWORD is not set");
    let wrong = run().variable("UPSIGN_PASSWORD", "not the password").output();
    wrong.exits(1).has_message("the sign-in failed with 400");
    assert!(!wrong.stderr().contains("not the password"));
}

#[test]
fn errors_name_the_next_step() {
    let server = server();
    let check = |run: Run, code, message: &str, help: &str| {
        let run = run.file("a.jpg", "jpg").output();
        run.exits(code).has_message(message).has_message(help);
    };
    let bare = |arguments: &[&str]| upsign(&[&["upload"], arguments].concat());
    check(bare(&["a.jpg"]), 2, "which API grants the upload?", "pass --api URL, or set UPSIGN_API");
    check(bare(&["a.jpg", "--api=ftp://a"]), 2, "--api: ", "expected https:// or http://");
    check(
        bare(&["a.jpg", "--api=http://127.0.0.1:1"]),
        2,
        "there is no token of the caller",
        "set UPSIGN_TOKEN",
    );
    let closed = bare(&["a.jpg", "--api=http://127.0.0.1:1", "--token=t", "--retries=0", "--no-state"]);
    check(closed, 1, "the request for an upload failed", "check --api, and whether the API is running");
    let page = format!("{}nothing", server.url("page"));
    let wrong = bare(&["a.jpg", "--api", &page, "--token=t", "--no-state"]);
    check(wrong, 1, "(not-found)", "check --api: it is the address of POST /upload-url");
    let api = server.url("api");
    let token = bare(&["a.jpg", "--api", &api, "--token=not.a.token", "--no-state"]);
    check(token, 1, "(unauthorized)", "pass a valid token of a user of this API");
    check(upload(&server, &["absent.jpg"]), 2, "cannot read absent.jpg: there is no such file", "");
    check(upload(&server, &["a.jpg", "a.jpg"]), 2, "a.jpg is named twice", "");
    check(upload(&server, &["-", "-"]), 2, "standard input (-) can be uploaded once", "");
}
