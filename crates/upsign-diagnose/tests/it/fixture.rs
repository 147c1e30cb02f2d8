//! A signed upload, its answer of an API, and errors in the form that S3 documents.

use upsign_diagnose::SignedUrl;
use upsign_sigv4::{encode_key, encode_query, stages};

pub(crate) const KEY_ID: &str = "ASIAIOSFODNN7EXAMPLE";
pub(crate) const SECRET: &str = "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY";
pub(crate) const TOKEN: &str = "IQoJb3JpZ2luX2VjEXAMPLEtoken+/with=signs0123456789abcdefghijklmnopqrstuvwxyz";
pub(crate) const REGION: &str = "eu-central-1";

/// A request, as signed or as it arrives.
#[derive(Clone)]
pub(crate) struct Request {
    pub(crate) method: String,
    pub(crate) scheme: &'static str,
    pub(crate) host: String,
    /// Percent-encoded.
    pub(crate) path: String,
    /// Decoded, without the signature.
    pub(crate) query: Vec<(String, String)>,
    pub(crate) headers: Vec<(String, String)>,
    pub(crate) signature: String,
}

/// What a signer does wrong.
#[derive(Clone, Default)]
pub(crate) struct Mistake {
    pub(crate) secret: Option<&'static str>,
    pub(crate) region: Option<&'static str>,
    pub(crate) service: Option<&'static str>,
    pub(crate) path: Option<fn(&str) -> String>,
    pub(crate) without_token: bool,
    pub(crate) payload: Option<&'static str>,
    pub(crate) day_later: bool,
    pub(crate) header: Option<fn(&str) -> String>,
}

impl Request {
    /// An upload of `a/summer 2026.jpg` by temporary credentials at 2026-11-27T12:00:00Z.
    pub(crate) fn put() -> Self {
        let mut path = "/".to_owned();
        encode_key(&mut path, "a/summer 2026.jpg");
        let headers = [
            ("content-length", "48213"),
            ("content-type", "image/jpeg"),
            ("if-none-match", "*"),
            ("x-amz-meta-owner", "alice"),
        ];
        Self::new("PUT", &path, &headers)
    }

    pub(crate) fn new(method: &str, path: &str, headers: &[(&str, &str)]) -> Self {
        let names: Vec<&str> = std::iter::once("host").chain(headers.iter().map(|(name, _)| *name)).collect();
        let mut names = names;
        names.sort_unstable();
        let credential = format!("{KEY_ID}/20261127/{REGION}/s3/aws4_request");
        let query = [
            ("X-Amz-Algorithm", "AWS4-HMAC-SHA256"),
            ("X-Amz-Credential", &credential),
            ("X-Amz-Date", "20261127T120000Z"),
            ("X-Amz-Expires", "900"),
            ("X-Amz-Security-Token", TOKEN),
            ("X-Amz-SignedHeaders", &names.join(";")),
        ];
        let owned = |pairs: &[(&str, &str)]| {
            pairs.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect()
        };
        let mut request = Self {
            method: method.to_owned(),
            scheme: "https",
            host: format!("my-bucket.s3.{REGION}.amazonaws.com"),
            path: path.to_owned(),
            query: owned(&query),
            headers: owned(headers),
            signature: String::new(),
        };
        request.sign(&Mistake::default());
        request
    }

    /// Signs the request as it is, with a mistake.
    pub(crate) fn sign(&mut self, mistake: &Mistake) {
        let mut request = self.clone();
        if mistake.without_token {
            request.query.retain(|(name, _)| name != "X-Amz-Security-Token");
        }
        if let Some(change) = mistake.header {
            request.headers.iter_mut().for_each(|(name, value)| {
                if name == "content-type" {
                    *value = change(value);
                }
            });
        }
        let path = mistake.path.map_or_else(|| request.canonical_path(), |change| change(&self.path));
        let canonical = request.canonical_with(&path, mistake.payload.unwrap_or(stages::UNSIGNED_PAYLOAD));
        let at = "2026-11-27T12:00:00Z".parse().unwrap();
        let text = stages::string_to_sign(at, &request.scope(), &canonical);
        let day = if mistake.day_later { "2026-11-28T12:00:00Z".parse().unwrap() } else { at };
        let (region, service) = (mistake.region.unwrap_or(REGION), mistake.service.unwrap_or("s3"));
        let key = stages::SigningKey::derive(mistake.secret.unwrap_or(SECRET), day, region, service);
        self.signature = key.sign(&text);
    }

