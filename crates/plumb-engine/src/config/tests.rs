//! Layers, origins, and every way in which a configuration is refused.

use super::*;
use crate::config::dependency::HostPattern;
use crate::config::gate::{FailOn, OnUnavailable, OnUnknown};
use crate::config::layer::KEYS;
use crate::config::setting::Setting;
use plumb_store::address::Address;
use proptest::prelude::*;
use std::io;

const DAY_MS: i64 = 86_400_000;

/// Files and variables of a machine that there is not.
#[derive(Clone, Copy, Default)]
struct Machine<'a> {
    files: &'a [(&'a str, &'a str)],
    variables: &'a [(&'a str, &'a str)],
    flags: &'a [Flag<'a>],
    file: Option<&'a str>,
}

fn try_load(machine: Machine<'_>) -> Result<Loaded, ConfigError> {
    let read = |path: &Path| match path.to_str() {
        Some("/a/locked/plumb.toml") => Err(io::Error::other("permission denied")),
        name => Ok(machine
            .files
            .iter()
            .find(|(file, _)| Some(*file) == name)
            .map(|(_, text)| (*text).to_owned())),
    };
    let variables = |name: &str| {
        machine.variables.iter().find(|(own, _)| *own == name).map(|(_, value)| (*value).to_owned())
    };
    load(&LoadRequest {
        folder: Path::new("/a/checkout"),
        file: machine.file.map(Path::new),
        flags: machine.flags,
        variables: &variables,
        read: &read,
    })
}

/// What a project's file alone amounts to.
#[track_caller]
fn loaded(text: &str) -> Loaded {
    try_load(Machine { files: &[("/a/checkout/plumb.toml", text)], ..Machine::default() }).unwrap()
}

fn origin_of(loaded: &Loaded, key: &str) -> Vec<String> {
    let of_key = loaded.origins.iter().filter(|origin| origin.key == key);
    of_key.map(|origin| format!("{} {}", origin.value, origin.from)).collect()
}

#[track_caller]
fn check_refused(text: &str, message: &str, help: &str) {
    let files = [("/a/checkout/plumb.toml", text)];
    let error = try_load(Machine { files: &files, ..Machine::default() }).unwrap_err();
    assert_eq!(error.to_string(), message, "{text}");
    assert_eq!(error.help(), help, "{text}");
}

#[test]
fn without_any_file_the_defaults_apply() {
    let loaded = try_load(Machine::default()).unwrap();
    let config = &loaded.config;
    assert_eq!(config.project, "checkout");
    assert_eq!(config.evidence.max_age_ms, 14 * DAY_MS);
    assert_eq!((config.evidence.samples_min, config.evidence.k), (30, 5));
    assert_eq!(config.evidence.environment, None);
    assert_eq!(config.evidence.store, Location::from(Path::new("/a/checkout/.plumb")));
    assert_eq!(config.assumptions.include, ["**"]);
    assert!(config.redact.names.is_empty() && config.accepts.is_empty());
    let gate = config.gate("staging");
    assert_eq!((gate.fail_on, gate.on_unknown), (FailOn::Broken, OnUnknown::Warn));
    assert_eq!(gate.on_unavailable, OnUnavailable::Fail);
    assert_eq!(loaded.folder, Path::new("/a/checkout"));
    assert_eq!(loaded.notes, ["no plumb.toml from here upwards; the defaults apply"]);
    assert_eq!(origin_of(&loaded, "project"), ["\"checkout\" folder"]);
    assert_eq!(origin_of(&loaded, "evidence.max_age"), ["\"14d\" default"]);
}

