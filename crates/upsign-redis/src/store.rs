//! The store.

use std::fmt;
use std::time::Duration;

use async_trait::async_trait;
use redis::Script;
use upsign::quota::{
    Amount, AtExpiry, MAX_AMOUNT, ObjectMark, QuotaAccount, QuotaCounter, QuotaDenied, QuotaStore,
    QuotaStoreError, Reservation, ReservationId, Reserved, Settled,
};
use upsign::{Rate, Timestamp, TooManyRequests};

use crate::connection::{Connections, Server};
use crate::error::{InvalidRedisUrl, StepError};
use crate::scripts::Scripts;

/// Half a second: an upload waits for the answer.
const LIMIT: Duration = Duration::from_millis(500);

/// A [`QuotaStore`] in Redis 6.2 or later, or in Valkey.
///
/// The first step connects. A lost connection is opened again by the next step, which is tried twice. [`check`](Self::check)
/// connects earlier.
pub struct RedisQuota {
    connections: Connections,
    scripts: Scripts,
    prefix: Box<str>,
}

impl RedisQuota {
    /// Creates a store on the server of a URL: `redis://[[USER]:PASSWORD@]HOST[:PORT][/DATABASE]`. The scheme `rediss` is TLS,
    /// and `redis-cluster` and `rediss-cluster` are a cluster that has this node.
    ///
    /// # Errors
    /// Returns [`InvalidRedisUrl`] if it is not such a URL, or if it needs the feature `tls`.
    pub fn open(url: &str) -> Result<Self, InvalidRedisUrl> {
        let server = Server::parse(url, LIMIT)?;
        Ok(Self {
            connections: Connections::new(server, LIMIT),
            scripts: Scripts::new(),
            prefix: "upsign".into(),
        })
    }

    /// Sets the text with which every key begins. Default: `upsign`. It must not contain braces.
    #[must_use]
    pub fn with_key_prefix(self, prefix: impl Into<Box<str>>) -> Self {
        Self { prefix: prefix.into(), ..self }
    }

    /// Connects and runs a script that changes nothing, so that a program fails when it starts.
    ///
    /// # Errors
    /// Returns [`QuotaStoreError`] if the server did not answer.
    pub async fn check(&self) -> Result<(), QuotaStoreError> {
        let nobody = QuotaAccount::from_bytes([0; 16]);
        self.release(nobody, ReservationId::from_bytes([0; 16]), Timestamp::UNIX_EPOCH).await
    }

    /// Returns a key of an account. The braces are the hash tag of a cluster.
    fn key(&self, account: QuotaAccount, suffix: char) -> String {
        format!("{}:{{{account}}}:{suffix}", self.prefix)
    }

    async fn count(
        &self,
        reservation: &Reservation,
        mode: Mode,
        at: Timestamp,
    ) -> Result<Result<Outcome, QuotaDenied>, QuotaStoreError> {
        let keys = ['c', 'r', 'o'].map(|suffix| self.key(reservation.account, suffix));
        let arguments = arguments(reservation, mode, at);
        let answer: Vec<String> = self.run(&self.scripts.reserve, &keys, &arguments).await?;
        let unexpected = || QuotaStoreError::new(StepError::Answer(answer.clone()));
        match answer.split_first() {
            Some((word, [])) if word == "new" => Ok(Ok(Outcome::New)),
            Some((word, [])) if word == "known" => Ok(Ok(Outcome::Known)),
            Some((word, [])) if word == "other" => Ok(Ok(Outcome::Other)),
            Some((word, used)) if word == "denied" => {
                Ok(Err(denied(reservation, used, at).ok_or_else(unexpected)?))
            }
            _ => Err(unexpected()),
        }
    }

    async fn run<T: redis::FromRedisValue>(
        &self,
        script: &Script,
        keys: &[String],
        arguments: &[String],
    ) -> Result<T, QuotaStoreError> {
        let mut invocation = script.prepare_invoke();
        invocation.key(keys).arg(arguments);
        self.connections.run(&invocation).await.map_err(QuotaStoreError::new)
    }
}

/// What `reserve.lua` does.
#[derive(Clone, Copy)]
enum Mode {
    Reserve,
    Settle(ObjectMark),
}

