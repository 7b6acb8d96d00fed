// Looks for everything from any page: Ctrl+K, or the link at the head of the page, which leads to the page of the search without this.
//
// What is found comes from the server as that page shows it, and becomes the list of a combobox: the cursor stays in the field, and
// aria-activedescendant says which of the list is meant (ARIA authoring practices, combobox with a list).

const PATCHES = "application/vnd.merpati.patches+json";

const palette = document.getElementById("palette");
const field = document.getElementById("palette-q");
const list = document.getElementById("palette-list");
const said = document.getElementById("palette-said");

/** How long somebody has stopped typing before the server is asked, in milliseconds. */
const PAUSE = 150;

let asking, timer;

function open() {
  if (palette.open) return;
  for (const other of document.querySelectorAll("dialog[open]")) other.close();
  field.value = "";
  palette.showModal();
  pages();
}

/** The pages of the navigation, which are here already. */
function pages() {
  const wanted = field.value.trim().toLocaleLowerCase();
  const links = [...document.querySelectorAll(".pages a[data-letter]")];
  show(links.filter((link) => link.textContent.toLocaleLowerCase().includes(wanted)).map((link) => ({ link, about: "" })));
}

/** Puts links into the list; the first is meant. */
function show(hits) {
  list.replaceChildren(...hits.map(({ link, about }, place) => {
    const option = document.createElement("li");
    option.id = `palette-${place}`;
    option.setAttribute("role", "option");
    option.dataset.href = link.getAttribute("href");
    const name = document.createElement("bdi");
    name.textContent = link.textContent.trim();
    const hint = document.createElement("span");
    hint.className = "hint";
    hint.textContent = about;
    option.append(name, " ", hint);
    return option;
  }));
  field.setAttribute("aria-expanded", String(hits.length > 0));
  choose(list.firstElementChild);
}

function choose(option) {
  for (const other of list.children) other.setAttribute("aria-selected", String(other === option));
  if (!option) return field.removeAttribute("aria-activedescendant");
  field.setAttribute("aria-activedescendant", option.id);
  option.scrollIntoView({ block: "nearest" });
}

function chosen() {
  return document.getElementById(field.getAttribute("aria-activedescendant") ?? "");
}

async function ask() {
  asking?.abort();
  asking = new AbortController();
  const q = field.value.trim();
  if (!q) return;
  try {
    const url = `/search?q=${encodeURIComponent(q)}`;
    const answer = await fetch(url, { headers: { accept: PATCHES }, signal: asking.signal });
    if (!answer.ok || answer.redirected || q !== field.value.trim()) return;
    const [{ html }] = await answer.json();
    const found = new DOMParser().parseFromString(html, "text/html");
    const hits = [...found.querySelectorAll("li a")].map((link) => {
      const kind = link.closest("ul").previousElementSibling.textContent;
      const about = link.parentElement.querySelector(".hint")?.textContent ?? "";
      return { link, about: about ? `${kind} · ${about}` : kind };
    });
    show(hits);
    said.textContent = found.querySelector("[role=status]").textContent;
  } catch {
    // The next key asks again; Enter leads to the page of the search.
  }
}

if (palette) {
  document.addEventListener("keydown", (event) => {
    if ((event.ctrlKey || event.metaKey) && !event.altKey && !event.shiftKey && event.key.toLowerCase() === "k") {
      event.preventDefault();
      open();
    }
  });
  for (const link of document.querySelectorAll("[data-palette]")) {
    link.addEventListener("click", (event) => {
      if (event.ctrlKey || event.metaKey || event.shiftKey) return;
      event.preventDefault();
      open();
    });
  }
  field.addEventListener("input", () => {
    said.textContent = "";
    pages();
    clearTimeout(timer);
    timer = setTimeout(ask, PAUSE);
  });
  field.addEventListener("keydown", (event) => {
    if (event.isComposing) return;
    const all = [...list.children];
    const at = all.indexOf(chosen());
    if (event.key === "ArrowDown" || event.key === "ArrowUp") {
      event.preventDefault();
      const step = event.key === "ArrowDown" ? 1 : -1;
      choose(all[(at + step + all.length) % all.length]);
    } else if (event.key === "Enter" && at >= 0) {
      event.preventDefault();
      location.assign(all[at].dataset.href);
    }
  });
  list.addEventListener("click", (event) => {
    const option = event.target.closest("[role=option]");
    if (option) location.assign(option.dataset.href);
  });
  palette.addEventListener("close", () => {
    clearTimeout(timer);
    asking?.abort();
  });
}
