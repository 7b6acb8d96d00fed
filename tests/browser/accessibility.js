// What keeps people from using a page: our own checks of it, as it is shown now. `arguments[0]`: it is looked at on a phone.
// Returns what is wrong, each with the element that it is wrong with.
const phone = arguments[0];
const wrong = [];
const tell = (what, element) =>
  wrong.push(element ? `${what}: ${element.outerHTML.replace(/\s+/g, " ").slice(0, 140)}` : what);
const all = (css) => [...document.querySelectorAll(css)];

const isShown = (element) => {
  if (!element.checkVisibility({ contentVisibilityAuto: true, visibilityProperty: true, checkVisibilityCSS: true })) return false;
  const { width, height } = element.getBoundingClientRect();
  // What is one pixel is for readers of the page alone.
  return width > 1 && height > 1;
};
const isHeard = (element) =>
  element.checkVisibility({ contentVisibilityAuto: true, visibilityProperty: true, checkVisibilityCSS: true })
  && !element.closest("[aria-hidden=true]");

/** The name of an element, about as browsers compute it. */
const nameOf = (element) => {
  const ids = (element.getAttribute("aria-labelledby") ?? "").split(/\s+/).filter(Boolean);
  const pictured = (one) => [...one.querySelectorAll("img[alt], [aria-label], svg title")]
    .map((part) => part.getAttribute("alt") ?? part.getAttribute("aria-label") ?? part.textContent);
  return [
    ...ids.map((id) => document.getElementById(id)?.textContent ?? ""),
    element.getAttribute("aria-label") ?? "",
    ...[...(element.labels ?? [])].map((label) => label.textContent),
    ...(element.matches("input, select, textarea") ? [] : [element.textContent, ...pictured(element)]),
    element.getAttribute("alt") ?? "",
  ].join(" ").trim();
};

// The page as a whole.
if (!["en", "id"].includes(document.documentElement.lang)) tell("no language");
if (!document.title.trim()) tell("no title");
const ids = new Set();
for (const element of all("[id]")) {
  if (ids.has(element.id)) tell("an id twice", element);
  ids.add(element.id);
}
for (const attribute of ["aria-labelledby", "aria-describedby", "aria-controls", "aria-activedescendant", "for", "list"]) {
  for (const element of all(`[${attribute}]`)) {
    const lost = element.getAttribute(attribute).split(/\s+/).filter((id) => id && !document.getElementById(id));
    if (lost.length > 0) tell(`${attribute} names nothing`, element);
  }
}
for (const [landmark, css] of [["main", "main"], ["header", "body > header"]]) {
  if (all(css).filter(isHeard).length !== 1) tell(`not one ${landmark}`);
}
for (const nav of all("nav").filter(isHeard)) if (!nav.getAttribute("aria-label")) tell("no name", nav);

// Headings.
const headings = all("h1, h2, h3, h4, h5, h6").filter(isHeard);
if (headings.filter((heading) => heading.matches("h1")).length !== 1) tell("not one h1");
let level = 0;
for (const heading of headings) {
  const own = Number(heading.localName[1]);
  if (own > level + 1) tell(`a heading of level ${own} after one of ${level}`, heading);
  if (!heading.textContent.trim()) tell("an empty heading", heading);
  level = own;
}

// Controls, pictures, lists, tables.
const CONTROLS = "a[href], button, input:not([type=hidden]), select, textarea, summary, meter, progress, [role=img], [role=listbox], dialog";
for (const control of all(CONTROLS).filter(isHeard)) if (!nameOf(control)) tell("no name", control);
for (const image of all("img:not([alt])")) tell("no alternative", image);
for (const svg of all("svg").filter(isHeard)) {
  if (svg.getAttribute("role") !== "img") tell("a picture that is neither hidden nor named", svg);
}
for (const list of all("ul, ol").filter(isHeard)) {
  if (list.matches("[role]")) continue;
  for (const child of list.children) if (!child.matches("li, template")) tell("no item of a list", child);
}
for (const list of all("dl")) {
  for (const child of list.children) if (!child.matches("dt, dd, div")) tell("no term of a list", child);
}
for (const table of all("table")) {
  if (!table.querySelector("th")) tell("no headers", table);
  for (const header of table.querySelectorAll("th:not([scope])")) tell("no scope", header);
}

