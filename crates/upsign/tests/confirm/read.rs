//! URLs to read confirmed objects.

use upsign::confirm::{ConfirmState, Receipt};
use upsign::policy::Replace;
use upsign::read::{AuthorizeRead, ReadAuthorization, ReadRequest, ReadTarget, ReadUrl, SignRead};
use upsign::types::{PresignError, PresignedUrl};
use upsign::{AuthorizeError, Decision, ExpiresIn};

use super::*;

/// Uploads and confirms an object, and returns its receipt.
async fn receipt_of(service: &Service, store: &Store) -> String {
    let grant = grant(service).await;
    store.put(&upload_key(&grant), GOOD, JPEG);
    let answer = confirm(service, &grant).await.unwrap();
    assert_eq!(answer.state, ConfirmState::Confirmed);
    answer.receipt.unwrap().expose().to_owned()
}

/// Signs the receipt of an object of another type.
fn receipt_with(content_type: &str, version: Option<&str>) -> String {
    let (key, etag) = ("images/1.jpg".parse().unwrap(), "\"abc\"".parse().unwrap());
    let owner = keys().owner_of(&alice());
    let receipt = Receipt::new(&target(), key, etag, 4, content_type.parse().unwrap(), owner, at())
        .with_route(Some("images".parse().unwrap()))
        .with_version_id(version.map(|version| version.parse().unwrap()));
    keys().sign_receipt(&receipt).unwrap().expose().to_owned()
}

/// Returns a service whose route is for some callers only.
fn restricted(policy: UploadPolicy, store: &Store, access: upsign::Access) -> Service {
    let route = Route::named("images".parse().unwrap(), issuer(policy, store)).with_access(access);
    UploadService::new([route]).unwrap()
}

async fn read(service: &Service, receipt: &str, request: ReadRequest) -> Result<ReadUrl, SessionError> {
    service.read_url(&alice(), receipt, &request, at()).await
}

fn seconds(seconds: u64) -> ExpiresIn {
    ExpiresIn::from_secs(seconds).unwrap()
}

#[tokio::test]
async fn url_reads_the_confirmed_version() {
    let store = Store::new(true);
    let service = service(pending(), &store);
    let receipt = receipt_of(&service, &store).await;
    let read = read(&service, &receipt, ReadRequest::new()).await.unwrap();
    let url = read.url.expose();
    let version = read.version_id.as_ref().unwrap().as_str();
    assert!(
        url.contains(&format!("versionId={version}&")) || url.ends_with(&format!("versionId={version}")),
        "{url}"
    );
    assert!(url.contains("response-content-type=image%2Fjpeg"), "{url}");
    assert!(!url.contains("response-content-disposition"), "a JPEG can be shown: {url}");
    assert!(
        url.contains(&format!(".com/{}?", read.key)) && read.key.as_str().starts_with("images/"),
        "{url}"
    );
    assert!(url.contains("X-Amz-Signature="));
    assert_eq!((read.expires_in, read.headers.len()), (seconds(300), 0));
    assert_eq!(read.expires_at, at().saturating_add(300));
    assert!(!format!("{read:?}").contains("X-Amz-Signature"), "Debug shows no URL");
}

#[tokio::test]
async fn active_types_are_saved_and_not_shown() {
    let store = Store::new(true);
    let service = service(options(), &store);
    for (content_type, attachment, expected) in [
        (JPEG, false, false),
        (JPEG, true, true),
        ("text/html", false, true),
        ("image/svg+xml", false, true),
        ("application/pdf", false, true),
        ("application/x-unheard-of", false, true),
        ("text/plain;charset=utf-8", false, false),
    ] {
        let request = if attachment { ReadRequest::new().with_attachment() } else { ReadRequest::new() };
        let read = read(&service, &receipt_with(content_type, Some("v1")), request).await.unwrap();
        let is_saved = read.url.expose().contains("response-content-disposition=attachment");
        assert_eq!(is_saved, expected, "{content_type}");
        assert_eq!(read.content_type.as_str(), content_type);
    }
}

