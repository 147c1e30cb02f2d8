//! Compares a request with what was signed, part by part.

use super::path::PathChange;
use super::signed::{Signed, normalized};
use super::{DiffLine, Field};
use crate::cause::{Cause, known};
use crate::echo::{Request, StringToSign};

/// A request as it arrived, or as it was sent.
pub(crate) struct Arrived<'a> {
    pub(crate) request: &'a Request,
    /// The host, without a default port.
    pub(crate) host: &'a str,
    pub(crate) signature: Option<&'a str>,
    /// Whether the record also has the headers that clients add themselves.
    pub(crate) has_own_headers: bool,
    /// The length of the body, if it is known.
    pub(crate) body_len: Option<u64>,
    /// Whether the length of the body is exact.
    pub(crate) is_len_exact: bool,
    /// The hash of the payload, if a store shows it.
    pub(crate) payload_hash: Option<&'a str>,
    /// Whether a store shows the request, which then has signed headers only.
    pub(crate) is_echo: bool,
}

/// One difference.
#[derive(Clone)]
pub(crate) struct Difference {
    pub(crate) cause: &'static Cause,
    pub(crate) line: DiffLine,
    pub(crate) sentence: String,
    /// Whether the difference itself is a fact. Otherwise it follows from a guess about what was signed.
    pub(crate) is_fact: bool,
}

impl Difference {
    fn new(cause: &'static Cause, field: Field, signed: Option<&str>, sent: Option<&str>) -> Self {
        let line = DiffLine::new(field, signed, sent);
        Self { cause, line, sentence: cause.sentence.to_owned(), is_fact: true }
    }

    fn saying(self, sentence: String) -> Self {
        Self { sentence, ..self }
    }
}

/// Returns every difference, those first that explain most.
pub(crate) fn compare(signed: &Signed, arrived: &Arrived<'_>) -> Vec<Difference> {
    let mut found = Vec::new();
    found.extend(method(signed, arrived));
    found.extend(host(signed, arrived));
    found.extend(path(signed, arrived));
    query(signed, arrived, &mut found);
    headers(signed, arrived, &mut found);
    found.extend(payload(signed, arrived));
    if !arrived.is_echo {
        unsigned(signed, arrived, &mut found);
    }
    found
}

/// Compares date and scope with those of the string to sign, for stores that show no more.
pub(crate) fn compare_scope(signed: &Signed, shown: &StringToSign) -> Vec<Difference> {
    let value =
        |name: &str| signed.query.iter().find(|(known, _)| &**known == name).map(|(_, value)| &**value);
    let mut found = Vec::new();
    for (name, shown) in [("X-Amz-Date", &*shown.date), ("X-Amz-Credential", &*shown.scope)] {
        // The credential begins with the access key id, which the scope does not contain.
        let is_equal =
            |value: &str| value == shown || value.split_once('/').is_some_and(|(_, scope)| scope == shown);
        if let Some(value) = value(name).filter(|value| !is_equal(value)) {
            let differs =
                Difference::new(&known::QUERY_DIFFERS, Field::query(name), Some(value), Some(shown));
            found.push(
                differs.saying(format!("the query parameter {name} has another value than was signed")),
            );
        }
    }
    found
}

fn method(signed: &Signed, arrived: &Arrived<'_>) -> Option<Difference> {
    let (expected, sent) = (signed.method.as_deref()?, &*arrived.request.method);
    if expected == sent {
        return None;
    }
    let found = Difference::new(&known::METHOD_DIFFERS, Field::Method, Some(expected), Some(sent));
    let found =
        found.saying(format!("the request was sent as {sent}, and the URL was signed for {expected}"));
    Some(Difference { is_fact: signed.is_method_stated, ..found })
}

fn host(signed: &Signed, arrived: &Arrived<'_>) -> Option<Difference> {
    if signed.host.eq_ignore_ascii_case(arrived.host) || arrived.host.is_empty() {
        return None;
    }
    let found = Difference::new(&known::HOST_DIFFERS, Field::Host, Some(&signed.host), Some(arrived.host));
    let sentence = format!(
        "the request reached the store for the host {}, and {} was signed",
        arrived.host, signed.host
    );
    Some(found.saying(sentence))
}

fn path(signed: &Signed, arrived: &Arrived<'_>) -> Option<Difference> {
    let change = PathChange::between(&signed.path, &arrived.request.path)?;
    let cause = if change.is_encoding() { &known::PATH_ENCODING } else { &known::PATH_DIFFERS };
    let found = Difference::new(cause, Field::Path, Some(&signed.path), Some(&arrived.request.path));
    Some(found.saying(change.sentence().to_owned()))
}

