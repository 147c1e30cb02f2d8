//! The parts of a multipart upload: signed together as each is for itself.

use upsign_core::{
    Addressing, Credentials, ExpiresIn, Expiry, PartChecksum, PartNumber, PartToSign, PresignError,
    PresignParts, PresignRequest, PresignedParts, PresignedRequest, ShortCredentials, SignedHeaders, Target,
    Timestamp,
};

use super::{Suite, fixed, signed};

/// Uploads of which every part must be signed as alone: with and without checksums, of several lengths, in any order, with odd
/// upload ids, and with few and many parts.
pub(super) async fn parts(suite: &Suite<'_>) {
    let (long_term, at) = fixed();
    let ends = Expiry::At(at.saturating_add(300));
    let temporary =
        Credentials::temporary("ASIAIOSFODNN7EXAMPLE", "wJalrXUtnFEMI", "a+token/with=odd", ends).unwrap();
    for upload in uploads() {
        for credentials in [&long_term, &temporary] {
            check_upload(suite, credentials, &upload, at).await;
        }
        // The lifetime cannot be shortened, for one part as for all. An empty list is compared with nothing, and the upload with
        // headers that cannot be signed has two errors.
        if upload.parts().first().is_some_and(|part| upload.request(part).is_ok()) {
            let refusing = upload.with_short_credentials(ShortCredentials::Refuse);
            check_upload(suite, &temporary, &refusing, at).await;
        }
    }
}

fn uploads() -> Vec<PresignParts> {
    let plain = |number: u64| PartToSign::new(PartNumber::new(number).unwrap(), 8 << 20);
    let checked = |number: u64, header: &'static str, value: &str| {
        plain(number).with_checksum(PartChecksum::new(header, value).unwrap())
    };
    let crc = |number| checked(number, "x-amz-checksum-crc64nvme", "AAAAAAAAAAA=");
    let last = PartToSign::new(PartNumber::MAX, 1);
    let lists = vec![
        vec![],
        vec![plain(1)],
        vec![plain(1), plain(2), last.clone()],
        vec![crc(3), crc(2), PartToSign::new(PartNumber::new(9).unwrap(), 0)],
        vec![
            checked(1, "content-md5", "1B2M2Y8AsgTpgAmY7PhCfg=="),
            crc(2),
            plain(2),
            checked(4, "x-amz-checksum-sha256", "47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU="),
            checked(5, "content-md5", "CY9rzUYh03PK3k6DJie09g=="),
            PartToSign::new(PartNumber::MIN, u64::MAX),
        ],
        (1..=37).map(|number| if number % 5 == 0 { crc(number) } else { plain(number) }).collect(),
    ];
    let of = |target: Target, id: &str, headers: &[(&str, &str)], list: Vec<PartToSign>| {
        let mut of_every_part = SignedHeaders::new();
        for (name, value) in headers {
            of_every_part.insert(name, value).unwrap();
        }
        let lifetime = ExpiresIn::from_secs(900).unwrap();
        PresignParts::new(target, "videos/ä (1).mp4".parse().unwrap(), id.parse().unwrap(), lifetime, list)
            .with_headers(of_every_part)
    };
    let aws = || Target::aws("article-images-bucket".parse().unwrap(), "ap-southeast-1".parse().unwrap());
    let endpoint = "http://[::1]:9000".parse().unwrap();
    let local = Target::at(&endpoint, Addressing::Path, "abc".parse().unwrap(), "us-east-1".parse().unwrap())
        .unwrap();
    let mut uploads = Vec::new();
    for list in lists {
        uploads.push(of(aws(), "VXBsb2FkSWQ", &[], list.clone()));
        let payer = [("a-first-header", "1"), ("x-amz-request-payer", "requester")];
        uploads.push(of(local.clone(), "an id&x=1/é~", &payer, list));
    }
    // Headers that every part has and one has itself cannot be signed.
    uploads.push(of(aws(), "id", &[("content-length", "7")], vec![plain(1)]));
    uploads.push(of(aws(), "id", &[("x-amz-checksum-crc64nvme", "AAAAAAAAAAA=")], vec![plain(1), crc(2)]));
    uploads
}

async fn check_upload(suite: &Suite<'_>, credentials: &Credentials, upload: &PresignParts, at: Timestamp) {
    let presigner = (suite.make)(credentials.clone());
    let together = presigner.presign_parts(upload, at).await;
    let mut alone = Vec::new();
    for part in upload.parts() {
        let Ok(request) = upload.request(part) else {
            let Err(error) = together else { panic!("presign_parts() signs a header that is given twice") };
            assert!(matches!(error, PresignError::Unsupported(_)), "{error:?}");
            return;
        };
        match presigner.presign(&request, at).await {
            Ok(presigned) => alone.push((part.number, request, presigned)),
            Err(expected) => {
                let Err(error) = together else { panic!("presign_parts() signs what presign() refuses") };
                assert_eq!(error.to_string(), expected.to_string(), "the error of {upload:?}");
                return;
            }
        }
    }
    let together =
        together.unwrap_or_else(|error| panic!("presign_parts() refuses what presign() signs: {error}"));
    compare(upload, &together, &alone, credentials, at);
    suite.supported.set(suite.supported.get() + together.urls.len());
}

fn compare(
    upload: &PresignParts,
    together: &PresignedParts,
    alone: &[(PartNumber, PresignRequest, PresignedRequest)],
    credentials: &Credentials,
    at: Timestamp,
) {
    let numbers: Vec<PartNumber> = together.urls.iter().map(|(number, _)| *number).collect();
    let expected: Vec<PartNumber> = alone.iter().map(|(number, ..)| *number).collect();
    assert_eq!(numbers, expected, "the numbers of the parts");
    for ((number, url), (_, request, single)) in together.urls.iter().zip(alone) {
        let together_expires = (together.expires_at, together.expiry_precision);
        let single_expires = (single.expires_at, single.expiry_precision);
        assert_eq!(together_expires, single_expires, "the expiry of the parts");
        let limited = request.limited_by(credentials, at);
        let limited = limited.unwrap_or_else(|error| panic!("presign_parts() signs {request:?}: {error}"));
        let presigned = PresignedRequest::new(&limited, url.expose().to_owned(), at);
        signed::assert_complete(&limited, &presigned, credentials, at);
        // A SigV4a signature is random.
        if !upload.target().requires_sigv4a() && url.expose().contains("X-Amz-Algorithm=AWS4-HMAC") {
            assert_eq!(url.expose(), single.url.expose(), "the URL of part {number}");
        }
    }
}
