//! Prints what was found about the bucket itself.

use upsign_config::Config;
use upsign_core::{Endpoint, Provider, Target};
use upsign_probe::Holds;

use super::preflights::{Check, Outcome, outcome};
use super::probe::is_same;
use super::{Live, Part, keys};
use crate::command::diagnose;
use crate::command::preflight::exchange::Exchange;
use crate::config_file::ConfigFile;
use crate::output::{self, BOLD, DIM, GREEN, RED, YELLOW};
use crate::shell::quote;
use crate::summary;

pub(super) fn print(live: &Live<'_>, config: &Config, file: &ConfigFile) {
    let report = output::report();
    report.line(&format!("{BOLD}documents of the bucket{BOLD:#}"));
    match &live.documents {
        Part::Checked(documents) => documents.print(),
        Part::Unchecked(_) => report.line(&format!("   {YELLOW}?{YELLOW:#} not compared")),
    }
    report.line(&format!("\n{BOLD}preflights of the pages that may upload{BOLD:#}"));
    for (check, exchange) in live.preflights.checks() {
        print_check(check, exchange, config);
    }
    report.line(&format!("\n{BOLD}what the routes rely on of the store{BOLD:#}"));
    print_probe(live);
    report.line("");
    print_unchecked(live);
    print_verdict(live);
    if live.preflights.refused() > 0 {
        print_repair(live, file);
    }
}

fn print_check(check: &Check<'_>, exchange: &Exchange, config: &Config) {
    let report = output::report();
    let origin = check.request.origin();
    let asked =
        if check.pattern == origin.as_str() { String::new() } else { format!(" (asked as {origin})") };
    let title = format!("{}: {} from {}{asked}", summary::route_name(check.route), check.what, check.pattern);
    let (style, mark) = match outcome(exchange) {
        Outcome::Passed => (GREEN, "✓"),
        Outcome::Refused => (RED, "✗"),
        Outcome::Open => (YELLOW, "?"),
    };
    report.line(&format!("   {style}{mark}{style:#} {title}"));
    let found = exchange.report.found();
    if outcome(exchange) == Outcome::Refused {
        diagnose::print_found(&found);
        for key in found.iter().filter_map(|it| keys::responsible(config, check.route, it)) {
            report.detail("needed by", &key);
        }
    }
    let unchecked = exchange.report.unchecked().iter().map(|open| format!("not checked: {open}"));
    let passed = found.iter().filter(|_| outcome(exchange) == Outcome::Passed);
    for note in unchecked.chain(passed.map(|it| it.sentence.clone())) {
        report.line(&format!("     {DIM}{note}{DIM:#}"));
    }
}

fn print_probe(live: &Live<'_>) {
    let report = output::report();
    for store in live.probe.stores() {
        if store.report.is_err() {
            report.line(&format!("   {YELLOW}?{YELLOW:#} {}: not examined", store.bucket));
        }
        for finding in store.findings() {
            let (style, mark, text) = match finding.holds {
                Holds::Yes => (GREEN, "✓", &finding.statement),
                Holds::No => (RED, "✗", &finding.evidence),
                _ => (YELLOW, "?", &finding.evidence),
            };
            report.line(&format!("   {style}{mark}{style:#} {}  {DIM}{text}{DIM:#}", finding.capability));
        }
    }
    for left in live.probe.left_over().1 {
        report.line(&format!("   {RED}✗{RED:#} {left}"));
    }
}

fn print_unchecked(live: &Live<'_>) {
    let report = output::report();
    let mut names: Vec<&str> = Vec::new();
    for (part, reason) in live.unchecked() {
        let is_allowed = live.allowed.contains(&part);
        let label = if is_allowed { "not checked, allowed" } else { "not checked" };
        report.labelled(YELLOW, label, &format!("{part}: {reason}"));
        if !is_allowed && !names.contains(&part) {
            names.push(part);
        }
    }
    if !names.is_empty() {
        let options: Vec<String> = names.iter().map(|name| format!("--allow-uncompared {name}")).collect();
        report.line(&format!("To accept what was not checked: {}", options.join(" ")));
    }
}

fn print_verdict(live: &Live<'_>) {
    let report = output::report();
    let refused = live.preflights.refused();
    let allowed =
        live.preflights.checks().filter(|(_, exchange)| outcome(exchange) == Outcome::Passed).count();
    let missing = live.probe.missing();
    let style = if live.agrees() { GREEN } else { RED };
    let differ = match &live.documents {
        Part::Checked(documents) if documents.agree() => "documents agree",
        Part::Checked(_) => "documents differ",
        Part::Unchecked(_) => "documents not compared",
    };
    let capabilities = match (live.probe.stores().iter().any(|store| store.report.is_ok()), missing) {
        (false, _) => "store not examined".to_owned(),
        (true, missing) => format!("{missing} capabilities missing"),
    };
    let capabilities = match live.probe.left_over() {
        (0, _) => capabilities,
        (count, _) => format!("{capabilities}; {} not removed", summary::count(count, "object")),
    };
    report.line(&format!(
        "{style}{differ}; {} allowed, {refused} refused; {capabilities}{style:#}",
        summary::count(allowed, "preflight")
    ));
}

/// Causes that other rules of the bucket correct. They correct no redirect, no error of a server and no page of a proxy.
const CORRECTED_BY_RULES: [&str; 5] =
    ["cors-origin", "cors-method", "cors-header", "cors-not-enabled", "cors-refused"];

/// Prints the commands that give the buckets their rules.
fn print_repair(live: &Live<'_>, file: &ConfigFile) {
    let report = output::report();
    let mut targets: Vec<&Target> = Vec::new();
    for (check, exchange) in live.preflights.checks() {
        let is_corrected =
            exchange.report.found().iter().any(|it| CORRECTED_BY_RULES.contains(&it.cause.code));
        let target = check.route.policy.target();
        if outcome(exchange) == Outcome::Refused
            && is_corrected
            && !targets.iter().any(|known| is_same(known, target))
        {
            targets.push(target);
        }
    }
    if targets.is_empty() {
        return;
    }
    report.line("To give a bucket the rules that its uploads need, in place of all rules that it has:");
    for target in targets {
        let bucket = quote(target.bucket().as_str());
        report
            .verbatim(&format!("  {} --bucket {bucket} > cors.json", file.command("upsign documents cors")));
        report.verbatim(&format!(
            "  {} s3api put-bucket-cors --bucket {bucket} --cors-configuration file://cors.json",
            aws(target)
        ));
    }
}

/// Returns the AWS CLI with the options that select the store of a target.
fn aws(target: &Target) -> String {
    let (endpoint, region) = (target.endpoint_url(), quote(target.region().as_str()));
    let host = endpoint.parse::<Endpoint>().ok().and_then(|endpoint| Provider::of_host(&endpoint));
    match host.map(|host| host.provider) {
        Some(Provider::Aws) => format!("aws --region {region}"),
        _ => format!("aws --endpoint-url {} --region {region}", quote(&endpoint)),
    }
}
