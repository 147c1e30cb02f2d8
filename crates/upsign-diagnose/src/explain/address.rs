//! Oddities of the host.

use upsign_core::Provider;

use crate::diff::Field;
use crate::explain::oddity::Oddity;
use crate::explain::table as kinds;
use crate::form::SignedForm;
use crate::url::{AddressStyle, Location, SignatureScheme, SignedUrl, host_name};

pub(super) fn check_url(url: &SignedUrl, oddities: &mut Vec<Oddity>) {
    let address = Address { is_https: url.is_https(), host: url.host(), location: url.location() };
    address.check(oddities);
    if url.scheme() == SignatureScheme::SigV4 {
        address.check_region(url.signing_region(), oddities);
    }
}

pub(super) fn check_form(form: &SignedForm, oddities: &mut Vec<Oddity>) {
    let (Some(url), Some(location)) = (form.url(), form.location()) else { return };
    let address = Address { is_https: url.is_https, host: &url.host, location };
    address.check(oddities);
    if form.scheme() == SignatureScheme::SigV4 {
        address.check_region(form.credential_scope().and_then(|scope| scope.region), oddities);
    }
}

struct Address<'a> {
    is_https: bool,
    host: &'a str,
    location: &'a Location,
}

impl Address<'_> {
    fn check(&self, oddities: &mut Vec<Oddity>) {
        let name = host_name(self.host).to_ascii_lowercase();
        if name.split('.').any(|label| label == "s3-website" || label.starts_with("s3-website-"))
            && name.contains(".amazonaws.com")
        {
            let sentence = format!("the host {name} is that of a website");
            oddities.push(Oddity::new(&kinds::WEBSITE, Field::Host, &sentence));
        }
        let is_loopback = name == "localhost"
            || name.ends_with(".localhost")
            || name.starts_with("127.")
            || name == "[::1]";
        if !self.is_https && !is_loopback {
            oddities.push(Oddity::new(&kinds::HTTP, Field::Scheme, "the URL begins with http://"));
        }
        self.check_rewriting(oddities);
        let in_host = matches!(self.location.style, AddressStyle::VirtualHosted | AddressStyle::Accelerate);
        let bucket = self.location.bucket.as_deref().filter(|bucket| in_host && bucket.contains('.'));
        let has_wildcard = self.location.provider.is_some_and(|provider| provider != Provider::Custom);
        if let Some(bucket) = bucket.filter(|_| self.is_https && has_wildcard) {
            let sentence =
                format!("the bucket {bucket} has dots, and the certificate of the host covers one label");
            oddities.push(Oddity::new(&kinds::DOTTED_BUCKET, Field::Host, &sentence));
        }
    }

    /// Compares the host with what a browser sends, by the URL standard.
    fn check_rewriting(&self, oddities: &mut Vec<Oddity>) {
        let scheme = if self.is_https { "https" } else { "http" };
        let sentence = match ::url::Url::parse(&format!("{scheme}://{}/", self.host)) {
            Err(_) => format!("browsers refuse the host {}", self.host),
            Ok(parsed) => {
                let sent = parsed.port().map_or_else(
                    || parsed.host_str().unwrap_or_default().to_owned(),
                    |port| format!("{}:{port}", parsed.host_str().unwrap_or_default()),
                );
                if sent == self.host {
                    return;
                }
                format!("browsers send {sent} in place of {}", self.host)
            }
        };
        oddities.push(Oddity::new(&kinds::HOST_REWRITTEN, Field::Host, &sentence));
    }

    fn check_region(&self, signed: Option<&str>, oddities: &mut Vec<Oddity>) {
        let Some(signed) = signed else { return };
        // Other stores accept more than one region, or none of the names in their hosts.
        if self.location.provider != Some(Provider::Aws) {
            return;
        }
        match self.location.region.as_deref() {
            Some(of_host) if of_host != signed => {
                let sentence = format!("the host is in {of_host}, and the URL is signed for {signed}");
                oddities.push(Oddity::new(&kinds::REGION, Field::Region, &sentence));
            }
            None if signed != "us-east-1" && self.is_global() => {
                let sentence = format!("the host names no region, and the URL is signed for {signed}");
                oddities.push(Oddity::new(&kinds::GLOBAL_HOST, Field::Host, &sentence));
            }
            _ => {}
        }
    }

    fn is_global(&self) -> bool {
        matches!(self.location.style, AddressStyle::Path | AddressStyle::VirtualHosted)
    }
}
