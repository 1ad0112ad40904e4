// One message as an <article>. Pure: a message and a phone's helpers in, a node out.
import { fileUrl } from "./api.js";
import { h, icon, s } from "./dom.js";
import { lightbox } from "./menus.js";
import { authorOf, avatar, nameOf, shadeOf } from "./people.js";
import { placeCard } from "./place.js";
import { formatted, safeUrl, summary, botLink } from "./text.js";
import { messageOf, world } from "./store.js";
import { clockTime, duration } from "./time.js";
import { t } from "./words.js";

const CONTENT = ["text", "photo", "voice", "document", "venue", "location", "contact", "poll"];
const ENVELOPE = new Set([
  "message_id", "from", "chat", "date", "edit_date", "sender_chat", "message_thread_id", "is_topic_message", "reply_to_message",
  "reply_markup", "entities", "caption", "caption_entities", "forward_origin", "media_group_id", "has_protected_content", "quote",
  "link_preview_options", "show_caption_above_media", "author_signature", "via_bot",
]); // prettier-ignore

const names = (users) => users.map(nameOf).join("、");

const SERVICES = {
  new_chat_members(users, message) {
    const self = users.length === 1 && users[0].id === message.from?.id;
    return self ? t("joined", { name: names(users) }) : t("invited", { by: nameOf(message.from), name: names(users) });
  },
  left_chat_member(user, message) {
    const self = user.id === message.from?.id;
    return self ? t("left", { name: nameOf(user) }) : t("removed", { by: nameOf(message.from), name: nameOf(user) });
  },
  new_chat_title: (title) => t("titled", { name: title }),
  group_chat_created: () => t("created"),
  supergroup_chat_created: () => t("created"),
  migrate_to_chat_id: () => t("upgraded"),
  migrate_from_chat_id: () => t("upgraded"),
  pinned_message: (pinned, message) => t("pinned", { name: nameOf(message.from), text: summary(pinned).slice(0, 40) }),
  forum_topic_created: (topic) => t("topicMade", { name: topic.name }),
};

/** The kind of a message: a content field, "service" or "unknown". */
export function kindOf(message) {
  const kind = CONTENT.find((name) => message[name] !== undefined);
  if (kind) return kind;
  return Object.keys(SERVICES).some((name) => message[name] !== undefined) ? "service" : "unknown";
}

function serviceText(message) {
  const name = Object.keys(SERVICES).find((each) => message[each] !== undefined);
  if (name) return SERVICES[name](message[name], message);
  const kind = Object.keys(message).find((each) => !ENVELOPE.has(each)) ?? "?";
  return t("unknownKind", { kind });
}

/** The article. `view`: {phone, user, chatId, first, last, inAlbum}. */
export function article(entry, view) {
  const { message } = entry;
  const kind = kindOf(message);
  const quiet = kind === "service" || kind === "unknown";
  const own = !quiet && message.from?.id === view.user && !message.sender_chat;
  const classes = ["message", `kind-${kind}`, own ? "own" : "", quiet ? "quiet" : "", view.first ? "first" : "", view.last ? "last" : "", view.inAlbum ? "in-album" : ""];
  const node = h("article", {
    class: classes.filter(Boolean).join(" "),
    tabindex: "-1",
    dataset: { messageId: String(message.message_id) },
    "aria-label": quiet ? null : `${authorOf(message)}, ${clockTime(message.date)}`,
  });
  if (quiet) {
    node.append(h("p", { class: "service-line", dir: "auto", text: serviceText(message) }));
    return node;
  }
  const open = (event, anchor) => {
    event.preventDefault();
    view.phone.messageMenu(message, anchor);
  };
  node.addEventListener("contextmenu", (event) => {
    if (event.target.closest("a, input")) return;
    open(event, { x: event.clientX, y: event.clientY });
  });
  node.addEventListener("keydown", (event) => {
    if (event.target !== node) return;
    if (event.key === "Enter" || event.key === "ContextMenu" || (event.key === "F10" && event.shiftKey)) open(event, node.querySelector(".bubble, .photo-frame"));
  });
  if (view.inAlbum) {
    node.append(mediaOf(kind, message, view));
    return node;
  }
  const inGroup = view.chatId < 0;
  const body = h("div", { class: `bubble bubble-${kind}` });
  if (inGroup && !own && view.first) body.append(sender(message));
  heading(body, message, view);
  const words = message.text ?? message.caption;
  const above = message.show_caption_above_media;
  const text = words === undefined ? null : textOf(message, view);
  if (text && above) body.append(text);
  if (kind !== "text") body.append(mediaOf(kind, message, view));
  if (text && !above) body.append(text);
  if (kind === "photo" && !text) body.classList.add("bare");
  body.append(foot(message));
  body.append(
    h("button", { type: "button", class: "icon-button message-more", tabindex: "-1", "aria-label": t("messageMenu"), onclick: (event) => open(event, event.currentTarget) }, icon("down")),
  );
  const column = h("div", { class: "column" }, body, keyboard(message, view), reactions(message, view));
  if (inGroup && !own) {
    const id = message.sender_chat?.id ?? message.from?.id;
    node.append(view.last ? avatar(id, authorOf(message), "small") : h("span", { class: "avatar-room" }));
  }
  node.append(column);
  return node;
}

