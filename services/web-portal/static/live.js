// What makes the pages live. They work without it.
//
// This file is two things: the module of every page, and the worker that all tabs of a browser share. The
// worker holds the one event connection; each event carries parts of pages, made by the server, which the
// tabs put where they belong. Where there is no shared worker (Android), a tab holds a connection of its
// own while it is looked at.
//
// A position "epoch.number" says up to where a page knows what happened. The connection is asked for all
// that came after it, and parts may come twice: putting one in place again changes nothing.

const PATCHES = "application/vnd.merpati.patches+json";

if (typeof document === "undefined") work();
else page();

/** The shared worker: one EventSource for all tabs. */
function work() {
  const ports = new Set();
  const recent = [];
  let source, since;

  const number = (position) => Number(position.split(".")[1]);
  const epoch = (position) => position.split(".")[0];

  function connect(position) {
    source?.close();
    since = position;
    recent.length = 0;
    source = listen(position, (message) => {
      if (message.patches) recent.push(message);
      if (recent.length > 400) since = recent.shift().position;
      for (const port of ports) port.postMessage(message);
    });
  }

  globalThis.onconnect = ({ ports: [port] }) => {
    port.onmessage = ({ data }) => {
      if (data.leave) {
        ports.delete(port);
        if (ports.size === 0) {
          source?.close();
          source = undefined;
        }
        return;
      }
      ports.add(port);
      const known = source && source.readyState !== EventSource.CLOSED
        && epoch(since) === epoch(data.position) && number(since) <= number(data.position);
      if (!known) return connect(data.position);
      port.postMessage({ lost: source.readyState !== EventSource.OPEN });
      for (const message of recent) {
        if (number(message.position) > number(data.position)) port.postMessage(message);
      }
    };
  };
}

/** One event connection; hands over {patches, position}, {stale}, {waits} and {lost}. */
function listen(position, tell) {
  const source = new EventSource(`/events?after=${encodeURIComponent(position)}`);
  source.onopen = () => tell({ lost: false });
  source.onerror = () => tell({ lost: true });
  source.addEventListener("patches", (event) =>
    tell({ patches: JSON.parse(event.data), position: event.lastEventId }));
  source.addEventListener("stale", () => tell({ stale: true }));
  source.addEventListener("waits", () => tell({ waits: true }));
  return source;
}

function page() {
  document.documentElement.classList.add("scripted");
  document.addEventListener("submit", submitted);
  document.addEventListener("input", counted);
  document.addEventListener("input", writes);
  document.addEventListener("click", taken);
  document.addEventListener("click", inserted);
  document.addEventListener("click", copied);
  document.addEventListener("visibilitychange", () => read([]));
  const { live: position, viewer, zone } = document.body.dataset;
  if (position) follow(position, `${viewer} ${document.documentElement.lang} ${zone}`);
}

/** Follows what happens; tabs of one reader, who sees parts of pages in one language and one zone, share a worker. */
function follow(position, reader) {
  const heard = (message) => {
    if (message.patches) {
      apply(message.patches);
      renew();
      read(message.patches);
    }
    if (message.position) position = message.position;
    if (message.stale) refresh();
    if (message.waits) ask();
    if ("lost" in message) document.getElementById("live-lost").hidden = !message.lost;
  };
  if (globalThis.SharedWorker) {
    const name = `merpati ${reader}`;
    const { port } = new SharedWorker(import.meta.url, { type: "module", name });
    port.onmessage = ({ data }) => heard(data);
    const join = () => port.postMessage({ position });
    join();
    addEventListener("pagehide", () => port.postMessage({ leave: true }));
    addEventListener("pageshow", ({ persisted }) => persisted && join());
    return;
  }
  let source;
  const look = () => {
    source?.close();
    source = document.hidden ? undefined : listen(position, heard);
  };
  look();
  document.addEventListener("visibilitychange", look);
  addEventListener("pagehide", () => source?.close());
}

let renewing, renewed = 0;

/** After news: once more the list of conversations, when the database has them. Many at once are asked for together. */
function renew() {
  if (!document.querySelector("[data-renew]")) return;
  renewing ??= setTimeout(async () => {
    renewing = undefined;
    renewed = Date.now();
    await refresh();
  }, Math.max(0, renewed + 3_000 - Date.now()) + 1_000);
}

let unread = false;

/** What comes into a conversation that is looked at is read. */
function read(patches) {
  const form = document.querySelector("form[data-read]");
  unread ||= form !== null && patches.some(({ id, html }) =>
    html?.includes('class="bubble in"') && document.getElementById(id));
  if (!form || !unread || document.hidden) return;
  unread = false;
  post(form.action, form).catch(() => unread = true);
}

