//! The fields of a HAR entry that matter, borrowed from its text. Lenient: a leaf of the wrong kind
//! is kept as such (an object or list of the wrong kind is an error), unknown keys are passed over,
//! of repeated keys the last counts and the repetition is told. It refuses to know what the fields
//! mean together.

use std::borrow::Cow;
use std::fmt;
use std::marker::PhantomData;

use serde::de::{
    Deserialize, DeserializeSeed, Deserializer, IgnoredAny, MapAccess, SeqAccess, Visitor,
};
use serde_json::value::RawValue;

use crate::exchange::Pair;

/// Headers, form fields and query pairs kept per list: real messages have tens, servers refuse
/// hundreds, and two bytes of input must not cost 48 of memory for ever.
pub(crate) const PAIRS_MAX: usize = 1_024;

/// A leaf.
#[derive(Debug, Default, PartialEq)]
pub(crate) enum Leaf<'a> {
    /// Not there, or null.
    #[default]
    Missing,
    Text(Cow<'a, str>),
    Number(f64),
    /// Some other kind.
    Odd,
}

impl<'a> Leaf<'a> {
    /// The text, unless it is empty or something else.
    pub(crate) fn text(self) -> Option<Cow<'a, str>> {
        match self {
            Self::Text(text) if !text.is_empty() => Some(text),
            _ => None,
        }
    }

    /// The number, also one written as text.
    pub(crate) fn number(&self) -> Option<f64> {
        match self {
            Self::Number(number) => Some(*number),
            Self::Text(text) => text.trim().parse().ok(),
            Self::Missing | Self::Odd => None,
        }
    }
}

/// One entry.
#[derive(Debug, Default)]
pub(crate) struct Entry<'a> {
    pub(crate) started: Leaf<'a>,
    pub(crate) time: Leaf<'a>,
    pub(crate) request: Option<Request<'a>>,
    pub(crate) response: Option<Response<'a>>,
    pub(crate) resource_type: Leaf<'a>,
    pub(crate) from_cache: Leaf<'a>,
    pub(crate) has_web_socket_messages: bool,
    pub(crate) repeated: bool,
}

#[derive(Debug, Default)]
pub(crate) struct Request<'a> {
    pub(crate) method: Leaf<'a>,
    pub(crate) url: Leaf<'a>,
    pub(crate) headers: Pairs<'a>,
    pub(crate) query_string: Option<&'a RawValue>,
    pub(crate) post_data: Option<PostData<'a>>,
    pub(crate) body_size: Leaf<'a>,
    repeated: bool,
}

#[derive(Debug, Default)]
pub(crate) struct Response<'a> {
    pub(crate) status: Leaf<'a>,
    pub(crate) headers: Pairs<'a>,
    pub(crate) content: Option<Content<'a>>,
    pub(crate) body_size: Leaf<'a>,
    pub(crate) error: Leaf<'a>,
    repeated: bool,
}

#[derive(Debug, Default)]
pub(crate) struct PostData<'a> {
    pub(crate) mime_type: Leaf<'a>,
    pub(crate) text: Leaf<'a>,
    pub(crate) params: Pairs<'a>,
    pub(crate) encoding: Leaf<'a>,
    repeated: bool,
}

#[derive(Debug, Default)]
pub(crate) struct Content<'a> {
    pub(crate) size: Leaf<'a>,
    pub(crate) mime_type: Leaf<'a>,
    pub(crate) text: Leaf<'a>,
    pub(crate) encoding: Leaf<'a>,
    repeated: bool,
}

/// A list of objects with `name` and `value`.
#[derive(Debug, Default, PartialEq)]
pub(crate) struct Pairs<'a> {
    pub(crate) pairs: Vec<Pair<'a>>,
    /// Some elements had no name, or were beyond [`PAIRS_MAX`].
    pub(crate) lost: bool,
}

/// Reads one entry.
///
/// # Errors
/// What is wrong with the text as JSON.
pub(crate) fn entry(text: &str) -> Result<Entry<'_>, serde_json::Error> {
    serde_json::from_str(text)
}

/// Reads the entry that the bytes begin with, and how many bytes it takes; none if they do not
/// begin with a whole entry in UTF-8.
pub(crate) fn leading(bytes: &[u8]) -> Option<(Entry<'_>, usize)> {
    // One check for all is much faster than one for each string. The end may cut a character.
    let text = std::str::from_utf8(bytes)
        .or_else(|error| std::str::from_utf8(&bytes[..error.valid_up_to()]))
        .ok()?;
    let mut stream = serde_json::Deserializer::from_str(text).into_iter();
    let entry = stream.next()?.ok()?;
    Some((entry, stream.byte_offset()))
}