#[test]
fn the_documented_example_is_read() {
    let loaded = loaded(
        r#"
project = "shop"
[[dependency]]
name  = "payments-api"
hosts = ["payments.internal", "*.payments.dev", "localhost:8081"]
owner = "team-payments"
[[dependency]]
name = "anything"
hosts = ["*"]
[assumptions]
include = ["tests/**", "api/*.yaml"]
exclude = ["**/fixtures/legacy/**"]
[evidence]
store = "../evidence.db"
max_age = "36h"
min_samples = 100
keep = "shape"
k = 7
environment = "staging"
[redact]
names = ["x-acme-*"]
paths = ["$.customer.**"]
[gate.production]
fail_on = "drifted"
on_unknown = "fail"
on_unavailable = "warn"
[[accept]]
finding = "response-field-gone:payments-api:POST /charges:402"
reason  = "their fix"
until   = 2026-12-31
by      = "ada"
"#,
    );
    let config = &loaded.config;
    assert_eq!(config.project, "shop");
    assert_eq!(config.host_name("payments.internal:443"), Some("payments-api"));
    assert_eq!(config.host_name("localhost:8081"), Some("payments-api"));
    assert_eq!(config.host_name("localhost:8082"), Some("anything"));
    assert_eq!(config.dependencies[0].owner.as_deref(), Some("team-payments"));
    assert_eq!(config.dependencies[0].hosts.iter().map(HostPattern::as_str).count(), 3);
    assert_eq!(config.evidence.store, Location::from(Path::new("/a/checkout/../evidence.db")));
    assert_eq!(config.evidence.max_age_ms, 36 * 3_600_000);
    assert_eq!(config.evidence.environment.as_deref(), Some("staging"));
    assert_eq!(config.redact.paths, ["$.customer.**"]);
    let gate = config.gate("production");
    assert_eq!((gate.fail_on, gate.on_unknown), (FailOn::Drifted, OnUnknown::Fail));
    assert_eq!(gate.on_unavailable, OnUnavailable::Warn);
    assert_eq!(config.gate("staging").fail_on, FailOn::Broken);
    let key = "response-field-gone:payments-api:POST /charges:402";
    let accept = config.accepted(key).unwrap();
    assert_eq!((accept.reason.as_str(), accept.by.as_deref()), ("their fix", Some("ada")));
    assert_eq!(config.accepted("another"), None);
    assert!(loaded.notes.is_empty());
    let until = format!("accept.{key}.until");
    assert_eq!(origin_of(&loaded, &until), ["2026-12-31 plumb.toml:30"]);
    assert_eq!(origin_of(&loaded, "dependency.anything.hosts"), ["[\"*\"] plumb.toml:9"]);
    assert_eq!(origin_of(&loaded, "gate.production.fail_on"), ["\"drifted\" plumb.toml:24"]);
    assert!(loaded.origins.is_sorted_by_key(|origin| &origin.key));
}

/// The layers from the lowest up, each with a setting of its own kind.
#[test]
fn higher_layers_come_first() {
    let files: [(&str, &str); 3] = [
        ("/etc/plumb/config.toml", "[evidence]\nmin_samples = 40\n"),
        ("/h/ada/.config/plumb/config.toml", "\n[evidence]\nmin_samples = 50\n"),
        ("/a/checkout/plumb.toml", "\n\n[evidence]\nmin_samples = 60\n"),
    ];
    let variables = [("HOME", "/h/ada"), ("PLUMB_MIN_SAMPLES", "70")];
    let flags = [Flag { setting: Setting::MinSamples, name: "--min-samples", value: "80" }];
    let at = |files, variables, flags| {
        try_load(Machine { files, variables, flags, file: None }).unwrap()
    };
    let steps = [
        (at(&[], &[], &[]), 30, "30 default"),
        (at(&files[..1], &[], &[]), 40, "40 /etc/plumb/config.toml:2"),
        (at(&files[..2], &variables[..1], &[]), 50, "50 /h/ada/.config/plumb/config.toml:3"),
        (at(&files, &variables[..1], &[]), 60, "60 plumb.toml:4"),
        (at(&files, &variables, &[]), 70, "70 PLUMB_MIN_SAMPLES"),
        (at(&files, &variables, &flags), 80, "80 --min-samples"),
    ];
    for (loaded, samples_min, origin) in steps {
        assert_eq!(loaded.config.evidence.samples_min, samples_min);
        assert_eq!(origin_of(&loaded, "evidence.min_samples"), [origin]);
    }
}

