//! Random callers, ids and upload requests.

use upsign_core::{Identity, Timestamp};
use upsign_policy::{
    Bodyless, Checksum, ClientMetadata, Disposition, Ids, UploadMethod, UploadPolicy, UploadRequest, uuid_v4,
};

use super::random::Random;

pub(super) fn caller(random: &mut Random) -> Identity {
    let subject = random.pick(&["alice", "us-east-1:5b", "a/../b", "ä*?${x}", "..", "bob smith"]);
    let identity = Identity::from_verified("https://id.example.com", subject).unwrap();
    let identity = if random.percent(80) { identity.with_groups(["editors"]) } else { identity };
    let issuers = ["staff", "customers", "customers-2"];
    let identity = identity.with_issuer_name(random.pick(&issuers).parse().unwrap());
    let tenants = ["acme", "*", "x/y", "${aws:username}"];
    if random.percent(80) { identity.with_claim("tenant", random.pick(&tenants)) } else { identity }
}

pub(super) fn ids(random: &mut Random, policy: &UploadPolicy) -> Ids {
    let mut uuid = || uuid_v4(std::array::from_fn(|_| u8::try_from(random.below(256)).unwrap()));
    let ids = Ids::new(Timestamp::UNIX_EPOCH, uuid());
    policy.id_names().iter().fold(ids, |ids, name| {
        let value = uuid();
        ids.with(name.clone(), value)
    })
}

/// Returns a request that most policies accept, and some deny.
pub(super) fn request(random: &mut Random, policy: &UploadPolicy) -> UploadRequest {
    if random.percent(if policy.bodyless() == Bodyless::Allow { 30 } else { 3 }) {
        return UploadRequest::bodyless();
    }
    let files = [
        ("image/jpeg", "a.jpg"),
        ("image/png", "ä b.png"),
        ("application/pdf", "x.pdf"),
        ("application/octet-stream", "a*b?.bin"),
        ("text/html", "x.html"),
    ];
    let is_allowed = |(name, _): &&(&str, &str)| {
        policy.content_rules().ranges().iter().any(|range| {
            let range = range.to_string();
            range == *name || range.strip_suffix('*').is_some_and(|prefix| name.starts_with(prefix))
        })
    };
    let allowed: Vec<(&str, &str)> = files.iter().filter(is_allowed).copied().collect();
    let (content_type, file_name) =
        if random.percent(90) { random.pick(&allowed) } else { random.pick(&files) };
    let mut request = UploadRequest::described().with_content_type(content_type);
    if policy.method() == UploadMethod::Put || random.percent(50) {
        request = request.with_content_length(u64::try_from(1 + random.below(1_100_000)).unwrap());
    }
    if random.percent(70) {
        request = request.with_file_name(if random.percent(90) { file_name } else { "noextension" });
    }
    if let Some(algorithm) = policy.checksums().algorithms().first().filter(|_| random.percent(85)) {
        let checksum = Checksum::zero(*algorithm);
        request = request.with_checksum(algorithm.as_str(), checksum.as_base64());
    }
    if random.percent(20) {
        request = request.with_multipart(random.percent(70));
    }
    if random.percent(if *policy.client_metadata() == ClientMetadata::None { 3 } else { 50 }) {
        request = request.with_metadata("width", "640");
    }
    if random.percent(if policy.client_tags() { 50 } else { 3 }) {
        request = request.with_tag("kind", "photo");
    }
    if random.percent(if policy.disposition() == Disposition::FromClient { 50 } else { 3 }) {
        request = request.with_content_disposition("attachment; filename=\"b.jpg\"");
    }
    request
}
