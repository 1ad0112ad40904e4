// grammY's echo bot as its documentation shows it: built-in long polling, no storage.  node grammy.mjs PORT TOKEN
import { Bot } from "grammy";

const [port, token] = process.argv.slice(2);
const bot = new Bot(token, { client: { apiRoot: `http://127.0.0.1:${port}` } });
bot.on("message:text", (context) => context.reply(context.message.text));
bot.start();
