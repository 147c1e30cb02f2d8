//! Multipart uploads from end to end: a real `UploadService` with `HttpObjects`, and a client that sends parts, on real stores.
//!
//! The servers' endpoints come from `TEST_S3_SEAWEED` and `TEST_S3_MINISTACK`; `cargo xtask test --only servers` starts both and
//! sets them. Without them only the embedded server of `upsign-local` is tested.
#![expect(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test's panic is its report")]
#![expect(clippy::print_stdout, reason = "the outcomes of races and of wrong bytes are reported")]

mod checksums;
mod cloudfront;
mod confirm;
mod edge;
mod huge;
mod integrity;
mod lifecycle;
mod lost_answers;
mod races;
mod replaced;
mod store;
mod uploader;

use store::{Store, StoreName, stores};
use upsign::policy::Gate;

#[tokio::test(flavor = "multi_thread")]
async fn uploads_complete_on_every_store() {
    for store in stores().await {
        for algorithm in store.algorithms() {
            println!("{}: {algorithm:?}", store.name);
            lifecycle::three_parts(&store, algorithm, true).await;
            lifecycle::three_parts(&store, algorithm, false).await;
            lifecycle::unknown_size(&store, algorithm).await;
            lifecycle::empty_object(&store, algorithm).await;
        }
        lifecycle::parts_of_other_lengths(&store).await;
        lifecycle::aborted(&store).await;
        lifecycle::status_of_a_put(&store).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn wrong_bytes_are_never_completed() {
    for store in stores().await {
        integrity::wrong_bytes_are_never_completed(&store).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn two_clients_of_one_upload_do_not_lose_bytes() {
    for store in stores().await {
        let outcomes = races::two_completions(&store).await;
        println!("{}: two completions: {outcomes}", store.name);
        for algorithm in store.algorithms() {
            let outcomes = races::two_versions_of_a_part(&store, algorithm).await;
            println!("{}: two versions of a part, {algorithm:?}: {outcomes}", store.name);
        }
        let outcomes = races::abort_and_complete(&store).await;
        println!("{}: abort and complete: {outcomes}", store.name);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn confirmed_objects_are_read_and_deleted() {
    for is_versioned in [false, true] {
        for store in stores().await {
            let store = if is_versioned { store.with_versions().await } else { store };
            for gate in confirm::gates(&store, is_versioned) {
                confirm::life_of_an_object(&store, &gate).await;
            }
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn replaced_object_has_a_new_receipt_and_the_old_one_reads_no_other() {
    for is_versioned in [false, true] {
        for store in stores().await {
            let store = if is_versioned { store.with_versions().await } else { store };
            replaced::by_entity_tag(&store, is_versioned).await;
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn signed_urls_of_cloudfront_read_the_confirmed_version() {
    for store in stores().await {
        let store = store.with_versions().await;
        println!("{}", store.name);
        cloudfront::signed_urls_read_the_confirmed_version(&store).await;
        cloudfront::only_trusted_keys_read_final_keys(&store).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn object_that_is_replaced_during_its_confirmation_is_never_promoted() {
    for store in stores().await {
        // The copies of ministack ignore that the destination exists, so there only a version is one object.
        let is_versioned = store.name == StoreName::Ministack;
        let store = if is_versioned { store.with_versions().await } else { store };
        for gate in confirm::gates(&store, is_versioned) {
            let outcomes = confirm::races(&store, &gate).await;
            let gate = if gate == Gate::Tag { "tag" } else { "pending key" };
            println!("{}: {gate}: {outcomes}", store.name);
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn lost_answers_are_resolved_by_looking() {
    let store = Store::embedded().await;
    lost_answers::answers_of_completions(&store).await;
    lost_answers::lost_requests_can_be_repeated(&store).await;
    lost_answers::answer_of_a_put(&store).await;
    lost_answers::failing_store(&store).await;
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "stores 5 GiB; `cargo xtask nightly --only huge-upload` starts the store and runs it"]
async fn five_gibibytes_and_one_byte_are_stored() {
    let seaweedfs = stores().await.into_iter().find(|store| store.name == StoreName::SeaweedFs);
    huge::five_gibibytes_and_one_byte(&seaweedfs.unwrap()).await;
}
