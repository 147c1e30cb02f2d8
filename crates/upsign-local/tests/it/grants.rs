//! The headers and form fields that a grant lists are exactly those that the server requires, for all combinations of
//! policy options.

use std::collections::BTreeSet;

use upsign::{SigV4, Upload, UploadIssuer};
use upsign_core::{Credentials, Identity, PresignedPost, PresignedRequest, Timestamp, WithCredentials};
use upsign_policy::{
    Bodyless, CannedAcl, ChecksumAlgorithm, Checksums, ClientMetadata, ContentRules, Disposition, Encryption,
    FileNameOptions, KeyTemplate, KmsKey, Metadata, MetadataOptions, SizeLimit, StorageClass, StorageOptions,
    TagOptions, Tags, UploadMethod, UploadPolicy, UploadRequest,
};

use crate::support::{Fixture, TestResponse, bucket};

/// The content of the uploaded file. Its checksums are in [`CHECKSUMS`].
pub(crate) const FILE: &[u8] = b"hello, hello";
/// Those of SHA-512 and XXHash were computed with Python: `hashlib` and `xxhash`.
const CHECKSUMS: [(ChecksumAlgorithm, &str); 10] = [
    (ChecksumAlgorithm::Sha256, "9mnY7EnWb7w/rF7BdfAazum2dnOrQzk7xkS44Xu+qII="),
    (ChecksumAlgorithm::Sha1, "Frv7AYwNofUbDL1E2rV5B4YS8Jc="),
    (ChecksumAlgorithm::Crc32, "88zF/w=="),
    (ChecksumAlgorithm::Crc64nvme, "jbDCFHVyMic="),
    (ChecksumAlgorithm::Md5, "JlgwLTE30q8H2hOVJAsivw=="),
    (
        ChecksumAlgorithm::Sha512,
        "V5BuLtaWTLivRI4DUuPraEpGSZ8NFjjYaS9yJiTHHMKx3bmAJ9+DmFl+T6T29d3X0VZCEATIqCT4ZBwsVoAWIA==",
    ),
    (ChecksumAlgorithm::AmzMd5, "JlgwLTE30q8H2hOVJAsivw=="),
    (ChecksumAlgorithm::XxHash64, "FV0eNd3AY3A="),
    (ChecksumAlgorithm::XxHash3, "0iW3Bcwqveg="),
    (ChecksumAlgorithm::XxHash128, "4qbkaO483rBJKhBMCN4oug=="),
];
const DISPOSITIONS: [Disposition; 5] = [
    Disposition::Unset,
    Disposition::Attachment,
    Disposition::AttachmentNamed,
    Disposition::InlineNamed,
    Disposition::FromClient,
];
/// Each checksum algorithm, or none.
const CHECKSUM_VALUES: usize = CHECKSUMS.len() + 1;
/// No encryption header, S3 keys, the AWS managed KMS key, a customer managed KMS key.
const ENCRYPTIONS: usize = 4;
/// The number of options that are on or off; see [`OptionSet::policy`].
const SWITCHES: u32 = 9;

/// One combination of policy options: an index for each option with several values, and a bit for each on-off option.
#[derive(Clone, Copy, Debug)]
struct OptionSet {
    checksum: usize,
    disposition: usize,
    encryption: usize,
    bits: u32,
    method: UploadMethod,
}

impl OptionSet {
    const fn on(self, bit: u32) -> bool {
        self.bits & (1 << bit) != 0
    }

    /// Returns a combination by its index, below [`COUNT`](Self::COUNT).
    fn nth(index: usize, method: UploadMethod) -> Self {
        let (checksum, rest) = (index % CHECKSUM_VALUES, index / CHECKSUM_VALUES);
        let (disposition, rest) = (rest % DISPOSITIONS.len(), rest / DISPOSITIONS.len());
        let (encryption, bits) = (rest % ENCRYPTIONS, rest / ENCRYPTIONS);
        Self { checksum, disposition, encryption, bits: u32::try_from(bits).unwrap(), method }
    }

    const COUNT: usize = CHECKSUM_VALUES * DISPOSITIONS.len() * ENCRYPTIONS * (1 << SWITCHES);

