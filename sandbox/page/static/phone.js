// One phone: its owner, the open chat, and everything the owner can do.
import { post, Refused } from "./api.js";
import { album, article, kindOf } from "./bubbles.js";
import { Composer } from "./composer.js";
import { h, icon, reconcile } from "./dom.js";
import { openMenu } from "./menus.js";
import { authorOf, avatar, chatName, nameOf } from "./people.js";
import { chatsOf, entries, lastEntry, markRead, messageOf, now, touch, unread, world } from "./store.js";
import { botLink, safeUrl, summary } from "./text.js";
import { clockTime, dayKey, dayName } from "./time.js";
import { t } from "./words.js";

const AT_ONCE = 120; // messages shown before "earlier messages"
const NEAR = 56; // pixels from the bottom that still count as the bottom
const PATIENCE = 15_000;
const EMOJI = ["👍", "❤️", "🙏", "👌", "😢", "🔥"];
const WAITING = new Map(); // "user:chat:message:data" -> timer, for every phone of the person
const ANSWERED = new Set(); // answers that came before the press was told its number
const ASKED = new Map(); // callback query id -> key in WAITING
const VOTES = new Map(); // "user:chat:message" -> option numbers; the server does not return them

function stored(name, value) {
  try {
    if (value === undefined) return JSON.parse(sessionStorage.getItem(name) ?? "null");
    sessionStorage.setItem(name, JSON.stringify(value));
  } catch {
    // no storage
  }
  return null;
}

for (const [key, options] of stored("votes") ?? []) VOTES.set(key, options);

let count = 0;

export class Phone {
  /** `hooks`: {changed(), remove(phone), canRemove()}. */
  constructor(user, chat, hooks) {
    count += 1;
    this.number = count;
    this.user = user;
    this.chat = chat ?? user;
    this.hooks = hooks;
    this.drafts = new Map();
    this.startPayload = null;
    this.limit = AT_ONCE;
    this.topic = null;
    this.listOpen = false;
    this.node = h("section", { class: "phone" });
    this.build();
  }

  /** Build the device's parts again, for example after a change of language; the unsent text is kept. */
  build() {
    const draft = this.composer?.value ?? "";
    this.composer = new Composer(this);
    this.face = h("div", { class: "face" });
    this.select = h("select", { class: "persona", "aria-label": t("whose"), onchange: () => this.setUser(Number(this.select.value)) });
    this.nameText = h("bdi", { class: "persona-name", "aria-hidden": "true" });
    this.title = h("span", { class: "persona-title" });
    this.badge = h("span", { class: "persona-state" });
    this.menuButton = h("button", { type: "button", class: "icon-button", "aria-label": t("phoneMenu"), "aria-haspopup": "menu", onclick: () => this.openPhoneMenu() }, icon("dots"));
    this.status = h("div", { class: "status", "aria-hidden": "true" }, h("time", { class: "status-time" }), h("span", { class: "signs" }, h("i", { class: "sign-net" }), h("i", { class: "sign-battery" })));
    this.tabs = h("div", { class: "tabs", role: "tablist", "aria-label": t("chats"), onkeydown: (event) => this.tabKey(event) });
    this.allButton = h("button", { type: "button", class: "icon-button all-chats", "aria-label": t("allChats"), "aria-expanded": "false", onclick: () => this.showList(!this.listOpen) }, icon("down"));
    this.pinnedBar = h("button", { type: "button", class: "pinned", hidden: true });
    this.topicBar = h("div", { class: "topics", hidden: true, role: "group", "aria-label": t("topics") });
    this.log = h("div", { class: "log", role: "log", "aria-live": "polite", tabindex: "0", onkeydown: (event) => this.logKey(event) });
    this.log.addEventListener("scroll", () => this.scrolled(), { passive: true });
    this.typingLine = h("div", { class: "typing", hidden: true, "aria-live": "off" }, h("span", { class: "typing-dots", "aria-hidden": "true" }, h("i"), h("i"), h("i")), h("span", { class: "typing-words" }));
    this.downButton = h("button", { type: "button", class: "to-bottom", hidden: true, onclick: () => this.toBottom(true) });
    this.toastLine = h("div", { class: "toast", role: "status" });
    this.list = h("div", { class: "chat-list", hidden: true });
    this.screen = h("div", { class: "screen", role: "tabpanel", id: `screen-${this.number}` }, this.log, this.typingLine, this.downButton, this.list, this.toastLine);
    this.sheet = h("div", { class: "sheet", hidden: true });
    this.node.replaceChildren(
      this.status,
      h("header", { class: "phone-head" }, this.face, h("div", { class: "who" }, h("span", { class: "persona-wrap" }, this.nameText, icon("down"), this.select), h("span", { class: "who-line" }, this.title, this.badge)), this.menuButton),
      h("div", { class: "tab-row" }, this.tabs, this.allButton),
      this.pinnedBar,
      this.topicBar,
      this.screen,
      this.composer.node,
      this.sheet,
    );
    this.pinnedToBottom = true;
    this.shownKey = null;
    this.sized?.disconnect();
    this.sized = new ResizeObserver(() => this.pinnedToBottom && this.toBottom());
    this.sized.observe(this.log);
    this.composer.text.value = draft;
    this.update();
  }

