//! Logs, on standard error.

use std::str::FromStr;

use tracing::{Level, Metadata};
use tracing_subscriber::filter::{LevelFilter, Targets, filter_fn};
use tracing_subscriber::fmt;
use tracing_subscriber::layer::{Layer, SubscriberExt};
use tracing_subscriber::util::SubscriberInitExt;

use crate::command::serve::LogFormat;
use crate::environment;
use crate::exit::CommandError;
use crate::output;

/// Starts logging at the levels in `RUST_LOG`; the default is `warn`.
///
/// [`is_safe`] applies on top of `RUST_LOG`: no level makes other crates log secrets.
///
/// # Errors
/// `RUST_LOG` contains a directive that is not `LEVEL`, `TARGET` or `TARGET=LEVEL`, such as a span filter.
pub(crate) fn start(format: LogFormat) -> Result<(), CommandError> {
    let levels = levels(environment::variable("RUST_LOG").as_deref().unwrap_or_default())?;
    let logs = fmt::layer().with_writer(std::io::stderr);
    let logs = match format {
        LogFormat::Json => logs.json().flatten_event(true).boxed(),
        LogFormat::Text => logs.with_ansi(output::stderr_has_color()).boxed(),
    };
    let safe = filter_fn(|metadata: &Metadata<'_>| is_safe(metadata.target(), *metadata.level()));
    tracing_subscriber::registry().with(logs.with_filter(levels).with_filter(safe)).init();
    Ok(())
}

/// Parses `RUST_LOG`. `Targets` supports targets and levels but no span filters. Unlike `EnvFilter`, it does not add a
/// regular expression engine to the binary.
fn levels(directives: &str) -> Result<Targets, CommandError> {
    let directives = directives.trim();
    if directives.is_empty() {
        return Ok(Targets::new().with_default(LevelFilter::WARN));
    }
    let is_span_filter = directives.contains(['[', '{']);
    let parsed = if is_span_filter { None } else { Targets::from_str(directives).ok() };
    parsed.ok_or_else(|| {
        let hint = "write LEVEL, TARGET or TARGET=LEVEL, separated by commas, as in warn,upsign=info; levels are off, \
                    error, warn, info, debug and trace; span filters are not supported";
        CommandError::usage(format!("RUST_LOG={directives:?} is not a list of log levels")).with_hint(hint)
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
            let levels = levels(directives).unwrap();
            assert_eq!(levels.would_enable(target, &level), enabled, "{directives:?} {target} {level}");
        }
    }

    #[test]
    fn unsupported_rust_log_directives_are_rejected() {
        for directives in ["[request]=info", "upsign[request{id=1}]=debug", "upsign=loud", "a=b=c"] {
            let error = levels(directives).unwrap_err();
            assert!(error.to_string().contains(directives), "{error}");
        }
    }
}
