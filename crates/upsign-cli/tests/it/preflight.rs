//! `upsign preflight`: against the embedded services, against servers that answer badly, with rules in a file, and what is refused.

use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use serde_json::{Value, json};

use crate::dev::{client, dev_with_config};
use crate::run::{CONFIG, Serving, upsign};

const PAGE: &str = "http://localhost:5173";
const SIGNATURE: &str = "5f1e5f1e5f1e5f1e0a0b0c0d0e0f0a0b0c0d0e0f0a0b0c0d0e0f0a0b0c0d0e0f";

/// Returns a presigned URL at this host.
fn url(host: &str) -> String {
    format!(
        "{host}/my-bucket/a.jpg?X-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-Date=20260101T000000Z&X-Amz-Expires=900\
         &X-Amz-Credential=AKIAIOSFODNN7EXAMPLE%2F20260101%2Feu-central-1%2Fs3%2Faws4_request\
         &X-Amz-SignedHeaders=content-type%3Bhost&X-Amz-Signature={SIGNATURE}"
    )
}

/// Starts the services for pages of [`PAGE`], and returns them with the answer of the API for an upload.
fn server() -> (Serving, String) {
    let listed = format!("[\"https://app.example.com\", \"{PAGE}\"]");
    let server = dev_with_config(&CONFIG.replace("[\"https://app.example.com\"]", &listed));
    let token = client().get(server.url("token")).send().unwrap().text().unwrap();
    let body = json!({"contentType": "image/jpeg", "contentLength": 7});
    let request = client().post(format!("{}upload-url", server.url("page"))).bearer_auth(token).json(&body);
    let grant = request.send().unwrap().text().unwrap();
    (server, grant)
}

/// Runs the command with the answer of an API in a file, and returns its exit code and its JSON.
fn preflight(grant: &str, arguments: &[&str]) -> (i32, Value) {
    let run = upsign(&[&["preflight", "grant.json", "--json"], arguments].concat());
    let finished = run.file("grant.json", grant).output();
    (finished.code(), finished.json())
}

#[test]
fn the_embedded_store_is_asked_what_a_browser_asks() {
    let (_server, grant) = server();
    let (code, found) = preflight(&grant, &["--origin", PAGE]);
    assert_eq!((code, &found["cause"]), (0, &Value::Null), "{found}");
    let asked = &found["preflight"];
    assert_eq!(
        (&asked["method"], &asked["headers"]),
        (&json!("PUT"), &json!(["content-type", "if-none-match"]))
    );
    assert_eq!((&asked["answer"]["status"], &asked["requiredBy"]), (&json!(200), &json!("method")));
    assert_eq!(asked["answer"]["headers"]["access-control-allow-origin"], PAGE);
}

#[test]
fn a_refusal_is_narrowed_to_the_part() {
    let (_server, grant) = server();
    for (arguments, cause, field) in [
        (&["--origin", "http://localhost:1"][..], "cors-origin", "origin"),
        (&["--origin", PAGE, "--method", "DELETE"], "cors-method", "method"),
        (&["--origin", PAGE, "--header", "x-amz-acl"], "cors-header", "header:x-amz-acl"),
        (&["--origin", PAGE, "--method", "PATCH"], "cors-method", "method"),
    ] {
        let (code, found) = preflight(&grant, arguments);
        assert_eq!(
            (code, &found["cause"], &found["field"], &found["certain"]),
            (1, &json!(cause), &json!(field), &json!(true)),
            "{found}"
        );
        let members: Vec<&str> = found.as_object().unwrap().keys().map(String::as_str).collect();
        let expected = [
            "cause",
            "certain",
            "diff",
            "field",
            "fix",
            "others",
            "owner",
            "preflight",
            "proof",
            "sentence",
            "source",
        ];
        assert_eq!(members, expected);
    }
}

#[test]
fn the_embedded_api_is_asked_too() {
    let (server, _) = server();
    let api = format!("{}upload-url", server.url("page"));
    let run = |origin: &str| {
        let headers = ["--header", "authorization", "--header", "content-type: application/json"];
        let arguments = ["preflight", &api, "--method", "POST", "--origin", origin, "--json"];
        let finished = upsign(&[&arguments[..], &headers].concat()).output();
        (finished.code(), finished.json())
    };
    let (code, found) = run(PAGE);
    assert_eq!((code, &found["preflight"]["requiredBy"]), (0, &json!("headers")), "{found}");
    // The guard of the embedded services refuses without a word of CORS, so this could be something in front of the API.
    let (code, found) = run("http://localhost:1");
    assert_eq!(
        (code, &found["cause"], &found["certain"]),
        (1, &json!("cors-origin"), &json!(false)),
        "{found}"
    );
}

