//! What the bucket does with objects, in `[deployment]` and the routes: guards, and the days until objects expire or move.

use upsign_documents::Guard;

use super::values::Reader;
use crate::keys::nearest;
use crate::source::finding::{Finding, shown};
use crate::source::raw::Value;

/// The largest number of days: S3 and CloudFormation count them in 32 bits with a sign.
const MAX_DAYS: u32 = i32::MAX.unsigned_abs();

impl Reader {
    /// Returns after how many days uploads of a route move to `STANDARD_IA`.
    pub(super) fn infrequent_after(&mut self, key: &str) -> Option<u32> {
        let days = self.count(key)?;
        let valid = u32::try_from(days).ok().filter(|days| *days >= 30 && *days <= MAX_DAYS);
        if valid.is_none() {
            // <https://docs.aws.amazon.com/AmazonS3/latest/userguide/lifecycle-transition-general-considerations.html>.
            let message = if days < 30 {
                format!("S3 moves objects to STANDARD_IA after 30 days at the earliest, not after {days}")
            } else {
                format!("must be at most {MAX_DAYS} days, not {days}")
            };
            let help = self.assignment(key, &Value::Number(30));
            self.report(key, Finding::invalid(message).help(help));
        }
        valid
    }

    pub(super) fn guards(&mut self) -> Option<Vec<Guard>> {
        let key = "deployment.guards";
        let texts = self.texts(key)?;
        let mut guards = Vec::new();
        for (index, text) in texts.iter().enumerate() {
            let names = Guard::ALL.iter().map(|guard| guard.name());
            match Guard::ALL.into_iter().find(|guard| guard.name() == text) {
                Some(guard) if guards.contains(&guard) => {
                    let finding = Finding::invalid(format!("{} is listed twice", shown(text)));
                    self.report_item(key, index, finding.help("remove one of them"));
                }
                Some(guard) => guards.push(guard),
                None if matches!(text.as_str(), "none" | "") => {
                    let finding = Finding::invalid(format!("{} is not a guard", shown(text)));
                    let help = format!("for no guards, {}", self.assignment(key, &Value::Texts(Vec::new())));
                    self.report_item(key, index, finding.help(help));
                }
                None => {
                    let plain = text.trim().to_ascii_lowercase().replace(['_', ' '], "-");
                    let help = match names
                        .clone()
                        .find(|name| *name == plain)
                        .or_else(|| nearest(&plain, names.clone()))
                    {
                        Some(near) => self.replacement(key, index, near),
                        None => format!("the guards are {}", names.collect::<Vec<_>>().join(", ")),
                    };
                    let finding = Finding::invalid(format!("{} is not a guard", shown(text)));
                    self.report_item(key, index, finding.help(help));
                }
            }
        }
        Some(guards)
    }

    /// Returns the prefixes whose objects expire, with the days after which they do.
    pub(super) fn expire(&mut self) -> Vec<(String, u32)> {
        let key = "deployment.expire";
        let mut all = Vec::new();
        for (index, (prefix, days)) in self.counts(key).unwrap_or_default().into_iter().enumerate() {
            let problem = match prefix.as_str() {
                "" => Some((
                    "an empty prefix would delete every object of the bucket".to_owned(),
                    "write the prefix of the keys to delete, for example { \"pending/\" = 1 }".to_owned(),
                )),
                _ if prefix.starts_with('/') => {
                    let meant = prefix.trim_start_matches('/');
                    Some((
                        format!("{} matches no key: keys do not begin with /", shown(&prefix)),
                        format!("write {} instead", shown(meant)),
                    ))
                }
                _ if prefix.contains('*') => {
                    let meant = prefix.trim_end_matches('*');
                    Some((
                        format!("{} matches no key: a prefix has no wildcards", shown(&prefix)),
                        format!("write {} instead", shown(meant)),
                    ))
                }
                _ if prefix.len() > 1024 => {
                    Some(("a prefix has at most 1024 bytes, like a key".to_owned(), String::new()))
                }
                _ => None,
            };
            if let Some((message, help)) = problem {
                self.report_item(key, index, Finding::invalid(message).help(help));
                continue;
            }
            match u32::try_from(days).ok().filter(|days| (1..=MAX_DAYS).contains(days)) {
                Some(days) => all.push((prefix, days)),
                None => {
                    let message =
                        format!("the days of {} must be from 1 to {MAX_DAYS}, not {days}", shown(&prefix));
                    let help = "S3 deletes expired objects once a day, so 1 is the shortest time";
                    self.report_item(key, index, Finding::invalid(message).help(help));
                }
            }
        }
        all
    }
}
