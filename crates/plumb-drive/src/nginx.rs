//! nginx, through a file that its configuration includes: clients are split by a hash of a key,
//! cohorts by a header, and nginx reads it anew.
//!
//! Whoever gets the new version keeps it when the share rises, as long as the key stays: the new
//! version's part of the hash only grows. Refuses to touch any other file.

use crate::driver::{Cohort, Driver, Told, WHOLE_PPM, Wanted};
use crate::http::{Client, Sent};
use crate::program::{Program, Ran, run};
use crate::trouble::Trouble;
use crate::whole_file;
use std::path::{Path, PathBuf};
use std::thread::sleep;
use std::time::Duration;

/// An nginx and what its configuration leaves to this.
#[derive(Clone, Debug)]
pub struct Nginx {
    asked: Asked,
    client: Option<Client>,
}

/// What people say of it.
#[derive(Clone, Debug, Default)]
pub struct Asked {
    /// The file that is included where `http` is configured.
    pub include: PathBuf,
    /// The program with what it needs to find its configuration: `nginx -c /etc/nginx.conf`.
    pub command: Vec<String>,
    /// What clients are told apart by, in nginx's variables: `$cookie_visitor`.
    pub key: String,
    /// The upstream of the new version.
    pub canary: String,
    /// The upstream of the old one.
    pub control: String,
    /// The address at which nginx answers with `$plumb_told`, if it does anywhere.
    pub probe: Option<String>,
}

/// nginx divides by hundredths of a per cent.
const STEP_PPM: u32 = 100;

/// How long `nginx -t` and `nginx -s reload` may take.
const PATIENCE: Duration = Duration::from_secs(30);

/// Workers that were there before answer until they are gone: so many answers in a row have to be
/// the same before they count as what serves.
const ANSWERS_SAME: usize = 5;

/// How often to ask at most, and how long to wait between: 10 seconds in all.
const PROBES_MAX: usize = 400;
const PROBE_PAUSE: Duration = Duration::from_millis(25);

/// How the first line of the file begins; the rest of it is what was set.
const HEAD: &str = "# written by plumb, and replaced by it: ";

impl Nginx {
    /// An nginx as people say it.
    ///
    /// # Errors
    /// [`Trouble::Setup`] for names that could be more than names in nginx's configuration.
    pub fn new(asked: Asked) -> Result<Self, Trouble> {
        let mut nginx = Self { asked, client: None };
        let who = nginx.name();
        let is_plain = |letter: u8| letter.is_ascii_alphanumeric() || b"-_.".contains(&letter);
        let is_key = |letter: u8| is_plain(letter) || b"${}".contains(&letter);
        let Asked { key, canary, control, .. } = &nginx.asked;
        if [canary, control].iter().any(|name| name.is_empty() || !name.bytes().all(is_plain)) {
            return Err(Trouble::setup(&who, "an upstream's name is none", "name upstreams"));
        }
        if !key.starts_with('$') || !key.bytes().all(is_key) {
            let help = "write variables, as `$request_id` or `${remote_addr}${http_user_agent}`";
            return Err(Trouble::setup(&who, &format!("`{key}` is no key"), help));
        }
        if nginx.asked.probe.is_some() {
            let client = Client::new(None);
            nginx.client = Some(client.map_err(|why| Trouble::away(&who, why))?);
        }
        Ok(nginx)
    }

    fn command(&self, words: &[&str]) -> Result<Ran, Trouble> {
        let mut all = self.asked.command.clone();
        all.extend(words.iter().map(|word| (*word).to_owned()));
        let program = Program { words: all, variables: Vec::new(), patience: PATIENCE };
        run(&program).map_err(|err| Trouble::away(&self.name(), err))
    }

