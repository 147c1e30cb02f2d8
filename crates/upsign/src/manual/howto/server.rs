#![doc = include_str!("server.md")]
