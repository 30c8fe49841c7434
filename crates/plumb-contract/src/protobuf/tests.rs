//! Messages against a decoder that knows nothing of the code: all small messages of a writer are
//! encoded by `prost-reflect` and read back under the reader's descriptor.

use super::*;
use crate::change::{Change, Grade, Spot};
use crate::compared::Unread;
use proptest::prelude::*;
use prost_reflect::{
    DescriptorPool, DynamicMessage, FieldDescriptor, Kind, MapKey, ReflectMessage, Value,
};
use std::collections::BTreeMap;

fn file(name: &str, text: &str) -> File {
    File { name: name.to_owned(), bytes: text.as_bytes().to_vec() }
}

fn pool(text: &str) -> DescriptorPool {
    let parsed = protox::file::File::from_source("a.proto", text)
        .unwrap_or_else(|error| panic!("{error} in {text}"));
    let mut compiler = protox::Compiler::with_file_resolver(Only(parsed));
    compiler.open_file("a.proto").unwrap_or_else(|error| panic!("{error} in {text}"));
    DescriptorPool::decode(compiler.descriptor_pool().encode_to_vec().as_slice()).unwrap()
}

struct Only(protox::file::File);

impl protox::file::FileResolver for Only {
    fn open_file(&self, name: &str) -> Result<protox::file::File, protox::Error> {
        match name {
            "a.proto" => Ok(self.0.clone()),
            _ => Err(protox::Error::file_not_found(name)),
        }
    }
}

/// A field as its declaration is made up.
#[derive(Clone, Debug)]
struct Made {
    number: u32,
    name: usize,
    kind: usize,
    label: usize,
    is_chosen: bool,
}

const KINDS: [&str; 20] = [
    "int32",
    "int64",
    "uint32",
    "uint64",
    "sint32",
    "sint64",
    "bool",
    "fixed32",
    "fixed64",
    "sfixed32",
    "sfixed64",
    "float",
    "double",
    "string",
    "bytes",
    "Color",
    "Line",
    "Row",
    "Wide",
    "map<int32, string>",
];

/// What fields may hold besides scalars. `Line` and `Row` have one shape.
const BESIDES: &str = "enum Color { RED = 0; GREEN = 1; } message Line { int32 n = 1; } \
    message Row { int32 m = 1; } message Wide { int64 n = 1; }";

fn any_made() -> impl Strategy<Value = Made> {
    (1..4_u32, 0..3_usize, 0..KINDS.len(), 0..4_usize, prop::bool::weighted(0.3)).prop_map(
        |(number, name, kind, label, is_chosen)| Made { number, name, kind, label, is_chosen },
    )
}

/// The source of a message of these fields; of two of one number or name the first stays.
fn source(fields: &[Made]) -> String {
    let (mut plain, mut chosen) = (String::new(), String::new());
    let mut seen: Vec<&Made> = Vec::new();
    for made in fields {
        if seen.iter().any(|it| it.number == made.number || it.name == made.name) {
            continue;
        }
        seen.push(made);
        let (kind, name) = (KINDS[made.kind], ["a", "b", "c"][made.name]);
        let is_map = kind.starts_with("map");
        let label = ["", "optional", "repeated", "repeated"][made.label];
        let is_scalar = made.kind <= 15;
        let is_text = kind == "string" || kind == "bytes";
        let option = match made.label {
            3 if is_scalar && !is_text => " [packed = false]",
            _ => "",
        };
        if is_map {
            plain += &format!("{kind} {name} = {}; ", made.number);
        } else if made.is_chosen && made.label < 2 {
            chosen += &format!("{kind} {name} = {}; ", made.number);
        } else {
            plain += &format!("{label} {kind} {name} = {}{option}; ", made.number);
        }
    }
    if !chosen.is_empty() {
        plain += &format!("oneof x {{ {chosen} }}");
    }
    format!("syntax = \"proto3\"; message M {{ {plain} }} {BESIDES}")
}

