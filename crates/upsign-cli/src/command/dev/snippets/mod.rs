//! `GET /dev/snippets`: the upload of the page, as other programs write it.
//!
//! The texts are made here and nowhere else: [`texts`] returns them for any address, so that documentation can show the same ones.
//! Each works as it is, with a file of the named type next to it.

mod browser;
mod curl;
mod node;
mod python;
mod rust;

use axum::Json;
use axum::extract::State;
use http::header::HOST;
use http::{HeaderMap, Uri};
use serde::Deserialize;
use serde_json::{Value, json};
use upsign_config::{RouteConfig, RouteName};
use upsign_policy::{ChecksumAlgorithm, Checksums, MultipartMode, UploadMethod};

use super::panels::{Rejected, malformed, query, route};
use super::{DevState, token};
use crate::{sample, shell};

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct SnippetsQuery {
    route: Option<String>,
    user: Option<String>,
    issuer: Option<String>,
}

/// Returns the snippets of a route, with a token of this user.
pub(super) async fn of_route(
    State(dev): State<DevState>,
    headers: HeaderMap,
    uri: Uri,
) -> Result<Json<Value>, Rejected> {
    let (services, query) = (&dev.services, query::<SnippetsQuery>(&uri)?);
    let route = route(services, query.route.as_deref())?;
    let user = match &query.user {
        Some(name) => services.user(name),
        None => services.users.first(),
    };
    let user = user.ok_or_else(|| malformed("there is no user of this name"))?;
    let issuer = match &query.issuer {
        Some(name) => {
            Some(services.issuers.named(name).ok_or_else(|| malformed("there is no issuer of this name"))?)
        }
        None => None,
    };
    // The guard has compared the host with those of this server.
    let host = headers.get(HOST).and_then(|host| host.to_str().ok()).unwrap_or_default();
    let api = format!("http://{host}");
    let token_url = format!("{api}{}", token::path(services, user, issuer));
    let upload = SnippetUpload::of(route, &api, &token_url, services.config.token_header().as_str());
    let texts = texts(&upload).into_iter().map(|snippet| {
        json!({ "language": snippet.language, "title": snippet.title, "needs": snippet.needs, "text": snippet.text })
    });
    Ok(Json(json!({ "snippets": texts.collect::<Vec<_>>() })))
}

/// How a route takes a file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Way {
    Put,
    Form,
    /// In parts, whatever its size is.
    Parts,
}

/// The upload that the snippets show.
#[derive(Debug)]
struct SnippetUpload {
    /// The address of the API, without a slash at its end.
    api: String,
    /// Where a token of the user is.
    token_url: String,
    token_header: String,
    /// The member `route` of the request.
    route: Option<String>,
    content_type: String,
    file: String,
    way: Way,
    /// The checksum that the route requires, if programs can compute it without a library.
    checksum: Option<&'static str>,
    /// Whether the route requires a checksum that they cannot compute so.
    has_other_checksum: bool,
    /// Whether the request has to say that the file is not sent in parts.
    is_whole: bool,
    confirms: bool,
}

impl SnippetUpload {
    fn of(route: &RouteConfig, api: &str, token_url: &str, token_header: &str) -> Self {
        let policy = &route.policy;
        let sample = sample::upload(route).body;
        let content_type = sample.get("contentType").and_then(Value::as_str).unwrap_or_default();
        let extension = content_type.parse().ok().and_then(|it| policy.content_rules().extension(&it));
        let required = match policy.checksums() {
            Checksums::Required(algorithms) => algorithms.first().copied(),
            _ => None,
        };
        let checksum = required.and_then(|algorithm| match algorithm {
            ChecksumAlgorithm::Sha256 => Some("sha256"),
            ChecksumAlgorithm::Sha1 => Some("sha1"),
            _ => None,
        });
        let way = match policy.method() {
            UploadMethod::Post => Way::Form,
            _ if policy.has_put() => Way::Put,
            _ => Way::Parts,
        };
        Self {
            api: api.to_owned(),
            token_url: token_url.to_owned(),
            token_header: token_header.to_owned(),
            route: route.name.as_ref().map(RouteName::to_string),
            content_type: content_type.to_owned(),
            file: format!("example.{}", extension.unwrap_or("bin")),
            way,
            checksum,
            has_other_checksum: required.is_some() && checksum.is_none(),
            is_whole: policy.multipart().is_some_and(|options| options.mode() != MultipartMode::No),
            confirms: policy.confirmation().confirm(),
        }
    }

    /// Returns whether a few lines without a client of ours can send the file.
    fn is_simple(&self) -> bool {
        self.way != Way::Parts && !self.has_other_checksum
    }

    /// Returns whether the token is in the header in which `upsign-client` sends it.
    fn has_usual_header(&self) -> bool {
        self.token_header == "authorization"
    }

    /// Returns the members of the request that are the same for every file.
    fn members(&self) -> Vec<(&'static str, Value)> {
        let route = self.route.as_deref().map(|route| ("route", Value::from(route)));
        let whole = self.is_whole.then_some(("multipart", Value::from(false)));
        [("contentType", self.content_type.as_str().into())].into_iter().chain(route).chain(whole).collect()
    }
}

/// The request and the upload in one language.
struct Snippet {
    /// A name for programs: `curl`, `javascript`, `node`, `python` or `rust`.
    language: &'static str,
    title: &'static str,
    /// What has to be installed.
    needs: &'static str,
    text: String,
}

/// Returns the upload in each language that can send it.
fn texts(upload: &SnippetUpload) -> Vec<Snippet> {
    let snippet = |language, title, needs, text| Snippet { language, title, needs, text };
    let mut texts = Vec::new();
    if upload.is_simple() {
        texts.push(snippet("curl", "curl", "curl and jq", curl::text(upload)));
    } else if upload.has_usual_header() {
        texts.push(snippet("shell", "Shell", "the command upsign", command(upload)));
    }
    texts.push(snippet(
        "javascript",
        "JavaScript",
        "a module of a page that has a file input; upsign dev --origin admits pages of other origins",
        browser::text(upload),
    ));
    if upload.is_simple() {
        texts.push(snippet("node", "Node.js", "Node.js 20 or later", node::text(upload)));
        texts.push(snippet("python", "Python", "the package requests", python::text(upload)));
    }
    if upload.has_usual_header() {
        texts.push(snippet(
            "rust",
            "Rust",
            "the crates upsign-client and tokio, and a token in TOKEN",
            rust::text(upload),
        ));
    }
    texts
}

/// Returns the command that sends a file in parts, or with a checksum that shells have no program for.
fn command(upload: &SnippetUpload) -> String {
    let route =
        upload.route.as_deref().map(|route| format!(" --route {}", shell::quote(route))).unwrap_or_default();
    let token = format!("curl -sS {}", shell::quote(&upload.token_url));
    format!(
        "upsign upload {} --api {}{route} \\\n  --token-command {}\n",
        shell::quote(&upload.file),
        shell::quote(&upload.api),
        shell::in_quotes(&token),
    )
}
