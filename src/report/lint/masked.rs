//! A session to the same session without credentials, wherever a server or a message repeated them.

use crate::lint::exchange::Seen;
use crate::lint::finding::Finding;
use crate::lint::session::Session;
use crate::mask::{self, Secrets};

/// Masks all that is shown of a session.
pub fn session(mut session: Session, secrets: &Secrets) -> Session {
    session.source = secrets.mask(&session.source);
    session.verdict = secrets.mask(&session.verdict);
    mask_seen(&mut session.seen, secrets);
    if let Some((name, origin)) = &mut session.against {
        *name = secrets.mask(name);
        mask_seen(origin, secrets);
    }
    if let Some(again) = &mut session.again {
        mask_seen(again, secrets);
    }
    mask_findings(&mut session.findings, secrets);
    session
}

fn mask_seen(seen: &mut Seen, secrets: &Secrets) {
    if let Some(head) = &mut seen.head {
        for (name, value) in &mut head.headers {
            *value = secrets.mask(&mask::header_value(name, value));
        }
    }
    let preview = String::from_utf8_lossy(&seen.preview);
    seen.preview = secrets.mask_start(&preview).into_bytes();
    seen.last_event_id = secrets.mask(&seen.last_event_id);
    seen.ids.clear();
    mask_findings(&mut seen.findings, secrets);
}

fn mask_findings(findings: &mut [Finding], secrets: &Secrets) {
    for finding in findings {
        finding.detail = secrets.mask(&finding.detail);
        if let Some(place) = &mut finding.place {
            // Bytes that are no text are shown as they are, with the known credentials blanked.
            match std::str::from_utf8(&place.start) {
                Ok(text) => place.start = secrets.mask_start(text).into_bytes(),
                Err(_) => secrets.blank_next(&mut Vec::new(), &mut place.start),
            }
        }
    }
}
