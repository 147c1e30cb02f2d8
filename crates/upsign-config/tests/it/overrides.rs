//! Options that replace values of the file: what they set, what they replace, and where their problems are.

use upsign_config::{Config, InvalidConfig, Override};
use upsign_documents::Guard;

use crate::good::FULL;

const DEPLOYMENT: &str = "[deployment]\nreads = \"presigned\"\nguards = [\"tls\", \"acl\"]\nvariables = { RUST_LOG = \"info\" }\nexpire = { \"tmp/\" = 2 }\n";

fn read(overrides: &[Override]) -> Result<Config, InvalidConfig> {
    Config::read_with_overrides("upsign.toml", &format!("{FULL}{DEPLOYMENT}"), |_| None, [], overrides)
}

#[test]
fn options_replace_and_add_to_values_of_the_file() {
    let config = read(&[
        Override::value("deployment.reads", "--reads", "none"),
        Override::item("deployment.guards", "--guard", "sigv4"),
        Override::item("deployment.guards", "--guard", "tls"),
        Override::entry("deployment.variables", "--variable", "A_B", "x,y=z"),
        Override::entry("deployment.expire", "--pending", "tmp/", "7"),
        Override::value("deployment.versioned", "--unversioned", "false"),
    ])
    .unwrap();
    let values = config.deployment_config();
    let guards = [Guard::Tls, Guard::Acl, Guard::SigV4];
    assert_eq!(values.guards.as_deref(), Some(&guards[..]));
    assert_eq!(values.variables[1], ("A_B".to_owned(), "x,y=z".to_owned()));
    assert_eq!(values.expire, [("tmp/".to_owned(), 7)]);
    assert_eq!(values.versioned, Some(false));
    let [reads, sigv4, tls, ..] = config.overridden() else { panic!("{:?}", config.overridden()) };
    assert_eq!(reads.previous, Some(("\"presigned\"".to_owned(), "upsign.toml:23".to_owned())));
    assert!(!reads.is_addition && sigv4.is_addition && !sigv4.is_same && !tls.is_same);
    assert_eq!(config.overridden()[5].previous, None);
    let effective = config.effective();
    assert!(effective.contains("reads = \"none\"  # --reads\n"), "{effective}");
    let guards = "guards = [\"tls\", \"acl\", \"sigv4\"]  # upsign.toml:24, --guard\n";
    assert!(effective.contains(guards), "{effective}");
}

#[test]
fn list_that_is_not_set_begins_with_its_default() {
    let acl = [Override::item("deployment.guards", "--guard", "acl")];
    let config = Config::read_with_overrides("upsign.toml", FULL, |_| None, [], &acl).unwrap();
    let guards = config.deployment_config().guards.clone().unwrap();
    assert_eq!(guards, [&Guard::RECOMMENDED[..], &[Guard::Acl]].concat());
}

#[test]
fn problems_are_those_of_the_option_or_of_the_file() {
    let error = |key: &str, option: &str, name: &str, value: &str| {
        read(&[Override::entry(key, option, name, value)]).unwrap_err().to_string()
    };
    let variable = error("deployment.variables", "--variable", "AWS_REGION", "x");
    assert!(
        variable.starts_with("--variable: deployment.variables: AWS_REGION is set by Lambda"),
        "{variable}"
    );
    let days = error("deployment.expire", "--pending", "p/", "x");
    assert!(days.starts_with("--pending: deployment.expire: must be a whole number"), "{days}");
    let url = [Override::value("deployment.api", "--api", "url")];
    let text = format!("{FULL}[deployment]\nthrottle_rate = 5\n");
    let error =
        Config::read_with_overrides("upsign.toml", &text, |_| None, [], &url).unwrap_err().to_string();
    assert!(
        error.starts_with("upsign.toml:23:17: deployment.throttle_rate: a function URL has no limit"),
        "{error}"
    );
}

#[test]
fn every_route_has_the_value_of_one_option() {
    let route = "[route.avatars]\nkey = \"avatars/{id}\"\ntypes = [\"image/png\"]\nmax_size = 1000\nbodyless = \"refuse\"\n";
    let read = |days: &str| {
        let option = [Override::in_every_route("infrequent_after", "--infrequent-after", days)];
        Config::read_with_overrides("upsign.toml", &format!("{FULL}{route}"), |_| None, [], &option)
    };
    let config = read("60").unwrap();
    assert!(config.routes().iter().all(|route| route.infrequent_after == Some(60)));
    let error = read("7").unwrap_err().to_string();
    assert!(error.contains("--infrequent-after: upload.infrequent_after: S3 moves objects"), "{error}");
}
