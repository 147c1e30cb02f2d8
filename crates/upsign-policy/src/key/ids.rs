//! The generated ids and the time of one upload.

use upsign_core::Timestamp;
use uuid::{Builder, Uuid};

use crate::key::id_name::IdName;

/// The time of a request and the generated ids of its upload.
///
/// This crate reads no clock and generates no random numbers. The caller of [`authorize`](crate::UploadPolicy::authorize)
/// passes both.
///
/// ```
/// use upsign_core::Timestamp;
/// use upsign_policy::{IdName, Ids, uuid_v4};
/// let names: Vec<IdName> = vec!["article_id".parse()?];
/// let mut byte = 0;
/// let ids = Ids::generate(Timestamp::UNIX_EPOCH, &names, || { byte += 1; uuid_v4([byte; 16]) });
/// assert_eq!(ids.id().to_string(), "01010101-0101-4101-8101-010101010101");
/// assert_eq!(ids.named(&names[0]).unwrap().to_string(), "02020202-0202-4202-8202-020202020202");
/// # Ok::<(), upsign_policy::InvalidIdName>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Ids {
    at: Timestamp,
    id: Uuid,
    named: Vec<(IdName, Uuid)>,
}

impl Ids {
    /// Creates the ids of a policy without declared ids: the time of the request and the value of `{id}`.
    #[must_use]
    pub const fn new(at: Timestamp, id: Uuid) -> Self {
        Self { at, id, named: Vec::new() }
    }

    /// Calls `next` once for `{id}` and then once for each of `names`, which are the
    /// [`id_names`](crate::UploadPolicy::id_names) of the policy. `next` must return a random UUID.
    pub fn generate<'a>(
        at: Timestamp,
        names: impl IntoIterator<Item = &'a IdName>,
        mut next: impl FnMut() -> Uuid,
    ) -> Self {
        let id = next();
        let named = names.into_iter().map(|name| (name.clone(), next())).collect();
        Self { at, id, named }
    }

    /// Calls `next` like [`generate`](Self::generate), for sources of random numbers that can fail.
    ///
    /// ```
    /// # use upsign_core::Timestamp;
    /// # use upsign_policy::{IdName, Ids, Uuid, uuid_v4};
    /// # fn random() -> Result<Uuid, std::io::Error> { Ok(uuid_v4([7; 16])) }
    /// # fn generate(names: &[IdName], at: Timestamp) -> Result<Ids, std::io::Error> {
    /// // `upsign::IdSource::next` of a source, or another function that returns a UUID.
    /// let ids = Ids::try_generate(at, names, random)?;
    /// # Ok(ids)
    /// # }
    /// # assert!(generate(&[], Timestamp::UNIX_EPOCH).is_ok());
    /// ```
    ///
    /// # Errors
    /// Returns the first error of `next`.
    pub fn try_generate<'a, E>(
        at: Timestamp,
        names: impl IntoIterator<Item = &'a IdName>,
        mut next: impl FnMut() -> Result<Uuid, E>,
    ) -> Result<Self, E> {
        let id = next()?;
        let named = names.into_iter().map(|name| Ok((name.clone(), next()?))).collect::<Result<_, E>>()?;
        Ok(Self { at, id, named })
    }

    /// Sets the value of a declared id. It replaces an earlier value.
    #[must_use]
    pub fn with(mut self, name: IdName, value: Uuid) -> Self {
        self.named.retain(|(known, _)| *known != name);
        self.named.push((name, value));
        self
    }

    /// Returns the time of the request.
    #[must_use]
    pub const fn at(&self) -> Timestamp {
        self.at
    }

    /// Returns the value of `{id}`.
    #[must_use]
    pub const fn id(&self) -> Uuid {
        self.id
    }

    /// Returns the value of a declared id, or `None` if it was not set.
    #[must_use]
    pub fn named(&self, name: &IdName) -> Option<Uuid> {
        self.named.iter().find(|(known, _)| known == name).map(|(_, value)| *value)
    }
}

