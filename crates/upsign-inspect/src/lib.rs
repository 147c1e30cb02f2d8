//! Compares the first bytes of an uploaded object with the content type that was signed, and refuses content that a browser would run.
