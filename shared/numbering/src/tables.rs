//! What is known of the numbers of each country.

use std::collections::HashMap;
use std::sync::{LazyLock, OnceLock};

use phonenumber::Metadata;
use phonenumber::metadata::{DATABASE, Database, Descriptor};
use regex::{Regex, RegexBuilder};

use crate::country::Country;

/// The most digits of an international number.
const LONGEST: usize = 15;

/// All calling codes, by their digits.
static CODES: LazyLock<HashMap<u16, Code>> = LazyLock::new(|| {
    let database: &'static Database = &DATABASE;
    (1..=999).filter_map(|code| Some((code, Code::new(code, database)?))).collect()
});

/// Reads the tables, if they were not read yet.
pub(crate) fn load() {
    LazyLock::force(&CODES);
}

/// A calling code, and the countries that share it.
#[derive(Debug)]
pub(crate) struct Code {
    pub(crate) digits: u16,
    main: Region,
    others: Vec<Region>,
}

/// The numbers of one country, or of a service of no country.
#[derive(Debug)]
struct Region {
    meta: &'static Metadata,
    country: Option<Country>,
    shapes: Vec<Shape>,
    /// How many digits numbers of phones have; where the tables know of no phones, its numbers.
    lengths: Vec<usize>,
    /// What is dialled at home before a number; none: nothing is.
    prefix: Option<Pattern>,
    /// What its numbers begin with, and no other's of the same code; none: that is not known.
    leading: Option<Pattern>,
}

/// What numbers of one kind look like.
#[derive(Debug)]
struct Shape {
    kind: Kind,
    lengths: &'static [u16],
    pattern: Pattern,
}

/// What a number is good for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    /// It costs more than others.
    Premium,
    /// A phone that shows messages.
    Mobile,
    /// Another phone.
    Landline,
    /// A service.
    Service,
}

/// How sure it is that some digits are a number.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Fit {
    /// No number is so long.
    Impossible,
    /// Some are so long.
    Possible,
    /// The tables list it.
    Listed,
    /// The tables list it as that of a mobile phone.
    Mobile,
}

/// A regular expression that is compiled when it is first asked.
#[derive(Debug)]
struct Pattern {
    text: String,
    compiled: OnceLock<Option<Regex>>,
}

impl Pattern {
    /// All of a text.
    fn whole(text: &str) -> Self {
        Self { text: format!("^(?:{text})$"), compiled: OnceLock::new() }
    }

    /// The beginning of a text.
    fn beginning(text: &str) -> Self {
        Self { text: format!("^(?:{text})"), compiled: OnceLock::new() }
    }

    /// None: the tables have a pattern that is none, which fits nothing.
    fn regex(&self) -> Option<&Regex> {
        let compile = || {
            // Without Unicode, a digit is one of ten.
            RegexBuilder::new(&self.text).ignore_whitespace(true).unicode(false).build().ok()
        };
        self.compiled.get_or_init(compile).as_ref()
    }

    fn fits(&self, text: &str) -> bool {
        self.regex().is_some_and(|regex| regex.is_match(text))
    }
}

