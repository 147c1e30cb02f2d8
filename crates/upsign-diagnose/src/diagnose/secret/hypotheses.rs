//! What may differ from the correct signature: one thing at a time.

use percent_encoding::percent_decode_str;

use super::recipe::{Recipe, encoded};
use crate::cause::{Cause, known};
use crate::diagnose::case::Case;
use crate::diagnose::mismatch::common_types;
use crate::diff::Field;

/// A signature with one part changed, and what it would prove.
pub(super) struct Hypothesis {
    pub(super) recipe: Recipe,
    pub(super) cause: &'static Cause,
    pub(super) field: Field,
    pub(super) sentence: Option<String>,
    pub(super) signed: Option<String>,
    pub(super) sent: Option<String>,
}

impl Hypothesis {
    fn new(cause: &'static Cause, field: Field, recipe: Recipe) -> Self {
        Self { recipe, cause, field, sentence: None, signed: None, sent: None }
    }

    fn comparing(self, signed: &str, sent: &str) -> Self {
        Self { signed: Some(signed.to_owned()), sent: Some(sent.to_owned()), ..self }
    }

    fn saying(self, sentence: String) -> Self {
        Self { sentence: Some(sentence), ..self }
    }
}

/// The regions of AWS, and names that stores and mistakes use in place of one.
///
/// Source: <https://docs.aws.amazon.com/general/latest/gr/s3.html>.
const REGIONS: [&str; 38] = [
    "us-east-1",
    "us-east-2",
    "us-west-1",
    "us-west-2",
    "ca-central-1",
    "ca-west-1",
    "mx-central-1",
    "sa-east-1",
    "eu-central-1",
    "eu-central-2",
    "eu-west-1",
    "eu-west-2",
    "eu-west-3",
    "eu-north-1",
    "eu-south-1",
    "eu-south-2",
    "ap-east-1",
    "ap-east-2",
    "ap-south-1",
    "ap-south-2",
    "ap-southeast-1",
    "ap-southeast-2",
    "ap-southeast-3",
    "ap-southeast-4",
    "ap-southeast-5",
    "ap-southeast-7",
    "ap-northeast-1",
    "ap-northeast-2",
    "ap-northeast-3",
    "me-south-1",
    "me-central-1",
    "il-central-1",
    "af-south-1",
    "us-gov-east-1",
    "us-gov-west-1",
    "cn-north-1",
    "auto",
    "",
];

const SERVICES: [&str; 9] =
    ["s3", "s3express", "s3-outposts", "s3-object-lambda", "execute-api", "lambda", "sts", "es", ""];

/// The hash of an empty body, in hexadecimal.
const EMPTY_HASH: &str = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";

const METHODS: [&str; 5] = ["PUT", "POST", "GET", "HEAD", "DELETE"];

/// Returns every hypothesis: first that the request differs, then the mistakes of signers.
pub(super) fn all<'a>(case: &'a Case<'_>, base: &'a Recipe) -> impl Iterator<Item = Hypothesis> + 'a {
    of_request(case, base)
        .filter(|it| case.is_known(&it.field))
        .chain(queries(base))
        .chain(hosts(case, base))
        .chain(paths(case, base))
        .chain(keys(base))
        .chain(payloads(base))
}

/// Returns other methods and headers of which the request does not show what was sent. They prove what was signed, and no more.
pub(super) fn unseen<'a>(case: &'a Case<'_>, base: &'a Recipe) -> impl Iterator<Item = Hypothesis> + 'a {
    of_request(case, base).filter(|it| !case.is_known(&it.field))
}

fn of_request<'a>(case: &'a Case<'_>, base: &'a Recipe) -> impl Iterator<Item = Hypothesis> + 'a {
    methods(base).chain(headers(case, base))
}

fn methods(base: &Recipe) -> impl Iterator<Item = Hypothesis> {
    METHODS.iter().filter(|method| **method != base.method).map(|method| {
        let recipe = Recipe { method: (*method).to_owned(), ..base.clone() };
        let found =
            Hypothesis::new(&known::METHOD_DIFFERS, Field::Method, recipe).comparing(method, &base.method);
        found.saying(format!("the request was sent as {}, and the URL was signed for {method}", base.method))
    })
}

/// Other values of signed headers, and headers that the signer did not normalize.
fn headers<'a>(case: &'a Case<'_>, base: &'a Recipe) -> impl Iterator<Item = Hypothesis> + 'a {
    base.headers.iter().enumerate().filter(|(_, (name, _))| name != "host").flat_map(
        move |(index, (name, sent))| {
            values(case, name, sent).into_iter().filter_map(move |value| {
                let mut recipe = base.clone();
                recipe.headers.get_mut(index)?.1.clone_from(&value);
                let field = Field::header(name);
                let is_length = name == "content-length";
                let cause = match (is_length, sent.is_empty()) {
                    (_, true) => &known::HEADER_MISSING,
                    (true, _) => &known::LENGTH_DIFFERS,
                    _ => &known::HEADER_DIFFERS,
                };
                let found = Hypothesis::new(cause, field, recipe).comparing(&value, sent);
                let sentence = match (is_length, sent.is_empty()) {
                    (_, true) => format!("the header {name} is signed and was not sent"),
                    (true, _) => format!("the body has {sent} bytes, and {value} were signed"),
                    _ => format!("the header {name} was sent with another value than was signed"),
                };
                Some(found.saying(sentence))
            })
        },
    )
}

