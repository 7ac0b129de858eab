//! The text of an SVG before a parser sees it: bounds, and values put into it.

use crate::Error;
use std::borrow::Cow;
use std::sync::Arc;

/// Deepest nesting of elements: parsers recurse.
const MAX_DEPTH: u32 = 200;
/// Most elements: what a parser keeps of one is some hundred bytes.
const MAX_ELEMENTS: u32 = 200_000;
/// Most bytes of an SVG with its values in it.
const MAX_BYTES: usize = 16 << 20;
/// Most bytes of words to be drawn: each letter is shaped and becomes a path, at some 20 us, before anything is known of it.
const MAX_WORDS: usize = 50_000;

fn refused(reason: impl Into<String>) -> Error {
    Error::Markup {
        reason: reason.into(),
    }
}

/// What a piece of markup is.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Piece {
    /// Text between tags, or the value of an attribute: values are put in here.
    Words,
    /// An opening tag's beginning, up to its first attribute value or its end.
    Open,
    /// The end of an opening tag that closes itself.
    SelfClose,
    Close,
    /// Declarations, comments, CDATA, and what stands between attribute values.
    Other,
}

/// Goes over `text` piece by piece; the pieces put together are the text.
fn pieces<'a>(
    text: &'a str,
    mut take: impl FnMut(Piece, &'a str) -> Result<(), Error>,
) -> Result<(), Error> {
    let early = || refused("it ends too early");
    let mut rest = text;
    loop {
        let Some(start) = rest.find('<') else {
            return take(Piece::Words, rest);
        };
        take(Piece::Words, &rest[..start])?;
        rest = &rest[start..];
        let closing = if rest.starts_with("<!--") {
            "-->"
        } else if rest.starts_with("<![CDATA[") {
            "]]>"
        } else if rest.starts_with("<?") {
            "?>"
        } else if rest.starts_with("<!") {
            let declaration = &rest[..rest.find('>').ok_or_else(early)?];
            if declaration.contains('[') {
                // Entities of a document's own can make it grow without bound, and refer to files.
                return Err(refused("it declares entities; save it without them"));
            }
            ">"
        } else {
            rest = tag(rest, &mut take)?;
            continue;
        };
        let end = rest.find(closing).ok_or_else(early)? + closing.len();
        take(Piece::Other, &rest[..end])?;
        rest = &rest[end..];
    }
}

/// One tag; gives back what stands behind it.
fn tag<'a>(
    text: &'a str,
    take: &mut impl FnMut(Piece, &'a str) -> Result<(), Error>,
) -> Result<&'a str, Error> {
    let early = || refused("it ends too early");
    let mut kind = if text.starts_with("</") {
        Piece::Close
    } else {
        Piece::Open
    };
    let mut rest = text;
    loop {
        let at = rest.find(['"', '\'', '>']).ok_or_else(early)?;
        let (before, quote) = (&rest[..at + 1], rest.as_bytes()[at]);
        rest = &rest[at + 1..];
        if quote == b'>' {
            let self_closes = before.ends_with("/>") && kind != Piece::Close;
            take(kind, &before[..before.len() - 1])?;
            let end = &text[text.len() - rest.len() - 1..text.len() - rest.len()];
            take(
                if self_closes {
                    Piece::SelfClose
                } else {
                    Piece::Other
                },
                end,
            )?;
            return Ok(rest);
        }
        take(kind, before)?;
        kind = if kind == Piece::Close {
            kind
        } else {
            Piece::Other
        };
        let end = rest.find(char::from(quote)).ok_or_else(early)?;
        take(Piece::Words, &rest[..end])?;
        take(Piece::Other, &rest[end..=end])?;
        rest = &rest[end + 1..];
    }
}

