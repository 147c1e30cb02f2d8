//! The regions of AWS.

use crate::keys::nearest;

/// Every region of the public partitions with its name in the AWS console, in alphabetical order. A region that is missing
/// here is only warned about.
///
/// Sources: <https://docs.aws.amazon.com/general/latest/gr/s3.html>, and the partitions of botocore.
const REGIONS: [(&str, &str); 39] = [
    ("af-south-1", "Africa (Cape Town)"),
    ("ap-east-1", "Asia Pacific (Hong Kong)"),
    ("ap-east-2", "Asia Pacific (Taipei)"),
    ("ap-northeast-1", "Asia Pacific (Tokyo)"),
    ("ap-northeast-2", "Asia Pacific (Seoul)"),
    ("ap-northeast-3", "Asia Pacific (Osaka)"),
    ("ap-south-1", "Asia Pacific (Mumbai)"),
    ("ap-south-2", "Asia Pacific (Hyderabad)"),
    ("ap-southeast-1", "Asia Pacific (Singapore)"),
    ("ap-southeast-2", "Asia Pacific (Sydney)"),
    ("ap-southeast-3", "Asia Pacific (Jakarta)"),
    ("ap-southeast-4", "Asia Pacific (Melbourne)"),
    ("ap-southeast-5", "Asia Pacific (Malaysia)"),
    ("ap-southeast-6", "Asia Pacific (New Zealand)"),
    ("ap-southeast-7", "Asia Pacific (Thailand)"),
    ("ca-central-1", "Canada (Central)"),
    ("ca-west-1", "Canada West (Calgary)"),
    ("cn-north-1", "China (Beijing)"),
    ("cn-northwest-1", "China (Ningxia)"),
    ("eu-central-1", "Europe (Frankfurt)"),
    ("eu-central-2", "Europe (Zurich)"),
    ("eu-north-1", "Europe (Stockholm)"),
    ("eu-south-1", "Europe (Milan)"),
    ("eu-south-2", "Europe (Spain)"),
    ("eu-west-1", "Europe (Ireland)"),
    ("eu-west-2", "Europe (London)"),
    ("eu-west-3", "Europe (Paris)"),
    ("eusc-de-east-1", "AWS European Sovereign Cloud (Germany)"),
    ("il-central-1", "Israel (Tel Aviv)"),
    ("me-central-1", "Middle East (UAE)"),
    ("me-south-1", "Middle East (Bahrain)"),
    ("mx-central-1", "Mexico (Central)"),
    ("sa-east-1", "South America (São Paulo)"),
    ("us-east-1", "US East (N. Virginia)"),
    ("us-east-2", "US East (Ohio)"),
    ("us-gov-east-1", "AWS GovCloud (US-East)"),
    ("us-gov-west-1", "AWS GovCloud (US-West)"),
    ("us-west-1", "US West (N. California)"),
    ("us-west-2", "US West (Oregon)"),
];

/// Returns whether a region is in the table, or belongs to a partition whose regions are not public.
pub(super) fn is_known(region: &str) -> bool {
    let isolated = ["us-iso-", "us-isob-", "us-isof-", "eu-isoe-"];
    codes().any(|known| known == region) || isolated.iter().any(|start| region.starts_with(start))
}

/// Returns a warning about a region that AWS does not have as far as this version knows, with the region that is probably
/// meant, or `None` if it is known. Stores other than AWS have regions with any name.
///
/// ```
/// assert_eq!(upsign_config::region_warning("eu-central-1"), None);
/// let warning = upsign_config::region_warning("eu-cental-1").unwrap_or_default();
/// assert!(warning.ends_with("did you mean \"eu-central-1\"?"));
/// ```
#[must_use]
pub fn region_warning(region: &str) -> Option<String> {
    let unknown = format!("{region:?} is no region of AWS that this version knows");
    match meant(region) {
        _ if is_known(region) => None,
        Some(meant) => Some(format!("{unknown}: did you mean \"{meant}\"?")),
        None => Some(unknown),
    }
}

/// Returns the region that is probably meant.
pub(super) fn meant(region: &str) -> Option<&'static str> {
    of_zone(region).or_else(|| nearest(region, codes()))
}

/// Returns the region of an availability zone, such as `eu-central-1` of `eu-central-1a`.
pub(super) fn of_zone(zone: &str) -> Option<&'static str> {
    let region = zone.strip_suffix(|character: char| character.is_ascii_lowercase())?;
    codes().find(|known| *known == region)
}

/// Returns the region that a text names as the AWS console does: `Europe (Frankfurt)`, `Frankfurt`, or
/// `Europe (Frankfurt) eu-central-1`.
pub(super) fn named(text: &str) -> Option<&'static str> {
    let is_between = |character: char| character.is_whitespace() || "(),".contains(character);
    let words = text.split(is_between);
    if let Some(code) = words.clone().find_map(|word| codes().find(|code| *code == word)) {
        return Some(code).filter(|code| *code != text.trim());
    }
    let found = plain(text);
    if let Some((code, _)) = REGIONS.into_iter().find(|(_, name)| plain(name) == found) {
        return Some(code);
    }
    let place = plain(place_of(text));
    // Two regions are called "Central".
    let mut matching = REGIONS.into_iter().filter(|(_, name)| plain(place_of(name)) == place);
    let (code, _) = matching.next()?;
    matching.next().is_none().then_some(code)
}

fn codes() -> impl Iterator<Item = &'static str> + Clone {
    REGIONS.into_iter().map(|(code, _)| code)
}

/// Returns the part in parentheses, or the whole text without them.
fn place_of(name: &str) -> &str {
    let inside = name.split_once('(').and_then(|(_, rest)| rest.split_once(')'));
    inside.map_or(name, |(place, _)| place)
}

/// Returns the letters of a name, in lower case.
fn plain(name: &str) -> String {
    let letters = name.chars().map(|character| if character == 'ã' { 'a' } else { character });
    letters.filter(|character| character.is_alphabetic()).flat_map(char::to_lowercase).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn misspelled_regions_and_zones_have_a_nearest() {
        assert!(codes().is_sorted() && is_known("us-iso-east-1"));
        for (written, expected) in [
            ("ap-southest-1", "ap-southeast-1"),
            ("ap-southeast-1a", "ap-southeast-1"),
            ("us-east1", "us-east-1"),
        ] {
            assert!(!is_known(written));
            assert_eq!(meant(written), Some(expected));
        }
        assert_eq!(meant("garage"), None);
        assert_eq!(of_zone("eu-central-1f"), Some("eu-central-1"));
        assert_eq!((of_zone("eu-central-1"), of_zone("eu-central-1aa"), of_zone("")), (None, None, None));
    }

    #[test]
    fn names_of_the_console_are_understood() {
        for (code, name) in REGIONS {
            for text in [name.to_owned(), format!(" {} ", name.to_lowercase()), format!("{name} {code}")] {
                assert_eq!(named(&text), Some(code), "{text}");
            }
        }
        for (text, expected) in [
            ("Frankfurt", Some("eu-central-1")),
            ("EU (Frankfurt)", Some("eu-central-1")),
            ("N. Virginia", Some("us-east-1")),
            ("south america (sao paulo)", Some("sa-east-1")),
            ("ap-southeast-1 (Singapore)", Some("ap-southeast-1")),
            ("Central", None),
            ("Mars", None),
            ("", None),
            ("eu-central-1", None),
        ] {
            assert_eq!(named(text), expected, "{text}");
        }
    }
}
