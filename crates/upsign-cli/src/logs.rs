//! Logs, on standard error.

use tracing::{Level, Metadata};
use tracing_subscriber::filter::{EnvFilter, LevelFilter, filter_fn};
use tracing_subscriber::fmt;
use tracing_subscriber::layer::{Layer, SubscriberExt};
use tracing_subscriber::util::SubscriberInitExt;

use crate::environment;
use crate::serve::LogFormat;

/// Writes what `RUST_LOG` asks for; warnings when it asks for nothing. Only what a caller may not see, and what other
/// people's code says of secrets, is left out however much is asked for.
pub(crate) fn start(format: LogFormat) {
    let asked = EnvFilter::builder().with_default_directive(LevelFilter::WARN.into()).from_env_lossy();
    let logs = fmt::layer().with_writer(std::io::stderr);
    let logs = match format {
        LogFormat::Json => logs.json().flatten_event(true).boxed(),
        LogFormat::Text => logs.with_ansi(environment::variable("NO_COLOR").is_none()).boxed(),
    };
    let logs = logs.with_filter(asked).with_filter(filter_fn(may_be_written));
    tracing_subscriber::registry().with(logs).init();
}

/// Crates that write signing keys, canonical requests, credentials or header values below these levels.
const TALKATIVE: [(&str, Level); 6] = [
    ("aws_", Level::WARN),
    ("h2", Level::INFO),
    ("hyper", Level::INFO),
    ("reqwest", Level::INFO),
    ("rustls", Level::INFO),
    ("s3s", Level::ERROR),
];

fn may_be_written(metadata: &Metadata<'_>) -> bool {
    is_quiet(metadata.target(), *metadata.level())
}

fn is_quiet(target: &str, level: Level) -> bool {
    TALKATIVE.iter().all(|(name, most)| !target.starts_with(name) || level <= *most)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_other_crates_say_of_secrets_is_left_out() {
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
            assert_eq!(is_quiet(target, level), written, "{target} {level}");
        }
    }
}