    /// Puts the file in place, unless nginx refuses it: then what was there is there again.
    fn put(&self, text: &str) -> Result<(), Trouble> {
        let path = &self.asked.include;
        let failed = |err| Trouble::away(&self.name(), format!("`{}`: {err}", path.display()));
        let before = whole_file::read(path).map_err(failed)?;
        whole_file::put(path, Some(text)).map_err(failed)?;
        let tested = self.command(&["-t", "-q"]);
        let refused = match &tested {
            Ok(ran) if ran.code == Some(0) => return Ok(()),
            Ok(ran) => ran.stderr.clone(),
            Err(_) => String::new(),
        };
        whole_file::put(path, before.as_deref()).map_err(failed)?;
        tested?;
        let help = "include the file inside `http`, and see that both upstreams are there";
        Err(Trouble::refused(&self.name(), &refused, help))
    }

    /// What nginx answers with `$plumb_told`.
    fn probed(&self, client: &Client, probe: &str) -> Result<String, Trouble> {
        let answer = client.send(probe, Sent::default());
        let answer = answer.map_err(|why| Trouble::away(&self.name(), why))?;
        if answer.status != 200 {
            let why = format!("its probe answered {}", answer.status);
            return Err(Trouble::away(&self.name(), why));
        }
        Ok(answer.body.trim().to_owned())
    }

    /// What nginx answers with `$plumb_told`, again and again; where something is `wanted`, once
    /// it does.
    fn settled(
        &self,
        client: &Client,
        probe: &str,
        wanted: Option<&str>,
    ) -> Result<String, Trouble> {
        let mut last = String::new();
        let mut same = 0;
        for _ in 0..PROBES_MAX {
            let answer = self.probed(client, probe)?;
            let is_wanted = wanted.is_none_or(|wanted| wanted == answer);
            same = if !is_wanted {
                0
            } else if answer == last {
                same + 1
            } else {
                1
            };
            last = answer;
            if same >= ANSWERS_SAME {
                return Ok(last);
            }
            if same <= 1 {
                sleep(PROBE_PAUSE);
            }
        }
        Err(Trouble::away(&self.name(), format!("its workers still answer `{last}`")))
    }

    /// Waits until workers that read the new file serve.
    fn serve(&self, told: &str) -> Result<(), Trouble> {
        let (Some(client), Some(probe)) = (&self.client, &self.asked.probe) else { return Ok(()) };
        self.settled(client, probe, Some(told)).map(drop)
    }
}

impl Driver for Nginx {
    fn name(&self) -> String {
        format!("nginx with `{}`", self.asked.include.display())
    }

    fn nearest(&self, ppm: u32) -> u32 {
        match ppm {
            0 => 0,
            WHOLE_PPM.. => WHOLE_PPM,
            _ => {
                let rounded = (ppm + STEP_PPM / 2) / STEP_PPM * STEP_PPM;
                rounded.clamp(STEP_PPM, WHOLE_PPM - STEP_PPM)
            }
        }
    }

    fn has_cohorts(&self) -> bool {
        true
    }

    fn set(&mut self, wanted: &Wanted) -> Result<(), Trouble> {
        let share = self.nearest(wanted.ppm);
        let told = told(share, &wanted.cohorts);
        self.put(&text(&self.asked, share, (&wanted.cohorts, &told)))?;
        let reloaded = self.command(&["-s", "reload"])?;
        if reloaded.code != Some(0) {
            return Err(Trouble::away(&self.name(), reloaded.stderr));
        }
        self.serve(&told)
    }

    fn read(&mut self) -> Result<Told, Trouble> {
        let said = match (&self.client, &self.asked.probe) {
            // One answer may be that of a worker which is told to end.
            (Some(client), Some(probe)) => self.settled(client, probe, None)?,
            _ => head(&self.asked.include).map_err(|err| Trouble::away(&self.name(), err))?,
        };
        Ok(Told { ppm: share_of(&said), ..Told::default() })
    }
}

/// What nginx tells of itself: `ppm=50000 x-group:internal`.
fn told(ppm: u32, cohorts: &[Cohort]) -> String {
    let cohorts = cohorts.iter().map(|one| format!(" {}:{}", one.header, one.value));
    format!("ppm={ppm}{}", cohorts.collect::<String>())
}

