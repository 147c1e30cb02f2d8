//! Random configurations.

use std::collections::BTreeMap;

pub(super) const POOL: &str = "ap-southeast-1_AbCdEf123";
pub(super) const ISSUER: &str = "https://id.example.com/t";
/// The header of configurations with another one than `authorization`.
pub(super) const HEADER: &str = "x-upload-token";

/// A generator of pseudorandom numbers (xorshift64*), so that a seed names a configuration.
pub(super) struct Random(pub(super) u64);

impl Random {
    pub(super) fn pick<T: Clone>(&mut self, from: &[T]) -> T {
        self.0 ^= self.0 >> 12;
        self.0 ^= self.0 << 25;
        self.0 ^= self.0 >> 27;
        let number = usize::try_from(self.0.wrapping_mul(0x2545_f491_4f6c_dd1d) >> 33).unwrap();
        from[number % from.len()].clone()
    }
}

/// Returns an `upsign.toml` with a random API, random callers, and one or two routes, with or without multipart uploads. `keys` has the keys of the issuers.
pub(super) fn configuration(random: &mut Random, keys: &BTreeMap<&'static str, String>) -> String {
    let api = random.pick(&["rest", "rest", "http", "http", "url", "alb"]);
    let auth = match random.pick(&[0, 1, 2, 3, 4, 5, 6, 7, 8, 9]) {
        0..=6 => one_issuer(random, keys),
        7 => several_issuers(random, keys),
        8 => lambda_authorizer(random),
        _ => format!("[auth]\nsource = \"iam\"\nuser_pool = \"{POOL}\"\n"),
    };
    let listener = "arn:aws:elasticloadbalancing:ap-southeast-1:123456789012:listener/app/lb/1/2";
    let listener = if api == "alb" { format!("listener_arn = \"{listener}\"\n") } else { String::new() };
    let parts = random.pick(&["", "multipart = \"auto\"\nmultipart_above = \"6 MiB\"\n"]);
    let route = |name: &str, access: String| {
        format!(
            "[{name}]\nkey = \"{name}/{{id}}.{{ext}}\"\ntypes = [\"image/jpeg\"]\nmax_size = \"10 MiB\"\n\
             bodyless = \"allow\"\n{parts}{access}"
        )
    };
    let first = route("upload", access(random));
    let second =
        if random.pick(&[true, false]) { route("route.other", access(random)) } else { String::new() };
    format!(
        "bucket = {{ name = \"article-images-bucket\", region = \"ap-southeast-1\" }}\n\
         cors = {{ origins = [\"https://app.example.com\"] }}\n\
         {auth}[deployment]\napi = \"{api}\"\n{listener}{first}{second}"
    )
}

/// Returns scopes and groups that a caller needs.
fn access(random: &mut Random) -> String {
    let scopes = random.pick(&["", "", "scopes = [\"write\"]\n", "scopes = [\"write\", \"admin\"]\n"]);
    let groups = random.pick(&["", "", "", "groups = [\"editors\"]\n"]);
    format!("{scopes}{groups}")
}

fn token_header(random: &mut Random) -> String {
    random.pick(&[String::new(), String::new(), format!("token_header = \"{HEADER}\"\n")])
}

/// Returns what an issuer's tokens need.
fn requirements(random: &mut Random) -> String {
    let token_use = random.pick(&["id", "access", "any"]);
    let clients = random.pick(&["\"client-1\"", "\"client-1\", \"client-2\""]);
    format!("client_ids = [{clients}]\ntoken_use = \"{token_use}\"\n{}", access(random))
}

fn one_issuer(random: &mut Random, keys: &BTreeMap<&'static str, String>) -> String {
    let (line, own) = random.pick(&[
        (format!("user_pool = \"{POOL}\"\n"), "pool"),
        (format!("issuer = \"{ISSUER}\"\n"), "custom"),
    ]);
    let keys = match (random.pick(&[true, false, false, false, false]), own) {
        (true, own) => format!("jwks = '{}'\n", keys[own]),
        (false, "custom") => format!("jwks_uri = \"{ISSUER}/.well-known/jwks.json\"\n"),
        _ => String::new(),
    };
    let source = random.pick(&["", "", "", "source = \"token\"\n", "source = \"authorizer\"\n"]);
    format!("[auth]\n{line}{keys}{}{}{source}", requirements(random), token_header(random))
}

fn several_issuers(random: &mut Random, keys: &BTreeMap<&'static str, String>) -> String {
    let source = random.pick(&["", "", "source = \"authorizer\"\n"]);
    format!(
        "[[auth]]\nname = \"staff\"\nuser_pool = \"{POOL}\"\njwks = '{}'\n{}{}{source}\
         [[auth]]\nname = \"partners\"\nissuer = \"{ISSUER}\"\njwks = '{}'\n{}",
        keys["pool"],
        requirements(random),
        token_header(random),
        keys["custom"],
        requirements(random),
    )
}

fn lambda_authorizer(random: &mut Random) -> String {
    let claims = random.pick(&[
        "",
        "groups_claim = \"roles\"\n",
        "groups_claim = \"roles\"\nscopes_claim = { claim = \"permissions\", form = \"json\" }\n",
    ]);
    format!(
        "[auth]\nsource = \"lambda-authorizer\"\nissuer = \"{ISSUER}\"\nsubject_claim = \"userId\"\n{claims}{}",
        token_header(random)
    )
}
