//! Files of Protobuf into a model: sources, which may import each other, and sets of descriptors.
//!
//! Refuses to know disk: what is imported must be given, or come with Protobuf itself.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use miette::Diagnostic;
use prost_reflect::DescriptorPool;
use prost_reflect::prost::Message as _;
use prost_reflect::prost_types::{FileDescriptorProto, FileDescriptorSet};
use protox::Compiler;
use protox::file::{ChainFileResolver, File as Parsed, FileResolver, GoogleFileResolver};

use crate::compared::{File, Unread};
use crate::protobuf::build::build;
use crate::protobuf::model::Model;
use crate::protobuf::nesting::{DEPTH_MAX, place, too_deep};

/// Files of one version at most: the largest public collection has some six thousand.
pub const FILES_MAX: usize = 10_000;

/// Bytes of all files of one version at most.
pub const BYTES_MAX: usize = 64 << 20;

/// Messages, enums and services of one version at most.
pub const NAMES_MAX: usize = 100_000;

/// Fields of a message and values of an enum at most: each is compared with all others.
pub const MEMBERS_MAX: usize = 4_000;

/// Reads the files of one version.
///
/// # Errors
/// The first place that is no Protobuf.
pub fn model(files: &[File]) -> Result<Model, Unread> {
    let first = files.first().map_or("", |file| &file.name);
    let bytes: usize = files.iter().map(|file| file.bytes.len()).sum();
    if files.len() > FILES_MAX || bytes > BYTES_MAX {
        let megabytes = BYTES_MAX >> 20;
        let reason = format!("more than {FILES_MAX} files or {megabytes} MiB");
        return Err(unread(first, (1, 1), reason));
    }
    let (sources, sets): (Vec<&File>, Vec<&File>) =
        files.iter().partition(|file| file.name.ends_with(".proto"));
    let mut model = Model::default();
    for set in sets {
        check_syntax(set)?;
        let pool = DescriptorPool::decode(set.bytes.as_slice())
            .map_err(|error| unread(&set.name, (1, 1), told(&error)))?;
        check_size(&pool, &set.name)?;
        let given = pool.files().map(|file| file.name().to_owned());
        let given = given.filter(|name| !name.starts_with("google/protobuf/"));
        let names = given.map(|name| (name, set.name.clone())).collect();
        build(&mut model, &pool, &names);
    }
    if !sources.is_empty() {
        let (pool, names) = compiled(&sources)?;
        check_size(&pool, first)?;
        build(&mut model, &pool, &names);
    }
    Ok(model)
}

/// Refuses files whose syntax is none that is compared, which the library that links them would not
/// survive. What editions say of presence and of closed enums decides what breaks.
fn check_syntax(set: &File) -> Result<(), Unread> {
    // What is no set at all is told by who links it.
    let files = FileDescriptorSet::decode(set.bytes.as_slice()).unwrap_or_default().file;
    let is_other = |file: &&FileDescriptorProto| {
        file.syntax.as_deref().is_some_and(|syntax| !matches!(syntax, "proto2" | "proto3"))
    };
    let Some(other) = files.iter().find(is_other) else { return Ok(()) };
    let (name, syntax) = (other.name(), other.syntax());
    let reason = format!("`{name}` has the syntax `{syntax}`: only proto2 and proto3 are compared");
    Err(unread(&set.name, (1, 1), reason))
}

/// Names by which files are imported, with those they were given under.
type Names = BTreeMap<String, String>;

