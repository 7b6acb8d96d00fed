//! What processes take of the machine, as `/proc` has it.

use std::time::{Duration, Instant};

/// CPU time of a process, user and system. The kernel counts in ticks of 10 ms.
pub(crate) fn cpu_micros(pid: u32) -> u64 {
    let stat = std::fs::read_to_string(format!("/proc/{pid}/stat")).unwrap_or_default();
    // The name in brackets may hold spaces; the fields after it do not.
    let fields: Vec<&str> = stat.rsplit(") ").next().unwrap_or_default().split(' ').collect();
    let ticks = |at: usize| fields.get(at).and_then(|f| f.parse::<u64>().ok()).unwrap_or(0);
    (ticks(11) + ticks(12)) * 10_000
}

/// The same in nanoseconds, of the threads that run at the moment: for what takes less than a tick a message.
pub(crate) fn cpu_nanos(pid: u32) -> u64 {
    let threads = std::fs::read_dir(format!("/proc/{pid}/task")).into_iter().flatten().flatten();
    let nanos = threads.map(|thread| {
        let text = std::fs::read_to_string(thread.path().join("schedstat")).unwrap_or_default();
        text.split(' ').next().and_then(|nanos| nanos.parse::<u64>().ok()).unwrap_or(0)
    });
    nanos.sum()
}

/// Memory of a process that is in RAM.
pub(crate) fn resident_kib(pid: u32) -> u64 {
    let status = std::fs::read_to_string(format!("/proc/{pid}/status")).unwrap_or_default();
    let line = status.lines().find(|line| line.starts_with("VmRSS:")).unwrap_or_default();
    line.split_whitespace().nth(1).and_then(|kib| kib.parse().ok()).unwrap_or(0)
}

/// The same with shared pages shared out, which counts what several processes of one program have in common once.
pub(crate) fn shared_out_kib(pid: u32) -> u64 {
    let rollup = std::fs::read_to_string(format!("/proc/{pid}/smaps_rollup")).unwrap_or_default();
    let line = rollup.lines().find(|line| line.starts_with("Pss:")).unwrap_or_default();
    line.split_whitespace().nth(1).and_then(|kib| kib.parse().ok()).unwrap_or(0)
}

/// Waits until the processes together take less than a twentieth of a core, and says whether they came to that within
/// `patience`.
pub(crate) async fn at_rest(pids: &[u32], patience: Duration) -> bool {
    const LOOK: Duration = Duration::from_millis(500);
    const REST_MICROS: u64 = 25_000;
    let started = Instant::now();
    let total = || -> u64 { pids.iter().map(|pid| cpu_micros(*pid)).sum() };
    let mut before = total();
    while started.elapsed() < patience {
        tokio::time::sleep(LOOK).await;
        let now = total();
        if now.saturating_sub(before) < REST_MICROS {
            return true;
        }
        before = now;
    }
    false
}
