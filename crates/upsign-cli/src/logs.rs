//! Logs, on standard error.

use std::io::{self, Write};
use std::str::FromStr;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{OnceLock, mpsc};
use std::time::Duration;

use tracing::{Level, Metadata};
use tracing_appender::non_blocking::{ErrorCounter, NonBlockingBuilder, WorkerGuard};
use tracing_subscriber::filter::{LevelFilter, Targets, filter_fn};
use tracing_subscriber::fmt;
use tracing_subscriber::layer::{Layer, SubscriberExt};
use tracing_subscriber::util::SubscriberInitExt;

use crate::command::serve::LogFormat;
use crate::environment;
use crate::exit::CommandError;
use crate::output;

/// Log lines that wait for standard error to accept them. Further lines are dropped until there is room again.
const MAX_BUFFERED_LINES: usize = 10_000;

/// How long the end of the program waits for buffered lines to be written.
const FLUSH_TIMEOUT: Duration = Duration::from_secs(2);

/// The level of the log without `RUST_LOG`.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Verbosity(LevelFilter);

impl Default for Verbosity {
    fn default() -> Self {
        Self(LevelFilter::WARN)
    }
}

impl Verbosity {
    /// Returns the level for `-v`, written `verbose` times, and `-q`.
    pub(crate) fn new(verbose: u8, quiet: bool) -> Self {
        match (quiet, verbose) {
            // `-q` leaves out notes, not warnings.
            (true, _) | (_, 0) => Self::default(),
            (_, 1) => Self(LevelFilter::INFO),
            _ => Self(LevelFilter::DEBUG),
        }
    }

    /// Returns the level for `upsign demo`, which provokes refusals and shows them itself: without `-v`, errors only.
    pub(crate) fn for_demo(self) -> Self {
        Self(if self.0 == LevelFilter::WARN { LevelFilter::ERROR } else { self.0 })
    }
}

/// Writes the lines that are still buffered when it is dropped.
pub(crate) struct FlushGuard(Option<WorkerGuard>);

impl Drop for FlushGuard {
    /// Waits on another thread, for a limited time: the writer may be blocked forever in a pipe that is never read, and
    /// [`WorkerGuard`] reports a failure on the same standard error.
    fn drop(&mut self) {
        let Some(guard) = self.0.take() else { return };
        let (done, is_done) = mpsc::channel();
        std::thread::spawn(move || {
            drop(guard);
            done.send(())
        });
        // An error means that the time is up. The program ends without the remaining lines.
        let _ = is_done.recv_timeout(FLUSH_TIMEOUT);
    }
}

/// Lines that did not fit into the buffer.
static DROPPED: OnceLock<ErrorCounter> = OnceLock::new();

/// Lines that standard error did not accept.
static FAILED: AtomicU64 = AtomicU64::new(0);

/// Returns the number of lines that were lost since the program started, because standard error was too slow, full or closed.
pub(crate) fn lines_lost() -> u64 {
    let dropped = DROPPED.get().map_or(0, |dropped| dropped.dropped_lines() as u64);
    dropped.saturating_add(FAILED.load(Ordering::Relaxed))
}

/// Standard error, or a loss that is counted.
struct CountedErrors;

impl Write for CountedErrors {
    fn write(&mut self, line: &[u8]) -> io::Result<usize> {
        self.write_all(line).map(|()| line.len())
    }

