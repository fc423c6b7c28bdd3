//! `--report FORMAT=PATH` to files: opened before any work is done, so a bad path costs no run, and renamed when whole.

use std::fs;
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use flate2::Compression;
use flate2::write::GzEncoder;

use crate::outcome::FailOn;
use crate::report::found::{self, Findings};
use crate::report::{Report, badge, html, json, junit, markdown, terminal};

/// What every format is made from.
pub struct Source<'a> {
    /// The report.
    pub report: &'a Report,
    /// An older one, for what is new.
    pub older: Option<&'a Report>,
    /// What searches found, for the format that tells what no case shows.
    pub searched: Option<&'a Findings>,
    /// Which deviations are bad.
    pub fail_on: FailOn,
    /// How the terminal report looks.
    pub terminal: terminal::Options,
}

/// One thing to write: a format is one of them, or several.
#[derive(Clone, Copy, PartialEq)]
enum Format {
    Json,
    Terminal,
    Html,
    Junit,
    Markdown,
    Findings,
    BadgeJson,
    BadgeSvg,
}

/// The formats by their names; a new one gets a row here and an arm in [`render`].
const FORMATS: &[(&str, Format)] = &[
    ("json", Format::Json),
    ("terminal", Format::Terminal),
    ("html", Format::Html),
    ("junit", Format::Junit),
    ("markdown", Format::Markdown),
    ("findings", Format::Findings),
    ("badge", Format::BadgeJson),
];

fn render(format: Format, source: &Source<'_>) -> io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    let Source { report, older, .. } = *source;
    match format {
        Format::Json => json::write(&mut bytes, report),
        Format::Terminal => terminal::write(
            &mut anstream::StripStream::new(&mut bytes),
            report,
            &source.terminal,
        ),
        Format::Html => html::write(&mut bytes, report, older),
        Format::Junit => junit::write(&mut bytes, report, source.fail_on),
        Format::Markdown => {
            let options = markdown::Options {
                older,
                fail_on: source.fail_on,
                ..markdown::Options::default()
            };
            markdown::write(&mut bytes, report, &options)
        }
        Format::Findings => markdown::findings::write(&mut bytes, report, source.searched),
        Format::BadgeJson => badge::json(&mut bytes, report),
        Format::BadgeSvg => badge::svg(&mut bytes, report),
    }?;
    Ok(bytes)
}

fn render_findings(format: Format, findings: &Findings, width: usize) -> io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    match format {
        Format::Json => json::found::write(&mut bytes, findings),
        Format::Terminal => {
            found::terminal::write(&mut anstream::StripStream::new(&mut bytes), findings, width)
        }
        Format::Html => html::found::write(&mut bytes, findings),
        Format::Junit => found::junit::write(&mut bytes, findings),
        Format::Markdown => found::markdown::write(&mut bytes, findings),
        Format::Findings => found::markdown::write_tables(&mut bytes, findings),
        Format::BadgeJson | Format::BadgeSvg => Err(io::Error::other(NO_BADGE)),
    }?;
    Ok(bytes)
}

const NO_BADGE: &str = "a badge counts cases, and a search has none";

/// The reports that are asked for, ready to be written.
pub struct Wanted {
    outputs: Vec<Output>,
}

struct Output {
    format: Format,
    file: OpenFile,
}

impl Wanted {
    /// Opens the files of all reports that are asked for.
    ///
    /// # Errors
    ///
    /// One sentence on the first that cannot be written.
    pub fn open(asked: &[String]) -> Result<Self, String> {
        let mut paths: Vec<(PathBuf, &str)> = Vec::new();
        let mut outputs = Vec::new();
        for text in asked {
            let at_fault = |sentence: String| format!("--report {text}: {sentence}");
            for (format, path) in places(text).map_err(at_fault)? {
                let place = place(&path);
                if let Some((_, other)) = paths.iter().find(|(known, _)| *known == place) {
                    let name = if is_stdout(&path) {
                        "standard output"
                    } else {
                        "the same file"
                    };
                    return Err(format!("--report {other} and --report {text} go to {name}"));
                }
                let file = OpenFile::new(&path).map_err(at_fault)?;
                outputs.push(Output { format, file });
                paths.push((place, text));
            }
        }
        Ok(Self { outputs })
    }

    /// Opens the files of all reports of a search.
    ///
    /// # Errors
    ///
    /// One sentence on the first that cannot be written, or that no search has.
    pub fn open_for_findings(asked: &[String]) -> Result<Self, String> {
        let badge = asked.iter().find(|text| text.starts_with("badge="));
        match badge {
            Some(text) => Err(format!("--report {text}: {NO_BADGE}")),
            None => Self::open(asked),
        }
    }

    /// One of them goes to standard output, which is then no place for anything else.
    pub fn takes_stdout(&self) -> bool {
        self.outputs.iter().any(|output| output.file.is_stdout())
    }

    /// The terminal report itself goes to standard output.
    pub fn shows_terminal(&self) -> bool {
        let mut outputs = self.outputs.iter();
        outputs.any(|output| output.file.is_stdout() && output.format == Format::Terminal)
    }

    /// Writes all of them, also when one cannot be written.
    ///
    /// # Errors
    ///
    /// A sentence for each that cannot be written.
    pub fn write(self, source: &Source<'_>) -> Result<(), String> {
        self.write_each(|format| render(format, source))
    }

    /// Writes the findings of a search in all of them, also when one cannot be written.
    ///
    /// # Errors
    ///
    /// A sentence for each that cannot be written.
    pub fn write_findings(self, findings: &Findings, width: usize) -> Result<(), String> {
        self.write_each(|format| render_findings(format, findings, width))
    }

