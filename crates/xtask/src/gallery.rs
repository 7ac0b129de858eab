//! `cargo xtask gallery`: a page of all reference pictures, each with what can be seen in it.
//!
//! The sentence of a picture is the documentation of the test that draws it, and its subject is the file of that test: what
//! stands beside the code does not grow old, as a list of its own would.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};

/// A reference picture.
#[derive(Debug)]
struct Picture {
    file: PathBuf,
    name: String,
    /// The file of its test, without ending.
    subject: String,
    /// What can be seen in it.
    sentence: String,
}

/// Writes the page below `target`, for the repository whose root is `root`; says where it is, or every fault.
pub(crate) fn run(root: &Path) -> Result<String, Vec<String>> {
    let (pictures, faults) = pictures(root);
    if !faults.is_empty() {
        return Err(faults);
    }
    let folder = root.join("target/gallery");
    let written = || -> std::io::Result<()> {
        fs::create_dir_all(&folder)?;
        for picture in &pictures {
            fs::copy(&picture.file, folder.join(format!("{}.png", picture.name)))?;
        }
        fs::write(folder.join("index.html"), page(&pictures))
    };
    written().map_err(|error| vec![format!("cannot write {}: {error}", folder.display())])?;
    Ok(format!(
        "gallery: {} pictures in {}",
        pictures.len(),
        folder.join("index.html").display()
    ))
}

/// All reference pictures of all crates by name, and a fault for each that nothing is said about.
fn pictures(root: &Path) -> (Vec<Picture>, Vec<String>) {
    let (mut pictures, mut faults) = (Vec::new(), Vec::new());
    for tests in listed(&root.join("crates"))
        .into_iter()
        .map(|one| one.join("tests"))
    {
        let mut sources = Vec::new();
        rust_files(&tests, &mut sources);
        for file in listed(&tests.join("golden")) {
            let name = file.file_stem().unwrap_or_default().to_string_lossy();
            let is_reference = file.extension().is_some_and(|ending| ending == "png");
            // What a failure left beside it is `NAME.actual.png`.
            if !is_reference || name.contains('.') {
                continue;
            }
            let found = sources.iter().find_map(|(path, text)| {
                let sentence = sentence(text, &name)?;
                let subject = path.file_stem()?.to_string_lossy().into_owned();
                Some((subject, sentence))
            });
            match found {
                Some((subject, sentence)) => pictures.push(Picture {
                    name: name.into_owned(),
                    file,
                    subject,
                    sentence,
                }),
                None => faults.push(format!(
                    "{}: no documented test draws it; say above the test what can be seen",
                    file.display()
                )),
            }
        }
    }
    (pictures, faults)
}

/// The documentation of the first test of `source` that has some and names the picture.
fn sentence(source: &str, picture: &str) -> Option<String> {
    let literal = format!("\"{picture}\"");
    let lines: Vec<&str> = source.lines().map(str::trim).collect();
    let named = lines.iter().enumerate();
    let named = named.filter(|(_, line)| line.contains(&literal));
    named
        .filter_map(|(at, _)| {
            let before = &lines[..at];
            let head = before.iter().rposition(|line| line.starts_with("fn "))?;
            let above = lines[..head].iter().rev();
            let attributes = above
                .clone()
                .take_while(|line| line.starts_with("#["))
                .count();
            let is_test = above
                .clone()
                .take(attributes)
                .any(|line| *line == "#[test]");
            let words = above
                .skip(attributes)
                .map_while(|line| line.strip_prefix("///"));
            let mut words: Vec<&str> = words.map(str::trim).collect();
            words.reverse();
            Some(words.join(" ")).filter(|words| is_test && !words.is_empty())
        })
        .next()
}

/// What is in a folder, by name; nothing where there is none.
fn listed(folder: &Path) -> Vec<PathBuf> {
    let entries = fs::read_dir(folder).into_iter().flatten();
    let mut paths: Vec<PathBuf> = entries.flatten().map(|entry| entry.path()).collect();
    paths.sort();
    paths
}

