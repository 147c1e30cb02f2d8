//! One attempt to deliver a message.

use upsign::Timestamp;
use upsign_webhooks::{DeliveryError, WebhookHeaders, WebhookSender, WebhookSigner, WebhookVerifier};

use crate::messages::message;
use crate::receiver::Receiver;

const SECRET: &str = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";

pub(crate) fn sender(address: &str) -> WebhookSender {
    let signer = WebhookSigner::new([SECRET.parse().unwrap()]).unwrap();
    WebhookSender::new(&format!("http://{address}/hooks/secret-path"), signer).unwrap()
}

fn now() -> Timestamp {
    "2026-01-31T12:00:05Z".parse().unwrap()
}

#[tokio::test]
async fn a_message_is_delivered_with_a_valid_signature() {
    let receiver = Receiver::start(&[("204 No Content", "")]).await;
    sender(&receiver.address).deliver(&message(), now()).await.unwrap();
    let request = receiver.requests().remove(0);
    assert_eq!(request.line, "POST /hooks/secret-path HTTP/1.1");
    assert_eq!(request.header("content-type"), "application/json");
    assert_eq!(request.body, message().body());
    let headers = WebhookHeaders {
        id: request.header("webhook-id"),
        timestamp: request.header("webhook-timestamp"),
        signature: request.header("webhook-signature"),
    };
    let verifier = WebhookVerifier::new([SECRET.parse().unwrap()]).unwrap();
    assert_eq!(verifier.verify(headers, request.body.as_bytes(), now()), Ok(()));
}

#[tokio::test]
async fn other_answers_are_failures_and_redirects_are_not_followed() {
    let answers = [
        ("302 Found\r\nlocation: http://127.0.0.1:9/", ""),
        ("503 Service Unavailable\r\nretry-after: 120", ""),
        ("410 Gone", ""),
    ];
    let receiver = Receiver::start(&answers).await;
    let sender = sender(&receiver.address);
    let mut errors = Vec::new();
    for _ in answers {
        errors.push(sender.deliver(&message(), now()).await.unwrap_err());
    }
    assert!(matches!(errors[0], DeliveryError::Status { status: 302, retry_after: None }), "{errors:?}");
    assert!(matches!(errors[1], DeliveryError::Status { status: 503, retry_after: Some(120) }), "{errors:?}");
    assert!(matches!(errors[2], DeliveryError::Gone), "{errors:?}");
    assert_eq!(errors.iter().map(DeliveryError::is_permanent).collect::<Vec<_>>(), [false, false, true]);
    assert_eq!(receiver.requests().len(), 3);
}

#[tokio::test]
async fn a_receiver_that_is_down_is_reported_without_the_path_of_its_url() {
    let error = sender("127.0.0.1:1").deliver(&message(), now()).await.unwrap_err();
    assert!(matches!(error, DeliveryError::NoAnswer(_)), "{error:?}");
    assert!(!format!("{error:?}").contains("secret-path"), "{error:?}");
    assert!(!format!("{:?}", sender("127.0.0.1:1")).contains("secret-path"));
}

#[tokio::test]
async fn a_text_of_a_queue_is_delivered_if_it_is_a_message() {
    let receiver = Receiver::start(&[("200 OK", "")]).await;
    let sender = sender(&receiver.address);
    sender.deliver_text(&message().to_text().unwrap(), now()).await.unwrap();
    assert_eq!(receiver.requests()[0].body, message().body());
    let error = sender.deliver_text("{}", now()).await.unwrap_err();
    assert!(matches!(error, DeliveryError::Message(_)) && error.is_permanent(), "{error:?}");
    assert_eq!(receiver.requests().len(), 1);
}

#[test]
fn only_encrypted_and_local_urls_are_accepted() {
    let signer = WebhookSigner::new([SECRET.parse().unwrap()]).unwrap();
    let accepts = |url: &str| WebhookSender::new(url, signer.clone()).is_ok();
    for url in [
        "https://app.example.org/hooks?a=b",
        "http://127.0.0.1:8080/",
        "http://[::1]:80/",
        "http://localhost/",
    ] {
        assert!(accepts(url), "{url}");
    }
    for url in [
        "",
        "http://app.example.org/",
        "http://127.0.0.1.example.org/",
        "https://user:password@app.example.org/",
        "https://app.example.org/#a",
        "ftp://127.0.0.1/",
        "file:///etc/passwd",
    ] {
        assert!(!accepts(url), "{url}");
    }
}