    fn write_each(self, render: impl Fn(Format) -> io::Result<Vec<u8>>) -> Result<(), String> {
        let mut sentences = Vec::new();
        for Output { format, file } in self.outputs {
            let shown = file.shown();
            let written = render(format).and_then(|bytes| file.write(&bytes));
            if let Err(error) = written {
                sentences.push(format!("{shown}: the report cannot be written: {error}"));
            }
        }
        if sentences.is_empty() {
            Ok(())
        } else {
            // Each is an error of its own; the caller prints the word before the first.
            Err(sentences.join("\nerror: "))
        }
    }
}

/// What to write where, of one FORMAT=PATH.
fn places(text: &str) -> Result<Vec<(Format, PathBuf)>, String> {
    let (name, path) = text
        .split_once('=')
        .ok_or("write FORMAT=PATH, for example json=report.json")?;
    let known = FORMATS.iter().find(|(known, _)| *known == name);
    let Some(&(_, format)) = known else {
        let names: Vec<&str> = FORMATS.iter().map(|(name, _)| *name).collect();
        return Err(format!(
            "unknown format `{name}`; known: {}",
            names.join(", ")
        ));
    };
    if path.is_empty() {
        return Err("name a file, or - for standard output".to_owned());
    }
    let path = PathBuf::from(path);
    if format != Format::BadgeJson || is_stdout(&path) {
        return Ok(vec![(format, path)]);
    }
    let beside = |extension| path.with_extension(extension);
    Ok(
        if path.extension().is_some_and(|extension| extension == "svg") {
            vec![
                (Format::BadgeSvg, path.clone()),
                (Format::BadgeJson, beside("json")),
            ]
        } else {
            vec![
                (Format::BadgeJson, path.clone()),
                (Format::BadgeSvg, beside("svg")),
            ]
        },
    )
}

/// The same for two ways to write one path.
fn place(path: &Path) -> PathBuf {
    match std::path::absolute(path) {
        Ok(absolute) if !is_stdout(path) => absolute,
        _ => PathBuf::from("-"),
    }
}

fn is_stdout(path: &Path) -> bool {
    ["-", "/dev/stdout"]
        .iter()
        .any(|name| path.as_os_str() == *name)
}

/// Writes a file beside it and renames that, so that a full disk or a crash leaves what was there before, and no half.
///
/// # Errors
///
/// A full disk, say.
pub fn write_whole(path: &Path, bytes: &[u8]) -> io::Result<()> {
    let part = beside(path);
    let written = fs::write(&part, bytes).and_then(|()| fs::rename(&part, path));
    if written.is_err() {
        _ = fs::remove_file(&part);
    }
    written
}

/// The file that becomes this one.
fn beside(path: &Path) -> PathBuf {
    let mut part = path.to_owned().into_os_string();
    part.push(".part");
    PathBuf::from(part)
}

/// A place that is known to be writable.
pub struct OpenFile {
    path: PathBuf,
    /// The file beside it that becomes it; nothing for standard output, devices and pipes.
    part: Option<PathBuf>,
}

impl OpenFile {
    /// Opens a file, or `-` for standard output.
    ///
    /// # Errors
    ///
    /// One sentence on why it cannot be written.
    pub fn new(path: &Path) -> Result<Self, String> {
        let mut file = Self {
            path: path.to_owned(),
            part: None,
        };
        if file.is_stdout() {
            return Ok(file);
        }
        let shown = file.shown();
        if path.is_dir() {
            return Err(format!("{shown} is a folder; name a file in it"));
        }
        // A device or a pipe must be written to, not replaced.
        if fs::metadata(path).is_ok_and(|metadata| !metadata.is_file()) {
            return Ok(file);
        }
        // Behind a symbolic link it is the linked file that is replaced.
        if let Ok(linked) = fs::canonicalize(path) {
            file.path = linked;
        }
        let part = beside(&file.path);
        fs::write(&part, "").map_err(|error| format!("{shown} cannot be written: {error}"))?;
        file.part = Some(part);
        Ok(file)
    }

    /// Writes all of it or leaves what was there before; compressed, if the path ends in `.gz`.
    ///
    /// # Errors
    ///
    /// A full disk, say.
    pub fn write(mut self, bytes: &[u8]) -> io::Result<()> {
        let compressed;
        let bytes = if self
            .path
            .extension()
            .is_some_and(|extension| extension == "gz")
        {
            let mut gzip = GzEncoder::new(Vec::new(), Compression::best());
            gzip.write_all(bytes)?;
            compressed = gzip.finish()?;
            &compressed
        } else {
            bytes
        };
        let Some(part) = &self.part else {
            return if self.is_stdout() {
                let mut stdout = io::stdout();
                let written = stdout.write_all(bytes).and_then(|()| stdout.flush());
                // A reader that has seen enough and closes the pipe is no error.
                written.or_else(|error| match error.kind() {
                    io::ErrorKind::BrokenPipe => Ok(()),
                    _ => Err(error),
                })
            } else {
                fs::OpenOptions::new()
                    .write(true)
                    .open(&self.path)?
                    .write_all(bytes)
            };
        };
        fs::write(part, bytes)?;
        fs::rename(part, &self.path)?;
        self.part = None;
        Ok(())
    }

    /// As the user knows it.
    pub fn shown(&self) -> String {
        if self.is_stdout() {
            "standard output".to_owned()
        } else {
            self.path.display().to_string()
        }
    }

    /// It is standard output.
    pub fn is_stdout(&self) -> bool {
        is_stdout(&self.path)
    }
}

impl Drop for OpenFile {
    fn drop(&mut self) {
        // What was never finished.
        if let Some(part) = &self.part {
            _ = fs::remove_file(part);
        }
    }
}
