//! The command line of `upsign serve`.

use std::net::SocketAddr;
use std::path::PathBuf;
use std::time::Duration;

use clap::{Args, ValueEnum};
use ipnet::IpNet;
use upsign_axum::Limits;

use crate::args::ConfigFile;

#[derive(Debug, Args)]
pub(crate) struct Arguments {
    /// Where to answer. Port 0 takes a free one.
    #[arg(long, value_name = "ADDR", env = "UPSIGN_LISTEN", default_value = "127.0.0.1:8080")]
    pub(crate) listen: SocketAddr,
    /// Where to answer GET /metrics (Prometheus) and GET /readyz; nowhere unless told. Not for the public.
    #[arg(long, value_name = "ADDR", env = "UPSIGN_ADMIN_LISTEN")]
    pub(crate) admin_listen: Option<SocketAddr>,
    #[command(flatten)]
    pub(crate) config: ConfigFile,
    /// Serve over TLS with this certificate chain, in PEM.
    #[arg(long, value_name = "FILE", env = "UPSIGN_TLS_CERT", requires = "tls_key")]
    pub(crate) tls_cert: Option<PathBuf>,
    /// The certificate's private key, in PEM.
    #[arg(long, value_name = "FILE", env = "UPSIGN_TLS_KEY", requires = "tls_cert")]
    pub(crate) tls_key: Option<PathBuf>,
    /// Networks whose X-Forwarded-For and X-Request-Id count, as in 10.0.0.0/8; may be given again.
    #[arg(
        long = "trusted-proxies",
        value_name = "NET",
        env = "UPSIGN_TRUSTED_PROXIES",
        value_delimiter = ','
    )]
    pub(crate) trusted_proxies: Vec<IpNet>,
    #[command(flatten)]
    pub(crate) bearing: Bearing,
    #[command(flatten)]
    pub(crate) source: Source,
    /// Keep up to so many verified tokens, each for five minutes at most, in place of verifying each every time.
    #[arg(long, value_name = "COUNT", env = "UPSIGN_TOKEN_CACHE", default_value_t = 0)]
    pub(crate) token_cache: usize,
    /// How logs are written, on standard error; RUST_LOG says which.
    #[arg(long, value_enum, env = "UPSIGN_LOG_FORMAT", default_value_t = LogFormat::Text)]
    pub(crate) log_format: LogFormat,
    /// Print the configuration as it is in effect, and end.
    #[arg(long)]
    pub(crate) print_config: bool,
    /// Print the API's description, OpenAPI 3.1, and end.
    #[arg(long)]
    pub(crate) print_openapi: bool,
}

/// What the server bears.
#[derive(Debug, Args)]
pub(crate) struct Bearing {
    /// Requests worked on at one time; one more is answered 503.
    #[arg(long, value_name = "COUNT", env = "UPSIGN_MAX_REQUESTS", default_value_t = Limits::default().requests)]
    pub(crate) max_requests: usize,
    /// Open connections; one more is answered 503.
    #[arg(long, value_name = "COUNT", env = "UPSIGN_MAX_CONNECTIONS", default_value_t = Limits::default().connections)]
    pub(crate) max_connections: usize,
    /// How long a request may take, and its body to arrive.
    #[arg(long, value_name = "TIME", env = "UPSIGN_REQUEST_TIME", default_value = "10s", value_parser = time)]
    pub(crate) request_time: Duration,
    /// How long a request's head, or a TLS handshake, may take to arrive.
    #[arg(long, value_name = "TIME", env = "UPSIGN_HEAD_TIME", default_value = "10s", value_parser = time)]
    pub(crate) head_time: Duration,
    /// How long connections are still taken after SIGTERM: until whoever balances the load has seen /readyz.
    #[arg(long, value_name = "TIME", env = "UPSIGN_LINGER", default_value = "250ms", value_parser = time)]
    pub(crate) linger: Duration,
}

impl Bearing {
    pub(crate) fn limits(&self) -> Limits {
        Limits::default()
            .with_requests(self.max_requests)
            .with_connections(self.max_connections)
            .with_request_time(self.request_time)
            .with_head_time(self.head_time)
    }
}

/// Whose credentials sign.
#[derive(Debug, Args)]
pub(crate) struct Source {
    /// Where credentials come from.
    #[arg(long, value_enum, env = "UPSIGN_CREDENTIALS", default_value_t = From::Env)]
    pub(crate) credentials: From,
    /// Sign with the credentials of this role, assumed with those of the chain. Needs a build with `--features chain`.
    #[arg(long, value_name = "ARN", env = "UPSIGN_ASSUME_ROLE")]
    pub(crate) assume_role: Option<String>,
    /// The external id that the role asks for.
    #[arg(long, value_name = "ID", env = "UPSIGN_EXTERNAL_ID", requires = "assume_role")]
    pub(crate) external_id: Option<String>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum From {
    /// AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY and AWS_SESSION_TOKEN.
    Env,
    /// AWS's whole provider chain: profile, web identity, container, instance. Needs a build with `--features chain`.
    Chain,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum LogFormat {
    /// For a person.
    Text,
    /// One object a line.
    Json,
}

fn time(text: &str) -> Result<Duration, humantime::DurationError> {
    humantime::parse_duration(text)
}
