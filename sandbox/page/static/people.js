// Names, avatars and commands of people and chats.
import { h } from "./dom.js";
import { world } from "./store.js";
import { language, t } from "./words.js";

const HAN = /\p{Script=Han}/u;
const SHADES = 7;

/** A person's name: family name first in Chinese. */
export function nameOf(user) {
  if (!user) return t("somebody");
  const { first_name: first = "", last_name: last = "" } = user;
  if (!last) return first || t("somebody");
  return HAN.test(first + last) ? `${last}${first}` : `${first} ${last}`;
}

/** The name of a chat as seen on a phone. */
export function chatName(chatId) {
  if (chatId > 0) return world.bot.first_name;
  return world.groups.get(chatId)?.chat.title ?? String(chatId);
}

/** The author of a message; the group itself for an anonymous administrator. */
export const authorOf = (message) => message.sender_chat?.title ?? nameOf(message.from);

export const shadeOf = (id) => Math.abs(Number(id) || 0) % SHADES;

/** A round avatar with the last character of the name. */
export function avatar(id, name, extra = "") {
  const letters = [...new Intl.Segmenter(language(), { granularity: "grapheme" }).segment(name.trim())];
  const letter = letters.at(-1)?.segment ?? "·";
  const shown = HAN.test(letter) ? letter : (letters[0]?.segment ?? "·").toUpperCase();
  return h("span", { class: `avatar shade-${shadeOf(id)} ${extra}`, "aria-hidden": "true", text: shown });
}

/** The bot's commands for this person in this chat, by Telegram's order of scopes. */
export function commandsFor(user, chatId) {
  const group = world.groups.get(chatId);
  const admin = group?.admins.includes(user.id);
  const scopes = group
    ? [
        ["chat_member", chatId, user.id],
        ...(admin ? [["chat_administrators", chatId, 0]] : []),
        ["chat", chatId, 0],
        ...(admin ? [["all_chat_administrators", 0, 0]] : []),
        ["all_group_chats", 0, 0],
        ["default", 0, 0],
      ]
    : [
        ["chat", chatId, 0],
        ["all_private_chats", 0, 0],
        ["default", 0, 0],
      ];
  const spoken = (user.language_code ?? "").slice(0, 2);
  for (const [scope, chat, member] of scopes) {
    for (const code of spoken ? [spoken, ""] : [""]) {
      const found = world.commands.find(
        (each) =>
          each.scope === scope &&
          (each.chat_id ?? 0) === chat &&
          (each.user_id ?? 0) === member &&
          (each.language_code ?? "") === code &&
          each.commands.length > 0,
      );
      if (found) return found.commands;
    }
  }
  return [];
}
