// Makes elements. Text always goes in as text: whatever a trace holds is shown, never run.

export function el(tag, attributes = {}, ...children) {
  const node = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (name.startsWith("on")) node.addEventListener(name.slice(2), value);
    else if (name === "class") node.className = value;
    else if (value === true) node.setAttribute(name, "");
    else if (value !== false && value != null) node.setAttribute(name, String(value));
  }
  node.append(...children.flat(Infinity).filter((child) => child != null && child !== false));
  return node;
}

export function fill(node, ...children) {
  node.replaceChildren(...children.flat(Infinity).filter((child) => child != null && child !== false));
  return node;
}

export const LOOPS_PER_SECOND = 22.4;

// Game time as the game shows it: 7:03.
export function clock(loop) {
  const seconds = Math.max(0, Math.floor(loop / LOOPS_PER_SECOND));
  return `${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, "0")}`;
}

export function number(value, digits = 0) {
  return Number(value).toLocaleString("en", { maximumFractionDigits: digits, minimumFractionDigits: digits });
}

// Index of the last entry whose key is not after `value`, -1 when all are.
export function lastNotAfter(list, value, key = (entry) => entry) {
  let low = 0;
  let high = list.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (key(list[middle]) <= value) low = middle + 1;
    else high = middle;
  }
  return low - 1;
}

export const byLoop = (entry) => entry.loop;

const styles = new Map();

// A colour of the style sheet; looked up once per theme, for drawing asks for it in every frame.
export function css(name) {
  let value = styles.get(name);
  if (value === undefined) {
    value = getComputedStyle(document.documentElement).getPropertyValue(name).trim();
    styles.set(name, value);
  }
  return value;
}

export function setTheme(theme) {
  document.documentElement.dataset.theme = theme;
  styles.clear();
}
