//! `upsign serve` with an assumed role and with container credentials: grants state their expiry, because these
//! credentials do.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::mpsc;

use reqwest::blocking::Client;
use serde_json::{Value, json};
use upsign::{Clock, SystemClock};

use crate::run::{eventually, upsign};
use crate::secrecy::{TestPool, config};

/// Starts a server that answers every request with `body`. Returns its URL and a channel with the requests it got.
fn fake_server(content_type: &'static str, body: String) -> (String, mpsc::Receiver<String>) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    let (sender, requests) = mpsc::channel();
    std::thread::spawn(move || {
        while let Ok((mut stream, _)) = listener.accept() {
            drop(sender.send(read_request(&stream)));
            let length = body.len();
            let head =
                format!("HTTP/1.1 200 OK\r\ncontent-type: {content_type}\r\ncontent-length: {length}\r\n");
            drop(write!(stream, "{head}connection: close\r\n\r\n{body}"));
        }
    });
    (url, requests)
}

/// Returns the head of a request and its body.
fn read_request(stream: &TcpStream) -> String {
    let mut reader = BufReader::new(stream);
    let (mut head, mut length) = (String::new(), 0);
    loop {
        let mut line = String::new();
        reader.read_line(&mut line).unwrap();
        if line.trim().is_empty() {
            break;
        }
        if let Some(value) = line.to_lowercase().strip_prefix("content-length:") {
            length = value.trim().parse().unwrap();
        }
        head += &line;
    }
    let mut body = vec![0; length];
    reader.read_exact(&mut body).unwrap();
    head + &String::from_utf8(body).unwrap()
}

const ROLE: &str = "arn:aws:iam::123456789012:role/uploads";

fn expiration(seconds: u64) -> String {
    SystemClock.now().saturating_add(seconds).to_string()
}

/// Starts a fake STS whose credentials expire in `seconds`.
fn fake_sts(seconds: u64) -> (String, mpsc::Receiver<String>) {
    let end = expiration(seconds);
    fake_server(
        "text/xml",
        format!(
            r#"<AssumeRoleResponse xmlns="https://sts.amazonaws.com/doc/2011-06-15/"><AssumeRoleResult><Credentials>
            <AccessKeyId>ASIAASSUMED</AccessKeyId><SecretAccessKey>assumed-secret</SecretAccessKey>
            <SessionToken>assumed-token</SessionToken><Expiration>{end}</Expiration></Credentials>
            <AssumedRoleUser><Arn>{ROLE}</Arn><AssumedRoleId>AROA:upsign</AssumedRoleId></AssumedRoleUser>
            </AssumeRoleResult></AssumeRoleResponse>"#
        ),
    )
}

/// Starts the server with these arguments and variables, and requests an upload URL.
fn grant(pool: &TestPool, arguments: &[&str], variables: &[(&str, &str)]) -> Value {
    let arguments = [&["serve", "--listen=127.0.0.1:0", "--json"], arguments].concat();
    let mut serve = upsign(&arguments).file("upsign.toml", &config(&pool.pool)).errors_to("log");
    for (name, value) in variables {
        serve = serve.variable(name, value);
    }
    let server = serve.serving();
    let client = Client::builder().no_proxy().build().unwrap();
    let request = client.post(format!("{}/upload-url", server.url("listening"))).bearer_auth(&pool.token);
    let answer = request.send().unwrap();
    assert_eq!(answer.status(), 200, "{}", server.read("log"));
    answer.json().unwrap()
}

#[test]
fn grants_of_an_assumed_role_state_their_expiry() {
    let pool = TestPool::start();
    let keys = [("AWS_ACCESS_KEY_ID", "AKIABASE"), ("AWS_SECRET_ACCESS_KEY", "base-secret")];
    for (seconds, lifetime) in [(3600, 900..=900), (400, 360..=370)] {
        let (url, requests) = fake_sts(seconds);
        let variables = [&keys[..], &[("AWS_ENDPOINT_URL_STS", url.as_str())]].concat();
        let grant = grant(&pool, &["--assume-role", ROLE, "--external-id=ours"], &variables);
        assert!(lifetime.contains(&grant["expiresIn"].as_u64().unwrap()), "{grant}");
        assert_eq!(grant["expiresAtIs"], Value::Null, "the expiry is exact");
        let url = grant["uploadUrl"].as_str().unwrap();
        assert!(url.contains("X-Amz-Credential=ASIAASSUMED%2F") && url.contains("assumed-token"), "{url}");
        let request = requests.recv().unwrap();
        for part in ["Action=AssumeRole", "role%2Fuploads", "RoleSessionName=upsign", "ExternalId=ours"] {
            assert!(request.contains(part), "{request}");
        }
    }
}

