//! One thing changed in a signed request.

use upsign_core::{Credentials, Expiry, Timestamp};
use upsign_sigv4::stages::amz_date;

use crate::requests::Kind;
use crate::server::{now, other_bucket};
use crate::state::Ready;
use crate::wire::Outgoing;

/// A kind of change, and every request that has it and differs from the one signed in nothing else.
pub(crate) struct Mutation {
    pub(crate) name: &'static str,
    pub(crate) of: fn(&Ready<'_>, &Outgoing) -> Vec<Outgoing>,
}

const fn mutation(name: &'static str, of: fn(&Ready<'_>, &Outgoing) -> Vec<Outgoing>) -> Mutation {
    Mutation { name, of }
}

/// All of them.
pub(crate) const ALL: &[Mutation] = &[
    mutation("signature: a digit", |_, sent| parameter(sent, "X-Amz-Signature", other_digit)),
    mutation("signature: upper case", |_, sent| parameter(sent, "X-Amz-Signature", str::to_ascii_uppercase)),
    mutation("signature: left out", |_, sent| without(sent, "X-Amz-Signature")),
    mutation("algorithm", |_, sent| parameter(sent, "X-Amz-Algorithm", |_| "AWS4-HMAC-SHA1".to_owned())),
    mutation("method", |ready, sent| {
        let other = match ready.case.kind {
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
    mutation("key: a plus for a space", |_, sent| {
        if sent.path.contains("%20") {
            change(sent, |sent| sent.path = sent.path.replace("%20", "+"))
        } else {
            Vec::new()
        }
    }),
    mutation("key: a slash doubled", |_, sent| {
        change(sent, |sent| {
            let place = sent.path.rfind('/').unwrap();
            sent.path.insert(place, '/');
        })
    }),
    mutation("bucket", |ready, sent| {
        let target = ready.request.target();
        let (ours, other) = (target.bucket().as_str(), other_bucket());
        change(sent, |sent| match ready.case.hosted {
            true => sent.host = Some(target.host().replacen(ours, other, 1)),
            false => sent.path = sent.path.replacen(ours, other, 1),
        })
    }),
    mutation("host", |ready, sent| {
        let (_, port) = ready.request.target().host().split_once(':').unwrap();
        change(sent, |sent| sent.host = Some(format!("localhost:{port}")))
    }),
    mutation("header: another content-type", |_, sent| {
        header(sent, |name| name == "content-type", "text/html")
    }),
    mutation("header: content-type left out", |_, sent| headless(sent, |name| name == "content-type")),
    mutation("header: another value", |_, sent| header(sent, |name| name != "content-type", "changed")),
    mutation("header: left out", |_, sent| headless(sent, |name| name != "content-type")),
    mutation("header: repeated", |_, sent| {
        let again = |place: usize| {
            let mut changed = sent.clone();
            let (name, _) = sent.headers.get(place).unwrap();
            changed.headers.push((name.clone(), "again".to_owned()));
            changed
        };
        places(sent, |_| true).map(again).collect()
    }),
    mutation("header: a further x-amz-meta-*", |_, sent| {
        change(sent, |sent| sent.headers.push(("x-amz-meta-added".to_owned(), "1".to_owned())))
    }),
    mutation("header: a further x-amz-acl", |_, sent| {
        change(sent, |sent| sent.headers.push(("x-amz-acl".to_owned(), "public-read".to_owned())))
    }),
    mutation("body: a byte more than signed", |ready, sent| length(ready, sent, |sent| sent.body.push(b'!'))),
    mutation("body: a byte less than signed", |ready, sent| {
        length(ready, sent, |sent| sent.body.truncate(sent.body.len() - 1))
    }),
    mutation("body: another than the checksum's", |_, sent| {
        if sent.headers.iter().any(|(name, _)| name.starts_with("x-amz-checksum-")) {
            change(sent, |sent| sent.body.iter_mut().take(1).for_each(|byte| *byte ^= 1))
        } else {
            Vec::new()
        }
    }),
    mutation("query: a further parameter", |_, sent| {
        let pair = |name: &str, value: &str| (name.to_owned(), value.to_owned());
        [pair("x-id", "PutObject"), pair("response-content-language", "de")]
            .into_iter()
            .flat_map(|pair| change(sent, |sent| sent.query.push(pair)))
            .collect()
    }),
    mutation("query: a parameter repeated", |_, sent| {
        let again = ("X-Amz-Expires".to_owned(), "604800".to_owned());
        let first = |sent: &mut Outgoing| sent.query.insert(0, again.clone());
        [change(sent, first), change(sent, |sent| sent.query.push(again.clone()))].concat()
    }),
    mutation("query: a parameter left out", |_, sent| {
        own(sent).iter().flat_map(|name| without(sent, name)).collect()
    }),
    mutation("query: a parameter's value", |_, sent| {
        let names = own(sent);
        names.iter().flat_map(|name| parameter(sent, name, |value| format!("{value}1"))).collect()
    }),
    mutation("lifetime: longer", |_, sent| {
        parameter(sent, "X-Amz-Expires", |value| {
            if value == "604800" { "604799" } else { "604800" }.to_owned()
        })
    }),
    mutation("lifetime: left out", |_, sent| without(sent, "X-Amz-Expires")),
    mutation("lifetime: over", |ready, sent| {
        if ready.request.expires_in().as_secs() > 3600 {
            return Vec::new();
        }
        signed_at(ready, sent, now().saturating_sub(3700))
    }),
    mutation("date: seconds earlier", |_, sent| {
        parameter(sent, "X-Amz-Date", |_| amz_date(now().saturating_sub(10)))
    }),
    mutation("date: an hour ahead", |ready, sent| signed_at(ready, sent, now().saturating_add(3600))),
    mutation("scope: another day", |_, sent| scope(sent, 1, "20200101")),
    mutation("scope: another region", |_, sent| scope(sent, 2, "eu-central-1")),
    mutation("scope: another service", |_, sent| scope(sent, 3, "sts")),
    mutation("access key: unknown", |_, sent| scope(sent, 0, "AKIAUNKNOWN000000001")),
    mutation("access key: another's secret", |ready, _| {
        let ours = &ready.account.credentials;
        let secret = "another-secret-of-another-user-0000000001";
        let other = match ours.session_token() {
            Some(token) => Credentials::temporary(ours.access_key_id(), secret, token, Expiry::Unknown),
            None => Credentials::long_term(ours.access_key_id(), secret),
        };
        vec![Outgoing::signed(&ready.request, &other.unwrap(), now(), &ready.body)]
    }),
    mutation("signed headers: one less", |_, sent| {
        parameter(sent, "X-Amz-SignedHeaders", |names| match names.rsplit_once("%3B") {
            Some((rest, _)) => rest.to_owned(),
            None => "date".to_owned(),
        })
    }),
    mutation("signed headers: one more", |_, sent| {
        parameter(sent, "X-Amz-SignedHeaders", |names| format!("{names}%3Bx-amz-meta-z"))
    }),
    mutation("session token: another", |_, sent| parameter(sent, "X-Amz-Security-Token", other_digit)),
    mutation("session token: left out", |_, sent| without(sent, "X-Amz-Security-Token")),
    mutation("session token: one where none belongs", |ready, _| {
        let ours = &ready.account.credentials;
        if ours.session_token().is_some() {
            return Vec::new();
        }
        let (id, secret) = (ours.access_key_id(), ours.secret_access_key());
        let other = Credentials::temporary(id, secret, "bogus+token", Expiry::Unknown).unwrap();
        vec![Outgoing::signed(&ready.request, &other, now(), &ready.body)]
    }),
];

fn change(sent: &Outgoing, change: impl FnOnce(&mut Outgoing)) -> Vec<Outgoing> {
    let mut changed = sent.clone();
    change(&mut changed);
    vec![changed]
}

fn parameter(sent: &Outgoing, name: &str, other: impl FnOnce(&str) -> String) -> Vec<Outgoing> {
    let mut changed = sent.clone();
    let Some(value) = changed.parameter(name) else { return Vec::new() };
    *value = other(value);
    vec![changed]
}

fn without(sent: &Outgoing, name: &str) -> Vec<Outgoing> {
    let mut changed = sent.clone();
    changed.query.retain(|(given, _)| given != name);
    if changed.query.len() == sent.query.len() { Vec::new() } else { vec![changed] }
}

/// The parameters that are not the signature's. `uploads` stays: without it this is another operation's form post.
fn own(sent: &Outgoing) -> Vec<String> {
    let names = sent.query.iter().map(|(name, _)| name);
    names.filter(|name| !name.starts_with("X-Amz-") && *name != "uploads").cloned().collect()
}

/// Each header that fits, one at a time, with another value.
fn header(sent: &Outgoing, fits: fn(&str) -> bool, value: &str) -> Vec<Outgoing> {
    places(sent, fits)
        .map(|place| {
            let mut changed = sent.clone();
            value.clone_into(&mut changed.headers.get_mut(place).unwrap().1);
            changed
        })
        .collect()
}

/// Each header that fits, one at a time, left out.
fn headless(sent: &Outgoing, fits: fn(&str) -> bool) -> Vec<Outgoing> {
    places(sent, fits)
        .map(|place| {
            let mut changed = sent.clone();
            drop(changed.headers.remove(place));
            changed
        })
        .collect()
}

fn places(sent: &Outgoing, fits: fn(&str) -> bool) -> impl Iterator<Item = usize> {
    sent.headers.iter().enumerate().filter(move |(_, (name, _))| fits(name)).map(|(place, _)| place)
}

/// Another length, where the length is signed.
fn length(ready: &Ready<'_>, sent: &Outgoing, other: fn(&mut Outgoing)) -> Vec<Outgoing> {
    if ready.request.headers().get("content-length").is_some() { change(sent, other) } else { Vec::new() }
}

/// A part of `X-Amz-Credential`: 0 the access key, 1 the day, 2 the region, 3 the service.
fn scope(sent: &Outgoing, part: usize, other: &str) -> Vec<Outgoing> {
    parameter(sent, "X-Amz-Credential", |value| {
        let mut parts: Vec<&str> = value.split("%2F").collect();
        *parts.get_mut(part).unwrap() = other;
        parts.join("%2F")
    })
}

/// Well signed, at another time.
fn signed_at(ready: &Ready<'_>, _: &Outgoing, at: Timestamp) -> Vec<Outgoing> {
    vec![Outgoing::signed(&ready.request, &ready.account.credentials, at, &ready.body)]
}

fn other_digit(text: &str) -> String {
    let mut text = text.to_owned();
    let last = text.pop();
    text.push(if last == Some('0') { '1' } else { '0' });
    text
}
