//! Which regions a store has.

use crate::target::provider::Provider;
use crate::target::region::Region;

/// The regions of a store.
#[derive(Debug)]
pub(crate) enum RegionRule {
    /// The regions of AWS.
    Aws,
    /// Exactly these. The first is the default.
    OneOf(&'static [&'static str]),
    /// Names of a form. The store opens further regions, so the known ones are only examples.
    Form { known: &'static [&'static str], fits: fn(&str) -> bool },
    /// Whatever the server is configured with.
    Any,
    /// Any name. This one is the default.
    AnyOr(&'static str),
}

/// Whether a store has a region.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum RegionFit {
    /// The store has the region, or its regions can have any name. Regions of AWS are not looked up.
    Fits,
    /// The name has the form of the store's regions, but is not a known one: it may be a new region, or misspelled.
    Unlisted,
    /// No region of the store can have this name.
    Impossible,
}

impl Provider {
    /// Returns whether the store has a region of this name.
    ///
    /// ```
    /// use upsign_core::{Provider, RegionFit};
    /// assert_eq!(Provider::B2.region_fit(&"us-west-004".parse()?), RegionFit::Fits);
    /// assert_eq!(Provider::B2.region_fit(&"us-west-009".parse()?), RegionFit::Unlisted);
    /// assert_eq!(Provider::B2.region_fit(&"us-west-2".parse()?), RegionFit::Impossible);
    /// # Ok::<(), upsign_core::InvalidRegion>(())
    /// ```
    #[must_use]
    pub fn region_fit(self, region: &Region) -> RegionFit {
        let region = region.as_str();
        match self.profile().region {
            RegionRule::Aws | RegionRule::Any | RegionRule::AnyOr(_) => RegionFit::Fits,
            RegionRule::OneOf(names) if names.contains(&region) => RegionFit::Fits,
            RegionRule::OneOf(_) => RegionFit::Impossible,
            RegionRule::Form { known, .. } if known.contains(&region) => RegionFit::Fits,
            RegionRule::Form { fits, .. } if fits(region) => RegionFit::Unlisted,
            RegionRule::Form { .. } => RegionFit::Impossible,
        }
    }

    /// Returns the regions that the store is known to have. The slice is empty for AWS, and for stores whose regions can have
    /// any name.
    #[must_use]
    pub const fn regions(self) -> &'static [&'static str] {
        match self.profile().region {
            RegionRule::OneOf(names) | RegionRule::Form { known: names, .. } => names,
            RegionRule::Aws | RegionRule::Any | RegionRule::AnyOr(_) => &[],
        }
    }

    /// Returns the region for which requests are signed if none is configured, for stores where it makes no difference:
    /// `auto` for Cloudflare R2, Tigris and Google Cloud Storage.
    #[must_use]
    pub fn default_region(self) -> Option<Region> {
        match self.profile().region {
            RegionRule::OneOf([name, ..]) => name.parse().ok(),
            RegionRule::AnyOr(name) => name.parse().ok(),
            _ => None,
        }
    }

    /// Returns `true` if the store has the regions of AWS, so that `AWS_REGION` can be the region of a bucket.
    #[must_use]
    pub const fn has_aws_regions(self) -> bool {
        matches!(self.profile().region, RegionRule::Aws)
    }
}

/// Returns `true` if a name has a form: `a` stands for a letter, `0` for a digit, and `word` for one or more letters.
pub(crate) fn has_form(name: &str, form: &str) -> bool {
    let mut parts = name.split('-');
    let fits = form.split('-').all(|form| parts.next().is_some_and(|part| part_has_form(part, form)));
    fits && parts.next().is_none()
}

fn part_has_form(part: &str, form: &str) -> bool {
    if form == "word" {
        return !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_lowercase());
    }
    part.len() == form.len()
        && part
            .bytes()
            .zip(form.bytes())
            .all(|(byte, form)| if form == b'a' { byte.is_ascii_lowercase() } else { byte.is_ascii_digit() })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn regions_of_other_stores_are_impossible() {
        for (provider, region, fit) in [
            (Provider::Aws, "anything", RegionFit::Fits),
            (Provider::R2, "weur", RegionFit::Fits),
            (Provider::R2, "us-east-1", RegionFit::Impossible),
            (Provider::B2, "eu-central-003", RegionFit::Fits),
            (Provider::B2, "eu-north-012", RegionFit::Unlisted),
            (Provider::B2, "eu-central-1", RegionFit::Impossible),
            (Provider::Wasabi, "eu-central-1", RegionFit::Fits),
            (Provider::Wasabi, "eu-north-1", RegionFit::Unlisted),
            (Provider::Wasabi, "us-gov-west-1", RegionFit::Impossible),
            (Provider::DigitalOcean, "fra1", RegionFit::Fits),
            (Provider::DigitalOcean, "par1", RegionFit::Unlisted),
            (Provider::DigitalOcean, "cdn", RegionFit::Impossible),
            (Provider::DigitalOcean, "eu-central-1", RegionFit::Impossible),
            (Provider::Tigris, "eu-central-1", RegionFit::Impossible),
            (Provider::Gcs, "europe-west3", RegionFit::Fits),
            (Provider::Hetzner, "eu-central", RegionFit::Impossible),
            (Provider::Ovh, "eu-west-par", RegionFit::Fits),
            (Provider::Ovh, "eu-west-1", RegionFit::Impossible),
            (Provider::Scaleway, "fr-par", RegionFit::Fits),
            (Provider::Scaleway, "eu-west-1", RegionFit::Impossible),
            (Provider::Garage, "garage", RegionFit::Fits),
        ] {
            assert_eq!(provider.region_fit(&region.parse().unwrap()), fit, "{provider} {region}");
        }
    }

    #[test]
    fn forms_have_as_many_parts_as_names_and_no_part_is_empty() {
        for (name, fits) in [
            ("eu-west-1", true),
            ("eu--1", false),
            ("eu-west", false),
            ("eu-west-1-a", false),
            ("eur-west-1", false),
            ("eu-west-12", false),
            ("e1-west-1", false),
            ("eu-west-a", false),
        ] {
            assert_eq!(has_form(name, "aa-word-0"), fits, "{name}");
        }
    }

    #[test]
    fn every_known_region_fits() {
        for provider in Provider::ALL {
            for region in provider.regions() {
                let region: Region = region.parse().unwrap();
                assert_eq!(provider.region_fit(&region), RegionFit::Fits);
                if let RegionRule::Form { fits, .. } = provider.profile().region {
                    assert!(fits(region.as_str()), "{provider} {region}");
                }
            }
            let default = provider.default_region();
            let is_one_of = matches!(provider.profile().region, RegionRule::OneOf(_));
            assert!(
                !is_one_of || default.as_ref().map(Region::as_str) == provider.regions().first().copied()
            );
            assert!(default.is_none_or(|region| provider.region_fit(&region) == RegionFit::Fits));
        }
    }
}