/// Returns values that may have been signed.
fn values(case: &Case<'_>, name: &str, sent: &str) -> Vec<String> {
    let raw = case.sent().and_then(|it| it.request.header(name)).unwrap_or(sent);
    // White space that the signer did not remove.
    let mut values = vec![String::new(), format!(" {sent}"), format!("{sent} "), raw.to_owned()];
    values.extend([sent.to_ascii_lowercase(), sent.to_ascii_uppercase()]);
    match name {
        "content-type" => {
            values.extend(common_types().map(str::to_owned));
            values.extend(sent.split_once(';').map(|(essence, _)| essence.trim().to_owned()));
        }
        "content-length" => {
            let length: u64 = sent.parse().unwrap_or_default();
            // The file's size off by a few bytes: a line break, a byte order mark, the terminator of a string.
            let near = length.saturating_sub(16)..=length.saturating_add(16);
            values.extend(std::iter::once(0).chain(near).map(|length| length.to_string()));
        }
        "if-none-match" => values.push("*".to_owned()),
        _ => {}
    }
    values.retain(|value| value != sent);
    values
}

/// Parameters that were added after signing, values in another encoding, and a query that the signer did not sort.
fn queries(base: &Recipe) -> impl Iterator<Item = Hypothesis> {
    let removed = (0..base.query.len()).map(|index| {
        let mut recipe = base.clone();
        let (name, value) = recipe.query.remove(index);
        let name = percent_decode_str(&name).decode_utf8_lossy().into_owned();
        let cause = match name.as_str() {
            "X-Amz-Security-Token" => &known::SIGNED_WITHOUT_TOKEN,
            _ => &known::QUERY_ADDED,
        };
        let mut found = Hypothesis::new(cause, Field::query(&name), recipe);
        if cause.code == known::QUERY_ADDED.code {
            found = found.saying(format!("the query parameter {name} was added after the URL was signed"));
        }
        found.sent = Some(percent_decode_str(&value).decode_utf8_lossy().into_owned());
        found
    });
    let unsorted = Hypothesis::new(
        &known::QUERY_DIFFERS,
        Field::query("X-Amz-SignedHeaders"),
        Recipe { is_query_sorted: false, ..base.clone() },
    );
    let unsorted = unsorted.saying("the signer did not sort the query parameters by name".to_owned());
    let plus = encoding(base, "%20", "+", "wrote spaces of the query as + in place of %20");
    let slash = encoding(base, "%2F", "/", "did not encode / in the query");
    let twice = encoding(base, "%", "%25", "encoded the query twice");
    removed.chain([unsorted, plus, slash, twice])
}

/// Replaces a text in all values of the query.
fn encoding(base: &Recipe, from: &str, to: &str, mistake: &str) -> Hypothesis {
    let mut recipe = base.clone();
    let mut changed = "X-Amz-Credential".to_owned();
    for (name, value) in &mut recipe.query {
        if value.contains(from) {
            value.clone_from(&value.replace(from, to));
            changed.clone_from(name);
        }
    }
    let field = Field::query(&percent_decode_str(&changed).decode_utf8_lossy());
    Hypothesis::new(&known::QUERY_DIFFERS, field, recipe).saying(format!("the signer {mistake}"))
}

/// Other notations of the host, and other endpoints of the same bucket.
fn hosts<'a>(case: &Case<'_>, base: &'a Recipe) -> impl Iterator<Item = Hypothesis> + 'a {
    let signed = case.signed.as_ref().map(|signed| signed.host.clone()).unwrap_or_default();
    let arrived = case.echo.as_ref().and_then(|echo| echo.request.header("host")).map(str::to_owned);
    let name = signed.rsplit_once(':').map_or(signed.as_str(), |(name, _)| name);
    let bucket = case.url.as_ref().and_then(|url| url.bucket()).unwrap_or_default();
    let region = &base.region;
    let mut hosts = vec![
        name.to_owned(),
        format!("{name}:443"),
        format!("{name}:80"),
        format!("{bucket}.s3.amazonaws.com"),
        format!("{bucket}.s3.{region}.amazonaws.com"),
        format!("{bucket}.s3-{region}.amazonaws.com"),
        "s3.amazonaws.com".to_owned(),
        format!("s3.{region}.amazonaws.com"),
        "localhost".to_owned(),
        "127.0.0.1".to_owned(),
    ];
    hosts.extend(arrived);
    hosts.retain(|host| *host != signed);
    hosts.into_iter().filter_map(move |host| {
        let mut recipe = base.clone();
        recipe.headers.iter_mut().find(|(name, _)| name == "host")?.1.clone_from(&host);
        let found = Hypothesis::new(&known::HOST_DIFFERS, Field::Host, recipe).comparing(&host, &signed);
        Some(found.saying(format!("the URL was signed for the host {host}, and names {signed}")))
    })
}

