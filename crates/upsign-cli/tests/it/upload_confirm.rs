//! What follows an upload in `upsign dev` and `upsign upload`: confirmation, rejection with its exit code, URLs to read, several files
//! in one request, the events of the embedded S3 server, and webhooks.

use std::io::{Read as _, Write as _};
use std::net::TcpListener;

use serde_json::{Value, json};
use upsign::{Clock as _, SystemClock};
use upsign_webhooks::{WebhookHeaders, WebhookVerifier};

use crate::dev::client;
use crate::run::{CONFIG, Finished, Run, Serving, eventually, upsign};
use crate::upload::token;

/// A route with a quarantine, one whose objects an event can confirm, and one that confirms nothing.
const ROUTES: &str = r#"
[route.photos]
key = "photos/{sub}/{id}.{ext}"
pending_key = "pending/{sub}/{id}.{ext}"
types = ["image/jpeg"]
max_size = "1 MiB"
bodyless = "refuse"
confirm = true
inspect = "magic"
max_files = 2

[route.tagged]
key = "tagged/{sub}/{id}"
types = ["image/jpeg"]
max_size = "1 MiB"
bodyless = "refuse"
confirm = true
gate = "tag"
inspect = "hook"

[route.claimed]
key = "claimed/{id}"
types = ["text/plain"]
max_size = "1 MiB"
bodyless = "refuse"
confirm = true
claim = true

[route.plain]
key = "plain/{id}"
types = ["image/jpeg"]
max_size = "1 MiB"
bodyless = "refuse"

[route.mixed]
key = "mixed/{sub}/{id}"
types = ["video/mp4"]
max_size = "20 MiB"
bodyless = "refuse"
method = "post"
multipart = "auto"
multipart_above = "5 MiB"
part_size = "5 MiB"
confirm = true
max_files = 3

[token]
keys = ["env:UPSIGN_TOKEN_SECRET"]
"#;

const PHOTO: &[u8] = include_bytes!("../../assets/demo.jpg");
const PAGE: &str = "<!DOCTYPE html><html><script>alert(1)</script></html>";

fn server() -> Serving {
    let run = upsign(&["dev", "--config=upsign.toml", "--listen=127.0.0.1:0", "--json"]);
    run.file("upsign.toml", &format!("{CONFIG}{ROUTES}")).errors_to("log").serving()
}

/// Returns the command with a photo, another photo, and a page that is called a photo.
fn upload(server: &Serving, arguments: &[&str]) -> Run {
    let run = upsign(&[&["upload", "--json"], arguments].concat());
    let folder = run.folder.path();
    std::fs::write(folder.join("photo.jpg"), PHOTO).unwrap();
    std::fs::write(folder.join("other.jpg"), PHOTO).unwrap();
    std::fs::write(folder.join("page.jpg"), PAGE).unwrap();
    std::fs::write(folder.join("text.txt"), "some text").unwrap();
    let state = folder.join("state").to_str().unwrap().to_owned();
    run.variable("UPSIGN_API", &server.url("api"))
        .variable("UPSIGN_TOKEN", &token(server))
        .variable("XDG_STATE_HOME", &state)
}

/// Returns the results of the files: the last line.
fn uploads(finished: &Finished) -> Vec<Value> {
    let stdout = finished.stdout();
    let last: Value = serde_json::from_str(stdout.lines().last().unwrap()).unwrap();
    last["uploads"].as_array().unwrap().clone()
}

#[test]
fn photo_is_confirmed_and_read_with_the_printed_url() {
    let server = server();
    let finished = upload(&server, &["--route=photos", "--read-url", "photo.jpg"]).output();
    assert_eq!(finished.code(), 0, "{}", finished.stderr());
    let uploaded = &uploads(&finished)[0];
    assert_eq!((&uploaded["state"], &uploaded["contentType"]), (&"confirmed".into(), &"image/jpeg".into()));
    assert!(uploaded["key"].as_str().unwrap().starts_with("photos/"));
    assert!(uploaded["receipt"].as_str().unwrap().len() > 100);
    let read = client().get(uploaded["readUrl"].as_str().unwrap()).send().unwrap();
    assert_eq!(read.headers()["content-type"], "image/jpeg");
    assert!(read.bytes().unwrap() == PHOTO);
}

#[test]
fn tag_is_a_gate_of_the_embedded_bucket_which_has_versions() {
    let server = server();
    let finished = upload(&server, &["--route=tagged", "--read-url", "photo.jpg"]).output();
    assert_eq!(finished.code(), 0, "{}", finished.stderr());
    let uploaded = &uploads(&finished)[0];
    assert_eq!(uploaded["state"], "confirmed");
    let url = uploaded["readUrl"].as_str().unwrap();
    assert!(url.contains("versionId="), "{url}");
    assert!(client().get(url).send().unwrap().bytes().unwrap() == PHOTO);
}

