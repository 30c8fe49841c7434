//! What a validator says against a document, told of the schema as it was written.
//!
//! The validator is one of others, so that no break is shown on the word of the search alone.

use crate::bundle::{Bundle, bundle, dialect};
use crate::format;
use crate::library::{Draft, Library, Spot};
use jsonschema::error::ValidationErrorKind as Kind;
use jsonschema::{ValidationError, Validator};
use serde_json::Value;

/// A schema that one document is held against.
pub(crate) struct Judge<'l> {
    library: &'l Library,
    bundle: Bundle,
    validator: Validator,
}

/// One thing that a schema has against a document.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Blame {
    /// Where in the document, as a JSON pointer.
    pub(crate) place: String,
    /// The keyword that refuses it.
    pub(crate) keyword: String,
    /// Where the keyword stands.
    pub(crate) spot: Spot,
    /// The member that is missing or too many, where it is about one.
    pub(crate) member: Option<String>,
}

impl<'l> Judge<'l> {
    /// A validator of a schema for these documents; `None` when it cannot be built.
    pub(crate) fn new(library: &'l Library, spot: &Spot, documents: &[&Value]) -> Option<Self> {
        let bundle = bundle(library, spot, documents)?;
        let draft = dialect(library.draft(&spot.document).unwrap_or(Draft::Twenty));
        let mut options =
            jsonschema::options().with_draft(draft).should_validate_formats(true).offline();
        for format in &format::FORMATS {
            if options.is_known_format(draft, format.name) {
                continue;
            }
            // Older drafts leave newer formats alone; readers that see them do not.
            let validator = format::validator(format.name)?;
            let has = move |text: &str| validator.is_valid(&Value::String(text.to_owned()));
            options = options.with_format(format.name, has);
        }
        let validator = options.build(&bundle.schema).ok()?;
        Some(Self { library, bundle, validator })
    }

    /// Whether the schema admits the document.
    pub(crate) fn admits(&self, document: &Value) -> bool {
        self.validator.is_valid(document)
    }

    /// All that the schema has against the document, in the order of the validator.
    pub(crate) fn against(&self, document: &Value) -> Vec<Blame> {
        let errors = self.validator.iter_errors(document);
        errors.flat_map(|error| self.blames(&error)).collect()
    }

    fn blames(&self, error: &ValidationError<'_>) -> Vec<Blame> {
        if let Kind::AnyOf { context } | Kind::OneOfNotValid { context } = error.kind()
            && let Some(meant) = meant(error, context)
        {
            return meant.iter().flat_map(|inner| self.blames(inner)).collect();
        }
        let Some(spot) = self.bundle.origin(self.library, error.schema_path().as_str()) else {
            return Vec::new();
        };
        let is_format = spot.pointer.ends_with("/format");
        let keyword = if is_format { "format" } else { error.kind().keyword() }.to_owned();
        let place = error.instance_path().as_str().to_owned();
        let blame = |member| Blame {
            place: place.clone(),
            keyword: keyword.clone(),
            spot: spot.clone(),
            member,
        };
        match error.kind() {
            Kind::Required { property } => vec![blame(property.as_str().map(ToOwned::to_owned))],
            Kind::AdditionalProperties { unexpected }
            | Kind::UnevaluatedProperties { unexpected } => {
                unexpected.iter().map(|name| blame(Some(name.clone()))).collect()
            }
            _ => vec![blame(None)],
        }
    }
}

/// The alternative that a document was meant for: one that it fits but for something inside, and of
/// several the one with least against it.
fn meant<'e>(
    error: &ValidationError<'_>,
    alternatives: &'e [Vec<ValidationError<'static>>],
) -> Option<&'e Vec<ValidationError<'static>>> {
    let here = error.instance_path().as_str();
    let is_inside = |inner: &ValidationError<'_>| {
        let is_deeper = inner.instance_path().as_str().len() > here.len();
        let is_tag = matches!(inner.kind(), Kind::Constant { .. } | Kind::Enum { .. });
        let is_member = matches!(
            inner.kind(),
            Kind::Required { .. } | Kind::AdditionalProperties { .. } | Kind::AnyOf { .. }
        );
        is_deeper && !is_tag || is_member
    };
    let fitting = alternatives.iter().filter(|errors| errors.iter().all(is_inside));
    fitting.min_by_key(|errors| errors.len())
}
