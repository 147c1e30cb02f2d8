//! Iteration over names and values.

use std::fmt;
use std::slice;

/// An iterator over names and values, for example those of [`SignedHeaders`](crate::SignedHeaders) and
/// [`Query`](crate::Query).
///
/// `Debug` shows only the number of remaining pairs, because the value of a header can be a secret.
#[derive(Clone)]
#[must_use = "iterators do nothing unless consumed"]
pub struct Pairs<'a>(slice::Iter<'a, (Box<str>, Box<str>)>);

impl<'a> From<&'a [(Box<str>, Box<str>)]> for Pairs<'a> {
    fn from(pairs: &'a [(Box<str>, Box<str>)]) -> Self {
        Self(pairs.iter())
    }
}

impl<'a> Iterator for Pairs<'a> {
    type Item = (&'a str, &'a str);

    fn next(&mut self) -> Option<Self::Item> {
        self.0.next().map(|(name, value)| (name.as_ref(), value.as_ref()))
    }

    fn size_hint(&self) -> (usize, Option<usize>) {
        self.0.size_hint()
    }
}

impl DoubleEndedIterator for Pairs<'_> {
    fn next_back(&mut self) -> Option<Self::Item> {
        self.0.next_back().map(|(name, value)| (name.as_ref(), value.as_ref()))
    }
}

impl ExactSizeIterator for Pairs<'_> {}

impl fmt::Debug for Pairs<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Pairs").field("len", &self.len()).finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pairs_iterate_from_both_ends_and_debug_hides_values() {
        let list: [(Box<str>, Box<str>); 2] = [("a".into(), "s3cret".into()), ("b".into(), "2".into())];
        let mut pairs = Pairs::from(list.as_slice());
        assert_eq!(format!("{pairs:?}"), "Pairs { len: 2, .. }");
        assert_eq!((pairs.next_back(), pairs.len()), (Some(("b", "2")), 1));
        assert_eq!((pairs.next(), pairs.next(), pairs.next_back()), (Some(("a", "s3cret")), None, None));
    }
}
