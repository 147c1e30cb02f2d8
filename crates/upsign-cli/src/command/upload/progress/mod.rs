//! Progress of uploads: bars on a terminal, a line for each tenth elsewhere, and JSON lines with `--json`.

mod events;
#[cfg(test)]
mod tests;

use std::io::IsTerminal as _;
use std::sync::{Arc, Mutex, PoisonError};

pub(super) use self::events::members;
use crate::output;
use indicatif::{MultiProgress, ProgressBar, ProgressDrawTarget, ProgressStyle};

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
    jobs: Option<u8>,
}

/// The number of steps in which lines of progress are printed.
const LINE_STEPS: u64 = 10;
const JSON_STEPS: u64 = 20;

impl Progress {
    /// Creates the progress of `files` files with these bytes in all.
    pub(super) fn new(style: Style, files: usize, bytes: Option<u64>) -> Self {
        let target =
            if style == Style::Bars { ProgressDrawTarget::stderr() } else { ProgressDrawTarget::hidden() };
        Self::on(target, style, files, bytes)
    }

    fn on(target: ProgressDrawTarget, style: Style, files: usize, bytes: Option<u64>) -> Self {
        let bars = MultiProgress::with_draw_target(target);
        let all = bytes.filter(|_| files > 1).map(|bytes| bars.add(bar(Some(bytes), "in all")));
        Self { style, bars, all, jobs: None }
    }

    /// Sets the number of parts at the same time that the user asked for.
    pub(super) fn with_jobs(self, jobs: Option<u8>) -> Self {
        Self { jobs, ..self }
    }

    /// Returns the receiver of the events of a file.
    pub(super) fn file(&self, name: &str, size: Option<u64>) -> FileProgress {
        let bar = self.bars.insert(0, bar(size, name));
        FileProgress(Arc::new(Shown {
            style: self.style,
            name: name.to_owned(),
            bar,
            all: self.all.clone(),
            jobs: self.jobs,
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
    jobs: Option<u8>,
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
}
