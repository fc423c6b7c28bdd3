// Shows one page of the report at a time, draws the pages of cases from the payload, and filters rows.
//
// What a target sent is set as text and never as markup; its invisible characters were escaped when the report was written.
"use strict";

const WORDS = { c: "conforms", b: "deviates by design", d: "deviates", r: "room left", n: "not shown" };
const DEVIATIONS = "bdr";
const form = document.getElementById("filters");
const pages = [...document.querySelectorAll(".page")];
// The browser must not scroll to a page by itself: its top is the top of the window.
for (const page of pages) page.id = `page-${page.id}`;

// ---- Elements

/** An element with attributes and children; strings become text, nothing becomes nothing. */
function make(name, attributes, ...children) {
  const element = document.createElement(name);
  for (const [key, value] of Object.entries(attributes)) {
    if (value !== undefined) element.setAttribute(key, value);
  }
  element.append(...children.flat().filter((child) => child !== undefined));
  return element;
}

/** Text in which what stands between backticks is code. */
function rich(text) {
  const parts = text.split("`");
  if (parts.length % 2 === 0) return [text];
  return parts.map((part, index) => (index % 2 ? make("code", {}, part) : part));
}

const mark = (letter) => make("span", { class: `mark ${letter}` });
const link = (href, ...children) => make("a", { href }, ...children);
const commas = (items) => items.flatMap((item, index) => (index ? [", ", item] : [item]));

/** A stream whose bytes are all visible: each line on a line, escapes and cuts told apart from data. */
function stream(visible) {
  const tokens = visible.match(/\\u\{[0-9a-f]+\}|\\x[0-9a-f]{2}|\\.|│|⟨[^⟩]*⟩|[^\\│⟨]+/gu) ?? [];
  const kind = (token) => ({ "│": "cut", "⟨": "left-out", "\\": "escape" })[token[0]];
  const shown = tokens.flatMap((token, index) => {
    const next = tokens.slice(index + 1).find((token) => token !== "│");
    const endsLine = token === "\\n" || (token === "\\r" && next !== "\\n");
    const node = kind(token) ? make("span", { class: kind(token) }, token) : token;
    return endsLine && next !== undefined ? [node, "\n"] : [node];
  });
  return make("pre", {}, shown.length ? shown : "(empty)");
}

// ---- Pages of cases

let payload;

/** The payload, inflated once. */
function load() {
  payload ??= (async () => {
    const text = document.getElementById("payload").textContent;
    const bytes = Uint8Array.from(atob(text), (character) => character.charCodeAt(0));
    const inflated = new Blob([bytes]).stream().pipeThrough(new DecompressionStream("gzip"));
    return new Response(inflated).json();
  })();
  return payload;
}

/** The case and the number of the target that a path names, if it names any. */
function find(data, path) {
  const key = path.split("/").map((part) => encodeURIComponent(decodeURIComponent(part))).join("/");
  const withKey = (key) => data.cases.find((one) => one.key === key);
  const whole = withKey(key);
  if (whole) return { one: whole };
  const cut = key.lastIndexOf("/");
  const one = withKey(key.slice(0, cut));
  const on = data.targets.findIndex((target, index) => target.key === key.slice(cut + 1) && one?.standings[index] !== "-");
  return { one, on: on < 0 ? undefined : on };
}

async function drawCase(path) {
  const page = document.getElementById("page-case");
  try {
    const data = await load();
    const { one, on } = find(data, path);
    page.replaceChildren(...(one ? caseNodes(data, one, on) : failed("This report has no such case.")));
  } catch (error) {
    page.replaceChildren(...failed(`The page cannot be drawn: ${error.message}`));
  }
}

const failed = (sentence) => [make("h2", { id: "case-title", tabindex: -1 }, "No page"), make("p", { class: "notice" }, sentence)];

function caseNodes(data, one, on) {
  const isAsked = (result) => result.on === on;
  const evidence = one.results.filter((result) => result.evidence).sort((a, b) => isAsked(b) - isAsked(a));
  return [
    make("h2", { id: "case-title", tabindex: -1 }, one.id),
    make("p", { class: "lead" }, rich(one.why)),
    make("dl", { class: "facts" }, one.clauses.flatMap(requirement)),
    make("h3", {}, "Stream"),
    stream(one.stream),
    make("h3", {}, "Expected"),
    answers(one),
    data.targets.length ? make("h3", {}, "Who does what") : undefined,
    stands(data, one, on),
    evidence.map((result) => deviation(data, one, result, isAsked(result) || evidence.length === 1)),
    siblings(data, one, on),
  ].flat().filter((node) => node !== undefined);
}

