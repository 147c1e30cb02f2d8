//! `upsign key`: where one upload would go, and what its client would have to send.

use serde_json::{Map, Value, json};
use upsign::{IdSource, RandomIds, RouteName, SystemClock, TimeOrderedIds};
use upsign_config::{IdVersion, RouteConfig};
use upsign_core::{Identity, PostPolicy, SignedHeaders, Timestamp};
use upsign_policy::{Decided, Ids, Permit, UploadRequest};

use crate::args::KeyOf;
use crate::exit::{Exit, Failed};
use crate::{environment, say};

pub(crate) fn run(asked: &KeyOf, json: bool) -> Result<Exit, Failed> {
    let config = environment::config(&asked.config)?;
    let wanted = asked.route.as_deref();
    let route = config.routes().iter().find(|route| route.name.as_ref().map(RouteName::as_str) == wanted);
    let route = route.ok_or_else(|| Failed::usage("there is no such route").hint("see `upsign check`"))?;
    let at = asked.at.unwrap_or_else(|| upsign::Clock::now(&SystemClock));
    let who = Identity::vouched("https://issuer.example", &asked.sub);
    let who = who.map_err(|error| Failed::caused("--sub", &error).into_usage())?;
    let who = who.with_groups(&asked.groups).with_scopes(&asked.scopes);
    let who = asked.claims.iter().try_fold(who, |who, claim| {
        let (name, value) = claim.split_once('=').ok_or_else(|| Failed::usage("--claim is NAME=VALUE"))?;
        Ok::<_, Failed>(who.with_claim(name, value))
    })?;
    if !route.access.admits(&who) {
        let hint = "say whose the caller is, with --group or --scope";
        return Err(Failed::new("route-forbidden: the caller may not use this route").hint(hint));
    }
    let permit = route.policy.authorize(&who, &request(asked)?, &draw(route, at)?);
    let permit = permit.map_err(|why| {
        let cause = std::error::Error::source(&why).map(|cause| format!(": {cause}")).unwrap_or_default();
        Failed::new(format!("{}: {why}{cause}", why.code()))
    })?;
    if json {
        say::answer(&in_json(&permit).to_string());
    } else {
        show(&permit);
    }
    Ok(Exit::Success)
}

fn request(asked: &KeyOf) -> Result<UploadRequest, Failed> {
    let mut what = UploadRequest::bodyless();
    if let Some(content_type) = &asked.content_type {
        what = what.with_content_type(content_type.as_str());
    }
    if let Some(bytes) = asked.content_length {
        what = what.with_content_length(bytes);
    }
    if let Some(name) = &asked.file_name {
        what = what.with_file_name(name.as_str());
    }
    if let Some(text) = &asked.content_disposition {
        what = what.with_content_disposition(text.as_str());
    }
    for (option, pairs) in [
        ("--checksum", &asked.checksums),
        ("--metadata", &asked.metadata),
        ("--tag", &asked.tags),
        ("--id", &asked.ids),
    ] {
        for pair in pairs {
            let (name, value) =
                pair.split_once('=').ok_or_else(|| Failed::usage(format!("{option} is NAME=VALUE")))?;
            what = match option {
                "--checksum" => what.with_checksum(name, value),
                "--metadata" => what.with_metadata(name, value),
                "--tag" => what.with_tag(name, value),
                _ => what.with_id(name, value),
            };
        }
    }
    Ok(what)
}

fn draw(route: &RouteConfig, at: Timestamp) -> Result<Ids, Failed> {
    let source: &dyn IdSource = match route.id_version {
        IdVersion::V7 => &TimeOrderedIds,
        _ => &RandomIds,
    };
    let next = || source.next(at).map_err(|error| Failed::caused("a fresh id", &error));
    let ids = Ids::new(at, next()?);
    route.policy.id_names().iter().try_fold(ids, |ids, name| Ok(ids.with(name.clone(), next()?)))
}

fn sent(permit: &Permit) -> Vec<(&str, &str)> {
    let headers = permit.headers().into_iter().flat_map(SignedHeaders::iter);
    headers.chain(permit.decided().post().into_iter().flat_map(PostPolicy::fields)).collect()
}

fn in_json(permit: &Permit) -> Value {
    let ids: Map<String, Value> =
        permit.named_ids().map(|(name, id)| (name.to_owned(), id.to_string().into())).collect();
    let key = permit.key().as_str();
    match permit.decided() {
        Decided::Put(_) => json!({"key": key, "ids": ids, "method": "PUT", "headers": sent(permit)}),
        Decided::Post(form) => {
            let size = [form.length().min(), form.length().max()];
            json!({"key": key, "ids": ids, "method": "POST", "fields": sent(permit), "size": size})
        }
    }
}

fn show(permit: &Permit) {
    say::answer(permit.key().as_str());
    for (name, value) in sent(permit) {
        say::detail("", &format!("{name}: {value}"));
    }
}
