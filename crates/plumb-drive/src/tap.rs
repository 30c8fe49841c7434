//! The tap as a router: told its share over a socket in the file system, and asked for it there.
//!
//! Refuses to know how it divides.

use crate::driver::{Cohort, Counts, Driver, Told, WHOLE_PPM, Wanted};
use crate::socket::{At, ask};
use crate::trouble::Trouble;
use serde_json::{Value, json};
use std::path::PathBuf;

/// A tap between two versions.
#[derive(Clone, Debug)]
pub struct Tap {
    at: At,
    who: String,
}

const REFUSED_HELP: &str = "see that the tap and this program are of one version";

impl Tap {
    /// The tap that listens at this socket.
    #[must_use]
    pub fn new(socket: PathBuf) -> Self {
        let who = format!("tap at {}", socket.display());
        Self { at: At::Socket(socket), who }
    }

    fn ask(&self, command: &Value) -> Result<Value, Trouble> {
        let said =
            ask(&self.at, &command.to_string()).map_err(|err| Trouble::away(&self.who, err))?;
        let said: Value =
            serde_json::from_str(&said).map_err(|err| Trouble::unread(&self.who, err))?;
        match said.get("refused").and_then(Value::as_str) {
            Some(why) => Err(Trouble::refused(&self.who, why, REFUSED_HELP)),
            None => Ok(said),
        }
    }

    fn told(&self, said: &Value) -> Result<(Told, Vec<Cohort>), Trouble> {
        let unread = |what: &str| Trouble::unread(&self.who, format!("it tells no {what}"));
        let number = |key: &str| said.get(key).and_then(Value::as_u64);
        let ppm = number("ppm").and_then(|ppm| u32::try_from(ppm).ok());
        let ppm = ppm.filter(|ppm| *ppm <= WHOLE_PPM).ok_or_else(|| unread("share"))?;
        let counts = number("canary").zip(number("control"));
        let cohorts = said.get("cohorts").and_then(Value::as_array);
        let cohorts = cohorts.ok_or_else(|| unread("cohorts"))?.iter().map(|one| {
            let text = |key: &str| one.get(key).and_then(Value::as_str).map(str::to_owned);
            let cohort = text("header").zip(text("value"));
            cohort.map(|(header, value)| Cohort { header, value }).ok_or_else(|| unread("cohorts"))
        });
        let told = Told {
            ppm: Some(ppm),
            counts: counts.map(|(canary, control)| Counts { canary, control }),
            notes: Vec::new(),
        };
        Ok((told, cohorts.collect::<Result<_, _>>()?))
    }
}

impl Driver for Tap {
    fn name(&self) -> String {
        self.who.clone()
    }

    fn nearest(&self, ppm: u32) -> u32 {
        ppm
    }

    fn has_cohorts(&self) -> bool {
        true
    }

    fn set(&mut self, wanted: &Wanted) -> Result<(), Trouble> {
        let cohorts = wanted.cohorts.iter();
        let cohorts: Vec<Value> =
            cohorts.map(|one| json!({ "header": one.header, "value": one.value })).collect();
        let said = self.ask(&json!({ "ask": "set", "ppm": wanted.ppm, "cohorts": cohorts }))?;
        let (told, cohorts) = self.told(&said)?;
        if told.ppm == Some(wanted.ppm) && cohorts == wanted.cohorts {
            return Ok(());
        }
        Err(Trouble::unread(&self.who, "it was set, and says that it is something else"))
    }

    fn read(&mut self) -> Result<Told, Trouble> {
        Ok(self.told(&self.ask(&json!({ "ask": "read" }))?)?.0)
    }
}

#[cfg(unix)]
#[cfg(test)]
mod tests {
    use super::*;
    use std::io::{BufRead as _, BufReader, Write as _};
    use std::os::unix::net::UnixListener;

    /// A tap that hears one line after the other, and says these.
    fn tap(said: &[&'static str]) -> (tempfile::TempDir, Tap, std::thread::JoinHandle<String>) {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("tap.sock");
        let listener = UnixListener::bind(&path).unwrap();
        let said = said.to_vec();
        let heard = std::thread::spawn(move || {
            let mut heard = String::new();
            for line in said {
                let (stream, _) = listener.accept().unwrap();
                BufReader::new(&stream).read_line(&mut heard).unwrap();
                (&stream).write_all(line.as_bytes()).unwrap();
            }
            heard
        });
        (folder, Tap::new(path), heard)
    }

    #[test]
    fn it_is_told_and_tells() {
        let cohorts = r#"[{"header":"x-who","value":"us"}]"#;
        let set = format!(r#"{{"ppm":25500,"cohorts":{cohorts},"canary":0,"control":9}}"#).leak();
        let read = r#"{"ppm":25500,"cohorts":[],"canary":3,"control":97,"more":1}"#;
        let (_folder, mut tap, heard) = tap(&[set, read]);
        let cohort = Cohort { header: "x-who".to_owned(), value: "us".to_owned() };
        tap.set(&Wanted { ppm: 25_500, cohorts: vec![cohort] }).unwrap();
        let told = tap.read().unwrap();
        assert_eq!(told.ppm, Some(25_500));
        assert_eq!(told.counts, Some(Counts { canary: 3, control: 97 }));
        let heard = heard.join().unwrap();
        let heard: Vec<Value> =
            heard.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
        let cohorts = json!([{ "header": "x-who", "value": "us" }]);
        let set = json!({ "ask": "set", "ppm": 25_500, "cohorts": cohorts });
        assert_eq!(heard, [set, json!({ "ask": "read" })]);
    }

    #[test]
    fn what_it_refuses_or_does_not_do_is_no_success() {
        let other = r#"{"ppm":0,"cohorts":[],"canary":0,"control":0}"#;
        let (_folder, mut tap, heard) =
            tap(&[r#"{"refused":"no"}"#, other, "yes", r#"{"ppm":1000001,"cohorts":[]}"#]);
        let wanted = Wanted { ppm: 5, cohorts: Vec::new() };
        assert!(tap.set(&wanted).unwrap_err().is_lasting());
        assert!(tap.set(&wanted).unwrap_err().to_string().contains("something else"));
        assert!(tap.read().is_err());
        assert!(tap.read().is_err());
        heard.join().unwrap();
        assert!(!tap.read().unwrap_err().is_lasting(), "it is gone");
    }
}
