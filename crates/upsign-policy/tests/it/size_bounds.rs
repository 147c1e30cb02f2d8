//! What a `PUT` binds of the size: the exact size, or the maximum at a store that can bind one.

use upsign_core::MaxSizeBinding;
use upsign_policy::{
    Bodyless, InvalidUploadPolicy, PolicyWarning, SizeBound, SizeLimit, Unbounded, UploadMethod,
    UploadPolicyBuilder, UploadRequest,
};

use crate::sample::{builder, caller, ids};

const PARAMETER: (&str, &str) = ("x-rustfs-max-content-length", "10485760");

fn bounded() -> UploadPolicyBuilder {
    builder("u/{id}", Bodyless::Allow).size_bound(SizeBound::Max(MaxSizeBinding::RustFs))
}

#[test]
fn maximum_is_a_query_parameter_instead_of_a_length() {
    let policy = bounded().build().unwrap();
    let png = UploadRequest::described().with_content_type("image/png");
    for request in [png.clone(), png.clone().with_content_length(7), UploadRequest::bodyless()] {
        let permit = policy.authorize(&caller(), &request, &ids(&policy)).unwrap();
        let put = permit.request().put().unwrap();
        assert_eq!(put.query().iter().collect::<Vec<_>>(), [PARAMETER]);
        assert_eq!(put.headers().get("content-length"), None);
    }
    assert!(policy.signed_header_names().all(|name| name != "content-length"));
    assert!(
        policy.sample_requests().iter().all(|sample| sample.put().unwrap().query().iter().eq([PARAMETER]))
    );
}

#[test]
fn stated_size_is_still_checked() {
    let policy = bounded().build().unwrap();
    let png = UploadRequest::described().with_content_type("image/png").with_content_length(10_485_761);
    assert_eq!(policy.authorize(&caller(), &png, &ids(&policy)).unwrap_err().code(), "too-large");
}

#[test]
fn exact_size_is_the_default_and_has_no_parameter() {
    let policy = builder("u/{id}", Bodyless::Refuse).build().unwrap();
    let png = UploadRequest::described().with_content_type("image/png");
    let denied = policy.authorize(&caller(), &png, &ids(&policy)).unwrap_err();
    assert_eq!(denied.code(), "content-length-required");
    let permit = policy.authorize(&caller(), &png.with_content_length(7), &ids(&policy)).unwrap();
    assert!(permit.request().put().unwrap().query().is_empty());
}

#[test]
fn bodyless_request_has_the_maximum_too() {
    let unbound = |builder: UploadPolicyBuilder| {
        let warnings = builder.build().unwrap().warnings();
        warnings.into_iter().find_map(|warning| match warning {
            PolicyWarning::BodylessAllowed { unbound } => Some(unbound),
            _ => None,
        })
    };
    assert!(!unbound(bounded()).unwrap().contains(&"size"));
    assert!(unbound(builder("u/{id}", Bodyless::Allow)).unwrap().contains(&"size"));
}

#[test]
fn maximum_binds_neither_a_minimum_nor_a_form() {
    let minimum = bounded().size(SizeLimit::between(7, 100).unwrap()).build();
    assert_eq!(minimum, Err(InvalidUploadPolicy::MinSizeUnbound(7)));
    let form = bounded().method(UploadMethod::Post).build();
    assert_eq!(form, Err(InvalidUploadPolicy::SizeBoundOfForm));
}

#[test]
fn put_binds_no_size_only_if_both_sides_say_so() {
    let png = UploadRequest::described().with_content_type("image/png");
    for (unbounded, request, is_permitted) in [
        (Unbounded::Refuse, png.clone(), false),
        (Unbounded::Refuse, png.clone().with_unbound_size(), false),
        // The API's own contract requires the size in any case.
        (Unbounded::Danger, png.clone(), false),
        (Unbounded::Danger, png.clone().with_unbound_size(), true),
    ] {
        let policy = builder("u/{id}", Bodyless::Refuse).unbounded(unbounded).build().unwrap();
        match policy.authorize(&caller(), &request, &ids(&policy)) {
            Ok(permit) => {
                assert!(is_permitted, "{unbounded:?} {request:?}");
                let headers = permit.request().put().unwrap().headers();
                assert_eq!(
                    (headers.get("content-length"), headers.get("content-type")),
                    (None, Some("image/png"))
                );
            }
            Err(denied) => assert_eq!((is_permitted, denied.code()), (false, "content-length-required")),
        }
    }
    let danger = builder("u/{id}", Bodyless::Refuse).unbounded(Unbounded::Danger);
    let sized = png.with_unbound_size().with_content_length(7);
    let policy = danger.clone().build().unwrap();
    let permit = policy.authorize(&caller(), &sized, &ids(&policy)).unwrap();
    assert_eq!(permit.request().put().unwrap().headers().get("content-length"), Some("7"));
    assert!(policy.warnings().contains(&PolicyWarning::Unbounded));
    let form = danger.no_overwrite(false).method(UploadMethod::Post).build();
    assert_eq!(form, Err(InvalidUploadPolicy::UnboundedForm));
}
