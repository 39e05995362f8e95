// The pages work without this. With it, one key decides, and the next comment is there at once.
"use strict";

const one = (selector, within = document) => within.querySelector(selector);
const all = (selector, within = document) => [...within.querySelectorAll(selector)];
const seen = (element) => !element.closest("[hidden]") && element.getClientRects().length > 0;

// A one-time code stands behind the # of its link, where no server and no log sees it; from there into its field.
const field = one("[data-from-fragment]");
if (field && location.hash.length > 1) {
  field.value = location.hash.slice(1);
  history.replaceState(null, "", location.pathname);
}

for (const choice of all("[data-send]")) {
  choice.addEventListener("change", () => choice.form.requestSubmit());
  for (const button of all("[data-sent]", choice.form)) button.hidden = true;
}

// Keys. What they do is said in the page: whatever carries data-key is pressed by that key.
const help = one("dialog#keys");
const SWITCH = "verger-single-keys";
const stored = (() => {
  try { return localStorage; } catch { return null; }
})();
const usesKeys = () => stored?.getItem(SWITCH) !== "off";
/** Keys stand on buttons only where they do something. */
const hintAtKeys = () => document.documentElement.toggleAttribute("data-keyless", !usesKeys());
hintAtKeys();

for (const opener of all("[data-opens]")) {
  opener.hidden = false;
  opener.addEventListener("click", () => help.showModal());
}
const toggle = one("[data-single-keys]");
if (toggle) {
  toggle.checked = usesKeys();
  toggle.addEventListener("change", () => {
    stored?.setItem(SWITCH, toggle.checked ? "on" : "off");
    hintAtKeys();
  });
}

function isWriting(target) {
  return target.matches("textarea, select, [contenteditable], input:not([type=radio], [type=checkbox])");
}

document.addEventListener("keydown", (event) => {
  if (event.key === "Escape" && event.target.matches("textarea[name=note]")) {
    // What was written stays in sight.
    event.target.closest("details").open = event.target.value.trim() !== "";
    one("#entries .entry:not([hidden])")?.focus();
    return;
  }
  if (event.ctrlKey || event.metaKey || event.altKey || event.repeat || event.isComposing) return;
  if (!help || help.open || isWriting(event.target) || !usesKeys()) return;
  if (press(event.key, event.target)) event.preventDefault();
});

/** Whether the key means something here. */
function press(key, target) {
  if (key === "x") return reveal();
  if ("uz".includes(key) && waiting) return Boolean(sending.then(() => press(key, target)));
  if (key === "j" || key === "k") return step(key === "j" ? 1 : -1, target);
  if (key === "o") return follow(target);
  const found = all(`[data-key~="${CSS.escape(key)}"]`).find(seen);
  if (!found) return false;
  if (found.matches("[role=radiogroup]")) cycle(found);
  else if (found.matches("summary")) note(found);
  else found.click();
  return true;
}

/** Show what gives an ending away, or cover it again. */
function reveal() {
  const covers = all("details.cover").filter(seen);
  const open = covers.some((cover) => !cover.open);
  for (const cover of covers) cover.open = open;
  return covers.length > 0;
}

/** Yes, no, not answered, and around. */
function cycle(group) {
  const choices = all("input", group);
  choices[(choices.findIndex((choice) => choice.checked) + 1) % choices.length].checked = true;
}

function note(summary) {
  summary.parentElement.open = true;
  one("textarea", summary.parentElement).focus();
}

function step(by, target) {
  const rows = all("[data-row]");
  const here = rows.indexOf(target);
  rows[here < 0 ? 0 : Math.min(Math.max(here + by, 0), rows.length - 1)]?.focus();
  return rows.length > 0;
}

function follow(target) {
  if (!target.matches("[data-row]")) return false;
  target.click();
  return true;
}

