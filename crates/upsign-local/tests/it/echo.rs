//! What a grant tells the client to send is what the server wants: no more, no less. For every combination of the
//! policy's options.

use std::collections::BTreeSet;

use upsign::{SigV4, Upload, UploadIssuer};
use upsign_core::{Credentials, Identity, PresignedPost, PresignedRequest, Timestamp, WithCredentials};
use upsign_policy::{
    Bodyless, CannedAcl, ChecksumAlgorithm, Checksums, ClientMetadata, ContentRules, Disposition, Encryption,
    FileNameOptions, KeyTemplate, KmsKey, Metadata, MetadataOptions, SizeLimit, StorageClass, StorageOptions,
    TagOptions, Tags, UploadMethod, UploadPolicy, UploadRequest,
};

use crate::support::{Answer, Fixture, bucket};

/// The file: its checksums are known to every client of it.
const FILE: &[u8] = b"hello, hello";
const CHECKSUMS: [(ChecksumAlgorithm, &str); 5] = [
    (ChecksumAlgorithm::Sha256, "9mnY7EnWb7w/rF7BdfAazum2dnOrQzk7xkS44Xu+qII="),
    (ChecksumAlgorithm::Sha1, "Frv7AYwNofUbDL1E2rV5B4YS8Jc="),
    (ChecksumAlgorithm::Crc32, "88zF/w=="),
    (ChecksumAlgorithm::Crc64nvme, "jbDCFHVyMic="),
    (ChecksumAlgorithm::Md5, "JlgwLTE30q8H2hOVJAsivw=="),
];
const DISPOSITIONS: [Disposition; 5] = [
    Disposition::Unset,
    Disposition::Attachment,
    Disposition::AttachmentNamed,
    Disposition::InlineNamed,
    Disposition::FromClient,
];
/// Each, or none.
const CHECKSUM_CHOICES: usize = CHECKSUMS.len() + 1;
const ENCRYPTIONS: usize = 4;
/// The options that are there or not.
const SWITCHES: u32 = 9;

/// One combination: a number for each option of several values, and bits for the others.
#[derive(Clone, Copy, Debug)]
struct Choice {
    checksum: usize,
    disposition: usize,
    encryption: usize,
    bits: u32,
    method: UploadMethod,
}

impl Choice {
    const fn on(self, bit: u32) -> bool {
        self.bits & (1 << bit) != 0
    }

    /// One of the [`ALL`](Self::ALL) combinations.
    fn nth(index: usize, method: UploadMethod) -> Self {
        let (checksum, rest) = (index % CHECKSUM_CHOICES, index / CHECKSUM_CHOICES);
        let (disposition, rest) = (rest % DISPOSITIONS.len(), rest / DISPOSITIONS.len());
        let (encryption, bits) = (rest % ENCRYPTIONS, rest / ENCRYPTIONS);
        Self { checksum, disposition, encryption, bits: u32::try_from(bits).unwrap(), method }
    }

    const ALL: usize = CHECKSUM_CHOICES * DISPOSITIONS.len() * ENCRYPTIONS * (1 << SWITCHES);

    fn every(method: UploadMethod) -> impl Iterator<Item = Self> {
        (0..Self::ALL).map(move |index| Self::nth(index, method))
    }

    /// So many of them, spread evenly: the step has no divisor in common with their number.
    fn some(count: usize, method: UploadMethod) -> impl Iterator<Item = Self> {
        (0..count).map(move |n| Self::nth(n * 7_919 % Self::ALL, method))
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
        let mut what = UploadRequest::described().with_content_type("text/plain").with_content_length(length);
        what = what.with_file_name("Grüße \u{1f4f7}.txt");
        if let Some((algorithm, value)) = CHECKSUMS.get(self.checksum) {
            what = what.with_checksum(algorithm.as_str(), *value);
        }
        if self.on(1) {
            what = what.with_tag("scene", "7");
        }
        if self.on(7) {
            what = what.with_metadata("camera", "x100 é");
        }
        if DISPOSITIONS[self.disposition] == Disposition::FromClient {
            what = what.with_content_disposition("attachment; filename=\"a b.txt\"");
        }
        what
    }

    async fn grant(self, target: upsign_core::Target, credentials: Credentials, at: Timestamp) -> Upload {
        let presigner = WithCredentials::new(SigV4::new(), credentials);
        let issuer = UploadIssuer::new(self.policy(target), presigner).unwrap();
        let who = Identity::from_verified("https://issuer.example", "auth0|7").unwrap();
        issuer.issue(&who, &self.request(), at).await.unwrap().upload
    }
}

fn put_of(upload: Upload) -> PresignedRequest {
    let put = match upload {
        Upload::Put(put) => Some(put),
        _ => None,
    };
    put.unwrap()
}

fn form_of(upload: Upload) -> PresignedPost {
    let form = match upload {
        Upload::Post(form) => Some(form),
        _ => None,
    };
    form.unwrap()
}

#[track_caller]
fn visible(value: &str, of: Choice) {
    assert!(value.bytes().all(|byte| (b' '..=b'~').contains(&byte)), "{value:?} {of:?}");
}

