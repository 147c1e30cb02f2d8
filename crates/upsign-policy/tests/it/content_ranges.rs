//! Content type ranges: which types they allow, and which of these are forced to be saved instead of displayed.

use upsign_policy::{
    Bodyless, ContentRules, Disposition, Permit, SignableRequest, UploadMethod, UploadPolicy, UploadRequest,
};

use crate::invariants::check_error;
use crate::sample::{builder, caller, ids};

const DISPOSITIONS: [Disposition; 5] = [
    Disposition::Unset,
    Disposition::InlineNamed,
    Disposition::FromClient,
    Disposition::Attachment,
    Disposition::AttachmentNamed,
];

/// Types without a known meaning. Browsers guess the first ones from the bytes of the object: Chromium and the WHATWG's
/// standard the first two, Firefox the others.
const UNKNOWN: [&str; 10] = [
    "application/unknown",
    "unknown/unknown",
    "application/x-unknown-content-type",
    "application/x-vnd.mozilla.guess-from-ext",
    "application/x-vnd.mozilla.maybe-text",
    "application/x-new",
    "image/x-new",
    "text/x-new",
    "chemical/x-pdb",
    "unknown/x-new",
];

fn policy(types: &[&str], disposition: Disposition) -> UploadPolicy {
    let content = ContentRules::new(types).unwrap();
    builder("u/{id}", Bodyless::Refuse).content(content).disposition(disposition).build().unwrap()
}

fn request(content_type: &str) -> UploadRequest {
    UploadRequest::described().with_content_type(content_type).with_content_length(1_000)
}

/// Returns the signed `Content-Disposition`, or the code of the denial.
fn disposition(policy: &UploadPolicy, request: &UploadRequest) -> Result<Option<String>, &'static str> {
    let permit: Permit = policy.authorize(&caller(), request, &ids(policy)).map_err(|denied| {
        check_error(&denied);
        denied.code()
    })?;
    Ok(match permit.request() {
        SignableRequest::Put(put) => put.headers().get("content-disposition").map(str::to_owned),
        SignableRequest::Multipart(upload) => {
            upload.create_headers.get("content-disposition").map(str::to_owned)
        }
        SignableRequest::Post(form) => {
            form.fields().find(|(name, _)| *name == "Content-Disposition").map(|(_, value)| value.to_owned())
        }
    })
}

#[test]
fn range_never_grants_an_unknown_type_that_could_be_displayed() {
    for range in ["*/*", "application/*", "image/*", "text/*"] {
        for unknown in UNKNOWN {
            for how in DISPOSITIONS {
                let policy = policy(&[range], how);
                let granted = disposition(&policy, &request(unknown));
                if let Ok(value) = &granted {
                    let saved = value.as_deref().is_some_and(|value| value.starts_with("attachment"));
                    assert!(saved, "{range} with {how:?} granted {unknown} with {value:?}");
                }
                if matches!(how, Disposition::Unset | Disposition::InlineNamed) {
                    assert_eq!(granted, Err("content-type-not-allowed"), "{range} {how:?} {unknown}");
                }
            }
        }
    }
}

#[test]
fn unknown_type_is_saved_if_the_policy_can_say_so() {
    for how in [Disposition::Attachment, Disposition::AttachmentNamed, Disposition::FromClient] {
        let policy = policy(&["*/*"], how);
        let value = disposition(&policy, &request("chemical/x-pdb"));
        assert_eq!(value, Ok(Some("attachment".to_owned())), "{how:?}");
    }
    let policy = policy(&["*/*"], Disposition::FromClient);
    let requested =
        |text: &str| disposition(&policy, &request("chemical/x-pdb").with_content_disposition(text));
    assert_eq!(requested("inline"), Err("content-disposition-invalid"));
    assert_eq!(
        requested("attachment; filename=a.pdb"),
        Ok(Some("attachment; filename=\"a.pdb\"".to_owned()))
    );
}

#[test]
fn forms_force_unknown_types_to_be_saved_too() {
    let form = builder("u/{id}", Bodyless::Refuse)
        .content(ContentRules::new(["*/*"]).unwrap())
        .disposition(Disposition::FromClient)
        .method(UploadMethod::Post)
        .no_overwrite(false)
        .build()
        .unwrap();
    assert_eq!(disposition(&form, &request("chemical/x-pdb")), Ok(Some("attachment".to_owned())));
    assert_eq!(disposition(&form, &request("image/png")), Ok(None));
}

#[test]
fn active_type_without_a_requested_disposition_is_saved() {
    let policy = policy(&["text/html", "application/unknown", "image/png"], Disposition::FromClient);
    for active in ["text/html", "application/unknown"] {
        assert_eq!(disposition(&policy, &request(active)), Ok(Some("attachment".to_owned())), "{active}");
    }
    assert_eq!(disposition(&policy, &request("image/png")), Ok(None));
}

#[test]
fn inert_types_are_granted_and_displayed() {
    let policy = policy(&["*/*"], Disposition::FromClient);
    let mut count = 0;
    for inert in ContentRules::inert_types() {
        assert_eq!(disposition(&policy, &request(inert)), Ok(None), "{inert}");
        let inline = request(inert).with_content_disposition("inline");
        assert_eq!(disposition(&policy, &inline), Ok(Some("inline".to_owned())), "{inert}");
        count += 1;
    }
    assert!(count > 100, "{count}");
}

#[test]
fn range_without_an_inert_type_needs_attachments() {
    let build = |how| {
        let content = ContentRules::new(["chemical/*"]).unwrap();
        builder("u/{id}", Bodyless::Refuse).content(content).disposition(how).build()
    };
    for how in [Disposition::Unset, Disposition::InlineNamed] {
        assert_eq!(
            build(how).unwrap_err().to_string(),
            "the range `chemical/*` allows no type: ranges include only types that browsers display without executing \
             them; list types exactly, or set disposition to attachment",
        );
    }
    assert!(build(Disposition::Attachment).is_ok() && build(Disposition::FromClient).is_ok());
}
