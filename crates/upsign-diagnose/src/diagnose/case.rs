//! The evidence, prepared for the rules.

use upsign_core::Provider;

use crate::cause::{Owner, known};
use crate::diagnose::Diagnosis;
use crate::diff::{Arrived, DiffLine, Difference, Field, Signed, compare, compare_scope};
use crate::echo::{Canonical, StoreError};
use crate::evidence::{Answer, Evidence, EvidenceKind, Sent};
use crate::form::SignedForm;
use crate::url::{Location, SignedUrl};

/// The largest number of differences that are named.
const MAX_DIFFERENCES: usize = 32;

/// Evidence with what follows from it directly.
pub(super) struct Case<'a> {
    pub(super) evidence: &'a Evidence,
    pub(super) url: Option<SignedUrl>,
    pub(super) error: Option<StoreError>,
    pub(super) echo: Option<Canonical>,
    pub(super) signed: Option<Signed>,
    pub(super) differences: Vec<Difference>,
}

impl<'a> Case<'a> {
    pub(super) fn new(evidence: &'a Evidence) -> Self {
        let (url, error) = (evidence.signed_url(), evidence.store_error());
        let echo = error.as_ref().and_then(StoreError::canonical);
        let signed = url.as_ref().map(|url| Signed::new(url, evidence.grant.as_ref()));
        let signed = signed.or_else(|| of_echo(echo.as_ref()?, error.as_ref()?));
        let mut case = Self { evidence, url, error, echo, signed, differences: Vec::new() };
        case.find_differences();
        case
    }

    /// Compares the request again, with more knowledge of what was signed.
    pub(super) fn learn(&mut self, signed: Signed) {
        self.signed = Some(signed);
        self.find_differences();
    }

    fn find_differences(&mut self) {
        self.differences = self.compare();
        self.join_missing_signature();
        self.doubt_another_url();
        self.shorten();
    }

    /// A request without any part of the signature has one difference, and not seven.
    fn join_missing_signature(&mut self) {
        let is_part =
            |it: &Difference| it.cause.code == known::QUERY_MISSING.code && is_of_signature(&it.line.field);
        let (missing, rest): (Vec<Difference>, Vec<Difference>) =
            std::mem::take(&mut self.differences).into_iter().partition(is_part);
        let is_unsigned = self.sent().is_some_and(|sent| !sent.is_signed()) && missing.len() >= 6;
        self.differences = rest;
        let joined = missing.iter().find(|it| it.line.field == Field::query("X-Amz-Signature"));
        match joined.filter(|_| is_unsigned) {
            Some(signature) => {
                let sentence = known::NOT_SIGNED.sentence.to_owned();
                self.differences
                    .insert(0, Difference { cause: &known::NOT_SIGNED, sentence, ..signature.clone() });
            }
            None => self.differences.splice(0..0, missing).for_each(drop),
        }
    }

    /// If the signature differs and something else does as well, the evidence is probably that of another URL.
    fn doubt_another_url(&mut self) {
        let is_signature = |it: &Difference| it.cause.code == known::SIGNATURE_ALTERED.code;
        let signature = self.differences.iter().position(is_signature);
        let Some(index) = signature.filter(|_| self.differences.len() > 1) else { return };
        let mut first = self.differences.remove(index);
        "the request has another signature and other parts than the URL: it probably is that of another URL"
            .clone_into(&mut first.sentence);
        self.differences.insert(0, first);
        self.differences.iter_mut().for_each(|it| it.is_fact = false);
    }

    /// Keeps the first differences: nobody reads more.
    fn shorten(&mut self) {
        let more = self.differences.len().saturating_sub(MAX_DIFFERENCES);
        self.differences.truncate(MAX_DIFFERENCES);
        if let Some(last) = self.differences.last_mut().filter(|_| more > 0) {
            last.sentence = format!("{}; {more} other parts differ too", last.sentence);
        }
    }

