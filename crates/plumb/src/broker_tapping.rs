//! What the tap of a broker hands over: messages to fold, backlogs to keep, and what there is to
//! say about the tap itself.

use crate::tapping::{Handed, Handing, Tapped};
use crate::terminal::Terminal;
use plumb_broker::note::{Note, TAPPING};
use plumb_broker::queue::{Came, Next, Taking};
use plumb_broker::taken::Decode;
use plumb_engine::live::Live;
use plumb_traffic::exchange::Body;
use plumb_wire::harmless::harmless;
use std::collections::BTreeMap;
use std::time::Duration;

/// How tapping a broker went.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct TappedBroker {
    /// What became of the messages.
    pub(crate) tapped: Tapped,
    /// Messages whose payload could not be shown, by the reason.
    pub(crate) withheld: BTreeMap<&'static str, u64>,
    /// What happened to the tap, and how often.
    pub(crate) notes: BTreeMap<&'static str, u64>,
}

/// Messages as they come out of the tap's queue.
pub(crate) struct Messages<'a> {
    taking: Taking,
    decode: Option<Decode<'a>>,
    /// What is tapped, for people.
    source: &'a str,
    terminal: Terminal,
    /// What was said last of each thing there is to say.
    said: BTreeMap<&'static str, Option<String>>,
    pub(crate) went: TappedBroker,
}

/// Messages of a source, whose payloads are decoded if anybody can.
pub(crate) fn messages<'a>(
    taking: Taking,
    source: &'a str,
    decode: Option<Decode<'a>>,
    terminal: Terminal,
) -> Messages<'a> {
    let (said, went) = (BTreeMap::new(), TappedBroker::default());
    Messages { taking, decode, source, terminal, said, went }
}

impl Handing for Messages<'_> {
    type Taken = Came;

    fn next_within(&mut self, wait: Duration) -> Handed<Came> {
        match self.taking.next_within(wait) {
            Next::Came(Came::Note(note)) => {
                self.say(note);
                Handed::Nothing
            }
            Next::Came(came) => Handed::Taken(came),
            Next::Nothing => Handed::Nothing,
            Next::Ended => Handed::Ended,
        }
    }

    fn fold(&mut self, came: &Came, live: &mut Live<'_>) {
        match came {
            Came::Taken(taken) => {
                let exchange = taken.exchange(self.decode);
                if let Body::Withheld(why) = exchange.response.body {
                    *self.went.withheld.entry(why).or_default() += 1;
                }
                live.observe(&exchange);
            }
            Came::Backlog(backlog) => live.note(backlog),
            Came::Note(_) => {}
        }
    }
}

impl Messages<'_> {
    /// Says it, unless it was just said.
    fn say(&mut self, note: Note) {
        let Note { what, why } = note;
        *self.went.notes.entry(what).or_default() += 1;
        if what == TAPPING {
            let look = self.terminal.err;
            self.said.clear();
            self.terminal.note(&format!("{} {}; Ctrl-C ends\n", look.strong(what), self.source));
        } else if self.said.get(what) != Some(&why) {
            let words = why.as_deref().map(|why| format!(": {}", harmless(why)));
            self.terminal.complain(&format!("warning: {what}{}\n", words.unwrap_or_default()));
            self.said.insert(what, why);
        }
    }
}
