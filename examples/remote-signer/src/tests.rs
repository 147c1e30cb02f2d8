//! The presigner and the source of credentials pass the conformance suites, and an unreachable key is an error with its cause.

use std::sync::{Mutex, PoisonError};

use tempfile::TempDir;
use upsign_testing::conformance::{CredentialsFixture, check_credentials_source, check_presigner};
use upsign_testing::mocks::MockPresigner;

use super::*;

async fn remote(service: Router) -> RemotePresigner {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}/presign", listener.local_addr().unwrap());
    tokio::spawn(async move { axum::serve(listener, service).await });
    RemotePresigner { http: reqwest::Client::new(), url }
}

#[tokio::test]
async fn remote_presigner_conforms() {
    let current = Arc::new(Mutex::new(None::<Credentials>));
    let source = Arc::clone(&current);
    let source = credentials_fn(move |_| {
        let current = source.lock().unwrap_or_else(PoisonError::into_inner).clone();
        std::future::ready(current.ok_or(CredentialsError::Missing("none yet".into())))
    });
    let presigner = Arc::new(remote(signing_service(SigV4::new().with_credentials(source))).await);
    check_presigner(&|credentials| {
        *current.lock().unwrap() = Some(credentials);
        Box::new(Arc::clone(&presigner))
    })
    .await;
}

struct File(TempDir);

impl CredentialsFixture for File {
    fn source(&self) -> Box<dyn CredentialsSource> {
        Box::new(file_credentials(self.0.path().join("credentials.json")))
    }

    fn provide(&self, credentials: &Credentials) -> bool {
        let expiry = if let Expiry::At(end) = credentials.expiry() { Some(end) } else { None };
        let file = serde_json::json!({
            "accessKeyId": credentials.access_key_id(), "secretAccessKey": credentials.secret_access_key(),
            "sessionToken": credentials.session_token(), "expiresAt": expiry,
        });
        fs::write(self.0.path().join("credentials.json"), file.to_string()).is_ok()
    }

    fn fail(&self) {
        let _ = fs::remove_file(self.0.path().join("credentials.json"));
    }
}

#[tokio::test]
async fn file_credentials_conform() {
    check_credentials_source(&File(tempfile::tempdir().unwrap())).await;
}

#[tokio::test]
async fn failure_of_the_service_is_reported_with_its_cause() {
    let mut mock = MockPresigner::supporting_everything();
    mock.expect_presign().returning(|_, _| Err(PresignError::UnknownExpiry));
    let presigner = remote(signing_service(mock)).await;
    let target = Target::aws("article-images".parse().unwrap(), "eu-central-1".parse().unwrap());
    let key = "a.png".parse().unwrap();
    let request =
        PresignRequest::new(target, upsign::types::Operation::PutObject, key, upsign::types::ExpiresIn::MAX);
    let error = presigner.presign(&request, "2026-01-01T00:00:00Z".parse().unwrap()).await.unwrap_err();
    assert_eq!(
        error_chain(&error).to_string(),
        "signing service failed to presign: the credentials are temporary, but their source does not state when they expire"
    );
}
