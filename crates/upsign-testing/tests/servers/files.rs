//! Files as people have them: for each file of `content_types.json`, the object that a server stores has the content type, the
//! disposition, the encoding and the size that the policy signed. Each file is sent by PUT and by form.

use serde_json::Value;
use upsign::policy::{
    Bodyless, ContentRules, Disposition, HeaderOptions, UploadMethod, UploadPolicy, UploadPolicyBuilder,
    UploadRequest,
};
use upsign::{Upload, UploadGrant, UploadIssuer};
use upsign_core::{ExpiresIn, Identity, ObjectKey, Operation, PresignRequest, Target};

use crate::server::{Server, now};
use crate::wire::{Answer, Outgoing};

const CORPUS: &str = include_str!("../../vectors/content_types.json");
/// The content of every file. The servers that look at it find text.
pub(crate) const CONTENT: &[u8] = b"hello, hello";

/// A property of a stored object that is not as it was signed, or another answer than that of S3.
pub(crate) struct Difference {
    /// The header of the response to HEAD, or the name of a check.
    pub(crate) what: String,
    pub(crate) expected: String,
    pub(crate) found: String,
}

/// A file, and the policy that grants its upload.
struct File<'a> {
    case: &'a Value,
    index: usize,
    method: UploadMethod,
}

/// Uploads every file. Returns the differences, each with the name of the file.
pub(crate) async fn run(server: &Server) -> Vec<(String, Difference)> {
    let corpus: Value = serde_json::from_str(CORPUS).unwrap();
    let cases = corpus.get("cases").and_then(Value::as_array).unwrap();
    let granted: Vec<&Value> = cases.iter().filter(|case| case["type"].is_string()).collect();
    assert!(granted.len() > 110, "{}", granted.len());
    let mut differences = Vec::new();
    for (index, case) in granted.into_iter().enumerate() {
        for method in [UploadMethod::Put, UploadMethod::Post] {
            let name = format!("{} by {method:?}", case["id"]);
            let found = (File { case, index, method }).upload(server).await;
            differences.extend(found.into_iter().map(|difference| (name.clone(), difference)));
        }
    }
    differences
}

impl File<'_> {
    /// Uploads the file with exactly the headers or fields of its grant, and compares the object with them.
    async fn upload(&self, server: &Server) -> Vec<Difference> {
        let policy = self.policy(server.long_term.target.clone());
        let grant = grant(server, policy, &self.request()).await;
        let (answer, mut signed) = match &grant.upload {
            Upload::Put(put) => {
                let headers = put.headers.settable().map(|(name, value)| (name.to_owned(), value.to_owned()));
                (send(server, &grant).await, headers.collect::<Vec<_>>())
            }
            Upload::Post(form) => {
                let fields =
                    form.fields.iter().map(|(name, value)| (name.to_ascii_lowercase(), value.to_string()));
                (send(server, &grant).await, fields.collect())
            }
            _ => panic!("an upload of an unknown kind"),
        };
        assert!(matches!(answer.status, 200 | 204), "{}: {} {}", server.name, self.case["id"], answer.text());
        let of_type = signed.iter().find(|(name, _)| name == "content-type").map(|(_, value)| value.as_str());
        assert_eq!(of_type, self.case["type"].as_str(), "{}", self.case["id"]);
        signed.push(("content-length".to_owned(), CONTENT.len().to_string()));
        let stored = head(server, &grant.key).await;
        signed.retain(|(name, _)| is_shown(name));
        let differs = |(name, value): &(String, String)| stored.header(name) != value;
        let difference = |(what, expected): (String, String)| {
            let found = stored.header(&what).to_owned();
            Difference { what, expected, found }
        };
        signed.into_iter().filter(differs).map(difference).collect()
    }

    /// The policy of the corpus. Every third file also keeps its name in the disposition, and every fifth is compressed.
    fn policy(&self, target: Target) -> UploadPolicy {
        let rules = match self.case["types"].as_array() {
            Some(types) => ContentRules::new(types.iter().map(|name| name.as_str().unwrap())).unwrap(),
            None => ContentRules::any_file(),
        };
        let extensions = self.case["extensions"].as_object().into_iter().flatten();
        let rules = extensions.fold(rules, |rules, (name, list)| {
            let list = list.as_array().unwrap().iter().map(|extension| extension.as_str().unwrap());
            rules.with_extensions(name, list).unwrap()
        });
        let mut policy = builder(target, "files/{id}.{ext}").content(rules).method(self.method);
        if self.method == UploadMethod::Post {
            policy = policy.no_overwrite(false);
        }
        if self.case["disposition"] == "attachment" {
            policy = policy.disposition(Disposition::Attachment);
        } else if self.index.is_multiple_of(3) {
            policy = policy.disposition(Disposition::AttachmentNamed);
        }
        if self.index.is_multiple_of(5) {
            policy = policy.headers(HeaderOptions::new().content_encoding("gzip".parse().unwrap()));
        }
        policy.build().unwrap()
    }

    fn request(&self) -> UploadRequest {
        let mut request = described();
        if let Some(sent) = self.case["sent"].as_str() {
            request = request.with_content_type(sent);
        }
        match self.case["name"].as_str() {
            Some(name) => request.with_file_name(name),
            None => request,
        }
    }
}

