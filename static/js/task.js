// @ts-check
/**
 * What a task gains where scripts run: keys, times, the next task without a reload, and no answer lost.
 *
 * Without this file the same form posts as usual. With it, a submitted answer is kept in this window until the
 * server has acknowledged it: the same token and the same body are sent again, also after a reload. The server
 * knows a repeat by its token, so sending twice is harmless and giving up early is not.
 */

/** @typedef {{action: string, body: string, reloaded?: boolean}} Kept */

const PATIENCE_MS = 20_000;
const WAITS_MS = [1_000, 2_000, 4_000, 8_000, 15_000];
const KEPT = `answer:${location.pathname}`;
const KEYS_OFF = "keys-off";

const main = /** @type {HTMLElement} */ (document.querySelector("main"));
const word = /** @type {HTMLElement | null} */ (document.querySelector("#saved"));
const root = document.documentElement;

let shownAt = 0;
let via = "";
let focusLosses = 0;
let pastes = 0;
let sending = false;
let unsaved = false;
let wakeUp = () => {};

const task = () => /** @type {HTMLFormElement} */ (main.querySelector("form[data-task]"));
const radios = () =>
  /** @type {HTMLInputElement[]} */ ([...main.querySelectorAll("input[type=radio][name=choice]")]);
const chosen = () => radios().find((radio) => radio.checked);
const next = () => /** @type {HTMLButtonElement} */ (main.querySelector("button[type=submit]"));

/** Prepare what is on the page now: a task, or practice with or without its feedback. */
function begin() {
  shownAt = 0;
  via = "";
  focusLosses = 0;
  pastes = 0;
  show("[data-keys]", radios().length > 0);
  refresh();
  watchTheEnd();
  // Two frames later the situation has been painted; in a hidden window frames wait until somebody looks.
  requestAnimationFrame(() => requestAnimationFrame(() => (shownAt = performance.now())));
}

function refresh() {
  next().disabled = sending || (radios().length > 0 && !chosen());
}

/** @param {string} selector @param {boolean} isShown */
function show(selector, isShown) {
  const element = /** @type {HTMLElement | null} */ (main.querySelector(selector));
  if (element) element.hidden = !isShown;
}

/** Long texts run under the bar: say so while their end is out of sight. */
function watchTheEnd() {
  const end = main.querySelector("[data-end]");
  const bar = /** @type {HTMLElement | null} */ (main.querySelector(".bar"));
  if (!end || !bar) return;
  const margin = `0px 0px -${bar.offsetHeight}px 0px`;
  new IntersectionObserver(([entry]) => show("[data-more]", !entry.isIntersecting), { rootMargin: margin }).observe(end);
}

/** @param {"saving" | "saved" | "unsaved" | "stuck" | "choose" | ""} state */
function say(state) {
  if (!word) return;
  word.dataset.state = state === "stuck" ? "unsaved" : state;
  word.textContent = word.dataset[state] ?? "";
}

/** @param {string} name @param {string | number} value */
function fill(name, value) {
  const field = task().elements.namedItem(name);
  if (field instanceof HTMLInputElement) field.value = String(value);
}

main.addEventListener("change", (event) => {
  const radio = /** @type {HTMLInputElement} */ (event.target);
  if (radio.name !== "choice") return;
  if (shownAt) fill("response_ms", Math.round(performance.now() - shownAt));
  fill("input", via);
  if (word?.dataset.state === "choose") say("");
  refresh();
});

main.addEventListener("paste", () => (pastes += 1));
addEventListener("blur", () => (focusLosses += 1));
addEventListener("pointerdown", (event) => (via = event.pointerType === "touch" ? "touch" : "pointer"), true);

document.addEventListener("keydown", (event) => {
  via = "key";
  if (event.ctrlKey || event.altKey || event.metaKey || event.repeat || sending) return;
  const at = /** @type {HTMLElement} */ (event.target);
  if (at.closest("textarea, a, button, summary, input:not([name=choice])")) return;
  if (event.key === "Enter") confirm(event);
  else if (event.key === "ArrowLeft" || event.key === "ArrowRight") move(event, at);
  else if (!root.classList.contains(KEYS_OFF)) chooseByDigit(event);
});

/** Enter stands for the button. @param {KeyboardEvent} event */
function confirm(event) {
  event.preventDefault();
  if (!next().disabled) task().requestSubmit(next());
  else say("choose");
}

/** Within the group browsers move by themselves; this is for arrows pressed while reading.
 * @param {KeyboardEvent} event @param {HTMLElement} at */
function move(event, at) {
  const all = radios();
  if (at instanceof HTMLInputElement || all.length === 0) return;
  const forward = (event.key === "ArrowRight") === (getComputedStyle(at).direction === "ltr");
  const now = all.findIndex((radio) => radio.checked);
  const target = now < 0 ? Number(forward) : (now + (forward ? 1 : all.length - 1)) % all.length;
  event.preventDefault();
  pick(all[target]);
}

/** Some layouts need Shift for digits: the key's place counts as well. @param {KeyboardEvent} event */
function chooseByDigit(event) {
  const digit = /^\d$/.test(event.key) ? event.key : event.code.replace(/^(Digit|Numpad)/, "");
  const radio = radios().find((each) => each.dataset.cap === digit);
  if (!radio) return;
  event.preventDefault();
  pick(radio);
}

