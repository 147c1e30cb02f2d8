//! Templates: what is refused, what is projected, what a key reads back as.

use upsign_policy::{InvalidTemplate, KeyTemplate};

use crate::sample::{ARTICLE_ID, ID, names};

#[track_caller]
fn refused(text: &str, why: &str) {
    let error = KeyTemplate::parse(text, &names(&["article_id", "order"])).unwrap_err();
    assert_eq!(error.to_string(), why, "{text:?}");
}

#[test]
fn what_is_no_template() {
    refused("", "a key template needs text, as in `articles/{article_id}/raw/{id}.{ext}`");
    refused("u/*/{id}", "a template holds no `*`: in an IAM resource it is a wildcard");
    refused("u/{id}?", "a template holds no `?`: in an IAM resource it is a wildcard");
    let variable =
        "a template holds no `${`: it begins an IAM policy variable; a placeholder is written `{name}`";
    refused("u/${filename}", variable);
    refused("u/${id}", variable);
    refused("u/{id", "a `{` in the template has no partner");
    refused("u/id}", "a `}` in the template has no partner");
    refused("u/{id}}", "a `}` in the template has no partner");
    refused("u/{a/b}", "a `{` in the template has no partner");
    refused("u/{artcle_id}/{id}", "unknown placeholder `{artcle_id}`: did you mean `{article_id}`?");
    refused("u/{articleId}", "unknown placeholder `{articleId}`: did you mean `{article_id}`?");
    refused("u/{ID}", "unknown placeholder `{ID}`: did you mean `{id}`?");
    refused(
        "u/{user}/{id}",
        "unknown placeholder `{user}`: declare it as an id, or use {id}, {sub}, {group}, {claim:NAME}, {ext}, {filename}, {date} or {sha256}",
    );
    refused(
        "u/{zzzzzz}",
        "unknown placeholder `{zzzzzz}`: declare it as an id, or use {id}, {sub}, {group}, {claim:NAME}, {ext}, {filename}, {date} or {sha256}",
    );
    refused(
        "u/{}",
        "unknown placeholder `{}`: declare it as an id, or use {id}, {sub}, {group}, {claim:NAME}, {ext}, {filename}, {date} or {sha256}",
    );
    refused("u/{{id}}", "unknown placeholder `{{id}`: did you mean `{id}`?");
    let claim = "`{claim:…}` names a claim of 1 to 64 letters, digits, `_`, `-`, `.` and `:`, as in `{claim:custom:tenant}`";
    for name in ["claim", "claim:", "claim:a b", "claim:é", "claim:a/b", &format!("claim:{}", "x".repeat(65))]
    {
        if !name.contains('/') {
            refused(&format!("u/{{{name}}}/{{id}}"), claim);
        }
    }
    let slash = "a template starts and ends with no `/` and holds no `//`";
    refused("/u/{id}", slash);
    refused("u//{id}", slash);
    refused("u/{id}/", slash);
    let dots = "a template has no segment `.` or `..`: browsers remove them";
    refused("u/../{id}", dots);
    refused("./{id}", dots);
    for text in ["u\\{id}", "u\n/{id}", "u\u{202e}/{id}", "u／{id}"] {
        let error = KeyTemplate::parse(text, &[]).unwrap_err();
        assert!(matches!(error, InvalidTemplate::Character(_)), "{text:?}: {error}");
        assert!(!error.to_string().contains(['\n', '\u{202e}']));
    }
    refused("cafe\u{301}/{id}", "the template's literal text must be in Unicode normalisation form C");
    refused(
        "u/{id}/\u{301}x",
        "the template's literal text holds '\\u{301}', which is invisible, a control or path-like",
    );
    let no_id = "two uploads could get one key: add `{id}` (or a declared id, or `{sha256}`)";
    refused("u/{sub}/{filename}", no_id);
    refused("avatar.jpg", no_id);
    refused("u/{date}", no_id);
    refused(
        &format!("{}/{{id}}", "a".repeat(988)),
        "the shortest key of this template has 1025 bytes, S3 allows 1024",
    );
    assert!(KeyTemplate::parse(&format!("{}/{{id}}", "a".repeat(987)), &[]).is_ok());
}

#[test]
fn parts_that_run_into_each_other() {
    let between = |first: &str, second: &str| {
        format!(
            "`{{{first}}}` and `{{{second}}}` run into each other: put a `/` between them, or a character that \
             `{{{first}}}` never becomes"
        )
    };
    refused("{sub}{group}/{id}", &between("sub", "group"));
    refused("{sub}-{group}/{id}", &between("sub", "group"));
    refused("{sub}-{ext}/{id}", &between("sub", "ext"));
    refused("{sub}{id}{ext}", &between("sub", "ext"));
    refused("{id}/{filename}.{ext}", &between("filename", "ext"));
    refused("{id}/{ext}{ext}", &between("ext", "ext"));
    for text in [
        "{sub}.{group}/{id}",
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
fn ids_with_one_name_in_the_response() {
    for (one, other) in [("article_id", "article_id"), ("a1", "a_1")] {
        let error = KeyTemplate::parse("{id}", &names(&[one, other])).unwrap_err();
        assert!(matches!(error, InvalidTemplate::Duplicate(..)), "{error}");
    }
}

#[track_caller]
fn projections(text: &str, prefix: &str, arn: &str, lifecycle: Option<&str>) {
    let template = KeyTemplate::parse(text, &names(&["article_id"])).unwrap();
    assert_eq!(template.literal_prefix(), prefix);
    assert_eq!(template.arn_pattern(), arn);
    assert_eq!(template.lifecycle_prefix(), lifecycle);
    assert_eq!(template.to_string(), text);
}

#[test]
fn what_other_documents_need() {
    projections("articles/{article_id}/raw/{id}.{ext}", "articles/", "articles/*/raw/*.*", Some("articles/"));
    projections("pending/img-{id}.jpg", "pending/img-", "pending/img-*.jpg", Some("pending/"));
    projections("{sub}/{id}", "", "*/*", None);
    projections("img-{id}", "img-", "img-*", None);
    projections("a/{id}{date}{sub}", "a/", "a/*", Some("a/"));
    projections("a/b$c/{uuid}", "a/b$c/", "a/b$c/*", Some("a/b$c/"));
}

#[track_caller]
fn foreign(template: &str, key: &str) {
    let template = KeyTemplate::parse(template, &names(&["article_id"])).unwrap();
    assert!(template.parse_key(key).is_err(), "{key}");
}

#[test]
fn keys_read_back() {
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
fn keys_of_others() {
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
        foreign(template, &key);
    }
    foreign("{sub}/{id}", &format!("/{ID}"));
    foreign("{sub}/{id}", &format!("a.b/{ID}"));
    foreign("{sub}/{id}", &format!("a~2eb/{ID}"));
    foreign("{id}/{date}", &format!("{ID}/2026-02-30"));
    foreign("{id}/{date}", &format!("{ID}/2026-1-031"));
    foreign("{id}/{filename}", &format!("{ID}/.."));
    foreign("{id}/{filename}", &format!("{ID}/a\u{301}"));
    foreign("{id}/{id}", &format!("{ID}/{ARTICLE_ID}"));
    foreign("{sub}/{id}/{sub}", &format!("a/{ID}/b"));
}
