//! Many routes: the time to read them, build their service and find one grows no faster than their number.

use std::fmt::Write;
use std::time::{Duration, Instant};

use upsign::SigV4;
use upsign_config::Config;
use upsign_core::{Credentials, WithCredentials};

const FEW: usize = 400;
const MANY: usize = 4_000;

/// A quadratic step takes 100 times as long for ten times as many routes. The constant parts make the factor smaller, noise
/// makes it larger.
const MAX_FACTOR: u32 = 30;
const MAX_ATTEMPTS: usize = 10;

fn file(routes: usize, lines: &str) -> String {
    let mut text = String::from(
        "[cors]\norigins = [\"https://a.example\"]\n[bucket]\nname = \"b-bucket\"\nregion = \"eu-west-1\"\n",
    );
    for number in 0..routes {
        writeln!(text, "[route.r{number}]\n{}", lines.replace('#', &number.to_string())).unwrap();
    }
    text
}

const ROUTE: &str = "key = \"r#/{claim:tenant}/{id}.{ext}\"\ntypes = [\"image/jpeg\"]\nmax_size = 1000\nbodyless = \"refuse\"\n";

fn time(run: impl FnOnce()) -> Duration {
    let began = Instant::now();
    run();
    began.elapsed()
}

/// Compares the shortest times until they are as far apart as linear steps are. Other processes only make them longer, and no
/// number of attempts makes a quadratic step fast.
#[track_caller]
fn assert_not_quadratic(run: impl Fn(usize)) {
    let (mut few, mut many) = (Duration::MAX, Duration::MAX);
    for _ in 0..MAX_ATTEMPTS {
        few = few.min(time(|| run(FEW)));
        many = many.min(time(|| run(MANY)));
        if many < few * MAX_FACTOR {
            return;
        }
    }
    panic!("{FEW} routes: {few:?}, {MANY} routes: {many:?}");
}

fn read(text: &str) -> Result<Config, String> {
    Config::read("upsign.toml", text, |_| None).map_err(|error| error.to_string())
}

fn service(config: &Config) -> upsign::UploadService<std::sync::Arc<WithCredentials<SigV4, Credentials>>> {
    let credentials = Credentials::long_term("AKID", "secret").unwrap();
    config.service(WithCredentials::new(SigV4::new(), credentials)).unwrap()
}

#[test]
fn reading_many_routes_is_not_quadratic() {
    let (few, many) = (file(FEW, ROUTE), file(MANY, ROUTE));
    assert_not_quadratic(|routes| {
        assert_eq!(read(if routes == FEW { &few } else { &many }).unwrap().routes().len(), routes);
    });
}

#[test]
fn variables_of_many_routes_are_not_quadratic() {
    let (few, many) = (file(FEW, ROUTE), file(MANY, ROUTE));
    assert_not_quadratic(|routes| {
        let names: Vec<String> =
            (0..routes).map(|number| format!("UPSIGN_ROUTE_R{number}_MAX_SIZE")).collect();
        let variable = |name: &str| {
            name.ends_with("_MAX_SIZE").then(|| "7".to_owned()).filter(|_| name.contains("ROUTE"))
        };
        let text = if routes == FEW { &few } else { &many };
        let names = names.iter().map(String::as_str);
        Config::read_with_names("upsign.toml", text, variable, names).unwrap();
    });
}

#[test]
fn reading_many_invalid_routes_is_not_quadratic() {
    let incomplete = "types = [\"image/jpeg\"]\nmax_size = \"much\"";
    let (few, many) = (file(FEW, incomplete), file(MANY, incomplete));
    assert_not_quadratic(|routes| drop(read(if routes == FEW { &few } else { &many }).unwrap_err()));
}

#[test]
fn service_of_many_routes_is_built_and_searched_in_less_than_quadratic_time() {
    let (few, many) = (read(&file(FEW, ROUTE)).unwrap(), read(&file(MANY, ROUTE)).unwrap());
    assert_not_quadratic(|routes| {
        let service = service(if routes == FEW { &few } else { &many });
        for number in 0..routes {
            let name = format!("r{number}");
            assert_eq!(service.route(Some(&name)).unwrap().name(), Some(name.as_str()));
        }
        assert!(service.route(None).is_none() && service.route(Some("r")).is_none());
    });
}

#[test]
fn warnings_of_many_routes_are_not_quadratic() {
    let (few, many) = (read(&file(FEW, ROUTE)).unwrap(), read(&file(MANY, ROUTE)).unwrap());
    assert_not_quadratic(|routes| assert!(!(if routes == FEW { &few } else { &many }).warnings().is_empty()));
    // All write to one folder: every route is named, but not every pair.
    let shared = read(&file(FEW, &ROUTE.replace("r#", "shared"))).unwrap();
    let overlaps =
        shared.warnings().iter().filter(|warning| warning.to_string().contains("same folder")).count();
    assert_eq!(overlaps, FEW - 1);
}

/// A token is searched for each claim that a key uses, so each is listed once.
#[test]
fn claim_of_many_routes_is_read_once() {
    let auth = "\n[auth]\nuser_pool = \"ap-southeast-1_AbCdEf123\"\nclient_ids = [\"3n4b5urk1ft4fl3mg5e62d9ado\"]\n\
                token_use = \"access\"\n";
    let config = read(&(file(FEW, ROUTE) + auth)).unwrap();
    let verifier = format!("{:?}", config.auth().unwrap().only_issuer().unwrap().verifier);
    assert_eq!(verifier.matches("tenant").count(), 1, "{verifier}");
}
