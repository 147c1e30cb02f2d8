//! Objects that an event names: confirmed by what they prove themselves.

use upsign_core::{ObjectKey, Presigner, Timestamp};
use upsign_objects::{HeadObject, ObjectHead, VersionId};
use upsign_policy::{ConfirmationOptions, ReadKey, UploadPolicy};

use crate::announce::{Announcement, AnnouncementKind};
use crate::confirm::conclude::Concluding;
use crate::confirm::flow::Confirming;
use crate::confirm::judge::Expected;
use crate::confirm::object::{ObjectOutcome, StoredObjectRef};
use crate::confirm::owner::Owner;
use crate::confirm::state::{ConfirmState, Confirmation};
use crate::proof::{ClaimedUpload, SealedUpload};
use crate::quota::{CountedUpload, ReservationId};
use crate::route::Route;
use crate::service::UploadService;
use crate::session::{SessionError, SessionGate, TokenKeys};
use crate::store::Store;

/// A route that stores under such a key in such a bucket.
struct Place<'a, P> {
    route: &'a Route<P>,
    keys: &'a TokenKeys,
    store: Store<'a>,
    key: ReadKey,
}

/// What an object proves by itself.
enum Proof {
    Claim(Box<ClaimedUpload>),
    Sealed(SealedUpload),
}

impl<P: Presigner> UploadService<P> {
    /// Confirms an object that a notification of the store names, without its client. Call it for each event that an object was
    /// created, in any order and as often as the events arrive.
    ///
    /// What the object must be follows from its claim (`claim = true`): the same size, type and checksum as its upload token states.
    /// A sealed key (`{id:sealed}`) proves that this service granted the upload and to which caller, and the object must keep the limits
    /// of its route. An object with neither is only observed.
    ///
    /// Notifications name the bucket. Routes whose target is an access point have another name, so their objects are
    /// [`Foreign`](ObjectOutcome::Foreign).
    ///
    /// # Errors
    /// Returns [`SessionError`] if the store, the inspection, the quota or the announcement fails, or if the object does not fit into
    /// the quota any more. Handle the event again later.
    pub async fn confirm_object(
        &self,
        object: &StoredObjectRef,
        at: Timestamp,
    ) -> Result<ObjectOutcome, SessionError> {
        let places = self.places(object, at);
        let Some(first) = places.first() else { return Ok(ObjectOutcome::Foreign) };
        let head = first.look(&object.key, object.version_id.as_ref()).await?;
        let head = match head {
            None if first.key.is_pending => first.look(&first.key.key, None).await?,
            head => head,
        };
        let Some(head) = head else {
            let missing = Confirmation::new(ConfirmState::Missing, first.key.key.clone());
            return Ok(ObjectOutcome::Confirmed(Box::new(missing)));
        };
        // The code covers the route, so at most one of several routes with such keys has granted the upload.
        for place in &places {
            if let Some(proof) = place.proof(&head) {
                let confirmation = self.confirm_proven(place, &proof, object, at).await?;
                return Ok(ObjectOutcome::Confirmed(Box::new(confirmation)));
            }
        }
        Ok(ObjectOutcome::Observed(Box::new(head)))
    }

    /// Announces that a pending object has expired: call it for each event that the lifecycle rule of a bucket has removed an
    /// object. Objects that were confirmed before, and objects of other kinds, are not announced.
    ///
    /// The event does not tell whether an upload was rejected before its object was removed, and this service stores nothing. So an
    /// expired upload has the same [`AnnouncementId`](crate::AnnouncementId) as a rejected one, and a receiver that ignores ids it has
    /// processed keeps `rejected`.
    ///
    /// The reservation of a quota needs no call: it expires by itself.
    ///
    /// # Errors
    /// Returns [`SessionError`] if the store or the announcement fails. Handle the event again later.
    pub async fn expire_object(&self, object: &StoredObjectRef, at: Timestamp) -> Result<(), SessionError> {
        if !self.extensions().announces() {
            return Ok(());
        }
        let places = self.places(object, at);
        let sealed = places.iter().find(|place| place.sealed().is_some());
        let Some(place) = sealed.or(places.first()).filter(|place| place.key.is_pending) else {
            return Ok(());
        };
        for key in [&place.key.key, &place.key.upload_key] {
            if place.look(key, None).await?.is_some() {
                return Ok(());
            }
        }
        let bucket = place.route.issuer().policy().target().resource();
        // A bucket with versions sends one event for the marker and one for the version. Both are one expiry, so the id of the
        // announcement does not depend on the version.
        let announcement =
            Announcement::new(AnnouncementKind::Expired, bucket.as_str(), &place.key.key, "", at)
                .with_route(place.route.name())
                .with_owner(place.sealed().map(|sealed| sealed.owner));
        self.pass_on(&announcement).await
    }

