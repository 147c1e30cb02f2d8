// The tests of `upsign-lambda` compile this page.
#![cfg_attr(not(doctest), doc = include_str!("lambda.md"))]