impl Region {
    fn new(meta: &'static Metadata) -> Self {
        let all = meta.descriptors();
        let premium = [all.premium_rate(), all.shared_cost()];
        let services = [
            all.toll_free(),
            all.personal_number(),
            all.voip(),
            all.pager(),
            all.uan(),
            all.voicemail(),
        ];
        let shape = |kind, descriptor: &'static Descriptor| Shape {
            kind,
            lengths: descriptor.possible_length(),
            pattern: Pattern::whole(descriptor.national_number().as_str()),
        };
        // The first that fits counts, and what costs more is found first.
        let mut shapes = Vec::new();
        shapes.extend(premium.into_iter().flatten().map(|one| shape(Kind::Premium, one)));
        shapes.extend(all.mobile().map(|one| shape(Kind::Mobile, one)));
        shapes.extend(all.fixed_line().map(|one| shape(Kind::Landline, one)));
        shapes.extend(services.into_iter().flatten().map(|one| shape(Kind::Service, one)));
        let prefix = match meta.national_prefix_for_parsing() {
            Some(prefix) => Some(prefix.as_str()),
            None => meta.national_prefix(),
        };
        Self {
            meta,
            country: meta.id().parse().ok(),
            lengths: lengths(&shapes),
            shapes,
            prefix: prefix.map(Pattern::beginning),
            leading: meta.leading_digits().map(|digits| Pattern::beginning(digits.as_str())),
        }
    }

    fn kind(&self, national: &str) -> Option<Kind> {
        let length = u16::try_from(national.len()).ok()?;
        let fits = |shape: &&Shape| {
            (shape.lengths.is_empty() || shape.lengths.contains(&length))
                && shape.pattern.fits(national)
        };
        self.shapes.iter().find(fits).map(|shape| shape.kind)
    }

    fn fit(&self, national: &str) -> Fit {
        match self.kind(national) {
            Some(Kind::Mobile) => Fit::Mobile,
            Some(Kind::Premium | Kind::Landline | Kind::Service) => Fit::Listed,
            None if self.lengths.contains(&national.len()) => Fit::Possible,
            None => Fit::Impossible,
        }
    }

    /// The number without what is dialled before it at home; none: it has nothing before it.
    fn without_prefix(&self, national: &str) -> Option<String> {
        let found = self.prefix.as_ref()?.regex()?.captures(national)?;
        let rest = &national[found.get(0)?.end()..];
        let last = found.len() - 1;
        let stripped = match self.meta.national_prefix_transform_rule() {
            // As in Argentina, where a mobile number has a 15 within at home, and a 9 before it elsewhere.
            Some(rule) if last > 0 && found.get(last).is_some() => {
                let mut stripped = String::new();
                found.expand(&braced(rule), &mut stripped);
                stripped + rest
            }
            _ => rest.to_owned(),
        };
        (!stripped.is_empty() && stripped != national).then_some(stripped)
    }
}

/// How many digits numbers that look so have. Some services have fewer than any phone: a number of a phone whose beginning was
/// left out would pass for one.
fn lengths(shapes: &[Shape]) -> Vec<usize> {
    let of = |is_wanted: fn(Kind) -> bool| -> Vec<usize> {
        let wanted = shapes.iter().filter(|shape| is_wanted(shape.kind));
        wanted.flat_map(|shape| shape.lengths).map(|length| usize::from(*length)).collect()
    };
    let phones = of(|kind| matches!(kind, Kind::Mobile | Kind::Landline));
    if phones.is_empty() { of(|_| true) } else { phones }
}

/// `9$1` as `9${1}`, for `$12` would be a twelfth group.
fn braced(rule: &str) -> String {
    let mut braced = String::with_capacity(rule.len() + 4);
    let mut chars = rule.chars();
    while let Some(c) = chars.next() {
        match c {
            '$' => match chars.next() {
                Some(group) => {
                    braced.push_str("${");
                    braced.push(group);
                    braced.push('}');
                }
                None => braced.push('$'),
            },
            c => braced.push(c),
        }
    }
    braced
}

impl Code {
    fn new(digits: u16, database: &'static Database) -> Option<Self> {
        // The main country stands first, where there is one.
        let mut regions = database.by_code(&digits)?.into_iter().map(Region::new);
        let main = regions.next()?;
        Some(Self { digits, main, others: regions.collect() })
    }

    /// The code that an international number begins with, and the rest of its digits. No code is the beginning of another.
    pub(crate) fn of(digits: &str) -> Option<(&'static Self, &str)> {
        (1..=3).find_map(|length| {
            let (code, national) = digits.split_at_checked(length)?;
            if code.starts_with('0') {
                return None;
            }
            Some((CODES.get(&code.parse::<u16>().ok()?)?, national))
        })
    }

