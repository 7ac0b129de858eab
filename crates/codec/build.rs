//! Finds x264 and writes what `src/ffi/x264.rs` uses of its header as Rust.

use std::{env, error::Error, fs, path::PathBuf};

/// Includes what the header leaves to its user; `stdio.h` is for `vsnprintf`, as log lines come unformatted.
const HEADER: &str = "#include <stdint.h>\n#include <stdio.h>\n#include <x264.h>\n";

fn main() -> Result<(), Box<dyn Error>> {
    println!("cargo:rerun-if-changed=build.rs");
    // 153 is the first with `i_bitdepth`, the last change of what is used here.
    let x264 = pkg_config::Config::new()
        .atleast_version("0.153")
        .probe("x264")
        .map_err(|error| {
            format!(
                "x264 0.153 or later is needed; on Debian: apt-get install libx264-dev\n{error}"
            )
        })?;
    let include = x264
        .include_paths
        .iter()
        .map(|path| format!("-I{}", path.display()));
    let bindings = bindgen::Builder::default()
        .header_contents("x264_all.h", HEADER)
        .clang_args(include)
        .allowlist_function("x264_(param_default_preset|param_parse|picture_init)")
        .allowlist_function(
            "x264_encoder_(open_[0-9]+|close|headers|encode|reconfig|delayed_frames)",
        )
        .allowlist_function("vsnprintf")
        .allowlist_var(
            "X264_(BUILD|POINTVER|CSP_I420|TYPE_AUTO|TYPE_IDR|RC_ABR|MBINFO_CONSTANT|LOG_.*)",
        )
        .generate_cstr(true)
        .generate_comments(false)
        .layout_tests(false)
        .generate()?
        .to_string();
    // The name ends in the version of the interface, so that a program cannot load a library of another one.
    let version = bindings
        .split_once("pub const X264_BUILD: u32 = ")
        .and_then(|(_, rest)| rest.split_once(';'))
        .ok_or("x264.h tells no X264_BUILD")?
        .0;
    let alias = format!("pub use self::x264_encoder_open_{version} as x264_encoder_open;\n");
    let out = PathBuf::from(env::var_os("OUT_DIR").ok_or("cargo sets OUT_DIR")?);
    Ok(fs::write(out.join("x264.rs"), bindings + &alias)?)
}
