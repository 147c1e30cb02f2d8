//! Progress of uploads: bars on a terminal, a line for each tenth elsewhere, and JSON lines with `--json`.

use std::io::IsTerminal as _;
use std::sync::{Arc, Mutex, PoisonError};

use indicatif::{MultiProgress, ProgressBar, ProgressDrawTarget, ProgressStyle};
use serde_json::{Map, Value, json};
use upsign_client::{Event, Events, PartLayout, RestartReason, Uploaded};
use upsign_config::units;

use crate::output;

/// How progress is shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Style {
    /// Bars on standard error.
    Bars,
    /// A line on standard error for each tenth.
    Lines,
    /// An object on standard output for each event.
    Json,
    Quiet,
}

impl Style {
    pub(super) fn new(json: bool) -> Self {
        match () {
            () if json => Self::Json,
            () if output::is_quiet() => Self::Quiet,
            () if std::io::stderr().is_terminal() => Self::Bars,
            () => Self::Lines,
        }
    }
}

/// The progress of all files.
pub(super) struct Progress {
    style: Style,
    bars: MultiProgress,
    /// All bytes of all files, if there are several and every size is known.
    all: Option<ProgressBar>,
}

/// The number of steps in which lines of progress are printed.
const LINE_STEPS: u64 = 10;
const JSON_STEPS: u64 = 20;

impl Progress {
    /// Creates the progress of `files` files with these bytes in all.
    pub(super) fn new(style: Style, files: usize, bytes: Option<u64>) -> Self {
        let target =
            if style == Style::Bars { ProgressDrawTarget::stderr() } else { ProgressDrawTarget::hidden() };
        let bars = MultiProgress::with_draw_target(target);
        let all = bytes.filter(|_| files > 1).map(|bytes| bars.add(bar(Some(bytes), "in all")));
        Self { style, bars, all }
    }

    /// Returns the receiver of the events of a file.
    pub(super) fn file(&self, name: &str, size: Option<u64>) -> FileProgress {
        let bar = self.bars.insert(0, bar(size, name));
        FileProgress(Arc::new(Shown {
            style: self.style,
            name: name.to_owned(),
            bar,
            all: self.all.clone(),
            counts: Mutex::new(Counts { size, ..Counts::default() }),
        }))
    }

    /// Prints the result of a file, above the bars.
    pub(super) fn print(&self, print: impl FnOnce()) {
        self.bars.suspend(print);
    }

    pub(super) fn finish(&self) {
        // The bars are on a terminal only. If it is gone, nothing remains to be cleared.
        let _ = self.bars.clear();
    }
}

fn bar(size: Option<u64>, name: &str) -> ProgressBar {
    let (bar, template) = match size {
        Some(size) => (
            ProgressBar::new(size),
            "   {prefix:<24!} {bar:24} {bytes:>11}/{total_bytes} {bytes_per_sec:>13} {eta:>4} {msg}",
        ),
        None => {
            (ProgressBar::no_length(), "   {prefix:<24!} {spinner} {bytes:>11} {bytes_per_sec:>13} {msg}")
        }
    };
    let style = ProgressStyle::with_template(template);
    bar.with_style(style.unwrap_or_else(|_| ProgressStyle::default_bar())).with_prefix(name.to_owned())
}

/// Receives the events of a file.
#[derive(Clone)]
pub(super) struct FileProgress(Arc<Shown>);

struct Shown {
    style: Style,
    name: String,
    bar: ProgressBar,
    all: Option<ProgressBar>,
    counts: Mutex<Counts>,
}

#[derive(Default)]
struct Counts {
    sent: u64,
    size: Option<u64>,
    steps: u64,
    in_flight: u32,
    is_resumable: bool,
}

impl FileProgress {
    /// Returns whether the upload has parts, so that it can be resumed.
    pub(super) fn has_parts(&self) -> bool {
        self.counts().is_resumable
    }

    /// Ends the progress of the file. Parts of an upload that failed are no longer in flight.
    pub(super) fn finish(&self) {
        self.counts().in_flight = 0;
        self.0.bar.finish_and_clear();
    }

    fn counts(&self) -> std::sync::MutexGuard<'_, Counts> {
        self.0.counts.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Counts bytes, and returns the bytes sent if another step is reached.
    fn add(&self, bytes: u64) -> Option<u64> {
        self.0.bar.inc(bytes);
        if let Some(all) = &self.0.all {
            all.inc(bytes);
        }
        let steps = if self.0.style == Style::Json { JSON_STEPS } else { LINE_STEPS };
        let mut counts = self.counts();
        counts.sent = counts.sent.saturating_add(bytes);
        // For an unknown size, each step is 100 MiB.
        let step = match counts.size {
            Some(size) => u128::from(counts.sent) * u128::from(steps) / u128::from(size.max(1)),
            None => u128::from(counts.sent >> 20) / 100,
        };
        let step = u64::try_from(step).unwrap_or(u64::MAX);
        if step <= counts.steps {
            return None;
        }
        counts.steps = step;
        Some(counts.sent)
    }

    fn remove(&self, bytes: u64) {
        self.0.bar.dec(bytes);
        if let Some(all) = &self.0.all {
            all.dec(bytes);
        }
        let mut counts = self.counts();
        counts.sent = counts.sent.saturating_sub(bytes);
    }