#[tokio::test]
async fn lifetime_is_the_asked_one_but_not_above_that_of_the_policy() {
    let store = Store::new(true);
    let service_for = |policy| service_of(policy, &store);
    let limited = service_for(policy(options().with_read_expires_in(seconds(120))));
    let receipt = receipt_with(JPEG, Some("v1"));
    for (asked, expected) in [(None, 120), (Some(30), 30), (Some(121), 120), (Some(604_800), 120)] {
        let request =
            asked.map_or(ReadRequest::new(), |asked| ReadRequest::new().with_expires_in(seconds(asked)));
        let url = read(&limited, &receipt, request).await.unwrap();
        assert_eq!((url.expires_in, url.expires_at), (seconds(expected), at().saturating_add(expected)));
    }
}

#[tokio::test]
async fn object_without_versions_is_read_only_while_it_is_the_confirmed_one() {
    let store = Store::new(false);
    // Also where nobody can replace an object: it can be deleted, and another one uploaded to its key.
    for (options, replace) in [
        (options(), Replace::Allow),
        (options(), Replace::Never),
        (pending(), Replace::Allow),
        (pending(), Replace::Never),
    ] {
        let policy = policy_with(options, |builder| builder.replace(replace));
        let service = service_of(policy, &store);
        let receipt = receipt_with(JPEG, None);
        let url = read(&service, &receipt, ReadRequest::new()).await.unwrap();
        assert_eq!(url.headers.get("if-match"), Some("\"abc\""), "{replace:?}");
        assert!(url.url.expose().contains("X-Amz-SignedHeaders=host%3Bif-match"));
        let cdn = service.with_read_signer(Cdn);
        let signed = read(&cdn, &receipt, ReadRequest::new()).await;
        assert_eq!(signed.unwrap_err().code(), "versions-required");
    }
}

#[tokio::test]
async fn only_the_uploader_reads_unless_the_application_says_otherwise() {
    let store = Store::new(true);
    let service = service(options(), &store);
    let receipt = receipt_with(JPEG, Some("v1"));
    let by_bob = |service: &Service| {
        let service = service.clone();
        let receipt = receipt.clone();
        async move { service.read_url(&bob(), &receipt, &ReadRequest::new(), at()).await }
    };
    let error = by_bob(&service).await.unwrap_err();
    assert_eq!((error.code(), error.status()), ("read-forbidden", 403));
    let open = service.clone().with_read_authorizer(Everybody);
    assert!(by_bob(&open).await.is_ok());
    let unavailable = service.with_read_authorizer(Unavailable);
    let error = by_bob(&unavailable).await.unwrap_err();
    assert_eq!(
        (error.code(), error.status(), error.retry_after()),
        ("authorization-unavailable", 503, Some(10))
    );
}

/// A caller that has lost the group no longer uploads, confirms and deletes, so by default it does not read either.
#[tokio::test]
async fn uploader_without_the_group_of_the_route_reads_only_if_the_application_says_so() {
    let store = Store::new(true);
    let access = upsign::Access::unrestricted().with_groups(["editors"]).with_scopes(["upload"]);
    let service = restricted(policy(options()), &store, access);
    let receipt = receipt_with(JPEG, Some("v1"));
    for (groups, scopes, expected) in [
        (vec!["editors"], vec!["upload"], true),
        (vec!["readers", "editors"], vec!["upload", "openid"], true),
        (vec![], vec!["upload"], false),
        (vec!["readers"], vec!["upload"], false),
        (vec!["editors"], vec!["openid"], false),
    ] {
        let caller = alice().with_groups(groups.iter().copied()).with_scopes(scopes.iter().copied());
        let by_default = service.read_url(&caller, &receipt, &ReadRequest::new(), at()).await;
        assert_eq!(by_default.is_ok(), expected, "{groups:?} {scopes:?}: {by_default:?}");
        if let Err(error) = by_default {
            assert_eq!((error.code(), error.status()), ("read-forbidden", 403));
        }
        let uploaders = service.clone().with_read_authorizer(EveryUploader(expected));
        assert!(uploaders.read_url(&caller, &receipt, &ReadRequest::new(), at()).await.is_ok());
    }
    let other = bob().with_groups(["editors"]).with_scopes(["upload"]);
    let error = service.read_url(&other, &receipt, &ReadRequest::new(), at()).await.unwrap_err();
    assert_eq!(error.code(), "read-forbidden", "the group alone does not read either");
}

