//! `*` in a value, in the three ways it is read (spec, section 2.4).

use memchr::memmem;

/// The readings of `*`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Reading {
    /// At the start and the end of the value only; inside it is a star (AWS pages of 2018 to 2020).
    Ends,
    /// Anywhere, as in file names (the current page).
    Anywhere,
    /// Anywhere, each piece at its first place and no way back (observed in 2019).
    FirstPlace,
}

impl Reading {
    pub(crate) const ALL: [Self; 3] = [Self::Ends, Self::Anywhere, Self::FirstPlace];
}

/// Text to compare a value with; a `*` stands for anything.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Glob {
    /// As meant: quotes and escapes are taken off.
    pub text: String,
}

impl Glob {
    /// Whether it holds a `*` at all.
    #[must_use]
    pub fn has_star(&self) -> bool {
        self.text.contains('*')
    }

    /// Whether a `*` stands inside, where AWS's readings differ.
    #[must_use]
    pub fn has_inner_star(&self) -> bool {
        let text = self.text.strip_prefix('*').unwrap_or(&self.text);
        text.strip_suffix('*').unwrap_or(text).contains('*')
    }

    /// Whether it is nothing but `*`.
    #[must_use]
    pub fn is_any(&self) -> bool {
        self.text == "*"
    }

    /// Whether it is stars alone, so that every text fits.
    #[must_use]
    pub fn is_stars(&self) -> bool {
        !self.text.is_empty() && self.text.chars().all(|c| c == '*')
    }

    pub(crate) fn matches(&self, value: &str, reading: Reading) -> bool {
        if !self.has_star() {
            return self.text == value;
        }
        match reading {
            Reading::Ends => self.at_ends(value),
            Reading::Anywhere => self.anywhere(value),
            Reading::FirstPlace => self.first_place(value),
        }
    }

    fn at_ends(&self, value: &str) -> bool {
        let (rest, open_start) = self.text.strip_prefix('*').map_or((self.text.as_str(), false), |rest| (rest, true));
        let (middle, open_end) = rest.strip_suffix('*').map_or((rest, false), |middle| (middle, true));
        match (open_start, open_end) {
            (true, true) => memmem::find(value.as_bytes(), middle.as_bytes()).is_some(),
            (true, false) => value.ends_with(middle),
            (false, true) => value.starts_with(middle),
            (false, false) => value == middle,
        }
    }

    fn anywhere(&self, value: &str) -> bool {
        let Some((head, rest)) = self.text.split_once('*') else { return self.text == value };
        let (middle, tail) = rest.rsplit_once('*').unwrap_or(("", rest));
        let Some(value) = value.strip_prefix(head).and_then(|v| v.strip_suffix(tail)) else { return false };
        in_order(middle, value.as_bytes()).is_some()
    }

    fn first_place(&self, value: &str) -> bool {
        let Some((head, rest)) = self.text.split_once('*') else { return self.text == value };
        let Some(value) = value.strip_prefix(head) else { return false };
        match in_order(rest, value.as_bytes()) {
            Some(end) => rest.ends_with('*') || rest.is_empty() || end == value.len(),
            None => false,
        }
    }
}

/// Places the pieces between stars one after the other, each as early as it goes: where the last ends.
fn in_order(pieces: &str, value: &[u8]) -> Option<usize> {
    let mut at = 0;
    for piece in pieces.split('*') {
        at += memmem::find(&value[at..], piece.as_bytes())? + piece.len();
    }
    Some(at)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_readings_differ_where_a_star_is_inside_or_a_text_repeats() {
        for (text, value, readings) in [
            ("x", "x", [true, true, true]),
            ("x*", "xy", [true, true, true]),
            ("*y", "xy", [true, true, true]),
            ("*", "", [true, true, true]),
            ("**", "", [true, true, true]),
            ("*b*", "abc", [true, true, true]),
            ("*b*", "ac", [false, false, false]),
            ("1*3", "123", [false, true, true]),
            ("111*111", "111.111.111.111", [false, true, false]),
            ("*111.111.111", "111.111.111.111", [true, true, false]),
            ("*.111.111.111", "111.111.111.111", [true, true, true]),
            ("Ev*ent", "Ev*ent", [true, true, true]),
            ("a*b*c", "a-b-c", [false, true, true]),
            ("a*a", "a", [false, false, false]),
        ] {
            let glob = Glob { text: text.to_owned() };
            assert_eq!(Reading::ALL.map(|reading| glob.matches(value, reading)), readings, "{text} on {value}");
        }
    }
}