/// The text of an SVG that a parser may see.
///
/// # Errors
/// When it is not UTF-8, declares entities, ends within a tag, or is larger, deeper or has more elements than a parser
/// should be given.
pub(crate) fn checked(bytes: &[u8]) -> Result<&str, Error> {
    if bytes.len() > MAX_BYTES {
        return Err(refused(format!("it has more than {MAX_BYTES} bytes")));
    }
    let text = std::str::from_utf8(bytes).map_err(|_| refused("it is not UTF-8"))?;
    let (mut depth, mut elements, mut words) = (0_u32, 0_u32, 0);
    // Words stand between tags of texts, where neither attributes nor style sheets do.
    let (mut in_tag, mut in_style) = (false, false);
    pieces(text, |piece, part| {
        match piece {
            Piece::Open => {
                in_style = part.starts_with("<style");
                in_tag = true;
            }
            Piece::Close => (in_style, in_tag) = (false, true),
            Piece::SelfClose => (in_style, in_tag) = (false, false),
            Piece::Other if part == ">" => in_tag = false,
            Piece::Words | Piece::Other
                if !in_style
                    && (part.starts_with("<![CDATA[") || piece == Piece::Words && !in_tag) =>
            {
                words += part.trim().len();
                if words > MAX_WORDS {
                    return Err(refused(format!(
                        "it has more than {MAX_WORDS} bytes of words"
                    )));
                }
            }
            Piece::Words | Piece::Other => {}
        }
        match piece {
            Piece::Open => {
                elements += 1;
                depth += 1;
                if elements > MAX_ELEMENTS {
                    return Err(refused(format!("it has more than {MAX_ELEMENTS} elements")));
                }
                // The innermost may close itself: then it is no level of its own.
                if depth > MAX_DEPTH + 1 {
                    return Err(refused(format!(
                        "its elements are nested deeper than {MAX_DEPTH}"
                    )));
                }
            }
            Piece::SelfClose => depth = depth.saturating_sub(1),
            Piece::Close => depth = depth.saturating_sub(1),
            Piece::Words | Piece::Other => {}
        }
        Ok(())
    })?;
    Ok(text)
}

/// Whether there is a place for a value in it.
pub(crate) fn has_places(text: &str) -> bool {
    text.contains("{{")
}

/// `text` with each `{{name}}` in its texts and attribute values replaced by the value of that name; a name that has none
/// leaves nothing. Values are text: what would be markup is escaped, and of one in a `style` attribute only that stays of which
/// no further declaration can be made. Style sheets have no places.
///
/// # Errors
/// When it would be larger than an SVG may be.
pub(crate) fn filled(text: &str, values: &[(Arc<str>, Arc<str>)]) -> Result<String, Error> {
    let mut out = String::with_capacity(text.len());
    let (mut in_sheet, mut in_declarations) = (false, false);
    pieces(text, |piece, mut part| {
        match piece {
            Piece::Open => in_sheet = part.starts_with("<style"),
            Piece::Close | Piece::SelfClose => in_sheet = false,
            Piece::Words | Piece::Other => {}
        }
        if piece != Piece::Words {
            in_declarations = is_before_declarations(part);
        } else if !in_sheet {
            while let Some((before, name, after)) = next_place(part) {
                out.push_str(before);
                let value = values.iter().find(|(of, _)| **of == *name);
                let value = match value {
                    Some((_, value)) if in_declarations => Cow::Owned(declared(value)),
                    Some((_, value)) => escaped(value),
                    None => Cow::Borrowed(""),
                };
                if out.len() + value.len() > MAX_BYTES {
                    return Err(refused(format!(
                        "filled in, it has more than {MAX_BYTES} bytes"
                    )));
                }
                out.push_str(&value);
                part = after;
            }
        }
        out.push_str(part);
        if out.len() > MAX_BYTES {
            return Err(refused(format!(
                "filled in, it has more than {MAX_BYTES} bytes"
            )));
        }
        Ok(())
    })?;
    checked(out.as_bytes())?;
    Ok(out)
}

/// Whether what stands between attribute values ends with the name `style`, an equals sign and a quote.
fn is_before_declarations(part: &str) -> bool {
    let name = part
        .strip_suffix(['"', '\''])
        .and_then(|part| part.trim_end().strip_suffix('='))
        .and_then(|part| part.trim_end().strip_suffix("style"));
    name.is_some_and(|before| before.ends_with(char::is_whitespace))
}

/// What may stand in one declaration of CSS: words, numbers and colors.
fn declared(value: &str) -> String {
    let plain = |c: &char| c.is_alphanumeric() || " #.,%+-_()".contains(*c);
    value.chars().filter(plain).collect()
}

/// What stands before the next place, its name, and what stands behind.
fn next_place(text: &str) -> Option<(&str, &str, &str)> {
    let mut from = 0;
    loop {
        let start = from + text[from..].find("{{")?;
        let inner = &text[start + 2..];
        let end = inner.find("}}")?;
        let name = inner[..end].trim();
        if scene::Id::new(name).is_some() {
            return Some((&text[..start], name, &inner[end + 2..]));
        }
        from = start + 2;
    }
}

/// `value` so that it is text wherever it stands: in a text, or between quotes of either kind. Characters that XML does
/// not have are left out.
fn escaped(value: &str) -> Cow<'_, str> {
    let plain =
        |c: char| !matches!(c, '<' | '>' | '&' | '"' | '\'' | '\t' | '\n' | '\r') && is_xml(c);
    if value.chars().all(plain) {
        return Cow::Borrowed(value);
    }
    let mut out = String::with_capacity(value.len() + 16);
    for c in value.chars().filter(|c| is_xml(*c)) {
        if plain(c) {
            out.push(c);
        } else {
            out.push_str("&#");
            out.push_str(&u32::from(c).to_string());
            out.push(';');
        }
    }
    out.into()
}

