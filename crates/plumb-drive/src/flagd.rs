//! A flag in a file of flagd's: the weights of its `fractional` rule, everything else byte for
//! byte, and what the running flagd answers, asked through OFREP.
//!
//! Refuses to write a flag that is not there, and to guess where several rules could be meant.

use crate::bucket::{chosen, hash};
use crate::driver::{Driver, Told, WHOLE_PPM, Wanted};
use crate::http::{Client, Sent};
use crate::trouble::Trouble;
use crate::whole_file;
use plumb_tree::edit::{Edit, apply};
use plumb_tree::json::parse_json;
use plumb_tree::{Node, Value};
use serde_json::json;
use std::path::PathBuf;
use std::thread::sleep;
use std::time::Duration;

/// What people say of a flag.
#[derive(Clone, Debug, Default)]
pub struct Asked {
    /// The file.
    pub file: PathBuf,
    /// The flag's key.
    pub flag: String,
    /// The variant that is the new version.
    pub canary: String,
    /// The variant that is the old one.
    pub control: String,
    /// Where flagd answers OFREP: `http://127.0.0.1:8016`.
    pub ofrep: Option<String>,
}

/// A flag.
#[derive(Clone, Debug)]
pub struct Flagd {
    asked: Asked,
    client: Option<Client>,
}

/// The rule of a flag, as its file has it.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Rule {
    /// The weight of the new version, and where it stands or is to stand.
    canary: Weight,
    /// The same of the old one.
    control: Weight,
    /// Whether the new version comes first.
    is_canary_first: bool,
    /// Whether people are told apart by the flag's key and theirs, as they are unless somebody says
    /// otherwise.
    is_plain: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Weight {
    value: u32,
    start: usize,
    end: usize,
    is_there: bool,
}

/// The largest sum of weights that flagd takes.
const WEIGHTS_MAX: u32 = 2_147_483_647;

/// People who are made up to ask flagd about; among so many, some lie near any boundary.
const PEOPLE_MAX: u32 = 20_000;

/// How far from a boundary they have to lie, in 2^32ths: older versions of flagd have a hundred
/// buckets only.
const MARGIN: u32 = u32::MAX / 100;

/// How often flagd is asked whether it has read its file, and the pause between: 10 seconds.
const LOOKS_MAX: usize = 100;
const PAUSE: Duration = Duration::from_millis(100);

const HELP: &str = "write one rule as {\"fractional\": [[\"new\", 0], [\"old\", 100]]} below the \
                    flag's `targeting`";

impl Flagd {
    /// A flag as people say it.
    ///
    /// # Errors
    /// [`Trouble::Setup`] where its two variants are one.
    pub fn new(asked: Asked) -> Result<Self, Trouble> {
        let mut flagd = Self { asked, client: None };
        let who = flagd.name();
        if flagd.asked.canary == flagd.asked.control {
            return Err(Trouble::setup(&who, "both versions are one variant", "name two"));
        }
        if flagd.asked.ofrep.is_some() {
            flagd.client = Some(Client::new(None).map_err(|why| Trouble::away(&who, why))?);
        }
        Ok(flagd)
    }

    fn text(&self) -> Result<String, Trouble> {
        let text = whole_file::read(&self.asked.file);
        let text = text.map_err(|err| Trouble::away(&self.name(), err))?;
        let gone = || Trouble::away(&self.name(), "the file is not there");
        text.ok_or_else(gone)
    }

    fn rule(&self, text: &str) -> Result<Rule, Trouble> {
        rule(text, &self.asked).map_err(|why| Trouble::setup(&self.name(), &why, HELP))
    }

    /// Whether the running flagd answers as the file says, tried with a person on either side of
    /// the boundary. True where it cannot be asked.
    fn is_read(&self, rule: &Rule) -> Result<bool, Trouble> {
        let (Some(client), Some(ofrep)) = (&self.client, &self.asked.ofrep) else {
            return Ok(true);
        };
        if !rule.is_plain {
            return Ok(true);
        }
        for person in people(&self.asked.flag, rule) {
            let address = format!("{ofrep}/ofrep/v1/evaluate/flags/{}", self.asked.flag);
            let body = json!({ "context": { "targetingKey": person.name } }).to_string();
            let sent = Sent { body: Some(("application/json", &body)), ..Sent::default() };
            let answer = client.send(&address, sent);
            let answer = answer.map_err(|why| Trouble::away(&self.name(), why))?;
            let value = serde_json::from_str::<serde_json::Value>(&answer.body);
            let variant = value.ok().and_then(|it| Some(it.get("variant")?.as_str()?.to_owned()));
            let Some(variant) = variant.filter(|_| answer.status == 200) else {
                let why = format!("OFREP answered {} and no variant", answer.status);
                return Err(Trouble::unread(&self.name(), why));
            };
            let expected = if person.is_in { &self.asked.canary } else { &self.asked.control };
            if variant != *expected {
                return Ok(false);
            }
        }
        Ok(true)
    }
}

