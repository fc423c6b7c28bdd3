//! A line to what it does to the block.

use super::byte_order_mark::{Bom, without_mark};
use super::characters::Characters;
use super::decode::Decode;
use super::fields::{Comment, Field, NoColon, Side, Unknown, is_white_in_java, trim_as};
use super::lines::LineEnds;
use super::{Model, Stop};

impl Model {
    /// Interprets a line without its end; whether a blank one ends the block is up to the caller.
    pub(super) fn line(&mut self, mut line: &[u8], blank_dispatches: bool) -> Result<(), Stop> {
        match self.choices.decode {
            Decode::StrictByLine | Decode::StrictByLineAndEnd
                if std::str::from_utf8(line).is_err() =>
            {
                return Err(Stop::Error("invalid UTF-8"));
            }
            Decode::DropsLine if std::str::from_utf8(line).is_err() => return Ok(()),
            _ => (),
        }
        if self.choices.shape.is_line_by_line() {
            line = self.byte_order_mark.without_mark(self.choices.bom, line);
        }
        let Some(kept) = self.choices.whole_line.read(line) else {
            return Ok(());
        };
        line = kept;
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
        self.block.is_begun = true;
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
        let marks_are_gone = self.choices.bom == Bom::EachNameAndValue;
        let unmarked = |text| {
            if marks_are_gone {
                without_mark(text)
            } else {
                text
            }
        };
        let field = self.choices.names.field(unmarked(name));
        let is_decoded_strictly = match self.choices.decode {
            Decode::StrictByValue => field.is_some(),
            Decode::StrictByAnyValue => true,
            _ => false,
        };
        if is_decoded_strictly && value.is_some_and(|value| std::str::from_utf8(value).is_err()) {
            return Err(Stop::Error("invalid UTF-8"));
        }
        let value = match value {
            Some(value) => unmarked(self.choices.leading_space.remove(field, value)),
            None => match (self.choices.no_colon, field) {
                (NoColon::Ignored, _)
                | (NoColon::DataIgnored, Some(Field::Data))
                | (NoColon::IdIgnored, Some(Field::Id))
                | (NoColon::EventIgnored, Some(Field::Event)) => return Ok(()),
                (NoColon::AllButDataIgnored, field) if field != Some(Field::Data) => return Ok(()),
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
        if self.choices.line_ends == LineEnds::LfAndCrlfNoCrInNames
            && matches!(field, Field::Event | Field::Id)
            && trim_as(value, Side::Both, is_white_in_java).contains(&b'\r')
        {
            return Err(Stop::Error("CR in a type or id"));
        }
        if let Some(event) = self.block.process_field(&self.choices, field, value)? {
            self.release(event);
        }
        if self.choices.shape.line_is_event() && field == Field::Data {
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
