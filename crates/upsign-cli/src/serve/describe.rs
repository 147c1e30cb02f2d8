//! What the server will do, said before it does it.

use std::fmt::Write;

use upsign_config::{Config, UnknownExpiry};
use upsign_core::WhenShort;
use upsign_policy::{Bodyless, UploadPolicy};

use super::arguments::{Arguments, From};
use crate::say;

pub(crate) fn say(config: &Config, arguments: &Arguments) {
    let policy = config.policy();
    for warning in policy.warnings() {
        say::warn(&warning.to_string());
    }
    let target = policy.target();
    say::line("upsign serve");
    say::detail("bucket", &format!("{} in {}", target.bucket(), target.region()));
    say::detail("key", policy.template().as_str());
    say::detail("for example", &example(policy));
    say::detail("types", &types(policy).join(", "));
    say::detail("size", &format!("{} to {} bytes", policy.size().min(), policy.max_size()));
    say::detail("lives", &format!("{} seconds", policy.expires_in().as_secs()));
    if let Some(auth) = config.auth() {
        let verifier = &auth.verifier;
        say::detail("callers", &verifier.issuer().names().collect::<Vec<_>>().join(", "));
        say::detail("clients", &verifier.client_ids().collect::<Vec<_>>().join(", "));
        say::detail("tokens", crate::trust::word(verifier.token_use()).unwrap_or("any"));
    }
    say::detail("pages", &origins(config).join(", "));
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

fn types(policy: &UploadPolicy) -> Vec<String> {
    policy.content_rules().ranges().iter().map(ToString::to_string).collect()
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
    let extension = types(policy).first().and_then(|first| {
        let subtype = first.split('/').nth(1)?.split(['+', ';']).next()?.to_owned();
        Some(if subtype == "jpeg" { "jpg".to_owned() } else { subtype })
    });
    let mut example = policy.template().as_str().to_owned();
    example = example.replace("{id}", ID);
    for name in policy.id_names() {
        example = example.replace(&format!("{{{name}}}"), "7f2b6c1e-5a0d-4e53-9d7a-3c1f8e2b4a60");
    }
    example.replace("{ext}", extension.as_deref().unwrap_or("bin"))
}

/// The configuration in effect, as `upsign.toml` would say it, and the command line below it.
pub(crate) fn config(config: &Config, arguments: &Arguments) -> String {
    let mut text = String::new();
    // Writing to a String does not fail.
    let _ = sections(&mut text, config).and_then(|()| server(&mut text, arguments));
    text
}

fn sections(text: &mut String, config: &Config) -> std::fmt::Result {
    let policy = config.policy();
    let target = policy.target();
    writeln!(
        text,
        "[bucket]\nname = {:?}\nregion = {:?}",
        target.bucket().to_string(),
        target.region().to_string()
    )?;
    writeln!(text, "# {}\n\n[upload]\nkey = {:?}", target.endpoint_url(), policy.template().as_str())?;
    let ids: Vec<String> = policy.id_names().iter().map(ToString::to_string).collect();
    writeln!(text, "ids = {ids:?}\ntypes = {:?}", types(policy))?;
    writeln!(text, "min_size = {}\nmax_size = {}", policy.size().min(), policy.max_size())?;
    writeln!(text, "expires_in = \"{}s\"", policy.expires_in().as_secs())?;
    writeln!(text, "no_overwrite = {}", policy.no_overwrite())?;
    let bodyless = if policy.bodyless() == Bodyless::Allow { "allow" } else { "refuse" };
    let when_short = if policy.when_short() == WhenShort::Refuse { "refuse" } else { "clamp" };
    writeln!(text, "bodyless = {bodyless:?}\nshort_credentials = {when_short:?}")?;
    match config.unknown_expiry() {
        Some(UnknownExpiry::Assume(seconds)) => {
            writeln!(text, "\n[credentials]\nunknown_expiry = \"assume\"\nassume_for = \"{seconds}s\"")?;
        }
        Some(_) => writeln!(text, "\n[credentials]\nunknown_expiry = \"refuse\"")?,
        None => {}
    }
    if let Some(auth) = config.auth() {
        let verifier = &auth.verifier;
        writeln!(text, "\n[auth]")?;
        for name in verifier.issuer().names() {
            writeln!(text, "# issuer {name}")?;
        }
        let clients: Vec<&str> = verifier.client_ids().collect();
        writeln!(
            text,
            "client_ids = {clients:?}\ntoken_use = {:?}",
            crate::trust::word(verifier.token_use()).unwrap_or("any")
        )?;
        writeln!(text, "leeway = {}", verifier.leeway())?;
        writeln!(text, "accept_raw_authorization = {}", auth.accept_raw_authorization)?;
    }
    writeln!(text, "\n[cors]\norigins = {:?}", origins(config))
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