    /// The code of a country.
    pub(crate) fn of_country(country: Country) -> Option<&'static Self> {
        CODES.get(&DATABASE.by_id(country.as_str())?.country_code())
    }

    fn regions(&self) -> impl Iterator<Item = &Region> {
        std::iter::once(&self.main).chain(&self.others)
    }

    /// Whose number this is.
    fn region(&self, national: &str) -> &Region {
        if self.others.is_empty() {
            return &self.main;
        }
        let begins = |region: &&Region| {
            region.leading.as_ref().is_some_and(|leading| leading.fits(national))
        };
        let lists = |region: &&Region| region.leading.is_none() && region.kind(national).is_some();
        let found = self.regions().find(begins).or_else(|| self.regions().find(lists));
        found.unwrap_or(&self.main)
    }

    /// The country whose number this is; none: it is of no country.
    pub(crate) fn country(&self, national: &str) -> Option<Country> {
        self.region(national).country
    }

    /// Whether the number is one of a country. Some small countries share their numbers with the main one of their code.
    pub(crate) fn is_of(&self, country: Country, national: &str) -> bool {
        self.country(national) == Some(country)
            || self
                .regions()
                .any(|region| region.country == Some(country) && region.kind(national).is_some())
    }

    /// Whether the number costs more than others.
    pub(crate) fn is_premium(&self, national: &str) -> bool {
        self.region(national).kind(national) == Some(Kind::Premium)
    }

    /// How sure it is that these are the digits of a number of this code.
    pub(crate) fn fit(&self, national: &str) -> Fit {
        if national.len() > self.room() {
            return Fit::Impossible;
        }
        // Most codes are of one country.
        if self.others.is_empty() {
            return self.main.fit(national);
        }
        self.regions().map(|region| region.fit(national)).max().unwrap_or(Fit::Impossible)
    }

    /// How many digits may follow the code, the fewest first.
    pub(crate) fn lengths(&self) -> Vec<usize> {
        let all = self.regions().flat_map(|region| &region.lengths).copied();
        let mut lengths: Vec<usize> = all.filter(|length| *length <= self.room()).collect();
        lengths.sort_unstable();
        lengths.dedup();
        lengths
    }

    /// How many digits the code leaves of the most that there may be.
    fn room(&self) -> usize {
        LONGEST - self.digits.to_string().len()
    }

    /// Whether numbers of a country have something before them at home.
    pub(crate) fn has_prefix(&self, country: Country) -> bool {
        self.region_of(country).meta.national_prefix().is_some()
    }

    /// The number without what is dialled before it in a country; none: it has nothing before it.
    pub(crate) fn without_prefix(&self, country: Country, national: &str) -> Option<String> {
        self.region_of(country).without_prefix(national)
    }

    fn region_of(&self, country: Country) -> &Region {
        self.regions().find(|region| region.country == Some(country)).unwrap_or(&self.main)
    }

    /// The digits after the code as networks know them: nothing that is dialled before them at home stands among them.
    pub(crate) fn significant(&self, national: &str) -> String {
        let mut national = national.to_owned();
        while let Some(stripped) = self.main.without_prefix(&national) {
            // A 0 that is dialled at home stands before no number that has its country in it, listed or not.
            let is_zero = self.main.meta.national_prefix() == Some("0")
                && national.starts_with('0')
                && stripped.len() < national.len();
            let (before, after) = (self.fit(&national), self.fit(&stripped));
            if after > before || (after == before && is_zero) {
                national = stripped;
            } else {
                break;
            }
        }
        national
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn all_patterns_can_be_compiled() {
        for code in CODES.values() {
            for region in code.regions() {
                let patterns = region.shapes.iter().map(|shape| &shape.pattern);
                for pattern in patterns.chain(&region.prefix).chain(&region.leading) {
                    assert!(pattern.regex().is_some(), "{}", pattern.text);
                }
            }
        }
    }

    #[test]
    fn the_examples_of_the_tables_are_numbers_of_their_countries() {
        let mut mobiles = 0;
        for code in CODES.values() {
            for region in code.regions() {
                let example = region.meta.descriptors().mobile().and_then(Descriptor::example);
                let Some(example) = example.filter(|_| region.country.is_some()) else { continue };
                assert_eq!(region.kind(example), Some(Kind::Mobile), "+{} {example}", code.digits);
                assert_eq!(code.significant(example), example, "+{}", code.digits);
                mobiles += usize::from(code.country(example) == region.country);
                assert!(region.country.is_some_and(|country| code.is_of(country, example)));
            }
        }
        assert!(mobiles > 200, "{mobiles}");
    }
}
