//! Runs the programs that the configuration allows, and nothing else: with arguments, never by a shell, with nothing of the
//! gateway's environment, for a time, and up to an amount of output.

use std::path::PathBuf;
use std::process::Stdio;
use std::sync::Arc;
use std::time::Duration;

use keyword::command::CommandLine;
use rustix::process::{Pid, Signal, kill_process_group};
use tokio::io::AsyncReadExt as _;
use tokio::process::{Child, Command};

/// The most bytes of output that are read. What a program writes beyond is not waited for.
const OUTPUT: u64 = 16 * 1024;
/// Where programs look for others.
const PATH: &str = "/usr/local/bin:/usr/bin:/bin";

/// The programs that may be run. Clones are the same.
#[derive(Debug, Clone)]
pub(crate) struct Programs {
    allowed: Arc<[PathBuf]>,
    /// How long one may take.
    timeout: Duration,
}

/// Why a program gave no output, in words for the owner of the service.
#[derive(Debug, thiserror::Error)]
pub(crate) enum ProgramError {
    /// The configuration does not allow it.
    #[error("the program is not among services.programs of the gateway's configuration")]
    NotAllowed,
    /// It cannot be run.
    #[error("the program cannot be run: {0}")]
    Run(#[source] std::io::Error),
    /// It takes too long.
    #[error("the program took longer than {} seconds and was ended", .0.as_secs_f32())]
    TooLong(Duration),
    /// It says that it failed.
    #[error("the program ended with {0}")]
    Failed(std::process::ExitStatus),
}

/// A program that is ended with all that it began, should nobody wait for it any more.
struct Running(Child);

impl Drop for Running {
    fn drop(&mut self) {
        // Its id is its own until it was waited for.
        let id = self.0.id().and_then(|id| i32::try_from(id).ok()).and_then(Pid::from_raw);
        if let Some(id) = id {
            let _ = kill_process_group(id, Signal::KILL);
        }
    }
}

impl Programs {
    pub(crate) fn new(allowed: &[PathBuf], timeout: Duration) -> Self {
        Self { allowed: allowed.into(), timeout }
    }

    /// Runs a program and returns what it writes.
    pub(crate) async fn run(
        &self,
        line: &CommandLine,
        arguments: Vec<String>,
    ) -> Result<Vec<u8>, ProgramError> {
        if !self.allowed.iter().any(|allowed| allowed == line.program()) {
            return Err(ProgramError::NotAllowed);
        }
        let child = Command::new(line.program())
            .args(arguments)
            .env_clear()
            .env("PATH", PATH)
            .current_dir("/")
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .process_group(0)
            .kill_on_drop(true)
            .spawn()
            .map_err(ProgramError::Run)?;
        let mut running = Running(child);
        let finish = async {
            let mut output = Vec::new();
            if let Some(stdout) = running.0.stdout.take() {
                stdout.take(OUTPUT).read_to_end(&mut output).await?;
            }
            if u64::try_from(output.len()).unwrap_or(u64::MAX) >= OUTPUT {
                // It has more to say, which nobody reads.
                return Ok((output, None));
            }
            let status = running.0.wait().await?;
            Ok::<_, std::io::Error>((output, Some(status)))
        };
        let finished = tokio::time::timeout(self.timeout, finish).await;
        let (output, status) = finished
            .map_err(|_| ProgramError::TooLong(self.timeout))?
            .map_err(ProgramError::Run)?;
        match status {
            Some(status) if !status.success() => Err(ProgramError::Failed(status)),
            _ => Ok(output),
        }
    }
}
