//! This project's wrappers of AWS's crates (`upsign-aws`): a conversion on each side of the crate's own call, and a check
//! that every header was signed.

use tokio::runtime::Builder;
use upsign_aws::{AwsSigV4, SdkPresigner};
use upsign_core::{Credentials, ObjectKey, Presigner, Sign};

use super::upsign::requests;
use super::{Candidate, KEYS, at};

pub(crate) fn aws_sigv4(
    name: &'static str,
    keys: &[ObjectKey],
    credentials: Credentials,
) -> Candidate<'static> {
    let (requests, at) = (requests(keys), at());
    Candidate::new(name, move |i| {
        AwsSigV4::new().sign(&requests[i % KEYS], &credentials, at).unwrap().url.expose().len()
    })
}

pub(crate) fn sdk_presigner(
    name: &'static str,
    keys: &[ObjectKey],
    credentials: Credentials,
) -> Candidate<'static> {
    let (presigner, requests, at) = (SdkPresigner::new(credentials), requests(keys), at());
    let runtime = Builder::new_current_thread().build().unwrap();
    Candidate::new(name, move |i| {
        runtime.block_on(presigner.presign(&requests[i % KEYS], at)).unwrap().url.expose().len()
    })
}
