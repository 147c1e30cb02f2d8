//! Removes everything under the prefix.
//!
//! The listings of the store decide what is there; without permission to list, everything that a request may have stored is
//! removed. A key outside of the prefix is never removed, whatever a listing contains.

use std::collections::BTreeSet;

use crate::run::Run;
use crate::run::answer::{element, elements, unescape};
use crate::run::sign::Unsigned;
use crate::step::Call;
use crate::transport::Transport;

/// Pages of a listing that are read. One has 1,000 entries, more than a run stores.
const MAX_PAGES: usize = 3;

/// Unanswered requests in a row after which the removal is given up, of which the last experiment may have one.
const MAX_UNANSWERED: usize = 1;

/// What removing came to.
#[derive(Debug, Default)]
pub(crate) struct Cleaned {
    pub(crate) removed: usize,
    /// Keys of objects that are still there, or that may be.
    pub(crate) left_over: Vec<String>,
    /// Whether a listing after the removal showed that nothing else is there.
    pub(crate) is_certain: bool,
}

/// An object, a version or a delete marker.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Entry {
    key: String,
    version: Option<String>,
}

/// Attempts to remove what is listed: a request without an answer may be carried out late.
const PASSES: usize = 2;

/// What is below the prefix.
#[derive(Debug, Default)]
struct Listing {
    entries: Vec<Entry>,
    uploads: Vec<(String, String)>,
    /// Whether nothing else can be there.
    is_complete: bool,
}

