//! How the system's allocator treats large pieces of memory. It stands here because all foreign calls do.

/// Pieces of so many bytes and more are the system's again when they are freed: pictures of half a canvas and more, which
/// take longer to paint than a frame has. For smaller ones, new pages would cost the thread that draws more than they are worth.
#[cfg(all(target_os = "linux", target_env = "gnu"))]
const LARGE_BYTES: std::ffi::c_int = 4 << 20;

/// Has memory of large pictures go back to the system as soon as they are freed. To be called once, before there are threads.
///
/// Left to itself, glibc takes every large piece that is freed as a sign that more will come, and from then on carves such
/// pieces, up to 32 MiB, out of heaps that it never returns while anything small stands above: after scenes of many large
/// pictures 190 MB stayed that nobody used. Trimming (`malloc_trim`) gives them back too, but locks the heaps meanwhile.
/// Does nothing with other allocators.
pub fn return_large_memory() {
    #[cfg(all(target_os = "linux", target_env = "gnu"))]
    {
        use std::ffi::c_int;

        const M_TRIM_THRESHOLD: c_int = -1;
        const M_MMAP_THRESHOLD: c_int = -3;

        unsafe extern "C" {
            fn mallopt(parameter: c_int, value: c_int) -> c_int;
        }
        // What is free at the end of a heap stays up to twice as much, as where glibc chooses.
        for (parameter, bytes) in [
            (M_MMAP_THRESHOLD, LARGE_BYTES),
            (M_TRIM_THRESHOLD, 2 * LARGE_BYTES),
        ] {
            // SAFETY: sets a number of the allocator, under its own lock; these are parameters that it documents. That it
            // might refuse a value is no harm: all stays as it was.
            unsafe { mallopt(parameter, bytes) };
        }
    }
}

#[cfg(all(test, target_os = "linux", target_env = "gnu"))]
mod tests {
    use std::hint::black_box;

    /// Resident memory of this process, MiB.
    fn resident() -> usize {
        let sizes = std::fs::read_to_string("/proc/self/statm").expect("Linux has it");
        let pages = sizes.split(' ').nth(1).and_then(|pages| pages.parse().ok());
        let pages: usize = pages.expect("a number");
        pages * 4 / 1024
    }

    /// Also after larger ones were freed, and with small ones between them that stay.
    #[test]
    fn what_is_large_goes_back_when_it_is_freed() {
        super::return_large_memory();
        drop(black_box(vec![1u8; 24 << 20]));
        let before = resident();
        let (large, small): (Vec<_>, Vec<_>) = (0..24)
            .map(|_| (black_box(vec![1u8; 8 << 20]), black_box(vec![1u8; 4096])))
            .unzip();
        let most = resident();
        assert!(most > before + 150, "{before} MiB, {most} MiB");
        drop(large);
        let after = resident();
        assert!(after < before + 32, "{before} MiB, {after} MiB");
        assert_eq!(small.len(), 24);
    }
}