#[test]
fn every_variable_sets_its_key() {
    let given = [
        (Setting::Project, "a", "project"),
        (Setting::Store, "b.db", "evidence.store"),
        (Setting::Key, "k", "evidence.key"),
        (Setting::MaxAge, "2w", "evidence.max_age"),
        (Setting::MinSamples, "3", "evidence.min_samples"),
        (Setting::K, "9", "evidence.k"),
        (Setting::Environment, "e", "evidence.environment"),
        (Setting::FailOn, "drifted", "gate.production.fail_on"),
        (Setting::OnUnknown, "pass", "gate.production.on_unknown"),
        (Setting::OnUnavailable, "warn", "gate.production.on_unavailable"),
    ];
    assert_eq!(given.map(|(setting, _, _)| setting), SETTINGS);
    let file = "[gate.production]\nfail_on = \"broken\"\non_unavailable = \"fail\"\n";
    for (setting, value, key) in given {
        let loaded = try_load(Machine {
            files: &[("/a/checkout/plumb.toml", file)],
            variables: &[(setting.variable(), value)],
            ..Machine::default()
        })
        .unwrap();
        let [origin] = &origin_of(&loaded, key)[..] else { panic!("{key}") };
        assert!(origin.ends_with(setting.variable()), "{origin}");
        assert!(KEYS.contains(&setting.key()), "{key}");
    }
}

#[test]
fn empty_variables_count_as_unset_and_empty_flags_are_refused() {
    let variables = [("PLUMB_MAX_AGE", ""), ("PLUMB_CONFIG", "")];
    let loaded = try_load(Machine { variables: &variables, ..Machine::default() }).unwrap();
    assert_eq!(origin_of(&loaded, "evidence.max_age"), ["\"14d\" default"]);
    let flags = [Flag { setting: Setting::MaxAge, name: "--max-age", value: "" }];
    let error = try_load(Machine { flags: &flags, ..Machine::default() }).unwrap_err();
    assert_eq!(error.to_string(), "`evidence.max_age` is empty in --max-age");
}

#[test]
fn the_project_is_found_upwards_or_named() {
    let files = [
        ("/a/plumb.toml", "project = \"above\"\n[evidence]\nstore = \"s.db\""),
        ("/b/other.toml", "project = \"other\"\n"),
    ];
    let above = try_load(Machine { files: &files, ..Machine::default() }).unwrap();
    assert_eq!(above.folder, Path::new("/a"));
    assert_eq!(above.config.evidence.store, Location::from(Path::new("/a/s.db")));
    assert_eq!(origin_of(&above, "project"), ["\"above\" /a/plumb.toml:1"]);
    let named = Machine { files: &files, file: Some("../../b/other.toml"), ..Machine::default() };
    let error = try_load(named).unwrap_err();
    assert_eq!(error.to_string(), "there is no configuration at `../../b/other.toml`");
    let named = try_load(Machine { file: Some("/b/other.toml"), ..named }).unwrap();
    assert_eq!((named.config.project.as_str(), named.folder.as_path()), ("other", Path::new("/b")));
    let variables = [("PLUMB_CONFIG", "/b/other.toml")];
    let named = Machine { files: &files, variables: &variables, ..Machine::default() };
    assert_eq!(try_load(named).unwrap().config.project, "other");
    let both = try_load(Machine { file: Some("/a/plumb.toml"), ..named }).unwrap();
    assert_eq!(both.config.project, "above");
}