/// The Rust files below a folder, with their text.
fn rust_files(folder: &Path, found: &mut Vec<(PathBuf, String)>) {
    for path in listed(folder) {
        if path.is_dir() {
            rust_files(&path, found);
        } else if path.extension().is_some_and(|ending| ending == "rs")
            && let Ok(text) = fs::read_to_string(&path)
        {
            found.push((path, text));
        }
    }
}

fn page(pictures: &[Picture]) -> String {
    let mut subjects: BTreeMap<&str, Vec<&Picture>> = BTreeMap::new();
    for picture in pictures {
        subjects.entry(&picture.subject).or_default().push(picture);
    }
    let mut page = String::from(HEAD);
    for (subject, pictures) in subjects {
        let _ = writeln!(page, "<h2>{}</h2>", escaped(&subject.replace('_', " ")));
        for picture in pictures {
            let (name, sentence) = (escaped(&picture.name), escaped(&picture.sentence));
            let _ = writeln!(
                page,
                "<figure><div><img src=\"{name}.png\" alt=\"\"><img class=\"twice\" src=\"{name}.png\" alt=\"{sentence}\"></div>\
                 <figcaption><b>{name}</b> {sentence}</figcaption></figure>"
            );
        }
    }
    page.push_str("</main>\n<script>for (const img of document.querySelectorAll('.twice')) { const set = () => { img.width = 2 * img.naturalWidth; }; img.complete ? set() : img.addEventListener('load', set); }</script>\n");
    page
}

/// Words between tags or quotation marks.
fn escaped(text: &str) -> String {
    text.replace('&', "&amp;")
        .replace('<', "&lt;")
        .replace('"', "&quot;")
}

const HEAD: &str = r#"<!doctype html>
<html lang="en">
<meta charset="utf-8">
<title>Stream Manager: reference pictures</title>
<style>
body { margin: 0; background: #15171c; color: #d8dbe2; font: 16px/1.5 system-ui, sans-serif; }
main { max-width: 1200px; margin: 0 auto; padding: 48px 24px; }
h1 { font-weight: 600; } h2 { margin: 64px 0 16px; font-weight: 600; text-transform: capitalize; }
figure { margin: 0 0 40px; } figure div { display: flex; flex-wrap: wrap; gap: 16px; align-items: flex-start; }
img { background: repeating-conic-gradient(#262a33 0 25%, #1d2027 0 50%) 0 0 / 16px 16px; max-width: 100%; }
.twice { image-rendering: pixelated; }
figcaption { margin-top: 8px; max-width: 80ch; } figcaption b { color: #fff; margin-right: 8px; font-weight: 600; }
</style>
<main>
<h1>Reference pictures</h1>
<p>What the tests compare with, as it is and twice as large.</p>
"#;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_reference_picture_has_a_sentence() {
        let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
        let (pictures, faults) = pictures(&root);
        assert!(faults.is_empty(), "{}", faults.join("\n"));
        assert!(pictures.len() >= 50, "only {} were found", pictures.len());
        let page = page(&pictures);
        assert_eq!(page.matches("<figure>").count(), pictures.len());
    }

    #[test]
    fn a_sentence_is_that_of_the_test_which_draws_it() {
        let source = "/// Not this.\nfn helps() { draw(\"a\") }\n\n/// Two\n/// <squares>.\n#[test]\n#[cfg(x)]\nfn squares() {\n    golden!(\"a\", b);\n    golden!(\"b\", b);\n}\n#[test]\nfn silent() {\n    golden!(\"c\", d);\n}\n";
        assert_eq!(sentence(source, "a").as_deref(), Some("Two <squares>."));
        assert_eq!(sentence(source, "b").as_deref(), Some("Two <squares>."));
        assert_eq!(sentence(source, "c"), None);
        assert_eq!(escaped("a < \"b\" & c"), "a &lt; &quot;b&quot; &amp; c");
    }
}