/** Several pictures that came together. */
export function album(entries, view) {
  const first = entries[0].message;
  const own = first.from?.id === view.user;
  const withWords = entries.find(({ message }) => message.caption !== undefined)?.message;
  const body = h("div", { class: "bubble bubble-album" });
  if (view.chatId < 0 && !own && view.first) body.append(sender(first));
  heading(body, first, view);
  const grid = h("div", { class: `album-grid count-${Math.min(entries.length, 10)}${entries.length % 2 ? " odd" : ""}` });
  for (const entry of entries) grid.append(article(entry, { ...view, inAlbum: true }));
  body.append(grid);
  if (withWords) body.append(textOf(withWords, view));
  else body.classList.add("bare");
  body.append(foot(entries.at(-1).message));
  const row = h("div", { class: `album${own ? " own" : ""}${view.first ? " first" : ""}${view.last ? " last" : ""}` });
  if (view.chatId < 0 && !own) row.append(view.last ? avatar(first.from?.id, authorOf(first), "small") : h("span", { class: "avatar-room" }));
  row.append(h("div", { class: "column" }, body));
  return row;
}

function sender(message) {
  const id = message.sender_chat?.id ?? message.from?.id;
  const person = world.users.get(id);
  const admin = world.groups.get(message.chat?.id)?.admins.includes(id);
  const tag = message.from?.is_bot && !message.sender_chat ? t("via") : (person?.title ?? (admin ? t("adminTag") : ""));
  return h(
    "div",
    { class: "sender" },
    h("bdi", { class: `sender-name ink-${shadeOf(id)}`, text: authorOf(message) }),
    tag ? h("span", { class: "sender-title", dir: "auto", text: tag }) : null,
  );
}

function heading(body, message, view) {
  const origin = message.forward_origin;
  if (origin) {
    const name = origin.sender_user_name ?? (origin.sender_user ? nameOf(origin.sender_user) : (origin.sender_chat?.title ?? origin.chat?.title ?? t("somebody")));
    body.append(h("div", { class: "forwarded" }, icon("forward"), h("bdi", { text: t("forwardedFrom", { name }) })));
  }
  const answered = message.reply_to_message;
  const opensTopic = answered?.forum_topic_created !== undefined;
  if (answered && !opensTopic) {
    const now = messageOf(view.chatId, answered.message_id) ?? answered;
    body.append(
      h(
        "button",
        { type: "button", class: "quoted", onclick: () => view.phone.goTo(answered.message_id) },
        h("bdi", { class: "quoted-name", text: authorOf(now) }),
        h("span", { class: "quoted-text", dir: "auto", text: summary(now) }),
      ),
    );
  }
}

function textOf(message, view) {
  const source = message.text ?? message.caption ?? "";
  const text = h("div", { class: "text", dir: "auto" });
  text.append(formatted(source, message.entities ?? message.caption_entities, (kind, value) => view.phone.act(kind, value)));
  // Room for the time at the end of the last line.
  text.append(h("span", { class: message.edit_date ? "foot-room wide" : "foot-room" }));
  return text;
}

function foot(message) {
  return h(
    "div",
    { class: "foot" },
    message.edit_date ? h("span", { text: t("edited") }) : null,
    h("time", { datetime: new Date(message.date * 1000).toISOString(), text: clockTime(message.date) }),
  );
}

const MEDIA = { photo, voice, document: file, location: place, venue: place, contact, poll };

const mediaOf = (kind, message, view) => MEDIA[kind](message, view);