// Deciding without a new page. The next comment is in the page already, hidden; each answer brings the one after it.
const flow = one("[data-flow]");
if (flow) {
  flow.addEventListener("submit", (event) => {
    const form = event.target.closest("[data-decide]");
    if (!form) return;
    event.preventDefault();
    decide(form.closest("[data-entry]"), form, event.submitter);
  });
  watchLease();
  // The text is where reading goes on, also after a page that was loaded anew.
  if (document.activeElement === document.body) {
    (one("[data-entry]:not([hidden])", flow) ?? one("#empty")).focus({ preventScroll: true });
  }
}

let sending = Promise.resolve();
let waiting = 0;

function decide(entry, form, button) {
  const body = new URLSearchParams(new FormData(form));
  body.set("action", button.value);
  entry.remove();
  // Until the answer is there, nothing stands here that would take back the decision before.
  one("#status").replaceChildren();
  for (const other of all("[data-entry]", flow)) body.append("there", other.dataset.entry);
  waiting += 1;
  show();
  // One after the other, so that each answer knows what the one before brought.
  sending = sending.then(() => send(body)).catch(() => bringBack(entry)).finally(() => {
    waiting -= 1;
    show();
  });
}

async function send(body) {
  for (const other of all("[data-entry]", flow)) {
    if (!body.getAll("there").includes(other.dataset.entry)) body.append("there", other.dataset.entry);
  }
  const headers = { "X-Fragment": "after", Accept: "text/html" };
  const answer = await fetch(`/review/decide${location.search}`, { method: "POST", body, headers });
  if (answer.status === 401 || answer.status === 403) location.reload();
  if (!answer.ok) throw new Error(String(answer.status));
  const page = new DOMParser().parseFromString(await answer.text(), "text/html");
  one("#status").replaceChildren(...one("#status", page).childNodes);
  one("#count").textContent = one("#count", page).textContent;
  history.replaceState(null, "", `/review?${one("#query", page).textContent}`);
  for (const entry of all("[data-entry]", page)) flow.append(document.adoptNode(entry));
  one("#empty").replaceWith(document.adoptNode(one("#empty", page)));
}

/** It was not sent: there it is again, as it was. */
function bringBack(entry) {
  for (const other of all("[data-entry]", flow)) other.hidden = true;
  entry.hidden = false;
  flow.prepend(entry);
  one("#status").textContent = flow.dataset.failed;
}

/** Of those that are there, the first; where none is, that one is coming, or that nothing waits. */
function show() {
  const [entry] = all("[data-entry]", flow);
  one("#loading").hidden = Boolean(entry) || waiting === 0;
  one("#empty").hidden = Boolean(entry) || waiting > 0;
  const shown = entry ?? (waiting ? null : one("#empty"));
  if (!shown || !shown.hidden && shown === document.activeElement) return;
  if (entry && !entry.hidden && entry.contains(document.activeElement)) return;
  shown.hidden = false;
  shown.focus({ preventScroll: true });
  scrollTo({ top: 0 });
}

/** Say so when somebody else may soon take what is read here. */
function watchLease() {
  setInterval(() => {
    for (const entry of all("[data-until]", flow)) {
      const left = Date.parse(entry.dataset.until) - Date.now();
      one("[data-lease]", entry).hidden = left > 60_000;
    }
  }, 5_000);
  flow.addEventListener("click", (event) => {
    if (event.target.matches("[data-keep]")) keep(event.target);
  });
}

/** Hold it on, with all that was written left as it is. */
async function keep(button) {
  const entry = button.closest("[data-entry]");
  const body = new URLSearchParams({ csrf: one("[name=csrf]", entry).value });
  const headers = { "X-Fragment": "until", Accept: "text/plain" };
  const answer = await fetch(button.dataset.keep, { method: "POST", body, headers }).catch(() => null);
  if (!answer?.ok) {
    one("#status").textContent = button.dataset.lost;
    return;
  }
  entry.dataset.until = await answer.text();
  one("[data-lease]", entry).hidden = true;
  entry.focus({ preventScroll: true });
}
