//! Tokens that another caller sends, for another route or bucket, after their expiry, and with any change.

use std::error::Error;

use upsign::session::{
    InvalidUploadToken, ResumeWindow, SessionMethod, TokenKeys, TokenRejection, UploadSession, UploadToken,
};
use upsign::types::{AccessPoint, Addressing, Identity, Target, Timestamp};

use super::{SECRET, alice, at, keys, session, target, target_of, token, upload};

const ALPHABET: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

fn verify(token: &str) -> Result<UploadSession, InvalidUploadToken> {
    keys().verify(token, &alice(), at(), target_of)
}

#[track_caller]
fn reason_of(outcome: Result<UploadSession, InvalidUploadToken>) -> TokenRejection {
    outcome.unwrap_err().reason()
}

#[test]
fn token_of_another_caller_is_rejected() {
    let of = |issuer, subject| {
        let caller = Identity::from_verified(issuer, subject).unwrap();
        keys().verify(token().expose(), &caller, at(), target_of)
    };
    assert_eq!(of("https://issuer.example", "alice"), Ok(session()));
    assert_eq!(reason_of(of("https://issuer.example", "bob")), TokenRejection::Caller);
    assert_eq!(reason_of(of("https://issuer.example", "Alice")), TokenRejection::Caller);
    // Another issuer can give the same subject to another person.
    assert_eq!(reason_of(of("https://other.example", "alice")), TokenRejection::Caller);
    assert_eq!(reason_of(of("alice", "https://issuer.example")), TokenRejection::Caller);
    // Groups, scopes and claims may change while an upload lasts.
    let promoted = alice().with_groups(["editors"]).with_scopes(["write"]).with_claim("a", "b");
    assert!(keys().verify(token().expose(), &promoted, at(), target_of).is_ok());
}

#[test]
fn token_of_another_route_or_bucket_is_rejected() {
    let verify = |token: &UploadToken, target_of: fn(Option<&_>) -> Option<_>| {
        keys().verify(token.expose(), &alice(), at(), target_of)
    };
    let verify_at = |target: Target| keys().verify(token().expose(), &alice(), at(), |_| Some(target));
    let region = || "ap-southeast-1".parse().unwrap();
    assert_eq!(verify_at(target()), Ok(session()));
    assert_eq!(reason_of(verify(&token(), |_| None)), TokenRejection::Route);
    let bucket = Target::aws("another-bucket".parse().unwrap(), region());
    assert_eq!(reason_of(verify_at(bucket)), TokenRejection::Bucket);
    // Another store can have a bucket of the same name.
    let name = || "article-images-bucket".parse::<upsign::types::Bucket>().unwrap();
    let store = "http://127.0.0.1:9000".parse().unwrap();
    let elsewhere = Target::at(&store, Addressing::Path, name(), region()).unwrap();
    assert_eq!(reason_of(verify_at(elsewhere)), TokenRejection::Bucket);
    let other_region = Target::aws(name(), "us-east-1".parse().unwrap());
    assert_eq!(reason_of(verify_at(other_region)), TokenRejection::Bucket);
    // An access point of the same bucket is another resource.
    let point = "arn:aws:s3:us-west-2:123456789012:accesspoint/article-images-bucket";
    let point: AccessPoint = point.parse().unwrap();
    let through_point = Target::builder(point, "us-west-2".parse().unwrap()).build().unwrap();
    assert_eq!(reason_of(verify_at(through_point)), TokenRejection::Bucket);

    let mut unnamed = upload();
    unnamed.route = None;
    let unnamed = UploadSession::begin(unnamed, &alice(), at(), ResumeWindow::MAX);
    let unnamed = keys().sign(&unnamed).unwrap();
    assert_eq!(reason_of(verify(&unnamed, target_of)), TokenRejection::Route);
    assert!(verify(&unnamed, |route| route.is_none().then(target)).is_ok());
}

#[test]
fn token_expires_at_the_fixed_time() {
    let verify = |at: Timestamp| keys().verify(token().expose(), &alice(), at, target_of);
    let expires_at = at().saturating_add(86_400);
    assert_eq!(session().expires_at(), expires_at);
    for accepted in [Timestamp::UNIX_EPOCH, at(), expires_at.saturating_sub(1)] {
        assert_eq!(verify(accepted), Ok(session()), "{accepted}");
    }
    for late in [expires_at, expires_at.saturating_add(1), Timestamp::MAX] {
        assert_eq!(reason_of(verify(late)), TokenRejection::Expired(expires_at), "{late}");
    }
    // The last instant that can be expressed.
    let last = UploadSession::begin(upload(), &alice(), Timestamp::MAX, ResumeWindow::MAX);
    let last = keys().sign(&last).unwrap();
    assert!(keys().verify(last.expose(), &alice(), Timestamp::MAX.saturating_sub(1), target_of).is_ok());
    assert!(keys().verify(last.expose(), &alice(), Timestamp::MAX, target_of).is_err());
}

#[test]
fn token_with_any_flipped_bit_is_rejected() {
    let token = token();
    let text = token.expose().as_bytes();
    // A character stands for six bits, so replacing each by every other one covers every bit and every combination in six.
    for position in 0..text.len() {
        let mut changed = text.to_vec();
        for character in ALPHABET.iter().filter(|character| **character != text[position]) {
            changed[position] = *character;
            assert!(verify(str::from_utf8(&changed).unwrap()).is_err(), "{position} {character}");
        }
    }
}

