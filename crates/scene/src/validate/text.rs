//! The rules that written words must keep.

use super::Check;
use crate::ranges::{
    AFFIX_CHARS, AXES, AXIS, DECIMALS, FEATURES, FONT_SIZE, LETTER_SPACING, LINE_HEIGHT, MAX_LINES,
    MIN_DIGITS, NUMBER, PADDING, RADIUS, RUNS, UNIT, WEIGHT, WORD_SPACING,
};
use crate::{NumberText, Paint, Tag, Text, TextContent, TextRun, TextStyle};
use std::ops::RangeInclusive;

impl Check<'_> {
    pub(super) fn written(&mut self, at: &str, s: &Text) {
        match &s.text {
            TextContent::Plain(words) => self.text(format_args!("{at}/text"), words),
            TextContent::Runs(runs) => self.runs(&format!("{at}/runs"), runs),
            TextContent::Number(number) => self.number_text(at, number),
        }
        self.style(at, &s.style);
        if let Some(lines) = s.flow.max_lines {
            self.number(format_args!("{at}/max_lines"), f64::from(lines), MAX_LINES);
        }
        let min_size_px = s.flow.min_size_px;
        self.number(format_args!("{at}/min_size_px"), min_size_px, FONT_SIZE);
        self.number(format_args!("{at}/reveal"), s.reveal.part, UNIT);
    }

    fn runs(&mut self, at: &str, runs: &[TextRun]) {
        self.few(at, "runs", runs.len(), RUNS);
        let runs = || runs.iter().take(*RUNS.end());
        let chars: usize = runs().map(|run| run.text.chars().count()).sum();
        let max = self.limits.text_chars;
        // Where one run alone is too long, that says it.
        if chars > max && runs().all(|run| run.text.chars().count() <= max) {
            self.invalid(
                at,
                format!("has {chars} characters in all; at most {max} are allowed"),
            );
        }
        for (i, run) in runs().enumerate() {
            self.text(format_args!("{at}/{i}/text"), &run.text);
            for (name, value, range) in [
                ("size_px", run.size_px, FONT_SIZE),
                ("weight", run.weight, WEIGHT),
                ("letter_spacing_px", run.letter_spacing_px, LETTER_SPACING),
            ] {
                if let Some(value) = value {
                    self.number(format_args!("{at}/{i}/{name}"), value, range);
                }
            }
        }
    }

    fn number_text(&mut self, at: &str, number: &NumberText) {
        self.number(format_args!("{at}/value"), number.value, NUMBER);
        let format = &number.format;
        for (name, count, range) in [
            ("decimals", format.decimals, DECIMALS),
            ("min_decimals", format.min_decimals, DECIMALS),
            ("min_digits", Some(format.min_digits), MIN_DIGITS),
        ] {
            if let Some(count) = count {
                self.number(format_args!("{at}/format/{name}"), f64::from(count), range);
            }
        }
        if let (Some(most), Some(least)) = (format.decimals, format.min_decimals)
            && least > most
        {
            self.invalid(
                format_args!("{at}/format/min_decimals"),
                format!("is {least}; at most {most}, the decimals, are allowed"),
            );
        }
        for (name, text) in [
            ("grouping", &format.grouping),
            ("decimal", &format.decimal),
            ("prefix", &format.prefix),
            ("suffix", &format.suffix),
        ] {
            let chars = text.chars().count();
            if chars > AFFIX_CHARS {
                self.invalid(
                    format_args!("{at}/format/{name}"),
                    format!("has {chars} characters; at most {AFFIX_CHARS} are allowed"),
                );
            }
        }
    }

    pub(super) fn style(&mut self, at: &str, style: &TextStyle) {
        for (name, value, range) in [
            ("size_px", Some(style.size_px), FONT_SIZE),
            ("weight", Some(style.weight), WEIGHT),
            (
                "letter_spacing_px",
                Some(style.letter_spacing_px),
                LETTER_SPACING,
            ),
            ("word_spacing_px", Some(style.word_spacing_px), WORD_SPACING),
            ("line_height", style.line_height, LINE_HEIGHT),
        ] {
            if let Some(value) = value {
                self.number(format_args!("{at}/{name}"), value, range);
            }
        }
        if let Some(Paint::Gradient(gradient)) = &style.fill {
            self.gradient(&format!("{at}/fill"), gradient);
        }
        if let Some(stroke) = &style.stroke {
            self.stroke(&format!("{at}/stroke"), stroke);
        }
        if let Some(background) = &style.background {
            let at = format!("{at}/background");
            if let Some(&padding) = background
                .padding_px
                .iter()
                .find(|p| !PADDING.contains(**p))
            {
                self.number(format_args!("{at}/padding_px"), padding, PADDING);
            }
            self.number(
                format_args!("{at}/corner_radius_px"),
                background.corner_radius_px,
                RADIUS,
            );
        }
        self.tags(&format!("{at}/axes"), "axes", &style.axes, AXES);
        for (tag, value) in style.axes.iter().take(*AXES.end()) {
            self.number(format_args!("{at}/axes/{}", tag.as_str()), *value, AXIS);
        }
        self.tags(
            &format!("{at}/features"),
            "features",
            &style.features,
            FEATURES,
        );
    }

    fn tags<T>(&mut self, at: &str, noun: &str, tags: &[(Tag, T)], range: RangeInclusive<usize>) {
        self.few(at, noun, tags.len(), range.clone());
        let tags = &tags[..tags.len().min(*range.end())];
        for (i, (tag, _)) in tags.iter().enumerate() {
            if tags[..i].iter().any(|(other, _)| other == tag) {
                self.invalid(
                    format_args!("{at}/{}", tag.as_str()),
                    "is there twice; once is allowed",
                );
            }
        }
    }

    fn few(&mut self, at: &str, noun: &str, count: usize, range: RangeInclusive<usize>) {
        if !range.contains(&count) {
            let (min, max) = (range.start(), range.end());
            self.invalid(
                at,
                format!("has {count} {noun}; allowed are {min} to {max}"),
            );
        }
    }
}