  get person() {
    return world.users.get(this.user);
  }

  // what is on the screen

  update() {
    const { person } = this;
    this.node.dataset.user = String(this.user);
    if (!person) return;
    const groupNow = world.groups.get(this.chat);
    if (groupNow?.migrated_to) this.openChat(groupNow.migrated_to);
    else if (!chatsOf(this.user).includes(this.chat)) this.openChat(this.user);
    const name = nameOf(person);
    this.node.setAttribute("aria-label", t("phoneOf", { name }));
    this.log.setAttribute("aria-label", t("messagesWith", { name: chatName(this.chat) }));
    const faceSig = `${this.user}:${name}`;
    if (this.faceSig !== faceSig || !this.face.firstChild) {
      this.faceSig = faceSig;
      this.face.replaceChildren(avatar(this.user, name));
    }
    reconcile(
      this.select,
      [...world.users.values()].map((user) => {
        const label = user.title ? `${nameOf(user)} · ${user.title}` : nameOf(user);
        return { key: user.id, sig: label, build: () => h("option", { value: user.id, label, text: label }) };
      }),
    );
    if (this.select.value !== String(this.user)) this.select.value = String(this.user);
    this.nameText.textContent = name;
    this.title.textContent = person.title ?? "";
    this.badge.textContent = person.deactivated ? t("gone") : person.blocked ? t("blockedBadge") : "";
    this.badge.hidden = !this.badge.textContent;
    this.badge.parentElement.hidden = this.badge.hidden && !person.title;
    this.node.classList.toggle("is-blocked", Boolean(person.blocked || person.deactivated));
    this.updateTabs();
    this.updatePinned();
    this.updateTopics();
    this.composer.update();
    this.updateLog();
    this.tick();
  }

  tick() {
    this.status.firstChild.textContent = clockTime(now());
  }

  updateTabs() {
    const chats = chatsOf(this.user);
    reconcile(
      this.tabs,
      chats.map((id) => {
        const name = chatName(id);
        const fresh = id === this.chat && this.pinnedToBottom && !document.hidden ? 0 : unread(this.user, id);
        const open = id === this.chat;
        return {
          key: id,
          sig: `${name}|${fresh}|${open}|${world.bot.first_name}`,
          build: (kept) => {
            const focused = kept && kept === document.activeElement;
            const tab = h(
              "button",
              {
                type: "button",
                class: "tab",
                role: "tab",
                "aria-controls": `screen-${this.number}`,
                "aria-selected": String(open),
                tabindex: open ? "0" : "-1",
                dataset: { chatId: String(id) },
                onclick: () => this.openChat(id),
              },
              id > 0 ? h("span", { class: "bot-sign", "aria-hidden": "true" }) : icon("group"),
              h("bdi", { class: "tab-name", text: name }),
              fresh ? h("span", { class: "badge figures", "aria-label": t("unread", { n: fresh }), text: fresh > 99 ? "99+" : fresh }) : null,
            );
            if (focused) queueMicrotask(() => tab.focus());
            return tab;
          },
        };
      }),
    );
    this.allButton.hidden = chats.length < 2;
    const hiddenNews = this.tabs.scrollWidth > this.tabs.clientWidth + 8 && chats.some((id) => id !== this.chat && unread(this.user, id));
    this.allButton.classList.toggle("has-news", hiddenNews);
    if (this.listOpen) this.fillList();
  }