#[test]
fn the_users_folder_may_be_elsewhere() {
    let files = [
        ("/x/plumb/config.toml", "[evidence]\nk = 6"),
        ("/h/.config/plumb/config.toml", "[evidence]\nk = 8"),
    ];
    for (folder, k) in [("/x", 6), ("relative", 8), ("", 8)] {
        let variables = [("XDG_CONFIG_HOME", folder), ("HOME", "/h")];
        let machine = Machine { files: &files, variables: &variables, ..Machine::default() };
        assert_eq!(try_load(machine).unwrap().config.evidence.k, k, "{folder}");
    }
}

#[test]
fn redaction_only_grows() {
    let files = [
        ("/etc/plumb/config.toml", "[redact]\nnames = [\"x-house-*\", \"both\"]"),
        ("/a/checkout/plumb.toml", "[redact]\nnames = [\"x-shop-*\", \"both\"]"),
    ];
    let loaded = try_load(Machine { files: &files, ..Machine::default() }).unwrap();
    assert_eq!(loaded.config.redact.names, ["x-shop-*", "both", "x-house-*"]);
    assert_eq!(origin_of(&loaded, "redact.names").len(), 3);
}

#[test]
fn dependencies_of_higher_layers_come_first_and_replace() {
    let shared =
        "[[dependency]]\nname='a'\nhosts=['a.old','c']\n[[dependency]]\nname='b'\nhosts=['b']";
    let files = [
        ("/etc/plumb/config.toml", shared),
        ("/a/checkout/plumb.toml", "[[dependency]]\nname='a'\nhosts=['a.new', 'b']"),
    ];
    let config = try_load(Machine { files: &files, ..Machine::default() }).unwrap().config;
    let names: Vec<_> = config.dependencies.iter().map(|it| it.name.as_str()).collect();
    assert_eq!(names, ["a", "b"]);
    assert_eq!(config.host_name("a.new"), Some("a"));
    assert_eq!(config.host_name("b"), Some("a"));
    assert_eq!(config.host_name("a.old"), None);
}

#[test]
fn a_higher_layers_gate_for_all_hides_a_lower_ones_own() {
    let files = [
        ("/etc/plumb/config.toml", "[gate.production]\nfail_on = \"drifted\""),
        ("/a/checkout/plumb.toml", "[gate.\"*\"]\nfail_on = \"broken\"\non_unavailable=\"warn\""),
    ];
    let config = try_load(Machine { files: &files, ..Machine::default() }).unwrap().config;
    let gate = config.gate("production");
    assert_eq!((gate.fail_on, gate.on_unavailable), (FailOn::Broken, OnUnavailable::Warn));
}

#[test]
fn unknown_keys_are_refused_with_what_was_meant() {
    check_refused(
        "[evidence]\nmax_aeg = \"14d\"\n",
        "unknown key `evidence.max_aeg` in plumb.toml:2:1",
        "did you mean `max_age`?",
    );
    check_refused(
        "project = \"a\"\n[evidance]\n",
        "unknown key `evidance` in plumb.toml:2:2",
        "did you mean `evidence`?",
    );
    check_refused(
        "max_age = \"14d\"\n",
        "unknown key `max_age` in plumb.toml:1:1",
        "did you mean `evidence.max_age`?",
    );
    check_refused(
        "[gate.production]\n  fail-on = \"broken\"\n",
        "unknown key `gate.production.fail-on` in plumb.toml:2:3",
        "did you mean `fail_on`?",
    );
    check_refused(
        "[redact]\nretention = 3\ncolour = 1\n",
        "unknown key `redact.retention` in plumb.toml:2:1",
        "what can stand here: `names`, `paths`",
    );
    check_refused(
        "[[accept]]\nfinding = \"a\"\nuntill = 2026-12-31\n",
        "unknown key `accept.untill` in plumb.toml:3:1",
        "did you mean `until`?",
    );
}