#[test]
fn start_warns_that_nothing_is_inspected_for_an_application() {
    let server = server();
    eventually(|| server.read("log").contains("Press Ctrl-C"));
    let log = server.read("log").split_whitespace().collect::<Vec<_>>().join(" ");
    assert!(log.contains("warning: route.tagged.inspect: no file is inspected here"), "{log}");
    assert!(log.contains("every file is accepted and confirmed"), "{log}");
}

#[test]
fn url_without_a_version_is_printed_with_the_header_that_it_needs() {
    let run = upsign(&["dev", "--config=upsign.toml", "--listen=127.0.0.1:0", "--json"]);
    let routes = ROUTES.split("[route.tagged]").next().unwrap();
    let rest = "\n[token]\nkeys = [\"env:UPSIGN_TOKEN_SECRET\"]\n\n[deployment]\nversioned = false\n";
    let server = run.file("upsign.toml", &format!("{CONFIG}{routes}{rest}")).errors_to("log").serving();
    let finished = upload(&server, &["--route=photos", "--read-url", "photo.jpg"]).output();
    assert_eq!(finished.code(), 0, "{}", finished.stderr());
    let uploaded = &uploads(&finished)[0];
    let url = uploaded["readUrl"].as_str().unwrap();
    let etag = uploaded["readHeaders"]["if-match"].as_str().unwrap();
    assert!(client().get(url).header("if-match", etag).send().unwrap().bytes().unwrap() == PHOTO);
    assert_eq!(client().get(url).send().unwrap().status(), 403, "the header is signed");
}

#[test]
fn page_that_is_called_a_photo_ends_with_code_4() {
    let server = server();
    let finished = upload(&server, &["--route=photos", "page.jpg"]).output();
    assert_eq!(finished.code(), 4, "{}", finished.stderr());
    let error = &uploads(&finished)[0]["error"];
    assert_eq!(error["code"], "confirm-rejected");
    assert!(error["message"].as_str().unwrap().contains("type-mismatch"), "{error}");

    let finished = upload(&server, &["--route=photos", "photo.jpg", "page.jpg"]).output();
    assert_eq!(finished.code(), 3, "one of several: {}", finished.stderr());
}

#[test]
fn confirmation_can_be_left_out_or_demanded() {
    let server = server();
    let finished = upload(&server, &["--route=photos", "--no-confirm", "photo.jpg"]).output();
    assert_eq!(finished.code(), 0, "{}", finished.stderr());
    assert_eq!(uploads(&finished)[0].get("state"), None);

    let finished = upload(&server, &["--route=plain", "photo.jpg"]).output();
    assert_eq!((finished.code(), uploads(&finished)[0].get("receipt")), (0, None), "{}", finished.stderr());
    for option in ["--confirm", "--read-url"] {
        let finished = upload(&server, &["--route=plain", option, "photo.jpg"]).output();
        assert_eq!(finished.code(), 1, "{option}");
        assert_eq!(uploads(&finished)[0]["error"]["code"], "confirm-not-offered");
    }
}

#[test]
fn files_are_granted_together_or_not_at_all() {
    let server = server();
    let finished = upload(&server, &["--route=photos", "--together", "photo.jpg", "other.jpg"]).output();
    assert_eq!(finished.code(), 0, "{}", finished.stderr());
    assert!(uploads(&finished).iter().all(|it| it["state"] == "confirmed"));

    let three = ["--route=photos", "--together", "photo.jpg", "other.jpg", "page.jpg"];
    let finished = upload(&server, &three).output();
    assert_eq!(finished.code(), 1);
    assert!(finished.stdout().contains("files-count") && finished.stderr().contains("fewer files"));
    let mixed = ["--route=photos", "--together", "photo.jpg", "text.txt"];
    let finished = upload(&server, &mixed).output();
    assert!(finished.stderr().contains("text.txt: "), "the refused file is named: {}", finished.stderr());
}

/// Returns how files of these lengths are sent if one request asks for all of them, as `upsign upload --together` does.
fn granted_methods<const N: usize>(
    server: &Serving,
    route: &str,
    content_type: &str,
    lens: [usize; N],
) -> [String; N] {
    let file = |len| json!({"contentType": content_type, "contentLength": len});
    let request = client().post(format!("{}/upload-url", server.url("api")));
    let answer = request
        .bearer_auth(token(server))
        .json(&json!({"route": route, "files": lens.map(file).to_vec()}))
        .send()
        .unwrap();
    let answer: Value = answer.json().unwrap();
    std::array::from_fn(|index| answer["files"][index]["method"].as_str().unwrap().to_owned())
}

