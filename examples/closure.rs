//! A parser of your own, held to the corpus inside `cargo test`: put `conforms` among your tests.
//!
//! `cargo test --example closure`, or `cargo run --example closure` to see what a careless parser gets wrong.

use ssespec::event_stream::OwnedEvent;

/// The parser under test: split on two line feeds, as many do.
fn careless(chunks: &[&[u8]]) -> Vec<OwnedEvent> {
    let text = String::from_utf8_lossy(&chunks.concat()).into_owned();
    let data = |block: &str| {
        block
            .lines()
            .find_map(|line| line.strip_prefix("data: ").map(str::to_owned))
    };
    let event = |data| OwnedEvent {
        event_type: "message".to_owned(),
        data,
        last_event_id: String::new(),
    };
    text.split("\n\n").filter_map(data).map(event).collect()
}

fn main() {
    ssespec::check("", careless);
}

#[cfg(test)]
mod tests {
    use ssespec::event_stream::{OwnedEvent, Parser};

    fn mine(chunks: &[&[u8]]) -> Vec<OwnedEvent> {
        let mut parser = Parser::new();
        chunks.iter().flat_map(|chunk| parser.feed(chunk)).collect()
    }

    #[test]
    fn conforms() {
        ssespec::check("", mine);
    }
}