/// Reads a list of pairs.
///
/// # Errors
/// What is wrong with the text as JSON.
pub(crate) fn pairs(text: &str) -> Result<Pairs<'_>, serde_json::Error> {
    PairList.deserialize(&mut serde_json::Deserializer::from_str(text))
}

impl<'a, 'de: 'a> Deserialize<'de> for Entry<'a> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Ok(Object::<Entry<'de>>(PhantomData).deserialize(deserializer)?.unwrap_or_default())
    }
}

/// An object that takes what it knows, key by key.
trait Fields<'de>: Default {
    /// Takes the value of a key. True if the key was there before, here or below.
    fn field<M: MapAccess<'de>>(&mut self, key: &str, map: &mut M) -> Result<bool, M::Error>;
}

impl<'de> Fields<'de> for Entry<'de> {
    fn field<M: MapAccess<'de>>(&mut self, key: &str, map: &mut M) -> Result<bool, M::Error> {
        let repeated = match key {
            "startedDateTime" => leaf(&mut self.started, map),
            "time" => leaf(&mut self.time, map),
            "request" => object(&mut self.request, map),
            "response" => object(&mut self.response, map),
            "_resourceType" => leaf(&mut self.resource_type, map),
            "_fromCache" => leaf(&mut self.from_cache, map),
            "_webSocketMessages" => {
                self.has_web_socket_messages = true;
                ignored(map)
            }
            _ => ignored(map),
        }?;
        let below = self.request.as_ref().is_some_and(|request| request.repeated)
            || self.response.as_ref().is_some_and(|response| response.repeated);
        self.repeated |= repeated || below;
        Ok(self.repeated)
    }
}

impl<'de> Fields<'de> for Request<'de> {
    fn field<M: MapAccess<'de>>(&mut self, key: &str, map: &mut M) -> Result<bool, M::Error> {
        let repeated = match key {
            "method" => leaf(&mut self.method, map),
            "url" => leaf(&mut self.url, map),
            "headers" => list(&mut self.headers, map),
            "queryString" => Ok(self.query_string.replace(map.next_value()?).is_some()),
            "postData" => object(&mut self.post_data, map),
            "bodySize" => leaf(&mut self.body_size, map),
            _ => ignored(map),
        }?;
        let below = self.post_data.as_ref().is_some_and(|data| data.repeated);
        self.repeated |= repeated || below;
        Ok(self.repeated)
    }
}

impl<'de> Fields<'de> for Response<'de> {
    fn field<M: MapAccess<'de>>(&mut self, key: &str, map: &mut M) -> Result<bool, M::Error> {
        let repeated = match key {
            "status" => leaf(&mut self.status, map),
            "headers" => list(&mut self.headers, map),
            "content" => object(&mut self.content, map),
            "bodySize" => leaf(&mut self.body_size, map),
            "_error" => leaf(&mut self.error, map),
            _ => ignored(map),
        }?;
        let below = self.content.as_ref().is_some_and(|content| content.repeated);
        self.repeated |= repeated || below;
        Ok(self.repeated)
    }
}

impl<'de> Fields<'de> for PostData<'de> {
    fn field<M: MapAccess<'de>>(&mut self, key: &str, map: &mut M) -> Result<bool, M::Error> {
        let repeated = match key {
            "mimeType" => leaf(&mut self.mime_type, map),
            "text" => leaf(&mut self.text, map),
            "params" => list(&mut self.params, map),
            "encoding" => leaf(&mut self.encoding, map),
            _ => ignored(map),
        }?;
        self.repeated |= repeated;
        Ok(self.repeated)
    }
}

impl<'de> Fields<'de> for Content<'de> {
    fn field<M: MapAccess<'de>>(&mut self, key: &str, map: &mut M) -> Result<bool, M::Error> {
        let repeated = match key {
            "size" => leaf(&mut self.size, map),
            "mimeType" => leaf(&mut self.mime_type, map),
            "text" => leaf(&mut self.text, map),
            "encoding" => leaf(&mut self.encoding, map),
            _ => ignored(map),
        }?;
        self.repeated |= repeated;
        Ok(self.repeated)
    }
}

fn leaf<'de, M: MapAccess<'de>>(slot: &mut Leaf<'de>, map: &mut M) -> Result<bool, M::Error> {
    let before = std::mem::replace(slot, map.next_value_seed(LeafSeed)?);
    Ok(before != Leaf::Missing)
}

fn object<'de, T, M>(slot: &mut Option<T>, map: &mut M) -> Result<bool, M::Error>
where
    T: Fields<'de>,
    M: MapAccess<'de>,
{
    let before = std::mem::replace(slot, map.next_value_seed(Object(PhantomData))?);
    Ok(before.is_some())
}

fn list<'de, M: MapAccess<'de>>(slot: &mut Pairs<'de>, map: &mut M) -> Result<bool, M::Error> {
    let before = std::mem::replace(slot, map.next_value_seed(PairList)?);
    Ok(!before.pairs.is_empty())
}

