//! What the function must know of the distributions to sign URLs for them.

use super::super::reference::Kind;
use super::super::storage::resource_of;
use super::function::{Variables, set};
use crate::deployment::Deployment;

/// The variable that names the domain of the distribution of each bucket.
const DOMAINS: &str = "UPSIGN_CLOUDFRONT_DOMAINS";
/// The variable that names the public key whose private half signs.
const KEY: &str = "UPSIGN_CLOUDFRONT_KEY_PAIR_ID";

/// Adds the variables with the domains of the distributions, each after its bucket, and with the id that CloudFront gives to the public
/// half of the key that signs. CloudFront chooses these values during the deployment, so the file cannot contain them before.
pub(super) fn with_read_variables(deployment: &Deployment, mut variables: Variables) -> Variables {
    let Some(key) = deployment.read_keys.first().filter(|_| deployment.signs_reads_of_cloudfront()) else {
        return variables;
    };
    let buckets = deployment.buckets();
    let read = buckets.iter().enumerate().filter(|(_, bucket)| !bucket.is_directory());
    let domain_of = |index: usize| Kind::Distribution.nth(index).domain_name();
    let domains: Vec<String> =
        read.map(|(index, bucket)| format!("{}={}", bucket.bucket(), domain_of(index))).collect();
    let domain = (!deployment.has_cloudfront_domain).then(|| (DOMAINS, domains.join(",")));
    let key = (KEY, resource_of(key).reference().to_string());
    for (name, value) in domain.into_iter().chain([key]) {
        set(&mut variables, name, value);
    }
    variables
}
