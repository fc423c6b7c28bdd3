//! A body to one HTML document that loads nothing and runs nothing but what stands in it.

use base64::prelude::{BASE64_STANDARD, Engine as _};
use maud::{DOCTYPE, Markup, PreEscaped, html};
use sha2::{Digest as _, Sha256};

/// What a document brings along.
pub struct Frame<'a> {
    /// Visible text.
    pub title: &'a str,
    /// The one style sheet.
    pub style: &'static str,
    /// The one script; it stands behind the body.
    pub script: Option<&'static str>,
}

impl Frame<'_> {
    /// The whole document.
    pub fn around(&self, body: &Markup) -> Markup {
        html! {
            (DOCTYPE)
            html lang="en" {
                head {
                    meta charset="utf-8";
                    meta http-equiv="Content-Security-Policy" content=(self.policy());
                    meta name="viewport" content="width=device-width, initial-scale=1";
                    meta name="color-scheme" content="light dark";
                    meta name="referrer" content="no-referrer";
                    title { (self.title) }
                    style { (PreEscaped(self.style)) }
                }
                body {
                    (body)
                    @if let Some(script) = self.script { script { (PreEscaped(script)) } }
                }
            }
        }
    }

    /// Nothing is loaded from anywhere, and of what stands in the file only our script and style run.
    fn policy(&self) -> String {
        let hash = |text: &str| BASE64_STANDARD.encode(Sha256::digest(text));
        let script = self
            .script
            .map(|script| format!("script-src 'sha256-{}'; ", hash(script)));
        format!(
            "default-src 'none'; {}style-src 'sha256-{}'; base-uri 'none'; form-action 'none'",
            script.unwrap_or_default(),
            hash(self.style)
        )
    }
}
