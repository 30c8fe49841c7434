//! What claims say, compared with what the tools that own them do.

mod mountebank;