  fillList() {
    const rows = chatsOf(this.user)
      .map((id) => ({ id, last: lastEntry(id) }))
      .sort((a, b) => (b.last?.seq ?? 0) - (a.last?.seq ?? 0));
    this.list.replaceChildren(
      ...rows.map(({ id, last }) => {
        const fresh = unread(this.user, id);
        const prefix = last && id < 0 && !["service", "unknown"].includes(kindOf(last.message)) ? `${authorOf(last.message)}：` : "";
        return h(
          "button",
          { type: "button", class: id === this.chat ? "chat-row open" : "chat-row", onclick: () => this.openChat(id) },
          avatar(id > 0 ? world.bot.id : id, chatName(id)),
          h("span", { class: "chat-words" }, h("strong", { dir: "auto", text: chatName(id) }), h("span", { dir: "auto", text: last ? prefix + summary(last.message) : t("quietChat") })),
          h("span", { class: "chat-side figures" }, last ? h("time", { text: clockTime(last.message.date) }) : null, fresh ? h("span", { class: "badge", text: fresh }) : null),
        );
      }),
    );
  }

  showList(open) {
    this.listOpen = open;
    this.list.hidden = !open;
    this.allButton.setAttribute("aria-expanded", String(open));
    if (!open) return;
    this.fillList();
    this.list.querySelector("button")?.focus();
    this.list.onkeydown = (event) => {
      if (event.key === "Escape") {
        this.showList(false);
        this.allButton.focus();
      }
      const step = { ArrowDown: "nextElementSibling", ArrowUp: "previousElementSibling" }[event.key];
      if (step) {
        event.preventDefault();
        document.activeElement[step]?.focus();
      }
    };
  }

  updatePinned() {
    const id = world.groups.get(this.chat)?.pinned?.at(-1);
    const message = id === undefined ? null : messageOf(this.chat, id);
    this.pinnedBar.hidden = !message;
    if (!message) return;
    this.pinnedBar.replaceChildren(icon("thumbtack"), h("span", { class: "pinned-words" }, h("strong", { text: t("pinnedMessage") }), h("span", { dir: "auto", text: summary(message) })));
    this.pinnedBar.onclick = () => this.goTo(id);
  }

  updateTopics() {
    const group = world.groups.get(this.chat);
    const topics = group?.chat.is_forum ? group.topics : [];
    this.topicBar.hidden = !group?.chat.is_forum;
    const all = [{ message_thread_id: null, name: t("allTopics") }, ...topics];
    reconcile(
      this.topicBar,
      (group?.chat.is_forum ? all : []).map((topic) => ({
        key: String(topic.message_thread_id),
        sig: `${topic.name}|${this.topic === topic.message_thread_id}`,
        build: () =>
          h("button", {
            type: "button",
            class: "topic",
            "aria-pressed": String(this.topic === topic.message_thread_id),
            text: topic.name,
            onclick: () => {
              this.topic = topic.message_thread_id;
              this.pinnedToBottom = true;
              this.update();
            },
          }),
      })),
    );
  }

  visible() {
    const all = entries(this.chat);
    return this.topic === null ? all : all.filter(({ message }) => (message.message_thread_id ?? null) === this.topic);
  }

  updateLog() {
    const key = `${this.user}:${this.chat}:${this.topic}`;
    const anew = key !== this.shownKey;
    if (anew) {
      this.shownKey = key;
      this.pinnedToBottom = true;
      this.limit = AT_ONCE;
      this.stopTyping();
      // Opening a chat must not make a screen reader read all of its messages.
      this.log.setAttribute("aria-live", "off");
      this.log.replaceChildren();
      setTimeout(() => this.log.setAttribute("aria-live", "polite"), 300);
    }
    const all = this.visible();
    const shown = all.slice(-this.limit);
    const height = this.log.scrollHeight;
    const top = this.log.scrollTop;
    const grewAbove = this.growing;
    this.growing = false;
    reconcile(this.log, this.items(shown, all.length > shown.length));
    this.log.classList.toggle("vacant", all.length === 0);
    if (this.pinnedToBottom) this.toBottom();
    else if (grewAbove) this.log.scrollTop = top + this.log.scrollHeight - height;
    this.afterScroll();
  }

