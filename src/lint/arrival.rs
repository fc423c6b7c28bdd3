//! The times at which bytes came to gaps, bursts and a strip: first what was seen, then what it is evidence of.

use std::time::Duration;

/// More reads than this are counted and no longer timed, so that memory stays bounded.
pub const MAX_READS: usize = 200_000;
/// Events this far apart do not belong to one burst: a reader sees the pause.
const PAUSE: Duration = Duration::from_millis(100);
/// Fewer events show no pattern.
const FEW: usize = 8;
/// Bursts hold this many events at least, in the middle of all bursts.
const CROWD: usize = 4;
/// Events that come this late, all at once, were waited for.
const LONG_WAIT: Duration = Duration::from_millis(500);

/// One read of bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Read {
    /// Which read it was: what has the number of the one before came with it.
    pub number: u64,
    /// Since the request was sent.
    pub at: Duration,
    /// How many bytes of the stream, decoded.
    pub n_bytes: usize,
    /// How many events they completed.
    pub n_events: usize,
    /// They end in the middle of an event.
    pub cuts_an_event: bool,
}

/// When the bytes of one answer came.
#[derive(Clone, Debug, Default)]
pub struct Arrival {
    /// The head, since the request was sent.
    pub head: Option<Duration>,
    /// The first byte of the body.
    pub first_byte: Option<Duration>,
    /// The first event.
    pub first_event: Option<Duration>,
    /// The last event.
    pub last_event: Option<Duration>,
    /// The end, whoever ended it.
    pub end: Duration,
    /// The server ended the stream.
    pub ended_by_server: bool,
    /// The longest time without a byte.
    pub longest_silence: Duration,
    /// The reads that are timed.
    pub reads: Vec<Read>,
    /// All reads.
    pub n_reads: usize,
    last_byte: Duration,
}

/// Gaps between one event and the next.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Gaps {
    /// Half of them are shorter.
    pub median: Duration,
    /// 95 of 100 are shorter.
    pub p95: Duration,
    /// The longest.
    pub max: Duration,
}

/// Events that came together, with pauses around them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Burst {
    /// When its first byte came.
    pub start: Duration,
    /// When its last byte came.
    pub end: Duration,
    /// How many events.
    pub n_events: usize,
    /// How many bytes.
    pub n_bytes: usize,
    /// It ends in the middle of an event.
    pub cuts_an_event: bool,
}

/// How the events came.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Pattern {
    /// Too few events, or no times, to say anything.
    Unknown,
    /// One after the other, or without a pause.
    Even,
    /// In bursts, and what these are evidence of, if of anything.
    Bursts {
        /// How many.
        n: usize,
        /// Evidence, never more than the bursts show.
        evidence: Option<Evidence>,
    },
}

/// What bursts are evidence of. None of these tells the producer from a proxy.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Evidence {
    /// Equal in bytes, and cut in the middle of events: a buffer.
    EqualBytes {
        /// The bytes of the middle one.
        n_bytes: usize,
        /// How many bursts end in the middle of an event.
        n_cut: usize,
    },
    /// Equal in time: a timer.
    EqualTime {
        /// From the start of one to the start of the next.
        period: Duration,
    },
    /// All at once, right before the end.
    AllAtEnd,
}

impl Arrival {
    /// Notes the head.
    pub fn note_head(&mut self, at: Duration) {
        self.head = Some(at);
        self.note_bytes(at);
    }

    /// Notes one read of the body.
    pub fn note(&mut self, read: Read) {
        self.first_byte.get_or_insert(read.at);
        self.note_bytes(read.at);
        if read.n_events > 0 {
            self.first_event.get_or_insert(read.at);
            self.last_event = Some(read.at);
        }
        match self.reads.last_mut() {
            Some(last) if last.number == read.number => {
                last.n_bytes += read.n_bytes;
                last.n_events += read.n_events;
                last.cuts_an_event = read.cuts_an_event;
                return;
            }
            _ => self.n_reads += 1,
        }
        if self.reads.len() < MAX_READS {
            self.reads.push(read);
        }
    }

    /// Notes the end.
    pub fn note_end(&mut self, at: Duration, by_server: bool) {
        self.note_bytes(at);
        self.end = at;
        self.ended_by_server = by_server;
    }

