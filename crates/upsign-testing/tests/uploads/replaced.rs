//! Objects that are replaced by their entity tag and confirmed again.

use upsign::confirm::ConfirmState;
use upsign::policy::{ConfirmationOptions, Replace};
use upsign::{Bodyless, UploadPolicy, UploadRequest};

use crate::confirm::{Confirmations, file};
use crate::store::{Store, now};

/// A replaced object is confirmed with a receipt of its own. The old receipt reads the old version, or is refused in a bucket without
/// versions.
pub(crate) async fn by_entity_tag(store: &Store, is_versioned: bool) {
    let options = ConfirmationOptions::new().with_confirm(true);
    let policy =
        UploadPolicy::builder(store.target.clone(), "avatars/{sub}".parse().unwrap(), Bodyless::Refuse)
            .content_types(["image/jpeg"])
            .max_size(1 << 20)
            .replace(Replace::IfMatch)
            .confirmation(options)
            .build()
            .unwrap();
    let confirmations = Confirmations::with_policy(store, policy);
    let name = store.name;
    let (old, new) = (file("old", 0), file("new", 0));
    let upload = || UploadRequest::described().with_content_type("image/jpeg").with_content_length(64);
    let grant = async |upload: &UploadRequest| {
        confirmations.service.issue(&confirmations.caller, None, upload, now()).await.unwrap()
    };

    let first = grant(&upload()).await;
    confirmations.put(&first, &old).await;
    let of_old = confirmations.confirm(&first).await.unwrap();
    assert_eq!(of_old.state, ConfirmState::Confirmed, "{name}");
    let etag = of_old.etag.clone().unwrap().quoted();

    let second = grant(&upload().with_if_match(etag)).await;
    confirmations.put(&second, &new).await;
    let of_new = confirmations.confirm(&second).await.unwrap();
    assert_eq!((of_new.state, &of_new.key), (ConfirmState::Confirmed, &of_old.key), "{name}");
    assert_ne!(of_new.receipt, of_old.receipt, "{name}");
    assert_eq!(of_new.version_id.is_some(), is_versioned, "{name}");
    assert_eq!(confirmations.read(&of_new).await, (200, "image/jpeg".to_owned(), new), "{name}");
    let read = confirmations.read(&of_old).await;
    if is_versioned {
        assert_eq!(read, (200, "image/jpeg".to_owned(), old), "{name}");
    } else {
        assert_eq!(read.0, 412, "{name}");
    }
}