function photo(message) {
  const sizes = Array.isArray(message.photo) ? message.photo : [];
  const large = sizes.at(-1) ?? { file_unique_id: "", width: 4, height: 3 };
  const url = fileUrl(large, message);
  const name = message.caption ? `${t("aPhoto")}：${message.caption}` : t("aPhoto");
  const ratio = Math.min(2.4, Math.max(0.62, (large.width || 4) / (large.height || 3)));
  const image = h("img", { src: url, alt: name, width: large.width, height: large.height, decoding: "async", draggable: "false" });
  const frame = h("button", { type: "button", class: "photo-frame", "aria-label": name, onclick: () => lightbox(url, name) }, image);
  frame.style.aspectRatio = String(ratio);
  image.addEventListener("error", () => frame.classList.add("missing"));
  return frame;
}

let playing = null;

function voice(message, view) {
  const { voice: sound } = message;
  const seconds = sound.duration || 0;
  const time = h("span", { class: "figures", text: duration(seconds) });
  const button = h("button", { type: "button", class: "play", "aria-label": t("playVoice", { time: duration(seconds) }) }, icon("play"));
  const bars = s("svg", { class: "wave", viewBox: "0 0 120 24", preserveAspectRatio: "none", "aria-hidden": "true" });
  let seed = [...String(sound.file_unique_id)].reduce((sum, letter) => (sum * 31 + letter.codePointAt(0)) >>> 0, 7);
  const strokes = [];
  for (let i = 0; i < 30; i += 1) {
    seed = (Math.imul(seed, 1664525) + 1013904223) >>> 0;
    const high = 3 + (seed / 4294967296) * 16 * (0.45 + 0.55 * Math.sin((i / 29) * Math.PI));
    const stroke = s("rect", { x: i * 4 + 0.7, y: 12 - high / 2, width: 2.4, height: high, rx: 1.2 });
    strokes.push(stroke);
    bars.append(stroke);
  }
  const paint = (part) => strokes.forEach((stroke, i) => stroke.classList.toggle("past", i / strokes.length < part));
  let audio = null;
  const still = () => {
    button.replaceChildren(icon("play"));
    button.setAttribute("aria-label", t("playVoice", { time: duration(seconds) }));
  };
  button.addEventListener("click", () => {
    if (audio === null) {
      audio = new Audio(fileUrl(sound, message));
      audio.addEventListener("timeupdate", () => {
        const whole = Number.isFinite(audio.duration) && audio.duration > 0 ? audio.duration : seconds || 1;
        paint(audio.currentTime / whole);
        time.textContent = duration(audio.currentTime || seconds);
      });
      audio.addEventListener("pause", still);
      audio.addEventListener("ended", () => {
        still();
        paint(0);
        time.textContent = duration(seconds);
      });
      audio.addEventListener("error", () => view.phone.toast(t("cantPlay")));
    }
    if (!audio.paused) {
      audio.pause();
      return;
    }
    if (playing !== null && playing !== audio) playing.pause();
    playing = audio;
    button.replaceChildren(icon("pause"));
    button.setAttribute("aria-label", t("pauseVoice"));
    audio.play().catch(still);
  });
  return h("div", { class: "voice-bar" }, button, bars, time);
}

function size(bytes) {
  if (!Number.isFinite(bytes)) return "";
  if (bytes < 1024) return `${bytes} B`;
  return bytes < 1 << 20 ? `${(bytes / 1024).toFixed(1)} KB` : `${(bytes / (1 << 20)).toFixed(1)} MB`;
}

function file(message) {
  const { document: paper } = message;
  const name = paper.file_name || t("aFile");
  const ending = name.includes(".") ? name.split(".").at(-1).slice(0, 4).toUpperCase() : "";
  return h(
    "a",
    { class: "file", href: fileUrl(paper, message), download: name },
    h("span", { class: "file-sign", "aria-hidden": "true" }, ending ? ending : icon("file")),
    h("span", { class: "file-words" }, h("strong", { dir: "auto", text: name }), h("span", { class: "figures", text: size(paper.file_size) })),
  );
}

function place(message) {
  return placeCard(message.venue?.location ?? message.location, message.venue);
}

function contact(message, view) {
  const { contact: card } = message;
  const name = nameOf(card);
  return h(
    "div",
    { class: "contact" },
    avatar(card.user_id ?? 3, name),
    h(
      "div",
      { class: "contact-words" },
      h("strong", { dir: "auto", text: name }),
      h("button", { type: "button", class: "part figures", text: String(card.phone_number ?? ""), onclick: () => view.phone.act("copy", String(card.phone_number ?? "")) }),
    ),
  );
}