#[test]
fn secrets_are_refused_without_being_shown() {
    let text = "[evidence]\nstore_password = \"hunter2\"\n";
    check_refused(
        text,
        "`evidence.store_password` looks like a secret in plumb.toml:2:1, \
         and no secret belongs in a configuration",
        "remove it, and replace the secret if anyone else could read this file",
    );
    check_refused(
        "[evidence]\nstore = \"postgres://ada:hunter2@db/plumb\"\n",
        "`evidence.store` carries a password in plumb.toml:2:9, \
         and no secret belongs in a configuration",
        "leave it out and give it with `PGPASSWORD` or `PGPASSFILE`, or the whole address with \
         `PLUMB_STORE_FILE`",
    );
    check_refused(
        "[evidence]\nstore = \"mysql://ada:hunter2@db/plumb\"\n",
        "the address begins with neither `postgres://` nor `postgresql://`, \
         for `evidence.store` in plumb.toml:2:9",
        "write it like `postgres://USER@HOST:5432/DATABASE`, with `%` codes for any of `:/?#@%` in \
         a name or password",
    );
    check_refused(
        "colour = \"hunter2\"\n",
        "unknown key `colour` in plumb.toml:1:1",
        "what can stand here: `project`, `dependency`, `assumptions`, `evidence`, `redact`, \
         `gate`, `accept`, `said`",
    );
}

/// The address that is in force and how it is shown.
#[track_caller]
fn address_of(machine: Machine<'_>) -> (String, Vec<String>) {
    let loaded = try_load(machine).unwrap();
    let shown = format!("{loaded:?}");
    assert!(!shown.contains("hunter2"), "{shown}");
    let Location::Server { address, key } = &loaded.config.evidence.store else { panic!() };
    assert_eq!(key, Path::new("/a/checkout/.plumb/key"));
    let given = Address::parse("postgres://ada:hunter2@db.test/plumb").unwrap();
    let password = if address.has_password() { "with a password" } else { "without" };
    assert_eq!(address.to_string(), given.to_string());
    (password.to_owned(), origin_of(&loaded, "evidence.store"))
}

#[test]
fn an_address_is_read_from_anywhere_and_shown_without_its_password() {
    let (plain, secret) = ("postgres://ada@db.test/plumb", "postgres://ada:hunter2@db.test/plumb");
    let text = format!("[evidence]\nstore = \"{plain}\"\n");
    let passwords = "db.test:*:*:ada:hunter2\n";
    let secret_line = format!("{secret}\n");
    let files = [
        ("/a/checkout/plumb.toml", text.as_str()),
        ("/run/secrets/store", &secret_line),
        ("/run/secrets/passwords", passwords),
    ];
    let with = |variables: &[(&str, &str)]| {
        address_of(Machine { files: &files, variables, ..Machine::default() })
    };
    let check = |variables: &[(&str, &str)], password: &str, from: &str| {
        let origin = format!("\"{plain}\" {from}");
        assert_eq!(with(variables), (password.to_owned(), vec![origin]));
    };
    let (file, known) = ("plumb.toml:2", "with a password");
    check(&[], "without", file);
    check(&[("PGPASSWORD", "hunter2")], known, file);
    check(&[("PGPASSFILE", "/run/secrets/passwords")], known, file);
    check(&[("PLUMB_STORE", secret)], known, "PLUMB_STORE");
    check(&[("PLUMB_STORE_FILE", "/run/secrets/store")], known, "PLUMB_STORE_FILE");
    let flags = [Flag { setting: Setting::Store, name: "--store", value: secret }];
    assert!(!format!("{flags:?}").contains("hunter2"));
    let flagged = address_of(Machine { flags: &flags, ..Machine::default() });
    assert_eq!(flagged, (known.to_owned(), vec![format!("\"{plain}\" --store")]));
    let nowhere = [("PLUMB_STORE_FILE", "nowhere")];
    let refused = try_load(Machine { variables: &nowhere, ..Machine::default() }).unwrap_err();
    assert!(refused.to_string().starts_with("`PLUMB_STORE_FILE` names `nowhere`, which cannot"));
    let clear = [("PLUMB_STORE", "postgres://ada:hunter2@db.test/plumb?sslmode=disable")];
    let refused = try_load(Machine { variables: &clear, ..Machine::default() }).unwrap_err();
    assert_eq!(
        refused.to_string(),
        "the address `postgres://ada@db.test/plumb` leads over a network in the clear, \
         for `evidence.store` in PLUMB_STORE"
    );
}

