//! Key templates: errors, prefixes and patterns, and parsing keys back.

use upsign_policy::{Bodyless, InvalidKeyTemplate, InvalidUploadPolicy, KeyTemplate};

use crate::sample::{ARTICLE_ID, ID, builder, names, template};

/// The end of the message for an unknown placeholder without a similar name.
const UNKNOWN_HINT: &str = ": declare it as an id, or use {id}, {id:sealed}, {issuer}, {sub}, {group}, {claim:NAME}, {ext}, {filename}, {date} or {sha256}";

#[track_caller]
fn refused(text: &str, message: &str) {
    let error = KeyTemplate::parse(text, &names(&["article_id", "order"])).unwrap_err();
    assert_eq!(error.to_string(), message, "{text:?}");
}

#[test]
fn invalid_templates_are_refused() {
    refused(
        "",
        "a key template must not be empty; for example, write `articles/{article_id}/raw/{id}.{ext}`",
    );
    refused("u/*/{id}", "a template must not contain `*`, which is a wildcard in IAM resources");
    refused("u/{id}?", "a template must not contain `?`, which is a wildcard in IAM resources");
    let variable = "a template must not contain `${`, which starts an IAM policy variable; write a placeholder as `{name}`";
    refused("u/${filename}", variable);
    refused("u/${id}", variable);
    refused("u/{id", "a `{` in the template has no matching brace");
    refused("u/id}", "a `}` in the template has no matching brace");
    refused("u/{id}}", "a `}` in the template has no matching brace");
    refused("u/{a/b}", "a `{` in the template has no matching brace");
    refused("u/{artcle_id}/{id}", "unknown placeholder `{artcle_id}`: did you mean `{article_id}`?");
    refused("u/{articleId}", "unknown placeholder `{articleId}`: did you mean `{article_id}`?");
    refused("{isuer}/{id}", "unknown placeholder `{isuer}`: did you mean `{issuer}`?");
    refused("u/{ID}", "unknown placeholder `{ID}`: did you mean `{id}`?");
    refused(
        "u/{user}/{id}",
        "unknown placeholder `{user}`: declare it as an id, or use {id}, {id:sealed}, {issuer}, {sub}, {group}, {claim:NAME}, {ext}, {filename}, {date} or {sha256}",
    );
    refused(
        "u/{zzzzzz}",
        "unknown placeholder `{zzzzzz}`: declare it as an id, or use {id}, {id:sealed}, {issuer}, {sub}, {group}, {claim:NAME}, {ext}, {filename}, {date} or {sha256}",
    );
    refused(
        "u/{}",
        "unknown placeholder `{}`: declare it as an id, or use {id}, {id:sealed}, {issuer}, {sub}, {group}, {claim:NAME}, {ext}, {filename}, {date} or {sha256}",
    );
    refused("u/{{id}}", "unknown placeholder `{{id}`: did you mean `{id}`?");
    let claim = "`{claim:NAME}` needs a claim name of 1 to 64 letters, digits, `_`, `-`, `.` and `:`, for example `{claim:custom:tenant}`";
    for name in ["claim", "claim:", "claim:a b", "claim:é", "claim:a/b", &format!("claim:{}", "x".repeat(65))]
    {
        if !name.contains('/') {
            refused(&format!("u/{{{name}}}/{{id}}"), claim);
        }
    }
    let slash = "a template must not start or end with `/`, and must not contain `//`";
    refused("/u/{id}", slash);
    refused("u//{id}", slash);
    refused("u/{id}/", slash);
    let dots = "a template must not contain a segment `.` or `..`: browsers remove such segments from URLs";
    refused("u/../{id}", dots);
    refused("./{id}", dots);
    for text in ["u\\{id}", "u\n/{id}", "u\u{202e}/{id}", "u／{id}"] {
        let error = KeyTemplate::parse(text, &[]).unwrap_err();
        assert!(matches!(error, InvalidKeyTemplate::Character(_)), "{text:?}: {error}");
        assert!(!error.to_string().contains(['\n', '\u{202e}']));
    }
    refused("cafe\u{301}/{id}", "the literal text of a template must be in Unicode normalization form C");
    refused(
        "u/{id}/\u{301}x",
        "the literal text of a template must not contain '\\u{301}', which is a control character, invisible, or similar to a slash",
    );
    // Such keys are only possible in a policy that may replace objects.
    for shared in ["u/{sub}/{filename}", "avatar.jpg", "u/{date}"] {
        assert!(!template(shared).is_unique(), "{shared}");
        assert_eq!(
            builder(shared, Bodyless::Refuse).build(),
            Err(InvalidUploadPolicy::SharedKey),
            "{shared}"
        );
    }
    assert!(template("u/{sub}/{id}").is_unique());
    refused(
        &format!("{}/{{id}}", "a".repeat(988)),
        "the shortest key of this template has 1025 bytes, but S3 allows at most 1024",
    );
    assert!(KeyTemplate::parse(&format!("{}/{{id}}", "a".repeat(987)), &[]).is_ok());
}