/** What the page of requirements says of a clause. */
function requirement(clause, index) {
  const article = document.getElementById(clause.link.slice(1));
  const copies = [...article.querySelectorAll(":scope > .about:first-of-type, :scope > .requirement")].map((node) => node.cloneNode(true));
  return [
    make("dt", {}, index ? "and" : "requirement"),
    make("dd", {}, link(clause.link, make("code", {}, clause.id)), copies.reverse()),
  ];
}

function answers(one) {
  const several = one.answers.length > 1;
  return [
    several ? make("p", {}, "The standard leaves room: any of these conforms. Deviations are shown beside the first.") : undefined,
    ...one.answers.flatMap((answer) => [
      answer.reason ? make("p", {}, rich(answer.reason)) : undefined,
      answer.rows.length ? compared(answer.rows, ["expected"]) : make("p", { class: "about" }, "no event"),
    ]),
  ];
}

/** Rows side by side, or one side alone. */
function compared(rows, sides) {
  const cell = (parts, side) => make("td", { "data-side": sides.length > 1 ? side : undefined },
    parts.length ? parts.flatMap((part) => [make("code", {}, part), " "]) : "");
  return make("table", { class: "compared" },
    sides.length > 1 ? make("thead", {}, make("tr", {}, make("td", {}), sides.map((side) => make("th", { scope: "col" }, side)))) : undefined,
    make("tbody", {}, rows.map(([label, expected, observed, differs]) =>
      make("tr", differs ? { class: "differs" } : {},
        make("th", { scope: "row" }, label, differs ? make("span", { class: "spoken" }, " differs") : undefined),
        [expected, observed].slice(0, sides.length).map((parts, index) => cell(parts, sides[index]))))));
}

/** Who conforms, who deviates, and why the others show nothing. */
function stands(data, one, on) {
  const reasons = new Map(one.results.map((result) => [result.on, data.texts[result.reason]]));
  const name = (index) => {
    const target = data.targets[index];
    if (!DEVIATIONS.includes(one.standings[index])) return target.name;
    const to = link(`#case/${one.key}/${target.key}`, target.name);
    if (index === on) to.setAttribute("aria-current", "true");
    return to;
  };
  const items = Object.keys(WORDS).flatMap((letter) => {
    const there = data.targets.map((_, index) => index).filter((index) => one.standings[index] === letter);
    const why = (index) => (letter === "n" ? reasons.get(index) : undefined);
    return [...new Set(there.map(why))].map((reason) => {
      const group = there.filter((index) => why(index) === reason);
      return make("li", {}, mark(letter), `${WORDS[letter]} (${group.length}): `, commas(group.map(name)), reason ? ` (${reason})` : "");
    });
  });
  return make("ul", { class: "stands" }, items);
}

/** A deviation in full. */
function deviation(data, one, result, isOpen) {
  const target = data.targets[result.on];
  const { evidence } = result;
  const known = result.reason === undefined ? undefined
    : make("p", {}, rich(data.texts[result.reason]), result.issue ? [" ", make("a", { href: result.issue, rel: "noreferrer" }, "upstream issue")] : undefined);
  const [name, sentence] = data.quirks[evidence.quirk] ?? [];
  const some = evidence.deviating < evidence.deliveries;
  return make("details", { class: "evidence", open: isOpen ? "" : undefined, "data-on": result.on },
    make("summary", {}, mark(one.standings[result.on]), `${target.name} `, make("span", { class: "about" }, `${target.about} · ${result.outcome}`)),
    known,
    name ? make("p", {}, "Does the same as the quirk ", make("code", {}, name), ": ", rich(sentence)) : undefined,
    make("p", { class: "about" }, `Delivery: ${evidence.delivery} · deviates in ${evidence.deviating} of ${evidence.deliveries} deliveries`,
      some ? ": chunk-sensitive" : ""),
    evidence.stream ? [make("p", { class: "about" }, "│ is a cut between chunks."), stream(evidence.stream)] : undefined,
    compared(evidence.rows, ["expected", "observed"]),
    evidence.notes.map((note) => make("p", {}, note)),
    make("p", { class: "about" }, "Run it again:"),
    make("pre", {}, target.rerun.join(target.names_delivery ? `${one.word}@${evidence.delivery}` : one.word)),
    evidence.exchange.length
      ? folded("raw exchange", evidence.exchange.flatMap(([speaker, line]) => [make("p", { class: "about" }, speaker), make("pre", {}, line)]))
      : undefined,
    target.sources.length
      ? folded("how it was driven", target.sources.flatMap(([path, text]) => [make("p", { class: "about" }, path), make("pre", {}, text)]))
      : undefined);
}

const folded = (title, nodes) => make("details", {}, make("summary", {}, title), nodes);

