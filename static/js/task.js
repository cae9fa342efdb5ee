// @ts-check
/**
 * What a task gains where scripts run: keys, times, the next task without a reload, and no answer lost: it stays in
 * this window until the server has acknowledged it. The server knows a repeat by its token, so sending twice is safe.
 */

const PATIENCE_MS = 20_000;
const WAITS_MS = [1_000, 2_000, 4_000, 8_000];
const KEPT = `answer:${location.pathname}`;
const KEYS_OFF = "keys-off";

const root = document.documentElement;
const word = document.getElementById("saved");
const main = /** @type {HTMLElement} */ (document.querySelector("main"));
const find = /** @type {(css: string) => any} */ ((css) => main.querySelector(css));
const task = () => find("form[data-task]");
const saves = () => "saves" in task().dataset;
const next = () => find("button[type=submit]");
const radios = () => /** @type {any[]} */ ([...main.querySelectorAll("[name=choice]")]);
const keep = (kept) => ifAllowed(() => sessionStorage.setItem(KEPT, JSON.stringify(kept)));
const isAnswered = () => !find("[name=choice]") || find("[name=choice]:checked");

let shownAt = 0;
let via = "";
let focusLosses = 0;
let pastes = 0;
let sending = false;
let unsaved = false;

/** Prepare what is on the page now: a task, a practice task or its feedback. */
function begin() {
  shownAt = focusLosses = pastes = 0;
  via = "";
  find("[data-keys]").hidden = !radios().length;
  refresh();
  watchTheEnd();
  // Painted after the second frame; a hidden window gets its frames when somebody looks.
  requestAnimationFrame(() => requestAnimationFrame(() => (shownAt = performance.now())));
}

function refresh() {
  next().disabled = sending || !isAnswered();
}

/** Long texts run under the bar: say so while their end is out of sight. */
function watchTheEnd() {
  const more = find("[data-more]");
  const rootMargin = `0px 0px -${find(".bar").offsetHeight}px`;
  new IntersectionObserver(([end]) => (more.hidden = end.isIntersecting), { rootMargin }).observe(find("[data-end]"));
}

/** @param {"saving" | "saved" | "unsaved" | "stuck" | "choose" | ""} state */
function say(state) {
  if (!word) return;
  word.dataset.state = state;
  word.textContent = word.dataset[state] ?? "";
}

function fill(name, value) {
  const field = task().elements.namedItem(name);
  if (field) field.value = value;
}

main.addEventListener("change", (/** @type {any} */ event) => {
  if (event.target.name !== "choice") return;
  if (shownAt) fill("response_ms", Math.round(performance.now() - shownAt));
  fill("input", via);
  if (word?.dataset.state === "choose") say("");
  refresh();
});

addEventListener("pointerdown", (event) => (via = event.pointerType === "touch" ? "touch" : "pointer"), true);
addEventListener("blur", () => (focusLosses += 1));
main.addEventListener("paste", () => (pastes += 1));

addEventListener("keydown", (/** @type {any} */ event) => {
  via = "key";
  const at = event.target;
  if (event.ctrlKey || event.altKey || event.metaKey || event.repeat || sending) return;
  if (at.closest("textarea, input:not([name=choice])")) return;
  if (event.key === "Enter") confirm(event, at);
  else if (event.key === "ArrowLeft" || event.key === "ArrowRight") move(event, at);
  else if (!root.classList.contains(KEYS_OFF)) chooseByDigit(event);
});

function confirm(event, at) {
  if (at.closest("a, button, summary")) return;
  event.preventDefault();
  if (isAnswered()) task().requestSubmit(next());
  else say("choose");
}

/** Arrows while reading; inside the group browsers move by themselves. */
function move(event, at) {
  const all = radios();
  if (all.includes(at) || all.length === 0) return;
  const isForward = (event.key === "ArrowRight") === (getComputedStyle(at).direction === "ltr");
  const now = all.findIndex((radio) => radio.checked);
  pick(event, all[now < 0 ? Number(isForward) : (now + (isForward ? 1 : all.length - 1)) % all.length]);
}

/** Where digits need Shift, the key's place counts. */
function chooseByDigit(event) {
  const digit = /^\d$/.test(event.key) ? event.key : event.code.replace("Digit", "");
  const radio = find(`[data-cap="${digit}"]`);
  if (radio) pick(event, radio);
}

