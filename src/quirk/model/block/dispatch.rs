//! A block at its end to whether it makes an event.

use super::super::choices::Choices;
use super::super::retry::RetryEvent;
use super::{Block, Has, Stop};

/// Which blocks make an event.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Dispatch {
    #[default]
    WithData,
    WithNonEmptyData,
    WithTypeToo,
    WithIdToo,
    WithAnyField,
    WithAnyValidField,
    WithDataTypeOrId,
    OnceIdSeen,
    UnlessNothingSet,
    EveryBlankLine,
    WithTypeOnly,
    EmptyDataError,
    NoDataError,
    NothingSetError,
    SecondBlankLineError,
}

impl Block {
    pub(super) fn makes_event(&self, choices: &Choices) -> Result<bool, Stop> {
        let has_data = self.n_data > 0;
        let Has {
            event,
            id,
            retry,
            event_maker,
        } = self.has;
        let makes_event = match choices.dispatch {
            Dispatch::WithData => has_data,
            Dispatch::WithNonEmptyData => !self.data.is_empty(),
            Dispatch::WithTypeToo => has_data || !self.event_type.is_empty(),
            Dispatch::WithIdToo => has_data || id,
            Dispatch::WithAnyField => !self.is_empty(),
            Dispatch::WithAnyValidField => {
                has_data || event || self.own.id.is_some() || self.own.retry.is_some()
            }
            Dispatch::WithDataTypeOrId => has_data || event || self.own.id.is_some(),
            Dispatch::OnceIdSeen => has_data || !self.id_buffer.is_empty(),
            Dispatch::UnlessNothingSet => {
                has_data
                    || !self.event_type.is_empty()
                    || !self.id_buffer.is_empty()
                    || self.own.retry.is_some()
            }
            Dispatch::EveryBlankLine => true,
            Dispatch::WithTypeOnly => has_data && !self.event_type.is_empty(),
            Dispatch::EmptyDataError if has_data && self.data.is_empty() => {
                return Err(Stop::Error("empty data"));
            }
            Dispatch::NoDataError if !has_data && (event || id || retry) => {
                return Err(Stop::Error("no data"));
            }
            Dispatch::NothingSetError
                if (event || id || retry)
                    && !has_data
                    && self.event_type.is_empty()
                    && !self.id_is_set
                    && self.own.retry.is_none() =>
            {
                return Err(Stop::Error("empty event"));
            }
            Dispatch::SecondBlankLineError if self.n_blank_lines > 1 => {
                return Err(Stop::Error("unexpected blank line"));
            }
            Dispatch::EmptyDataError
            | Dispatch::NoDataError
            | Dispatch::NothingSetError
            | Dispatch::SecondBlankLineError => has_data,
        };
        Ok(match choices.retry_event {
            RetryEvent::DropsEvent if retry => false,
            RetryEvent::MakesEvent if retry => true,
            _ => makes_event || event_maker,
        })
    }
}
