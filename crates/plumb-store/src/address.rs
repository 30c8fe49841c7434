//! The address of a store on a server: where it is, who asks, and how safe the way there must be.
//!
//! Nothing here shows the password, whatever goes wrong. Refuses to connect, and to send anything
//! over a network in the clear.

use std::fmt;
use std::net::IpAddr;
use std::path::{Path, PathBuf};
use std::str::FromStr;

use percent_encoding::percent_decode_str;
use thiserror::Error;
use tokio_postgres::Config;
use tokio_postgres::config::{Host, SslMode};

/// How an address begins.
const SCHEMES: [&str; 2] = ["postgres://", "postgresql://"];

/// The port of a server that names none.
const PORT: u16 = 5432;

/// An address that was read. Printing it leaves the password out.
#[derive(Clone)]
pub struct Address {
    pub(crate) config: Config,
    text: String,
    pub(crate) safety: Safety,
    /// Authorities that are trusted beside the system's, in PEM.
    pub(crate) authorities: Option<PathBuf>,
}

/// How safe the way to the server must be.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Safety {
    /// In the clear; to this machine only.
    Plain,
    /// Encrypted if the server can; to this machine only.
    Preferred,
    /// Encrypted, whoever answers.
    Encrypted,
    /// Encrypted, and the server shows a certificate for its name.
    Verified,
}

/// Why an address cannot be used. It quotes nothing, since a password may stand anywhere in it.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum AddressError {
    /// It begins like no address of a database that is known here.
    #[error("the address begins with neither `postgres://` nor `postgresql://`")]
    Scheme,
    /// It begins like one and does not go on like one.
    #[error("the address of the database cannot be read")]
    Unreadable,
    /// A host or a database is missing.
    #[error("the address names no {0}")]
    Missing(&'static str),
    /// `sslmode` is none of the words that can stand there.
    #[error("`sslmode` in the address is none of its words")]
    Mode,
    /// The way leads over a network and would not be encrypted.
    #[error("the address `{0}` leads over a network in the clear")]
    Clear(String),
}

impl AddressError {
    /// What to do about it, in one line.
    #[must_use]
    pub const fn help(&self) -> &'static str {
        match self {
            Self::Scheme | Self::Unreadable | Self::Missing(_) => {
                "write it like `postgres://USER@HOST:5432/DATABASE`, with `%` codes for any of \
                 `:/?#@%` in a name or password"
            }
            Self::Mode => "it can be `disable`, `prefer`, `require` or `verify-full`",
            Self::Clear(_) => {
                "write `?sslmode=verify-full` behind it, or `?sslmode=require` where the server's \
                 certificate cannot be checked"
            }
        }
    }
}

/// Whether a text is meant as an address and not as a path.
#[must_use]
pub fn is_address(text: &str) -> bool {
    text.contains("://")
}

impl Address {
    /// Reads an address, `postgres://USER:PASSWORD@HOST:PORT/DATABASE?sslmode=MODE`. Without a
    /// mode, the server's certificate is checked, unless the server is this machine.
    ///
    /// # Errors
    /// [`AddressError`]; an address over a network without encryption is one.
    pub fn parse(text: &str) -> Result<Self, AddressError> {
        if !SCHEMES.iter().any(|scheme| text.starts_with(scheme)) {
            return Err(AddressError::Scheme);
        }
        let (place, query) = text.split_once('?').unwrap_or((text, ""));
        let (mut mode, mut authorities, mut rest) = (None, None, Vec::new());
        for option in query.split('&').filter(|option| !option.is_empty()) {
            match option.split_once('=') {
                Some(("sslmode", word)) => mode = Some(word),
                Some(("sslrootcert", path)) => authorities = Some(decoded(path)?.into()),
                _ => rest.push(option),
            }
        }
        let known = format!("{place}?{}", rest.join("&"));
        let config =
            Config::from_str(known.trim_end_matches('?')).map_err(|_| AddressError::Unreadable)?;
        if config.get_hosts().is_empty() && config.get_hostaddrs().is_empty() {
            return Err(AddressError::Missing("host"));
        }
        if config.get_dbname().is_none_or(str::is_empty) {
            return Err(AddressError::Missing("database"));
        }
        let (text, safety) = (text.to_owned(), Safety::Verified);
        let mut address = Self { config, text, safety, authorities };
        address.safety = safety_of(mode, &address)?;
        address.config.ssl_mode(match address.safety {
            Safety::Plain => SslMode::Disable,
            Safety::Preferred => SslMode::Prefer,
            Safety::Encrypted | Safety::Verified => SslMode::Require,
        });
        Ok(address)
    }

