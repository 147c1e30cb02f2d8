//! The bodies of messages.

use upsign::Identity;
use upsign::confirm::{ConfirmReason, ConfirmState, Confirmation};
use upsign::{Announcement, AnnouncementKind};
use upsign_webhooks::Message;

pub(crate) fn message() -> Message {
    let (key, at) = ("articles/7/a.jpg".parse().unwrap(), "2026-01-31T12:00:00Z".parse().unwrap());
    Message::of(&Announcement::new(AnnouncementKind::Expired, "images", &key, "v1", at)).unwrap()
}

#[test]
fn a_confirmed_upload_is_described_by_all_that_is_known() {
    let (key, at) = ("articles/7/a.jpg".parse().unwrap(), "2026-01-31T12:00:00Z".parse().unwrap());
    let caller = Identity::from_verified("https://issuer.example", "user-1").unwrap();
    let mut confirmation = Confirmation::new(ConfirmState::Confirmed, "articles/7/a.jpg".parse().unwrap());
    confirmation.size = Some(48_213);
    confirmation.etag = Some("\"9b2c\"".parse().unwrap());
    confirmation.version_id = Some("v1".parse().unwrap());
    confirmation.content_type = Some("image/jpeg".parse().unwrap());
    let checksum = upsign::Checksum::parse(upsign::ChecksumAlgorithm::Crc32, "AAAAAA==").unwrap();
    confirmation.checksum = Some(checksum);
    let announcement = Announcement::new(AnnouncementKind::Confirmed, "images", &key, "v1", at)
        .with_route(Some("article"))
        .with_caller(Some(&caller))
        .with_confirmation(Some(&confirmation));
    let message = Message::of(&announcement).unwrap();
    assert_eq!(
        message.body(),
        r#"{"type":"upload.confirmed","timestamp":"2026-01-31T12:00:00Z","data":{"key":"articles/7/a.jpg","route":"article","bucket":"images","size":48213,"contentType":"image/jpeg","versionId":"v1","etag":"9b2c","checksum":{"crc32":"AAAAAA=="},"issuer":"https://issuer.example","subject":"user-1"}}"#
    );
    assert_eq!(message.id(), format!("msg_{}", announcement.id));
    assert_eq!(Message::of(&announcement).unwrap(), message);
}

#[test]
fn a_rejected_and_an_expired_upload_are_described() {
    let (key, at) = ("a.jpg".parse().unwrap(), "2026-01-31T12:00:00Z".parse().unwrap());
    let rejected = Confirmation::because(ConfirmReason::Polyglot, "a.jpg".parse().unwrap());
    let announcement = Announcement::new(AnnouncementKind::Rejected, "images", &key, "v1", at);
    let message = Message::of(&announcement.with_confirmation(Some(&rejected))).unwrap();
    let expected = r#"{"type":"upload.rejected","timestamp":"2026-01-31T12:00:00Z","data":{"key":"a.jpg","bucket":"images","reason":"polyglot"}}"#;
    assert_eq!(message.body(), expected);
    let announcement = Announcement::new(AnnouncementKind::Expired, "images", &key, "v1", at);
    let expected = r#"{"type":"upload.expired","timestamp":"2026-01-31T12:00:00Z","data":{"key":"a.jpg","bucket":"images"}}"#;
    assert_eq!(Message::of(&announcement).unwrap().body(), expected);
}

#[test]
fn a_message_passes_through_a_queue_as_text() {
    let text = message().to_text().unwrap();
    assert_eq!(Message::from_text(&text).unwrap(), message());
    let long = format!(r#"{{"id":"msg_{}","body":"{}"}}"#, "0".repeat(32), "x".repeat(70_000));
    for text in ["", "{}", r#"{"id":"msg_1","body":"{}"}"#, r#"{"id":"msg_0","body":"{}","url":"x"}"#, &long]
    {
        assert!(Message::from_text(text).is_err(), "{text:.60}");
    }
    assert!(!format!("{:?}", message()).contains("articles"));
}
