//! Made-up JSON documents for measuring, the same bytes on every machine.
//!
//! Each corpus stands for one kind of traffic that a fold meets. Refuses to know what is measured.

use std::fmt::Write as _;

/// Documents of one kind.
#[derive(Debug)]
pub(crate) struct Corpus {
    pub(crate) name: &'static str,
    pub(crate) documents: Vec<String>,
}

impl Corpus {
    /// The size of all documents.
    pub(crate) fn bytes(&self) -> usize {
        self.documents.iter().map(String::len).sum()
    }
}

/// Bytes of each corpus: several times a second-level cache, and still quick to go through.
pub(crate) const CORPUS_BYTES: usize = 4 << 20;

/// Every corpus, in the order in which they are reported.
pub(crate) fn corpora() -> Vec<Corpus> {
    vec![
        corpus("orders", |dice| order(dice, Keys::InOrder)),
        corpus("mixed", mixed),
        corpus("deep_text", deep_text),
        corpus("dynamic_keys", dynamic_keys),
        corpus("shuffled_keys", |dice| order(dice, Keys::Shuffled)),
    ]
}

fn corpus(name: &'static str, make: fn(&mut Dice) -> String) -> Corpus {
    let mut dice = Dice(0x5EED);
    let mut documents = Vec::new();
    let mut bytes = 0;
    while bytes < CORPUS_BYTES {
        let document = make(&mut dice);
        bytes += document.len();
        documents.push(document);
    }
    Corpus { name, documents }
}

/// The order of an object's keys.
#[derive(Clone, Copy)]
enum Keys {
    InOrder,
    Shuffled,
}

/// A small record: ids, enumerations, dates, amounts, an address, a list of items.
fn order(dice: &mut Dice, keys: Keys) -> String {
    let mut members = vec![
        format!("\"id\":\"{}\"", dice.uuid()),
        format!("\"number\":{}", dice.below(900_000_000)),
        format!("\"status\":\"{}\"", dice.one_of(&["pending", "paid", "shipped", "cancelled"])),
        format!("\"currency\":\"{}\"", dice.one_of(&["EUR", "USD", "GBP", "SEK", "JPY"])),
        format!("\"total\":{}.{:02}", dice.below(5_000), dice.below(100)),
        format!("\"created_at\":\"{}\"", dice.date_time()),
        format!("\"ship_on\":{}", dice.maybe(|dice| format!("\"{}\"", dice.date()))),
        format!("\"gift\":{}", dice.below(2) == 0),
        format!("\"customer\":{}", customer(dice, keys)),
    ];
    let items: Vec<String> = (0..=dice.below(3)).map(|_| item(dice, keys)).collect();
    members.push(format!("\"items\":[{}]", items.join(",")));
    object(dice, members, keys)
}

fn customer(dice: &mut Dice, keys: Keys) -> String {
    let address = vec![
        format!("\"street\":\"{} {}\"", dice.words(2), dice.below(200)),
        format!("\"city\":\"{}\"", dice.words(1)),
        format!("\"zip\":\"{:05}\"", dice.below(100_000)),
        format!("\"country\":\"{}\"", dice.one_of(&["DE", "FR", "SE", "US"])),
    ];
    let members = vec![
        format!("\"id\":{}", dice.below(1 << 40)),
        format!("\"email\":\"{}@{}.example\"", dice.words(1), dice.words(1)),
        format!("\"address\":{}", object(dice, address, keys)),
    ];
    object(dice, members, keys)
}

fn item(dice: &mut Dice, keys: Keys) -> String {
    let members = vec![
        format!("\"sku\":\"{}-{}\"", dice.words(1), dice.below(10_000)),
        format!("\"quantity\":{}", 1 + dice.below(9)),
        format!("\"price\":{}.{:02}", dice.below(900), dice.below(100)),
    ];
    object(dice, members, keys)
}

/// Several shapes at one place, with optional fields.
fn mixed(dice: &mut Dice) -> String {
    match dice.below(4) {
        0 => order(dice, Keys::InOrder),
        1 => {
            let event = dice.one_of(&["created", "updated", "deleted"]);
            let (at, actor) = (dice.date_time(), dice.below(1 << 33));
            let note = dice.maybe(|dice| format!("\"{}\"", dice.words(8)));
            format!("{{\"event\":\"{event}\",\"at\":\"{at}\",\"actor\":{actor},\"note\":{note}}}")
        }
        2 => {
            let optional = ["name", "size", "color", "weight", "tags"];
            let mut members = Vec::new();
            for key in optional {
                if dice.below(2) == 0 {
                    members.push(format!("\"{key}\":\"{}\"", dice.words(2)));
                }
            }
            format!("{{{}}}", members.join(","))
        }
        _ => {
            let (code, text) = (dice.one_of(&["not_found", "conflict"]), dice.words(9));
            format!("{{\"error\":{{\"code\":\"{code}\",\"message\":\"{text}\",\"details\":[]}}}}")
        }
    }
}

