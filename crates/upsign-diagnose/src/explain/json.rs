//! An explanation as JSON.

use serde_json::{Value, json};
use upsign_core::Provider;

use crate::explain::{Explanation, ValidityState};
use crate::redacted::Redacted;

impl Explanation {
    /// Returns the explanation as JSON, with the members that the manual documents. It contains no secret.
    #[must_use]
    pub fn to_json(&self) -> Value {
        let text = |text: &Option<Redacted>| text.as_ref().map(|text| text.as_str().to_owned());
        let location = self.location.as_ref();
        let (state, seconds) = match self.validity.state {
            ValidityState::Valid { seconds } => ("valid", Some(seconds)),
            ValidityState::Expired { seconds } => ("expired", Some(seconds)),
            ValidityState::NotYet { seconds } => ("not-yet-valid", Some(seconds)),
            ValidityState::Unknown => ("unknown", None),
        };
        json!({
            "kind": self.kind.name(),
            "scheme": self.scheme.name(),
            "method": self.method,
            "address": text(&self.address),
            "store": location.and_then(|it| it.provider).map(Provider::name),
            "style": location.map(|it| it.style.name()),
            "styleIsAssumed": location.is_some_and(|it| it.is_assumed),
            "hostRegion": location.and_then(|it| it.region.as_deref()).map(Redacted::new).as_ref().map(Redacted::as_str),
            "dualstack": location.is_some_and(|it| it.dualstack),
            "fips": location.is_some_and(|it| it.fips),
            "bucket": text(&self.bucket),
            "key": text(&self.key),
            "signer": {
                "kind": self.signer.kind.name(),
                "id": text(&self.signer.id),
                "account": self.signer.account,
                "hasSessionToken": self.signer.has_session_token,
            },
            "signingRegion": text(&self.signing_region),
            "signedAt": self.validity.signed_at.map(|at| at.to_string()),
            "expiresAt": self.validity.expires_at.map(|at| at.to_string()),
            "state": state,
            "seconds": seconds,
            "required": self.required.iter().map(|it| json!({
                "name": it.name.as_str(),
                "value": text(&it.value),
                "automatic": it.is_automatic,
            })).collect::<Vec<_>>(),
            "settings": self.settings.iter().map(|(name, value)| json!({
                "name": name.as_str(),
                "value": value.as_str(),
            })).collect::<Vec<_>>(),
            "bindings": self.bindings.iter().map(|it| json!({
                "part": it.part.name(),
                "bound": it.bound.name(),
                "sentence": it.sentence.as_str(),
            })).collect::<Vec<_>>(),
            "oddities": self.oddities.iter().map(|it| json!({
                "code": it.kind.code,
                "severity": it.kind.severity.name(),
                "field": Redacted::new(&it.field.to_string()).as_str(),
                "owner": it.kind.owner.as_str(),
                "sentence": it.sentence.as_str(),
                "fix": it.kind.fix,
                "source": it.kind.source,
            })).collect::<Vec<_>>(),
        })
    }
}