/// What `reserve.lua` has done.
enum Outcome {
    New,
    Known,
    /// It is settled with another object.
    Other,
}

/// Returns the arguments of `reserve.lua`.
fn arguments(reservation: &Reservation, mode: Mode, at: Timestamp) -> Vec<String> {
    let mode = match (mode, reservation.at_expiry) {
        (Mode::Settle(object), _) => object.to_string(),
        (Mode::Reserve, AtExpiry::Keep) => "K".to_owned(),
        (Mode::Reserve, _) => "R".to_owned(),
    };
    let keep = reservation.keep_until().seconds_since(at).max(1);
    let mut arguments = vec![
        at.as_unix().to_string(),
        reservation.id.to_string(),
        reservation.bytes.min(MAX_AMOUNT).to_string(),
        reservation.expires_at.as_unix().to_string(),
        mode,
        keep.to_string(),
    ];
    for counter in &reservation.counters {
        let most = |max: Option<u64>| max.map_or_else(|| "-".to_owned(), |max| max.to_string());
        arguments.extend([counter.name(), counter.number.to_string()]);
        arguments.extend([most(counter.max.objects), most(counter.max.bytes)]);
    }
    arguments
}

/// Returns the limit that is exceeded, from what the counters have used.
fn denied(reservation: &Reservation, used: &[String], at: Timestamp) -> Option<QuotaDenied> {
    let used: Vec<u64> = used.iter().map(|text| text.parse().ok()).collect::<Option<_>>()?;
    let amounts: Vec<_> = used
        .chunks_exact(2)
        .filter_map(|pair| Some(Amount { objects: *pair.first()?, bytes: *pair.last()? }))
        .collect();
    let of = |counter: &QuotaCounter| {
        let position = reservation.counters.iter().position(|known| std::ptr::eq(known, counter));
        position.and_then(|position| amounts.get(position)).copied().unwrap_or_default()
    };
    reservation.check(at, of).err()
}

#[async_trait]
impl QuotaStore for RedisQuota {
    async fn reserve(
        &self,
        reservation: &Reservation,
        at: Timestamp,
    ) -> Result<Result<Reserved, QuotaDenied>, QuotaStoreError> {
        let outcome = self.count(reservation, Mode::Reserve, at).await?;
        Ok(outcome
            .map(|outcome| if matches!(outcome, Outcome::New) { Reserved::New } else { Reserved::Already }))
    }

    async fn settle(
        &self,
        upload: &Reservation,
        object: ObjectMark,
        at: Timestamp,
    ) -> Result<Result<Settled, QuotaDenied>, QuotaStoreError> {
        let outcome = self.count(upload, Mode::Settle(object), at).await?;
        Ok(outcome.map(|outcome| match outcome {
            Outcome::New | Outcome::Known => Settled::ThisObject,
            Outcome::Other => Settled::OtherObject,
        }))
    }

    async fn release(
        &self,
        account: QuotaAccount,
        id: ReservationId,
        _at: Timestamp,
    ) -> Result<(), QuotaStoreError> {
        let keys = ['c', 'r', 'o'].map(|suffix| self.key(account, suffix));
        let _: i64 = self.run(&self.scripts.release, &keys, &[id.to_string()]).await?;
        Ok(())
    }

    /// A request whose answer was lost may count twice.
    async fn count_request(
        &self,
        account: QuotaAccount,
        kind: &'static str,
        rate: Rate,
        at: Timestamp,
    ) -> Result<Result<(), TooManyRequests>, QuotaStoreError> {
        let arguments = [
            at.as_unix().to_string(),
            kind.to_owned(),
            rate.per_minute().to_string(),
            rate.burst().to_string(),
        ];
        let wait: u32 = self.run(&self.scripts.rate, &[self.key(account, 't')], &arguments).await?;
        Ok(if wait == 0 { Ok(()) } else { Err(TooManyRequests::new(wait)) })
    }
}

/// Shows no URL: it may have a password.
impl fmt::Debug for RedisQuota {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("RedisQuota").field("prefix", &self.prefix).finish_non_exhaustive()
    }
}
