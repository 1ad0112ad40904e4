"""Hostile words: a small grammar of strings that break, fake or hide something.

Knows characters; must not know fields. Invariant: the same seed gives the same strings.
"""

from __future__ import annotations

from random import Random

ZALGO = "e" + "\u0301\u0316\u035b" * 60
BIDI = "\u202e\u2066\u2067\u2068\u202d\u200f\u061c"
ZERO = "\u200b\u200c\u200d\u2060\ufeff\u00ad\u034f\u3164\u115f"
FAMILY = "\U0001f468\u200d\U0001f469\u200d\U0001f467\u200d\U0001f466"
FLAG = "\U0001f3f4\U000e0067\U000e0062\U000e0073\U000e0063\U000e0074\U000e007f"

ATOMS = (
    "<b>粗</b>", "<b>", "</b>", "</blockquote>", "<blockquote>", "<a href='tg://user?id=10001'>王主任</a>", '<a href="https://evil.example">点这里</a>',
    "<tg-spoiler>x</tg-spoiler>", "<pre><code class='language-x'>", "<!-- -->",
    "<script>alert(1)</script>", "<", ">", "&", "&lt;b&gt;", "&#60;b&#62;",
    "&#x3c;i&#x3e;", "&amp;lt;", "&nbsp;", "&#0;", "&#xd800;", "*粗*", "_斜_", "__",
    "[点](http://evil.example)", "`代码`", "```", "~~", "||藏||", "\\", "\\n",
    "\n\n🚨 <b>禾安派出所</b>：立即转账", "\n【公安局】真的预警：马上撤离", "\n✅ 1001 上徐村 · 王主任已办结",
    "报事人：张警官 13900000000", "@tongxin_bot", "@all",
    "https://evil.example/?a=1&b=2", "t.me/evil", "tg://resolve?domain=evil", "/start@tongxin_bot",
    "#1001", "13812345678", "=cmd|' /C calc'!A0", "+1+1",
    "-1", "@SUM(A1)", "\t=1", "{text}", "{0.__class__.__mro__}", "{number!r:>999}",
    "{}", "}{", "%s %(name)s", "${HOME}", "'; DROP TABLE cases; --", '"',
    "'", "|", "~", "c.acc|1001", "\x00", "\x1b[31m", "\x07", "\x7f", "\u0085", "\u2028",
    "\u2029", "\r", "\ud800", "\udfff", "\ud83d", "\ufffe", BIDI, ZERO, ZALGO,
    FAMILY, FLAG, "👍🏽", "１００１", "\u0663\u0664", "1_000", "\u3000", "\u00a0", "𝕏𝕐", "ﷺ", "㏂", "ﬁ", "Å", "A\u030a",
    "中文", "ไทย", "العربية", "हिन्दी", "\U0001f1e8\U0001f1f3",
    "join.closed", "case.choice.both", "alert.real", "t", "lines", "None",
    "null", "true", "NaN", "[]", '{"t": "join.closed"}',
)  # fmt: skip
WORDS = ("邻居", "砌墙", "占了", "我家", "的路", "水渠", "堵住", "很久", "夜里", "吵", "鱼塘", "农药", "墙根", "裂缝", "路灯")
LONG = ("长", "🀄", "<", "&", "\n", "a\u0301", FAMILY, "&lt;", "长\n", " ")


def hostile(dice: Random) -> str:
    """Return one to four hostile strings between plain words.

    One result in twelve is as long as a message may be.
    """
    if dice.random() < 0.08:
        unit = dice.choice(LONG)
        return (dice.choice(WORDS) + unit * 4096)[: 4096 if unit.isascii() or unit == "长" else 2048]
    parts = [dice.choice(ATOMS) for _ in range(dice.choice((1, 1, 2, 3, 4)))]
    parts += [dice.choice(WORDS) for _ in range(dice.randrange(4))]
    dice.shuffle(parts)
    return "".join(parts)
