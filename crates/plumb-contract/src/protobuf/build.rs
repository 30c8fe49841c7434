//! A pool of descriptors into a model, with the places that compilers note. Refuses to know how
//! descriptors came about.

use std::collections::BTreeMap;

use prost_reflect::prost_types::{FileDescriptorProto, FileOptions};
use prost_reflect::{
    Cardinality, DescriptorPool, EnumDescriptor, ExtensionDescriptor, FieldDescriptor,
    FileDescriptor, Kind as Described, MessageDescriptor, MethodDescriptor, ServiceDescriptor,
    Syntax,
};

use crate::change::Spot;
use crate::protobuf::model::{
    Enum, Field, Index, Kind, Label, Message, Method, Model, Service, Source, Value,
};
use crate::protobuf::scalar::Scalar;

/// Adds everything of a pool. `given` has the files that count, with the names they were given
/// under.
pub fn build(model: &mut Model, pool: &DescriptorPool, given: &BTreeMap<String, String>) {
    let building = Building {
        given,
        messages: indices(
            pool.all_messages().map(|it| it.full_name().to_owned()),
            model.messages.len(),
        ),
        enums: indices(pool.all_enums().map(|it| it.full_name().to_owned()), model.enums.len()),
        spots: pool.files().map(|file| (file.name().to_owned(), spots(&file))).collect(),
    };
    for described in pool.all_messages() {
        model.messages.push(building.message(&described));
    }
    for described in pool.all_extensions() {
        let containing = described.containing_message();
        let index = building.messages.get(containing.full_name());
        if let Some(message) = index.and_then(|index| model.messages.get_mut(*index)) {
            message.fields.push(building.extension(&described));
            message.fields.sort_by_key(|field| field.number);
        }
    }
    for described in pool.all_enums() {
        model.enums.push(building.enumeration(&described));
    }
    for described in pool.services() {
        if given.contains_key(described.parent_file().name()) {
            model.services.push(building.service(&described));
        }
    }
    for file in pool.files() {
        if given.contains_key(file.name()) {
            model.files.push(building.source(&file));
        }
    }
}

fn indices(names: impl Iterator<Item = String>, offset: usize) -> BTreeMap<String, Index> {
    names.enumerate().map(|(at, name)| (name, at + offset)).collect()
}

/// Places by the path of what stands there.
type Spots = BTreeMap<Vec<i32>, (u32, u32)>;

fn spots(file: &FileDescriptor) -> Spots {
    let info = file.file_descriptor_proto().source_code_info.as_ref();
    let locations = info.map(|info| info.location.as_slice()).unwrap_or_default();
    let place = |number: &i32| u32::try_from(*number).unwrap_or(0).saturating_add(1);
    let spot = |it: &prost_reflect::prost_types::source_code_info::Location| {
        let [line, column, ..] = it.span.as_slice() else { return None };
        Some((it.path.clone(), (place(line), place(column))))
    };
    locations.iter().filter_map(spot).collect()
}

struct Building<'a> {
    given: &'a BTreeMap<String, String>,
    messages: BTreeMap<String, Index>,
    enums: BTreeMap<String, Index>,
    spots: BTreeMap<String, Spots>,
}

