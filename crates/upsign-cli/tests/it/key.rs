//! `upsign key`: denials name the key of upsign.toml and the option to change.

use crate::run::{CONFIG, Finished, upsign};

fn key(config: &str, more: &[&str]) -> Finished {
    let upload = ["key", "--content-length=7"];
    upsign(&[&upload[..], more].concat()).file("upsign.toml", config).output()
}

#[test]
fn malformed_content_type_is_answered_with_the_one_to_write() {
    key(CONFIG, &["--content-type=jpeg"])
        .exits(1)
        .has_message("error: denied: \"jpeg\" is not a content type (content-type-invalid)\n")
        .has_message("help: write --content-type image/jpeg\n");
    key(CONFIG, &["--content-type=nonsense"]).exits(1).has_message("the content type is malformed");
}

#[test]
fn denied_ids_metadata_and_tags_name_the_key_of_the_file() {
    let png = "--content-type=image/png";
    let id = "--id=articleId=3f2504e0-4f89-41d3-9a0c-0305e82c3301";
    key(CONFIG, &[png, id])
        .exits(1)
        .has_message("denied: upload.client_may_supply does not list articleId (id-not-allowed)")
        .has_message("help: leave --id articleId=… out");
    let named = CONFIG.replace("bodyless =", "client_metadata = [\"note\"]\nbodyless =");
    let metadata = ["--metadata=NOTE=a", "--metadata=camera=b"];
    key(&named, &[&[png], &metadata[..]].concat())
        .exits(1)
        .has_message("denied: upload.client_metadata does not list camera (metadata-not-allowed)")
        .has_message("help: leave --metadata camera=… out, or add \"camera\" to the list");
    key(&named, &[png, "--metadata=note=a"]).exits(0);
    let route = CONFIG.replace("[upload]", "[route.photos]");
    key(&route, &[png, "--route=photos", "--tag=a=b"]).exits(1).has_message(
        "denied: route.photos.client_tags is not set, so clients cannot set tags (tags-not-allowed)",
    );
}
