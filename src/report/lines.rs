//! A deployed pattern over several lines.

/// A line break in the place of the blank before each outer `&&` and `||`: all offsets stay as they are.
pub fn on_lines(pattern: &str) -> String {
    let (mut depth, mut quoted, mut escaped) = (0_usize, false, false);
    let mut out = String::with_capacity(pattern.len());
    for (i, c) in pattern.char_indices() {
        match c {
            _ if escaped => {}
            '"' => quoted = !quoted,
            '(' if !quoted => depth += 1,
            ')' if !quoted => depth = depth.saturating_sub(1),
            _ => {}
        }
        escaped = quoted && c == '\\' && !escaped;
        let breaks = c == ' ' && depth == 0 && !quoted && (pattern[i + 1..].starts_with("&& ") || pattern[i + 1..].starts_with("|| "));
        out.push(if breaks { '\n' } else { c });
    }
    out
}

#[cfg(test)]
mod tests {
    use super::on_lines;

    #[test]
    fn only_outer_operators_begin_a_line() {
        let pattern = r#"{ ($.a = "x && \"y\" && (") && (($.b = 1) || ($.c = 2)) || ($.d = "\\") && ($.e = 3) }"#;
        let lines = on_lines(pattern);
        assert_eq!(lines.replace('\n', " "), pattern);
        assert_eq!(lines.lines().count(), 4, "{lines}");
    }
}
