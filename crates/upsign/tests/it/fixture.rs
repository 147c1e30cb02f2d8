//! A policy, an issuer, a caller, an upload and a recording observer for the tests.

use std::sync::{Arc, Mutex};

use upsign::policy::{ContentRules, IdName, KeyOptions, SizeLimit, UploadMethod};
use upsign::{
    Bodyless, Credentials, GrantEvent, Identity, KeyTemplate, Refusal, SigV4, Target, Timestamp,
    UploadIssuer, UploadObserver, UploadPolicy, UploadRequest, WithCredentials,
};

pub(crate) type Signer = WithCredentials<SigV4, Credentials>;

pub(crate) const OWN_ARTICLE: &str = "0f0e0d0c-0b0a-4908-8706-050403020100";

pub(crate) fn at() -> Timestamp {
    "2026-01-01T00:00:00Z".parse().unwrap()
}

pub(crate) fn caller() -> Identity {
    Identity::from_verified("https://issuer.example", "alice")
        .unwrap()
        .with_groups(["editors"])
        .with_scopes(["up/w"])
}

pub(crate) fn policy(folder: &str, may_supply: bool, method: UploadMethod) -> UploadPolicy {
    let ids: [IdName; 1] = ["article_id".parse().unwrap()];
    let template = KeyTemplate::parse(&format!("{folder}/{{article_id}}/{{id}}.{{ext}}"), &ids).unwrap();
    let target = Target::aws("article-images-bucket".parse().unwrap(), "ap-southeast-1".parse().unwrap());
    UploadPolicy::builder(target, template, Bodyless::Allow)
        .content(ContentRules::new(["image/jpeg"]).unwrap())
        .size(SizeLimit::up_to(1 << 20).unwrap())
        .keys(KeyOptions::new().client_may_supply(ids.into_iter().filter(|_| may_supply)))
        .method(method)
        .build()
        .unwrap()
}

pub(crate) fn signer() -> Signer {
    WithCredentials::new(SigV4::new(), Credentials::long_term("AKIDEXAMPLE", "secret").unwrap())
}

pub(crate) fn issuer(policy: UploadPolicy) -> UploadIssuer<Signer> {
    UploadIssuer::new(policy, signer()).unwrap()
}

pub(crate) fn simple(folder: &str) -> UploadIssuer<Signer> {
    issuer(policy(folder, false, UploadMethod::Put))
}

#[derive(Clone, Debug, Default)]
pub(crate) struct Log(Arc<Mutex<Vec<String>>>);

impl Log {
    pub(crate) fn lines(&self) -> Vec<String> {
        self.0.lock().unwrap().drain(..).collect()
    }
}

impl UploadObserver for Log {
    fn granted(&self, event: &GrantEvent<'_>) {
        let key = event.grant.key.as_str().split('/').next().unwrap();
        let line = format!("granted {} {:?} {key}", event.caller.subject().as_str(), event.route);
        self.0.lock().unwrap().push(line);
    }

    fn refused(&self, refusal: &Refusal) {
        let caller = refusal.caller.as_ref().map(|caller| caller.subject().as_str());
        let line = format!(
            "refused {caller:?} {:?} {} service_fault={}",
            refusal.route, refusal.code, refusal.service_fault
        );
        self.0.lock().unwrap().push(line);
    }
}

pub(crate) fn described() -> UploadRequest {
    UploadRequest::described().with_content_type("image/jpeg").with_content_length(7)
}
