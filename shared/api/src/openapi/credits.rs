//! The calls of credit and prices.

use super::call::{Call, Calls};
use crate::{AddCredit, Credit, Credits, Ledger, ListLedger, NewPrices, Prices, PricesVersions};

/// Adds them.
pub(super) fn add(calls: &mut Calls) {
    calls.group("Credit");
    calls.add(
        Call::get("listCredits", "/credits", "Lists what accounts may spend.")
            .needs("credits:read")
            .answers::<Credits>(200, "One's own, and for who manages credit everybody's."),
    );
    calls.add(
        Call::get("showCredit", "/credits/{id}", "Shows what an account may spend.")
            .needs("credits:read")
            .answers::<Credit>(200, "What it may spend."),
    );
    calls.add(
        Call::post("addCredit", "/credits/{id}", "Gives an account credit, or takes some back.")
            .needs("credits:manage")
            .takes::<AddCredit>()
            .answers::<Credit>(200, "What it may spend now."),
    );
    calls.add(
        Call::delete("removeCredit", "/credits/{id}", "Lets an account send as much as it likes.")
            .needs("credits:manage")
            .done("It pays for nothing any more."),
    );
    calls.add(
        Call::get("listLedger", "/credits/{id}/ledger", "Lists what became of the credit.")
            .needs("credits:read")
            .asks::<ListLedger>()
            .answers::<Ledger>(200, "A page, newest first."),
    );
    calls.add(
        Call::get("showPrices", "/prices", "Shows what messages cost.")
            .needs("credits:read")
            .answers::<Prices>(200, "The prices."),
    );
    calls.add(
        Call::put("setPrices", "/prices", "Puts prices in place of those that there are.")
            .needs("credits:manage")
            .takes::<NewPrices>()
            .answers::<Prices>(200, "The prices as they are now."),
    );
    calls.add(
        Call::get("listPricesVersions", "/prices/versions", "Lists the versions that are kept.")
            .needs("credits:manage")
            .answers::<PricesVersions>(200, "The versions, newest first."),
    );
    calls.add(
        Call::get(
            "showPricesVersion",
            "/prices/versions/{version}",
            "Shows the prices of a version.",
        )
        .needs("credits:manage")
        .answers::<Prices>(200, "The prices as they were."),
    );
}
