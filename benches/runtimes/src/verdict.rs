//! Which answers of `upsign serve` are right, given what its credentials provider has delivered.

use std::collections::BTreeMap;
use std::sync::{Mutex, PoisonError};

use serde_json::{Value, json};
use upsign::types::{SAFETY_MARGIN, Timestamp};

use crate::client::{Answer, NoAnswer};

/// The shortest lifetime of a grant, in seconds: `credentials.minimum`.
pub const MIN_GRANT: u64 = 60;
/// Tolerance of the comparisons, in seconds: an answer is judged a moment after it was given.
const TOLERANCE: u64 = 3;

/// What a request asks for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[expect(clippy::exhaustive_enums, reason = "the measurements send all of them")]
pub enum Kind {
    /// A grant, with a valid token.
    Valid,
    /// A grant, with a token whose signature is wrong.
    Forged,
    /// A grant, with a token whose key id does not exist.
    UnknownKey,
    /// `/healthz` or `/metrics`.
    Health,
    /// `/readyz`.
    Ready,
}

/// The credentials that a provider has delivered.
#[derive(Debug, Default)]
pub struct Delivered(Mutex<BTreeMap<String, Issued>>);

#[derive(Clone, Debug)]
struct Issued {
    session_token: String,
    end: u64,
    delivered: u64,
}

impl Delivered {
    /// Returns the document of new credentials that end `lifetime` seconds after `at`, and remembers them.
    pub fn issue(&self, at: Timestamp, lifetime: u64) -> String {
        let mut issued = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let number = issued.len();
        let (key, session_token) = (format!("ASIA{number:016}"), format!("session-{number:016}"));
        let end = at.saturating_add(lifetime);
        let document = json!({
            "AccessKeyId": key, "SecretAccessKey": format!("secret-{number}"), "Token": session_token,
            "Expiration": end.to_string(),
        });
        issued.insert(key, Issued { session_token, end: end.as_unix(), delivered: at.as_unix() });
        document.to_string()
    }

