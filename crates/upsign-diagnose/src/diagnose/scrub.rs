//! Removes secrets of the evidence from everything that is said.

use std::collections::BTreeSet;

use super::Diagnosis;
use crate::diff::{Field, is_credential};
use crate::echo::StoreError;
use crate::evidence::Evidence;
use crate::redacted::Redacted;

/// The shortest text that is looked for: shorter ones occur by chance.
const SHORTEST: usize = 8;

/// The longest text of a diagnosis, in bytes.
const MAX_SHOWN: usize = 1_000;

/// The length of the pieces by which a part of a secret is found. A part of twice the length contains a whole piece.
const PIECE: usize = 12;

/// The longest secret that is looked for in parts, which takes time for each piece. Signatures have 64 digits.
const MAX_IN_PARTS: usize = 128;

/// The largest number of secrets that are looked for, each in several notations. Real requests have three.
const MAX_SECRETS: usize = 256;

/// The longest text that a sentence quotes, in bytes.
const MAX_QUOTED: usize = 300;

/// Returns text of the evidence for a sentence: without secrets, and not longer than people read.
pub(super) fn quoted(text: &str) -> String {
    let end = text.floor_char_boundary(MAX_QUOTED);
    let shown = Redacted::new(text.get(..end).unwrap_or_default());
    let shown = printable(shown.as_str());
    if end < text.len() { format!("{shown}…") } else { shown }
}

/// Returns a message for the end of a sentence, without its full stop.
pub(super) fn quoted_message(message: &str) -> String {
    quoted(message.trim_end().trim_end_matches('.'))
}

/// Replaces characters that control a terminal, or the direction of its text.
fn printable(text: &str) -> String {
    let is_control =
        |it: char| it.is_control() || matches!(it, '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}');
    text.chars().map(|it| if is_control(it) { ' ' } else { it }).collect()
}

/// Removes every secret of the evidence from every text of the diagnoses.
///
/// The rules quote values through `DiffLine`, which hides secrets by the name of their field, and through [`quoted`]. This looks
/// for the secrets themselves, in case one is where no rule expects it: in a header with another name, or in a message.
pub(super) fn scrub(evidence: &Evidence, found: &mut [Diagnosis]) {
    let secrets = secrets(evidence);
    if secrets.len() > MAX_SECRETS {
        return found.iter_mut().for_each(without_values);
    }
    let clean = |text: &str| secrets.iter().fold(text.to_owned(), |text, secret| without(&text, secret));
    for diagnosis in found {
        for text in [&mut diagnosis.sentence, &mut diagnosis.fix, &mut diagnosis.proof] {
            let cleaned = printable(&clean(text));
            let end = cleaned.floor_char_boundary(MAX_SHOWN);
            *text = match cleaned.get(..end) {
                Some(start) if end < cleaned.len() => format!("{start}…"),
                _ => cleaned,
            };
        }
        clean_name(&mut diagnosis.field, &clean);
        for line in &mut diagnosis.diff {
            clean_name(&mut line.field, &clean);
            for value in [&mut line.signed, &mut line.sent].into_iter().flatten() {
                *value = Redacted::new(&printable(&clean(value.as_str())));
            }
        }
    }
}

/// Removes secrets from the name in a field, which an answer or a client can choose.
fn clean_name(field: &mut Field, clean: &impl Fn(&str) -> String) {
    let (Field::Query(name)
    | Field::Header(name)
    | Field::FormField(name)
    | Field::Action(name)
    | Field::Claim(name)) = field
    else {
        return;
    };
    *name = quoted(&clean(name)).into();
}

/// Leaves nothing of a diagnosis that is from the evidence.
fn without_values(diagnosis: &mut Diagnosis) {
    let Diagnosis { certain, owner, .. } = *diagnosis;
    let field = match &diagnosis.field {
        Field::Query(_)
        | Field::Header(_)
        | Field::FormField(_)
        | Field::Action(_)
        | Field::AnswerHeader(_) => Field::Unknown,
        other => other.clone(),
    };
    *diagnosis = Diagnosis::candidate(diagnosis.cause, field).certain_if(certain).owned_by(owner);
}

/// Replaces a secret, in upper or lower case, and its beginning where a text was cut.
fn without(text: &str, secret: &str) -> String {
    let text = without_start(text, secret);
    if secret.len() > text.len() {
        return without_parts(&text, secret);
    }
    let lower = text.to_ascii_lowercase();
    let (mut kept, mut end) = (String::with_capacity(text.len()), 0);
    for (at, _) in lower.match_indices(&secret.to_ascii_lowercase()) {
        kept.push_str(text.get(end..at).unwrap_or_default());
        kept.push_str(Redacted::secret(secret).as_str());
        end = at + secret.len();
    }
    kept.push_str(text.get(end..).unwrap_or_default());
    without_parts(&kept, secret)
}

