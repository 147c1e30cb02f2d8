//! Rust source as a list of tokens, without comments and without test code.
//!
//! A search of text line by line is unreliable: a comment may contain the text, a path may be split over two lines, and code
//! may follow the first `#[cfg(test)]`. A search of tokens has none of these problems.

use std::path::{Path, PathBuf};

use proc_macro2::{Delimiter, TokenStream, TokenTree};

/// A token. Groups are flattened into `Open`, their content and `Close`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Token {
    Ident(String),
    Punct(char),
    Literal(String),
    Open(char),
    Close,
}

/// A source file without comments and test code.
#[derive(Clone, Debug, Default)]
pub(crate) struct Source {
    tokens: Vec<Token>,
    /// Names of the modules that are compiled for tests only and are in separate files.
    test_modules: Vec<String>,
    /// `true` if the whole file is test code.
    test_only: bool,
}

impl Source {
    pub(crate) fn parse(text: &str) -> Self {
        let stream: TokenStream = text.parse().unwrap();
        let mut source = Self::default();
        source.add(stream);
        source
    }

    /// Returns `true` if the file is compiled for tests only.
    pub(crate) const fn is_test_only(&self) -> bool {
        self.test_only
    }

    /// Returns the files that may hold the test-only modules which the file at `path` declares without a body.
    pub(crate) fn test_files(&self, path: &Path) -> Vec<PathBuf> {
        let stem = path.file_stem().unwrap().to_str().unwrap();
        let folder = path.parent().unwrap();
        let inside = match stem {
            "lib" | "main" | "mod" => folder.to_owned(),
            _ => folder.join(stem),
        };
        let files = |name: &String| [inside.join(format!("{name}.rs")), inside.join(name)];
        self.test_modules.iter().flat_map(files).collect()
    }

    /// Returns `true` if the code names `path`, such as `Instant::now`. A last segment with a final `*` stands for every
    /// name that starts so. Also finds the path in a group (`env::{self, var}`), in a glob (`env::*`) and renamed with
    /// another name (`Instant as Clock`).
    pub(crate) fn names(&self, path: &str) -> bool {
        let segments: Vec<&str> = path.split("::").collect();
        let (last, first) = segments.split_last().unwrap();
        let matches_last = |name: &str| match last.strip_suffix('*') {
            Some(start) => name.starts_with(start),
            None => name == *last,
        };
        (0..self.tokens.len()).any(|start| {
            let Some(after) = self.after_path(start, first) else { return false };
            if self.is_ident(after, "as") {
                return true;
            }
            self.members_after(after)
                .is_some_and(|members| members.iter().any(|name| name == "*" || matches_last(name)))
        })
    }

    /// Returns `true` if the code calls the method `name`.
    pub(crate) fn calls_method(&self, name: &str) -> bool {
        self.tokens.windows(2).any(|pair| pair == [Token::Punct('.'), Token::Ident(name.to_owned())])
    }

    /// Returns every name that follows `root::`, as in `upsign::types` and `upsign::{types, SigV4}`. `root as other` gives
    /// the name `as`, unless it is a public re-export.
    pub(crate) fn members_of(&self, root: &str) -> Vec<String> {
        let starts = (0..self.tokens.len()).filter_map(|start| self.after_path(start, &[root]));
        let members = |after: usize| match self.is_ident(after, "as") {
            true if after >= 3 && self.is_ident(after - 3, "pub") && self.is_ident(after - 2, "use") => {
                Vec::new()
            }
            true => vec!["as".to_owned()],
            false => self.members_after(after).unwrap_or_default(),
        };
        starts.flat_map(members).collect()
    }

    /// Returns the literals in the first argument of every call of the macro `name`.
    pub(crate) fn macro_literals(&self, name: &str) -> Vec<String> {
        let call = [Token::Ident(name.to_owned()), Token::Punct('!'), Token::Open('(')];
        let calls = self.tokens.windows(4).filter(|window| window.starts_with(&call));
        let literal = |window: &[Token]| match window.last() {
            Some(Token::Literal(text)) => Some(text.trim_matches('"').to_owned()),
            _ => None,
        };
        calls.filter_map(literal).collect()
    }

    /// Returns the public re-exports of other crates whose names start with `prefix`, as pairs of crate and exported name.
    pub(crate) fn reexports(&self, prefix: &str) -> Vec<(String, String)> {
        let mut found = Vec::new();
        for start in 0..self.tokens.len() {
            let is_reexport = self.is_ident(start, "pub") && self.is_ident(start + 1, "use");
            let Some(Token::Ident(root)) = self.tokens.get(start + 2).filter(|_| is_reexport) else {
                continue;
            };
            if !root.starts_with(prefix) {
                continue;
            }
            let end = |token: &Token| *token == Token::Punct(';');
            let rest = self.tokens.get(start + 3..).unwrap_or_default();
            let rest = rest.split(end).next().unwrap_or_default();
            found.extend(exported(rest).into_iter().map(|name| (root.clone(), name)));
        }
        found
    }

