#![doc = include_str!("tutorial.md")]
