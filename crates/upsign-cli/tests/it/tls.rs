//! `upsign serve --tls-cert`: the certificate is read again while the server runs.

use std::fs::File;
use std::process::Command;
use std::time::Duration;

use reqwest::blocking::Client;

use crate::run::{CONFIG, Serving, upsign};

/// Returns a certificate for `localhost` and its key.
fn certificate() -> (String, String) {
    let made = rcgen::generate_simple_self_signed(["localhost".to_owned()]).unwrap();
    (made.cert.pem(), made.signing_key.serialize_pem())
}

fn serving(chain: &str, key: &str) -> Serving {
    let tls = ["serve", "--listen=127.0.0.1:0", "--tls-cert=cert.pem", "--tls-key=key.pem", "--json"];
    let files = upsign(&tls).file("upsign.toml", CONFIG).file("cert.pem", chain).file("key.pem", key);
    files.credentials().variable("RUST_LOG", "info").errors_to("log").serving()
}

/// Returns whether the server presents this certificate to a new connection.
fn presents(server: &Serving, chain: &str) -> bool {
    let certificate = reqwest::Certificate::from_pem(chain.as_bytes()).unwrap();
    let client = Client::builder().tls_certs_only([certificate]).no_proxy().build().unwrap();
    let url = server.url("listening").replace("127.0.0.1", "localhost");
    client.get(format!("{url}/healthz")).send().is_ok()
}

fn within(time: Duration, condition: impl Fn() -> bool) -> bool {
    let step = Duration::from_millis(50);
    (0..time.as_millis() / step.as_millis()).any(|_| {
        std::thread::sleep(step);
        condition()
    })
}

#[test]
fn unusable_files_are_named_and_swapped_options_recognized() {
    let (chain, key) = certificate();
    let start = |chain: &str, key: &str| {
        let tls = ["serve", "--listen=127.0.0.1:0", "--tls-cert=c.pem", "--tls-key=k.pem"];
        let files = upsign(&tls).file("upsign.toml", CONFIG).file("c.pem", chain).file("k.pem", key);
        files.credentials().output()
    };
    let swapped = "help: are --tls-cert and --tls-key swapped?";
    start(&key, &chain)
        .exits(2)
        .has_message("error: --tls-cert c.pem holds a private key, not a certificate\n")
        .has_message(swapped);
    start(&chain, &chain)
        .exits(2)
        .has_message("error: --tls-key k.pem holds a certificate, not a private key\n")
        .has_message(swapped);
    start("nothing", &key).exits(2).has_message("error: --tls-cert c.pem: the file holds no PEM certificate");
    start(&chain, "nothing")
        .exits(2)
        .has_message("error: --tls-key k.pem: the file holds no PEM private key");
    let (_, other) = certificate();
    start(&chain, &other).exits(2).has_message("error: --tls-cert c.pem and --tls-key k.pem: ");
}

#[test]
fn changed_certificate_is_read_again() {
    let ((old, old_key), (new, new_key)) = (certificate(), certificate());
    let server = serving(&old, &old_key);
    assert!(presents(&server, &old));
    // Half of the change: the certificate and the key do not belong together.
    std::fs::write(server.path("cert.pem"), &new).unwrap();
    assert!(within(Duration::from_secs(20), || server.read("log").contains("tls certificate not replaced")));
    assert!(presents(&server, &old), "the previous one stays in use");
    std::fs::write(server.path("key.pem"), &new_key).unwrap();
    assert!(within(Duration::from_secs(20), || presents(&server, &new)));
    assert!(!presents(&server, &old));
    let log = server.terminate_and_read("log");
    assert!(log.contains("tls certificate replaced"), "{log}");
    assert_eq!(
        log.matches("tls certificate not replaced").count(),
        1,
        "once for each state of the files: {log}"
    );
    assert!(!log.contains("PRIVATE KEY"));
}

/// The files keep their times and lengths, so that only the signal can be the reason.
#[cfg(unix)]
#[test]
fn sighup_reads_the_certificate_again() {
    let (old, old_key) = certificate();
    let (new, new_key) = std::iter::repeat_with(certificate)
        .find(|(chain, key)| (chain.len(), key.len()) == (old.len(), old_key.len()))
        .unwrap();
    let server = serving(&old, &old_key);
    for (name, text) in [("cert.pem", &new), ("key.pem", &new_key)] {
        let path = server.path(name);
        let modified = std::fs::metadata(&path).unwrap().modified().unwrap();
        std::fs::write(&path, text).unwrap();
        File::options().write(true).open(&path).unwrap().set_modified(modified).unwrap();
    }
    std::thread::sleep(Duration::from_secs(5));
    assert!(presents(&server, &old), "nothing has changed");
    let pid = server.pid().to_string();
    assert!(Command::new("kill").args(["-HUP", &pid]).status().unwrap().success());
    assert!(within(Duration::from_secs(20), || presents(&server, &new)));
    assert_eq!(server.terminate(), 0);
}

/// Without a handler, the signal would end the process.
#[cfg(unix)]
#[test]
fn sighup_without_a_certificate_is_ignored_and_logged() {
    let serve = upsign(&["serve", "--listen=127.0.0.1:0", "--json"]).file("upsign.toml", CONFIG);
    let server = serve.credentials().errors_to("log").serving();
    let pid = server.pid().to_string();
    assert!(Command::new("kill").args(["-HUP", &pid]).status().unwrap().success());
    assert!(within(Duration::from_secs(20), || server.read("log").contains("SIGHUP ignored")));
    let client = Client::builder().no_proxy().build().unwrap();
    let url = format!("{}/healthz", server.url("listening"));
    assert_eq!(client.get(url).send().unwrap().status(), 200);
    drop(client);
    let log = server.terminate_and_read("log");
    assert_eq!(log.matches("SIGHUP ignored").count(), 1, "{log}");
}