function poll(message, view) {
  const { poll: asked } = message;
  const quiz = asked.type === "quiz";
  const mine = view.phone.voteOf(message.message_id);
  const right = asked.correct_option_ids ?? (asked.correct_option_id === undefined ? [] : [asked.correct_option_id]);
  const results = asked.is_closed || mine.length > 0;
  const total = asked.total_voter_count ?? 0;
  const kind = asked.is_closed ? t("closedPoll") : quiz ? t("quiz") : asked.is_anonymous ? t("anonymousPoll") : t("publicPoll");
  const several = asked.allows_multiple_answers && !results;
  const picked = new Set();
  const send = h("button", { type: "button", class: "poll-send", disabled: true, text: t("vote"), onclick: () => view.phone.vote(message.message_id, [...picked]) });
  const rows = (asked.options ?? []).map((option, i) => {
    const share = total ? Math.round(((option.voter_count ?? 0) / total) * 100) : 0;
    const own = mine.includes(i);
    const mark = quiz && results ? (right.includes(i) ? "right" : own ? "wrong" : "") : "";
    const bar = h("span", { class: "poll-bar", "aria-hidden": "true" });
    bar.style.setProperty("--share", `${results ? share : 0}%`);
    const row = h(
      "button",
      {
        type: "button",
        class: `poll-option ${own ? "own" : ""} ${mark}`,
        disabled: results,
        role: several ? "checkbox" : null,
        "aria-checked": several ? "false" : null,
        onclick() {
          if (!several) {
            view.phone.vote(message.message_id, [i]);
            return;
          }
          if (picked.has(i)) picked.delete(i);
          else picked.add(i);
          row.setAttribute("aria-checked", String(picked.has(i)));
          send.disabled = picked.size === 0;
        },
      },
      results
        ? h("span", { class: "poll-share figures", text: `${share}%` })
        : h("span", { class: several ? "poll-box" : "poll-dot", "aria-hidden": "true" }),
      h("span", { class: "poll-text", dir: "auto", text: String(option.text ?? "") }),
      own ? icon(mark === "wrong" ? "close" : "check") : mark === "right" ? icon("check") : null,
      bar,
    );
    return row;
  });
  return h(
    "div",
    { class: `poll${results ? " results" : ""}` },
    h("strong", { class: "poll-question", dir: "auto", text: String(asked.question ?? "") }),
    h("span", { class: "poll-kind", text: several ? `${kind} · ${t("several")}` : kind }),
    rows,
    results && asked.explanation ? h("p", { class: "poll-why", dir: "auto", text: asked.explanation }) : null,
    several ? send : null,
    h("span", { class: "poll-total figures", text: total ? t("votes", { n: total }) : t("noVotes") }),
  );
}

function keyboard(message, view) {
  const rows = message.reply_markup?.inline_keyboard;
  if (!Array.isArray(rows) || rows.length === 0) return null;
  return h(
    "div",
    { class: "inline-keyboard" },
    rows.map((row) => h("div", { class: "inline-row" }, row.map((button) => inlineButton(button, message, view)))),
  );
}

function inlineButton(button, message, view) {
  const label = h("span", { class: "label", dir: "auto", text: String(button.text ?? "") });
  const outward = button.url !== undefined && !botLink(button.url);
  const style = ["primary", "success", "danger"].includes(button.style) ? ` look-${button.style}` : "";
  const node = h("button", { type: "button", class: `inline-button${style}` }, label, outward ? icon("link") : null);
  if (view.phone.isWaiting(message.message_id, button.callback_data)) {
    node.classList.add("waiting");
    node.setAttribute("aria-busy", "true");
  }
  node.addEventListener("click", () => {
    if (button.callback_data !== undefined) view.phone.press(message.message_id, button.callback_data);
    else if (button.url !== undefined) view.phone.follow(button.url);
    else if (button.copy_text !== undefined) view.phone.act("copy", String(button.copy_text.text ?? ""));
    else view.phone.toast(t("notHere"));
  });
  if (outward && safeUrl(button.url)) node.title = button.url;
  return node;
}

function reactions(message, view) {
  const given = world.reactions.get(`${view.chatId}:${message.message_id}`);
  if (!given || given.size === 0) return null;
  const counts = new Map();
  for (const emoji of given.values()) counts.set(emoji, (counts.get(emoji) ?? 0) + 1);
  const own = given.get(view.user);
  return h(
    "div",
    { class: "reactions" },
    [...counts].map(([emoji, count]) =>
      h("button", { type: "button", class: emoji === own ? "reaction own" : "reaction", "aria-pressed": String(emoji === own), onclick: () => view.phone.react(message.message_id, emoji) }, `${emoji} ${count}`),
    ),
  );
}
