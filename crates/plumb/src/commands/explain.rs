//! `plumb explain`: everything that is known of a finding, or a rule's page.

use crate::answer::{Written, document, next};
use crate::arguments::{ExplainArguments, Global};
use crate::catalog::page;
use crate::documents;
use crate::empty::no_evidence;
use crate::failure::{Code, Failure, usage};
use crate::look::Look;
use crate::project::project;
use crate::render::{field, name};
use crate::render_finding::{accepted, affects, said, seen, since, title, untested};
use crate::terminal::Terminal;
use crate::weigh::{Weighed, seen_where, weigh};
use plumb_contract::change::Grade;
use plumb_contract::interface::rule::{RULES as CHANGE_RULES, Rule as ChangeRule};
use plumb_gap::finding::Finding;
use plumb_gap::rule::{RULES, Rule};
use plumb_wire::finding_v1::finding_entry;
use plumb_wire::harmless::{harmless, shell_word};

/// Keys that are named when the one asked for is not there.
const NEAR_MAX: usize = 5;

/// Affected claims that are named.
const AFFECTS_MAX: usize = 50;

pub(crate) fn explain(
    global: &Global,
    arguments: &ExplainArguments,
    terminal: Terminal,
) -> Result<Code, Failure> {
    if let Some(rule) = Rule::by_id(&arguments.key) {
        let text = page(rule);
        return of_rule(global, &Page { id: rule.id(), remedy: rule.remedy(), text }, terminal);
    }
    if let Some(rule) = change_rule(&arguments.key) {
        let (id, remedy, text) = (rule.id, remedy(rule.grade), &change_page(rule));
        return of_rule(global, &Page { id, remedy, text }, terminal);
    }
    let project = project(global)?;
    let weighed =
        weigh(&project, &project.folder, seen_where(&project, &arguments.server)?, terminal)?;
    let findings = weighed.report.findings.iter();
    let Some(finding) = findings.into_iter().find(|one| one.key() == arguments.key) else {
        if !weighed.grounds.is_any_in_scope() {
            let environment = global.environment.as_deref();
            terminal.note(&no_evidence(terminal.err, &weighed.grounds, environment));
        }
        return Err(unknown(&weighed, &arguments.key));
    };
    let rule = finding.rule;
    let written = document(terminal, global.format, || {
        documents::finding(rule, page(rule), &finding_entry(finding, &weighed.accepted))
    })?;
    if written == Written::NotYet {
        terminal.text(&text(terminal.out, finding, &weighed))?;
    }
    next(terminal, &format!("plumb explain {}", rule.id()));
    Ok(Code::Pass)
}

/// What is known of a rule.
struct Page<'a> {
    id: &'a str,
    remedy: &'a str,
    text: &'a str,
}

fn of_rule(global: &Global, page: &Page<'_>, terminal: Terminal) -> Result<Code, Failure> {
    let Page { id, remedy, text } = *page;
    let written = document(terminal, global.format, || documents::rule(id, remedy, text))?;
    if written == Written::NotYet {
        terminal.text(text)?;
    }
    Ok(Code::Pass)
}

/// The rule by which a change of an interface is graded.
fn change_rule(id: &str) -> Option<&'static ChangeRule> {
    CHANGE_RULES.into_iter().find(|rule| rule.id == id)
}

fn change_page(rule: &ChangeRule) -> String {
    let ChangeRule { id, grade, why } = rule;
    format!(
        "# {id}\n\nA change between two versions of an interface, {}: {why}.\n\n\
         ## What to do\n\n{}.\n",
        grade.name(),
        remedy(*grade),
    )
}

const fn remedy(grade: Grade) -> &'static str {
    match grade {
        Grade::Breaking => {
            "Keep the old form beside the new one until nobody uses it any more, or give the \
             change a version of its own"
        }
        Grade::Risky => "Ask those who use it, or look at what was seen, before it goes out",
        Grade::Safe => "Nothing: it is told so that a change-log is whole",
    }
}

fn text(look: Look, finding: &Finding, weighed: &Weighed) -> String {
    let key = finding.key();
    let mut out = title(look, finding);
    let seen_text = seen(finding);
    out.push_str(&field(look, "at", &name(&finding.place)));
    out.push_str(&field(look, "said", &said(&finding.said)));
    out.push_str(&field(look, "seen", &seen_text));
    if let Some(text) = untested(&finding.seen) {
        out.push_str(&field(look, "untested", &text));
    }
    if let Some(text) = since(&finding.seen) {
        out.push_str(&field(look, "since", &text));
    }
    if let Some(text) = affects(&finding.affects(), AFFECTS_MAX) {
        out.push_str(&field(look, "affects", &text));
    }
    out.push_str(&field(look, "fix", &harmless(&finding.fix)));
    let acceptance = weighed.accepted.get(&key);
    if let Some(acceptance) = acceptance {
        out.push_str(&field(look, "accepted", &accepted(acceptance)));
    }
    out.push_str(&format!("\n{}\n", look.strong("Look again")));
    let mut show = "plumb evidence show".to_owned();
    if !finding.seam.writer.is_empty() {
        show.push_str(&format!(" --writer {}", shell_word(&finding.seam.writer)));
    }
    show.push_str(&format!(" --operation {}", shell_word(&finding.seam.operation)));
    out.push_str(&format!("  {show}\n"));
    if acceptance.is_none() {
        let accept = format!("plumb accept {} --reason TEXT --until DATE", shell_word(&key));
        out.push_str(&format!("\n{}\n  {accept}\n", look.strong("Live with it")));
    }
    out
}

/// What is said of a key that no finding has.
pub(crate) fn unknown(weighed: &Weighed, key: &str) -> Failure {
    let keys = weighed.report.findings.iter().map(Finding::key);
    let rules = RULES.into_iter().map(|rule| rule.id().to_owned());
    let near = rules.chain(keys).filter(|known| known.contains(key) && !key.is_empty());
    let near: Vec<String> =
        near.take(NEAR_MAX).map(|known| format!("`{}`", harmless(&known))).collect();
    let help = if near.is_empty() {
        "`plumb gap` lists the findings with their keys".to_owned()
    } else {
        format!("did you mean {}?", near.join(" or "))
    };
    usage(format!("there is no finding and no rule `{}`", name(key)), help)
}
