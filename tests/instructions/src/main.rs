//! How many instructions the codec, the AT layer, the modem machine and the router's decisions take, whatever the
//! machine is and does beside: `tests/bench/instructions`.
//!
//! Each case runs under valgrind's callgrind in a process of its own, which counts one function only, [`counted`]. The
//! counts are compared with `figures.toml`, and one that grew by more than the tolerance ends the run with an error.
//! Nothing here is random or has a second thread; what differs by a hair between two runs is where hash tables put what.

#![expect(clippy::disallowed_methods, reason = "the machine's clock begins now, and then is told")]
#![expect(clippy::unwrap_used, reason = "a benchmark that cannot run stops")]

mod at_layer;
mod codec;
mod figures;
mod machine;
mod router;
mod rules;

use std::collections::BTreeMap;
use std::ffi::OsString;
use std::hint::black_box;
use std::path::Path;
use std::process::{Command, ExitCode};
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Instant;

use anyhow::Context as _;
use figures::Figures;

/// How often an operation is repeated; the figures are for one.
const TIMES: u64 = 100;

/// How many nanoseconds an operation of the last case took.
static TOOK: AtomicU64 = AtomicU64::new(0);

/// What is counted, by name.
type Case = (&'static str, fn());

fn cases() -> impl Iterator<Item = Case> {
    [codec::CASES, at_layer::CASES, machine::CASES, router::CASES, rules::CASES]
        .into_iter()
        .flatten()
        .copied()
}

/// Counts the instructions of an operation. What is made once only is made before.
fn count<T>(mut operation: impl FnMut() -> T) {
    black_box(operation());
    let began = Instant::now();
    counted(|| {
        for _ in 0..TIMES {
            black_box(operation());
        }
    });
    let nanos = u64::try_from(began.elapsed().as_nanos()).unwrap_or(u64::MAX);
    TOOK.store(nanos / TIMES, Ordering::Relaxed);
}

/// What callgrind counts: from the call of a function of this name to its return.
#[inline(never)]
fn counted(work: impl FnOnce()) {
    work();
}

fn main() -> anyhow::Result<ExitCode> {
    let arguments: Vec<String> = std::env::args().skip(1).filter(|a| a != "--bench").collect();
    match arguments.iter().map(String::as_str).collect::<Vec<_>>().as_slice() {
        ["--case", name] => {
            let (_, run) = cases().find(|(known, _)| known == name).context("no such case")?;
            run();
            Ok(ExitCode::SUCCESS)
        }
        [] => compare(),
        ["--renew"] => {
            Figures::new(measure_all()?)?.write()?;
            Ok(ExitCode::SUCCESS)
        }
        ["--times"] => {
            say(&times());
            Ok(ExitCode::SUCCESS)
        }
        _ => anyhow::bail!("usage: instructions [--renew | --times]"),
    }
}

/// How long each operation takes on this machine, as it is now: the least of a few rounds.
fn times() -> String {
    let least = |run: fn()| {
        let round = |_| {
            run();
            TOOK.load(Ordering::Relaxed)
        };
        (0..5).map(round).min().unwrap_or(0)
    };
    let lines = cases().map(|(name, run)| {
        let nanos = least(run);
        format!("{:>9}.{:03} us  {name}", nanos / 1_000, nanos % 1_000)
    });
    lines.collect::<Vec<_>>().join("\n")
}

fn compare() -> anyhow::Result<ExitCode> {
    let known = Figures::read()?;
    let (report, good) = known.compare(&Figures::new(measure_all()?)?);
    say(&report);
    Ok(if good { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

#[expect(clippy::print_stdout, reason = "it prints figures")]
fn say(text: &str) {
    println!("{text}");
}

fn measure_all() -> anyhow::Result<BTreeMap<String, u64>> {
    let program = std::env::current_exe()?;
    let folder = tempfile::tempdir()?;
    cases()
        .map(|(name, _)| Ok((name.to_owned(), measure(&program, folder.path(), name)?)))
        .collect()
}

/// Runs one case under callgrind, in an empty environment: its size would move the stack.
fn measure(program: &Path, folder: &Path, case: &str) -> anyhow::Result<u64> {
    let out = folder.join("callgrind.out");
    let mut to = OsString::from("--callgrind-out-file=");
    to.push(&out);
    let output = Command::new("valgrind")
        .args([
            "--tool=callgrind",
            "--collect-atstart=no",
            "--toggle-collect=instructions::counted*",
        ])
        .arg(to)
        .arg(program)
        .args(["--case", case])
        .env_clear()
        .env("PATH", std::env::var_os("PATH").unwrap_or_default())
        .output()
        .context("valgrind cannot be run; tests/bench/instructions installs it")?;
    let said = String::from_utf8_lossy(&output.stderr);
    anyhow::ensure!(output.status.success(), "{case}: {said}");
    let written = std::fs::read_to_string(&out)?;
    let total = written.lines().find_map(|line| line.strip_prefix("totals:"));
    let total: u64 = total.and_then(|total| total.trim().parse().ok()).context("no total")?;
    anyhow::ensure!(total >= TIMES, "{case}: nothing was counted; is the program stripped? {said}");
    Ok(total / TIMES)
}
