//! Prints an explanation for people.

use std::borrow::Cow;
use std::time::Duration;

use upsign_config::units::format_duration;
use upsign_diagnose::{
    AddressStyle, Bound, ConfigMatch, ExplainedKind, Explanation, IssuedBy, KeyCaller, Location, Oddity,
    Required, Severity, SignerKind, ValidityState,
};

use crate::output::{self, BOLD, DIM, Printer, RED, YELLOW};

pub(super) fn print(explained: &Explanation, found: Option<&ConfigMatch>) {
    let report = output::report();
    report.line(&format!("{BOLD}{}{BOLD:#}", visible(&headline(explained))));
    report.detail("signature", explained.scheme.title());
    print_place(report, explained);
    report.detail("signed by", &visible(&signer(explained)));
    report.detail("valid", &validity(explained));
    let what = if explained.kind == ExplainedKind::Url { "send" } else { "field" };
    for required in &explained.required {
        report.detail(what, &visible(&shown(required, explained.kind)));
    }
    for (name, value) in &explained.settings {
        report.detail("sets", &visible(&format!("{name}: {value}")));
    }
    for binding in &explained.bindings {
        let label = if binding.bound == Bound::No { "not bound" } else { "bound" };
        report.detail(label, &visible(binding.sentence.as_str()));
    }
    if let Some(found) = found {
        print_config(report, found);
    }
    for oddity in &explained.oddities {
        print_oddity(report, oddity);
    }
}

fn headline(explained: &Explanation) -> String {
    let method = explained.method.as_deref().unwrap_or("GET or PUT");
    let key = explained.key.as_ref().map_or("", |key| key.as_str());
    match (explained.kind, explained.method.is_some()) {
        (ExplainedKind::Form, _) => format!("a form that uploads {key}"),
        _ if key.is_empty() => match &explained.address {
            Some(address) => format!("a URL for {address}"),
            None => "a URL".to_owned(),
        },
        (_, false) if ends_multipart(explained) => {
            format!(
                "a URL that completes, aborts or lists the multipart upload of {key} (its method cannot be seen)"
            )
        }
        (_, true) => format!("a URL for {method} {key}"),
        (_, false) => format!("a URL for {key} (its method cannot be seen: GET, HEAD, PUT or DELETE)"),
    }
}

/// Returns whether the URL names a multipart upload and none of its parts.
fn ends_multipart(explained: &Explanation) -> bool {
    let has =
        |wanted: &str| explained.settings.iter().any(|(name, _)| name.as_str().eq_ignore_ascii_case(wanted));
    has("uploadId") && !has("partNumber")
}

fn print_place(report: Printer, explained: &Explanation) {
    if let Some(bucket) = &explained.bucket {
        let assumed = explained.location.as_ref().is_some_and(|location| location.is_assumed);
        let region = explained.signing_region.as_ref().map(|region| format!(", signed for {region}"));
        let assumed = if assumed { " (if the store uses path style)" } else { "" };
        report.detail("bucket", &visible(&format!("{bucket}{assumed}{}", region.unwrap_or_default())));
    }
    if let Some(key) = &explained.key {
        report.detail("key", &visible(key.as_str()));
    }
    if let Some(address) = &explained.address {
        report.detail("address", &visible(address.as_str()));
    }
    if let Some(location) = &explained.location {
        report.detail("store", &visible(&store(location)));
    }
}

/// Returns the store with what its host says: `Amazon S3, eu-central-1, virtual-hosted`.
fn store(location: &Location) -> String {
    let name = match (location.provider, location.style) {
        (Some(provider), _) if provider.has_own_hosts() => provider.title(),
        (Some(_), _) => "a host that belongs to no known store",
        (None, AddressStyle::Container) => "Azure Blob Storage",
        (None, _) => "CloudFront",
    };
    let flags = [(location.dualstack, "dualstack"), (location.fips, "FIPS")];
    let flags = flags.into_iter().filter(|(is_set, _)| *is_set).map(|(_, name)| name);
    let parts: Vec<&str> = [name]
        .into_iter()
        .chain(location.region.as_deref())
        .chain([location.style.name()])
        .chain(flags)
        .collect();
    parts.join(", ")
}

