//! The presigners on AWS's crates, compared with the URLs that boto3 and the JavaScript SDK signed.

use hmac::{Hmac, KeyInit, Mac};
use p256::ecdsa::signature::Verifier;
use p256::ecdsa::{DerSignature, SigningKey, VerifyingKey};
use sha2::Sha256;
use upsign_aws::{AwsSigV4, AwsSigV4a, SdkPresigner};
use upsign_core::{Credentials, Expiry, PresignError, PresignRequest, Presigner, Sign, Target};
use upsign_sigv4::SigV4;
use upsign_testing::corpora::{self, Answer, UrlRow};

/// Checks the URL of a presigner for each row. Returns the number of rows that the presigner does not support.
fn count_unsupported(
    rows: &[UrlRow],
    presign: impl Fn(&UrlRow, &PresignRequest) -> Result<Answer, PresignError>,
) -> usize {
    let mut comparisons = Vec::new();
    for row in rows {
        let answer = match row.request() {
            Err(reason) => Answer::Refused(reason),
            Ok(request) => match presign(row, &request) {
                Err(PresignError::Unsupported(_)) => continue,
                answer => answer.unwrap(),
            },
        };
        comparisons.push((row.id.as_str(), row.compare(&answer, verify)));
    }
    let checked = comparisons.len();
    let (identical, equivalent, refused) = corpora::tally(comparisons);
    assert_eq!(identical + equivalent + refused, checked);
    rows.len() - checked
}

fn rows() -> Vec<UrlRow> {
    corpora::boto3_urls().into_iter().chain(corpora::js_urls()).collect()
}

/// Unsupported are one header, which occurs in three rows, and the rows that require SigV4a.
#[test]
fn aws_sigv4_equals_other_sdks() {
    let unsupported = count_unsupported(&rows(), |row, request| {
        let presigned = AwsSigV4::new().sign(request, &row.credentials(), row.at());
        presigned.map(|presigned| Answer::of::<String>(Ok(presigned)))
    });
    assert_eq!(unsupported, 3);
    let unsupported = count_unsupported(&corpora::boto3_v4a_urls(), |row, request| {
        let presigned = AwsSigV4::new().sign(request, &row.credentials(), row.at());
        presigned.map(|presigned| Answer::of::<String>(Ok(presigned)))
    });
    assert_eq!(unsupported, 10);
}

/// Unsupported are the operations that the SDK does not presign, and Outposts.
#[test]
fn sdk_presigner_equals_other_sdks() {
    let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
    let unsupported = count_unsupported(&rows(), |row, request| {
        let presigned = runtime.block_on(SdkPresigner::new(row.credentials()).presign(request, row.at()));
        presigned.map(|presigned| Answer::of::<String>(Ok(presigned)))
    });
    assert!(unsupported < 20, "{unsupported}");
}

#[test]
fn aws_sigv4a_signatures_verify() {
    let rows = corpora::boto3_v4a_urls();
    let unsupported = count_unsupported(&rows, |row, request| {
        let presigned = AwsSigV4a::new().sign(request, &row.credentials(), row.at());
        presigned.map(|presigned| Answer::of::<String>(Ok(presigned)))
    });
    assert_eq!(unsupported, 0);
}

/// SigV4a is for multi-region access points only, SigV4 for all other targets.
#[test]
fn sigv4_and_sigv4a_refuse_each_others_targets() {
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

/// Verifies a SigV4a signature with the public key that belongs to the credentials.
fn verify(credentials: &Credentials, message: &str, signature: &str) -> bool {
    let pair = |pair: &[u8]| u8::from_str_radix(str::from_utf8(pair).unwrap(), 16).unwrap();
    let signature: Vec<u8> = signature.as_bytes().chunks(2).map(pair).collect();
    let signature = DerSignature::try_from(signature.as_slice()).unwrap();
    VerifyingKey::from(&derive_key(credentials)).verify(message.as_bytes(), &signature).is_ok()
}

/// Derives the SigV4a key of an access key: NIST SP 800-108 in counter mode, with the first counter whose output is at most
/// the order of the curve less two (FIPS 186-5 section A.2.2), plus one.
fn derive_key(credentials: &Credentials) -> SigningKey {
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