    pub(super) fn sent(&self) -> Option<&'a Sent> {
        self.evidence.sent.as_ref()
    }

    /// Returns the differences of the request from what was signed: as the store shows it, otherwise as it was sent.
    fn compare(&self) -> Vec<Difference> {
        let Some(signed) = &self.signed else { return Vec::new() };
        let Some(echo) = &self.echo else {
            let mut found = self.sent().map_or_else(Vec::new, |sent| of_sent(signed, sent));
            if found.is_empty()
                && let Some(shown) = self.error.as_ref().and_then(StoreError::string_to_sign)
            {
                found = compare_scope(signed, &shown);
            }
            return found;
        };
        let mut found = compare(
            signed,
            &Arrived {
                request: &echo.request,
                host: echo.request.header("host").unwrap_or_default(),
                signature: self.error.as_ref().and_then(StoreError::signature),
                has_own_headers: true,
                body_len: None,
                is_len_exact: false,
                payload_hash: Some(&echo.payload_hash),
                is_echo: true,
            },
        );
        // What the store does not show, because it is not signed.
        let sent = self.sent().map_or_else(Vec::new, |sent| of_sent(signed, sent));
        let is_unsigned = |it: &Difference| {
            [known::HEADER_UNSIGNED.code, known::TWO_SIGNATURES.code].contains(&it.cause.code)
        };
        found.extend(sent.into_iter().filter(is_unsigned));
        found
    }

    /// Returns that the query of the request lacks a part of its signature: it was cut, for example at an `&` by a shell.
    pub(super) fn incomplete_query(&self) -> Option<Diagnosis> {
        const NEEDED: [&str; 6] = [
            "X-Amz-Algorithm",
            "X-Amz-Credential",
            "X-Amz-Date",
            "X-Amz-Expires",
            "X-Amz-SignedHeaders",
            "X-Amz-Signature",
        ];
        let sent = self.sent()?;
        let has = |name: &str| match name {
            "X-Amz-Signature" => sent.signature().is_some(),
            name => sent.request.parameter(name).is_some(),
        };
        let missing: Vec<&str> = NEEDED.into_iter().filter(|name| !has(name)).collect();
        let first = missing.first().filter(|_| missing.len() < NEEDED.len())?;
        let sentence = format!("the URL was sent without {}: it was cut", missing.join(", "));
        Some(Diagnosis::candidate(&known::QUERY_INCOMPLETE, Field::query(first)).saying(sentence))
    }

    /// Returns whether an HTML page answered: a proxy, a gateway or a firewall, and not the store.
    pub(super) fn is_page(&self) -> bool {
        self.evidence.kind() == EvidenceKind::Page
            || self.evidence.answer.as_ref().is_some_and(Answer::is_page)
    }

    /// Returns whether the value that a field of the request had is known, or that it had none.
    pub(super) fn is_known(&self, field: &Field) -> bool {
        let Field::Header(name) = field else { return self.request().is_some() };
        // A record can lack what the client adds, and the length of a body as text is not what was sent.
        let is_sent = |sent: &Sent| match sent.body_len.filter(|_| &**name == "content-length") {
            _ if sent.request.header(name).is_some() => true,
            Some(_) => sent.is_len_exact,
            // Browsers show provisional headers of a request that got no answer.
            None => sent.has_own_headers && self.evidence.status() != Some(0),
        };
        self.echo.is_some() || self.sent().is_some_and(is_sent)
    }

    /// Returns whether the request itself is known: as it was sent, or as the store shows it.
    pub(super) fn is_recorded(&self) -> bool {
        self.sent().is_some() || self.echo.is_some()
    }

    /// Returns the store, if the host tells it.
    pub(super) fn provider(&self) -> Option<Provider> {
        let host = self.url.as_ref().map(SignedUrl::canonical_host);
        let host = host.or_else(|| self.sent().map(|sent| sent.host.to_string()))?;
        Location::of(&host, "/").provider
    }

    /// Returns the ARN of the role that signed, if the store's message names it: `User: arn:aws:sts::ACCOUNT:assumed-role/ROLE/SESSION is …`.
    pub(super) fn signer_role(&self) -> Option<String> {
        let (_, rest) = self.error.as_ref()?.message().split_once("User: ")?;
        let (arn, _) = rest.split_once(" is not authorized")?;
        let parts: Vec<&str> = arn.split(':').collect();
        let ["arn", partition, "sts", "", account, resource] = parts.as_slice() else {
            return arn.starts_with("arn:").then(|| arn.to_owned());
        };
        let role = resource.strip_prefix("assumed-role/")?.split('/').next()?;
        Some(format!("arn:{partition}:iam::{account}:role/{role}"))
    }

    /// Returns the form that was sent, if the record has its fields.
    pub(super) fn form(&self) -> Option<SignedForm> {
        let sent = self.sent().filter(|sent| !sent.form.is_empty())?;
        SignedForm::new(Some(&sent.url), sent.form.clone()).ok()
    }

    /// Returns the request in the form that is closest to the store.
    pub(super) fn request(&self) -> Option<&crate::echo::Request> {
        self.echo.as_ref().map(|echo| &echo.request).or_else(|| self.sent().map(|sent| &sent.request))
    }

    /// Returns a diagnosis for each difference.
    pub(super) fn of_differences(&self) -> Vec<Diagnosis> {
        let lines: Vec<DiffLine> = self.differences.iter().map(|it| it.line.clone()).collect();
        let found = self.differences.iter().enumerate().map(|(index, difference)| {
            let of_this = std::slice::from_ref(&difference.line);
            let found = Diagnosis::candidate(difference.cause, difference.line.field.clone())
                .saying(difference.sentence.clone())
                .certain_if(difference.is_fact)
                .with_diff(if index == 0 { lines.clone() } else { of_this.to_vec() });
            self.in_whose_hands(found)
        });
        found.collect()
    }

    /// Names the proxy if the client sent what was signed, and something else arrived.
    fn in_whose_hands(&self, found: Diagnosis) -> Diagnosis {
        let (Some(signed), Some(sent), Some(_)) = (&self.signed, self.sent(), &self.echo) else {
            return found;
        };
        // If the URL of the request is all that is known of the URL, they are equal in any case, and the proxy is to blame as well.
        let by_client = of_sent(signed, sent).iter().any(|it| it.line.field == found.field)
            // The store takes the hash of the payload from this header.
            || found.cause.code == known::PAYLOAD_HASH.code
                && sent.request.header("x-amz-content-sha256").is_some();
        // A record can lack headers that the client adds itself.
        let is_recorded = !matches!(&found.field, Field::Header(name) if sent.request.header(name).is_none());
        if by_client || !is_recorded {
            return found;
        }
        let sentence = format!(
            "{}; the client sent what was signed, so something in between changed it",
            found.sentence
        );
        found.saying(sentence).owned_by(Owner::Proxy).fixed_by(
            "let the proxy, CDN or gateway pass method, host, path, query and signed headers unchanged, or send uploads around it",
        )
    }
}

