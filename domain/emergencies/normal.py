"""Plain form of a message: one width, simplified characters, corrected homophones.

Knows characters and the usual errors of speech recognition. Invariant: the plain form is at most as long as `HEARD_LENGTH`.
"""

from __future__ import annotations

import re
import unicodedata

from domain.emergencies.rows import one_of

#: Characters of a message that are heard: its beginning and its end, so that the time for a longer one is limited.
HEARD_LENGTH = 320
_BEGINNING = 200

#: Traditional characters of the words in the tables, and their simplified forms.
_TRADITIONAL = """
    殺杀 燒烧 煙烟 氣气 觸触 電电 車车 禍祸 傷伤 搶抢 綁绑 斷断 暈晕 過过 來来 們们 媽妈 爺爷 孫孙 兒儿 個个 這这 裡里 裏里 沒没 見见 門门 樓楼
    橋桥 頂顶 場场 廠厂 壓压 體体 類类 轉转 帳帐 賬账 錢钱 騙骗 銀银 匯汇 碼码 驗验 證证 話话 說说 報报 護护 醫医 藥药 農农 臉脸 頭头 腦脑 風风
    發发 癲癫 癇痫 嘔呕 產产 難难 嬰婴 懷怀 衝冲 沖冲 進进 後后 對对 開开 關关 閉闭 鎖锁 強强 姦奸 蹤踪 丟丢 離离 聯联 繫系 絡络 網网 線线 紅红
    綠绿 黃黄 險险 滅灭 實实 習习 練练 訓训 講讲 課课 學学 費费 價价 買买 賣卖 視视 遊游 戲戏 夢梦 寫写 聽听 讀读 誰谁 嗎吗 麼么 為为 時时 間间
    現现 剛刚 點点 幾几 歲岁 隻只 貓猫 雞鸡 鴨鸭 鵝鹅 豬猪 馬马 魚鱼 樹树 牆墙 磚砖 塊块 陽阳 臺台 層层 戶户 廚厨 爐炉 噴喷 濃浓 動动 靜静 應应
    聲声 響响 嚇吓 壞坏 緊紧 趕赶 請请 幫帮 給给 讓让 還还 從从 會会 遺遗 書书 輕轻 絕绝 頸颈 劑剂 鬥斗 毆殴 罵骂 債债 賭赌 槍枪 彈弹 搖摇 擋挡
    慘惨 嚴严 淚泪 濕湿 災灾 灣湾
"""
_SIMPLIFIED = {ord(pair[0]): pair[1] for pair in _TRADITIONAL.split()}
#: Punctuation inside a sentence becomes a comma, the end of a sentence a full stop.
_PUNCTUATION = (
    {ord(sign): "," for sign in "、;:：；，—~～|/\t"}
    | {ord(sign): "." for sign in "。!?！？…\n\r"}
    | {ord(sign): None for sign in "'’‘`\u200b\ufeff"}
)
_PLAIN = _SIMPLIFIED | _PUNCTUATION

