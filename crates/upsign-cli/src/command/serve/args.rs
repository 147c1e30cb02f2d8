//! The command line of `upsign serve`.

use std::net::{IpAddr, SocketAddr};
use std::path::PathBuf;
use std::time::Duration;

use clap::{Args, ValueEnum};
use ipnet::IpNet;
use upsign_axum::Limits;

use crate::config_file::ConfigFile;
use crate::listen;
use crate::value_parser::duration;

#[derive(Debug, Args)]
pub(crate) struct ServeArgs {
    #[command(flatten)]
    pub(super) config: ConfigFile,
    /// Print the effective configuration and exit; as JSON with --json.
    #[arg(long)]
    pub(super) print_config: bool,
    /// Print the OpenAPI 3.1 description of the API with the configured routes and exit.
    #[arg(long)]
    pub(super) print_openapi: bool,
    #[command(flatten)]
    pub(super) listening: ListenArgs,
    #[command(flatten)]
    pub(super) tls: TlsArgs,
    #[command(flatten)]
    pub(super) limits: LimitArgs,
    #[command(flatten)]
    pub(super) credentials: CredentialsArgs,
    #[command(flatten)]
    pub(super) tokens: TokenArgs,
    #[command(flatten)]
    pub(super) logs: LogArgs,
}

impl ServeArgs {
    pub(crate) const fn log_format(&self) -> LogFormat {
        self.logs.log_format
    }
}

/// Addresses, and the proxies in front of them.
#[derive(Debug, Args)]
#[command(next_help_heading = "Listening")]
pub(super) struct ListenArgs {
    /// Address and port of the API.
    ///
    /// 127.0.0.1:8080 accepts connections from this machine only, 0.0.0.0:8080 from everywhere. A port alone (8080, :8080)
    /// and localhost mean 127.0.0.1. Port 0 picks a free port.
    #[arg(long, value_name = "IP:PORT", env = "UPSIGN_LISTEN", default_value = "127.0.0.1:8080", value_parser = listen::address)]
    pub(super) listen: SocketAddr,
    /// Address and port of GET /metrics (Prometheus), GET /readyz, GET /openapi.json and GET /llms.txt; off by default.
    ///
    /// Do not expose it to the public: anyone who reaches it can read the metrics and the names of the routes.
    #[arg(long, value_name = "IP:PORT", env = "UPSIGN_ADMIN_LISTEN", value_parser = listen::address)]
    pub(super) admin_listen: Option<SocketAddr>,
    /// Network of proxies whose X-Forwarded-For and X-Request-Id are trusted, as in 10.0.0.0/8; repeatable.
    #[arg(
        long = "trusted-proxies",
        value_name = "NETWORK",
        env = "UPSIGN_TRUSTED_PROXIES",
        value_delimiter = ',',
        value_parser = network,
        hide_short_help = true
    )]
    pub(super) trusted_proxies: Vec<IpNet>,
    /// Time to keep accepting connections after SIGTERM.
    ///
    /// Choose the time that the load balancer needs to notice that /readyz fails. Until then it opens new connections, which
    /// would otherwise be refused.
    #[arg(long, value_name = "TIME", env = "UPSIGN_LINGER", default_value = "250ms", value_parser = duration, hide_short_help = true)]
    pub(super) linger: Duration,
}

/// The certificate.
#[derive(Debug, Args)]
#[command(next_help_heading = "TLS")]
pub(super) struct TlsArgs {
    /// Certificate chain, in PEM; serves https.
    ///
    /// The files are read again on SIGHUP and when they change. New connections then get the new certificate.
    #[arg(long, value_name = "FILE", env = "UPSIGN_TLS_CERT")]
    pub(super) tls_cert: Option<PathBuf>,
    /// Private key of the certificate, in PEM.
    #[arg(long, value_name = "FILE", env = "UPSIGN_TLS_KEY")]
    pub(super) tls_key: Option<PathBuf>,
}

/// Limits on concurrency and time.
#[derive(Debug, Args)]
#[command(next_help_heading = "Limits")]
pub(super) struct LimitArgs {
    /// Maximum number of concurrent requests; further requests get 503.
    #[arg(long, value_name = "COUNT", env = "UPSIGN_MAX_REQUESTS", default_value_t = Limits::default().requests, value_parser = count)]
    pub(super) max_requests: usize,
    /// Maximum number of open connections; further connections get 503.
    #[arg(long, value_name = "COUNT", env = "UPSIGN_MAX_CONNECTIONS", default_value_t = Limits::default().connections, value_parser = count)]
    pub(super) max_connections: usize,
    /// Maximum time to answer a request, and for its body to arrive, as in 10s or 1m.
    #[arg(long, value_name = "TIME", env = "UPSIGN_REQUEST_TIME", default_value = "10s", value_parser = time_limit)]
    pub(super) request_time: Duration,
    /// Maximum time for the headers of a request to arrive, and for a TLS handshake.
    #[arg(long, value_name = "TIME", env = "UPSIGN_HEAD_TIME", default_value = "10s", value_parser = time_limit, hide_short_help = true)]
    pub(super) head_time: Duration,
}

/// Parses a limit on a number, which cannot be zero.
fn count(text: &str) -> Result<usize, String> {
    match text.trim().parse() {
        Ok(0) => Err("0 would refuse everything: write a number from 1".to_owned()),
        Ok(count) => Ok(count),
        Err(_) => Err(format!("{text:?} is not a number from 1")),
    }
}

