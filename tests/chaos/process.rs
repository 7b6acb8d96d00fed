//! One service as a process, started again when it ends, as a service manager does.

use std::fs::OpenOptions;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

/// The program that was built with this test.
pub(crate) const PROGRAM: &str = env!("CARGO_BIN_EXE_merpati");

/// See the module. Killed when dropped.
pub(crate) struct Process {
    name: &'static str,
    arguments: Vec<String>,
    environment: Vec<(String, String)>,
    data: PathBuf,
    log: PathBuf,
    child: Option<Child>,
}

impl Process {
    /// Starts a service with a data folder of its own in `folder`.
    pub(crate) fn start(
        name: &'static str,
        arguments: &[&str],
        environment: &[(String, String)],
        folder: &Path,
    ) -> Self {
        let mut process = Self {
            name,
            arguments: arguments.iter().map(ToString::to_string).collect(),
            environment: environment.to_vec(),
            data: folder.join(name),
            log: folder.join(format!("{name}.log")),
            child: None,
        };
        process.launch();
        process
    }

    pub(crate) fn data(&self) -> &Path {
        &self.data
    }

    pub(crate) fn kill9(&mut self) {
        if let Some(mut child) = self.child.take() {
            child.kill().unwrap();
            child.wait().unwrap();
        }
    }

    /// Starts it when it does not run: killed, or ended by itself because broker or database were away.
    pub(crate) fn revive(&mut self) {
        let runs = self.child.as_mut().is_some_and(|child| matches!(child.try_wait(), Ok(None)));
        if !runs {
            self.launch();
        }
    }

    fn launch(&mut self) {
        let log = OpenOptions::new().create(true).append(true).open(&self.log).unwrap();
        let mut command = command(&self.data);
        command
            .args(&self.arguments)
            .envs(self.environment.iter().cloned())
            .stdin(Stdio::null())
            .stdout(log.try_clone().unwrap())
            .stderr(log);
        let child = command.spawn();
        self.child = Some(child.unwrap_or_else(|error| panic!("{}: {error}", self.name)));
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        self.kill9();
    }
}

/// The program on a data folder, without what the environment of the test may say.
pub(crate) fn command(data: &Path) -> Command {
    let mut command = Command::new(PROGRAM);
    for (name, _) in std::env::vars().filter(|(name, _)| name.starts_with("MERPATI")) {
        command.env_remove(name);
    }
    command.env("MERPATI__METRICS__LISTEN", "").arg("--data").arg(data);
    command
}
