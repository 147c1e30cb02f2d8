//! Comparison of deployments that answer dialects with what was deployed before they were switched on.

use upsign_core::{BasePath, Dialect};
use upsign_documents::{ApiKind, ComparedPart, CorsDocument, Deployment, Difference, Severity, sam_template};

use crate::apis::KINDS;
use crate::multipart_stacks;
use crate::policies::form;
use crate::stacks::{compare, forms, lines};

/// Returns a deployment with these dialects, and the same without.
fn with_and_without(kind: ApiKind, dialects: &[Dialect]) -> (Deployment, Deployment) {
    let plain = multipart_stacks::of(kind, "https://app.example.com");
    (plain.clone().with_dialects(dialects.iter().copied(), &BasePath::default()), plain)
}

#[test]
fn stacks_with_dialects_agree_with_their_deployments_in_every_form() {
    for kind in KINDS {
        let (deployment, _) = with_and_without(kind, Dialect::ALL);
        for (form, text) in forms(&deployment) {
            let comparison = compare(&deployment, &text);
            assert!(comparison.agrees(), "{kind:?} {form:?}\n{}", lines(&comparison));
            assert_eq!(comparison.uncompared().count(), 0, "{kind:?} {form:?}\n{}", lines(&comparison));
        }
    }
}

/// A function URL passes every path to the function.
#[test]
fn gateways_without_the_paths_of_a_dialect_are_found() {
    for kind in [ApiKind::Rest, ApiKind::Http, ApiKind::LoadBalancer] {
        for dialect in Dialect::ALL {
            let (deployment, plain) = with_and_without(kind, &[*dialect]);
            for (form, text) in forms(&plain) {
                let comparison = compare(&deployment, &text);
                let breaks = |it: &&Difference| it.severity() == Severity::Broken;
                let parts = comparison.parts().iter().filter(|it| it.name() == "api");
                let found = parts.flat_map(ComparedPart::differences).filter(breaks).count();
                assert!(found > 0, "{dialect} {kind:?} {form:?}\n{}", lines(&comparison));
            }
        }
    }
}

#[test]
fn bucket_whose_rules_expose_no_location_is_found() {
    let (deployment, _) = with_and_without(ApiKind::Rest, &[Dialect::Uppy]);
    let plain = Deployment::new([form("forms/{sub}/{id}")], deployment.origins().clone());
    let deployment = plain.clone().with_dialects([Dialect::Uppy], &BasePath::default());
    let before = CorsDocument::for_bucket(&plain, &plain.buckets()[0]).unwrap().to_json();
    let comparison = compare(&deployment, &before);
    let found = "the response header `Location` is not exposed to https://app.example.com: scripts cannot read it, so Uppy does not";
    assert!(!comparison.agrees() && lines(&comparison).contains(found), "{}", lines(&comparison));
    let now = CorsDocument::for_bucket(&deployment, &deployment.buckets()[0]).unwrap().to_json();
    assert!(compare(&deployment, &now).agrees());
    let stack = sam_template(&plain.with_monitoring(false)).unwrap().to_json();
    assert!(lines(&compare(&deployment, &stack)).contains(found));
}
