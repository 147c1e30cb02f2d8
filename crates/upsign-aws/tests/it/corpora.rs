//! What AWS's own crates make of the requests that other SDKs signed.

use hmac::{Hmac, KeyInit, Mac};
use p256::ecdsa::signature::Verifier;
use p256::ecdsa::{DerSignature, SigningKey, VerifyingKey};
use sha2::Sha256;
use upsign_aws::{AwsSigV4, AwsSigV4a, SdkPresigner};
use upsign_core::{Credentials, Expiry, PresignError, PresignRequest, Presigner, Sign, Target};
use upsign_sigv4::SigV4;
use upsign_testing::corpora::{self, Answer, UrlRow};

/// Judges what a backend makes of each row that it does not call unsupported; returns how many those were.
fn judge(
    rows: &[UrlRow],
    presign: impl Fn(&UrlRow, &PresignRequest) -> Result<Answer, PresignError>,
) -> usize {
    let mut verdicts = Vec::new();
    for row in rows {
        let answer = match row.request() {
            Err(why) => Answer::Refused(why),
            Ok(request) => match presign(row, &request) {
                Err(PresignError::Unsupported(_)) => continue,
                answer => answer.unwrap(),
            },
        };
        verdicts.push((row.id.as_str(), row.judge(&answer, verify)));
    }
    let judged = verdicts.len();
    let (identical, equivalent, refused) = corpora::tally(verdicts);
    assert_eq!(identical + equivalent + refused, judged);
    rows.len() - judged
}

fn rows() -> Vec<UrlRow> {
    corpora::boto3_urls().into_iter().chain(corpora::js_urls()).collect()
}

/// It signs all but one header, which three rows have, and what takes SigV4a.
#[test]
fn aws_sigv4() {
    let unsupported = judge(&rows(), |row, request| {
        let presigned = AwsSigV4::new().sign(request, &row.credentials(), row.at());
        presigned.map(|presigned| Answer::of::<String>(Ok(presigned)))
    });
    assert_eq!(unsupported, 3);
    let unsupported = judge(&corpora::boto3_v4a_urls(), |row, request| {
        let presigned = AwsSigV4::new().sign(request, &row.credentials(), row.at());
        presigned.map(|presigned| Answer::of::<String>(Ok(presigned)))
    });
    assert_eq!(unsupported, 10);
}

/// It presigns six operations, and no Outposts.
#[test]
fn the_sdk() {
    let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
    let unsupported = judge(&rows(), |row, request| {
        let presigned = runtime.block_on(SdkPresigner::new(row.credentials()).presign(request, row.at()));
        presigned.map(|presigned| Answer::of::<String>(Ok(presigned)))
    });
    assert!(unsupported < 20, "{unsupported}");
}

#[test]
fn aws_sigv4a() {
    let rows = corpora::boto3_v4a_urls();
    let unsupported = judge(&rows, |row, request| {
        let presigned = AwsSigV4a::new().sign(request, &row.credentials(), row.at());
        presigned.map(|presigned| Answer::of::<String>(Ok(presigned)))
    });
    assert_eq!(unsupported, 0);
}

/// SigV4a for many regions, plain SigV4 for one: neither signs for the other.
#[test]
fn each_to_its_own() {
    let credentials = Credentials::temporary("ASIAEXAMPLE", "secret", "token", Expiry::Unknown).unwrap();
    let (arn, at) = ("arn:aws:s3::123456789012:accesspoint/mfzwi23gnjvgw.mrap", "2026-01-01T00:00:00Z");
    let point: upsign_core::AccessPoint = arn.parse().unwrap();
    let many = Target::builder(point, "us-west-2".parse().unwrap()).build().unwrap();
    let one = Target::aws("abc".parse().unwrap(), "us-west-2".parse().unwrap());
    let at = at.parse().unwrap();
    let signers: [(&dyn Sign, &Target, &Target); 3] =
        [(&SigV4::new(), &one, &many), (&AwsSigV4::new(), &one, &many), (&AwsSigV4a::new(), &many, &one)];
    for (signer, signs, refuses) in signers {
        assert!(signer.sign(&super::put(signs), &credentials, at).is_ok(), "{signer:?}");
        signer.check(&super::put(refuses)).unwrap_err();
        let refused = signer.sign(&super::put(refuses), &credentials, at);
        assert!(matches!(refused, Err(PresignError::Unsupported(_))), "{signer:?}");
    }
    let twice = AwsSigV4a::new().sign(&super::put(&many), &credentials, at).unwrap();
    assert_eq!(twice, AwsSigV4a::new().sign(&super::put(&many), &credentials, at).unwrap());
}

/// Whether a SigV4a signature is that of the key which belongs to the credentials.
fn verify(credentials: &Credentials, message: &str, signature: &str) -> bool {
    let pair = |pair: &[u8]| u8::from_str_radix(str::from_utf8(pair).unwrap(), 16).unwrap();
    let signature: Vec<u8> = signature.as_bytes().chunks(2).map(pair).collect();
    let signature = DerSignature::try_from(signature.as_slice()).unwrap();
    VerifyingKey::from(&key(credentials)).verify(message.as_bytes(), &signature).is_ok()
}

/// The first counter whose output is at most the order less two; NIST SP 800-108 in counter mode, FIPS 186-5 section
/// A.2.2.
fn key(credentials: &Credentials) -> SigningKey {
    const ORDER_LESS_2: [u8; 32] = [
        0xff, 0xff, 0xff, 0xff, 0x00, 0x00, 0x00, 0x00, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xbc,
        0xe6, 0xfa, 0xad, 0xa7, 0x17, 0x9e, 0x84, 0xf3, 0xb9, 0xca, 0xc2, 0xfc, 0x63, 0x25, 0x4f,
    ];
    let found = (1..=254_u8).find_map(|counter| {
        let secret = format!("AWS4A{}", credentials.secret_access_key());
        let mut mac = Hmac::<Sha256>::new_from_slice(secret.as_bytes()).unwrap();
        mac.update(&[0, 0, 0, 1]);
        mac.update(b"AWS4-ECDSA-P256-SHA256\0");
        mac.update(credentials.access_key_id().as_bytes());
        mac.update(&[counter]);
        mac.update(&[0, 0, 1, 0]);
        let mut scalar: [u8; 32] = mac.finalize().into_bytes().into();
        (scalar <= ORDER_LESS_2).then(|| {
            for byte in scalar.iter_mut().rev() {
                *byte = byte.wrapping_add(1);
                if *byte != 0 {
                    break;
                }
            }
            scalar
        })
    });
    SigningKey::from_slice(&found.unwrap()).unwrap()
}
