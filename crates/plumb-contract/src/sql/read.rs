//! Reads files of statements, one statement at a time, and applies those about tables and types.
//!
//! What is about neither (rows, functions, rights, views) is passed over, since it changes no
//! table. Refuses to know what statements do.

use crate::change::Spot;
use crate::compared::File;
use crate::sql::apply::apply;
use crate::sql::model::Base;
use crate::sql::order::{forward, in_order};
use crate::sql::spot::spot;
use crate::sql::stored::Stored;
use sqlparser::dialect::{Dialect, GenericDialect, MySqlDialect, PostgreSqlDialect, SQLiteDialect};
use sqlparser::parser::Parser;
use sqlparser::tokenizer::{Token, TokenWithSpan, Tokenizer};

/// Bytes of all files at most: dumps of schemas with ten thousand tables hold about ten million.
const BYTES_MAX: usize = 64 << 20;

/// Words of a statement that are looked at to tell what it is about.
const HEAD_WORDS: usize = 6;

/// Characters of what the parser says that are passed on.
const REASON_CHARS_MAX: usize = 300;

/// Reads one version.
pub(super) fn read(files: &[&File]) -> Base {
    let mut base = Base::default();
    let mut left = BYTES_MAX;
    for file in in_order(files) {
        let start = Spot { file: file.name.clone(), line: 1, column: 1 };
        let Some(rest) = left.checked_sub(file.bytes.len()) else {
            base.tell(&start, format!("the files are larger than {} MiB", BYTES_MAX >> 20));
            break;
        };
        left = rest;
        match std::str::from_utf8(&file.bytes) {
            Ok(text) => statements(&mut base, &file.name, forward(text)),
            Err(_) => base.tell(&start, "the file is no text in UTF-8".to_owned()),
        }
    }
    base
}

/// The dialect that a text is in, by what only one of them has.
fn dialect(text: &str) -> Box<dyn Dialect> {
    let upper = text.to_ascii_uppercase();
    let has = |words: &[&str]| words.iter().any(|word| upper.contains(word));
    if has(&["`", "AUTO_INCREMENT", "ENGINE=", "ENGINE ="]) {
        Box::new(MySqlDialect {})
    } else if has(&["AUTOINCREMENT", "WITHOUT ROWID", "PRAGMA "]) {
        Box::new(SQLiteDialect {})
    } else {
        Box::new(PostgreSqlDialect {})
    }
}

fn statements(base: &mut Base, file: &str, text: &str) {
    let dialect = dialect(text);
    let is_loose = dialect.is::<SQLiteDialect>();
    let tokens = match Tokenizer::new(dialect.as_ref(), text).tokenize_with_location() {
        Ok(tokens) => tokens,
        Err(err) => {
            let at = spot(file, (err.location.line, err.location.column));
            return base.tell(&at, format!("the file cannot be read: {}", short(&err.message)));
        }
    };
    for statement in tokens.split(|token| token.token == Token::SemiColon) {
        let is_word = |token: &&TokenWithSpan| !matches!(token.token, Token::Whitespace(_));
        let Some(first) = statement.iter().find(is_word) else { continue };
        if !is_about_tables(statement) {
            continue;
        }
        let at = spot(file, (first.span.start.line, first.span.start.column));
        let parsed = parsed(dialect.as_ref(), statement)
            .or_else(|err| parsed(&GenericDialect {}, statement).map_err(|_| err));
        match parsed {
            Ok(parsed) => apply(base, &at, &parsed),
            Err(why) => base.tell(&at, format!("a statement cannot be read: {}", short(&why))),
        }
    }
    if is_loose {
        loosen(base, file);
    }
}

/// SQLite keeps whole numbers in 64 bits whatever they are called, and numbers rows by itself.
fn loosen(base: &mut Base, file: &str) {
    for table in base.tables.values_mut().filter(|table| table.at.file == file) {
        let alone: Vec<String> = table
            .keys
            .iter()
            .filter(|key| key.is_primary && key.columns.len() == 1)
            .flat_map(|key| key.columns.iter().cloned())
            .collect();
        for column in &mut table.columns {
            if let Stored::Whole { bits, is_signed } = &mut column.stored {
                (*bits, *is_signed) = (64, true);
                if alone.contains(&column.name) && column.default.is_none() {
                    column.default = Some("the next number".to_owned());
                }
            }
        }
    }
}

fn parsed(
    dialect: &dyn Dialect,
    tokens: &[TokenWithSpan],
) -> Result<sqlparser::ast::Statement, String> {
    let mut parser = Parser::new(dialect).with_tokens_with_locations(tokens.to_vec());
    let statement = parser.parse_statement().map_err(|err| err.to_string())?;
    match parser.peek_token().token {
        Token::EOF => Ok(statement),
        token => Err(format!("nothing more is expected at `{}`", short(&token.to_string()))),
    }
}

/// Whether a statement changes tables or types, by the words that it begins with.
fn is_about_tables(statement: &[TokenWithSpan]) -> bool {
    let words = statement.iter().filter_map(|token| match &token.token {
        Token::Word(word) => Some(word.value.to_ascii_uppercase()),
        _ => None,
    });
    let mut words = words.take(HEAD_WORDS);
    let first = words.next().unwrap_or_default();
    if !["CREATE", "ALTER", "DROP", "RENAME"].contains(&first.as_str()) {
        return false;
    }
    for word in words {
        match word.as_str() {
            "TABLE" | "TYPE" => return true,
            "INDEX" => return first != "ALTER",
            // Rows of these live no longer than who wrote them.
            "TEMP" | "TEMPORARY" => return false,
            "OR" | "REPLACE" | "UNLOGGED" | "GLOBAL" | "LOCAL" | "EXTERNAL" | "UNIQUE"
            | "FOREIGN" | "VIRTUAL" => {}
            _ => return false,
        }
    }
    false
}

fn short(text: &str) -> String {
    let text = text.strip_prefix("sql parser error: ").unwrap_or(text);
    let mut letters = text.chars();
    let first = letters.next().map(char::to_lowercase).into_iter().flatten();
    first.chain(letters).take(REASON_CHARS_MAX).collect()
}
