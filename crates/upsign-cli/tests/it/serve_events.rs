//! `[events]` and `deliver = true`: a queue that cannot be read, a webhook that goes from a queue to its application, what the commands
//! print, and what the server needs to start. The step `whole` runs both with an emulator of SQS.

use std::io::{Read as _, Write as _};
use std::net::{TcpListener, TcpStream};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use reqwest::blocking::Client;
use upsign::{Announcement, AnnouncementKind, Clock as _, SystemClock};
use upsign_webhooks::{Message, WebhookHeaders, WebhookVerifier};

use crate::run::{CONFIG, Run, eventually, upsign};
use crate::secrecy::{TestPool, config};

const ROUTE: &str = "[route.photos]\nkey = \"photos/{sub}/{id}.{ext}\"\npending_key = \"pending/{sub}/{id}.{ext}\"\n\
    types = [\"image/jpeg\"]\nmax_size = \"1 MiB\"\nbodyless = \"refuse\"\nconfirm = true\nclaim = true\n\
    [token]\nkeys = [\"env:TOKEN_SECRET\"]\n";
const SECRET: &str = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";

fn events(address: &str) -> String {
    format!("[events]\nqueue_url = \"http://{address}/123456789012/uploads\"\n")
}

fn webhook(url: &str, queue: &str) -> String {
    format!(
        "[webhook]\nurl = \"{url}\"\nsecrets = [\"env:WEBHOOK_SECRET\"]\noutbox = \"sqs\"\n\
         queue_url = \"http://{queue}/123456789012/webhooks\"\ndeliver = true\n"
    )
}

fn serve(sections: &str, pool: &TestPool) -> Run {
    let text = format!("{}\n{ROUTE}{sections}", config(&pool.pool));
    upsign(&["serve", "--listen=127.0.0.1:0", "--admin-listen=127.0.0.1:0", "--json"])
        .file("upsign.toml", &text)
        .credentials()
        .variable("TOKEN_SECRET", "0123456789abcdef0123456789abcdef")
        .variable("WEBHOOK_SECRET", SECRET)
}

/// Reads one HTTP request.
fn read(stream: &mut TcpStream) -> (String, String) {
    let (mut bytes, mut part) = (Vec::new(), [0; 4096]);
    loop {
        let count = stream.read(&mut part).unwrap();
        bytes.extend(&part[..count]);
        let text = String::from_utf8_lossy(&bytes).into_owned();
        let Some((head, body)) = text.split_once("\r\n\r\n") else { continue };
        let length = header(head, "content-length").parse().unwrap();
        if count == 0 || body.len() >= length {
            return (head.to_owned(), body.to_owned());
        }
    }
}

fn header(head: &str, name: &str) -> String {
    let mut lines = head.lines().filter_map(|line| line.split_once(": "));
    lines.find(|(it, _)| it.eq_ignore_ascii_case(name)).unwrap().1.to_owned()
}

fn answer(mut stream: TcpStream, body: &str) {
    let head = format!("HTTP/1.1 200 OK\r\ncontent-length: {}\r\nconnection: close\r\n\r\n", body.len());
    drop(stream.write_all((head + body).as_bytes()));
}

/// A queue with one message. Returns its address, and the operations that were called.
fn queue_with(message: &str) -> (String, Arc<Mutex<Vec<String>>>) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap().to_string();
    let called = Arc::new(Mutex::new(Vec::new()));
    let received =
        serde_json::json!({"Messages": [{"MessageId": "m", "ReceiptHandle": "h", "Body": message}]});
    let operations = Arc::clone(&called);
    std::thread::spawn(move || {
        for stream in listener.incoming() {
            let mut stream = stream.unwrap();
            let (head, _) = read(&mut stream);
            let operation = header(&head, "x-amz-target").replace("AmazonSQS.", "");
            let is_first = !operations.lock().unwrap().contains(&operation);
            operations.lock().unwrap().push(operation.clone());
            if operation != "ReceiveMessage" {
                answer(stream, "");
            } else if is_first {
                answer(stream, &received.to_string());
            } else {
                std::thread::spawn(move || {
                    std::thread::sleep(Duration::from_millis(200));
                    answer(stream, "{}");
                });
            }
        }
    });
    (address, called)
}

