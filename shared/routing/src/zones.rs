//! Time zones, as they are in the program: the same on every host.

use jiff::tz::{TimeZone, TimeZoneDatabase};

/// The zone of an IANA name.
pub(crate) fn zone(name: &str) -> Option<TimeZone> {
    TimeZoneDatabase::bundled().get(name).ok()
}

/// Whether there is a zone of this IANA name: `Asia/Jakarta`.
pub fn is_zone(name: &str) -> bool {
    zone(name).is_some()
}
