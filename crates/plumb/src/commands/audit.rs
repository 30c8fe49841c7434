//! `plumb audit`: what was done at the server.

use crate::answer::{Written, document};
use crate::arguments::Global;
use crate::documents;
use crate::failure::{Code, Failure};
use crate::project::project;
use crate::render::{Column, count, moment, name, table};
use crate::server_arguments::AuditCommand;
use crate::terminal::Terminal;
use plumb_engine::audit;

pub(crate) fn audit(
    global: &Global,
    command: &AuditCommand,
    terminal: Terminal,
) -> Result<Code, Failure> {
    let project = project(global)?;
    let entries = audit::read(project.store().folder())?;
    if document(terminal, global.format, || documents::audit(&entries))? == Written::Done {
        return Ok(Code::Pass);
    }
    if entries.is_empty() {
        terminal.note("Nothing was logged yet; `plumb serve` keeps the log.\n");
        return Ok(Code::Pass);
    }
    match command {
        AuditCommand::Verify => {
            let last = entries.last().map_or("", |entry| &entry.hash);
            let told = count(entries.len(), "action");
            terminal.text(&format!("{told}, none changed or taken out; the last is {last}\n"))?;
        }
        AuditCommand::Ls => {
            let heading = [
                ("AT", Column::Left),
                ("WHO", Column::Left),
                ("WHAT", Column::Left),
                ("TO WHAT", Column::Left),
            ];
            let rows = entries.iter().map(|one| {
                vec![moment(one.at_ms), name(&one.who), name(&one.action), name(&one.subject)]
            });
            terminal.text(&table(terminal.out, &heading, &rows.collect::<Vec<_>>()))?;
        }
    }
    Ok(Code::Pass)
}
