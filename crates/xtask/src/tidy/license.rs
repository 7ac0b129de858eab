//! Licenses and origins of everything the lock file names.
//!
//! Our own few lines instead of `cargo-deny`: no prebuilt program can be counted on, and building that one takes longer than building the product.

use super::graph::Graph;

/// What a dependency may be licensed under, as SPDX identifiers; our own code is MIT.
const ALLOWED: &[&str] = &[
    "MIT",
    "Apache-2.0",
    "0BSD",
    "BSD-2-Clause",
    "BSD-3-Clause",
    "BSL-1.0",
    "ISC",
    "Zlib",
    "MPL-2.0",
    "Unicode-3.0",
    "Unicode-DFS-2016",
    "CDLA-Permissive-2.0",
    "WTFPL",
    "CC0-1.0",
];

/// Exceptions only add permissions to a license that is allowed by itself; those we have looked at.
const EXCEPTIONS: &[&str] = &["LLVM-exception"];

/// Where foreign packages may come from.
const SOURCES: &[&str] = &[
    "registry+https://github.com/rust-lang/crates.io-index",
    "sparse+https://index.crates.io/",
];

/// Packages whose license expression cannot be met by allowed licenses alone.
pub(crate) fn licenses(graph: &Graph) -> Vec<String> {
    let mut faults = Vec::new();
    for package in graph.packages.values() {
        let (name, version) = (&package.name, &package.version);
        match package
            .license
            .as_deref()
            .map(|license| (license, permits(license)))
        {
            None => faults.push(format!("{name} {version} names no license")),
            Some((license, Err(fault))) => faults.push(format!(
                "{name} {version}: cannot read its license `{license}`: {fault}"
            )),
            Some((license, Ok(false))) => faults.push(format!(
                "{name} {version}: license `{license}` is not on our list"
            )),
            Some((_, Ok(true))) => {}
        }
    }
    faults
}

/// Packages from anywhere but crates.io or this repository.
pub(crate) fn sources(graph: &Graph) -> Vec<String> {
    let mut faults = Vec::new();
    for package in graph.packages.values() {
        let fault = match &package.source {
            None if package.is_ours
                || package.manifest.starts_with(&format!("{}/", graph.root)) =>
            {
                continue;
            }
            None => format!("a path outside this repository, {}", package.manifest),
            Some(source) if SOURCES.contains(&source.as_str()) => continue,
            Some(source) => source.clone(),
        };
        faults.push(format!(
            "{} {} comes from {fault}; only crates.io and this repository are allowed",
            package.name, package.version
        ));
    }
    faults
}

/// Whether allowed licenses alone satisfy an SPDX expression.
///
/// Precedence as SPDX has it: parentheses, `WITH`, `AND`, `OR`. The old `/` of crates.io reads as `OR`; `X+` asks for what `X` does.
fn permits(expression: &str) -> Result<bool, String> {
    let spaced = expression
        .replace('(', " ( ")
        .replace(')', " ) ")
        .replace('/', " OR ");
    let mut tokens = Tokens(spaced.split_whitespace().collect(), 0);
    let permitted = tokens.any_of()?;
    match tokens.next() {
        None => Ok(permitted),
        Some(token) => Err(format!("`{token}` is out of place")),
    }
}

struct Tokens<'a>(Vec<&'a str>, usize);