    /// Never fails: there is nowhere to report that standard error cannot be written to. The next line may be accepted again.
    fn write_all(&mut self, line: &[u8]) -> io::Result<()> {
        if io::stderr().write_all(line).is_err() {
            FAILED.fetch_add(1, Ordering::Relaxed);
        }
        Ok(())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// Starts logging at the levels in `RUST_LOG`; the default is that of `verbosity`. Keep the result until the program ends.
///
/// A thread of its own writes the lines, so that a request never waits for whatever reads standard error: a full pipe or
/// disk costs log lines, not answers, and [`lines_lost`] counts them. If the program `is_server`, everything else that it
/// prints on standard error takes the same way. [`is_safe`] applies on top of `RUST_LOG`: no level makes other crates log secrets.
/// Builds without debug assertions contain no TRACE events at all.
///
/// # Errors
/// `RUST_LOG` contains a directive that is not `LEVEL`, `TARGET` or `TARGET=LEVEL`, such as a span filter.
pub(crate) fn start(
    format: LogFormat,
    is_server: bool,
    verbosity: Verbosity,
) -> Result<FlushGuard, CommandError> {
    let levels = levels(environment::variable("RUST_LOG").as_deref().unwrap_or_default(), verbosity)?;
    let builder = NonBlockingBuilder::default().lossy(true).buffered_lines_limit(MAX_BUFFERED_LINES);
    let (writer, guard) = builder.finish(CountedErrors);
    let _ = DROPPED.set(writer.error_counter());
    if is_server {
        output::print_through(writer.clone());
    }
    let logs = fmt::layer().with_writer(writer);
    let logs = match format {
        LogFormat::Json => logs.json().flatten_event(true).boxed(),
        LogFormat::Text => logs.with_ansi(output::stderr_has_color()).boxed(),
    };
    let safe = filter_fn(|metadata: &Metadata<'_>| is_safe(metadata.target(), *metadata.level()));
    tracing_subscriber::registry().with(logs.with_filter(levels).with_filter(safe)).init();
    Ok(FlushGuard(Some(guard)))
}

/// Parses `RUST_LOG`. `Targets` supports targets and levels but no span filters. Unlike `EnvFilter`, it does not add a
/// regular expression engine to the binary.
fn levels(directives: &str, verbosity: Verbosity) -> Result<Targets, CommandError> {
    let directives = directives.trim();
    if directives.is_empty() {
        return Ok(Targets::new().with_default(verbosity.0));
    }
    let is_span_filter = directives.contains(['[', '{']);
    let parsed = if is_span_filter { None } else { Targets::from_str(directives).ok() };
    parsed.ok_or_else(|| {
        let hint = "write LEVEL, TARGET or TARGET=LEVEL, separated by commas, as in warn,upsign=info; levels are off, \
                    error, warn, info, debug and trace; span filters are not supported";
        CommandError::usage(format!("RUST_LOG={directives:?} is not a list of log levels")).with_help(hint)
    })
}

/// Crates that log signing keys, canonical requests, credentials or header values at more detailed levels than these.
const MAX_LEVELS: [(&str, Level); 6] = [
    ("aws_", Level::WARN),
    ("h2", Level::INFO),
    ("hyper", Level::INFO),
    ("reqwest", Level::INFO),
    ("rustls", Level::INFO),
    ("s3s", Level::ERROR),
];

/// Returns whether events of this target at this level are free of secrets.
fn is_safe(target: &str, level: Level) -> bool {
    MAX_LEVELS.iter().all(|(name, max)| !target.starts_with(name) || level <= *max)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn secrets_logged_by_other_crates_are_dropped() {
        for (target, level, written) in [
            ("upsign_http::api", Level::TRACE, true),
            ("upsign_axum::observe", Level::TRACE, true),
            ("aws_sigv4::http_request::sign", Level::TRACE, false),
            ("aws_config::profile", Level::DEBUG, false),
            ("aws_config::profile", Level::WARN, true),
            ("hyper_util::client::legacy::pool", Level::TRACE, false),
            ("hyper::proto::h1::io", Level::DEBUG, false),
            ("rustls::server", Level::INFO, true),
            ("tokio::task", Level::TRACE, true),
        ] {
            assert_eq!(is_safe(target, level), written, "{target} {level}");
        }
    }

    #[test]
    fn rust_log_selects_levels_by_target() {
        for (directives, target, level, enabled) in [
            ("", "upsign_http", Level::WARN, true),
            ("", "upsign_http", Level::INFO, false),
            (" ", "upsign_http", Level::WARN, true),
            ("info", "upsign_http", Level::INFO, true),
            ("warn,upsign=debug", "upsign_http::api", Level::DEBUG, true),
            ("warn,upsign=debug", "hyper", Level::INFO, false),
            ("upsign_axum", "upsign_axum::server", Level::TRACE, true),
            ("off", "upsign_http", Level::ERROR, false),
        ] {
            let levels = levels(directives, Verbosity::default()).unwrap();
            assert_eq!(levels.would_enable(target, &level), enabled, "{directives:?} {target} {level}");
        }
    }

    #[test]
    fn unsupported_rust_log_directives_are_rejected() {
        for directives in ["[request]=info", "upsign[request{id=1}]=debug", "upsign=loud", "a=b=c"] {
            let error = levels(directives, Verbosity::default()).unwrap_err();
            assert!(error.diagnostics().all(|error| error.message.contains(directives)), "{error:?}");
        }
    }
}
