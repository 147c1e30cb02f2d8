//! HAR 1.2, the record of a browser's network tab.
//!
//! Format: <http://www.softwareishard.com/blog/har-12-spec/>. Only the members that matter are kept in memory.

mod choose;
mod entry;
mod format;

use upsign_core::Timestamp;

use super::error::UnreadableEvidence;
use super::grant::Grant;
use super::sent::{Exchange, Sent};
use format::{Entry, Har};

/// What a HAR shows of a failed upload.
pub(super) struct Recorded {
    /// The request that failed; for a preflight that was refused, the upload behind it if the HAR has it.
    pub(super) failed: Exchange,
    /// The preflight of the request.
    pub(super) preflight: Option<Exchange>,
    /// The answer of the API that issued the URL.
    pub(super) grant: Option<Grant>,
    /// Stored parts whose ETag the page could not read.
    pub(super) hidden_etag: Option<Exchange>,
    /// The URL of the page.
    pub(super) page: Option<Box<str>>,
    /// The number of requests in the HAR.
    pub(super) count: usize,
    /// A later request that did what the failed one should have done.
    pub(super) later: Option<Later>,
}

/// A later request that succeeded.
#[derive(Clone, Copy)]
pub(crate) struct Later {
    pub(crate) at: Option<Timestamp>,
    pub(crate) status: u16,
}

/// Reads a HAR and chooses the failed upload.
pub(super) fn read(text: &str) -> Result<Recorded, UnreadableEvidence> {
    let har: Har = serde_json::from_str(text)?;
    if har.log.entries.is_empty() {
        return Err(UnreadableEvidence::NoRequests);
    }
    // Chrome writes the URL of the page as its title.
    let page = har.log.pages.first().map(|page| page.title.as_str()).filter(|it| it.starts_with("http"));
    let exchanges = entry::exchanges(&har.log.entries);
    let hidden_etag = exchanges.iter().find(|it| choose::hides_etag(it)).cloned();
    let none = || UnreadableEvidence::NoFailure(exchanges.len());
    let index = choose::failed(&exchanges, page).ok_or_else(none)?;
    let mut failed = exchanges.get(index).cloned().ok_or_else(none)?;
    let later = choose::later_success(&exchanges, index);
    let mut preflight = exchanges.iter().rfind(|it| choose::is_preflight_of(it, &failed)).cloned();
    if &*failed.sent.request.method == "OPTIONS" {
        let upload = exchanges.iter().rfind(|it| choose::is_preflight_of(&failed, it)).cloned();
        preflight = Some(failed.clone());
        failed = upload.unwrap_or(failed);
    }
    let grant = har.log.entries.iter().rev().find_map(|entry| grant(entry, &failed.sent));
    let count = har.log.entries.len();
    Ok(Recorded { failed, preflight, grant, hidden_etag, page: page.map(Into::into), count, later })
}

/// Returns what an API answered, if it contains the URL of the request.
fn grant(entry: &Entry, sent: &Sent) -> Option<Grant> {
    let body = entry::answer(&entry.response).body;
    let mut grant = Grant::find(&body, sent)?;
    let asked = entry.request.post_data.as_ref();
    grant.add_description(asked.map(|data| data.text.as_str()).unwrap_or_default());
    Some(grant)
}