/// Returns whether a host is that of a store with a name of its own, in contrast to a server of the user.
pub(super) fn is_public_store(host: &str) -> bool {
    Location::of(host, "/").provider.is_some_and(|provider| provider != Provider::Custom)
}

fn is_of_signature(field: &Field) -> bool {
    matches!(field, Field::Query(name) if name.starts_with("X-Amz-"))
}

fn of_sent(signed: &Signed, sent: &Sent) -> Vec<Difference> {
    let mut found = compare(
        signed,
        &Arrived {
            request: &sent.request,
            host: &sent.sent_host(),
            signature: sent.signature().as_deref(),
            has_own_headers: sent.has_own_headers,
            body_len: sent.body_len,
            is_len_exact: sent.is_len_exact,
            payload_hash: None,
            is_echo: false,
        },
    );
    found.iter_mut().for_each(|it| doubt_unknown(sent, it));
    found
}

/// Doubts a difference in what the record does not show: headers in a file or a variable, or a variable in place of a value.
fn doubt_unknown(sent: &Sent, difference: &mut Difference) {
    let code = difference.cause.code;
    let Field::Header(name) = &difference.line.field else {
        difference.is_fact &= !(sent.has_unknown_headers && code == known::METHOD_DIFFERS.code);
        return;
    };
    let is_variable = |value: &str| value.contains(['$', '`']) || value.contains("{{");
    if sent.has_unknown_headers && code == known::HEADER_MISSING.code {
        difference.sentence = format!(
            "the header {name} is signed, and the command does not show whether it is sent: a file or a variable has headers"
        );
        difference.is_fact = false;
    }
    let is_value_unknown = !sent.has_own_headers && sent.request.header(name).is_some_and(is_variable);
    difference.is_fact &= !(is_value_unknown && code == known::HEADER_DIFFERS.code);
}

/// Returns what was signed if only the store's answer is known: the request that it shows, as far as it agrees with itself.
fn of_echo(echo: &Canonical, error: &StoreError) -> Option<Signed> {
    Some(Signed {
        method: None,
        is_method_stated: false,
        host: echo.request.header("host")?.to_owned(),
        path: echo.request.path.clone(),
        query: echo.request.query.clone(),
        headers: echo.signed.iter().map(|name| name.to_ascii_lowercase()).collect(),
        values: Vec::new(),
        signature: error.signature().unwrap_or_default().to_owned(),
    })
}
