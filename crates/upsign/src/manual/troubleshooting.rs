#![doc = include_str!("troubleshooting.md")]
