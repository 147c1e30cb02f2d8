//! Notifies an application by HTTP when an upload was confirmed, rejected or has expired. The requests are signed as
//! Standard Webhooks specifies.
