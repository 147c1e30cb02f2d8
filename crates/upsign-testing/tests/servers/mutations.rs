//! Mutations: signed requests with one change each, which S3 rejects.

use upsign_core::{Credentials, Expiry, Timestamp};
use upsign_sigv4::stages::amz_date;

use crate::requests::Kind;
use crate::server::{now, other_bucket};
use crate::state::PreparedCase;
use crate::wire::Outgoing;

/// A kind of change. `apply` returns the changed requests: none if the change does not apply, or several if it applies in
/// several places. Each differs from the signed request in this change only.
pub(crate) struct Mutation {
    pub(crate) name: &'static str,
    pub(crate) apply: fn(&PreparedCase<'_>, &Outgoing) -> Vec<Outgoing>,
}

const fn mutation(name: &'static str, apply: fn(&PreparedCase<'_>, &Outgoing) -> Vec<Outgoing>) -> Mutation {
    Mutation { name, apply }
}

/// All mutations.
pub(crate) const ALL: &[Mutation] = &[
    mutation("signature: another digit", |_, sent| parameter(sent, "X-Amz-Signature", other_digit)),
    mutation("signature: upper case", |_, sent| parameter(sent, "X-Amz-Signature", str::to_ascii_uppercase)),
    mutation("signature: removed", |_, sent| without(sent, "X-Amz-Signature")),
    mutation("algorithm", |_, sent| parameter(sent, "X-Amz-Algorithm", |_| "AWS4-HMAC-SHA1".to_owned())),
    mutation("method", |prepared, sent| {
        let other = match prepared.case.kind {
            Kind::Put | Kind::Part => "DELETE",
            Kind::Head | Kind::Delete | Kind::Abort => "GET",
            _ => "PUT",
        };
        change(sent, |sent| other.clone_into(&mut sent.method))
    }),
    mutation("method: HEAD for GET", |_, sent| {
        if sent.method == "GET" { change(sent, |sent| sent.method = "HEAD".to_owned()) } else { Vec::new() }
    }),
    mutation("key", |_, sent| change(sent, |sent| sent.path.push('x'))),
    mutation("key: letter case", |_, sent| {
        change(sent, |sent| {
            let (place, letter) = sent.path.char_indices().rfind(|(_, c)| c.is_ascii_lowercase()).unwrap();
            sent.path.replace_range(place..=place, &letter.to_ascii_uppercase().to_string());
        })
    }),
    mutation("key: encoded twice", |_, sent| {
        if sent.path.contains('%') {
            change(sent, |sent| sent.path = sent.path.replace('%', "%25"))
        } else {
            Vec::new()
        }
    }),
    mutation("key: a plus instead of a space", |_, sent| {
        if sent.path.contains("%20") {
            change(sent, |sent| sent.path = sent.path.replace("%20", "+"))
        } else {
            Vec::new()
        }
    }),
    mutation("key: a doubled slash", |_, sent| {
        change(sent, |sent| {
            let place = sent.path.rfind('/').unwrap();
            sent.path.insert(place, '/');
        })
    }),
    mutation("bucket", |prepared, sent| {
        let target = prepared.request.target();
        let (bucket, other) = (target.bucket().as_str(), other_bucket());
        change(sent, |sent| match prepared.case.virtual_hosted {
            true => sent.host = Some(target.host().replacen(bucket, other, 1)),
            false => sent.path = sent.path.replacen(bucket, other, 1),
        })
    }),
    mutation("host", |prepared, sent| {
        let (_, port) = prepared.request.target().host().split_once(':').unwrap();
        change(sent, |sent| sent.host = Some(format!("localhost:{port}")))
    }),
    mutation("header: another content-type", |_, sent| {
        with_header_value(sent, |name| name == "content-type", "text/html")
    }),
    mutation("header: content-type removed", |_, sent| without_header(sent, |name| name == "content-type")),
    mutation("header: another value", |_, sent| {
        with_header_value(sent, |name| name != "content-type", "changed")
    }),
    mutation("header: removed", |_, sent| without_header(sent, |name| name != "content-type")),
    mutation("header: repeated", |_, sent| {
        let again = |place: usize| {
            let mut changed = sent.clone();
            let (name, _) = sent.headers.get(place).unwrap();
            changed.headers.push((name.clone(), "again".to_owned()));
            changed
        };
        positions(sent, |_| true).map(again).collect()
    }),
    mutation("header: an additional x-amz-meta-*", |_, sent| {
        change(sent, |sent| sent.headers.push(("x-amz-meta-added".to_owned(), "1".to_owned())))
    }),
    mutation("header: an additional x-amz-acl", |_, sent| {
        change(sent, |sent| sent.headers.push(("x-amz-acl".to_owned(), "public-read".to_owned())))
    }),
    mutation("body: one byte longer than signed", |prepared, sent| {
        length(prepared, sent, |sent| sent.body.push(b'!'))
    }),
    mutation("body: one byte shorter than signed", |prepared, sent| {
        length(prepared, sent, |sent| sent.body.truncate(sent.body.len() - 1))
    }),
    mutation("body: does not match its checksum", |_, sent| {
        if sent.headers.iter().any(|(name, _)| name.starts_with("x-amz-checksum-")) {
            change(sent, |sent| sent.body.iter_mut().take(1).for_each(|byte| *byte ^= 1))
        } else {
            Vec::new()
        }
    }),
    mutation("query: an additional parameter", |_, sent| {
        let pair = |name: &str, value: &str| (name.to_owned(), value.to_owned());
        [pair("x-id", "PutObject"), pair("response-content-language", "de")]
            .into_iter()
            .flat_map(|pair| change(sent, |sent| sent.query.push(pair)))
            .collect()
    }),
    mutation("query: a repeated parameter", |_, sent| {
        let again = ("X-Amz-Expires".to_owned(), "604800".to_owned());
        let first = |sent: &mut Outgoing| sent.query.insert(0, again.clone());
        [change(sent, first), change(sent, |sent| sent.query.push(again.clone()))].concat()
    }),
    mutation("query: a parameter removed", |_, sent| {
        unsigned_parameters(sent).iter().flat_map(|name| without(sent, name)).collect()
    }),
    mutation("query: another value", |_, sent| {
        let names = unsigned_parameters(sent);
        names.iter().flat_map(|name| parameter(sent, name, |value| format!("{value}1"))).collect()
    }),
    mutation("lifetime: longer", |_, sent| {
        parameter(sent, "X-Amz-Expires", |value| {
            if value == "604800" { "604799" } else { "604800" }.to_owned()
        })
    }),
    mutation("lifetime: removed", |_, sent| without(sent, "X-Amz-Expires")),
    mutation("lifetime: expired", |prepared, _| {
        if prepared.request.expires_in().as_secs() > 3600 {
            return Vec::new();
        }
        signed_at(prepared, now().saturating_sub(3700))
    }),
    mutation("date: seconds earlier", |_, sent| {
        parameter(sent, "X-Amz-Date", |_| amz_date(now().saturating_sub(10)))
    }),
    mutation("date: an hour ahead", |prepared, _| signed_at(prepared, now().saturating_add(3600))),
    mutation("scope: another day", |_, sent| scope(sent, 1, "20200101")),
    mutation("scope: another region", |_, sent| scope(sent, 2, "eu-central-1")),
    mutation("scope: another service", |_, sent| scope(sent, 3, "sts")),
    mutation("access key: unknown", |_, sent| scope(sent, 0, "AKIAUNKNOWN000000001")),
    mutation("access key: another secret", |prepared, _| {
        let original = &prepared.account.credentials;
        let secret = "another-secret-of-another-user-0000000001";
        let other = match original.session_token() {
            Some(token) => Credentials::temporary(original.access_key_id(), secret, token, Expiry::Unknown),
            None => Credentials::long_term(original.access_key_id(), secret),
        };
        vec![Outgoing::signed(&prepared.request, &other.unwrap(), now(), &prepared.body)]
    }),
    mutation("signed headers: one removed", |_, sent| {
        parameter(sent, "X-Amz-SignedHeaders", |names| match names.rsplit_once("%3B") {
            Some((rest, _)) => rest.to_owned(),
            None => "date".to_owned(),
        })
    }),
    mutation("signed headers: one added", |_, sent| {
        parameter(sent, "X-Amz-SignedHeaders", |names| format!("{names}%3Bx-amz-meta-z"))
    }),
    mutation("session token: another", |_, sent| parameter(sent, "X-Amz-Security-Token", other_digit)),
    mutation("session token: removed", |_, sent| without(sent, "X-Amz-Security-Token")),
    mutation("session token: added to long-term credentials", |prepared, _| {
        let original = &prepared.account.credentials;
        if original.session_token().is_some() {
            return Vec::new();
        }
        let (id, secret) = (original.access_key_id(), original.secret_access_key());
        let other = Credentials::temporary(id, secret, "bogus+token", Expiry::Unknown).unwrap();
        vec![Outgoing::signed(&prepared.request, &other, now(), &prepared.body)]
    }),
];

