//! The origins whose pages may use the embedded services.

use std::net::{IpAddr, SocketAddr};

use upsign_config::Config;
use upsign_core::{CorsOrigins, Origin, OriginPattern};

use crate::exit::CommandError;

/// The origins whose pages may use the embedded services.
#[derive(Clone, Debug)]
pub(crate) struct Origins {
    /// The page of `upsign dev` itself, under both of its names.
    pub(crate) own: [Origin; 2],
    /// Pages on this machine that `[cors]` lists, such as `http://localhost:*`: they may call the API and upload.
    pub(crate) listed: Vec<OriginPattern>,
    /// Pages that `--origin` names: they may also get tokens, if they are on this machine.
    pub(crate) admitted: Vec<Origin>,
}

impl Origins {
    /// Returns the origins for a page at this address.
    ///
    /// # Errors
    /// An origin in `admitted` is neither on this machine nor listed in `[cors]`.
    pub(crate) fn new(page: SocketAddr, config: &Config, admitted: &[Origin]) -> Result<Self, CommandError> {
        let own = own(page).map_err(|error| CommandError::caused("the origin of the page", &error))?;
        let all = config.origins();
        let is_foreign = |origin: &&Origin| !origin.is_loopback() && !all.allows(origin.as_str());
        if let Some(foreign) = admitted.iter().find(is_foreign) {
            let message = format!("--origin {foreign} is not a page on this machine");
            let help = "add it to origins in [cors] of the configuration to admit it here as well";
            return Err(CommandError::usage(message).with_help(help));
        }
        let is_known = |pattern: &OriginPattern| {
            own.iter().chain(admitted).any(|origin| origin.as_str() == pattern.as_str())
        };
        let listed =
            all.list().iter().filter(|pattern| pattern.example().is_loopback() && !is_known(pattern));
        let listed = listed.cloned().collect();
        let admitted = admitted.iter().filter(|origin| !own.contains(origin)).cloned().collect();
        Ok(Self { own, listed, admitted })
    }

    /// Returns all of them, in the spelling of browsers: they may call the API and upload.
    pub(crate) fn all(&self) -> CorsOrigins {
        let exact = |origins: &[Origin]| origins.iter().cloned().map(OriginPattern::from).collect::<Vec<_>>();
        let (own, admitted) = (exact(&self.own), exact(&self.admitted));
        CorsOrigins::listed(own.into_iter().chain(self.listed.iter().cloned()).chain(admitted))
    }

    /// Returns the origins other than that of the page itself.
    pub(crate) fn others(&self) -> Vec<&str> {
        let listed = self.listed.iter().map(OriginPattern::as_str);
        listed.chain(self.admitted.iter().map(Origin::as_str)).collect()
    }

    /// Returns whether pages of this origin may get tokens of the users.
    pub(crate) fn may_read_tokens(&self, origin: &str) -> bool {
        self.admitted.iter().any(|known| known.as_str() == origin && known.is_loopback())
    }
}

/// Returns the two origins of the page: for a browser, its address and localhost are different origins. Browsers leave out the
/// port 80.
fn own(page: SocketAddr) -> Result<[Origin; 2], upsign_core::InvalidOrigin> {
    let port = if page.port() == 80 { String::new() } else { format!(":{}", page.port()) };
    let ip = match page.ip() {
        IpAddr::V4(ip) => ip.to_string(),
        IpAddr::V6(ip) => format!("[{ip}]"),
    };
    Ok([format!("http://{ip}{port}").parse()?, format!("http://localhost{port}").parse()?])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn origins_are_those_that_browsers_send() {
        for (address, first, second) in [
            ("127.0.0.1:4280", "http://127.0.0.1:4280", "http://localhost:4280"),
            ("127.0.0.1:80", "http://127.0.0.1", "http://localhost"),
            ("[::1]:4280", "http://[::1]:4280", "http://localhost:4280"),
        ] {
            let origins = own(address.parse().unwrap()).unwrap();
            assert_eq!(origins.map(|origin| origin.to_string()), [first, second]);
        }
    }
}
