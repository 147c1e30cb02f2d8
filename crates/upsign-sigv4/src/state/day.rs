//! Signing state that is constant for one day.

use upsign_core::{Credentials, Region, Target, Timestamp};
use zeroize::Zeroizing;

use crate::stages::SigningKey;
use crate::text::date::AmzDate;
use crate::text::percent::encode_query;

const SECONDS_PER_DAY: u64 = 86_400;

/// Everything that depends only on the credentials, the region, the service and the date (UTC).
///
/// A signing key is valid for one date, so this is the longest time that a derived key can be kept. The derivation costs 18
/// compressions, and the encoded session token is the longest part of a URL. Both are computed once for each day and each set
/// of credentials.
pub(crate) struct DayState {
    pub(crate) credentials: Credentials,
    region: Region,
    /// `s3` or `s3-outposts`.
    service: &'static str,
    /// Days since the Unix epoch.
    day_number: u64,
    pub(crate) signing_key: SigningKey,
    /// The credential scope: `20130524/us-east-1/s3/aws4_request`.
    pub(crate) scope: String,
    /// `X-Amz-Algorithm=…&X-Amz-Credential=…&X-Amz-Date=`, ready for the date.
    pub(crate) query_prefix: String,
    /// `&X-Amz-Security-Token=…`, percent-encoded. Empty without a session token.
    pub(crate) token_parameter: Zeroizing<String>,
}

impl DayState {
    pub(crate) fn new(credentials: &Credentials, target: &Target, at: Timestamp) -> Self {
        let (region, service) = (target.region(), target.signing_service());
        let scope = format!("{}/{region}/{service}/aws4_request", AmzDate::new(at).date());
        let mut query_prefix = "X-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-Credential=".to_owned();
        encode_query(&mut query_prefix, credentials.access_key_id());
        query_prefix.push_str("%2F");
        encode_query(&mut query_prefix, &scope);
        query_prefix.push_str("&X-Amz-Date=");
        Self {
            signing_key: SigningKey::derive(credentials.secret_access_key(), at, region.as_str(), service),
            credentials: credentials.clone(),
            region: region.clone(),
            service,
            day_number: at.as_unix() / SECONDS_PER_DAY,
            scope,
            query_prefix,
            token_parameter: token_parameter(credentials),
        }
    }

    /// Returns `true` if this state signs for `credentials`, `target` and `at`.
    ///
    /// Compares the secret and the session token, not only the access key id: a rotation can keep the id, and nothing
    /// derived from the old secret may be used after it.
    pub(crate) fn matches(&self, credentials: &Credentials, target: &Target, at: Timestamp) -> bool {
        let same_day = self.day_number == at.as_unix() / SECONDS_PER_DAY;
        same_day && self.credentials.same_keys(credentials) && self.matches_target(target)
    }

    /// Returns `true` if this state signs for the region and the service of `target`.
    pub(crate) fn matches_target(&self, target: &Target) -> bool {
        self.service == target.signing_service() && self.region == *target.region()
    }
}

fn token_parameter(credentials: &Credentials) -> Zeroizing<String> {
    let mut parameter = Zeroizing::new(String::new());
    if let Some(token) = credentials.session_token() {
        // The capacity suffices even if every byte is encoded. A reallocation would leave an unwiped copy of the token in
        // memory.
        parameter.reserve_exact("&X-Amz-Security-Token=".len() + 3 * token.len());
        parameter.push_str("&X-Amz-Security-Token=");
        encode_query(&mut parameter, token);
    }
    parameter
}
