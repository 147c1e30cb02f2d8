//! Uploads with a wrong checksum: a server refuses those that the profile of its store says it verifies, and stores the others.

use upsign::policy::{Checksum, ChecksumAlgorithm, Checksums};
use upsign_core::{Provider, VerifiedChecksums};

use crate::files::{builder, described, grant, send};
use crate::server::{Server, ServerName};

/// Uploads with a wrong checksum of every algorithm. Returns what contradicts the profile of the store.
pub(crate) async fn wrong_ones(server: &Server) -> Vec<String> {
    let verified = match server.name {
        // It computes every checksum of S3.
        ServerName::Local => VerifiedChecksums::All,
        // Ministack verifies the same ones as SeaweedFS; the profile of AWS, which it emulates, has more.
        ServerName::SeaweedFs | ServerName::Ministack => Provider::SeaweedFs.capabilities().checksums,
        ServerName::RustFs => Provider::RustFs.capabilities().checksums,
    };
    let mut contradictions = Vec::new();
    for algorithm in ChecksumAlgorithm::ALL {
        let policy = builder(server.long_term.target.clone(), "checksums/{id}").content_types(["text/plain"]);
        let policy = policy.checksums(Checksums::Required([algorithm].into())).build().unwrap();
        let zeros = Checksum::zero(algorithm);
        let request = described().with_content_type("text/plain");
        let request = request.with_checksum(algorithm.as_str(), zeros.as_base64());
        let answer = send(server, &grant(server, policy, &request).await).await;
        let is_refused = answer.status == 400;
        // A later release of RustFS verifies more than its profile says.
        let may_be_refused = server.name == ServerName::RustFs;
        if is_refused != verified.contain(algorithm.as_str()) && !(is_refused && may_be_refused) {
            contradictions.push(format!("{}: {algorithm}: {} {}", server.name, answer.status, answer.text()));
        }
    }
    contradictions
}