#[test]
fn token_with_any_two_characters_swapped_is_rejected() {
    let token = token();
    let text = token.expose().as_bytes();
    for position in 1..text.len() {
        let mut changed = text.to_vec();
        changed.swap(position - 1, position);
        if changed != text {
            assert!(verify(str::from_utf8(&changed).unwrap()).is_err(), "{position}");
        }
    }
}

#[test]
fn truncated_or_extended_token_is_rejected() {
    let token = token();
    let text = token.expose();
    for len in 0..text.len() {
        assert!(verify(text.get(..len).unwrap()).is_err(), "the first {len}");
        assert!(verify(text.get(text.len() - len..).unwrap()).is_err(), "the last {len}");
    }
    for addition in ["A", "AA", "AAA", "AAAA", "=", "==", " ", "\n", "\0", ".", text] {
        assert!(verify(&format!("{text}{addition}")).is_err(), "{addition:?} at the end");
        assert!(verify(&format!("{addition}{text}")).is_err(), "{addition:?} at the start");
    }
}

#[test]
fn huge_token_is_rejected_before_it_is_decoded() {
    let max = UploadToken::MAX_LEN;
    // Not base64, which decoding would notice first.
    let len = 64 << 20;
    assert_eq!(reason_of(verify(&"!".repeat(len))), TokenRejection::TooLong { len, max });
    assert_eq!(reason_of(verify(&"A".repeat(max + 1))), TokenRejection::TooLong { len: max + 1, max });
    assert_ne!(reason_of(verify(&"A".repeat(max))), TokenRejection::TooLong { len: max, max });
}

#[test]
fn token_of_another_deployment_is_rejected() {
    let staging = TokenKeys::new("staging", [SECRET]).unwrap();
    let foreign = staging.sign(&session()).unwrap();
    assert!(staging.verify(foreign.expose(), &alice(), at(), target_of).is_ok());
    assert_eq!(reason_of(verify(foreign.expose())), TokenRejection::UnknownKey);
}

#[test]
fn every_rejection_has_the_same_message_without_a_cause() {
    let another = Identity::from_verified("https://issuer.example", "bob").unwrap();
    let rejections = [
        verify(""),
        verify("!"),
        verify(&"A".repeat(1 << 20)),
        verify(&"A".repeat(100)),
        verify(TokenKeys::new("staging", [SECRET]).unwrap().sign(&session()).unwrap().expose()),
        keys().verify(token().expose(), &another, at(), target_of),
        keys().verify(token().expose(), &alice(), Timestamp::MAX, target_of),
        keys().verify(token().expose(), &alice(), at(), |_| None),
        keys().verify(token().expose(), &alice(), at(), |_| {
            Some(Target::aws("another-bucket".parse().unwrap(), "ap-southeast-1".parse().unwrap()))
        }),
    ];
    let mut reasons = Vec::new();
    for rejection in rejections {
        let error = rejection.unwrap_err();
        assert_eq!(error.to_string(), "the upload token is not valid for this request");
        assert!(error.source().is_none());
        assert!(!reasons.contains(&error.reason()), "{:?}", error.reason());
        reasons.push(error.reason());
    }
}

#[test]
fn debug_shows_no_token() {
    assert_eq!(format!("{:?}", token()), "UploadToken([redacted])");
}

#[test]
fn longest_session_fits_and_a_longer_upload_id_is_refused() {
    let longest = |upload_id_len: usize| {
        let caller = Identity::from_verified(&"i".repeat(2_048), &"s".repeat(2_048)).unwrap();
        let mut upload = upload();
        upload.route = Some(format!("r{}", "-".repeat(63)).parse().unwrap());
        let host = ["h".repeat(60).as_str(); 4].join(".");
        let endpoint = format!("https://{host}.example:65535").parse().unwrap();
        let region = "ap-southeast-1".parse().unwrap();
        let target =
            Target::at(&endpoint, Addressing::Path, "b".repeat(63).parse().unwrap(), region).unwrap();
        upload.bucket = target.resource();
        upload.endpoint = target.endpoint_url().into();
        upload.key = "k".repeat(1_024).parse().unwrap();
        upload.content_type = format!("a/{}", "b".repeat(127)).parse().unwrap();
        upload.gate = upsign::session::SessionGate::Pending("f".repeat(1_024).parse().unwrap());
        upload.account = Some(upsign::quota::QuotaAccount::from_bytes([255; 16]));
        upload.method = SessionMethod::Multipart("u".repeat(upload_id_len).parse().unwrap());
        let token = keys().sign(&UploadSession::begin(upload, &caller, at(), ResumeWindow::MAX))?;
        assert!(token.expose().len() <= UploadToken::MAX_LEN);
        let session = keys().verify(token.expose(), &caller, at(), |_| Some(target)).unwrap();
        assert_eq!(session.upload().upload_id().unwrap().as_str().len(), upload_id_len);
        Ok::<usize, upsign::session::UploadTokenTooLong>(token.expose().len())
    };
    assert!(longest(2_400).is_ok());
    assert!(longest(1 << 16).is_err());
    let error = longest(3_000).unwrap_err();
    assert_eq!(
        error.to_string(),
        "the upload token would be too long: the upload id of the store has 3000 bytes"
    );
}