/// Permits every uploader, and expects whether it has access to the route.
#[derive(Debug)]
struct EveryUploader(bool);

#[async_trait]
impl AuthorizeRead for EveryUploader {
    async fn authorize_read(&self, read: &ReadAuthorization<'_>) -> Result<Decision, AuthorizeError> {
        assert_eq!(read.has_access, self.0);
        Ok(if read.is_uploader { Decision::Allow } else { Decision::Deny })
    }
}

#[derive(Debug)]
struct Everybody;

#[async_trait]
impl AuthorizeRead for Everybody {
    async fn authorize_read(&self, read: &ReadAuthorization<'_>) -> Result<Decision, AuthorizeError> {
        assert!(!read.is_uploader && read.receipt.size() == 4);
        Ok(Decision::Allow)
    }
}

#[derive(Debug)]
struct Unavailable;

#[async_trait]
impl AuthorizeRead for Unavailable {
    async fn authorize_read(&self, _: &ReadAuthorization<'_>) -> Result<Decision, AuthorizeError> {
        Err(AuthorizeError::new("the database is in maintenance"))
    }
}

#[derive(Debug)]
struct Cdn;

impl SignRead for Cdn {
    fn sign_read(
        &self,
        target: &ReadTarget<'_>,
        expires_in: ExpiresIn,
        _: Timestamp,
    ) -> Result<PresignedUrl, PresignError> {
        let query: Vec<_> = target.query.iter().map(|(name, value)| format!("{name}={value}")).collect();
        let url =
            format!("https://cdn.example/{}?{}&ttl={}", target.key, query.join("&"), expires_in.as_secs());
        Ok(PresignedUrl::new(url))
    }
}

#[tokio::test]
async fn another_signer_gets_the_same_query() {
    let store = Store::new(true);
    let service = service(options(), &store).with_read_signer(Cdn);
    let read = read(&service, &receipt_with("text/html", Some("v1")), ReadRequest::new()).await.unwrap();
    assert_eq!(
        read.url.expose(),
        "https://cdn.example/images/1.jpg?versionId=v1&response-content-type=text/html&\
         response-content-disposition=attachment&ttl=300"
    );
    assert_eq!(read.version_id.unwrap().as_str(), "v1");
}

#[tokio::test]
async fn receipts_of_other_routes_and_deployments_are_refused() {
    let store = Store::new(true);
    let observer = upsign_testing::RecordingObserver::new();
    let service = service(options(), &store).with_observer(observer.clone());
    let without = super::service(ConfirmationOptions::new(), &store);
    let receipt = receipt_with(JPEG, Some("v1"));
    for (service, receipt) in [(&service, "AAAA"), (&without, receipt.as_str())] {
        let error = read(service, receipt, ReadRequest::new()).await.unwrap_err();
        assert_eq!((error.code(), error.status()), ("receipt-invalid", 403));
        assert_eq!(error.to_string(), "the receipt is not valid for this service");
    }
    assert!(read(&service, &receipt, ReadRequest::new()).await.is_ok());
    assert_eq!(observer.codes(), ["receipt-invalid", "read-url"]);
    let refusal = &observer.refusals()[0];
    assert_eq!(
        refusal.reason.as_deref(),
        Some("the receipt is not valid for this service: the receipt is too short")
    );
}
