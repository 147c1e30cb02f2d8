//! Upload requests in the messages of a queue: the client's JSON, the verified caller and the time.

use http::{HeaderMap, Response};
use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;
use upsign::{Identity, Timestamp, UploadService};
use upsign_http::{GrantBody, Problem, UploadBody};
use upsign_policy::Bodyless;

use crate::fixture::{TOKEN, at, issuer, post, send};

#[derive(Serialize, Deserialize)]
struct Job {
    caller: Identity,
    at: Timestamp,
    upload: Box<RawValue>,
}

async fn answer(message: &str) -> Result<Response<String>, Problem> {
    let job: Job = serde_json::from_str(message).unwrap();
    let service = UploadService::from(issuer(Bodyless::Allow));
    let body = UploadBody::read(&HeaderMap::new(), job.upload.get().as_bytes(), &[])?;
    let grant = service.issue(&job.caller, body.route.as_deref(), &body.upload, job.at).await?;
    Ok(GrantBody::new(&grant).response())
}

#[tokio::test]
async fn queued_upload_is_answered_like_a_request() {
    for (upload, status) in [
        (r#"{"contentType": "image/jpeg", "contentLength": 48213}"#, 200),
        (r#"{"contentType": "image/jpeg", "contentLength": 48213, "size": 1}"#, 400),
        (r#"{"contentType": "image/jpeg", "contentType": "image/png"}"#, 400),
        (r#"{"contentType": "text/html", "contentLength": 48213}"#, 415),
        (r#"{"contentType": "image/jpeg", "contentLength": 48213, "route": "x"}"#, 400),
    ] {
        let caller = Identity::from_verified("https://issuer.example", "alice").unwrap();
        let job = Job { caller, at: at(), upload: RawValue::from_string(upload.to_owned()).unwrap() };
        let message = serde_json::to_string(&job).unwrap();
        let queued = answer(&message).await.unwrap_or_else(|problem| problem.response());
        let direct = send(post(&[("authorization", TOKEN)], upload)).await;
        assert_eq!((queued.status().as_u16(), queued.status()), (status, direct.status()), "{upload}");
        assert_eq!(queued.body(), direct.body(), "{upload}");
    }
}
