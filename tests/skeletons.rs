//! Are the skeletons that adapters/README.md shows the files that CI builds and runs?

use std::fs;
use std::path::{Path, PathBuf};

const README: &str = "adapters/README.md";

/// The heading, the fence of the code block, and the file that the block must be.
const SKELETONS: &[(&str, &str, &str)] = &[
    (
        "JavaScript",
        "js",
        "examples/skeletons/javascript/adapter.mjs",
    ),
    ("Python", "python", "examples/skeletons/python/adapter.py"),
    ("Go", "go", "examples/skeletons/go/adapter.go"),
    ("Java", "java", "examples/skeletons/java/Adapter.java"),
    ("Rust", "rust", "examples/skeletons/rust/src/main.rs"),
    ("C++", "cpp", "examples/cpp-adapter/adapter.cpp"),
];

/// What a reader of the page replaces.
const MARKS: [&str; 3] = [
    "1. your implementation",
    "2. what it shows",
    "3. how its documentation drives it",
];

#[test]
fn the_page_shows_each_skeleton_as_it_is() {
    let page = read(README);
    for (heading, fence, file) in SKELETONS {
        let section = page
            .split("\n### ")
            .find(|section| section.starts_with(&format!("{heading}\n")))
            .unwrap_or_else(|| panic!("{README} has no section `{heading}`"));
        let section = section.split("\n## ").next().unwrap_or(section);
        let (_, after) = section
            .split_once(&format!("```{fence}\n"))
            .unwrap_or_else(|| panic!("{README}: `{heading}` has no block ```{fence}"));
        let (block, _) = after.split_once("```").expect("the block ends");
        assert!(
            block == read(file),
            "{README}: the block under `{heading}` is not {file}: copy the file into it"
        );
        assert!(
            section.contains(&format!("[{file}](../{file})")),
            "{README}: `{heading}` has no link to {file}"
        );
    }
}

#[test]
fn each_skeleton_marks_the_three_places_in_order() {
    for (_, _, file) in SKELETONS {
        let text = read(file);
        let places: Vec<Option<usize>> = MARKS.iter().map(|mark| text.find(mark)).collect();
        assert!(
            places.iter().all(Option::is_some) && places.is_sorted(),
            "{file} lacks one of {MARKS:?}, or has them in another order"
        );
    }
}

/// Whoever adds a skeleton shows it; CI runs whatever has an adapter.yaml.
#[test]
fn every_skeleton_is_shown_and_can_be_run() {
    let folders = fs::read_dir(root().join("examples/skeletons")).expect("the folder is there");
    for folder in folders {
        let name = folder.expect("an entry").file_name();
        let name = name.to_str().expect("a plain name");
        let below = format!("examples/skeletons/{name}/");
        assert!(
            SKELETONS
                .iter()
                .any(|(_, _, file)| file.starts_with(&below)),
            "{README} does not show {below}"
        );
    }
    for (_, _, file) in SKELETONS {
        let mut folders = Path::new(file).ancestors().skip(1);
        assert!(
            folders.any(|folder| root().join(folder).join("adapter.yaml").is_file()),
            "{file} has no adapter.yaml beside it"
        );
    }
}

fn read(path: &str) -> String {
    fs::read_to_string(root().join(path)).unwrap_or_else(|error| panic!("{path}: {error}"))
}

fn root() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
}
