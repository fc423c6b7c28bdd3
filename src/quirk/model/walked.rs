//! A model to its copies, and to what tells it from others: for walks over many streams that start alike.

use std::hash::{Hash, Hasher};

use super::Model;

/// Copies into the buffers that are there, so that a walk over many streams allocates nothing for a copy.
impl Clone for Model {
    fn clone(&self) -> Self {
        let mut copy = Self::new(self.choices);
        copy.clone_from(self);
        copy
    }

    #[inline]
    fn clone_from(&mut self, source: &Self) {
        let Self {
            // Empty between chunks.
            text: _,
            byte_order_mark,
            decoder,
            block_text,
            lines,
            block,
            events,
            own,
            choices,
            waiting_cr,
            n_chunks,
            n_events_before_chunk,
            stop,
        } = source;
        self.byte_order_mark.clone_from(byte_order_mark);
        self.decoder.clone_from(decoder);
        copy(&mut self.block_text, block_text);
        self.lines.clone_from(lines);
        self.block.clone_from(block);
        // A walk forgets the events that it has looked at.
        if !(self.events.is_empty() && events.is_empty()) {
            self.events.clone_from(events);
            self.own.clone_from(own);
        }
        self.choices = *choices;
        self.waiting_cr = *waiting_cr;
        self.n_chunks = *n_chunks;
        self.n_events_before_chunk = *n_events_before_chunk;
        self.stop = *stop;
    }
}

/// All but the choices, which a model keeps.
impl Hash for Model {
    fn hash<H: Hasher>(&self, hasher: &mut H) {
        let Self {
            choices: _,
            // Empty between chunks.
            text: _,
            byte_order_mark,
            decoder,
            block_text,
            lines,
            block,
            events,
            own,
            waiting_cr,
            n_chunks,
            n_events_before_chunk,
            stop,
        } = self;
        byte_order_mark.hash(hasher);
        decoder.hash(hasher);
        block_text.hash(hasher);
        lines.hash(hasher);
        block.hash(hasher);
        (events, own).hash(hasher);
        (waiting_cr, n_chunks, n_events_before_chunk, stop).hash(hasher);
    }
}

/// Copies a buffer into one that is there. Mostly both are empty, and then not even a copy of nothing is called for.
pub(super) fn copy<T: Clone + AsRef<[u8]>>(to: &mut T, from: &T) {
    if !(to.as_ref().is_empty() && from.as_ref().is_empty()) {
        to.clone_from(from);
    }
}
