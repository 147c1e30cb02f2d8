//! Checks the commands that pages mention in their text: that the command and its options exist.

use std::collections::BTreeMap;
use std::path::Path;
use std::process::Command;

use crate::process::{Failure, failure};

/// Returns the inline code of a page that is a call of `upsign`.
pub(super) fn mentions(page: &str) -> Vec<&str> {
    // Every second part is code. A block's fence is three marks, so that its text counts as outside.
    page.lines()
        .filter(|line| !line.contains("```"))
        .flat_map(|line| line.split('`').skip(1).step_by(2))
        .filter(|code| code.starts_with("upsign "))
        .collect()
}

/// The help of each command, by its words.
pub(super) struct Help<'a> {
    upsign: &'a Path,
    texts: BTreeMap<Vec<String>, Option<String>>,
}

impl<'a> Help<'a> {
    pub(super) const fn new(upsign: &'a Path) -> Self {
        Self { upsign, texts: BTreeMap::new() }
    }

    /// Returns what is wrong with a mentioned call.
    pub(super) fn check(&mut self, mention: &str) -> Result<Option<String>, Failure> {
        let call = mention.split(['|', '<', '>']).next().unwrap_or_default();
        let words: Vec<&str> = call.split_whitespace().skip(1).collect();
        let is_name = |word: &&&str| word.bytes().all(|byte| byte.is_ascii_lowercase() || byte == b'-');
        let names = words.iter().take_while(|word| !word.starts_with('-')).take_while(is_name);
        let names: Vec<String> = names.map(|word| (*word).to_owned()).collect();
        let Some(help) = self.text(&names)? else {
            return Ok(Some(format!("`{mention}`: there is no command `upsign {}`", names.join(" "))));
        };
        let options =
            words.iter().filter_map(|word| word.strip_prefix("--")).filter(|option| *option != "help");
        let unknown = options.filter_map(|option| option.split('=').next()).find(|option| {
            let listed = |word: &str| word.trim_matches(|c: char| !c.is_ascii_alphanumeric()) == *option;
            !help.split_whitespace().filter(|word| word.contains("--")).any(listed)
        });
        Ok(unknown.map(|option| format!("`{mention}`: there is no option --{option}")))
    }

    fn text(&mut self, names: &[String]) -> Result<Option<&str>, Failure> {
        if !self.texts.contains_key(names) {
            let output = Command::new(self.upsign).args(names).arg("--help").output().map_err(failure)?;
            let text = output.status.success().then(|| String::from_utf8_lossy(&output.stdout).into_owned());
            self.texts.insert(names.to_vec(), text);
        }
        Ok(self.texts.get(names).and_then(Option::as_deref))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn inline_calls_are_found() {
        let page =
            "`upsign dev` runs `a`, then `upsign check --against FILE`.\n```sh\nupsign serve\n```\n`upsign`";
        assert_eq!(mentions(page), ["upsign dev", "upsign check --against FILE"]);
    }
}
