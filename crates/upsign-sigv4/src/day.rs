//! What stays the same all day.

use upsign_core::{Credentials, Region, Target, Timestamp};
use zeroize::Zeroizing;

use crate::date::AmzDate;
use crate::encode::encode_query;
use crate::stages::SigningKey;

const SECONDS_PER_DAY: u64 = 86_400;

/// Everything that depends on the credentials, the region, the service and the date alone.
pub(crate) struct Day {
    pub(crate) credentials: Credentials,
    region: Region,
    /// `s3`, or `s3-outposts`.
    service: &'static str,
    number: u64,
    pub(crate) key: SigningKey,
    /// `20130524/us-east-1/s3/aws4_request`.
    pub(crate) scope: String,
    /// `X-Amz-Algorithm=…&X-Amz-Credential=…&X-Amz-Date=`.
    pub(crate) query: String,
    /// `&X-Amz-Security-Token=…`, encoded once: it can be longer than all the rest. Empty without a token.
    pub(crate) token: Zeroizing<String>,
}

impl Day {
    pub(crate) fn new(credentials: &Credentials, target: &Target, at: Timestamp) -> Self {
        let (region, service) = (target.region(), target.signing_service());
        let scope = format!("{}/{region}/{service}/aws4_request", AmzDate::new(at).date());
        let mut query = "X-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-Credential=".to_owned();
        encode_query(&mut query, credentials.access_key_id());
        query.push_str("%2F");
        encode_query(&mut query, &scope);
        query.push_str("&X-Amz-Date=");
        Self {
            key: SigningKey::derive(credentials.secret_access_key(), at, region.as_str(), service),
            credentials: credentials.clone(),
            region: region.clone(),
            service,
            number: at.as_unix() / SECONDS_PER_DAY,
            scope,
            query,
            token: token(credentials),
        }
    }

    /// The credentials themselves are compared, secret and token included: after a rotation that keeps the access key
    /// id, nothing of the old secret is used again.
    pub(crate) fn serves(&self, credentials: &Credentials, target: &Target, at: Timestamp) -> bool {
        let same_day = self.number == at.as_unix() / SECONDS_PER_DAY;
        same_day && self.credentials.same_keys(credentials) && self.is_for(target)
    }

    pub(crate) fn is_for(&self, target: &Target) -> bool {
        self.service == target.signing_service() && self.region == *target.region()
    }
}

fn token(credentials: &Credentials) -> Zeroizing<String> {
    let mut parameter = Zeroizing::new(String::new());
    if let Some(token) = credentials.session_token() {
        parameter.reserve_exact("&X-Amz-Security-Token=".len() + 3 * token.len());
        parameter.push_str("&X-Amz-Security-Token=");
        encode_query(&mut parameter, token);
    }
    parameter
}
