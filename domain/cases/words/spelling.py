"""Undo spellings that hide words from a search.

Such spellings are blanks and signs between characters, full-width forms, unseen signs and traditional characters.

Knows scripts; must not know words or people. Invariant: the time grows with the length of the text only.
"""

from __future__ import annotations

import re
import unicodedata

#: Traditional form → the simplified one, for the characters of the tables of this package and frequent family names.
_SIMPLIFIED = str.maketrans(
    "亂佈佔來侖個側偽備傳債傷僞儘償兒別剛動勞勢勸區卻吳呂員唄問啟喚嗎嘆嘩噴嚇嚮嚴囑國圍園圖團執堅報場塊墜壓壞壽夠奪奮妝婦媽孫學實寧審寵寶將專尋對導層屬島崗嶽帥師帳帶幫幹幾廠廢廣張強彈後徑從徵慘慣慶憐憑憤應懶戰戲戶拋採揀換損搶撥擄擊擋擔據擲擾敗敵"
    "數斷於時晝暈暫曬書會條楊極構槍樓標樹機權歎歐歡歲歸殘殺毀毆氣決沒況淚淩淺測渾湯準溝滅滿漢漲潑澤濟瀆災為熱燒爐爛爲爺牆牽犢狀獄獨獸現瑣環產産畫異當瘋療癢發皺盜盡監盤盧眾睏矚確碼礙禍禮種稱穩竊競筆節簡糧糾紀約紅級細終組結絕給統綁經綜綫維網緊緝緣"
    "編縣縫縱總績織繩繼續罰罵罷羅義習聖聞職聽肅脅腦腳膽臉與興舊艱莊萬葉處虛號虧蟲衆衊術衛衝裏補裝裡製襲見規視親覺觀觸訊討訓託記許訴診詐評詞詢試話該誇認誘語誤說談請諒論諾謀謊講謝證識譚議護譽讀變讓豐豬負財貢貧貨販貪貫責貯貴貶買貸費賀賂賄資賈賊賓賞"
    "賠賣賤質賬賴賺購贈贊贓趕趙跡踐蹤躍車軍軟載輔輕輛輝輪輸辦辭農週運過達違遠適遲遷選遺邁還邊鄉鄒鄔鄧鄭鄰醜醫釀針鈔鉤銀銷鋪鋼錄錢鍾鎖鎮鏟鐘鐵鑒長門閃閉閒間閘閱關陰陳陸陽隊階際隨險隱雖雙雜離難電靈靜韋韓響頁頂項順須頓領頭顆題額願類顧顯風飛飯飲飼養"
    "餓餘館饒馬馮駐駕騎騙騷驅驗驚體鬆鬚鬥鬧魚魯鮮鳥鳳鳴麗麥麼黃點黨齊齒龍龔",
    "乱布占来仑个侧伪备传债伤伪尽偿儿别刚动劳势劝区却吴吕员呗问启唤吗叹哗喷吓向严嘱国围园图团执坚报场块坠压坏寿够夺奋妆妇妈孙学实宁审宠宝将专寻对导层属岛岗岳帅师帐带帮干几厂废广张强弹后径从征惨惯庆怜凭愤应懒战戏户抛采拣换损抢拨掳击挡担据掷扰败敌"
    "数断于时昼晕暂晒书会条杨极构枪楼标树机权叹欧欢岁归残杀毁殴气决没况泪凌浅测浑汤准沟灭满汉涨泼泽济渎灾为热烧炉烂为爷墙牵犊状狱独兽现琐环产产画异当疯疗痒发皱盗尽监盘卢众困瞩确码碍祸礼种称稳窃竞笔节简粮纠纪约红级细终组结绝给统绑经综线维网紧缉缘"
    "编县缝纵总绩织绳继续罚骂罢罗义习圣闻职听肃胁脑脚胆脸与兴旧艰庄万叶处虚号亏虫众蔑术卫冲里补装里制袭见规视亲觉观触讯讨训托记许诉诊诈评词询试话该夸认诱语误说谈请谅论诺谋谎讲谢证识谭议护誉读变让丰猪负财贡贫货贩贪贯责贮贵贬买贷费贺赂贿资贾贼宾赏"
    "赔卖贱质账赖赚购赠赞赃赶赵迹践踪跃车军软载辅轻辆辉轮输办辞农周运过达违远适迟迁选遗迈还边乡邹邬邓郑邻丑医酿针钞钩银销铺钢录钱钟锁镇铲钟铁鉴长门闪闭闲间闸阅关阴陈陆阳队阶际随险隐虽双杂离难电灵静韦韩响页顶项顺须顿领头颗题额愿类顾显风飞饭饮饲养"
    "饿余馆饶马冯驻驾骑骗骚驱验惊体松须斗闹鱼鲁鲜鸟凤鸣丽麦么黄点党齐齿龙龚",
)
#: Marks above letters, joiners, marks of direction, variants and tags.
_UNSEEN = re.compile("[\u00ad\u0300-\u036f\u061c\u180e\u200b-\u200f\u202a-\u202e\u2060-\u206f\ufe00-\ufe0f\ufeff\U000e0000-\U000e01ef]")
_CHINESE = "\u4e00-\u9fff"
#: Between characters: blanks and signs that end no clause; and commas, where a single character stands alone.
_SIGNS = re.compile(rf"(?<=[{_CHINESE}])(?:(?![。！？；!?;…，,、\n])[\W_])+(?=[{_CHINESE}])")
_COMMAS = re.compile(
    rf"(?<=[{_CHINESE}])(?<=[^{_CHINESE}][{_CHINESE}])[，,、.\s]+(?=[{_CHINESE}])|(?<=[{_CHINESE}])[，,、.\s]+(?=[{_CHINESE}](?:[^{_CHINESE}]|$))"
)


def plain(text: str) -> str:
    """Replace full-width, traditional and unseen characters of a text."""
    return _UNSEEN.sub("", unicodedata.normalize("NFKC", text)).translate(_SIMPLIFIED)


def readings(text: str) -> tuple[str, ...]:
    """Return a text as it is written, and also without blanks and signs between characters.

    A blank may end a clause, so the second reading alone proves little.
    """
    written = plain(text)
    joined = _SIGNS.sub("", _COMMAS.sub("", f" {written}").removeprefix(" "))
    return (written,) if joined == written else (written, joined)
