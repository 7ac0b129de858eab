//! Which characters of a text are emoji.

use std::ops::Range;

/// Characters below U+1F000 that are emoji without being asked to be (Unicode 16, `Emoji_Presentation=Yes`).
const BASIC: [(u32, u32); 42] = [
    (0x231a, 0x231b),
    (0x23e9, 0x23ec),
    (0x23f0, 0x23f0),
    (0x23f3, 0x23f3),
    (0x25fd, 0x25fe),
    (0x2614, 0x2615),
    (0x2648, 0x2653),
    (0x267f, 0x267f),
    (0x2693, 0x2693),
    (0x26a1, 0x26a1),
    (0x26aa, 0x26ab),
    (0x26bd, 0x26be),
    (0x26c4, 0x26c5),
    (0x26ce, 0x26ce),
    (0x26d4, 0x26d4),
    (0x26ea, 0x26ea),
    (0x26f2, 0x26f3),
    (0x26f5, 0x26f5),
    (0x26fa, 0x26fa),
    (0x26fd, 0x26fd),
    (0x2705, 0x2705),
    (0x270a, 0x270b),
    (0x2728, 0x2728),
    (0x274c, 0x274c),
    (0x274e, 0x274e),
    (0x2753, 0x2755),
    (0x2757, 0x2757),
    (0x2795, 0x2797),
    (0x27b0, 0x27b0),
    (0x27bf, 0x27bf),
    (0x2b1b, 0x2b1c),
    (0x2b50, 0x2b50),
    (0x2b55, 0x2b55),
    // Above: playing cards, mahjong, flags and letters in squares; all pictographs.
    (0x1f004, 0x1f004),
    (0x1f0cf, 0x1f0cf),
    (0x1f18e, 0x1f18e),
    (0x1f191, 0x1f19a),
    (0x1f1e6, 0x1f1ff),
    (0x1f201, 0x1f201),
    (0x1f21a, 0x1f21a),
    (0x1f22f, 0x1f236),
    (0x1f300, 0x1faff),
];

const TEXT_STYLE: char = '\u{fe0e}';
const EMOJI_STYLE: char = '\u{fe0f}';
const JOINER: char = '\u{200d}';
const KEYCAP: char = '\u{20e3}';

/// Whether a character is shown as an emoji where nothing says otherwise.
pub(crate) fn is_basic(c: char) -> bool {
    BASIC
        .iter()
        .any(|&(first, last)| (first..=last).contains(&u32::from(c)))
}

/// What belongs to the emoji before it: styles, joiners, skin tones, keycaps, tags.
fn continues(c: char) -> bool {
    matches!(c, EMOJI_STYLE | JOINER | KEYCAP | '\u{1f3fb}'..='\u{1f3ff}' | '\u{e0020}'..='\u{e007f}')
}

/// Byte ranges of `text` that are to be drawn as colour emoji, apart and in order: layout would otherwise take any
/// font that has the character, and `DejaVu Sans` has many of them in black and white.
pub(crate) fn ranges(text: &str) -> Vec<Range<usize>> {
    let mut found: Vec<Range<usize>> = Vec::new();
    let mut chars = text.char_indices().peekable();
    let mut joined = false;
    while let Some((at, c)) = chars.next() {
        let next = chars.peek().map(|&(_, c)| c);
        let keycap = c.is_ascii_digit() || matches!(c, '#' | '*');
        let wanted = match next {
            Some(TEXT_STYLE) => false,
            Some(EMOJI_STYLE) => true,
            Some(KEYCAP) => keycap,
            _ => is_basic(c),
        };
        let end = at + c.len_utf8();
        match found.last_mut() {
            Some(last) if last.end == at && (wanted || joined || continues(c)) => last.end = end,
            _ if wanted => found.push(at..end),
            _ => {}
        }
        joined = c == JOINER && found.last().is_some_and(|last| last.end == end);
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sequences_stay_whole_and_text_stays_text() {
        let cases: [(&str, &[&str]); 8] = [
            ("plain 123 # text", &[]),
            ("a😀b", &["😀"]),
            ("👨\u{200d}👩\u{200d}👧 family", &["👨\u{200d}👩\u{200d}👧"]),
            ("❤ and ❤\u{fe0f}", &["❤\u{fe0f}"]),
            ("😀\u{fe0e}", &[]),
            ("1\u{fe0f}\u{20e3}2", &["1\u{fe0f}\u{20e3}"]),
            ("🇩🇪👍🏽!", &["🇩🇪👍🏽"]),
            ("⚡ 5", &["⚡"]),
        ];
        for (text, expected) in cases {
            let found: Vec<&str> = ranges(text).into_iter().map(|r| &text[r]).collect();
            assert_eq!(found, expected, "{text:?}");
        }
    }
}
