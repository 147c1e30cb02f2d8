//! The call that begins an upload.

use std::sync::Arc;

use serde_json::Value;

use crate::api::ApiCall;
use crate::api::wire::GrantAnswer;
use crate::checksum::ChecksumAlgorithm;
use crate::client::UploadClient;
use crate::error::UploadError;
use crate::events::Emitter;
use crate::request::UploadRequest;
use crate::source::{Source, hash_range};

impl UploadClient {
    /// Asks the API for an upload. Returns its answer and the algorithm of the checksum in the request.
    pub(super) async fn grant(
        &self,
        source: &Arc<dyn Source>,
        request: &UploadRequest,
        events: &Emitter,
    ) -> Result<(GrantAnswer, ChecksumAlgorithm), UploadError> {
        let size = source.size();
        let call = |body: Value| async move { self.api.call(ApiCall::Begin, &body, events).await };
        let error = match call(request.body(size, None)).await {
            Ok(answer) => return Ok((answer, ChecksumAlgorithm::Crc64Nvme)),
            Err(error) => error,
        };
        match size {
            None if error.problem().is_some_and(|problem| problem.status == 400) => {
                Err(UploadError::UnknownSize { name: source.name().to_owned(), source: error })
            }
            // The route signs the checksum of the whole object, so the request must contain it. Each algorithm is tried, because
            // the answer names those of the route only in its text.
            Some(size) if error.has_code("checksum-required") && !source.is_sequential() => {
                let hashers = ChecksumAlgorithm::ALL.map(ChecksumAlgorithm::hasher);
                for checksum in hash_range(&**source, 0, size, hashers).await? {
                    match call(request.body(Some(size), Some(&checksum))).await {
                        Ok(answer) => return Ok((answer, checksum.algorithm())),
                        Err(error)
                            if ["checksum-required", "checksum-not-allowed"].contains(&error.code()) => {}
                        Err(error) => return Err(error.into()),
                    }
                }
                Err(error.into())
            }
            _ => Err(error.into()),
        }
    }
}
