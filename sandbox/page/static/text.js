// Formatted text. Offsets are UTF-16 units, which is what JavaScript's strings count.
import { h } from "./dom.js";
import { world } from "./store.js";
import { t } from "./words.js";

const WRAP = {
  bold: "strong",
  italic: "em",
  underline: "u",
  strikethrough: "s",
  code: "code",
  pre: "pre",
  blockquote: "blockquote",
  expandable_blockquote: "blockquote",
};
const BLOCKS = new Set(["pre", "blockquote", "expandable_blockquote"]);

/** An address a link may have, or null. */
export function safeUrl(raw) {
  try {
    const url = new URL(raw.includes("://") ? raw : `https://${raw}`);
    return url.protocol === "http:" || url.protocol === "https:" ? url : null;
  } catch {
    return null;
  }
}

/** The start payload when a link leads to our bot, else null. */
export function botLink(raw) {
  const name = world.bot.username.toLowerCase();
  try {
    const url = new URL(raw);
    if (url.protocol === "tg:") {
      const mine = url.searchParams.get("domain")?.toLowerCase() === name;
      return mine ? { payload: url.searchParams.get("start") ?? "" } : null;
    }
    if (!["t.me", "telegram.me", "www.t.me"].includes(url.hostname)) return null;
    if (url.pathname.replace(/^\/+|\/+$/g, "").toLowerCase() !== name) return null;
    return { payload: url.searchParams.get("start") ?? "" };
  } catch {
    return null;
  }
}

function usable(entities, length) {
  if (!Array.isArray(entities)) return [];
  return entities
    .filter((each) => Number.isInteger(each?.offset) && Number.isInteger(each.length) && each.length > 0 && each.offset >= 0)
    .filter((each) => each.offset < length)
    .sort((a, b) => a.offset - b.offset || b.length - a.length);
}

/** Text with its entities as a fragment. `act(kind, value)`: what to do when somebody presses a part of it. */
export function formatted(text, entities, act) {
  const root = document.createDocumentFragment();
  fill(root, text, 0, text.length, usable(entities, text.length), act);
  return root;
}

function fill(node, text, start, end, entities, act) {
  let at = start;
  for (let i = 0; i < entities.length; ) {
    const entity = entities[i];
    const from = Math.max(entity.offset, at);
    const to = Math.min(entity.offset + entity.length, end);
    let j = i + 1;
    while (j < entities.length && entities[j].offset < to) j += 1;
    if (from < to) {
      if (from > at) node.append(text.slice(at, from));
      const part = wrap(entity, text.slice(from, to), act);
      fill(part.inside, text, from, to, entities.slice(i + 1, j), act);
      node.append(part.node);
      at = to;
      if (BLOCKS.has(entity.type) && text[at] === "\n" && at < end) at += 1;
    }
    i = j;
  }
  if (at < end) node.append(text.slice(at, end));
}

function wrap(entity, shown, act) {
  const both = (node) => ({ node, inside: node });
  const pressed = (kind, value) => both(h("button", { type: "button", class: "part", onclick: () => act(kind, value) }));
  switch (entity.type) {
    case "url":
      return link(shown, act);
    case "text_link":
      return link(String(entity.url ?? ""), act);
    case "email":
    case "phone_number":
    case "cashtag":
      return pressed("copy", shown);
    case "bot_command":
      return pressed("command", shown);
    case "mention":
    case "hashtag":
    case "text_mention":
      return both(h("span", { class: "mention" }));
    case "spoiler": {
      const node = h("span", { class: "spoiler", role: "button", tabindex: "0", "aria-label": t("spoiler") });
      const reveal = () => {
        node.classList.add("shown");
        for (const name of ["role", "tabindex", "aria-label"]) node.removeAttribute(name);
      };
      node.addEventListener("click", reveal);
      node.addEventListener("keydown", (event) => ["Enter", " "].includes(event.key) && (event.preventDefault(), reveal()));
      return both(node);
    }
    case "expandable_blockquote": {
      const node = h("blockquote", { class: shown.length > 120 || shown.split("\n").length > 3 ? "folded" : null });
      node.addEventListener("click", () => node.classList.remove("folded"));
      return both(node);
    }
    default:
      return both(h(WRAP[entity.type] ?? "span"));
  }
}

function link(raw, act) {
  const start = botLink(raw);
  if (start) {
    const node = h("button", { type: "button", class: "part", onclick: () => act("start", start.payload) });
    return { node, inside: node };
  }
  const url = safeUrl(raw);
  const node = url
    ? h("a", { href: url.href, target: "_blank", rel: "noopener noreferrer nofollow", title: url.href })
    : h("span", {});
  return { node, inside: node };
}

/** A summary of a message in one line. */
export function summary(message) {
  if (!message) return "";
  const words = message.text ?? message.caption;
  const kinds = { photo: "aPhoto", voice: "aVoice", document: "aFile", venue: "aPlace", location: "aPlace", contact: "aContact", poll: "aPoll" };
  for (const [field, key] of Object.entries(kinds)) {
    if (message[field] === undefined) continue;
    if (field === "poll") return `${t(key)}：${message.poll.question}`;
    if (field === "document") return words ?? message.document.file_name ?? t(key);
    return words ? `${t(key)} · ${words}` : t(key);
  }
  return (words ?? "").replace(/\s+/g, " ").slice(0, 160) || t("noContent");
}