/// Returns a version 4 UUID made of 16 random bytes, of which 122 bits are used (RFC 9562 section 5.4).
///
/// ```
/// use upsign_policy::uuid_v4;
/// // Fill the bytes with the random number generator of the program.
/// assert_eq!(uuid_v4([7; 16]).to_string(), "07070707-0707-4707-8707-070707070707");
/// ```
#[must_use]
pub const fn uuid_v4(random: [u8; 16]) -> Uuid {
    Builder::from_random_bytes(random).into_uuid()
}

/// Returns a version 7 UUID made of a time and 10 random bytes (RFC 9562 section 5.7).
///
/// Such UUIDs sort by time and reveal when they were created. Two of the same second differ in 74 random bits.
///
/// ```
/// use upsign_policy::uuid_v7;
/// let at = "2026-01-01T00:00:00Z".parse()?;
/// assert!(uuid_v7(at, [0; 10]).to_string().starts_with("019b7"));
/// # Ok::<(), upsign_policy::types::InvalidTimestamp>(())
/// ```
#[must_use]
pub const fn uuid_v7(at: Timestamp, random: [u8; 10]) -> Uuid {
    Builder::from_unix_timestamp_millis(at.as_unix().saturating_mul(1_000), &random).into_uuid()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn try_generate_returns_the_first_error_of_the_source() {
        let names: Vec<IdName> = vec!["article_id".parse().unwrap()];
        let at = Timestamp::UNIX_EPOCH;
        let source = |fails_after: u8| {
            let mut byte = 0;
            move || {
                byte += 1;
                if byte > fails_after { Err(byte) } else { Ok(uuid_v4([byte; 16])) }
            }
        };
        let mut next = source(2);
        let ids = Ids::generate(at, &names, || next().unwrap());
        assert_eq!(Ids::try_generate(at, &names, source(2)), Ok(ids));
        assert_eq!(Ids::try_generate(at, &names, source(1)), Err(2));
        assert_eq!(Ids::try_generate(at, &names, source(0)), Err(1));
    }

    #[test]
    fn uuid_versions_and_layout() {
        assert_eq!(uuid_v4([0; 16]).to_string(), "00000000-0000-4000-8000-000000000000");
        assert_eq!(uuid_v4([255; 16]).to_string(), "ffffffff-ffff-4fff-bfff-ffffffffffff");
        // The time of RFC 9562 appendix A.6: 0x017F22E279B0 milliseconds.
        let at = Timestamp::from_unix(1_645_557_742).unwrap();
        assert_eq!(uuid_v7(at, [0; 10]).to_string(), "017f22e2-79b0-7000-8000-000000000000");
        assert_eq!(uuid_v7(at, [255; 10]).to_string(), "017f22e2-79b0-7fff-bfff-ffffffffffff");
    }

    #[test]
    fn at_least_64_bits_of_a_version_7_uuid_are_random() {
        let at = Timestamp::from_unix(1_645_557_742).unwrap();
        let differing = uuid_v7(at, [0; 10]).as_u128() ^ uuid_v7(at, [255; 10]).as_u128();
        assert!(differing.count_ones() >= 64, "{}", differing.count_ones());
    }

    #[test]
    fn version_7_uuids_sort_by_time() {
        let early = uuid_v7(Timestamp::from_unix(1_000).unwrap(), [255; 10]);
        let late = uuid_v7(Timestamp::from_unix(1_001).unwrap(), [0; 10]);
        assert!(early < late);
        assert_eq!(uuid_v7(Timestamp::MAX, [0; 10]).get_version_num(), 7);
    }

    #[test]
    fn a_later_value_replaces_an_earlier_one() {
        let name: IdName = "article_id".parse().unwrap();
        let ids = Ids::new(Timestamp::UNIX_EPOCH, Uuid::nil())
            .with(name.clone(), Uuid::nil())
            .with(name.clone(), Uuid::max());
        assert_eq!(ids.named(&name), Some(Uuid::max()));
    }
}