/** The other cases of the same requirement, and the cases before and after. */
function siblings(data, one, on) {
  const suffix = on === undefined ? "" : `/${data.targets[on].key}`;
  const to = (other, before = "", after = "") => link(`#case/${other.key}${suffix}`, before, other.id, after);
  const same = data.cases.filter((other) => other !== one && other.clauses[0].id === one.clauses[0].id);
  const place = data.cases.indexOf(one);
  const [before, after] = [data.cases[place - 1], data.cases[place + 1]];
  const item = (other) => make("li", {}, on !== undefined && WORDS[other.standings[on]] ? mark(other.standings[on]) : undefined, to(other),
    on !== undefined && WORDS[other.standings[on]] ? ` ${WORDS[other.standings[on]]}` : "");
  return [
    same.length ? make("h3", {}, "Other cases of this requirement") : undefined,
    same.length ? make("ul", { class: "plain" }, same.map(item)) : undefined,
    make("p", { class: "turn" }, before ? to(before, "← ") : "", after ? to(after, "", " →") : ""),
  ];
}

// ---- Filters

/** Shows the rows that the form asks for, and says how many they are. */
function filter(page) {
  const asked = new FormData(form);
  const [role, outcome] = [asked.get("role"), asked.get("outcome")];
  const isWanted = ({ dataset }) => (!outcome || dataset.has.includes(outcome))
    && (!asked.has("disputed") || "disputed" in dataset) && (!asked.has("odd") || "odd" in dataset);
  const isOfRole = ({ dataset }) => !role || dataset.role.split(" ").includes(role);
  const isAsked = Boolean(outcome) || asked.has("disputed") || asked.has("odd");
  for (const section of page.querySelectorAll("section.role")) section.hidden = !isOfRole(section);
  for (const row of page.querySelectorAll(".matrix tr[data-has], .clause li[data-has]")) row.hidden = !isWanted(row);
  for (const article of page.querySelectorAll(".clause")) {
    const hasCase = isAsked && article.querySelector("li[data-has]:not([hidden])");
    article.hidden = !isOfRole(article) || !(isWanted(article) || hasCase);
  }
  for (const group of page.querySelectorAll(".matrix tbody, .scroll, .family")) {
    group.hidden = ![...group.querySelectorAll("tr[data-has], .clause")].some((row) => !row.hidden);
  }
  const rows = [...page.querySelectorAll(".matrix tr[data-has], .clause")];
  const shown = rows.filter((row) => !row.closest("[hidden]"));
  form.querySelector("output").textContent = `${shown.length} of ${rows.length} requirements`;
}

/** The form as the end of an address, so that what it shows can be shared. */
function query() {
  const asked = [...new FormData(form)].filter(([, value]) => value);
  return asked.length ? `?${new URLSearchParams(asked)}` : "";
}

function fill(asked) {
  const values = new URLSearchParams(asked);
  for (const field of form.elements) {
    if (field.type === "checkbox") field.checked = values.has(field.name);
    else if (field.name) field.value = values.get(field.name) ?? "";
  }
}

form.addEventListener("input", () => {
  const page = pages.find((page) => !page.hidden);
  filter(page);
  history.replaceState(null, "", `#${page.id.slice("page-".length)}${query()}`);
});

form.addEventListener("submit", (event) => event.preventDefault());

// ---- Which page

async function route({ isFirst }) {
  const { hash } = location;
  const [path, asked] = hash.slice(1).split("?");
  const isCase = path.startsWith("case/");
  const anchor = document.getElementById(path) ?? document.getElementById(`page-${isCase ? "case" : path}`) ?? pages[0];
  const page = anchor.closest(".page") ?? (isFirst ? pages[0] : undefined);
  if (!page) return; // The skip link: the browser does the rest.
  if (isCase) await drawCase(path.slice("case/".length));
  if (location.hash !== hash) return;
  for (const other of pages) other.hidden = other !== page;
  for (const tab of document.querySelectorAll("body > header nav a")) {
    if (`page-${tab.hash.slice(1)}` === page.id) tab.setAttribute("aria-current", "page");
    else tab.removeAttribute("aria-current");
  }
  const place = page.querySelector(".filter-place");
  form.hidden = !place;
  if (place) {
    place.append(form);
    if (asked !== undefined) fill(asked);
    filter(page);
    if (anchor.closest("[hidden]")) {
      fill("");
      filter(page);
    }
  }
  document.title = [page.querySelector("h2").textContent, document.querySelector("h1").textContent].join(" · ");
  if (isFirst && !path) return;
  (anchor.querySelector("h2, h3, h4") ?? anchor).focus({ preventScroll: true });
  if (anchor === page) scrollTo(0, 0);
  else anchor.scrollIntoView();
}

addEventListener("hashchange", () => route({ isFirst: false }));
route({ isFirst: true });