/** @param {HTMLInputElement} radio */
function pick(radio) {
  radio.focus();
  if (!radio.checked) radio.click();
}

main.addEventListener("click", (event) => {
  const at = /** @type {HTMLElement} */ (event.target);
  if (!at.closest("[data-keys-on], [data-keys-off]")) return;
  const isOff = root.classList.toggle(KEYS_OFF);
  remember(KEYS_OFF, isOff ? "1" : "");
});

main.addEventListener("submit", (event) => {
  const form = task();
  if (sending || (radios().length > 0 && !chosen())) {
    event.preventDefault();
    return;
  }
  if (!("saves" in form.dataset)) {
    sending = true;
    return;
  }
  event.preventDefault();
  fill("focus_losses", focusLosses);
  fill("paste_count", pastes);
  const fields = new FormData(form);
  fields.delete("csrfmiddlewaretoken"); // sent as a header, fresh from the page each time
  const body = new URLSearchParams(/** @type {any} */ (fields)).toString();
  /** @type {Kept} */
  const kept = { action: form.action, body };
  keep(kept);
  deliver(kept);
});

/** Send an answer until the server has taken it. @param {Kept} kept */
async function deliver(kept) {
  lock(true);
  const slow = setTimeout(say, 500, "saving");
  for (let attempt = 0; ; attempt += 1) {
    const reply = await post(kept);
    clearTimeout(slow);
    if (reply) return settle(kept, reply.response, reply.text);
    unsaved = true;
    say(attempt < WAITS_MS.length ? "unsaved" : "stuck");
    await pause(WAITS_MS[Math.min(attempt, WAITS_MS.length - 1)]);
  }
}

/** The server's reply, or null where asking again may help. @param {Kept} kept */
async function post(kept) {
  try {
    const response = await fetch(kept.action, {
      method: "POST",
      body: kept.body,
      headers: {
        "Content-Type": "application/x-www-form-urlencoded",
        "X-CSRFToken": /** @type {any} */ (task().elements.namedItem("csrfmiddlewaretoken"))?.value ?? "",
        "X-Fragment": "1",
      },
      signal: AbortSignal.timeout(PATIENCE_MS),
    });
    if (response.status >= 500 || response.status === 429 || response.status === 408) return null;
    return { response, text: await response.text() };
  } catch {
    return null;
  }
}

/** @param {Kept} kept @param {Response} response @param {string} text */
function settle(kept, response, text) {
  unsaved = false;
  const onward = response.headers.get("X-Next");
  if (response.ok && onward) {
    keep(null);
    location.assign(onward);
  } else if (response.redirected) {
    location.assign(response.url); // kept: whoever comes back to this page sends it again
  } else if (text.includes("data-task")) {
    keep(null);
    swap(text);
    say(response.ok ? "saved" : "");
  } else if (kept.reloaded) {
    unsaved = true;
    say("stuck");
  } else {
    // A whole page instead of a task, for example because a log-in elsewhere changed the form's key.
    keep({ ...kept, reloaded: true });
    location.reload();
  }
}

/** @param {string} fragment */
function swap(fragment) {
  main.innerHTML = fragment;
  lock(false);
  begin();
  scrollTo(0, 0);
  /** @type {HTMLElement | null} */ (main.querySelector("#situation-label"))?.focus({ preventScroll: true });
}

/** @param {boolean} isLocked */
function lock(isLocked) {
  sending = isLocked;
  task().toggleAttribute("aria-busy", isLocked);
  if (isLocked) task().setAttribute("aria-busy", "true");
  /** @type {HTMLElement | null} */ (main.querySelector(".task-body"))?.toggleAttribute("inert", isLocked);
  refresh();
}

/** Wait, but not longer than until the network is back. @param {number} ms */
function pause(ms) {
  return new Promise((resolve) => {
    wakeUp = () => resolve(undefined);
    setTimeout(resolve, ms * (0.8 + 0.4 * Math.random()));
  });
}

/** @param {Kept | null} kept */
function keep(kept) {
  try {
    if (kept) sessionStorage.setItem(KEPT, JSON.stringify(kept));
    else sessionStorage.removeItem(KEPT);
  } catch {
    // Storage can be forbidden; the answer then lives as long as the page.
  }
}

/** @param {string} key @param {string} value */
function remember(key, value) {
  try {
    localStorage.setItem(key, value);
  } catch {
    // Only the convenience is lost.
  }
}

/** An answer that a reload found unacknowledged is shown as chosen and sent again. */
function resume() {
  let stored = null;
  try {
    root.classList.toggle(KEYS_OFF, localStorage.getItem(KEYS_OFF) === "1");
    stored = sessionStorage.getItem(KEPT);
  } catch {
    return;
  }
  if (!stored || !("saves" in task().dataset)) return;
  /** @type {Kept} */
  const kept = JSON.parse(stored);
  const fields = new URLSearchParams(kept.body);
  const token = /** @type {HTMLInputElement | null} */ (task().elements.namedItem("token"))?.value;
  const radio = radios().find((each) => each.value === fields.get("choice"));
  if (radio && token === fields.get("token")) radio.checked = true;
  unsaved = true;
  say("unsaved");
  deliver(kept);
}

addEventListener("online", () => wakeUp());
addEventListener("pageshow", (event) => event.persisted && location.reload());
addEventListener("beforeunload", (event) => unsaved && event.preventDefault());

if (main.querySelector("form[data-task]")) {
  begin();
  resume();
}
