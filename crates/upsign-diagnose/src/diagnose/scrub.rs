//! Removes secrets of the evidence from everything that is said.

use super::Diagnosis;
use crate::diff::Field;
use crate::echo::StoreError;
use crate::evidence::Evidence;
use crate::redacted::Redacted;

/// The shortest text that is looked for: shorter ones occur by chance.
const SHORTEST: usize = 8;

/// The longest text that a sentence quotes, in bytes.
const MAX_QUOTED: usize = 300;

/// Returns text of the evidence for a sentence: without secrets, and not longer than people read.
pub(super) fn quoted(text: &str) -> String {
    let end = text.floor_char_boundary(MAX_QUOTED);
    let shown = Redacted::new(text.get(..end).unwrap_or_default());
    let shown: String = shown.as_str().chars().map(|it| if it.is_control() { ' ' } else { it }).collect();
    if end < text.len() { format!("{shown}…") } else { shown }
}

/// Removes every secret of the evidence from every text of the diagnoses.
///
/// The rules quote values through `DiffLine`, which hides secrets by the name of their field, and through [`quoted`]. This looks
/// for the secrets themselves, in case one is where no rule expects it: in a header with another name, or in a message.
pub(super) fn scrub(evidence: &Evidence, found: &mut [Diagnosis]) {
    let secrets = secrets(evidence);
    let clean = |text: &str| secrets.iter().fold(text.to_owned(), |text, secret| without(&text, secret));
    for diagnosis in found {
        for text in [&mut diagnosis.sentence, &mut diagnosis.fix, &mut diagnosis.proof] {
            *text = clean(text);
        }
        clean_name(&mut diagnosis.field, &clean);
        for line in &mut diagnosis.diff {
            clean_name(&mut line.field, &clean);
            for value in [&mut line.signed, &mut line.sent].into_iter().flatten() {
                *value = Redacted::new(&clean(value.as_str()));
            }
        }
    }
}

/// Removes secrets from the name in a field, which an answer or a client can choose.
fn clean_name(field: &mut Field, clean: &impl Fn(&str) -> String) {
    let (Field::Query(name) | Field::Header(name) | Field::FormField(name) | Field::Action(name)) = field
    else {
        return;
    };
    *name = quoted(&clean(name)).into();
}

/// Replaces a secret, in upper or lower case.
fn without(text: &str, secret: &str) -> String {
    let lower = text.to_ascii_lowercase();
    let (mut kept, mut end) = (String::with_capacity(text.len()), 0);
    for (at, _) in lower.match_indices(&secret.to_ascii_lowercase()) {
        kept.push_str(text.get(end..at).unwrap_or_default());
        kept.push_str(Redacted::secret(secret).as_str());
        end = at + secret.len();
    }
    kept.push_str(text.get(end..).unwrap_or_default());
    kept
}

fn secrets(evidence: &Evidence) -> Vec<String> {
    let mut secrets = Vec::new();
    let mut add = |text: &str| {
        for text in [text, text.trim_start_matches("Bearer ").trim()] {
            if text.len() >= SHORTEST {
                secrets.push(text.to_owned());
                secrets.push(encoded(text));
                secrets.push(hexadecimal(text));
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
}

fn encoded(text: &str) -> String {
    let mut out = String::new();
    upsign_sigv4::encode_query(&mut out, text);
    out
}

/// Returns the bytes as S3 writes them: `49 51 6f`.
fn hexadecimal(text: &str) -> String {
    text.bytes().map(|byte| format!("{byte:02x}")).collect::<Vec<_>>().join(" ")
}