impl Building<'_> {
    /// Where something stands, or what holds it: entries of maps stand nowhere themselves.
    fn spot(&self, file: &FileDescriptor, path: &[i32]) -> Option<Spot> {
        let spots = self.spots.get(file.name())?;
        let (line, column) = (1..=path.len()).rev().find_map(|to| spots.get(path.get(..to)?))?;
        Some(Spot { file: self.given.get(file.name())?.clone(), line: *line, column: *column })
    }

    fn message(&self, described: &MessageDescriptor) -> Message {
        let file = described.parent_file();
        let mut fields: Vec<Field> = described.fields().map(|it| self.field(&it)).collect();
        fields.sort_by_key(|field| field.number);
        Message {
            name: described.full_name().to_owned(),
            fields,
            reserved_numbers: described.reserved_ranges().collect(),
            reserved_names: described.reserved_names().map(str::to_owned).collect(),
            is_entry: described.is_map_entry(),
            is_given: self.given.contains_key(file.name()),
            spot: self.spot(&file, described.path()),
        }
    }

    fn field(&self, described: &FieldDescriptor) -> Field {
        let choice = described.containing_oneof().filter(|choice| !choice.is_synthetic());
        let label = match described.cardinality() {
            Cardinality::Required => Label::Required,
            Cardinality::Repeated if described.is_packed() => Label::Packed,
            Cardinality::Repeated => Label::Repeated,
            Cardinality::Optional if described.supports_presence() => Label::Explicit,
            Cardinality::Optional => Label::Implicit,
        };
        Field {
            number: described.number(),
            name: described.name().to_owned(),
            json_name: described.json_name().to_owned(),
            kind: self.kind(&described.kind(), described.is_group()),
            label,
            choice: choice.map(|choice| choice.name().to_owned()),
            default: described.field_descriptor_proto().default_value.clone(),
            spot: self.spot(&described.parent_file(), described.path()),
        }
    }

    fn extension(&self, described: &ExtensionDescriptor) -> Field {
        let label = match described.cardinality() {
            Cardinality::Required => Label::Required,
            Cardinality::Repeated if described.is_packed() => Label::Packed,
            Cardinality::Repeated => Label::Repeated,
            Cardinality::Optional => Label::Explicit,
        };
        Field {
            number: described.number(),
            name: format!("[{}]", described.full_name()),
            json_name: format!("[{}]", described.full_name()),
            kind: self.kind(&described.kind(), described.is_group()),
            label,
            choice: None,
            default: described.field_descriptor_proto().default_value.clone(),
            spot: self.spot(&described.parent_file(), described.path()),
        }
    }

    fn kind(&self, described: &Described, is_group: bool) -> Kind {
        Kind::Scalar(match described {
            Described::Double => Scalar::Double,
            Described::Float => Scalar::Float,
            Described::Int32 => Scalar::Int32,
            Described::Int64 => Scalar::Int64,
            Described::Uint32 => Scalar::Uint32,
            Described::Uint64 => Scalar::Uint64,
            Described::Sint32 => Scalar::Sint32,
            Described::Sint64 => Scalar::Sint64,
            Described::Fixed32 => Scalar::Fixed32,
            Described::Fixed64 => Scalar::Fixed64,
            Described::Sfixed32 => Scalar::Sfixed32,
            Described::Sfixed64 => Scalar::Sfixed64,
            Described::Bool => Scalar::Bool,
            Described::String => Scalar::String,
            Described::Bytes => Scalar::Bytes,
            Described::Message(message) => {
                let index = self.message_index(message);
                return if is_group { Kind::Group(index) } else { Kind::Message(index) };
            }
            Described::Enum(named) => {
                // INVARIANT: a pool holds every enum that its fields name.
                return Kind::Enum(self.enums.get(named.full_name()).copied().unwrap_or_default());
            }
        })
    }

    // INVARIANT: a pool holds every message that its fields and methods name.
    fn message_index(&self, message: &MessageDescriptor) -> Index {
        self.messages.get(message.full_name()).copied().unwrap_or_default()
    }

    fn enumeration(&self, described: &EnumDescriptor) -> Enum {
        let file = described.parent_file();
        let value = |it: prost_reflect::EnumValueDescriptor| Value {
            name: it.name().to_owned(),
            number: it.number(),
            spot: self.spot(&file, it.path()),
        };
        // The pool sorts by number; which value stands first in the source matters to defaults.
        let order = &described.enum_descriptor_proto().value;
        let mut values: Vec<Value> = described.values().map(value).collect();
        values.sort_by_key(|value| order.iter().position(|it| it.name() == value.name));
        Enum {
            name: described.full_name().to_owned(),
            values,
            is_closed: file.syntax() == Syntax::Proto2,
            reserved_numbers: described
                .reserved_ranges()
                .map(|range| (*range.start(), *range.end()))
                .collect(),
            reserved_names: described.reserved_names().map(str::to_owned).collect(),
            is_given: self.given.contains_key(file.name()),
            spot: self.spot(&file, described.path()),
        }
    }

    fn service(&self, described: &ServiceDescriptor) -> Service {
        let file = described.parent_file();
        let method = |it: MethodDescriptor| Method {
            name: it.name().to_owned(),
            input: self.message_index(&it.input()),
            output: self.message_index(&it.output()),
            streams_input: it.is_client_streaming(),
            streams_output: it.is_server_streaming(),
            spot: self.spot(&file, it.path()),
        };
        Service {
            name: described.full_name().to_owned(),
            methods: described.methods().map(method).collect(),
            spot: self.spot(&file, described.path()),
        }
    }

    fn source(&self, file: &FileDescriptor) -> Source {
        let described = file.file_descriptor_proto();
        let messages = file.messages().map(|it| it.full_name().to_owned());
        let enums = file.enums().map(|it| it.full_name().to_owned());
        let services = file.services().map(|it| it.full_name().to_owned());
        let shown = self.given.get(file.name());
        Source {
            name: file.name().to_owned(),
            package: file.package_name().to_owned(),
            is_proto2: file.syntax() == Syntax::Proto2,
            options: options(described),
            defined: messages.chain(enums).chain(services).collect(),
            spot: shown.map(|file| Spot { file: file.clone(), line: 1, column: 1 }),
        }
    }
}

/// Options that move generated code or change what it offers.
fn options(file: &FileDescriptorProto) -> Vec<(&'static str, String)> {
    let Some(options) = &file.options else { return Vec::new() };
    let FileOptions {
        java_package,
        java_outer_classname,
        go_package,
        objc_class_prefix,
        csharp_namespace,
        swift_prefix,
        php_class_prefix,
        php_namespace,
        php_metadata_namespace,
        ruby_package,
        ..
    } = options;
    let texts = [
        ("java_package", java_package),
        ("java_outer_classname", java_outer_classname),
        ("go_package", go_package),
        ("objc_class_prefix", objc_class_prefix),
        ("csharp_namespace", csharp_namespace),
        ("swift_prefix", swift_prefix),
        ("php_class_prefix", php_class_prefix),
        ("php_namespace", php_namespace),
        ("php_metadata_namespace", php_metadata_namespace),
        ("ruby_package", ruby_package),
    ];
    let switches = [
        ("java_multiple_files", options.java_multiple_files),
        ("java_string_check_utf8", options.java_string_check_utf8),
        ("cc_generic_services", options.cc_generic_services),
        ("java_generic_services", options.java_generic_services),
        ("py_generic_services", options.py_generic_services),
        ("cc_enable_arenas", options.cc_enable_arenas),
    ];
    let texts = texts.into_iter().filter_map(|(name, it)| Some((name, it.clone()?)));
    let switches = switches.into_iter().filter_map(|(name, it)| Some((name, it?.to_string())));
    let size = options.optimize_for.map(|it| ("optimize_for", it.to_string()));
    texts.chain(switches).chain(size).collect()
}
