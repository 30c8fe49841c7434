//! What the doctor found, in words: what it is, and the very command or setting that mends it.
//!
//! Everything foreign is made harmless. Refuses to look for anything.

use crate::render::{count, count_u64, moment, name, name_or, thousands};
use plumb_engine::config::origin::quoted;
use plumb_engine::doctor::fact::{Alike, Fact, LastSeen, Share, Silent, Unseen};
use plumb_engine::doctor::names::is_host;
use plumb_wire::harmless::{harmless, shell_word};
use std::collections::BTreeSet;
use std::path::Path;

/// A fact in words.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Told {
    /// What it is.
    pub(crate) what: String,
    /// Whom it concerns, all of them.
    pub(crate) names: Vec<String>,
    /// What it means for the answers of other commands, if that is not plain.
    pub(crate) means: &'static str,
    /// What mends it: any one of these, or one for each of the first dependencies.
    pub(crate) remedies: Vec<String>,
}

/// Dependencies that are given a command of their own.
const COMMANDS_MAX: usize = 3;

const OBSERVE: [&str; 3] = [
    "plumb observe har FILE",
    "plumb observe otlp --listen --listen-http",
    "plumb observe proxy URL",
];

const REPORT: &[&str] = &["please report it: this is a bug in plumb"];

/// A fact in words.
pub(crate) fn told(fact: &Fact) -> Told {
    match fact {
        Fact::Configured { file, dependencies } => {
            plain(configured(file.as_deref(), *dependencies))
        }
        Fact::Assumed { claims, dialects } => plain(assumed(*claims, dialects)),
        Fact::NothingAssumed(files) => mended(
            format!("none found in {}", count(*files, "file")),
            &["plumb scan FOLDER", "`include` and `exclude` under [assumptions] in plumb.toml"],
        ),
        Fact::Unread(places) => {
            mended(format!("{} could not be read", count(*places, "place")), &["plumb scan -v"])
        }
        Fact::Redacted(canary) => {
            let (kept, planted) = (canary.kept.len(), canary.planted);
            let what = format!("canary: {kept} of {planted} planted secrets kept");
            let names = canary.kept.iter().map(|place| name(place)).collect();
            let remedies = if kept > 0 { REPORT } else { &[] };
            Told { names, ..mended(what, remedies) }
        }
        Fact::Backlogs { consumers, worst } => plain(backlogs(*consumers, worst.as_ref())),
        Fact::Releases(0) => mended(
            "none recorded".to_owned(),
            &["plumb release record COMPONENT VERSION --env NAME"],
        ),
        Fact::Releases(known) => plain(format!("{} known", count(*known, "release"))),
        Fact::AuditWhole(entries) => {
            plain(format!("{} logged, none changed or taken out", count(*entries, "action")))
        }
        Fact::ServerReady { url, ahead_ms } => ready(url, *ahead_ms),
        Fact::Broken { why, help, .. } => Told {
            what: harmless(why).into_owned(),
            remedies: help.iter().map(|help| harmless(help).into_owned()).collect(),
            ..Told::default()
        },
        _ => of_store(fact),
    }
}

fn of_store(fact: &Fact) -> Told {
    match fact {
        Fact::NoStore(place) => mended(format!("nothing yet at {}", name(place)), &OBSERVE),
        Fact::Stored { place, windows, exchanges } => plain(format!(
            "{} opens: {}, {}",
            name(place),
            count_u64(*windows, "window"),
            count_u64(*exchanges, "exchange")
        )),
        Fact::NotWritable { folder, why } => mended(
            format!("cannot write `{}`: {}", path(folder), harmless(why)),
            &["let the user who runs plumb own the folder, or name another with `--store`"],
        ),
        Fact::KeyExposed(key) => {
            let remedy = format!("chmod 600 {}", shell_word(&key.display().to_string()));
            let what = format!("everyone on this machine can use the key `{}`", path(key));
            mended(what, &[&remedy])
        }
        Fact::DiskShort { folder, bytes } => mended(
            format!("the disk of `{}` has {} MiB left", path(folder), bytes / 1024 / 1024),
            &[
                "plumb evidence prune --older-than 90d",
                "name a folder on another disk with `--store`",
            ],
        ),
        Fact::NothingSeen => mended("nothing seen that counts".to_owned(), &OBSERVE),
        Fact::Fresh(sources) => Told {
            what: format!("{} seen lately", count(sources.len(), "dependency")),
            names: sources.iter().map(last_seen).collect(),
            ..Told::default()
        },
        Fact::Aged(sources) => Told {
            names: sources.iter().map(last_seen).collect(),
            ..mended(
                format!("{} not seen for too long", count(sources.len(), "dependency")),
                &[
                    "observe again, as before",
                    "`max_age` under [evidence] in plumb.toml says how long evidence counts",
                ],
            )
        },
        Fact::TooFew { sources, samples_min } => Told {
            names: sources.iter().map(few).collect(),
            means: "no assumption about it can hold",
            ..mended(
                format!(
                    "{} seen fewer than {samples_min} times",
                    count(sources.len(), "dependency")
                ),
                &["observe more", "`min_samples` under [evidence] in plumb.toml says how many"],
            )
        },
        _ => of_identity(fact),
    }
}