/// What a field may hold, at all edges.
fn values(field: &FieldDescriptor) -> Vec<Value> {
    let single = |kind: Kind| -> Vec<Value> {
        match kind {
            Kind::Int32 | Kind::Sint32 | Kind::Sfixed32 => {
                [0, 1, 2, -1, i32::MAX, i32::MIN, 16_777_217].map(Value::I32).to_vec()
            }
            Kind::Int64 | Kind::Sint64 | Kind::Sfixed64 => {
                [0, 1, 2, -1, i64::MAX, i64::MIN].map(Value::I64).to_vec()
            }
            Kind::Uint32 | Kind::Fixed32 => [0, 1, 2, u32::MAX].map(Value::U32).to_vec(),
            Kind::Uint64 | Kind::Fixed64 => [0, 1, 2, u64::MAX].map(Value::U64).to_vec(),
            Kind::Bool => [false, true].map(Value::Bool).to_vec(),
            Kind::Float => [0.0, 1.0].map(Value::F32).to_vec(),
            Kind::Double => [0.0, 1.0].map(Value::F64).to_vec(),
            Kind::String => ["", "a", "\u{7f}"].map(|it| Value::String(it.into())).to_vec(),
            Kind::Bytes => [&[][..], &[0xff]].map(|it| Value::Bytes(it.to_vec().into())).to_vec(),
            Kind::Enum(_) => [0, 1].map(Value::EnumNumber).to_vec(),
            Kind::Message(message) => {
                let mut all = vec![DynamicMessage::new(message.clone())];
                for field in message.fields() {
                    for value in values_of_line(&field) {
                        let mut one = DynamicMessage::new(message.clone());
                        one.set_field(&field, value);
                        all.push(one);
                    }
                }
                all.into_iter().map(Value::Message).collect()
            }
        }
    };
    if field.is_map() {
        let entry = |key, text: &str| (MapKey::I32(key), Value::String(text.into()));
        return vec![
            Value::Map([entry(1, "v")].into()),
            Value::Map([entry(1, "v"), entry(2, "w")].into()),
        ];
    }
    let all = single(field.kind());
    if !field.is_list() {
        return all;
    }
    let two = Value::List(vec![all[all.len() - 1].clone(), all[1 % all.len()].clone()]);
    let twice = Value::List(vec![all[1 % all.len()].clone(), all[1 % all.len()].clone()]);
    all.into_iter().map(|one| Value::List(vec![one])).chain([two, twice]).collect()
}

fn values_of_line(field: &FieldDescriptor) -> Vec<Value> {
    match field.kind() {
        Kind::Int32 => [1, 300, -1].map(Value::I32).to_vec(),
        _ => [1, 300, i64::MIN].map(Value::I64).to_vec(),
    }
}

/// What a value means, whatever its type is called.
#[derive(Clone, Debug, PartialEq)]
enum Meaning {
    Plain(String),
    Many(Vec<Meaning>),
    /// The entries of a map, in no order.
    Entries(Vec<Meaning>),
    /// Fields by number, absent ones as their zero values.
    Whole(BTreeMap<u32, Meaning>),
}

fn meaning(value: &Value) -> Meaning {
    Meaning::Plain(match value {
        Value::Bool(truth) => i32::from(*truth).to_string(),
        Value::I32(number) | Value::EnumNumber(number) => number.to_string(),
        Value::I64(number) => number.to_string(),
        Value::U32(number) => number.to_string(),
        Value::U64(number) => number.to_string(),
        Value::F32(real) => format!("{real:?} single"),
        Value::F64(real) => format!("{real:?} double"),
        Value::String(text) => format!("{:?}", text.as_bytes()),
        Value::Bytes(bytes) => format!("{:?}", bytes.as_ref()),
        Value::List(all) => return Meaning::Many(all.iter().map(meaning).collect()),
        Value::Map(all) => {
            let mut all: Vec<_> = all.iter().collect();
            all.sort_by_key(|(key, _)| (*key).clone());
            let entry = |(key, value): (&MapKey, &Value)| {
                let key = meaning(&Value::from(key.clone()));
                Meaning::Whole([(1, key), (2, meaning(value))].into())
            };
            return Meaning::Entries(all.into_iter().map(entry).collect());
        }
        Value::Message(message) => {
            let shape = message.descriptor();
            let field = |it: FieldDescriptor| (it.number(), meaning(&message.get_field(&it)));
            return Meaning::Whole(shape.fields().map(field).collect());
        }
    })
}

/// Whether what is read says what was written, as far as the reader knows its fields.
fn says(read: &Meaning, written: &Meaning) -> bool {
    match (read, written) {
        (Meaning::Many(read), Meaning::Many(written)) => {
            read.len() == written.len() && read.iter().zip(written).all(|(it, was)| says(it, was))
        }
        (Meaning::Entries(read) | Meaning::Many(read), Meaning::Entries(written))
        | (Meaning::Entries(read), Meaning::Many(written)) => {
            read.len() == written.len()
                && written.iter().all(|was| read.iter().any(|it| says(it, was)))
        }
        (Meaning::Whole(read), Meaning::Whole(written)) => {
            written.iter().all(|(number, was)| read.get(number).is_none_or(|it| says(it, was)))
        }
        (read, written) => read == written,
    }
}

