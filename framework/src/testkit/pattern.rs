//! Values as a play writes them: `{name: "ann", ids: [1, 2], bytes: 0x00ff}`, with `_`, `$name` and `~"part"` where something is expected.

use std::collections::BTreeMap;
use std::fmt;

use bytes::Bytes;
use uchat_codec::{Dict, Int, Value};

/// A value, or what a value has to look like.
#[derive(Clone, Debug)]
pub(crate) enum Pattern {
    /// Exactly this.
    Is(Value),
    /// `~"part"`: a text that has this in it.
    Contains(String),
    /// `_`: anything.
    Any,
    /// `$name`: anything at first, and the same later.
    Named(String),
    /// Each one, in this order.
    List(Vec<Pattern>),
    /// At least these.
    Dict(Vec<(String, Pattern)>),
}

/// Values that were given names.
pub(crate) type Names = BTreeMap<String, Value>;

/// A value that can't be read.
#[derive(Debug)]
pub(crate) struct Unreadable(String);

impl fmt::Display for Unreadable {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl Pattern {
    /// Reads a pattern; nothing but blanks may stand behind it. No text is no value.
    pub(crate) fn parse(text: &str) -> Result<Self, Unreadable> {
        let mut reader = Reader { rest: text.trim() };
        if reader.rest.is_empty() {
            return Ok(Self::Is(Value::None));
        }
        let pattern = reader.pattern()?;
        if reader.rest.trim().is_empty() {
            Ok(pattern)
        } else {
            Err(Unreadable(format!("what does `{}` mean?", reader.rest)))
        }
    }

    /// Whether a value looks like this; gives names to what has none yet.
    pub(crate) fn fits(&self, value: &Value, names: &mut Names) -> bool {
        match self {
            Self::Is(wanted) => wanted == value,
            Self::Contains(part) => value.as_str().is_some_and(|text| text.contains(part)),
            Self::Any => true,
            Self::Named(name) => names.entry(name.clone()).or_insert_with(|| value.clone()) == value,
            Self::List(wanted) => value.as_list().is_some_and(|found| {
                found.len() == wanted.len()
                    && wanted.iter().zip(found).all(|(pattern, value)| pattern.fits(value, names))
            }),
            Self::Dict(wanted) => wanted
                .iter()
                .all(|(key, pattern)| value.get(key).is_some_and(|value| pattern.fits(value, names))),
        }
    }

    /// The value to send; what is only expected can't be sent.
    pub(crate) fn value(&self, names: &Names) -> Result<Value, Unreadable> {
        match self {
            Self::Is(value) => Ok(value.clone()),
            Self::Named(name) => {
                names.get(name).cloned().ok_or_else(|| Unreadable(format!("nothing was named ${name}")))
            }
            Self::List(items) => {
                Ok(Value::List(items.iter().map(|item| item.value(names)).collect::<Result<_, _>>()?))
            }
            Self::Dict(entries) => {
                let mut dict = Dict::new();
                for (key, entry) in entries {
                    dict.insert(key.as_str(), entry.value(names)?);
                }
                Ok(Value::Dict(dict))
            }
            Self::Contains(_) | Self::Any => Err(Unreadable("this can be expected, not sent".into())),
        }
    }
}

struct Reader<'a> {
    rest: &'a str,
}

impl<'a> Reader<'a> {
    fn pattern(&mut self) -> Result<Pattern, Unreadable> {
        self.rest = self.rest.trim_start();
        match self.rest.chars().next() {
            Some('"') => Ok(Pattern::Is(Value::from(self.text()?.as_str()))),
            Some('~') => {
                self.rest = &self.rest[1..];
                Ok(Pattern::Contains(self.text()?))
            }
            Some('$') => {
                self.rest = &self.rest[1..];
                Ok(Pattern::Named(self.word().to_owned()))
            }
            Some('[') => Ok(Pattern::List(self.items(']', Self::pattern)?)),
            Some('{') => Ok(Pattern::Dict(self.items('}', Self::entry)?)),
            _ => self.plain(),
        }
    }

    fn plain(&mut self) -> Result<Pattern, Unreadable> {
        let word = self.word();
        match word {
            "_" => Ok(Pattern::Any),
            "none" => Ok(Pattern::Is(Value::None)),
            "true" => Ok(Pattern::Is(Value::Bool(true))),
            "false" => Ok(Pattern::Is(Value::Bool(false))),
            _ if word.starts_with("0x") => match bytes(&word[2..]) {
                Some(bytes) => Ok(Pattern::Is(Value::Bytes(bytes))),
                None => Err(Unreadable(format!("`{word}` should have two hexadecimal digits for each byte"))),
            },
            _ => match Int::from_decimal(word) {
                Some(int) => Ok(Pattern::Is(Value::Int(int))),
                None => Err(Unreadable(format!("a value was expected, there is `{}{}`", word, self.rest))),
            },
        }
    }

