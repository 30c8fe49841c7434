//! Where a driver tells the tap how to divide, and asks what it does: a socket in the file system,
//! for its owner alone. One line of JSON comes, and one goes. Whatever is not understood is refused
//! and changes nothing, and a driver that is gone leaves everything as it is. It refuses to know
//! what a share is good for.

use std::fs;
use std::io::{self, BufRead as _, BufReader, Read as _, Write as _};
use std::os::unix::fs::{FileTypeExt as _, PermissionsExt as _};
use std::os::unix::net::{UnixListener, UnixStream};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use http::{HeaderName, HeaderValue};
use serde_json::{Map, Value, json};

use crate::split::{Division, Split, WHOLE_PPM};

/// Bytes of a command: a hundred cohorts fit.
const COMMAND_BYTES_MAX: u64 = 64 * 1_024;

/// Cohorts: each is looked for in every request.
const COHORTS_MAX: usize = 64;

/// How long a driver may take to say a line, and to hear one. Others wait meanwhile.
const WAIT: Duration = Duration::from_secs(5);

/// How long to wait when nobody can be heard, commonly for want of descriptors.
const PAUSE: Duration = Duration::from_millis(50);

/// The socket.
#[derive(Debug)]
pub struct Steering {
    listener: UnixListener,
    path: PathBuf,
}

/// Listens at a path in the file system. What a tap left there that runs no more is replaced.
///
/// # Errors
/// When it cannot be made, something else stands there, or another tap listens there.
pub fn listen(path: &Path) -> io::Result<Steering> {
    if let Ok(found) = fs::symlink_metadata(path) {
        let taken = io::ErrorKind::AddrInUse;
        if !found.file_type().is_socket() {
            return Err(io::Error::new(taken, "something that is no socket stands there"));
        }
        if UnixStream::connect(path).is_ok() {
            return Err(io::Error::new(taken, "somebody listens there already"));
        }
    }
    // Under its own name only once it is for its owner alone.
    let mut name = path.file_name().unwrap_or_default().to_owned();
    name.push(format!(".{}.draft", std::process::id()));
    let draft = path.with_file_name(name);
    let listener = UnixListener::bind(&draft)?;
    let owned = fs::set_permissions(&draft, fs::Permissions::from_mode(0o600));
    if let Err(err) = owned.and_then(|()| fs::rename(&draft, path)) {
        // What cannot be taken away is told by what went wrong before.
        drop(fs::remove_file(&draft));
        return Err(err);
    }
    Ok(Steering { listener, path: path.to_owned() })
}

/// Does what drivers say, one after the other, for ever.
pub fn steer(steering: &Steering, split: &Split) {
    for stream in steering.listener.incoming() {
        match stream {
            // One that breaks off has heard nothing, and asks again.
            Ok(stream) => drop(answer(&stream, split)),
            Err(_) => std::thread::sleep(PAUSE),
        }
    }
}

/// The same on a thread of its own, which ends with the process.
///
/// # Errors
/// When there is no thread.
pub fn spawn(steering: Arc<Steering>, split: Arc<Split>) -> io::Result<()> {
    let named = std::thread::Builder::new().name("steering".to_owned());
    named.spawn(move || steer(&steering, &split)).map(drop)
}

impl Steering {
    /// Takes the socket away, so that a driver finds nobody.
    pub fn end(&self) {
        // It may be gone already.
        drop(fs::remove_file(&self.path));
    }
}

fn answer(stream: &UnixStream, split: &Split) -> io::Result<()> {
    stream.set_read_timeout(Some(WAIT))?;
    stream.set_write_timeout(Some(WAIT))?;
    let mut line = String::new();
    let read = BufReader::new(stream.take(COMMAND_BYTES_MAX)).read_line(&mut line);
    let said = match read {
        Ok(_) if !line.ends_with('\n') => Err("a command is one line of at most 64 KiB"),
        Ok(_) => obey(&line, split),
        Err(err) if err.kind() == io::ErrorKind::InvalidData => Err("a command is text"),
        Err(err) => return Err(err),
    };
    let said = said.map_or_else(|why| json!({ "refused": why }), |()| told(split));
    let mut stream = stream;
    stream.write_all(format!("{said}\n").as_bytes())
}