/// Answers each connection with one of these texts, and returns the requests.
fn listen(answers: Vec<String>) -> (String, JoinHandle<Vec<String>>) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let host = format!("http://{}", listener.local_addr().unwrap());
    let requests = std::thread::spawn(move || {
        let serve = |answer: String| {
            let (mut stream, _) = listener.accept().unwrap();
            let request = read_request(&mut stream);
            stream.write_all(answer.as_bytes()).unwrap();
            request
        };
        answers.into_iter().map(serve).collect()
    });
    (host, requests)
}

fn read_request(stream: &mut TcpStream) -> String {
    let mut request = Vec::new();
    while !request.ends_with(b"\r\n\r\n") {
        let mut byte = [0];
        if stream.read(&mut byte).unwrap() == 0 {
            break;
        }
        request.push(byte[0]);
    }
    String::from_utf8(request).unwrap()
}

fn answer(status: &str, headers: &str, body: &str) -> String {
    format!("HTTP/1.1 {status}\r\n{headers}connection: close\r\ncontent-length: {}\r\n\r\n{body}", body.len())
}

#[test]
fn one_request_without_a_body_is_sent_and_no_redirect_is_followed() {
    let moved = answer(
        "307 Temporary Redirect",
        "location: http://127.0.0.1:9/a?X-Amz-Signature=5f1e5f1e5f1e\r\n",
        "",
    );
    let (host, requests) = listen(vec![moved]);
    let finished = upsign(&["preflight", &url(&host), "--origin", PAGE]).output();
    finished.exits(1);
    let (stdout, stderr) = (finished.stdout(), finished.stderr());
    assert!(
        stdout.contains("cors-redirect") && stdout.contains("location: http://127.0.0.1:9/a\n"),
        "{stdout}"
    );
    assert!(stderr.contains("a preflight does not use the signature"), "{stderr}");
    assert!(!format!("{stdout}{stderr}").contains("5f1e"), "{stdout}{stderr}");
    let requests = requests.join().unwrap();
    let request = requests[0].to_ascii_lowercase();
    assert!(request.starts_with("options /my-bucket/a.jpg?x-amz-algorithm="), "{request}");
    for line in [
        "origin: http://localhost:5173",
        "access-control-request-method: put",
        "access-control-request-headers: content-type",
    ] {
        assert!(request.lines().any(|it| it == line), "{line}: {request}");
    }
    assert!(!request.contains("content-length") && !request.contains("authorization"), "{request}");
}

#[test]
fn answers_of_other_servers_are_explained() {
    let allowed = "access-control-allow-origin: *\r\naccess-control-allow-methods: PUT\r\naccess-control-allow-headers: content-type\r\n";
    let not_enabled = "<Error><Code>AccessForbidden</Code><Message>CORSResponse: CORS is not enabled for this bucket.</Message></Error>";
    for (answers, code, cause) in [
        (vec![answer("200 OK", allowed, "")], 0, Value::Null),
        (vec![answer("403 Forbidden", "", not_enabled)], 1, json!("cors-not-enabled")),
        (vec![answer("501 Not Implemented", "", "")], 1, json!("not-implemented")),
        // As SeaweedFS answers if the rule does not allow the header.
        (vec![answer("200 OK", "", ""), answer("200 OK", allowed, "")], 1, json!("cors-header")),
        (vec![String::new()], 1, json!("network-error")),
    ] {
        let (host, requests) = listen(answers);
        let finished = upsign(&["preflight", &url(&host), "--origin", PAGE, "--json"]).output();
        assert_eq!((finished.code(), &finished.json()["cause"]), (code, &cause), "{}", finished.stdout());
        requests.join().unwrap();
    }
}

/// Status and headers decide, so a body that does not end is not waited for.
#[test]
fn bodies_that_do_not_end_are_not_waited_for() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let host = format!("http://{}", listener.local_addr().unwrap());
    let server = std::thread::spawn(move || {
        let (mut stream, _) = listener.accept().unwrap();
        read_request(&mut stream);
        let headers = "access-control-allow-origin: *\r\naccess-control-allow-methods: PUT\r\naccess-control-allow-headers: *";
        write!(stream, "HTTP/1.1 200 OK\r\n{headers}\r\ncontent-length: 1000\r\n\r\nx").unwrap();
        // Until the command ends.
        stream.read(&mut [0]).unwrap_or_default();
    });
    let started = Instant::now();
    upsign(&["preflight", &url(&host), "--origin", PAGE]).output().exits(0);
    assert!(started.elapsed() < Duration::from_secs(15), "{:?}", started.elapsed());
    server.join().unwrap();
}