  items(shown, more) {
    const items = [];
    const today = dayKey(now());
    if (more) {
      items.push({ key: "older", sig: t("older"), build: () => h("button", { type: "button", class: "older", text: t("older"), onclick: () => this.older() }) });
    }
    if (shown.length === 0) {
      const asked = this.chat === this.user && !this.person?.has_written;
      const words = this.person?.blocked && this.chat === this.user ? t("blockedHere") : asked ? t("startHint") : t("quietChat");
      items.push({ key: "vacant", sig: words, build: () => h("p", { class: "vacant-line", text: words }) });
    }
    let day = null;
    for (let i = 0; i < shown.length; ) {
      const entry = shown[i];
      const { message } = entry;
      const itsDay = dayKey(message.date);
      if (itsDay !== day) {
        day = itsDay;
        const words = dayName(message.date, now());
        const iso = new Date((itsDay * 86400) * 1000).toISOString().slice(0, 10);
        items.push({ key: `day:${itsDay}:${message.message_id}`, sig: `${words}|${today}`, build: () => h("div", { class: "day" }, h("time", { datetime: iso, text: words })) });
      }
      let end = i + 1;
      const groupId = message.media_group_id;
      if (groupId !== undefined && message.photo) {
        while (end < shown.length && shown[end].message.media_group_id === groupId && shown[end].message.photo) end += 1;
      }
      const first = !together(shown[i - 1]?.message, message);
      const last = !together(message, shown[end]?.message);
      const view = { phone: this, user: this.user, chatId: this.chat, first, last };
      const marks = `${first}${last}`;
      if (end - i > 1) {
        const part = shown.slice(i, end);
        items.push({ key: `album:${message.message_id}`, sig: `${part.map((each) => each.rev)}|${marks}`, build: () => album(part, view) });
      } else {
        const waits = this.waitingData(message.message_id);
        const vote = message.poll ? this.voteOf(message.message_id) : "";
        items.push({
          key: `message:${message.message_id}`,
          sig: `${entry.rev}|${marks}|${waits}|${vote}`,
          build: (kept) => this.rebuilt(kept, article(entry, view)),
        });
      }
      i = end;
    }
    return items;
  }

  /** A message drawn again keeps the focus of the button that had it. */
  rebuilt(kept, node) {
    if (kept) {
      node.classList.add("redrawn");
      if (kept.contains(document.activeElement)) {
        const buttons = [...kept.querySelectorAll("button")];
        const at = buttons.indexOf(document.activeElement);
        queueMicrotask(() => (at < 0 ? node : (node.querySelectorAll("button")[at] ?? node)).focus({ preventScroll: true }));
      }
    }
    return node;
  }

  older() {
    this.limit += AT_ONCE;
    this.growing = true;
    this.pinnedToBottom = false;
    this.updateLog();
  }

  // scrolling

  scrolled() {
    // A change of the log's size is not a scroll by the user.
    if (this.pinnedToBottom && this.shape !== this.shapeNow()) {
      this.toBottom();
      return;
    }
    this.pinnedToBottom = this.log.scrollHeight - this.log.scrollTop - this.log.clientHeight < NEAR;
    this.afterScroll();
  }

  shapeNow() {
    return `${this.log.scrollHeight}:${this.log.clientHeight}`;
  }

  afterScroll() {
    const seen = this.pinnedToBottom && !document.hidden && this.node.offsetParent !== null;
    if (seen && markRead(this.user, this.chat)) touch();
    const fresh = this.pinnedToBottom ? 0 : unread(this.user, this.chat);
    this.downButton.hidden = this.pinnedToBottom;
    const words = fresh ? t("newMessages", { n: fresh }) : t("toBottom");
    if (this.downButton.title !== words) {
      this.downButton.title = words;
      this.downButton.setAttribute("aria-label", words);
      this.downButton.replaceChildren(...[icon("down"), fresh ? h("span", { class: "figures", text: words }) : null].filter(Boolean));
    }
  }

  toBottom(smooth = false) {
    this.pinnedToBottom = true;
    this.shape = this.shapeNow();
    const calm = matchMedia("(prefers-reduced-motion: reduce)").matches;
    this.log.scrollTo({ top: this.log.scrollHeight, behavior: smooth && !calm ? "smooth" : "instant" });
    this.afterScroll();
  }