impl<T: Transport + ?Sized> Run<'_, T> {
    pub(super) async fn clean(&mut self) -> Cleaned {
        let (mut cleaned, mut failed) = (Cleaned::default(), BTreeSet::new());
        // A store that stopped answering gets one more request, and that is a DELETE.
        self.unanswered = self.unanswered.min(1);
        let mut listing = match self.unanswered {
            0 => self.listing().await,
            _ => Listing { uploads: self.open_uploads(), ..Listing::default() },
        };
        if !listing.is_complete {
            // Deleting an object without its version would add a delete marker. What is still listed afterwards is deleted so.
            let stored = self.stored_entries();
            listing.entries.retain(|entry| !stored.iter().any(|own| own.key == entry.key));
            listing.entries.extend(stored);
        }
        for _ in 0..PASSES {
            listing.entries.sort();
            listing.entries.dedup();
            for (key, id) in std::mem::take(&mut listing.uploads) {
                if self.remove(Call::Abort, &key, Some(id.clone()), None).await {
                    self.stored.ended.push(id);
                }
            }
            for Entry { key, version } in std::mem::take(&mut listing.entries) {
                if self.remove(Call::Delete, &key, None, version).await {
                    cleaned.removed += 1;
                } else {
                    failed.insert(key);
                }
            }
            listing = self.listing().await;
            if listing.entries.is_empty() && listing.uploads.is_empty() {
                break;
            }
        }
        let entries = listing.entries.into_iter().map(|entry| entry.key);
        let mut left: BTreeSet<String> =
            entries.chain(listing.uploads.into_iter().map(|(key, _)| key)).collect();
        if !listing.is_complete {
            left.extend(failed.into_iter().filter(|key| self.stored.accepted.contains(key)));
        }
        let is_certain = listing.is_complete || self.stored.accepted.is_empty();
        Cleaned { left_over: left.into_iter().collect(), is_certain, ..cleaned }
    }

    /// Returns the uploads that were started and are not known to have ended.
    fn open_uploads(&self) -> Vec<(String, String)> {
        let is_open = |upload: &&(String, String)| !self.stored.ended.contains(&upload.1);
        self.stored.uploads.iter().filter(is_open).cloned().collect()
    }

    /// Returns what requests may have stored.
    fn stored_entries(&self) -> Vec<Entry> {
        let versions = self.stored.versions.iter();
        let versions =
            versions.map(|(key, version)| Entry { key: key.clone(), version: Some(version.clone()) });
        let mut entries: BTreeSet<Entry> = versions.collect();
        for key in &self.stored.keys {
            // Deleting without a version would add a delete marker.
            if !entries.iter().any(|entry| entry.key == *key) {
                entries.insert(Entry { key: key.clone(), version: None });
            }
        }
        entries.into_iter().collect()
    }

    /// Lists versions, objects and uploads.
    async fn listing(&mut self) -> Listing {
        let versions = self.versions().await;
        // A store without versions can answer with an empty list, and one with versions lists its objects too.
        let objects = self.objects().await;
        let uploads = self.uploads().await;
        let has_versions = !self.stored.versions.is_empty();
        let is_complete = versions.is_some() && objects.is_some() || objects.is_some() && !has_versions;
        let mut entries = versions.unwrap_or_default();
        for key in objects.into_iter().flatten() {
            if !entries.iter().any(|entry| entry.key == key) {
                entries.push(Entry { key, version: None });
            }
        }
        // Uploads that cannot be listed are those that were started.
        let uploads = uploads.unwrap_or_else(|| self.open_uploads());
        Listing { entries, uploads, is_complete }
    }

    async fn versions(&mut self) -> Option<Vec<Entry>> {
        let (mut entries, mut markers) = (Vec::new(), Vec::new());
        for _ in 0..MAX_PAGES {
            let page = self.list("versions", &markers).await?;
            for element_name in ["Version", "DeleteMarker"] {
                for item in elements(&page, element_name) {
                    let version = element(item, "VersionId").map(unescape).filter(|id| !id.is_empty());
                    entries.extend(self.own_key(item).map(|key| Entry { key, version }));
                }
            }
            match (element(&page, "NextKeyMarker"), element(&page, "NextVersionIdMarker")) {
                (Some(key), version) if is_truncated(&page) => {
                    markers = vec![("key-marker", unescape(key))];
                    markers.extend(version.map(|id| ("version-id-marker", unescape(id))));
                }
                _ => break,
            }
        }
        Some(entries)
    }

    async fn objects(&mut self) -> Option<Vec<String>> {
        let (mut keys, mut marker) = (Vec::new(), vec![("list-type", "2".to_owned())]);
        for _ in 0..MAX_PAGES {
            let page = self.list("", &marker).await?;
            keys.extend(elements(&page, "Contents").into_iter().filter_map(|item| self.own_key(item)));
            match element(&page, "NextContinuationToken").filter(|_| is_truncated(&page)) {
                Some(token) => {
                    marker = vec![("list-type", "2".to_owned()), ("continuation-token", unescape(token))];
                }
                None => break,
            }
        }
        Some(keys)
    }

    async fn uploads(&mut self) -> Option<Vec<(String, String)>> {
        let page = self.list("uploads", &[]).await?;
        let own = |item: &&str| Some((self.own_key(item)?, element(item, "UploadId").map(unescape)?));
        Some(elements(&page, "Upload").iter().filter_map(own).collect())
    }

    /// Returns a page of a listing of the prefix.
    async fn list(&mut self, listing: &'static str, markers: &[(&str, String)]) -> Option<String> {
        if self.unanswered > MAX_UNANSWERED {
            return None;
        }
        let mut query = vec![("prefix".to_owned(), self.prefix.to_owned())];
        if !listing.is_empty() {
            query.push((listing.to_owned(), String::new()));
        }
        query.extend(markers.iter().map(|(name, value)| ((*name).to_owned(), value.clone())));
        let unsigned = unsigned(Call::Setting(listing), "", None, query);
        let answer = self.send(&unsigned, 0).await.ok()?.ok()?;
        answer.is_success().then_some(answer.body)
    }

    /// Returns the key of an entry if it is below the prefix.
    fn own_key(&self, item: &str) -> Option<String> {
        element(item, "Key").map(unescape).filter(|key| self.is_own(key))
    }

    fn is_own(&self, key: &str) -> bool {
        key.len() > self.prefix.len() && key.starts_with(self.prefix)
    }

    /// Removes a version, an object or an upload. Returns whether the store did.
    async fn remove(
        &mut self,
        call: Call,
        key: &str,
        upload_id: Option<String>,
        version: Option<String>,
    ) -> bool {
        if !self.is_own(key) || self.unanswered > MAX_UNANSWERED {
            return false;
        }
        let query = version.map(|version| ("versionId".to_owned(), version)).into_iter().collect();
        let answer = self.send(&unsigned(call, key, upload_id, query), 0).await;
        // What is gone need not be removed.
        matches!(answer, Ok(Ok(answer)) if answer.is_success() || answer.status == 404)
    }
}

fn unsigned(call: Call, key: &str, upload_id: Option<String>, query: Vec<(String, String)>) -> Unsigned {
    let (headers, body) = (Vec::new(), String::new());
    Unsigned { call, key: key.to_owned(), upload_id, headers, query, body, alteration: None }
}

fn is_truncated(page: &str) -> bool {
    element(page, "IsTruncated") == Some("true")
}
