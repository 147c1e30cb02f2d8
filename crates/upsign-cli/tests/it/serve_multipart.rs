//! `upsign serve` and `upsign dev` with routes that upload in parts: the keys of upload tokens.

use crate::run::{CONFIG, upsign};

const SECRET: &str = "q3Jf0y1G8uVb2sXk5mPz7wRt9aLd4cNe6hQoTiYxUvM=";

const VIDEOS: &str = r#"
[route.videos]
key = "videos/{sub}/{id}"
types = ["video/mp4"]
max_size = "5 GiB"
bodyless = "refuse"
multipart = "always"
"#;

const KEYS: &str = "[token]\nkeys = [\"env:UPSIGN_TOKEN_SECRET\", \"file:old.key\"]\n";

fn with(rest: &str) -> String {
    format!("{CONFIG}{VIDEOS}{rest}")
}

#[test]
fn server_without_keys_of_upload_tokens_does_not_start() {
    for (rest, expected) in [
        ("", "token.keys is not set: write keys = [\"env:UPSIGN_TOKEN_SECRET\"] below [token]"),
        (
            KEYS,
            "item 1: the variable UPSIGN_TOKEN_SECRET is not set or empty: set it to what `openssl rand -base64 32` prints",
        ),
    ] {
        let run = upsign(&["serve", "--listen=127.0.0.1:0"]).file("upsign.toml", &with(rest)).credentials();
        let finished = run.output();
        assert_eq!(finished.code(), 2, "{}", finished.stderr());
        assert!(finished.stderr().contains("cannot sign the tokens of uploads"), "{}", finished.stderr());
        let shown = finished.stderr().split_whitespace().collect::<Vec<_>>().join(" ");
        assert!(shown.contains(expected), "{shown}");
        assert_eq!(shown.contains("--> upsign.toml:"), !rest.is_empty(), "{shown}");
    }
}

#[test]
fn server_names_its_keys_and_shows_no_secret() {
    let server = upsign(&["serve", "--listen=127.0.0.1:0", "--json"])
        .file("upsign.toml", &with(KEYS))
        .file("old.key", &format!("{}\n", "o".repeat(32)))
        .variable("UPSIGN_TOKEN_SECRET", SECRET)
        .credentials()
        .errors_to("log")
        .serving();
    let log = server.terminate_and_read("log");
    assert!(log.contains("2 keys, the first signs: "), "{log}");
    assert!(log.find("upsign serve") < log.find("token keys"), "{log}");
    assert!(!log.contains(SECRET), "{log}");
}

#[test]
fn secret_on_a_line_of_the_file_is_not_shown() {
    for arguments in
        [&["check"][..], &["check", "--json"], &["serve", "--print-config"], &["serve", "--json"]]
    {
        for keys in [format!("keys = [\"{SECRET}\"]"), format!("keys = [\"env:A\" \"{SECRET}\"]")] {
            let text = with(&format!("[token]\n{keys}\n"));
            let finished = upsign(arguments).file("upsign.toml", &text).output();
            assert_eq!(finished.code(), 2, "{}", finished.stderr());
            let shown = finished.stdout() + &finished.stderr();
            assert!(!shown.contains(SECRET) && shown.contains("upsign.toml"), "{arguments:?}\n{shown}");
        }
    }
}

#[test]
fn api_is_described_without_keys() {
    let finished = upsign(&["serve", "--print-openapi"]).file("upsign.toml", &with("")).output();
    assert_eq!(finished.code(), 0, "{}", finished.stderr());
    assert!(finished.stdout().contains("/upload-url"), "{}", finished.stdout());
}

#[test]
fn development_server_makes_keys_of_its_own() {
    let server = upsign(&["dev", "--config=upsign.toml", "--listen=127.0.0.1:0", "--json"])
        .file("upsign.toml", &with(KEYS))
        .errors_to("log")
        .serving();
    let log = server.read("log");
    assert!(log.contains("signed with a key of this run, in place of [token]"), "{log}");
    let token = reqwest::blocking::get(server.url("token")).unwrap().text().unwrap();
    let body = r#"{"route":"videos","contentType":"video/mp4","contentLength":20971520}"#;
    let client = reqwest::blocking::Client::builder().no_proxy().build().unwrap();
    let request = client.post(format!("{}/upload-url", server.url("api"))).bearer_auth(token.trim());
    let answer = request.header("content-type", "application/json").body(body).send().unwrap();
    let (status, text) = (answer.status(), answer.text().unwrap());
    assert_eq!(status, 200, "{text}");
    assert!(text.contains("\"method\":\"MULTIPART\"") && text.contains("\"uploadToken\":\""), "{text}");
    // The page sends each file in one request, and asks for that where a route has multipart uploads.
    let config = client.get(format!("{}dev/config.json", server.url("page"))).send().unwrap().text().unwrap();
    assert!(config.contains("\"multipart\":true"), "{config}");
    assert_eq!(server.terminate(), 0);
}
