// Keys, where nobody is writing: `/` finds on the page, or everywhere where the page has no search, `n` and `c` write, `g` and a letter lead to a page, `?` lists them. The pages work without.

/** How long a letter may come after `g`, in milliseconds. */
const TOGETHER = 1_500;

let begun = 0;

document.addEventListener("keydown", (event) => {
  const more = document.querySelector(".pages details[open]");
  if (event.key === "Escape" && more?.contains(event.target)) {
    more.open = false;
    more.querySelector("summary").focus();
    return;
  }
  if (event.ctrlKey || event.metaKey || event.altKey || event.isComposing) return;
  if (event.target.closest?.("input, textarea, select, [contenteditable], dialog[open]")) return;
  const follows = begun > 0 && event.timeStamp - begun < TOGETHER;
  begun = 0;
  if (follows) {
    const link = document.querySelector(`.pages a[data-letter="${CSS.escape(event.key)}"]`);
    if (!link) return;
    event.preventDefault();
    location.assign(link.href);
  } else if (event.key === "g") {
    begun = event.timeStamp;
  } else if (event.key === "/") {
    const search = document.querySelector("input[type=search]");
    event.preventDefault();
    if (search) search.focus();
    else document.querySelector("[data-palette]")?.click();
  } else if (event.key === "n" || event.key === "c") {
    event.preventDefault();
    const to = document.getElementById("to");
    if (to?.form?.id === "compose") to.focus();
    else location.assign("/");
  } else if (event.key === "?") {
    event.preventDefault();
    document.getElementById("shortcuts")?.showModal();
  }
});