impl Driver for Flagd {
    fn name(&self) -> String {
        format!("flag `{}` in `{}`", self.asked.flag, self.asked.file.display())
    }

    fn nearest(&self, ppm: u32) -> u32 {
        ppm
    }

    fn set(&mut self, wanted: &Wanted) -> Result<(), Trouble> {
        let text = self.text()?;
        let rule = self.rule(&text)?;
        let written = rewritten(&text, &rule, wanted.ppm);
        if written != text {
            let put = whole_file::put(&self.asked.file, Some(&written));
            put.map_err(|err| Trouble::away(&self.name(), err))?;
        }
        let rule = self.rule(&written)?;
        for _ in 0..LOOKS_MAX {
            if self.is_read(&rule)? {
                return Ok(());
            }
            sleep(PAUSE);
        }
        Err(Trouble::away(&self.name(), "flagd still answers otherwise than its file says"))
    }

    fn read(&mut self) -> Result<Told, Trouble> {
        let rule = self.rule(&self.text()?)?;
        if !self.is_read(&rule)? {
            return Err(Trouble::away(&self.name(), "flagd answers otherwise than its file says"));
        }
        Ok(Told { ppm: share(&rule), ..Told::default() })
    }
}

/// A person who is made up, and whether the rule lets them in.
struct Person {
    name: String,
    is_in: bool,
}

/// A person just inside and one just outside of the new version's part, where there are such.
fn people(flag: &str, rule: &Rule) -> Vec<Person> {
    let weights = if rule.is_canary_first {
        [rule.canary.value, rule.control.value]
    } else {
        [rule.control.value, rule.canary.value]
    };
    let of = |at: u32| chosen(at, &weights);
    let canary = usize::from(!rule.is_canary_first);
    let mut found: [Option<(u32, Person)>; 2] = [None, None];
    // The boundary between both, in 2^32ths.
    let total = u64::from(weights[0]) + u64::from(weights[1]);
    let boundary = (u64::from(weights[0]) << 32).checked_div(total).unwrap_or_default();
    let boundary = u32::try_from(boundary).unwrap_or(u32::MAX);
    for number in 0..PEOPLE_MAX {
        let name = format!("plumb-{number}");
        let at = hash(format!("{flag}{name}").as_bytes());
        let off = at.abs_diff(boundary);
        let is_in = of(at) == Some(canary);
        let best = &mut found[usize::from(is_in)];
        if off > MARGIN && best.as_ref().is_none_or(|(nearest, _)| off < *nearest) {
            *best = Some((off, Person { name, is_in }));
        }
    }
    found.into_iter().flatten().map(|(_, person)| person).collect()
}

/// The one `fractional` rule of a flag.
fn rule(text: &str, asked: &Asked) -> Result<Rule, String> {
    let parsed = parse_json(text.as_bytes()).map_err(|err| format!("it is no JSON: {err}"))?;
    let root = parsed.documents.first().ok_or("it is empty")?;
    let flag = root.path(&["flags", &asked.flag]).ok_or("the flag is not there")?;
    let targeting = flag.get("targeting").ok_or("it has no `targeting`")?;
    let mut rules = Vec::new();
    gather(targeting, &mut rules);
    let [rule] = rules[..] else {
        return Err(format!("it has {} `fractional` rules, not one", rules.len()));
    };
    let is_part = |node: &&Node| node.items().first().is_some_and(|it| it.as_str().is_some());
    let parts: Vec<&Node> = rule.items().iter().filter(is_part).collect();
    let is_plain = parts.len() == rule.items().len();
    let [first, second] = parts[..] else {
        return Err(format!("its rule has {} variants, not two", parts.len()));
    };
    let name = |node: &Node| node.items().first().and_then(|it| it.as_str().map(str::to_owned));
    let is_canary_first = name(first).as_ref() == Some(&asked.canary);
    let (canary, control) = if is_canary_first { (first, second) } else { (second, first) };
    if name(canary).as_ref() != Some(&asked.canary)
        || name(control).as_ref() != Some(&asked.control)
    {
        return Err(format!("its rule is not one of `{}` and `{}`", asked.canary, asked.control));
    }
    let (canary, control) = (weight(canary)?, weight(control)?);
    if canary.value.checked_add(control.value).is_none_or(|sum| sum > WEIGHTS_MAX) {
        return Err("its weights are too large".to_owned());
    }
    Ok(Rule { canary, control, is_canary_first, is_plain })
}