#[test]
fn queue_that_cannot_be_read_is_shown_and_the_server_serves() {
    let pool = TestPool::start();
    // Nothing listens there any more.
    let closed = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    let server = serve(&events(&closed.to_string()), &pool).errors_to("log").serving();
    let client = Client::builder().no_proxy().build().unwrap();
    let get = |path: &str| client.get(format!("{}/{path}", server.url("admin"))).send().unwrap();
    let line = "events: the queue has not been read for ";
    eventually(|| get("readyz").text().unwrap().starts_with(&format!("ready\n{line}")));
    assert_eq!(get("readyz").status(), 200);
    let grant = client.post(format!("{}/upload-url", server.url("listening"))).bearer_auth(&pool.token);
    assert_eq!(grant.send().unwrap().status(), 200);
    let metrics = get("metrics").text().unwrap();
    let failures =
        metrics.lines().find_map(|it| it.strip_prefix("upsign_queue_failures_total{queue=\"events\"} "));
    assert!(failures.unwrap().parse::<u64>().unwrap() > 0, "{metrics}");
    assert!(metrics.contains("upsign_events_total{outcome=\"confirmed\"} 0"), "{metrics}");
    let log = server.read("log");
    assert!(log.contains("queue not read") && log.contains("SQS did not answer"), "{log}");
    let began = Instant::now();
    assert_eq!(server.terminate(), 0);
    assert!(began.elapsed() < Duration::from_secs(10));
}

#[test]
fn webhook_goes_from_its_queue_to_the_application() {
    let pool = TestPool::start();
    let (key, at) = ("photos/1.jpg".parse().unwrap(), SystemClock.now());
    let announcement = Announcement::new(AnnouncementKind::Expired, "uploads", &key, "v1", at);
    let message = Message::of(&announcement).unwrap();
    let (queue, called) = queue_with(&message.to_text().unwrap());
    let application = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}/hooks", application.local_addr().unwrap());
    let server = serve(&webhook(&url, &queue), &pool).serving();

    let mut stream = application.accept().unwrap().0;
    let (head, body) = read(&mut stream);
    answer(stream, "");
    let [id, timestamp, signature] =
        ["webhook-id", "webhook-timestamp", "webhook-signature"].map(|name| header(&head, name));
    let headers = WebhookHeaders { id: &id, timestamp: &timestamp, signature: &signature };
    WebhookVerifier::new([SECRET.parse().unwrap()]).unwrap().verify(headers, body.as_bytes(), at).unwrap();
    assert_eq!((&*id, &*body), (message.id(), message.body()));
    eventually(|| called.lock().unwrap().iter().any(|operation| operation == "DeleteMessage"));
    let metrics = Client::builder().no_proxy().build().unwrap();
    let metrics = metrics.get(format!("{}/metrics", server.url("admin"))).send().unwrap().text().unwrap();
    assert!(metrics.contains("upsign_webhook_attempts_total{result=\"delivered\"} 1"), "{metrics}");
    assert_eq!(server.terminate(), 0);
}

#[test]
fn server_that_delivers_needs_the_secrets_of_webhooks() {
    let pool = TestPool::start();
    let delivers = webhook("https://app.example.com/hook", "127.0.0.1:9");
    let finished = serve(&delivers, &pool).variable("WEBHOOK_SECRET", "").output();
    assert_eq!(finished.code(), 2, "{}", finished.stderr());
    finished.has_message("webhook.secrets: item 1");
    // Without `deliver`, another program signs.
    let announces = delivers.replace("deliver = true", "");
    let server = serve(&announces, &pool).variable("WEBHOOK_SECRET", "").serving();
    assert_eq!(server.terminate(), 0);
}

#[test]
fn commands_say_what_happens_with_the_queue() {
    let text = format!("{CONFIG}\n{ROUTE}{}", events("127.0.0.1:9"));
    let checked = upsign(&["check"]).file("upsign.toml", &text).output();
    assert!(checked.stdout().contains("http://127.0.0.1:9/123456789012/uploads"), "{}", checked.stdout());
    let unconfirmed = format!("{CONFIG}\n{}", events("127.0.0.1:9"));
    let refused = upsign(&["check"]).file("upsign.toml", &unconfirmed).output();
    assert_ne!(refused.code(), 0);
    refused.has_message("has an effect only with uploads that are confirmed");

    let dev = upsign(&["dev", "--config=upsign.toml", "--listen=127.0.0.1:0", "--json"]);
    let dev = dev.file("upsign.toml", &text).errors_to("log").serving();
    let log = dev.terminate_and_read("log");
    assert!(log.contains("the queue of [events] is not read"), "{log}");
}