/// Parses a number that may be zero.
fn whole_number(text: &str) -> Result<usize, String> {
    text.trim().parse().map_err(|_| format!("{text:?} is not a whole number, as in 1000"))
}

/// Parses a network, or an address as the network of that address alone.
fn network(text: &str) -> Result<IpNet, String> {
    let text = text.trim();
    let address = || text.parse::<IpAddr>().ok().map(IpNet::from);
    text.parse()
        .ok()
        .or_else(address)
        .ok_or_else(|| format!("{text:?} is not a network: write 10.0.0.0/8, or one address as in 10.0.0.1"))
}

/// Parses a limit on time, which cannot be zero.
fn time_limit(text: &str) -> Result<Duration, String> {
    match duration(text) {
        Ok(Duration::ZERO) => Err("no request arrives within 0 s: write a longer time, as in 10s".to_owned()),
        parsed => parsed.map_err(|error| error.to_string()),
    }
}

impl LimitArgs {
    pub(super) fn limits(&self) -> Limits {
        Limits::default()
            .with_requests(self.max_requests)
            .with_connections(self.max_connections)
            .with_request_time(self.request_time)
            .with_head_time(self.head_time)
    }
}

/// The credentials that sign uploads.
#[derive(Debug, Args)]
#[command(next_help_heading = "Credentials")]
pub(super) struct CredentialsArgs {
    /// Source of the credentials.
    #[arg(long = "credentials", value_name = "SOURCE", value_enum, env = "UPSIGN_CREDENTIALS", default_value_t = CredentialsSourceKind::Env)]
    pub(super) kind: CredentialsSourceKind,
    /// Assume this role and sign with its credentials; needs a build with `--features chain`.
    #[arg(long, value_name = "ARN", env = "UPSIGN_ASSUME_ROLE", hide_short_help = true)]
    pub(super) assume_role: Option<String>,
    /// External id that the role's trust policy requires.
    #[arg(
        long,
        value_name = "ID",
        env = "UPSIGN_EXTERNAL_ID",
        requires = "assume_role",
        hide_short_help = true
    )]
    pub(super) external_id: Option<String>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(super) enum CredentialsSourceKind {
    /// AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY and AWS_SESSION_TOKEN.
    Env,
    /// The AWS provider chain: profile, web identity, container, instance; needs a build with `--features chain`.
    Chain,
}

/// The verification of tokens.
#[derive(Debug, Args)]
#[command(next_help_heading = "Tokens")]
pub(super) struct TokenArgs {
    /// Remember up to COUNT verified tokens for 5 minutes (0: verify every request).
    ///
    /// Saves the check of the signature when a token is sent again, and takes about 4 KiB of memory for each. The expiry and
    /// the key of a token are still checked with every request.
    #[arg(
        long,
        value_name = "COUNT",
        env = "UPSIGN_TOKEN_CACHE",
        default_value_t = 0,
        value_parser = whole_number,
        hide_short_help = true
    )]
    pub(super) token_cache: usize,
}

/// What is logged, and how.
#[derive(Debug, Args)]
#[command(next_help_heading = "Logs")]
pub(super) struct LogArgs {
    /// Format of everything on standard error.
    ///
    /// The level is warn; -v, -vv and -q change it, and RUST_LOG selects levels by target, as in warn,upsign=info.
    #[arg(long, value_name = "FORMAT", value_enum, env = "UPSIGN_LOG_FORMAT", default_value_t = LogFormat::Text)]
    pub(super) log_format: LogFormat,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum LogFormat {
    /// Lines of text.
    Text,
    /// One JSON object per line.
    Json,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn proxies_are_networks_or_addresses() {
        for (text, expected) in
            [("10.0.0.0/8", "10.0.0.0/8"), (" 10.0.0.1 ", "10.0.0.1/32"), ("fd00::1", "fd00::1/128")]
        {
            assert_eq!(network(text).map(|network| network.to_string()), Ok(expected.to_owned()));
        }
        for text in ["foo", "", "10.0.0.0/33", "proxy.example.com"] {
            let error = network(text).unwrap_err();
            assert!(error.contains(&format!("{text:?} is not a network: write 10.0.0.0/8")), "{error}");
        }
    }

    #[test]
    fn limits_are_at_least_one() {
        assert_eq!((count("1"), count(" 512 ")), (Ok(1), Ok(512)));
        for text in ["0", "00", "", "-1", "1.5", "ten"] {
            assert!(count(text).is_err(), "{text}");
        }
        assert_eq!((whole_number("0"), whole_number("1000")), (Ok(0), Ok(1000)));
        for text in ["1k", "", "-1", "1.5"] {
            let expected = format!("{text:?} is not a whole number, as in 1000");
            assert_eq!(whole_number(text), Err(expected));
        }
        assert_eq!(time_limit("90s"), Ok(Duration::from_secs(90)));
        assert_eq!(time_limit("1h"), Ok(Duration::from_secs(3600)));
        assert_eq!(time_limit("15"), Ok(Duration::from_secs(15)));
        for text in ["0", "0s", "0ms", "soon", ""] {
            assert!(time_limit(text).is_err(), "{text}");
        }
    }
}
