"""Forged buttons: data that a changed client can make without the bot's key.

It uses only data that it has seen. Knows the shape of the data (`verb|args~tag`); must not know the key. Invariant: the output never equals the input.
"""

from __future__ import annotations

import base64
from collections.abc import Callable, Iterator
from random import Random

from bot.telegram.buttons import Signer

Made = tuple[str, int]
Way = Callable[[Random, str, int], Made]
URL_SAFE = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"
LOOKS_LIKE = str.maketrans({"|": "｜", "~": "～", "0": "０", "1": "１", ".": "．", "a": "а", "c": "с", "e": "е", "o": "о", "p": "р"})
GUESSES = ("", "tongxin", "secret", "token", "123456:TEST", "buttons:", "0")


def _flipped(dice: Random, data: str, chat: int) -> Made:
    """Change one bit."""
    body = bytearray(data.encode())
    body[dice.randrange(len(body))] ^= 1 << dice.randrange(8)
    return body.decode("utf-8", "surrogateescape"), chat


def _cut(dice: Random, data: str, chat: int) -> Made:
    """Leave something out at either end, or in the middle."""
    start = dice.randrange(len(data))
    end = dice.randrange(start, len(data))
    return dice.choice((data[:start], data[end + 1 :], data[:start] + data[end + 1 :])), chat


def _longer(dice: Random, data: str, chat: int) -> Made:
    """Put something to it."""
    more = "".join(dice.choice(URL_SAFE + "|~=\n \0") for _ in range(dice.randrange(1, 9)))
    place = dice.randrange(len(data) + 1)
    return data[:place] + more + data[place:], chat


def _other_arguments(dice: Random, data: str, chat: int) -> Made:
    """Keep the tag and ask for another case, village or person."""
    plain, _, tag = data.rpartition("~")
    verb, *args = plain.split("|")
    others = [str(dice.choice((1, 2, 1001, 1002, 9999, -1, 2**63))) for _ in args or ("",)]
    return f"{'|'.join((verb, *others))}~{tag}", chat


def _other_verb(dice: Random, data: str, chat: int) -> Made:
    """Keep tag and arguments and ask for another deed."""
    plain, _, tag = data.rpartition("~")
    rest = plain.partition("|")[2]
    return f"{dice.choice(('c.acc', 'asend', 'appoint', 'suspend', 'forgetme'))}|{rest}~{tag}", chat


def _other_chat(dice: Random, data: str, chat: int) -> Made:
    """Press somebody else's button in one's own chat, or in a group."""
    return data, chat + dice.choice((1, -1, 10**9, -2 * chat or 7, 2**40))


def _own_key(dice: Random, data: str, chat: int) -> Made:
    """Sign with a key of one's own, for any case and village."""
    plain = dice.choice((data.rpartition("~")[0], f"c.acc|{dice.randrange(2000)}|1", f"rv|{dice.randrange(50)}"))
    secret = dice.choice((*GUESSES, str(dice.getrandbits(64))))
    return Signer(secret).write(plain[:48], (), chat_id=chat), chat


def _tag_alone(dice: Random, data: str, chat: int) -> Made:
    """Try a tag by chance, from the first letters of the right one to none of them."""
    plain, _, tag = data.rpartition("~")
    kept = dice.randrange(len(tag))
    return f"{plain}~{tag[:kept]}{''.join(dice.choice(URL_SAFE) for _ in range(len(tag) - kept))}", chat


def _spelt(dice: Random, data: str, chat: int) -> Made:
    """Write the same in other letters."""
    padded = data + "=" * dice.randrange(1, 3)
    return dice.choice((data.translate(LOOKS_LIKE), data.swapcase(), padded, f" {data}", f"{data}\n", data.replace("~", "~~"))), chat


def _noise(dice: Random, data: str, chat: int) -> Made:
    """Send anything at all."""
    raw = dice.randbytes(dice.randrange(48))
    return dice.choice((base64.urlsafe_b64encode(raw).decode(), raw.decode("latin-1"), "~", "", "|", "~" * 64, "\ud800~\udfff")), chat


WAYS: tuple[Way, ...] = (
    _flipped, _cut, _longer, _other_arguments, _other_verb, _other_chat, _own_key, _tag_alone, _spelt, _noise,
)  # fmt: skip


def forged(dice: Random, genuine: list[Made]) -> Iterator[tuple[str, Made]]:
    """Yield forgeries of genuine pairs without end: (the way, (data, chat)).

    A genuine pair is never among them.
    """
    known = set(genuine)
    while True:
        way = dice.choice(WAYS)
        made = way(dice, *dice.choice(genuine))
        if made not in known:
            yield way.__name__.strip("_"), made