    /// Returns how many credentials were delivered.
    #[must_use]
    pub fn count(&self) -> usize {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).len()
    }

    /// Returns whether the server may have no credentials that are good for a grant: a grant of the shortest lifetime ends
    /// [`SAFETY_MARGIN`] before its credentials. Newer credentials replace older ones, also those that would last longer.
    fn may_lack_credentials(&self, at: Timestamp) -> bool {
        let issued = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let newest = issued
            .values()
            .filter(|one| one.delivered + TOLERANCE < at.as_unix())
            .max_by_key(|one| (one.delivered, one.end));
        newest.is_none_or(|one| one.end < at.as_unix() + MIN_GRANT + u64::from(SAFETY_MARGIN) + TOLERANCE)
    }

    /// Returns whether nothing that was delivered lasts long enough for a grant, so that the server cannot be ready.
    fn must_lack_credentials(&self, at: Timestamp) -> bool {
        let issued = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let needed = at.as_unix() + MIN_GRANT + u64::from(SAFETY_MARGIN) - TOLERANCE;
        issued.values().all(|one| one.end < needed)
    }

    /// Returns what is wrong with an answer, or `None` if it is right.
    #[must_use]
    pub fn judge(&self, kind: Kind, answer: &Result<Answer, NoAnswer>, at: Timestamp) -> Option<String> {
        let answer = match answer {
            Ok(answer) => answer,
            Err(reason) => return Some(format!("{kind:?}: no answer: {reason:?}")),
        };
        let wrong =
            |reason: &str| Some(format!("{kind:?}: {}: {reason}: {}", answer.status, answer.body.trim()));
        let retry_after = answer.retry_after.as_deref().map(str::parse::<u64>);
        match (kind, answer.status) {
            (Kind::Valid | Kind::UnknownKey, 503) if !matches!(retry_after, Some(Ok(1..))) => {
                wrong(&format!("Retry-After is {:?}", answer.retry_after))
            }
            (Kind::Ready, 200) if self.must_lack_credentials(at) => wrong("no credentials are usable"),
            (Kind::Valid, 200) => self.judge_grant(&answer.body, at).and_then(|reason| wrong(&reason)),
            (Kind::Valid | Kind::Ready, 503) if self.may_lack_credentials(at) => None,
            (Kind::Forged, 401) | (Kind::UnknownKey, 401 | 503) | (Kind::Health | Kind::Ready, 200) => None,
            _ => wrong("unexpected status"),
        }
    }

    /// Checks that a grant is signed with credentials that were delivered, and ends before them.
    fn judge_grant(&self, body: &str, at: Timestamp) -> Option<String> {
        let Ok(grant) = serde_json::from_str::<Value>(body) else { return Some("no JSON".to_owned()) };
        let text = |name: &str| grant.get(name).and_then(Value::as_str).unwrap_or_default();
        let query = |name: &str| -> Option<&str> {
            let pairs = text("uploadUrl").split_once('?')?.1.split('&');
            pairs
                .filter_map(|pair| pair.split_once('='))
                .find(|(found, _)| *found == name)
                .map(|(_, value)| value)
        };
        let key = query("X-Amz-Credential").and_then(|scope| scope.split("%2F").next()).unwrap_or_default();
        let issued = self.0.lock().unwrap_or_else(PoisonError::into_inner).get(key).cloned();
        let Some(issued) = issued else { return Some(format!("the access key {key} was never delivered")) };
        if query("X-Amz-Security-Token") != Some(issued.session_token.as_str()) {
            return Some("the session token belongs to other credentials".to_owned());
        }
        let end = text("expiresAt").parse::<Timestamp>().map_or(u64::MAX, Timestamp::as_unix);
        if end > issued.end {
            return Some(format!("the grant outlives its credentials, which end at {}", issued.end));
        }
        (end + TOLERANCE < at.as_unix() + MIN_GRANT)
            .then(|| "the grant is shorter than the minimum".to_owned())
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    fn at(seconds: u64) -> Timestamp {
        Timestamp::from_unix(1_800_000_000 + seconds).unwrap_or(Timestamp::UNIX_EPOCH)
    }

    fn answer(status: u16, body: &str) -> Result<Answer, NoAnswer> {
        let retry_after = (status == 503).then(|| "1".to_owned());
        Ok(Answer { status, body: body.to_owned(), retry_after, time: Duration::ZERO })
    }

    fn grant(key: u64, session: u64, end: u64) -> Result<Answer, NoAnswer> {
        let url = format!(
            "https://b.s3.amazonaws.com/k?X-Amz-Credential=ASIA{key:016}%2F20270115&X-Amz-Security-Token=session-{session:016}"
        );
        answer(200, &json!({"uploadUrl": url, "expiresAt": at(end).to_string()}).to_string())
    }

    #[test]
    fn grants_are_judged_by_their_own_credentials() {
        let delivered = Delivered::default();
        delivered.issue(at(0), 200);
        delivered.issue(at(100), 200);
        let judge = |answer| delivered.judge(Kind::Valid, &answer, at(110));
        assert_eq!(judge(grant(0, 0, 200)), None);
        assert_eq!(judge(grant(1, 1, 300)), None);
        for wrong in [grant(0, 0, 201), grant(0, 1, 200), grant(2, 2, 200), grant(1, 1, 150), answer(200, "")]
        {
            assert!(judge(wrong.clone()).is_some(), "{wrong:?}");
        }
    }

    #[test]
    fn unavailability_is_right_only_without_usable_credentials() {
        let delivered = Delivered::default();
        let unavailable = || answer(503, "");
        assert_eq!(delivered.judge(Kind::Valid, &unavailable(), at(0)), None);
        delivered.issue(at(0), 200);
        assert!(delivered.judge(Kind::Valid, &unavailable(), at(100)).is_some());
        let shorter = Delivered::default();
        shorter.issue(at(0), 200);
        shorter.issue(at(10), 110);
        assert_eq!(shorter.judge(Kind::Valid, &unavailable(), at(35)), None);
        // 90 seconds are left: a grant would last 60.
        assert_eq!(delivered.judge(Kind::Valid, &unavailable(), at(110)), None);
        assert_eq!(delivered.judge(Kind::Valid, &unavailable(), at(150)), None);
        assert!(delivered.judge(Kind::Health, &unavailable(), at(150)).is_some());
        assert!(delivered.judge(Kind::Forged, &grant(0, 0, 200), at(10)).is_some());
        assert!(delivered.judge(Kind::Forged, &Err(NoAnswer::Lost), at(10)).is_some());
    }

    #[test]
    fn readiness_is_right_only_with_usable_credentials() {
        let delivered = Delivered::default();
        let ready =
            |delivered: &Delivered, seconds| delivered.judge(Kind::Ready, &answer(200, ""), at(seconds));
        assert!(ready(&delivered, 0).is_some());
        delivered.issue(at(0), 200);
        assert_eq!((ready(&delivered, 0), ready(&delivered, 113)), (None, None));
        // 86 seconds are left: more than the tolerance less than a grant needs.
        assert!(ready(&delivered, 114).is_some() && ready(&delivered, 500).is_some());
        // The server may already have received these.
        delivered.issue(at(114), 200);
        assert_eq!(ready(&delivered, 114), None);
    }

    #[test]
    fn unavailability_states_when_to_retry() {
        let delivered = Delivered::default();
        let unavailable = |retry_after: Option<&str>| {
            let retry_after = retry_after.map(str::to_owned);
            Ok(Answer { status: 503, body: String::new(), retry_after, time: Duration::ZERO })
        };
        for kind in [Kind::Valid, Kind::UnknownKey] {
            assert_eq!(delivered.judge(kind, &unavailable(Some("5")), at(0)), None);
            for wrong in [None, Some("0"), Some("soon")] {
                assert!(delivered.judge(kind, &unavailable(wrong), at(0)).is_some(), "{kind:?} {wrong:?}");
            }
        }
        // A load balancer asks at its own interval.
        assert_eq!(delivered.judge(Kind::Ready, &unavailable(None), at(0)), None);
    }
}
