//! Forms: signed correctly, or refused as unsupported.

use upsign_core::{Condition, LengthRange, PostPolicy, PostStyle, PresignError, PresignedPost};

use super::{Suite, fixed, put_request};
use crate::corpora::Form;

fn policy(style: PostStyle) -> PostPolicy {
    let plain = put_request("k", &[], 900);
    let size = LengthRange::new(1, 1_000).unwrap();
    PostPolicy::new(plain.target().clone(), "raw/${filename}".parse().unwrap(), size, plain.expires_in())
        .with_condition(Condition::starts_with("Content-Type", "image/"))
        .and_then(|policy| policy.with_field("x-amz-meta-name", "é \"q\""))
        .and_then(|policy| policy.with_field("success_action_status", "201"))
        .unwrap()
        .with_style(style)
}

pub(super) async fn forms(suite: &Suite<'_>) {
    let (credentials, at) = fixed();
    for style in [PostStyle::Lower, PostStyle::Js] {
        let presigner = (suite.make)(credentials.clone());
        let policy = policy(style);
        let supported = presigner.check_post(&policy).is_ok();
        let post = match presigner.presign_post(&policy, at).await {
            Err(PresignError::Unsupported(_)) => {
                assert!(!supported, "check_post() accepts a form that presign_post() refuses: {policy:?}");
                continue;
            }
            post => post.unwrap_or_else(|error| panic!("{policy:?}: {error}")),
        };
        assert!(supported, "check_post() refuses a form that presign_post() signs: {policy:?}");
        suite.supported.set(suite.supported.get() + 1);
        assert_eq!(&*post.url, "https://article-images-bucket.s3.ap-southeast-1.amazonaws.com/");
        assert_eq!(post.expires_at, at.saturating_add(900));
        let form = form(&post);
        assert!(form.is_signed(credentials.secret_access_key()), "the signature of the form");
        assert_eq!(form.uncovered(), Ok(None), "a field without a condition");
        let wanted = [
            ("eq", "$bucket", "article-images-bucket"),
            ("starts-with", "$key", "raw/"),
            ("starts-with", "$content-type", "image/"),
            ("eq", "$x-amz-meta-name", "é \"q\""),
            ("eq", "$success_action_status", "201"),
            ("content-length-range", "1", "1000"),
        ];
        let conditions = form.conditions().unwrap();
        for (operator, name, text) in wanted {
            let condition = (operator.to_owned(), name.to_owned(), text.to_owned());
            assert!(conditions.contains(&condition), "{condition:?} is not in {conditions:?}");
        }
        assert_eq!(form.policy().unwrap()["expiration"], "2013-05-24T00:15:00Z");
    }
}

fn form(post: &PresignedPost) -> Form {
    let fields = post.fields.iter().map(|(name, value)| (name.to_string(), value.to_string().into()));
    Form::of(&serde_json::Value::Object(fields.collect())).unwrap()
}