fn query(signed: &Signed, arrived: &Arrived<'_>, found: &mut Vec<Difference>) {
    let mut rest: Vec<&(Box<str>, Box<str>)> = arrived.request.query.iter().collect();
    let mut unmatched = Vec::new();
    for pair in &signed.query {
        match rest.iter().position(|it| *it == pair) {
            Some(index) => {
                rest.swap_remove(index);
            }
            None => unmatched.push(pair),
        }
    }
    for (name, value) in unmatched {
        let field = Field::query(name);
        match rest.iter().position(|(other, _)| other == name) {
            Some(index) => {
                let (_, sent) = rest.swap_remove(index);
                let changed = Difference::new(&known::QUERY_DIFFERS, field, Some(value), Some(sent));
                found.push(
                    changed.saying(format!("the query parameter {name} has another value than was signed")),
                );
            }
            None => {
                let missing = Difference::new(&known::QUERY_MISSING, field, Some(value), None);
                found.push(
                    missing.saying(format!("the signed query parameter {name} is missing from the request")),
                );
            }
        }
    }
    for (name, value) in rest {
        let added = Difference::new(&known::QUERY_ADDED, Field::query(name), None, Some(value));
        found.push(added.saying(format!("the request has the query parameter {name}, which was not signed")));
    }
    signature(signed, arrived, found);
}

fn signature(signed: &Signed, arrived: &Arrived<'_>, found: &mut Vec<Difference>) {
    let field = || Field::query("X-Amz-Signature");
    match arrived.signature {
        Some(sent) if sent != signed.signature => {
            let altered =
                Difference::new(&known::SIGNATURE_ALTERED, field(), Some(&signed.signature), Some(sent));
            let sentence = match sent.len() {
                64 => known::SIGNATURE_ALTERED.sentence.to_owned(),
                len => format!(
                    "the signature of the request has {len} characters in place of 64: it was changed or cut"
                ),
            };
            found.push(altered.saying(sentence));
        }
        None if !arrived.is_echo => {
            found.push(Difference::new(&known::QUERY_MISSING, field(), Some(&signed.signature), None));
        }
        _ => {}
    }
}

fn headers(signed: &Signed, arrived: &Arrived<'_>, found: &mut Vec<Difference>) {
    // A store shows those headers that the URL of the request names, which may be fewer than were signed.
    let shown = arrived.request.parameter("X-Amz-SignedHeaders").unwrap_or_default().to_ascii_lowercase();
    let is_shown = |name: &str| !arrived.is_echo || shown.split(';').any(|it| it == name);
    for name in signed.headers.iter().filter(|name| *name != "host" && is_shown(name)) {
        let value = signed.value(name);
        let length = arrived.body_len.map(|length| length.to_string());
        let sent = arrived.request.header(name).filter(|sent| !sent.is_empty());
        let sent = sent.or_else(|| length.as_deref().filter(|_| name == "content-length"));
        let field = Field::header(name);
        match (value, sent) {
            (Some(""), None) => {}
            (_, None) if !is_added_by_client(name) || arrived.has_own_headers => {
                let missing = Difference::new(&known::HEADER_MISSING, field, value, None);
                // A header may have been signed as empty, and a store shows both in the same way.
                let is_fact = value.is_some() || !arrived.is_echo || arrived.request.header(name).is_none();
                let missing = missing.saying(format!("the header {name} is signed and was not sent"));
                found.push(Difference { is_fact, ..missing });
            }
            (Some(value), Some(sent)) if normalized(value) != normalized(sent) => {
                let is_length = name == "content-length";
                let cause = if is_length { &known::LENGTH_DIFFERS } else { &known::HEADER_DIFFERS };
                let differs = Difference::new(cause, field, Some(value), Some(sent));
                let sentence = match is_length {
                    true => format!("the body has {sent} bytes, and {value} were signed"),
                    false => format!("the header {name} was sent with another value than was signed"),
                };
                let is_fact = !is_length || arrived.is_len_exact || arrived.request.header(name).is_some();
                found.push(Difference { is_fact, ..differs.saying(sentence) });
            }
            _ => {}
        }
    }
}

/// Returns whether clients write a header themselves, so that records of what a page asked for lack it.
fn is_added_by_client(name: &str) -> bool {
    matches!(name, "content-length" | "host" | "origin" | "user-agent" | "accept-encoding" | "connection")
}

fn payload(signed: &Signed, arrived: &Arrived<'_>) -> Option<Difference> {
    let hash = arrived.payload_hash.filter(|hash| *hash != "UNSIGNED-PAYLOAD")?;
    // A hash that is signed, in the query or as a header, is not an addition of the client.
    let is_signed = signed.headers.iter().any(|name| name == "x-amz-content-sha256")
        || signed.query.iter().any(|(name, _)| name.eq_ignore_ascii_case("X-Amz-Content-Sha256"));
    let found = Difference::new(&known::PAYLOAD_HASH, Field::Body, Some("UNSIGNED-PAYLOAD"), Some(hash));
    (!is_signed).then_some(found)
}

/// Adds the headers that S3 requires to be signed and are not, and a second signature.
fn unsigned(signed: &Signed, arrived: &Arrived<'_>, found: &mut Vec<Difference>) {
    for (name, value) in &arrived.request.headers {
        let is_signed = signed.headers.iter().any(|it| **it == **name);
        if name.starts_with("x-amz-") && !is_signed {
            let added = Difference::new(&known::HEADER_UNSIGNED, Field::header(name), None, Some(value));
            found.push(added.saying(format!("the request has the header {name}, which was not signed")));
        }
        if &**name == "authorization" && !is_signed {
            found.push(Difference::new(&known::TWO_SIGNATURES, Field::header(name), None, Some(value)));
        }
    }
}
