//! `upsign upload` against the embedded API and store of `upsign dev`: files, standard input, memory, JSON, callers, and errors with their next step.

use std::process::{Command, Stdio};
use std::time::Duration;

use serde_json::Value;
use sha2::{Digest, Sha256};

use crate::dev::client;
use crate::run::{CONFIG, Run, Serving, upsign};

/// Routes with multipart uploads, of files and of standard input.
pub(crate) const ROUTES: &str = r#"
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

[route.backups]
key = "backups/{id}"
types = ["application/x-tar"]
max_size = "1 GiB"
size_bound = "max"
bodyless = "refuse"
multipart = "always"
part_size = "100 MiB"
"#;

pub(crate) const PART: usize = 5 << 20;

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

pub(crate) fn bytes(len: usize) -> Vec<u8> {
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
pub(crate) fn stored(server: &Serving, route: &str, key: &str) -> Vec<u8> {
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
    let small = upload(&server, &["small.mp4", "--route=videos"]).file("small.mp4", "film").output();
    small.exits(0).has_message("small.mp4: 1 part of ");
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

/// A pipe can be read only once, so its parts are kept in memory until they are stored.
#[test]
fn standard_input_with_parts_above_the_buffer_is_refused() {
    let server = server();
    let run = upload(&server, &["-", "--name=disk.tar", "--route=backups"]).output_for_input("abc");
    run.exits(1).has_message("the parts of standard input have 104857600 bytes");
    run.has_message("save it to a file, or ask for a route with a smaller `part_size` or `max_size`");
}

#[test]
fn standard_input_needs_a_route_with_a_maximum() {
    let server = server();
    let run = upload(&server, &["-", "--route=videos", "--type=video/mp4"]).output_for_input("abc");
    let expected =
        "error: the size of standard input is not known, and the route grants only uploads of a known size\n";
    run.exits(1).has_message(expected);
    run.has_message(
        "save it to a file, or ask the operator of the API for a route with `multipart = \"auto\"` and `size_bound = \"max\"`",
    );
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

/// `script` of util-linux runs a command on a terminal of its own.
#[cfg(target_os = "linux")]
#[test]
fn terminal_shows_bars_with_rate_and_parts_in_flight() {
    let server = server();
    let folder = tempfile::tempdir().unwrap();
    for name in ["a.mp4", "b.mp4"] {
        std::fs::File::create(folder.path().join(name)).unwrap().set_len(100 << 20).unwrap();
    }
    let program = env!("CARGO_BIN_EXE_upsign");
    let upload = format!("stty cols 200; exec {program} upload a.mp4 b.mp4 --route=videos -j2 --no-state");
    let mut command = Command::new("script");
    command.args(["--quiet", "--return", "--command", &upload, "/dev/null"]).current_dir(folder.path());
    command.env_clear().env("PATH", "/usr/bin:/bin").env("TERM", "xterm");
    command.env("UPSIGN_API", server.url("api")).env("UPSIGN_TOKEN", token(&server));
    let output = command.stdin(Stdio::null()).output().unwrap();
    let text = String::from_utf8_lossy(&output.stdout);
    assert!(output.status.success(), "{text}");
    for expected in
        ["/100.00 MiB", "/200.00 MiB", "iB/s", "in all", " 2 parts in flight", " 1 part in flight"]
    {
        assert!(text.contains(expected), "{expected} is not in {text}");
    }
    assert!(!text.contains(" 3 parts in flight"), "-j2 sends two at a time: {text}");
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
        ("exit 3", "--token-command failed with exit status: 3 and printed nothing on standard error"),
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
    wrong.exits(1).has_message("the sign-in failed with 400").has_message(" (NotAuthorizedException)");
    wrong.has_message("check --token-command, or --user, --pool, --client-id and UPSIGN_PASSWORD");
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
    check(bare(&["a.jpg", "--api=api"]), 2, "--api: ", "expected a URL such as");
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
    let several = upload(&server, &["absent.jpg", "a.jpg", "other.jpg"]);
    check(several, 2, "cannot read absent.jpg", "cannot read other.jpg");
    check(upload(&server, &["a.jpg", "a.jpg"]), 2, "a.jpg is named twice", "");
    check(upload(&server, &["-", "-"]), 2, "standard input (-) can be uploaded once", "");
}

/// An S3 server is no API, and an operator has to correct what the store refuses: the same command does not help.
#[test]
fn errors_that_a_repetition_does_not_change_do_not_ask_for_one() {
    let server = server();
    for (status, body, help) in [
        ("400 Bad Request", "<Error/>", "the answer is not one of upsign: check --api"),
        (
            "500 Internal Server Error",
            r#"{"code":"store-refused","detail":"d"}"#,
            "the operator of the API has to correct this; the log of the API has the reason",
        ),
        (
            "503 Service Unavailable",
            r#"{"code":"store-unavailable","detail":"d"}"#,
            "run the same command again",
        ),
    ] {
        let api = answering(status, body);
        let run = upsign(&["upload", "a.jpg", "--api", &api, "--token=t", "--retries=0", "--no-state"]);
        let run = run.file("a.jpg", "jpg").output();
        run.exits(1).has_message(help);
        assert_eq!(
            run.stderr().matches("run the same command").count(),
            usize::from(status.starts_with("503"))
        );
    }
    let run = upload(&server, &["a.jpg", "--multipart"]).file("a.jpg", "jpg").output();
    run.exits(1).has_message("(multipart-not-allowed)").has_message("help: leave out --multipart");
    let run = upload(&server, &["a.jpg", "--id=videoId=1"]).file("a.jpg", "jpg").output();
    run.exits(1).has_message("(body-unknown-member)").has_message("leave out --id");
}

/// Answers one request, and returns the address.
fn answering(status: &str, body: &str) -> String {
    use std::io::{Read as _, Write as _};
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let address = format!("http://{}", listener.local_addr().unwrap());
    let answer =
        format!("HTTP/1.1 {status}\r\ncontent-length: {}\r\nconnection: close\r\n\r\n{body}", body.len());
    std::thread::spawn(move || {
        let (mut stream, _) = listener.accept().unwrap();
        let mut request = [0; 4096];
        let mut received = Vec::new();
        while !received.ends_with(b"}") {
            let count = stream.read(&mut request).unwrap();
            received.extend_from_slice(&request[..count]);
        }
        stream.write_all(answer.as_bytes()).unwrap();
    });
    address
}
