//! How the modem is to announce messages: `AT+CNMI`, chosen from what it offers and read back.
//!
//! Messages stored and announced by `+CMTI` come first, because the SIM keeps them until they are kept here; messages
//! given directly (`+CMT`) only where that is all there is. Reports directly (`+CDS`) first: some modems announce a
//! stored report in the wrong memory.

use at::reply::AnnounceOffer;

use crate::models::Profile;

/// The most values that are tried.
const MOST: usize = 20;

/// Whether these values of `+CNMI` have messages announced, or given, and reports given.
pub(crate) fn announces_all(values: &[u8]) -> bool {
    [0, 1, 3].into_iter().all(|at| values.get(at).is_some_and(|value| *value > 0))
}

/// The values of `AT+CNMI` to try, best first.
pub(crate) fn announce_candidates(
    profile: &Profile,
    offer: Option<&AnnounceOffer>,
    stores: bool,
) -> Vec<Vec<u8>> {
    let own: Vec<Vec<u8>> = profile
        .announce
        .iter()
        .map(|text| text.split(',').filter_map(|part| part.trim().parse().ok()).collect())
        .filter(|values: &Vec<u8>| values.len() >= 2)
        .collect();
    let mut list = Vec::new();
    let messages: [u8; 3] = if stores { [1, 2, 0] } else { [2, 1, 0] };
    if let Some(offer) = offer {
        let zero_or_one = |at| u8::from(offer.has(at, 1) && !offer.has(at, 0));
        for message in messages.into_iter().filter(|value| offer.has(1, *value)) {
            for report in [1, 2, 0].into_iter().filter(|value| offer.has(3, *value)) {
                for mode in [2, 1, 3].into_iter().filter(|value| offer.has(0, *value)) {
                    let values = [mode, message, zero_or_one(2), report, zero_or_one(4)];
                    list.push(values[..offer.parameters().min(5)].to_vec());
                }
            }
        }
    }
    // These are tried where the offer cannot be read, or the modem does not keep to it.
    for values in [
        [2, 1, 0, 1, 0],
        [2, 1, 0, 2, 0],
        [2, 1, 0, 0, 0],
        [1, 1, 0, 1, 0],
        [1, 1, 0, 0, 0],
        [3, 1, 0, 1, 0],
        [2, 2, 0, 1, 0],
        [1, 2, 0, 1, 0],
        [1, 2, 0, 0, 0],
    ] {
        list.push(values.to_vec());
    }
    // Reports count more than the choice between stored and direct messages, and messages count most.
    list.sort_by_key(|values| (values.get(1) == Some(&0), !announces_all(values)));
    list.splice(0..0, own);
    let mut seen = std::collections::HashSet::new();
    list.retain(|values| seen.insert(values.clone()));
    list.truncate(MOST);
    list
}

#[cfg(test)]
mod tests {
    use super::*;

    fn best(offer: &str) -> Vec<u8> {
        let offer = AnnounceOffer::parse(offer).unwrap();
        announce_candidates(&Profile::default(), Some(&offer), true).remove(0)
    }

    #[test]
    fn stored_messages_and_direct_reports_first() {
        assert_eq!(best("(0-2),(0-3),(0,2,3),(0-2),(0,1)"), [2, 1, 0, 1, 0]);
        // Cinterion MC75i offers bfr 1 only.
        assert_eq!(best("(0-3),(0,1),(0,2,3),(0,2),(1)"), [2, 1, 0, 2, 1]);
        assert_eq!(best("(0,1),(0,1),(0),(0,1),(0,1)"), [1, 1, 0, 1, 0]);
        assert_eq!(best("(3),(1),(0),(1),(0)"), [3, 1, 0, 1, 0]);
        assert_eq!(best("(2),(2),(0),(1),(1)"), [2, 2, 0, 1, 1]);
        assert_eq!(best("(0-2),(0-3),(0),(0,1)"), [2, 1, 0, 1]);
    }

    #[test]
    fn no_memory_means_direct() {
        let offer = AnnounceOffer::parse("(0-2),(0-3),(0),(0,1),(0)").unwrap();
        let list = announce_candidates(&Profile::default(), Some(&offer), false);
        assert_eq!(list[0], [2, 2, 0, 1, 0]);
    }
}
