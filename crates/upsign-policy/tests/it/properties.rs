//! Properties that hold for arbitrary text.

use std::collections::HashMap;
use std::time::{Duration, Instant};

use proptest::prelude::*;
use upsign_core::{Identity, Timestamp};
use upsign_policy::{
    Bodyless, ChecksumAlgorithm, Checksums, ClientMetadata, Disposition, FileNameOptions, FileNames, Ids,
    KeyTemplate, MetadataOptions, TagOptions, UploadPolicy, UploadRequest,
};
use uuid::Uuid;

use crate::invariants::{check_error, check_headers, check_key};
use crate::sample::{builder, names};

const TEMPLATE: &str = "uploads/{sub}/{id}/{filename}";

fn policy(names: FileNames) -> UploadPolicy {
    builder(TEMPLATE, Bodyless::Refuse)
        .file_names(FileNameOptions::new().handling(names).keep(true))
        .disposition(Disposition::FromClient)
        .checksums(Checksums::Optional(ChecksumAlgorithm::ALL.into()))
        .metadata(MetadataOptions::new().client(ClientMetadata::Any))
        .tags(TagOptions::new().client(true))
        .build()
        .unwrap()
}

fn identity(sub: &str) -> Option<Identity> {
    Identity::from_verified("https://issuer.example", sub).ok()
}

fn at() -> Timestamp {
    Timestamp::UNIX_EPOCH
}