  goTo(messageId) {
    const find = () => this.log.querySelector(`[data-message-id="${CSS.escape(String(messageId))}"]`);
    if (!find() && messageOf(this.chat, messageId)) {
      this.limit = Number.MAX_SAFE_INTEGER;
      this.pinnedToBottom = false;
      this.updateLog();
    }
    const node = find();
    if (!node) return;
    this.pinnedToBottom = false;
    node.scrollIntoView({ block: "center" });
    node.classList.remove("found");
    requestAnimationFrame(() => node.classList.add("found"));
    node.focus({ preventScroll: true });
  }

  logKey(event) {
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (!step || event.target.closest("input, textarea")) return;
    const all = [...this.log.querySelectorAll("article.message")];
    if (all.length === 0) return;
    event.preventDefault();
    const at = all.indexOf(event.target.closest("article.message"));
    const next = at < 0 ? all.at(-1) : all[at + step];
    next?.focus({ preventScroll: true });
    next?.scrollIntoView({ block: "nearest" });
  }

  tabKey(event) {
    const step = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
    if (!step) return;
    event.preventDefault();
    const all = [...this.tabs.children];
    const at = all.indexOf(document.activeElement);
    all[(at + step + all.length) % all.length]?.focus();
  }

  // switching

  setUser(user) {
    this.drafts.set(`${this.user}:${this.chat}`, this.composer.value);
    this.user = user;
    this.chat = user;
    this.afterSwitch();
  }

  openChat(chat) {
    if (this.listOpen) this.showList(false);
    if (chat === this.chat) return;
    this.drafts.set(`${this.user}:${this.chat}`, this.composer.value);
    this.chat = chat;
    this.afterSwitch();
  }

  afterSwitch() {
    this.topic = null;
    this.startPayload = null;
    this.composer.setMode(null);
    this.composer.value = this.drafts.get(`${this.user}:${this.chat}`) ?? "";
    this.closeSheet();
    this.hooks.changed();
    this.update();
    this.tabs.querySelector('[aria-selected="true"]')?.scrollIntoView({ block: "nearest", inline: "nearest" });
  }

  // actions: each goes to the server; the page shows the resulting events

  async call(path, body) {
    try {
      return await post(path, { user: this.user, chat: this.chat, ...body });
    } catch (error) {
      this.toast(error instanceof Refused ? t("failed", { why: error.message }) : t("offline"));
      return null;
    }
  }

  async say(body) {
    this.toBottom();
    const thread = this.topic === null ? {} : { message_thread_id: this.topic };
    return this.call("/control/messages", { ...thread, ...body });
  }

  async tapStart() {
    const payload = this.startPayload;
    const done = await this.call("/control/starts", payload ? { payload } : {});
    if (!done) return;
    this.startPayload = null;
    this.composer.update();
    this.composer.text.focus();
  }

  async block(blocked) {
    await this.call("/control/blocks", { blocked });
  }

  /** Open a link somebody pressed. */
  async follow(raw) {
    const start = botLink(raw);
    if (start) {
      this.openStart(start.payload);
      return;
    }
    const url = safeUrl(raw);
    if (!url) {
      this.toast(t("notHere"));
      return;
    }
    if (await this.confirm(t("openLink"), t("open"), url.href)) window.open(url.href, "_blank", "noopener,noreferrer");
  }

  openStart(payload) {
    this.openChat(this.user);
    this.startPayload = payload;
    this.composer.update();
    this.composer.start.querySelector("button")?.focus();
  }

  /** Handle a press on a part of a text. */
  act(kind, value) {
    if (kind === "start") this.openStart(value);
    else if (kind === "command") this.say({ text: this.chat < 0 && !value.includes("@") ? `${value}@${world.bot.username}` : value });
    else if (kind === "copy") this.copy(value);
  }

  async copy(text) {
    try {
      await navigator.clipboard.writeText(text);
      this.toast(t("copied"));
    } catch {
      this.toast(text);
    }
  }

  // buttons and their answers

  pressKeyOf(messageId, data) {
    return `${this.user}:${this.chat}:${messageId}:${data}`;
  }

  isWaiting(messageId, data) {
    return data !== undefined && WAITING.has(this.pressKeyOf(messageId, data));
  }

  waitingData(messageId) {
    const start = `${this.user}:${this.chat}:${messageId}:`;
    return [...WAITING.keys()].filter((key) => key.startsWith(start)).join();
  }

