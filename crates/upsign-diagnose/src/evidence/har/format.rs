//! The members of a HAR that matter here, and those that Chrome adds.

use serde::Deserialize;

#[derive(Deserialize)]
pub(super) struct Har {
    pub(super) log: Log,
}

#[derive(Deserialize)]
pub(super) struct Log {
    pub(super) entries: Vec<Entry>,
    #[serde(default)]
    pub(super) pages: Vec<Page>,
}

#[derive(Deserialize)]
pub(super) struct Page {
    /// The URL of the page in Chrome; a title in Firefox.
    #[serde(default)]
    pub(super) title: String,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Entry {
    #[serde(default)]
    pub(super) started_date_time: String,
    pub(super) request: Request,
    #[serde(default)]
    pub(super) response: Response,
    /// What Chrome requested: `fetch`, `preflight`, `websocket`, …
    #[serde(default, rename = "_resourceType")]
    pub(super) resource_type: String,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Request {
    pub(super) method: String,
    pub(super) url: String,
    #[serde(default)]
    pub(super) headers: Vec<Header>,
    #[serde(default)]
    pub(super) body_size: serde_json::Value,
    pub(super) post_data: Option<PostData>,
}

/// The body of a request. Only some programs state its encoding, and a form can be a list of fields in place of a text.
#[derive(Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub(super) struct PostData {
    pub(super) mime_type: String,
    pub(super) text: String,
    pub(super) encoding: String,
    pub(super) params: Vec<Param>,
}

/// A field of a form.
#[derive(Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub(super) struct Param {
    pub(super) name: String,
    pub(super) value: Option<String>,
    pub(super) file_name: Option<String>,
}

#[derive(Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub(super) struct Response {
    pub(super) status: serde_json::Value,
    pub(super) headers: Vec<Header>,
    pub(super) content: Content,
    #[serde(rename = "redirectURL")]
    pub(super) redirect_url: String,
    /// The error of Chrome's network stack, such as `net::ERR_CONNECTION_RESET`.
    #[serde(rename = "_error")]
    pub(super) error: Option<String>,
    /// Whether a service worker of the page answered, in Chrome. The worker's own request is another entry.
    #[serde(rename = "_fetchedViaServiceWorker")]
    pub(super) is_of_worker: bool,
}

#[derive(Default, Deserialize)]
#[serde(default)]
pub(super) struct Content {
    pub(super) text: String,
    pub(super) encoding: String,
}

#[derive(Deserialize)]
pub(super) struct Header {
    pub(super) name: String,
    #[serde(default)]
    pub(super) value: String,
}
