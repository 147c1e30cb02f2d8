//! Output of `upsign serve` before it listens, and of `--print-config`.

use std::fmt::Write;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};

use serde_json::{Value, json};
#[cfg(feature = "chain")]
use upsign::{Clock, SystemClock};
use upsign_config::units::format_duration;
use upsign_config::{Auth, Config, RouteConfig, TokenHeader};
#[cfg(feature = "chain")]
use upsign_core::CredentialsSource;

use super::args::{CredentialsSourceKind, LogFormat, ServeArgs};
use super::credentials::Signer;
use super::proxy::EnvironmentProxy;
use crate::{auth, callers_summary, dialects_summary, environment, output, sample, summary};

/// Prints the configuration in effect, with the URL of an example object for each route. `token_keys` describes the keys of upload
/// tokens, if uploads have any.
pub(super) fn print(config: &Config, args: &ServeArgs, token_keys: Option<&str>) {
    for warning in config.warnings() {
        output::warning(&warning.to_string());
    }
    output::notes().line("upsign serve");
    for route in config.routes() {
        if let Some(name) = &route.name {
            output::notes().line(&format!("route {name}"));
        }
        summary::print_route(output::notes(), config, route);
        print_example(route);
    }
    callers_summary::print(output::notes(), config);
    dialects_summary::print(output::notes(), config);
    if let Some(keys) = token_keys {
        output::notes().detail("token keys", keys);
    }
    let limits = &args.limits;
    let limits =
        format!("{} concurrent requests, {} connections", limits.max_requests, limits.max_connections);
    output::notes().detail("limits", &limits);
    output::notes().detail("credentials", &credentials(args));
    let proxy = EnvironmentProxy::read(environment::variable);
    if let Some(used) = proxy.used {
        output::notes().detail("proxy", &used);
    }
    for warning in proxy.warnings {
        output::warning(&warning);
    }
}

/// Returns the base URL by which a client on this machine reaches the server.
pub(super) fn reachable(scheme: &str, address: SocketAddr) -> String {
    let ip = match address.ip() {
        IpAddr::V4(ip) if ip.is_unspecified() => Ipv4Addr::LOCALHOST.into(),
        IpAddr::V6(ip) if ip.is_unspecified() => Ipv6Addr::LOCALHOST.into(),
        ip => ip,
    };
    format!("{scheme}://{}", SocketAddr::new(ip, address.port()))
}

/// A request to try, and where refused requests are seen.
pub(super) struct NextStep {
    title: String,
    command: String,
    refused: String,
}

impl NextStep {
    pub(super) fn new(config: &Config, args: &ServeArgs, base: &str, admin: Option<&str>) -> Option<Self> {
        let (route, auth) = (config.routes().first()?, config.auth()?);
        let title = format!("request an upload URL, with {} in TOKEN:", token(auth));
        // A log has one command per line.
        let separator = if args.log_format() == LogFormat::Json { " " } else { " \\\n  " };
        let body = sample::upload(route).body.to_string();
        let command = curl(base, &auth.token_header, &body, separator);
        let place = match admin {
            Some(admin) => format!("on {admin}/metrics"),
            None => "on /metrics, with --admin-listen 127.0.0.1:9090".to_owned(),
        };
        let refused = format!(
            "requests without a valid token get 401; the log says why, and upsign_refused_total counts them {place}"
        );
        Some(Self { title, command, refused })
    }

    fn print(&self) {
        let notes = output::notes();
        notes.next(&self.title);
        notes.verbatim(&self.command);
        notes.detail("refused", &self.refused);
    }

    /// Prints the request as soon as it can be answered: after the first attempt to get credentials. If that fails, prints
    /// that there are none, because the request would not work.
    pub(super) fn print_with_credentials(self, signer: &Signer) {
        match signer {
            Signer::Fixed(..) | Signer::ServiceAccount => self.print(),
            #[cfg(feature = "chain")]
            Signer::Chain(chain) => {
                let chain = std::sync::Arc::clone(chain);
                tokio::spawn(async move {
                    match chain.credentials(SystemClock.now()).await {
                        Ok(_) => self.print(),
                        Err(_) => print_missing_credentials(),
                    }
                });
            }
        }
    }
}

/// Prints that there are no credentials. The log has the reason.
#[cfg(feature = "chain")]
fn print_missing_credentials() {
    let profile = crate::credentials::unknown_profile().map_or_else(String::new, |name| {
        format!(" (AWS_PROFILE={}: no AWS configuration file has this profile)", name.escape_debug())
    });
    output::notes()
        .line(&format!("no credentials yet: uploads are answered 503 until they are found{profile}"));
}

/// Describes the token that a request needs.
fn token(auth: &Auth) -> String {
    match &*auth.issuers {
        [issuer] => format!("a token of a user (token_use: {})", issuer.verifier.token_use().as_str()),
        issuers => format!("a token of one of the issuers {}", auth::issuer_names(issuers)),
    }
}