#[test]
fn rules_in_a_file_replace_the_bucket() {
    let rules = r#"{"CORSRules": [{"AllowedOrigins": ["http://localhost:*"], "AllowedMethods": ["PUT"], "AllowedHeaders": ["Content-Type"]}]}"#;
    // Nothing listens there, and nothing is sent.
    let address = url("https://127.0.0.1:9");
    let run = |more: &[&str]| {
        let arguments = ["preflight", "-", "--cors", "cors.json", "--json"];
        upsign(&[&arguments[..], more].concat()).file("cors.json", rules).output_for_input(&address)
    };
    let finished = run(&["--origin", PAGE]);
    assert_eq!(finished.exits(0).json()["preflight"]["answer"], Value::Null);
    let finished = run(&["--origin", PAGE, "--header", "x-amz-meta-owner: alice"]);
    let found = finished.exits(1).json();
    assert_eq!((&found["field"], &found["certain"]), (&json!("header:x-amz-meta-owner"), &json!(true)));
    let found = run(&["--origin", "https://app.example.com"]).exits(1).json();
    assert_eq!(
        (&found["cause"], &found["others"][0]["cause"]),
        (&json!("cors-origin"), &json!("local-network"))
    );
    let arguments = ["preflight", "-", "--cors", "cors.json", "--origin", "https://app.example.com"];
    let text = upsign(&arguments).file("cors.json", rules).output_for_input(&address);
    let text = text.exits(1).stdout();
    assert!(text.contains("also possible: one candidate\n") && !text.contains("not certain"), "{text}");
    let text = upsign(&["preflight", "-", "--cors", "cors.json", "--origin", PAGE]).file("cors.json", rules);
    let text = text.output_for_input(&address);
    assert!(text.exits(0).stdout().contains("that of S3 with the rules in cors.json; nothing was sent"));
}

#[test]
fn forms_and_progress() {
    let form = upsign(&[
        "post",
        "photos/${filename}",
        "--max-size=1MiB",
        "--bucket=my-bucket",
        "--region=eu-central-1",
        "--json",
    ]);
    let form = form.credentials().output().stdout();
    let rules = r#"[{"AllowedOrigins": ["*"], "AllowedMethods": ["POST"]}]"#;
    let run = |more: &[&str]| {
        let arguments = ["preflight", "form.json", "--cors", "cors.json", "--origin", PAGE];
        upsign(&[&arguments[..], more].concat()).file("cors.json", rules).file("form.json", &form).output()
    };
    let simple = run(&[]);
    assert!(simple.exits(0).stdout().contains("none is needed for a form"), "{}", simple.stdout());
    let listening = run(&["--progress"]);
    assert!(listening.exits(0).stdout().contains("listens to the progress"), "{}", listening.stdout());
}

#[test]
fn pages_of_https_do_not_reach_http() {
    let address = url("http://store.example.com");
    let finished = upsign(&["preflight", &address, "--origin", "https://app.example.com", "--json"]).output();
    assert_eq!(finished.exits(1).json()["cause"], "mixed-content");
}

#[test]
fn other_input_is_refused_with_a_code() {
    let plain = url("http://store.example.com");
    let signed = url("https://store.example.com");
    for (arguments, code) in [
        // The signature would be sent unencrypted.
        (&[&*plain, "--origin", "http://app.example.com"][..], "insecure"),
        (&["https://store.example.com/a", "--origin", PAGE], "input-no-method"),
        (&["ftp://store.example.com/a", "--origin", PAGE], "input-scheme"),
        (&["{}", "--origin", PAGE], "input-other-json"),
        (&[&*signed, "--origin", PAGE, "--method", "TRACE"], "input-method"),
        (&[&*signed, "--origin", PAGE, "--header", "a b"], "input-header"),
        (&["no-such-file", "--origin", PAGE], "io"),
        (&["X-Amz-Signature=5f1e", "--origin", PAGE], "usage"),
        (&[&*signed, "--origin", "https://app.example.com/"], "usage"),
        (&[&*signed, "--origin", "null"], "usage"),
        (&[&*signed], "usage"),
    ] {
        let finished = upsign(&[&["preflight", "--json"], arguments].concat()).output();
        let error = finished.exits(2).json();
        assert_eq!(error["error"]["code"], code, "{arguments:?}: {error}");
        assert!(!format!("{error}{}", finished.stderr()).contains("5f1e"), "{error}");
    }
    let run = upsign(&["preflight", &signed, "--origin", PAGE, "--cors", "cors.json"]);
    run.file("cors.json", "{\"Statement\": []}").output().exits(2);
}
