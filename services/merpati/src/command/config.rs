//! `merpati config`.

use std::process::ExitCode;

use crate::output;

/// Prints the default configuration, which is also the reference.
pub(crate) fn print() -> anyhow::Result<ExitCode> {
    output::line(platform::config::REFERENCE.trim_end());
    Ok(ExitCode::SUCCESS)
}