/// Returns the curl command of a request. The parts are on lines of their own if `separator` contains a line break.
fn curl(base: &str, header: &TokenHeader, body: &str, separator: &str) -> String {
    // The name in the certificate is rarely the address that the server listens on.
    let insecure = if base.starts_with("https:") { " --insecure" } else { "" };
    let body = body.replace('\'', r"'\''");
    [
        format!("curl{insecure} {base}/upload-url"),
        format!("-H \"{header}: Bearer $TOKEN\""),
        "-H 'content-type: application/json'".to_owned(),
        format!("-d '{body}'"),
    ]
    .join(separator)
}

fn print_example(route: &RouteConfig) {
    match sample::key(route) {
        Ok(key) => output::notes().detail("example", &route.policy.target().object_url(&key)),
        Err(error) => {
            let name = summary::route_name(route);
            output::warning(&format!(
                "{name}: the sample request is refused, although it should be granted: {error}"
            ));
        }
    }
}

fn credentials(args: &ServeArgs) -> String {
    match (&args.credentials.assume_role, args.credentials.kind) {
        (Some(role), _) => format!("the role {role}"),
        (None, CredentialsSourceKind::Env) => "AWS_ACCESS_KEY_ID".to_owned(),
        (None, CredentialsSourceKind::Chain) => "the AWS provider chain".to_owned(),
    }
}

/// Returns the effective configuration as a valid `upsign.toml`, followed by the options as comments.
pub(super) fn effective_config(config: &Config, args: &ServeArgs) -> String {
    let mut text = config.effective().to_owned();
    // Writing to a String does not fail.
    let _ = write_routes(&mut text, config);
    let _ = write_options(&mut text, args);
    text
}

/// Returns the options as JSON, by their names on the command line without `--`.
pub(super) fn options(args: &ServeArgs) -> Value {
    let (listening, tls, limits) = (&args.listening, &args.tls, &args.limits);
    let networks: Vec<String> = listening.trusted_proxies.iter().map(ToString::to_string).collect();
    let time = |time| format_duration(time).replace(' ', "");
    json!({
        "listen": listening.listen.to_string(),
        "admin-listen": listening.admin_listen.map(|address| address.to_string()),
        "tls-cert": tls.tls_cert.as_ref().map(|path| path.display().to_string()),
        "tls-key": tls.tls_key.as_ref().map(|path| path.display().to_string()),
        "trusted-proxies": networks,
        "linger": time(listening.linger),
        "max-requests": limits.max_requests,
        "max-connections": limits.max_connections,
        "request-time": time(limits.request_time),
        "head-time": time(limits.head_time),
        "token-cache": args.tokens.token_cache,
        "credentials": match args.credentials.kind {
            CredentialsSourceKind::Env => "env",
            CredentialsSourceKind::Chain => "chain",
        },
        "assume-role": args.credentials.assume_role,
    })
}

/// Writes where the uploads of each route go.
fn write_routes(text: &mut String, config: &Config) -> std::fmt::Result {
    writeln!(text, "\n# uploads go to")?;
    for route in config.routes() {
        let (name, target) = (summary::route_name(route), route.policy.target());
        writeln!(
            text,
            "#   {name}: {}://{}, {}",
            target.scheme().as_str(),
            summary::host(route),
            summary::store(route)
        )?;
    }
    Ok(())
}

fn write_options(text: &mut String, args: &ServeArgs) -> std::fmt::Result {
    let limits = &args.limits;
    writeln!(text, "\n# upsign serve\n#   --listen {}", args.listening.listen)?;
    if let Some(admin) = args.listening.admin_listen {
        writeln!(text, "#   --admin-listen {admin}")?;
    }
    if let (Some(chain), Some(key)) = (&args.tls.tls_cert, &args.tls.tls_key) {
        writeln!(text, "#   --tls-cert {} --tls-key {}", chain.display(), key.display())?;
    }
    for network in &args.listening.trusted_proxies {
        writeln!(text, "#   --trusted-proxies {network}")?;
    }
    let (requests, connections) = (limits.max_requests, limits.max_connections);
    writeln!(text, "#   --max-requests {requests} --max-connections {connections}")?;
    let times = [limits.request_time, limits.head_time, args.listening.linger];
    let [request, head, linger] = times.map(|time| format_duration(time).replace(' ', ""));
    writeln!(text, "#   --request-time {request} --head-time {head} --linger {linger}")?;
    writeln!(text, "#   --token-cache {}\n#   credentials: {}", args.tokens.token_cache, credentials(args))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn unspecified_addresses_are_reached_on_loopback() {
        for (address, expected) in [
            ("0.0.0.0:8080", "http://127.0.0.1:8080"),
            ("[::]:8080", "http://[::1]:8080"),
            ("10.0.0.7:80", "http://10.0.0.7:80"),
        ] {
            assert_eq!(reachable("http", address.parse().unwrap()), expected);
        }
    }

    #[test]
    fn quotes_in_the_body_stay_one_argument_of_the_shell() {
        let command = curl("https://127.0.0.1:8443", &TokenHeader::default(), r#"{"fileName":"it's"}"#, " ");
        assert!(
            command.contains(r#"-d '{"fileName":"it'\''s"}'"#) && command.contains("--insecure"),
            "{command}"
        );
    }
}
