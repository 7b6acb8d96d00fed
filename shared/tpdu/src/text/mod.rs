//! Text to parts: the one splitter that sending, counting and billing use.
//!
//! How many parts a text takes follows from the octets that its header leaves, never from constants. A part never
//! ends within an escape sequence or a surrogate pair, and not within what a reader sees as one character
//! (a letter and its marks, an emoji of several) where that costs no part.
//!
//! Nothing is replaced in silence: what an alphabet lacks is an error that names it, or makes the text UCS-2, or,
//! with [`Encoding::Smart`], is replaced by what looks alike and listed in [`Plan::replaced`].

mod boundary;
mod draft;
mod look_alike;
mod room;

use std::fmt;

use draft::Draft;
pub use look_alike::alike;
pub(crate) use room::Room;

use crate::coding::{Alphabet, DataCoding};
use crate::gsm7::{Language, NotInAlphabet, Shifts};
use crate::udh::{Element, Udh};
use crate::user_data::{MOST_SEPTETS, UserData};

/// The most parts of a message: their number is one octet.
pub const MOST_PARTS: usize = 255;
/// No message has more characters: each is a septet at least.
const MOST_CHARACTERS: usize = MOST_PARTS * MOST_SEPTETS;

/// How text becomes octets.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub enum Encoding {
    /// GSM 7-bit when all characters are in the default alphabet; else UCS-2, or the tables of a language that was
    /// allowed when these take fewer parts.
    #[default]
    Auto,
    /// GSM 7-bit; what is not in it, nor in the tables of a language that was allowed, is an error.
    Gsm7,
    /// As `Auto`, but look-alikes take the place of characters outside GSM 7-bit when that saves parts.
    Smart,
    /// UCS-2.
    Ucs2,
}

/// How a text is to be split.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Options {
    /// How text becomes octets.
    pub encoding: Encoding,
    /// Languages whose tables may be used. Some phones do not have them: none unless it is known who reads.
    pub languages: Vec<Language>,
    /// Elements that every part's header has, apart from what splitting and languages add.
    pub udh: Udh,
    /// References of 16 bits: fewer mix-ups, one octet less room.
    pub wide_reference: bool,
}

impl Options {
    /// Only an encoding.
    pub fn new(encoding: Encoding) -> Self {
        Self { encoding, ..Self::default() }
    }
}

/// A text in parts.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Plan {
    /// GSM 7-bit or UCS-2.
    pub alphabet: Alphabet,
    /// The tables of GSM 7-bit.
    pub shifts: Shifts,
    /// The parts, at least one.
    pub parts: Vec<PartPlan>,
    /// Septets, or UTF-16 units, in all parts.
    pub units: usize,
    /// Units that a part of this message holds, its header taken off.
    pub per_part: usize,
    /// What look-alikes took the place of, each once, in the order they came.
    pub replaced: Vec<Replacement>,
}

/// One part. `Debug` shows only how much it is.
#[derive(Clone, PartialEq, Eq)]
pub struct PartPlan {
    /// What the reader sees.
    pub text: String,
    /// Septets, or UTF-16 units.
    pub units: usize,
    /// The same in octets, without its header.
    pub data: UserData,
}

/// A character that a look-alike took the place of.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Replacement {
    /// What was written.
    pub from: char,
    /// What is sent; can be empty, for characters that nobody sees.
    pub to: &'static str,
    /// How often.
    pub times: usize,
}

/// Why a text cannot be sent as asked.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum TextError {
    /// Only GSM 7-bit was allowed.
    #[error("the text does not fit the GSM 7-bit alphabet: {0}")]
    NotInAlphabet(#[from] NotInAlphabet),
    /// More parts than can be numbered.
    #[error("the message takes {parts} parts; at most {MOST_PARTS} are possible")]
    TooLong {
        /// Parts it would take.
        parts: usize,
    },
    /// The header leaves no room.
    #[error("the user data header of {octets} octets leaves no room for the message")]
    HeaderTooLong {
        /// Octets of the header.
        octets: usize,
    },
    /// The header that was given says that this is one part, and it is more.
    #[error("the user data header given is that of one part, and the message takes more than one")]
    AlreadyPart,
    /// The data coding scheme that was asked for is of something else than what the message is made of.
    #[error("the data coding scheme {:02X} is for {}, and the message is {}", .coding.0, in_words(.coding.alphabet(), .coding.is_compressed()), in_words(*.alphabet, false))]
    Coding {
        /// What was asked for.
        coding: DataCoding,
        /// What the message is made of.
        alphabet: Alphabet,
    },
}

const fn in_words(alphabet: Alphabet, compressed: bool) -> &'static str {
    match alphabet {
        _ if compressed => "compressed octets",
        Alphabet::Gsm7 => "text in GSM 7-bit",
        Alphabet::Ucs2 => "text in UCS-2",
        Alphabet::Data => "octets of data",
    }
}

