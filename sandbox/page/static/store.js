// The page's data: the state once, then every event in order. The page shows only data from the server.
import { get } from "./api.js";

export const world = {
  bot: { id: 0, first_name: "", username: "" },
  users: new Map(),
  groups: new Map(),
  chats: new Map(), // chat id -> {byId: Map(message id -> entry), list: [entry], lastSeq}
  commands: [],
  reactions: new Map(), // "chat:message" -> Map(user id -> emoji)
  phones: [],
  skew: 0, // the town's clock minus ours, seconds
  down: false,
  pending: 0,
  listening: false, // the bot fetches updates
  lastCall: 0,
  connected: false,
  ready: false,
  replaying: false,
};

let lastSeq = 0;
let lastAt = null; // the time of that event: another one under the same number means another sandbox
let loadedSeq = 0;
let source = null;
let revision = 0;
const read = new Map(); // "user:chat" -> seq
const changeListeners = new Set();
const eventListeners = new Set();
const dirty = { world: false, chats: new Set() };
let scheduled = false;

/** Town time in seconds. */
export const now = () => Date.now() / 1000 + world.skew;

/** Call `listener({world, chats})` at most once a frame. */
export const onChange = (listener) => changeListeners.add(listener);

/** Call `listener(event)` for each live event, in order. */
export const onEvent = (listener) => eventListeners.add(listener);

export function touch(chatId = null) {
  if (chatId === null) dirty.world = true;
  else dirty.chats.add(chatId);
  if (scheduled) return;
  scheduled = true;
  const flush = () => {
    scheduled = false;
    const change = { world: dirty.world, chats: new Set(dirty.chats) };
    dirty.world = false;
    dirty.chats.clear();
    for (const listener of changeListeners) listener(change);
  };
  if (document.hidden) setTimeout(flush, 50);
  else requestAnimationFrame(flush);
}

function chatOf(id) {
  if (!world.chats.has(id)) world.chats.set(id, { byId: new Map(), list: [], lastSeq: 0 });
  return world.chats.get(id);
}

/** The messages of a chat, oldest first: [{message, seq, rev}]. */
export const entries = (chatId) => world.chats.get(chatId)?.list ?? [];

export const lastEntry = (chatId) => entries(chatId).at(-1);

export const messageOf = (chatId, messageId) => world.chats.get(chatId)?.byId.get(messageId)?.message;

/** The chats on a person's phone: the bot first, then the groups. */
export function chatsOf(userId) {
  const groups = [...world.groups.values()].filter((group) => group.migrated_to === null && group.members.includes(userId));
  return [userId, ...groups.map((group) => group.chat.id)];
}

/** How many messages of others came into a chat since this person looked. */
export function unread(userId, chatId) {
  const chat = world.chats.get(chatId);
  const seen = read.get(`${userId}:${chatId}`) ?? loadedSeq;
  if (chat === undefined || chat.lastSeq <= seen) return 0;
  let count = 0;
  for (let i = chat.list.length - 1; i >= 0 && chat.list[i].seq > seen; i -= 1) {
    if (chat.list[i].message.from?.id !== userId) count += 1;
  }
  return count;
}

export function markRead(userId, chatId) {
  const key = `${userId}:${chatId}`;
  const last = world.chats.get(chatId)?.lastSeq ?? 0;
  if ((read.get(key) ?? loadedSeq) >= last) return false;
  read.set(key, last);
  return true;
}

function put(event) {
  const chat = chatOf(event.chat_id);
  const { message } = event;
  const old = chat.byId.get(message.message_id);
  revision += 1;
  if (old === undefined) {
    const entry = { message, seq: event.seq, rev: revision };
    chat.byId.set(message.message_id, entry);
    chat.list.push(entry);
    chat.lastSeq = event.seq;
  } else {
    old.message = message;
    old.rev = revision;
  }
  const author = world.users.get(message.from?.id);
  if (author && event.chat_id === author.id && !author.blocked && !author.has_written) {
    author.has_written = true; // the state contains this, too, but no event does
    touch();
  }
  if (message.pinned_message) refreshSoon();
  touch(event.chat_id);
}