#[test]
fn other_kinds_are_refused() {
    let cases = [
        ("project = 3", "`project` is a whole number, not a text, in plumb.toml:1:11"),
        ("evidence = 'x'", "`evidence` is a text, not a section, in plumb.toml:1:12"),
        (
            "[evidence]\nmin_samples = '30'",
            "`evidence.min_samples` is a text, not a whole number, in plumb.toml:2:15",
        ),
        (
            "[evidence]\nmin_samples = 30.5",
            "`evidence.min_samples` is a number with a fraction, not a whole number, \
             in plumb.toml:2:15",
        ),
        (
            "[evidence]\nmax_age = true",
            "`evidence.max_age` is a truth value, not a text, in plumb.toml:2:11",
        ),
        (
            "[assumptions]\ninclude = 'tests/**'",
            "`assumptions.include` is a text, not a list of texts, in plumb.toml:2:11",
        ),
        (
            "[assumptions]\ninclude = ['tests/**',\n  3]",
            "`assumptions.include` is a whole number, not a text, in plumb.toml:3:3",
        ),
        (
            "[dependency]\nname = 'a'",
            "`dependency` is a section, not a list of sections, in plumb.toml:1:1",
        ),
        ("[gate]\nfail_on = 'x'", "`gate.fail_on` is a text, not a section, in plumb.toml:2:11"),
        (
            "[[accept]]\nfinding='a'\nreason='b'\nuntil='2026-12-31'",
            "`accept.until` is a text, not a date, in plumb.toml:4:7",
        ),
        (
            "[[accept]]\nfinding='a'\nreason='b'\nuntil=2026-12-31T00:00:00Z",
            "`accept.until` is a time, not a date, in plumb.toml:4:7",
        ),
    ];
    for (text, message) in cases {
        let files = [("/a/checkout/plumb.toml", text)];
        let error = try_load(Machine { files: &files, ..Machine::default() }).unwrap_err();
        assert_eq!(error.to_string(), message, "{text}");
        assert!(error.help().starts_with("write a "), "{}", error.help());
    }
    check_refused(
        "[[accept]]\nfinding='a'\nreason='b'\nuntil='2026-12-31'",
        "`accept.until` is a text, not a date, in plumb.toml:4:7",
        "write a date: `2026-12-31`, without quotes",
    );
}

#[test]
fn what_stands_twice_is_refused() {
    check_refused(
        "[evidence]\nk = 5\nk = 6\n",
        "`k` is there twice in plumb.toml:3:1",
        "keep one of them",
    );
    check_refused(
        "[[dependency]]\nname='a'\n[[dependency]]\nname = 'a'\n",
        "`a` is there twice in plumb.toml:4:8, first in plumb.toml:2:6",
        "keep one of them",
    );
    let accept = "[[accept]]\nfinding='f:x'\nreason='b'\nuntil=2026-12-31\n";
    check_refused(
        &accept.repeat(2),
        "`f:x` is there twice in plumb.toml:6:9, first in plumb.toml:2:9",
        "keep one of them",
    );
}