#[test]
fn parsed_template_declares_the_ids_that_it_uses() {
    for (text, declared) in [
        ("u/{id}", &[][..]),
        ("articles/{article_id}/raw/{id}.{ext}", &["article_id"]),
        ("{tenant_id}/{article_id}/{tenant_id}/{id}", &["tenant_id", "article_id"]),
        ("{sub}/{claim:tenant_id}/{id}", &[]),
    ] {
        let template: KeyTemplate = text.parse().unwrap();
        assert_eq!(template.id_names(), names(declared), "{text}");
        assert_eq!(template, KeyTemplate::parse(text, &names(declared)).unwrap(), "{text}");
    }
}

#[test]
fn parsed_template_refuses_other_unknown_placeholders() {
    let message = |text: &str| {
        let error = text.parse::<KeyTemplate>().unwrap_err();
        upsign_core::error_chain(&error).to_string()
    };
    assert_eq!(message("{article}/{id}"), format!("unknown placeholder `{{article}}`{UNKNOWN_HINT}"));
    assert_eq!(message("{idd}/x"), "unknown placeholder `{idd}`: did you mean `{id}`?");
    assert_eq!(
        message("{articl_id}/{article-id}"),
        "unknown placeholder `{article-id}`: did you mean `{articl_id}`?"
    );
    assert_eq!(
        message("{upload_id}/{id}"),
        "the placeholder `{upload_id}` cannot declare an id: `uploadId` is already a member of the response: declare the id \
         with another name"
    );
    assert!(message("{Article_id}/{id}").starts_with(
        "the placeholder `{Article_id}` cannot declare an id: the name of an id must be in snake case"
    ));
    assert_eq!(message("u/{a/b_id}"), "a `{` in the template has no matching brace");
    assert_eq!(message("u/{b_id"), "a `{` in the template has no matching brace");
    assert_eq!(
        message("{a_1_id}/{a1_id}"),
        "the ids `a_1_id` and `a1_id` have the same name in the response"
    );
    assert!(!message("{a\n\u{202e}_id}/{id}").contains(['\n', '\u{202e}']));
}

#[test]
fn inseparable_placeholders_are_refused() {
    let between = |first: &str, second: &str| {
        format!(
            "`{{{first}}}` and `{{{second}}}` cannot be separated in a key: put `/` or a character that `{{{first}}}` \
             cannot contain between them"
        )
    };
    refused("{sub}{group}/{id}", &between("sub", "group"));
    refused("{sub}-{group}/{id}", &between("sub", "group"));
    refused("{sub}-{ext}/{id}", &between("sub", "ext"));
    refused("{issuer}-{sub}/{id}", &between("issuer", "sub"));
    refused("{issuer}{sub}/{id}", &between("issuer", "sub"));
    refused("{sub}-{issuer}/{id}", &between("sub", "issuer"));
    refused("{sub}{id}{ext}", &between("sub", "ext"));
    refused("{id}/{filename}.{ext}", &between("filename", "ext"));
    refused("{id}/{ext}{ext}", &between("ext", "ext"));
    for text in [
        "{sub}.{group}/{id}",
        "{issuer}.{sub}/{id}",
        "{issuer}_{sub}/{id}",
        "{issuer}{id}",
        "{issuer}-{id}.{ext}",
        "{sub}-{id}",
        "{sub}{id}{date}",
        "{id}{sub}",
        "{id}-{sub}.{ext}",
        "{sub}-{id}.{ext}",
        "{sub}_x{date}{id}-.{group}",
        "{sub}.{id}.{filename}",
        "{id}{filename}",
        "{id}/{filename}.bak",
    ] {
        assert!(KeyTemplate::parse(text, &[]).is_ok(), "{text}");
    }
}

