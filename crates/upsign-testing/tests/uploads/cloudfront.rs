//! Reads of confirmed objects through the distribution of a generated stack, on real stores with versions.

use upsign::confirm::ConfirmState;
use upsign::policy::Gate;
use upsign::read::ReadRequest;
use upsign::types::Timestamp;
use upsign::{Target, UploadPolicy};
use upsign_cloudfront::{CloudFrontKey, CloudFrontSigner, CloudFrontSigners};
use upsign_documents::Deployment;

use crate::confirm::{Confirmations, file};
use crate::edge::{Answer, DOMAIN, Edge, deployment};
use crate::store::{Store, StoreName, now};

/// Keys for these tests only: of RSA, and of ECDSA.
const KEYS: [&str; 2] = [include_str!("cloudfront-rsa.pem"), include_str!("cloudfront-ecdsa.pem")];

fn key(index: usize) -> CloudFrontKey {
    CloudFrontKey::from_pem(KEYS[index]).unwrap()
}

fn gate() -> Gate {
    Gate::Pending("pending/{id}".parse().unwrap())
}

/// Returns the edge of a stack that trusts these keys, and the id of the last of them.
fn edge(store: &Store, policy: &UploadPolicy, keys: &[usize]) -> (Edge, String) {
    let name = store.target.bucket().clone();
    let bucket = Target::aws(name, "us-east-1".parse().unwrap());
    let role = "arn:aws:iam::123456789012:role/service".parse().unwrap();
    let trusting = |keys: &[usize]| {
        let deployment = deployment(policy, &bucket).with_service_role(&role);
        keys.iter().fold(deployment, |it: Deployment, index| {
            it.with_cloudfront_key(key(*index).public_key_pem().parse().unwrap())
        })
    };
    let last = Edge::new(store, &trusting(&keys[keys.len() - 1..]));
    let id = last.key_pair_ids().next().unwrap().to_owned();
    (Edge::new(store, &trusting(keys)), id)
}

fn seen(answer: &Answer) -> (u16, &str, Option<&str>, &[u8]) {
    (answer.status, &answer.content_type, answer.disposition.as_deref(), &answer.body)
}

/// The URL of a receipt reads the confirmed version while a newer one exists, with the signed headers, until it expires. Whatever is
/// changed in it, nothing is read.
pub(crate) async fn signed_urls_read_the_confirmed_version(store: &Store) {
    for index in 0..KEYS.len() {
        let mut confirmations = Confirmations::new(store, &gate());
        let (edge, id) = edge(store, confirmations.policy(), &[index]);
        let signer = CloudFrontSigner::new(DOMAIN, &id, key(index)).unwrap();
        let signers = CloudFrontSigners::new().with_bucket(store.target.bucket().as_str(), signer);
        confirmations.service = confirmations.service.clone().with_read_signer(signers);
        let grant = confirmations.grant().await;
        confirmations.put(&grant, &file("good", 1)).await;
        let first = confirmations.confirm(&grant).await.unwrap();
        assert_eq!(first.state, ConfirmState::Confirmed);
        confirmations.replace(&first.key, &file("newer", 2)).await;

        let sign = async |request: ReadRequest, at: Timestamp| {
            let receipt = first.receipt.as_ref().unwrap().expose();
            let read = confirmations.service.read_url(&confirmations.caller, receipt, &request, at).await;
            let read = read.unwrap();
            assert!(read.headers.is_empty() && read.version_id == first.version_id);
            (read.url.expose().to_owned(), read.expires_at)
        };
        let at = now();
        let (url, expires_at) = sign(ReadRequest::new(), at).await;
        let good = file("good", 1);
        assert_eq!(seen(&edge.get(&url, at).await), (200, "image/jpeg", None, good.as_slice()));
        let (saved, _) = sign(ReadRequest::new().with_attachment(), at).await;
        let answer = edge.get(&saved, at).await;
        // Ministack 1.5 overrides no headers of a version.
        let disposition = (store.name != StoreName::Ministack).then_some("attachment");
        assert_eq!(seen(&answer), (200, "image/jpeg", disposition, good.as_slice()));
        assert_eq!(edge.get(&url, expires_at.saturating_sub(1)).await.status, 200);
        assert_eq!(edge.get(&url, expires_at).await.status, 403, "expired");

        let version = first.version_id.as_ref().unwrap().as_str();
        let without = |url: &str, name: &str| {
            let (path, query) = url.split_once('?').unwrap();
            let kept: Vec<&str> = query.split('&').filter(|pair| !pair.starts_with(name)).collect();
            format!("{path}?{}", kept.join("&"))
        };
        for tampered in [
            url.replace(version, "null"),
            without(&url, "versionId="),
            without(&url, "response-content-type="),
            without(&saved, "response-content-disposition="),
            without(&url, "Signature="),
            without(&url, "Key-Pair-Id="),
            without(&url, "Hash-Algorithm="),
            url.replace(&id, "K2JCJMDEHXQW5F"),
            url.replace("response-content-type=image%2Fjpeg", "response-content-type=text%2Fhtml"),
            url.replacen("?", "?versionId=null&", 1),
            format!("{url}&acl"),
            url.replace(&expires_at.as_unix().to_string(), &(expires_at.as_unix() + 1).to_string()),
            url.replacen("https://", "http://", 1),
            url.split('?').next().unwrap().to_owned(),
        ] {
            assert_ne!(tampered, url);
            assert_eq!(edge.get(&tampered, at).await.status, 403, "{tampered}");
        }
        // Behind a managed cache policy, which passes on no query, the same URL reads another object.
        let mut managed = edge;
        managed.query.clear();
        assert_eq!(managed.get(&url, at).await.body, file("newer", 2));
    }
}

/// Neither a key outside of the group nor a URL of a pending object reads, and during a rotation both keys do.
pub(crate) async fn only_trusted_keys_read_final_keys(store: &Store) {
    let confirmations = Confirmations::new(store, &gate());
    let grant = confirmations.grant().await;
    confirmations.put(&grant, &file("good", 1)).await;
    let at = now();
    let sign = |index: usize, id: &str, key_of_object: &str| {
        let signer = CloudFrontSigner::new(DOMAIN, id, key(index)).unwrap();
        let url =
            signer.sign_url(&key_of_object.parse().unwrap(), &upsign::Query::new(), at.saturating_add(60));
        url.unwrap().expose().to_owned()
    };
    let (both, second) = edge(store, confirmations.policy(), &[0, 1]);
    let (old, first) = edge(store, confirmations.policy(), &[0]);
    let (new, _) = edge(store, confirmations.policy(), &[1]);
    let pending = confirmations.pending_key(&grant);
    for (index, id) in [(0, &first), (1, &second)] {
        assert_eq!(both.get(&sign(index, id, &pending), at).await.status, 403, "not confirmed");
    }
    assert_eq!(confirmations.confirm(&grant).await.unwrap().state, ConfirmState::Confirmed);
    let read = grant.key.as_str();
    for (edge, name, by_first, by_second) in
        [(&old, "before", 200, 403), (&both, "during", 200, 200), (&new, "after", 403, 200)]
    {
        assert_eq!(edge.get(&sign(0, &first, read), at).await.status, by_first, "{name} the rotation");
        assert_eq!(edge.get(&sign(1, &second, read), at).await.status, by_second, "{name} the rotation");
        assert_eq!(edge.get(&sign(1, &first, read), at).await.status, 403, "the id of the other key");
    }
}