fn share_of(told: &str) -> Option<u32> {
    let ppm = told.strip_prefix("ppm=")?.split(' ').next()?;
    ppm.parse().ok().filter(|ppm| *ppm <= WHOLE_PPM)
}

/// What the file says was set; nothing where it was not written by this.
fn head(path: &Path) -> std::io::Result<String> {
    let text = whole_file::read(path)?.unwrap_or_default();
    Ok(text.lines().next().and_then(|line| line.strip_prefix(HEAD)).unwrap_or_default().to_owned())
}

/// The whole file.
fn text(asked: &Asked, ppm: u32, (cohorts, told): (&[Cohort], &str)) -> String {
    let Asked { key, canary, control, .. } = asked;
    let share = match ppm {
        0 => format!("    * {control};\n"),
        WHOLE_PPM.. => format!("    * {canary};\n"),
        _ => {
            let percent = format!("{}.{:02}", ppm / 10_000, ppm % 10_000 / STEP_PPM);
            format!("    {percent}% {canary};\n    * {control};\n")
        }
    };
    let mut text = format!("{HEAD}{told}\nsplit_clients \"{key}\" $plumb_step_0 {{\n{share}}}\n");
    for (at, one) in cohorts.iter().enumerate() {
        let variable = one.header.replace('-', "_");
        text.push_str(&format!(
            "map $http_{variable} $plumb_step_{} {{\n    \"{}\" {canary};\n    \
             default $plumb_step_{at};\n}}\n",
            at + 1,
            one.value
        ));
    }
    text.push_str(&format!(
        "map \"\" $plumb_upstream {{\n    default $plumb_step_{};\n}}\n\
         map \"\" $plumb_told {{\n    default \"{told}\";\n}}\n",
        cohorts.len()
    ));
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    fn asked(folder: &Path, program: &str) -> Asked {
        Asked {
            include: folder.join("plumb.conf"),
            command: ["sh", "-c", program].map(str::to_owned).to_vec(),
            key: "$cookie_visitor".to_owned(),
            canary: "new".to_owned(),
            control: "old".to_owned(),
            probe: None,
        }
    }

    #[test]
    fn shares_are_hundredths_and_never_nothing_by_rounding() {
        let nginx = Nginx::new(asked(Path::new(""), "")).unwrap();
        for (asked, given) in [
            (0, 0),
            (1, 100),
            (149, 100),
            (25_050, 25_100),
            (999_999, 999_900),
            (1_000_000, 1_000_000),
        ] {
            assert_eq!(nginx.nearest(asked), given, "{asked}");
        }
    }

    #[test]
    #[cfg(unix)]
    fn what_nginx_refuses_is_taken_back() {
        let folder = tempfile::tempdir().unwrap();
        let mut nginx = Nginx::new(asked(folder.path(), "echo no upstream >&2; exit 1")).unwrap();
        let wanted = Wanted { ppm: 50_000, cohorts: Vec::new() };
        let refused = nginx.set(&wanted).unwrap_err();
        assert!(refused.is_lasting() && refused.to_string().ends_with("refused: no upstream"));
        assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 0);
        std::fs::write(folder.path().join("plumb.conf"), "# before\n").unwrap();
        assert!(nginx.set(&wanted).is_err());
        let kept = std::fs::read_to_string(folder.path().join("plumb.conf")).unwrap();
        assert_eq!(kept, "# before\n");
    }

    #[test]
    fn names_cannot_be_more_than_names() {
        for (key, canary) in [("$x\" ; }", "new"), ("plain", "new"), ("$x", "new; }"), ("$x", "")] {
            let asked = asked(Path::new(""), "");
            let asked = Asked { key: key.to_owned(), canary: canary.to_owned(), ..asked };
            assert!(Nginx::new(asked).is_err(), "{key} {canary}");
        }
    }
}
