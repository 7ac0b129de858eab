//! Programs of the system.

use std::process::{Child, Command, Output};

/// The Debian package of every program used here.
const PACKAGES: &[(&str, &str)] = &[
    (
        "/usr/sbin/nginx",
        "nginx libnginx-mod-rtmp libnginx-mod-stream",
    ),
    ("chromium", "chromium"),
    ("ffmpeg", "ffmpeg"),
    ("ffprobe", "ffmpeg"),
    ("openssl", "openssl"),
    ("redis-server", "redis-server"),
    ("redis-cli", "redis-tools"),
];

/// Starts a program; a missing one fails the test and names its package.
#[track_caller]
pub(crate) fn spawn(command: &mut Command) -> Child {
    let program = command.get_program().to_string_lossy().into_owned();
    command
        .spawn()
        .unwrap_or_else(|error| panic!("cannot start {program}: {error}{}", advice(&program)))
}

/// Runs a program to its end; anything but success fails the test with what it wrote to standard error.
#[track_caller]
pub(crate) fn run(command: &mut Command) -> Output {
    let program = command.get_program().to_string_lossy().into_owned();
    let output = command
        .output()
        .unwrap_or_else(|error| panic!("cannot start {program}: {error}{}", advice(&program)));
    assert!(
        output.status.success(),
        "{command:?}: {}\n{}",
        output.status,
        String::from_utf8_lossy(&output.stderr)
    );
    output
}

fn advice(program: &str) -> String {
    let package = PACKAGES.iter().find(|(known, _)| *known == program);
    package
        .map(|(_, package)| format!("; apt-get install {package}"))
        .unwrap_or_default()
}

/// Sends a signal by name (`STOP`, `CONT`, `TERM`), through the shell, whose `kill` needs no package.
#[track_caller]
pub(crate) fn signal(child: &Child, name: &str) {
    run(Command::new("sh").args(["-c", &format!("kill -{name} {}", child.id())]));
}

/// Ends a program at once and takes its exit status.
pub(crate) fn kill(child: &mut Child) {
    let _ = child.kill();
    let _ = child.wait();
}

/// A server that tests kill, stop in its tracks and start again; it ends when it is dropped.
#[derive(Debug, Default)]
pub(crate) struct Server(Option<Child>);

impl Server {
    /// Starts it; kills it first where it runs.
    #[track_caller]
    pub(crate) fn start(&mut self, command: &mut Command) -> &mut Child {
        self.kill();
        self.0.insert(spawn(command))
    }

    /// Ends it at once, where it runs.
    pub(crate) fn kill(&mut self) {
        if let Some(mut child) = self.0.take() {
            kill(&mut child);
        }
    }

    /// Sends a signal by name.
    #[track_caller]
    pub(crate) fn signal(&self, name: &str) {
        signal(self.0.as_ref().expect("the server runs"), name);
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        self.kill();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    #[should_panic(expected = "cannot start no-such-program")]
    fn a_missing_program_fails_the_test() {
        run(&mut Command::new("no-such-program"));
    }

    #[test]
    fn a_known_program_is_named_with_its_package() {
        assert_eq!(advice("ffprobe"), "; apt-get install ffmpeg");
    }
}