/// Posts of people: long text, escapes, letters beyond ASCII, links.
fn deep_text(dice: &mut Dice) -> String {
    let posts: Vec<String> = (0..4)
        .map(|_| {
            let (id, at) = (dice.below(1 << 60), dice.date_time());
            let words = dice.words(14);
            let text = match dice.below(3) {
                0 => format!("{words}\\n\\u2014 \\\"{}\\\"", dice.words(5)),
                1 => format!("{words} größer Ελλάδα 日本語のテキスト {}", dice.words(4)),
                _ => words,
            };
            let (user, site) = (dice.words(2), dice.words(1));
            format!(
                "{{\"id\":{id},\"created_at\":\"{at}\",\"text\":\"{text}\",\"truncated\":false,\
                 \"user\":{{\"name\":\"{user}\",\"url\":\"https:\\/\\/{site}.example\\/a\",\
                 \"followers\":{},\"location\":null}},\"entities\":{{\"urls\":[],\
                 \"hashtags\":[{{\"text\":\"{site}\",\"indices\":[{},{}]}}]}}}}",
                dice.below(100_000),
                dice.below(100),
                dice.below(140),
            )
        })
        .collect();
    format!("{{\"statuses\":[{}],\"count\":{}}}", posts.join(","), posts.len())
}

/// Maps whose keys are data: ids, and words without end.
fn dynamic_keys(dice: &mut Dice) -> String {
    let stock: Vec<String> = (0..5)
        .map(|_| format!("\"{}\":{{\"left\":{},\"held\":0}}", dice.uuid(), dice.below(100)))
        .collect();
    let scores: Vec<String> = (0..5)
        .map(|_| format!("\"{}{}\":{}", dice.words(1), dice.letters(4), dice.below(1_000)))
        .collect();
    format!("{{\"stock\":{{{}}},\"scores\":{{{}}}}}", stock.join(","), scores.join(","))
}

fn object(dice: &mut Dice, mut members: Vec<String>, keys: Keys) -> String {
    if let Keys::Shuffled = keys {
        for at in (1..members.len()).rev() {
            let other = dice.index(at + 1);
            members.swap(at, other);
        }
    }
    format!("{{{}}}", members.join(","))
}

/// Numbers from a seed (SplitMix64).
struct Dice(u64);

impl Dice {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mixed = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        mixed ^ (mixed >> 31)
    }

    fn below(&mut self, limit: u64) -> u64 {
        self.next() % limit
    }

    fn index(&mut self, limit: usize) -> usize {
        usize::try_from(self.below(limit as u64)).unwrap_or_default()
    }

    fn one_of(&mut self, words: &[&'static str]) -> &'static str {
        words[self.index(words.len())]
    }

    fn maybe(&mut self, make: impl Fn(&mut Self) -> String) -> String {
        if self.below(4) == 0 { "null".to_owned() } else { make(self) }
    }

    fn words(&mut self, count: usize) -> String {
        const WORDS: [&str; 12] = [
            "amber", "bridge", "cedar", "delta", "ember", "field", "garden", "harbour", "island",
            "juniper", "lantern", "meadow",
        ];
        let words: Vec<&str> = (0..count).map(|_| self.one_of(&WORDS)).collect();
        words.join(" ")
    }

    fn letters(&mut self, count: usize) -> String {
        const LETTERS: &[u8] = b"abcdefghijklmnopqrstuvwxyz";
        (0..count).map(|_| char::from(LETTERS[self.index(LETTERS.len())])).collect()
    }

    fn uuid(&mut self) -> String {
        let (high, low) = (self.next(), self.next());
        let mut text = String::new();
        let _ =
            write!(text, "{:08x}-{:04x}-4{:03x}", high >> 32, high >> 16 & 0xFFFF, high & 0xFFF);
        let _ = write!(text, "-8{:03x}-{:012x}", low >> 52, low & 0xFFFF_FFFF_FFFF);
        text
    }

    fn date(&mut self) -> String {
        format!("2026-{:02}-{:02}", 1 + self.below(12), 1 + self.below(28))
    }

    fn date_time(&mut self) -> String {
        let (hour, minute, second) = (self.below(24), self.below(60), self.below(60));
        format!("{}T{hour:02}:{minute:02}:{second:02}Z", self.date())
    }
}
