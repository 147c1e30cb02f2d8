//! How the bucket and the route of a model are set up, what clients upload, and who inspects it.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use async_trait::async_trait;
use upsign::confirm::{ConfirmReason, Inspect, InspectError, InspectRequest, InspectVerdict};
use upsign::policy::{ConfirmationOptions, Gate, Inspection, Replace, UploadPolicyBuilder};
use upsign::session::TokenKeys;
use upsign::{Announce, AnnounceError, Announcement, Bodyless, Identity, Target, UploadPolicy};

use super::store::Version;
use super::verdicts::Verdicts;

/// Every upload declares this size.
pub(super) const SIZE: usize = 8;
pub(super) const TYPE: &str = "image/jpeg";

/// How the bucket and the route are set up.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Setup {
    pub(super) versioned: bool,
    pub(super) gate: GateKind,
    /// Whether a client can upload twice with one URL.
    pub(super) replaces: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum GateKind {
    None,
    Pending,
    Tag,
}

impl Setup {
    const fn new(versioned: bool, gate: GateKind, replaces: bool) -> Self {
        Self { versioned, gate, replaces }
    }

    pub(super) const ALL: [Self; 10] = [
        Self::new(true, GateKind::Pending, true),
        Self::new(true, GateKind::Pending, false),
        Self::new(false, GateKind::Pending, true),
        Self::new(false, GateKind::Pending, false),
        Self::new(true, GateKind::Tag, true),
        Self::new(true, GateKind::Tag, false),
        Self::new(true, GateKind::None, true),
        Self::new(true, GateKind::None, false),
        Self::new(false, GateKind::None, true),
        Self::new(false, GateKind::None, false),
    ];

    /// Whether one upload can have several confirmed objects at once: with a pending key, only one is promoted.
    pub(super) fn confirms_versions(self) -> bool {
        self.versioned && self.replaces && self.gate != GateKind::Pending
    }

    /// Whether a confirmed object can be replaced. Its receipt then reads nothing any more.
    pub(super) fn loses_objects(self) -> bool {
        !self.versioned && self.replaces && self.gate == GateKind::None
    }

    fn options(self) -> ConfirmationOptions {
        let options = ConfirmationOptions::new().with_confirm(true).with_claim(true);
        let options = options.with_delete(true).with_delete_if_match(true);
        match self.gate {
            GateKind::None => options,
            GateKind::Pending => {
                let pending = Gate::Pending("pending/{sub}/{id}".parse().unwrap());
                options.with_gate(pending).with_inspection(Inspection::Hook)
            }
            GateKind::Tag => options.with_gate(Gate::Tag).with_inspection(Inspection::Hook),
        }
    }

    pub(super) fn policy(self) -> UploadPolicy {
        let replace = if self.replaces { Replace::Allow } else { Replace::Never };
        let builder: UploadPolicyBuilder =
            UploadPolicy::builder(target(), "files/{sub}/{id}".parse().unwrap(), Bodyless::Refuse);
        let builder = builder.content_types([TYPE]).max_size(100).replace(replace);
        builder.confirmation(self.options()).build().unwrap()
    }
}

pub(super) fn target() -> Target {
    Target::aws("article-images-bucket".parse().unwrap(), "ap-southeast-1".parse().unwrap())
}

/// Returns the keys after this number of rotations. Those before stay valid.
pub(super) fn keys(rotations: u8) -> TokenKeys {
    TokenKeys::new("production", (0..=rotations).rev().map(|number| [number; 32])).unwrap()
}

pub(super) fn alice() -> Identity {
    Identity::from_verified("https://issuer.example", "alice").unwrap()
}

/// What a client uploads.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Content {
    /// What was declared. The number distinguishes bytes that are accepted likewise.
    Good(u8),
    /// The bytes of `Good(1)` with another type, which a signed request cannot have.
    Retyped,
    /// The size and the type that were declared, but bytes that the inspection refuses.
    Evil,
    Short,
}

impl Content {
    pub(super) fn version(self, metadata: &[(Box<str>, Box<str>)]) -> Version {
        let (bytes, content_type) = match self {
            Self::Good(number) => (format!("GOOD{number:04}"), TYPE),
            Self::Retyped => ("GOOD0001".to_owned(), "text/html"),
            Self::Evil => ("EVIL0000".to_owned(), TYPE),
            Self::Short => ("GOOD".to_owned(), TYPE),
        };
        Version {
            id: None,
            bytes: Some(bytes.into_bytes()),
            content_type: content_type.to_owned(),
            metadata: metadata.to_vec(),
            tags: [].into(),
        }
    }
}

/// Accepts what begins with `GOOD`. While it is strict, it refuses `Good(2)` too, as a scanner does that has learned of a virus.
#[derive(Clone, Debug)]
pub(super) struct Scanner {
    gate: GateKind,
    strict: Arc<AtomicBool>,
    pub(super) verdicts: Verdicts,
}

impl Scanner {
    pub(super) fn new(gate: GateKind) -> Self {
        Self { gate, strict: Arc::default(), verdicts: Verdicts::default() }
    }

    /// It learns of a virus, or forgets it.
    pub(super) fn change_mind(&self) {
        self.strict.fetch_xor(true, Ordering::Relaxed);
    }
}

#[async_trait]
impl Inspect for Scanner {
    async fn inspect(&self, object: &InspectRequest<'_>) -> Result<InspectVerdict, InspectError> {
        let bytes = object.read(0, SIZE).await.map_err(InspectError::new)?;
        let is_strict = self.strict.load(Ordering::Relaxed);
        let is_good = bytes.starts_with(b"GOOD") && !(is_strict && bytes.ends_with(b"2"));
        self.verdicts.record(self.gate, object, is_good);
        Ok(if is_good { InspectVerdict::Accept } else { InspectVerdict::Reject(ConfirmReason::Malware) })
    }
}

/// Fails while it is switched off.
#[derive(Clone, Debug)]
pub(super) struct Switched(pub(super) Arc<AtomicBool>);

#[async_trait]
impl Announce for Switched {
    async fn announce(&self, _: &Announcement<'_>) -> Result<(), AnnounceError> {
        if self.0.load(Ordering::Relaxed) { Ok(()) } else { Err(AnnounceError::new("switched off")) }
    }
}
