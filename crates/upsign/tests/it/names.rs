//! Imports: globs of the façade leave the names of `std` alone, and the names of routes behave like text.

use std::collections::HashSet;

use upsign::RouteName;

/// A re-export called `core` would make `core::fmt` below a path into it.
mod glob_of_the_root {
    use upsign::*;

    pub(super) fn describe(target: &Target) -> impl core::fmt::Debug + core::fmt::Display {
        target.region().clone()
    }
}

mod glob_of_the_prelude {
    use upsign::prelude::*;

    pub(super) fn issuer() -> Result<UploadIssuer, Box<dyn core::error::Error>> {
        let target = Target::aws("article-images-bucket".parse()?, "ap-southeast-1".parse()?);
        let policy = UploadPolicy::builder(target, "a/{article_id}/{id}.{ext}".parse()?, Bodyless::Refuse)
            .content_types(["image/jpeg"])
            .max_size(1 << 20)
            .build()?;
        let credentials = Credentials::long_term("AKIDEXAMPLE", "secret")?;
        let service: UploadService = UploadIssuer::sigv4(policy.clone(), credentials.clone())?.into();
        assert_eq!(service.routes().len(), 1);
        Ok(UploadIssuer::sigv4(policy, credentials)?)
    }
}

#[test]
fn globs_do_not_shadow_core() {
    let issuer = glob_of_the_prelude::issuer().unwrap();
    let region = glob_of_the_root::describe(issuer.policy().target());
    assert_eq!(format!("{region}"), "ap-southeast-1");
}

#[test]
fn route_names_behave_like_text() {
    let name: RouteName = "avatars".parse().unwrap();
    assert_eq!(name, "avatars");
    assert_eq!(name, *"avatars");
    assert_eq!((name.as_ref(), name.to_string().as_str()), ("avatars", "avatars"));
    assert_eq!(RouteName::try_from("avatars"), Ok(name.clone()));
    assert_eq!(RouteName::try_from("upload"), Err(upsign::InvalidRouteName::new()));
    assert!(HashSet::from([name.clone()]).contains(&name));
    assert!(name < "videos".parse().unwrap());
    assert_eq!(String::from(name), "avatars");
}