/// Returns the request with one change.
fn change(sent: &Outgoing, change: impl FnOnce(&mut Outgoing)) -> Vec<Outgoing> {
    let mut changed = sent.clone();
    change(&mut changed);
    vec![changed]
}

/// Returns the request with another value of the query parameter `name`, if it has that parameter.
fn parameter(sent: &Outgoing, name: &str, other: impl FnOnce(&str) -> String) -> Vec<Outgoing> {
    let mut changed = sent.clone();
    let Some(value) = changed.parameter(name) else { return Vec::new() };
    *value = other(value);
    vec![changed]
}

/// Returns the request without the query parameter `name`, if it has that parameter.
fn without(sent: &Outgoing, name: &str) -> Vec<Outgoing> {
    let mut changed = sent.clone();
    changed.query.retain(|(given, _)| given != name);
    if changed.query.len() == sent.query.len() { Vec::new() } else { vec![changed] }
}

/// Returns the names of the parameters that do not belong to the signature.
///
/// `uploads` is left out: without it, the request would be a form upload, which is another operation.
fn unsigned_parameters(sent: &Outgoing) -> Vec<String> {
    let names = sent.query.iter().map(|(name, _)| name);
    names.filter(|name| !name.starts_with("X-Amz-") && *name != "uploads").cloned().collect()
}