/// Every `fractional` rule below a node, as deep as the tree is.
fn gather<'a>(node: &'a Node, rules: &mut Vec<&'a Node>) {
    let mut waiting = vec![node];
    while let Some(node) = waiting.pop() {
        for (key, value) in node.entries() {
            if key.text == "fractional" && matches!(value.value, Value::Array(_)) {
                rules.push(value);
            } else {
                waiting.push(value);
            }
        }
        waiting.extend(node.items());
    }
}

/// The weight of a part, which is 1 where none is written.
fn weight(part: &Node) -> Result<Weight, String> {
    match part.items() {
        [name] => Ok(Weight { value: 1, start: name.end, end: name.end, is_there: false }),
        [_, number] => {
            let value = number.as_number().and_then(|number| number.as_i64());
            let value = value.and_then(|value| u32::try_from(value).ok());
            let value = value.ok_or("a weight is no whole number")?;
            Ok(Weight { value, start: number.start, end: number.end, is_there: true })
        }
        _ => Err("a variant has more than a weight".to_owned()),
    }
}

/// The text with other weights, and nothing else changed. In hundredths where that is exact, since
/// older versions of flagd know no others.
fn rewritten(text: &str, rule: &Rule, ppm: u32) -> String {
    const HUNDREDTH: u32 = WHOLE_PPM / 100;
    let scale = if ppm.is_multiple_of(HUNDREDTH) { HUNDREDTH } else { 1 };
    let edit = |weight: Weight, value: u32| Edit {
        start: weight.start,
        end: weight.end,
        text: if weight.is_there { value.to_string() } else { format!(", {value}") },
    };
    let edits = vec![edit(rule.canary, ppm / scale), edit(rule.control, (WHOLE_PPM - ppm) / scale)];
    apply(text, edits).0
}

/// The text of a flag file with another share for the new version, in millionths up to
/// [`WHOLE_PPM`], and every other byte as it was.
///
/// # Errors
/// Why the flag's rule is none that can be given a share.
pub fn with_share(text: &str, asked: &Asked, ppm: u32) -> Result<String, String> {
    Ok(rewritten(text, &rule(text, asked)?, ppm.min(WHOLE_PPM)))
}

/// The share that a flag file gives to the new version, in millionths; `None` where both weights
/// are nothing.
///
/// # Errors
/// As [`with_share`].
pub fn share_of(text: &str, asked: &Asked) -> Result<Option<u32>, String> {
    Ok(share(&rule(text, asked)?))
}

fn share(rule: &Rule) -> Option<u32> {
    let (canary, control) = (u64::from(rule.canary.value), u64::from(rule.control.value));
    let all = canary + control;
    let ppm = (canary * u64::from(WHOLE_PPM) + all / 2).checked_div(all);
    ppm.and_then(|ppm| u32::try_from(ppm).ok())
}

#[cfg(test)]
mod tests {
    use super::*;

    const FILE: &str = "{\n  // who gets the new shop\n  \"flags\": {\n    \"shop\": {\"state\": \
        \"ENABLED\",\n      \"variants\": {\"new\": true,   \"old\": false},\n      \
        \"defaultVariant\": \"old\",\n      \"targeting\": {\"if\": [{\"==\": [{\"var\": \"who\"}, \
        \"us\"]}, \"new\",\n        {\"fractional\": [[\"new\"], [ \"old\" , 99 ]]}]}},\n    \
        \"other\": {\"targeting\": {\"fractional\": [[\"a\", 1], [\"b\", 2]]}}\n  }\n}\n";

    fn flagd(text: &str) -> (tempfile::TempDir, Flagd) {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("flags.json");
        std::fs::write(&file, text).unwrap();
        let asked = Asked {
            file,
            flag: "shop".to_owned(),
            canary: "new".to_owned(),
            control: "old".to_owned(),
            ofrep: None,
        };
        (folder, Flagd::new(asked).unwrap())
    }

    #[test]
    fn weights_change_and_nothing_else() {
        let text = FILE.replace("  // who gets the new shop\n", "");
        let (_folder, mut flagd) = flagd(&text);
        assert_eq!(flagd.read().unwrap().ppm, Some(10_000));
        let mut set = |ppm| {
            flagd.set(&Wanted { ppm, cohorts: Vec::new() }).unwrap();
            assert_eq!(flagd.read().unwrap().ppm, Some(ppm));
            std::fs::read_to_string(&flagd.asked.file).unwrap()
        };
        let expected = |new, old| {
            text.replace(
                "[\"new\"], [ \"old\" , 99 ]",
                &format!("[\"new\", {new}], [ \"old\" , {old} ]"),
            )
        };
        assert_eq!(set(50_000), expected("5", "95"));
        assert_eq!(set(2_500), expected("2500", "997500"));
        assert_eq!(set(1_000_000), expected("100", "0"));
        assert_eq!(set(0), expected("0", "100"));
    }

