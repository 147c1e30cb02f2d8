//! The forms of private keys.

use aws_lc_rs::encoding::{AsDer as _, Pkcs8V1Der};
use aws_lc_rs::rsa::KeySize;
use aws_lc_rs::signature::{ECDSA_P384_SHA384_ASN1_SIGNING, EcdsaKeyPair, RsaKeyPair};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use upsign_cloudfront::{CloudFrontKey, InvalidCloudFrontKey};

use crate::{EC_PEM, rsa_key, rsa_pem};

fn pem(label: &str, der: &[u8]) -> String {
    format!("-----BEGIN {label}-----\n{}\n-----END {label}-----\n", STANDARD.encode(der))
}

/// The content of the only block.
fn der(pem: &str) -> Vec<u8> {
    let lines: String = pem.lines().filter(|line| !line.starts_with("-----")).collect();
    STANDARD.decode(lines).unwrap()
}

#[test]
fn keys_of_all_forms_are_read() {
    let pkcs8 = der(&rsa_pem());
    // PKCS #8 puts a header of 26 bytes before the PKCS #1 key of 2048 bits.
    let pkcs1 = CloudFrontKey::from_pem(&pem("RSA PRIVATE KEY", &pkcs8[26..])).unwrap();
    assert_eq!((pkcs1.kind(), pkcs1.public_key()), ("rsa", rsa_key().public_key()));
    let key = CloudFrontKey::from_pem(EC_PEM).unwrap();
    assert_eq!(key.kind(), "ecdsa");
    let without_parameters = &EC_PEM[EC_PEM.find("-----BEGIN EC PRIVATE").unwrap()..];
    assert_eq!(CloudFrontKey::from_pem(without_parameters).unwrap().public_key(), key.public_key());
    let generated = EcdsaKeyPair::generate(&aws_lc_rs::signature::ECDSA_P256_SHA256_ASN1_SIGNING).unwrap();
    let der = generated.to_pkcs8v1().unwrap();
    assert_eq!(CloudFrontKey::from_pem(&pem("PRIVATE KEY", der.as_ref())).unwrap().kind(), "ecdsa");
}

#[test]
fn keys_that_cloudfront_refuses_are_refused() {
    let large = RsaKeyPair::generate(KeySize::Rsa3072).unwrap();
    let large: Pkcs8V1Der<'_> = large.as_der().unwrap();
    let curve = EcdsaKeyPair::generate(&ECDSA_P384_SHA384_ASN1_SIGNING).unwrap().to_pkcs8v1().unwrap();
    for (text, error) in [
        (String::new(), InvalidCloudFrontKey::Pem),
        ("secret".to_owned(), InvalidCloudFrontKey::Pem),
        (pem("ENCRYPTED PRIVATE KEY", b"abc"), InvalidCloudFrontKey::Pem),
        (pem("PUBLIC KEY", b"abc"), InvalidCloudFrontKey::Pem),
        (rsa_pem().repeat(2), InvalidCloudFrontKey::Pem),
        (pem("PRIVATE KEY", b"abc"), InvalidCloudFrontKey::Key),
        (pem("EC PRIVATE KEY", &der(&rsa_pem())), InvalidCloudFrontKey::Key),
        (pem("PRIVATE KEY", curve.as_ref()), InvalidCloudFrontKey::Key),
        (pem("PRIVATE KEY", large.as_ref()), InvalidCloudFrontKey::Bits(3072)),
    ] {
        assert_eq!(CloudFrontKey::from_pem(&text).map(drop), Err(error), "{text:.40}");
    }
    assert_eq!(format!("{:?}", rsa_key()), r#"CloudFrontKey { kind: "rsa", .. }"#);
}

/// The texts are what `openssl pkey -pubout` prints of the keys.
#[test]
fn public_keys_are_those_of_openssl() {
    assert_eq!(rsa_key().public_key_pem(), RSA_PUBLIC);
    assert_eq!(CloudFrontKey::from_pem(EC_PEM).unwrap().public_key_pem(), EC_PUBLIC);
}

const RSA_PUBLIC: &str = "-----BEGIN PUBLIC KEY-----
MIIBIjANBgkqhkiG9w0BAQEFAAOCAQ8AMIIBCgKCAQEAsVz239tOoW7gsMWyI/PK
0H8lgdlw5dEgi0bpCIOOdQRcvbz+Q79nkwrz9qU+aMMfuNSVVGRX6kmum53HcWpR
1EAZFFvDtvtMr59vY7HsNJX+5ixKg03aM1FY2+B6MTjS1e4WIz5FnaexGdi7qdpf
Xq6eHaRHr+/HQdk1XThWYvbqR/troFQPDpWjStT+6JPcCPLPMGWadZvEtBK3ZAMz
tfMIYy9qmcrnXRcudghfdRKAsKcjSfAakqKPYSQkbibS1FSaML9I5XACQfNnyHCZ
Qju7yR2HgGhnbDwfDDPvoqSghp0+y4Z2CUIqlyoybIyO9F0SAgyDXEKpG21jLOMe
DQIDAQAB
-----END PUBLIC KEY-----
";
const EC_PUBLIC: &str = "-----BEGIN PUBLIC KEY-----
MFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAEC+BSLU+xAZcdCgE+kgQiEFRGIlp8
yC07q9fVQOoPYNKB/Z48FG4LoHVaqXz9L3eyae+Mg4HtOzI2poW6ECbnBQ==
-----END PUBLIC KEY-----
";
