//! tmp
use crate::Failure;
pub(crate) fn run() -> Result<(), Failure> { Err(Failure::Usage("not yet".to_owned())) }