    #[test]
    fn what_is_not_one_rule_is_refused() {
        for (text, why) in [
            ("{}", "the flag is not there"),
            ("{\"flags\":{\"shop\":{}}}", "it has no `targeting`"),
            ("{\"flags\":{\"shop\":{\"targeting\":{}}}}", "0 `fractional` rules"),
            (&FILE.replace("\"new\"], [", "\"new\"], [\"red\"], ["), "3 variants, not two"),
            (&FILE.replace(", 99", ", 9.5"), "no whole number"),
            (&FILE.replace("[ \"old\" ,", "[ \"red\" ,"), "not one of `new` and `old`"),
        ] {
            let text = text.replace("  // who gets the new shop\n", "");
            let (_folder, mut flagd) = flagd(&text);
            let refused = flagd.set(&Wanted::default()).unwrap_err();
            assert!(refused.is_lasting() && refused.to_string().contains(why), "{refused}");
            assert_eq!(std::fs::read_to_string(&flagd.asked.file).unwrap(), text);
        }
    }

    #[test]
    fn people_who_are_asked_about_tell_shares_apart() {
        let text = FILE.replace("  // who gets the new shop\n", "");
        let (_folder, flagd) = flagd(&text);
        let rule = |ppm| flagd.rule(&rewritten(&text, &flagd.rule(&text).unwrap(), ppm)).unwrap();
        let [five, fifty] = [50_000, 500_000].map(|ppm| people("shop", &rule(ppm)));
        assert_eq!((five.len(), fifty.len()), (2, 2));
        // Whoever is just inside a half is outside of five in a hundred.
        let inside = fifty.iter().find(|person| person.is_in).unwrap();
        let at = hash(format!("shop{}", inside.name).as_bytes());
        assert_eq!(chosen(at, &[5, 95]), Some(1));
        assert_eq!(people("shop", &rule(0)).len(), 1);
    }

    /// An OFREP server that answers by another share than the file's until it has read it.
    fn ofrep(shares: Vec<u32>) -> String {
        use std::io::{BufRead as _, BufReader, Read as _, Write as _};
        let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap();
        std::thread::spawn(move || {
            for (at, stream) in listener.incoming().flatten().enumerate() {
                let mut reader = BufReader::new(stream);
                let mut length = 0;
                loop {
                    let mut line = String::new();
                    reader.read_line(&mut line).unwrap();
                    if let Some(text) = line.to_lowercase().strip_prefix("content-length:") {
                        length = text.trim().parse().unwrap();
                    }
                    if line.trim().is_empty() {
                        break;
                    }
                }
                let mut body = vec![0; length];
                reader.read_exact(&mut body).unwrap();
                let body: serde_json::Value = serde_json::from_slice(&body).unwrap();
                let person = body["context"]["targetingKey"].as_str().unwrap();
                let share = shares[at.min(shares.len() - 1)];
                let at = hash(format!("shop{person}").as_bytes());
                let variant = ["new", "old"][chosen(at, &[share, 100 - share]).unwrap()];
                let text = json!({ "key": "shop", "variant": variant }).to_string();
                let head = format!("HTTP/1.1 200 OK\r\ncontent-length: {}\r\n", text.len());
                let mut stream = reader.into_inner();
                stream
                    .write_all(format!("{head}connection: close\r\n\r\n{text}").as_bytes())
                    .unwrap();
            }
        });
        format!("http://{address}")
    }

    #[test]
    fn a_flag_is_set_once_flagd_answers_by_it() {
        let text = FILE.replace("  // who gets the new shop\n", "");
        let (folder, flagd) = flagd(&text);
        let asked = |shares| Asked { ofrep: Some(ofrep(shares)), ..flagd.asked.clone() };
        let mut late = Flagd::new(asked(vec![1, 1, 1, 50])).unwrap();
        late.set(&Wanted { ppm: 500_000, cohorts: Vec::new() }).unwrap();
        assert_eq!(late.read().unwrap().ppm, Some(500_000));
        let mut other = Flagd::new(asked(vec![5])).unwrap();
        let unread = other.read().unwrap_err();
        assert!(unread.to_string().contains("otherwise than its file says"), "{unread}");
        drop(folder);
    }
}
