//! The bodies of the requests of Git LFS.
//!
//! Members that are not listed here are ignored: the specification adds some, and clients send some of their own.

use upsign_json::{Json, Object};
use upsign_policy::Checksum;

use crate::invalid_body::InvalidBody;

/// The maximum number of objects of one request. git-lfs sends 100 (`lfs.transfer.batchSize`).
pub(super) const MAX_OBJECTS: usize = 256;

/// The only transfer that the service offers.
pub(super) const BASIC: &str = "basic";
/// The only algorithm of oids.
pub(super) const SHA256: &str = "sha256";

/// What the client wants with the objects.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Direction {
    Upload,
    Download,
}

/// The body of `objects/batch`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct BatchRequest {
    pub(super) direction: Direction,
    /// Whether the oids are SHA-256 checksums, as all oids of today are.
    pub(super) is_sha256: bool,
    pub(super) objects: Vec<BatchObject>,
}

/// An object of a request, as the client names it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct BatchObject {
    pub(super) oid: Box<str>,
    pub(super) size: u64,
}

impl Direction {
    /// Returns the word of the protocol, which is also the name of the action.
    pub(super) const fn as_str(self) -> &'static str {
        match self {
            Self::Upload => "upload",
            Self::Download => "download",
        }
    }
}

impl BatchRequest {
    pub(super) fn read(body: &Object<'_>) -> Result<Self, InvalidBody> {
        let direction = match required(body, "operation")?.as_str() {
            Some("upload") => Direction::Upload,
            Some("download") => Direction::Download,
            _ => return Err(InvalidBody::Type("operation", "`upload` or `download`")),
        };
        check_transfers(body)?;
        let is_sha256 = match stated(body, "hash_algo") {
            None => true,
            Some(name) => name.as_str().ok_or(InvalidBody::Type("hash_algo", "a string"))? == SHA256,
        };
        let objects = required(body, "objects")?.as_array().ok_or(InvalidBody::Type("objects", "a list"))?;
        if objects.len() > MAX_OBJECTS {
            return Err(InvalidBody::TooManyFiles(MAX_OBJECTS));
        }
        let objects = objects.iter().map(|object| match object {
            Json::Object(members) => BatchObject::read(members),
            _ => Err(InvalidBody::Type("objects", "a list of objects")),
        });
        Ok(Self { direction, is_sha256, objects: objects.collect::<Result<_, _>>()? })
    }
}

/// A list that lacks `basic` is refused. A client that sends none knows only `basic`.
fn check_transfers(body: &Object<'_>) -> Result<(), InvalidBody> {
    let Some(transfers) = stated(body, "transfers") else { return Ok(()) };
    let offers_basic = |transfers: &[Json<'_>]| {
        transfers.is_empty() || transfers.iter().any(|name| name.as_str() == Some(BASIC))
    };
    match transfers.as_array() {
        Some(transfers) if offers_basic(transfers) => Ok(()),
        _ => Err(InvalidBody::Type(
            "transfers",
            "a list that contains `basic`, the only transfer of this server",
        )),
    }
}

impl BatchObject {
    /// Reads `oid` and `size`, which are also the body of `verify`.
    pub(super) fn read(members: &Object<'_>) -> Result<Self, InvalidBody> {
        let oid = required(members, "oid")?.as_str().ok_or(InvalidBody::Type("oid", "a string"))?;
        let size = required(members, "size")?.as_u64();
        let size = size.ok_or(InvalidBody::Type("size", "a whole number of bytes"))?;
        Ok(Self { oid: oid.into(), size })
    }

    /// Returns the checksum, or `None` unless the oid is 64 digits of lower-case hex, the only form of a pointer file
    /// (<https://github.com/git-lfs/git-lfs/blob/main/docs/spec.md#the-pointer>).
    pub(super) fn sha256(&self) -> Option<Checksum> {
        let digit = |byte: u8| match byte {
            b'0'..=b'9' => Some(byte - b'0'),
            b'a'..=b'f' => Some(byte - b'a' + 10),
            _ => None,
        };
        let (pairs, []) = self.oid.as_bytes().as_chunks::<2>() else { return None };
        let bytes = pairs.iter().map(|[high, low]| Some(digit(*high)? << 4 | digit(*low)?));
        let bytes: Vec<u8> = bytes.collect::<Option<_>>()?;
        Some(Checksum::sha256(bytes.try_into().ok()?))
    }
}