    /// The gaps between the events whose reads are timed.
    pub fn gaps(&self) -> Option<Gaps> {
        let mut gaps = Vec::new();
        let mut last: Option<Duration> = None;
        // Events of one read came together: a gap of zero between each two of them.
        let mut n_zero = 0;
        for read in self.reads.iter().filter(|read| read.n_events > 0) {
            gaps.extend(last.map(|last| read.at.saturating_sub(last)));
            n_zero += read.n_events - 1;
            last = Some(read.at);
        }
        gaps.sort_unstable();
        let n = gaps.len() + n_zero;
        if n == 0 {
            return None;
        }
        let at = |index: usize| match index.checked_sub(n_zero) {
            Some(index) => gaps[index],
            None => Duration::ZERO,
        };
        Some(Gaps {
            median: at(n / 2),
            p95: at((n * 95 / 100).min(n - 1)),
            max: at(n - 1),
        })
    }

    /// Events in a read that completed any: in the middle read, and at most.
    pub fn events_per_read(&self) -> Option<(usize, usize)> {
        let n_events = self.reads.iter().map(|read| read.n_events);
        let mut n_events: Vec<usize> = n_events.filter(|&n| n > 0).collect();
        n_events.sort_unstable();
        Some((*n_events.get(n_events.len() / 2)?, *n_events.last()?))
    }

    /// The groups of reads with pauses between, of which each holds an event.
    pub fn bursts(&self) -> Vec<Burst> {
        let mut bursts: Vec<Burst> = Vec::new();
        for read in &self.reads {
            match bursts.last_mut() {
                Some(burst) if read.at < burst.end + PAUSE => {
                    burst.end = read.at;
                    burst.n_events += read.n_events;
                    burst.n_bytes += read.n_bytes;
                    burst.cuts_an_event = read.cuts_an_event;
                }
                _ => bursts.push(Burst {
                    start: read.at,
                    end: read.at,
                    n_events: read.n_events,
                    n_bytes: read.n_bytes,
                    cuts_an_event: read.cuts_an_event,
                }),
            }
        }
        bursts.retain(|burst| burst.n_events > 0);
        bursts
    }

    /// How the events came.
    pub fn pattern(&self) -> Pattern {
        let bursts = self.bursts();
        let n_events: usize = bursts.iter().map(|burst| burst.n_events).sum();
        let Some(last_event) = self.last_event.filter(|_| n_events >= FEW) else {
            return Pattern::Unknown;
        };
        let busy: Duration = bursts.iter().map(|burst| burst.end - burst.start).sum();
        // Whoever sends for a fifth of the time does not send in bursts.
        let is_busy = busy * 5 > last_event;
        if let [burst] = bursts[..] {
            let is_waited_for = burst.start >= LONG_WAIT && !is_busy;
            return match self.ended_by_server && self.end < burst.end + LONG_WAIT {
                true if is_waited_for => Pattern::Bursts {
                    n: 1,
                    evidence: Some(Evidence::AllAtEnd),
                },
                _ => Pattern::Even,
            };
        }
        let n_in_the_middle = middle(bursts.iter().map(|burst| burst.n_events));
        if is_busy || n_in_the_middle < CROWD {
            return Pattern::Even;
        }
        let evidence = equal_bytes(&bursts).or_else(|| equal_time(&bursts));
        Pattern::Bursts {
            n: bursts.len(),
            evidence,
        }
    }

    /// The number of events in each of `n_columns` equal spans of the whole time.
    pub fn strip(&self, n_columns: usize) -> Vec<usize> {
        let mut columns = vec![0; n_columns];
        let whole = self.end.as_secs_f64();
        if n_columns == 0 || whole <= 0.0 {
            return columns;
        }
        for read in &self.reads {
            let at = read.at.as_secs_f64() / whole * n_columns as f64;
            columns[(at as usize).min(n_columns - 1)] += read.n_events;
        }
        columns
    }

    fn note_bytes(&mut self, at: Duration) {
        let silence = at.saturating_sub(self.last_byte);
        self.longest_silence = self.longest_silence.max(silence);
        self.last_byte = at;
    }
}

/// All but the last are as long as each other, within a twentieth, and most end in the middle of an event.
fn equal_bytes(bursts: &[Burst]) -> Option<Evidence> {
    // What the buffer held when the stream ended is less.
    let full = &bursts[..bursts.len() - 1];
    let n_bytes = middle(full.iter().map(|burst| burst.n_bytes));
    let n_cut = full.iter().filter(|burst| burst.cuts_an_event).count();
    // An application that writes equal events in equal numbers never stops in the middle of one.
    let is_evidence = full.len() >= 2
        && 2 * n_cut >= full.len()
        && are_equal(full.iter().map(|burst| burst.n_bytes as f64));
    is_evidence.then_some(Evidence::EqualBytes { n_bytes, n_cut })
}

/// All start at equal intervals, within a twentieth.
fn equal_time(bursts: &[Burst]) -> Option<Evidence> {
    let starts = bursts.windows(2).map(|pair| pair[1].start - pair[0].start);
    let intervals: Vec<Duration> = starts.collect();
    let is_evidence =
        intervals.len() >= 3 && are_equal(intervals.iter().map(Duration::as_secs_f64));
    is_evidence.then(|| Evidence::EqualTime {
        period: middle(intervals.iter().copied()),
    })
}

