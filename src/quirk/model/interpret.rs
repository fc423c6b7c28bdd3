//! A line to what it does to the block.

use super::byte_order_mark::Bom;
use super::characters::Characters;
use super::decode::Decode;
use super::fields::{Comment, Field, NoColon, Unknown};
use super::shape::Shape;
use super::{Model, Stop};

impl Model {
    /// Interprets a line without its end; whether a blank one ends the block is up to the caller.
    pub(super) fn line(&mut self, mut line: &[u8], blank_dispatches: bool) -> Result<(), Stop> {
        match self.choices.decode {
            Decode::StrictByLine if std::str::from_utf8(line).is_err() => {
                return Err(Stop::Error("invalid UTF-8"));
            }
            Decode::DropsLine if std::str::from_utf8(line).is_err() => return Ok(()),
            _ => (),
        }
        if self.choices.bom == Bom::EachLine {
            line = line.strip_prefix("\u{FEFF}".as_bytes()).unwrap_or(line);
        }
        if self.choices.characters == Characters::NulCutsLine {
            line = &line[..memchr::memchr(0, line).unwrap_or(line.len())];
        }
        if self.choices.blank_line.holds(line) {
            return if blank_dispatches {
                self.blank_line()
            } else {
                Ok(())
            };
        }
        match (line, self.choices.comment) {
            ([b':', text @ ..], Comment::IsField) => self.field(text),
            ([b':', text @ ..], _) => self.comment(text),
            (_, Comment::HashToo) => {
                self.field(line.split(|&byte| byte == b'#').next().unwrap_or_default())
            }
            _ => self.field(line),
        }
    }

    fn comment(&mut self, text: &[u8]) -> Result<(), Stop> {
        match self.choices.comment {
            Comment::IsData => self
                .block
                .add_data(&self.choices, text.strip_prefix(b" ").unwrap_or(text)),
            Comment::Dispatches => return self.blank_line(),
            Comment::EndsStream => return Err(Stop::Silent),
            Comment::Error => return Err(Stop::Error("comment")),
            Comment::NulError if text.contains(&0) => return Err(Stop::Error("NUL in comment")),
            comment => self.block.comment(comment),
        }
        Ok(())
    }

    fn field(&mut self, line: &[u8]) -> Result<(), Stop> {
        let (name, value) = self.choices.separator.split(line);
        if self.choices.decode == Decode::StrictByValue
            && value.is_some_and(|value| std::str::from_utf8(value).is_err())
        {
            return Err(Stop::Error("invalid UTF-8"));
        }
        let field = self.choices.names.field(name);
        let value = match value {
            Some(value) => self.choices.leading_space.remove(field, value),
            None => match (self.choices.no_colon, field) {
                (NoColon::Ignored, _)
                | (NoColon::DataIgnored, Some(Field::Data))
                | (NoColon::IdIgnored, Some(Field::Id))
                | (NoColon::EventIgnored, Some(Field::Event)) => return Ok(()),
                (NoColon::Error, _) => return Err(Stop::Error("line without colon")),
                (NoColon::IsData, _) => {
                    self.block.add_data(&self.choices, line);
                    return Ok(());
                }
                (NoColon::ContinuesData, None) => {
                    self.block.continue_data(line);
                    return Ok(());
                }
                _ => b"",
            },
        };
        let Some(field) = field else {
            return self.unknown(line);
        };
        if let Some(event) = self.block.process_field(&self.choices, field, value)? {
            self.release(event);
        }
        if self.choices.shape == Shape::LineIsEvent && field == Field::Data {
            return self.blank_line();
        }
        Ok(())
    }

    fn unknown(&mut self, line: &[u8]) -> Result<(), Stop> {
        match self.choices.unknown {
            Unknown::IsData => self.block.add_data(&self.choices, line),
            Unknown::Dispatches => return self.blank_line(),
            Unknown::EndsStream => return Err(Stop::Silent),
            Unknown::Error => return Err(Stop::Error("unknown field")),
            unknown => self.block.unknown(unknown),
        }
        Ok(())
    }

    /// Ends the block.
    pub(super) fn blank_line(&mut self) -> Result<(), Stop> {
        if let Some(event) = self.block.blank_line(&self.choices)? {
            self.release(event);
        }
        Ok(())
    }
}