    /// Returns all combinations.
    fn all(method: UploadMethod) -> impl Iterator<Item = Self> {
        (0..Self::COUNT).map(move |index| Self::nth(index, method))
    }

    /// Returns `count` different combinations, spread evenly: the step 7919 is a prime that does not divide their
    /// number.
    fn sample(count: usize, method: UploadMethod) -> impl Iterator<Item = Self> {
        (0..count).map(move |n| Self::nth(n * 7_919 % Self::COUNT, method))
    }

    fn policy(self, target: upsign_core::Target) -> UploadPolicy {
        let template = KeyTemplate::parse("up/{sub}/{id}.{ext}", &[]).unwrap();
        let mut policy = UploadPolicy::builder(target, template, Bodyless::Refuse)
            .content(ContentRules::new(["image/png", "text/plain"]).unwrap())
            .size(SizeLimit::between(1, 100).unwrap())
            .method(self.method)
            .disposition(DISPOSITIONS[self.disposition])
            .file_names(FileNameOptions::new().keep(self.on(0)));
        if let Some((algorithm, _)) = CHECKSUMS.get(self.checksum) {
            let list = [*algorithm].into();
            policy = policy.checksums(if self.on(2) {
                Checksums::Required(list)
            } else {
                Checksums::Optional(list)
            });
        }
        let mut storage = StorageOptions::new();
        storage = match self.encryption {
            0 => storage,
            1 => storage.encryption(Encryption::S3),
            2 => storage.encryption(Encryption::Kms(KmsKey::AwsManaged)),
            _ => {
                storage.encryption(Encryption::Kms(KmsKey::CustomerManaged("alias/uploads".parse().unwrap())))
            }
        };
        if self.on(3) {
            storage = storage.cache_control("private, max-age=60".parse().unwrap());
        }
        if self.on(4) {
            storage = storage.storage_class("STANDARD_IA".parse::<StorageClass>().unwrap());
        }
        if self.on(5) {
            storage = storage.acl(CannedAcl::BucketOwnerFullControl);
        }
        let (mut metadata, mut tags) = (MetadataOptions::new(), TagOptions::new().client(self.on(1)));
        if self.on(6) {
            let (mut fixed_metadata, mut fixed_tags) = (Metadata::new(), Tags::new());
            fixed_metadata.insert("source", "app, web").unwrap();
            fixed_tags.insert("team", "a & b").unwrap();
            metadata = metadata.fixed(fixed_metadata);
            tags = tags.fixed(fixed_tags);
        }
        if self.on(7) {
            metadata = metadata.client(ClientMetadata::Named(["camera".into()].into()));
        }
        policy = policy.storage(storage).metadata(metadata).tags(tags);
        if self.on(8) && self.method == UploadMethod::Put {
            policy = policy.no_overwrite(false);
        }
        policy.build().unwrap()
    }

    fn request(self) -> UploadRequest {
        let length = u64::try_from(FILE.len()).unwrap();
        let mut request =
            UploadRequest::described().with_content_type("text/plain").with_content_length(length);
        request = request.with_file_name("Grüße \u{1f4f7}.txt");
        if let Some((algorithm, value)) = CHECKSUMS.get(self.checksum) {
            request = request.with_checksum(algorithm.as_str(), *value);
        }
        if self.on(1) {
            request = request.with_tag("scene", "7");
        }
        if self.on(7) {
            request = request.with_metadata("camera", "x100 é");
        }
        if DISPOSITIONS[self.disposition] == Disposition::FromClient {
            request = request.with_content_disposition("attachment; filename=\"a b.txt\"");
        }
        request
    }

    async fn grant(self, target: upsign_core::Target, credentials: Credentials, at: Timestamp) -> Upload {
        let presigner = WithCredentials::new(SigV4::new(), credentials);
        let issuer = UploadIssuer::new(self.policy(target), presigner).unwrap();
        let caller = Identity::from_verified("https://issuer.example", "auth0|7").unwrap();
        issuer.issue(&caller, &self.request(), at).await.unwrap().upload
    }
}

pub(crate) fn into_put(upload: Upload) -> PresignedRequest {
    let put = match upload {
        Upload::Put(put) => Some(put),
        _ => None,
    };
    put.unwrap()
}