fn are_equal(numbers: impl Iterator<Item = f64>) -> bool {
    let (least, most) = numbers.fold((f64::MAX, 0.0_f64), |(least, most), number| {
        (least.min(number), most.max(number))
    });
    most - least <= most / 20.0
}

fn middle<T: Ord + Copy + Default>(numbers: impl Iterator<Item = T>) -> T {
    let mut numbers: Vec<T> = numbers.collect();
    numbers.sort_unstable();
    numbers.get(numbers.len() / 2).copied().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Reads of `(milliseconds, bytes, events, ends in the middle of an event)`.
    fn arrival(reads: &[(u64, usize, usize, bool)], end: u64) -> Arrival {
        let mut arrival = Arrival::default();
        arrival.note_head(Duration::from_millis(5));
        for (number, &(at, n_bytes, n_events, cuts_an_event)) in (1..).zip(reads) {
            arrival.note(Read {
                number,
                at: Duration::from_millis(at),
                n_bytes,
                n_events,
                cuts_an_event,
            });
        }
        arrival.note_end(Duration::from_millis(end), true);
        arrival
    }

    fn evidence(reads: &[(u64, usize, usize, bool)], end: u64) -> Option<Evidence> {
        match arrival(reads, end).pattern() {
            Pattern::Bursts { evidence, .. } => evidence,
            other => panic!("no bursts: {other:?}"),
        }
    }

    #[test]
    fn even_streams_are_not_bursts() {
        let every = |ms: u64, n| -> Vec<_> { (1..=n).map(|i| (i * ms, 20, 1, false)).collect() };
        for ms in [1, 5, 50, 99, 100, 150, 1_000] {
            let reads = every(ms, 40);
            assert_eq!(arrival(&reads, ms * 41).pattern(), Pattern::Even, "{ms} ms");
        }
        assert_eq!(arrival(&every(100, 3), 400).pattern(), Pattern::Unknown);
        // All of it at once and at once after the request: nobody waited.
        assert_eq!(
            arrival(&[(20, 9_000, 300, false)], 21).pattern(),
            Pattern::Even
        );
    }

    #[test]
    fn equal_bytes_are_a_buffer_only_where_events_are_cut() {
        let cut = [
            (1_000, 4_096, 40, true),
            (2_100, 4_096, 41, true),
            (3_000, 4_096, 40, true),
            (3_900, 700, 7, false),
        ];
        let buffer = Evidence::EqualBytes {
            n_bytes: 4_096,
            n_cut: 3,
        };
        assert_eq!(evidence(&cut, 3_900), Some(buffer));
        let whole = cut.map(|(at, n_bytes, n, _)| (at, n_bytes, n, false));
        assert_eq!(evidence(&whole, 3_900), None);
    }

    #[test]
    fn equal_intervals_are_a_timer() {
        let reads = [
            (1_000, 300, 10, false),
            (2_000, 900, 30, false),
            (3_010, 100, 4, false),
            (4_005, 500, 17, false),
        ];
        let timer = Evidence::EqualTime {
            period: Duration::from_millis(1_000),
        };
        assert_eq!(evidence(&reads, 4_100), Some(timer));
        let uneven = reads.map(|(at, n_bytes, n, cut)| (at * at / 1_000, n_bytes, n, cut));
        assert_eq!(evidence(&uneven, 17_000), None);
    }

    #[test]
    fn all_at_the_end_is_said_only_where_the_stream_ends_there() {
        let reads = [(9_800, 8_000, 100, true), (9_805, 8_000, 114, false)];
        assert_eq!(evidence(&reads, 9_810), Some(Evidence::AllAtEnd));
        assert_eq!(arrival(&reads, 20_000).pattern(), Pattern::Even);
    }

    #[test]
    fn gaps_count_the_events_of_one_read_as_zero_apart() {
        let gaps = arrival(&[(100, 9, 3, false), (400, 9, 1, false)], 500).gaps();
        let expected = Gaps {
            median: Duration::ZERO,
            p95: Duration::from_millis(300),
            max: Duration::from_millis(300),
        };
        assert_eq!(gaps, Some(expected));
    }

    #[test]
    fn the_strip_counts_events_and_silence_is_measured_to_the_end() {
        let arrival = arrival(&[(0, 9, 3, false), (999, 9, 1, false)], 1_000);
        assert_eq!(arrival.strip(4), [3, 0, 0, 1]);
        assert_eq!(arrival.longest_silence, Duration::from_millis(999));
    }
}