/// Returns a strategy for text that is likely to break an encoding or a parser.
fn hostile() -> impl Strategy<Value = String> {
    let pieces = prop_oneof![
        Just(".."),
        Just("/"),
        Just("\\"),
        Just("%2e%2e%2f"),
        Just("\0"),
        Just("\r\n"),
        Just("\u{202e}"),
        Just("{sub}"),
        Just("${x}"),
        Just("e\u{301}"),
        Just("\u{1d160}"),
        Just("ﷺ"),
        Just("℀"),
        Just(" "),
        Just("é"),
        Just(".png"),
        Just("\""),
        Just("a"),
        Just("~2F"),
        Just("="),
        Just("&"),
        Just("\u{200d}"),
        Just("日本"),
        Just("*"),
    ];
    prop_oneof![
        any::<String>(),
        prop::collection::vec(pieces, 0..8).prop_map(|pieces| pieces.concat()),
        "\\PC{0,30}\\.png",
    ]
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(512))]

    #[test]
    fn issued_key_keeps_its_prefix_and_parses_back(
        sub in hostile(), id in any::<u128>(), name in hostile(), mend in any::<bool>(), stated in hostile(),
    ) {
        let policy = policy(if mend { FileNames::Mend } else { FileNames::Refuse });
        let Some(identity) = identity(&sub) else { return Ok(()) };
        let id = Uuid::from_u128(id);
        let image = || UploadRequest::described().with_content_type("image/png").with_content_length(1);
        let requests = [
            image().with_file_name(name).with_metadata("note", stated.as_str()).with_tag("note", stated.as_str()),
            image().with_file_name("a.png").with_content_disposition(format!("attachment; filename=\"{stated}\"")),
        ];
        for request in requests {
            match policy.authorize(&identity, &request, &Ids::new(at(), id)) {
                Ok(permit) => {
                    let key = permit.key().as_str();
                    prop_assert!(key.starts_with(policy.template().literal_prefix()));
                    check_key(key, permit.headers().unwrap(), policy.content_rules());
                    check_headers(permit.headers().unwrap());
                    let parts = policy.template().parse_key(key).unwrap();
                    prop_assert_eq!(parts.subject.as_deref(), Some(&*sub));
                    prop_assert_eq!(parts.id, Some(id));
                }
                Err(denied) => check_error(&denied),
            }
        }
    }

    #[test]
    fn any_text_in_any_member_is_decided(
        content_type in hostile(), length in any::<u64>(), name in hostile(), algorithm in hostile(), sum in hostile(),
        disposition in hostile(), key in hostile(), value in hostile(),
    ) {
        let policy = policy(FileNames::Mend);
        let request = UploadRequest::described().with_content_type(content_type).with_content_length(length)
            .with_file_name(name).with_checksum(algorithm, sum).with_content_disposition(disposition)
            .with_metadata(key.as_str(), value.as_str()).with_tag(key, value);
        if let Err(denied) = policy.authorize(&identity("a").unwrap(), &request, &Ids::new(at(), Uuid::nil())) {
            check_error(&denied);
        }
    }

    #[test]
    fn two_callers_or_two_ids_never_share_a_key(
        template in prop::sample::select(vec!["{sub}/{id}", "{sub}-{id}.{ext}", "{id}{sub}", "{sub}{article_id}{id}", "a-{group}.{sub}/{id}"]),
        left in (hostile(), hostile(), 0_u128..3, 0_u128..3),
        right in (hostile(), hostile(), 0_u128..3, 0_u128..3),
    ) {
        let declared = names(&["article_id"]);
        let template = KeyTemplate::parse(template, &declared).unwrap();
        let groups = template.uses(&upsign_policy::Placeholder::Group);
        let articles = template.uses(&upsign_policy::Placeholder::DeclaredId(declared[0].clone()));
        let policy = UploadPolicy::builder(crate::sample::target(), template, Bodyless::Allow)
            .content(crate::sample::images()).size(upsign_policy::SizeLimit::up_to(1).unwrap()).build().unwrap();
        let key = |(sub, group, id, article): &(String, String, u128, u128)| {
            let ids = Ids::new(at(), Uuid::from_u128(*id)).with(declared[0].clone(), Uuid::from_u128(*article));
            let identity = identity(sub)?.with_groups([group]);
            Some(policy.authorize(&identity, &UploadRequest::bodyless(), &ids).ok()?.key().clone())
        };
        if let (Some(left_key), Some(right_key)) = (key(&left), key(&right)) {
            let same = left.0 == right.0 && left.2 == right.2 && (!groups || left.1 == right.1) && (!articles || left.3 == right.3);
            prop_assert_eq!(left_key == right_key, same);
        }
    }

    /// Issuer names and subjects are drawn from few characters, so that the parts of a key could be split at another place.
    #[test]
    fn callers_of_different_issuers_never_share_a_key(
        template in prop::sample::select(vec![
            "{issuer}/{sub}/{id}", "{issuer}.{sub}/{id}", "{issuer}_{sub}.{id}", "{sub}/{issuer}{id}", "{id}{issuer}",
            "{issuer}{id}.{sub}", "{sub}.{issuer}{date}{id}.{ext}", "{issuer}/{group}/{id}", "x{issuer}/{claim:tenant}/{id}",
        ]),
        left in ("[a-c][a-c0-9-]{0,4}", "[a-c0-9/._-]{1,4}"),
        right in ("[a-c][a-c0-9-]{0,4}", "[a-c0-9/._-]{1,4}"),
        same_subject in any::<bool>(),
    ) {
        let policy = builder(template, Bodyless::Allow).build().unwrap();
        let key = |issuer: &str, sub: &str| {
            let caller = identity(sub).unwrap().with_issuer_name(issuer.parse().unwrap())
                .with_groups([sub]).with_claim("tenant", sub);
            let permit = policy.authorize(&caller, &UploadRequest::bodyless(), &Ids::new(at(), Uuid::nil()));
            permit.unwrap().key().as_str().to_owned()
        };
        let right_sub = if same_subject { &left.1 } else { &right.1 };
        let (left_key, right_key) = (key(&left.0, &left.1), key(&right.0, right_sub));
        let same_caller = left.0 == right.0 && (left.1 == *right_sub || !policy.template().names_caller());
        prop_assert_eq!(left_key == right_key, same_caller, "{} {}", left_key, right_key);

        let parts = policy.template().parse_key(&left_key).unwrap();
        prop_assert_eq!(parts.issuer.as_ref().map(AsRef::as_ref), Some(left.0.as_str()));
        // The template of one issuer has the same keys for its callers, and none of another issuer's.
        let of_left = policy.template().for_issuer(&left.0.parse().unwrap());
        prop_assert!(of_left.parse_key(&left_key).is_ok(), "{} {}", of_left, left_key);
        prop_assert_eq!(&of_left, &KeyTemplate::parse(of_left.as_str(), &[]).unwrap());
    }

    #[test]
    fn any_text_is_a_template_or_an_error(text in "([a-z./{}$*?-]|\\{(id|sub|issuer|ext|uuid|filename|date|x)\\}|\\PC){0,12}", key in hostile()) {
        match KeyTemplate::parse(&text, &[]) {
            Ok(template) => {
                prop_assert!(template.literal_prefix().len() <= text.len());
                let literal = !template.arn_pattern().contains(['{', '}', '?']);
                prop_assert!(literal);
                let _ = template.parse_key(&key);
                let of_issuer = template.for_issuer(&"b2b".parse().unwrap());
                prop_assert_eq!(KeyTemplate::parse(of_issuer.as_str(), &[]), Ok(of_issuer));
            }
            Err(error) => prop_assert!(!error.to_string().chars().any(char::is_control)),
        }
    }
}