    pub(crate) fn parameter(&self, name: &str) -> Option<&str> {
        self.query.iter().find(|(known, _)| known == name).map(|(_, value)| value.as_str())
    }

    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(known, _)| known == name).map(|(_, value)| value.as_str())
    }

    /// Changes a parameter.
    pub(crate) fn set_parameter(&mut self, name: &str, value: &str) {
        self.query.iter_mut().find(|(known, _)| known == name).unwrap().1 = value.to_owned();
    }

    /// Changes a header, or removes it.
    pub(crate) fn set_header(&mut self, name: &str, value: Option<&str>) {
        self.headers.retain(|(known, _)| known != name);
        self.headers.extend(value.map(|value| (name.to_owned(), value.to_owned())));
    }

    fn scope(&self) -> String {
        self.parameter("X-Amz-Credential")
            .unwrap_or_default()
            .split_once('/')
            .unwrap_or(("", ""))
            .1
            .to_owned()
    }

    fn canonical_path(&self) -> String {
        let decoded = percent_encoding::percent_decode_str(&self.path).decode_utf8_lossy();
        let mut path = String::new();
        encode_key(&mut path, &decoded);
        path
    }

    /// The canonical request as S3 computes it for this request: a signed header that is missing has an empty value.
    pub(crate) fn canonical(&self) -> String {
        self.canonical_with(&self.canonical_path(), stages::UNSIGNED_PAYLOAD)
    }

    fn canonical_with(&self, path: &str, payload: &str) -> String {
        let signed = self.parameter("X-Amz-SignedHeaders").unwrap_or_default();
        let mut query: Vec<String> = self.query.iter().map(|(name, value)| pair(name, value)).collect();
        query.sort_unstable();
        let mut text = format!("{}\n{path}\n{}\n", self.method, query.join("&"));
        for name in signed.split(';') {
            let value = if name == "host" { &self.host } else { self.header(name).unwrap_or_default() };
            text.push_str(&format!("{name}:{value}\n"));
        }
        text + &format!("\n{signed}\n{payload}")
    }

    pub(crate) fn target(&self) -> String {
        let mut query: Vec<String> = self.query.iter().map(|(name, value)| pair(name, value)).collect();
        if query.is_empty() {
            return self.path.clone();
        }
        query.push(format!("X-Amz-Signature={}", self.signature));
        format!("{}?{}", self.path, query.join("&"))
    }

    pub(crate) fn url(&self) -> String {
        format!("{}://{}{}", self.scheme, self.host, self.target())
    }

    pub(crate) fn signed_url(&self) -> SignedUrl {
        SignedUrl::parse(&self.url()).unwrap()
    }

    /// The answer of an API that issued the URL.
    pub(crate) fn grant(&self) -> String {
        let headers: serde_json::Map<String, serde_json::Value> =
            self.headers.iter().map(|(name, value)| (name.clone(), value.as_str().into())).collect();
        serde_json::json!({"uploadUrl": self.url(), "method": self.method, "headers": headers}).to_string()
    }

    /// `SignatureDoesNotMatch` with the elements that S3 documents and that users publish
    /// (<https://docs.aws.amazon.com/AmazonS3/latest/API/ErrorResponses.html>).
    pub(crate) fn echo(&self) -> String {
        let canonical = self.canonical();
        let at = "2026-11-27T12:00:00Z".parse().unwrap();
        let text = stages::string_to_sign(at, &self.scope(), &canonical);
        let text = text.replace("20261127T120000Z", self.parameter("X-Amz-Date").unwrap_or_default());
        error(
            "SignatureDoesNotMatch",
            "The request signature we calculated does not match the signature you provided. Check your key and signing method.",
            &[
                ("AWSAccessKeyId", KEY_ID),
                ("StringToSign", &text),
                ("SignatureProvided", &self.signature),
                ("StringToSignBytes", &spaced_hex(&text)),
                ("CanonicalRequest", &canonical),
                ("CanonicalRequestBytes", &spaced_hex(&canonical)),
            ],
        )
    }

    /// The output of `curl -v` of this request and an answer.
    pub(crate) fn curl_verbose(&self, status: u16, body: &str) -> String {
        let mut text = "* Connected to s3 (127.0.0.1) port 443\n* SSL connection using TLSv1.3\n".to_owned();
        text.push_str(&format!("> {} {} HTTP/1.1\n> Host: {}\n", self.method, self.target(), self.host));
        self.headers.iter().for_each(|(name, value)| text.push_str(&format!("> {name}: {value}\n")));
        text + &format!(
            ">\n< HTTP/1.1 {status} Forbidden\n< Content-Type: application/xml\n<\n{body}\n* Connection #0 to host left intact\n"
        )
    }

    /// "Copy as cURL" for bash.
    pub(crate) fn curl_command(&self) -> String {
        let mut text = format!("curl '{}' \\\n  -X '{}'", self.url(), self.method);
        for (name, value) in self.headers.iter().filter(|(name, _)| name != "content-length") {
            text.push_str(&format!(" \\\n  -H '{name}: {value}'"));
        }
        text + " \\\n  --data-raw $'\\u00ff\\u00d8'"
    }

    /// "Copy as fetch".
    pub(crate) fn fetch_call(&self) -> String {
        let headers = self.headers.iter().filter(|(name, _)| name != "content-length");
        let headers: serde_json::Map<String, serde_json::Value> =
            headers.map(|(name, value)| (name.clone(), value.as_str().into())).collect();
        let options =
            serde_json::json!({"headers": headers, "method": self.method, "body": null, "mode": "cors"});
        format!("fetch({}, {options:#});", serde_json::json!(self.url()))
    }

    /// An entry of a HAR.
    pub(crate) fn har_entry(&self, status: u16, answer: &[(&str, &str)], body: &str) -> serde_json::Value {
        let pairs = |pairs: Vec<(&str, &str)>| -> Vec<serde_json::Value> {
            pairs.iter().map(|(name, value)| serde_json::json!({"name": name, "value": value})).collect()
        };
        let mut headers: Vec<(&str, &str)> =
            self.headers.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
        headers.push(("Host", &self.host));
        serde_json::json!({
            "startedDateTime": "2026-11-27T12:01:00.000Z", "time": 12,
            "request": {"method": self.method, "url": self.url(), "httpVersion": "HTTP/1.1", "headers": pairs(headers),
                "queryString": [], "cookies": [], "headersSize": -1, "bodySize": 48213},
            "response": {"status": status, "statusText": "", "httpVersion": "HTTP/1.1", "headers": pairs(answer.to_vec()),
                "cookies": [], "content": {"size": body.len(), "mimeType": "application/xml", "text": body},
                "redirectURL": "", "headersSize": -1, "bodySize": -1},
            "cache": {}, "timings": {"send": 0, "wait": 10, "receive": 1}
        })
    }
}