pub(crate) fn into_form(upload: Upload) -> PresignedPost {
    let form = match upload {
        Upload::Post(form) => Some(form),
        _ => None,
    };
    form.unwrap()
}

#[track_caller]
fn assert_visible_ascii(value: &str, options: OptionSet) {
    assert!(value.bytes().all(|byte| (b' '..=b'~').contains(&byte)), "{value:?} {options:?}");
}

/// Checks all 61,440 combinations without a server: the listed headers are the signed headers, except those that the
/// HTTP client sets itself.
#[tokio::test]
async fn listed_headers_are_exactly_the_signed_headers() {
    let target = upsign_core::Target::aws(bucket(), "eu-central-1".parse().unwrap());
    let credentials = Credentials::long_term("AKIDEXAMPLE", "secret").unwrap();
    for options in OptionSet::all(UploadMethod::Put) {
        let put = into_put(options.grant(target.clone(), credentials.clone(), Timestamp::UNIX_EPOCH).await);
        let url = put.url.expose();
        let signed = url.split('&').find_map(|pair| pair.strip_prefix("X-Amz-SignedHeaders=")).unwrap();
        let signed: BTreeSet<&str> = signed.split("%3B").collect();
        let mut listed: BTreeSet<&str> = put.headers.settable().map(|(name, _)| name).collect();
        assert!(!listed.contains("host") && !listed.contains("content-length"), "{options:?}");
        put.headers.settable().for_each(|(_, value)| assert_visible_ascii(value, options));
        listed.extend(["host", "content-length"]);
        assert_eq!(listed, signed, "{options:?}");
    }
}

pub(crate) fn now() -> Timestamp {
    Timestamp::from_unix(std::time::UNIX_EPOCH.elapsed().unwrap().as_secs()).unwrap()
}

async fn put(s3: &Fixture, url: &str, headers: &[(String, String)]) -> TestResponse {
    s3.send_to("PUT", url, headers, FILE).await
}

/// Returns another valid value for a header or field. A server would accept it if it were not signed.
fn different_value(name: &str, value: &str) -> String {
    match name {
        "content-type" => "image/png".into(),
        "if-none-match" => "\"other\"".into(),
        "x-amz-acl" => "private".into(),
        "x-amz-server-side-encryption" => if value == "AES256" { "aws:kms" } else { "AES256" }.into(),
        "x-amz-storage-class" => "STANDARD".into(),
        _ if name.starts_with("x-amz-checksum") || name == "content-md5" => {
            let mut bytes = value.as_bytes().to_vec();
            bytes[0] = if bytes[0] == b'A' { b'B' } else { b'A' };
            String::from_utf8(bytes).unwrap()
        }
        _ => format!("{value}x"),
    }
}

#[tokio::test]
async fn put_requires_exactly_the_listed_headers() {
    let s3 = Fixture::start().await;
    let credentials = s3.s3.credentials().clone();
    for (stored_before, options) in OptionSet::sample(512, UploadMethod::Put).enumerate() {
        let grant = into_put(options.grant(s3.target.clone(), credentials.clone(), now()).await);
        let url = grant.url.expose();
        let listed: Vec<(String, String)> =
            grant.headers.settable().map(|(name, value)| (name.to_owned(), value.to_owned())).collect();
        for (index, (name, value)) in listed.iter().enumerate() {
            let mut without = listed.clone();
            drop(without.remove(index));
            let response = put(&s3, url, &without).await;
            assert_eq!(response.status, 403, "{options:?} without {name}: {}", response.text());
            let mut changed = listed.clone();
            changed[index].1 = different_value(name, value);
            let response = put(&s3, url, &changed).await;
            assert_eq!(response.status, 403, "{options:?} with changed {name}: {}", response.text());
        }
        assert_eq!(s3.stored().await.len(), stored_before, "{options:?}");
        let response = put(&s3, url, &listed).await;
        assert_eq!(response.status, 200, "{options:?}: {}", response.text());
        let again = put(&s3, url, &listed).await;
        assert_eq!(again.status, if options.on(8) { 200 } else { 412 }, "{options:?}: {}", again.text());
    }
}