/// Replaces long parts of a secret, which a client leaves that damages it.
fn without_parts(text: &str, secret: &str) -> String {
    if text.len() < 2 * PIECE || !(2 * PIECE..=MAX_IN_PARTS).contains(&secret.len()) {
        return text.to_owned();
    }
    let (mut text, mut lower) = (text.to_owned(), text.to_ascii_lowercase());
    let secret = secret.to_ascii_lowercase();
    for (index, piece) in secret.as_bytes().chunks_exact(PIECE).enumerate() {
        let Ok(piece) = str::from_utf8(piece) else { continue };
        let (start, mut searched) = (index * PIECE, 0);
        while let Some(at) = lower.get(searched..).and_then(|rest| rest.find(piece)).map(|at| searched + at) {
            let (shown, known) = (lower.as_bytes(), secret.as_bytes());
            let before = common(shown.iter().take(at).rev(), known.iter().take(start).rev());
            let after = common(shown.iter().skip(at), known.iter().skip(start));
            let part = at - before..at + after;
            searched = part.end;
            if part.len() >= 2 * PIECE && text.is_char_boundary(part.start) && text.is_char_boundary(part.end)
            {
                let mark = Redacted::secret(&secret);
                searched = part.start + mark.as_str().len();
                text.replace_range(part, mark.as_str());
                lower = text.to_ascii_lowercase();
            }
        }
    }
    text
}

/// Returns how many bytes two texts have in common from their beginning.
fn common<'a>(left: impl Iterator<Item = &'a u8>, right: impl Iterator<Item = &'a u8>) -> usize {
    left.zip(right).take_while(|(left, right)| left == right).count()
}

/// Replaces the beginning of a secret in front of `…`, where a text was cut before its secrets were looked for.
fn without_start(text: &str, secret: &str) -> String {
    let mut parts: Vec<String> = text.split('…').map(str::to_owned).collect();
    let last = parts.pop().unwrap_or_default();
    for part in &mut parts {
        let longest = secret.len().min(part.len());
        let start_of = |len: &usize| {
            let (Some(start), Some(end)) = (secret.get(..*len), part.get(part.len() - len..)) else {
                return false;
            };
            start.eq_ignore_ascii_case(end)
        };
        if let Some(len) = (SHORTEST..=longest).rev().find(start_of) {
            part.truncate(part.len() - len);
            // The mark at its end is that of the cut.
            part.push_str(Redacted::secret(secret).as_str().trim_end_matches('…'));
        }
    }
    parts.push(last);
    parts.join("…")
}

fn secrets(evidence: &Evidence) -> BTreeSet<String> {
    let mut secrets = BTreeSet::new();
    let mut add = |text: &str| {
        for text in [text, text.trim_start_matches("Bearer ").trim()] {
            if text.len() >= SHORTEST {
                secrets.extend([
                    text.to_owned(),
                    encoded(text),
                    hexadecimal(text, " "),
                    hexadecimal(text, ""),
                ]);
            }
        }
    };
    for url in
        [evidence.issued.as_ref(), evidence.grant.as_ref().map(|grant| &grant.url)].into_iter().flatten()
    {
        add(url.signature());
        add(url.session_token().unwrap_or_default());
    }
    let exchanges = [&evidence.preflight, &evidence.hidden_etag].into_iter().flatten().map(|it| &it.sent);
    for sent in evidence.sent.iter().chain(exchanges) {
        add(&sent.signature().unwrap_or_default());
        for (name, value) in sent.request.query.iter().chain(&sent.request.headers) {
            if is_secret(name) {
                add(value);
            }
        }
        for field in &sent.form {
            let is_signature =
                ["x-amz-signature", "signature"].iter().any(|name| field.name.eq_ignore_ascii_case(name));
            if is_signature || is_secret(&field.name) {
                add(&field.value);
            }
        }
    }
    if let Some(error) = evidence.store_error() {
        add(error.signature().unwrap_or_default());
        let canonical = error.canonical();
        let pairs = canonical.iter().flat_map(|it| it.request.query.iter().chain(&it.request.headers));
        pairs.filter(|(name, _)| is_secret(name)).for_each(|(_, value)| add(value));
        add(&token_of(&error));
    }
    if let Some(secret) = &evidence.secret {
        add(secret.secret_access_key.trim());
    }
    secrets
}

/// Returns the token that an error about tokens repeats (`<Token-0>`).
fn token_of(error: &StoreError) -> String {
    error.text("Token-0").or_else(|| error.text("Token")).unwrap_or_default().to_owned()
}

fn is_secret(name: &str) -> bool {
    let name = name.to_ascii_lowercase();
    [
        "x-amz-security-token",
        "x-amz-s3session-token",
        "authorization",
        "proxy-authorization",
        "cookie",
        "x-api-key",
    ]
    .contains(&name.as_str())
        || name.contains("customer-key")
        || is_credential(&name)
}

fn encoded(text: &str) -> String {
    let mut out = String::new();
    upsign_sigv4::encode_query(&mut out, text);
    out
}

/// Returns the bytes as S3 writes them, `49 51 6f`, or with another separator.
fn hexadecimal(text: &str, separator: &str) -> String {
    text.bytes().map(|byte| format!("{byte:02x}")).collect::<Vec<_>>().join(separator)
}
