//! Holds `.env.example` to what is read, and `compose.yaml` to `.env.example`.

use super::env;
use std::cell::RefCell;
use std::collections::BTreeSet;

const EXAMPLE: &str = include_str!("../../../../.env.example");
const COMPOSE: &str = include_str!("../../../../compose.yaml");

/// What is set there, commented out or not.
fn named() -> BTreeSet<&'static str> {
    let names = EXAMPLE.lines().filter_map(|line| {
        let (name, _) = line.trim_start_matches('#').split_once('=')?;
        let good = |c: char| c.is_ascii_uppercase() || c.is_ascii_digit() || c == '_';
        (!name.is_empty() && name.chars().all(good)).then_some(name)
    });
    names.collect()
}

/// `${NAME}` and `${NAME:-default}`, but not `$${NAME}`, which a shell in a container reads.
fn interpolated() -> BTreeSet<&'static str> {
    let marks = COMPOSE
        .match_indices("${")
        .filter(|(at, _)| !COMPOSE[..*at].ends_with('$'));
    let names = marks.filter_map(|(at, mark)| COMPOSE[at + mark.len()..].split([':', '}']).next());
    names.collect()
}

/// `NAME_FILE` is explained once for all secrets.
fn is_file_of_a_secret(name: &str, read: &BTreeSet<String>) -> bool {
    name.strip_suffix("_FILE")
        .is_some_and(|secret| read.contains(secret))
}

#[test]
fn the_example_names_what_is_read_and_nothing_else() {
    let read = RefCell::new(BTreeSet::new());
    let config = env::read(&|name| {
        read.borrow_mut().insert(name.to_owned());
        None
    });
    assert!(config.is_ok(), "nothing has to be set: {config:?}");
    // What is read for a bucket alone. It lacks the keys, which is not asked here.
    let _ = env::read(&|name| {
        read.borrow_mut().insert(name.to_owned());
        (name == "ASSET_STORE").then(|| "s3://bucket".to_owned())
    });
    let read = read.into_inner();
    let (named, interpolated) = (named(), interpolated());
    let missing: Vec<_> = read
        .iter()
        .filter(|name| !named.contains(name.as_str()) && !is_file_of_a_secret(name, &read))
        .collect();
    assert!(missing.is_empty(), ".env.example lacks {missing:?}");
    let unread: Vec<_> = named
        .iter()
        .filter(|name| !read.contains(**name) && !interpolated.contains(*name))
        .collect();
    assert!(unread.is_empty(), ".env.example: nobody reads {unread:?}");
    let unexplained: Vec<_> = interpolated.difference(&named).collect();
    assert!(
        unexplained.is_empty(),
        "compose.yaml takes what .env.example does not explain: {unexplained:?}"
    );
}

/// As it is copied, with every # before a variable taken away, it must not ask for what cannot be had.
#[test]
fn the_defaults_of_the_example_are_the_defaults() {
    let value = |wanted: &str| {
        EXAMPLE.lines().find_map(|line| {
            let (name, value) = line.trim_start_matches('#').split_once('=')?;
            // What stands there for an example is no default.
            (name == wanted && !value.contains("example") && !value.starts_with("/path"))
                .then(|| value.to_owned())
        })
    };
    let (said, meant) = (env::read(&value), env::read(&|_| None));
    let (mut said, mut meant) = (format!("{said:?}"), format!("{meant:?}"));
    // Unset, these have defaults of the fetcher's and the folder's own.
    for text in [&mut said, &mut meant] {
        for field in ["ipfs_gateways: [", "arweave_gateways: ["] {
            if let Some(from) = text.find(field).map(|at| at + field.len())
                && let Some(to) = text[from..].find(']')
            {
                text.replace_range(from..from + to, "");
            }
        }
        *text = text.replace("\"./data\"", "\"data\"");
    }
    assert_eq!(said, meant);
}