    fn show_in_flight(&self, change: i32) {
        let in_flight = {
            let mut counts = self.counts();
            counts.in_flight = counts.in_flight.saturating_add_signed(change);
            counts.in_flight
        };
        let plural = if in_flight == 1 { "" } else { "s" };
        self.0.bar.set_message(format!("{in_flight} part{plural} in flight"));
    }

    fn note(&self, text: &str) {
        if matches!(self.0.style, Style::Bars | Style::Lines) {
            let text = format!("   {}: {text}", self.0.name);
            self.0.bar.suspend(|| output::notes().line(&text));
        }
    }

    fn json(&self, event: &str, members: Value) {
        if self.0.style != Style::Json {
            return;
        }
        let mut object = Map::new();
        object.insert("event".to_owned(), event.into());
        object.insert("file".to_owned(), self.0.name.as_str().into());
        if let Value::Object(members) = members {
            object.extend(members);
        }
        output::result(&Value::Object(object).to_string());
    }

    fn granted(&self, event: &str, key: &str, layout: Option<&PartLayout>, more: Value) {
        let mut members =
            json!({"key": key, "method": if layout.is_some() { "multipart" } else { "single" }});
        let size = self.counts().size;
        if let (Some(layout), Value::Object(members)) = (layout, &mut members) {
            self.counts().is_resumable = size.is_some();
            members.insert("partSize".to_owned(), layout.part_size.into());
            members.insert("partCount".to_owned(), layout.part_count.into());
        }
        if let (Some(size), Value::Object(members)) = (size, &mut members) {
            members.insert("size".to_owned(), size.into());
        }
        if let (Value::Object(more), Value::Object(members)) = (more, &mut members) {
            members.extend(more);
        }
        self.json(event, members);
    }
}

impl Events for FileProgress {
    fn event(&self, event: &Event<'_>) {
        match event {
            Event::Granted { key, layout, .. } => {
                self.granted("granted", key, *layout, Value::Null);
                if let Some(layout) = layout {
                    let size = units::format_size(layout.part_size);
                    let up_to = if layout.size.is_none() { "up to " } else { "" };
                    self.note(&format!("{up_to}{} parts of {size} each", layout.part_count));
                }
            }
            Event::Resumed { key, layout, parts, bytes, .. } => {
                let more = json!({"storedParts": parts, "storedBytes": bytes});
                self.granted("resumed", key, Some(layout), more);
                self.note(&format!("resumed, {parts} of {} parts are stored", layout.part_count));
                // Bytes that were sent before count as sent.
                let _ = self.add(*bytes);
                self.0.bar.reset_eta();
            }
            Event::Restarted { reason, .. } => {
                let (code, text) = restart(reason);
                self.json("restarted", json!({"reason": code}));
                self.note(&format!("{text}; beginning again"));
            }
            Event::PartStarted { .. } => self.show_in_flight(1),
            Event::Sent { bytes, .. } => {
                if let Some(sent) = self.add(*bytes) {
                    let size = self.counts().size;
                    self.json("progress", json!({"bytes": sent, "size": size}));
                    if self.0.style == Style::Lines {
                        self.note(&progress_text(sent, size));
                    }
                }
            }
            Event::Unsent { bytes, .. } => self.remove(*bytes),
            Event::PartDone { number, len, etag, .. } => {
                self.show_in_flight(-1);
                self.json("part-stored", json!({"part": number, "bytes": len, "etag": etag}));
            }
            Event::Retry { what, attempt, after, cause, .. } => {
                let seconds = after.as_secs_f64();
                let members =
                    json!({"what": what.to_string(), "attempt": attempt, "after": seconds, "cause": cause});
                self.json("retry", members);
                self.note(&format!("{what} is repeated in {seconds:.1} s: {cause}"));
            }
            Event::Completing => self.json("completing", Value::Null),
            Event::Resolved => {
                self.json("resolved", json!({"by": "status"}));
                self.note(
                    "the answer to an earlier request was lost; the API confirms that the object is stored",
                );
            }
            Event::Done(uploaded) => self.json("stored", members(uploaded)),
            _ => {}
        }
    }
}

/// Returns the code and the text of the reason why an upload begins again.
fn restart(reason: &RestartReason<'_>) -> (&'static str, String) {
    match reason {
        RestartReason::Expired { expires_at, .. } => {
            ("expired", format!("the interrupted upload could be resumed until {expires_at}"))
        }
        _ => ("gone", "the store no longer has the interrupted upload".to_owned()),
    }
}

fn progress_text(sent: u64, size: Option<u64>) -> String {
    match size {
        Some(size) => {
            let percent = u128::from(sent) * 100 / u128::from(size.max(1));
            format!("{percent} % of {}", units::format_size(size))
        }
        None => units::format_size(sent),
    }
}

/// Returns the members of an object that is stored. Those without a value are left out.
pub(super) fn members(uploaded: &Uploaded) -> Value {
    let mut members = json!({"key": uploaded.key, "size": uploaded.size});
    let Value::Object(object) = &mut members else { return members };
    let texts = [("etag", &uploaded.etag), ("versionId", &uploaded.version_id)];
    for (name, text) in texts {
        if let Some(text) = text {
            object.insert(name.to_owned(), text.as_str().into());
        }
    }
    if let Some(checksum) = &uploaded.checksum {
        object.insert("checksum".to_owned(), json!({checksum.algorithm().name(): checksum.base64()}));
    }
    if !uploaded.ids.is_empty() {
        object.insert("ids".to_owned(), json!(uploaded.ids));
    }
    if let Some(parts) = uploaded.parts {
        object.insert("parts".to_owned(), parts.into());
    }
    members
}