#[test]
fn ids_with_the_same_wire_name_are_refused() {
    for (one, other) in [("article_id", "article_id"), ("a1", "a_1")] {
        let error = KeyTemplate::parse("{id}", &names(&[one, other])).unwrap_err();
        assert!(matches!(error, InvalidKeyTemplate::Duplicate(..)), "{error}");
    }
}

#[track_caller]
fn check_coverage(text: &str, prefix: &str, arn: &str, lifecycle: Option<&str>) {
    let template = KeyTemplate::parse(text, &names(&["article_id"])).unwrap();
    assert_eq!(template.literal_prefix(), prefix);
    assert_eq!(template.arn_pattern(), arn);
    assert_eq!(template.lifecycle_prefix(), lifecycle);
    assert_eq!(template.to_string(), text);
}

#[test]
fn prefixes_and_arn_patterns() {
    check_coverage(
        "articles/{article_id}/raw/{id}.{ext}",
        "articles/",
        "articles/*/raw/*.*",
        Some("articles/"),
    );
    check_coverage("pending/img-{id}.jpg", "pending/img-", "pending/img-*.jpg", Some("pending/"));
    check_coverage("{sub}/{id}", "", "*/*", None);
    check_coverage("u/{issuer}/{sub}/{id}", "u/", "u/*/*/*", Some("u/"));
    check_coverage("img-{id}", "img-", "img-*", None);
    check_coverage("a/{id}{date}{sub}", "a/", "a/*", Some("a/"));
    check_coverage("a/b$c/{uuid}", "a/b$c/", "a/b$c/*", Some("a/b$c/"));
}

#[test]
fn templates_of_one_issuer_have_its_name_in_place_of_the_placeholder() {
    for (text, of_issuer, prefix, arn) in [
        ("{issuer}/{sub}/{id}", "staff/{sub}/{id}", "staff/", "staff/*/*"),
        ("u-{issuer}.{sub}/{id}", "u-staff.{sub}/{id}", "u-staff.", "u-staff.*/*"),
        ("a/{id}{issuer}/{issuer}.x/{sub}", "a/{id}staff/staff.x/{sub}", "a/", "a/*staff/staff.x/*"),
        ("u/{sub}/{id}", "u/{sub}/{id}", "u/", "u/*/*"),
    ] {
        let template: KeyTemplate = text.parse().unwrap();
        assert_eq!(template.contains_issuer(), text.contains("{issuer}"), "{text}");
        let staff = template.for_issuer(&"staff".parse().unwrap());
        assert_eq!(staff, of_issuer.parse::<KeyTemplate>().unwrap(), "{text}");
        assert_eq!((staff.literal_prefix(), staff.arn_pattern().as_str()), (prefix, arn), "{text}");
        assert!(!staff.contains_issuer(), "{text}");
    }
}

#[test]
fn templates_name_a_caller_by_subject_group_or_claim() {
    for text in ["{sub}/{id}", "{group}/{id}", "{claim:tenant}/{id}", "{issuer}/{sub}/{id}"] {
        assert!(text.parse::<KeyTemplate>().unwrap().names_caller(), "{text}");
    }
    for text in ["{id}", "{issuer}/{id}", "{article_id}/{date}/{id}.{ext}", "{sha256}/{filename}"] {
        assert!(!text.parse::<KeyTemplate>().unwrap().names_caller(), "{text}");
    }
}

