//! Two tabs of one caller with the same upload token, at the same time.

use std::collections::BTreeMap;

use tokio::join;
use upsign::policy::{ChecksumAlgorithm, MultipartMode};
use upsign::session::{CompletedObject, SessionError};

use crate::lifecycle::bytes;
use crate::store::{Store, StoreName, now};
use crate::uploader::Service;

/// How often each race is run.
const ROUNDS: u64 = 50;

fn service(store: &Store) -> Service {
    Service::new(store, MultipartMode::Always, false)
}

/// Counts outcomes for the report.
#[derive(Default)]
struct Outcomes(BTreeMap<String, u32>);

impl Outcomes {
    fn add(&mut self, outcome: &str) {
        *self.0.entry(outcome.to_owned()).or_default() += 1;
    }

    fn report(self) -> String {
        let lines: Vec<_> =
            self.0.into_iter().map(|(outcome, count)| format!("{count} × {outcome}")).collect();
        lines.join(", ")
    }
}

fn code<T>(result: &Result<T, SessionError>) -> &'static str {
    result.as_ref().map_or_else(SessionError::code, |_| "done")
}

/// Both complete. Each receives the object, or an error after which it tries again, and the object has the bytes of the file.
pub(crate) async fn two_completions(store: &Store) -> String {
    let service = service(store);
    let mut outcomes = Outcomes::default();
    for round in 0..ROUNDS {
        let file = bytes(round, 1_000);
        let upload = service.begin(Some(file.len()), None).await;
        let parts = upload.put_all(&file).await;
        let (one, other) = join!(upload.complete(&parts, None), upload.complete(&parts, None));
        outcomes.add(&format!("{} and {}", code(&one), code(&other)));
        for result in [one, other] {
            if let Err(error) = result {
                let is_known = match store.name {
                    // It removes the parts before the object can be seen.
                    StoreName::SeaweedFs => matches!(error.code(), "parts-missing" | "completion-uncertain"),
                    StoreName::Embedded | StoreName::Ministack => error.code() == "completion-uncertain",
                };
                assert!(is_known, "{}: {error:?}", store.name);
            }
        }
        // Whatever the two have received, repeating resolves it.
        let object = upload.complete(&parts, None).await.unwrap();
        assert_eq!(service.bytes(&object.key).await.unwrap(), file);
    }
    outcomes.report()
}

/// Both send the part with other bytes, and complete with their own entity tag. At most one of them succeeds, and the object has
/// the bytes of its file.
pub(crate) async fn two_versions_of_a_part(store: &Store, algorithm: Option<ChecksumAlgorithm>) -> String {
    let service = Service::new(store, MultipartMode::Always, algorithm.is_some());
    let mut outcomes = Outcomes::default();
    for round in 0..ROUNDS {
        let (one, other) = (bytes(2 * round, 1_000), bytes(2 * round + 1, 1_000));
        let upload = service.begin(Some(1_000), algorithm).await;
        let finish = async |file: &[u8]| {
            let part = upload.put(1, file).await.map_err(|_| "not sent")?;
            upload.complete(&[part], Some(file)).await.map_err(|error| error.code())
        };
        let results = join!(finish(&one), finish(&other));
        let object = service.bytes(&upload.grant.key).await;
        let outcome = |result: &Result<CompletedObject, &'static str>| match result {
            Ok(object) if object.was_complete => "was done",
            Ok(_) => "done",
            Err(code) => code,
        };
        outcomes.add(&format!("{} and {}", outcome(&results.0), outcome(&results.1)));
        let done: Vec<_> = [(&one, &results.0), (&other, &results.1)]
            .into_iter()
            .filter(|(_, result)| result.is_ok())
            .collect();
        assert!(done.len() <= 1, "{}: both files are stored under one key: {results:?}", store.name);
        for (file, _) in done {
            assert_eq!(
                object.as_ref(),
                Some(file),
                "{}: the object has other bytes than the file of the client that received it",
                store.name
            );
        }
    }
    outcomes.report()
}

/// One aborts while the other completes. A client whose upload is complete finds its object.
pub(crate) async fn abort_and_complete(store: &Store) -> String {
    let service = service(store);
    let mut outcomes = Outcomes::default();
    for round in 0..ROUNDS {
        let file = bytes(round, 1_000);
        let upload = service.begin(Some(file.len()), None).await;
        let parts = upload.put_all(&file).await;
        let abort = service.service.abort_upload(&service.caller, &upload.token, now());
        let (completed, aborted) = join!(upload.complete(&parts, None), abort);
        outcomes.add(&format!("completion {}, abort {}", code(&completed), code(&aborted)));
        let object = service.bytes(&upload.grant.key).await;
        if completed.is_ok() {
            assert_eq!(object.as_ref(), Some(&file), "{}: the object is gone", store.name);
        }
        if aborted.is_ok() && object.is_none() {
            let error = upload.complete(&parts, None).await.unwrap_err();
            assert_eq!(error.code(), "upload-gone", "{}", store.name);
        }
    }
    outcomes.report()
}