#[test]
fn files_of_one_request_are_sent_by_forms_and_in_parts() {
    const ABOVE: usize = 5 << 20;
    let server = server();
    let run = upload(
        &server,
        &["--route=mixed", "--together", "--read-url", "small.mp4", "largest.mp4", "large.mp4"],
    );
    let files = [("small.mp4", 7), ("largest.mp4", ABOVE), ("large.mp4", ABOVE + 1)];
    assert_eq!(
        granted_methods(&server, "mixed", "video/mp4", files.map(|(_, len)| len)),
        ["POST", "POST", "MULTIPART"]
    );
    for (name, len) in files {
        std::fs::write(run.folder.path().join(name), vec![b'a'; len]).unwrap();
    }
    let finished = run.output();
    assert_eq!(finished.code(), 0, "{}", finished.stderr());
    let uploads = uploads(&finished);
    for (uploaded, (name, len)) in uploads.iter().zip(files) {
        assert_eq!(uploaded["state"], "confirmed", "{name}");
        let parts = uploaded.get("parts").and_then(Value::as_u64);
        assert_eq!(parts, (len > ABOVE).then_some(2), "{uploaded}");
        let etag = uploaded["readHeaders"]["if-match"].as_str();
        let mut read = client().get(uploaded["readUrl"].as_str().unwrap());
        if let Some(etag) = etag {
            read = read.header("if-match", etag);
        }
        assert_eq!(read.send().unwrap().bytes().unwrap().len(), len, "{name}");
    }
    assert_eq!(uploads.len(), 3);
}

#[test]
fn events_of_the_embedded_server_confirm_what_proves_itself() {
    let server = server();
    let finished = upload(&server, &["--route=claimed", "--no-confirm", "text.txt"]).output();
    assert_eq!(finished.code(), 0, "{}", finished.stderr());
    let key = uploads(&finished)[0]["key"].as_str().unwrap().to_owned();
    let announced = format!("announced: upload.confirmed {key}");
    eventually(|| server.read("log").contains(&announced));
}

/// Receives one request and answers 204. Returns its head and its body.
fn receive_one(listener: &TcpListener) -> (String, Vec<u8>) {
    let (mut stream, _) = listener.accept().unwrap();
    let (mut received, mut chunk) = (Vec::new(), [0; 4_096]);
    loop {
        let read = stream.read(&mut chunk).unwrap();
        received.extend_from_slice(&chunk[..read]);
        let Some(end) = received.windows(4).position(|it| it == b"\r\n\r\n") else { continue };
        let head = String::from_utf8(received[..end].to_vec()).unwrap().to_lowercase();
        let len = header(&head, "content-length").parse::<usize>().unwrap();
        if received.len() >= end + 4 + len {
            stream.write_all(b"HTTP/1.1 204 No Content\r\nconnection: close\r\n\r\n").unwrap();
            // The signature is base64, so its case matters.
            let head = String::from_utf8(received[..end].to_vec()).unwrap();
            return (head, received[end + 4..].to_vec());
        }
    }
}

fn header(head: &str, name: &str) -> String {
    let lines = head.lines().filter_map(|line| line.split_once(": "));
    let mut found =
        lines.filter(|(key, _)| key.eq_ignore_ascii_case(name)).map(|(_, value)| value.to_owned());
    found.next().unwrap_or_else(|| panic!("no {name} in {head}"))
}

/// Receives one webhook of `upsign dev`, verifies it with the secret that the server has printed, and returns its message.
fn verified_webhook(server: &Serving, listener: &TcpListener) -> Value {
    let (head, body) = receive_one(listener);
    let log = server.read("log");
    let secret = log.split_whitespace().find(|word| word.starts_with("whsec_")).unwrap();
    let verifier = WebhookVerifier::new([secret.parse().unwrap()]).unwrap();
    let (id, timestamp) = (header(&head, "webhook-id"), header(&head, "webhook-timestamp"));
    let signature = header(&head, "webhook-signature");
    let headers = WebhookHeaders { id: &id, timestamp: &timestamp, signature: &signature };
    verifier.verify(headers, &body, SystemClock.now()).unwrap();
    serde_json::from_slice(&body).unwrap()
}

#[test]
fn upsign_dev_sends_signed_webhooks_to_this_machine() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}/hooks", listener.local_addr().unwrap());
    let webhook = format!(
        "[webhook]\nurl = \"{url}\"\nsecrets = [\"env:WEBHOOK_SECRET\"]\noutbox = \"process\"\n[server]\nsingle_process = true\n"
    );
    let run = upsign(&["dev", "--config=upsign.toml", "--listen=127.0.0.1:0", "--json"]);
    let config = format!("{CONFIG}{ROUTES}{webhook}");
    let server = run.file("upsign.toml", &config).errors_to("log").serving();
    let finished = upload(&server, &["--route=photos", "photo.jpg"]).output();
    assert_eq!(finished.code(), 0, "{}", finished.stderr());
    let message = verified_webhook(&server, &listener);
    assert_eq!(message["type"], "upload.confirmed", "{message}");
    assert_eq!(message["data"]["receipt"], uploads(&finished)[0]["receipt"]);

    let finished = upload(&server, &["--route=photos", "page.jpg"]).output();
    assert_eq!(finished.code(), 4, "{}", finished.stderr());
    let message = verified_webhook(&server, &listener);
    assert_eq!(message["type"], "upload.rejected", "{message}");
    assert_eq!(message["data"]["reason"], "type-mismatch", "{message}");
    assert!(message["data"]["key"].as_str().unwrap().starts_with("photos/"), "{message}");
    assert_eq!(message["data"].get("receipt"), None, "{message}");
}