const KINDS = {
  message: put,
  edited: put,
  poll: put,
  deleted(event) {
    const chat = chatOf(event.chat_id);
    for (const id of event.message_ids) chat.byId.delete(id);
    chat.list = chat.list.filter(({ message }) => chat.byId.has(message.message_id));
    touch(event.chat_id);
  },
  reaction(event) {
    const key = `${event.chat_id}:${event.message_id}`;
    if (!world.reactions.has(key)) world.reactions.set(key, new Map());
    const emoji = event.reaction?.[0]?.emoji;
    if (emoji) world.reactions.get(key).set(event.user_id, emoji);
    else world.reactions.get(key).delete(event.user_id);
    const entry = world.chats.get(event.chat_id)?.byId.get(event.message_id);
    if (entry) {
      revision += 1;
      entry.rev = revision;
    }
    touch(event.chat_id);
  },
  user(event) {
    world.users.set(event.user.id, event.user);
    touch();
  },
  chat: refreshSoon,
  clock(event, live) {
    if (live) world.skew = event.now - Date.now() / 1000;
    touch();
  },
  faults(event) {
    world.down = Boolean(event.faults?.down);
    touch();
  },
  commands(event) {
    const same = (each) =>
      each.scope === event.scope &&
      each.chat_id === event.chat_id &&
      each.user_id === event.user_id &&
      each.language_code === event.language_code;
    world.commands = [...world.commands.filter((each) => !same(each)), event];
    touch();
  },
  call(event, live) {
    if (live) world.lastCall = Date.now();
  },
  reset() {
    forget();
    refreshSoon();
  },
};

function forget() {
  for (const known of [world.users, world.groups, world.chats, world.reactions, read]) known.clear();
  world.commands = [];
  touch();
}

function apply(event, live) {
  lastSeq = event.seq;
  lastAt = event.at;
  KINDS[event.kind]?.(event, live);
  if (live) for (const listener of eventListeners) listener(event);
}

let refreshing = null;

function refreshSoon() {
  refreshing ??= setTimeout(() => {
    refreshing = null;
    refresh().catch(() => {});
  }, 30);
}

let known = ""; // people and places in the last state

/** Read the state again: people and members of groups. */
export async function refresh() {
  const state = await get("/control/state");
  const { now: at, offset_s: offset, pending, poll_waiting: waiting, last_event: last, ...lasting } = state;
  const said = JSON.stringify(lasting);
  world.bot = state.bot;
  world.users = new Map(state.users.map((user) => [user.id, user]));
  world.groups = new Map(state.chats.map((group) => [group.chat.id, group]));
  world.commands = state.commands;
  world.phones = state.phones ?? [];
  world.skew = state.now - Date.now() / 1000;
  world.down = state.down;
  world.pending = state.pending;
  world.listening = state.poll_waiting || Boolean(state.webhook);
  if (said !== known) touch();
  known = said;
}

/** Load the missed events and listen, forever. */
export async function connect() {
  source?.close();
  try {
    const from = Math.max(lastSeq - 1, 0);
    let log = await get(`/control/log?after=${from}`);
    const same = lastSeq === 0 || (log.events[0]?.seq === lastSeq && log.events[0].at === lastAt);
    if (!same) {
      // Another sandbox answers now, or this one was reset: start again.
      forget();
      lastSeq = 0;
      world.ready = false;
      log = await get("/control/log?after=0");
    }
    for (const event of log.events) if (event.seq > lastSeq) apply(event, world.ready);
    lastSeq = Math.max(lastSeq, log.last);
    await refresh();
    if (!world.ready) loadedSeq = lastSeq;
    world.ready = true;
    world.connected = true;
    touch();
    listen();
  } catch {
    lost();
  }
}

function listen() {
  source = new EventSource(`/control/events?after=${lastSeq}`);
  source.onmessage = ({ data }) => {
    const event = JSON.parse(data);
    if (world.replaying) held.push(event);
    else if (event.seq > lastSeq) apply(event, true);
  };
  source.onerror = () => {
    source.close();
    lost();
  };
}

function lost() {
  world.connected = false;
  touch();
  setTimeout(connect, 1200);
}

const held = []; // events that came during a replay
let stopped = false;

/** End a replay: show the rest at once. */
export const stopReplay = () => {
  stopped = true;
};

/** Play everything again from the start, in about half a minute. */
export async function replay() {
  if (world.replaying) return;
  world.replaying = true;
  stopped = false;
  try {
    const { events } = await get("/control/log?after=0");
    const told = events.filter((event) => ["message", "edited", "poll", "deleted", "reaction", "reset"].includes(event.kind));
    const pause = Math.max(30, Math.min(450, 30_000 / Math.max(told.length, 1)));
    world.chats.clear();
    world.reactions.clear();
    touch();
    for (const event of told) {
      if (event.kind !== "reset") KINDS[event.kind](event, false);
      if (!stopped) await new Promise((resolve) => setTimeout(resolve, pause));
    }
    lastSeq = Math.max(lastSeq, events.at(-1)?.seq ?? 0);
  } finally {
    world.replaying = false;
    for (const event of held.splice(0)) if (event.seq > lastSeq) apply(event, true);
    touch();
  }
}

/** Whether the bot seems to be running. */
export const botIsAwake = () => world.listening || Date.now() - world.lastCall < 8000;