    /// Returns the index after `segments`, joined by `::` or by `>::` as in `<Instant>::now`, if the tokens at `start` are these.
    fn after_path(&self, start: usize, segments: &[&str]) -> Option<usize> {
        let mut at = start;
        for (place, segment) in segments.iter().enumerate() {
            if place > 0 {
                at = self.after_colons(at)?;
            }
            if !self.is_ident(at, segment) {
                return None;
            }
            at += 1;
        }
        Some(at)
    }

    fn after_colons(&self, at: usize) -> Option<usize> {
        let at = if self.tokens.get(at) == Some(&Token::Punct('>')) { at + 1 } else { at };
        let colons = [Token::Punct(':'), Token::Punct(':')];
        self.tokens.get(at..at + 2).is_some_and(|tokens| tokens == colons).then_some(at + 2)
    }

    /// Returns the names after `::` at `at`: one, or the first segments of all paths in a group.
    fn members_after(&self, at: usize) -> Option<Vec<String>> {
        let at = self.after_colons(at)?;
        match self.tokens.get(at)? {
            Token::Ident(name) => Some(vec![name.clone()]),
            Token::Punct('*') => Some(vec!["*".to_owned()]),
            Token::Open('{') => Some(self.group_members(at + 1)),
            _ => None,
        }
    }

    fn group_members(&self, start: usize) -> Vec<String> {
        let (mut names, mut depth, mut first) = (Vec::new(), 0, true);
        for token in self.tokens.iter().skip(start) {
            match token {
                Token::Open(_) => depth += 1,
                Token::Close if depth == 0 => break,
                Token::Close => depth -= 1,
                Token::Punct(',') if depth == 0 => first = true,
                Token::Ident(name) if depth == 0 && first => {
                    names.push(name.clone());
                    first = false;
                }
                Token::Punct('*') if depth == 0 && first => names.push("*".to_owned()),
                _ => {}
            }
        }
        names
    }

    fn is_ident(&self, at: usize, name: &str) -> bool {
        matches!(self.tokens.get(at), Some(Token::Ident(found)) if found == name)
    }

    fn add(&mut self, stream: TokenStream) {
        let trees: Vec<TokenTree> = stream.into_iter().collect();
        let mut at = 0;
        while let Some(tree) = trees.get(at) {
            if is_punct(tree, '#') && trees.get(at + 1).is_some_and(is_test_attribute) {
                at = self.skip_item(&trees, at);
                continue;
            }
            if is_punct(tree, '#')
                && trees.get(at + 1).is_some_and(|next| is_punct(next, '!'))
                && trees.get(at + 2).is_some_and(is_test_attribute)
            {
                self.test_only = true;
            }
            match tree {
                TokenTree::Ident(ident) => self.tokens.push(Token::Ident(ident.to_string())),
                TokenTree::Punct(punct) => self.tokens.push(Token::Punct(punct.as_char())),
                TokenTree::Literal(literal) => self.tokens.push(Token::Literal(literal.to_string())),
                TokenTree::Group(group) => {
                    let open = match group.delimiter() {
                        Delimiter::Parenthesis => '(',
                        Delimiter::Brace => '{',
                        Delimiter::Bracket => '[',
                        Delimiter::None => ' ',
                    };
                    self.tokens.push(Token::Open(open));
                    self.add(group.stream());
                    self.tokens.push(Token::Close);
                }
            }
            at += 1;
        }
    }

    /// Returns the index after the attributes at `at` and the item, field or expression that they belong to.
    fn skip_item(&mut self, trees: &[TokenTree], mut at: usize) -> usize {
        while trees.get(at).is_some_and(|tree| is_punct(tree, '#')) {
            at += 2;
        }
        let word = |at: usize| match trees.get(at) {
            Some(TokenTree::Ident(ident)) => ident.to_string(),
            _ => String::new(),
        };
        if word(at) == "pub" {
            at += 1;
            at += usize::from(matches!(trees.get(at), Some(TokenTree::Group(_))));
        }
        let function = ["fn", "unsafe", "async", "extern"].contains(&word(at + 1).as_str());
        let (stops_at_brace, stops_at_comma) = match word(at).as_str() {
            // A body in braces may be part of the value of a constant.
            "const" | "static" if !function => (false, false),
            "use" | "type" => (false, false),
            "mod" | "fn" | "const" | "unsafe" | "async" | "extern" | "impl" | "struct" | "enum" | "trait"
            | "union" | "macro_rules" => (true, false),
            _ => (true, true),
        };
        if word(at) == "mod" && trees.get(at + 2).is_some_and(|tree| is_punct(tree, ';')) {
            self.test_modules.push(word(at + 1));
        }
        while let Some(tree) = trees.get(at) {
            at += 1;
            let brace = matches!(tree, TokenTree::Group(group) if group.delimiter() == Delimiter::Brace);
            if is_punct(tree, ';') || (stops_at_brace && brace) || (stops_at_comma && is_punct(tree, ',')) {
                break;
            }
        }
        at
    }
}