/// Whether the reader is given what the writer meant, field by field. A field that only one of the
/// two knows is passed over, unless it has only moved to another number.
fn is_kept(written: &DynamicMessage, read: &DynamicMessage) -> bool {
    let (writer, reader) = (written.descriptor(), read.descriptor());
    writer.fields().filter(|field| written.has_field(field)).all(|field| {
        let same_name = reader.get_field_by_name(field.name());
        let is_moved = same_name.is_some_and(|it| it.number() != field.number());
        let Some(other) = reader.get_field(field.number()) else { return !is_moved };
        let was = meaning(&written.get_field(&field));
        let is_many = |it: &FieldDescriptor| it.is_list() || it.is_map();
        let is_wrapped = is_many(&other) && !is_many(&field);
        let was = if is_wrapped { Meaning::Many(vec![was]) } else { was };
        !is_moved && says(&meaning(&read.get_field(&other)), &was)
    })
}

/// Whether some small message is refused or misread, by force.
fn is_misread(old: &str, new: &str) -> Option<DynamicMessage> {
    let (writer, reader) = (pool(old), pool(new));
    let (writer, reader) =
        (writer.get_message_by_name("M").unwrap(), reader.get_message_by_name("M").unwrap());
    let mut messages = vec![DynamicMessage::new(writer.clone())];
    for field in writer.fields() {
        let mut more = Vec::new();
        for message in &messages {
            let taken = field
                .containing_oneof()
                .is_some_and(|choice| choice.fields().any(|other| message.has_field(&other)));
            for value in values(&field) {
                if !taken && messages.len() + more.len() < 3_000 {
                    let mut message = message.clone();
                    message.set_field(&field, value);
                    more.push(message);
                }
            }
        }
        messages.extend(more);
    }
    messages.into_iter().find(|message| {
        let bytes = prost_reflect::prost::Message::encode_to_vec(message);
        match DynamicMessage::decode(reader.clone(), bytes.as_slice()) {
            Ok(read) => !is_kept(message, &read),
            Err(_) => true,
        }
    })
}

/// What is told of the wire, the worst first.
fn told(old: &str, new: &str) -> Vec<Change> {
    let compared =
        changes(&[file("a.proto", old)], &[file("a.proto", new)], Flow::OldWrites, Reading::Wire);
    assert_eq!(compared.unread, [], "{old}\n{new}");
    compared.changes
}

/// Decodes what a witness shows under both descriptors.
fn check_witness(old: &str, new: &str, change: &Change) {
    let witness = change.witness.as_deref().unwrap_or_else(|| panic!("{change:?}\n{old}\n{new}"));
    let hex = witness.rsplit_once("(hex ").unwrap().1.trim_end_matches(')');
    let bytes: Vec<u8> = (0..hex.len())
        .step_by(2)
        .map(|at| u8::from_str_radix(&hex[at..at + 2], 16).unwrap())
        .collect();
    let name = change.subject.strip_prefix("message ");
    let Some(name) = name else { return };
    let (writer, reader) = (pool(old), pool(new));
    let writer = writer.get_message_by_name(name).unwrap();
    let written = DynamicMessage::decode(writer, bytes.as_slice())
        .unwrap_or_else(|error| panic!("{error}: {change:?}\n{old}"));
    // A message within may be read as one of another name.
    let Some(reader) = reader.get_message_by_name(name) else { return };
    if let Ok(read) = DynamicMessage::decode(reader, bytes.as_slice()) {
        let is_within = !matches!(name, "M");
        assert!(is_within || !is_kept(&written, &read), "{change:?}\n{old}\n{new}");
    }
}