    /// How the driver connects to it; what [`crate::postgres::tls::tls_to`] gives goes with it.
    #[must_use]
    pub const fn config(&self) -> &Config {
        &self.config
    }

    /// How safe the way must be, in the words of `sslmode`.
    #[must_use]
    pub const fn mode(&self) -> &'static str {
        match self.safety {
            Safety::Plain => "disable",
            Safety::Preferred => "prefer",
            Safety::Encrypted => "require",
            Safety::Verified => "verify-full",
        }
    }

    /// The file of authorities that `sslrootcert` names.
    #[must_use]
    pub fn authorities(&self) -> Option<&Path> {
        self.authorities.as_deref()
    }

    /// Whether it carries a password itself.
    #[must_use]
    pub fn has_password(&self) -> bool {
        self.config.get_password().is_some()
    }

    /// The same with a password, unless it carries one.
    #[must_use]
    pub fn or_password(mut self, password: &str) -> Self {
        if !self.has_password() {
            self.config.password(password);
        }
        self
    }

    /// The password that the text of a password file has for this address: lines of
    /// `HOST:PORT:DATABASE:USER:PASSWORD`, where `*` stands for anything and `\` keeps the next
    /// letter from meaning anything. The first line that fits gives it.
    #[must_use]
    pub fn password_in(&self, file: &str) -> Option<String> {
        let (host, port) = self.hosts().into_iter().next()?;
        let names = [
            host,
            port.to_string(),
            self.config.get_dbname().unwrap_or_default().to_owned(),
            self.config.get_user().unwrap_or_default().to_owned(),
        ];
        file.lines().filter(|line| !line.starts_with('#')).find_map(|line| {
            let fields = passfile_fields(line);
            let (password, places) = fields.split_last()?;
            let fits = |(said, name): (&String, &String)| said == "*" || said == name;
            let is_ours = places.len() == names.len() && places.iter().zip(&names).all(fits);
            is_ours.then(|| password.clone())
        })
    }

    /// Each host with its port, as it is connected to.
    fn hosts(&self) -> Vec<(String, u16)> {
        let names: Vec<String> = match self.config.get_hosts() {
            [] => self.config.get_hostaddrs().iter().map(IpAddr::to_string).collect(),
            hosts => hosts.iter().map(host_name).collect(),
        };
        let ports = self.config.get_ports();
        let port = |at: usize| ports.get(at).or(ports.first()).copied().unwrap_or(PORT);
        names.into_iter().enumerate().map(|(at, name)| (name, port(at))).collect()
    }
}

impl fmt::Display for Address {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str("postgres://")?;
        if let Some(user) = self.config.get_user() {
            write!(out, "{user}@")?;
        }
        for (at, (host, port)) in self.hosts().iter().enumerate() {
            let (comma, colon) = (if at > 0 { "," } else { "" }, host.contains(':'));
            let host = if colon { format!("[{host}]") } else { host.clone() };
            match *port {
                PORT => write!(out, "{comma}{host}")?,
                port => write!(out, "{comma}{host}:{port}")?,
            }
        }
        write!(out, "/{}", self.config.get_dbname().unwrap_or_default())
    }
}

impl fmt::Debug for Address {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "Address({self}, {:?})", self.safety)
    }
}

/// Two addresses are equal when they are written alike and carry the same password.
impl PartialEq for Address {
    fn eq(&self, other: &Self) -> bool {
        let password = |it: &Self| it.config.get_password().map(<[u8]>::to_vec);
        self.text == other.text && password(self) == password(other)
    }
}

impl Eq for Address {}

/// What the mode asks for, where the address leads.
fn safety_of(mode: Option<&str>, address: &Address) -> Result<Safety, AddressError> {
    let is_near = is_this_machine(&address.config);
    match mode {
        None if is_near => Ok(Safety::Preferred),
        None | Some("verify-full") => Ok(Safety::Verified),
        Some("disable") if is_near => Ok(Safety::Plain),
        Some("prefer") if is_near => Ok(Safety::Preferred),
        // Over a network what is only preferred would be given up to whoever sits in between.
        Some("disable" | "prefer") => Err(AddressError::Clear(address.to_string())),
        Some("require") => Ok(Safety::Encrypted),
        Some(_) => Err(AddressError::Mode),
    }
}