fn of_identity(fact: &Fact) -> Told {
    match fact {
        Fact::Identified => plain("everything seen says its version and environment".to_owned()),
        Fact::WithoutVersion(sources) => {
            let first = sources.first().map_or("COMPONENT", |one| one.name.as_str());
            let release = format!("plumb release record {} VERSION", shell_word(first));
            Told {
                means: "differences cannot be attributed to releases",
                ..lacking(
                    "the version",
                    sources,
                    &[
                        "plumb observe ... --release VERSION",
                        "plumb observe ... --version-header NAME",
                        "telemetry: resource attribute `service.version` of the called service",
                        &release,
                    ],
                )
            }
        }
        Fact::WithoutEnvironment(sources) => Told {
            means: "a gate with `--env` leaves it out",
            ..lacking(
                "the environment",
                sources,
                &[
                    "plumb observe ... --env NAME",
                    "`environment` under [evidence] in plumb.toml",
                    "telemetry: resource attribute `deployment.environment.name`",
                ],
            )
        },
        Fact::WithoutReader(sources) => Told {
            means: "findings cannot name the consumer",
            ..lacking(
                "who asked",
                sources,
                &["plumb observe ... --reader NAME", "telemetry: export the caller's spans too"],
            )
        },
        Fact::Silent(components) => silent(components),
        Fact::Bodies(bodies) => plain(format!("{} looked into", count_u64(*bodies, "body"))),
        Fact::WithoutBodies(sources) => Told {
            what: format!("every body of {} is withheld", count(sources.len(), "dependency")),
            names: sources.iter().map(|one| name_or(&one.name, "(no name)")).collect(),
            means: "shape checks are limited to status, route and headers",
            remedies: [
                "telemetry: opt-in attributes `http.request.body.content` and \
                 `http.response.body.content`",
                "plumb observe proxy URL, for the seams that matter most",
            ]
            .map(str::to_owned)
            .to_vec(),
        },
        _ => of_names(fact),
    }
}

/// What called them goes on, and only that tells it.
fn silent(components: &[Silent]) -> Told {
    let told = |one: &Silent| {
        let seams = count(one.seams, "seam");
        let last = moment(one.last_ms);
        let address = name(&one.address);
        format!("{} (last {last}, since then {address} answers at {seams})", name(&one.name))
    };
    Told {
        what: format!("{} silent while calls go on", count(components.len(), "dependency")),
        names: components.iter().map(told).collect(),
        means: "its telemetry may have gone with an upgrade, and its version and name with it",
        remedies: [
            "telemetry: instrument it again, and export its spans",
            "`hosts` under [[dependency]] in plumb.toml, where the address is another one",
        ]
        .map(str::to_owned)
        .to_vec(),
    }
}

fn of_names(fact: &Fact) -> Told {
    match fact {
        Fact::Covered(dependencies) => {
            plain(format!("{} both claimed and seen", count(*dependencies, "dependency")))
        }
        Fact::Unseen(unseen) => {
            let commands: Vec<String> = unseen.iter().take(COMMANDS_MAX).map(observe_it).collect();
            let claims =
                |one: &Unseen| format!("{} ({})", name(&one.name), count(one.claims, "assumption"));
            Told {
                what: format!("{} claimed and never seen", count(unseen.len(), "dependency")),
                names: unseen.iter().map(claims).collect(),
                means: "",
                remedies: commands,
            }
        }
        Fact::Unclaimed(names) => Told {
            what: format!("{} seen that no assumption speaks of", count(names.len(), "dependency")),
            names: names.iter().map(|one| name_or(one, "(no name)")).collect(),
            ..Told::default()
        },
        Fact::Alike(alike) => {
            let pair =
                |one: &Alike| format!("{} and {}", name(&one.name), name(&one.others.join(", ")));
            let many = count(alike.len(), "dependency");
            Told {
                what: format!("{many} with more than one name, it seems"),
                names: alike.iter().map(pair).collect(),
                means: "claims and evidence do not meet",
                remedies: alike.iter().take(COMMANDS_MAX).map(join).collect(),
            }
        }
        _ => Told::default(),
    }
}

