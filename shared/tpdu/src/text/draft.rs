//! A text in one alphabet, and where it is cut.

use super::boundary::Boundaries;
use super::room::Room;
use super::{MOST_PARTS, Options, PartPlan, Plan, Replacement, TextError};
use crate::coding::Alphabet;
use crate::gsm7::{ESC, Missing, NotInAlphabet, Shifts};
use crate::user_data::UserData;

/// One character.
struct Step {
    /// Where it ends in the text.
    text_end: usize,
    /// Where its units end.
    end: usize,
    /// Whether it may begin a part without looking torn off.
    begins: bool,
}

/// A text in one alphabet.
pub(super) struct Draft {
    text: String,
    alphabet: Alphabet,
    shifts: Shifts,
    /// Septets, or UTF-16 units.
    units: Vec<u16>,
    steps: Vec<Step>,
    /// Ends of the parts, as numbers of steps.
    cuts: Vec<usize>,
    per_part: usize,
    /// Whether it can be sent in more than one part, if it takes more.
    fits: Result<(), TextError>,
    replaced: Vec<Replacement>,
}

impl Draft {
    pub(super) fn gsm7(
        text: &str,
        shifts: Shifts,
        room: Room,
        replaced: Vec<Replacement>,
    ) -> Result<Self, NotInAlphabet> {
        let mut missing = Missing::default();
        let mut draft =
            Self::new(text, Alphabet::Gsm7, shifts, room, |c, units| match shifts.septet(c) {
                Some((septet, true)) => units.extend([u16::from(ESC), septet.into()]),
                Some((septet, false)) => units.push(septet.into()),
                None => missing.add(c),
            });
        missing.check()?;
        draft.replaced = replaced;
        Ok(draft)
    }

    pub(super) fn ucs2(text: &str, room: Room) -> Self {
        Self::new(text, Alphabet::Ucs2, Shifts::default(), room, |c, units| {
            units.extend_from_slice(c.encode_utf16(&mut [0; 2]));
        })
    }

    fn new(
        text: &str,
        alphabet: Alphabet,
        shifts: Shifts,
        room: Room,
        mut encode: impl FnMut(char, &mut Vec<u16>),
    ) -> Self {
        let mut units = Vec::with_capacity(text.len());
        let mut steps = Vec::with_capacity(text.len());
        let mut boundaries = Boundaries::default();
        for (at, c) in text.char_indices() {
            encode(c, &mut units);
            let begins = boundaries.before(c);
            steps.push(Step { text_end: at + c.len_utf8(), end: units.len(), begins });
        }
        let (fits, per_part, cuts) = match room.among_others {
            _ if units.len() <= room.alone => (Ok(()), room.alone, vec![steps.len()]),
            Ok(per_part) => (Ok(()), per_part, cut(&steps, per_part)),
            Err(why) => (Err(why), room.alone, cut(&steps, room.alone)),
        };
        let text = text.to_owned();
        let replaced = Vec::new();
        Self { text, alphabet, shifts, units, steps, cuts, per_part, fits, replaced }
    }

    pub(super) const fn parts(&self) -> usize {
        self.cuts.len()
    }

    pub(super) const fn units(&self) -> usize {
        self.units.len()
    }

    pub(super) fn replaced_times(&self) -> usize {
        self.replaced.iter().map(|replacement| replacement.times).sum()
    }

    /// In the default alphabet.
    pub(super) fn is_plain(&self) -> bool {
        self.alphabet == Alphabet::Gsm7 && self.shifts == Shifts::default()
    }

    pub(super) fn plan(self, options: &Options) -> Result<Plan, TextError> {
        self.fits?;
        if self.cuts.len() > MOST_PARTS {
            return Err(TextError::TooLong { parts: self.cuts.len() });
        }
        let mut parts = Vec::with_capacity(self.cuts.len());
        let (mut text_from, mut from) = (0, 0);
        for &cut in &self.cuts {
            let (text_to, to) =
                cut.checked_sub(1).map_or((0, 0), |n| (self.steps[n].text_end, self.steps[n].end));
            let units = &self.units[from..to];
            parts.push(PartPlan {
                text: self.text[text_from..text_to].to_owned(),
                units: units.len(),
                data: match self.alphabet {
                    Alphabet::Gsm7 => {
                        UserData::Septets(units.iter().map(|unit| unit.to_be_bytes()[1]).collect())
                    }
                    _ => UserData::Octets(units.iter().flat_map(|u| u.to_be_bytes()).collect()),
                },
            });
            (text_from, from) = (text_to, to);
        }
        let given = options.udh.shifts() != Shifts::default();
        Ok(Plan {
            alphabet: self.alphabet,
            shifts: if given { Shifts::default() } else { self.shifts },
            parts,
            units: self.units.len(),
            per_part: self.per_part,
            replaced: self.replaced,
        })
    }
}

/// Where parts of so many units end. Between what a reader sees as characters, unless that takes more parts.
fn cut(steps: &[Step], per_part: usize) -> Vec<usize> {
    let anywhere = cut_at(steps, per_part, |_| true);
    let between = cut_at(steps, per_part, |step| step.begins);
    if between.len() > anywhere.len() { anywhere } else { between }
}

fn cut_at(steps: &[Step], per_part: usize, may_begin: impl Fn(&Step) -> bool) -> Vec<usize> {
    let mut cuts = Vec::new();
    let (mut first, mut used) = (0, 0);
    while first < steps.len() {
        let full = first + steps[first..].partition_point(|step| step.end <= used + per_part);
        let cut = if full == steps.len() {
            full
        } else {
            (first + 1..=full).rev().find(|&n| may_begin(&steps[n])).unwrap_or(full)
        };
        cuts.push(cut);
        first = cut;
        used = steps[cut - 1].end;
    }
    cuts
}
