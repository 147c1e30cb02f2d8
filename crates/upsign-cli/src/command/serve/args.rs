//! The command line of `upsign serve`.

use std::net::SocketAddr;
use std::path::PathBuf;
use std::time::Duration;

use clap::{Args, ValueEnum};
use ipnet::IpNet;
use upsign_axum::Limits;

use crate::config_file::ConfigFile;
use crate::value_parser::duration;

#[derive(Debug, Args)]
pub(crate) struct ServeArgs {
    /// Address to listen on; port 0 picks a free port.
    #[arg(long, value_name = "IP:PORT", env = "UPSIGN_LISTEN", default_value = "127.0.0.1:8080")]
    pub(super) listen: SocketAddr,
    /// Address for GET /metrics (Prometheus) and GET /readyz, which are off by default. Do not expose it to the public.
    #[arg(long, value_name = "IP:PORT", env = "UPSIGN_ADMIN_LISTEN")]
    pub(super) admin_listen: Option<SocketAddr>,
    #[command(flatten)]
    pub(super) config: ConfigFile,
    /// TLS certificate chain, in PEM; serves https. Read again on SIGHUP and when the file changes.
    #[arg(long, value_name = "FILE", env = "UPSIGN_TLS_CERT", requires = "tls_key")]
    pub(super) tls_cert: Option<PathBuf>,
    /// Private key of the certificate, in PEM.
    #[arg(long, value_name = "FILE", env = "UPSIGN_TLS_KEY", requires = "tls_cert")]
    pub(super) tls_key: Option<PathBuf>,
    /// Network of proxies whose X-Forwarded-For and X-Request-Id headers are trusted, as in 10.0.0.0/8; repeatable.
    #[arg(
        long = "trusted-proxies",
        value_name = "NETWORK",
        env = "UPSIGN_TRUSTED_PROXIES",
        value_delimiter = ','
    )]
    pub(super) trusted_proxies: Vec<IpNet>,
    /// Cache up to COUNT verified tokens for at most 5 minutes (0 verifies every request).
    #[arg(long, value_name = "COUNT", env = "UPSIGN_TOKEN_CACHE", default_value_t = 0)]
    pub(super) token_cache: usize,
    /// Format of the logs on standard error; RUST_LOG selects their levels, as in warn,upsign=info.
    #[arg(long, value_name = "FORMAT", value_enum, env = "UPSIGN_LOG_FORMAT", default_value_t = LogFormat::Text)]
    pub(super) log_format: LogFormat,
    /// Print the effective configuration and exit.
    #[arg(long)]
    pub(super) print_config: bool,
    /// Print the OpenAPI 3.1 description of the API and exit.
    #[arg(long)]
    pub(super) print_openapi: bool,
    #[command(flatten)]
    pub(super) limits: LimitArgs,
    #[command(flatten)]
    pub(super) credentials: CredentialsArgs,
}

impl ServeArgs {
    pub(crate) const fn log_format(&self) -> LogFormat {
        self.log_format
    }
}

/// Limits on concurrency and time.
#[derive(Debug, Args)]
#[command(next_help_heading = "Limits")]
pub(super) struct LimitArgs {
    /// Maximum number of concurrent requests; further requests get 503.
    #[arg(long, value_name = "COUNT", env = "UPSIGN_MAX_REQUESTS", default_value_t = Limits::default().requests)]
    pub(super) max_requests: usize,
    /// Maximum number of open connections; further connections get 503.
    #[arg(long, value_name = "COUNT", env = "UPSIGN_MAX_CONNECTIONS", default_value_t = Limits::default().connections)]
    pub(super) max_connections: usize,
    /// Timeout of a request, including the arrival of its body.
    #[arg(long, value_name = "TIME", env = "UPSIGN_REQUEST_TIME", default_value = "10s", value_parser = duration)]
    pub(super) request_time: Duration,
    /// Timeout for the arrival of a request's headers, and for a TLS handshake.
    #[arg(long, value_name = "TIME", env = "UPSIGN_HEAD_TIME", default_value = "10s", value_parser = duration)]
    pub(super) head_time: Duration,
    /// Time to keep accepting connections after SIGTERM, until the load balancer notices that /readyz fails.
    #[arg(long, value_name = "TIME", env = "UPSIGN_LINGER", default_value = "250ms", value_parser = duration)]
    pub(super) linger: Duration,
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
    #[arg(long, value_name = "ARN", env = "UPSIGN_ASSUME_ROLE")]
    pub(super) assume_role: Option<String>,
    /// External id that the role's trust policy requires.
    #[arg(long, value_name = "ID", env = "UPSIGN_EXTERNAL_ID", requires = "assume_role")]
    pub(super) external_id: Option<String>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(super) enum CredentialsSourceKind {
    /// AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY and AWS_SESSION_TOKEN.
    Env,
    /// The AWS provider chain: profile, web identity, container, instance; needs a build with `--features chain`.
    Chain,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum LogFormat {
    /// Lines of text.
    Text,
    /// One JSON object per line.
    Json,
}
