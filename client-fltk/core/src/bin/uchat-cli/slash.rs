//! What a person types.

/// A line as it was meant.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Typed<'a> {
    /// Nothing at all.
    Nothing,
    /// Text for the open conversation.
    Text(&'a str),
    /// `/word rest`
    Slash(&'a str, &'a str),
}

impl<'a> Typed<'a> {
    /// Reads a line; `//` at its beginning stands for a `/` in a text.
    pub(crate) fn read(line: &'a str) -> Self {
        let line = line.trim();
        match line.strip_prefix('/') {
            _ if line.is_empty() => Self::Nothing,
            None => Self::Text(line),
            Some(text) if text.starts_with('/') => Self::Text(text),
            Some(command) => {
                let (word, rest) = command.split_once(char::is_whitespace).unwrap_or((command, ""));
                Self::Slash(word, rest.trim())
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::Typed;

    #[test]
    fn a_line_is_a_command_or_a_text() {
        assert_eq!(Typed::read("  "), Typed::Nothing);
        assert_eq!(Typed::read("hi /there"), Typed::Text("hi /there"));
        assert_eq!(Typed::read("//etc"), Typed::Text("/etc"));
        assert_eq!(Typed::read("/open  #3 "), Typed::Slash("open", "#3"));
    }
}