#[test]
fn words_numbers_times_and_patterns_are_checked() {
    check_refused(
        "[gate.production]\nfail_on = \"brokn\"",
        "`gate.production.fail_on` cannot be `brokn` in plumb.toml:2:11",
        "did you mean `broken`? it can be `broken`, `drifted`",
    );
    check_refused(
        "[gate.production]\non_unknown = \"explode\"",
        "`gate.production.on_unknown` cannot be `explode` in plumb.toml:2:14",
        "it can be `warn`, `fail`, `pass`",
    );
    check_refused(
        "[evidence]\nkeep = \"vetted\"",
        "`evidence.keep` cannot be `vetted` yet in plumb.toml:2:8",
        "write `shape`: shapes are kept, values are not",
    );
    check_refused(
        "[evidence]\nmin_samples = 0",
        "`evidence.min_samples` is 0, not between 1 and 1000000000, in plumb.toml:2:15",
        "write a whole number from 1 to 1000000000",
    );
    check_refused(
        "[evidence]\nk = 1",
        "`evidence.k` is 1, not between 2 and 1000, in plumb.toml:2:5",
        "write a whole number from 2 to 1000",
    );
    check_refused(
        "[evidence]\nmax_age = \"two weeks\"",
        "`two weeks` is not a length of time, for `evidence.max_age` in plumb.toml:2:11",
        "write a whole number and a unit: `30s`, `90m`, `36h`, `14d` or `2w`",
    );
    check_refused(
        "[[dependency]]\nname = 'a'\nhosts = ['x', 'https://a']",
        "`https://a` is not a pattern for `dependency.hosts` in plumb.toml:3:15: \
         it is a host without scheme and path",
        "`*` stands for any characters, `?` for one",
    );
    check_refused(
        "[redact]\npaths = ['customer']",
        "`customer` is not a pattern for `redact.paths` in plumb.toml:2:10: \
         it starts with `$`, the whole body",
        "`*` stands for any characters, `?` for one",
    );
    check_refused(
        "[assumptions]\nexclude = ['./legacy']",
        "`./legacy` is not a pattern for `assumptions.exclude` in plumb.toml:2:12: \
         it starts from the project's folder and stays in it",
        "`*` stands for any characters, `?` for one",
    );
}

#[test]
fn what_is_missing_or_empty_is_refused() {
    check_refused(
        "\n[[dependency]]\nhosts = []",
        "`dependency.name` is missing in plumb.toml:2:1",
        "add it",
    );
    check_refused(
        "[[accept]]\nfinding = 'a'\nuntil = 2026-12-31",
        "`accept.reason` is missing in plumb.toml:1:1",
        "add it",
    );
    check_refused(
        "project = '  '",
        "`project` is empty in plumb.toml:1:11",
        "write something in it, or remove it",
    );
}

#[test]
fn what_is_no_toml_is_refused() {
    check_refused(
        "project = \"é\"\nk = \n",
        "this is not TOML in plumb.toml:2:5: string values must be quoted, expected literal string",
        "texts stand in quotes, sections in brackets",
    );
    let deep = format!("a = {}", "[".repeat(10_000));
    let long = "#".repeat((1 << 20) + 1);
    for text in [deep.as_str(), long.as_str(), "\u{0}", "[", "= 1", "a.b.c", "a = \"\\q\""] {
        let files = [("/a/checkout/plumb.toml", text)];
        let error = try_load(Machine { files: &files, ..Machine::default() }).unwrap_err();
        assert!(error.to_string().contains("plumb.toml"), "{error}");
    }
}

#[test]
fn places_count_characters() {
    let files = [("/a/checkout/plumb.toml", "redact.names = [\"é\", 1234]\r\n")];
    let error = try_load(Machine { files: &files, ..Machine::default() }).unwrap_err();
    let file = "plumb.toml".to_owned();
    assert_eq!(error.place(), Some(&Place::Text { file, line: 1, column: 22, width: 4 }));
}