/// Other encodings of the path, and a bucket that is or is not part of it.
fn paths<'a>(case: &Case<'_>, base: &'a Recipe) -> impl Iterator<Item = Hypothesis> + 'a {
    let raw = case.signed.as_ref().map(|signed| signed.path.to_string()).unwrap_or_default();
    let decoded = percent_decode_str(&raw).decode_utf8_lossy().into_owned();
    let bucket = case.url.as_ref().and_then(|url| url.bucket()).unwrap_or_default();
    let path = &base.path;
    let lower = lower_hex(path);
    let mut candidates = vec![
        (path.replace('%', "%25"), "the signer percent-encoded the path twice"),
        (decoded.clone(), "the signer did not percent-encode the path"),
        (raw.clone(), "the signer used the path as it is in the URL, and S3 encodes it anew"),
        (path.replace("%20", "+"), "the signer wrote spaces of the path as +"),
        (path.replace("%2B", "+"), "the signer did not encode + in the path"),
        (path.replace("%7E", "~"), "the signer encoded ~ in the path"),
        (path.replace('~', "%7E"), "the signer encoded ~ in the path"),
        (lower, "the signer wrote the digits of the path's encoding in lower case"),
        (format!("/{bucket}{path}"), "the URL was signed for the bucket in the path, and has it in the host"),
        (
            format!("/{}", encoded(decoded.trim_start_matches('/'))),
            "the signer encoded the slashes of the key",
        ),
        (path.replace("//", "/"), "the signer merged two slashes of the path"),
        (format!("/{path}"), "the signer put a second slash in front of the key"),
    ];
    if let Some(rest) = path.strip_prefix(&format!("/{bucket}")).filter(|rest| rest.starts_with('/')) {
        candidates
            .push((rest.to_owned(), "the URL was signed for the bucket in the host, and has it in the path"));
    }
    candidates.retain(|(candidate, _)| candidate != path);
    candidates.into_iter().map(move |(candidate, sentence)| {
        let recipe = Recipe { path: candidate.clone(), ..base.clone() };
        let found = Hypothesis::new(&known::SIGNED_PATH, Field::Path, recipe).comparing(&candidate, path);
        found.saying(sentence.to_owned())
    })
}

fn lower_hex(path: &str) -> String {
    let mut out = String::with_capacity(path.len());
    let mut left = 0_u8;
    for character in path.chars() {
        left = if character == '%' { 3 } else { left };
        out.push(if left > 0 { character.to_ascii_lowercase() } else { character });
        left = left.saturating_sub(1);
    }
    out
}

/// Keys that are derived from another region, service, day or secret.
fn keys(base: &Recipe) -> impl Iterator<Item = Hypothesis> {
    let regions = REGIONS.iter().filter(|region| **region != base.region).map(|region| {
        let recipe = Recipe { region: (*region).to_owned(), ..base.clone() };
        let found =
            Hypothesis::new(&known::SIGNED_FOR_REGION, Field::Region, recipe).comparing(region, &base.region);
        found.saying(format!(
            "the key was derived for the region {region:?}, and the scope names {}",
            base.region
        ))
    });
    let services = SERVICES.iter().filter(|service| **service != base.service).map(|service| {
        let recipe = Recipe { service: (*service).to_owned(), ..base.clone() };
        let field = Field::query("X-Amz-Credential");
        let found =
            Hypothesis::new(&known::SIGNED_FOR_SERVICE, field, recipe).comparing(service, &base.service);
        found.saying(format!(
            "the key was derived for the service {service:?}, and the scope names {}",
            base.service
        ))
    });
    let day = 86_400;
    let days =
        [base.key_date.saturating_sub(day), base.key_date.saturating_add(day)].into_iter().map(|date| {
            let recipe = Recipe { key_date: date, ..base.clone() };
            let found = Hypothesis::new(&known::SIGNED_FOR_DATE, Field::Clock, recipe);
            found.comparing(&date.to_string(), &base.key_date.to_string())
        });
    let trimmed = base.secret.trim();
    let secrets = [
        format!("{trimmed}\n"),
        format!("{trimmed}\r\n"),
        format!("{trimmed} "),
        format!(" {trimmed}"),
        trimmed.to_owned(),
    ];
    let secrets = secrets.into_iter().filter(|secret| **secret != **base.secret).map(|secret| {
        let recipe = Recipe { secret: zeroize::Zeroizing::new(secret), ..base.clone() };
        Hypothesis::new(&known::SIGNED_SECRET, Field::Credentials, recipe)
    });
    regions.chain(services).chain(days).chain(secrets)
}

fn payloads(base: &Recipe) -> impl Iterator<Item = Hypothesis> {
    [EMPTY_HASH, "STREAMING-AWS4-HMAC-SHA256-PAYLOAD", "STREAMING-UNSIGNED-PAYLOAD-TRAILER", ""]
        .into_iter()
        .map(|hash| {
            let recipe = Recipe { payload_hash: hash.to_owned(), ..base.clone() };
            Hypothesis::new(&known::SIGNED_PAYLOAD, Field::Body, recipe).comparing(hash, &base.payload_hash)
        })
}