const fn is_xml(c: char) -> bool {
    matches!(c, '\t' | '\n' | '\r' | '\u{20}'..='\u{d7ff}' | '\u{e000}'..='\u{fffd}' | '\u{10000}'..)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn fill(text: &str, values: &[(&str, &str)]) -> String {
        let values: Vec<(Arc<str>, Arc<str>)> = values
            .iter()
            .map(|(name, value)| ((*name).into(), (*value).into()))
            .collect();
        filled(text, &values).expect("it is short")
    }

    #[test]
    fn values_go_into_texts_and_attributes_and_nowhere_else() {
        let text = "<svg a='{{n}}' b=\"x{{ n }}y\"><!-- {{n}} --><{{n}}/><![CDATA[{{n}}]]><t>{{n}}{{gone}}{ {{n}</t></svg>";
        assert_eq!(
            fill(text, &[("n", "A")]),
            "<svg a='A' b=\"xAy\"><!-- {{n}} --><{{n}}/><![CDATA[{{n}}]]><t>A{ {{n}</t></svg>"
        );
    }

    #[test]
    fn values_are_never_markup() {
        let hostile = "</text><image href=\"file:///etc/passwd\"/>' onload='x' & \u{0}\u{8}";
        let text = "<svg a='{{n}}' b=\"{{n}}\"><text>{{n}}</text></svg>";
        let full = fill(text, &[("n", hostile)]);
        let parsed = resvg::usvg::roxmltree::Document::parse(&full).expect("it is well-formed");
        let elements: Vec<_> = parsed.descendants().filter(|n| n.is_element()).collect();
        assert_eq!(elements.len(), 2);
        let said: String = hostile.chars().filter(|c| is_xml(*c)).collect();
        assert_eq!(elements[0].attribute("a"), Some(&*said));
        assert_eq!(elements[0].attribute("b"), Some(&*said));
        assert_eq!(elements[0].attributes().len(), 2);
        assert_eq!(elements[1].text(), Some(&*said));
        // A value that looks like a place is not one.
        assert_eq!(
            fill("<t>{{a}}{{b}}</t>", &[("a", "{{b}}"), ("b", "1")]),
            "<t>{{b}}1</t>"
        );
    }

    #[test]
    fn values_declare_nothing_of_their_own() {
        let text = "<svg><style>a{b:{{n}}}</style><g style = '{{n}}' font-style=\"{{n}}\"/></svg>";
        assert_eq!(
            fill(text, &[("n", "#fff;fill:url(x)")]),
            "<svg><style>a{b:{{n}}}</style><g style = '#ffffillurl(x)' font-style=\"#fff;fill:url(x)\"/></svg>"
        );
    }

    #[test]
    fn what_costs_a_parser_too_much_is_refused() {
        let nested = |n: usize| format!("<svg>{}{}</svg>", "<g>".repeat(n), "</g>".repeat(n));
        assert!(checked(nested(199).as_bytes()).is_ok());
        assert!(checked(nested(201).as_bytes()).is_err());
        let many = |n: usize| format!("<svg>{}</svg>", "<g/>".repeat(n));
        assert!(checked(many(199_999).as_bytes()).is_ok());
        assert!(checked(many(200_000).as_bytes()).is_err());
        for text in [
            "<!DOCTYPE svg [<!ENTITY x SYSTEM 'file:///etc/passwd'>]><svg>&x;</svg>",
            "<svg a='>",
            "<!-- <svg/>",
            "<svg",
        ] {
            assert!(checked(text.as_bytes()).is_err(), "{text}");
        }
        let words = |n: usize| format!("<svg><text>{}</text></svg>", "x".repeat(n));
        assert!(checked(words(50_000).as_bytes()).is_ok());
        assert!(checked(words(50_001).as_bytes()).is_err());
        let long = "x".repeat(60_000);
        let silent =
            format!("<svg a='{long}'><style>{long}</style><!--{long}--><g b='{long}'/></svg>");
        assert!(checked(silent.as_bytes()).is_ok());
        assert!(checked(b"<svg>\xff</svg>").is_err());
        assert!(checked(b"<svg a='/>' b=\"<g>\"><!-- <g> --><g/></svg>").is_ok());
    }

    #[test]
    fn many_places_for_a_long_value_are_refused_before_they_are_filled() {
        let text = format!("<svg>{}</svg>", "{{n}}".repeat(100_000));
        let long: Arc<str> = "x".repeat(10_000).into();
        assert!(filled(&text, &[("n".into(), long)]).is_err());
    }
}
