//! Against a disk that fails and forgets.

mod crashes;
mod damage;
mod faults;
