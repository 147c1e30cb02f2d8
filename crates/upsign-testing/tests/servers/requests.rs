//! The 200 requests of the suite, the same in each run.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use sha2::{Digest as _, Sha256};
use upsign_core::{ExpiresIn, ObjectKey, Query, SignedHeaders};

/// The operation of a request. The multipart upload that some of them need is created before.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    Put,
    Get,
    Head,
    Delete,
    Create,
    Part,
    List,
    Complete,
    Abort,
}

/// One request, independent of a server.
#[derive(Clone, Debug)]
pub(crate) struct Case {
    pub(crate) kind: Kind,
    pub(crate) key: ObjectKey,
    pub(crate) headers: SignedHeaders,
    pub(crate) query: Query,
    pub(crate) expires_in: ExpiresIn,
    /// The body that a PUT or a part sends, or the content of the object that GET, HEAD and DELETE need.
    pub(crate) body: Vec<u8>,
    /// Whether the request is signed with temporary credentials.
    pub(crate) temporary: bool,
    /// Whether the bucket is in the host instead of the path.
    pub(crate) virtual_hosted: bool,
}

/// The number of requests of each kind.
const COUNTS: [(Kind, u64); 9] = [
    (Kind::Put, 104),
    (Kind::Get, 24),
    (Kind::Head, 14),
    (Kind::Delete, 14),
    (Kind::Create, 8),
    (Kind::Part, 14),
    (Kind::List, 6),
    (Kind::Complete, 8),
    (Kind::Abort, 8),
];

/// Ends of keys, with characters that have to be encoded.
const KEY_ENDINGS: [&str; 12] = [
    "plain.jpg",
    "a b.txt",
    "plus+plus.txt",
    "été/日本語.png",
    "100%.txt",
    "q?a=b&c=d#e.txt",
    "~tilde_-.dots...",
    "deep/er/and/deep/er.bin",
    "quote'\"(){}[]!*$,;:@.txt",
    "%2e%2e/encoded.txt",
    "e\u{301}-combining.txt",
    "<angle>|^`.txt",
];

pub(crate) fn all() -> Vec<Case> {
    let mut random = Random(0x005E_ED0F_0515);
    let kinds = COUNTS.into_iter().flat_map(|(kind, count)| (0..count).map(move |_| kind));
    kinds.enumerate().map(|(index, kind)| case(index, kind, &mut random)).collect()
}

fn case(index: usize, kind: Kind, random: &mut Random) -> Case {
    let ending = random.one_of(&KEY_ENDINGS);
    let body: Vec<u8> = (0..=random.below(3000)).map(|_| random.next().to_le_bytes()[0]).collect();
    let expires_in = random.one_of(&[60, 300, 900, 3600, 604_800]);
    Case {
        kind,
        key: format!("{kind:?}/{index}/{ending}").parse().unwrap(),
        headers: headers(kind, &body, random),
        query: query(kind, random),
        expires_in: ExpiresIn::from_secs(expires_in).unwrap(),
        body,
        temporary: random.below(4) == 0,
        virtual_hosted: random.below(3) == 0,
    }
}

fn headers(kind: Kind, body: &[u8], random: &mut Random) -> SignedHeaders {
    let mut headers = SignedHeaders::new();
    let mut set = |name: &str, value: &str| headers.insert(name, value).unwrap();
    if kind == Kind::Put || kind == Kind::Create {
        if random.below(10) > 0 {
            let types =
                ["image/jpeg", "text/plain; charset=utf-8", "application/octet-stream", "image/svg+xml"];
            set("content-type", random.one_of(&types));
        }
        for (name, values) in STORED {
            if random.below(4) == 0 {
                set(name, random.one_of(values));
            }
        }
    }
    if kind == Kind::Put && random.below(5) < 2 {
        set("if-none-match", "*");
    }
    if kind == Kind::Put || kind == Kind::Part {
        if random.below(2) == 0 {
            set("content-length", &body.len().to_string());
        }
        match random.below(6) {
            0 => set("x-amz-checksum-sha256", &STANDARD.encode(Sha256::digest(body))),
            1 => set("x-amz-checksum-crc32", &STANDARD.encode(crc(CRC32, body).to_be_bytes())),
            2 => set("x-amz-checksum-crc32c", &STANDARD.encode(crc(CRC32C, body).to_be_bytes())),
            _ => {}
        }
    }
    if kind == Kind::Get && random.below(4) == 0 {
        set("range", "bytes=0-0");
    }
    if kind == Kind::Head && random.below(2) == 0 {
        set("if-match", "*");
    }
    headers
}

