//! How numbers are read, and which are sent nothing.

use contracts::PhoneNumber;
use contracts::phone::PhoneError;

use crate::country::Country;
use crate::destination::Destination;
use crate::tables::{self, Code, Fit};
use crate::unusable::Unusable;

/// Numbers of those who help in need, in some country or other: 112 and 911, and those that a phone without a SIM takes for
/// such (3GPP TS 22.101, 10.1.1).
const EMERGENCY: [&str; 8] = ["000", "08", "110", "112", "118", "119", "911", "999"];

/// How numbers are read, and which are sent nothing. The default leaves all as they are written, and refuses none.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Plan {
    /// The country whose numbers are written without their country. None: numbers stay as they are written, and nothing
    /// below matters.
    pub home: Option<Country>,
    /// Where messages may go beside the home country.
    pub destinations: Vec<Destination>,
    /// Numbers that cost more than others are sent to.
    pub premium: bool,
    /// Short codes, which are services of the network, are sent to.
    pub short_codes: bool,
}

/// A number whose country is known.
struct Known {
    code: &'static Code,
    /// What follows the code.
    national: String,
}

impl Plan {
    /// Reads the tables, which takes some hundredths of a second, so that the first number does not wait for them.
    /// Without a home country nothing is read.
    pub fn load(&self) {
        if self.home.is_some() {
            tables::load();
        }
    }

    /// Reads what somebody wrote as the number that is dialled.
    ///
    /// What was read so is read as itself again.
    ///
    /// # Errors
    /// Why it is sent nothing.
    pub fn read(&self, text: &str) -> Result<PhoneNumber, Unusable> {
        self.check(&PhoneNumber::parse(text)?)
    }

    /// The same of a number that was read without a plan.
    ///
    /// # Errors
    /// Why it is sent nothing.
    pub fn check(&self, number: &PhoneNumber) -> Result<PhoneNumber, Unusable> {
        let Some(home) = self.home else { return Ok(number.clone()) };
        if is_code(number) {
            self.check_code(number)?;
            return Ok(number.clone());
        }
        let known = Known::of(home, number)?;
        let read = known.number()?;
        let country = known.code.country(&known.national);
        let is_allowed = known.code.is_of(home, &known.national)
            || self.destinations.iter().any(|one| one.has(read.digits(), country));
        if !is_allowed {
            return Err(Unusable::Abroad { country, allowed: self.allowed(home) });
        }
        if !self.premium && known.code.is_premium(&known.national) {
            return Err(Unusable::Premium);
        }
        Ok(read)
    }

    /// The number as it would be dialled, whether or not it is sent anything: by what it is known. A number that cannot be
    /// one stays as it is written.
    #[must_use]
    pub fn normal(&self, number: &PhoneNumber) -> PhoneNumber {
        let read = || {
            let home = self.home.filter(|_| !is_code(number))?;
            Known::of(home, number).ok()?.number().ok()
        };
        read().unwrap_or_else(|| number.clone())
    }

    /// The country whose number it is. None: it is of no country, or not known without a home country. An international number is known
    /// without one.
    #[must_use]
    pub fn country(&self, number: &PhoneNumber) -> Option<Country> {
        if is_code(number) {
            return None;
        }
        if number.is_international() {
            let (code, national) = Code::of(number.digits())?;
            return code.country(&code.significant(national));
        }
        let known = Known::of(self.home?, number).ok()?;
        known.code.country(&known.national)
    }

    /// [`Self::normal`] of what somebody wrote.
    ///
    /// # Errors
    /// When it cannot be dialled.
    pub fn written(&self, text: &str) -> Result<PhoneNumber, PhoneError> {
        Ok(self.normal(&PhoneNumber::parse(text)?))
    }

    /// What numbers begin with when they are dialled, of what they begin with at home: `0812` becomes `+62812`. What is not
    /// written as at home stays as it is.
    #[must_use]
    pub fn beginning(&self, written: &str) -> String {
        let dialled = || {
            let home = self.home.filter(|_| written.starts_with('0'))?;
            let code = Code::of_country(home)?;
            let national = code.without_prefix(home, written)?;
            (national.len() < written.len()).then(|| format!("+{}{national}", code.digits))
        };
        dialled().unwrap_or_else(|| written.to_owned())
    }

    fn check_code(&self, number: &PhoneNumber) -> Result<(), Unusable> {
        if EMERGENCY.contains(&number.as_str()) {
            return Err(Unusable::Emergency);
        }
        if self.short_codes { Ok(()) } else { Err(Unusable::ShortCode) }
    }

    /// Where messages may go, in words.
    fn allowed(&self, home: Country) -> String {
        let others = self.destinations.iter().take(10).map(ToString::to_string);
        let all: Vec<String> = std::iter::once(home.to_string()).chain(others).collect();
        let more = if self.destinations.len() > 10 { " and others" } else { "" };
        format!("{}{more}", all.join(", "))
    }
}

/// What is dialled as it is, and belongs to no country: short codes, and what has other keys than digits in it.
fn is_code(number: &PhoneNumber) -> bool {
    !number.is_international() && (number.is_short_code() || number.as_str().contains(['*', '#']))
}

impl Known {
    fn of(home: Country, number: &PhoneNumber) -> Result<Self, Unusable> {
        let digits = number.digits();
        let own = Code::of_country(home);
        let read = if number.is_international() {
            Code::of(digits).map(|(code, national)| (code, national.to_owned()))
        } else {
            own.map(|code| (code, at_home(code, home, digits)))
        };
        let Some((code, national)) = read else {
            return Err(Unusable::OfNoCountry(own.map_or(1, |code| code.digits)));
        };
        let national = code.significant(&national);
        Ok(Self { code, national })
    }

    fn number(&self) -> Result<PhoneNumber, Unusable> {
        let Self { code, national } = self;
        if code.fit(national) == Fit::Impossible {
            return Err(Unusable::Impossible {
                country: code.country(national),
                code: code.digits,
                found: national.len(),
                possible: code.lengths(),
            });
        }
        Ok(PhoneNumber::parse(&format!("+{}{national}", code.digits))?)
    }
}

/// The digits after the country's code of a number that is written at home: with what is dialled before it there, without
/// it, or with the country's code and no `+`. Of several readings the one counts that is a mobile phone's, else one that the
/// tables list, else one that is as long as numbers are.
fn at_home(code: &Code, home: Country, digits: &str) -> String {
    let with_code = digits.strip_prefix(code.digits.to_string().as_str()).map(str::to_owned);
    let mut readings: Vec<String> = Vec::with_capacity(3);
    readings.extend(code.without_prefix(home, digits));
    // Who leaves out what is dialled before all numbers of a country more likely means a number with its country.
    if code.has_prefix(home) {
        readings.extend(with_code);
        readings.push(digits.to_owned());
    } else {
        readings.push(digits.to_owned());
        readings.extend(with_code);
    }
    // Of equals the last counts, which is the first as the readings stand above.
    let best = readings.into_iter().rev().max_by_key(|national| code.fit(national));
    best.unwrap_or_else(|| digits.to_owned())
}

#[cfg(test)]
mod tests;
