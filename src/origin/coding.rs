//! An answer whose body is coded: its chunks to coded ones, each flushed, so that a client can decode it as soon as it has come.

use std::io::{self, Write as _};

use flate2::Compression;
use flate2::write::GzEncoder;

use crate::script::{Coding, Ending, Response, Step};

/// The answer as it goes out: coded if it is to be and the client accepts that, else as it is.
pub fn coded<'a>(
    mut response: Response,
    accept_encoding: impl IntoIterator<Item = &'a [u8]>,
) -> Response {
    let accepted = response
        .coding
        .filter(|coding| coding.is_accepted(accept_encoding));
    if let Some(coding) = accepted
        && let Ok(steps) = gzip(&response, coding)
    {
        response.steps = steps;
        response
            .headers
            .push(("content-encoding".to_owned(), b"gzip".to_vec()));
    }
    response
}

fn gzip(response: &Response, coding: Coding) -> io::Result<Vec<Step>> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::default());
    let mut steps = Vec::new();
    for step in &response.steps {
        let Step::Write(bytes) = step else {
            steps.push(step.clone());
            continue;
        };
        encoder.write_all(bytes)?;
        encoder.flush()?;
        steps.push(Step::Write(std::mem::take(encoder.get_mut())));
    }
    if response.then == Ending::Close && coding == Coding::Gzip {
        steps.push(Step::Write(encoder.finish()?));
    }
    Ok(steps)
}

#[cfg(test)]
mod tests {
    use std::io::Read as _;

    use super::*;

    /// What a client has decoded once the first `n_chunks` chunks have come, and whether the end was well.
    fn decoded(response: &Response, n_chunks: usize) -> (String, bool) {
        let written = response.steps.iter().filter_map(|step| match step {
            Step::Write(bytes) => Some(bytes.as_slice()),
            _ => None,
        });
        let bytes = written.take(n_chunks).collect::<Vec<_>>().concat();
        let mut decoder = flate2::read::GzDecoder::new(bytes.as_slice());
        let mut text = Vec::new();
        let is_whole = decoder.read_to_end(&mut text).is_ok();
        (String::from_utf8(text).expect("ASCII"), is_whole)
    }

    #[test]
    fn each_chunk_can_be_decoded_by_itself_and_only_a_whole_body_ends_well() {
        let chunks = || [b"data: a\n\n".to_vec(), b"data: b\n\n".to_vec()];
        for (coding, is_whole) in [(Coding::Gzip, true), (Coding::GzipUnfinished, false)] {
            let mut response = Response::stream(chunks(), Ending::Close);
            response.coding = Some(coding);
            let coded = coded(response, [b"gzip".as_slice()]);
            assert_eq!(decoded(&coded, 1), ("data: a\n\n".to_owned(), false));
            let whole = ("data: a\n\ndata: b\n\n".to_owned(), is_whole);
            assert_eq!(decoded(&coded, 3), whole);
        }
    }

    #[test]
    fn who_does_not_accept_a_coding_does_not_get_it() {
        let mut response = Response::stream([b"data: a\n\n".to_vec()], Ending::Close);
        response.coding = Some(Coding::Gzip);
        assert_eq!(coded(response.clone(), [b"br".as_slice()]), response);
    }
}