/// Headers that S3 stores with the object.
const STORED: [(&str, &[&str]); 11] = [
    ("cache-control", &["no-store", "public, max-age=31536000, immutable"]),
    ("content-disposition", &["attachment; filename=\"a b.jpg\"", "inline"]),
    ("content-encoding", &["gzip", "br"]),
    ("content-language", &["de", "en, fr"]),
    ("expires", &["Thu, 01 Jan 2037 00:00:00 GMT"]),
    ("x-amz-acl", &["bucket-owner-full-control"]),
    ("x-amz-meta-owner", &["ada", "user-7/with/slashes", "a  b   c"]),
    ("x-amz-meta-sha", &["0123456789abcdef", "=?UTF-8?B?Y2Fmw6k=?="]),
    ("x-amz-server-side-encryption", &["AES256"]),
    ("x-amz-storage-class", &["STANDARD", "STANDARD_IA"]),
    ("x-amz-tagging", &["kind=raw&owner=ada"]),
];

fn query(kind: Kind, random: &mut Random) -> Query {
    let mut query = Query::new();
    if kind == Kind::Get {
        for (name, value) in [
            ("response-content-disposition", "attachment; filename=\"z ü.jpg\"; filename*=UTF-8''z%20.jpg"),
            ("response-content-type", "application/x-thing; a=b"),
            ("response-cache-control", "no-store"),
        ] {
            if random.below(2) == 0 {
                query.insert(name, value).unwrap();
            }
        }
    }
    if kind == Kind::List {
        query.insert("max-parts", "7").unwrap();
    }
    query
}

/// The CRC-32 polynomial of zip and PNG, with its bits reversed.
const CRC32: u32 = 0xEDB8_8320;
/// The CRC-32C polynomial (RFC 3720, section 12.1), with its bits reversed.
const CRC32C: u32 = 0x82F6_3B78;

fn crc(polynomial: u32, bytes: &[u8]) -> u32 {
    !bytes.iter().fold(!0_u32, |crc, byte| {
        (0..8).fold(crc ^ u32::from(*byte), |crc, _| (crc >> 1) ^ (polynomial & (crc & 1).wrapping_neg()))
    })
}

/// The random number generator SplitMix64, with a fixed seed.
struct Random(u64);

impl Random {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let z = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        let z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        z ^ (z >> 31)
    }

    fn below(&mut self, end: u64) -> u64 {
        self.next() % end
    }

    fn one_of<T: Copy>(&mut self, choices: &[T]) -> T {
        *choices.get(usize::try_from(self.below(choices.len() as u64)).unwrap()).unwrap()
    }
}

/// Headers that some of the requests have, in addition to [`STORED`].
const OPTIONAL: [&str; 7] = [
    "if-match",
    "if-none-match",
    "content-length",
    "range",
    "x-amz-checksum-crc32",
    "x-amz-checksum-crc32c",
    "x-amz-checksum-sha256",
];

#[test]
fn there_are_200_requests_with_every_header() {
    let cases = all();
    assert_eq!(cases.len(), 200);
    assert!(cases.iter().filter(|case| case.temporary).count() > 30);
    assert!(cases.iter().filter(|case| case.virtual_hosted).count() > 30);
    for name in STORED.iter().map(|(name, _)| *name).chain(OPTIONAL) {
        assert!(cases.iter().any(|case| case.headers.get(name).is_some()), "{name}");
    }
}

#[test]
fn checksums_match_their_published_check_values() {
    assert_eq!(crc(CRC32, b"123456789"), 0xCBF4_3926);
    assert_eq!(crc(CRC32C, b"123456789"), 0xE306_9283);
}
