// The control API. Everything the page does goes through here.

export class Refused extends Error {}

async function answer(response) {
  let body = null;
  try {
    body = await response.json();
  } catch {
    throw new Refused(`${response.status}`);
  }
  if (!response.ok) throw new Refused(body?.error ?? `${response.status}`);
  return body;
}

/** GET JSON. */
export const get = async (path) => answer(await fetch(path, { cache: "no-store" }));

/** POST JSON. */
export const post = async (path, body) =>
  answer(
    await fetch(path, { method: "POST", headers: { "Content-Type": "application/json" }, body: JSON.stringify(body) }),
  );

/** The address of a file's bytes. File numbers start again after a reset; the date prevents a wrong cache hit. */
export const fileUrl = (file, message) =>
  `/control/files/${encodeURIComponent(file.file_unique_id)}?at=${encodeURIComponent(message.date ?? 0)}`;