fn compiled(files: &[&File]) -> Result<(DescriptorPool, Names), Unread> {
    let mut texts = Vec::new();
    let mut imported: BTreeSet<String> = BTreeSet::new();
    for file in files {
        let text = text(file)?;
        let parsed = Parsed::from_source(&file.name, text)
            .map_err(|error| refused(&error, &file.name, text))?;
        imported.extend(parsed.file_descriptor_proto().dependency.iter().cloned());
        texts.push((file, text));
    }
    let mut sources: BTreeMap<String, String> = BTreeMap::new();
    let mut names = Names::new();
    for (file, text) in texts {
        let name = imported_as(&file.name, &imported);
        if let Some(other) = names.insert(name.clone(), file.name.clone()) {
            let reason = format!("`{name}` is given twice, also as `{other}`");
            return Err(unread(&file.name, (1, 1), reason));
        }
        sources.insert(name, text.to_owned());
    }
    let sources = Arc::new(sources);
    let mut resolver = ChainFileResolver::new();
    // Given files come first: some repositories bring their own copies of those of Protobuf.
    resolver.add(Given(Arc::clone(&sources)));
    resolver.add(GoogleFileResolver::new());
    let mut compiler = Compiler::with_file_resolver(resolver);
    for name in sources.keys() {
        if let Err(error) = compiler.open_file(name) {
            let blamed = error.file().unwrap_or(name).to_owned();
            let text = sources.get(&blamed).map_or("", String::as_str);
            let shown = names.get(&blamed).unwrap_or(&blamed);
            return Err(refused(&error, shown, text));
        }
    }
    // Read back from its bytes, since a compiler's own pool does not heed `packed`.
    let whole = DescriptorPool::decode(compiler.descriptor_pool().encode_to_vec().as_slice());
    let first = names.values().next().map_or("", String::as_str);
    let pool = whole.map_err(|error| unread(first, (1, 1), told(&error)))?;
    Ok((pool, names))
}

/// The name that others import a file by: the longest end of its path that some file names.
fn imported_as(path: &str, imported: &BTreeSet<String>) -> String {
    let mut end = path;
    loop {
        if imported.contains(end) {
            return end.to_owned();
        }
        match end.split_once('/') {
            Some((_, rest)) => end = rest,
            None => return path.to_owned(),
        }
    }
}

fn text(file: &File) -> Result<&str, Unread> {
    let text = str::from_utf8(&file.bytes).map_err(|error| {
        let good = file.bytes.get(..error.valid_up_to()).unwrap_or_default();
        let good = str::from_utf8(good).unwrap_or_default();
        let reason = "the bytes here are not UTF-8".to_owned();
        unread(&file.name, place(good, good.len()), reason)
    })?;
    match too_deep(text) {
        Some(place) => {
            let reason = format!("nested deeper than {DEPTH_MAX} brackets");
            Err(unread(&file.name, place, reason))
        }
        None => Ok(text),
    }
}

struct Given(Arc<BTreeMap<String, String>>);

impl FileResolver for Given {
    fn open_file(&self, name: &str) -> Result<Parsed, protox::Error> {
        let text = self.0.get(name).ok_or_else(|| protox::Error::file_not_found(name))?;
        Parsed::from_source(name, text)
    }
}

fn refused(error: &protox::Error, file: &str, text: &str) -> Unread {
    let offset = error.labels().and_then(|mut labels| labels.next()).map_or(0, |it| it.offset());
    unread(file, place(text, offset), told(error))
}

/// A reason in lower case, on one line.
fn told(error: &dyn std::fmt::Display) -> String {
    /// Characters of a reason at most: the rest repeats the input.
    const CHARS_MAX: usize = 200;
    let text = error.to_string().replace('\'', "`");
    text.split_whitespace().collect::<Vec<_>>().join(" ").chars().take(CHARS_MAX).collect()
}

fn unread(file: &str, (line, column): (u32, u32), reason: String) -> Unread {
    Unread { file: file.to_owned(), line, column, reason }
}

fn check_size(pool: &DescriptorPool, file: &str) -> Result<(), Unread> {
    let names = pool.all_messages().len() + pool.all_enums().len() + pool.services().len();
    if names > NAMES_MAX {
        return Err(unread(file, (1, 1), format!("more than {NAMES_MAX} names")));
    }
    let fields = pool.all_messages().map(|it| it.fields().len()).max().unwrap_or(0);
    let values = pool.all_enums().map(|it| it.values().len()).max().unwrap_or(0);
    if fields.max(values) > MEMBERS_MAX {
        let reason = format!("more than {MEMBERS_MAX} fields or values of one name");
        return Err(unread(file, (1, 1), reason));
    }
    Ok(())
}