fn check_by_force(old: &str, new: &str) {
    let misread = is_misread(old, new).map(|message| meaning(&Value::Message(message)));
    let told = told(old, new);
    let is_broken = told.iter().any(|it| it.grade == Grade::Breaking);
    // The bytes of a message are no value of another type, and no other value either.
    let is_risky =
        told.iter().any(|it| it.grade == Grade::Risky && it.rule == "field-type-changed");
    if is_broken {
        assert!(misread.is_some(), "{told:#?}\n{old}\n{new}");
    } else {
        assert!(misread.is_none() || is_risky, "{misread:?} {told:#?}\n{old}\n{new}");
    }
    for change in told.iter().filter(|it| it.grade == Grade::Breaking) {
        check_witness(old, new, change);
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 1500, ..ProptestConfig::default() })]

    #[test]
    fn the_wire_agrees_with_a_decoder(
        old in prop::collection::vec(any_made(), 0..3),
        new in prop::collection::vec(any_made(), 0..3),
    ) {
        check_by_force(&source(&old), &source(&new));
    }

    #[test]
    fn one_edit_agrees_with_a_decoder(
        fields in prop::collection::vec(any_made(), 1..4),
        other in any_made(),
        at in 0..3_usize,
    ) {
        let mut edited = fields.clone();
        let position = at % edited.len();
        edited[position] = Made { number: edited[position].number, ..other };
        check_by_force(&source(&fields), &source(&edited));
    }

    #[test]
    fn a_version_changes_nothing_of_itself(fields in prop::collection::vec(any_made(), 0..4)) {
        let text = source(&fields);
        for reading in [Reading::Wire, Reading::Json, Reading::Code] {
            let same = changes(&[file("a.proto", &text)], &[file("a.proto", &text)], Flow::Both,
                reading);
            prop_assert_eq!(same, Compared::default());
        }
    }
}

#[test]
fn every_pair_of_kinds_agrees_with_a_decoder() {
    for old in KINDS {
        for new in KINDS {
            let text = |kind: &str| {
                format!(
                    "syntax = \"proto3\"; message M {{ {kind} a = 1; }} \
                {BESIDES}"
                )
            };
            check_by_force(&text(old), &text(new));
        }
    }
}

#[test]
fn a_change_knows_its_places_in_files_that_import_each_other() {
    let order = "syntax = \"proto3\";\nimport \"shop/line.proto\";\nmessage Order {\n  \
        Line line = 1;\n}\n";
    let line = |kind: &str| format!("syntax = \"proto3\";\nmessage Line {{\n  {kind} n = 1;\n}}\n");
    let files = |kind: &str| {
        [file("api/shop/order.proto", order), file("api/shop/line.proto", &line(kind))]
    };
    let compared = changes(&files("int64"), &files("int32"), Flow::OldWrites, Reading::Wire);
    let [change] = compared.changes.as_slice() else { panic!("{compared:?}") };
    let spot = Some(Spot { file: "api/shop/line.proto".into(), line: 3, column: 3 });
    assert_eq!((&change.old, &change.new), (&spot, &spot));
    assert_eq!(change.subject, "message Line");
    assert_eq!(
        change.witness.as_deref(),
        Some("n: -9223372036854775808 (hex 0880808080808080808001)")
    );
}

#[test]
fn a_set_of_descriptors_is_read_as_its_sources_are() {
    let text = |kind: &str| format!("syntax = \"proto3\"; message M {{ {kind} a = 1; }}");
    let set =
        |kind: &str| [File { name: "a.binpb".into(), bytes: pool(&text(kind)).encode_to_vec() }];
    let compared = changes(&set("int64"), &set("int32"), Flow::OldWrites, Reading::Wire);
    assert_eq!(compared.changes.len(), 1, "{compared:?}");
    assert_eq!(compared.changes[0].rule, "field-type-changed");
}

#[test]
fn what_cannot_be_read_is_told_with_its_place() {
    let check = |name: &str, bytes: &[u8], (line, column): (u32, u32), reason: &str| {
        let files = [File { name: name.into(), bytes: bytes.to_vec() }];
        let compared = changes(&files, &[], Flow::Both, Reading::Wire);
        let [unread] = compared.unread.as_slice() else { panic!("{compared:?}") };
        let Unread { reason: told, .. } = unread;
        assert_eq!((unread.line, unread.column), (line, column), "{told}");
        assert!(told.contains(reason), "{told}");
    };
    check("a.proto", b"syntax = \"proto3\";\nmessage {", (2, 9), "expected");
    check("a.proto", b"syntax = \"proto3\";\nmessage M { N n = 1; }", (2, 13), "`N`");
    check("a.proto", b"syntax = \"proto3\";\nimport \"b.proto\";", (2, 1), "b.proto");
    check("a.proto", b"edition = \"2023\";", (1, 1), "");
    check("a.proto", b"\xff", (1, 1), "not UTF-8");
    check("a.proto", "message M { ".repeat(70).as_bytes(), (1, 779), "nested deeper");
    check("a.binpb", b"\x0a\xff", (1, 1), "");
    let editions = b"\x0a\x13\x0a\x07a.proto\x62\x08editions";
    check("a.binpb", editions, (1, 1), "`a.proto` has the syntax `editions`");
    let twice = [file("x/a.proto", "import \"a.proto\";"), file("y/a.proto", "")];
    assert_eq!(changes(&twice, &[], Flow::Both, Reading::Wire).unread.len(), 1);
}
