//! Random requests for property tests with `proptest`.
//!
//! ```
//! use proptest::prelude::*;
//! use upsign_core::Sign;
//! use upsign_testing::requests;
//!
//! proptest!(|(request in requests::all(), credentials in requests::credentials(), at in requests::times())| {
//!     // Your own signer takes the place of `SigV4`.
//!     let signed = upsign::SigV4::new().sign(&request, &credentials, at);
//!     prop_assert!(signed.is_err() || signed.unwrap().url.expose().contains("X-Amz-Signature="));
//! });
//! ```

use proptest::collection::{btree_map, vec};
use proptest::option;
use proptest::prelude::*;
use upsign_core::{
    Addressing, Credentials, ExpiresIn, Expiry, ObjectKey, Operation, PartNumber, PresignRequest, Query,
    Resource, SignedHeaders, Target, Timestamp, UploadId,
};

/// Generates times of signing, weighted towards midnight UTC, when the signing key changes.
pub fn times() -> impl Strategy<Value = Timestamp> {
    let day = 86_400_u64;
    let anywhere = 1_400_000_000..2_400_000_000_u64;
    let midnight =
        (16_000..27_000_u64, -2..=2_i64).prop_map(move |(n, d)| (n * day).saturating_add_signed(d));
    prop_oneof![anywhere, midnight].prop_map(|seconds| Timestamp::from_unix(seconds).unwrap())
}

/// Generates long-term and temporary credentials. Access key ids come from a small set, so that a property test sees one id
/// with different secrets.
pub fn credentials() -> impl Strategy<Value = Credentials> {
    let id = prop_oneof![
        Just("AKIDEXAMPLE"),
        Just("ASIAEXAMPLE"),
        Just("GK31c2f218a2e44f485b94239e"),
        Just("mi+nio=x")
    ];
    let secret = "[ -~]{1,60}";
    let secret = prop_oneof![Just("wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY".to_owned()), secret];
    let token = option::of("[A-Za-z0-9+/=]{1,1200}");
    (id, secret, token).prop_map(|(id, secret, token)| match token {
        Some(token) => Credentials::temporary(id, &secret, &token, Expiry::At(Timestamp::MAX)).unwrap(),
        None => Credentials::long_term(id, &secret).unwrap(),
    })
}

/// Generates object keys: plain ones, and ones with characters that have to be encoded.
pub fn keys() -> impl Strategy<Value = ObjectKey> {
    let segment = prop_oneof![
        3 => "[a-zA-Z0-9._~-]{1,40}",
        2 => "[ -.0-~]{1,30}",
        1 => "\\PC{1,20}",
    ];
    let path = (vec(segment, 1..6), any::<bool>()).prop_map(|(segments, folder)| {
        let end = if folder { "/" } else { "" };
        segments.join("/") + end
    });
    path.prop_filter_map("not a key", |path| path.parse().ok())
}

/// Generates targets: buckets and access points on AWS and on other stores, in every addressing style.
pub fn targets() -> impl Strategy<Value = Target> {
    prop_oneof![6 => buckets(), 2 => on_aws(), 1 => tenants()]
}

/// Generates targets of tenants of Ceph.
fn tenants() -> impl Strategy<Value = Target> {
    let endpoint = prop_oneof![Just("http://127.0.0.1:7480"), Just("https://rgw.example.com/s3")];
    let bucket = prop_oneof![Just("press:article-images"), Just("Team_7:my.dotted.bucket")];
    (bucket, endpoint).prop_map(|(bucket, endpoint)| {
        let builder = Target::builder(bucket.parse::<Resource>().unwrap(), "default".parse().unwrap());
        builder.endpoint(endpoint.parse().unwrap()).build().unwrap()
    })
}

fn buckets() -> impl Strategy<Value = Target> {
    let bucket = prop_oneof![Just("article-images-bucket"), Just("abc"), Just("my.dotted.bucket")];
    let region = prop_oneof![Just("us-east-1"), Just("ap-southeast-1"), Just("cn-north-1")];
    let endpoint = prop_oneof![
        Just(None),
        Just(Some("http://127.0.0.1:9000")),
        Just(Some("http://localhost:9000")),
        Just(Some("http://[::1]:9000")),
        Just(Some("https://minio.example.com")),
        Just(Some("https://gw.example.com:8443/base")),
    ];
    let addressing = prop_oneof![
        Just(Addressing::Auto),
        Just(Addressing::Path),
        Just(Addressing::VirtualHosted),
        Just(Addressing::BucketHost)
    ];
    (bucket, region, endpoint, addressing).prop_filter_map(
        "not a target",
        |(bucket, region, endpoint, style)| {
            let (bucket, region) = (bucket.parse().unwrap(), region.parse().unwrap());
            match endpoint {
                None => Some(Target::aws(bucket, region)),
                Some(endpoint) => Target::at(&endpoint.parse().unwrap(), style, bucket, region).ok(),
            }
        },
    )
}

/// Generates targets on AWS with dual-stack, FIPS, Transfer Acceleration, access points and directory buckets.
fn on_aws() -> impl Strategy<Value = Target> {
    let resource = prop_oneof![
        Just("article-images-bucket"),
        Just("my.dotted.bucket"),
        Just("myap-abcdefg1234567890123456789012345-s3alias"),
        Just("uploads--usw2-az1--x-s3"),
        Just("arn:aws:s3:us-west-2:123456789012:accesspoint/uploads"),
        Just("arn:aws:s3-outposts:us-west-2:123456789012:outpost/op-01234567890123456/accesspoint/uploads"),
    ];
    let region =
        prop_oneof![Just("us-west-2"), Just("us-east-1"), Just("us-gov-west-1"), Just("us-iso-east-1")];
    (resource, region, any::<(bool, bool, bool)>()).prop_filter_map(
        "not a target",
        |(resource, region, (dualstack, fips, accelerate))| {
            let builder = Target::builder(resource.parse::<Resource>().unwrap(), region.parse().unwrap());
            builder.dualstack(dualstack).fips(fips).accelerate(accelerate).build().ok()
        },
    )
}

