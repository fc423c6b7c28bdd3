//! Single characters to what some implementations make of them.

/// What becomes of single characters.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Characters {
    #[default]
    Kept,
    NulRemoved,
    NulReplaced,
    NulCutsLine,
    ControlsRemoved,
    NoncharactersReplaced,
    AcuteComposed,
}

impl Characters {
    pub fn replace(self, text: &mut Vec<u8>) {
        match self {
            Self::Kept | Self::NulCutsLine => (),
            Self::NulRemoved => text.retain(|&byte| byte != 0),
            Self::NulReplaced => replace(text, b"\0", "\u{FFFD}".as_bytes()),
            Self::ControlsRemoved => {
                text.retain(|byte| !byte.is_ascii_control() || b"\t\n\r".contains(byte))
            }
            Self::NoncharactersReplaced => {
                replace(text, "\u{FFFE}".as_bytes(), "\u{FFFD}".as_bytes());
                replace(text, "\u{FFFF}".as_bytes(), "\u{FFFD}".as_bytes());
            }
            Self::AcuteComposed => {
                for (apart, composed) in [
                    ("a\u{301}", "á"),
                    ("e\u{301}", "é"),
                    ("i\u{301}", "í"),
                    ("o\u{301}", "ó"),
                ] {
                    replace(text, apart.as_bytes(), composed.as_bytes());
                }
            }
        }
    }
}

/// Replaces every occurrence.
pub fn replace(text: &mut Vec<u8>, from: &[u8], to: &[u8]) {
    let mut replaced = Vec::new();
    let mut start = 0;
    for at in memchr::memmem::find_iter(text, from) {
        replaced.extend_from_slice(&text[start..at]);
        replaced.extend_from_slice(to);
        start = at + from.len();
    }
    if start > 0 {
        replaced.extend_from_slice(&text[start..]);
        *text = replaced;
    }
}
