//! Output of `upsign serve` before it listens, and of `--print-config`.

use std::fmt::Write;

use upsign_config::{Config, RouteConfig};

use super::args::{CredentialsSourceKind, ServeArgs};
use crate::{output, sample, summary};

/// Prints the configuration in effect, with an example of a key for each route.
pub(super) fn print(config: &Config, args: &ServeArgs) {
    for warning in config.warnings() {
        output::warning(&warning.to_string());
    }
    output::line("upsign serve");
    for route in config.routes() {
        if let Some(name) = &route.name {
            output::line(&format!("route {name}"));
        }
        summary::print_route(route);
        print_example(route);
    }
    summary::print_callers(config);
    let limits = &args.limits;
    let limits =
        format!("{} concurrent requests, {} connections", limits.max_requests, limits.max_connections);
    output::detail("limits", &limits);
    output::detail("credentials", &credentials(args));
}

fn print_example(route: &RouteConfig) {
    match sample::key(route) {
        Ok(key) => output::detail("example key", key.as_str()),
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
    let _ = write_options(&mut text, args);
    text
}

fn write_options(text: &mut String, args: &ServeArgs) -> std::fmt::Result {
    let limits = &args.limits;
    writeln!(text, "\n# upsign serve\n#   --listen {}", args.listen)?;
    if let Some(admin) = args.admin_listen {
        writeln!(text, "#   --admin-listen {admin}")?;
    }
    if let (Some(chain), Some(key)) = (&args.tls_cert, &args.tls_key) {
        writeln!(text, "#   --tls-cert {} --tls-key {}", chain.display(), key.display())?;
    }
    for network in &args.trusted_proxies {
        writeln!(text, "#   --trusted-proxies {network}")?;
    }
    let (requests, connections) = (limits.max_requests, limits.max_connections);
    writeln!(text, "#   --max-requests {requests} --max-connections {connections}")?;
    let (request, head, linger) = (limits.request_time, limits.head_time, limits.linger);
    writeln!(text, "#   --request-time {request:?} --head-time {head:?} --linger {linger:?}")?;
    writeln!(text, "#   --token-cache {}\n#   credentials: {}", args.token_cache, credentials(args))
}