fn required<'a, 'b>(body: &'a Object<'b>, name: &'static str) -> Result<&'a Json<'b>, InvalidBody> {
    body.get(name).ok_or(InvalidBody::Missing(name))
}

/// Returns a member that is neither absent nor `null`.
fn stated<'a, 'b>(body: &'a Object<'b>, name: &str) -> Option<&'a Json<'b>> {
    body.get(name).filter(|value| !matches!(value, Json::Null))
}

#[cfg(test)]
mod tests {
    use upsign_json::{Limits, read_object};

    use super::*;

    fn read(body: &str) -> Result<BatchRequest, InvalidBody> {
        BatchRequest::read(&read_object(body.as_bytes(), Limits::new(1 << 20, 16)).unwrap())
    }

    #[test]
    fn members_of_newer_clients_are_ignored() {
        let body = r#"{"operation": "upload", "transfers": ["lfs-standalone-file", "basic", "ssh"],
            "ref": {"name": "refs/heads/main"}, "objects": [{"oid": "ab", "size": 3, "name": "x"}], "hash_algo": "sha256"}"#;
        let batch = read(body).unwrap();
        assert_eq!((batch.direction, batch.is_sha256), (Direction::Upload, true));
        assert_eq!(batch.objects, [BatchObject { oid: "ab".into(), size: 3 }]);
        let minimal = read(r#"{"operation": "download", "objects": []}"#).unwrap();
        assert_eq!((minimal.direction, minimal.is_sha256), (Direction::Download, true));
        let other = read(r#"{"operation": "download", "objects": [], "hash_algo": "sha512"}"#).unwrap();
        assert!(!other.is_sha256);
        assert!(
            read(r#"{"operation": "download", "objects": [], "transfers": null, "hash_algo": null}"#).is_ok()
        );
    }

    #[test]
    fn invalid_bodies_name_the_member() {
        let object = r#"{"oid": "ab", "size": 1}"#;
        let many =
            format!(r#"{{"operation": "upload", "objects": [{}]}}"#, [object; MAX_OBJECTS + 1].join(","));
        for (body, part) in [
            (r#"{"objects": []}"#, "`operation`"),
            (r#"{"operation": "delete", "objects": []}"#, "`upload` or `download`"),
            (r#"{"operation": "upload"}"#, "`objects`"),
            (r#"{"operation": "upload", "objects": {}}"#, "`objects`"),
            (r#"{"operation": "upload", "objects": [1]}"#, "`objects`"),
            (r#"{"operation": "upload", "objects": [{"size": 1}]}"#, "`oid`"),
            (r#"{"operation": "upload", "objects": [{"oid": 1, "size": 1}]}"#, "`oid`"),
            (r#"{"operation": "upload", "objects": [{"oid": "a", "size": -1}]}"#, "`size`"),
            (r#"{"operation": "upload", "objects": [{"oid": "a", "size": 1.5}]}"#, "`size`"),
            (r#"{"operation": "upload", "objects": [], "transfers": ["ssh"]}"#, "`basic`"),
            (r#"{"operation": "upload", "objects": [], "transfers": "basic"}"#, "`basic`"),
            (&many, "256"),
        ] {
            let error = read(body).unwrap_err().to_string();
            assert!(error.contains(part), "{body}: {error}");
        }
    }

    #[test]
    fn oids_are_checksums_in_lower_case_hex() {
        let sha256 = |oid: &str| BatchObject { oid: oid.into(), size: 0 }.sha256();
        assert_eq!(sha256(&"0f".repeat(32)), Some(Checksum::sha256([0x0f; 32])));
        for oid in
            ["", "0f", &"0F".repeat(32), &"0g".repeat(32), &"0".repeat(63), &"0".repeat(66), &"é".repeat(32)]
        {
            assert_eq!(sha256(oid), None, "{oid}");
        }
    }
}