  async press(messageId, data) {
    const key = this.pressKeyOf(messageId, data);
    if (WAITING.has(key)) return;
    const chat = this.chat;
    const giveUp = () => {
      settle(key, chat);
      this.toast(t("noAnswer"));
    };
    WAITING.set(key, setTimeout(giveUp, PATIENCE));
    touch(chat);
    const done = await this.call("/control/presses", { message_id: messageId, data });
    if (!done) settle(key, chat);
    else if (ANSWERED.delete(done.callback_query_id)) settle(key, chat);
    else ASKED.set(done.callback_query_id, [key, chat]);
  }

  vote(messageId, options) {
    return this.call("/control/votes", { message_id: messageId, option_ids: options }).then((done) => {
      if (!done) return;
      VOTES.set(`${this.user}:${this.chat}:${messageId}`, options);
      stored("votes", [...VOTES].slice(-500));
      touch(this.chat);
    });
  }

  voteOf(messageId) {
    return VOTES.get(`${this.user}:${this.chat}:${messageId}`) ?? [];
  }

  react(messageId, emoji) {
    const own = world.reactions.get(`${this.chat}:${messageId}`)?.get(this.user);
    return this.call("/control/reactions", { message_id: messageId, emoji: own === emoji ? "" : emoji });
  }

  authorIn(message) {
    return authorOf(message);
  }

  // menus

  messageMenu(message, anchor) {
    const id = message.message_id;
    const isPrivate = this.chat === this.user;
    const shut = this.person?.deactivated || (isPrivate && this.person?.blocked);
    const text = message.text ?? message.caption;
    const free = !message.has_protected_content;
    const own = message.from?.id === this.user && message.text !== undefined && !message.forward_origin;
    const others = chatsOf(this.user).filter((chat) => chat < 0 && chat !== this.chat);
    const voted = message.poll && !message.poll.is_closed && message.poll.allows_revoting !== false && this.voteOf(id).length > 0;
    const row = h(
      "div",
      { class: "emoji-row", role: "group" },
      EMOJI.map((emoji) => h("button", { type: "button", class: "emoji", role: "menuitem", tabindex: "-1", "aria-label": t("react", { emoji }), text: emoji, onclick: () => menu.choose({ run: () => this.react(id, emoji) }) })),
    );
    const menu = openMenu(
      anchor,
      [
        shut ? null : row,
        shut ? null : { icon: "reply", text: t("reply"), run: () => this.composer.setMode({ kind: "reply", id }) },
        own && !shut ? { icon: "edit", text: t("edit"), run: () => this.composer.setMode({ kind: "edit", id }) } : null,
        voted ? { icon: "replay", text: t("retract"), run: () => this.vote(id, []) } : null,
        text !== undefined && free ? { icon: "copy", text: t("copy"), run: () => this.copy(text) } : null,
        free ? { icon: "forward", text: t("forwardBot", { name: world.bot.first_name }), run: () => this.forward(id, this.user) } : null,
        ...(free ? others.slice(0, 4).map((chat) => ({ icon: "forward", text: t("forwardTo", { name: chatName(chat) }), run: () => this.forward(id, chat) })) : []),
      ],
      t("messageMenu"),
    );
  }

  async forward(messageId, to) {
    const done = await this.call("/control/messages", { chat: to, forward_from: { chat: this.chat, message_id: messageId } });
    if (!done) return;
    if (to === this.chat) this.toBottom();
    else this.toast(t("forwarded", { name: chatName(to) }));
  }

  openPhoneMenu() {
    const { person } = this;
    const group = world.groups.get(this.chat);
    const members = (action, extra = {}) => this.call(`/control/groups/${this.chat}/members`, { action, ...extra });
    openMenu(
      this.menuButton,
      [
        person?.blocked
          ? { icon: "check", text: t("unblock"), run: () => this.block(false) }
          : { icon: "block", text: t("block"), run: () => this.block(true) },
        person?.deactivated
          ? { icon: "person", text: t("reactivate"), run: () => this.call("/control/blocks", { deactivated: false }) }
          : { icon: "trash", text: t("deactivate"), run: () => this.call("/control/blocks", { deactivated: true }) },
        group ? { icon: "leave", text: t("leaveGroup"), run: () => members("leave") } : null,
        group && group.bot_is_member ? { icon: "plug", text: t("removeBot"), run: () => members("remove_bot", { by: this.user }) } : null,
        group && !group.bot_is_member ? { icon: "plus", text: t("inviteBot"), run: () => members("add_bot", { by: this.user }) } : null,
        this.hooks.canRemove() ? { icon: "close", text: t("removePhone"), run: () => this.hooks.remove(this) } : null,
      ],
      t("phoneMenu"),
    );
  }