/// Returns one request for each header that `selects` selects, with another value of that header.
fn with_header_value(sent: &Outgoing, selects: fn(&str) -> bool, value: &str) -> Vec<Outgoing> {
    positions(sent, selects)
        .map(|place| {
            let mut changed = sent.clone();
            value.clone_into(&mut changed.headers.get_mut(place).unwrap().1);
            changed
        })
        .collect()
}

/// Returns one request for each header that `selects` selects, without that header.
fn without_header(sent: &Outgoing, selects: fn(&str) -> bool) -> Vec<Outgoing> {
    positions(sent, selects)
        .map(|place| {
            let mut changed = sent.clone();
            drop(changed.headers.remove(place));
            changed
        })
        .collect()
}

/// Returns the positions of the headers that `selects` selects.
fn positions(sent: &Outgoing, selects: fn(&str) -> bool) -> impl Iterator<Item = usize> {
    sent.headers.iter().enumerate().filter(move |(_, (name, _))| selects(name)).map(|(place, _)| place)
}

/// Returns the request with a body of another length, if the length is signed.
fn length(prepared: &PreparedCase<'_>, sent: &Outgoing, other: fn(&mut Outgoing)) -> Vec<Outgoing> {
    if prepared.request.headers().get("content-length").is_some() { change(sent, other) } else { Vec::new() }
}

/// Returns the request with another part of `X-Amz-Credential`: 0 is the access key, 1 the day, 2 the region, 3 the service.
fn scope(sent: &Outgoing, part: usize, other: &str) -> Vec<Outgoing> {
    parameter(sent, "X-Amz-Credential", |value| {
        let mut parts: Vec<&str> = value.split("%2F").collect();
        *parts.get_mut(part).unwrap() = other;
        parts.join("%2F")
    })
}

/// Returns the request with a valid signature for another time.
fn signed_at(prepared: &PreparedCase<'_>, at: Timestamp) -> Vec<Outgoing> {
    vec![Outgoing::signed(&prepared.request, &prepared.account.credentials, at, &prepared.body)]
}

/// Replaces the last character by another hex digit.
fn other_digit(text: &str) -> String {
    let mut text = text.to_owned();
    let last = text.pop();
    text.push(if last == Some('0') { '1' } else { '0' });
    text
}