/// Whether every host is this machine itself. An address given beside a name is what counts.
fn is_this_machine(config: &Config) -> bool {
    let addresses = config.get_hostaddrs();
    if !addresses.is_empty() {
        return addresses.iter().all(IpAddr::is_loopback);
    }
    config.get_hosts().iter().all(|host| match host {
        Host::Tcp(name) => {
            name == "localhost" || name.parse().is_ok_and(|address: IpAddr| address.is_loopback())
        }
        #[cfg(unix)]
        Host::Unix(_) => true,
    })
}

fn host_name(host: &Host) -> String {
    match host {
        Host::Tcp(name) => name.clone(),
        #[cfg(unix)]
        Host::Unix(folder) => folder.display().to_string(),
    }
}

fn decoded(text: &str) -> Result<String, AddressError> {
    let decoded = percent_decode_str(text).decode_utf8();
    decoded.map(Into::into).map_err(|_| AddressError::Unreadable)
}

fn passfile_fields(line: &str) -> Vec<String> {
    let mut fields = vec![String::new()];
    let mut letters = line.chars();
    while let Some(letter) = letters.next() {
        let kept = match letter {
            ':' => {
                fields.push(String::new());
                continue;
            }
            '\\' => letters.next(),
            other => Some(other),
        };
        if let Some(field) = fields.last_mut() {
            field.extend(kept);
        }
    }
    fields
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(text: &str, shown: &str, safety: Safety) {
        let address = Address::parse(text).unwrap();
        assert_eq!((address.to_string().as_str(), address.safety), (shown, safety), "{text}");
        assert!(!format!("{address:?}").contains("hunter2"), "{address:?}");
    }

    #[test]
    fn addresses_are_read_and_shown_without_their_password() {
        let ada = "postgres://ada@db.test/plumb";
        check("postgres://ada:hunter2@db.test/plumb", ada, Safety::Verified);
        check("postgresql://ada@db.test:5432/plumb?password=hunter2", ada, Safety::Verified);
        check("postgres://ada:hunter2@db.test/plumb?sslmode=require", ada, Safety::Encrypted);
        let both = "postgres://a.test,b.test:6000/p";
        check("postgres://a.test:5432,b.test:6000/p?sslmode=verify-full", both, Safety::Verified);
        check("postgres://127.0.0.1:6000/p", "postgres://127.0.0.1:6000/p", Safety::Preferred);
        check("postgres://[::1]/p?sslmode=disable", "postgres://[::1]/p", Safety::Plain);
        check("postgres://localhost/p?sslmode=prefer", "postgres://localhost/p", Safety::Preferred);
        check("postgres://%2Frun%2Fpg/p", "postgres:///run/pg/p", Safety::Preferred);
    }

    #[test]
    fn what_cannot_be_used_is_refused_without_quoting_it() {
        let refused = |text: &str| {
            let error = Address::parse(text).unwrap_err();
            assert!(!format!("{error} {error:?}").contains("hunter2"), "{error:?}");
            error
        };
        assert_eq!(refused("mysql://ada:hunter2@db.test/p"), AddressError::Scheme);
        assert_eq!(refused("postgres://ada:hunter2@db.test:port/p"), AddressError::Unreadable);
        assert_eq!(refused("postgres://ada:hunter2@db.test"), AddressError::Missing("database"));
        assert_eq!(refused("postgres://localhost/p?sslmode=hunter2"), AddressError::Mode);
        for mode in ["disable", "prefer"] {
            let clear = refused(&format!("postgres://ada:hunter2@db.test/p?sslmode={mode}"));
            assert_eq!(clear, AddressError::Clear("postgres://ada@db.test/p".to_owned()));
            assert!(clear.help().contains("sslmode=verify-full"));
        }
        let beside = refused("postgres://localhost/p?hostaddr=192.0.2.7&sslmode=disable");
        assert!(matches!(beside, AddressError::Clear(_)), "{beside}");
    }

    #[test]
    fn a_password_file_gives_the_first_that_fits() {
        let address = Address::parse("postgres://ada@db.test/plumb").unwrap();
        let file = "# db.test:*:*:*:no\nother:*:*:*:no\ndb.test:5433:*:*:no\n\
                    db.test:*:plumb:ada:a\\:b\\\\c\n*:*:*:*:later\n";
        assert_eq!(address.password_in(file).as_deref(), Some("a:b\\c"));
        assert_eq!(address.password_in("nonsense\n"), None);
        let given = address.or_password("first").or_password("second");
        assert_eq!(given.config.get_password(), Some(&b"first"[..]));
    }
}
