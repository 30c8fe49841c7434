//! What pages look up when they are opened: in the project's folder and on its shelf.
//!
//! Refuses to draw anything, and to change anything.

use crate::commands::doctor::facts;
use crate::documents::answer_name;
use crate::failure::Failure;
use crate::inside::{fact_inside, inside};
use crate::learned::{Learned, beside};
use crate::project::Project;
use crate::render_doctor::doctor_document;
use crate::render_fix::of_file;
use crate::rollout_document::{event_document, status_document};
use crate::server_arguments::ServerArguments;
use crate::terminal::Terminal;
use crate::weigh::seen;
use plumb_engine::audit::{self, Entry};
use plumb_engine::clock::now_ms;
use plumb_engine::doctor::fact::Fact;
use plumb_engine::fix::{Fix, fix};
use plumb_engine::history::{self, Point};
use plumb_engine::rehearsals::{Kept, rehearsals};
use plumb_engine::rollout::file::read as read_rollout;
use plumb_engine::rollout::orders::Word;
use plumb_engine::rollout::room::{ROLLOUTS_FOLDER, Room};
use plumb_engine::rollout::spec::Rollout;
use plumb_engine::transition::planning::planning;
use plumb_engine::{files, judge};
use plumb_gap::evidence::Evidence;
use plumb_gap::finding::Finding;
use plumb_gap::report::{may_be_of, may_speak_of};
use plumb_pages::desk::{Desk, Mending, PlanEntry, RolloutEntry, RolloutOrder};
use plumb_pages::survey::Survey;
use plumb_shape::claim::Claim;
use plumb_wire::harmless::shell_word;
use plumb_wire::plan_v1::plan_document;
use plumb_wire::planned::Planned;
use serde_json::Value;
use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

/// Files of one kind that are looked at.
const FILES_MAX: usize = 50;

/// Bytes of the end of a rollout's log: some hundred lines.
const LOG_BYTES_MAX: u64 = 128 * 1024;

/// A project, looked at.
#[derive(Debug)]
pub(crate) struct ProjectDesk {
    project: Project,
    terminal: Terminal,
    /// Pages of a file are all made at once, so each fix would be worked out for nobody.
    works_out_fixes: bool,
}

impl ProjectDesk {
    /// A desk that works out everything that it is asked for.
    pub(crate) fn new(project: Project, terminal: Terminal) -> Self {
        Self { project, terminal: terminal.hushed(), works_out_fixes: true }
    }

    /// The same for pages that are made without being asked for.
    pub(crate) fn in_stock(project: Project, terminal: Terminal) -> Self {
        Self { works_out_fixes: false, ..Self::new(project, terminal) }
    }

    /// The project as it is now.
    fn now(&self) -> Project {
        if self.works_out_fixes { self.project.as_of(now_ms()) } else { self.project.clone() }
    }

    /// Files of the project named `KIND.toml`, `KIND-something.toml`, or below the folder `KINDs`.
    fn files(&self, kind: &str) -> Result<Vec<String>, String> {
        let mut found = Vec::new();
        let folders = [String::new(), format!("{kind}s")];
        for (folder, is_own) in folders.iter().zip([false, true]) {
            for name in files::names(&self.project.folder.join(folder))
                .map_err(|err| self.told(&err.into()))?
            {
                let is_kind = is_own || name.starts_with(kind);
                if is_kind && Path::new(&name).extension().is_some_and(|end| end == "toml") {
                    let path: PathBuf =
                        [folder.as_str(), &name].iter().filter(|it| !it.is_empty()).collect();
                    found.push(path.to_string_lossy().into_owned());
                }
            }
        }
        found.sort();
        found.truncate(FILES_MAX);
        Ok(found)
    }

    /// What went wrong.
    fn told(&self, failure: &Failure) -> String {
        inside(&self.project.folder, &failure.what)
    }

    /// What plans are made from beside their files.
    fn learned(&self) -> Result<Learned, Failure> {
        let project = self.now();
        beside(&project, seen(&project)?.into_judging(), &ServerArguments::none())
    }

    fn plan(&self, file: &str, learned: &Learned) -> Result<Value, Failure> {
        let path = self.project.folder.join(file);
        let transition = crate::transition::read(&path, learned)?.transition;
        let found = planning(&transition);
        Ok(plan_document(&Planned {
            transition: &transition,
            outcome: &found.outcome,
            proposals: &found.proposals,
            answer: answer_name(found.answer),
            reason: &found.reason,
        }))
    }

    fn room(&self, file: &str) -> Result<(Rollout, Room), Failure> {
        let rollout = read_rollout(&self.project.folder.join(file))?;
        let own = self.project.folder.join(ROLLOUTS_FOLDER);
        let room = Room::new(rollout.folder.as_deref().unwrap_or(&own), &rollout.name);
        Ok((rollout, room))
    }

    fn rollout(&self, file: &str) -> Result<RolloutEntry, Failure> {
        let (rollout, room) = self.room(file)?;
        let (kept, owner) = (room.kept()?, room.owner()?);
        let (events, _) = room.logged(room.log_bytes()?.saturating_sub(LOG_BYTES_MAX))?;
        Ok(RolloutEntry {
            file: file.to_owned(),
            document: Some(status_document(&rollout, kept.as_ref(), owner.as_ref())),
            stages: rollout.stages.iter().map(|stage| stage.name.clone()).collect(),
            events: events.iter().map(event_document).collect(),
            error: String::new(),
        })
    }

