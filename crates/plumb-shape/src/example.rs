//! Turns the example documents of claims into what they say, through the same fold that traffic
//! goes through, so that both sides of a comparison are measured with one instrument.

use crate::fold::Fold;
use crate::literal::LiteralKey;
use crate::place::{Part, Place, Side};
use crate::said::{Beneath, Expected, Presence, Said, media_type_essence};
use crate::scan::Malformed;
use crate::selection::{Asked, Selection, selections};
use crate::trait_set::TraitSet;
use std::sync::{Arc, LazyLock};

/// Says the body of one example: JSON, a form, something else, or nothing.
pub fn say_body(said: &mut Said, side: Side, media_type: Option<&str>, body: &[u8]) {
    let essence = media_type.map(media_type_essence).unwrap_or_default();
    let text = body.trim_ascii();
    if text.is_empty() {
        let nothing = Expected::always(TraitSet::NONE).with_presence(Presence::Never);
        said.say(Place::root(side, Part::Body), nothing);
    } else if essence == "application/x-www-form-urlencoded" {
        say_form(said, side, &String::from_utf8_lossy(body));
    } else if is_json_type(&essence) || (essence.is_empty() && matches!(text[0], b'{' | b'[')) {
        if say_json(said, side, body).is_err() {
            say_traits(said, side, TraitSet::MALFORMED);
        }
    } else {
        say_opaque(said, side);
    }
}

/// Says one JSON document: each of its places always, with its traits and words.
///
/// # Errors
///
/// Where the text stops being JSON; nothing is said then.
pub fn say_json(said: &mut Said, side: Side, json: &[u8]) -> Result<(), Malformed> {
    let mut fold = one_exchange();
    fold.json(side, json)?;
    say_folded(said, fold);
    Ok(())
}

/// Says that there is a body that is not JSON.
pub fn say_opaque(said: &mut Said, side: Side) {
    say_traits(said, side, TraitSet::OPAQUE);
}

/// Says a form body (`application/x-www-form-urlencoded`).
pub fn say_form(said: &mut Said, side: Side, form: &str) {
    let mut fold = one_exchange();
    for pair in form.split('&').filter(|pair| !pair.is_empty()) {
        let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
        fold.form_field(side, &decode_form(name), decode_form(value).as_bytes());
    }
    say_folded(said, fold);
}

/// Says query parameters, given decoded names and values.
pub fn say_query(said: &mut Said, pairs: &[(String, String)]) {
    if pairs.is_empty() {
        return;
    }
    let mut fold = one_exchange();
    for (name, value) in pairs {
        fold.text(Side::Request, Part::Query, name, value.as_bytes());
    }
    say_folded(said, fold);
    for (name, value) in pairs {
        let is_alone = pairs.iter().filter(|(other, _)| other == name).count() == 1;
        let place = Place::named(Side::Request, Part::Query, name);
        if let Some(expected) = said.places.get_mut(&place).filter(|said| said.words.is_none()) {
            expected.exact = is_alone.then(|| value.clone());
        }
    }
}

/// Says of the lists in a JSON body whether they hold what the query asks for, at places that are
/// said already. Values that are computed must not be among the pairs.
pub fn say_selection(said: &mut Said, pairs: &[(String, String)], body: &[u8]) {
    let mut asked = Asked::default();
    pairs.iter().for_each(|(name, value)| asked.note(name, value.as_bytes()));
    for Selection { steps, traits } in selections(&asked, body) {
        let place = Place { side: Side::Response, part: Part::Body, steps };
        if let Some(expected) = said.places.get_mut(&place) {
            expected.traits |= traits;
        }
    }
}

/// True when a media type without parameters holds JSON.
#[must_use]
pub fn is_json_type(essence: &str) -> bool {
    essence == "application/json" || essence == "text/json" || essence.ends_with("+json")
}

/// Decodes one name or value of a form: plus signs are blanks, `%XX` are bytes, and bytes that are
/// not UTF-8 become U+FFFD.
#[must_use]
pub fn decode_form(text: &str) -> String {
    let mut out = Vec::with_capacity(text.len());
    let mut rest = text.bytes();
    while let Some(byte) = rest.next() {
        match byte {
            b'+' => out.push(b' '),
            b'%' => {
                let mut ahead = rest.clone();
                let high = ahead.next().and_then(|digit| char::from(digit).to_digit(16));
                let low = ahead.next().and_then(|digit| char::from(digit).to_digit(16));
                match (high, low) {
                    (Some(high), Some(low)) => {
                        out.push(u8::try_from(high * 16 + low).unwrap_or_default());
                        rest = ahead;
                    }
                    _ => out.push(b'%'),
                }
            }
            other => out.push(other),
        }
    }
    String::from_utf8_lossy(&out).into_owned()
}

fn say_traits(said: &mut Said, side: Side, traits: TraitSet) {
    said.say(Place::root(side, Part::Body), Expected::always(traits));
}

fn one_exchange() -> Fold {
    // Nothing of this fold is sealed, so the key never hashes anything: one, made once, will do.
    static UNUSED: LazyLock<LiteralKey> = LazyLock::new(|| LiteralKey::new([0; 32]));
    let mut fold = Fold::new(UNUSED.clone(), Arc::new(|_| false));
    fold.begin(None);
    fold
}

fn say_folded(said: &mut Said, mut fold: Fold) {
    fold.commit();
    for (place, traits, words) in fold.into_last_facts() {
        let presence = if traits.intersects(TraitSet::PARTIAL) {
            Presence::Sometimes
        } else {
            Presence::Always
        };
        let expected = Expected {
            traits: traits.minus(TraitSet::PARTIAL),
            presence,
            words: words.map(|words| words.into_iter().collect()),
            exact: None,
            beneath: Beneath::Open,
        };
        said.say(place, expected);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn print(said: &Said) -> String {
        said.places
            .iter()
            .map(|(place, said)| {
                let words = said.words.as_ref().map(|words| format!(" {words:?}"));
                let words = words.unwrap_or_default();
                format!("{place}: {:?} {}{words}\n", said.presence, said.traits)
            })
            .collect()
    }

    #[test]
    fn an_example_says_its_places() {
        let mut said = Said::default();
        let json = br#"{"id":1,"items":[{"sku":"A-1"},{"sku":"B-2","gift":true}],"note":null}"#;
        say_json(&mut said, Side::Response, json).unwrap();
        assert_eq!(
            print(&said),
            "response $: Always record\n\
             response $.id: Always int32\n\
             response $.items: Always many elements\n\
             response $.items[]: Always record\n\
             response $.items[].gift: Sometimes true\n\
             response $.items[].sku: Always text {\"A-1\", \"B-2\"}\n\
             response $.note: Always null\n"
        );
    }

    #[test]
    fn bodies_are_said_by_what_they_are() {
        let check = |media_type, body: &str, expected: &str| {
            let mut said = Said::default();
            say_body(&mut said, Side::Request, media_type, body.as_bytes());
            assert_eq!(print(&said), expected);
        };
        check(None, " ", "request $: Never \n");
        check(Some("text/html; charset=utf-8"), "<p>", "request $: Always not JSON\n");
        check(Some("application/json"), "{bad", "request $: Always malformed\n");
        check(
            Some("application/x-www-form-urlencoded"),
            "a=1&b=x+y%20z",
            "request $: Always record\nrequest $.a: Always digits\n\
             request $.b: Always text {\"x y z\"}\n",
        );
    }
}