fn signer(explained: &Explanation) -> String {
    let signer = &explained.signer;
    let id = signer.id.as_ref().map_or("(not stated)", |id| id.as_str());
    let kind = match signer.kind {
        SignerKind::LongTerm => "an access key of an IAM user",
        SignerKind::Temporary => "temporary credentials",
        SignerKind::ServiceAccount => "a service account of Google Cloud",
        SignerKind::CloudFrontKey => "a public key of CloudFront",
        SignerKind::Azure => "a key of the storage account, or a delegated one",
        _ => "an access key",
    };
    let account = signer.account.as_ref().map(|account| format!(" of the account {account}"));
    let token = if signer.has_session_token { ", with a session token" } else { "" };
    format!("{id}: {kind}{}{token}", account.unwrap_or_default())
}

fn validity(explained: &Explanation) -> String {
    let time = |seconds| format_duration(Duration::from_secs(seconds));
    let ends = |before: &str| {
        explained.validity.expires_at.map(|end| format!(", {before} {end}")).unwrap_or_default()
    };
    let start = explained.validity.signed_at.map(|start| format!("; signed at {start}")).unwrap_or_default();
    match explained.validity.state {
        ValidityState::Valid { seconds } => format!("for {} more{}{start}", time(seconds), ends("until")),
        ValidityState::Expired { seconds } => format!("expired {} ago{}{start}", time(seconds), ends("at")),
        ValidityState::NotYet { seconds } => format!("not yet: in {}{}{start}", time(seconds), ends("until")),
        _ => format!("for an unknown time{}{start}", ends("until")),
    }
}

fn shown(required: &Required, kind: ExplainedKind) -> String {
    let name = &required.name;
    match &required.value {
        _ if required.is_automatic && name.as_str() == "content-length" => {
            format!("{name}: as it was signed; clients send it by themselves for a body of that size")
        }
        Some(value) if required.is_automatic => format!("{name}: {value} (clients send it by themselves)"),
        Some(value) => format!("{name}: {value}"),
        None if kind == ExplainedKind::Url => {
            format!("{name}: as it was signed; the URL does not contain the value")
        }
        None => name.to_string(),
    }
}

fn print_config(report: Printer, found: &ConfigMatch) {
    match found {
        ConfigMatch::Route(issued) => print_route(report, issued),
        ConfigMatch::OtherKey { routes } => {
            let routes: Vec<&str> = routes.iter().map(AsRef::as_ref).collect();
            report.detail(
                "upsign.toml",
                &format!("the bucket is that of {}, and no route issues such a key", routes.join(", ")),
            );
        }
        ConfigMatch::OtherHost { expected } => {
            report.detail(
                "upsign.toml",
                &format!("the bucket has the name of one of the routes, which is at {expected}"),
            );
        }
        _ => report.detail("upsign.toml", "no route has this bucket"),
    }
}

fn print_route(report: Printer, issued: &IssuedBy) {
    let pending = if issued.is_pending { ", before it is confirmed" } else { "" };
    report.detail("upsign.toml", &format!("the route {} issues such keys{pending}", issued.route));
    match &issued.caller {
        Some(KeyCaller::Subject(subject)) => report.detail("caller", &visible(subject.as_str())),
        Some(KeyCaller::Hash(hash)) => {
            report.detail("caller", &format!("the hash {hash} of issuer and subject (the key is sealed)"));
        }
        _ => {}
    }
    for (name, value) in &issued.parts {
        report.detail(name, &visible(value.as_str()));
    }
    for rule in &issued.rules {
        if rule.is_met {
            report.success(&visible(rule.sentence.as_str()));
        } else {
            report.labelled(YELLOW, "   differs", &visible(rule.sentence.as_str()));
        }
    }
}

fn print_oddity(report: Printer, oddity: &Oddity) {
    let (style, label) = match oddity.kind.severity {
        Severity::Fails => (RED, "fails"),
        Severity::Risk => (YELLOW, "risk"),
        _ => (DIM, "note"),
    };
    let sentence = visible(oddity.sentence.as_str());
    report.labelled(style, label, &format!("{sentence} {DIM}({}){DIM:#}", oddity.code()));
    report.line(&format!("    {BOLD}fix:{BOLD:#} {} {DIM}({}){DIM:#}", oddity.kind.fix, oddity.kind.owner));
}

/// Writes characters that a terminal would act on, or that change the direction of text, as escapes.
fn visible(text: &str) -> Cow<'_, str> {
    let acts = |it: char| {
        it.is_control()
            || matches!(it, '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
    };
    if !text.contains(acts) {
        return Cow::Borrowed(text);
    }
    let escaped = text.chars().flat_map(|it| {
        let escape = acts(it).then(|| it.escape_default());
        let itself = (!acts(it)).then_some(it);
        escape.into_iter().flatten().chain(itself)
    });
    Cow::Owned(escaped.collect())
}