#[test]
fn other_sources_are_named_in_messages() {
    let accept = "[[accept]]\nfinding='a'\nreason='b'\nuntil=2026-12-31";
    let cases: [(Machine<'_>, &str); 4] = [
        (
            Machine { files: &[("/etc/plumb/config.toml", "a = 1")], ..Machine::default() },
            "unknown key `a` in /etc/plumb/config.toml:1:1",
        ),
        (
            Machine { files: &[("/etc/plumb/config.toml", accept)], ..Machine::default() },
            "`[[accept]]` belongs in the project's plumb.toml \
             and stands in /etc/plumb/config.toml:2:9",
        ),
        (
            Machine { variables: &[("PLUMB_MIN_SAMPLES", "many")], ..Machine::default() },
            "`evidence.min_samples` is a text, not a whole number, in PLUMB_MIN_SAMPLES",
        ),
        (
            Machine { file: Some("/a/locked/plumb.toml"), ..Machine::default() },
            "the configuration `/a/locked/plumb.toml` cannot be read: permission denied",
        ),
    ];
    for (machine, message) in cases {
        assert_eq!(try_load(machine).unwrap_err().to_string(), message);
    }
}

/// Every key is in the commented defaults and in the schema, and the schema has no other.
#[test]
fn documents_know_the_same_keys() {
    let schema = include_str!("../../../../docs/formats/config-v1.schema.json");
    let schema: serde_json::Value = serde_json::from_str(schema).unwrap();
    let document = include_str!("../../../../docs/formats/config.md");
    let mut keys = BTreeSet::new();
    leaves(&schema, &schema, "", &mut keys);
    assert_eq!(keys, KEYS.map(str::to_owned).into());
    for key in KEYS {
        let leaf = key.rsplit('.').next().unwrap();
        let is_said = |line: &str| line.trim_start_matches("# ").starts_with(leaf);
        assert!(DEFAULTS.lines().any(is_said), "{key} in the defaults");
        assert!(document.contains(&format!("`{leaf}`")), "{key} in the document");
    }
    for setting in SETTINGS {
        assert!(document.contains(&format!("`{}`", setting.variable())), "{setting:?}");
    }
}

/// The keys below a part of a schema, with their sections.
fn leaves(
    root: &serde_json::Value,
    part: &serde_json::Value,
    path: &str,
    keys: &mut BTreeSet<String>,
) {
    if let Some(name) = part["$ref"].as_str() {
        let definition = &root["$defs"][name.trim_start_matches("#/$defs/")];
        return leaves(root, definition, path, keys);
    }
    let below = |name: &str| {
        if path.is_empty() { name.to_owned() } else { format!("{path}.{name}") }
    };
    if let Some(properties) = part["properties"].as_object() {
        assert_eq!(part["additionalProperties"], false, "{path}");
        properties.iter().for_each(|(name, value)| leaves(root, value, &below(name), keys));
    } else if part["additionalProperties"].is_object() {
        leaves(root, &part["additionalProperties"], &below("*"), keys);
    } else if part["items"]["$ref"].is_string() {
        leaves(root, &part["items"], path, keys);
    } else {
        keys.insert(path.to_owned());
    }
}

/// Pieces of which configurations are made, in any order.
fn pieces() -> impl Strategy<Value = String> {
    const PIECES: [&str; 38] = [
        "project",
        "dependency",
        "assumptions",
        "evidence",
        "gate",
        "accept",
        "redact",
        "name",
        "hosts",
        "until",
        "finding",
        "reason",
        "k",
        "include",
        "paths",
        "[",
        "]",
        "[[",
        "]]",
        "{",
        "}",
        "=",
        ".",
        ",",
        "\n",
        "\r\n",
        "\"",
        "'",
        "'''",
        "\"\"\"",
        "#",
        "2026-12-31",
        "30",
        "-1",
        "99999999999999999999",
        "é",
        "\u{0}",
        "\"a\"",
    ];
    proptest::collection::vec(proptest::sample::select(&PIECES[..]), 0..40)
        .prop_map(|pieces| pieces.concat())
}

proptest! {
    #[test]
    fn no_text_does_worse_than_be_refused(text in pieces()) {
        let files = [("/a/checkout/plumb.toml", text.as_str())];
        if let Err(error) = try_load(Machine { files: &files, ..Machine::default() }) {
            prop_assert!(error.to_string().contains(" in plumb.toml:"), "{}", error);
            prop_assert!(!error.help().is_empty());
        }
    }
}