    /// Mends a finding of what was judged. All claims give words, but only those of its operation
    /// in the files that say it are judged again, and only by its own seam, so that a page need
    /// not wait for all.
    fn mend(&self, survey: &Survey, key: &str) -> Result<Mending, String> {
        let gone = || format!("nothing is found under `{key}` any more");
        let (finding, literals) = survey.finding(key).zip(survey.key.as_ref()).ok_or_else(gone)?;
        let project = self.project.as_of(survey.as_of_ms);
        let files: BTreeSet<&str> = finding.claims.iter().map(|one| one.file.as_str()).collect();
        let evidence: Vec<Evidence> = survey.evidence_of(&finding.seam).cloned().collect();
        // Where nothing was seen, claims contradict one another.
        let operation = evidence.first().map(|one| &one.operation);
        let is_judged = |claim: &Claim| {
            (files.is_empty() || files.contains(&*claim.source.file))
                && may_be_of(claim, &finding.seam.writer)
                && operation.is_none_or(|operation| may_speak_of(claim, operation))
        };
        let fixed = fix(Fix {
            folder: &project.folder,
            claims: &survey.claims,
            is_judged: &is_judged,
            judge: &|claims| {
                let (seen, releases) = (evidence.clone(), &survey.releases);
                let name_of = &|host: &str| project.name_of(host);
                judge::judge(claims, seen, releases, &project.policy(), literals, name_of)
            },
            key: literals,
            wants: &|finding: &Finding| finding.key() == key,
            cases_max: 0,
        });
        let diff = fixed.files.iter().map(|(path, file)| of_file(path, file)).collect();
        let stuck = fixed.stuck.iter().chain(&fixed.wanting);
        let why_not = stuck.map(|stuck| stuck.reason.clone()).next().unwrap_or_default();
        Ok(Mending { diff, why_not })
    }
}

impl Desk for ProjectDesk {
    fn history(&self) -> Result<Vec<Point>, String> {
        let found = self.project.shelf_if_there().and_then(|shelf| match shelf {
            None => Ok(Vec::new()),
            Some(shelf) => history::history(&shelf),
        });
        found.map_err(|err| self.told(&err.into()))
    }

    fn audit(&self) -> Result<Vec<Entry>, String> {
        audit::read(self.project.store().folder()).map_err(|err| self.told(&err.into()))
    }

    fn mending(&self, survey: &Survey, key: &str) -> Result<Mending, String> {
        if self.works_out_fixes {
            return self.mend(survey, key);
        }
        Ok(Mending {
            why_not: format!("`plumb fix {}` works it out", shell_word(key)),
            diff: String::new(),
        })
    }

    fn plans(&self) -> Result<Vec<PlanEntry>, String> {
        let files = self.files("transition")?;
        if files.is_empty() {
            return Ok(Vec::new());
        }
        let learned = self.learned();
        let planned = |file: &str| {
            learned.as_ref().map_err(Failure::clone).and_then(|learned| self.plan(file, learned))
        };
        let entry = |file: String| match planned(&file) {
            Ok(document) => PlanEntry { file, document: Some(document), error: String::new() },
            Err(failure) => PlanEntry { file, document: None, error: self.told(&failure) },
        };
        Ok(files.into_iter().map(entry).collect())
    }

    fn rollouts(&self) -> Result<Vec<RolloutEntry>, String> {
        let entry = |file: String| {
            self.rollout(&file).unwrap_or_else(|failure| RolloutEntry {
                error: self.told(&failure),
                file,
                ..RolloutEntry::default()
            })
        };
        Ok(self.files("rollout")?.into_iter().map(entry).collect())
    }

    fn order(&self, order: &RolloutOrder) -> Result<(), String> {
        // A name from elsewhere leads nowhere but to one of the files.
        if !self.files("rollout")?.contains(&order.file) {
            return Err(format!("`{}` is no rollout of the project", order.file));
        }
        let (rollout, room) = self.room(&order.file).map_err(|failure| self.told(&failure))?;
        if order.confirmed != rollout.canary {
            return Err(format!("type `{}` to confirm", rollout.canary));
        }
        let word = if order.is_promotion { Word::Promote } else { Word::Abort };
        let given = room.command((word, &order.reason), (order.by.clone(), now_ms()));
        given.map(drop).map_err(|err| self.told(&err.into()))
    }

    fn rehearsals(&self) -> Result<Vec<Kept>, String> {
        let found = self.project.shelf_if_there().and_then(|shelf| match shelf {
            None => Ok(Vec::new()),
            Some(shelf) => rehearsals(&shelf),
        });
        found.map_err(|err| self.told(&err.into()))
    }

    fn doctor(&self, survey: &Survey) -> Result<Value, String> {
        let project = self.now();
        // Where nothing was judged, the files are looked at once more.
        let known = (!survey.claims.is_empty()).then_some((&*survey.claims, survey.unread));
        let facts = facts(&project, known, self.terminal).into_iter();
        let facts: Vec<Fact> = facts.map(|fact| fact_inside(&project.folder, fact)).collect();
        Ok(doctor_document(&facts, project.as_of_ms))
    }
}