/// A HAR with these entries.
pub(crate) fn har(entries: &[serde_json::Value]) -> String {
    serde_json::json!({"log": {"version": "1.2", "creator": {"name": "WebInspector", "version": "537.36"},
        "pages": [{"title": "https://app.example.com/upload"}], "entries": entries}})
    .to_string()
}

/// An error document of S3.
pub(crate) fn error(code: &str, message: &str, details: &[(&str, &str)]) -> String {
    let escape = |text: &str| text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;");
    let details: String =
        details.iter().map(|(name, value)| format!("<{name}>{}</{name}>", escape(value))).collect();
    format!(
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<Error><Code>{code}</Code><Message>{}</Message>{details}\
         <RequestId>4442587FB7D0A2F9</RequestId><HostId>Uuag1LuByRx9e6j5Onimru9pO4ZVKnJ2Qz7/C1NPcfTWAtRPfTaOFg==</HostId></Error>",
        escape(message)
    )
}

pub(crate) fn spaced_hex(text: &str) -> String {
    text.bytes().map(|byte| format!("{byte:02x}")).collect::<Vec<_>>().join(" ")
}

fn pair(name: &str, value: &str) -> String {
    let mut text = String::new();
    encode_query(&mut text, name);
    text.push('=');
    encode_query(&mut text, value);
    text
}