fn ignored<'de, M: MapAccess<'de>>(map: &mut M) -> Result<bool, M::Error> {
    map.next_value::<IgnoredAny>().map(|_| false)
}

struct Object<T>(PhantomData<T>);

impl<'de, T: Fields<'de>> DeserializeSeed<'de> for Object<T> {
    type Value = Option<T>;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Option<T>, D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'de, T: Fields<'de>> Visitor<'de> for Object<T> {
    type Value = Option<T>;

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("an object")
    }

    fn visit_map<M: MapAccess<'de>>(self, mut map: M) -> Result<Option<T>, M::Error> {
        let mut fields = T::default();
        while let Some(key) = map.next_key_seed(LeafSeed)? {
            let Leaf::Text(key) = key else { continue };
            fields.field(&key, &mut map)?;
        }
        Ok(Some(fields))
    }

    fn visit_unit<E>(self) -> Result<Option<T>, E> {
        Ok(None)
    }
}

/// A list element: `name` and `value`.
#[derive(Default)]
struct Named<'a> {
    name: Leaf<'a>,
    value: Leaf<'a>,
}

impl<'de> Fields<'de> for Named<'de> {
    fn field<M: MapAccess<'de>>(&mut self, key: &str, map: &mut M) -> Result<bool, M::Error> {
        match key {
            "name" => leaf(&mut self.name, map),
            "value" => leaf(&mut self.value, map),
            _ => ignored(map),
        }
    }
}

struct PairList;

impl<'de> DeserializeSeed<'de> for PairList {
    type Value = Pairs<'de>;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Pairs<'de>, D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for PairList {
    type Value = Pairs<'de>;

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("a list of names and values")
    }

    fn visit_seq<S: SeqAccess<'de>>(self, mut seq: S) -> Result<Pairs<'de>, S::Error> {
        let mut list = Pairs::default();
        while let Some(element) = seq.next_element_seed(Object::<Named<'de>>(PhantomData))? {
            if list.pairs.is_empty() {
                list.pairs.reserve(PAIRS_EXPECTED);
            }
            let Named { name, value } = element.unwrap_or_default();
            match (name, value) {
                (Leaf::Text(_), _) if list.pairs.len() == PAIRS_MAX => list.lost = true,
                (Leaf::Text(name), Leaf::Text(value)) => list.pairs.push((name, value)),
                (Leaf::Text(name), Leaf::Missing) => list.pairs.push((name, Cow::Borrowed(""))),
                (Leaf::Text(name), Leaf::Number(value)) => {
                    list.pairs.push((name, Cow::Owned(value.to_string())));
                }
                _ => list.lost = true,
            }
        }
        Ok(list)
    }

    fn visit_unit<E>(self) -> Result<Pairs<'de>, E> {
        Ok(Pairs::default())
    }
}

/// Room made for a list at once: most messages have fewer headers.
const PAIRS_EXPECTED: usize = 16;

struct LeafSeed;

impl<'de> DeserializeSeed<'de> for LeafSeed {
    type Value = Leaf<'de>;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Leaf<'de>, D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for LeafSeed {
    type Value = Leaf<'de>;

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("a value")
    }

    fn visit_borrowed_str<E>(self, text: &'de str) -> Result<Leaf<'de>, E> {
        Ok(Leaf::Text(Cow::Borrowed(text)))
    }

    fn visit_str<E>(self, text: &str) -> Result<Leaf<'de>, E> {
        Ok(Leaf::Text(Cow::Owned(text.to_owned())))
    }

    fn visit_f64<E>(self, number: f64) -> Result<Leaf<'de>, E> {
        Ok(Leaf::Number(number))
    }

    fn visit_u64<E>(self, number: u64) -> Result<Leaf<'de>, E> {
        Ok(Leaf::Number(number as f64))
    }

    fn visit_i64<E>(self, number: i64) -> Result<Leaf<'de>, E> {
        Ok(Leaf::Number(number as f64))
    }

    fn visit_unit<E>(self) -> Result<Leaf<'de>, E> {
        Ok(Leaf::Missing)
    }

    fn visit_bool<E>(self, _: bool) -> Result<Leaf<'de>, E> {
        Ok(Leaf::Odd)
    }

    fn visit_seq<S: SeqAccess<'de>>(self, mut seq: S) -> Result<Leaf<'de>, S::Error> {
        while seq.next_element::<IgnoredAny>()?.is_some() {}
        Ok(Leaf::Odd)
    }

    fn visit_map<M: MapAccess<'de>>(self, mut map: M) -> Result<Leaf<'de>, M::Error> {
        while map.next_entry::<IgnoredAny, IgnoredAny>()?.is_some() {}
        Ok(Leaf::Odd)
    }
}
