// Builds elements without parsing markup: all content is inserted as text.

/** Make an element. `props`: class, text, dataset, on…, attributes; null and false are left out. */
export function h(name, props = {}, ...children) {
  const node = document.createElement(name);
  for (const [key, value] of Object.entries(props)) {
    if (value === null || value === undefined || value === false) continue;
    if (key === "class") node.className = value;
    else if (key === "text") node.textContent = value;
    else if (key === "dataset") Object.assign(node.dataset, value);
    else if (key.startsWith("on")) node.addEventListener(key.slice(2), value);
    else if (value === true) node.setAttribute(key, "");
    else node.setAttribute(key, String(value));
  }
  node.append(...children.flat(Infinity).filter((child) => child !== null && child !== undefined && child !== false));
  return node;
}

const SVG = "http://www.w3.org/2000/svg";

/** Make an SVG element. */
export function s(name, attributes = {}, ...children) {
  const node = document.createElementNS(SVG, name);
  for (const [key, value] of Object.entries(attributes)) node.setAttribute(key, String(value));
  node.append(...children);
  return node;
}

const PATHS = {
  dots: "M12 5.500v.010M12 12v.010M12 18.500v.010",
  plus: "M12 5v14M5 12h14",
  clip: "M20 11.500l-8.200 8.200a5 5 0 0 1-7.100-7.100l8.600-8.600a3.400 3.400 0 0 1 4.800 4.800l-8.500 8.500a1.700 1.700 0 0 1-2.400-2.400l7.700-7.700",
  send: "M12 19V5M5.500 11.500L12 5l6.500 6.500",
  list: "M5 7h14M5 12h14M5 17h9",
  close: "M6 6l12 12M18 6L6 18",
  down: "M6 9.500l6 6 6-6",
  play: "M8 5.500v13l10.500-6.500z",
  pause: "M8.500 6v12M15.500 6v12",
  sun: "M12 8a4 4 0 1 0 0 8 4 4 0 0 0 0-8zM12 3v1.500M12 19.500V21M3 12h1.500M19.500 12H21M5.600 5.600l1.100 1.100M17.300 17.300l1.100 1.100M5.600 18.400l1.100-1.100M17.300 6.700l1.100-1.100",
  moon: "M19.500 14.200A8 8 0 0 1 9.800 4.500a8 8 0 1 0 9.700 9.700z",
  person: "M12 12a4 4 0 1 0 0-8 4 4 0 0 0 0 8zM4.500 20a7.500 7.500 0 0 1 15 0",
  addperson: "M10 12a4 4 0 1 0 0-8 4 4 0 0 0 0 8zM3 20a7 7 0 0 1 12.500-4.300M18.500 15v6M15.500 18h6",
  group: "M9 11.500a3.500 3.500 0 1 0 0-7 3.500 3.500 0 0 0 0 7zM2.500 19.500a6.500 6.500 0 0 1 13 0M16 4.800a3.500 3.500 0 0 1 0 6.400M17.800 14.300a6.500 6.500 0 0 1 3.700 5.200",
  reply: "M9.500 6L4 11.500 9.500 17M4.500 11.500H14a6 6 0 0 1 6 6",
  forward: "M14.500 6l5.500 5.500-5.500 5.500M19.500 11.500H10a6 6 0 0 0-6 6",
  copy: "M9 9h10v10.500H9zM15 9V4.500H5V15h4",
  edit: "M5 19l.8-3.800L15.500 5.500l3 3-9.700 9.700zM13.500 7.500l3 3",
  block: "M12 3.500a8.500 8.500 0 1 0 0 17 8.500 8.500 0 0 0 0-17zM6 6l12 12",
  file: "M6.500 3.500h7l4 4v13h-11zM13.500 3.500v4h4",
  keys: "M3.500 6.500h17v11h-17zM7 10v.010M10.300 10v.010M13.700 10v.010M17 10v.010M8 14h8",
  photo: "M4 5.500h16v13H4zM4 15.500l4.500-4.500 4 4 2.500-2.500 5 5M15.500 9.200v.010",
  mic: "M12 4a2.500 2.500 0 0 0-2.500 2.500v5a2.500 2.500 0 0 0 5 0v-5A2.500 2.500 0 0 0 12 4zM6 11.500a6 6 0 0 0 12 0M12 17.500V21",
  pin: "M12 21s6.500-5.700 6.500-10.500a6.500 6.500 0 1 0-13 0C5.500 15.300 12 21 12 21zM12 8.300a2.200 2.200 0 1 0 0 4.400 2.200 2.200 0 0 0 0-4.400z",
  thumbtack: "M9 4h6l-.7 6 3.200 3.500H6.500L9.700 10zM12 13.500V20",
  link: "M8 16L17 7M9.500 7H17v7.500",
  leave: "M10 4.500H5v15h5M14 8l4 4-4 4M18 12H9.500",
  replay: "M4.500 12a7.500 7.500 0 1 0 2.500-5.600M4.500 4v4h4",
  trash: "M5 7h14M9.500 7V4.500h5V7M7 7l.8 12.500h8.400L17 7",
  phone: "M8 3.500h8v17H8zM11.500 17.800h1",
  check: "M5 12.500l4.500 4.500L19 7.500",
  clock: "M12 4a8 8 0 1 0 0 16 8 8 0 0 0 0-16zM12 8v4.200l2.800 1.800",
  plug: "M9 3.500V8M15 3.500V8M6.500 8h11v3a5.500 5.500 0 0 1-11 0zM12 16.500v4",
};

/** A line icon; decoration only, the control beside it has the name. */
export function icon(name) {
  return s(
    "svg",
    { class: `icon icon-${name}`, viewBox: "0 0 24 24", "aria-hidden": "true", focusable: "false" },
    s("path", { d: PATHS[name] ?? PATHS.dots }),
  );
}

/** Update the children to match `items` [{key, sig, build}]. A node with the same key and sig is kept. */
export function reconcile(parent, items) {
  const old = new Map();
  for (const node of parent.children) old.set(node.reconcileKey, node);
  let at = parent.firstElementChild;
  for (const item of items) {
    const kept = old.get(item.key);
    const same = kept !== undefined && kept.reconcileSig === item.sig;
    const node = same ? kept : item.build(kept);
    node.reconcileKey = item.key;
    node.reconcileSig = item.sig;
    if (kept !== undefined) {
      old.delete(item.key);
      if (kept !== node) {
        if (kept === at) at = node;
        kept.replaceWith(node);
      }
    }
    if (node === at) at = at.nextElementSibling;
    else parent.insertBefore(node, at);
  }
  for (const node of old.values()) node.remove();
}
