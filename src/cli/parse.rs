//! Any event stream to the events that a conforming client would see, as they arrive.

use std::fs::File;
use std::io::{self, Read, Write};

use super::explain::{Explained, Explainer};
use super::lint::recording;
use super::{against, literal};
use crate::event_stream::{Event, Item, Parser};
use crate::report::escape;

/// Wider than any text: nothing is cut.
const WHOLE: usize = 1 << 40;
/// How much of a line is shown beside its meaning.
const LINE_WIDTH: usize = 40;

/// What `ssespec parse` takes.
#[derive(clap::Args, Debug, Default)]
pub struct Args {
    /// The file to read; `-` or nothing for standard input
    #[arg(value_name = "FILE", conflicts_with = "stream")]
    file: Option<String>,
    /// One JSON object for each event: type, data, lastEventId
    #[arg(long, conflicts_with = "explain")]
    json: bool,
    /// Show each line of the stream with what it meant
    #[arg(long)]
    explain: bool,
    /// The stream itself; understands \n \r \t \0 \\ \" \xNN (one byte) and \u{..} [repeated: its chunks]
    #[arg(long, value_name = "LITERAL")]
    stream: Vec<String>,
    /// The last event ID string that an earlier connection left
    #[arg(long, value_name = "ID", default_value = "", hide_default_value = true)]
    last_event_id: String,
    #[command(flatten)]
    against: against::Args,
}

/// Parses a stream and prints as it goes. `Err` is one sentence for the user.
pub fn run(args: &Args, out: &mut dyn Write) -> Result<u8, String> {
    let chunks = args
        .stream
        .iter()
        .map(|text| literal::bytes("--stream", text));
    let chunks: Vec<Vec<u8>> = chunks.collect::<Result<_, _>>()?;
    let of_case = args.against.delivery_of_case()?;
    let name = args.file.as_deref().filter(|&file| file != "-");
    let shown_name = escape::prose(name.unwrap_or("standard input"));
    let mut input: Box<dyn Read> = match (&of_case, chunks.is_empty(), name) {
        (Some(delivery), ..) => Box::new(io::Cursor::new(delivery.bytes().to_vec())),
        (None, false, _) => Box::new(io::Cursor::new(chunks.concat())),
        (None, true, Some(name)) => {
            Box::new(File::open(name).map_err(|error| format!("{shown_name}: {error}"))?)
        }
        (None, true, None) => Box::new(io::stdin().lock()),
    };
    // What `ssespec lint --record` wrote is read back.
    input = recording::plain(input).map_err(|error| format!("{shown_name}: {error}"))?;
    if args.against.is_asked_for() {
        if args.json || args.explain || !args.last_event_id.is_empty() {
            return Err("--against goes without --json, --explain and --last-event-id".to_owned());
        }
        let delivery = match of_case {
            Some(delivery) => delivery,
            None => {
                let mut stream = Vec::new();
                let read = input.read_to_end(&mut stream);
                read.map_err(|error| format!("{shown_name}: {error}"))?;
                args.against.delivery(stream, ends(&chunks))?
            }
        };
        return against::run(&args.against, &delivery, out);
    }
    let result = if args.explain {
        explain(&mut *input, &args.last_event_id, out)
    } else {
        events(&mut *input, args, out)
    };
    match result {
        // Whoever reads, `head` for one, has seen enough.
        Err(Stop::Write(error)) if error.kind() == io::ErrorKind::BrokenPipe => Ok(0),
        Err(Stop::Write(error)) => Err(format!("cannot write: {error}")),
        Err(Stop::Read(error)) => Err(format!("{shown_name}: {error}")),
        Ok(()) => Ok(0),
    }
}

/// Where all chunks but the last end.
fn ends(chunks: &[Vec<u8>]) -> Vec<usize> {
    let ends = chunks.iter().scan(0, |end, chunk| {
        *end += chunk.len();
        Some(*end)
    });
    ends.take(chunks.len().saturating_sub(1)).collect()
}

/// Why a stream was not followed to its end.
enum Stop {
    Read(io::Error),
    Write(io::Error),
}

fn events(input: &mut dyn Read, args: &Args, out: &mut dyn Write) -> Result<(), Stop> {
    let mut parser = Parser::new();
    parser.set_last_event_id(&args.last_event_id);
    for_each_chunk(input, |mut chunk| {
        while let Some(item) = parser.next(&mut chunk) {
            let Item::Event(event) = item else { continue };
            let line = if args.json {
                json(&event)
            } else {
                plain(&event)
            };
            writeln!(out, "{line}")?;
            // Whoever watches a live stream must not wait for a buffer to fill.
            out.flush()?;
        }
        Ok(())
    })
}

fn explain(input: &mut dyn Read, last_event_id: &str, out: &mut dyn Write) -> Result<(), Stop> {
    let mut explainer = Explainer::new(last_event_id);
    for_each_chunk(input, |chunk| {
        for explained in explainer.feed(chunk) {
            write_explained(out, &explained)?;
        }
        out.flush()
    })?;
    for sentence in explainer.end_of_stream() {
        writeln!(out, "{sentence}").map_err(Stop::Write)?;
    }
    Ok(())
}

fn write_explained(out: &mut dyn Write, explained: &Explained) -> io::Result<()> {
    let visible = escape::shortened(&escape::bytes(&explained.line), LINE_WIDTH);
    let padding = " ".repeat(LINE_WIDTH - escape::columns(&visible));
    let Explained {
        number,
        meaning,
        clause,
        event,
        ..
    } = explained;
    writeln!(out, "{number:>5}  {visible}{padding}  {meaning} ({clause})")?;
    if let Some(event) = event {
        let event = Event {
            event_type: &event.event_type,
            data: &event.data,
            last_event_id: &event.last_event_id,
        };
        writeln!(out, "    =>  {}", plain(&event))?;
    }
    Ok(())
}

