//! The parts of a broker's URL. Subjects hold characters that other URLs must not, so they are read
//! here and not by a reader of web addresses. It refuses to know what the parts mean.

use percent_encoding::percent_decode_str;

/// Characters of a URL. A longer one is no address.
const URL_CHARS_MAX: usize = 4_096;

/// Parameters of a URL; sources know fewer than ten, some of them repeated.
const PARAMETERS_MAX: usize = 64;

/// Why a text is no URL of a broker. It never holds the text: there may be a password in it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub(crate) struct Malformed(pub(crate) &'static str);

/// The parts, decoded.
#[derive(Clone, PartialEq, Eq)]
pub(crate) struct Parts {
    pub(crate) scheme: String,
    pub(crate) user: Option<String>,
    pub(crate) password: Option<String>,
    /// Hosts, each with its port where it is given.
    pub(crate) hosts: Vec<(String, Option<u16>)>,
    /// What follows the first slash; none if there is no slash.
    pub(crate) path: Option<String>,
    pub(crate) parameters: Vec<(String, String)>,
}

/// Takes a URL apart.
pub(crate) fn parts(url: &str) -> Result<Parts, Malformed> {
    if url.len() > URL_CHARS_MAX || url.chars().any(char::is_control) {
        return Err(Malformed("the URL is too long, or holds control characters"));
    }
    let (scheme, rest) = url.split_once("://").ok_or(Malformed("the URL names no scheme"))?;
    let (rest, query) = rest.split_once('?').map_or((rest, ""), |(rest, query)| (rest, query));
    let (authority, path) = match rest.split_once('/') {
        Some((authority, path)) => (authority, Some(decoded(path)?)),
        None => (rest, None),
    };
    let (login, hosts) = match authority.rsplit_once('@') {
        Some((login, hosts)) => (Some(login), hosts),
        None => (None, authority),
    };
    let (user, password) = match login.map(|login| login.split_once(':').ok_or(login)) {
        None => (None, None),
        Some(Err(user)) => (Some(decoded(user)?), None),
        Some(Ok((user, password))) => (Some(decoded(user)?), Some(decoded(password)?)),
    };
    let hosts = hosts.split(',').map(host).collect::<Result<_, _>>()?;
    let scheme = scheme.to_ascii_lowercase();
    Ok(Parts { scheme, user, password, hosts, path, parameters: parameters(query)? })
}

fn parameters(query: &str) -> Result<Vec<(String, String)>, Malformed> {
    let pairs = query.split('&').filter(|pair| !pair.is_empty());
    let pairs: Vec<_> = pairs.map(|pair| pair.split_once('=').unwrap_or((pair, ""))).collect();
    if pairs.len() > PARAMETERS_MAX {
        return Err(Malformed("the URL has too many parameters"));
    }
    pairs.into_iter().map(|(name, value)| Ok((decoded(name)?, decoded(value)?))).collect()
}

fn host(text: &str) -> Result<(String, Option<u16>), Malformed> {
    const PORT: Malformed = Malformed("the port of the URL is no number");
    let (name, port) = match text.strip_prefix('[').and_then(|text| text.split_once(']')) {
        Some((name, "")) => (name, None),
        Some((name, rest)) => (name, Some(rest.strip_prefix(':').ok_or(PORT)?)),
        None => match text.split_once(':') {
            Some((name, port)) => (name, Some(port)),
            None => (text, None),
        },
    };
    let port = port.map(str::parse).transpose().map_err(|_| PORT)?;
    let is_name = |byte: u8| byte.is_ascii_alphanumeric() || b"-._:".contains(&byte);
    if name.is_empty() || !name.bytes().all(is_name) {
        return Err(Malformed("the URL names no host"));
    }
    Ok((name.to_ascii_lowercase(), port))
}

fn decoded(text: &str) -> Result<String, Malformed> {
    let decoded = percent_decode_str(text).decode_utf8();
    decoded.map(Into::into).map_err(|_| Malformed("a part of the URL is no UTF-8"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(url: &str, expected: Result<&str, &str>) {
        let found = parts(url).map(|it| {
            format!(
                "{} {:?} {:?} {:?} {:?} {:?}",
                it.scheme, it.user, it.password, it.hosts, it.path, it.parameters
            )
        });
        let found = found.map_err(|malformed| malformed.0);
        assert_eq!(found.as_deref().map_err(|why| *why), expected, "{url}");
    }

    #[test]
    fn every_part_is_read() {
        check(
            "NATS://Host:4222/orders.>",
            Ok(r#"nats None None [("host", Some(4222))] Some("orders.>") []"#),
        );
        check(
            "amqp://u:p%40w@h/%2F?key=a.%23&key=b",
            Ok(concat!(
                r#"amqp Some("u") Some("p@w") [("h", None)] Some("/") "#,
                r##"[("key", "a.#"), ("key", "b")]"##
            )),
        );
        check(
            "kafka://a:1,[::1]:2",
            Ok(r#"kafka None None [("a", Some(1)), ("::1", Some(2))] None []"#),
        );
    }

    #[test]
    fn what_is_no_url_is_refused_without_showing_it() {
        check("host/topic", Err("the URL names no scheme"));
        check("nats:///orders", Err("the URL names no host"));
        check("nats://a:port/orders", Err("the port of the URL is no number"));
        check("nats://a/%ff", Err("a part of the URL is no UTF-8"));
        check("nats://a\n/b", Err("the URL is too long, or holds control characters"));
    }
}
