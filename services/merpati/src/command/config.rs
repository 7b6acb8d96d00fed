//! `merpati config`.

use crate::output;

/// Prints the default configuration, which is also the reference.
pub(crate) fn print() {
    output::line(platform::config::REFERENCE.trim_end());
}