/// Returns `true` for headers that a store keeps and shows.
fn is_shown(name: &str) -> bool {
    name == "content-length" || crate::state::is_stored(name)
}

pub(crate) fn described() -> UploadRequest {
    UploadRequest::described().with_content_length(u64::try_from(CONTENT.len()).unwrap())
}

pub(crate) fn builder(target: Target, template: &str) -> UploadPolicyBuilder {
    UploadPolicy::builder(target, template.parse().unwrap(), Bodyless::Refuse).max_size(100)
}

/// Returns a grant that is signed with the account without a session token.
pub(crate) async fn grant(server: &Server, policy: UploadPolicy, request: &UploadRequest) -> UploadGrant {
    let issuer = UploadIssuer::sigv4(policy, server.long_term.credentials.clone()).unwrap();
    let caller = Identity::from_verified("https://issuer.example", "alice").unwrap();
    issuer.issue(&caller, request, now()).await.unwrap()
}

/// Uploads the content with exactly the headers or fields of the grant.
pub(crate) async fn send(server: &Server, grant: &UploadGrant) -> Answer {
    let request = match &grant.upload {
        Upload::Put(put) => {
            let request = server.http.put(put.url.expose()).body(CONTENT);
            put.headers.settable().fold(request, |request, (name, value)| request.header(name, value))
        }
        Upload::Post(form) => {
            let (kind, body) = multipart(&form.fields);
            server.http.post(&*form.url).header("content-type", kind).body(body)
        }
        _ => panic!("an upload of an unknown kind"),
    };
    Answer::read(request.send().await.unwrap()).await
}

/// Returns the content type and the body of a form, as browsers encode it.
fn multipart(fields: &[(Box<str>, Box<str>)]) -> (&'static str, Vec<u8>) {
    let part = |(name, value): &(Box<str>, Box<str>)| {
        format!("--BOUNDARY\r\nContent-Disposition: form-data; name=\"{name}\"\r\n\r\n{value}\r\n")
    };
    let mut body: String = fields.iter().map(part).collect();
    body.push_str("--BOUNDARY\r\nContent-Disposition: form-data; name=\"file\"; filename=\"blob\"\r\n");
    body.push_str("Content-Type: application/octet-stream\r\n\r\n");
    let body = [body.as_bytes(), CONTENT, b"\r\n--BOUNDARY--\r\n"].concat();
    ("multipart/form-data; boundary=BOUNDARY", body)
}

pub(crate) async fn head(server: &Server, key: &ObjectKey) -> Answer {
    let account = &server.long_term;
    let lifetime = ExpiresIn::from_secs(60).unwrap();
    let request = PresignRequest::new(account.target.clone(), Operation::HeadObject, key.clone(), lifetime);
    let answer = Outgoing::signed(&request, &account.credentials, now(), &[]).send(&server.http).await;
    assert_eq!(answer.status, 200, "{}: HEAD {key}", server.name);
    answer
}