    fn entry(&mut self) -> Result<(String, Pattern), Unreadable> {
        self.rest = self.rest.trim_start();
        let key = if self.rest.starts_with('"') { self.text()? } else { self.word().to_owned() };
        self.sign(':')?;
        Ok((key, self.pattern()?))
    }

    fn items<T>(
        &mut self,
        end: char,
        one: impl Fn(&mut Self) -> Result<T, Unreadable>,
    ) -> Result<Vec<T>, Unreadable> {
        self.rest = &self.rest[1..];
        let mut items = Vec::new();
        loop {
            self.rest = self.rest.trim_start();
            if let Some(rest) = self.rest.strip_prefix(end) {
                self.rest = rest;
                return Ok(items);
            }
            if !items.is_empty() {
                self.sign(',')?;
            }
            items.push(one(self)?);
        }
    }

    fn sign(&mut self, sign: char) -> Result<(), Unreadable> {
        self.rest = self.rest.trim_start();
        match self.rest.strip_prefix(sign) {
            Some(rest) => {
                self.rest = rest;
                Ok(())
            }
            None => Err(Unreadable(format!("`{sign}` was expected before `{}`", self.rest))),
        }
    }

    fn word(&mut self) -> &'a str {
        let end = self.rest.find(|c: char| !c.is_alphanumeric() && c != '_').unwrap_or(self.rest.len());
        let (word, rest) = self.rest.split_at(end);
        self.rest = rest;
        word
    }

    /// A text in quotes, with `\"`, `\\` and `\n` in it.
    fn text(&mut self) -> Result<String, Unreadable> {
        let mut text = String::new();
        let mut chars = self.rest.char_indices().skip(1);
        while let Some((at, c)) = chars.next() {
            match c {
                '"' => {
                    self.rest = &self.rest[at + 1..];
                    return Ok(text);
                }
                '\\' => match chars.next() {
                    Some((_, 'n')) => text.push('\n'),
                    Some((_, other)) => text.push(other),
                    None => break,
                },
                _ => text.push(c),
            }
        }
        Err(Unreadable(format!("a text has no end: {}", self.rest)))
    }
}

/// The bytes of pairs of hexadecimal digits.
fn bytes(digits: &str) -> Option<Bytes> {
    let digit = |c: char| c.to_digit(16).and_then(|digit| u8::try_from(digit).ok());
    let digits: Vec<u8> = digits.chars().map(digit).collect::<Option<_>>()?;
    let (pairs, rest) = digits.as_chunks::<2>();
    rest.is_empty().then(|| pairs.iter().map(|[high, low]| high << 4 | low).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_written_is_what_is_sent() {
        let read = |text: &str| Pattern::parse(text).unwrap().value(&Names::new()).unwrap();
        assert_eq!(read(""), Value::None);
        assert_eq!(read("7"), Value::from(7));
        assert_eq!(read("0x00fF"), Value::Bytes(Bytes::from_static(&[0, 255])));
        assert_eq!(read(r#""say \"hi\", 你好""#), Value::from("say \"hi\", 你好"));
        let mut dict = Dict::new();
        dict.insert("to", Value::List(vec![Value::from(1), Value::Bool(true)]));
        assert_eq!(read("{to: [1, true]}"), Value::Dict(dict));
        for wrong in ["[1", "{a 1}", "\"open", "7 8", "-1", "what", "0x0"] {
            assert!(Pattern::parse(wrong).is_err(), "{wrong}");
        }
    }

    #[test]
    fn a_dict_needs_what_is_named_and_a_name_stays_what_it_was() {
        let value = Pattern::parse(r#"{id: 7, name: "ann", more: [1, 2]}"#).unwrap();
        let value = value.value(&Names::new()).unwrap();
        let mut names = Names::new();
        let mut fits = |text: &str| Pattern::parse(text).unwrap().fits(&value, &mut names);
        assert!(fits(r#"{name: ~"an", more: [_, 2]}"#));
        assert!(fits("{id: $who}") && fits("{id: $who}"));
        assert!(!fits("{more: [1]}") && !fits("{more: $who}") && !fits("{nothing: _}"));
    }
}
