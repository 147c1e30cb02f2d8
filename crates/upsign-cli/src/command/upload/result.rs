//! Uploads the files one by one or together, and prints their results.

use serde_json::{Value, json};
use upsign_client::{ApiError, Events as _, ReadOptions, ReadUrl, UploadClient, UploadError, Uploaded};
use upsign_config::units;

use super::args::UploadArgs;
use super::progress::{FileProgress, Progress, members};
use super::{OpenSource, client_keeps_state, failure, request};
use crate::exit::{CommandError, Diagnostic, Exit};
use crate::output;

/// The result of a file.
pub(super) struct FileResult {
    name: String,
    result: Result<Stored, Diagnostic>,
    /// Whether the API looked at the file and did not accept it.
    is_not_accepted: bool,
}

/// A stored file, and the URL to read it with `--read-url`.
struct Stored {
    uploaded: Uploaded,
    read_url: Option<ReadUrl>,
}

/// Uploads files, and prints the result of each when it is known.
pub(super) struct Results<'a> {
    pub(super) args: &'a UploadArgs,
    pub(super) client: &'a UploadClient,
    pub(super) progress: &'a Progress,
    pub(super) json: bool,
}

impl Results<'_> {
    pub(super) async fn one_by_one(&self, sources: Vec<OpenSource>) -> Vec<FileResult> {
        let mut ended = Vec::new();
        for (file, source) in self.args.files.iter().zip(sources) {
            let name = file.display().to_string();
            let shown = self.progress.file(&name, source.size());
            let result = source.upload(self.client, &request(&self.args.request, file), &shown).await;
            ended.push(self.end(name, result, &shown).await);
        }
        ended
    }

    /// Uploads files that the API grants together.
    pub(super) async fn together(&self, sources: Vec<OpenSource>) -> Result<Vec<FileResult>, CommandError> {
        let names: Vec<String> = self.args.files.iter().map(|file| file.display().to_string()).collect();
        let shown: Vec<FileProgress> = names
            .iter()
            .zip(&sources)
            .map(|(name, source)| self.progress.file(name, source.size()))
            .collect();
        let files = self.args.files.iter().zip(sources);
        let files = files.map(|(file, source)| source.into_file(request(&self.args.request, file))).collect();
        let events = shown.clone();
        let results = self.client.upload_together(files, move |index, event| {
            if let Some(shown) = events.get(index) {
                shown.event(event);
            }
        });
        let results = match results.await {
            Ok(results) => results,
            Err(error) => {
                self.progress.finish();
                let refused = file_of(&error).and_then(|index| names.get(index)).cloned();
                let name = refused.unwrap_or_else(|| names.join(", "));
                let found = failure::diagnostic(&name, &error, &self.args.request, false);
                return Err(CommandError::new(Exit::Failure, found));
            }
        };
        let mut ended = Vec::new();
        for ((name, shown), result) in names.into_iter().zip(shown).zip(results) {
            ended.push(self.end(name, result, &shown).await);
        }
        Ok(ended)
    }

    async fn end(
        &self,
        name: String,
        result: Result<Uploaded, UploadError>,
        shown: &FileProgress,
    ) -> FileResult {
        shown.finish();
        let is_not_accepted =
            matches!(result, Err(UploadError::Rejected { .. } | UploadError::Mismatch { .. }));
        let is_resumable = shown.has_parts() && client_keeps_state(self.args);
        let result = match result {
            Ok(uploaded) => self.read_url(&uploaded).await.map(|read_url| Stored { uploaded, read_url }),
            Err(error) => Err(error),
        };
        let result =
            result.map_err(|error| failure::diagnostic(&name, &error, &self.args.request, is_resumable));
        let ended = FileResult { name, result, is_not_accepted };
        self.progress.print(|| ended.print(self.json));
        ended
    }

    /// Asks for a URL to read the object, if the options say so.
    async fn read_url(&self, uploaded: &Uploaded) -> Result<Option<ReadUrl>, UploadError> {
        let confirmation = uploaded.confirmation.as_ref().filter(|_| self.args.confirmation.read_url);
        let Some(confirmation) = confirmation else { return Ok(None) };
        let url = self.client.read_url(&confirmation.receipt, &ReadOptions::default()).await;
        Ok(Some(url?))
    }
}

/// Returns the index of the file that the API refused, if it is one of several.
fn file_of(error: &UploadError) -> Option<usize> {
    let UploadError::Api(error) = error else { return None };
    ApiError::problem(error)?.file.and_then(|index| usize::try_from(index).ok())
}

impl FileResult {
    fn print(&self, json: bool) {
        match &self.result {
            Ok(stored) if !json => stored.print(&self.name),
            Ok(_) => {}
            Err(error) => {
                output::error(error);
                if json {
                    let event = json!({"event": "failed", "file": self.name, "error": error});
                    output::result(&event.to_string());
                }
            }
        }
    }

    pub(super) fn as_json(&self) -> Value {
        let mut value = match &self.result {
            Ok(stored) => stored.as_json(),
            Err(error) => json!({"error": error}),
        };
        if let Value::Object(members) = &mut value {
            members.insert("file".to_owned(), self.name.as_str().into());
        }
        value
    }
}

impl Stored {
    fn print(&self, name: &str) {
        let Self { uploaded, read_url } = self;
        let state = if uploaded.confirmation.is_some() { "confirmed" } else { "stored" };
        let size = units::format_size(uploaded.size);
        output::report().success(&format!("{name} is {state} as {}, {size}", uploaded.key));
        if let Some(read) = read_url {
            output::report().detail("read", &read.url);
            for (name, value) in &read.headers {
                output::report().detail("header", &format!("{name}: {value}"));
            }
            output::report().detail("until", &read.expires_at);
        }
    }

    fn as_json(&self) -> Value {
        let mut value = members(&self.uploaded);
        if let (Value::Object(members), Some(read)) = (&mut value, &self.read_url) {
            members.insert("readUrl".to_owned(), read.url.as_str().into());
            if !read.headers.is_empty() {
                let headers = read.headers.iter().map(|(name, value)| (name.clone(), value.as_str().into()));
                members.insert("readHeaders".to_owned(), Value::Object(headers.collect()));
            }
            members.insert("readUrlExpiresAt".to_owned(), read.expires_at.as_str().into());
        }
        value
    }
}

/// Returns the exit code. A file that the API did not accept counts as failed if others failed for other reasons.
pub(super) fn exit(ended: &[FileResult]) -> Exit {
    let failed = ended.iter().filter(|file| file.result.is_err()).count();
    match failed {
        0 => Exit::Success,
        failed if failed < ended.len() => Exit::BadLine,
        _ if ended.iter().all(|file| file.is_not_accepted) => Exit::NotAccepted,
        _ => Exit::Failure,
    }
}