/** Puts parts of pages where they belong. */
function apply(patches) {
  for (const { op, id, html, list } of patches) {
    const old = document.getElementById(id);
    if (op === "remove") {
      // What somebody chose is not changed in silence; the server says so when it cannot be.
      if (!(old?.localName === "option" && old.selected)) old?.remove();
    } else if (old) {
      const fresh = part(html);
      // A state only moves forward, whatever order the news come in.
      if (Number(fresh.dataset.rank ?? 0) < Number(old.dataset.rank ?? 0)) continue;
      if (fresh.dataset.rank) old.dataset.rank = fresh.dataset.rank;
      if (op === "append" || looksLike(old, fresh)) continue;
      if (op === "swap" && !inUse(old)) {
        if (fresh.classList.contains("pill")) fresh.classList.add("fresh");
        if (old.localName === "option") {
          if (old.selected && fresh.hidden) continue;
          fresh.selected = old.selected;
        }
        old.replaceWith(fresh);
      } else if (op === "put") {
        old.replaceWith(fresh);
      } else {
        swapParts(old, fresh);
      }
    } else if (list) {
      // The first of the lists that this page has.
      const places = list.split(" ").map((name) =>
        document.querySelectorAll(`[data-list~="${CSS.escape(name)}"]`));
      for (const place of places.find((found) => found.length > 0) ?? []) {
        const fresh = part(html);
        if (op === "append") place.append(fresh);
        else insert(place, fresh);
        // Whoever wrote an answer has sent it.
        if (fresh.matches(".bubble.out")) document.querySelector(".writers")?.replaceChildren();
      }
    }
  }
}

/** The same but for what is hidden in forms, which is made anew each time. */
function looksLike(one, other) {
  const [seen, fresh] = [one, other].map((element) => element.cloneNode(true));
  for (const element of [seen, fresh]) {
    element.classList.remove("fresh");
    for (const hidden of element.querySelectorAll("input[type=hidden]")) hidden.remove();
  }
  return seen.isEqualNode(fresh);
}

/** What is in use stays, but for the parts of it that nobody uses. */
function swapParts(old, fresh) {
  old.className = fresh.className;
  for (const part of fresh.querySelectorAll("[data-part]")) {
    const seen = document.getElementById(part.id);
    if (seen && !inUse(seen)) seen.replaceWith(part);
  }
}

/** Somebody writes in it or has opened something of it. */
function inUse(element) {
  const isOpen = element.matches("details[open]") || element.querySelector("details[open]") !== null;
  return isOpen || element.contains(document.activeElement);
}

/**
 * Newest first, and by id where the time is the same, as the server lists them; what has no time of its own goes to
 * the end. The list does not grow without end.
 */
function insert(place, fresh) {
  if ("append" in place.dataset) return place.append(fresh);
  const at = (element) => Number(element.dataset.at ?? 0);
  const older = [...place.children].find((other) =>
    at(other) < at(fresh) || (at(other) === at(fresh) && other.id < fresh.id));
  place.insertBefore(fresh, older ?? null);
  const most = Number(place.dataset.keep ?? 200);
  while (place.children.length > most) place.lastElementChild.remove();
}

function part(html) {
  const template = document.createElement("template");
  template.innerHTML = html.trim();
  const fresh = template.content.firstElementChild;
  if (fresh.dataset.fades) setTimeout(() => fresh.remove(), Number(fresh.dataset.fades) * 1_000);
  return fresh;
}

let asking, asked = 0;

/** After a modem came or went: once more why messages wait, where that is shown. Many at once are asked for together. */
function ask() {
  if (!document.querySelector("[data-waits]:not([hidden])")) return;
  const rest = Math.max(0, asked + 5_000 - Date.now());
  asking ??= setTimeout(async () => {
    asking = undefined;
    asked = Date.now();
    const fresh = await again();
    for (const old of document.querySelectorAll("[data-waits][id]")) {
      const element = fresh?.getElementById(old.id);
      // The page may be older than what was told meanwhile.
      if (!element || Number(element.dataset.rank) < Number(old.dataset.rank)) continue;
      old.replaceWith(element);
    }
  }, rest + 100 + 900 * Math.random());
}

/** This page as the server makes it now. */
async function again() {
  const answer = await fetch(location.href, { headers: { accept: "text/html" } });
  if (!answer.ok || answer.redirected) return undefined;
  return new DOMParser().parseFromString(await answer.text(), "text/html");
}

/**
 * After news were missed: the lists of this page and the states on it once more, but not what somebody is typing, and no
 * state that is older than what was told.
 */