impl<'a> Tokens<'a> {
    fn next(&mut self) -> Option<&'a str> {
        let token = self.0.get(self.1).copied();
        self.1 += 1;
        token
    }

    fn skip(&mut self, token: &str) -> bool {
        let found = self.0.get(self.1).is_some_and(|next| *next == token);
        self.1 += usize::from(found);
        found
    }

    fn any_of(&mut self) -> Result<bool, String> {
        let mut permitted = self.all_of()?;
        while self.skip("OR") {
            // Always read on, so that a broken right side is found even where the left one suffices.
            permitted |= self.all_of()?;
        }
        Ok(permitted)
    }

    fn all_of(&mut self) -> Result<bool, String> {
        let mut permitted = self.one()?;
        while self.skip("AND") {
            permitted &= self.one()?;
        }
        Ok(permitted)
    }

    fn one(&mut self) -> Result<bool, String> {
        match self.next() {
            None => Err("it ends too early".to_owned()),
            Some("(") => {
                let permitted = self.any_of()?;
                if self.skip(")") {
                    Ok(permitted)
                } else {
                    Err("a `)` is missing".to_owned())
                }
            }
            Some(token @ (")" | "OR" | "AND" | "WITH")) => {
                Err(format!("`{token}` is out of place"))
            }
            Some(license) => {
                let permitted = ALLOWED.contains(&license.trim_end_matches('+'));
                if !self.skip("WITH") {
                    return Ok(permitted);
                }
                let exception = self.next().ok_or("an exception must follow WITH")?;
                Ok(permitted && EXCEPTIONS.contains(&exception))
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::graph::fake::{foreign, graph, ours};
    use super::*;
    use serde_json::json;

    #[test]
    fn expressions_are_evaluated_as_spdx_defines_them() {
        for (expression, expected) in [
            ("MIT", true),
            ("GPL-3.0-only", false),
            ("GPL-3.0-only OR MIT", true),
            ("MIT/GPL-2.0", true),
            ("MIT AND GPL-2.0-only", false),
            ("GPL-2.0-only OR MIT AND ISC", true),
            ("(GPL-2.0-only OR MIT) AND OpenSSL", false),
            ("(MIT OR Apache-2.0) AND Unicode-3.0", true),
            ("Apache-2.0 WITH LLVM-exception OR GPL-2.0-only", true),
            ("GPL-2.0-only WITH Classpath-exception-2.0", false),
            ("MIT WITH Unheard-of-exception", false),
            ("Apache-2.0+", true),
            ("((ISC))", true),
        ] {
            assert_eq!(permits(expression), Ok(expected), "{expression}");
        }
        for broken in [
            "", "MIT OR", "(MIT", "MIT)", "AND MIT", "MIT ISC", "MIT WITH",
        ] {
            assert!(permits(broken).is_err(), "{broken}");
        }
    }

    #[test]
    fn a_license_off_the_list_unreadable_or_absent_is_a_fault() {
        let mut silent = foreign("silent", "MIT");
        silent["license"] = json!(null);
        let packages = [
            foreign("fine", "MIT OR GPL-3.0"),
            foreign("copyleft", "GPL-3.0-only"),
            foreign("odd", "MIT OR"),
            silent,
        ];
        let faults = licenses(&graph(&packages, &[]));
        assert_eq!(
            faults,
            [
                "copyleft 1.0.0: license `GPL-3.0-only` is not on our list",
                "odd 1.0.0: cannot read its license `MIT OR`: it ends too early",
                "silent 1.0.0 names no license",
            ]
        );
    }

    #[test]
    fn git_other_registries_and_paths_outside_are_faults() {
        let mut git = foreign("git-crate", "MIT");
        git["source"] = json!("git+https://example.org/x#0123");
        let mut registry = foreign("other-registry", "MIT");
        registry["source"] = json!("registry+https://example.org/index");
        let packages = [ours("media"), foreign("fine", "MIT"), git, registry];
        let faults = sources(&graph(&packages, &[]));
        assert!(
            faults.len() == 2
                && faults[0].contains("git+https")
                && faults[1].contains("example.org/index"),
            "{faults:?}"
        );

        let mut graph = graph(&packages[..1], &[]);
        let outside = graph.packages.get_mut("media").unwrap();
        (outside.is_ours, outside.manifest) = (false, "/elsewhere/media/Cargo.toml".to_owned());
        assert_eq!(sources(&graph).len(), 1);
    }
}