impl Plan {
    /// Units that still fit in the last part.
    pub fn left(&self) -> usize {
        self.per_part - self.parts.last().map_or(0, |part| part.units)
    }

    /// The header elements that say which tables the text is in.
    pub(crate) fn shift_elements(&self) -> Vec<Element> {
        shift_elements(self.shifts)
    }
}

impl fmt::Debug for PartPlan {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "PartPlan({} units)", self.units)
    }
}

/// The parts of a text.
pub fn plan(text: &str, options: &Options) -> Result<Plan, TextError> {
    let drafts = Drafts { text, options };
    let draft = match options.encoding {
        Encoding::Ucs2 => drafts.ucs2()?,
        Encoding::Gsm7 => drafts.gsm7()?,
        Encoding::Auto => drafts.auto()?,
        Encoding::Smart => drafts.smart()?,
    };
    draft.plan(options)
}

/// The ways to write one text, of which one is chosen.
struct Drafts<'a> {
    text: &'a str,
    options: &'a Options,
}

impl Drafts<'_> {
    fn ucs2(&self) -> Result<Draft, TextError> {
        let Options { udh, wide_reference, .. } = self.options;
        Ok(Draft::ucs2(self.text, Room::new(udh, *wide_reference, Alphabet::Ucs2)?))
    }

    fn auto(&self) -> Result<Draft, TextError> {
        if let Some(plain) = self.plain() {
            return plain;
        }
        let wide = self.ucs2()?;
        if self.tables().len() == 1 {
            // Those have just been tried.
            return Ok(wide);
        }
        match self.in_languages() {
            Ok(draft) if draft.parts() < wide.parts() => Ok(draft),
            _ => Ok(wide),
        }
    }

    fn gsm7(&self) -> Result<Draft, TextError> {
        self.plain().unwrap_or_else(|| self.in_languages())
    }

    fn smart(&self) -> Result<Draft, TextError> {
        let exact = self.auto()?;
        if exact.is_plain() {
            return Ok(exact);
        }
        let alike = self
            .tables()
            .into_iter()
            .filter_map(|shifts| {
                let (text, replaced) = look_alike::replace(self.text, shifts)?;
                self.in_tables(&text, shifts, replaced).ok()
            })
            .min_by_key(|draft| (draft.parts(), draft.replaced_times(), draft.units()));
        Ok(alike.filter(|alike| alike.parts() < exact.parts()).unwrap_or(exact))
    }

    /// In the default alphabet; none when something is not in it.
    fn plain(&self) -> Option<Result<Draft, TextError>> {
        let shifts = self.options.udh.shifts();
        match self.in_tables(self.text, shifts, Vec::new()) {
            Err(TextError::NotInAlphabet(_)) => None,
            draft => Some(draft),
        }
    }

    /// In the tables that take the fewest parts; the error of those that lack the least.
    fn in_languages(&self) -> Result<Draft, TextError> {
        let mut best = self.in_tables(self.text, self.options.udh.shifts(), Vec::new());
        for shifts in self.tables() {
            let next = self.in_tables(self.text, shifts, Vec::new());
            let better = match (&best, &next) {
                (Err(_), Ok(_)) => true,
                (Ok(a), Ok(b)) => (b.parts(), b.units()) < (a.parts(), a.units()),
                (Err(TextError::NotInAlphabet(a)), Err(TextError::NotInAlphabet(b))) => {
                    b.characters.len() < a.characters.len()
                }
                _ => false,
            };
            if better {
                best = next;
            }
        }
        best
    }

    fn in_tables(
        &self,
        text: &str,
        shifts: Shifts,
        replaced: Vec<Replacement>,
    ) -> Result<Draft, TextError> {
        let mut udh = self.options.udh.clone();
        if udh.shifts() == Shifts::default() {
            udh.0.extend(shift_elements(shifts));
        }
        let room = Room::new(&udh, self.options.wide_reference, Alphabet::Gsm7)?;
        Ok(Draft::gsm7(text, shifts, room, replaced)?)
    }

    /// The default tables first, then each allowed language's extension, alphabet, and both. When the header
    /// given names a language already, only that. For a text that no tables can make fit only the first: trying the
    /// others would take long.
    fn tables(&self) -> Vec<Shifts> {
        let given = self.options.udh.shifts();
        let mut all = vec![given];
        let may_fit = self.text.chars().nth(MOST_CHARACTERS).is_none();
        if given == Shifts::default() && may_fit {
            for &language in &self.options.languages {
                let this = Some(language);
                all.push(Shifts { locking: None, single: this });
                if language.has_locking() {
                    all.push(Shifts { locking: this, single: None });
                    all.push(Shifts { locking: this, single: this });
                }
            }
        }
        all
    }
}

fn shift_elements(shifts: Shifts) -> Vec<Element> {
    let locking = shifts.locking.map(Element::LockingShift);
    let single = shifts.single.map(Element::SingleShift);
    locking.into_iter().chain(single).collect()
}