async function refresh() {
  const fresh = await again();
  if (!fresh) return;
  const senders = [...fresh.querySelectorAll('[data-list~="senders"] option[id]')];
  apply(senders.map(({ id, outerHTML }) => ({ op: "swap", id, html: outerHTML, list: "senders" })));
  for (const element of fresh.querySelectorAll("[data-fresh][id], [data-rank][id]")) {
    const old = document.getElementById(element.id);
    // What is in a list came with it.
    if (!old || old === element || inUse(old)) continue;
    if (Number(element.dataset.rank ?? 0) < Number(old.dataset.rank ?? 0)) continue;
    if (!looksLike(old, element)) old.replaceWith(element);
  }
}

/** Sends a form in place, so that the page stays and its states can be watched. */
async function submitted(event) {
  const form = event.target;
  if (!form.matches("form[data-live-form]") || event.submitter?.hasAttribute("formaction")) return;
  event.preventDefault();
  const button = form.querySelector("button.primary");
  button.disabled = true;
  try {
    const answer = await post(form.action, form);
    if (!(answer.headers.get("content-type") ?? "").startsWith(PATCHES)) return form.submit();
    apply(await answer.json());
    const fresh = document.getElementById(form.id);
    const places = ["[data-focus]", "[name=text]"].map((place) => fresh?.querySelector(place));
    places.find((place) => place?.localName !== "input" && place)?.focus();
  } catch {
    document.getElementById("live-lost").hidden = false;
  } finally {
    button.disabled = false;
  }
}

const counting = new WeakMap();

/**
 * Counts what is being typed, by the code that sends; again when a choice of letters changes. Where names are typed, it asks
 * whom they could mean.
 */
function counted(event) {
  const { form, dataset } = event.target;
  const at = dataset.suggestAt ?? form?.dataset.countAt;
  if (!event.target.matches("textarea, input[type=checkbox]") || !at) return;
  const what = dataset.suggestAt ? event.target : form;
  const before = counting.get(what);
  clearTimeout(before?.timer);
  before?.stop.abort();
  // Numbers are nobody's names.
  if (dataset.suggestAt && !/[\p{L}#]/u.test(event.target.value.split(/[,;\n]/).at(-1))) {
    document.getElementById("people")?.replaceChildren();
    return;
  }
  const stop = new AbortController();
  const timer = setTimeout(async () => {
    try {
      const answer = await post(at, form, stop.signal);
      if (answer.ok) apply(await answer.json());
    } catch {
      // A later key press counts again.
    }
  }, 120);
  counting.set(what, { timer, stop });
}

let told = 0;

/** Says that an answer is being written, to whoever has the conversation open. */
function writes({ target: { form } }) {
  const at = form?.dataset.writingAt;
  if (!at || Date.now() < told + 10_000) return;
  told = Date.now();
  const body = new URLSearchParams({ csrf: form.elements.csrf.value });
  fetch(at, { method: "POST", body, headers: { accept: PATCHES } }).catch(() => {
    // A later key press says so again.
  });
}

/** Puts a text that is offered where the cursor is. */
function inserted(event) {
  const link = event.target.closest?.("[data-insert]");
  const field = link && document.getElementById(link.dataset.into);
  if (!field) return;
  event.preventDefault();
  field.setRangeText(link.dataset.insert, field.selectionStart, field.selectionEnd, "end");
  field.dispatchEvent(new Event("input", { bubbles: true }));
  link.closest("details")?.removeAttribute("open");
  field.focus();
}

/** Puts somebody who is offered in the place of the name that is being typed. */
function taken(event) {
  const button = event.target.closest?.("[data-take]");
  const field = button && document.getElementById(button.dataset.into);
  if (!field) return;
  const before = field.value.replace(/[^,;\n]*$/, "");
  const glue = before === "" || before.endsWith("\n") ? "" : " ";
  field.value = `${before}${glue}${button.dataset.take}, `;
  button.parentElement.replaceChildren();
  field.focus();
}

/** The buttons that say that they copied, each with the timer that ends it. */
const saying = new WeakMap();

/**
 * Copies the text of an element, and says so for a while. Without TLS a page is given no clipboard; then the text is selected, and
 * copied as by hand.
 */
async function copied(event) {
  const button = event.target.closest?.("[data-copy]");
  const from = button && document.getElementById(button.dataset.copy);
  if (!from) return;
  try {
    await navigator.clipboard.writeText(from.textContent.trim());
  } catch {
    getSelection().selectAllChildren(from);
    if (!document.execCommand("copy")) return;
  }
  const said = document.getElementById("copied");
  button.dataset.again ??= button.textContent;
  button.textContent = button.dataset.copied;
  if (said) said.textContent = button.dataset.copied;
  clearTimeout(saying.get(button));
  saying.set(button, setTimeout(() => {
    button.textContent = button.dataset.again;
    if (said) said.textContent = "";
  }, 5_000));
}

function post(url, form, signal) {
  return fetch(url, { method: "POST", body: new URLSearchParams(new FormData(form)), headers: { accept: PATCHES }, signal });
}
