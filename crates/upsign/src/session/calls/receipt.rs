//! What the calls with a receipt have in common.

use upsign_core::{Identity, MultipartPlan, Presigner, Timestamp};
use upsign_policy::{ChecksumKind, MultipartChecksum, PlannedSize};

use crate::confirm::{Receipt, ReceiptRejection};
use crate::observe::{SessionEvent, SessionOutcome};
use crate::route::{Route, RouteName};
use crate::service::UploadService;
use crate::session::error::SessionError;
use crate::session::keys::TokenKeys;
use crate::session::upload::{SessionGate, SessionMethod, SessionUpload, UploadSession};
use crate::store::Store;
use crate::world::Stopwatch;

/// The object of a verified receipt, with the route that stores it.
pub(super) struct OpenedReceipt<'a, P> {
    pub(super) caller: &'a Identity,
    pub(super) route: &'a Route<P>,
    pub(super) receipt: Receipt,
    /// Whether `caller` uploaded the object.
    pub(super) is_uploader: bool,
    pub(super) store: Store<'a>,
    pub(super) at: Timestamp,
    watch: Stopwatch,
}

impl<P: Presigner> UploadService<P> {
    /// Verifies a receipt. Whether the caller may use it is decided by the call.
    pub(super) fn open_receipt<'a>(
        &'a self,
        caller: &'a Identity,
        text: &str,
        at: Timestamp,
    ) -> Result<OpenedReceipt<'a, P>, SessionError> {
        let watch = Stopwatch::start();
        for keys in self.token_keys() {
            let receipt = match keys.verify_receipt(text, |name| self.target_of(name, keys)) {
                Ok(receipt) => receipt,
                Err(error) if error.reason() == ReceiptRejection::UnknownKey => continue,
                Err(error) => return Err(error.into()),
            };
            let route = self.route_of_receipt(&receipt).ok_or_else(|| refused(ReceiptRejection::Route))?;
            let access = route.issuer().store().ok_or_else(|| refused(ReceiptRejection::Route))?;
            let store = Store::new(access.calls(), self.observers(), at);
            let is_uploader = keys.is_owner(caller, receipt.owner());
            return Ok(OpenedReceipt { caller, route, receipt, is_uploader, store, at, watch });
        }
        Err(refused(ReceiptRejection::UnknownKey))
    }

    /// Returns the route of the receipt, if it still confirms uploads.
    fn route_of_receipt(&self, receipt: &Receipt) -> Option<&Route<P>> {
        let route = self.route(receipt.route().map(RouteName::as_str))?;
        Some(route).filter(|route| route.issuer().policy().confirmation().confirm())
    }

    /// Reports a refusal of a call with a receipt to the observers.
    pub(super) fn report_receipt(&self, error: &SessionError, caller: &Identity, text: &str, at: Timestamp) {
        self.report(&self.receipt_refusal(error, caller, text, at));
    }

    /// Converts an error of a call with a receipt into the refusal to report. The route is that of the receipt if its signature is
    /// valid, so the refusal contains no text that the client chose.
    #[must_use]
    pub fn receipt_refusal(
        &self,
        error: &SessionError,
        caller: &Identity,
        receipt: &str,
        at: Timestamp,
    ) -> crate::Refusal {
        let opened: Option<Receipt> =
            self.token_keys().iter().find_map(|keys: &TokenKeys| keys.open_receipt(receipt).ok());
        let route = opened.as_ref().and_then(|receipt| self.route(receipt.route().map(RouteName::as_str)));
        self.session_refusal(error, caller, None, at).with_route(route.and_then(Route::name))
    }
}

impl<P: Presigner> OpenedReceipt<'_, P> {
    /// Returns the upload as the receipt states it. The service keeps nothing of an upload, so the session is the caller's own.
    pub(super) fn session(&self) -> Option<UploadSession> {
        let receipt = &self.receipt;
        let checksum = receipt.checksum().map(|checksum| MultipartChecksum {
            algorithm: checksum.algorithm(),
            kind: ChecksumKind::FullObject,
        });
        let upload = SessionUpload {
            route: receipt.route().cloned(),
            bucket: receipt.bucket().clone(),
            endpoint: receipt.endpoint().into(),
            key: receipt.key().clone(),
            method: SessionMethod::Put,
            content_type: receipt.content_type().clone(),
            size: PlannedSize::Exact(MultipartPlan::restore(receipt.size(), receipt.size().max(1))?),
            min_size: 0,
            checksum,
            checksum_value: receipt.checksum().cloned(),
            gate: SessionGate::None,
            account: None,
        };
        Some(UploadSession {
            upload,
            issuer: self.caller.issuer().clone(),
            subject: self.caller.subject().clone(),
            issued_at: receipt.confirmed_at(),
            expires_at: receipt.confirmed_at(),
        })
    }

    /// Reports an answer to the observers.
    pub(super) fn report(&self, service: &UploadService<P>, outcome: SessionOutcome<'_>) {
        let Some(session) = self.session() else { return };
        let event = SessionEvent::new(self.caller, &session, outcome, self.at);
        let event = event.with_duration(self.watch.elapsed());
        service.observers().iter().for_each(|observer| observer.session(&event));
    }
}

pub(super) fn refused(reason: ReceiptRejection) -> SessionError {
    SessionError::Receipt(reason.into())
}
