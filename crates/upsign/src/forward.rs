//! Implementations of the extension points for pointers to their implementations.

use std::sync::Arc;

use async_trait::async_trait;
use upsign_core::{ExpiresIn, Identity, PresignError, PresignedUrl, Timestamp};
use uuid::Uuid;

use crate::announce::{Announce, AnnounceError, Announcement};
use crate::authorize::{Authorize, AuthorizeError, AuthorizeRequest, Decision, LaterRequest};
use crate::confirm::{Inspect, InspectError, InspectRequest, InspectVerdict};
use crate::ids::{IdSource, NoEntropy};
use crate::observe::{
    AnnouncementEvent, GrantEvent, InspectionEvent, LimitSkipped, QuotaEvent, Refusal, SessionEvent,
    StoreCallEvent, UploadObserver,
};
use crate::quota::{
    ObjectMark, QuotaAccount, QuotaDenied, QuotaStore, QuotaStoreError, Reservation, ReservationId, Reserved,
    Settled,
};
use crate::rate::{Rate, RateLimit, RateLimitError, TooManyRequests};
use crate::read::{AuthorizeRead, ReadAuthorization, ReadTarget, SignRead};
use crate::world::Clock;

/// Implements every trait for pointer types by forwarding to the value behind the pointer.
///
/// Provided methods are forwarded too: an implementation that overrides one must behave the same behind a pointer.
macro_rules! forward_through {
    ($($pointer:ty),*) => {$(
        #[async_trait]
        impl<T: Authorize + ?Sized> Authorize for $pointer {
            async fn authorize(&self, request: &AuthorizeRequest<'_>) -> Result<Decision, AuthorizeError> {
                (**self).authorize(request).await
            }

            async fn authorize_later(&self, request: &LaterRequest<'_>) -> Result<Decision, AuthorizeError> {
                (**self).authorize_later(request).await
            }
        }

        #[async_trait]
        impl<T: Inspect + ?Sized> Inspect for $pointer {
            async fn inspect(&self, object: &InspectRequest<'_>) -> Result<InspectVerdict, InspectError> {
                (**self).inspect(object).await
            }
        }

        #[async_trait]
        impl<T: Announce + ?Sized> Announce for $pointer {
            async fn announce(&self, announcement: &Announcement<'_>) -> Result<(), AnnounceError> {
                (**self).announce(announcement).await
            }
        }

        #[async_trait]
        impl<T: AuthorizeRead + ?Sized> AuthorizeRead for $pointer {
            async fn authorize_read(&self, read: &ReadAuthorization<'_>) -> Result<Decision, AuthorizeError> {
                (**self).authorize_read(read).await
            }
        }

        impl<T: SignRead + ?Sized> SignRead for $pointer {
            fn sign_read(
                &self,
                target: &ReadTarget<'_>,
                expires_in: ExpiresIn,
                at: Timestamp,
            ) -> Result<PresignedUrl, PresignError> {
                (**self).sign_read(target, expires_in, at)
            }
        }

        #[async_trait]
        impl<T: RateLimit + ?Sized> RateLimit for $pointer {
            async fn count(&self, caller: &Identity, at: Timestamp) -> Result<(), RateLimitError> {
                (**self).count(caller, at).await
            }
        }

        #[async_trait]
        impl<T: QuotaStore + ?Sized> QuotaStore for $pointer {
            async fn reserve(
                &self,
                reservation: &Reservation,
                at: Timestamp,
            ) -> Result<Result<Reserved, QuotaDenied>, QuotaStoreError> {
                (**self).reserve(reservation, at).await
            }

            async fn settle(
                &self,
                upload: &Reservation,
                object: ObjectMark,
                at: Timestamp,
            ) -> Result<Result<Settled, QuotaDenied>, QuotaStoreError> {
                (**self).settle(upload, object, at).await
            }

            async fn release(
                &self,
                account: QuotaAccount,
                id: ReservationId,
                at: Timestamp,
            ) -> Result<(), QuotaStoreError> {
                (**self).release(account, id, at).await
            }

            async fn count_request(
                &self,
                account: QuotaAccount,
                kind: &'static str,
                rate: Rate,
                at: Timestamp,
            ) -> Result<Result<(), TooManyRequests>, QuotaStoreError> {
                (**self).count_request(account, kind, rate, at).await
            }
        }

        impl<T: UploadObserver + ?Sized> UploadObserver for $pointer {
            fn granted(&self, event: &GrantEvent<'_>) {
                (**self).granted(event);
            }

            fn refused(&self, refusal: &Refusal) {
                (**self).refused(refusal);
            }

            fn session(&self, event: &SessionEvent<'_>) {
                (**self).session(event);
            }

            fn store_called(&self, event: &StoreCallEvent<'_>) {
                (**self).store_called(event);
            }

            fn limit_skipped(&self, event: &LimitSkipped<'_>) {
                (**self).limit_skipped(event);
            }

            fn quota_decided(&self, event: &QuotaEvent<'_>) {
                (**self).quota_decided(event);
            }

            fn inspected(&self, event: &InspectionEvent<'_>) {
                (**self).inspected(event);
            }

            fn announced(&self, event: &AnnouncementEvent<'_>) {
                (**self).announced(event);
            }
        }

        impl<T: Clock + ?Sized> Clock for $pointer {
            fn now(&self) -> Timestamp {
                (**self).now()
            }
        }

        impl<T: IdSource + ?Sized> IdSource for $pointer {
            fn next(&self, at: Timestamp) -> Result<Uuid, NoEntropy> {
                (**self).next(at)
            }
        }
    )*};
}

forward_through!(Arc<T>, Box<T>, &T);
