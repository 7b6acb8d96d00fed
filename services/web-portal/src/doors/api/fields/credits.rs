//! What the calls of credit and prices take.

use contracts::credit::{LONGEST_CURRENCY, MOST_PRICES};
use store::LONGEST_NOTE;

use super::{Call, Field, Kind, PAGE, get, may, must, post, put};

const PRICE: &[Field] = &[must("prefix", Kind::Prefix), must("price", Kind::Amount)];

/// The calls of credit and prices.
pub(super) const CREDITS: [Call; 3] = [
    post("/credits/{id}", &[must("amount", Kind::Amount), may("note", Kind::Text(LONGEST_NOTE))]),
    get(
        "/credits/{id}/ledger",
        &[may("limit", Kind::Number(1, PAGE as i64)), may("before", Kind::Id("evt_"))],
    ),
    put(
        "/prices",
        &[
            must("version", Kind::Number(0, i64::MAX)),
            may("currency", Kind::Text(LONGEST_CURRENCY)),
            may("usual", Kind::Amount),
            may("prefixes", Kind::Objects(MOST_PRICES, PRICE)),
        ],
    ),
];