/// Does what a line says, all of it or nothing.
fn obey(line: &str, split: &Split) -> Result<(), &'static str> {
    let command: Map<String, Value> =
        serde_json::from_str(line).map_err(|_| "a command is an object of JSON")?;
    let keys: &[&str] = match command.get("ask").and_then(Value::as_str) {
        Some("read") => &["ask"],
        Some("set") => &["ask", "ppm", "cohorts"],
        _ => return Err("`ask` is `read` or `set`"),
    };
    if command.keys().any(|key| !keys.contains(&key.as_str())) {
        return Err("there is a key that this tap does not know");
    }
    if keys.len() == 1 {
        return Ok(());
    }
    let ppm = command.get("ppm").and_then(Value::as_u64).and_then(|ppm| u32::try_from(ppm).ok());
    let ppm = ppm.filter(|ppm| *ppm <= WHOLE_PPM).ok_or("`ppm` is a number up to 1000000")?;
    let cohorts = match command.get("cohorts") {
        None => Vec::new(),
        Some(Value::Array(all)) if all.len() <= COHORTS_MAX => all
            .iter()
            .map(cohort)
            .collect::<Option<_>>()
            .ok_or("a cohort is a header and a value")?,
        Some(_) => return Err("`cohorts` is a list of at most 64"),
    };
    split.set(Division { ppm, cohorts });
    Ok(())
}

fn cohort(told: &Value) -> Option<(HeaderName, HeaderValue)> {
    let text = |key: &str| told.get(key).and_then(Value::as_str);
    let name = HeaderName::from_bytes(text("header")?.as_bytes()).ok()?;
    Some((name, HeaderValue::from_str(text("value")?).ok()?))
}

fn told(split: &Split) -> Value {
    let (division, routed) = (split.division(), split.routed());
    let cohort = |(name, value): &(HeaderName, HeaderValue)| {
        let value = String::from_utf8_lossy(value.as_bytes());
        json!({ "header": name.as_str(), "value": value })
    };
    json!({
        "ppm": division.ppm,
        "cohorts": division.cohorts.iter().map(cohort).collect::<Vec<_>>(),
        "canary": routed.canary,
        "control": routed.control,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_not_understood_is_refused_and_changes_nothing() {
        let split = Split::new(None);
        obey(r#"{"ask":"set","ppm":50000,"cohorts":[{"header":"X-A","value":"b"}]}"#, &split)
            .unwrap();
        let before = split.division();
        assert_eq!((before.ppm, before.cohorts[0].0.as_str()), (50_000, "x-a"));
        for line in [
            "",
            "[]",
            "{}",
            r#"{"ask":"stop"}"#,
            r#"{"ask":"set"}"#,
            r#"{"ask":"set","ppm":1000001}"#,
            r#"{"ask":"set","ppm":-1}"#,
            r#"{"ask":"set","ppm":0.5}"#,
            r#"{"ask":"set","ppm":7,"more":1}"#,
            r#"{"ask":"set","ppm":7,"cohorts":[{"header":"a b","value":"c"}]}"#,
            r#"{"ask":"set","ppm":7,"cohorts":[{"header":"a","value":"c\n"}]}"#,
            r#"{"ask":"set","ppm":7,"cohorts":{}}"#,
        ] {
            assert!(obey(line, &split).is_err(), "{line}");
            assert_eq!(split.division(), before, "{line}");
        }
        assert_eq!(obey(r#"{"ask":"read"}"#, &split), Ok(()));
    }

    #[test]
    fn a_socket_is_its_owners_and_replaces_only_what_is_dead() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("tap.sock");
        let first = Arc::new(listen(&path).unwrap());
        let mode = fs::metadata(&path).unwrap().permissions().mode();
        assert_eq!(mode & 0o777, 0o600);
        let split = Arc::new(Split::new(None));
        spawn(Arc::clone(&first), Arc::clone(&split)).unwrap();
        assert_eq!(listen(&path).unwrap_err().kind(), io::ErrorKind::AddrInUse);
        let ask = |line: &[u8]| {
            let mut stream = UnixStream::connect(&path).unwrap();
            stream.write_all(line).unwrap();
            stream.shutdown(std::net::Shutdown::Write).unwrap();
            let mut said = String::new();
            stream.read_to_string(&mut said).unwrap();
            said
        };
        let told = json!({ "ppm": 9, "cohorts": [], "canary": 0, "control": 0 });
        let value = |line: &[u8]| serde_json::from_str::<Value>(&ask(line)).unwrap();
        assert_eq!(value(b"{\"ask\":\"set\",\"ppm\":9}\n"), told);
        // A line that breaks off is none, whatever it would be.
        assert!(ask(b"{\"ask\":\"set\",\"ppm\":10}").contains("refused"));
        assert!(ask(b"\xff\xfe\n").contains("refused"));
        assert_eq!(value(b"{\"ask\":\"read\"}\n"), told);
        fs::write(folder.path().join("file"), "").unwrap();
        assert!(listen(&folder.path().join("file")).is_err());
        let left = folder.path().join("left.sock");
        drop(UnixListener::bind(&left).unwrap());
        listen(&left).unwrap().end();
        assert!(!left.exists());
    }
}