#: Words as speech recognition and hasty typing write them, and what was meant.
HOMOPHONES = """
    找火了=着火了 着货了=着火了 招火了=着火了 朝火了=着火了 着伙了=着火了 着或了=着火了 照火了=着火了 灼火了=着火了
    著火=着火 桌火了=着火了 卓火了=着火了 起货了=起火了 起伙了=起火了 启火了=起火了 气火了=起火了 湿火=失火
    失货了=失火了 就命=救命 旧命=救命 求命=救命 救名=救命 救明啊=救命啊 九命啊=救命啊 逆水=溺水 匿水=溺水 腻水=溺水
    尼水=溺水 溺谁=溺水 络水=落水 洛水了=落水了 落谁了=落水了 合里了=河里了 河理=河里 吊河=掉河 钓河里了=掉河里了
    调河=掉河 掉和里=掉河里 掉何=掉河 掉喝里=掉河里 掉河李=掉河里 调河里=掉河里 雕河=掉河 吊下去了=掉下了 调下去了=掉下了 钓下去了=掉下了 吊水里=掉水里
    调水里=掉水里 没气中=煤气中 媒气=煤气 煤七=煤气 梅气=煤气 煤汽=煤气 霉气=煤气 重毒=中毒 终毒=中毒 中独=中毒
    中读=中毒 中督=中毒 钟毒=中毒 浓药=农药 弄药=农药 龙药=农药 农耀=农药 农妖=农药 喝弄药=喝农药 和农药=喝农药 合农药=喝农药
    云倒=晕倒 运倒=晕倒 晕到=晕倒 韵倒=晕倒 昏到了=晕倒了 晕道=晕倒 混迷=昏迷 昏米=昏迷 婚迷=昏迷 昏谜=昏迷 处电=触电
    出电了=触电了 触点了=触电了 除电了=触电了 初电=触电 上掉了=上吊了 上钓=上吊 上调自杀=上吊自杀 条楼=跳楼 挑楼=跳楼
    跳搂=跳楼 跳漏=跳楼 车货=车祸 车获=车祸 车火祸=车祸 车或=车祸 车惑=车祸 壮人了=撞人了 状人了=撞人了 被壮了=被撞了
    被状=被撞 反车了=翻车了 番车=翻车 翻扯=翻车 他了快=塌了快 踏了快=塌了快 房子他了=房子塌了 房子踏了=房子塌了
    墙他了=墙塌了 墙踏了=墙塌了 桥踏了=桥塌了 桥他了=桥塌了 路踏了=路塌了 踏方=塌方 他方了=塌方了 塌房了=塌方了
    滑波=滑坡 华坡=滑坡 划坡=滑坡 泥十流=泥石流 泥时流=泥石流 泥石留=泥石流 泥实流=泥石流 你石流=泥石流 宏水=洪水
    鸿水来了=洪水了 抢结=抢劫 强劫=抢劫 抢节=抢劫 抢杰=抢劫 打驾=打架 打嫁=打架 坎人=砍人 看人砍=人砍 留血=流血
    流雪=流血 初血=出血 失终=失踪 师踪=失踪 失综=失踪 失宗=失踪 湿踪=失踪 走丟=走丢 走都了=走丢了
    走掉丢=走丢 不件了=不见了 不建了=不见了 不间了=不见了 布见了=不见了 串不上气=喘不上气
    喘不上器=喘不上气 传不上气=喘不上气 喘不上汽=喘不上气 串不过气=喘不过气 传不过气=喘不过气 
    心埂=心梗 心哽=心梗 心机梗=心肌梗 心肌更=心肌梗 心鸡梗=心肌梗 新肌梗=心肌梗 脑一血=脑溢血 脑益血=脑溢血
    脑意血=脑溢血 老溢血=脑溢血 脑易血=脑溢血 抽触=抽搐 抽促=抽搐 就护车=救护车 救户车=救护车 救火护车=救护车
    旧护车=救护车 救护扯=救护车 转帐=转账 转涨=转账 赚账=转账 专账=转账 转仗=转账 骗纸=骗子 偏子=骗子
    被片了=被骗了 被偏了=被骗了 被片钱=被骗钱 验正码=验证码 眼证码=验证码 验证马=验证码 验证吗给=验证码给
    验证嘛=验证码 演证码=验证码 刷蛋=刷单 涮单=刷单 刷旦=刷单 安全帐户=安全账户 安全帐号=安全账户 安全账号=安全账户
    割碗=割腕 割万=割腕 割晚=割腕 安眠要=安眠药 按眠药=安眠药 安绵药=安眠药 安棉药=安眠药 报炸=爆炸 爆诈=爆炸
    暴炸=爆炸 爆乍=爆炸 没乎吸=没呼吸 没忽吸=没呼吸 没胡吸=没呼吸 教不醒=叫不醒 叫部醒=叫不醒
    叫不省=叫不醒 叫不形=叫不醒 帽烟=冒烟 冒眼=冒烟 冒严=冒烟 冒言=冒烟 被捆在=被困在 被昆=被困 菜到砍=菜刀砍 彩刀=菜刀
    采刀=菜刀 浓药味=农药味 孩纸=孩子 海子掉=孩子掉 要升了=要生了 要声了=要生了 阳水=羊水 杨水=羊水
    洋水破=羊水破 字杀=自杀 自沙=自杀 自刹=自杀 移书=遗书 疑书=遗书 诈偏=诈骗 地真=地震 再晃=在晃 心脏病烦=心脏病犯 榜架=绑架 绑价=绑架 没汽中=煤气中
"""
_MEANT = dict(pair.split("=") for pair in HOMOPHONES.split())
_HEARD_WRONG = re.compile(one_of(_MEANT))
#: Characters in squares and circles are pictures, and say nothing: 🈲.
_SQUARES = re.compile("[\U0001f200-\U0001f2ff]")
_THOUSANDS = re.compile(r"(?<=[0-9])[,.](?=[0-9])")
_CHINESE = "\u4e00-\u9fff"
#: A blank between Chinese characters stands for a comma; one between every two of them stands for nothing.
_SPELLED_OUT = re.compile(f"(?<=[{_CHINESE}]) (?=[{_CHINESE}] |[{_CHINESE}]$)")
_PAUSE = re.compile(f"(?<=[{_CHINESE}]) +(?=[{_CHINESE}0-9])|(?<=[0-9]) +(?=[{_CHINESE}])")


def plain(text: str) -> str:
    """Return the plain form of a message."""
    ends = text if len(text) <= HEARD_LENGTH else text[:_BEGINNING] + "\n" + text[_BEGINNING - HEARD_LENGTH :]
    line = unicodedata.normalize("NFKC", _SQUARES.sub("\n", ends)).casefold().translate(_PLAIN)
    if " " in line:
        line = _PAUSE.sub(",", _SPELLED_OUT.sub("", line))
    return _THOUSANDS.sub("", line) + "."


def corrected(line: str) -> str:
    """Return a plain message with the homophones replaced by the words that were meant."""
    return _HEARD_WRONG.sub(lambda found: _MEANT[found[0]], line)