function pick(event, radio) {
  event.preventDefault();
  radio.focus();
  radio.click();
}

main.addEventListener("click", (/** @type {any} */ event) => {
  if (!event.target.closest("[data-switch-keys]")) return;
  const isOff = root.classList.toggle(KEYS_OFF);
  ifAllowed(() => localStorage.setItem(KEYS_OFF, String(isOff)));
});

main.addEventListener("submit", (event) => {
  const isReady = isAnswered() && !sending;
  if (isReady && !saves()) sending = true;
  else event.preventDefault();
  if (!isReady || !saves()) return;
  fill("focus_losses", focusLosses);
  fill("paste_count", pastes);
  const fields = new FormData(task());
  fields.delete("csrfmiddlewaretoken"); // a header instead, fresh from the page each time
  const kept = { action: task().action, body: String(new URLSearchParams(/** @type {any} */ (fields))) };
  keep(kept);
  deliver(kept);
});

/** Send until the server has taken it. */
async function deliver(kept) {
  sending = true;
  task().ariaBusy = "true";
  find(".task-body").inert = true; // what is being sent must not change any more
  refresh();
  const slow = setTimeout(say, 500, "saving");
  for (let attempt = 0; ; attempt += 1) {
    const reply = await post(kept);
    clearTimeout(slow);
    if (reply) return settle(kept, reply.response, reply.text);
    unsaved = true;
    say(attempt < WAITS_MS.length ? "unsaved" : "stuck");
    const wait = WAITS_MS[attempt] ?? 15_000;
    await new Promise((resolve) => {
      setTimeout(resolve, wait * (0.8 + 0.4 * Math.random()));
      addEventListener("online", resolve, { once: true });
    });
  }
}

/** The reply, or null where asking again may help. */
async function post({ action, body }) {
  const headers = {
    "Content-Type": "application/x-www-form-urlencoded",
    "X-CSRFToken": find("[name=csrfmiddlewaretoken]")?.value ?? "",
    "X-Fragment": "1",
  };
  try {
    const signal = AbortSignal.timeout(PATIENCE_MS);
    const response = await fetch(action, { method: "POST", body, headers, signal });
    const mayPass = response.status >= 500 || [408, 429].includes(response.status);
    return mayPass ? null : { response, text: await response.text() };
  } catch {
    return null;
  }
}

/** @param {Response} response @param {string} text */
function settle(kept, response, text) {
  const onward = response.headers.get("X-Next");
  unsaved = false;
  if (response.ok && onward) {
    keep(null);
    location.assign(onward);
  } else if (text.includes("data-task") && !text.includes("<html")) {
    keep(null);
    swap(text);
    say(response.ok && !find(".notice") ? "saved" : "");
  } else if (kept.reloaded) {
    unsaved = true;
    say("stuck");
  } else {
    // A whole page: a log-in elsewhere changed the form's key, or the way leads elsewhere.
    keep({ ...kept, reloaded: true });
    location.assign(response.url);
  }
}

function swap(fragment) {
  main.innerHTML = fragment;
  sending = false;
  begin();
  scrollTo(0, 0);
  find("#situation-label").focus({ preventScroll: true });
}

/** Storage may be forbidden; an answer then lives as long as the page. */
function ifAllowed(use) {
  try {
    return use();
  } catch {
    return null;
  }
}

/** An answer not acknowledged before a reload is shown as chosen and sent again. */
function resume() {
  root.classList.toggle(KEYS_OFF, ifAllowed(() => localStorage.getItem(KEYS_OFF)) === "true");
  const kept = JSON.parse(ifAllowed(() => sessionStorage.getItem(KEPT)) ?? "null");
  if (!kept || !saves()) return;
  const fields = new URLSearchParams(kept.body);
  const radio = radios().find((each) => each.value === fields.get("choice"));
  if (radio && find("[name=token]").value === fields.get("token")) radio.checked = true;
  unsaved = true;
  say("unsaved");
  deliver(kept);
}

addEventListener("pageshow", (event) => event.persisted && location.replace(location.href));
addEventListener("beforeunload", (event) => unsaved && event.preventDefault());

begin();
resume();