// What is touched or clicked (WCAG 2.2, 2.5.8): 24 pixels, or as far from others; on a phone what is used most 44.
const TARGETS = "a[href], button, input:not([type=hidden]), select, textarea, summary, [role=option]";
const boxOf = (element) => {
  const box = element.matches("[type=checkbox], [type=radio]") ? element.labels?.[0] ?? element : element;
  return box.getBoundingClientRect();
};
const targets = all(TARGETS).filter(isShown).filter((element) => !element.disabled);
const isInText = (element) => getComputedStyle(element).display === "inline"
  && element.parentElement.textContent.trim().length > element.textContent.trim().length;
for (const element of targets) {
  const box = boxOf(element);
  if (box.width >= 24 && box.height >= 24 || isInText(element)) continue;
  const [x, y] = [box.left + box.width / 2, box.top + box.height / 2];
  const isNear = (other) => {
    const { left, right, top, bottom } = boxOf(other);
    const [dx, dy] = [Math.max(left - x, 0, x - right), Math.max(top - y, 0, y - bottom)];
    return Math.hypot(dx, dy) < 12;
  };
  // A link over all of a row is around what stands in it.
  // What lies over the page is not beside what it covers.
  const isBeside = (other) => [".pages", "dialog"].every((layer) => other.closest(layer) === element.closest(layer));
  const isAround = (other) => other.contains(element) || element.contains(other) || other.matches(".row-link");
  if (targets.some((other) => other !== element && isBeside(other) && !isAround(other) && !isInText(other) && isNear(other))) {
    tell(`${Math.round(box.width)} by ${Math.round(box.height)} pixels`, element);
  }
}
if (phone) {
  const MAIN = "button, select, textarea, input:not([type=checkbox], [type=radio]), .pages a, .pages summary, .top a";
  for (const element of targets.filter((one) => one.matches(MAIN))) {
    const { height } = element.getBoundingClientRect();
    if (height < 43.5) tell(`${Math.round(height)} pixels high on a phone`, element);
  }
}

// Contrast (WCAG 2.2, 1.4.3).
const colour = (css) => {
  const [r, g, b, alpha = 1] = (css.match(/[\d.]+/g) ?? []).map(Number);
  return { rgb: [r, g, b], alpha };
};
const over = ({ rgb, alpha }, below) => rgb.map((part, at) => part * alpha + below[at] * (1 - alpha));
const known = new Map();
/** What is behind the text of an element, and how much of that shows through; no `rgb`: there is a picture. */
const behind = (element) => {
  if (!element) return { rgb: [255, 255, 255], opacity: 1 };
  if (known.has(element)) return known.get(element);
  const below = behind(element.parentElement);
  const style = getComputedStyle(element);
  const found = {
    rgb: style.backgroundImage === "none" && below.rgb ? over(colour(style.backgroundColor), below.rgb) : undefined,
    opacity: below.opacity * Number(style.opacity),
  };
  known.set(element, found);
  return found;
};
const luminance = (rgb) => {
  const [r, g, b] = rgb.map((part) => part / 255).map((part) =>
    part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4);
  return 0.2126 * r + 0.7152 * g + 0.0722 * b;
};
const ratio = (one, other) => {
  const [dark, light] = [luminance(one), luminance(other)].sort((a, b) => a - b);
  return (light + 0.05) / (dark + 0.05);
};
const look = (element, style, faint, what) => {
  const { rgb: background, opacity } = behind(element);
  if (!background) return;
  const text = colour(style.color);
  text.alpha *= faint * opacity;
  const size = parseFloat(style.fontSize);
  const isLarge = size >= 24 || size >= 18.66 && Number(style.fontWeight) >= 700;
  const found = ratio(over(text, background), background);
  if (found < (isLarge ? 3 : 4.5)) tell(`${what} has a contrast of ${found.toFixed(2)}`, element);
};
const SILENT = "script, style, template, option, datalist, svg, noscript, [disabled], [aria-disabled=true]";
const texts = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
const seen = new Set();
while (texts.nextNode()) {
  const element = texts.currentNode.parentElement;
  if (!texts.currentNode.data.trim() || seen.has(element) || element.closest(SILENT) || !isShown(element)) continue;
  seen.add(element);
  look(element, getComputedStyle(element), 1, "a text");
}
for (const field of all("input:not([type=hidden], [type=checkbox], [type=radio], [type=file]), textarea, select").filter(isShown)) {
  if (field.disabled) continue;
  look(field, getComputedStyle(field), 1, "a field");
  if (field.placeholder) {
    const style = getComputedStyle(field, "::placeholder");
    look(field, style, Number(style.opacity), "a placeholder");
  }
}
return wrong;