/// Hands on what is there, as soon as it is there.
fn for_each_chunk(
    input: &mut dyn Read,
    mut f: impl FnMut(&[u8]) -> io::Result<()>,
) -> Result<(), Stop> {
    let mut buffer = vec![0; 64 << 10];
    loop {
        match input.read(&mut buffer) {
            Ok(0) => return Ok(()),
            Ok(n) => f(&buffer[..n]).map_err(Stop::Write)?,
            Err(error) if error.kind() == io::ErrorKind::Interrupted => (),
            Err(error) => return Err(Stop::Read(error)),
        }
    }
}

fn plain(event: &Event<'_>) -> String {
    let is_word = |c: char| c.is_ascii_alphanumeric() || "-_.:/".contains(c);
    let event_type = if event.event_type.chars().all(is_word) {
        event.event_type.to_owned()
    } else {
        escape::quoted(event.event_type.as_bytes(), WHOLE)
    };
    let id = match event.last_event_id {
        "" => String::new(),
        id => format!("  id={}", escape::quoted(id.as_bytes(), WHOLE)),
    };
    format!(
        "{event_type}{id}  data={}",
        escape::quoted(event.data.as_bytes(), WHOLE)
    )
}

fn json(event: &Event<'_>) -> String {
    // What steers a terminal is escaped, so that no stream filter on the way has a reason to take it out.
    let text = |text: &str| {
        let quoted = serde_json::Value::from(text).to_string();
        let escaped = |c: char| match c {
            c if c.is_control() => format!("\\u{:04x}", u32::from(c)),
            c => c.to_string(),
        };
        quoted.chars().map(escaped).collect::<String>()
    };
    format!(
        "{{\"type\":{},\"data\":{},\"lastEventId\":{}}}",
        text(event.event_type),
        text(event.data),
        text(event.last_event_id)
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    fn output(args: Args) -> Result<String, String> {
        let mut out = Vec::new();
        run(&args, &mut out)?;
        Ok(String::from_utf8(out).expect("UTF-8"))
    }

    fn of(stream: &str) -> Args {
        Args {
            stream: vec![stream.to_owned()],
            ..Args::default()
        }
    }

    #[test]
    fn events_are_printed_one_a_line() {
        let stream = r"data: a\ndata: b\nid: 7\n\nevent: a b\ndata: \x1b[2J\xff\n\n";
        assert_eq!(
            output(of(stream)),
            Ok(
                "message  id=\"7\"  data=\"a\\nb\"\n\"a b\"  id=\"7\"  data=\"\\x1b[2J\u{fffd}\"\n"
                    .to_owned()
            )
        );
        let args = Args {
            json: true,
            last_event_id: "6".to_owned(),
            ..of(r#"data: "x"\n\n"#)
        };
        assert_eq!(
            output(args),
            Ok("{\"type\":\"message\",\"data\":\"\\\"x\\\"\",\"lastEventId\":\"6\"}\n".to_owned())
        );
    }

    #[test]
    fn json_escapes_every_control_character() {
        let args = Args {
            json: true,
            ..of(r"data: a\x7f\u{9b}b\n\n")
        };
        let line = "{\"type\":\"message\",\"data\":\"a\\u007f\\u009bb\",\"lastEventId\":\"\"}\n";
        assert_eq!(output(args), Ok(line.to_owned()));
    }

    #[test]
    fn explained_lines_carry_number_meaning_clause_and_event() {
        let args = Args {
            explain: true,
            ..of(r"data: a\n\ndata: b")
        };
        let line = |number, line, meaning| format!("{number:>5}  {line:<40}  {meaning}\n");
        let expected = [
            line(1, "data: a", "field data: appended (data.single)"),
            line(2, "", "blank: dispatches message (dispatch.order)"),
            "    =>  message  data=\"a\"\n".to_owned(),
            "discarded: line 3 has no end: \"data: b\" (line.unterminated-eof)\n".to_owned(),
            "at the end: last event ID \"\", reconnection time not set\n".to_owned(),
        ];
        assert_eq!(output(args), Ok(expected.concat()));
    }

    #[test]
    fn an_event_is_flushed_before_the_next_chunk_is_read() {
        struct Chunks(Vec<&'static [u8]>, std::rc::Rc<std::cell::Cell<usize>>);
        impl Read for Chunks {
            fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
                assert_eq!(
                    self.1.get(),
                    2 - self.0.len(),
                    "what was read before is not flushed yet"
                );
                let Some(chunk) = self.0.pop() else {
                    return Ok(0);
                };
                buffer[..chunk.len()].copy_from_slice(chunk);
                Ok(chunk.len())
            }
        }
        struct Flushes(std::rc::Rc<std::cell::Cell<usize>>);
        impl Write for Flushes {
            fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
                Ok(bytes.len())
            }
            fn flush(&mut self) -> io::Result<()> {
                self.0.set(self.0.get() + 1);
                Ok(())
            }
        }
        let n_flushed = std::rc::Rc::default();
        let mut input = Chunks(
            vec![b"data: b\n\n", b"data: a\n\n"],
            std::rc::Rc::clone(&n_flushed),
        );
        assert!(events(&mut input, &Args::default(), &mut Flushes(n_flushed)).is_ok());
    }

    #[test]
    fn a_file_that_is_not_there_is_one_sentence() {
        let args = Args {
            file: Some("no/such/file".to_owned()),
            ..Args::default()
        };
        assert!(output(args).is_err_and(|error| error.starts_with("no/such/file: ")));
    }
}