#[test]
fn grants_of_container_credentials_state_their_expiry() {
    let pool = TestPool::start();
    let credentials = json!({
        "AccessKeyId": "ASIACONTAINER", "SecretAccessKey": "container-secret", "Token": "container-token",
        "Expiration": expiration(3600),
    });
    let (url, requests) = fake_server("application/json", credentials.to_string());
    let url = format!("{url}/credentials");
    let grant = grant(&pool, &["--credentials=chain"], &[("AWS_CONTAINER_CREDENTIALS_FULL_URI", &url)]);
    assert_eq!((&grant["expiresIn"], &grant["expiresAtIs"]), (&900.into(), &Value::Null));
    assert!(grant["uploadUrl"].as_str().unwrap().contains("X-Amz-Credential=ASIACONTAINER%2F"));
    assert!(requests.recv().unwrap().starts_with("GET /credentials "));
}

/// Without credentials, the server does not recommend a request that it would answer with 503.
#[test]
fn missing_credentials_take_the_place_of_the_next_step() {
    let pool = TestPool::start();
    for (profile, detail) in [
        (None, "503 until they are found\n"),
        (Some("nope"), "found (AWS_PROFILE=nope: no AWS configuration file has this profile)\n"),
    ] {
        let serve = upsign(&["serve", "--listen=127.0.0.1:0", "--json", "--credentials=chain"])
            .file("upsign.toml", &config(&pool.pool))
            .errors_to("log");
        let serve = profile.into_iter().fold(serve, |serve, name| serve.variable("AWS_PROFILE", name));
        let server = serve.serving();
        eventually(|| server.read("log").contains("no credentials yet: uploads are answered"));
        let log = server.terminate_and_read("log");
        assert!(log.contains(detail) && !log.contains("next:") && log.contains("WARN"), "{log}");
    }
}

#[test]
fn next_step_follows_the_first_credentials() {
    let pool = TestPool::start();
    let body = json!({
        "AccessKeyId": "ASIACONTAINER", "SecretAccessKey": "container-secret", "Token": "container-token",
        "Expiration": expiration(3600),
    });
    let (url, _requests) = fake_server("application/json", body.to_string());
    let server = upsign(&["serve", "--listen=127.0.0.1:0", "--json", "--credentials=chain"])
        .file("upsign.toml", &config(&pool.pool))
        .variable("AWS_CONTAINER_CREDENTIALS_FULL_URI", &url)
        .errors_to("log")
        .serving();
    eventually(|| server.read("log").contains("next: request an upload URL"));
    assert!(!server.read("log").contains("no credentials yet"));
}

/// The generated policies permit these calls to the role of the process, and not to the one that signs uploads.
#[test]
fn queues_are_called_with_the_credentials_before_an_assumed_role() {
    let pool = TestPool::start();
    let (sts, _requests) = fake_sts(3600);
    let (queue, received) = fake_server("application/json", "{}".to_owned());
    let route = "[route.photos]\nkey = \"photos/{id}\"\ntypes = [\"image/jpeg\"]\nmax_size = \"1 MiB\"\nbodyless = \"refuse\"\n\
                 confirm = true\nclaim = true\n[token]\nkeys = [\"env:TOKEN_SECRET\"]\n";
    let events = format!("[events]\nqueue_url = \"{queue}/123456789012/uploads\"\n");
    let text = format!("{}\n{route}{events}", config(&pool.pool));
    let server = upsign(&["serve", "--listen=127.0.0.1:0", "--json", "--assume-role", ROLE])
        .file("upsign.toml", &text)
        .variable("AWS_ACCESS_KEY_ID", "AKIABASE")
        .variable("AWS_SECRET_ACCESS_KEY", "base-secret")
        .variable("AWS_ENDPOINT_URL_STS", &sts)
        .variable("TOKEN_SECRET", "0123456789abcdef0123456789abcdef")
        .serving();
    let request = received.recv().unwrap();
    assert!(request.contains("AmazonSQS.ReceiveMessage"), "{request}");
    assert!(request.contains("Credential=AKIABASE/") && !request.contains("assumed-token"), "{request}");
    assert_eq!(server.terminate(), 0);
}