/// Returns the names that `use root…` exports, given the tokens after `root`. A glob gives `*`.
fn exported(tokens: &[Token]) -> Vec<String> {
    let mut names = Vec::new();
    for (at, token) in tokens.iter().enumerate() {
        let next = tokens.get(at + 1);
        match token {
            Token::Ident(name) if name == "as" || name == "self" => {}
            Token::Ident(name) => {
                let continues =
                    next == Some(&Token::Punct(':')) || next == Some(&Token::Ident("as".to_owned()));
                names.extend((!continues).then(|| name.clone()));
            }
            Token::Punct('*') => names.push("*".to_owned()),
            _ => {}
        }
    }
    names
}

fn is_punct(tree: &TokenTree, wanted: char) -> bool {
    matches!(tree, TokenTree::Punct(punct) if punct.as_char() == wanted)
}

/// Returns `true` for `[cfg(test)]`, `[cfg(all(test, …))]` and the same with `doctest`.
fn is_test_attribute(tree: &TokenTree) -> bool {
    let TokenTree::Group(group) = tree else { return false };
    let text: String = group.stream().to_string().split_whitespace().collect();
    let Some(condition) = text.strip_prefix("cfg(").and_then(|rest| rest.strip_suffix(')')) else {
        return false;
    };
    let is_test = |condition: &str| condition == "test" || condition == "doctest";
    let all = condition.strip_prefix("all(").and_then(|rest| rest.strip_suffix(')'));
    is_test(condition) || all.is_some_and(|all| all.split(',').any(is_test))
}

mod tests {
    use super::*;

    fn names(text: &str, path: &str) -> bool {
        Source::parse(text).names(path)
    }

    #[test]
    fn calls_are_found_in_every_spelling() {
        for text in [
            "fn f() { Instant::now(); }",
            "fn f() { std::time::Instant\n    // a comment\n    :: now(); }",
            "fn f() { <std::time::Instant>::now() }",
            "use std::time::Instant as Clock; fn f() { Clock::now() }",
            "fn f() { log!(\"{}\", Instant::now()) }",
            "const NOW: fn() -> Instant = Instant::now;",
        ] {
            assert!(names(text, "Instant::now"), "{text}");
        }
        for text in ["use std::env::{self, var_os};", "use std::env::*;", "use std::{fs, env::vars};"] {
            assert!(names(text, "env::var*"), "{text}");
        }
    }

    #[test]
    fn comments_strings_and_other_names_do_not_count() {
        for text in [
            "/// Calls Instant::now.\nfn f() { let s = \"Instant::now\"; /* Instant::now() */ }",
            "fn f(instant: Instant) { clock.now(); Instants::now(); Instant::nowhere(); }",
        ] {
            assert!(!names(text, "Instant::now"), "{text}");
        }
    }

    #[test]
    fn code_after_test_code_counts() {
        for test in [
            "#[cfg(test)] mod tests { fn g() { Instant::now(); } }",
            "#[cfg(all(test, feature = \"a\"))] #[expect(dead_code, reason = \"unused\")] pub(crate) fn g<A, B>() { Instant::now(); }",
            "#[cfg(test)] const NOW: F = F { f: Instant::now };",
            "#[cfg(test)] const fn g() { Instant::now(); }",
            "#[cfg(test)] use a::{Instant::now};",
            "struct S { #[cfg(test)] f: F<{ Instant::now() }>, }",
        ] {
            assert!(!names(test, "Instant::now"), "{test}");
            assert!(names(&format!("{test} fn f() {{ Instant::now(); }}"), "Instant::now"), "{test}");
        }
        let shipped = "#[cfg(not(test))] fn f() { Instant::now(); }";
        assert!(names(shipped, "Instant::now"));
        assert!(names("#[cfg(any(test, feature = \"a\"))] fn f() { Instant::now(); }", "Instant::now"));
    }

    #[test]
    fn files_of_test_modules_are_found() {
        let source = Source::parse("#[cfg(test)] mod fakes; mod other;");
        let files = source.test_files(Path::new("a/src/b.rs"));
        assert_eq!(files, [PathBuf::from("a/src/b/fakes.rs"), PathBuf::from("a/src/b/fakes")]);
        assert!(Source::parse("#![cfg(test)] fn f() {}").is_test_only());
        assert!(!Source::parse("#![cfg(feature = \"test\")] fn f() {}").is_test_only());
    }

    #[test]
    fn reexports_and_their_uses_are_found() {
        let facade = Source::parse(
            "pub use upsign_core as types; pub use upsign_policy::{UploadPolicy, key::Template as T}; pub use own::X;",
        );
        let pair = |root: &str, name: &str| (root.to_owned(), name.to_owned());
        assert_eq!(
            facade.reexports("upsign_"),
            [pair("upsign_core", "types"), pair("upsign_policy", "UploadPolicy"), pair("upsign_policy", "T")]
        );
        let user = Source::parse("use upsign::{types::{Target, Key}, T}; fn f() { upsign::sigv4::sign() }");
        assert_eq!(user.members_of("upsign"), ["types", "T", "sigv4"]);
        assert_eq!(Source::parse("use upsign as u;").members_of("upsign"), ["as"]);
    }

    #[test]
    fn included_files_are_found() {
        let source = Source::parse("const A: &str = include_str!(\"../../b.json\");");
        assert_eq!(source.macro_literals("include_str"), ["../../b.json"]);
    }
}
