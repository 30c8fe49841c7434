//! The server that a command was pointed to. Secrets come from files or the environment, never from
//! the command line, where everybody on the machine can read them.
//!
//! Refuses to speak with it.

use crate::failure::{Failure, usage};
use crate::listening::small_file;
use crate::server_arguments::ServerArguments;
use plumb_server::access::is_loopback_name;
use plumb_server::client::{Remote, trusted};
use std::path::Path;
use std::time::Duration;

/// The variable that holds a token.
const TOKEN_VARIABLE: &str = "PLUMB_TOKEN";

/// The server, if one was named.
pub(crate) fn remote(arguments: &ServerArguments) -> Result<Option<Remote>, Failure> {
    let Some(url) = &arguments.server else { return Ok(None) };
    let token = match &arguments.server_token_file {
        Some(file) => Some(secret(file)?),
        None => std::env::var(TOKEN_VARIABLE).ok().filter(|token| !token.is_empty()),
    };
    let authorities = arguments.server_ca.as_deref().map(small_file).transpose()?;
    let trusted = trusted(authorities.as_deref())?;
    let url = url.trim_end_matches('/').to_owned();
    let is_plain = url.starts_with("http://");
    if is_plain && token.is_some() && !is_loopback(&url) {
        return Err(usage(
            "a token would go over the network in the clear",
            "name the server by `https://`",
        ));
    }
    Ok(Some(Remote { url, token, trusted }))
}

/// How long to wait for it.
pub(crate) fn patience(arguments: &ServerArguments) -> Duration {
    Duration::from_millis(arguments.timeout.unsigned_abs())
}

/// The text of a file that holds one secret.
pub(crate) fn secret(path: &Path) -> Result<String, Failure> {
    let text = String::from_utf8(small_file(path)?).ok().map(|text| text.trim().to_owned());
    text.filter(|text| !text.is_empty() && !text.contains('\n')).ok_or_else(|| {
        usage(format!("`{}` does not hold one line of text", path.display()), "write it anew")
    })
}

fn is_loopback(url: &str) -> bool {
    let authority = url.split_once("://").map_or("", |(_, rest)| rest);
    is_loopback_name(authority.split('/').next().unwrap_or_default())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn loopback_is_told_by_its_name_or_address() {
        for url in
            ["http://localhost:7070", "http://127.0.0.1", "http://[::1]:7070", "http://[::1]"]
        {
            assert!(is_loopback(url), "{url}");
        }
        for url in ["http://plumb.internal:7070", "http://127.0.0.1.evil.test", "http://"] {
            assert!(!is_loopback(url), "{url}");
        }
        // What stands before the `@` is a user, whatever it looks like.
        for url in ["http://localhost:80@evil.test", "http://localhost:x@evil.test/"] {
            assert!(!is_loopback(url), "{url}");
        }
    }
}
