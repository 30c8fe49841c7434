//! Images: what a container runs, by its name, and the version that the name tells.
//!
//! Refuses to ask a registry.

use crate::excerpt::excerpt;

/// Bytes of the name of an image; registries allow fewer.
const IMAGE_BYTES_MAX: usize = 1_024;

/// Digits of a digest that tell versions apart, as git and registries show them.
const DIGITS: usize = 12;

/// Databases, by the last word of their images. What applications meet is their schema.
const DATABASES: [&str; 12] = [
    "postgres",
    "postgresql",
    "postgis",
    "pgvector",
    "timescaledb",
    "mysql",
    "mariadb",
    "percona",
    "mongo",
    "mongodb",
    "cockroach",
    "mssql",
];

/// What carries data between others without being met itself.
const CARRIERS: [&str; 9] = [
    "redis",
    "valkey",
    "memcached",
    "rabbitmq",
    "nats",
    "kafka",
    "redpanda",
    "zookeeper",
    "pulsar",
];

/// What a container runs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Image {
    /// The last word of its name: `api` of `registry.example:5000/shop/api:1.4`.
    pub name: String,
    /// The tag, or else the beginning of the digest; `None` where neither is told.
    pub version: Option<String>,
}

/// What an image is to a plan.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Role {
    /// It reads and writes.
    Component,
    /// Its tables are what others meet.
    Database,
    /// What others write lies in it.
    Carrier,
}

impl Image {
    /// What it is to a plan, by its name.
    #[must_use]
    pub fn role(&self) -> Role {
        let name = self.name.as_str();
        let is_one_of = |words: &[&str]| words.contains(&name);
        if is_one_of(&DATABASES) {
            Role::Database
        } else if is_one_of(&CARRIERS) {
            Role::Carrier
        } else {
            Role::Component
        }
    }
}

/// Reads the name of an image. Of a variable that the shell fills in, the default counts.
///
/// # Errors
///
/// Why it cannot be read, to stand behind `the image of ...`.
pub fn image(text: &str) -> Result<Image, String> {
    if text.len() > IMAGE_BYTES_MAX {
        return Err(format!("has a name of more than {IMAGE_BYTES_MAX} bytes"));
    }
    if text.contains("{{") {
        return Err("is a template that was not rendered".to_owned());
    }
    let text = filled_in(text.trim())?;
    let (named, digest) = match text.split_once('@') {
        Some((named, digest)) => (named, Some(digest)),
        None => (text.as_str(), None),
    };
    // A colon before the last slash belongs to a port.
    let start = named.rfind('/').map_or(0, |at| at + 1);
    let last = named.get(start..).unwrap_or_default();
    let (name, tag) = match last.split_once(':') {
        Some((name, tag)) => (name, Some(tag)),
        None => (last, None),
    };
    let is_word = |text: &str| {
        let is_plain = |letter: char| letter.is_ascii_alphanumeric() || "._-+".contains(letter);
        !text.is_empty() && text.chars().all(is_plain)
    };
    if !is_word(name) || tag.is_some_and(|tag| !is_word(tag)) {
        return Err(format!("is called `{}`, which is no name", excerpt(&text)));
    }
    let short = |digest: &str| {
        let (algorithm, digits) = digest.split_once(':')?;
        let is_hex = digits.len() >= DIGITS && digits.bytes().all(|it| it.is_ascii_hexdigit());
        (is_word(algorithm) && is_hex).then(|| format!("{algorithm}:{}", &digits[..DIGITS]))
    };
    let digest = match digest {
        Some(digest) => {
            let refused = || format!("has the digest `{}`, which is none", excerpt(digest));
            Some(short(digest).ok_or_else(refused)?)
        }
        None => None,
    };
    Ok(Image { name: name.to_owned(), version: tag.map(str::to_owned).or(digest) })
}

/// The text with the defaults of variables in their place: `${TAG:-1.4}`, `${TAG-1.4}`.
fn filled_in(text: &str) -> Result<String, String> {
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = rest.find('$') {
        let (before, variable) = rest.split_at(at);
        out.push_str(before);
        let inner = variable.strip_prefix("${").and_then(|inner| inner.split_once('}'));
        let told = inner.and_then(|(inner, after)| {
            let (_, default) = inner.split_once(":-").or_else(|| inner.split_once('-'))?;
            (!default.is_empty() && !default.contains('$')).then_some((default, after))
        });
        let Some((default, after)) = told else {
            let variable: String = variable.chars().take_while(|it| !it.is_whitespace()).collect();
            let variable = excerpt(&variable);
            return Err(format!("is named by a variable without a default, `{variable}`"));
        };
        out.push_str(default);
        rest = after;
    }
    out.push_str(rest);
    Ok(out)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(text: &str, expected: Result<(&str, Option<&str>), &str>) {
        let found = image(text);
        let found = found.as_ref().map(|one| (one.name.as_str(), one.version.as_deref()));
        assert_eq!(found.map_err(String::as_str), expected, "{text}");
    }

    #[test]
    fn names_tags_and_digests() {
        let digest = format!("sha256:{}", "ab".repeat(32));
        check("api", Ok(("api", None)));
        check("api:1.4", Ok(("api", Some("1.4"))));
        check("registry.example:5000/shop/api", Ok(("api", None)));
        check("registry.example:5000/shop/api:v2-rc.1", Ok(("api", Some("v2-rc.1"))));
        check(&format!("shop/api@{digest}"), Ok(("api", Some("sha256:abababababab"))));
        check(&format!("shop/api:1.4@{digest}"), Ok(("api", Some("1.4"))));
        check("", Err("is called ``, which is no name"));
        check("api:", Err("is called `api:`, which is no name"));
        check("a b:1", Err("is called `a b:1`, which is no name"));
        check("api@sha256:12", Err("has the digest `sha256:12`, which is none"));
        check("api@é", Err("has the digest `é`, which is none"));
    }

    #[test]
    fn variables_are_their_defaults_or_nothing() {
        check("shop/api:${TAG:-1.4}", Ok(("api", Some("1.4"))));
        check("${REPO-shop}/api:${TAG-2}", Ok(("api", Some("2"))));
        check("api:${TAG}", Err("is named by a variable without a default, `${TAG}`"));
        check("api:$TAG", Err("is named by a variable without a default, `$TAG`"));
        check("api:${TAG", Err("is named by a variable without a default, `${TAG`"));
        check("api:{{ .Values.tag }}", Err("is a template that was not rendered"));
    }

    #[test]
    fn databases_and_carriers_are_told_by_name() {
        let role = |text| image(text).unwrap().role();
        assert_eq!(role("postgres:16"), Role::Database);
        assert_eq!(role("docker.io/bitnami/mysql:8"), Role::Database);
        assert_eq!(role("redis:7"), Role::Carrier);
        assert_eq!(role("shop/postgres-exporter:1"), Role::Component);
    }
}
