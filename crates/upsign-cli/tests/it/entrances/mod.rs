//! One table over every entrance of the API (`upsign serve`, an axum router, the Lambda function): which callers get 401, 403 and 200,
//! and what the challenge tells them.

mod dialects;
mod gateway;
mod lambda;
mod several;
mod sizes;
mod token;

use reqwest::blocking::Client;
use serde_json::Value;
use upsign::{Clock, SigV4, SystemClock};
use upsign_config::Config;
use upsign_core::{Credentials, Timestamp, WithCredentials};

use crate::run::{Serving, upsign};

/// A demand for a group or scope: its place, and the lines of `[auth]` and of `[upload]`.
pub(crate) struct Demand {
    pub(crate) place: &'static str,
    pub(crate) auth: &'static str,
    pub(crate) upload: &'static str,
}

pub(crate) const DEMANDS: [Demand; 4] = [
    Demand { place: "auth.groups", auth: "groups = [\"editors\"]", upload: "" },
    Demand { place: "auth.scopes", auth: "scopes = [\"upload\"]", upload: "" },
    Demand { place: "groups of a route", auth: "", upload: "groups = [\"editors\"]" },
    Demand { place: "scopes of a route", auth: "", upload: "scopes = [\"upload\"]" },
];

/// What a client sees of an answer.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) challenge: Option<String>,
    /// The code of the problem document, or an empty text.
    pub(crate) code: String,
}

/// Returns the text of `upsign.toml` with these lines of `[upload]` and `[auth]`.
pub(crate) fn file(upload: &str, auth: &str) -> String {
    format!(
        "bucket = {{ name = \"article-images-bucket\", region = \"ap-southeast-1\" }}\n\
         cors = {{ origins = [\"https://app.example.com\"] }}\n\
         [upload]\nkey = \"articles/{{id}}.{{ext}}\"\ntypes = [\"image/jpeg\"]\nmax_size = \"10 MiB\"\nbodyless = \"allow\"\n\
         {upload}\n[auth]\n{auth}\n"
    )
}

pub(crate) fn read(file: &str) -> Config {
    Config::read("upsign.toml", file, |_| None).unwrap_or_else(|error| panic!("{error}\n{file}"))
}

pub(crate) fn credentials() -> Credentials {
    Credentials::long_term("AKIAIOSFODNN7EXAMPLE", "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY").unwrap()
}

pub(crate) fn now() -> Timestamp {
    SystemClock.now()
}

/// An entrance that receives requests over HTTP.
pub(crate) struct HttpEntrance {
    url: String,
    client: Client,
    /// Ends with the entrance.
    _running: Running,
}

enum Running {
    Serve(Serving),
    Axum(
        #[expect(dead_code, reason = "the runtime stops the server when it is dropped")]
        tokio::runtime::Runtime,
    ),
}

impl HttpEntrance {
    /// Starts `upsign serve`.
    pub(crate) fn serve(file: &str) -> Self {
        let server = upsign(&["serve", "--listen=127.0.0.1:0", "--json"])
            .file("upsign.toml", file)
            .credentials()
            .errors_to("log")
            .serving();
        let url = format!("{}/upload-url", server.url("listening"));
        Self { url, client: client(), _running: Running::Serve(server) }
    }

    /// Starts the router of upsign-axum, with the configuration, as the manual's recipe does.
    pub(crate) fn axum(file: &str) -> Self {
        use upsign_axum::{Authentication, router};
        use upsign_http::{Api, BearerToken};

        let config = read(file);
        let service = config.service(WithCredentials::new(SigV4::new(), credentials())).unwrap();
        let auth = config.auth().unwrap();
        let verifier = auth.verifier(|_, verifier| verifier).unwrap();
        let bearer = BearerToken::new(verifier).with_header(auth.token_header.clone());
        let api = Api::new(service, config.origins().clone());
        let api = api.with_dialects(config.dialects().iter().copied()).unwrap();
        let app = router(api, Authentication::new(bearer));
        let runtime =
            tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build().unwrap();
        let listener = runtime.block_on(tokio::net::TcpListener::bind("127.0.0.1:0")).unwrap();
        let url = format!("http://{}/upload-url", listener.local_addr().unwrap());
        drop(runtime.spawn(async move { axum::serve(listener, app).await }));
        Self { url, client: client(), _running: Running::Axum(runtime) }
    }

    pub(crate) fn send(&self, headers: &[(&str, &str)]) -> Answer {
        self.exchange(headers).0
    }

    /// Returns the answer, and the key of the upload if there is one.
    pub(crate) fn exchange(&self, headers: &[(&str, &str)]) -> (Answer, Option<String>) {
        let mut request = self.client.post(&self.url).header("content-type", "application/json");
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        let response = request.body(BODY).send().unwrap();
        let challenge = response.headers().get("www-authenticate");
        let challenge = challenge.map(|value| value.to_str().unwrap().to_owned());
        let (status, body) = (response.status().as_u16(), response.text().unwrap());
        (Answer { status, challenge, code: member(&body, "code").unwrap_or_default() }, member(&body, "key"))
    }

    /// Ends `upsign serve` and returns its log.
    #[track_caller]
    pub(crate) fn log(self) -> String {
        match self._running {
            Running::Serve(server) => server.terminate_and_read("log"),
            Running::Axum(_) => panic!("the log of the router is that of this process"),
        }
    }
}

pub(crate) const BODY: &str = r#"{"contentType":"image/jpeg","contentLength":7}"#;

fn client() -> Client {
    Client::builder().no_proxy().build().unwrap()
}

/// Returns a text of a JSON body.
pub(crate) fn member(body: &str, name: &str) -> Option<String> {
    let body: Value = serde_json::from_str(body).unwrap_or_default();
    body[name].as_str().map(str::to_owned)
}
