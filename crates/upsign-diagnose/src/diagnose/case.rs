//! The evidence, prepared for the rules.

use crate::cause::{Owner, known};
use crate::diagnose::Diagnosis;
use crate::diff::{Arrived, DiffLine, Difference, Field, Signed, compare, compare_scope};
use crate::echo::{Canonical, StoreError};
use crate::evidence::{Evidence, Sent};
use crate::url::SignedUrl;

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
        case.differences = case.compare();
        case.doubt_another_url();
        case.shorten();
        case
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

    /// Returns whether the request itself is known: as it was sent, or as the store shows it.
    pub(super) fn is_recorded(&self) -> bool {
        self.sent().is_some() || self.echo.is_some()
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
        let by_client = of_sent(signed, sent).iter().any(|it| it.line.field == found.field);
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

fn of_sent(signed: &Signed, sent: &Sent) -> Vec<Difference> {
    compare(
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
    )
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
