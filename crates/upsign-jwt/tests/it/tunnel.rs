//! A proxy and a TLS server on this machine, for tests of clients that fetch over a proxy. The tests of `upsign-aws` use them too.

use std::path::PathBuf;
use std::process::Command;
use std::sync::{Arc, Mutex};

use rcgen::{BasicConstraints, CertificateParams, CertifiedIssuer, IsCa, KeyPair};
use tokio::io::{AsyncReadExt, AsyncWriteExt, copy_bidirectional};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::spawn_blocking;
use tokio_rustls::TlsAcceptor;
use tokio_rustls::rustls::ServerConfig;
use tokio_rustls::rustls::crypto::aws_lc_rs;
use tokio_rustls::rustls::pki_types::PrivateKeyDer;

/// A server that has a certificate for `names`, and answers every request with one response.
pub(crate) struct TlsServer {
    pub(crate) port: u16,
    /// The file with the certificate of the authority, for the variable `SSL_CERT_FILE`.
    pub(crate) authority: PathBuf,
    requests: Arc<Mutex<Vec<String>>>,
}

impl TlsServer {
    pub(crate) async fn start(names: &[&str], response: String) -> Self {
        let mut authority = CertificateParams::new([]).unwrap();
        authority.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        let authority = CertifiedIssuer::self_signed(authority, KeyPair::generate().unwrap()).unwrap();
        let key = KeyPair::generate().unwrap();
        let names: Vec<String> = names.iter().map(|name| (*name).to_owned()).collect();
        let certificate = CertificateParams::new(names).unwrap().signed_by(&key, &authority).unwrap();

        let config = ServerConfig::builder_with_provider(aws_lc_rs::default_provider().into())
            .with_safe_default_protocol_versions()
            .unwrap()
            .with_no_client_auth()
            .with_single_cert(
                vec![certificate.der().clone()],
                PrivateKeyDer::Pkcs8(key.serialize_der().into()),
            )
            .unwrap();
        let acceptor = TlsAcceptor::from(Arc::new(config));
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let port = listener.local_addr().unwrap().port();
        let path = std::env::temp_dir().join(format!("upsign-tunnel-{}-{port}.pem", std::process::id()));
        std::fs::write(&path, authority.pem()).unwrap();

        let requests = Arc::new(Mutex::new(Vec::new()));
        let received = Arc::clone(&requests);
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                // The client ends the handshake if it does not trust the certificate.
                let Ok(mut stream) = acceptor.accept(stream).await else { continue };
                let head = head(&mut stream).await;
                received.lock().unwrap().push(head);
                let _ = stream.write_all(response.as_bytes()).await;
                let _ = stream.shutdown().await;
            }
        });
        Self { port, authority: path, requests }
    }

    pub(crate) fn requests(&self) -> usize {
        self.requests.lock().unwrap().len()
    }
}

impl Drop for TlsServer {
    fn drop(&mut self) {
        let _ = std::fs::remove_file(&self.authority);
    }
}

/// A proxy that tunnels every `CONNECT` to one port of this machine, whatever host it names.
pub(crate) struct Proxy {
    pub(crate) port: u16,
    received: Arc<Mutex<Vec<String>>>,
}

impl Proxy {
    /// Starts a proxy that tunnels to `port`, or refuses every request with this response.
    pub(crate) async fn start(port: u16, refusal: Option<&'static str>) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let own_port = listener.local_addr().unwrap().port();
        let received = Arc::new(Mutex::new(Vec::new()));
        let heads = Arc::clone(&received);
        tokio::spawn(async move {
            while let Ok((mut stream, _)) = listener.accept().await {
                let head = head(&mut stream).await;
                heads.lock().unwrap().push(head.clone());
                tokio::spawn(async move {
                    let response = match refusal {
                        None if head.starts_with("CONNECT ") => "HTTP/1.1 200 Connection established\r\n\r\n",
                        None => "HTTP/1.1 405 Method Not Allowed\r\nContent-Length: 0\r\n\r\n",
                        Some(refusal) => refusal,
                    };
                    stream.write_all(response.as_bytes()).await.unwrap();
                    if response.contains(" 200 ") {
                        let mut server = TcpStream::connect(("127.0.0.1", port)).await.unwrap();
                        let _ = copy_bidirectional(&mut stream, &mut server).await;
                    }
                });
            }
        });
        Self { port: own_port, received }
    }

    /// Returns the head of each request, in lower case, and forgets them.
    pub(crate) fn received(&self) -> Vec<String> {
        let mut received = self.received.lock().unwrap();
        received.drain(..).map(|head| head.to_ascii_lowercase()).collect()
    }
}

/// Reads the head of a request.
async fn head(stream: &mut (impl AsyncReadExt + Unpin)) -> String {
    let mut head = Vec::new();
    while !head.ends_with(b"\r\n\r\n") {
        match stream.read_u8().await {
            Ok(byte) => head.push(byte),
            Err(_) => break,
        }
    }
    String::from_utf8(head).unwrap()
}

/// Variables that choose a proxy or change how they are read.
const PROXY_VARIABLES: [&str; 9] = [
    "ALL_PROXY",
    "all_proxy",
    "HTTP_PROXY",
    "http_proxy",
    "HTTPS_PROXY",
    "https_proxy",
    "NO_PROXY",
    "no_proxy",
    "REQUEST_METHOD",
];

/// Runs an ignored test of this program in a process of its own, with these variables, because a process has one environment.
/// Returns what it printed.
pub(crate) async fn run_test(name: &'static str, variables: &[(&str, &str)]) -> String {
    let mut command = Command::new(std::env::current_exe().unwrap());
    command.args(["--exact", name, "--ignored", "--nocapture"]);
    for variable in PROXY_VARIABLES {
        command.env_remove(variable);
    }
    command.envs(variables.iter().copied());
    let output = spawn_blocking(move || command.output().unwrap()).await.unwrap();
    let text = String::from_utf8(output.stdout).unwrap();
    assert!(output.status.success(), "{text}{}", String::from_utf8_lossy(&output.stderr));
    assert!(text.contains("1 passed"), "{text}");
    text
}
