//! SVG: what would cost a parser its stack or its memory is refused before one sees it.

use crate::{Error, Format};

/// Most elements: what a parser keeps of one is some hundred bytes.
const MAX_ELEMENTS: u32 = 200_000;
/// Deepest nesting; parsers recurse.
const MAX_DEPTH: u32 = 200;
/// Most bytes: drawings are text, and this is ten times what one has that was traced from a photograph.
const MAX_BYTES: usize = 16 << 20;

/// Steps over every tag. It need not find out whether the document is well-formed: the parser does that.
pub(super) fn check(bytes: &[u8]) -> Result<(), Error> {
    let broken = |reason: &str| Error::broken(Format::Svg, reason);
    if bytes.len() > MAX_BYTES {
        return Err(Error::TooManyBytes {
            what: "an SVG",
            allowed: MAX_BYTES as u64,
        });
    }
    let text = std::str::from_utf8(bytes).map_err(|_| broken("it is not UTF-8"))?;
    let (mut rest, mut elements, mut depth) = (text, 0, 0_u32);
    while let Some(start) = rest.find('<') {
        rest = &rest[start + 1..];
        let closing = if rest.starts_with("!--") {
            "-->"
        } else if rest.starts_with("![CDATA[") {
            "]]>"
        } else if rest.starts_with('?') {
            "?>"
        } else if rest.starts_with('!') {
            // Entities of a document's own can make it grow without bound, and refer to files.
            let declaration = &rest[..rest.find('>').unwrap_or(rest.len())];
            if declaration.contains('[') {
                return Err(broken("it declares entities; save it without them"));
            }
            ">"
        } else if rest.starts_with('/') {
            depth = depth.saturating_sub(1);
            ">"
        } else {
            elements += 1;
            if elements > MAX_ELEMENTS {
                return Err(broken("it has more than 200000 elements"));
            }
            let end = tag_end(rest).ok_or_else(|| broken("it ends too early"))?;
            if !rest[..end].ends_with('/') {
                depth += 1;
            }
            if depth > MAX_DEPTH {
                return Err(broken("its elements are nested deeper than 200"));
            }
            rest = &rest[end..];
            continue;
        };
        let end = rest
            .find(closing)
            .ok_or_else(|| broken("it ends too early"))?;
        rest = &rest[end + closing.len()..];
    }
    Ok(())
}

/// Where the `>` of a tag is: not one inside quotes.
fn tag_end(tag: &str) -> Option<usize> {
    let mut quote = None;
    tag.bytes().position(|byte| match (quote, byte) {
        (None, b'>') => true,
        (None, b'"' | b'\'') => {
            quote = Some(byte);
            false
        }
        (Some(open), _) if open == byte => {
            quote = None;
            false
        }
        _ => false,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn depth_and_number_of_elements_are_bounded_and_quotes_and_comments_do_not_count() {
        let nested = |n: usize| format!("<svg>{}{}</svg>", "<g>".repeat(n), "</g>".repeat(n));
        assert!(check(nested(199).as_bytes()).is_ok());
        assert!(check(nested(200).as_bytes()).is_err());
        let many = |n: usize| format!("<svg>{}</svg>", "<g/>".repeat(n));
        assert!(check(many(199_999).as_bytes()).is_ok());
        assert!(check(many(200_000).as_bytes()).is_err());
        let hidden = "<g>".repeat(300);
        for wrapped in [
            format!("<svg><!--{hidden}--></svg>"),
            format!("<svg><![CDATA[{hidden}]]></svg>"),
            format!("<svg><text a=\"{hidden}\" b='/>'>x</text></svg>"),
            "<?xml version='1.0'?><!DOCTYPE svg PUBLIC \"-//W3C//DTD SVG 1.1//EN\" \"x\"><svg/>"
                .to_owned(),
        ] {
            assert!(check(wrapped.as_bytes()).is_ok(), "{wrapped:.40}");
        }
    }

    #[test]
    fn entities_and_open_ends_are_refused() {
        for text in [
            "<!DOCTYPE svg [<!ENTITY x SYSTEM 'file:///etc/passwd'>]><svg>&x;</svg>",
            "<!DOCTYPE svg [ <!ENTITY a 'lol'> ]><svg/>",
            "<svg a='>",
            "<!-- <svg/>",
            "<svg",
        ] {
            assert!(check(text.as_bytes()).is_err(), "{text}");
        }
        assert!(check(b"<svg>\xff</svg>").is_err());
    }
}
