//! What stays the same all day.

use std::fmt;
use std::sync::{Arc, PoisonError, RwLock};

use upsign_core::{Credentials, Region, Timestamp};

use crate::date::AmzDate;
use crate::encode::encode_query;
use crate::stages::SigningKey;

const SECONDS_PER_DAY: u64 = 86_400;

/// Everything that depends on the credentials, the region and the date alone.
pub(crate) struct Day {
    credentials: Credentials,
    region: Region,
    number: u64,
    pub(crate) key: SigningKey,
    /// `20130524/us-east-1/s3/aws4_request`.
    pub(crate) scope: String,
    /// The value of `X-Amz-Credential`, encoded.
    pub(crate) credential: String,
    /// The value of `X-Amz-Security-Token`, encoded once: it can be longer than all the rest.
    pub(crate) token: Option<zeroize::Zeroizing<String>>,
}

impl Day {
    fn new(credentials: &Credentials, region: &Region, at: Timestamp) -> Self {
        let date = AmzDate::new(at);
        let scope = format!("{}/{region}/s3/aws4_request", date.date());
        let mut credential = String::new();
        encode_query(&mut credential, credentials.access_key_id());
        credential.push_str("%2F");
        encode_query(&mut credential, &scope);
        let token = credentials.session_token().map(|token| {
            let mut encoded = zeroize::Zeroizing::new(String::with_capacity(token.len() + token.len() / 8));
            encode_query(&mut encoded, token);
            encoded
        });
        Self {
            key: SigningKey::derive(credentials.secret_access_key(), at, region.as_str(), "s3"),
            credentials: credentials.clone(),
            region: region.clone(),
            number: at.as_unix() / SECONDS_PER_DAY,
            scope,
            credential,
            token,
        }
    }

    /// The credentials themselves are compared, secret and token included: after a rotation that keeps the access key
    /// id, nothing of the old secret is used again.
    fn serves(&self, credentials: &Credentials, region: &Region, number: u64) -> bool {
        self.number == number && self.region == *region && self.credentials == *credentials
    }
}

/// The days in use: a few, for callers that sign for several accounts or regions at once.
#[derive(Default)]
pub(crate) struct Days(RwLock<Vec<Arc<Day>>>);

impl Days {
    const KEPT: usize = 8;

    pub(crate) fn get(&self, credentials: &Credentials, region: &Region, at: Timestamp) -> Arc<Day> {
        let number = at.as_unix() / SECONDS_PER_DAY;
        let days = self.0.read().unwrap_or_else(PoisonError::into_inner);
        if let Some(day) = days.iter().find(|day| day.serves(credentials, region, number)) {
            return Arc::clone(day);
        }
        drop(days);
        let day = Arc::new(Day::new(credentials, region, at));
        let mut days = self.0.write().unwrap_or_else(PoisonError::into_inner);
        days.truncate(Self::KEPT - 1);
        days.insert(0, Arc::clone(&day));
        day
    }
}

impl fmt::Debug for Days {
    /// Shows nothing: a signing key signs as well as the secret it comes from.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("[redacted]")
    }
}
