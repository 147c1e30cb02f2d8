//! Sealed ids: making and verifying the value of `{id:sealed}`.

use std::fmt;

use upsign_core::{Identity, Timestamp};
use upsign_policy::{ReadKey, SealKeys, SealNonce, SealedId, UploadPolicy};

use crate::confirm::Owner;
use crate::proof::push_text;
use crate::session::TokenKeys;
use crate::session::keys::TokenKey;

/// What a sealed key proves.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct SealedUpload {
    /// The time of the grant, in whole seconds.
    pub issued_at: Timestamp,
    /// The caller that the upload was granted to.
    pub owner: Owner,
}

impl TokenKeys {
    /// Returns what the sealed id of a key proves, or `None` if the key was not issued for this route and this policy's bucket
    /// with one of the secrets. `key` is the result of [`UploadPolicy::read_key`].
    ///
    /// ```
    /// use upsign::prelude::*;
    /// use upsign::session::TokenKeys;
    ///
    /// # fn check(policy: &UploadPolicy, keys: &TokenKeys, key_of_event: &str) {
    /// if let Some(key) = policy.read_key(key_of_event)
    ///     && let Some(sealed) = keys.open_sealed(Some("avatars"), policy, &key)
    /// {
    ///     println!("granted at {} to {}", sealed.issued_at, sealed.owner);
    /// }
    /// # }
    /// ```
    #[must_use]
    pub fn open_sealed(
        &self,
        route: Option<&str>,
        policy: &UploadPolicy,
        key: &ReadKey,
    ) -> Option<SealedUpload> {
        let sealed = key.parts.sealed?;
        // All keys are tried: an id has no room for the id of a key.
        let seal = self.sealed_id().all().map(|key| RouteSeal { keys: self, key, route });
        let seal = { seal }.find(|seal| key.is_sealed_by(policy, seal))?;
        let owner = Owner::new(seal.encrypted(sealed.owner, &sealed.nonce()));
        Some(SealedUpload { issued_at: sealed.issued_at, owner })
    }
}

/// Seals the keys of one route.
pub(crate) struct RouteSeal<'a> {
    keys: &'a TokenKeys,
    key: &'a TokenKey,
    route: Option<&'a str>,
}

impl<'a> RouteSeal<'a> {
    pub(crate) fn new(keys: &'a TokenKeys, route: Option<&'a str>) -> Self {
        Self { keys, key: &keys.sealed_id().signing, route }
    }

    /// Encrypts or decrypts an owner. The time and the random bytes occur once, so each mask is used once.
    fn encrypted(&self, owner: [u8; Owner::LEN], nonce: &SealNonce) -> [u8; Owner::LEN] {
        let mut message = Vec::with_capacity(1 + nonce.len());
        message.push(b'o');
        message.extend_from_slice(nonce);
        let mut bytes = owner;
        bytes.iter_mut().zip(self.key.tag(&message)).for_each(|(byte, mask)| *byte ^= mask);
        bytes
    }

    fn message(&self, bucket: &str, unsealed_key: &str) -> Vec<u8> {
        let mut message = Vec::with_capacity(256);
        message.push(b'm');
        // No route has an empty name, so the unnamed one is different from all others.
        for text in [self.route.unwrap_or_default(), bucket, unsealed_key] {
            push_text(&mut message, text);
        }
        message
    }
}

impl SealKeys for RouteSeal<'_> {
    fn owner(&self, nonce: &SealNonce, caller: &Identity) -> [u8; SealedId::OWNER_LEN] {
        self.encrypted(*self.keys.owner_of(caller).as_bytes(), nonce)
    }

    fn mac(&self, bucket: &str, unsealed_key: &str) -> [u8; SealedId::MAC_LEN] {
        let tag = self.key.tag(&self.message(bucket, unsealed_key));
        let mut mac = [0; SealedId::MAC_LEN];
        mac.iter_mut().zip(tag).for_each(|(byte, value)| *byte = value);
        mac
    }

    fn verifies(&self, bucket: &str, unsealed_key: &str, mac: &[u8; SealedId::MAC_LEN]) -> bool {
        self.key.verifies_start(&self.message(bucket, unsealed_key), mac)
    }
}

impl fmt::Debug for RouteSeal<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("RouteSeal").field("route", &self.route).finish_non_exhaustive()
    }
}
