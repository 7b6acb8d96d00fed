//! What the call of reports takes.

use super::{Call, Kind, NAME, get, may};
use crate::acts::report::WAYS;

/// The call of reports.
pub(super) const REPORTS: Call = get(
    "/reports",
    &[
        may("since", Kind::Time),
        may("until", Kind::Time),
        may("by", Kind::OneOf(&WAYS)),
        may("user", Kind::Text(NAME)),
        may("sim", Kind::Id("sim_")),
        may("priority", Kind::OneOf(&["otp", "normal", "bulk"])),
        may("zone", Kind::Zone),
    ],
);
