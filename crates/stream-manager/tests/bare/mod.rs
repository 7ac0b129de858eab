//! A studio around which there is nothing.

use api::{
    AssetFault, AssetReport, AssetTrouble, AssetUpload, AssetsPort, Later, OutputFault,
    OutputReport, OutputsPort,
};
use bytes::Bytes;
use engine::AssetSource;
use std::sync::Arc;

/// No outputs and no assets.
#[derive(Debug)]
pub(crate) struct Nothing;

fn no_output() -> OutputFault {
    OutputFault::NotFound { id: String::new() }
}

fn no_asset<T>() -> Result<T, AssetFault> {
    Err(AssetFault {
        kind: AssetTrouble::NotFound,
        detail: "there are none".to_owned(),
    })
}

impl OutputsPort for Nothing {
    fn list(&self) -> Vec<OutputReport> {
        Vec::new()
    }

    fn remember(&self) -> Vec<wire::OutputRequest> {
        Vec::new()
    }

    fn add(&self, _: wire::OutputRequest) -> Result<OutputReport, OutputFault> {
        Err(no_output())
    }

    fn update(&self, _: &str, _: wire::OutputPatch) -> Result<OutputReport, OutputFault> {
        Err(no_output())
    }

    fn start(&self, _: &str) -> Result<(), OutputFault> {
        Err(no_output())
    }

    fn stop(&self, _: &str) -> Result<(), OutputFault> {
        Err(no_output())
    }

    fn retry(&self, _: &str) -> Result<(), OutputFault> {
        Err(no_output())
    }

    fn remove(&self, _: &str) -> Result<(), OutputFault> {
        Err(no_output())
    }
}

impl AssetSource for Nothing {
    fn has(&self, _: &str) -> bool {
        false
    }

    fn bytes(&self, _: &str) -> std::io::Result<Arc<[u8]>> {
        Err(std::io::ErrorKind::NotFound.into())
    }
}

impl AssetsPort for Nothing {
    fn has(&self, _: &str) -> bool {
        false
    }

    fn list(&self, _: Option<&str>, _: usize) -> Vec<AssetReport> {
        Vec::new()
    }

    fn get(&self, _: &str) -> Result<AssetReport, AssetFault> {
        no_asset()
    }

    fn begin(&self) -> Later<'_, Box<dyn AssetUpload>> {
        Box::pin(async { no_asset() })
    }

    fn fetch<'a>(&'a self, _: &'a str) -> Later<'a, (AssetReport, bool)> {
        Box::pin(async { no_asset() })
    }

    fn bytes<'a>(&'a self, _: &'a str) -> Later<'a, Bytes> {
        Box::pin(async { no_asset() })
    }

    fn thumbnail<'a>(&'a self, _: &'a str, _: u32) -> Later<'a, Bytes> {
        Box::pin(async { no_asset() })
    }

    fn remove<'a>(&'a self, _: &'a str) -> Later<'a, ()> {
        Box::pin(async { no_asset() })
    }
}