#[track_caller]
fn mismatch(template: &str, key: &str) {
    let template = KeyTemplate::parse(template, &names(&["article_id"])).unwrap();
    assert!(template.parse_key(key).is_err(), "{key}");
}

#[test]
fn keys_parse_back_into_their_values() {
    let text = "{group}/{date}/{article_id}-{sub}.{id}.{ext}/{sha256}/{filename}";
    let template = KeyTemplate::parse(text, &names(&["article_id"])).unwrap();
    let hash = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";
    let key = format!("a~2Fb/2026-01-31/{ARTICLE_ID}-auth0~7C7.{ID}.jpeg/{hash}/my photo.v2.jpeg");
    let parts = template.parse_key(&key).unwrap();
    assert_eq!(parts.group.as_deref(), Some("a/b"));
    assert_eq!(parts.date.unwrap().to_string(), "2026-01-31T00:00:00Z");
    assert_eq!(parts.named, [("article_id".parse().unwrap(), ARTICLE_ID.parse().unwrap())]);
    assert_eq!(parts.subject.as_deref(), Some("auth0|7"));
    assert_eq!(parts.id, Some(ID.parse().unwrap()));
    assert_eq!(parts.extension.as_deref(), Some("jpeg"));
    assert_eq!(parts.sha256.as_deref(), Some(hash));
    assert_eq!(parts.file_name.as_deref(), Some("my photo.v2.jpeg"));
}

#[test]
fn issuer_name_parses_back_from_a_key() {
    for (text, key) in [
        ("{issuer}/{sub}/{id}", format!("b2b-partners/a~2Fb/{ID}")),
        ("{issuer}.{sub}/{id}", format!("b2b-partners.a~2Fb/{ID}")),
        ("{issuer}{id}.{sub}", format!("b2b-partners{ID}.a~2Fb")),
    ] {
        let parts = text.parse::<KeyTemplate>().unwrap().parse_key(&key).unwrap();
        assert_eq!(parts.issuer.unwrap(), "b2b-partners", "{text}");
        assert_eq!(parts.subject.as_deref(), Some("a/b"), "{text}");
    }
}

#[test]
fn keys_of_other_templates_are_rejected() {
    let template = "articles/{article_id}/raw/{id}.{ext}";
    let key = |a: &str, b: &str, ext: &str| format!("articles/{a}/raw/{b}.{ext}");
    assert!(
        KeyTemplate::parse(template, &names(&["article_id"])).unwrap().parse_key(&key(ID, ID, "jpg")).is_ok()
    );
    for key in [
        String::new(),
        key(ID, ID, ""),
        key(ID, ID, "JPG"),
        key(ID, ID, "j.pg"),
        key(ID, ID, "jpg/"),
        key(ID, ID, "jpg/x"),
        key(&ID.to_uppercase().replace('0', "A"), ID, "jpg"),
        key(&ID.replace('-', ""), ID, "jpg"),
        key("", ID, "jpg"),
        key(ID, "é", "jpg"),
        format!("x{}", key(ID, ID, "jpg")),
        format!("articles/{ID}/RAW/{ID}.jpg"),
    ] {
        mismatch(template, &key);
    }
    mismatch("{sub}/{id}", &format!("/{ID}"));
    mismatch("{sub}/{id}", &format!("a.b/{ID}"));
    mismatch("{sub}/{id}", &format!("a~2eb/{ID}"));
    for name in ["", "Staff", "1", "-a", "a.b", "a~2D", "é", &"a".repeat(33)] {
        mismatch("{issuer}/{id}", &format!("{name}/{ID}"));
    }
    mismatch("{issuer}/{id}/{issuer}", &format!("staff/{ID}/customers"));
    mismatch("{id}/{date}", &format!("{ID}/2026-02-30"));
    mismatch("{id}/{date}", &format!("{ID}/2026-1-031"));
    mismatch("{id}/{filename}", &format!("{ID}/.."));
    mismatch("{id}/{filename}", &format!("{ID}/a\u{301}"));
    mismatch("{id}/{id}", &format!("{ID}/{ARTICLE_ID}"));
    mismatch("{sub}/{id}/{sub}", &format!("a/{ID}/b"));
}
