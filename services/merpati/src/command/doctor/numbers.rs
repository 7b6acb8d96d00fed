//! Whether the gateway knows in which country it is.

use api::Modem;
use numbering::Country;
use platform::config::Numbers;

use super::Finding;

/// What is said when there is a SIM and no home country. None: there is nothing to say.
pub(super) fn look(numbers: &Numbers, modems: &[Modem]) -> Option<Finding> {
    if numbers.home_country.is_some() {
        return None;
    }
    let mut sims = modems.iter().filter_map(|modem| Some((modem, modem.state.sim.as_ref()?)));
    let known = |(modem, sim): (&Modem, &contracts::modem::SimState)| {
        let country = Country::of_imsi(sim.imsi.as_deref()?)?;
        Some((country, modem.state.name.clone()))
    };
    let first = sims.next()?;
    let advice = match known(first).or_else(|| sims.find_map(known)) {
        Some((country, modem)) => format!(
            "The SIM in {modem} is of {country}. Set numbers.home_country = \"{country}\" in merpati.toml, and start the \
             gateway again."
        ),
        None => {
            "Set numbers.home_country in merpati.toml, such as \"ID\", and start the gateway again."
                .to_owned()
        }
    };
    Some(Finding::notice(
        "home-country",
        "No home country is set: numbers stay as they are written, so that 0812… and +62812… are two, and messages go \
         to every country and to premium numbers.",
        advice,
    ))
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::super::Grade;
    use super::*;

    fn modem(name: &str, sim: &Value) -> Modem {
        let at = "2026-01-01T00:00:00Z";
        let modem = json!({
            "id": "mdm_00000000000000000000000000000000", "name": name, "port": "", "host": "",
            "status": "ready", "text": "In words.", "since": at, "seen_at": at, "online": true,
            "sim": sim,
        });
        serde_json::from_value(modem).unwrap()
    }

    fn sim(imsi: Option<&str>) -> Value {
        json!({ "id": "sim_00000000000000000000000000000000", "imsi": imsi })
    }

    #[test]
    fn a_sim_says_which_country_is_home() {
        let mut numbers = Numbers {
            home_country: None,
            destinations: Vec::new(),
            premium: false,
            short_codes: true,
        };
        assert_eq!(look(&numbers, &[]), None);
        assert_eq!(look(&numbers, &[modem("a", &Value::Null)]), None);
        let unknown = modem("a", &sim(None));
        let finding = look(&numbers, std::slice::from_ref(&unknown)).unwrap();
        assert_eq!((finding.grade, &*finding.code), (Grade::Notice, "home-country"));
        assert!(finding.advice.starts_with("Set numbers.home_country in"), "{}", finding.advice);
        let known = modem("b", &sim(Some("510101234567890")));
        let finding = look(&numbers, &[unknown, known.clone()]).unwrap();
        assert!(
            finding.advice.starts_with(
                "The SIM in b is of ID. Set numbers.home_country = \"ID\" in merpati.toml"
            ),
            "{}",
            finding.advice
        );
        numbers.home_country = "ID".parse().ok();
        assert_eq!(look(&numbers, &[known]), None);
    }
}