    async fn confirm_proven(
        &self,
        place: &Place<'_, P>,
        proof: &Proof,
        object: &StoredObjectRef,
        at: Timestamp,
    ) -> Result<Confirmation, SessionError> {
        let (issuer, policy) = (place.route.issuer(), place.route.issuer().policy());
        let expected = match proof {
            Proof::Claim(claimed) => Expected::of_session(&claimed.upload, policy),
            Proof::Sealed(_) => Expected::of_policy(policy),
        };
        let is_uploaded_key = object.key == place.key.upload_key;
        let (target, gate) = (policy.target(), SessionGate::of(policy, &place.key.key));
        let counted = CountedUpload {
            route: place.route.name(),
            id: ReservationId::of(target.resource().as_str(), &target.endpoint_url(), &place.key.upload_key),
            account: match proof {
                Proof::Claim(claimed) => claimed.upload.account,
                Proof::Sealed(_) => None,
            },
            token_ends_at: match proof {
                // As that of its token.
                Proof::Claim(claimed) => claimed.issued_at.saturating_add(confirmable_secs(policy)),
                Proof::Sealed(sealed) => sealed.issued_at.saturating_add(confirmable_secs(policy)),
            },
            has_gate: gate != SessionGate::None,
        };
        let counting = self.counting(counted, at);
        let confirming = Confirming {
            policy,
            inspect: issuer.inspector(),
            store: place.store,
            route: place.route.name(),
            session: None,
            upload_key: &place.key.upload_key,
            gate: &gate,
            expected,
            counting,
            version_id: object.version_id.as_ref().filter(|_| is_uploaded_key),
            at,
        };
        let found = confirming.run().await?;
        let concluding = Concluding {
            route: place.route,
            keys: place.keys,
            final_key: &place.key.key,
            caller: None,
            owner: proof.owner(),
            gate: &gate,
            counting,
            at,
        };
        self.conclude(&concluding, found).await
    }

    /// Returns the routes that confirm and have such keys in this bucket. Usually it is one, or none.
    fn places(&self, object: &StoredObjectRef, at: Timestamp) -> Vec<Place<'_, P>> {
        let place = |route: &'_ Route<P>| -> Option<ReadKey> {
            let policy = route.issuer().policy();
            let is_here =
                policy.confirmation().confirm() && policy.target().bucket().as_str() == &*object.bucket;
            is_here.then(|| policy.read_key(object.key.as_str()))?
        };
        let places = self.routes().iter().filter_map(|route| {
            let key = place(route)?;
            let access = route.issuer().store()?;
            let store = Store::new(access.calls(), self.observers(), at);
            Some(Place { route, keys: access.keys(), store, key })
        });
        places.collect()
    }
}

impl<P: Presigner> Place<'_, P> {
    async fn look(
        &self,
        key: &ObjectKey,
        version: Option<&VersionId>,
    ) -> Result<Option<ObjectHead>, SessionError> {
        let call = HeadObject::new(key.clone());
        let call = call.with_headers(self.route.issuer().policy().call_headers());
        let call = match version {
            Some(version) => call.with_version_id(version.clone()),
            None => call,
        };
        match self.store.head(call).await {
            Ok(head) => Ok(Some(head)),
            Err(error) if error.is_not_found() => Ok(None),
            Err(error) => Err(SessionError::Store(error)),
        }
    }

    fn proof(&self, head: &ObjectHead) -> Option<Proof> {
        let mut metadata = head.metadata.iter();
        let claim = metadata.find(|(name, _)| **name == *ConfirmationOptions::CLAIM_NAME);
        let policy = self.route.issuer().policy();
        let opened = claim
            .and_then(|(_, text)| self.keys.open_claim(text, self.route.route_name(), policy, &self.key));
        opened.map(|claimed| Proof::Claim(Box::new(claimed))).or_else(|| self.sealed().map(Proof::Sealed))
    }

    fn sealed(&self) -> Option<SealedUpload> {
        self.keys.open_sealed(self.route.name(), self.route.issuer().policy(), &self.key)
    }
}

/// Returns for how long the grant of an upload in one request can be confirmed.
fn confirmable_secs(policy: &UploadPolicy) -> u64 {
    u64::from(policy.expires_in().as_secs()).saturating_add(policy.confirmation().confirm_within().as_secs())
}

impl Proof {
    const fn owner(&self) -> Owner {
        match self {
            Self::Claim(claimed) => claimed.owner,
            Self::Sealed(sealed) => sealed.owner,
        }
    }
}