/// Headers that an upload may sign in addition to its metadata.
const HEADERS: [&str; 36] = [
    "cache-control",
    "content-disposition",
    "content-encoding",
    "content-language",
    "content-md5",
    "content-type",
    "expires",
    "if-match",
    "if-none-match",
    "range",
    "x-amz-acl",
    "x-amz-checksum-crc32",
    "x-amz-checksum-crc32c",
    "x-amz-checksum-crc64nvme",
    "x-amz-checksum-md5",
    "x-amz-checksum-sha1",
    "x-amz-checksum-sha256",
    "x-amz-checksum-sha512",
    "x-amz-checksum-xxhash128",
    "x-amz-checksum-xxhash3",
    "x-amz-checksum-xxhash64",
    "x-amz-expected-bucket-owner",
    "x-amz-grant-full-control",
    "x-amz-grant-read",
    "x-amz-object-lock-legal-hold",
    "x-amz-object-lock-mode",
    "x-amz-object-lock-retain-until-date",
    "x-amz-request-payer",
    "x-amz-server-side-encryption",
    "x-amz-server-side-encryption-aws-kms-key-id",
    "x-amz-server-side-encryption-bucket-key-enabled",
    "x-amz-server-side-encryption-context",
    "x-amz-server-side-encryption-customer-key",
    "x-amz-storage-class",
    "x-amz-tagging",
    "x-amz-website-redirect-location",
];

/// Generates headers that an upload may sign, and some unknown ones.
pub fn headers() -> impl Strategy<Value = SignedHeaders> {
    let name = prop_oneof![
        6 => proptest::sample::select(&HEADERS[..]).prop_map(str::to_owned),
        2 => "x-amz-meta-[a-z0-9-]{1,20}",
        1 => "[A-Z]-[a-z0-9!#$%&'*+.^_`|~-]{1,20}",
    ];
    (btree_map(name, "[!-~]([\t -~]{0,40}[!-~])?", 0..6), option::of(0..5_000_000_000_u64)).prop_map(
        |(pairs, length)| {
            let mut headers = SignedHeaders::new();
            for (name, value) in pairs {
                // A name that differs from an earlier one only in case is left out.
                drop(headers.insert(&name, &value));
            }
            if let Some(length) = length {
                headers.insert("content-length", &length.to_string()).unwrap();
            }
            headers
        },
    )
}

/// Generates lifetimes within S3's range, from one second to seven days.
pub fn lifetimes() -> impl Strategy<Value = ExpiresIn> {
    (1..=604_800_u64).prop_map(|seconds| ExpiresIn::from_secs(seconds).unwrap())
}

/// Generates requests to store an object.
pub fn puts() -> impl Strategy<Value = PresignRequest> {
    (targets(), keys(), headers(), lifetimes()).prop_map(|(target, key, headers, lifetime)| {
        PresignRequest::new(target, Operation::PutObject, key, lifetime).with_headers(headers)
    })
}

/// Generates operations of every kind; `PutObject` is the most frequent.
pub fn operations() -> impl Strategy<Value = Operation> {
    let id = || "[A-Za-z0-9._~+/=& -]{1,60}".prop_map(|id: String| id.parse::<UploadId>().unwrap());
    let part = || (1..=10_000_u64).prop_map(|number| PartNumber::new(number).unwrap());
    prop_oneof![
        4 => Just(Operation::PutObject),
        1 => Just(Operation::GetObject),
        1 => part().prop_map(|part_number| Operation::GetObjectPart { part_number }),
        1 => Just(Operation::HeadObject),
        1 => part().prop_map(|part_number| Operation::HeadObjectPart { part_number }),
        1 => Just(Operation::DeleteObject),
        1 => Just(Operation::CopyObject),
        1 => Just(Operation::PutObjectTagging),
        1 => Just(Operation::GetObjectTagging),
        1 => Just(Operation::CreateMultipartUpload),
        2 => (id(), part()).prop_map(|(upload_id, part_number)| Operation::UploadPart { upload_id, part_number }),
        1 => id().prop_map(|upload_id| Operation::CompleteMultipartUpload { upload_id }),
        1 => id().prop_map(|upload_id| Operation::AbortMultipartUpload { upload_id }),
        1 => id().prop_map(|upload_id| Operation::ListParts { upload_id }),
    ]
}

/// Generates requests of every operation, some with further query parameters.
pub fn all() -> impl Strategy<Value = PresignRequest> {
    let operation = operations();
    let name = prop_oneof![
        Just("versionId".to_owned()),
        Just("response-content-disposition".to_owned()),
        Just("X-Amz-Checksum-Mode".to_owned()),
        "[ -~]{1,12}",
    ];
    let query = btree_map(name, "\\PC{0,30}", 0..3);
    (puts(), operation, query).prop_map(|(put, operation, pairs)| {
        let mut query = Query::new();
        for (name, value) in &pairs {
            // A reserved name is left out.
            drop(query.insert(name, value));
        }
        let request =
            PresignRequest::new(put.target().clone(), operation, put.key().clone(), put.expires_in());
        request.with_headers(put.headers().clone()).with_query(query)
    })
}