/// A bodyless request describes no file. Its PUT URL fixes only the content type; its form also fixes the size range.
#[tokio::test]
async fn bodyless_request_is_limited_by_the_policy() {
    let s3 = Fixture::start().await;
    for (method, max_bytes) in
        [(UploadMethod::Put, 1_000), (UploadMethod::Post, 12), (UploadMethod::Post, 11)]
    {
        let template = KeyTemplate::parse("up/{id}", &[]).unwrap();
        let policy = UploadPolicy::builder(s3.target.clone(), template, Bodyless::Allow)
            .content(ContentRules::new(["text/plain"]).unwrap())
            .size(SizeLimit::between(1, max_bytes).unwrap())
            .method(method)
            .build()
            .unwrap();
        let presigner = WithCredentials::new(SigV4::new(), s3.s3.credentials().clone());
        let issuer = UploadIssuer::new(policy, presigner).unwrap();
        let caller = Identity::from_verified("https://issuer.example", "alice").unwrap();
        let grant = issuer.issue(&caller, &UploadRequest::bodyless(), now()).await.unwrap();
        let status = match &grant.upload {
            Upload::Put(put_grant) => {
                assert_eq!(
                    put_grant.headers.settable().collect::<Vec<_>>(),
                    [("content-type", "text/plain")]
                );
                let headers = [("content-type".to_owned(), "text/plain".to_owned())];
                put(&s3, put_grant.url.expose(), &[]).await.expect_status(403);
                put(&s3, put_grant.url.expose(), &headers).await.status
            }
            Upload::Post(form) => {
                let fields: Vec<(String, String)> =
                    form.fields.iter().map(|(name, value)| (name.to_string(), value.to_string())).collect();
                post(&s3, &form.url, &fields).await.status
            }
            _ => continue,
        };
        let expected = if method == UploadMethod::Put {
            200
        } else if max_bytes >= 12 {
            204
        } else {
            400
        };
        assert_eq!(status, expected, "{method:?} {max_bytes}");
    }
}

pub(crate) async fn post(s3: &Fixture, url: &str, fields: &[(String, String)]) -> TestResponse {
    let mut body = Vec::new();
    for (name, value) in fields {
        let part =
            format!("--BOUNDARY\r\nContent-Disposition: form-data; name=\"{name}\"\r\n\r\n{value}\r\n");
        body.extend_from_slice(part.as_bytes());
    }
    body.extend_from_slice(
        b"--BOUNDARY\r\nContent-Disposition: form-data; name=\"file\"; filename=\"x\"\r\n\r\n",
    );
    body.extend_from_slice(FILE);
    body.extend_from_slice(b"\r\n--BOUNDARY--\r\n");
    let headers = [("content-type".to_owned(), "multipart/form-data; boundary=BOUNDARY".to_owned())];
    s3.send_to("POST", url, &headers, body).await
}

#[tokio::test]
async fn form_requires_exactly_the_listed_fields() {
    let s3 = Fixture::start().await;
    let credentials = s3.s3.credentials().clone();
    for (stored_before, options) in OptionSet::sample(256, UploadMethod::Post).enumerate() {
        let grant = into_form(options.grant(s3.target.clone(), credentials.clone(), now()).await);
        let listed: Vec<(String, String)> =
            grant.fields.iter().map(|(name, value)| (name.to_string(), value.to_string())).collect();
        for (index, (name, value)) in listed.iter().enumerate() {
            assert_visible_ascii(value, options);
            let mut without = listed.clone();
            drop(without.remove(index));
            let response = post(&s3, &grant.url, &without).await;
            assert!(response.status.is_client_error(), "{options:?} without {name}: {}", response.text());
            let mut changed = listed.clone();
            changed[index].1 = different_value(&name.to_lowercase(), value);
            let response = post(&s3, &grant.url, &changed).await;
            assert!(!response.status.is_success(), "{options:?} with changed {name}: {}", response.text());
        }
        assert_eq!(s3.stored().await.len(), stored_before, "{options:?}");
        let response = post(&s3, &grant.url, &listed).await;
        assert_eq!(response.status, 204, "{options:?}: {}", response.text());
    }
}