fn plain(what: String) -> Told {
    Told { what, ..Told::default() }
}

fn mended(what: String, remedies: &[&str]) -> Told {
    Told { remedies: remedies.iter().map(|it| (*it).to_owned()).collect(), ..plain(what) }
}

fn lacking(what: &str, sources: &[Share], remedies: &[&str]) -> Told {
    let what = format!("{what} is not known of {}", count(sources.len(), "dependency"));
    let names = sources.iter().map(share).collect();
    Told { names, ..mended(what, remedies) }
}

fn configured(file: Option<&str>, dependencies: usize) -> String {
    match file {
        None => "no plumb.toml; the defaults apply".to_owned(),
        Some(file) => format!("{}, {} named", name(file), count(dependencies, "dependency")),
    }
}

fn assumed(claims: usize, dialects: &[(&str, usize)]) -> String {
    let dialects: Vec<String> =
        dialects.iter().map(|(dialect, claims)| format!("{dialect} {claims}")).collect();
    format!("{}: {}", count(claims, "assumption"), dialects.join(", "))
}

fn backlogs(consumers: usize, worst: Option<&(String, u64)>) -> String {
    let known = format!("{} of brokers known", count(consumers, "consumer"));
    match worst {
        Some((who, lag)) if *lag > 0 => {
            format!("{known}; furthest behind: {}, {}", name(who), count_u64(*lag, "message"))
        }
        _ => format!("{known}, none behind"),
    }
}

fn ready(url: &str, ahead_ms: Option<i64>) -> Told {
    const SECOND_MS: u64 = 1_000;
    let clock = match ahead_ms {
        None => "it does not tell its time".to_owned(),
        Some(ms) if ms.unsigned_abs() < SECOND_MS => "its clock agrees with ours".to_owned(),
        Some(ms) => {
            let seconds = thousands(ms.unsigned_abs() / SECOND_MS);
            format!("its clock is {seconds} s {} ours", if ms > 0 { "ahead of" } else { "behind" })
        }
    };
    let what = format!("{} is ready; {clock}", name(url));
    match ahead_ms {
        Some(ms) if ms.unsigned_abs() >= SECOND_MS => mended(what, &["let both keep time, by NTP"]),
        _ => plain(what),
    }
}

/// A dependency with what is meant of it, of all there is.
fn share(one: &Share) -> String {
    let who = name_or(&one.name, "(no name)");
    format!("{who} ({} of {})", thousands(one.count), thousands(one.of))
}

fn few(one: &Share) -> String {
    format!("{} ({})", name_or(&one.name, "(no name)"), thousands(one.count))
}

fn last_seen(one: &LastSeen) -> String {
    let (who, times) = (name_or(&one.name, "(no name)"), thousands(one.exchanges));
    format!("{who} ({times}, last {})", moment(one.last_ms))
}

/// The command that observes a dependency: at its host where one is known.
fn observe_it(one: &Unseen) -> String {
    let writer = shell_word(&one.name);
    match &one.host {
        Some(host) => {
            let scheme = if host.starts_with("localhost") || host.starts_with("127.") {
                "http"
            } else {
                "https"
            };
            let address = shell_word(&format!("{scheme}://{host}"));
            format!("plumb observe proxy {address} --writer {writer}")
        }
        None => format!("plumb observe har FILE --writer {writer}"),
    }
}

/// What tells that several names are one: one that is no address names, the others are its hosts.
fn join(one: &Alike) -> String {
    let names = [&one.name].into_iter().chain(&one.others);
    let known = names.clone().find(|name| !is_host(name)).unwrap_or(&one.name);
    let hosts: BTreeSet<&String> = names.chain(&one.raw).filter(|name| *name != known).collect();
    let hosts: Vec<String> = hosts.into_iter().map(|host| quoted(&name(host))).collect();
    format!(
        "under [[dependency]] in plumb.toml: name = {} and hosts = [{}]; then observe again",
        quoted(&name(known)),
        hosts.join(", ")
    )
}

fn path(path: &Path) -> String {
    name(&path.display().to_string())
}