/// Every combination there is, as signed: 61,440 of them.
#[tokio::test]
async fn headers_to_send_are_those_signed() {
    let target = upsign_core::Target::aws(bucket(), "eu-central-1".parse().unwrap());
    let credentials = Credentials::long_term("AKIDEXAMPLE", "secret").unwrap();
    for choice in Choice::every(UploadMethod::Put) {
        let put = put_of(choice.grant(target.clone(), credentials.clone(), Timestamp::UNIX_EPOCH).await);
        let url = put.url.expose();
        let signed = url.split('&').find_map(|pair| pair.strip_prefix("X-Amz-SignedHeaders=")).unwrap();
        let signed: BTreeSet<&str> = signed.split("%3B").collect();
        let mut told: BTreeSet<&str> = put.headers.settable().map(|(name, _)| name).collect();
        assert!(!told.contains("host") && !told.contains("content-length"), "{choice:?}");
        put.headers.settable().for_each(|(_, value)| visible(value, choice));
        told.extend(["host", "content-length"]);
        assert_eq!(told, signed, "{choice:?}");
    }
}

fn now() -> Timestamp {
    Timestamp::from_unix(std::time::UNIX_EPOCH.elapsed().unwrap().as_secs()).unwrap()
}

async fn put(s3: &Fixture, url: &str, headers: &[(String, String)]) -> Answer {
    s3.send_to("PUT", url, headers, FILE).await
}

/// Another value, of the same sort: one that a server would take if nothing bound it.
fn other(name: &str, value: &str) -> String {
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
async fn exactly_the_told_headers_are_taken() {
    let s3 = Fixture::start().await;
    let credentials = s3.s3.credentials().clone();
    for (before, choice) in Choice::some(512, UploadMethod::Put).enumerate() {
        let grant = put_of(choice.grant(s3.target.clone(), credentials.clone(), now()).await);
        let url = grant.url.expose();
        let told: Vec<(String, String)> =
            grant.headers.settable().map(|(name, value)| (name.to_owned(), value.to_owned())).collect();
        for (index, (name, value)) in told.iter().enumerate() {
            let mut without = told.clone();
            drop(without.remove(index));
            let answer = put(&s3, url, &without).await;
            assert_eq!(answer.status, 403, "{choice:?} without {name}: {}", answer.text());
            let mut changed = told.clone();
            changed[index].1 = other(name, value);
            let answer = put(&s3, url, &changed).await;
            assert_eq!(answer.status, 403, "{choice:?} with another {name}: {}", answer.text());
        }
        assert_eq!(s3.stored().await.len(), before, "{choice:?}");
        let answer = put(&s3, url, &told).await;
        assert_eq!(answer.status, 200, "{choice:?}: {}", answer.text());
        let again = put(&s3, url, &told).await;
        assert_eq!(again.status, if choice.on(8) { 200 } else { 412 }, "{choice:?}: {}", again.text());
    }
}

/// A request that says nothing: by `PUT` the type alone is bound, by form what the policy fixes and its range of sizes.
#[tokio::test]
async fn who_says_nothing_gets_what_is_told() {
    let s3 = Fixture::start().await;
    for (method, most) in [(UploadMethod::Put, 1_000), (UploadMethod::Post, 12), (UploadMethod::Post, 11)] {
        let template = KeyTemplate::parse("up/{id}", &[]).unwrap();
        let policy = UploadPolicy::builder(s3.target.clone(), template, Bodyless::Allow)
            .content(ContentRules::new(["text/plain"]).unwrap())
            .size(SizeLimit::between(1, most).unwrap())
            .method(method)
            .build()
            .unwrap();
        let presigner = WithCredentials::new(SigV4::new(), s3.s3.credentials().clone());
        let issuer = UploadIssuer::new(policy, presigner).unwrap();
        let who = Identity::from_verified("https://issuer.example", "alice").unwrap();
        let grant = issuer.issue(&who, &UploadRequest::bodyless(), now()).await.unwrap();
        let status = match &grant.upload {
            Upload::Put(told) => {
                assert_eq!(told.headers.settable().collect::<Vec<_>>(), [("content-type", "text/plain")]);
                let headers = [("content-type".to_owned(), "text/plain".to_owned())];
                put(&s3, told.url.expose(), &[]).await.expect(403);
                put(&s3, told.url.expose(), &headers).await.status
            }
            Upload::Post(told) => {
                let fields: Vec<(String, String)> =
                    told.fields.iter().map(|(name, value)| (name.to_string(), value.to_string())).collect();
                post(&s3, &told.url, &fields).await.status
            }
            _ => continue,
        };
        let wanted = if method == UploadMethod::Put {
            200
        } else if most >= 12 {
            204
        } else {
            400
        };
        assert_eq!(status, wanted, "{method:?} {most}");
    }
}

async fn post(s3: &Fixture, url: &str, fields: &[(String, String)]) -> Answer {
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
async fn exactly_the_told_fields_are_taken() {
    let s3 = Fixture::start().await;
    let credentials = s3.s3.credentials().clone();
    for (before, choice) in Choice::some(256, UploadMethod::Post).enumerate() {
        let grant = form_of(choice.grant(s3.target.clone(), credentials.clone(), now()).await);
        let told: Vec<(String, String)> =
            grant.fields.iter().map(|(name, value)| (name.to_string(), value.to_string())).collect();
        for (index, (name, value)) in told.iter().enumerate() {
            visible(value, choice);
            let mut without = told.clone();
            drop(without.remove(index));
            let answer = post(&s3, &grant.url, &without).await;
            assert!(answer.status.is_client_error(), "{choice:?} without {name}: {}", answer.text());
            let mut changed = told.clone();
            changed[index].1 = other(&name.to_lowercase(), value);
            let answer = post(&s3, &grant.url, &changed).await;
            assert!(!answer.status.is_success(), "{choice:?} with another {name}: {}", answer.text());
        }
        assert_eq!(s3.stored().await.len(), before, "{choice:?}");
        let answer = post(&s3, &grant.url, &told).await;
        assert_eq!(answer.status, 204, "{choice:?}: {}", answer.text());
    }
}