/// Tries every subject of up to two characters, and every `~XY`, of an alphabet that is likely to collide.
#[test]
fn similar_subjects_get_different_keys() {
    let policy = builder("{sub}/{id}", Bodyless::Allow).build().unwrap();
    let alphabet =
        ["~", "2", "F", "f", "/", ".", "%", "a", "A", "é", "e", "\u{301}", "-", "_", " ", "{", "*"];
    let mut seen = HashMap::new();
    let twos = alphabet.iter().flat_map(|one| alphabet.map(|other| format!("{one}{other}")));
    let threes = alphabet.iter().flat_map(|one| alphabet.map(|other| format!("~{one}{other}")));
    for sub in alphabet.iter().map(ToString::to_string).chain(twos).chain(threes) {
        let ids = Ids::new(at(), Uuid::nil());
        let permit = policy.authorize(&identity(&sub).unwrap(), &UploadRequest::bodyless(), &ids).unwrap();
        let key = permit.key().to_string();
        if let Some(other) = seen.insert(key, sub.clone()) {
            assert_eq!(other, sub);
        }
    }
    assert!(seen.len() > 500);
}

/// A value of one megabyte is denied in linear time; most values are denied for their length alone.
#[test]
fn megabyte_values_are_denied_quickly() {
    let policy = policy(FileNames::Mend);
    let valid = || {
        UploadRequest::described()
            .with_content_type("image/png")
            .with_content_length(1)
            .with_file_name("a.png")
    };
    let start = Instant::now();
    for unit in
        ["a", "é", ".", "../", "%2e", "e\u{301}", "\u{1d160}", "ﷺ", "\"\\", ";a=b", "{sub}", "\0", " "]
    {
        let text = unit.repeat((1 << 20) / unit.len());
        let quoted = format!("attachment; filename=\"{text}\"");
        let requests = [
            valid().with_file_name(text.as_str()),
            valid().with_file_name(format!("{text}.png")),
            valid().with_content_type(text.as_str()),
            valid().with_content_type(format!("image/png{text}")),
            valid().with_checksum("sha256", text.as_str()),
            valid().with_checksum(text.as_str(), "x"),
            valid().with_content_disposition(quoted),
            valid().with_metadata(text.as_str(), "x"),
            valid().with_metadata("x", text.as_str()),
            valid().with_tag(text.as_str(), "x"),
            valid().with_tag("x", text.as_str()),
        ];
        for request in requests {
            let denied = policy
                .authorize(&identity("a").unwrap(), &request, &Ids::new(at(), Uuid::nil()))
                .unwrap_err();
            check_error(&denied);
        }
        let _ = KeyTemplate::parse(&text, &[]).map(|template| template.parse_key(&text));
        let _ = policy.template().parse_key(&text);
        let _ = policy.template().parse_key(&format!("uploads/{text}/{}/{text}", Uuid::nil()));
    }
    assert!(start.elapsed() < Duration::from_secs(20), "{:?}", start.elapsed());
}