  // dialogs over the screen

  toast(text) {
    clearTimeout(this.toastTimer);
    this.toastLine.textContent = text;
    this.toastLine.classList.add("shown");
    this.toastTimer = setTimeout(() => this.toastLine.classList.remove("shown"), 3600);
  }

  /** The alert of an answered button. */
  alert(text) {
    return this.openSheet(text, null, t("ok"));
  }

  /** Ask for confirmation; true for yes. */
  confirm(text, action, detail = null) {
    return this.openSheet(text, detail, action, t("cancel"));
  }

  openSheet(text, detail, yes, no = null) {
    this.closeSheet();
    const before = document.activeElement;
    return new Promise((resolve) => {
      const done = (answer) => {
        this.sheet.hidden = true;
        this.sheet.replaceChildren();
        this.sheetDone = null;
        if (this.node.contains(before) && before.isConnected) before.focus({ preventScroll: true });
        resolve(answer);
      };
      this.sheetDone = done;
      const id = `sheet-${this.number}`;
      const box = h(
        "div",
        { class: "sheet-box", role: "alertdialog", "aria-modal": "true", "aria-labelledby": id },
        h("p", { id, dir: "auto", text }),
        detail ? h("p", { class: "detail", dir: "ltr", text: detail }) : null,
        h("div", { class: "sheet-buttons" }, no ? h("button", { type: "button", text: no, onclick: () => done(false) }) : null, h("button", { type: "button", class: "primary", text: yes, onclick: () => done(true) })),
      );
      box.addEventListener("keydown", (event) => {
        const buttons = [...box.querySelectorAll("button")];
        if (event.key === "Escape") done(false);
        if (event.key !== "Tab") return;
        event.preventDefault();
        buttons[(buttons.indexOf(document.activeElement) + 1) % buttons.length].focus();
      });
      this.sheet.replaceChildren(box);
      this.sheet.hidden = false;
      box.querySelector(".primary").focus();
    });
  }

  closeSheet() {
    this.sheetDone?.(false);
  }

  // live events

  hear(event) {
    if (event.kind === "callback_answered" && event.user_id === this.user && event.text) {
      if (event.show_alert) this.alert(event.text);
      else this.toast(event.text);
    }
    if (event.kind === "action" && event.chat_id === this.chat) this.startTyping(event.action);
    if (event.kind === "message" && event.chat_id === this.chat) {
      if (event.message.from?.id === world.bot.id) this.stopTyping();
      if (event.message.reply_markup?.force_reply && this.chat === this.user) requestAnimationFrame(() => this.composer.setMode({ kind: "reply", id: event.message.message_id }));
    }
  }

  startTyping(action) {
    clearTimeout(this.typingTimer);
    this.typingLine.hidden = false;
    this.typingLine.lastChild.textContent = action.startsWith("upload") ? t("uploading") : t("typing");
    this.typingTimer = setTimeout(() => this.stopTyping(), 5000);
  }

  stopTyping() {
    clearTimeout(this.typingTimer);
    this.typingLine.hidden = true;
  }
}

/** Whether two messages belong to one run of one author. */
function together(before, after) {
  if (!before || !after) return false;
  if (["service", "unknown"].includes(kindOf(before)) || ["service", "unknown"].includes(kindOf(after))) return false;
  const author = (message) => message.sender_chat?.id ?? message.from?.id;
  return author(before) === author(after) && after.date - before.date < 600 && dayKey(before.date) === dayKey(after.date);
}

function settle(key, chat) {
  clearTimeout(WAITING.get(key));
  WAITING.delete(key);
  touch(chat);
}

/** Stop the button's spinner on every phone after its press was answered. */
export function settleAnswer(event) {
  const asked = ASKED.get(event.callback_query_id);
  if (asked) {
    ASKED.delete(event.callback_query_id);
    settle(...asked);
  } else {
    ANSWERED.add(event.callback_query_id);
    setTimeout(() => ANSWERED.delete(event.callback_query_id), PATIENCE);
  }
}
