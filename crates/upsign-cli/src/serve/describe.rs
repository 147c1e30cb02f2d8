//! What the server will do, said before it does it.

use std::fmt::Write;

use upsign_config::Config;
use upsign_policy::UploadPolicy;

use super::arguments::{Arguments, From};
use crate::{describe, say};

pub(crate) fn say(config: &Config, arguments: &Arguments) {
    for warning in config.warnings() {
        say::warn(&warning.to_string());
    }
    say::line("upsign serve");
    for route in config.routes() {
        describe::route(route);
        say::detail("for example", &example(&route.policy));
    }
    if let Some(auth) = config.auth() {
        let verifier = &auth.verifier;
        say::detail("callers", &verifier.issuer().names().collect::<Vec<_>>().join(", "));
        say::detail("clients", &verifier.client_ids().collect::<Vec<_>>().join(", "));
        say::detail("tokens", crate::trust::word(verifier.token_use()).unwrap_or("any"));
    }
    say::detail("pages", &origins(config).join(", "));
    if let Some(limit) = config.limit() {
        say::detail("each caller", &format!("{} a minute, {} at once", limit.per_minute, limit.burst));
    }
    let bearing = &arguments.bearing;
    let limits = format!("{} requests, {} connections", bearing.max_requests, bearing.max_connections);
    say::detail("at once", &limits);
    say::detail("signs with", &signs_with(arguments));
}

fn signs_with(arguments: &Arguments) -> String {
    match (&arguments.source.assume_role, arguments.source.credentials) {
        (Some(role), _) => format!("the role {role}"),
        (None, From::Env) => "AWS_ACCESS_KEY_ID".to_owned(),
        (None, From::Chain) => "AWS's provider chain".to_owned(),
    }
}

fn origins(config: &Config) -> Vec<String> {
    match config.origins() {
        all if all.is_any() => vec!["*".to_owned()],
        listed => listed.list().iter().map(|origin| origin.as_str().to_owned()).collect(),
    }
}

/// The template with something plausible in each place.
fn example(policy: &UploadPolicy) -> String {
    const ID: &str = "0190c3a4-7d1e-7cc3-98c4-dc0c0c07398f";
    let first = policy.content_rules().ranges().first().map(ToString::to_string);
    let extension = first.and_then(|first| {
        let subtype = first.split('/').nth(1)?.split(['+', ';']).next()?.to_owned();
        Some(if subtype == "jpeg" { "jpg".to_owned() } else { subtype })
    });
    let mut example = policy.template().as_str().replace("{id}", ID);
    for name in policy.id_names() {
        example = example.replace(&format!("{{{name}}}"), "7f2b6c1e-5a0d-4e53-9d7a-3c1f8e2b4a60");
    }
    example.replace("{ext}", extension.as_deref().filter(|ext| *ext != "*").unwrap_or("bin"))
}

/// The configuration in effect, as `upsign.toml` would say it, and the command line below it.
pub(crate) fn config(config: &Config, arguments: &Arguments) -> String {
    let mut text = config.effective().to_owned();
    // Writing to a String does not fail.
    let _ = server(&mut text, arguments);
    text
}

fn server(text: &mut String, arguments: &Arguments) -> std::fmt::Result {
    let bearing = &arguments.bearing;
    writeln!(text, "\n# upsign serve\n#   --listen {}", arguments.listen)?;
    if let Some(admin) = arguments.admin_listen {
        writeln!(text, "#   --admin-listen {admin}")?;
    }
    if let (Some(chain), Some(key)) = (&arguments.tls_cert, &arguments.tls_key) {
        writeln!(text, "#   --tls-cert {} --tls-key {}", chain.display(), key.display())?;
    }
    for network in &arguments.trusted_proxies {
        writeln!(text, "#   --trusted-proxies {network}")?;
    }
    writeln!(
        text,
        "#   --max-requests {} --max-connections {}",
        bearing.max_requests, bearing.max_connections
    )?;
    let (request, head) = (bearing.request_time, bearing.head_time);
    writeln!(text, "#   --request-time {request:?} --head-time {head:?} --linger {:?}", bearing.linger)?;
    writeln!(text, "#   --token-cache {}\n#   signs with {}", arguments.token_cache, signs_with(arguments))
}
