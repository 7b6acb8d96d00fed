//! How telephone numbers are read, and where messages may go.

use numbering::{Country, Destination, Plan};
use serde::{Deserialize, Deserializer};

use super::value::optional;

/// `[numbers]`.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Numbers {
    /// The country whose numbers are written without their country; none: numbers stay as they are written.
    #[serde(deserialize_with = "optional")]
    pub home_country: Option<Country>,
    /// Where messages may go beside the home country.
    #[serde(deserialize_with = "destinations")]
    pub destinations: Vec<Destination>,
    /// Numbers that cost more than others are sent to.
    pub premium: bool,
    /// Short codes are sent to.
    pub short_codes: bool,
}

impl Numbers {
    /// Returns how numbers are read by these settings.
    pub fn plan(&self) -> Plan {
        Plan {
            home: self.home_country,
            destinations: self.destinations.clone(),
            premium: self.premium,
            short_codes: self.short_codes,
        }
    }
}

fn destinations<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Vec<Destination>, D::Error> {
    let all = Vec::<String>::deserialize(deserializer)?;
    all.iter().map(|text| text.parse().map_err(serde::de::Error::custom)).collect()
}
