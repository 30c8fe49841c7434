//! `plumb token`: who may do what at the server.

use crate::answer::{Written, document, next};
use crate::arguments::Global;
use crate::documents;
use crate::failure::{Code, Failure};
use crate::project::{Project, project};
use crate::render::{Column, moment, name, table};
use crate::server_arguments::{Allowed, TokenCommand, TokenNewArguments};
use crate::terminal::Terminal;
use plumb_engine::clock::DAY_MS;
use plumb_engine::tokens::{self, Right, Token, Wanted};

pub(crate) fn token(
    global: &Global,
    command: &TokenCommand,
    terminal: Terminal,
) -> Result<Code, Failure> {
    let project = project(global)?;
    match command {
        TokenCommand::New(arguments) => new(global, &project, arguments, terminal),
        TokenCommand::Ls => ls(global, &project, terminal),
        TokenCommand::Revoke(arguments) => {
            tokens::revoke(&mut project.shelf()?, &arguments.name, project.as_of_ms)?;
            terminal.note(&format!("{} has ended\n", name(&arguments.name)));
            Ok(Code::Pass)
        }
    }
}

fn new(
    global: &Global,
    project: &Project,
    arguments: &TokenNewArguments,
    terminal: Terminal,
) -> Result<Code, Failure> {
    // The day that was named is the last good one.
    let until_ms = arguments.until.map(|day| (i64::from(day) + 1).saturating_mul(DAY_MS));
    let wanted = Wanted {
        name: arguments.name.clone(),
        rights: arguments.allow.iter().map(|allowed| right(*allowed)).collect(),
        project: arguments.project.clone(),
        environment: global.environment.clone(),
        until_ms: until_ms.unwrap_or_else(|| project.as_of_ms.saturating_add(arguments.span)),
    };
    let until = moment(wanted.until_ms);
    let text = tokens::make(&mut project.shelf()?, wanted, project.as_of_ms)?;
    if document(terminal, global.format, || documents::new_token(&arguments.name, &text))?
        == Written::NotYet
    {
        terminal.data(format!("{text}\n").as_bytes())?;
    }
    terminal.note(&format!("good until {until}; it cannot be shown again\n"));
    next(terminal, "plumb serve --tokens");
    Ok(Code::Pass)
}

const fn right(allowed: Allowed) -> Right {
    match allowed {
        Allowed::Ingest => Right::Ingest,
        Allowed::Read => Right::Read,
        Allowed::Release => Right::Release,
        Allowed::Operate => Right::Operate,
        Allowed::Admin => Right::Admin,
    }
}

fn ls(global: &Global, project: &Project, terminal: Terminal) -> Result<Code, Failure> {
    let tokens = match project.shelf_if_there()? {
        Some(shelf) => tokens::list(&shelf)?,
        None => Vec::new(),
    };
    if document(terminal, global.format, || documents::tokens(&tokens))? == Written::Done {
        return Ok(Code::Pass);
    }
    if tokens.is_empty() {
        terminal.note("No token was made yet.\n");
        next(terminal, "plumb token new NAME --allow ingest");
        return Ok(Code::Pass);
    }
    let heading = [
        ("NAME", Column::Left),
        ("ALLOWS", Column::Left),
        ("PROJECT", Column::Left),
        ("ENVIRONMENT", Column::Left),
        ("GOOD UNTIL", Column::Left),
    ];
    let row = |one: &Token| {
        vec![
            name(&one.name),
            documents::rights(one).join(" "),
            name(one.project.as_deref().unwrap_or_default()),
            name(one.environment.as_deref().unwrap_or_default()),
            moment(one.until_ms),
        ]
    };
    let rows: Vec<_> = tokens.iter().map(row).collect();
    terminal.text(&table(terminal.out, &heading, &rows))?;
    Ok(Code::Pass)
}
