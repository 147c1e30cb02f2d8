//! Preflights that are redirected: browsers do not follow.

use upsign_core::Provider;

use super::super::Diagnosis;
use super::super::case::Case;
use super::super::scrub::quoted;
use super::server::is_store;
use crate::cause::known;
use crate::diff::Field;

/// A preflight was redirected. Amazon S3 does that for the region; other servers for https, for a login, or for a slash.
pub(super) fn redirected(case: &Case<'_>, host: Option<&str>, to: Option<&str>) -> Diagnosis {
    let found = Diagnosis::candidate(&known::CORS_REDIRECT, Field::Host).certain_if(true);
    let to_whom = to.map(|to| format!(" to {}", quoted(to))).unwrap_or_default();
    let is_amazon = case.provider() == Some(Provider::Aws) && to.is_none_or(is_of_amazon);
    if is_store(case, host) && is_amazon {
        return found.saying(format!(
            "the store answers the preflight with a redirect{to_whom}, which browsers do not follow"
        ));
    }
    let server =
        host.map_or_else(|| "the server".to_owned(), |host| format!("the server at {}", quoted(host)));
    let fix = match is_store(case, host) {
        true => {
            "sign for the address that answers itself: https in place of http, and without a login in front of the store"
        }
        false => {
            "call the URL that the redirect leads to: often https in place of http, or with or without a slash at the end"
        }
    };
    found
        .saying(format!(
            "{server} answers the preflight with a redirect{to_whom}, which browsers do not follow"
        ))
        .fixed_by(fix)
        .proved_by("curl -i -X OPTIONS with the same URL: the answer has a Location")
}

/// Returns scheme, host and port of a URL. The rest can repeat the signature.
pub(super) fn address_of(url: &str) -> Option<&str> {
    let host = host_of(url)?;
    url.get(..url.find("://")? + "://".len() + host.len())
}

fn is_of_amazon(address: &str) -> bool {
    let host = host_of(address).unwrap_or_default();
    let name = host.split(':').next().unwrap_or_default().to_ascii_lowercase();
    name.ends_with(".amazonaws.com") || name.ends_with(".amazonaws.com.cn")
}

/// Returns host and port of a URL.
pub(super) fn host_of(url: &str) -> Option<&str> {
    url.split("://").nth(1).and_then(|rest| rest.split(['/', '?', '#']).next())
}
