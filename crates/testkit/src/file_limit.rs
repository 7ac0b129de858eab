//! Open files.

use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};

/// Lets this test, and what it starts, have as many files open as the system allows; a socket is a file.
///
/// # Panics
/// When the system refuses what it allowed.
pub fn raise_file_limit() {
    let maximum = getrlimit(Resource::Nofile).maximum;
    let limit = Rlimit {
        current: maximum,
        maximum,
    };
    setrlimit(Resource::Nofile, limit).expect("a process may use what it is allowed");
}
