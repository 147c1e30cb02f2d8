//! 100,000 signatures compared with the plain interfaces of `sha2` and `hmac`. The signer hashes by blocks and keeps
//! midstates; this test shows that it hashes the same messages.

use hmac::{Hmac, KeyInit, Mac};
use sha2::{Digest, Sha256};
use upsign_core::{
    Credentials, ExpiresIn, Expiry, Operation, PresignRequest, SignedHeaders, Target, Timestamp,
};
use upsign_sigv4::{SigV4, encode_key, stages};

const SIGNATURES: u64 = 100_000;

/// A linear congruential generator. It is good enough to vary lengths: every length of key, token and header occurs.
struct Random(u64);

impl Random {
    fn next(&mut self, below: u64) -> u64 {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) % below
    }

    fn text(&mut self, max: u64) -> String {
        let len = 1 + self.next(max);
        (0..len)
            .map(|_| char::from(b"abcdefghijklmnopqrstuvwxyz0123456789-_.~/+= "[self.next(44) as usize]))
            .collect()
    }
}

fn hmac(key: &[u8], message: &str) -> [u8; 32] {
    let mut mac = Hmac::<Sha256>::new_from_slice(key).unwrap();
    mac.update(message.as_bytes());
    mac.finalize().into_bytes().into()
}

/// Computes the signature of a URL from its text, with the plain interfaces.
fn reference_signature(url: &str, request: &PresignRequest, secret: &str, at: Timestamp) -> String {
    let (base, query) = url.split_once('?').unwrap();
    assert_eq!(base, request.target().object_url(request.key()));
    let query = query.split_once("&X-Amz-Signature=").unwrap().0;
    let host = request.target().host();
    let path = base.split_once(host).unwrap().1;
    let mut headers: Vec<(&str, &str)> = request.headers().iter().collect();
    headers.push(("host", host));
    headers.sort_unstable();
    let lines: String = headers.iter().map(|(name, value)| format!("{name}:{value}\n")).collect();
    let names = headers.iter().map(|(name, _)| *name).collect::<Vec<_>>().join(";");
    let method = request.operation().method();
    let canonical = format!("{method}\n{path}\n{query}\n{lines}\n{names}\nUNSIGNED-PAYLOAD");
    let scope = stages::scope(at, request.target().region().as_str(), "s3");
    let hash: String = Sha256::digest(canonical).iter().map(|byte| format!("{byte:02x}")).collect();
    let mut key = hmac(format!("AWS4{secret}").as_bytes(), scope.split('/').next().unwrap());
    for part in scope.split('/').skip(1) {
        key = hmac(&key, part);
    }
    let string_to_sign = format!("AWS4-HMAC-SHA256\n{}\n{scope}\n{hash}", stages::amz_date(at));
    hmac(&key, &string_to_sign).iter().map(|byte| format!("{byte:02x}")).collect()
}

#[test]
fn hundred_thousand_signatures_equal_plain_hmac() {
    let (mut random, signer, mut url) = (Random(7), SigV4::new(), String::new());
    let target = Target::aws("article-images-bucket".parse().unwrap(), "ap-southeast-1".parse().unwrap());
    let mut checked = 0;
    while checked < SIGNATURES {
        let secret = random.text(90);
        let token = random.text(1_500).replace(' ', "+");
        let credentials = match random.next(3) {
            0 => Credentials::temporary("ASIAEXAMPLE", &secret, &token, Expiry::Unknown).unwrap(),
            _ => Credentials::long_term("AKIDEXAMPLE", &secret).unwrap(),
        };
        let at = Timestamp::from_unix(1_400_000_000 + random.next(1_000_000_000)).unwrap();
        for _ in 0..50 {
            let mut key = String::new();
            encode_key(&mut key, &random.text(120).replace("//", "/x"));
            let Ok(key) = key.parse() else { continue };
            let mut headers = SignedHeaders::new();
            headers.insert("x-amz-meta-a", &random.text(100)).unwrap();
            let lifetime = ExpiresIn::from_secs(1 + random.next(604_800)).unwrap();
            let request = PresignRequest::new(target.clone(), Operation::PutObject, key, lifetime)
                .with_headers(headers);
            url.clear();
            signer.sign_into(&mut url, &request, &credentials, at).unwrap();
            let (_, signature) = url.rsplit_once('=').unwrap();
            assert_eq!(signature, reference_signature(&url, &request, &secret, at), "{url}");
            checked += 1;
        }
    }
}
